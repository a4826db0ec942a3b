from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, accepts, read

from beholden.scan.interface import Watch
from beholden.scan.network import open_records
from beholden.scan.network.bind_queries import BindQueries

if TYPE_CHECKING:
    from pathlib import Path

LOG = DATA / "bind" / "queries.log"


def test_queries_of_our_hosts() -> None:
    result = read(BindQueries(), LOG)
    assert [(row["value"], row["own_host"], int(row["amount"]), row["lines"]) for row in result.rows] == [
        ("shop.example.com", "10.0.0.5", 2, [1, 2]),
        ("api.example.org", "10.0.0.6", 1, [3]),
        ("good.example.net", "10.0.0.6", 1, [6]),
        ("time.example.com", "127.0.0.1", 1, [11]),
    ]
    assert {(row["certainty"], row["relation"], str(row["acted_on"])) for row in result.rows} == {
        ("probable", "service_endpoint", "2026-05-01")
    }


def test_what_is_no_service_in_use_is_counted() -> None:
    source = read(BindQueries(), LOG).source
    assert (source.records_read, source.records_rejected) == (9, 0)
    assert {key: count for key, count in source.not_resolved.items() if count} == {
        "dns_blocked": 1,
        "dns_no_such_name": 1,
        "dns_queries_from_outside": 1,
        "dns_other_class": 1,
        "line_of_another_kind": 1,
    }


QUERY = "client {at}10.0.0.5#40000 (shop.example.com): query: shop.example.com IN A +E(0)K (10.0.0.53)"


@pytest.mark.parametrize(
    ("front", "at", "day"),
    [
        pytest.param("01-May-2026 08:00:00.100 ", "@0x7f00b8005490 ", "2026-05-01", id="time"),
        pytest.param("01-May-2026 08:00:00.100 queries: ", "", "2026-05-01", id="time, category"),
        pytest.param("01-May-2026 08:00:00.100 info: ", "@0x7f00b8005490 ", "2026-05-01", id="time, severity"),
        pytest.param("2026-05-01T08:00:00.100Z queries: info: ", "@0x7f00b8005490 ", "2026-05-01", id="ISO 8601"),
        pytest.param("May  1 08:00:00 ns1 named[123]: ", "@0x7f00b8005490 ", None, id="syslog without a year"),
        pytest.param("queries: info: ", "@0x7f00b8005490 ", None, id="no time"),
        pytest.param("", "", None, id="nothing"),
    ],
)
def test_whatever_the_channel_prints_in_front(tmp_path: Path, front: str, at: str, day: str | None) -> None:
    path = tmp_path / "named.log"
    path.write_text(front + QUERY.format(at=at) + "\n")
    assert accepts(BindQueries(), path.read_bytes()).accepted
    result = read(BindQueries(), path)
    assert [(row["value"], row["acted_on"] and str(row["acted_on"])) for row in result.rows] == [
        ("shop.example.com", day)
    ]
    assert any("no year" in note for note in result.source.notes) is (day is None)


@pytest.mark.parametrize(
    "line",
    [
        "client 10.0.0.5#40000: query: shop.example.com IN A +",
        "client @0x1 10.0.0.5#40000/key tsig.example (shop.example.com): query: shop.example.com IN A +S (10.0.0.53)",
        "client @0x1 fe80::1%eth0#40000 (shop.example.com): query: shop.example.com IN A + (fe80::53%eth0)",
    ],
    ids=["of 9.3", "signed", "with a zone"],
)
def test_other_forms_of_the_client(tmp_path: Path, line: str) -> None:
    path = tmp_path / "named.log"
    path.write_text(f"01-May-2026 08:00:00.100 {line}\n")
    assert [row["value"] for row in read(BindQueries(), path).rows] == ["shop.example.com"]


def test_a_rewrite_of_another_query_blocks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "named.log"
    lines = LOG.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[4]]))
    result = read(BindQueries(), path)
    assert [row["value"] for row in result.rows] == ["shop.example.com"]
    assert result.source.not_resolved["line_of_another_kind"] == 1


def test_the_year_that_the_user_gives_dates_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "named.log"
    path.write_text(f"May  1 08:00:00 ns1 named[123]: {QUERY.format(at='')}\n")
    rows = read(BindQueries(), path, Watch(columns={"year": "=2026"})).rows
    assert [str(row["acted_on"]) for row in rows] == ["2026-05-01"]


def test_queries_beyond_what_is_kept_open_are_counted_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_records, "MAX_OPEN", 3)
    path = tmp_path / "named.log"
    lines = [
        f"01-May-2026 08:00:00.100 client 10.0.0.5#{port} (h{port}.example): query: h{port}.example IN A + (10.0.0.53)"
        for port in range(50)
    ]
    path.write_text("\n".join(lines))
    assert [row["value"] for row in read(BindQueries(), path).rows] == [f"h{port}.example" for port in range(50)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("01-May-2026 08:00:00 client 10.0.0.555#1 (a.example): query: a.example IN A + (10.0.0.53)", "not an address"),
        (f"client 10.0.0.5#1 (a.example): query: {'a' * 5000} IN A + (10.0.0.53)", "line too long for a query"),
    ],
)
def test_bad_lines_are_rejected(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "named.log"
    path.write_text(line)
    assert dict(read(BindQueries(), path).source.reasons) == {reason: 1}


@pytest.mark.parametrize("other", ["", "May  1 08:00:00 ns1 named[1]: zone x/IN: loaded", "client: query: none"])
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(BindQueries(), other.encode()).accepted
