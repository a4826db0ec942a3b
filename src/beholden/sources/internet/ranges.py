"""Address ranges as publications print them: checked, in one spelling."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError

if TYPE_CHECKING:
    from beholden.errors import Origin

_LAST_V4 = (1 << 32) - 1
_LAST_V6 = (1 << 128) - 1
_LAST_ASN = (1 << 32) - 1
# The largest range of a provider in the publications read is a /9; of all IPv6 that is routed, an eighth.
_WIDEST = {4: 8, 6: 16}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_range(first: str, last: str) -> bool:
    """Whether two cells are the ends of a range, as text or as numbers."""
    return (_packed(first) is not None and _packed(last) is not None) or (first.isdecimal() and last.isdecimal())


def span(first: str, last: str, origin: Origin) -> tuple[str, str]:
    """The ends of a range in text.

    Args:
        first: Address, or its number.
        last: The same.
        origin: Of the record.

    Raises:
        UnexpectedValueError: No address, of two versions, or the wrong way round.
    """
    if ":" not in first and "." not in first and first.isdecimal() and last.isdecimal():
        first, last = _from_numbers(first, last, origin)
    start, end = _packed(first), _packed(last)
    if start is None or end is None:
        raise UnexpectedValueError("no address", f"{first!r} to {last!r}; expected two addresses", origin=origin)
    if len(start) != len(end):
        raise UnexpectedValueError("addresses of two versions", f"{first} to {last}", origin=origin)
    if start > end:
        raise UnexpectedValueError("range the wrong way round", f"{first} to {last}", origin=origin)
    return first.lower(), last.lower()


def network(printed: str, origin: Origin) -> Network:
    """A network in slash notation; an address by itself is a network of one.

    Raises:
        UnexpectedValueError: Not one, with bits set beyond its length, or wider than any provider has.
    """
    try:
        found = ipaddress.ip_network(printed)
    except ValueError as error:
        raise UnexpectedValueError("no network", f"{printed!r}: {error}", origin=origin) from error
    if found.prefixlen < _WIDEST[found.version]:
        raise UnexpectedValueError("network too wide", f"{printed}; no provider has that many", origin=origin)
    return found


def as_number(printed: str, origin: Origin) -> str:
    """An AS number as assets have it, `AS64500`.

    Raises:
        UnexpectedValueError: Not a number of 32 bits.
    """
    digits = printed.removeprefix("AS")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10 and int(digits) <= _LAST_ASN):
        raise UnexpectedValueError("no AS number", f"{printed!r}; expected 0 to {_LAST_ASN}", origin=origin)
    return f"AS{int(digits)}"


def _packed(text: str) -> bytes | None:
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)
    except (OSError, ValueError):
        return None


def _from_numbers(first: str, last: str, origin: Origin) -> tuple[str, str]:
    if len(first) > 39 or len(last) > 39 or int(last) > _LAST_V6 or int(first) > _LAST_V6:
        raise UnexpectedValueError("no address", f"{first[:50]} to {last[:50]}; expected two addresses", origin=origin)
    start, end = int(first), int(last)
    if start > end:
        raise UnexpectedValueError("range the wrong way round", f"{first} to {last}", origin=origin)
    # No range of IPv6 that anyone announces begins within the first four billion addresses.
    kind = ipaddress.IPv4Address if end <= _LAST_V4 else ipaddress.IPv6Address
    return str(kind(start)), str(kind(end))
