"""Licences, conditional approvals and contracts that the organisation holds, as `beholden.toml` states them.

An authorisation is an authority's act towards us; a waiver is our own acceptance of a risk and none of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import UsageError
from beholden.schema.acceptance import AuthorisationUse
from beholden.schema.vocabulary import Conduct, Relation
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.places import Places

KINDS = ("licence", "general_licence", "conditional_approval", "exemption")


class AuthorisationRow(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[authorisations]]`: who allowed what under which rules, from when to when (half-open)."""

    id: str
    rules: list[str]
    source: str
    kind: str = "licence"
    issuer: str | None = None
    parties: list[str] = []
    conduct: list[str] = []
    valid_from: date | None = None
    valid_to: date | None = None
    conditions: str | None = None
    named_only: bool = False


class ContractRow(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[contracts]]`: the day on which a contract was concluded, last renewed or a thing acquired."""

    party: str
    concluded: date
    source: str
    relations: list[str] = []


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the organisation holds and has concluded."""

    authorisations: tuple[AuthorisationRow, ...] = ()
    contracts: tuple[ContractRow, ...] = ()

    def named(self, reference: str) -> list[AuthorisationRow]:
        """The authorisations that records call by this reference: a renewed one may keep it."""
        wanted = reference.strip().casefold()
        return [row for row in self.authorisations if row.id.casefold() == wanted]

    def concluded(self, kb: KnowledgeBase, operator_id: str, relation: Relation, day: date) -> ContractRow | None:
        """The contract with an operator on a day; of several the latest, whose date the others lie before."""
        if not self.contracts:
            return None
        names = names_of(kb, operator_id)
        found = [
            row
            for row in self.contracts
            if normalise(row.party) in names
            and row.concluded <= day
            and (not row.relations or relation in row.relations)
        ]
        return max(found, key=lambda row: (row.concluded, row.source), default=None)


def covers(
    row: AuthorisationRow, *, rules: Sequence[str], parties: frozenset[str], conduct: frozenset[Conduct], day: date
) -> bool:
    """Whether an authorisation covers what is done on a day.

    Args:
        row: The authorisation.
        rules: Ids of the consequence and of its list.
        parties: Names and ids, normalised, of the operator and the listed party.
        conduct: What is done and the rule touches; all of it has to be allowed.
        day: When.
    """
    return (
        not set(row.rules).isdisjoint(rules)
        and (not row.parties or not parties.isdisjoint(map(normalise, row.parties)))
        and (not row.conduct or conduct <= {Conduct(word) for word in row.conduct})
        and (row.valid_from is None or row.valid_from <= day)
        and (row.valid_to is None or day < row.valid_to)
    )


def names_of(kb: KnowledgeBase, entity_id: str) -> frozenset[str]:
    """What a party may be called in `beholden.toml`: its id and every name of it, normalised."""
    ids = (normalise(one) for one in (entity_id, *kb.referents(entity_id)))
    return frozenset({*ids, *(row.norm for row in kb.names(entity_id))})


def use_of(row: AuthorisationRow) -> AuthorisationUse:
    """The authorisation as a result shows it."""
    return AuthorisationUse(
        id=row.id,
        kind=row.kind,
        issuer=row.issuer,
        valid_from=row.valid_from.isoformat() if row.valid_from else None,
        valid_to=row.valid_to.isoformat() if row.valid_to else None,
        conditions=row.conditions,
        source=row.source,
    )


def read_holdings(
    authorisations: Sequence[AuthorisationRow], contracts: Sequence[ContractRow], places: Places
) -> Holdings:
    """Check what a profile states.

    Raises:
        UsageError: An unknown kind, conduct or relation, no rule, no source, or an end before its start.
    """
    for index, row in enumerate(authorisations):
        problem = _problem(row)
        if problem:
            origin = places.entry("authorisations", index)
            raise UsageError(f"authorisation '{row.id}': {problem}", code="profile.wrong-authorisation", origin=origin)
    for index, contract in enumerate(contracts):
        unknown = [relation for relation in contract.relations if relation not in set(Relation)]
        if unknown or not contract.source.strip():
            said = f"unknown relation {unknown[0]!r}; expected one of {', '.join(Relation)}" if unknown else "no source"
            origin = places.entry("contracts", index)
            raise UsageError(f"contract with '{contract.party}': {said}", code="profile.wrong-contract", origin=origin)
    return Holdings(tuple(authorisations), tuple(contracts))


def _problem(row: AuthorisationRow) -> str | None:
    if row.kind not in KINDS:
        return f"unknown kind {row.kind!r}; expected one of {', '.join(KINDS)}"
    if not row.rules:
        return "it names no rule; expected ids of rules or lists such as us-bis-el"
    unknown = [word for word in row.conduct if word not in set(Conduct)]
    if unknown:
        return f"unknown conduct {unknown[0]!r}; expected one of {', '.join(Conduct)}"
    if row.valid_from is not None and row.valid_to is not None and row.valid_to <= row.valid_from:
        return f"it ends on {row.valid_to}, not after it begins on {row.valid_from}"
    return None if row.source.strip() else "no source"
