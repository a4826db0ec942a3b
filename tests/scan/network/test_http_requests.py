from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.scan.network.summed import FAR, NOON, OTHER, OWN, PROXY, Desk

from beholden.scan.network.http_requests import Request, Requests, authority_host

if TYPE_CHECKING:
    from pathlib import Path

NAME = "shop.example.com"


def summed(
    desk: Desk, *, has_lengths: bool = True, **facts: Any
) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
    requests = Requests(desk.source, desk.watch, desk.sides, "http.host", has_lengths=has_lengths)
    about = {
        "client": OWN,
        "server": FAR,
        "port": "80",
        "method": "GET",
        "host": NAME,
        "target": "/",
        "status": 200,
        "uploaded": 3,
        "downloaded": 40,
        **facts,
    }
    requests.add(Request(1, NOON, **about))
    return desk.close(requests)


BODIES = [("uploaded", 3), ("downloaded", 40)]
ATTEMPTED = [("attempted", 1)]
BEHIND = "a.example.com:443"
TUNNEL = {"server": PROXY, "method": "CONNECT", "target": f"{OTHER}:443"}


@pytest.mark.parametrize(
    ("facts", "value", "certainty", "amounts", "told"),
    [
        ({}, NAME, "confirmed", BODIES, [(NAME, FAR, "http_host")]),
        ({"host": "Shop.Example.com:8080"}, NAME, "confirmed", BODIES, [(NAME, FAR, "http_host")]),
        # Whatever it says, the server took the request.
        ({"status": 500}, NAME, "confirmed", BODIES, [(NAME, FAR, "http_host")]),
        ({"status": None}, NAME, "probable", ATTEMPTED, []),
        # To a proxy of ours: what is asked for lies behind it.
        ({"server": PROXY, "target": "http://a.example.com/b"}, "a.example.com", "probable", BODIES, []),
        ({"server": PROXY, "target": "HTTP://u:p@a.example.com:81?x"}, "a.example.com", "probable", BODIES, []),
        ({"server": PROXY, "method": "CONNECT", "target": BEHIND}, "a.example.com", "probable", BODIES, []),
        ({"server": PROXY, "method": "connect", "target": ""}, NAME, "probable", BODIES, []),
        ({"server": PROXY, "method": "CONNECT", "target": "", "status": 403}, NAME, "probable", ATTEMPTED, []),
        ({"server": PROXY, "method": "CONNECT", "target": "", "status": None}, NAME, "probable", ATTEMPTED, []),
        # Somebody else's proxy: the name says nothing of its address.
        ({"method": "CONNECT", "target": BEHIND}, "a.example.com", "probable", BODIES, []),
        (TUNNEL, OTHER, "probable", BODIES, []),
        ({"server": PROXY, "method": "CONNECT", "target": "[2001:db8::7]:443"}, "2001:db8::7", "probable", BODIES, []),
        ({**TUNNEL, "status": 502}, OTHER, "probable", ATTEMPTED, []),
    ],
)  # fmt: skip
def test_whom_a_request_is_for(
    tmp_path: Path,
    facts: dict[str, Any],
    value: str,
    certainty: str,
    amounts: list[tuple[str, int]],
    told: list[tuple[str, str, str]],
) -> None:
    rows, names = summed(Desk(tmp_path), **facts)
    assert [(row["value"], row["certainty"]) for row in rows] == [(value, certainty)] * len(amounts)
    assert [(row["what"], int(row["amount"])) for row in rows] == amounts
    assert names == told


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"client": OTHER}, "our_side_unknown"),
        ({"client": OTHER, "server": OWN}, "http_from_outside"),
        ({"client": OTHER, "server": PROXY, "method": "CONNECT"}, "http_from_outside"),
        # A server of ours on a proxy's port is no proxy unless it is asked like one.
        ({"server": PROXY, "port": "8080"}, "local_to_local"),
        ({"host": None}, "http_without_host"),
        ({"host": ""}, "http_without_host"),
        ({"host": FAR}, "http_host_is_an_address"),
        ({"host": "[2001:db8::7]:80"}, "http_host_is_an_address"),
        ({"server": PROXY, "method": "CONNECT", "target": "10.0.0.9:22"}, "http_host_is_an_address"),
        ({"host": "printer.local"}, "http_host_not_outside"),
        ({"host": "${jndi:ldap://x}"}, "http_host_not_outside"),
    ],
)
def test_what_is_left_out_is_counted(tmp_path: Path, facts: dict[str, Any], why: str) -> None:
    desk = Desk(tmp_path)
    assert summed(desk, **facts) == ([], [])
    assert dict(desk.source.not_resolved) == {why: 1}


def test_without_lengths_requests_are_counted(tmp_path: Path) -> None:
    rows, _ = summed(Desk(tmp_path), has_lengths=False)
    assert [(row["what"], int(row["amount"])) for row in rows] == [("requests", 1)]


def test_a_name_has_the_relation_of_a_service_and_an_address_that_of_its_asset(tmp_path: Path) -> None:
    assert summed(Desk(tmp_path))[0][0]["relation"] == "service_endpoint"
    rows, _ = summed(Desk(tmp_path), server=PROXY, method="CONNECT", target=f"{OTHER}:443")
    assert (rows[0]["kind"], rows[0]["relation"]) == ("ip", None)


def test_of_the_target_only_the_host_is_kept(tmp_path: Path) -> None:
    rows, _ = summed(Desk(tmp_path), server=PROXY, target="http://jane:secret@a.example.com/private?token=1")
    assert not any(word in json.dumps(rows, default=str) for word in ("jane", "secret", "private", "token"))


def test_requests_that_a_proxy_passes_on_are_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    summed(desk, client=PROXY, is_forwarded=True)
    assert "for the client and for the proxy" in desk.source.notes[0]


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("a.example.com", "a.example.com"),
        ("a.example.com:80", "a.example.com"),
        ("a.example.com:", "a.example.com"),
        ("u:p@a.example.com:80", "a.example.com"),
        ("[2001:db8::7]:80", "2001:db8::7"),
        ("[2001:db8::7", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("a:port", "a:port"),
        ("", ""),
    ],
)
def test_the_host_of_an_authority(authority: str, host: str) -> None:
    assert authority_host(authority) == host
