from __future__ import annotations

import ipaddress
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read

from beholden.scan.interface import Watch
from beholden.scan.network.proxied import Outcome
from beholden.scan.network.squid_access import SquidAccess
from beholden.scan.network.squid_verdicts import outcome_of
from beholden.scan.network.web_access import WebAccess
from beholden.scan.network.zeek_records import read_records
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from beholden.scan.interface import Scanner

LOG = DATA / "squid" / "access.log"


def counts(result: Read) -> dict[str, int]:
    return {key: count for key, count in result.source.not_resolved.items() if count}


def test_requests_that_were_answered_are_confirmed_use_with_what_was_received() -> None:
    rows = [row for row in read(SquidAccess(), LOG).rows if row["certainty"] == "confirmed"]
    assert [
        (row["kind"], row["value"], row["own_host"], row["count"], int(row["amount"]), row["what"]) for row in rows
    ] == [
        ("domain", "shop.example.com", "10.0.0.5", 2, 7168, "received"),
        ("domain", "api.example.org", "10.0.0.6", 2, 950, "received"),
        ("ip", "203.0.113.9", "10.0.0.6", 1, 800, "received"),
        ("ip", "2001:db8::9", "10.0.0.6", 1, 800, "received"),
        ("domain", "api.example.org", "laptop.our.example", 1, 300, "received"),
    ]
    assert {(row["relation"], row["direction"]) for row in rows if row["kind"] == "domain"} == {
        ("service_endpoint", "out")
    }
    assert {row["relation"] for row in rows if row["kind"] == "ip"} == {None}


def test_requests_that_nobody_or_another_proxy_answered_are_probable() -> None:
    rows = [row for row in read(SquidAccess(), LOG).rows if row["certainty"] == "probable"]
    assert [(row["value"], int(row["amount"]), row["what"]) for row in rows] == [
        ("gone.example.net", 1, "attempted"),
        ("slow.example.net", 1, "attempted"),
        ("peer.example.org", 400, "received"),
    ]


def test_what_was_denied_kept_or_not_ours_is_counted_and_told() -> None:
    result = read(SquidAccess(), LOG)
    assert counts(result) == {
        "proxy_answered_itself": 1,
        "proxy_denied": 2,
        "local_to_local": 1,
        "proxy_host_not_outside": 1,
        "proxy_request_without_host": 1,
        "proxy_requests_from_outside": 1,
        "proxy_asked_by_another_cache": 1,
    }
    assert (result.source.records_read, result.source.records_rejected) == (18, 0)
    assert any("not how much they sent" in note for note in result.source.notes)


def test_a_request_began_before_it_was_logged() -> None:
    row = read(SquidAccess(), LOG).rows[0]
    assert (row["first_seen"].isoformat(), row["last_seen"].isoformat()) == (
        "2026-05-01T08:00:00+00:00",
        "2026-05-01T08:01:01+00:00",
    )


def test_the_address_that_the_proxy_reached_stood_for_the_name() -> None:
    names = read(SquidAccess(), LOG).names
    told = [(row["name"], str(ipaddress.IPv6Address(row["address"]).ipv4_mapped), row["client"]) for row in names]
    assert told == [
        ("shop.example.com", "192.0.2.1", None),
        ("shop.example.com", "192.0.2.1", None),
        ("api.example.org", "192.0.2.9", None),
        ("api.example.org", "192.0.2.9", None),
        ("api.example.org", "192.0.2.9", None),
    ]
    assert {row["told_by"] for row in names} == {"http_host"}
    assert (names[0]["until"] - names[0]["since"]).total_seconds() == pytest.approx(60.125)


def test_a_public_client_is_ours_if_the_profile_says_so() -> None:
    watch = Watch(own_networks=(ipaddress.ip_network("198.51.100.0/24"),))
    rows = read(SquidAccess(), LOG, watch).rows
    assert [(row["value"], row["own_host"]) for row in rows] == [
        ("www.our.example", "198.51.100.7"),
        ("api.example.org", "laptop.our.example"),
    ]


@pytest.mark.parametrize(
    ("result", "status", "hierarchy", "method", "received", "outcome"),
    [
        ("TCP_TUNNEL", 200, "HIER_DIRECT", "CONNECT", 39, Outcome.REACHED),
        ("TCP_TUNNEL", 200, "HIER_DIRECT", "CONNECT", 0, Outcome.TRIED),
        ("TCP_MISS", 403, "HIER_DIRECT", "GET", 500, Outcome.REACHED),
        ("TCP_MISS_ABORTED", 0, "HIER_DIRECT", "GET", 0, Outcome.TRIED),
        ("TCP_MISS", 200, "TIMEOUT_HIER_DIRECT", "GET", 5, Outcome.REACHED),
        ("TCP_DENIED_REPLY", 403, "HIER_DIRECT", "GET", 500, Outcome.TRIED),
        ("TCP_DENIED", 200, "HIER_NONE", "CONNECT", 0, Outcome.DENIED),
        ("NONE_NONE", 200, "HIER_NONE", "CONNECT", 0, Outcome.ANSWERED_BY_PROXY),
        ("TCP_REDIRECT", 302, "HIER_NONE", "GET", 300, Outcome.ANSWERED_BY_PROXY),
        ("TCP_NEGATIVE_HIT", 404, "HIER_NONE", "GET", 300, Outcome.ANSWERED_BY_PROXY),
        ("TAG_NONE", 503, "HIER_NONE", "CONNECT", 0, Outcome.TRIED),
        ("TCP_MISS", 200, "SIBLING_HIT", "GET", 300, Outcome.ANSWERED),
        ("TCP_TUNNEL", 200, "FIRSTUP_PARENT", "CONNECT", 300, Outcome.REACHED),
    ],
)
def test_codes(result: str, status: int, hierarchy: str, method: str, received: int, outcome: Outcome) -> None:
    assert outcome_of(result, status, hierarchy, method, received) is outcome


