"""EVE `dhcp` events: the hardware addresses of clients that spoke DHCP where the sensor listens.

One event is one message. By default only the server's ACK is logged; `extended` logs the others, too.

Source: Suricata user guide, "Eve JSON Format", event type DHCP (`client_mac`, `assigned_ip`, `client_ip`, `dhcp_type`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.devices.dhcp_clients import EXPECTED, client_sighting, held_address
from beholden.scan.devices.sightings import Devices, WrongHardwareError
from beholden.scan.network.eve.events import Event, Refusal, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_FACTS = {"hostname": "hostname", "vendor_class": "vendor_class_identifier"}


class DhcpMessages:
    """Sums `dhcp` events.

    Args:
        source: Takes counts.
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, sides: Sides) -> None:
        self._sides = sides
        self._source = source
        self._devices = Devices(source, "DHCP messages")

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one. A client may have no address yet."""
        dhcp = event.part()
        try:
            found = client_sighting(
                self._source,
                event.line,
                "dhcp.client_mac",
                text_of(dhcp.get("client_mac")),
                held_address(self._sides, text_of(dhcp.get("assigned_ip")), text_of(dhcp.get("client_ip"))),
                seen=event.seen,
                until=event.seen,
                is_granted=text_of(dhcp.get("dhcp_type")) == "ack",
                facts={name: text_of(dhcp.get(key)) for name, key in _FACTS.items()},
            )
        except WrongHardwareError:
            return "not the hardware address of a device", EXPECTED
        if found is not None:
            self._devices.add(found)
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._devices.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._devices.rest()

    def finish(self) -> None:
        """Settle nothing: devices tell of what is left out once they are given."""
