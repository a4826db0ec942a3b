from __future__ import annotations

import contextlib
import ipaddress
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.errors import ScanError
from beholden.scan.interface import Watch
from beholden.scan.network.queries import UNSTATED_LIFE_S
from beholden.scan.network.zeek_dns import ZeekDns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DNS = DATA / "zeek" / "dns.log"
REAL = "data/inputs/zeek/rita-missing_host/2024-04-20/dns.120000-130000.log.gz"


def test_queries_of_our_hosts_are_probable_service_endpoints() -> None:
    rows = [row for row in read(ZeekDns(), DNS).rows if row["field"] == "dns.query"]
    assert [(row["value"], row["count"], int(row["amount"]), row["what"]) for row in rows] == [
        ("shop.example.com", 2, 2, "queries"),
        ("api.example.org", 1, 1, "queries"),
    ]
    assert {(row["kind"], row["relation"], row["direction"], row["certainty"]) for row in rows} == {
        ("domain", "service_endpoint", "out", "probable")
    }


def test_aliases_in_answers_say_which_name_was_queried() -> None:
    rows = [row for row in read(ZeekDns(), DNS).rows if row["field"] == "dns.answers"]
    assert [(row["value"], row["certainty"], json.loads(row["detail"])) for row in rows] == [
        ("edge.cdn.example", "probable", {"queried": "shop.example.com"})
    ]


def dns_log(*cells: str, header: tuple[str, ...]) -> bytes:
    """A log of one query for shop.example.com and the header lines given; `cells` are answers and rcode_name."""
    fields = "#fields\tts\tid.orig_h\tid.resp_h\tquery\tqtype_name\tanswers\trcode_name"
    record = ["1714521600.0", "10.0.0.5", "203.0.113.53", "shop.example.com", "A", *cells]
    return "\n".join(["#separator \\x09", *header, "#path\tdns", fields, "\t".join(record)]).encode() + b"\n"


@pytest.mark.parametrize(
    ("separator", "answers"),
    [
        pytest.param("|", "edge.cdn.example|other.cdn.example|192.0.2.1", id="a bar"),
        pytest.param("\\x3b", "edge.cdn.example;other.cdn.example;192.0.2.1", id="escaped in the header"),
        pytest.param("|", "edge.cdn.example|other.cdn.example|a,comma.example", id="a comma inside an item"),
    ],
)
def test_answers_are_parted_by_the_separator_that_the_header_declares(
    tmp_path: Path, separator: str, answers: str
) -> None:
    path = tmp_path / "dns.log"
    path.write_bytes(dns_log(answers, "NOERROR", header=(f"#set_separator\t{separator}",)))
    rows = [row for row in read(ZeekDns(), path).rows if row["field"] == "dns.answers"]
    assert [row["value"] for row in rows] == ["edge.cdn.example", "other.cdn.example"]


def test_the_words_for_unset_and_empty_are_those_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    header = ("#empty_field\tnone.example", "#unset_field\tNULL")
    path.write_bytes(dns_log("none.example", "NULL", header=header))
    rows = read(ZeekDns(), path).rows
    assert [(row["field"], row["certainty"]) for row in rows] == [
        ("dns.resolver", "probable"),
        ("dns.query", "probable"),
    ]


def test_a_log_whose_header_declares_no_word_for_unset_may_end_in_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    path.write_bytes(dns_log("edge.cdn.example", "", header=("#unset_field\t",)))
    result = read(ZeekDns(), path)
    assert (result.source.records_read, result.source.records_rejected) == (1, 0)


def test_a_comma_inside_an_item_of_json_does_not_part_it(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    record = {
        "_path": "dns", "ts": 1714521600.0, "id.orig_h": "10.0.0.5", "id.resp_h": "203.0.113.53",
        "query": "shop.example.com", "qtype_name": "A", "answers": ["one,two.example", "edge.cdn.example"],
    }  # fmt: skip
    path.write_text(json.dumps(record))
    rows = [row for row in read(ZeekDns(), path).rows if row["field"] == "dns.answers"]
    assert [row["value"] for row in rows] == ["edge.cdn.example"]


def test_answers_tie_names_to_addresses_for_their_life(tmp_path: Path) -> None:
    path = tmp_path / "dns.log"
    record = {
        "_path": "dns", "ts": 1714521600.0, "id.orig_h": "10.0.0.5", "id.resp_h": "203.0.113.53",
        "query": "shop.example.com", "qtype_name": "A", "rcode_name": "NOERROR",
        "answers": ["edge.cdn.example", "192.0.2.1", "192.0.2.2"], "TTLs": [300.0, 60.0],
    }  # fmt: skip
    path.write_text(json.dumps(record))
    assert [
        (row["name"], row["address"][-4:], row["told_by"], (row["until"] - row["since"]).total_seconds())
        for row in read(ZeekDns(), path).names
    ] == [
        ("shop.example.com", bytes([192, 0, 2, 1]), "dns", 60),
        ("edge.cdn.example", bytes([192, 0, 2, 1]), "dns", 60),
        ("shop.example.com", bytes([192, 0, 2, 2]), "dns", UNSTATED_LIFE_S),
        ("edge.cdn.example", bytes([192, 0, 2, 2]), "dns", UNSTATED_LIFE_S),
    ]


def test_the_remote_resolver_counts_every_query_it_was_sent() -> None:
    rows = [row for row in read(ZeekDns(), DNS).rows if row["field"] == "dns.resolver"]
    assert [(row["value"], row["relation"], row["certainty"], int(row["amount"])) for row in rows] == [
        ("203.0.113.53", None, "confirmed", 4),
        ("203.0.113.53", None, "probable", 1),
    ]


def test_names_that_are_no_service_elsewhere_are_counted() -> None:
    assert dict(read(ZeekDns(), DNS).source.not_resolved) == {
        "dns_no_such_name": 2,
        "dns_reverse_lookup": 1,
        "dns_local_name": 1,
        "dns_single_label": 1,
        "dns_queries_from_outside": 1,
        "our_side_unknown": 1,
    }


def test_a_public_client_is_ours_only_if_the_profile_says_so(shared: Callable[[str], Path]) -> None:
    assert not read(ZeekDns(), shared(REAL)).rows
    ours = Watch(own_networks=(ipaddress.ip_network("64.225.56.201/32"),))
    resolvers = read(ZeekDns(), shared(REAL), ours).totals("queries")
    records = [line.split("\t") for line in text_of(shared(REAL)).splitlines() if not line.startswith("#")]
    asked = [cells[4] for cells in records if cells[2] == "64.225.56.201"]
    assert {name: count for name, count in resolvers.items() if name in asked} == {
        address: asked.count(address) for address in set(asked)
    }


def test_every_record_of_the_real_files_is_read_or_rejected(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("data/inputs/zeek").rglob("*dns*.log*")):
        result = read(ZeekDns(), path)
        expected = sum(1 for line in text_of(path).splitlines() if line.strip() and not line.startswith("#"))
        assert result.source.records_read + result.source.records_rejected == expected, path


def test_the_conn_log_is_refused() -> None:
    assert not accepts(ZeekDns(), (DATA / "zeek" / "conn.log").read_bytes()).accepted
    assert not accepts(ZeekDns(), (DATA / "zeek" / "conn.dotted.json").read_bytes()).accepted


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_bytes_raise_nothing_but_scan_errors(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(DNS.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "dns.log"
    path.write_bytes(raw)
    accepts(ZeekDns(), bytes(raw))
    with contextlib.suppress(ScanError):
        assert all(row["value"].isascii() for row in read(ZeekDns(), path).rows)
