"""DHCP as packets show it: the messages of an exchange joined into what a log would hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.scan.devices.dhcp_clients import client_sighting, held_address
from beholden.scan.devices.dhcp_messages import ACK, DhcpMessage, read_dhcp

if TYPE_CHECKING:
    from beholden.scan.devices.sightings import Devices
    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_PORTS = frozenset({67, 68})
_PORTS_6 = frozenset({546, 547})
# Exchanges of which more messages may come; relays send copies.
_MAX_OPEN = 20_000


@dataclass(slots=True)
class _Exchange:
    number: int
    first: float
    last: float
    address: str = ""
    is_granted: bool = False
    facts: dict[str, str] = field(default_factory=dict)


class CapturedDhcp:
    """Joins messages, and gives each exchange once to the frame of devices.

    Args:
        devices: The frame.
        source: Takes the counts of what is not read.
        sides: Says which addresses a device can hold.
    """

    def __init__(self, devices: Devices, source: Source, sides: Sides) -> None:
        self._devices = devices
        self._source = source
        self._sides = sides
        self._counts = source.not_resolved
        self._open: dict[tuple[int, str | None], _Exchange] = {}

    def add(self, number: int, seen: float, ports: tuple[int, int], payload: bytes) -> bool:
        """Take a datagram, and say whether it is of DHCP by its ports.

        Args:
            number: Of the packet.
            seen: Its time.
            ports: Of sender and receiver.
            payload: Its content.
        """
        if ports[0] in _PORTS_6 and ports[1] in _PORTS_6:
            self._counts["dhcpv6_not_read"] += 1
            return True
        if ports[0] not in _PORTS or ports[1] not in _PORTS:
            return False
        message = read_dhcp(payload)
        if message is None:
            self._counts["dhcp_unreadable"] += 1
        else:
            self._message(number, seen, message)
        return True

    def finish(self) -> None:
        """Give the exchanges that are still open."""
        while self._open:
            self._give_oldest()

    def _message(self, number: int, seen: float, message: DhcpMessage) -> None:
        key = message.transaction, message.hardware
        exchange = self._open.get(key)
        if exchange is None:
            exchange = self._open[key] = _Exchange(number, seen, seen)
        exchange.first, exchange.last = min(exchange.first, seen), max(exchange.last, seen)
        exchange.facts.update(message.facts)
        # Plain BOOTP has one reply, and it gives the address. An offer gives none yet.
        is_granted = message.is_reply and message.kind in (ACK, 0)
        if message.address and (is_granted or (not message.is_reply and not exchange.is_granted)):
            exchange.address = message.address
        exchange.is_granted |= is_granted
        if len(self._open) > _MAX_OPEN:
            self._give_oldest()

    def _give_oldest(self) -> None:
        key = next(iter(self._open))
        exchange = self._open.pop(key)
        seen = client_sighting(
            self._source,
            exchange.number,
            "dhcp.chaddr",
            key[1] or "",
            held_address(self._sides, exchange.address),
            seen=exchange.first,
            until=exchange.last,
            is_granted=exchange.is_granted,
            facts=exchange.facts,
        )
        if seen is not None:
            self._devices.add(seen)
