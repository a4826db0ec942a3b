"""Which ids of publications may mean one party: by shared numbers, by entries of one list, by name and place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, cast

from beholden.kb.identity import OF_USERS, numbering, sort_of
from beholden.schema.rows import Designation, Entity, Entry
from beholden.values.identifiers import GLOBAL
from beholden.values.names import core, normalise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from beholden.compile.stage import Stage
    from beholden.schema.rows import Row

# Letters without the legal form below which a name says too little, as acronyms do.
_TELLING = 8
# Ids that share something up to which every two of them are looked at.
_FEW = 12
# Whose id a party keeps: the packs', then registries of companies, then lists.
_RANK = ("", "lei", "cik", "ofac", "un", "eu", "uk")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ids that may mean one party, and why.

    Attributes:
        is_by_print: A person said it of whatever a list prints under a name, and has not seen this entry.
    """

    one: str
    other: str
    rule: str
    reason: str
    source_id: str | None = None
    grade: str | None = None
    is_by_print: bool = False


class Copies:
    """In which copies of which lists each id stands.

    Args:
        printed: Entries and designations of all lists.
    """

    def __init__(self, printed: Iterable[Row]) -> None:
        self._lists: dict[str, set[str]] = defaultdict(set)
        self._copies: dict[str, set[str]] = defaultdict(set)
        for row in printed:
            if isinstance(row, Entry | Designation) and row.entity_id is not None:
                self._lists[row.entity_id].add(row.regime_id)
                copy = str(row.edition) if isinstance(row, Entry) else f"of {row.source_id}"
                self._copies[row.entity_id].add(copy)

    def follow_each_other(self, ids: Iterable[str]) -> bool:
        """Whether ids of one numbering stand on one list and never in one copy.

        So do those of a changed entry where its publisher makes the id of what it prints. The packs number parties and
        not entries: two of theirs are two.
        """
        held = list(ids)
        if any(numbering(one) == "" for one in held):
            return False
        copies = [self._copies.get(one, set()) for one in held]
        lists = [self._lists.get(one, set()) for one in held]
        return bool(set.intersection(*lists)) and sum(map(len, copies)) == len(set.union(*copies))


def _once_each(by_numbering: Iterable[Collection[str]], copies: Copies) -> bool:
    """Whether several numberings have one party at a time each."""
    held = list(by_numbering)
    return len(held) > 1 and all(len(ids) == 1 or copies.follow_each_other(ids) for ids in held)


def by_identifier(stage: Stage) -> list[Pair]:
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
    for (kind, value), rows in groupby(stage.ask(query), key=lambda row: row[:2]):
        for one, other in _each_with_each([entity_id for _, _, entity_id in rows]):
            found.append(Pair(one, other, "identifier", f"{one} and {other} both have the {kind} {value}"))
    return found


def _each_with_each(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of ids that share something, so that one id that may not be joined does not keep the others from it.

    Of many ids, each goes with the first few and with the one before it: pairs grow no faster than ids.
    """
    for number, one in enumerate(ids[:_FEW], 1):
        yield from ((one, other) for other in ids[number:])
    yield from pairwise(ids[_FEW:])


def by_entry(printed: Sequence[Row], copies: Copies) -> list[Pair]:
    """Pairs that are one entry of one list: printed alike, and only one such entry at a time in each numbering."""
    shown: dict[tuple[str, str], str] = {}
    entries = entries_of(printed, shown)
    found: list[Pair] = []
    for key, by_numbering in sorted(entries.items()):
        if _once_each(by_numbering.values(), copies):
            ordered = sorted((one for ids in by_numbering.values() for one in ids), key=order_of)
            for one, other in _each_with_each(ordered):
                if numbering(one) != numbering(other):
                    reason = f"{one} and {other} are the one entry of {key[0]} that prints “{shown[key]}”"
                    found.append(Pair(one, other, "same_entry", reason))
    return found


def entries_of(
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


def by_name(stage: Stage, copies: Copies) -> list[Pair]:
    """Pairs with one legal name, and one place (organisations) or one birth date (persons).

    The name has to be whole and telling, and to stand once at a time in each numbering: where a publication has two
    parties of that name, nobody can say which one is meant.
    """
    shared = "SELECT norm FROM names WHERE kind = 'legal' GROUP BY norm HAVING count(DISTINCT entity_id) > 1"
    query = f"SELECT DISTINCT norm, entity_id FROM names WHERE kind = 'legal' AND norm IN ({shared}) ORDER BY 1, 2"  # noqa: S608
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for norm, entity_id in stage.ask(query):
        if numbering(entity_id) not in OF_USERS and len(core(norm).replace(" ", "")) >= _TELLING:
            groups[norm][numbering(entity_id)].append(entity_id)
    once = [
        [entity_id for ids in by_numbering.values() for entity_id in ids]
        for by_numbering in groups.values()
        if _once_each(by_numbering.values(), copies)
    ]
    wanted = {entity_id for ids in once for entity_id in ids}
    entities: dict[str, Entity] = {}
    for row in stage.named("entities", "id", wanted) if wanted else ():
        entities.setdefault(cast("Entity", row).id, cast("Entity", row))
    found: list[Pair] = []
    for ids in once:
        known = [entities[entity_id] for entity_id in sorted(ids, key=order_of) if entity_id in entities]
        for number, one in enumerate(known):
            for other in known[number + 1 :]:
                what = _shared_beside_name(one, other)
                if what is not None and numbering(one.id) != numbering(other.id):
                    reason = f"{one.id} and {other.id} are both called “{one.caption}” and {what}"
                    found.append(Pair(one.id, other.id, "name_and_more", reason))
    return found


def _shared_beside_name(one: Entity, other: Entity) -> str | None:
    """What two parties of one name have in common that tells them from others of that name."""
    # Publications need not say what a party is; a birth date says it.
    kinds = {sort for entity in (one, other) if (sort := sort_of(entity.schema))}
    if kinds <= {"organisation"} and not (one.birth_dates or other.birth_dates):
        places = sorted(set(one.jurisdictions) & set(other.jurisdictions))
        return f"are both of {', '.join(places)}" if places else None
    if kinds == {"person"}:
        days = sorted(full_days(one.birth_dates) & full_days(other.birth_dates))
        return f"were both born on {days[0]}" if days else None
    return None


def full_days(birth_dates: Iterable[str]) -> set[str]:
    """The birth dates that are a day; a year or a month alone is shared by many."""
    return {day for day in birth_dates if len(day) == len("1970-01-31")}


def order_of(entity_id: str) -> tuple[int, str]:
    """Of several ids of a party, the first in this order is the one it keeps."""
    own = numbering(entity_id)
    return (_RANK.index(own) if own in _RANK else len(_RANK), entity_id)
