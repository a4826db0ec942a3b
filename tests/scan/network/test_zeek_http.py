from __future__ import annotations

import ipaddress
import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.scan.network.zeek_http import ZeekHttp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HTTP = DATA / "zeek" / "http.log"


def test_requests_are_summed_by_the_host_they_were_for() -> None:
    rows = read(ZeekHttp(), HTTP).rows
    assert [(row["value"], row["certainty"], row["own_host"], row["what"], int(row["amount"])) for row in rows] == [
        ("shop.example.com", "confirmed", "10.0.0.5", "uploaded", 120),
        ("shop.example.com", "confirmed", "10.0.0.5", "downloaded", 3040),
        ("shop.example.com", "probable", "10.0.0.5", "attempted", 1),
        ("api.example.com", "probable", "10.0.0.5", "uploaded", 0),
        ("api.example.com", "probable", "10.0.0.5", "downloaded", 0),
        ("cache.example.com", "probable", "10.0.0.5", "uploaded", 0),
        ("cache.example.com", "probable", "10.0.0.5", "downloaded", 900),
        ("blocked.example.com", "probable", "10.0.0.5", "attempted", 1),
        ("198.51.100.9", "probable", "10.0.0.5", "uploaded", 0),
        ("198.51.100.9", "probable", "10.0.0.5", "downloaded", 0),
        ("cache.example.com", "confirmed", "10.0.0.8", "uploaded", 0),
        ("cache.example.com", "confirmed", "10.0.0.8", "downloaded", 900),
    ]


def test_only_what_a_server_answered_to_by_itself_is_tied_to_its_address() -> None:
    assert [(row["name"], row["told_by"], row["line"]) for row in read(ZeekHttp(), HTTP).names] == [
        ("shop.example.com", "http_host", 9),
        ("shop.example.com", "http_host", 10),
        ("cache.example.com", "http_host", 16),
    ]


def test_what_a_client_says_to_its_proxy_is_not_forwarding() -> None:
    source = read(ZeekHttp(), HTTP).source
    assert [note for note in source.notes if "another client" in note] == [
        "1 requests were sent by a proxy for another client: where the log holds both ways, "
        "a request counts for the client and for the proxy"
    ]
    assert dict(source.not_resolved) == {
        "http_from_outside": 1,
        "local_to_local": 1,
        "http_host_is_an_address": 1,
        "http_without_host": 1,
        "http_host_not_outside": 1,
    }


@pytest.mark.parametrize("length", ["many", "-5", "9" * 30, "1.5"])
def test_a_length_that_is_none_is_rejected(tmp_path: Path, length: str) -> None:
    path = tmp_path / "http.log"
    path.write_text(
        "#path\thttp\n#fields\tts\tid.orig_h\tid.resp_h\thost\tresponse_body_len\n"
        f"1714521600.0\t10.0.0.5\t203.0.113.7\tshop.example.com\t{length}\n"
    )
    result = read(ZeekHttp(), path)
    assert result.rows == []
    assert dict(result.source.reasons) == {"not a byte count": 1}


def test_a_rotated_set_in_one_file_is_read_by_the_header_of_each_part(tmp_path: Path) -> None:
    path = tmp_path / "http.log"
    row = ["1714521600.0", "10.0.0.5", "203.0.113.7", "shop.example.com", "200"]
    names = ["ts", "id.orig_h", "id.resp_h", "host", "status_code"]
    parts = [(names, row), (names[::-1], row[::-1]), (["uid", *names], ["H1", *row])]
    path.write_text(
        "".join("#path\thttp\n#fields\t" + "\t".join(f) + "\n" + "\t".join(c) + "\n#close\tx\n" for f, c in parts)
    )
    rows = read(ZeekHttp(), path).rows
    assert [(row["value"], row["count"], row["lines"]) for row in rows if row["what"] == "uploaded"] == [
        ("shop.example.com", 3, [3, 7, 11])
    ]


def test_other_logs_are_refused() -> None:
    for name in ("conn.log", "dns.log", "ssl.log", "x509.log", "dhcp.log", "conn.dotted.json"):
        assert not accepts(ZeekHttp(), (DATA / "zeek" / name).read_bytes()).accepted


def records(path: Path) -> Iterator[dict[str, Any]]:
    fields: list[str] = []
    for line in text_of(path).splitlines():
        if line.startswith("#fields"):
            fields = line.split("\t")[1:]
        elif line.startswith("{"):
            yield json.loads(line)
        elif line and not line.startswith("#"):
            yield dict(zip(fields, line.split("\t"), strict=True))


def test_every_record_of_the_real_files_is_read(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared("data/inputs/zeek").rglob("http*"))
    assert len(paths) == 6
    for path in paths:
        source = read(ZeekHttp(), path).source
        assert (source.records_read, source.records_rejected) == (sum(1 for _ in records(path)), 0), path


def test_requests_in_the_real_log_are_those_an_independent_count_finds(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/slips-test9-mixed-zeek-dir/http.log.gz")
    expected: Counter[str] = Counter()
    body: Counter[str] = Counter()
    for record in records(path):
        client, server = (ipaddress.ip_address(record[end]) for end in ("id.orig_h", "id.resp_h"))
        host = str(record.get("host", "")).lower()
        if client.is_private and server.is_global and host and not host.rpartition(".")[2].isdigit() and "." in host:
            expected[host] += 1
            body[host] += record["response_body_len"] if "status_code" in record else 0
    found: Counter[str] = Counter()
    downloaded: Counter[str] = Counter()
    for row in read(ZeekHttp(), path).rows:
        found[row["value"]] += row["count"]
        downloaded[row["value"]] += int(row["amount"]) if row["what"] == "downloaded" else 0
    assert found == expected
    assert +downloaded == +body
    assert len(expected) > 50


def test_what_went_by_the_proxy_of_a_real_log_is_found(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/rita-proxy_rolling/http.160000-170000.log.gz")
    expected: Counter[str] = Counter()
    for record in records(path):
        client, server = (ipaddress.ip_address(record[end]) for end in ("id.orig_h", "id.resp_h"))
        uri = urlsplit(record["uri"] if "://" in record["uri"] else f"//{record['uri']}")
        to_proxy = record["method"] == "CONNECT" or record["uri"].startswith("http://")
        if client.is_private and server.is_private and to_proxy:
            expected[uri.hostname or ""] += 1
    found: Counter[str] = Counter()
    for row in read(ZeekHttp(), path).rows:
        assert row["own_host"] == "10.0.0.111" or "via" not in json.loads(row["detail"])
        if "via" in json.loads(row["detail"]):
            found[row["value"]] += row["count"]
    # One client asked for a name with an empty label.
    assert expected.pop(".fls.doubleclick.net") == 1
    assert found == expected
    assert len(expected) > 500
