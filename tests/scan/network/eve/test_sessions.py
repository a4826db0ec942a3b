"""TLS, QUIC, HTTP, DHCP and ARP events: what the frames are given; what these make of it is tested beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.eve.events import FAR, OWN, TIME, eve, event
from tests.scan.network.reading import DATA, read

from beholden.scan.network.eve import tls_sessions
from beholden.scan.network.eve.reader import SuricataEve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "shop.example.com"
QUIC = {"proto": "UDP", "app_proto": "quic"}


def tls(**facts: Any) -> dict[str, Any]:
    return event("tls", tls=facts)


@pytest.mark.parametrize(
    ("facts", "certainty", "told"),
    [
        ({"sni": NAME, "version": "TLS 1.3"}, "confirmed", ["server_name"]),
        ({"sni": NAME, "subject": "CN=x"}, "confirmed", ["server_name"]),
        ({"sni": NAME, "session_resumed": True}, "confirmed", ["server_name"]),
        ({"sni": NAME, "version": "UNDETERMINED"}, "probable", []),
        ({"sni": NAME}, "probable", []),
        ({"subject": f"C=US, O=Example, CN=*.{NAME}", "version": "TLS 1.2"}, "probable", ["certificate"]),
    ],
)
def test_a_session_counts_once_the_server_took_part(
    tmp_path: Path, facts: dict[str, Any], certainty: str, told: list[str]
) -> None:
    result = eve(tmp_path, tls(**facts))
    assert [(row["value"], row["certainty"]) for row in result.rows] == [(NAME, certainty)]
    assert [row["told_by"] for row in result.names] == told


def quic(name: str | None = NAME, **facts: Any) -> dict[str, Any]:
    return event("quic", quic={"version": "1"} | ({"sni": name} if name else {}), **{**QUIC, **facts})


def quic_flow(received: int, **facts: Any) -> dict[str, Any]:
    about = {"pkts_toserver": 4, "bytes_toserver": 5000, "pkts_toclient": 4, "bytes_toclient": received, "start": TIME}
    return event("flow", flow=about, **{**QUIC, **facts})


@pytest.mark.parametrize(
    ("records", "certainty"),
    [
        ([quic(), quic_flow(6000)], "confirmed"),
        ([quic(), quic_flow(240)], "probable"),
        ([quic()], "probable"),
        ([quic(), quic_flow(6000, flow_id=2)], "probable"),
        ([quic(), quic(), quic_flow(6000)], "confirmed"),
        ([quic(flow_id=None), quic_flow(6000, flow_id=None)], "probable"),
    ],
)
def test_a_quic_name_is_confirmed_by_its_flow(tmp_path: Path, records: list[dict[str, Any]], certainty: str) -> None:
    rows = [row for row in eve(tmp_path, *records).rows if row["kind"] == "domain" and row["grain"] is None]
    assert [(row["value"], row["certainty"], row["count"]) for row in rows] == [(NAME, certainty, 1)]


def test_the_bytes_of_a_flow_go_to_the_name_that_a_session_in_it_told(tmp_path: Path) -> None:
    result = eve(tmp_path, quic(), quic_flow(6000))
    assert (result.total("sent", NAME), result.total("received", NAME)) == (5000, 6000)


def test_quic_packets_without_a_name_are_counted(tmp_path: Path) -> None:
    result = eve(tmp_path, quic(None))
    assert result.rows == []
    assert dict(result.source.not_resolved) == {"quic_without_server_name": 1}


def test_quic_names_wait_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_sessions, "_MAX_WAITING", 2)
    named = [quic(f"n{number}.example.com", flow_id=number + 1) for number in range(4)]
    result = eve(tmp_path, *named, quic_flow(6000))
    assert {(row["value"], row["certainty"]) for row in result.rows if row["kind"] == "domain"} == {
        (f"n{number}.example.com", "probable") for number in range(4)
    }


@pytest.mark.parametrize(
    ("http", "what", "certainty"),
    [
        ({"hostname": NAME, "status": 200}, "requests", "confirmed"),
        ({"hostname": NAME, "status": "404"}, "requests", "confirmed"),
        # Logged without `extended`, there is no status.
        ({"hostname": NAME, "http_content_type": "text/html"}, "requests", "confirmed"),
        ({"hostname": NAME, "http_user_agent": "x"}, "attempted", "probable"),
        ({"hostname": "10.0.0.8", "url": f"http://{NAME}/a", "status": 200}, "requests", "probable"),
    ],
)
def test_a_request_counts_once_it_was_answered(tmp_path: Path, http: dict[str, Any], what: str, certainty: str) -> None:
    result = eve(tmp_path, event("http", http={"http_method": "GET", "url": "/", **http}))
    assert [(row["value"], row["what"], row["certainty"]) for row in result.rows] == [(NAME, what, certainty)]


def test_a_forwarded_request_says_so(tmp_path: Path) -> None:
    result = eve(tmp_path, event("http", http={"hostname": NAME, "status": 200}, xff="10.0.0.9"))
    assert any("another client" in note for note in result.source.notes)


def test_devices_come_of_dhcp_messages(tmp_path: Path) -> None:
    common = {"client_mac": "44:19:b6:0a:0b:0c", "client_ip": "0.0.0.0", "assigned_ip": "0.0.0.0"}
    result = eve(
        tmp_path,
        event("dhcp", src_ip="0.0.0.0", dest_ip="255.255.255.255", dhcp={**common, "dhcp_type": "discover"}),
        event("dhcp", dhcp={**common, "assigned_ip": "10.0.0.20", "dhcp_type": "offer"}),
        event("dhcp", dhcp={**common, "assigned_ip": "10.0.0.20", "dhcp_type": "ack", "hostname": "cam"}),
        event("dhcp", dhcp={**common, "client_ip": "10.0.0.21", "dhcp_type": "ack"}),
        event("dhcp", dhcp={"client_mac": "02:00:00:00:00:01", "dhcp_type": "ack"}),
        event("dhcp", dhcp={"dhcp_type": "ack"}),
        event("dhcp", dhcp={"client_mac": "nothing", "dhcp_type": "ack"}),
    )
    assert [(row["value"], row["own_host"], row["certainty"], row["detail"]) for row in result.rows] == [
        ("44:19:b6:0a:0b:0c", None, "probable", None),
        ("44:19:b6:0a:0b:0c", "10.0.0.20", "probable", None),
        ("44:19:b6:0a:0b:0c", "10.0.0.20", "confirmed", json.dumps({"hostname": "cam"})),
        ("44:19:b6:0a:0b:0c", "10.0.0.21", "confirmed", None),
    ]
    assert dict(result.source.not_resolved) == {
        "segment_not_known": 1,
        "locally_administered": 1,
        "no_hardware_address": 1,
    }
    assert dict(result.source.reasons) == {"not the hardware address of a device": 1}
    assert any("randomised" in note for note in result.source.notes)


def test_devices_come_of_those_who_speak_arp(tmp_path: Path) -> None:
    def arp(mac: object, address: str) -> dict[str, Any]:
        return event("arp", proto="ARP", arp={"opcode": "request", "src_mac": mac, "src_ip": address, "dest_ip": OWN})

    result = eve(
        tmp_path,
        arp("44:19:b6:0a:0b:0c", "10.0.0.20"),
        arp("44:19:B6:0A:0B:0C", "10.0.0.20"),
        arp("44:19:b6:0a:0b:0c", "0.0.0.0"),
        arp("02:00:00:00:00:01", "10.0.0.21"),
        arp("nothing", "10.0.0.22"),
        arp(None, "10.0.0.22"),
    )
    assert [(row["value"], row["own_host"], row["certainty"], row["count"]) for row in result.rows] == [
        ("44:19:b6:0a:0b:0c", "10.0.0.20", "confirmed", 2),
        ("44:19:b6:0a:0b:0c", None, "probable", 1),
    ]
    assert dict(result.source.not_resolved) == {"segment_not_known": 1, "locally_administered": 1}
    assert dict(result.source.reasons) == {"not the hardware address of a device": 2}


def test_the_session_of_the_real_log_is_found(shared: Callable[[str], Path]) -> None:
    result = read(SuricataEve(), shared("data/inputs/suricata/slips-test6.eve.json.gz"))
    assert [(row["value"], row["certainty"], row["own_host"]) for row in result.rows if row["field"] == "tls.sni"] == [
        ("www.myedimax.com", "confirmed", "192.168.1.129")
    ]


def test_the_names_of_the_fixture_are_tied_to_addresses() -> None:
    names = read(SuricataEve(), DATA / "suricata" / "eve.json").names
    assert [(row["name"], row["told_by"]) for row in names if row["told_by"] != "dns"] == [
        ("www.shop.example.com", "server_name"),
        ("named.example.com", "certificate"),
        ("quic.example.com", "server_name"),
        ("plain.example.com", "http_host"),
    ]
    assert {row["client"][-4:] for row in names} == {bytes(map(int, OWN.split(".")))}
    assert bytes(map(int, FAR.split("."))) in {row["address"][-4:] for row in names}
