from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType

import pytest
from tests.builders_evidence import make_evidence
from tests.builders_result import make_artefact, make_finding, make_listing, make_result
from tests.northport import northport
from tests.rendering import parts_of

from beholden.report.csv import CsvReport
from beholden.report.tables import tables_of
from beholden.schema.assessment import Assessment
from beholden.schema.result import Coverage, ScanResult

BOM = b"\xef\xbb\xbf"


def cells(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def findings(result: ScanResult) -> list[dict[str, str]]:
    return cells(parts_of(CsvReport(), Assessment(result))[""])


def test_there_is_a_file_a_table_with_its_columns_and_rows() -> None:
    parts = parts_of(CsvReport(), northport())
    for part, table in tables_of(northport()).items():
        rows = list(csv.reader(io.StringIO(parts[part].decode("utf-8-sig"), newline="")))
        assert rows[0] == table.column_names
        assert {len(row) for row in rows} == {table.num_columns}
        assert len(rows) == table.num_rows + 1


def test_each_file_begins_with_one_mark_for_excel_and_ends_lines_as_rfc_4180_says() -> None:
    for content in parts_of(CsvReport(), northport()).values():
        assert content.startswith(BOM)
        assert content.count(BOM) == 1
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r\n")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "＠"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    formula = f'{start}HYPERLINK("https://attacker.example";"x")'
    (row,) = findings(make_result([make_finding(artefact=make_artefact(value=formula))]))
    assert row["artefact_value"].startswith("'")
    assert "HYPERLINK" in row["artefact_value"]


def test_a_list_that_begins_as_a_formula_gets_one_too() -> None:
    (row,) = findings(make_result([make_finding(questions=["=1+1"])]))
    assert row["questions"] == "'=1+1"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x;=1+1/", "x;'=1+1/"),
        ("x; +cmd|' /C calc'!A0", "x; '+cmd|' /C calc'!A0"),
        ('x;"=1+1";@SUM(1)', "x;\"'=1+1\";'@SUM(1)"),
        ("x;-1+cmd|1", "x;'-1+cmd|1"),
        ("x;＝1+1", "x;'＝1+1"),
        ("x;-1204.5; +3;-7", "x;-1204.5; +3;-7"),
        ("a=b; c-d", "a=b; c-d"),
    ],
)
def test_a_formula_after_a_semicolon_is_none_where_the_locale_splits_there(value: str, expected: str) -> None:
    (row,) = findings(make_result([make_finding(artefact=make_artefact(value=value))]))
    assert row["artefact_value"] == expected


def test_no_tab_within_a_cell_begins_a_formula() -> None:
    (row,) = findings(make_result([make_finding(artefact=make_artefact(value="x\t=1+1"))]))
    assert "\t=" not in row["artefact_value"]
    assert "1+1" in row["artefact_value"]


def test_numbers_are_left_alone_and_exact() -> None:
    amounts = ["-1204.5", "12345678901234567890.123456789", "100", "0"]
    evidence = make_evidence(*({"amount": Decimal(amount), "value": amount} for amount in amounts))
    rows = cells(parts_of(CsvReport(), Assessment(make_result(), evidence))["observations"])
    assert [row["amount"] for row in rows] == amounts


def test_quotes_commas_and_names_in_any_script_come_back_as_they_were() -> None:
    name = '华为, "Ltd."; Ægir'
    (row,) = findings(make_result([make_finding(listing=make_listing(listed_as=name))]))
    assert row["listed_as"] == name


def test_a_line_break_in_a_cell_does_not_break_the_row() -> None:
    result = make_result(coverage=[Coverage(file="a\r\nb", reader=None, status="rejected")])
    content = parts_of(CsvReport(), Assessment(result))["coverage"]
    assert content.count(b"\r\n") == 2
    assert cells(content)[0]["file"] == "a  b"


def test_dates_are_iso_and_flags_are_words() -> None:
    (row,) = findings(make_result([make_finding()]))
    assert row["listed_since"] == "2018-08-13"
    assert row["first_seen"] == "2026-06-30T08:00:00Z"
    assert (row["is_stale"], row["binds_you"], row["known_at"]) == ("false", "true", "")


def test_reasons_of_coverage_are_text() -> None:
    row = Coverage(file="a", reader=None, status="rejected", reasons={"wrong column count": 2, "truncated line": 1})
    (found,) = cells(parts_of(CsvReport(), Assessment(make_result(coverage=[row])))["coverage"])
    assert found["reasons"] == "truncated line: 1; wrong column count: 2"


def test_polars_reads_the_first_column_without_the_mark(peer: Callable[[str], ModuleType]) -> None:
    frame = peer("polars").read_csv(io.BytesIO(parts_of(CsvReport(), northport())["observations"]))
    assert frame.columns == tables_of(northport())["observations"].column_names
    assert frame.height == northport().evidence.num_rows
