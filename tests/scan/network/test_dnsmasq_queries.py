from __future__ import annotations

import ipaddress
import json
import time
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read

from beholden.scan.network.dnsmasq_queries import DnsmasqQueries
from beholden.scan.network.queries import UNSTATED_LIFE_S

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = DATA / "dnsmasq-queries" / "dnsmasq.log-20260501"
EXTRA = DATA / "dnsmasq-queries" / "pihole.log"


def queries(result: Read) -> dict[tuple[str, str], int]:
    rows = [row for row in result.rows if row["field"] == "dns.query"]
    return {(row["value"], row["own_host"]): int(row["amount"]) for row in rows}


def names(result: Read) -> list[tuple[str, str, str]]:
    return [
        (row["name"], str(unpacked(row["address"])), str(unpacked(row["client"])))
        for row in sorted(result.names, key=lambda row: row["line"])
    ]


def unpacked(packed: bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.IPv6Address(packed)
    return address.ipv4_mapped or address


def counts(result: Read) -> dict[str, int]:
    return {key: count for key, count in result.source.not_resolved.items() if count}


def test_queries_are_tied_by_name_where_the_log_has_no_numbers() -> None:
    result = read(DnsmasqQueries(), PLAIN)
    assert queries(result) == {
        ("shop.example.com", "192.168.1.5"): 2,
        ("shop.example.com", "192.168.1.6"): 1,
        ("silent.example.org", "192.168.1.6"): 1,
    }
    assert counts(result) == {
        "dns_no_such_name": 1,
        "dns_blocked": 1,
        "dns_answered_by_us": 1,
        "line_of_another_kind": 2,
    }
    assert {str(row["acted_on"]) for row in result.rows} == {"2026-05-01"}


def test_whom_it_forwards_to_is_a_resolver_that_we_use() -> None:
    rows = [row for row in read(DnsmasqQueries(), PLAIN).rows if row["field"] == "dns.resolver"]
    assert [(row["value"], row["relation"], row["own_host"], row["certainty"], int(row["amount"])) for row in rows] == [
        ("223.5.5.5", None, None, "confirmed", 2),
        ("223.5.5.5", None, None, "probable", 1),
    ]


def test_aliases_lead_from_the_name_that_was_asked_for() -> None:
    rows = [row for row in read(DnsmasqQueries(), PLAIN).rows if row["field"] == "dns.answers"]
    assert {(row["value"], row["own_host"], json.loads(row["detail"])["queried"]) for row in rows} == {
        ("edge.cdn.example", "192.168.1.5", "shop.example.com"),
        ("pop.cdn.example", "192.168.1.5", "shop.example.com"),
        ("pop.cdn.example", "192.168.1.6", "shop.example.com"),
    }


def test_every_name_of_a_chain_stands_for_its_addresses_to_whoever_asked() -> None:
    result = read(DnsmasqQueries(), PLAIN)
    of_first = [told for told in names(result) if told[2] == "192.168.1.5"]
    assert {told[:2] for told in of_first} == {
        (name, address)
        for name in ("shop.example.com", "edge.cdn.example", "pop.cdn.example")
        for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    }
    assert {told[:2] for told in names(result) if told[2] == "192.168.1.6"} == {
        ("shop.example.com", "192.0.2.1"),
        ("pop.cdn.example", "192.0.2.1"),
    }
    assert {(row["until"] - row["since"]).total_seconds() for row in result.names} == {UNSTATED_LIFE_S}


def test_numbers_tie_lines_that_interleave() -> None:
    result = read(DnsmasqQueries(), EXTRA)
    assert queries(result) == {("shop.example.com", "192.168.1.5"): 1, ("api.example.org", "192.168.1.6"): 1}
    assert names(result) == [
        ("shop.example.com", "192.0.2.1", "192.168.1.5"),
        ("edge.cdn.example", "192.0.2.1", "192.168.1.5"),
        ("api.example.org", "192.0.2.9", "192.168.1.6"),
    ]
    assert counts(result) == {"dns_blocked": 2, "dns_no_such_name": 1}


def test_a_resolver_of_our_own_host_is_nobody_elses_and_signatures_are_checked_with_others() -> None:
    rows = [row for row in read(DnsmasqQueries(), EXTRA).rows if row["field"] == "dns.resolver"]
    assert [(row["value"], row["certainty"]) for row in rows] == [("223.5.5.5", "probable")]


def log(path: Path, *lines: str) -> Path:
    file = path / "log"
    file.write_text("\n".join(f"2026-05-01T08:00:{at:02}Z dnsmasq[1]: {line}" for at, line in enumerate(lines)))
    return file


@pytest.mark.parametrize(
    "front",
    [
        "May  1 08:00:00 dnsmasq[1]: ",
        "May  1 08:00:00 router dnsmasq[1]: ",
        "Fri May  1 08:00:00 2026 daemon.info dnsmasq[1]: 7 192.168.1.5/4444 ",
        "<30>1 2026-05-01T08:00:00Z router dnsmasq 1 - - UDP 7 192.168.1.5/4444 ",
        "dnsmasq: ",
    ],
    ids=["file", "syslog", "OpenWrt, extra", "RFC 5424, extra=proto", "standard error"],
)
def test_whatever_stands_in_front(tmp_path: Path, front: str) -> None:
    path = tmp_path / "log"
    path.write_text(f"{front}query[HTTPS] shop.example.com from 192.168.1.5\n")
    assert accepts(DnsmasqQueries(), path.read_bytes()).accepted
    assert queries(read(DnsmasqQueries(), path)) == {("shop.example.com", "192.168.1.5"): 1}


def test_an_answer_belongs_to_all_that_asked_before_it(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "query[A] a.example.com from 192.168.1.5",
        "query[A] a.example.com from 192.168.1.6",
        "reply a.example.com is 192.0.2.1",
        "query[A] a.example.com from 192.168.1.7",
    )
    assert [told[2] for told in names(read(DnsmasqQueries(), path))] == ["192.168.1.5", "192.168.1.6"]


def test_an_alias_is_not_taken_over_another_line_or_process(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "query[A] a.example.com from 192.168.1.5",
        "reply a.example.com is <CNAME>",
        "query[A] b.example.com from 192.168.1.6",
        "reply b.example.com is 192.0.2.2",
    )
    other = path.read_text() + "\n2026-05-01T08:00:09Z dnsmasq[2]: reply c.example.com is 192.0.2.3"
    path.write_text(other)
    result = read(DnsmasqQueries(), path)
    assert names(result) == [("b.example.com", "192.0.2.2", "192.168.1.6")]
    assert counts(result) == {"dns_answer_without_query": 1}


def test_a_name_that_ends_in_nothing_behind_an_alias_is_nothing(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        "query[A] a.example.com from 192.168.1.5",
        "reply a.example.com is <CNAME>",
        "reply b.example.com is NXDOMAIN",
    )
    result = read(DnsmasqQueries(), path)
    assert queries(result) == {}
    assert counts(result) == {"dns_no_such_name": 1}


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("gravity blocked a.example.com is 0.0.0.0", "dns_blocked"),
        ("regex denied a.example.com is ::", "dns_blocked"),
        ("exactly blacklisted a.example.com is 0.0.0.0", "dns_blocked"),
        ("special domain a.example.com is NXDOMAIN", "dns_blocked"),
        ("gravity blocked (CNAME) a.example.com is 0.0.0.0", "dns_blocked"),
        ("config a.example.com is NXDOMAIN", "dns_blocked"),
        ("/etc/pihole/hosts a.example.com is 0.0.0.0", "dns_blocked"),
        ("reply a.example.com is 0.0.0.0", "dns_blocked"),
        ("DHCP a.example.com is 192.168.1.9", "dns_answered_by_us"),
        ("config a.example.com is 192.168.1.9", "dns_answered_by_us"),
        ("cached a.example.com is NXDOMAIN", "dns_no_such_name"),
    ],
)
def test_verdicts(tmp_path: Path, told: str, key: str) -> None:
    result = read(DnsmasqQueries(), log(tmp_path, "query[A] a.example.com from 192.168.1.5", told))
    assert queries(result) == {}
    assert counts(result) == {key: 1}


