"""EVE `arp` events: the hardware addresses that spoke for an IP address on the link where the sensor listens.

Only the sender is taken: the target of a request is unknown or asked for, and that of a reply speaks for itself.

Source: Suricata's ARP logger (OISF/suricata pull request 11060), off by default: `arp.src_mac`, `arp.src_ip`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.devices.dhcp_clients import EXPECTED, held_address
from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, hardware
from beholden.scan.network.eve.events import Event, Refusal, text_of
from beholden.scan.network.tally import utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source


class ArpMessages:
    """Sums `arp` events.

    Args:
        source: Takes counts and notes.
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, sides: Sides) -> None:
        self._source = source
        self._sides = sides
        self._devices = Devices(source, "ARP messages")

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        arp = event.part()
        raw = text_of(arp.get("src_mac"))
        try:
            mac = hardware(raw, self._source)
        except WrongHardwareError:
            return "not the hardware address of a device", EXPECTED
        if mac is not None:
            # A device that looks whether an address is free sends 0.0.0.0 (RFC 5227): it holds none yet.
            where = held_address(self._sides, text_of(arp.get("src_ip")))
            seen = utc(event.seen)
            self._devices.add(Sighting(mac, raw, event.line, "arp.src_mac", where, first=seen, heard=seen))
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._devices.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._devices.rest()

    def finish(self) -> None:
        """Settle nothing: devices tell of what is left out once they are given."""
