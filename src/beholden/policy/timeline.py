"""What happened and when the public could know it: listings, rules, suspensions, events, claims, and our own acts.

Two lanes. `happened` takes the day of the thing itself, `known` the day of its first release. Our own acts are known to
us only and stand in the first lane. An announcement is a row here and moves nothing.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.kb.listing import as_printed
from beholden.policy.amounts import plain
from beholden.schema.timeline import TimelineRow
from beholden.schema.vocabulary import Relation, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.claims import ClaimsOnFile
    from beholden.schema.result import Artefact, Finding
    from beholden.schema.rows import Consequence, Designation, EffectRow, Event

OWN_ACT = "own_act"
_EFFECTS = {"suspension": "Suspended", "stay": "Stayed by a court", "stop": "Stopped"}


class _Lanes:
    """Rows as far as the two clocks let them be seen."""

    def __init__(self, as_of: date, known_at: date | None) -> None:
        self._as_of = as_of
        self._known_at = known_at
        self._rows: dict[tuple[str, str, str, str, str], TimelineRow] = {}

    def add(
        self,
        day: date | None,
        lane: str,
        kind: str,
        text: str,
        source: str | None,
        *,
        entities: Iterable[str] = (),
        regime: str | None = None,
        until: date | None = None,
    ) -> None:
        """Add a row, unless its day lies after either clock; the same row about several parties stays one."""
        if (
            day is None
            or day > self._as_of
            or (lane == "known" and self._known_at is not None and day > self._known_at)
        ):
            return
        key = (day.isoformat(), lane, kind, text, source or "")
        row = self._rows.setdefault(
            key,
            TimelineRow(
                date=key[0],
                lane=lane,
                type=kind,
                text=text,
                source=source,
                until=until.isoformat() if until else None,
                regime=regime,
            ),
        )
        row.entities = sorted({*row.entities, *entities})

    def rows(self) -> list[TimelineRow]:
        """Sorted by day, lane, type and text."""
        return [self._rows[key] for key in sorted(self._rows)]


def history_of(
    kb: KnowledgeBase, entity_id: str, on_file: ClaimsOnFile, *, as_of: date, known_at: date | None
) -> list[TimelineRow]:
    """What the base says happened to or was said about one party."""
    lanes = _Lanes(as_of, known_at)
    _add_party(kb, entity_id, on_file, lanes, known_at)
    return lanes.rows()


def timeline_of(
    kb: KnowledgeBase, findings: list[Finding], on_file: ClaimsOnFile, *, as_of: date, known_at: date | None
) -> list[TimelineRow]:
    """What the base says of the parties, lists and rules of the findings, and what our records show, side by side."""
    lanes = _Lanes(as_of, known_at)
    for entity_id in sorted({ref.id for finding in findings for ref in (finding.operator, finding.listed_entity)}):
        _add_party(kb, entity_id, on_file, lanes, known_at)
    parties: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.listing is not None:
            parties[finding.listing.regime].add(finding.listed_entity.id)
    for regime_id, listed in sorted(parties.items()):
        _add_rules(kb, regime_id, listed, lanes, known_at)
    rows = [*lanes.rows(), *_own_acts(findings)]
    return sorted(rows, key=lambda row: (row.date, row.lane, row.type, row.text))


def _add_party(kb: KnowledgeBase, entity_id: str, on_file: ClaimsOnFile, lanes: _Lanes, known_at: date | None) -> None:
    about = [entity_id]
    for event in kb.events_of(entity_id):
        _add_event(event, lanes, known_at, about)
    for row in kb.designations(entity_id):
        if not row.is_known(known_at):
            continue
        _add_listing(kb, row, lanes, known_at, about)
    for effects in kb.effects.values():
        for effect in effects:
            # Those on everybody are told with the rules.
            if effect.entity_id is not None or effect.designation_id is not None:
                _add_effect(kb, effect, _regime_of(kb, effect.target_id), {entity_id}, lanes, known_at)
    for claim in on_file.about(entity_id):
        lanes.add(claim.document_date, "happened", claim.type, claim.text, claim.source_id, entities=about)
        lanes.add(claim.reported_date, "known", claim.type, claim.text, claim.source_id, entities=about)


def _add_listing(kb: KnowledgeBase, row: Designation, lanes: _Lanes, known_at: date | None, about: list[str]) -> None:
    title, regime, ended = kb.regimes[row.regime_id].title, row.regime_id, row.ended(known_at)
    # The name of the day it was listed, not the one that a later edition prints.
    first = as_printed(kb, row, as_of=row.valid_from, known_at=known_at) if row.valid_from else row
    by = " by this day at the latest" if row.is_start_latest else ""
    text = f"Listed on {title}{by} as “{first.listed_as}”"
    lanes.add(
        row.valid_from,
        "happened",
        "designation",
        text,
        first.source_id,
        entities=about,
        regime=regime,
        until=ended,
    )
    text = f"Listing on {title} published{by}"
    lanes.add(row.published_at, "known", "designation", text, first.source_id, entities=about, regime=regime)
    if row.gazette:
        text = f"Listing on {title} printed in the gazette: {row.gazette}"
        lanes.add(row.gazette_on, "known", "designation", text, first.source_id, entities=about, regime=regime)
    if ended is not None:
        gone = " by this day at the latest" if row.is_end_latest else ""
        text = f"No longer on {title}{gone}" + (f": {row.end_reason}" if row.end_reason else "")
        source = first.source_id
        lanes.add(ended, "happened", "delisting", text, source, entities=about, regime=regime)
        lanes.add(row.end_published_at or ended, "known", "delisting", text, source, entities=about, regime=regime)


def _add_event(event: Event, lanes: _Lanes, known_at: date | None, about: Iterable[str]) -> None:
    if not event.is_known(known_at):
        return
    for day, lane in ((event.date, "happened"), (event.published_at, "known")):
        lanes.add(day, lane, event.type, event.text, event.source_id, entities=about, regime=event.regime_id)


def _add_rules(kb: KnowledgeBase, regime_id: str, listed: set[str], lanes: _Lanes, known_at: date | None) -> None:
    rules = list(kb.consequences.get(regime_id, ()))
    for rule in rules:
        _add_rule(rule, lanes, known_at)
    targets = [regime_id, *(rule.id for rule in rules), *(r.id for r in kb.ownership_rules if r.regime_id == regime_id)]
    for target in targets:
        for row in kb.effects.get(target, ()):
            _add_effect(kb, row, regime_id, listed, lanes, known_at)
    for event in kb.events_under(regime_id):
        # Of what happened to others on the same list there is no end.
        if not event.entity_ids or listed.intersection(event.entity_ids):
            _add_event(event, lanes, known_at, event.entity_ids)


def _add_effect(
    kb: KnowledgeBase, row: EffectRow, regime_id: str, listed: set[str], lanes: _Lanes, known_at: date | None
) -> None:
    """An effect on everybody, or on one of the parties or their entries; the same on several of them is one row."""
    about = [party for party in sorted(listed) if _concerns(kb, row, party)]
    is_general = row.entity_id is None and row.designation_id is None
    if not row.is_known(known_at) or not about:
        return
    # A reviewer's note has no date: it is left out where only what was public by a day is asked for.
    note = f" ({row.note})" if row.note and known_at is None else ""
    text = f"{_EFFECTS.get(row.kind, row.kind)}: {row.target_id}{note}"
    named = [] if is_general else about
    lanes.add(
        row.valid_from,
        "happened",
        row.kind,
        text,
        row.source_id,
        entities=named,
        regime=regime_id,
        until=row.valid_to,
    )
    lanes.add(row.published_at, "known", row.kind, text, row.source_id, entities=named, regime=regime_id)


def _regime_of(kb: KnowledgeBase, target_id: str) -> str:
    """The list or rule that an effect's target belongs to."""
    keyed = {rule.id: rule.regime_id for rules in kb.consequences.values() for rule in rules}
    keyed |= {rule.id: rule.regime_id for rule in kb.ownership_rules}
    return keyed.get(target_id, target_id)


