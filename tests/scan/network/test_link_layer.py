"""From frames to segments: links, tags, extension headers, tunnels, fragments and cuts."""

from __future__ import annotations

import struct
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.network.wire import OURS, SERVER, asks, ethernet, ip, query, tcp, udp

from beholden.scan.network.datagrams import UDP, Segment, segment, spelled
from beholden.scan.network.link_layer import NoIp, ip_offset

PACKET = asks(query("a.example"))
SIX = ip("fd00::5", "2001:db8::53", 17, udp(4000, 53, b"six"))
SNAP = b"\xaa\xaa\x03\x00\x00\x00"


def cooked(packet: bytes, kind: int = 0x0800) -> bytes:
    return bytes(14) + struct.pack(">H", kind) + packet


def cooked_2(packet: bytes, kind: int = 0x0800) -> bytes:
    return struct.pack(">H", kind) + bytes(18) + packet


def wifi(packet: bytes, kind: int = 0x08, flags: int = 0x01, more: bytes = b"", snap: bytes = SNAP) -> bytes:
    return bytes([kind, flags]) + bytes(22) + more + snap + b"\x08\x00" + packet


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        pytest.param(1, ethernet(PACKET), id="Ethernet"),
        pytest.param(1, ethernet(SIX), id="Ethernet, IPv6"),
        pytest.param(1, ethernet(PACKET, tags=((0x8100, 5),)), id="one tag"),
        pytest.param(1, ethernet(PACKET, tags=((0x88A8, 9), (0x8100, 5))), id="two tags"),
        pytest.param(1, bytes(12) + b"\x88\x64\x11\0\0\1\0\x64\0\x21" + PACKET, id="PPPoE"),
        pytest.param(1, bytes(12) + b"\x88\x64\x11\0\0\1\0\x64\0\x57" + SIX, id="PPPoE, IPv6"),
        pytest.param(113, cooked(PACKET), id="Linux cooked"),
        pytest.param(113, cooked(b"\0\5\x08\x00" + PACKET, 0x8100), id="Linux cooked, tagged"),
        pytest.param(276, cooked_2(PACKET), id="Linux cooked 2"),
        pytest.param(276, cooked_2(SIX, 0x86DD), id="Linux cooked 2, IPv6"),
        pytest.param(276, cooked_2(b"\0\5\x08\x00" + PACKET, 0x8100), id="Linux cooked 2, tagged"),
        pytest.param(101, PACKET, id="raw"),
        pytest.param(228, PACKET, id="raw IPv4"),
        pytest.param(229, SIX, id="raw IPv6"),
        pytest.param(0, b"\2\0\0\0" + PACKET, id="loopback"),
        pytest.param(0, b"\0\0\0\x1e" + SIX, id="loopback of another order"),
        pytest.param(108, b"\0\0\0\2" + PACKET, id="OpenBSD loopback"),
        pytest.param(105, wifi(PACKET), id="802.11"),
        pytest.param(105, wifi(PACKET, 0x88, 0x01, bytes(2)), id="802.11 with QoS"),
        pytest.param(105, wifi(PACKET, 0x88, 0x01, bytes(4)), id="802.11 with QoS, padded"),
        pytest.param(105, wifi(PACKET, 0x88, 0x81, bytes(6)), id="802.11 with HT control"),
        pytest.param(105, wifi(PACKET, 0x08, 0x03, bytes(6)), id="802.11 with four addresses"),
        pytest.param(127, b"\0\0\x0c\0" + bytes(8) + wifi(PACKET), id="radiotap"),
    ],
)
def test_an_ip_packet_is_found_in_every_link(link: int, frame: bytes) -> None:
    at = ip_offset(link, frame)
    assert isinstance(at, int)
    assert frame[at:] in (PACKET, SIX)


@pytest.mark.parametrize(
    ("link", "frame", "reason"),
    [
        pytest.param(1, bytes(12) + b"\x08\x06" + bytes(28), NoIp.OTHER, id="ARP"),
        pytest.param(1, ethernet(PACKET, tags=((0x8100, 1),) * 9), NoIp.OTHER, id="endless tags"),
        pytest.param(1, bytes(13), NoIp.CUT, id="cut"),
        pytest.param(1, bytes(12) + b"\x81\x00", NoIp.CUT, id="cut in a tag"),
        pytest.param(101, b"", NoIp.CUT, id="empty"),
        pytest.param(101, b"\xff", NoIp.OTHER, id="no IP"),
        pytest.param(127, b"\0\0\xff\xff", NoIp.CUT, id="a radiotap header past the end"),
        pytest.param(105, wifi(PACKET, flags=0x41), NoIp.ENCRYPTED, id="encrypted"),
        pytest.param(105, wifi(PACKET, kind=0x80), NoIp.OTHER, id="a beacon"),
        pytest.param(105, wifi(PACKET, kind=0x48), NoIp.OTHER, id="data without content"),
        pytest.param(147, PACKET, NoIp.UNKNOWN_LINK, id="a private link type"),
    ],
)
def test_a_frame_without_one_says_why(link: int, frame: bytes, reason: NoIp) -> None:
    assert ip_offset(link, frame) is reason


