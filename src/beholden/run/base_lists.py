"""Lists in two bases, side by side: who came, who left, and whose entry says something else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from beholden.schema.bases import FieldChange, ListChange, ListState, PartyChange, PartyState
from beholden.schema.rows import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Designation, Regime

# Of a party's state, what makes it differ; `entries` and `running` follow from these.
_COMPARED = (
    "listed_as",
    "since",
    "since_is_latest",
    "until",
    "until_is_latest",
    "programmes",
    "applies_from",
    "basis",
    "printed",
    "certainty",
)
States = dict[str, PartyState]
# List → party → what the latest edition that has a text for it prints.
Texts = dict[str, dict[str, str]]


def list_changes(before: KnowledgeBase, after: KnowledgeBase, *, as_of: date) -> tuple[list[ListChange], list[str]]:
    """Lists that differ, by id, and the ids of those that do not.

    Memory holds the entries of one list at a time, of both bases.
    """
    differing, same = [], []
    texts = _texts(before), _texts(after)
    for regime_id in sorted({row.id for kb in (before, after) for row in kb.regimes.values() if row.kind == "list"}):
        change = _compared(before, after, regime_id, as_of, texts)
        if change is None:
            same.append(regime_id)
        else:
            differing.append(change)
    return differing, same


def _compared(
    before: KnowledgeBase, after: KnowledgeBase, regime_id: str, as_of: date, texts: tuple[Texts, Texts]
) -> ListChange | None:
    sides = [kb.regimes.get(regime_id) for kb in (before, after)]
    states = [
        _states(kb.designations_under(regime_id), as_of, printed.get(regime_id, {}))
        for kb, printed in zip((before, after), texts, strict=True)
    ]
    lists = [
        None if regime is None else _list_state(kb, regime, parties, as_of)
        for kb, regime, parties in zip((before, after), sides, states, strict=True)
    ]
    parties = [
        _party(one, states[0].get(one), states[1].get(one), as_of)
        for one in sorted(states[0].keys() | states[1].keys())
    ]
    changes = [row for row in parties if row is not None]
    if lists[0] == lists[1] and not changes:
        return None
    _name(changes, before, after)
    titled = sides[1] or sides[0]
    assert titled is not None
    return ListChange(
        id=regime_id,
        title=titled.title,
        before=lists[0],
        after=lists[1],
        added=[row for row in changes if row.how in ("new", "again")],
        gone=[row for row in changes if row.how in ("ended", "not_held")],
        changed=[row for row in changes if row.how == "changed"],
        unchanged=len(parties) - len(changes),
    )


def _list_state(kb: KnowledgeBase, regime: Regime, parties: States, as_of: date) -> ListState:
    editions = kb.editions(regime.id)
    running = sum(state.running for state in parties.values())
    return ListState(
        loaded=regime.loaded,
        is_partial=regime.is_partial,
        edition=_iso(editions[-1].date) if editions else None,
        editions=len(editions),
        covered_from=_iso(regime.covered_from),
        checked_until=_iso(regime.checked_until),
        parties=running,
        ended=len(parties) - running - sum(_is_later(state, as_of) for state in parties.values()),
    )


def _texts(kb: KnowledgeBase) -> Texts:
    found: dict[str, dict[str, tuple[date, str]]] = defaultdict(dict)
    for row in kb.rows("entries"):
        assert isinstance(row, Entry)
        if row.basis is not None:
            listed = found[row.regime_id]
            listed[row.entity_id] = max(listed.get(row.entity_id, (row.edition, "")), (row.edition, row.basis))
    return {regime: {party: text for party, (_, text) in listed.items()} for regime, listed in found.items()}


def _states(rows: Iterable[Designation], as_of: date, texts: Mapping[str, str]) -> States:
    """What a list says of each party; a category entry without a party goes by its category."""
    held: dict[str, list[Designation]] = defaultdict(list)
    for row in rows:
        held[row.entity_id or row.category or row.id].append(row)
    return {party: _state(entries, as_of, texts.get(party)) for party, entries in held.items()}


def _state(rows: list[Designation], as_of: date, printed: str | None) -> PartyState:
    running = [row for row in rows if row.holds(as_of)]
    told = running or rows
    # A null start is "not known", and speaks only where no entry has a day.
    first = min(told, key=lambda row: (row.valid_from is None, row.valid_from or as_of, row.id))
    open_ended = [row for row in told if row.valid_to is None]
    last = None if open_ended else max(told, key=lambda row: (row.valid_to or as_of, row.id))
    later = [row.applies_from for row in told if row.applies_from is not None]
    return PartyState(
        running=bool(running),
        listed_as=sorted({row.listed_as for row in told if row.listed_as is not None}),
        since=_iso(first.valid_from),
        since_is_latest=first.is_start_latest,
        until=_iso(last.valid_to) if last is not None else None,
        until_is_latest=last.is_end_latest if last is not None else False,
        programmes=sorted({tag for row in told for tag in row.programmes}),
        applies_from=_iso(min(later, default=None)),
        basis="; ".join(sorted({row.basis for row in told if row.basis is not None})) or None,
        printed=printed,
        certainty="confirmed" if any(row.certainty == "confirmed" for row in told) else told[0].certainty,
        entries=len(rows),
    )


def _is_later(state: PartyState, as_of: date) -> bool:
    """Whether a party comes onto the list after the day, so that it neither is there nor has left."""
    return not state.running and state.since is not None and state.since > as_of.isoformat()


def _party(entity: str, before: PartyState | None, after: PartyState | None, as_of: date) -> PartyChange | None:
    if before == after:
        return None
    is_later = any(_is_later(state, as_of) for state in (before, after) if state is not None)
    fields = [] if before is None or after is None else _fields(before, after)
    if before is None or (after is not None and after.running and not before.running and not is_later):
        assert after is not None
        how, day = "new" if before is None else "again", after.since
    elif after is None:
        how, day = "not_held", before.until
    elif before.running and not after.running and not is_later:
        how, day = "ended", after.until
    elif fields:
        how, day = "changed", None
    else:
        return None  # the same told by another number of rows
    return PartyChange(entity=entity, caption=entity, how=how, day=day, before=before, after=after, fields=fields)


def _fields(before: PartyState, after: PartyState) -> list[FieldChange]:
    found = [
        FieldChange(field=name, before=_text(getattr(before, name)), after=_text(getattr(after, name)))
        for name in _COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    told = {(item.before, item.after) for item in found if item.field == "basis"}
    return [item for item in found if item.field != "printed" or (item.before, item.after) not in told]


def _name(changes: list[PartyChange], before: KnowledgeBase, after: KnowledgeBase) -> None:
    """Names of parties, by the second base where it has them; asked for all at once."""
    captions: Mapping[str, str] = {
        found.id: found.caption
        for kb in (before, after)
        for found in kb.entities_with(row.entity for row in changes).values()
    }
    for row in changes:
        row.caption = captions.get(row.entity, row.entity)


def _text(value: object) -> str | None:
    if isinstance(value, list):
        return "; ".join(value) or None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
