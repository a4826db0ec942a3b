"""Which ids of publications mean one party: by review, by identifiers, by entries of lists, by name and place.

A name alone joins nothing across legal persons. Whatever would join two parties that a publication keeps apart, or that
differ in a number of which a party has one, is declined and shown by `kb review` with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import msgspec

from beholden.compile.sides import sides
from beholden.kb.identity import REPEATING, numbering, sort_of
from beholden.schema.rows import Designation, Entity, Entry, Resolution
from beholden.values.identifiers import GLOBAL
from beholden.values.names import core, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from beholden.compile.stage import Stage
    from beholden.schema.rows import Row

# A party has one of these at most.
SINGLE = frozenset({"lei", "uscc", "inn", "imo", "un_reference", "eu_reference", "uk_reference", "ofac_uid", "cik"})
# What the user brings is joined by numbers and by the user.
_OF_USERS = frozenset({"in_house", "bods"})
# Letters without the legal form below which a name says too little, as acronyms do.
_TELLING = 8
# Whose id a party keeps: the packs', then registries of companies, then lists.
_RANK = ("", "lei", "cik", "ofac", "un", "eu", "uk")
# Whoever looks at pairs that these joined needs both sides: a number that both have says enough by itself.
_LOOKED_AT = frozenset({"name_and_more", "same_entry", "reviewed"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids that may mean one party, and why."""

    one: str
    other: str
    rule: str
    reason: str
    source_id: str | None = None
    grade: str | None = None


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
        reviewed: Decisions of people, who saw both sides.
        apart: Pairs that people keep apart, with their reasons.
        left_open: Pairs of which a person could not say it.
    """
    pairs = [
        *(Pair(row.entity_id, row.referent, row.rule, row.reason, row.source_id, row.grade) for row in reviewed),
        *_by_identifier(stage),
        *_by_entry(printed),
        *_by_name(stage),
    ]
    facts = _Facts.of(stage, {name for pair in pairs for name in (pair.one, pair.other)})
    resolved = _Clusters(facts, apart).decide(pairs)
    resolved.rows = _with_sides(resolved, stage, printed) + _still_open(resolved, left_open)
    return resolved


def _still_open(resolved: Resolved, left_open: Iterable[Resolution]) -> list[Resolution]:
    """The open pairs that nothing has decided, under the ids that the parties have now."""
    done = {frozenset((row.entity_id, row.referent)) for row in resolved.rows if row.rule == "declined"}
    found: dict[frozenset[str], Resolution] = {}
    for row in left_open:
        one, other = sorted(
            (resolved.canonical.get(name, name) for name in (row.entity_id, row.referent)), key=order_of
        )
        both = frozenset((one, other))
        if one != other and both not in done:
            found.setdefault(both, msgspec.structs.replace(row, entity_id=one, referent=other))
    return list(found.values())


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
    (`us-bis-el:DJI`): every entry that is printed so, a publication may give each address an entry of its own.

    Returns:
        Pairs that are one party, that are two, and those that are open.
    """
    entries = _entries(printed)
    lists = {regime_id for regime_id, _ in entries}
    found: list[Resolution] = []
    for row in rows:
        regime_id, _, name = row.referent.partition(":")
        if regime_id not in lists:
            found.append(row)
            continue
        ids = entries.get((regime_id, normalise(name)), {})
        found += [
            msgspec.structs.replace(row, referent=entity_id)
            for numbered, all_of_it in sorted(ids.items())
            if numbered != numbering(row.entity_id)
            for entity_id in sorted(all_of_it)
        ]
    named = {name for row in found for name in (row.entity_id, row.referent)}
    known = {cast("Entity", row).id for row in stage.named("entities", "id", named)} if named else set()
    return [row for row in found if {row.entity_id, row.referent} <= known]


