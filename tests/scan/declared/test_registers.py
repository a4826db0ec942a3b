"""Registers of data flows and products: what a row becomes, and what a wrong cell costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from beholden.errors import ScanError
from beholden.scan import SCANNERS
from beholden.scan.declared.data_flows import DataFlows
from beholden.scan.declared.products import Products
from beholden.scan.detect import detect
from beholden.scan.interface import InputHead, Watch
from beholden.scan.source import Source
from beholden.schema.observation import COUNTED, OBSERVATION, UNCOUNTED

if TYPE_CHECKING:
    from beholden.scan.interface import Scanner

DATA = Path(__file__).resolve().parents[2] / "data"


def read(scanner: Scanner, path: Path) -> tuple[Source, list[dict[str, Any]]]:
    source = Source(path, path.name)
    batches = list(scanner.scan(source, Watch()))
    rows: list[dict[str, Any]] = pa.Table.from_batches(batches, schema=OBSERVATION).to_pylist()
    return source, rows


def written(folder: Path, text: str) -> Path:
    path = folder / "register.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_of_flows_is_a_transfer_to_its_recipient() -> None:
    _, rows = read(DataFlows(), DATA / "data-flows" / "flows.csv")
    shown = [
        (row["value"], row["data_class"], row["agreement"], row["amount"], row["what"], row["acted_on"]) for row in rows
    ]
    assert shown == [
        ("Marrow & Vane Ltd", "personal_financial", "vendor", Decimal(6000), COUNTED, date(2026, 3, 1)),
        ("Marrow & Vane Ltd", "personal_financial", "vendor", Decimal(6000), COUNTED, date(2026, 5, 1)),
        ("Osier Analytics LLC", "biometric", "employment", Decimal(1), UNCOUNTED, None),
    ]
    assert {(row["kind"], row["relation"], row["direction"]) for row in rows} == {("name", "data_recipient", "out")}
    assert rows[2]["unit"] == "Depot"


def test_a_row_of_products_is_a_thing_of_a_category() -> None:
    _, rows = read(Products(), DATA / "products" / "products.csv")
    shown = [
        (row["value"], row["relation"], row["produced_in"], row["authorised_on"], row["authorisation"]) for row in rows
    ]
    assert shown == [
        ("consumer-router/AX-1", "customer", "vn", date(2026, 4, 1), None),
        ("consumer-router/AX-2", "supplier", "us", None, "CA-17"),
        ("uas/Gate unit 3", "hardware", None, None, None),
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        pytest.param("Osier,genes,5,vendor,2026-01-01", "unknown class of data 'genes'", id="class"),
        pytest.param("Osier,biometric,5,gift,2026-01-01", "unknown agreement 'gift'", id="agreement"),
        pytest.param("Osier,biometric,-5,vendor,2026-01-01", "'-5' is not a number", id="negative"),
        pytest.param("Osier,biometric,1.5,vendor,2026-01-01", "'1.5' is not a number", id="fraction"),
        pytest.param("Osier,biometric,5,vendor,01/02/2026", "date '01/02/2026' is not a date", id="date"),
        pytest.param("Osier,biometric,5,vendor,2026-02-30", "date '2026-02-30' is not a date", id="no such day"),
        pytest.param("Osier,biometric,5,vendor,0001-01-01", "date 0001-01-01 is out of range", id="long ago"),
        pytest.param(",biometric,5,vendor,2026-01-01", "no recipient", id="nobody"),
        pytest.param("Osier,biometric,5,vendor", "wrong column count", id="short"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_the_rest_is_read(cells: str, says: str, tmp_path: Path) -> None:
    path = written(
        tmp_path, f"recipient,data class,persons,agreement,date\n{cells}\nOsier,biometric,7,vendor,2026-01-01\n"
    )
    source, rows = read(DataFlows(), path)
    assert [row["amount"] for row in rows] == [Decimal(7)]
    assert (source.records_read, source.records_rejected) == (1, 1)
    assert says in source.first_rejects[0]
    assert ":2" in source.first_rejects[0]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        pytest.param("AX,router,Vietnam,,", "place 'Vietnam' is none", id="place"),
        pytest.param("AX,***,vn,,", "category '***' is none", id="category"),
        pytest.param("AX,router,vn,yesterday,", "authorisation date 'yesterday' is not a date", id="date"),
        pytest.param("AX,router,vn,,lend", "unknown use 'lend'", id="use"),
        pytest.param(",router,vn,,", "no product", id="no product"),
    ],
)
def test_a_wrong_product_is_refused(cells: str, says: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"product,category,made in,authorised on,use\n{cells}\n")
    source, rows = read(Products(), path)
    assert rows == []
    assert says in source.first_rejects[0]


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        pytest.param("recipient,data class\nOsier,biometric\n", "data-flows", id="flows"),
        pytest.param("# who gets what\n\nRecipient;Data_Class\nOsier;biometric\n", "data-flows", id="below a comment"),
        pytest.param("product,category,made in\nAX,router,vn\n", "products", id="products"),
        pytest.param("product,category,price\nAX,router,5\n", None, id="a price list"),
        pytest.param("recipient,class\nOsier,x\n", None, id="no class of data"),
    ],
)
def test_a_register_is_known_by_its_header(text: str, reader: str | None, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    found = detect(Source(path, path.name), SCANNERS, {}).scanner
    assert (found.name if found else None) == reader


def test_a_header_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match="no header"):
        read(DataFlows(), written(tmp_path, "a,b\n1,2\n"))
    head = InputHead(PurePosixPath("x.csv"), b"\x00\x01", True)
    assert not DataFlows().accepts(head).accepted
    assert not Products().accepts(head).accepted


def test_of_two_columns_of_one_name_the_first_is_read_and_said_so(tmp_path: Path) -> None:
    source, rows = read(DataFlows(), written(tmp_path, "recipient,data class,Recipient\nOsier,biometric,Marrow\n"))
    assert [row["value"] for row in rows] == ["Osier"]
    assert any("several columns are called 'recipient'" in note for note in source.notes)
