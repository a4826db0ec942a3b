"""Parties that may be on a list are said to be, though they make no finding."""

from __future__ import annotations

from tests.builders import (
    day,
    make_designation,
    make_edition,
    make_entity,
    make_ownership,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.undecided import undecided
from beholden.schema.rows import Row


def base(*rows: Row) -> KnowledgeBase:
    entry = make_entity("csl:1", "Acme Limited"), make_designation("csl:1", "2020-01-01")
    return tiny_kb(make_regime(), make_edition("2020-01-01"), make_entity("acme", "ACME Ltd."), *entry, *rows)


def told(kb: KnowledgeBase, *operators: str, as_of: str = "2021-01-01") -> list[tuple[str, str, str, list[str]]]:
    rows = undecided(kb, operators, as_of=day(as_of), known_at=None)
    return [(row.entity.id, row.behind.id, row.regime, [one.id for one in row.entries]) for row in rows]


def test_an_operator_with_the_name_of_an_entry_is_told_once() -> None:
    assert told(base(), "acme", "acme") == [("acme", "acme", "us-list", ["csl:1"])]


def test_so_is_an_owner_of_it() -> None:
    stake = make_ownership("acme", "shop", "100")
    assert told(base(make_entity("shop"), stake), "shop") == [("acme", "shop", "us-list", ["csl:1"])]


def test_nothing_is_told_of_who_is_on_the_list_itself_or_before_the_entry() -> None:
    assert told(base(make_designation("acme", "2019-01-01")), "acme") == []
    assert told(base(), "acme", as_of="2019-12-31") == []
