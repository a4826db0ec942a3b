from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.run.reduce import Reducer, queries
from beholden.scan.rows import Rows
from beholden.schema.match import QUERY
from beholden.schema.observation import MAX_LINES, OBSERVATION
from beholden.schema.vocabulary import Kind, Relation

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "value": st.sampled_from(["a.example", "b.example"]),
            "relation": st.sampled_from([None, Relation.MIRROR]),
            "own_host": st.sampled_from([None, "10.0.0.1"]),
            "line": st.integers(1, 1_000),
            "count": st.integers(0, 5),
            "first_seen": st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 (made UTC below)
            "acted_on": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)),
            "amount": st.none() | st.integers(0, 10**12),
        }
    ),
    max_size=30,
)


def batch(*rows: dict[str, Any], file: str = "x") -> pa.RecordBatch:
    gathered = Rows(file)
    for row in rows:
        seen = row.get("first_seen")
        extra = {"unit_of_amount": "By", "what": "sent"} if row.get("amount") is not None else {}
        gathered.add(Kind.DOMAIN, **{**row, **extra, "first_seen": seen.replace(tzinfo=UTC) if seen else None})
    return next(gathered.rest(), pa.RecordBatch.from_pylist([], schema=OBSERVATION))


def reduced(*batches: pa.RecordBatch) -> pa.Table:
    reducer = Reducer()
    for one in batches:
        reducer.add(one)
    return reducer.table()


def test_nothing_reduces_to_an_empty_table_of_the_schema() -> None:
    assert reduced().schema.equals(OBSERVATION)
    assert queries(reduced()).num_rows == 0


def test_the_same_thing_seen_twice_is_one_row_with_sums_and_span() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    (row,) = reduced(
        batch({"value": "a.example", "line": 9, "first_seen": late, "amount": 5}),
        batch({"value": "a.example", "line": 2, "first_seen": early, "amount": 7}),
    ).to_pylist()
    assert (row["count"], row["amount"], row["lines"]) == (2, Decimal(12), [2, 9])
    assert (row["first_seen"], row["last_seen"]) == (early, late)


def test_other_days_hosts_and_files_stay_apart() -> None:
    table = reduced(
        batch({"value": "a.example"}, {"value": "a.example", "own_host": "10.0.0.1"}),
        batch({"value": "a.example"}, file="y"),
        batch({"value": "a.example", "acted_on": date(2026, 1, 1)}),
    )
    assert table.num_rows == 4


@given(rows=ROWS, data=st.data())
@settings(max_examples=80, deadline=None)
def test_order_and_cut_of_batches_change_nothing(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    assert reduced(batch(*rows)).equals(reduced(batch(*shuffled[:cut]), batch(*shuffled[cut:])))


@given(rows=ROWS)
@settings(max_examples=80, deadline=None)
def test_counts_and_amounts_are_kept_whole_and_lines_are_a_sample(rows: list[dict[str, Any]]) -> None:
    result = reduced(batch(*rows)).to_pylist()
    assert sum(row["count"] for row in result) == sum(row["count"] for row in rows)
    assert sum(row["amount"] or 0 for row in result) == sum(row["amount"] or 0 for row in rows)
    assert all(len(row["lines"]) <= MAX_LINES for row in result)
    assert {line for row in result for line in row["lines"]} <= {row["line"] for row in rows}


@given(rows=ROWS)
@settings(max_examples=80, deadline=None)
def test_questions_are_distinct_and_span_every_day_seen(rows: list[dict[str, Any]]) -> None:
    asked = queries(reduced(batch(*rows)))
    assert asked.schema.equals(QUERY)
    keys = [(row["value"], row["relation"]) for row in asked.to_pylist()]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {(row["value"], row["relation"]) for row in rows}
    for question in asked.to_pylist():
        same = [row for row in rows if (row["value"], row["relation"]) == (question["value"], question["relation"])]
        days = [row["first_seen"].date() for row in same if row["first_seen"]]
        days += [row["acted_on"] for row in same if row["acted_on"]]
        assert question["first_day"] == (min(days) if days else None)
        assert question["last_day"] == (max(days) if days else None)
