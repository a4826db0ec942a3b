"""Exposures → findings as of a date: one per artefact, operator, listed party and list; and one for the claims."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.match.interface import NAMESAKES
from beholden.policy.amounts import quantities
from beholden.policy.arithmetic import arithmetic
from beholden.policy.claims import ClaimsOnFile, claims_behind
from beholden.policy.conduct import conduct
from beholden.policy.consequence import Judged, judge, touches
from beholden.policy.finding_id import finding_id, previous_ids
from beholden.policy.path import entity_of, match_hops, path_of, stake_hop
from beholden.policy.questions import identity_of
from beholden.policy.reach import Reach
from beholden.policy.readings import settle
from beholden.policy.situation import Situation
from beholden.policy.wording import why_claims, why_consequence, why_finding
from beholden.schema.result import (
    Artefact,
    Counted,
    EntityRef,
    Finding,
    LastKnown,
    Listing,
    Location,
    MatchResult,
    MonthQuantity,
    Sample,
)
from beholden.schema.vocabulary import Direction, Level, ListingStatus, Relation, Segment

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.exposure import Exposure
    from beholden.policy.profile import Profile

MAX_SAMPLE = 10
CLAIMS = "claims"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two dates of an answer."""

    as_of: date
    known_at: date | None


def evaluate(kb: KnowledgeBase, exposures: Iterable[Exposure], profile: Profile, clocks: Clocks) -> list[Finding]:
    """Judge every exposure.

    Returns:
        Worst first; ties by listed party, operator, list, artefact and id.
    """
    listed = list(exposures)
    for exposure in listed:
        exposure.identity = identity_of(exposure, profile.answers, clocks.as_of)
    settle(kb, listed)
    reach = Reach(kb, known_at=clocks.known_at)
    on_file = ClaimsOnFile(kb, clocks.as_of, clocks.known_at)
    served = {
        exposure.operator_id
        for exposure in listed
        if exposure.relation in (Relation.SERVICE_ENDPOINT, Relation.MODEL_API)
        and exposure.segment in (None, Segment.OWN)
        and Direction.OUT in (exposure.directions if exposure.is_confirmed else exposure.confirmed)
        and not exposure.is_excluded
        and not exposure.is_past(clocks.as_of)
    }
    flows: dict[str, list[Exposure]] = {}
    for exposure in listed:
        if exposure.relation is Relation.DATA_RECIPIENT:
            flows.setdefault(exposure.operator_id, []).append(exposure)
    references = (terms.authorisation for exposure in listed for terms in exposure.acts)
    named = frozenset(reference.strip().casefold() for reference in references if reference)
    findings: list[Finding] = []
    for exposure in listed:
        done = conduct(
            exposure.relation,
            frozenset(exposure.directions),
            exposure.segment,
            has_traffic=exposure.operator_id in served,
            dealings=frozenset(terms.act for terms in exposure.acts),
        )
        roles = profile.roles_for(exposure.units)
        days = [clocks.as_of, *sorted({terms.day for terms in exposure.acts if terms.day is not None})]
        for behind in reach.behind_on(exposure.operator_id, days):
            situation = Situation(
                kb=kb,
                reach=reach,
                exposure=exposure,
                behind=behind,
                conduct=done,
                roles=roles,
                roles_for=profile.roles_for,
                as_of=clocks.as_of,
                known_at=clocks.known_at,
                answers=profile.answers,
                holdings=profile.holdings,
                named=named,
                flows=flows,
            )
            finding = _under_list(situation)
            if finding is not None:
                findings.append(finding)
        stands = bool(done) and not exposure.is_past(clocks.as_of) and not exposure.is_excluded
        findings.extend(_under_claims(kb, reach, on_file, exposure, clocks, has_conduct=stands))
    return sorted(
        findings,
        key=lambda item: (
            Level(item.level).rank,
            item.listed_entity.caption,
            item.operator.caption,
            item.listing.regime if item.listing else "~",
            item.artefact.kind,
            item.artefact.value,
            item.id,
        ),
    )


def _under_list(situation: Situation) -> Finding | None:
    exposure, behind, kb = situation.exposure, situation.behind, situation.kb
    rules = kb.consequences.get(behind.regime.id, ())
    if behind.placed is not None and not any(touches(situation, rule) for rule in rules):
        # Nobody put this party on a list: where its rules do not touch what we do, its place is no finding.
        return None
    judged = [item for item in (judge(situation, rule) for rule in rules) if item is not None]
    state = situation.reach.state(behind.regime, behind.entity_id, situation.as_of)
    effective = situation.reach.effective(behind, situation.as_of)
    is_behind = situation.reach.stands_behind(exposure.operator_id, behind, situation.as_of)
    if not judged and (effective is ListingStatus.NOT_LISTED or not is_behind):
        return None
    if effective is ListingStatus.UNKNOWN:
        return None
    if behind.owner_id is not None and all(item.level is Level.INFO and item.lifted is None for item in judged):
        # That an owner may be on a list is a question where the rule would reach us through it, and else no finding.
        return None
    operator, listed = entity_of(kb, exposure.operator_id), entity_of(kb, behind.entity_id)
    for item in judged:
        item.result.why = why_consequence(situation, item, listed)
    # Of rules that come out alike, one that would be worse but for what took the act out of it is told first.
    judged.sort(key=lambda item: (item.level.rank, _confirmed_rank(item), item.lifted is None, item.result.id))
    worst = judged[0] if judged else None
    line = worst.holding.line if worst and worst.holding.line else behind.line
    return Finding(
        id=finding_id(exposure.key, listed.id, behind.regime.id),
        previous_ids=previous_ids(kb, exposure.key, listed.id, behind.regime.id),
        level=worst.level if worst else Level.INFO,
        level_if_confirmed=worst.result.level_if_confirmed if worst else None,
        stale=state.is_stale,
        why=why_finding(
            situation,
            operator,
            listed,
            worst,
            is_stale=state.is_stale,
            is_listed=effective is ListingStatus.LISTED,
        ),
        operator=EntityRef.of(operator),
        listed_entity=EntityRef.of(listed),
        listing=_listing(situation),
        consequences=[item.result for item in judged],
        artefact=_artefact(exposure),
        path=path_of(situation, line),
        arithmetic=arithmetic(kb, exposure.operator_id, worst.holding) if worst else None,
        match=_match(exposure, is_settled=bool(worst and worst.readings)),
        questions=list(dict.fromkeys(question for item in judged for question in item.questions)),
        asked=list({one.id: one for item in judged for one in item.asked}.values()),
    )