@pytest.mark.parametrize(
    "front", ["May  1 08:00:00 gw (squid-1): ", "May  1 08:00:00 gw squid[123]: ", "2026-05-01T08:00:00Z gw squid: "]
)
def test_syslog_may_put_its_front_before_a_record(tmp_path: Path, front: str) -> None:
    path = tmp_path / "messages"
    path.write_text(front + LOG.read_text().splitlines()[0])
    assert accepts(SquidAccess(), path.read_bytes()).accepted
    assert [row["value"] for row in read(SquidAccess(), path).rows] == ["shop.example.com"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1777622460.125 60125 10.0.0.5 TCP_TUNNEL/200 5120 CONNECT", "not an access record"),
        (
            "999999999999.1 0 10.0.0.5 TCP_MISS/200 1 GET http://a.example/ - HIER_DIRECT/192.0.2.1 -",
            "not an access record",
        ),
        (
            f"1777622460.125 1 10.0.0.5 TCP_MISS/200 {'9' * 25} GET http://a.example/ - HIER_DIRECT/- -",
            "not an access record",
        ),
        (
            f"1777622460.125 1 10.0.0.5 TCP_MISS/200 1 GET http://{'a' * 200_000} - HIER_DIRECT/- -",
            "not an access record",
        ),
    ],
    ids=["cut", "time", "size", "length"],
)
def test_bad_lines_are_rejected(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "access.log"
    path.write_text(line)
    assert dict(read(SquidAccess(), path).source.reasons) == {reason: 1}


@pytest.mark.parametrize(
    "target",
    ["http://", "http://[::1", "http://a b/", "urn:x", "cache_object://localhost/info", "http://@:80/", "//x", "%%%"],
)
def test_targets_that_name_no_host_are_counted(tmp_path: Path, target: str) -> None:
    path = tmp_path / "access.log"
    asked = target.replace(" ", "%20")
    path.write_text(f"1777622460.125 1 10.0.0.5 TCP_MISS/200 1 GET {asked} - HIER_DIRECT/192.0.2.1 -")
    result = read(SquidAccess(), path)
    assert (result.rows, result.source.records_read, sum(counts(result).values())) == ([], 1, 1)


@pytest.mark.parametrize(
    "other", ["", "1777622460.125 hello", '10.0.0.5 - - [01/May/2026:10:00:00 +0200] "GET / " 1 1']
)
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(SquidAccess(), other.encode()).accepted


CAPTURES = [
    "data/inputs/zeek/rita-proxy/http.log.gz",
    "data/inputs/zeek/rita-proxy_rolling/http.160000-170000.log.gz",
    "data/inputs/zeek/slips-test9-mixed-zeek-dir/http.log.gz",
]


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("scanner", [SquidAccess(), WebAccess()], ids=["native", "combined"])
def test_real_requests_written_as_a_proxy_would_give_what_another_parser_counts(
    shared: Callable[[str], Path], tmp_path: Path, capture: str, scanner: Scanner
) -> None:
    columns = ("ts", "id.orig_h", "method", "host", "uri", "response_body_len")
    source = Source(shared(capture), "http.log")
    lines, expected = [], Counter[tuple[str, str]]()
    for _, (stamp, client, method, host, uri, size) in read_records(source, "http", columns, ("ts",)):
        if not client.startswith(("10.", "192.168.")) or "-" in (method, host, uri) or " " in uri:
            continue
        target = uri if method == "CONNECT" or "://" in uri else f"http://{host}{uri}"
        received = 100 + int(size)
        if isinstance(scanner, SquidAccess):
            front = f"{float(stamp):13.3f}      7 {client} TCP_MISS/200 {received}"
            lines.append(f"{front} {method} {target} - HIER_DIRECT/192.0.2.1 -")
        else:
            day = datetime.fromtimestamp(float(stamp), UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
            quoted = target.replace("\\", "\\\\").replace('"', '\\"')
            front = f'{client} - - [{day}] "{method} {quoted} HTTP/1.1" 200 {received}'
            lines.append(f'{front} "-" "-" TCP_MISS:HIER_DIRECT')
        name = urlsplit(f"//{target}" if method == "CONNECT" else target).hostname or ""
        if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z]{2,}", name) and not name.endswith((".local", ".lan")):
            expected[name, client] += received
    path = tmp_path / "access.log"
    path.write_text("\n".join(lines))
    result = read(scanner, path)
    found = Counter[tuple[str, str]]()
    for row in result.rows:
        if row["kind"] == "domain":
            found[row["value"], row["own_host"]] += int(row["amount"])
    assert found == expected
    assert expected
    assert (result.source.records_read, result.source.records_rejected) == (len(lines), 0)
