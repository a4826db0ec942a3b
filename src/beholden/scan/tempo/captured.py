"""Packet captures → TCP connections and DNS exchanges."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.capture_file import packets
from beholden.scan.network.captured_dns import DNS_PORT
from beholden.scan.network.datagrams import TCP, UDP, Segment, segment, spelled
from beholden.scan.network.eve.waiting import Waiting
from beholden.scan.network.link_layer import NoIp, ip_offset
from beholden.scan.tempo.requests import UDP_SERVICES, Records, Request, Way, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_SYN, _ACK = 2, 16
_MAX_WAITING = 100_000


class _Ends(NamedTuple):
    protocol: int
    source: bytes
    source_port: int
    target: bytes
    target_port: int


class _Opening(NamedTuple):
    way: Way
    ends: _Ends
    second: int
    number: int


def connections(source: Source, sides: Sides) -> Iterator[Request]:
    """Give TCP connections whose opening was captured, and DNS queries over UDP; lines are numbers of packets.

    Args:
        source: The capture.
        sides: What addresses are.

    Raises:
        ScanError: The container is damaged.
    """
    waiting: Waiting[_Opening] = Waiting(_MAX_WAITING)
    for packet in packets(source):
        at = ip_offset(packet.link, packet.data)
        found = None if isinstance(at, NoIp) else segment(packet.data, at, Counter())
        if found is None:
            continue
        if _opens(found):
            way = way_of(sides, spelled(found.source), spelled(found.target))
            if way is not None:
                ends = _Ends(found.protocol, found.source, found.source_port, found.target, found.target_port)
                # A packet that is sent again opens nothing anew.
                if waiting.get(ends) is None:
                    for given_up in waiting.put(ends, _Opening(way, ends, int(packet.seen), packet.number)):
                        yield _request(given_up, sides, is_answered=False)
        elif found.payload or found.protocol == UDP:
            back = _Ends(found.protocol, found.target, found.target_port, found.source, found.source_port)
            if (opening := waiting.pop(back)) is not None:
                yield _request(opening, sides, is_answered=True)
    for given_up in waiting.rest():
        yield _request(given_up, sides, is_answered=False)


def _opens(found: Segment) -> bool:
    if found.protocol == TCP:
        return found.flags & (_SYN | _ACK) == _SYN
    return found.protocol == UDP and found.target_port == DNS_PORT


def _request(opening: _Opening, sides: Sides, *, is_answered: bool) -> Request:
    ends = opening.ends
    return Request(
        Records.CAPTURED_CONNECTIONS,
        opening.way,
        sides.canonical(spelled(ends.source)),
        sides.canonical(spelled(ends.target)),
        ends.target_port + (UDP_SERVICES if ends.protocol == UDP else 0),
        opening.second,
        is_answered,
        opening.number,
    )
