"""Holdings read as columns against holdings read as rows: the same answers, on random bases and where it is subtle."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import day, make_entity, make_ownership, make_ownership_rule, make_regime
from tests.kb.test_ownership_properties import HOLDERS, MAYBE, NODES, RULE, SURE, holdings

from beholden.compile import write as written
from beholden.errors import KnowledgeBaseError
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.kb.ownership import RULES, Outcome, Stakes, reach_among, undated
from beholden.kb.ownership.graph import standing
from beholden.kb.ownership.holders import Counted
from beholden.schema.rows import TYPES, Entity, Ownership, OwnershipRule, Row, SourceRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from beholden.kb.ownership import Rule

columns = pytest.importorskip("beholden.kb.ownership.columns")

DAYS = [None, None, None, day("2020-01-01"), day("2022-01-01"), day("2024-01-01")]
SOURCES = [SourceRow(id="one", title="Dated", date=day("2020-01-01")), SourceRow(id="two", title="Without a date")]
ASKED = (day("2021-01-01"), day("2022-01-01"), day("2023-01-01"))
RULES_50 = RULES["aggregate_50"]


@st.composite
def dated(draw: st.DrawFn, most: int = 9, prefix: str = "") -> list[Ownership]:
    """Holdings with days of their own, some of them without a source."""
    changed = []
    for row in draw(holdings(most)):
        fields = ("valid_from", "valid_to", "published_at", "end_published_at")
        changes: dict[str, Any] = {name: draw(st.sampled_from(DAYS)) for name in fields}
        changes["source_id"] = draw(st.sampled_from(["one", "two", "one", None, "unheard-of"]))
        values = {name: getattr(row, name) for name in row.__struct_fields__} | changes
        changed.append(Ownership(**values | {"id": prefix + row.id}))
    return changed


def base(rows: Sequence[Row]) -> KnowledgeBase:
    tables: dict[str, list[Row]] = {table: [] for table in TYPES}
    for row in [*SOURCES, *rows]:
        tables[next(table for table, kind in TYPES.items() if type(row) is kind)].append(row)
    return KnowledgeBase([Layer.in_memory(tables)], "0" * 64)


def both(kb: KnowledgeBase, rule: Rule, as_of: date, known_at: date | None = None) -> tuple[Outcome, Outcome]:
    rows = standing(kb, as_of=as_of, known_at=known_at)
    held = (Stakes.of(rows, undated(kb, rows)), columns.ColumnStakes(kb, as_of=as_of, known_at=known_at))
    return Outcome(held[0], rule, {SURE}, {MAYBE}), Outcome(held[1], rule, {SURE}, {MAYBE})


def agree(plain: Outcome, bulk: Outcome, parties: Sequence[str] = HOLDERS) -> None:
    assert plain.covered == bulk.covered
    assert plain.possible == bulk.possible
    for one in parties:
        assert plain.sum(one) == bulk.sum(one)
        assert plain.of(one) == bulk.of(one)
        assert plain.stakes(one) == bulk.stakes(one)
        assert plain.paths(one) == bulk.paths(one)
        assert [plain.line(one, other) for other in parties] == [bulk.line(one, other) for other in parties]


@given(rows=dated(), rule=RULE, as_of=st.sampled_from(ASKED), known_at=st.sampled_from([None, *ASKED]))
def test_columns_answer_as_rows_do(rows: list[Ownership], rule: Rule, as_of: date, known_at: date | None) -> None:
    kb = base(rows)
    plain, bulk = both(kb, rule, as_of, known_at)
    agree(plain, bulk)
    assert [plain.is_sure(row) for row in rows] == [bulk.is_sure(row) for row in rows]


@given(rows=holdings(16), rule=RULE)
def test_columns_answer_as_rows_do_where_everything_stands(rows: list[Ownership], rule: Rule) -> None:
    agree(*both(base(rows), rule, ASKED[0]))


@st.composite
def packets(draw: st.DrawFn) -> list[Ownership]:
    """Few pairs and many packets: what one source tells adds up, of what two tell the larger counts."""
    return [
        make_ownership(
            draw(st.sampled_from([SURE, SURE, "a"])),
            draw(st.sampled_from(["a", "b"])),
            draw(st.sampled_from(["5", "15", "20", "30", "40", ("10", "35"), None])),
            draw(st.sampled_from(["capital", "capital", "voting", "control"])),
            id=f"stake-{number}",
            source_id=draw(st.sampled_from(["one", "two", "three"])),
            holder=draw(st.sampled_from([None, None, None, None, "unknown"])),
            published_at=ASKED[0],
        )
        for number in range(draw(st.integers(2, 12)))
    ]


@given(rows=packets(), rule=RULE)
def test_packets_count_as_they_do_in_rows(rows: list[Ownership], rule: Rule) -> None:
    agree(*both(base(rows), rule, ASKED[0]))


@given(rows=dated(), over=dated(4), more=dated(3, "new-"), rule=RULE)
def test_an_overlay_hides_and_adds_holdings(
    rows: list[Ownership], over: list[Ownership], more: list[Ownership], rule: Rule
) -> None:
    kb = base(rows).overlay({"ownership": [*over, *more]}, "1")
    assert kb.ownership_table["id"].to_pylist() == [row.id for row in kb.ownership()]
    agree(*both(kb, rule, ASKED[1]))


@given(rows=dated(), foreign=st.booleans(), data=st.data())
def test_what_a_reach_says_of_the_whole_base_is_what_it_says_of_each(
    rows: list[Ownership], foreign: bool, data: st.DataObject
) -> None:
    places = st.sampled_from([[], ["us"], ["cn"], ["cn", "us"]])
    entities: list[Entity] = [make_entity(one, jurisdictions=data.draw(places)) for one in HOLDERS[:-1]]
    rule: OwnershipRule = make_ownership_rule("aggregate_50", foreign_only=foreign)
    kb = base([*entities, make_regime(jurisdiction="us"), *rows])
    holders: dict[str, tuple[Counted, ...]]
    holders = {SURE: (Counted(SURE, "us-list"),), MAYBE: (Counted(MAYBE, "us-list", is_sure=False, question="?"),)}
    held = columns.ColumnStakes(kb, as_of=ASKED[1], known_at=None)
    found = reach_among(kb, rule, held, holders)
    touched = [*NODES, MAYBE] if any(row.owned_id == MAYBE for row in rows) else list(NODES)
    for name, answers in (("covered", found.covered), ("unknown", found.possible)):
        assert answers == {one for one in touched if found.coverage(one).coverage == name and found.of(one)}


def test_a_written_base_is_mapped_and_answers_the_same(tmp_path: Path) -> None:
    rows = [make_ownership(SURE, "a", "60"), make_ownership("a", "b", ("40", None)), make_ownership("b", "a", "1")]
    kb = base(rows)
    tables = written.sort_tables({"ownership": rows, "sources": SOURCES})
    written.write_base(tables, tmp_path)
    opened = KnowledgeBase.open(tmp_path)
    assert opened.ownership_table["id"].to_pylist() == [row.id for row in opened.ownership()]
    agree(*both(opened, RULES_50, ASKED[0]))
    assert both(opened, RULES_50, ASKED[0])[1].covered == both(kb, RULES_50, ASKED[0])[1].covered


def test_a_base_without_its_holdings_is_damaged(tmp_path: Path) -> None:
    written.write_base(written.sort_tables({"sources": SOURCES}), tmp_path)
    (tmp_path / "ownership.arrow").write_bytes(b"no Arrow file")
    with pytest.raises(KnowledgeBaseError, match="damaged"):
        _ = KnowledgeBase.open(tmp_path).ownership_table


def test_a_share_finer_than_a_column_stays_a_bound() -> None:
    kb = base([make_ownership(SURE, "a", (Decimal("49.99999999"), Decimal("49.99999999")))])  # type: ignore[arg-type]
    table = kb.ownership_table
    assert (str(table["percentage_low"][0]), str(table["percentage_high"][0])) == ("49.999999", "50.000000")


def test_no_holdings_reach_nobody() -> None:
    plain, bulk = both(base([]), RULES_50, ASKED[0])
    agree(plain, bulk)
    assert bulk.covered == frozenset()