def _confirmed_rank(judged: Judged) -> int:
    confirmed = judged.result.level_if_confirmed
    return Level(confirmed).rank if confirmed else judged.level.rank


def _under_claims(
    kb: KnowledgeBase,
    reach: Reach,
    on_file: ClaimsOnFile,
    exposure: Exposure,
    clocks: Clocks,
    *,
    has_conduct: bool,
) -> Iterator[Finding]:
    edges = reach.above(exposure.operator_id, clocks.as_of)
    for target_id, line in claims_behind(exposure.operator_id, edges):
        claims = on_file.claims(target_id)
        if not claims:
            continue
        operator, target = entity_of(kb, exposure.operator_id), entity_of(kb, target_id)
        answers = on_file.answers(claims)
        yield Finding(
            id=finding_id(exposure.key, target_id, CLAIMS),
            previous_ids=previous_ids(kb, exposure.key, target_id, CLAIMS),
            # Without a conduct of ours today (a guest's traffic, a peer that contacted us) nothing is contested.
            level=Level.CONTESTED if has_conduct else Level.INFO,
            level_if_confirmed=None,
            stale=False,
            why=why_claims(exposure, operator, target, claims, len(answers)),
            operator=EntityRef.of(operator),
            listed_entity=EntityRef.of(target),
            listing=None,
            consequences=[],
            artefact=_artefact(exposure),
            path=[*match_hops(exposure), *(stake_hop(kb, stake) for stake in line)],
            arithmetic=None,
            match=_match(exposure),
            asked=[exposure.identity.asked] if exposure.identity and exposure.identity.is_covered is not None else [],
            claims=[claim.id for claim in claims],
        )


def _listing(situation: Situation) -> Listing:
    state = situation.reach.state(situation.behind.regime, situation.behind.entity_id, situation.as_of)
    placed = situation.behind.placed
    if placed is not None:
        # What the rule says of its place is no listing, and is never shown as one.
        return Listing(
            regime=situation.behind.regime.id,
            designation=None,
            listing_status=state.status,
            listed_as=None,
            basis=placed.rule.places_text,
            citation=placed.rule.citation,
            source=placed.rule.source_id,
            grade=placed.rule.grade,
            place=placed.place,
        )
    row = state.designation
    last = LastKnown(status=state.last_known[0], at=state.last_known[1].isoformat()) if state.last_known else None
    return Listing(
        regime=situation.behind.regime.id,
        designation=row.id if row else None,
        listing_status=state.status,
        listed_as=row.listed_as if row else None,
        edition=state.edition.isoformat() if state.edition else None,
        since=state.since.isoformat() if state.since else None,
        since_is_latest=state.is_since_latest,
        last_known=last,
        basis=row.basis if row else None,
        citation=row.cited(situation.known_at) if row else None,
        source=row.source_id if row else None,
        grade=row.grade if row else None,
    )


def _artefact(exposure: Exposure) -> Artefact:
    places = sorted(exposure.locations, key=lambda place: (place[0], place[1] or 0))
    direction = Direction.OUT if Direction.OUT in exposure.directions else min(exposure.directions)
    details: list[dict[str, Any]] = [json.loads(text) for text in sorted(exposure.details)]
    if exposure.elsewhere:
        details.append({"seen_on_other_segments": dict(sorted(exposure.elsewhere.items()))})
    return Artefact(
        id=exposure.artefact_id,
        kind=exposure.key[0],
        value=exposure.key[1],
        relation=exposure.relation,
        direction=direction,
        segment=exposure.segment,
        unit=exposure.unit,
        values=_sample(exposure.values),
        own_hosts=_sample(exposure.own_hosts),
        locations=[Location(file=file, line=line) for file, line in places[:MAX_SAMPLE]],
        count=exposure.count,
        first_seen=exposure.first_seen.isoformat() if exposure.first_seen else None,
        last_seen=exposure.last_seen.isoformat() if exposure.last_seen else None,
        quantities=quantities(exposure.quantities()),
        by_month=[
            MonthQuantity(
                month=since.isoformat()[:7], since=since.isoformat(), amount=item.amount, unit=item.unit, what=item.what
            )
            for since, measures in exposure.by_month()
            for item in quantities(measures)
        ],
        fields=sorted(exposure.fields),
        details=details,
    )


def _sample(counts: Counter[str]) -> Sample:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Sample(distinct=len(counts), top=[Counted(value=value, count=n) for value, n in ordered[:MAX_SAMPLE]])


def _match(exposure: Exposure, *, is_settled: bool = False) -> MatchResult:
    best = exposure.best
    features = {name: value for name, value in json.loads(best["features"]).items() if name != NAMESAKES}
    return MatchResult(
        method=best["method"],
        score=best["score"],
        decision="confirmed" if exposure.is_confirmed or is_settled else "probable",
        features=features,
    )
