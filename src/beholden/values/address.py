"""IP addresses as 16 bytes, so that IPv4 and IPv6 share one sorted space (RFC 4291 section 2.5.5.2 mapping)."""

from __future__ import annotations

import ipaddress
import socket

_MAPPED = b"\x00" * 10 + b"\xff\xff"


def pack(text: str) -> bytes:
    """Pack an address.

    Args:
        text: IPv4 or IPv6 in any textual form.

    Returns:
        16 bytes, big-endian; IPv4 mapped into ::ffff:0:0/96.

    Raises:
        ValueError: Not an address.
    """
    try:
        # Four times as fast; a base may have a million ranges.
        if ":" not in text:
            return _MAPPED + socket.inet_pton(socket.AF_INET, text)
        return socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        # It says what is wrong, and takes an IPv6 address with its zone.
        address = ipaddress.ip_address(text)
    return _MAPPED + address.packed if address.version == 4 else address.packed


def unpack(packed: bytes) -> str:
    """The canonical text of a packed address; IPv4 in dotted form."""
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    # `inet_ntop` writes the last parts of some IPv6 addresses as IPv4.
    return str(ipaddress.IPv6Address(packed))