def _by_identifier(stage: Stage) -> list[Pair]:
    """Pairs that share a number which names one party in the world."""
    kinds = ", ".join(f"'{kind}'" for kind in sorted(GLOBAL))
    shared = (
        f"SELECT kind, value FROM identifiers WHERE kind IN ({kinds}) "  # noqa: S608 (names of ours)
        "GROUP BY kind, value HAVING count(DISTINCT entity_id) > 1"
    )
    query = (
        "SELECT DISTINCT i.kind, i.value, i.entity_id FROM identifiers i "  # noqa: S608
        f"JOIN ({shared}) s ON i.kind = s.kind AND i.value = s.value ORDER BY 1, 2, 3"
    )
    found: list[Pair] = []
    first: tuple[str, str, str] | None = None
    for kind, value, entity_id in stage.ask(query):
        if first is not None and first[:2] == (kind, value):
            reason = f"{first[2]} and {entity_id} both have the {kind} {value}"
            found.append(Pair(first[2], entity_id, "identifier", reason))
        else:
            first = (kind, value, entity_id)
    return found


def _by_entry(printed: Iterable[Row]) -> list[Pair]:
    """Pairs that are the same entry of the same list: printed alike, and only one such entry in each numbering."""
    shown: dict[tuple[str, str], str] = {}
    entries = _entries(printed, shown)
    found: list[Pair] = []
    for key, by_numbering in sorted(entries.items()):
        if len(by_numbering) > 1 and all(len(ids) == 1 for ids in by_numbering.values()):
            first, *others = sorted((next(iter(ids)) for ids in by_numbering.values()), key=order_of)
            reason = f"the one entry of {key[0]} that prints “{shown[key]}”"
            found += [Pair(first, other, "same_entry", f"{first} and {other} are {reason}") for other in others]
    return found


def _entries(
    printed: Iterable[Row], shown: dict[tuple[str, str], str] | None = None
) -> dict[tuple[str, str], dict[str, set[str]]]:
    """Who is printed by a list under a name, by list and normal form and then by numbering.

    Args:
        printed: Entries and designations of all lists.
        shown: Takes the name as it is printed.
    """
    entries: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in printed:
        if isinstance(row, Entry | Designation) and row.entity_id is not None and row.listed_as:
            key = (row.regime_id, normalise(row.listed_as))
            entries[key][numbering(row.entity_id)].add(row.entity_id)
            if shown is not None:
                shown.setdefault(key, row.listed_as)
    return entries


def _by_name(stage: Stage) -> list[Pair]:
    """Pairs with one legal name, and one place (organisations) or one birth date (persons).

    The name has to be whole and telling, and to stand once in each numbering: where a publication has two parties of
    that name, nobody can say which one is meant.
    """
    shared = "SELECT norm FROM names WHERE kind = 'legal' GROUP BY norm HAVING count(DISTINCT entity_id) > 1"
    query = f"SELECT DISTINCT norm, entity_id FROM names WHERE kind = 'legal' AND norm IN ({shared}) ORDER BY 1, 2"  # noqa: S608
    groups: dict[str, list[str]] = defaultdict(list)
    for norm, entity_id in stage.ask(query):
        if numbering(entity_id) not in _OF_USERS and len(core(norm).replace(" ", "")) >= _TELLING:
            groups[norm].append(entity_id)
    groups = {norm: ids for norm, ids in groups.items() if len(ids) > 1 and len(set(map(numbering, ids))) == len(ids)}
    wanted = {entity_id for ids in groups.values() for entity_id in ids}
    entities: dict[str, Entity] = {}
    for row in stage.named("entities", "id", wanted) if wanted else ():
        entities.setdefault(cast("Entity", row).id, cast("Entity", row))
    found: list[Pair] = []
    for ids in groups.values():
        known = [entities[entity_id] for entity_id in sorted(ids, key=order_of) if entity_id in entities]
        for number, one in enumerate(known):
            for other in known[number + 1 :]:
                what = _shared_beside_name(one, other)
                if what is not None:
                    reason = f"{one.id} and {other.id} are both called “{one.caption}” and {what}"
                    found.append(Pair(one.id, other.id, "name_and_more", reason))
    return found


def _shared_beside_name(one: Entity, other: Entity) -> str | None:
    """What two parties of one name have in common that tells them from others of that name."""
    kinds = {sort_of(entity.schema) or "organisation" for entity in (one, other)}
    if kinds == {"organisation"}:
        places = sorted(set(one.jurisdictions) & set(other.jurisdictions))
        return f"are both of {', '.join(places)}" if places else None
    if kinds == {"person"}:
        days = sorted(day for day in set(one.birth_dates) & set(other.birth_dates) if len(day) == len("1970-01-31"))
        return f"were both born on {days[0]}" if days else None
    return None


