"""Why a finding is not the same on two sides: which act, by which date, or what of our own; and what cannot be told.

Every reason is read off the two findings and the two dates; the bases, where they are at hand, add the day and citation
of a suspension. Nothing depends on which side is the first, so that a comparison reads the same backwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.kb.law import ownership_rule_state
from beholden.policy.difference import artefact_facts, held_facts, listing_facts, stakes_of, sum_facts
from beholden.policy.reason_words import (
    amounts_of,
    began,
    by_issuer,
    cited,
    effective_status,
    end_of_listing,
    plain_words,
    stake_that,
    stakes_on_path,
    sum_of,
    switch_of,
    what_it_is,
)
from beholden.schema.comparison import Reason
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.difference import Pair
    from beholden.schema.result import ConsequenceResult, Finding
    from beholden.schema.rows import EffectRow

_SWITCHED_OFF = (ConsequenceStatus.SUSPENDED, ConsequenceStatus.STAYED)


@dataclass(frozen=True, slots=True)
class View:
    """One side of a comparison, as far as reasons need it.

    Attributes:
        as_of: Its date.
        known_at: Its other clock.
        base: Digest of the base that answered.
        artefacts: Ids of every artefact with a finding.
        kb: The base, where it is at hand.
    """

    as_of: date
    known_at: date | None
    base: str
    artefacts: frozenset[str]
    kb: KnowledgeBase | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between the two sides.

    Attributes:
        is_one_input: Whether both judged the same records under the same profile.
    """

    before: View
    after: View
    is_one_input: bool

    @property
    def early(self) -> View:
        """The side of the earlier date."""
        return min(self.before, self.after, key=lambda view: view.as_of)

    @property
    def late(self) -> View:
        """The side of the later date."""
        return max(self.before, self.after, key=lambda view: view.as_of)

    @property
    def is_one_base(self) -> bool:
        """Whether one base answered both."""
        return self.before.base == self.after.base

    def has(self, day: str | None) -> bool:
        """Whether a day came after the earlier date, and not after the later one."""
        return day is not None and self.early.as_of.isoformat() < day <= self.late.as_of.isoformat()


def reasons(pair: Pair, between: Between) -> list[Reason]:
    """Why the two findings of a pair differ, or why there is only one.

    Returns:
        At least one, each once; those about the law first.
    """
    if pair.before is not None and pair.after is not None:
        found = list(_of_both(pair.before, pair.after, between))
    else:
        found = list(_of_one(pair, between))
    unique = {(row.kind, row.text): row for row in found}
    return list(unique.values()) or [_untold(between)]


def _untold(between: Between) -> Reason:
    if between.is_one_base:
        return Reason(kind="unknown", text="What made the difference cannot be told from the two findings.")
    return Reason(
        kind="unknown",
        text="Two knowledge bases answered; whether a new row in one of them, the date or our own records made the "
        "difference cannot be told from the results.",
    )


# --- a finding of one side only -------------------------------------------------------------------------------------


def _of_one(pair: Pair, between: Between) -> Iterator[Reason]:
    finding, is_added = pair.any, pair.before is None
    other = between.before if is_added else between.after
    found = list(_of_one_by_date(finding, other, between))
    yield from found
    if found:
        return
    if (finding.artefact.id and finding.artefact.id in other.artefacts) or between.is_one_input:
        # The records are on both sides: it is the law, or who stands behind them.
        if not between.is_one_base:
            subject = (
                f"that {finding.listed_entity.caption} is on {finding.listing.regime}"
                if finding.listing
                else (f"what is claimed of {finding.listed_entity.caption}")
            )
            yield Reason(
                kind="list" if finding.listing else "claim",
                text=f"Only one of the two knowledge bases says {subject}, or that it stands behind the operator.",
                regime=finding.listing.regime if finding.listing else None,
                designation=finding.listing.designation if finding.listing else None,
                source=finding.listing.source if finding.listing else None,
            )
        return
    if between.is_one_base:
        yield _seen_on_one_side(finding)


