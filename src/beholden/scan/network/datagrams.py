"""IP packets of a capture → UDP datagrams and TCP segments.

Source: RFC 791, RFC 8200 (extension headers), RFC 4302 (AH), RFC 768, RFC 9293; RFC 7348 (VXLAN, as clouds mirror
    traffic). Fragments are counted, not put together: what is read here fits into one packet nearly always.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.link_layer import NoIp, ethernet

if TYPE_CHECKING:
    from collections import Counter

UDP, TCP = 17, 6
_IPV4_IN_IP, _IPV6_IN_IP, _GRE, _ESP, _AUTHENTICATION, _FRAGMENT = 4, 41, 47, 50, 51, 44
_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
_MAX_EXTENSIONS = 8
_MAX_TUNNELS = 2
_VXLAN = 4789
_SHORTEST = {UDP: 8, TCP: 20}


class Segment(NamedTuple):
    """One datagram or TCP segment.

    Attributes:
        protocol: UDP or TCP.
        source: Address of the sender, packed.
        target: Address of the receiver, packed.
        source_port: Port of the sender.
        target_port: Port of the receiver.
        payload: What was captured of the content.
        sequence: TCP: number of the first byte; UDP: 0.
        flags: TCP: flags; UDP: 0.
        is_whole: Whether all of the content was captured.
    """

    protocol: int
    source: bytes
    target: bytes
    source_port: int
    target_port: int
    payload: bytes
    sequence: int
    flags: int
    is_whole: bool


def spelled(address: bytes) -> str:
    """A packed address as text."""
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def segment(frame: bytes, at: int, counts: Counter[str], depth: int = 0) -> Segment | None:
    """Read the packet that begins somewhere in a frame.

    Args:
        frame: The frame as captured.
        at: Where the IP packet begins.
        counts: Takes what is not read.
        depth: How many tunnels it came out of.

    Returns:
        The segment; None where it is of another protocol, or not read.
    """
    try:
        if frame[at] >> 4 == 4:
            return _ipv4(frame, at, counts, depth)
        if frame[at] >> 4 == 6:
            return _ipv6(frame, at, counts, depth)
    except IndexError:
        counts[NoIp.CUT.value] += 1
    return None


def _ipv4(frame: bytes, at: int, counts: Counter[str], depth: int) -> Segment | None:
    header = (frame[at] & 0x0F) * 4
    total = _number(frame, at + 2)
    # Offloading leaves the length of what the card has yet to split at zero.
    end = at + total if total else len(frame)
    if header < 20 or end < at + header:
        counts["ip_packets_malformed"] += 1
        return None
    if _number(frame, at + 6) & 0x3FFF:
        counts["ip_fragments"] += 1
        return None
    ends = (frame[at + 12 : at + 16], frame[at + 16 : at + 20])
    return _content(frame, frame[at + 9], at + header, end, ends, counts, depth)


def _ipv6(frame: bytes, at: int, counts: Counter[str], depth: int) -> Segment | None:
    length = _number(frame, at + 4)
    end = at + 40 + length if length else len(frame)
    ends = (frame[at + 8 : at + 24], frame[at + 24 : at + 40])
    protocol, at = frame[at + 6], at + 40
    for _ in range(_MAX_EXTENSIONS):
        if protocol in _EXTENSIONS:
            protocol, at = frame[at], at + 8 * (frame[at + 1] + 1)
        elif protocol == _AUTHENTICATION:
            protocol, at = frame[at], at + 4 * (frame[at + 1] + 2)
        elif protocol == _FRAGMENT:
            if _number(frame, at + 2) & 0xFFF9:
                counts["ip_fragments"] += 1
                return None
            protocol, at = frame[at], at + 8
        else:
            break
    return _content(frame, protocol, at, end, ends, counts, depth)


def _content(
    frame: bytes, protocol: int, at: int, end: int, ends: tuple[bytes, bytes], counts: Counter[str], depth: int
) -> Segment | None:
    if protocol in (_IPV4_IN_IP, _IPV6_IN_IP):
        return _inside(frame, at, counts, depth)
    if protocol in (_GRE, _ESP):
        counts["packets_in_unread_tunnels"] += 1
        return None
    shortest = _SHORTEST.get(protocol)
    if shortest is None:
        return None
    if min(end, len(frame)) < at + shortest:
        counts[NoIp.CUT.value if end > len(frame) else "ip_packets_malformed"] += 1
        return None
    ports = _number(frame, at), _number(frame, at + 2)
    if protocol == UDP:
        if ports[1] == _VXLAN:
            found = ethernet(frame, at + 16)
            return _inside(frame, found, counts, depth) if isinstance(found, int) else None
        return Segment(UDP, *ends, *ports, frame[at + 8 : end], 0, 0, end <= len(frame))
    header = (frame[at + 12] >> 4) * 4
    if header < 20:
        counts["ip_packets_malformed"] += 1
        return None
    sequence = int.from_bytes(frame[at + 4 : at + 8], "big")
    return Segment(TCP, *ends, *ports, frame[at + header : end], sequence, frame[at + 13], end <= len(frame))


def _inside(frame: bytes, at: int, counts: Counter[str], depth: int) -> Segment | None:
    if depth >= _MAX_TUNNELS:
        counts["packets_in_unread_tunnels"] += 1
        return None
    return segment(frame, at, counts, depth + 1)


def _number(frame: bytes, at: int) -> int:
    return (frame[at] << 8) | frame[at + 1]
