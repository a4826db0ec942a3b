from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, Read, accepts, read

from beholden.scan.network.web_access import WebAccess

if TYPE_CHECKING:
    from pathlib import Path

PROXY = DATA / "web-access" / "proxy.log"
SQUID = DATA / "web-access" / "squid-combined.log"


def counts(result: Read) -> dict[str, int]:
    return {key: count for key, count in result.source.not_resolved.items() if count}


def test_requests_of_our_clients_through_our_proxy() -> None:
    rows = read(WebAccess(), PROXY).rows
    assert [
        (row["kind"], row["value"], row["own_host"], row["certainty"], int(row["amount"]), row["what"]) for row in rows
    ] == [
        ("domain", "shop.example.com", "10.0.0.5", "confirmed", 5120, "received"),
        ("domain", "shop.example.com", "10.0.0.5", "probable", 2048, "received"),
        ("domain", "bad.example.net", "10.0.0.6", "probable", 1, "attempted"),
        ("ip", "203.0.113.9", "10.0.0.6", "probable", 0, "received"),
    ]
    assert rows[0]["first_seen"].isoformat() == "2026-05-01T08:00:00+00:00"


def test_what_others_ask_our_servers_for_is_no_act_of_ours() -> None:
    result = read(WebAccess(), PROXY)
    assert counts(result) == {
        "proxy_denied": 1,
        "web_request_to_our_server": 1,
        "proxy_requests_from_outside": 1,
        "web_request_malformed": 1,
    }
    assert any("no act of ours" in note for note in result.source.notes)


def test_squids_own_codes_tell_more_than_the_status() -> None:
    result = read(WebAccess(), SQUID)
    assert [(row["value"], row["certainty"], int(row["amount"])) for row in result.rows] == [
        ("shop.example.com", "confirmed", 5120),
        ("api.example.org", "confirmed", 700),
        ("203.0.113.9", "confirmed", 70),
    ]
    assert counts(result) == {"proxy_answered_itself": 1, "proxy_denied": 1}


def test_a_servers_own_log_is_read_and_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    line = (
        '198.51.100.7 - - [01/May/2026:10:00:00 +0200] "GET /{} HTTP/1.1" 200 2326 "http://x.example/" "Example/1.0"\n'
    )
    path.write_text("".join(line.format(number) for number in range(5)))
    assert accepts(WebAccess(), path.read_bytes()).accepted
    result = read(WebAccess(), path)
    assert (result.rows, result.names) == ([], [])
    assert counts(result) == {"web_request_to_our_server": 5}


@pytest.mark.parametrize(
    "line",
    [
        'www.our.example:80 10.0.0.5 - - [01/May/2026:10:00:00 +0200] "CONNECT a.example:443 HTTP/1.1" 200 5',
        '10.0.0.5 - anna of sales [01/May/2026:10:00:00 +0200] "CONNECT a.example:443 HTTP/1.1" 200 5 "-" "-"',
        '10.0.0.5 - - [01/May/2026:10:00:00 +0200] "CONNECT a.example:443" 200 5',
    ],
    ids=["vhost_combined", "a user with blanks", "HTTP/0.9"],
)
def test_variants_of_the_format(tmp_path: Path, line: str) -> None:
    path = tmp_path / "access.log"
    path.write_text(line)
    assert [(row["value"], row["own_host"]) for row in read(WebAccess(), path).rows] == [("a.example", "10.0.0.5")]


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.5 - - [31/Feb/2026:10:00:00 +0200] "GET http://a.example/ HTTP/1.1" 200 5',
        '10.0.0.5 - - [01/Foo/2026:10:00:00 +0200] "GET http://a.example/ HTTP/1.1" 200 5',
        '10.0.0.5 - - [01/May/0000:10:00:00 +0200] "GET http://a.example/ HTTP/1.1" 200 5',
        '10.0.0.5 - - [01/Jan/1970:00:00:00 +0200] "GET http://a.example/ HTTP/1.1" 200 5',
        '10.0.0.5 - - [01/May/2026:10:00:00 +0200] "GET http://a.example/ HTTP/1.1 200 5',
        f'10.0.0.5 - - [01/May/2026:10:00:00 +0200] "GET http://{"a" * 200_000}/ HTTP/1.1" 200 5',
        "nothing of the kind",
    ],
    ids=["no such day", "no such month", "year 0", "before 1970", "quote missing", "too long", "prose"],
)
def test_bad_lines_are_rejected(tmp_path: Path, line: str) -> None:
    path = tmp_path / "access.log"
    path.write_text(line)
    assert dict(read(WebAccess(), path).source.reasons) == {"not an access record": 1}


@pytest.mark.parametrize("other", ["", "a,b,c", '{"a": 1}', "1777622460.125 1 10.0.0.5 TCP_MISS/200 1 GET x - -/- -"])
def test_other_files_are_refused(other: str) -> None:
    assert not accepts(WebAccess(), other.encode()).accepted
