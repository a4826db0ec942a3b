"""Which ids may mean one party, and which parties share a name that nobody has decided about."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.rows import Entity

# Kinds of names by which a party can be meant; a brand or a weak alias is shared by many.
MEANT_BY = frozenset({"legal", "alias", "former"})
# A party has one of these at most.
SINGLE = frozenset({"lei", "uscc", "inn", "imo", "un_reference", "eu_reference", "uk_reference", "ofac_uid", "cik"})
# Numberings in which one party may stand several times under different ids.
REPEATING = frozenset({"bods", "csl", "ftm", "in_house"})
# Numberings of what the user brings, which is joined by numbers and by the user.
OF_USERS = frozenset({"in_house", "bods"})
# Annexes number their entries, and a party stands in several at once.
_OF_ENTRIES = frozenset({"eu_fsf"})
_THINGS = {"Vessel": "vessel", "Airplane": "aircraft", "Person": "person"}
# What lists write that do not say whether an entry is a person, and our own word for any party.
_NOT_SAID = frozenset({"", "LegalEntity", "Thing"})
# Numberings of publications that call every person one: of whom they say no more than "entity" is none.
_TELLS_PERSONS = frozenset({"ofac"})


def sort_of(schema: str) -> str | None:
    """What a party is, as far as it tells two apart: person, vessel, aircraft, organisation; None: not said."""
    return None if schema in _NOT_SAID else _THINGS.get(schema, "organisation")


def sort_told(entity: Entity) -> str | None:
    """What a party is; an entity of a publication that tells persons from entities is no person."""
    sort = sort_of(entity.schema)
    return "organisation" if sort is None and numbering(entity.id) in _TELLS_PERSONS else sort


def numbering(entity_id: str) -> str:
    """How a party is numbered: `ofac` of `ofac:36`; empty: by the packs."""
    return entity_id.partition(":")[0] if ":" in entity_id else ""


def _parted(ours: set[str], others: set[str]) -> bool:
    """Whether something is said of both and nothing of it is the same."""
    return bool(ours and others) and not ours & others


def born_alike(one: Entity, other: Entity) -> bool:
    """Whether a year of birth is told of two parties and they have one in common."""
    return bool(_years(one) & _years(other))


def _years(entity: Entity) -> set[str]:
    return {day[:4] for day in entity.birth_dates}


class Identities:
    """Who may be whom in a base; asked for the same parties over and over, so that what was found is kept."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._holders: dict[str, frozenset[str]] = {}
        self._of_one_name: dict[str, tuple[str, ...]] = {}

    def of_one_name(self, entity_id: str) -> tuple[str, ...]:
        """Other parties with a name of this one, and those that somebody could not tell from it; in order."""
        if entity_id not in self._of_one_name:
            norms = {row.norm for row in self._kb.names(entity_id) if row.kind in MEANT_BY and row.norm}
            found = frozenset[str]().union(*map(self._holders_of, norms), self._beside(entity_id, "open"))
            self._of_one_name[entity_id] = tuple(sorted(found - {entity_id}))
        return self._of_one_name[entity_id]

    def may_be_one(self, one: Entity, other: Entity) -> bool:
        """Whether two parties of one name can be one, as far as anybody decided or a numbering tells.

        No person is a company; what a person or a number keeps apart is two, and so is what one numbering keeps apart:
        two parties of the packs, two numbers that stood on a list at one time. A pack laid over the base is written by
        somebody else than the packs below it.
        """
        sorts = {sort_of(one.schema), sort_of(other.schema)} - {None}
        if len(sorts) > 1 or other.id in self._beside(one.id, "declined"):
            return False
        shared = self._numberings(one.id) & self._numberings(other.id)
        return not any(self._are_apart(one.id, other.id, name) for name in shared - REPEATING - _OF_ENTRIES)

    def is_plausibly_one(self, one: Entity, other: Entity) -> bool:
        """Whether two parties of one name can be one and nothing printed of them says otherwise.

        That is: years of birth, numbers of which a party has one, and of organisations places. It joins nothing.
        """
        is_person = "person" in (sort_of(one.schema), sort_of(other.schema))
        is_elsewhere = not is_person and _parted(set(one.jurisdictions), set(other.jurisdictions))
        return not is_elsewhere and self.may_be_one(one, other) and not self._contradict(one, other)

    def meant_by_name(self, entity_id: str) -> tuple[str, ...]:
        """Parties that may mean this one by its name: undecided, and no year of birth and no number says otherwise.

        A place alone does not: a company is registered in one and works in another.
        """
        entity = self._kb.entity(entity_id)
        others = self._kb.entities_with(self.namesakes(entity_id))
        return tuple(one for one in sorted(others) if entity is not None and not self._contradict(entity, others[one]))

    def namesakes(self, entity_id: str) -> tuple[str, ...]:
        """Parties of which nobody can say yet whether they are this one, in order."""
        entity = self._kb.entity(entity_id)
        if entity is None:
            return ()
        others = self._kb.entities_with(self.of_one_name(entity_id))
        return tuple(sorted(other.id for other in others.values() if self.may_be_one(entity, other)))

    def _contradict(self, one: Entity, other: Entity) -> bool:
        """Whether years of birth, or numbers of which a party has one, are told of both and differ."""
        if _parted(_years(one), _years(other)):
            return True
        ours, others = self._single_numbers(one.id), self._single_numbers(other.id)
        return any(_parted(ours[kind], others[kind]) for kind in ours.keys() & others.keys())

    def _holders_of(self, norm: str) -> frozenset[str]:
        if norm not in self._holders:
            rows = self._kb.named([norm])
            self._holders[norm] = frozenset(row.entity_id for row in rows if row.kind in MEANT_BY)
        return self._holders[norm]

    def _beside(self, entity_id: str, rule: str) -> frozenset[str]:
        rows = self._kb.pairs_with(entity_id)
        found = {name for row in rows if row.rule == rule for name in (row.entity_id, row.referent)}
        return frozenset(found - {entity_id})

    def _single_numbers(self, entity_id: str) -> dict[str, set[str]]:
        """Numbers of which a party has one, by kind."""
        rows = [(row.kind, row.value) for row in self._kb.identifiers(entity_id) if row.kind in SINGLE]
        return {kind: {value for _, value in same} for kind, same in groupby(sorted(rows), key=lambda row: row[0])}

    def _numberings(self, entity_id: str) -> set[str]:
        return {numbering(name) for name in (entity_id, *self._kb.referents(entity_id))}

    def _are_apart(self, one: str, other: str, numbered: str) -> bool:
        """Whether one numbering says that two parties are two."""
        if not numbered:
            return not (self._kb.is_laid_over(one) or self._kb.is_laid_over(other))
        mine, theirs = ({(row.regime_id, row.edition) for row in self._kb.entries(name)} for name in (one, other))
        lists = {regime_id for regime_id, _ in mine} & {regime_id for regime_id, _ in theirs}
        # An entry that a list took off and put back under another number is one party all the same.
        return not lists or bool(mine & theirs)