@pytest.mark.parametrize("told", ["reply a.example.com is NODATA-IPv4", "reply error is SERVFAIL"])
def test_no_data_and_failures_are_still_intent(tmp_path: Path, told: str) -> None:
    result = read(DnsmasqQueries(), log(tmp_path, "query[A] a.example.com from 192.168.1.5", told))
    assert list(queries(result)) == [("a.example.com", "192.168.1.5")]


def test_bad_lines_are_rejected(tmp_path: Path) -> None:
    path = log(tmp_path, "query[A] a.example.com from nobody", f"query[A] {'a' * 5000} from 192.168.1.5")
    assert dict(read(DnsmasqQueries(), path).source.reasons) == {
        "not an address": 1,
        "line too long for a query": 1,
    }


def test_many_names_that_nobody_answers_take_bounded_time_and_are_all_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    front = "2026-05-01T08:00:00Z dnsmasq[1]: query[A]"
    path.write_text("\n".join(f"{front} h{number}.example from 192.168.1.5" for number in range(60_000)))
    started = time.process_time()
    assert sum(queries(read(DnsmasqQueries(), path)).values()) == 60_000
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    "other", ["", "May  1 08:00:00 dnsmasq-dhcp[1]: DHCPACK(lan) 192.168.1.6", "query[A] x from y"]
)
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(DnsmasqQueries(), other.encode()).accepted
