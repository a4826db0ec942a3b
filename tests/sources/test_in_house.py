"""The user's own table: rows of one id are one party, whose id is kept as it is."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.command import run_here
from tests.sources.reading import of, read_excerpt, read_files, write_table

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Identifier, Name, Ownership, Row
from beholden.sources.interface import Reading
from beholden.sources.pack_ids import pack_ids

SLUG = "in_house"
HEADER = ("id", "schema", "name")


def table(tmp_path: Path, header: tuple[str, ...], *rows: tuple[str, ...]) -> tuple[list[Row], Reading]:
    return read_files(SLUG, write_table(tmp_path / "parties.csv", header, *rows))


def test_rows_of_one_id_are_one_party_with_all_its_names() -> None:
    rows, reading = read_excerpt(SLUG, "csv")
    assert (reading.layout, reading.read, reading.rejects) == ("csv", 5, 0)
    vendor, person, brand = of(Entity, rows)
    assert vendor == Entity(
        id="in_house:Ven 001/a",
        schema="Company",
        caption="Example Trading LLC",
        jurisdictions=["us"],
        addresses=["1 Example Street, Springfield"],
        note="checked by hand",
    )
    assert [(row.name, row.kind, row.lang) for row in of(Name, rows)] == [
        ("Example Trading LLC", "legal", "en"),
        ("Example Tradng", "weak", None),
        ("示例贸易有限公司", "alias", "zh"),
    ]
    assert [(row.kind, row.value) for row in of(Identifier, rows)] == [
        ("lei", "999900EXAMPLE0000131"),
        ("registration", "12345"),
    ]
    assert (person.id, person.birth_dates, person.jurisdictions) == ("in_house:P-7", ["1970-01"], [])
    assert brand.caption_kind == "brand"


def test_holdings_name_owners_by_this_table_or_by_a_number() -> None:
    rows, _ = read_excerpt(SLUG, "csv")
    assert [(row.owner_id, row.owned_id, row.ownership_type, row.percentage_low) for row in of(Ownership, rows)] == [
        ("lei:999900EXAMPLE0000228", "in_house:Ven 001/a", "capital", Decimal(51)),
        ("in_house:P-7", "in_house:Ven 001/a", "control", None),
        ("in_house:Ven 001/a", "in_house:B-1", "control", None),
    ]


@pytest.mark.parametrize("printed", ["A-1", "a-1", "ofac-36", "NK-x:y/z", "  7 ", "ключ", "007", "x,y", 'q"q'])
def test_an_id_is_kept_as_it_is(tmp_path: Path, printed: str) -> None:
    rows, _ = table(tmp_path, HEADER, (printed, "Company", "Example Ltd"))
    assert [row.id for row in of(Entity, rows)] == [f"in_house:{printed.strip()}"]


def test_ids_that_differ_in_case_are_two_parties(tmp_path: Path) -> None:
    rows, _ = table(tmp_path, HEADER, ("a", "Company", "One"), ("A", "Company", "Two"))
    assert [row.id for row in of(Entity, rows)] == ["in_house:a", "in_house:A"]


def test_rows_of_one_id_need_not_stand_together(tmp_path: Path) -> None:
    rows, _ = table(
        tmp_path,
        HEADER,
        ("a", "Company", "One"),
        ("b", "Company", "Two"),
        ("a", "Company", "Uno"),
        ("a", "Company", "One"),
    )
    assert [(row.id, row.caption) for row in of(Entity, rows)] == [("in_house:a", "One"), ("in_house:b", "Two")]
    assert [(row.entity_id, row.name, row.kind) for row in of(Name, rows)] == [("in_house:a", "Uno", "alias")]


def test_an_id_that_two_tables_have_is_one_party(tmp_path: Path) -> None:
    paths = [
        write_table(tmp_path / f"{number}.csv", HEADER, ("a", "Company", name)) for number, name in enumerate("XY")
    ]
    rows, reading = read_files(SLUG, *paths)
    assert (reading.read, len(of(Entity, rows)), [row.name for row in of(Name, rows)]) == (2, 1, ["Y"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id,schema,name\na,Company,Example Ltd\n", id="comma"),
        pytest.param("id;schema;name\na;Company;Example Ltd\n", id="semicolon"),
        pytest.param("id\tschema\tname\na\tCompany\tExample Ltd\n", id="tab"),
        pytest.param("\ufeffid,schema,name\r\na,Company,Example Ltd\r\n", id="spreadsheet"),
        pytest.param("NAME, Schema ,ID\nExample Ltd,Company,a\n", id="order-and-case"),
        pytest.param('"id","schema","name"\n"a","Company","Example Ltd"\n,,\n', id="quotes-and-empty-rows"),
    ],
)
def test_a_table_may_come_from_any_spreadsheet(tmp_path: Path, text: str) -> None:
    path = tmp_path / "parties.csv"
    path.write_text(text, encoding="utf-8")
    rows, reading = read_files(SLUG, path)
    assert (reading.read, reading.rejects) == (1, 0)
    assert [(row.id, row.caption) for row in of(Entity, rows)] == [("in_house:a", "Example Ltd")]


GOOD = {"id": "x", "schema": "Company", "name": "Example Ltd"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"id": " "}, "id is empty", id="id"),
        pytest.param({"name": ""}, "name is empty", id="name"),
        pytest.param({"schema": ""}, "schema is empty", id="no-schema"),
        pytest.param({"schema": "Vendor"}, "unknown schema", id="schema"),
        pytest.param({"schema": "Ownership"}, "unknown schema", id="relation"),
        pytest.param({"id": "a", "schema": "Person"}, "schema differs", id="schema-of-the-id"),
        pytest.param({"kind": "nick"}, "unknown kind", id="kind"),
        pytest.param({"lang": "english"}, "lang is no language", id="lang"),
        pytest.param({"country": "Atlantis"}, "unknown place in country", id="country"),
        pytest.param({"identifiers": "12345"}, "identifiers is no list", id="identifiers"),
        pytest.param({"identifiers": "badge:1"}, "unknown identifiers", id="identifier-kind"),
        pytest.param({"identifiers": "lei:999900EXAMPLE0000132"}, "check digits do not hold", id="lei"),
        pytest.param({"owner_id": "nobody"}, "unknown owner_id", id="owner"),
        pytest.param({"owner_id": "x"}, "owner_id is the id itself", id="itself"),
        pytest.param({"percentage": "50"}, "owner_id is empty", id="share-of-nobody"),
        pytest.param({"owner_id": "a", "percentage": "-1"}, "percentage is no share", id="negative"),
        pytest.param({"owner_id": "a", "percentage": "100.01"}, "percentage is no share", id="over-100"),
        pytest.param({"owner_id": "a", "percentage": "half"}, "percentage is no share", id="word"),
        pytest.param({"owner_id": "a", "percentage": "nan"}, "percentage is no share", id="nan"),
        pytest.param({"owner_id": "a", "ownership_type": "love"}, "unknown ownership_type", id="type"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected_with_its_line_and_the_rest_is_read(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    row = {**GOOD, **change}
    header = (*HEADER, *(name for name in change if name not in HEADER))
    rows, reading = table(
        tmp_path,
        header,
        ("a", "Company", "First", *[""] * (len(header) - 3)),
        tuple(row[name] for name in header),
        ("c", "Company", "Last", *[""] * (len(header) - 3)),
    )
    assert (dict(reading.reasons), reading.read) == ({reason: 1}, 2)
    assert [row.id for row in of(Entity, rows)] == ["in_house:a", "in_house:c"]
    assert str(reading.rejected[0]).startswith("parties.csv:3: ")


def test_a_row_of_another_width_is_rejected(tmp_path: Path) -> None:
    _, reading = table(tmp_path, HEADER, ("a", "Company"), ("b", "Company", "Two", "more"), ("c", "Company", "Three"))
    assert (dict(reading.reasons), reading.read) == ({"wrong number of cells": 2}, 1)


def test_the_holding_of_an_owner_that_was_rejected_is_left_out_and_said(tmp_path: Path) -> None:
    header = (*HEADER, "owner_id")
    rows, reading = table(tmp_path, header, ("a", "Company", "One", "b"), ("b", "Vendor", "Two", ""))
    assert of(Ownership, rows) == []
    assert reading.notes == ["in_house:b>in_house:a:control@ is left out: the row of the owner was rejected"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("id,name\na,x\n", "no header with the columns id, schema and name", id="columns"),
        pytest.param("", "no header with the columns id, schema and name", id="empty"),
        pytest.param("id,schema,name,mood\n", "unknown column 'mood'", id="column"),
        pytest.param("id,schema,name,name\n", "a column twice", id="twice"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "parties.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_files(SLUG, path)


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "parties.csv"
    path.write_bytes(b"id,schema,name\na,Company,\xff\xfe\n")
    with pytest.raises(SourceError):
        read_files(SLUG, path)


def test_a_long_cell_is_read_and_leaves_the_limit_of_other_readers_alone(tmp_path: Path) -> None:
    # It is one for the process, so another test may have raised it.
    found = csv.field_size_limit(131_072)
    try:
        rows, _ = table(tmp_path, (*HEADER, "note"), ("a", "Company", "One", "x" * 131_073))
        assert len(of(Entity, rows)[0].note or "") == 131_073
        assert csv.field_size_limit() == 131_072
    finally:
        csv.field_size_limit(found)


def test_a_party_of_the_packs_may_be_an_owner(tmp_path: Path) -> None:
    assert "hikvision" in pack_ids()
    rows, reading = table(tmp_path, (*HEADER, "owner_id", "percentage"), ("a", "Company", "One", "hikvision", "60"))
    assert reading.rejects == 0
    assert [(row.owner_id, row.percentage_low) for row in of(Ownership, rows)] == [("hikvision", Decimal(60))]


class TestOnTheCommandLine:
    """Import, then show and scan as a user does."""

    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
        rows = (
            ("V 1", "Company", "Northern Widget Works GmbH", "hikvision", "60"),
            ("V 1", "Company", "Nordische Teilewerke", "", ""),
            ("V 2", "Company", "Quiet Harbour Supplies Ltd", "", ""),
        )
        path = write_table(tmp_path / "parties.csv", (*HEADER, "owner_id", "percentage"), *rows)
        answer = run_here("kb", "import", "in_house", path)
        assert answer.code == 0, answer.err

    def show(self, name: str) -> dict[str, Any]:
        answer = run_here("show", name, "--as-of", "2026-08-01", "--format", "json")
        assert answer.code == 0, answer.err
        return answer.document

    @pytest.mark.parametrize("name", ["Northern Widget Works GmbH", "nordische teilewerke", "in_house:V 1"])
    def test_show_finds_the_party_by_any_name_and_by_its_id(self, name: str) -> None:
        found = self.show(name)
        assert (found["entity"]["id"], found["entity"]["caption"]) == ("in_house:V 1", "Northern Widget Works GmbH")
        assert [(one["entity"]["id"], one["percentage_low"]) for one in found["owners"]] == [("hikvision", "60")]

    def test_the_list_says_who_a_party_is_and_not_that_it_is_restricted(self) -> None:
        statuses = {row["listing_status"] for row in self.show("Quiet Harbour Supplies Ltd")["listings"]}
        assert statuses <= {"not_listed", "unknown"}

    def test_a_party_that_a_register_has_too_is_found_by_both_ids(self, tmp_path: Path) -> None:
        register = write_table(
            tmp_path / "lei2.csv", ("LEI", "Entity.LegalName"), ("999900EXAMPLE0000131", "Example Holdings")
        )
        own = write_table(
            tmp_path / "own.csv", (*HEADER, "identifiers"), ("V 9", "Company", "Exa", "lei:999900EXAMPLE0000131")
        )
        assert run_here("kb", "import", "gleif", register, "--edition", "2026-06-01").code == 0
        assert run_here("kb", "import", "in_house", own, "--part").code == 0
        found = [self.show(named)["entity"] for named in ("in_house:V 9", "lei:999900EXAMPLE0000131", "Exa")]
        assert {one["id"] for one in found} == {"lei:999900EXAMPLE0000131"}

    def test_a_ledger_names_the_party_that_a_listed_one_owns(self, tmp_path: Path) -> None:
        ledger = write_table(
            tmp_path / "ledger.csv",
            ("date", "vendor", "amount", "currency"),
            ("2026-07-01", "Nordische Teilewerke", "100.00", "EUR"),
        )
        answer = run_here("scan", ledger, "--as-of", "2026-08-01", "--format", "json")
        assert answer.code == 0, answer.err
        findings = answer.document["findings"]
        assert {row["operator"]["id"] for row in findings} == {"in_house:V 1"}
        assert "hikvision" in {row["listed_entity"]["id"] for row in findings}
        assert answer.coverage["ledger.csv"]["not_resolved"] == {}


@pytest.mark.parametrize("text", ["hello", "1970-02-30", "1970-13", "01/02/1970", "70", "1970-1-2"])
def test_a_birth_date_that_is_none_is_refused_with_its_row(tmp_path: Path, text: str) -> None:
    header = (*HEADER, "birth_date")
    rows, reading = table(tmp_path, header, ("a", "Person", "Ann Example", text), ("b", "Person", "Bo Example", "1970"))
    assert (reading.read, reading.rejects) == (1, 1)
    assert "expected YYYY-MM-DD, YYYY-MM or YYYY" in str(reading.rejected[0])
    assert [row.birth_dates for row in of(Entity, rows)] == [["1970"]]
