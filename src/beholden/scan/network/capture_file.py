"""The containers of packet captures: pcap and pcapng → packets with their time and link type.

Source: draft-ietf-opsawg-pcap (magic numbers, both byte orders, micro- and nanoseconds) and draft-ietf-opsawg-pcapng
    (section header, interface description, enhanced, simple and obsolete packet blocks, interface statistics).
    Secrets of decryption blocks are passed over, unread.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.cells import LATEST

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from beholden.scan.source import Source

PCAPNG = b"\x0a\x0d\x0d\x0a"
# Magic → byte order and ticks a second.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
MAGICS = (*_PCAP, PCAPNG)
# What libpcap and Wireshark write at most; a length beyond it means that the place in the file is lost.
MAX_PACKET_BYTES = 262_144
# Options stand behind a packet; comments may be long.
_MAX_BLOCK_BYTES = 2 * MAX_PACKET_BYTES
_MAX_INTERFACES = 65_536
_CHUNK = 1024 * 1024

_SECTION, _INTERFACE, _PACKET, _SIMPLE, _STATISTICS, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 5, 6
_WITH_PACKET = frozenset({_PACKET, _SIMPLE, _ENHANCED})
_READ = frozenset({_INTERFACE, _STATISTICS}) | _WITH_PACKET
_TIME_RESOLUTION, _TIME_OFFSET, _INTERFACE_DROPS = 9, 14, 5


class Packet(NamedTuple):
    """One packet as captured.

    Attributes:
        number: 1-based, as Wireshark counts frames.
        seen: Seconds since 1970, UTC, within year 9999.
        link: Link type (LINKTYPE_ values of tcpdump.org).
        data: What was captured of it.
        is_cut: Whether it was longer on the wire.
    """

    number: int
    seen: float
    link: int
    data: bytes
    is_cut: bool


class _Interface(NamedTuple):
    link: int
    snap_length: int
    ticks: float
    offset: int


class _BrokenOffError(Exception):
    """The file ends inside a packet or a block: normal for a capture that was stopped hard."""


def packets(source: Source) -> Iterator[Packet]:
    """Give the packets of a capture; those without a possible time are rejected.

    Raises:
        ScanError: Neither pcap nor pcapng, or a length that cannot be; what came before has been given.
    """
    with source.open() as stream:
        try:
            magic = stream.read(4)
            if magic == PCAPNG:
                yield from _blocks(source, stream)
            elif magic in _PCAP:
                yield from _records(source, stream, *_PCAP[magic])
            else:
                raise source.error("not a capture: begins neither like pcap nor like pcapng")
        except _BrokenOffError:
            source.note("the capture breaks off inside a packet: the last one is not read")
        except (EOFError, zlib.error) as error:
            raise source.error(f"compressed data is damaged: {error}", code="scan.damaged-archive") from error


def _records(source: Source, stream: io.BufferedReader, order: str, ticks: int) -> Iterator[Packet]:
    header = _exactly(stream, 20)
    # The upper bits say whether frames end with a checksum; IP knows its own length.
    link = struct.unpack(f"{order}I", header[16:])[0] & 0xFFFF
    unpack = struct.Struct(f"{order}IIII").unpack
    number = 0
    while head := stream.read(16):
        if len(head) < 16:
            raise _BrokenOffError
        number += 1
        seconds, fraction, length, wire = unpack(head)
        if length > MAX_PACKET_BYTES:
            raise source.error(f"packet of {length:,} bytes; expected at most {MAX_PACKET_BYTES:,}", line=number)
        data = _exactly(stream, length)
        yield Packet(number, seconds + fraction / ticks, link, data, wire > length)


class _Section:
    """What the blocks of one section of a pcapng file refer to."""

    def __init__(self, source: Source, order: str) -> None:
        self.order = order
        self._source = source
        self._interfaces: list[_Interface] = []

    def interface(self, body: bytes) -> None:
        if len(self._interfaces) >= _MAX_INTERFACES:
            raise self._source.error(f"more than {_MAX_INTERFACES:,} interfaces in one section")
        link, _, snap_length = self._unpack("HHI", body)
        ticks, offset = 1_000_000.0, 0
        for code, value in self._options(body[8:]):
            if code == _TIME_RESOLUTION and len(value) == 1:
                ticks = 2.0 ** (value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** value[0]
            elif code == _TIME_OFFSET and len(value) == 8:
                (offset,) = self._unpack("q", value)
        self._interfaces.append(_Interface(link, snap_length, ticks, offset))

    def statistics(self, body: bytes) -> None:
        for code, value in self._options(body[12:]):
            if code == _INTERFACE_DROPS and len(value) == 8:
                self._source.not_resolved["packets_lost_while_capturing"] += self._unpack("Q", value)[0]

    def packet(self, kind: int, body: bytes, number: int) -> Packet | None:
        """The packet of a block; None where it has no possible time, or no interface, which is counted."""
        if kind == _SIMPLE:
            self._source.accept()
            self._source.not_resolved["packet_without_time"] += 1
            return None
        if kind == _ENHANCED:
            at, high, low, length, wire = self._unpack("IIIII", body)
        else:
            at, _, high, low, length, wire = self._unpack("HHIIII", body)
        if at >= len(self._interfaces):
            self._source.reject(number, "packet of an unknown interface", expected="an interface that was described")
            return None
        interface = self._interfaces[at]
        data = body[20 : 20 + length]
        if len(data) < length:
            self._source.reject(number, "packet longer than its block", expected="captured bytes within the block")
            return None
        seen = ((high << 32) | low) / interface.ticks + interface.offset
        if not 0 <= seen <= LATEST:
            self._source.reject(number, "time out of range", expected="a time between 1970 and 9999")
            return None
        return Packet(number, seen, interface.link, data, wire > length)

    def _options(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 4 <= len(data):
            code, length = self._unpack("HH", data[at : at + 4])
            if code == 0:
                return
            yield code, data[at + 4 : at + 4 + length]
            at += 4 + length + -length % 4

    def _unpack(self, layout: str, data: bytes) -> tuple[int, ...]:
        shape = struct.Struct(self.order + layout)
        if len(data) < shape.size:
            raise self._source.error(f"block of {len(data)} bytes; expected at least {shape.size}")
        return shape.unpack_from(data)


def _blocks(source: Source, stream: io.BufferedReader) -> Iterator[Packet]:
    section, first = _section(source, stream, _exactly(stream, 4))
    _pass_over(stream, first)
    number = 0
    while head := stream.read(8):
        if len(head) < 8:
            raise _BrokenOffError
        if head[:4] == PCAPNG:
            section, rest = _section(source, stream, head[4:])
            _pass_over(stream, rest)
            continue
        kind, total = struct.unpack(f"{section.order}II", head)
        size = _size(source, total, number)
        if kind not in _READ:
            _pass_over(stream, size)
            continue
        if size > _MAX_BLOCK_BYTES:
            raise source.error(f"block of {total:,} bytes; expected at most {_MAX_BLOCK_BYTES:,}", line=number or None)
        body = _exactly(stream, size)[:-4]
        if kind == _INTERFACE:
            section.interface(body)
        elif kind == _STATISTICS:
            section.statistics(body)
        else:
            number += 1
            if (found := section.packet(kind, body, number)) is not None:
                yield found


def _section(source: Source, stream: io.BufferedReader, length: bytes) -> tuple[_Section, int]:
    """The section that a header opens, and how many bytes of the header are left."""
    magic = _exactly(stream, 4)
    order = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(magic)
    if order is None:
        raise source.error("section header without a byte order")
    return _Section(source, order), _size(source, struct.unpack(f"{order}I", length)[0], 0) - 4


def _size(source: Source, total: int, number: int) -> int:
    """How many bytes of a block follow its type and length."""
    # Lengths that are no multiple of four are padded (some writers leave the padding out of the length).
    padded = total + -total % 4
    if padded < 12:
        raise source.error(f"block of {total} bytes; expected at least 12", line=number or None)
    return padded - 8


def _exactly(stream: io.BufferedReader, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise _BrokenOffError
    return data


def _pass_over(stream: io.BufferedReader, count: int) -> None:
    while count:
        passed = len(stream.read(min(count, _CHUNK)))
        if not passed:
            raise _BrokenOffError
        count -= passed