def found(packet: bytes) -> tuple[Segment | None, Counter[str]]:
    counts: Counter[str] = Counter()
    return segment(packet, 0, counts), counts


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(ip("fd00::5", "2001:db8::53", 17, udp(4000, 53, b"x")), id="none"),
        pytest.param(
            ip("fd00::5", "2001:db8::53", 0, udp(4000, 53, b"x"), headers=b"\x2b\0\1\4\0\0\0\0\x11\0\0\0\0\0\0\0"),
            id="hop-by-hop and routing",
        ),
        pytest.param(
            ip("fd00::5", "2001:db8::53", 51, udp(4000, 53, b"x"), headers=b"\x11\4" + bytes(22)), id="authentication"
        ),
        pytest.param(
            ip("fd00::5", "2001:db8::53", 44, udp(4000, 53, b"x"), headers=b"\x11\0\0\0\0\0\0\1"), id="atomic fragment"
        ),
    ],
)
def test_extension_headers_are_passed(packet: bytes) -> None:
    content, counts = found(packet)
    assert content is not None
    assert (content.target_port, content.payload, content.is_whole) == (53, b"x", True)
    assert not counts


@pytest.mark.parametrize(
    ("packet", "key"),
    [
        pytest.param(ip(OURS, SERVER, 17, udp(1, 2, b"x"), fragment=0x2000), "ip_fragments", id="first fragment"),
        pytest.param(ip(OURS, SERVER, 17, udp(1, 2, b"x"), fragment=9), "ip_fragments", id="later fragment"),
        pytest.param(
            ip("fd00::5", "2001:db8::53", 44, b"x" * 8, headers=b"\x11\0\0\1\0\0\0\1"),
            "ip_fragments",
            id="IPv6 fragment",
        ),
        pytest.param(ip(OURS, SERVER, 47, bytes(40)), "packets_in_unread_tunnels", id="GRE"),
        pytest.param(ip(OURS, SERVER, 50, bytes(40)), "packets_in_unread_tunnels", id="ESP"),
        pytest.param(
            ip(OURS, SERVER, 4, ip(OURS, SERVER, 4, ip(OURS, SERVER, 4, PACKET))),
            "packets_in_unread_tunnels",
            id="deep",
        ),
        pytest.param(ip(OURS, SERVER, 17, b"\0\1"), "ip_packets_malformed", id="no room for UDP"),
        pytest.param(b"\x41" + PACKET[1:], "ip_packets_malformed", id="a header of four bytes"),
        pytest.param(
            ip(OURS, SERVER, 6, tcp(1, 2, 3)[:12] + b"\x10" + bytes(7)), "ip_packets_malformed", id="TCP header"
        ),
        pytest.param(PACKET[:22], "frames_cut_in_header", id="cut in UDP"),
        pytest.param(PACKET[:9], "frames_cut_in_header", id="cut in IP"),
        pytest.param(SIX[:30], "frames_cut_in_header", id="cut in IPv6"),
    ],
)
def test_what_is_not_read_is_counted(packet: bytes, key: str) -> None:
    assert found(packet) == (None, {key: 1})


def test_padding_of_short_frames_is_no_content() -> None:
    content, _ = found(ip(OURS, SERVER, 6, tcp(1, 2, 3)) + bytes(6))
    assert content is not None
    assert content.payload == b""


def test_a_length_of_zero_is_one_that_the_card_would_have_written() -> None:
    packet = bytearray(ip(OURS, SERVER, 17, udp(1, 2, b"content")))
    packet[2:4] = b"\0\0"
    content, _ = found(bytes(packet))
    assert content is not None
    assert content.payload == b"content"


def test_content_that_was_cut_is_known_as_such() -> None:
    content, _ = found(PACKET[:-5])
    assert content is not None
    assert not content.is_whole


@pytest.mark.parametrize(
    "packet",
    [
        pytest.param(ip("198.51.100.1", "198.51.100.2", 4, PACKET), id="IP in IP"),
        pytest.param(ip("198.51.100.1", "198.51.100.2", 41, SIX), id="IPv6 in IPv4"),
        pytest.param(
            ip("198.51.100.1", "198.51.100.2", 17, udp(9, 4789, b"\x08\0\0\0\0\0\7\0" + ethernet(PACKET))), id="VXLAN"
        ),
    ],
)
def test_what_runs_in_a_tunnel_is_read_as_what_it_is(packet: bytes) -> None:
    content, counts = found(packet)
    assert content is not None
    assert (content.protocol, content.target_port, spelled(content.source)) in {(UDP, 53, OURS), (UDP, 53, "fd00::5")}
    assert not counts


@given(link=st.sampled_from([0, 1, 101, 105, 113, 127, 276]), frame=st.binary(max_size=120))
@settings(max_examples=500, deadline=None)
def test_any_frame_is_answered(link: int, frame: bytes) -> None:
    at = ip_offset(link, frame)
    if isinstance(at, int):
        content = segment(frame, at, Counter())
        assert content is None or len(content.source) in (4, 16)
