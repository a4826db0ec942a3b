"""One request or connection, as all logs that tell single ones say it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.sides import GROUP, OURS

if TYPE_CHECKING:
    from beholden.scan.network.sides import Sides

UDP_SERVICES = 65_536
_UNSAID = ("-", "-")


class Way(IntEnum):
    """Who acted on whom, seen from us."""

    OUTWARDS = 0
    INWARDS = 1
    WITHIN = 2


class Records(IntEnum):
    """What was counted; the same act may stand in several of them, so none is added to another."""

    ZEEK_CONNECTIONS = 0
    ZEEK_REQUESTS = 1
    SURICATA_FLOWS = 2
    SURICATA_REQUESTS = 3
    CAPTURED_CONNECTIONS = 4


class Request(NamedTuple):
    """One request or connection.

    Attributes:
        records: What kind of record tells of it.
        way: Who acted on whom.
        source: Address of the one that acted.
        target: Address that was acted on.
        service: Port; of UDP, `UDP_SERVICES` more. -1: the record has none.
        second: When, in whole seconds since 1970, UTC.
        is_answered: Whether an answer with content came.
        line: Where it stands in its file.
        name: What was asked for: a host name, for DNS the name; empty: the record has none.
    """

    records: Records
    way: Way
    source: str
    target: str
    service: int
    second: int
    is_answered: bool
    line: int
    name: str = ""


def way_of(sides: Sides, opener: str, target: str, flags: tuple[str, str] = _UNSAID) -> Way | None:
    """Who acted on whom; None: on a group, or neither side is known to be ours.

    Args:
        sides: What addresses are.
        opener: Address of the one that acted.
        target: Address that was acted on.
        flags: What Zeek's `local_orig` and `local_resp` say.
    """
    from_bits, to_bits = sides[opener], sides[target]
    if not from_bits or not to_bits or (from_bits | to_bits) & GROUP:
        return None
    from_us, to_us = _is_ours(sides, from_bits, flags[0]), _is_ours(sides, to_bits, flags[1])
    if from_us:
        return Way.WITHIN if to_us else Way.OUTWARDS
    return Way.INWARDS if to_us else None


def service_text(service: int) -> str:
    """A service as reports write it: `443/tcp`."""
    return f"{service % UDP_SERVICES}/{'udp' if service >= UDP_SERVICES else 'tcp'}"


def _is_ours(sides: Sides, bits: int, flag: str) -> bool:
    # As in the reader of conn logs: networks that the profile names hold even where Zeek was never told of them.
    if flag == "T" or (sides.has_own_networks and bits & OURS):
        return True
    return flag != "F" and bool(bits & OURS)