@dataclass(slots=True)
class _Facts:
    """What keeps parties apart: what they are, and numbers of which a party has one."""

    what: Mapping[str, str]
    numbers: Mapping[str, Mapping[str, set[str]]]

    @classmethod
    def of(cls, stage: Stage, ids: set[str]) -> _Facts:
        """Look up the parties of the pairs."""
        what: dict[str, str] = {}
        numbers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        if ids:
            for row in stage.named("entities", "id", ids):
                entity = cast("Entity", row)
                if (sort := sort_of(entity.schema)) is not None:
                    what.setdefault(entity.id, sort)
            kinds = ", ".join(f"'{kind}'" for kind in sorted(SINGLE))
            query = f"SELECT entity_id, kind, value FROM identifiers WHERE kind IN ({kinds})"  # noqa: S608
            for entity_id, kind, value in stage.ask(query):
                if entity_id in ids:
                    numbers[entity_id][kind].add(value)
        return cls(what, numbers)


class _Clusters:
    """Ids that mean one party, joined pair by pair."""

    def __init__(self, facts: _Facts, apart: Iterable[Resolution]) -> None:
        self._facts = facts
        self._apart = {frozenset((row.entity_id, row.referent)): row for row in apart}
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
        shared: dict[frozenset[str], str] = {}
        for pair, _ in self._declined:
            shared.setdefault(frozenset(canonical.get(name, name) for name in (pair.one, pair.other)), pair.reason)
        said = [
            (Pair(row.entity_id, row.referent, row.rule, row.reason, row.source_id, row.grade), row.reason)
            for row in self._apart.values()
        ]
        rows: dict[frozenset[str], Resolution] = {}
        for pair, why in (*said, *self._declined):
            one, other = sorted((canonical.get(name, name) for name in (pair.one, pair.other)), key=order_of)
            both = frozenset((one, other))
            if one != other:
                rows.setdefault(both, _row(one, other, "declined", why, shared.get(both), pair))
        return list(rows.values())

    def _join(self, pair: Pair) -> None:
        mine, theirs = (self._cluster.setdefault(name, [name]) for name in (pair.one, pair.other))
        if mine is theirs:
            return
        said, found = self._said_apart(mine, theirs), self._contradiction(mine, theirs)
        why = said if said is not None or pair.rule == "reviewed" else found
        if why is not None:
            self._declined.append((pair, why))
            return
        if found is not None:
            self._despite[pair] = found
        mine.extend(theirs)
        for name in theirs:
            self._cluster[name] = mine
        for name in (pair.one, pair.other):
            self._ties[name].append(pair)

    def _said_apart(self, mine: list[str], theirs: list[str]) -> str | None:
        """What a person said, if two sets of ids may not mean one party by that."""
        for one in mine:
            for other in theirs:
                if said := self._apart.get(frozenset((one, other))):
                    return f"{one} and {other} are two parties, {said.reason}"
        return None

    def _contradiction(self, mine: list[str], theirs: list[str]) -> str | None:
        """Why two sets of ids cannot mean one party, by what is said of them."""
        kinds = {self._facts.what[name] for name in (*mine, *theirs) if name in self._facts.what}
        if len(kinds) > 1:
            return f"one is a {' and one a '.join(sorted(kinds))}"
        shared = {numbering(name) for name in mine} & {numbering(name) for name in theirs}
        if held := sorted(shared - REPEATING):
            return f"{held[0] or 'the packs'} keeps them as two"
        for kind in sorted(SINGLE):
            ours = {value for name in mine for value in self._facts.numbers.get(name, {}).get(kind, ())}
            others = {value for name in theirs for value in self._facts.numbers.get(name, {}).get(kind, ())}
            if ours and others and not ours & others:
                return f"their {kind} differs: {', '.join(sorted(ours))} and {', '.join(sorted(others))}"
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


def order_of(entity_id: str) -> tuple[int, str]:
    """Of several ids of a party, the first in this order is the one it keeps."""
    own = numbering(entity_id)
    return (_RANK.index(own) if own in _RANK else len(_RANK), entity_id)
