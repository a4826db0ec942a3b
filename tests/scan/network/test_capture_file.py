"""The containers: byte orders, clocks, interfaces, and lengths that cannot be."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.network.wire import (
    START,
    ng_block,
    ng_interface,
    ng_option,
    ng_packet,
    ng_section,
    pcap,
    pcapng,
)

from beholden.errors import ScanError
from beholden.scan.network.capture_file import MAX_PACKET_BYTES, Packet, packets
from beholden.scan.source import Source

FRAMES = [b"first frame", b"", b"third"]


def read(tmp_path: Path, data: bytes, name: str = "x") -> tuple[Source, list[Packet]]:
    path = tmp_path / name
    path.write_bytes(data)
    source = Source(path, name)
    return source, list(packets(source))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pcap(*FRAMES), id="little"),
        pytest.param(pcap(*FRAMES, order=">"), id="big"),
        pytest.param(pcap(*FRAMES, nano=True), id="nanoseconds"),
        pytest.param(pcap(*FRAMES, order=">", nano=True), id="big nanoseconds"),
        pytest.param(pcapng(*FRAMES), id="ng little"),
        pytest.param(pcapng(*FRAMES, order=">"), id="ng big"),
    ],
)
def test_packets_come_with_number_time_link_and_content(data: bytes, tmp_path: Path) -> None:
    source, found = read(tmp_path, data)
    assert found == [Packet(at + 1, START + at + 0.5, 1, frame, False) for at, frame in enumerate(FRAMES)]
    assert (source.notes, source.records_rejected) == ([], 0)


def test_the_upper_bits_of_the_link_type_tell_of_checksums_only(tmp_path: Path) -> None:
    assert read(tmp_path, pcap(b"x", link=0x4400_0001))[1][0].link == 1


def test_a_packet_that_was_longer_on_the_wire_is_known_as_cut(tmp_path: Path) -> None:
    assert [packet.is_cut for packet in read(tmp_path, pcap(b"abcdef", b"abc", snap=3))[1]] == [True, False]


@pytest.mark.parametrize(
    ("options", "ticks", "expected"),
    [
        pytest.param(b"", 7_000_000, 7.0, id="microseconds unless told"),
        pytest.param(ng_option(9, b"\x09"), 7_000_000_000, 7.0, id="nanoseconds"),
        pytest.param(ng_option(9, b"\x00"), 7, 7.0, id="seconds"),
        pytest.param(ng_option(9, b"\x8a"), 7 * 1024, 7.0, id="a power of two"),
        pytest.param(ng_option(14, struct.pack("<q", 100)), 7_000_000, 107.0, id="an offset"),
        pytest.param(ng_option(2, b"eth0") + ng_option(9, b"\x03"), 7000, 7.0, id="behind another option"),
        pytest.param(ng_option(0, b"") + ng_option(9, b"\x03"), 7_000_000, 7.0, id="after the end of options"),
    ],
)
def test_each_interface_has_its_own_clock(options: bytes, ticks: int, expected: float, tmp_path: Path) -> None:
    data = ng_section() + ng_interface(1, options=options) + ng_packet(b"x", ticks)
    assert [packet.seen for packet in read(tmp_path, data)[1]] == [expected]


def test_sections_have_their_own_order_and_interfaces(tmp_path: Path) -> None:
    data = (
        ng_section()
        + ng_interface(1)
        + ng_interface(101)
        + ng_packet(b"a", 1_000_000, interface=1)
        + ng_section(">")
        + ng_interface(113, ">")
        + ng_packet(b"b", 2_000_000, ">")
    )
    found = read(tmp_path, data)[1]
    assert [(packet.number, packet.link, packet.seen) for packet in found] == [(1, 101, 1.0), (2, 113, 2.0)]


def test_obsolete_packet_blocks_are_read(tmp_path: Path) -> None:
    body = struct.pack("<HHIIII", 0, 3, 0, 5_000_000, 3, 3) + b"abc\0"
    assert read(tmp_path, ng_section() + ng_interface() + ng_block(2, body))[1] == [Packet(1, 5.0, 1, b"abc", False)]


def test_simple_packets_have_no_time_and_are_counted(tmp_path: Path) -> None:
    source, found = read(tmp_path, ng_section() + ng_interface() + ng_block(3, struct.pack("<I", 3) + b"abc\0"))
    assert found == []
    assert (source.records_read, source.not_resolved["packet_without_time"]) == (1, 1)


def test_what_was_lost_while_capturing_is_counted(tmp_path: Path) -> None:
    statistics = ng_block(5, struct.pack("<III", 0, 0, 0) + ng_option(5, struct.pack("<Q", 41)))
    source, _ = read(tmp_path, ng_section() + ng_interface() + statistics + statistics)
    assert source.not_resolved["packets_lost_while_capturing"] == 82


def test_secrets_and_unknown_blocks_are_passed_over(tmp_path: Path) -> None:
    data = ng_section() + ng_block(10, b"CLIENT_RANDOM x") + ng_block(0xBAD, bytes(3_000_000)) + ng_interface()
    assert len(read(tmp_path, data + ng_packet(b"x", 1))[1]) == 1


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        pytest.param(ng_packet(b"x", 1, interface=1), "packet of an unknown interface", id="no such interface"),
        pytest.param(ng_packet(b"x", 2**63), "time out of range", id="after 9999"),
        pytest.param(
            ng_block(6, struct.pack("<IIIII", 0, 0, 1, 900, 900) + b"abcd"), "packet longer than its block", id="length"
        ),
    ],
)
def test_a_packet_that_cannot_be_is_rejected_with_its_number(block: bytes, reason: str, tmp_path: Path) -> None:
    source, found = read(tmp_path, ng_section() + ng_interface() + ng_packet(b"a", 1) + block + ng_packet(b"b", 2))
    assert [packet.number for packet in found] == [1, 3]
    assert source.reasons == {reason: 1}
    assert source.first_rejects[0].startswith(f"x:2: {reason}")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"PK\x03\x04", "begins neither", id="another file"),
        pytest.param(pcap()[:24] + struct.pack("<IIII", 1, 1, MAX_PACKET_BYTES + 1, 9), "packet of", id="huge packet"),
        pytest.param(ng_section()[:8] + b"\0\0\0\0", "byte order", id="no byte order"),
        pytest.param(ng_section() + struct.pack("<II", 6, 8), "expected at least 12", id="short block"),
        pytest.param(ng_section() + struct.pack("<II", 6, 0xFFFFFFFC), "expected at most", id="huge block"),
        pytest.param(ng_section() + ng_block(1, b"\1\0"), "block of", id="interface without its fields"),
        pytest.param(ng_section() + ng_block(6, b"\1\0"), "block of", id="packet without its fields"),
        pytest.param(ng_section() + ng_interface() * 65_537, "interfaces in one section", id="endless interfaces"),
    ],
)
def test_what_cannot_be_a_capture_is_refused(data: bytes, told: str, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=told):
        read(tmp_path, data)


@pytest.mark.parametrize("whole", [pcap(*FRAMES), pcapng(*FRAMES)])
def test_a_capture_that_breaks_off_gives_what_is_whole(whole: bytes, tmp_path: Path) -> None:
    ends = {len(pcap(*FRAMES[:count])) for count in range(4)} | {len(pcapng(*FRAMES[:count])) for count in range(4)}
    for end in range(28, len(whole)):
        source, found = read(tmp_path, whole[:end])
        assert [packet.data for packet in found] == FRAMES[: len(found)]
        if source.notes:
            assert source.notes == ["the capture breaks off inside a packet: the last one is not read"]
        else:
            assert end in ends | {len(pcapng()) - len(ng_interface())}


def test_damage_to_the_compression_comes_after_what_was_read(tmp_path: Path) -> None:
    packed = gzip.compress(pcap(*([bytes(range(256))] * 2000)))
    path = tmp_path / "x.gz"
    path.write_bytes(packed[: len(packed) - 40])
    found: list[Packet] = []
    with pytest.raises(ScanError, match="damaged"):
        found.extend(packets(Source(path, "x.gz")))
    assert len(found) > 1000


@given(data=st.binary(max_size=300), head=st.sampled_from([pcap(), pcap(order=">"), ng_section() + ng_interface()]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_behind_a_true_head_end_in_packets_or_a_scan_error(
    data: bytes, head: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        _, found = read(tmp_path_factory.getbasetemp(), head + data, "any")
    except ScanError:
        return
    assert all(isinstance(packet.data, bytes) for packet in found)
