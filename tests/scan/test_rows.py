from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from beholden.scan import rows as bounds
from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES, OBSERVATION
from beholden.schema.vocabulary import Direction, Kind, Relation


def test_nothing_added_gives_no_batch() -> None:
    assert list(Rows("x").rest()) == []


def test_a_plain_mention_has_honest_defaults() -> None:
    rows = Rows("logs/x")
    rows.add(Kind.DOMAIN, "example.com", line=7)
    (batch,) = rows.rest()
    assert batch.schema.equals(OBSERVATION)
    (row,) = batch.to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {
        "kind": "domain",
        "value": "example.com",
        "raw": "example.com",
        "direction": "none",
        "certainty": "confirmed",
        "file": "logs/x",
        "lines": [7],
        "count": 1,
    }


def test_everything_that_is_said_is_kept() -> None:
    rows = Rows("x")
    seen = datetime(2026, 5, 1, 12, tzinfo=UTC)
    rows.add(
        Kind.IP,
        "192.0.2.1",
        raw="192.000.002.001",
        relation=Relation.SERVICE_ENDPOINT,
        direction=Direction.OUT,
        certainty="probable",
        field="id.resp_h",
        own_host="10.0.0.1",
        unit="airport",
        lines=[3, 4],
        count=2,
        first_seen=seen,
        acted_on=date(2026, 5, 1),
        amount=Decimal("0.000000001"),
        unit_of_amount="By",
        what="sent",
        detail={"b": "é", "a": 1},
    )
    (row,) = next(rows.rest()).to_pylist()
    assert (row["relation"], row["direction"], row["certainty"]) == ("service_endpoint", "out", "probable")
    assert (row["raw"], row["field"], row["own_host"], row["unit"]) == (
        "192.000.002.001",
        "id.resp_h",
        "10.0.0.1",
        "airport",
    )
    assert (row["first_seen"], row["last_seen"], row["acted_on"]) == (seen, seen, date(2026, 5, 1))
    assert (row["amount"], row["unit_of_amount"], row["what"]) == (Decimal("0.000000001"), "By", "sent")
    assert (row["lines"], row["count"]) == ([3, 4], 2)
    assert json.loads(row["detail"]) == {"a": 1, "b": "é"}
    assert row["detail"].startswith('{"a"')


def test_lines_are_a_capped_sample() -> None:
    rows = Rows("x")
    rows.add(Kind.NAME, "a", lines=list(range(1, 20)))
    assert next(rows.rest())["lines"].to_pylist() == [list(range(1, MAX_LINES + 1))]


def test_batches_come_once_they_are_full_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BATCH_ROWS", 10)
    rows = Rows("x")
    batches: list[pa.RecordBatch] = []
    for number in range(25):
        rows.add(Kind.NAME, str(number))
        batches.extend(rows.full())
    batches.extend(rows.rest())
    assert [batch.num_rows for batch in batches] == [10, 10, 5]
    assert [value for batch in batches for value in batch["value"].to_pylist()] == [str(n) for n in range(25)]
    assert list(rows.rest()) == []
