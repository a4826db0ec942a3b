"""Ranges by country: our excerpts, wrong rows, and the real tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sources.networks import EDITION, excerpt, plain, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Prefix

FILES = {
    "data/internet/asn/asn-country-ipv4.csv.gz": 141822,
    "data/internet/asn/asn-country-ipv6.csv.gz": 68368,
    "data/internet/asn/geo-whois-asn-country-ipv4.csv.gz": 334373,
}


@pytest.mark.parametrize("layout", ["csv", "csv-numbers"])
def test_a_row_says_where_and_nothing_about_who(layout: str) -> None:
    rows, reading = read("prefix_country", *excerpt("prefix_country", layout))
    assert rows[0] == Prefix(first="192.0.2.0", last="192.0.2.255", jurisdiction="au", valid_from=EDITION)
    assert reading.rejects == 0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param("198.51.100.0,198.51.100.9,QQ", "unknown country", id="no country has the code"),
        pytest.param("198.51.100.0,198.51.100.9,", "unknown country", id="no code"),
        pytest.param("198.51.100.0,198.51.100.9,AU,x", "wrong number of cells", id="a cell too many"),
        pytest.param("3325256704,3325256703,AU", "range the wrong way round", id="numbers the wrong way round"),
        pytest.param(f"0,{1 << 128},AU", "no address", id="a number of 129 bits"),
    ],
)
def test_a_wrong_row_is_rejected_and_the_rest_is_read(tmp_path: Path, row: str, reason: str) -> None:
    rows, reading = read("prefix_country", written(tmp_path, "x.csv", f"192.0.2.0,192.0.2.255,AU\n{row}\n"))
    assert (len(rows), dict(reading.reasons)) == (1, {reason: 1})


def test_a_table_of_systems_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="prefix_country reads csv"):
        read("prefix_country", written(tmp_path, "x.csv", "192.0.2.0,192.0.2.255,64496,Example\n"))


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_a_real_table_is_read_whole(shared: Callable[[str], Path], name: str, count: int) -> None:
    rows, reading = read("prefix_country", shared(name))
    expected = [line.split(",") for line in plain(shared(name)).decode().split()]
    assert (reading.read, reading.rejects) == (len(expected), 0) == (count, 0)
    found = [[row.first, row.last, (row.jurisdiction or "").upper()] for row in rows if isinstance(row, Prefix)]
    assert found == expected
