"""Which ids of publications mean one party: by review, by identifiers, by entries of lists, by name and place.

A name alone joins nothing across legal persons. Whatever would join two parties that a publication keeps apart, or that
differ in a number of which a party has one, is declined and shown by `kb review` with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import msgspec

from beholden.compile.pairs import Copies, Pair, by_entry, by_identifier, by_name, entries_of, full_days, order_of
from beholden.compile.sides import sides
from beholden.kb.identity import REPEATING, SINGLE, numbering, sort_of
from beholden.schema.rows import Entity, Resolution
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from beholden.compile.stage import Stage
    from beholden.schema.rows import Row

# Said of whatever a list prints under a name; what comes of it is `reviewed` or, where something contradicts, `open`.
_BY_PRINT = "by_print"
# Rules that go by a name.
_BY_NAME = frozenset({"same_entry", "name_and_more"})
# Whoever looks at pairs that these joined needs both sides: a number that both have says enough by itself.
_LOOKED_AT = _BY_NAME | {"reviewed"}


@dataclass(slots=True)
class Resolved:
    """What was decided.

    Attributes:
        canonical: Every id that stands for another → that other.
        rows: The decisions, accepted and declined.
        ties: Of every accepted decision, by its referent, the pair that it rests on.
    """

    canonical: dict[str, str] = field(default_factory=dict)
    rows: list[Resolution] = field(default_factory=list)
    ties: dict[str, Pair] = field(default_factory=dict)

    def ids(self) -> dict[str, list[str]]:
        """Every id of a party that has several, by the one it keeps."""
        found: dict[str, list[str]] = defaultdict(list)
        for referent, entity_id in self.canonical.items():
            found[entity_id].append(referent)
        return found


def resolve(
    stage: Stage,
    printed: Sequence[Row],
    reviewed: Iterable[Resolution],
    apart: Iterable[Resolution] = (),
    left_open: Iterable[Resolution] = (),
) -> Resolved:
    """Decide which ids mean one party.

    Args:
        stage: All entities and identifiers.
        printed: Entries and designations of all lists.
        reviewed: Decisions of people, who saw both sides, or what a list printed then under a name.
        apart: Pairs that people keep apart, with their reasons.
        left_open: Pairs of which a person could not say it.
    """
    copies = Copies(printed)
    pairs = [
        *map(_said_of, reviewed),
        *by_identifier(stage),
        *by_entry(printed, copies),
        *by_name(stage, copies),
    ]
    facts = _Facts.of(stage, copies, {name for pair in pairs for name in (pair.one, pair.other)})
    resolved = _Clusters(facts, apart, left_open).decide(pairs)
    resolved.rows = _with_sides(resolved, stage, printed)
    return resolved


def _said_of(row: Resolution) -> Pair:
    is_by_print = row.rule == _BY_PRINT
    rule = "reviewed" if is_by_print else row.rule
    return Pair(row.entity_id, row.referent, rule, row.reason, row.source_id, row.grade, is_by_print)


def _with_sides(resolved: Resolved, stage: Stage, printed: Sequence[Row]) -> list[Resolution]:
    """The decisions, those that a person should look at with both sides."""
    ties = {referent: tie for referent, tie in resolved.ties.items() if tie.rule in _LOOKED_AT}
    said = sides(stage, printed, {name for tie in ties.values() for name in (tie.one, tie.other)})
    return [
        msgspec.structs.replace(row, sides=[said[ties[row.referent].one], said[ties[row.referent].other]])
        if row.joins and row.referent in ties
        else row
        for row in resolved.rows
    ]


def reviewed_of_packs(rows: Iterable[Resolution], printed: Iterable[Row], stage: Stage) -> list[Resolution]:
    """What packs say of ids, as far as publications that are loaded have them.

    A referent is an id (`ofac:30946`) or, where a publication has no lasting ones, a list and the name that it prints
    (`us-bis-el:DJI`): every entry that is printed so, a publication may give each address an entry of its own. A later
    one may be printed so and mean somebody else: such a pair has a rule of its own, by which `resolve` looks at it.

    Returns:
        Pairs that are one party, that are two, and those that are open.
    """
    entries = entries_of(printed)
    lists = {regime_id for regime_id, _ in entries}
    found: list[Resolution] = []
    for row in rows:
        regime_id, _, name = row.referent.partition(":")
        if regime_id not in lists:
            found.append(row)
            continue
        ids = entries.get((regime_id, normalise(name)), {})
        found += [
            msgspec.structs.replace(row, referent=entity_id, rule=_BY_PRINT if row.joins else row.rule)
            for numbered, all_of_it in sorted(ids.items())
            if numbered != numbering(row.entity_id)
            for entity_id in sorted(all_of_it)
        ]
    named = {name for row in found for name in (row.entity_id, row.referent)}
    known = {cast("Entity", row).id for row in stage.named("entities", "id", named)} if named else set()
    return [row for row in found if {row.entity_id, row.referent} <= known]


@dataclass(slots=True)
class _Facts:
    """What keeps parties apart: what they are, numbers of which a party has one, places, and days of birth."""

    what: Mapping[str, set[str]]
    numbers: Mapping[str, Mapping[str, set[str]]]
    places: Mapping[str, set[str]]
    births: Mapping[str, set[str]]
    copies: Copies

    @classmethod
    def of(cls, stage: Stage, copies: Copies, ids: set[str]) -> _Facts:
        """Look up the parties of the pairs."""
        what: dict[str, set[str]] = defaultdict(set)
        numbers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        places: dict[str, set[str]] = defaultdict(set)
        births: dict[str, set[str]] = defaultdict(set)
        if ids:
            for row in stage.named("entities", "id", ids):
                entity = cast("Entity", row)
                # What is not said contradicts nothing.
                if (sort := sort_of(entity.schema)) is not None:
                    what[entity.id].add(sort)
                places[entity.id].update(entity.jurisdictions)
                births[entity.id].update(full_days(entity.birth_dates))
            kinds = ", ".join(f"'{kind}'" for kind in sorted(SINGLE))
            query = f"SELECT entity_id, kind, value FROM identifiers WHERE kind IN ({kinds})"  # noqa: S608
            for entity_id, kind, value in stage.ask(query):
                if entity_id in ids:
                    numbers[entity_id][kind].add(value)
        return cls(what, numbers, places, births, copies)


def _of(facts: Mapping[str, set[str]], ids: Iterable[str]) -> set[str]:
    """What is said of any of some ids."""
    return {fact for name in ids for fact in facts.get(name, ())}


def _parted(ours: set[str], others: set[str]) -> bool:
    """Whether something is said of both and nothing of it is the same."""
    return bool(ours and others) and not ours & others


class _Said:
    """Pairs of which people said something other than that they are one party; of several about a pair, the last."""

    def __init__(self, rows: Iterable[Resolution]) -> None:
        self.rows: dict[frozenset[str], Resolution] = {}
        self._beside: dict[str, dict[str, Resolution]] = defaultdict(dict)
        for row in rows:
            self.add(row)

    def add(self, row: Resolution) -> None:
        """Take what is said of a pair."""
        self.rows[frozenset((row.entity_id, row.referent))] = row
        self._beside[row.entity_id][row.referent] = self._beside[row.referent][row.entity_id] = row

    def between(self, mine: Iterable[str], theirs: Iterable[str]) -> Resolution | None:
        """What was said of two sets of ids."""
        for one in mine:
            if beside := self._beside.get(one):
                said = next((beside[other] for other in theirs if other in beside), None)
                if said is not None:
                    return said
        return None


class _Clusters:
    """Ids that mean one party, joined pair by pair."""

    def __init__(self, facts: _Facts, apart: Iterable[Resolution], left_open: Iterable[Resolution]) -> None:
        self._facts = facts
        self._apart = _Said(apart)
        self._open = _Said(left_open)
        self._cluster: dict[str, list[str]] = {}
        self._ties: dict[str, list[Pair]] = defaultdict(list)
        self._declined: list[tuple[Pair, str]] = []
        self._despite: dict[Pair, str] = {}

    def decide(self, pairs: Iterable[Pair]) -> Resolved:
        """Join what may be joined."""
        for pair in pairs:
            self._join(pair)
        resolved = Resolved()
        done: set[int] = set()
        for cluster in self._cluster.values():
            if id(cluster) in done or len(cluster) < 2:
                continue
            done.add(id(cluster))
            kept = min(cluster, key=order_of)
            for referent, tie in sorted(self._reached_from(kept).items()):
                resolved.canonical[referent] = kept
                resolved.ties[referent] = tie
                row = _row(kept, referent, tie.rule, tie.reason, self._despite.get(tie), tie)
                resolved.rows.append(row)
        resolved.rows += self._kept_two(resolved.canonical)
        return resolved

    def _reached_from(self, kept: str) -> dict[str, Pair]:
        """Every other id of a party, with the pair that ties it to the kept one or to an id on the way there."""
        reached: dict[str, Pair] = {}
        waiting = [kept]
        while waiting:
            name = waiting.pop()
            for tie in self._ties[name]:
                other = tie.other if tie.one == name else tie.one
                if other != kept and other not in reached:
                    reached[other] = tie
                    waiting.append(other)
        return reached

    def _kept_two(self, canonical: Mapping[str, str]) -> list[Resolution]:
        """One row for every two parties that were kept apart; what a person said goes before what we found."""
        speaks_for: dict[frozenset[str], str] = {}
        for pair, _ in self._declined:
            speaks_for.setdefault(frozenset(canonical.get(name, name) for name in (pair.one, pair.other)), pair.reason)
        found = [(_row(pair.one, pair.other, "declined", why, None, pair)) for pair, why in self._declined]
        rows: dict[frozenset[str], Resolution] = {}
        for row in (*self._apart.rows.values(), *self._open.rows.values(), *found):
            one, other = sorted((canonical.get(name, name) for name in (row.entity_id, row.referent)), key=order_of)
            both = frozenset((one, other))
            if one != other:
                more = {"entity_id": one, "referent": other, "despite": row.despite or speaks_for.get(both)}
                rows.setdefault(both, msgspec.structs.replace(row, **more))
        return list(rows.values())

    def _join(self, pair: Pair) -> None:
        mine, theirs = (self._cluster.setdefault(name, [name]) for name in (pair.one, pair.other))
        if mine is theirs:
            return
        if (said := self._forbidden(pair, mine, theirs)) is not None:
            self._declined.append((pair, said))
            return
        differs = self._differs(mine, theirs)
        if differs is not None and pair.is_by_print:
            self._open.add(_row(pair.one, pair.other, "open", differs, pair.reason, pair))
            return
        found = self._numbered_twice(pair, mine, theirs) or differs
        if found is None and pair.rule in _BY_NAME:
            found = self._unlike(mine, theirs)
        if found is not None and pair.rule != "reviewed":
            self._declined.append((pair, found))
            return
        if found is not None:
            self._despite[pair] = found
        mine.extend(theirs)
        for name in theirs:
            self._cluster[name] = mine
        for name in (pair.one, pair.other):
            self._ties[name].append(pair)

    def _forbidden(self, pair: Pair, mine: list[str], theirs: list[str]) -> str | None:
        """What a person said, if two sets of ids may not mean one party by that."""
        if said := self._apart.between(mine, theirs):
            return f"{said.entity_id} and {said.referent} are two parties, {said.reason}"
        # Who looked and could not tell is not outdone by a rule, only by a person who can.
        if pair.rule != "reviewed" and (said := self._open.between(mine, theirs)):
            return f"whether {said.entity_id} and {said.referent} are one party is open, {said.reason}"
        return None

    def _differs(self, mine: list[str], theirs: list[str]) -> str | None:
        """What of two sets of ids no party can have both of."""
        ours, others = (_of(self._facts.what, ids) for ids in (mine, theirs))
        if _parted(ours, others):
            return f"one is a {' and one a '.join(sorted(ours | others))}"
        for kind in sorted(SINGLE):
            ours = {value for name in mine for value in self._facts.numbers.get(name, {}).get(kind, ())}
            others = {value for name in theirs for value in self._facts.numbers.get(name, {}).get(kind, ())}
            if _parted(ours, others):
                return f"their {kind} differs: {', '.join(sorted(ours))} and {', '.join(sorted(others))}"
        return None

    def _unlike(self, mine: list[str], theirs: list[str]) -> str | None:
        """What makes two sets of ids two parties of one name, where no number says that they are one.

        A company may have moved and a day of birth may be an error, so this does not go before a number or a person.
        """
        ours, others = (_of(self._facts.births, ids) for ids in (mine, theirs))
        if _parted(ours, others):
            return f"their birth dates differ: {', '.join(sorted(ours))} and {', '.join(sorted(others))}"
        # Of a person the places are those of passports and stays.
        if _of(self._facts.what, (*mine, *theirs)) <= {"organisation"}:
            ours, others = (_of(self._facts.places, ids) for ids in (mine, theirs))
            if _parted(ours, others):
                return f"they are of different places: {', '.join(sorted(ours))} and {', '.join(sorted(others))}"
        return None

    def _numbered_twice(self, pair: Pair, mine: list[str], theirs: list[str]) -> str | None:
        """Which numbering gives two sets of ids a number each."""
        shared = {numbering(name) for name in mine} & {numbering(name) for name in theirs}
        for held in sorted(shared - REPEATING):
            ids = [name for name in (*mine, *theirs) if numbering(name) == held]
            if pair.rule not in _BY_NAME or not self._facts.copies.follow_each_other(ids):
                return f"{held or 'the packs'} keeps them as two"
        return None


def _row(entity_id: str, referent: str, rule: str, reason: str, despite: str | None, pair: Pair) -> Resolution:
    return Resolution(
        entity_id=entity_id,
        referent=referent,
        rule=rule,
        reason=reason,
        despite=despite,
        source_id=pair.source_id,
        grade=pair.grade,
    )
