from __future__ import annotations

import ipaddress
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.scan.network.reading import DATA, accepts, read, text_of

from beholden.scan.interface import Watch
from beholden.scan.network.zeek_ssl import ZeekSsl
from beholden.values.suffixes import WatchedNames

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SSL = DATA / "zeek" / "ssl.log"


def test_server_names_are_confirmed_where_the_handshake_was_finished() -> None:
    rows = read(ZeekSsl(), SSL).rows
    assert [(row["value"], row["certainty"], row["relation"], row["direction"]) for row in rows] == [
        ("api.example.com", "confirmed", "service_endpoint", "out"),
        ("api.example.com", "probable", "service_endpoint", "out"),
        ("proxied.example.com", "probable", "service_endpoint", "out"),
    ]


def test_a_name_reached_by_a_proxy_says_so() -> None:
    assert json.loads(read(ZeekSsl(), SSL).rows[-1]["detail"])["via"] == "proxy"


def test_inbound_and_local_handshakes_are_counted_not_observed() -> None:
    assert dict(read(ZeekSsl(), SSL).source.not_resolved) == {
        "tls_without_server_name": 1,
        "tls_from_outside": 1,
        "local_to_local": 1,
    }


@pytest.mark.parametrize(
    ("established", "version", "certainty"),
    [("T", "-", "confirmed"), ("F", "TLSv12", "probable"), ("-", "TLSv12", "confirmed"), ("-", "-", "probable")],
)
def test_without_the_established_column_the_version_tells(
    tmp_path: Path, established: str, version: str, certainty: str
) -> None:
    path = tmp_path / "ssl.log"
    path.write_text(
        "#path\tssl\n#fields\tts\tid.orig_h\tid.resp_h\tserver_name\testablished\tversion\n"
        f"1714521600.0\t10.0.0.5\t203.0.113.7\tapi.example.com\t{established}\t{version}\n"
    )
    assert [row["certainty"] for row in read(ZeekSsl(), path).rows] == [certainty]


def test_names_in_the_real_log_are_those_an_independent_count_finds(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/zeek/zed-json/ssl.json.gz")
    expected: Counter[str] = Counter()
    for line in text_of(path).splitlines():
        record = json.loads(line)
        client, server = (ipaddress.ip_address(record[end]).is_private for end in ("id.orig_h", "id.resp_h"))
        if record.get("server_name") and client and not server:
            expected[record["server_name"].lower()] += 1
    found: Counter[str] = Counter()
    for row in read(ZeekSsl(), path).rows:
        found[row["value"]] += row["count"]
    assert found == expected


def test_every_record_of_the_real_files_is_read_or_rejected(shared: Callable[[str], Path]) -> None:
    for path in sorted(shared("data/inputs/zeek").rglob("ssl*")):
        result = read(ZeekSsl(), path)
        expected = sum(1 for line in text_of(path).splitlines() if line.strip() and not line.startswith("#"))
        assert result.source.records_read + result.source.records_rejected == expected, path


def test_tsv_and_json_of_the_same_capture_agree(shared: Callable[[str], Path]) -> None:
    def counted(name: str) -> Counter[tuple[str, str, str]]:
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in read(ZeekSsl(), shared(f"data/inputs/zeek/{name}")).rows:
            counts[row["value"], row["own_host"], row["certainty"]] += row["count"]
        return counts

    assert counted("zed-tsv/ssl.log.gz") == counted("zed-json/ssl.json.gz")


def test_other_logs_are_refused() -> None:
    for name in ("conn.log", "dns.log", "conn.dotted.json"):
        assert not accepts(ZeekSsl(), (DATA / "zeek" / name).read_bytes()).accepted


def logged(tmp_path: Path, *records: dict[str, object]) -> Path:
    path = tmp_path / "ssl.log"
    common = {"_path": "ssl", "ts": 1714521600.0, "id.orig_h": "10.0.0.5", "id.resp_h": "203.0.113.7"}
    path.write_text("".join(json.dumps({**common, **record}) + "\n" for record in records))
    return path


def test_names_are_tied_to_the_addresses_that_answered_to_them(tmp_path: Path) -> None:
    subject = "CN=*.edge.example.net,O=Example\\, Inc."
    result = read(
        ZeekSsl(),
        logged(
            tmp_path,
            {"server_name": "Shop.Example.com", "established": True},
            {"server_name": "tried.example.com", "established": False},
            {"server_name": "front.example.com", "established": True, "subject": subject, "sni_matches_cert": False},
            {"established": True, "subject": subject},
        ),
    )
    assert [(row["name"], row["told_by"], row["line"]) for row in result.names] == [
        ("shop.example.com", "server_name", 1),
        ("edge.example.net", "certificate", 3),
        ("edge.example.net", "certificate", 4),
    ]
    assert {(row["since"], row["until"]) for row in result.names} == {(result.names[0]["since"],) * 2}
    assert {(row["address"][-4:], row["client"][-4:]) for row in result.names} == {
        (bytes([203, 0, 113, 7]), bytes([10, 0, 0, 5]))
    }
    assert [(row["value"], row["certainty"], row["field"]) for row in result.rows] == [
        ("shop.example.com", "confirmed", "ssl.server_name"),
        ("tried.example.com", "probable", "ssl.server_name"),
        ("front.example.com", "probable", "ssl.server_name"),
        ("edge.example.net", "probable", "ssl.subject"),
    ]


def test_only_names_of_interest_are_tied(tmp_path: Path) -> None:
    path = logged(
        tmp_path,
        {"server_name": "a.example.com", "established": True},
        {"server_name": "b.example.com", "established": True},
    )
    assert [row["name"] for row in read(ZeekSsl(), path, Watch(names=WatchedNames({"b.example.com": True}))).names] == [
        "b.example.com"
    ]
