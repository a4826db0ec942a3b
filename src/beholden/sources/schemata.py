"""The schemata of FollowTheMoney: which there are, what each extends, which properties it has."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import msgspec


class _Printed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    extends: list[str] = []
    edge: bool = False
    abstract: bool = False
    properties: list[str] = []
    pointed_at_by: list[str] = []


class Schema(msgspec.Struct, frozen=True):
    """One schema with what it inherits.

    Attributes:
        name: As exports print it.
        lineage: Itself and every schema that it extends.
        is_edge: A relation between two entities.
        is_abstract: Only for others to extend.
        properties: Every property that it may have.
        pointed_at_by: Names under which a nested export prints entities that point at one of this schema.
    """

    name: str
    lineage: frozenset[str]
    is_edge: bool
    is_abstract: bool
    properties: frozenset[str]
    pointed_at_by: frozenset[str]


@cache
def schemata() -> dict[str, Schema]:
    """Every schema by name."""
    text = Path(__file__).with_name("schemata.toml").read_text(encoding="utf-8")
    printed = msgspec.convert(tomllib.loads(text), dict[str, _Printed])

    def lineage(name: str) -> frozenset[str]:
        return frozenset({name}).union(*map(lineage, printed[name].extends))

    found = {}
    for name, one in printed.items():
        line = lineage(name)
        found[name] = Schema(
            name,
            line,
            one.edge,
            one.abstract,
            frozenset(prop for parent in line for prop in printed[parent].properties),
            frozenset(prop for parent in line for prop in printed[parent].pointed_at_by),
        )
    return found


@cache
def things() -> dict[str, str]:
    """Schemata of parties and things that can be listed or owned, as a table for `Record.lookup`."""
    kept = (one for one in schemata().values() if not one.is_edge and not one.is_abstract)
    return {one.name: one.name for one in kept if one.lineage & {"LegalEntity", "Asset", "CryptoWallet", "Security"}}
