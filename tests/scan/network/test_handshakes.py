from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.summed import FAR, NOON, OTHER, OWN, PROXY, Desk

from beholden.scan.network.handshakes import Handshake, Handshakes

if TYPE_CHECKING:
    from pathlib import Path

NAME = "shop.example.com"
CERTIFIED = "CN=*.edge.example.net,O=Example"


def summed(desk: Desk, **facts: Any) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
    shakes = Handshakes(desk.source, desk.watch, desk.sides, "ssl.server_name", "ssl.subject")
    about = {"client": OWN, "server": FAR, "port": "443", "server_name": NAME, **facts}
    shakes.add(Handshake(1, NOON, **about))
    return desk.close(shakes)


@pytest.mark.parametrize(
    ("facts", "row", "told"),
    [
        ({}, (NAME, "confirmed", "ssl.server_name"), [(NAME, FAR, "server_name")]),
        ({"subject": CERTIFIED}, (NAME, "confirmed", "ssl.server_name"), [(NAME, FAR, "server_name")]),
        ({"is_answered": False}, (NAME, "probable", "ssl.server_name"), []),
        # Whoever shows another name is not the one that was asked for.
        (
            {"is_other_name": True, "subject": CERTIFIED},
            (NAME, "probable", "ssl.server_name"),
            [("edge.example.net", FAR, "certificate")],
        ),
        ({"is_other_name": True}, (NAME, "probable", "ssl.server_name"), []),
        (
            {"server_name": None, "subject": CERTIFIED},
            ("edge.example.net", "probable", "ssl.subject"),
            [("edge.example.net", FAR, "certificate")],
        ),
        # Behind a proxy of ours the name is not at our address.
        ({"server": PROXY, "port": "3128"}, (NAME, "probable", "ssl.server_name"), []),
    ],
)
def test_what_a_handshake_says(
    tmp_path: Path, facts: dict[str, Any], row: tuple[str, str, str], told: list[tuple[str, str, str]]
) -> None:
    rows, names = summed(Desk(tmp_path), **facts)
    assert [(found["value"], found["certainty"], found["field"]) for found in rows] == [row]
    assert [(found["direction"], found["relation"]) for found in rows] == [("out", "service_endpoint")]
    assert names == told


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"client": OTHER}, "our_side_unknown"),
        ({"client": OTHER, "server": OWN}, "tls_from_outside"),
        ({"server": PROXY}, "local_to_local"),
        ({"server": PROXY, "port": "3128", "server_name": None, "subject": CERTIFIED}, "tls_without_server_name"),
        ({"server": "224.0.0.1"}, "local_to_local"),
        ({"client": "0.0.0.0"}, "neither_side_ours"),
        ({"server_name": None}, "tls_without_server_name"),
        ({"server_name": None, "subject": "CN=camera"}, "tls_without_server_name"),
        ({"server_name": "203.0.113.7"}, "tls_server_name_not_outside"),
        ({"server_name": "printer.local"}, "tls_server_name_not_outside"),
    ],
)
def test_what_is_left_out_is_counted(tmp_path: Path, facts: dict[str, Any], why: str) -> None:
    desk = Desk(tmp_path)
    assert summed(desk, **facts) == ([], [])
    assert dict(desk.source.not_resolved) == {why: 1}


def test_where_networks_are_named_traffic_between_others_is_carried(tmp_path: Path) -> None:
    desk = Desk(tmp_path, own="192.0.2.0/24")
    assert summed(desk)[0] == []
    assert dict(desk.source.not_resolved) == {"neither_side_ours": 1}


def test_the_outer_name_of_an_encrypted_hello_names_no_address(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows, names = summed(desk, server_name="Cloudflare-ECH.com")
    assert [row["value"] for row in rows] == ["cloudflare-ech.com"]
    assert names == []
    assert "encrypted (ECH)" in desk.source.notes[0]


def test_the_detail_keeps_version_port_and_server(tmp_path: Path) -> None:
    rows, _ = summed(Desk(tmp_path), version="TLSv13", subject=CERTIFIED)
    assert json.loads(rows[0]["detail"]) == {"port": "443", "server": FAR, "version": "TLSv13"}