def _of_one_by_date(finding: Finding, other: View, between: Between) -> Iterator[Reason]:
    """Acts that lie between the two dates."""
    listing, listed = finding.listing, finding.listed_entity.caption
    if listing is not None and between.has(listing.since) and other is between.early:
        yield began(listing, listed)
    for hop in stakes_on_path(finding):
        if between.has(hop.valid_from) and other is between.early:
            yield stake_that(hop, "began", hop.valid_from)
        if between.has(hop.valid_to) and other is between.late:
            yield stake_that(hop, "ended", hop.valid_to)
    first = (finding.artefact.first_seen or "")[:10]
    if between.has(first) and other is between.early:
        yield Reason(
            kind="own_data",
            text=f"Our records show {what_it_is(finding)} from {first} on, after {other.as_of}.",
            day=first,
        )


def _seen_on_one_side(finding: Finding) -> Reason:
    return Reason(
        kind="own_data", text=f"Only one of the two results rests on records that show {what_it_is(finding)}."
    )


# --- a finding of both sides ----------------------------------------------------------------------------------------


def _of_both(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    found = [*_lists(before, after, between), *_stakes_changed(before, after, between)]
    found += _rules(before, after, between)
    yield from found
    if before.match.decision != after.match.decision:
        yield Reason(
            kind="match",
            text=f"That {after.operator.caption} stands behind {what_it_is(after)} is {after.match.decision}; on the "
            f"other side it is {before.match.decision}.",
        )
    if set(before.claims) != set(after.claims):
        yield _claims(before, after)
    yield from _own_data(before, after, between)


def _lists(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    if before.listing is None or after.listing is None or listing_facts(before.listing) == listing_facts(after.listing):
        return
    name, regime = after.listed_entity.caption, after.listing.regime
    stood, stands = effective_status(before.listing), effective_status(after.listing)
    if stood != stands:
        gone = before if stood == ListingStatus.DELISTED else after
        if ListingStatus.DELISTED in (stood, stands) and gone.listing is not None:
            listed = after if gone is before else before
            if between.has(listed.listing.since if listed.listing else None) and listed.listing:
                yield began(listed.listing, name)
            else:
                day = end_of_listing(gone)
                on = f" on {day}" if day else ""
                yield by_issuer(gone.listing, f"{name} left {regime}{on}.", day)
        else:
            yield by_issuer(
                after.listing, f"{name} is {plain_words(stands)} on {regime}; on the other side {plain_words(stood)}."
            )
    elif before.listing.designation != after.listing.designation or before.listing.since != after.listing.since:
        newer = max(before.listing, after.listing, key=lambda row: row.since or "")
        yield by_issuer(newer, f"{name} was listed anew on {regime} on {newer.since}{cited(newer)}.", newer.since)
    if before.listing.listing_status != after.listing.listing_status:
        stale = before.listing if before.listing.last_known else after.listing
        if stale.last_known is not None:
            at = stale.last_known.at
            yield by_issuer(stale, f"Our copy of {regime} ends on {at}; a later day rests on what it said then.", at)


def _rules(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    left, right = ({rule.id: rule for rule in row.consequences} for row in (before, after))
    regime = after.listing.regime if after.listing else None
    for one in sorted(left.keys() | right.keys()):
        if one not in left or one not in right:
            sides = "Only one of the two sides has"
            if not between.is_one_base:
                sides = "Only one of the two knowledge bases has"
            yield Reason(kind="rule", text=f"{sides} {one} for this finding.", regime=regime, rule=one)
            continue
        yield from _rule(left[one], right[one], before, after, between)


def _rule(
    old: ConsequenceResult, new: ConsequenceResult, before: Finding, after: Finding, between: Between
) -> Iterator[Reason]:
    regime = after.listing.regime if after.listing else None
    if old.consequence_status != new.consequence_status:
        yield from _status(old, new, after, between)
    if (old.effect, old.applies_from) != (new.effect, new.applies_from):
        yield Reason(kind="rule", text=f"The two sides hold another text of {old.id}.", regime=regime, rule=old.id)
    if old.binds_you != new.binds_you:
        yield Reason(
            kind="own_data", text=f"The roles in the profile differ: whether {old.id} binds us changed.", rule=old.id
        )
    if held_facts(old) != held_facts(new):
        yield Reason(
            kind="own_data",
            text=f"An answer, a contract date or a licence that bears on {old.id} holds on one side only.",
            rule=old.id,
        )


def _status(old: ConsequenceResult, new: ConsequenceResult, finding: Finding, between: Between) -> Iterator[Reason]:
    was, now = (row.consequence_status for row in (old, new))
    regime = finding.listing.regime if finding.listing else None
    by_rule = list(_ownership_rules(finding, between)) if finding.arithmetic is not None else []
    if by_rule:
        yield from by_rule
        return
    early, late = (old, new) if between.early is between.before else (new, old)
    effects = list(_effects(finding, new.id, between))
    if effects:
        yield from (_turned(row, new.id, regime, between) for row in effects)
    elif was in _SWITCHED_OFF or now in _SWITCHED_OFF:
        day = early.until if early.consequence_status in _SWITCHED_OFF and between.has(early.until) else None
        end = (
            f"The {switch_of(early)} of {new.id} ended on {day}."
            if day
            else (f"{new.id} is {plain_words(now)}; on the other side {plain_words(was)}.")
        )
        yield Reason(kind="effect", text=end, day=day, regime=regime, rule=new.id)
    elif between.has(late.applies_from) and late.consequence_status == ConsequenceStatus.IN_FORCE:
        text = f"{new.id} applies from {late.applies_from}."
        yield Reason(kind="rule", text=text, day=late.applies_from, regime=regime, rule=new.id)
    elif ConsequenceStatus.ENDED in (was, now) and between.has(early.until):
        yield Reason(kind="rule", text=f"{new.id} ended on {early.until}.", day=early.until, regime=regime, rule=new.id)
    else:
        yield Reason(
            kind="rule",
            text=f"{new.id} is {plain_words(now)}; on the other side {plain_words(was)}.",
            regime=regime,
            rule=new.id,
        )


def _effects(finding: Finding, rule: str, between: Between) -> Iterator[EffectRow]:
    """Suspensions, stays and stops of this rule and party that hold on one of the two days only."""
    regime = finding.listing.regime if finding.listing else ""
    rows: dict[str, tuple[EffectRow, set[bool]]] = {}
    for view in (between.before, between.after):
        kb = view.kb
        if kb is None:
            return
        for row in (*kb.effects.get(rule, ()), *kb.effects.get(regime, ())):
            is_ours = row.entity_id in (None, finding.listed_entity.id)
            is_entry = row.designation_id in (None, finding.listing.designation if finding.listing else None)
            if is_ours and is_entry and row.is_known(view.known_at) and row.holds(view.as_of):
                rows.setdefault(row.id, (row, set()))[1].add(view is between.after)
    yield from (row for _, (row, sides) in sorted(rows.items()) if len(sides) == 1)


def _turned(row: EffectRow, rule: str, regime: str | None, between: Between) -> Reason:
    ended = row.valid_to.isoformat() if row.valid_to else None
    began = row.valid_from.isoformat() if row.valid_from else None
    cited = f" ({row.citation})" if row.citation else ""
    if between.has(ended) and not between.has(began):
        text, day = f"The {row.kind} of {rule}{cited} ended on {ended}.", ended
    else:
        text, day = f"The {row.kind} of {rule}{cited} began on {began}.", began
    return Reason(kind="effect", text=text, day=day, regime=regime, rule=rule, source=row.source_id)


def _ownership_rules(finding: Finding, between: Between) -> Iterator[Reason]:
    """Ownership rules of the list whose own standing is another on the two days."""
    regime = finding.listing.regime if finding.listing else None
    kb = between.after.kb
    if kb is None or between.before.kb is None:
        return
    for row in kb.ownership_rules:
        if row.regime_id != regime and regime not in row.lists:
            continue
        states = [
            ownership_rule_state(view.kb, row, as_of=view.as_of, known_at=view.known_at)
            for view in (between.before, between.after)
            if view.kb is not None
        ]
        if states[0].status == states[1].status:
            continue
        days = [row.valid_from, row.valid_to, *(day for state in states for day in _days(state.effect))]
        turns = sorted(day.isoformat() for day in days if day is not None and between.has(day.isoformat()))
        turned = f" It turned on {turns[-1]}." if turns else ""
        was, now = (plain_words(state.status) for state in states)
        yield Reason(
            kind="ownership",
            text=f"The ownership rule {row.id} is {now}; on the other side {was}.{turned}",
            day=turns[-1] if turns else None,
            regime=regime,
            rule=row.id,
            source=row.source_id,
        )


def _days(row: EffectRow | None) -> list[date | None]:
    return [row.valid_from, row.valid_to] if row is not None else []


def _stakes_changed(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    sides = ((before, between.before), (after, between.after))
    if stakes_of(before) != stakes_of(after):
        known = {(hop.from_, hop.to, hop.hop) for hop in stakes_on_path(before)} & {
            (hop.from_, hop.to, hop.hop) for hop in stakes_on_path(after)
        }
        for finding, view in sides:
            for hop in stakes_on_path(finding):
                if (hop.from_, hop.to, hop.hop) in known:
                    continue
                if view is between.late and between.has(hop.valid_from):
                    yield stake_that(hop, "began", hop.valid_from)
                elif view is between.early and between.has(hop.valid_to):
                    yield stake_that(hop, "ended", hop.valid_to)
                else:
                    yield stake_that(hop, "is on one side only", None)
    elif sum_facts(before.arithmetic) != sum_facts(after.arithmetic):
        left, right = (sum_of(row) for row in (before, after))
        rule = after.arithmetic or before.arithmetic
        yield Reason(
            kind="ownership",
            text=f"The sum of stakes in {after.operator.caption} is {right}; on the other side {left}.",
            rule=rule.rule if rule else None,
        )


def _claims(before: Finding, after: Finding) -> Reason:
    new, old = (
        ", ".join(sorted(set(one) - set(other)))
        for one, other in ((after.claims, before.claims), (before.claims, after.claims))
    )
    parts = [f"only here: {new}" if new else "", f"only on the other side: {old}" if old else ""]
    return Reason(
        kind="claim",
        text=f"What is claimed of {after.listed_entity.caption} differs ({'; '.join(part for part in parts if part)}).",
    )


def _own_data(before: Finding, after: Finding, between: Between) -> Iterator[Reason]:
    if artefact_facts(before.artefact) != artefact_facts(after.artefact):
        was, now = amounts_of(before.artefact), amounts_of(after.artefact)
        kind, tail = "own_data", ""
        if between.is_one_input and not between.is_one_base:
            kind, tail = "match", " Two knowledge bases join the same records differently."
        elif not between.is_one_input and not between.is_one_base:
            tail = " Whether records or knowledge bases differ cannot be told."
        elif between.is_one_input:
            tail = f" Records after {between.early.as_of} count on the later day only."
        yield Reason(kind=kind, text=f"Of {what_it_is(after)} we have {now}; on the other side {was}.{tail}")
    answers = [{(item.id, item.answer) for item in row.asked if item.answer is not None} for row in (before, after)]
    if answers[0] != answers[1]:
        differ = ", ".join(sorted({one for one, _ in answers[0] ^ answers[1]}))
        yield Reason(kind="own_data", text=f"Another answer of ours holds to {differ}.")
