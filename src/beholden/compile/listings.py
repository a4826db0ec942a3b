"""Who is on which list from when to when: editions, copies and dated rows, of packs and publications together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from beholden.schema.rows import Designation, Edition, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from beholden.schema.rows import Regime, Row

PACKS = ""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where rows come from, as far as it decides what they can tell.

    Attributes:
        publications: Source id of a publication → slug of its importer, in order of rank; the rows of every other
            source are of packs.
        closed: Source ids of publications that may not be passed on.
        kinds: (slug, list) → `copies` | `editions` | `events`, as the importer's descriptor says.
        ids: Every id of a party, its own and those that stand for it.
        horizons: How far the packs read each list, where they hold it.
        numberings: (slug, list) → how the importer numbers the parties that it prints there, before any are resolved.
    """

    publications: Mapping[str, str] = field(default_factory=dict)
    closed: AbstractSet[str] = frozenset()
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    ids: Callable[[str], Iterable[str]] = lambda entity_id: (entity_id,)
    horizons: Mapping[str, date] = field(default_factory=dict)
    numberings: Mapping[tuple[str, str], AbstractSet[str]] = field(default_factory=dict)

    def slug(self, row: Row) -> str:
        """Which importer a row is of; `PACKS` for packs."""
        return self.publications.get(row.source_id or "", PACKS)

    def ranks(self) -> dict[str | None, int]:
        """Source id of a publication → its rank; the first speaks."""
        return {source_id: rank for rank, source_id in enumerate(self.publications)}

    def may_lend(self, row: Row, own: Row) -> bool:
        """Whether words of a row may stand in a row of another: those that stay here would be passed on with it."""
        return row.source_id not in self.closed or self.slug(row) == self.slug(own)


def listed(
    regimes: Iterable[Regime],
    editions: Iterable[Edition],
    entries: Iterable[Entry],
    designations: Iterable[Designation],
    origins: Origins,
) -> Iterator[Designation]:
    """Every listing with its interval.

    A party is listed from the first edition or copy that prints it until a complete one does not. Between editions:

    * A designation of its own adds the party; without an end it too lasts until a complete edition omits it.
    * A designation that starts with an edition and has an end is a removal: the party leaves on that day, and is listed
      again only by an edition from then on that prints it.

    An omission tells of a party only where the same importer printed it before, or numbers parties as this one is
    numbered: another publication may print it under a name that we could not resolve.
    """
    lists = {row.id: _List(row, origins) for row in regimes}
    for edition in editions:
        if edition.regime_id in lists:
            lists[edition.regime_id].add_state(edition)
    for entry in entries:
        if entry.regime_id in lists:
            lists[entry.regime_id].add_entry(entry)
    for row in designations:
        if row.regime_id in lists:
            lists[row.regime_id].rows.append(row)
        else:
            yield row
    for one in lists.values():
        yield from one.listings()


