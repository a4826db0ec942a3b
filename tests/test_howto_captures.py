"""The page on packet captures: one on the command line gives the findings that it promises, at numbers of packets."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command import run_process
from tests.scan.network.wire import (
    OURS,
    SERVER_HELLO,
    answers,
    asks,
    dhcp,
    ethernet,
    hello,
    ip,
    opened,
    pcap,
    pcapng,
    query,
    replies,
    response,
    sends,
    udp,
)

NAME = "oss-cn-hangzhou.aliyuncs.com"
CAMERA = "44:19:b6:0a:0b:0c"


@pytest.mark.parametrize("write", [pcap, pcapng])
def test_a_capture_gives_services_and_devices_at_their_packets(write: object, tmp_path: Path) -> None:
    packets = [
        ip("0.0.0.0", "255.255.255.255", 17, udp(68, 67, dhcp(3, mac=CAMERA))),
        ip("10.1.2.1", "255.255.255.255", 17, udp(67, 68, dhcp(5, given="10.1.2.9", mac=CAMERA))),
        asks(query(NAME)),
        answers(response(NAME)),
        *opened(),
        sends(hello(NAME)),
        replies(SERVER_HELLO),
    ]
    (tmp_path / "lobby.pcapng").write_bytes(write(*map(ethernet, packets)))  # type: ignore[operator]
    answer = run_process("scan", "lobby.pcapng", "--as-of", "2026-08-01", "--format", "json", cwd=tmp_path)
    assert answer.code == 0
    artefacts = {
        (found["artefact"]["value"], tuple(place["line"] for place in found["artefact"]["locations"]))
        for found in answer.document["findings"]
    }
    assert ("aliyuncs.com", (4, 7)) in artefacts
    assert ("44:19:b6", (1,)) in artefacts
    assert {
        host["value"] for found in answer.document["findings"] for host in found["artefact"]["own_hosts"]["top"]
    } == {
        OURS,
        "10.1.2.9",
    }
