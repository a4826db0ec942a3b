"""What a captured frame carries: the IP packet in it, whatever the link and its tags are.

Source: tcpdump.org, "Link-layer header types"; IEEE 802.1Q; IEEE 802.11 and radiotap.org; RFC 2516 (PPPoE).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_IPV4, _IPV6 = 0x0800, 0x86DD
_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
_PPPOE = 0x8864
_PPP_IP = frozenset({0x0021, 0x0057})
_MAX_TAGS = 4
_SNAP = b"\xaa\xaa\x03\x00\x00\x00"


class NoIp(Enum):
    """Why a frame gives no IP packet; the value is its key in coverage, empty where nothing is amiss."""

    OTHER = ""
    CUT = "frames_cut_in_header"
    ENCRYPTED = "wifi_frames_encrypted"
    UNKNOWN_LINK = "frames_of_unread_link_type"


# Where the IP packet begins in the frame, or why there is none.
Found = int | NoIp


def ip_offset(link: int, frame: bytes) -> Found:
    """Say where the IP packet of a frame begins.

    Args:
        link: Link type of the capture.
        frame: The frame as captured.
    """
    reader = _LINKS.get(link)
    if reader is None:
        return NoIp.UNKNOWN_LINK
    try:
        return reader(frame)
    except IndexError:
        return NoIp.CUT


def ethernet(frame: bytes, at: int = 0) -> Found:
    """Say where the IP packet of an Ethernet frame begins.

    Args:
        frame: What holds the frame.
        at: Where in it the frame begins.
    """
    if len(frame) < at + 14:
        return NoIp.CUT
    return _of_type(frame, at + 12)


def _of_type(frame: bytes, at: int) -> Found:
    """Follow tags from the place of an EtherType."""
    for _ in range(_MAX_TAGS):
        kind = (frame[at] << 8) | frame[at + 1]
        if kind in (_IPV4, _IPV6):
            return at + 2
        if kind in _TAGS:
            at += 4
        elif kind == _PPPOE:
            protocol = (frame[at + 8] << 8) | frame[at + 9]
            return at + 10 if protocol in _PPP_IP else NoIp.OTHER
        else:
            return NoIp.OTHER
    return NoIp.OTHER


def _cooked(frame: bytes) -> Found:
    return _of_type(frame, 14)


def _cooked_2(frame: bytes) -> Found:
    return _of_type_then(frame, 0, 20)


def _of_type_then(frame: bytes, at: int, header: int) -> Found:
    """Read an EtherType that stands before the rest of its header."""
    kind = (frame[at] << 8) | frame[at + 1]
    if kind in (_IPV4, _IPV6):
        return header
    # A tag's own fields follow the header; the type that it wraps stands behind them.
    return _of_type(frame, header + 2) if kind in _TAGS else NoIp.OTHER


def _raw(frame: bytes) -> Found:
    return 0 if frame[0] >> 4 in (4, 6) else NoIp.OTHER


def _loopback(frame: bytes) -> Found:
    # The family is in the byte order of the machine that captured, and IPv6 has another number on each system.
    return 4 if frame[4] >> 4 in (4, 6) else NoIp.OTHER


def _radiotap(frame: bytes) -> Found:
    return _wifi(frame, frame[2] | (frame[3] << 8))


def _bare_wifi(frame: bytes) -> Found:
    return _wifi(frame, 0)


def _wifi(frame: bytes, at: int) -> Found:
    kind, flags = frame[at], frame[at + 1]
    is_data, has_body = kind & 0x0C == 0x08, not kind & 0x40
    if not is_data or not has_body:
        return NoIp.OTHER
    if flags & 0x40:
        return NoIp.ENCRYPTED
    header = 24
    if flags & 0x03 == 0x03:
        header += 6
    if kind & 0x80:
        header += 2
        if flags & 0x80:
            header += 4
    # Some cards align what follows to four bytes.
    for start in (at + header, at + header + -header % 4):
        if frame[start : start + 6] == _SNAP:
            return _of_type(frame, start + 6)
    return NoIp.OTHER


_LINKS: dict[int, Callable[[bytes], Found]] = {
    0: _loopback,
    1: ethernet,
    12: _raw,  # BSD's own number, written by older programs
    14: _raw,
    101: _raw,
    105: _bare_wifi,
    108: _loopback,
    113: _cooked,
    127: _radiotap,
    228: _raw,
    229: _raw,
    276: _cooked_2,
}