class _List:
    """What is held about one list."""

    def __init__(self, regime: Regime, origins: Origins) -> None:
        self.regime = regime
        self.rows: list[Designation] = []
        self._origins = origins
        self._states: list[Edition] = []
        self._printed: dict[str, dict[date, Entry]] = defaultdict(dict)
        self._printers: dict[str, set[str]] = defaultdict(set)

    def add_state(self, edition: Edition) -> None:
        self._states.append(edition)

    def add_entry(self, entry: Entry) -> None:
        self._printed[entry.entity_id].setdefault(entry.edition, entry)
        slug = self._origins.slug(entry)
        if slug != PACKS:
            self._printers[entry.entity_id].add(slug)

    def listings(self) -> Iterator[Designation]:
        """Every listing on this list."""
        self._states.sort(key=lambda state: (state.date, self._origins.slug(state)))
        own: dict[str, list[Designation]] = defaultdict(list)
        for row in self.rows:
            if row.entity_id is None or row.valid_from is None or not self._states:
                yield row
            else:
                own[row.entity_id].append(row)
        for entity_id in sorted(own.keys() | self._printed.keys()):
            yield from self._of(entity_id, own.get(entity_id, []))

    def _of(self, entity_id: str, rows: list[Designation]) -> Iterator[Designation]:
        printed = self._printed.get(entity_id, {})
        states = [state for state in self._states if state.date in printed or self._tells_of(state, entity_id)]
        removed = {row.valid_from: row.valid_to for row in rows if row.valid_from and row.valid_to}
        own = [self._vouched(self._until_omitted(row, printed, states), printed) for row in rows]
        yield from own
        for interval in self._intervals(entity_id, printed, states, removed):
            # A copy that prints a party whose day is printed too says nothing new.
            if not (interval.is_start_latest and any(_overlap(row, interval) for row in own)):
                yield self._vouched(interval, printed)

    def _tells_of(self, state: Edition, entity_id: str) -> bool:
        """Whether not being printed in a complete state says that a party is off the list."""
        if not state.is_complete:
            return False
        slug = self._origins.slug(state)
        if slug == PACKS:
            return self.regime.list_kind == "edition"
        printed_it = slug in self._printers.get(entity_id, ())
        numbering = self._origins.numberings.get((slug, self.regime.id), frozenset())
        return printed_it or bool(_namespaces(self._origins.ids(entity_id)) & numbering)

    def _until_omitted(self, row: Designation, printed: dict[date, Entry], states: list[Edition]) -> Designation:
        """An addition ends with the first complete state that does not print the party."""
        assert row.valid_from is not None
        if row.valid_to is not None:
            return row
        for state in states:
            if state.date > row.valid_from and state.date not in printed:
                return msgspec.structs.replace(
                    row,
                    valid_to=state.date,
                    end_published_at=state.published_at or state.date,
                    end_reason=self._omitted(state),
                    is_end_latest=self._is_copy(state),
                )
        return row

    def _intervals(
        self, entity_id: str, printed: dict[date, Entry], states: list[Edition], removed: dict[date, date]
    ) -> Iterator[Designation]:
        opened: Edition | None = None
        latest: Entry | None = None
        for state in states:
            entry = printed.get(state.date)
            if opened is not None and opened.date in removed and removed[opened.date] <= state.date:
                opened = latest = None  # its own row says from when to when
            if entry is not None:
                opened, latest = opened or state, entry
            elif opened is not None:
                yield self._designation(entity_id, opened, latest, state)
                opened = latest = None
        if opened is not None and opened.date not in removed:
            yield self._designation(entity_id, opened, latest, None)

    def _designation(
        self, entity_id: str, opened: Edition, latest: Entry | None, closed: Edition | None
    ) -> Designation:
        return Designation(
            id=f"{self.regime.id}:{entity_id}:{opened.date}",
            regime_id=self.regime.id,
            entity_id=entity_id,
            listed_as=latest.listed_as if latest else None,
            basis=latest.basis if latest else None,
            citation=opened.title,
            gazette=opened.gazette,
            gazette_on=opened.gazette_on,
            valid_from=opened.date,
            valid_to=closed.date if closed else None,
            published_at=opened.published_at or opened.date,
            end_published_at=(closed.published_at or closed.date) if closed else None,
            end_reason=self._omitted(closed) if closed else None,
            is_start_latest=self._is_copy(opened),
            is_end_latest=closed is not None and self._is_copy(closed),
            source_id=(latest.source_id if latest else None) or opened.source_id,
            grade=(latest.grade if latest else None) or opened.grade,
        )

    def _vouched(self, row: Designation, printed: dict[date, Entry]) -> Designation:
        """A running listing with the last day that a state speaks for it, where that is not the horizon of the list.

        Before the horizon: the latest state neither prints nor is able to omit it. After: a copy in part prints it.
        """
        if row.valid_to is not None or row.checked_until is not None:
            return row
        horizon = self.regime.checked_until
        days = list(printed)
        slug = self._origins.slug(row)
        if slug != PACKS:
            days += [state.date for state in self._states if state.source_id == row.source_id]
        elif self.regime.id in self._origins.horizons:
            days.append(self._origins.horizons[self.regime.id])
        else:
            return row
        until = max(days, default=None)
        if until is None or horizon is None or until == horizon:
            return row
        return msgspec.structs.replace(row, checked_until=until)

    def _omitted(self, state: Edition) -> str:
        word = "copy" if self._is_copy(state) else "edition"
        return f"not named in the {word} of {state.date}"

    def _is_copy(self, state: Edition) -> bool:
        return self._origins.kinds.get((self._origins.slug(state), self.regime.id)) == "copies"


def _namespaces(ids: Iterable[str]) -> set[str]:
    """How a party is numbered: `ofac` of `ofac:36`."""
    return {entity_id.partition(":")[0] for entity_id in ids if ":" in entity_id}


def _overlap(one: Designation, other: Designation) -> bool:
    assert one.valid_from is not None
    assert other.valid_from is not None
    return (one.valid_to is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from < other.valid_to
    )


