"""Ranges by autonomous system: our excerpts, wrong rows, and the real tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sources.networks import EDITION, excerpt, plain, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Prefix

FILES = ("data/internet/asn/asn-ipv4.csv.gz", "data/internet/asn/asn-ipv6.csv.gz")


def test_every_cell_of_a_row_is_kept() -> None:
    rows, reading = read("prefix_asn", *excerpt("prefix_asn", "csv"))
    assert rows[:3] == [
        Prefix(
            first="192.0.2.0",
            last="192.0.2.255",
            asn="AS64496",
            organisation="Example Carrier, Inc.",
            valid_from=EDITION,
        ),
        Prefix(
            first="198.51.100.0",
            last="198.51.100.127",
            asn="AS64497",
            organisation="Example Hosting LLC",
            valid_from=EDITION,
        ),
        Prefix(first="198.51.100.128", last="198.51.100.255", asn="AS64511", valid_from=EDITION),
    ]
    assert (len(rows), reading.read, reading.rejects) == (5, 5, 0)


def test_a_name_of_digits_is_no_number_and_a_number_no_name(tmp_path: Path) -> None:
    text = "192.0.2.0,192.0.2.255,64496,64497\n198.51.100.0,198.51.100.255,64497,64496\n"
    rows, _ = read("prefix_asn", written(tmp_path, "asn-ipv4.csv", text))
    assert [(row.asn, row.organisation) for row in rows if isinstance(row, Prefix)] == [
        ("AS64496", "64497"),
        ("AS64497", "64496"),
    ]


def test_addresses_as_numbers_are_the_same_ranges() -> None:
    rows, _ = read("prefix_asn", *excerpt("prefix_asn", "csv-numbers"))
    ranges = [(row.first, row.last) for row in rows if isinstance(row, Prefix)]
    assert ranges[:2] == [("192.0.2.0", "192.0.2.255"), ("198.51.100.0", "198.51.100.127")]
    assert ranges[2][0] == "2001:db8::"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("198.51.100.0,198.51.100.9,64496", "wrong number of cells", id="a cell is missing"),
        pytest.param("198.51.100.0,198.51.100.999,64496,X", "no address", id="no address"),
        pytest.param("198.51.100.9,198.51.100.0,64496,X", "range the wrong way round", id="wrong way round"),
        pytest.param("198.51.100.9,2001:db8::,64496,X", "addresses of two versions", id="two versions"),
        pytest.param("198.51.100.0,198.51.100.9,-1,X", "no AS number", id="negative number"),
        pytest.param("198.51.100.0,198.51.100.9,4294967296,X", "no AS number", id="number of 33 bits"),
    ],
)
def test_a_wrong_row_is_rejected_with_its_place_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    good = "192.0.2.0,192.0.2.255,64496,Example"
    rows, reading = read("prefix_asn", written(tmp_path, "asn-ipv4.csv", f"{good}\n{row}\n{good}\n"))
    assert (len(rows), reading.read, dict(reading.reasons)) == (2, 2, {reason: 1})
    assert str(reading.rejected[0].origin) == "asn-ipv4.csv:2"


@pytest.mark.parametrize("text", ["", "start,end,asn,organisation\n", "192.0.2.0,192.0.2.255,AU\n", "a\tb\tc\td\n"])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="prefix_asn reads csv"):
        read("prefix_asn", written(tmp_path, "asn-ipv4.csv", text))


def test_the_real_tables_are_read_whole(shared: Callable[[str], Path]) -> None:
    paths = [shared(name) for name in FILES]
    rows, reading = read("prefix_asn", *paths)
    expected = [cells for path in paths for cells in csv.reader(io.StringIO(plain(path).decode()))]
    assert (reading.read, reading.rejects) == (len(expected), 0) == (515158, 0)
    found = [(row.first, row.last, row.asn, row.organisation or "") for row in rows if isinstance(row, Prefix)]
    assert found == [(first, last, f"AS{number}", " ".join(name.split())) for first, last, number, name in expected]


def test_spot_values_of_the_real_tables(shared: Callable[[str], Path]) -> None:
    rows, _ = read("prefix_asn", *(shared(name) for name in FILES))
    known = {(row.first, row.last): (row.asn, row.organisation) for row in rows if isinstance(row, Prefix)}
    assert known["1.0.0.0", "1.0.0.255"] == ("AS13335", "Cloudflare, Inc.")
    assert known["1.0.64.0", "1.0.127.255"] == ("AS18144", "Enecom,Inc.")
    assert known["2001:200::", "2001:200:1b9:ffff:ffff:ffff:ffff:ffff"] == ("AS2500", "WIDE Project")
    assert known["2c0f:fff0::", "2c0f:fff0:ffff:ffff:ffff:ffff:ffff:ffff"] == ("AS37125", "Layer3 Limited")
