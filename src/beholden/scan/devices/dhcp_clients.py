"""What a DHCP message or exchange seen on the wire says of the client's device.

A client that was given or confirmed an address is there for sure; one that only asked (or was refused) was heard, and
may have come in with a visitor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.devices.sightings import Sighting, clipped, hardware
from beholden.scan.network.sides import GROUP
from beholden.scan.network.tally import utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

EXPECTED = "a hardware address"


def client_sighting(
    source: Source,
    line: int,
    column: str,
    address: str,
    where: str | None,
    *,
    seen: float,
    until: float,
    is_granted: bool,
    facts: Mapping[str, str],
) -> Sighting | None:
    """Tell of a client.

    Args:
        source: Takes the counts of what is no Ethernet device.
        line: Where the record stands.
        column: The field that holds the hardware address.
        address: The hardware address as printed; empty: none.
        where: The IP address that the client holds, in one spelling.
        seen: Seconds since 1970, UTC, within year 9999.
        until: When the exchange ended, the same way.
        is_granted: Whether the server gave or confirmed an address.
        facts: What the client says of itself.

    Raises:
        WrongHardwareError: The text is no hardware address of any kind.
    """
    if not address:
        source.not_resolved["no_hardware_address"] += 1
        return None
    mac = hardware(address, source)
    if mac is None:
        return None
    return Sighting(
        mac,
        address,
        line,
        column,
        where,
        first=utc(seen),
        heard=utc(until),
        is_sure=is_granted,
        facts=clipped(facts),
    )


def held_address(sides: Sides, *texts: str) -> str | None:
    """The first of some texts that is an address which a device can hold."""
    found = next((text for text in texts if (bits := sides[text]) and not bits & GROUP), None)
    return None if found is None else sides.canonical(found)