def settled(
    rows: Iterable[Designation], origins: Origins, regimes: Mapping[str, Regime]
) -> tuple[list[Designation], list[str]]:
    """One row for what several publications say of one party on one list at one time.

    What was reviewed in the packs stands, within the days that it was reviewed for; a publication may end it later.
    Otherwise a printed day goes before "by then", the earliest before others, and of equal days that of the publication
    of the better rank; the row that vouches longest says whether the listing still runs.

    Returns:
        The rows, and sentences about publications that disagree with the packs.
    """
    groups: dict[tuple[str, str], list[Designation]] = defaultdict(list)
    kept: list[Designation] = []
    said: list[str] = []
    ranks = origins.ranks()
    for row in rows:
        if row.entity_id is None or row.valid_from is None:
            kept.append(row)
        else:
            groups[row.regime_id, row.entity_id].append(row)
    for (regime_id, _), group in groups.items():
        reviewed = [row for row in group if origins.slug(row) == PACKS]
        others = [row for row in group if origins.slug(row) != PACKS]
        if not others:
            kept += group
            continue
        horizon = regimes[regime_id].checked_until or date.max
        merged: list[Designation] = []
        for row in sorted(others, key=lambda row: (row.is_start_latest, row.valid_from, ranks[row.source_id], row.id)):
            _merge(merged, row, horizon, origins)
        for row in merged:
            at = next((number for number, own in enumerate(reviewed) if _overlap(own, row)), None)
            if at is None:
                kept.append(msgspec.structs.replace(row, id=f"{regime_id}:{row.entity_id}:{row.valid_from}"))
                continue
            reviewed[at], remark = _beside_reviewed(reviewed[at], row, origins.horizons.get(regime_id), horizon)
            said += [remark] if remark else []
        kept += reviewed
    return kept, said


def _merge(merged: list[Designation], row: Designation, horizon: date, origins: Origins) -> None:
    """Fold a row into one that overlaps it, or add it.

    Programmes, basis and citation go with it only where they may be passed on with the other row.
    """
    for number, own in enumerate(merged):
        if not _overlap(own, row):
            continue
        longest = max((own, row), key=lambda item: (item.valid_to is None, _vouches(item, horizon)))
        ended = min((own, row), key=lambda item: item.valid_to or date.max)
        # An end that is later than what vouches for the open row is news to it.
        if longest.valid_to is None and ended.valid_to is not None and ended.valid_to > _vouches(longest, horizon):
            longest = ended
        merged[number] = msgspec.structs.replace(
            own,
            valid_to=longest.valid_to,
            end_published_at=longest.end_published_at,
            end_reason=longest.end_reason,
            is_end_latest=longest.is_end_latest,
            checked_until=longest.checked_until,
        )
        if origins.may_lend(row, own):
            merged[number] = msgspec.structs.replace(
                merged[number],
                programmes=list(dict.fromkeys([*own.programmes, *row.programmes])),
                basis=own.basis or row.basis,
                citation=own.citation or row.citation,
            )
        return
    merged.append(row)


def _vouches(row: Designation, horizon: date) -> date:
    return row.valid_to or row.checked_until or horizon


def _beside_reviewed(
    own: Designation, row: Designation, reviewed_until: date | None, horizon: date
) -> tuple[Designation, str | None]:
    """A reviewed row beside what a publication says of the same listing."""
    if own.valid_to is None and row.valid_to is not None and (reviewed_until is None or row.valid_to > reviewed_until):
        own = msgspec.structs.replace(
            own,
            valid_to=row.valid_to,
            end_published_at=row.end_published_at,
            end_reason=row.end_reason,
            is_end_latest=row.is_end_latest,
            checked_until=None,
        )
    elif own.valid_to is None and row.valid_to is None:
        until = max(_vouches(own, horizon), _vouches(row, horizon))
        own = msgspec.structs.replace(own, checked_until=None if until == horizon else until)
    differs = [
        f"{what} {theirs}, reviewed as {ours}"
        for what, theirs, ours, is_exact in (
            ("listed from", row.valid_from, own.valid_from, not row.is_start_latest),
            ("listed until", row.valid_to, own.valid_to, row.valid_to is not None and not row.is_end_latest),
        )
        if is_exact and theirs != ours
    ]
    if not differs:
        return own, None
    return own, f"{row.source_id} on {own.regime_id}, {own.entity_id}: {'; '.join(differs)}"
