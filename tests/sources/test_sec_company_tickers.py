"""Who files with the SEC, and under which tickers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.sources.reading import cells, of, read_excerpt, read_files, write_table

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Identifier, Name

SLUG = "sec_company_tickers"
GOOD: dict[str, Any] = {"cik_str": 9999999001, "ticker": "EXMP", "title": "Example Holdings Inc"}


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "company_tickers.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_key_with_several_tickers_and_names_is_one_entity() -> None:
    rows, reading = read_excerpt(SLUG, "json")
    assert (reading.layout, reading.read, reading.rejects) == ("json", 3, 0)
    assert [(row.id, row.schema, row.caption) for row in of(Entity, rows)] == [
        ("cik:9999999001", "LegalEntity", "EXAMPLE HOLDINGS INC"),
        ("cik:0000000077", "LegalEntity", "Example Trust"),
    ]
    assert [(row.entity_id, row.name) for row in of(Name, rows)] == [("cik:9999999001", "Example Holdings Inc")]
    assert [(row.entity_id, row.kind, row.value) for row in of(Identifier, rows)] == [
        ("cik:9999999001", "cik", "9999999001"),
        ("cik:9999999001", "ticker", "EXMP"),
        ("cik:9999999001", "ticker", "EXMP-B"),
        ("cik:0000000077", "cik", "0000000077"),
        ("cik:0000000077", "ticker", "EXTR"),
    ]


@pytest.mark.parametrize("layout", ["exchange-json", "csv"])
def test_the_exchange_stands_beside_the_ticker(layout: str) -> None:
    rows, reading = read_excerpt(SLUG, layout)
    assert reading.layout == layout
    assert {(row.value, row.note) for row in of(Identifier, rows) if row.kind == "ticker"} >= {("EXMP", "Nasdaq")}


def test_a_company_without_a_ticker_has_its_key() -> None:
    rows, _ = read_excerpt(SLUG, "csv")
    assert [row.value for row in of(Identifier, rows) if row.entity_id == "cik:0000000077"] == ["0000000077"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        pytest.param({**GOOD, "cik_str": "12a"}, "no central index key", id="letters"),
        pytest.param({**GOOD, "cik_str": 0}, "no central index key", id="zero"),
        pytest.param({**GOOD, "cik_str": -5}, "no central index key", id="negative"),
        pytest.param({**GOOD, "cik_str": 12345678901}, "no central index key", id="eleven-digits"),
        pytest.param({**GOOD, "cik_str": 1.5}, "no text", id="fraction"),
        pytest.param({**GOOD, "title": ["Example"]}, "no text", id="list"),
        pytest.param({**GOOD, "title": " "}, "title is empty", id="no-name"),
        pytest.param({"cik_str": 1, "title": "Example"}, "no field 'ticker'", id="no-ticker"),
        pytest.param({**GOOD, "mood": "x"}, "unknown field", id="field"),
        pytest.param("Example", "no company", id="text"),
        pytest.param(None, "no company", id="null"),
    ],
)
def test_a_company_that_is_not_understood_is_rejected_by_its_number_and_the_rest_is_read(
    tmp_path: Path, bad: object, reason: str
) -> None:
    rows, reading = read_files(SLUG, written(tmp_path, {"0": GOOD, "1": bad, "2": {**GOOD, "cik_str": 77}}))
    assert (dict(reading.reasons), reading.read) == ({reason: 1}, 2)
    assert [row.id for row in of(Entity, rows)] == ["cik:9999999001", "cik:0000000077"]
    assert str(reading.rejected[0]).startswith("company_tickers.json, company 2: ")


@pytest.mark.parametrize(
    "row", [[1, "Example", "EX"], [1, "Example", "EX", "NYSE", "more"], {"cik": 1}, "Example"], ids=repr
)
def test_a_row_of_another_width_is_rejected(tmp_path: Path, row: object) -> None:
    content = {"fields": ["cik", "name", "ticker", "exchange"], "data": [row, [77, "Example Trust", "EXTR", None]]}
    _, reading = read_files(SLUG, written(tmp_path, content))
    assert (dict(reading.reasons), reading.read) == ({"no company": 1}, 1)


def test_a_row_of_the_table_of_another_width_is_rejected_with_its_line(tmp_path: Path) -> None:
    header = ("cik", "ticker", "exchange", "name")
    path = write_table(tmp_path / "a.csv", header, ("1", "EX", "NYSE", "Example", "more"), ("77", "", "", "Trust"))
    _, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({"wrong number of cells": 1}, 1)
    assert str(reading.rejected[0]).startswith("a.csv:2: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"0": {"name": "x"}}', "no numbered companies with cik_str", id="other"),
        pytest.param("{}", "no numbered companies with cik_str", id="empty"),
        pytest.param('{"fields": ["cik"], "data": []}', r"fields are \['cik'\]", id="fields"),
        pytest.param('{"0": ', "not valid JSON", id="broken"),
        pytest.param("cik,name\n1,x\n", "no column ticker, exchange", id="columns"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "company_tickers.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_files(SLUG, path)


def test_the_real_json_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/ownership/sec-company_tickers.2024-05.json.gz")
    rows, reading = read_files(SLUG, path)
    printed = list(json.loads(gzip.decompress(path.read_bytes())).values())
    assert (reading.layout, reading.read, reading.rejects) == ("json", len(printed), 0)
    assert len(of(Entity, rows)) == len({one["cik_str"] for one in printed})
    tickers = {(f"cik:{one['cik_str']:010}", one["ticker"]) for one in printed}
    assert {(row.entity_id, row.value) for row in of(Identifier, rows) if row.kind == "ticker"} == tickers


def test_the_real_table_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/ownership/sec-company-tickers.2026-06.csv.gz")
    rows, reading = read_files(SLUG, path)
    printed = cells(path)
    assert (reading.layout, reading.read, reading.rejects) == ("csv", len(printed), 0)
    assert len(of(Entity, rows)) == len({int(one["cik"]) for one in printed})
