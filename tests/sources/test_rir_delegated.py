"""Statistics of the registries: both forms of the exchange format, and wrong lines. No real file was at hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.sources.networks import excerpt, printed, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Prefix

VERSION = "2|apnic|20260820|2|19830705|20260819|+1000"
LINE = "apnic|AU|ipv4|192.0.2.0|256|20110811|assigned|A1"


def test_what_is_held_has_a_place_and_a_day() -> None:
    rows, reading = read("rir_delegated", *excerpt("rir_delegated", "extended"))
    assert rows == [
        Prefix(first="192.0.2.0", last="192.0.2.255", jurisdiction="au", valid_from=date(2011, 8, 11)),
        Prefix(first="198.51.100.0", last="198.51.100.191", jurisdiction="cn", valid_from=date(2011, 4, 14)),
        Prefix(
            first="2001:db8::",
            last="2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
            jurisdiction="jp",
            valid_from=date(1999, 8, 13),
        ),
        Prefix(first="2001:db8:c000::", last="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", jurisdiction="sg"),
    ]
    assert (reading.read, reading.rejects) == (8, 0)


def test_what_is_left_out_is_counted() -> None:
    _, reading = read("rir_delegated", *excerpt("rir_delegated", "extended"))
    assert reading.notes == [
        "left out: 1 AS numbers, 2 ranges that are available or reserved, 1 ranges without a country"
    ]


def test_records_of_seven_fields_and_the_printed_day() -> None:
    paths = excerpt("rir_delegated", "plain")
    rows, reading = read("rir_delegated", *paths)
    assert rows == [Prefix(first="192.0.2.0", last="192.0.2.127", jurisdiction="de", valid_from=date(2011, 8, 11))]
    assert (reading.layout, printed("rir_delegated", *paths)) == ("plain", date(2026, 8, 19))


@pytest.mark.parametrize("count", ["1", "3", "many"])
def test_a_file_that_contradicts_its_summary_is_refused(tmp_path: Path, count: str) -> None:
    text = f"{VERSION}\napnic|*|ipv4|*|{count}|summary\n{LINE}\n{LINE}\n"
    with pytest.raises(SourceError, match=f"the summary says {count} ipv4 records; the file has 2") as raised:
        read("rir_delegated", written(tmp_path, "delegated", text))
    assert str(raised.value.origin) == "delegated:2"


def test_a_record_that_cannot_be_read_counts_for_the_summary(tmp_path: Path) -> None:
    text = f"{VERSION}\napnic|*|ipv4|*|2|summary\n{LINE}\n{LINE.replace('AU', 'QQ')}\n"
    _, reading = read("rir_delegated", written(tmp_path, "delegated", text))
    assert (reading.read, dict(reading.reasons)) == (1, {"unknown country": 1})


@pytest.mark.parametrize(
    ("old", "new", "reason", "place"),
    [
        ("20260820|2|", "20260820|5|", "wrong number of records", "delegated:1"),
        ("|ipv4|*|", "|ipv5|*|", "unknown type", "delegated:2"),
    ],
)
def test_a_wrong_count_of_the_file_and_a_summary_of_an_unknown_type_are_rejected(
    tmp_path: Path, old: str, new: str, reason: str, place: str
) -> None:
    text = f"{VERSION}\napnic|*|ipv4|*|2|summary\n{LINE}\n{LINE}\n"
    _, reading = read("rir_delegated", written(tmp_path, "delegated", text.replace(old, new, 1)))
    assert (reading.read, dict(reading.reasons)) == (2, {reason: 1})
    assert str(reading.rejected[0].origin) == place


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("apnic|AU|ipv4|192.0.2.0|256|20110811|leased|A1", "unknown status", id="a new status"),
        pytest.param("apnic|QQ|ipv4|192.0.2.0|256|20110811|assigned|A1", "unknown country", id="no country"),
        pytest.param("apnic|AU|ipv5|192.0.2.0|256|20110811|assigned|A1", "unknown type", id="a new type"),
        pytest.param("apnic|AU|ipv4|192.0.2.0|0|20110811|assigned|A1", "no count", id="no address"),
        pytest.param("apnic|AU|ipv4|255.255.255.0|512|20110811|assigned|A1", "no range", id="beyond the last address"),
        pytest.param("apnic|AU|ipv6|2001:db8::|129|20110811|assigned|A1", "no range", id="a prefix too long"),
        pytest.param("apnic|AU|ipv4|192.0.2.0|256|2011-08-11|assigned|A1", "no date", id="another date"),
        pytest.param("apnic|AU|ipv4|192.0.2.0", "wrong number of fields", id="a line cut short"),
    ],
)
def test_a_wrong_line_is_rejected_and_the_rest_is_read(tmp_path: Path, line: str, reason: str) -> None:
    text = f"{VERSION}\n{line}\napnic|AU|ipv4|192.0.2.0|256|20110811|assigned|A1\n"
    rows, reading = read("rir_delegated", written(tmp_path, "delegated", text))
    assert (len(rows), dict(reading.reasons)) == (1, {reason: 1})
    assert str(reading.rejected[0].origin) == "delegated:2"


@pytest.mark.parametrize("text", ["", "apnic|AU|ipv4|192.0.2.0|256|20110811|assigned\n", "3|apnic|1|1|1|1|+1000\n"])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read("rir_delegated", written(tmp_path, "delegated", text))