def _concerns(kb: KnowledgeBase, row: EffectRow, party: str) -> bool:
    entries = {entry.id for entry in kb.designations(party)}
    return row.entity_id in (None, party) and (row.designation_id is None or row.designation_id in entries)


def _add_rule(rule: Consequence, lanes: _Lanes, known_at: date | None) -> None:
    if not rule.is_known(known_at):
        return
    text = f"{rule.title} ({rule.id})"
    lanes.add(
        rule.applies_from,
        "happened",
        "consequence",
        f"Applies from this day: {text}",
        rule.source_id,
        regime=rule.regime_id,
        until=rule.until,
    )
    lanes.add(rule.published_at, "known", "consequence", f"Released: {text}", rule.source_id, regime=rule.regime_id)


def _is_ours(artefact: Artefact) -> bool:
    return artefact.relation not in (Relation.HOSTING, Relation.TRANSIT) and artefact.segment in (None, Segment.OWN)


def _own_acts(findings: list[Finding]) -> Iterator[TimelineRow]:
    """One row per operator, relation, measure and month of dated acts; for the rest, the day it was first seen."""
    # What others send through our networks, or what merely sits at a provider, is no act of ours.
    artefacts = {one.artefact.id: one for one in findings if _is_ours(one.artefact)}
    sums: dict[tuple[str, str, str, str, str], Decimal] = defaultdict(Decimal)
    began: dict[tuple[str, str, str, str, str], str] = {}
    names = {finding.operator.id: finding.operator.caption for finding in findings}
    first: dict[tuple[str, str], str] = {}
    for finding in artefacts.values():
        artefact, operator = finding.artefact, finding.operator.id
        for item in artefact.by_month:
            measure = (item.month, operator, artefact.relation, item.unit, item.what)
            sums[measure] += Decimal(item.amount)
            began[measure] = min(began.get(measure, item.since), item.since)
        if artefact.first_seen:
            day = artefact.first_seen[:10]
            key = (operator, artefact.relation)
            first[key] = min(first.get(key, day), day)
    for measure, amount in sums.items():
        month, operator, relation, unit, what = measure
        measured = plain(amount) if unit == "1" else f"{plain(amount)} {unit}"
        text = f"In {month}, {relation}: {measured} {what}".replace("_", " ") + f", {names[operator]}"
        yield TimelineRow(
            date=began[measure], lane="happened", type=OWN_ACT, text=text, source=None, entities=[operator]
        )
    for (operator, relation), day in first.items():
        text = f"First seen in our records, {relation}: {names[operator]}".replace("_", " ")
        yield TimelineRow(date=day, lane="happened", type=OWN_ACT, text=text, source=None, entities=[operator])
