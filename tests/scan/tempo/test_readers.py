"""What each log tells of single requests."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.network import wire
from tests.scan.network.eve.events import FAR, OWN, event

from beholden.scan.interface import Watch
from beholden.scan.network.sides import Sides
from beholden.scan.source import Source
from beholden.scan.tempo import captured, eve, zeek
from beholden.scan.tempo.requests import UDP_SERVICES, Records, Request, Way, service_text

if TYPE_CHECKING:
    from pathlib import Path

TS = "1714521600.75"
SECOND = 1_714_521_600
SIDES = Sides(Watch())


def zeek_source(folder: Path, log: str, fields: str, *rows: str) -> Source:
    path = folder / f"{log}.log"
    lines = [f"#separator \\x09\n#path\t{log}\n#fields\t" + "\t".join(fields.split())]
    path.write_text("\n".join([*lines, *("\t".join(row.split()) for row in rows)]) + "\n")
    return Source(path, path.name)


CONN = "ts id.orig_h id.resp_h id.resp_p proto conn_state resp_bytes local_orig local_resp"


@pytest.mark.parametrize(
    ("proto", "state", "came", "is_answered"),
    [
        ("tcp", "SF", "900", True),
        ("tcp", "S1", "900", True),
        ("tcp", "RSTO", "-", True),
        ("tcp", "SF", "0", False),
        ("tcp", "REJ", "0", False),
        ("tcp", "S0", "-", False),
        ("tcp", "OTH", "900", False),
        ("udp", "SF", "90", True),
        ("udp", "S0", "-", False),
    ],
)
def test_a_connection_counts_as_answered_where_content_came(
    tmp_path: Path, proto: str, state: str, came: str, is_answered: bool
) -> None:
    source = zeek_source(tmp_path, "conn", CONN, f"{TS} {OWN} {FAR} 443 {proto} {state} {came} - -")
    service = 443 + (UDP_SERVICES if proto == "udp" else 0)
    wanted = Request(Records.ZEEK_CONNECTIONS, Way.OUTWARDS, OWN, FAR, service, SECOND, is_answered, 4)
    assert list(zeek.connections(source, SIDES)) == [wanted]


def test_who_acted_on_whom_is_told_by_networks_and_flags(tmp_path: Path) -> None:
    rows = (
        f"{TS} {OWN} {FAR} 443 tcp SF 9 - -",
        f"{TS} {FAR} {OWN} 443 tcp SF 9 - -",
        f"{TS} {OWN} 10.9.9.9 443 tcp SF 9 - -",
        f"{TS} 198.51.100.1 {FAR} 443 tcp SF 9 T F",
        f"{TS} {FAR} 198.51.100.1 443 tcp SF 9 F T",
    )
    source = zeek_source(tmp_path, "conn", CONN, *rows)
    ways = [request.way for request in zeek.connections(source, SIDES)]
    assert ways == [Way.OUTWARDS, Way.INWARDS, Way.WITHIN, Way.OUTWARDS, Way.INWARDS]


def test_what_is_nobodys_act_is_left_out(tmp_path: Path) -> None:
    rows = (
        f"{TS} 198.51.100.1 {FAR} 443 tcp SF 9 - -",  # nothing says which side is ours
        f"{TS} 198.51.100.1 {FAR} 443 tcp SF 9 F F",  # carried
        f"{TS} {OWN} 224.0.0.251 5353 udp SF 9 - -",  # a group
        f"{TS} {OWN} {FAR} 0 icmp OTH 9 - -",
        f"-1 {OWN} {FAR} 443 tcp SF 9 - -",
        f"{TS} nonsense {FAR} 443 tcp SF 9 - -",
        f"{TS} {OWN} {FAR} 443 unknown_transport SF 9 - -",
    )
    source = zeek_source(tmp_path, "conn", CONN, *rows)
    assert list(zeek.connections(source, SIDES)) == []


def test_networks_of_the_profile_say_whose_an_address_is(tmp_path: Path) -> None:
    sides = Sides(Watch(own_networks=(ipaddress.ip_network("198.51.100.0/24"),)))
    source = zeek_source(tmp_path, "conn", CONN, f"{TS} 198.51.100.1 {FAR} 443 tcp SF 9 F F")
    assert [request.way for request in zeek.connections(source, sides)] == [Way.OUTWARDS]


@pytest.mark.parametrize(
    ("log", "fields", "row", "service", "name", "is_answered"),
    [
        ("http", "host status_code", "Shop.Example:8080 200", 80, "shop.example", True),
        ("http", "host status_code", "203.0.113.7 -", 80, "", False),
        ("ssl", "server_name version", "shop.example TLSv13", 80, "shop.example", True),
        ("ssl", "server_name version", "- -", 80, "", False),
        ("dns", "query rcode", "a.example 0", 80 + UDP_SERVICES, "a.example", True),
        ("dns", "query rcode", "a.example -", 80 + UDP_SERVICES, "a.example", False),
    ],
)
def test_requests_have_names(
    tmp_path: Path, log: str, fields: str, row: str, service: int, name: str, is_answered: bool
) -> None:
    source = zeek_source(tmp_path, log, f"ts id.orig_h id.resp_h id.resp_p {fields}", f"{TS} {OWN} {FAR} 80 {row}")
    wanted = Request(Records.ZEEK_REQUESTS, Way.OUTWARDS, OWN, FAR, service, SECOND, is_answered, 4, name)
    assert list(zeek.requests(log, source, SIDES)) == [wanted]


@pytest.mark.parametrize("port", ["99999", "-", "x" * 4_000, "٣"])
def test_a_port_that_is_none_is_no_service(tmp_path: Path, port: str) -> None:
    source = zeek_source(tmp_path, "conn", CONN, f"{TS} {OWN} {FAR} {port} tcp SF 9 - -")
    assert [request.service for request in zeek.connections(source, SIDES)] == [-1]


def eve_source(folder: Path, *records: object) -> Source:
    path = folder / "eve.json"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return Source(path, path.name)


def _flow(size: int, **more: object) -> dict[str, object]:
    counts = {"pkts_toserver": 5, "bytes_toserver": 900, "pkts_toclient": 4, "bytes_toclient": size}
    return {"start": "2024-05-01T00:00:00.75+0000", **counts, **more}


def test_suricata_flows_http_and_tls_are_requests(tmp_path: Path) -> None:
    source = eve_source(
        tmp_path,
        event("flow", flow=_flow(5_000)),
        event("flow", flow=_flow(160), proto="UDP", dest_port=53),
        event("http", http={"hostname": "Shop.Example", "status": 200}, dest_port=80),
        event("http", http={"hostname": "shop.example"}, dest_port=80),
        event("tls", tls={"sni": "shop.example"}),
        event("dns", dns={"type": "query"}),
        event("alert", alert={}),
        event("flow", flow=_flow(5_000), proto="ICMP"),
        event("flow", flow={}),
        "cut",
    )
    common = (Way.OUTWARDS, OWN, FAR)
    assert list(eve.events(source, SIDES)) == [
        Request(Records.SURICATA_FLOWS, *common, 443, SECOND, True, 1),
        Request(Records.SURICATA_FLOWS, *common, 53 + UDP_SERVICES, SECOND, False, 2),
        Request(Records.SURICATA_REQUESTS, *common, 80, SECOND, True, 3, "shop.example"),
        Request(Records.SURICATA_REQUESTS, *common, 80, SECOND, False, 4, "shop.example"),
        Request(Records.SURICATA_REQUESTS, *common, 443, SECOND, True, 5, "shop.example"),
    ]


def test_connections_of_a_capture_are_answered_by_content(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    frames = (
        *wire.opened(),
        wire.sends(b"", 100, flags=wire.SYN),  # once more
        wire.sends(b"hello"),
        wire.replies(b"welcome"),
        wire.replies(b"more"),
        *wire.opened(50_002),
        wire.sends(b"hello", port=50_002),
        wire.asks(wire.query("a.example")),
        wire.answers(wire.response("a.example")),
        wire.asks(wire.query("b.example"), port=40_002),
        wire.ip(wire.OURS, wire.SERVER, 17, wire.udp(40_003, 443, b"quic")),
    )
    path.write_bytes(wire.pcap(*map(wire.ethernet, frames)))
    found = sorted(captured.connections(Source(path, path.name), SIDES), key=lambda request: request.line)
    assert {request.records for request in found} == {Records.CAPTURED_CONNECTIONS}
    assert [(one.target, one.service, one.second, one.is_answered, one.line) for one in found] == [
        (wire.SERVER, 443, wire.START, True, 1),
        (wire.SERVER, 443, wire.START + 6, False, 7),
        (wire.RESOLVER, 53 + UDP_SERVICES, wire.START + 9, True, 10),
        (wire.RESOLVER, 53 + UDP_SERVICES, wire.START + 11, False, 12),
    ]


def test_services_are_written_with_their_transport() -> None:
    assert [service_text(443), service_text(53 + UDP_SERVICES)] == ["443/tcp", "53/udp"]
