"""The frame of every reader that saw DHCP messages: which hardware addresses spoke on our network, and from where.

A client that was given or confirmed an address is `confirmed`; one that only asked (or was refused) is `probable`: it
was heard, and may have come in with a visitor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.scan.network.sides import GROUP
from beholden.scan.network.tally import utc
from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation
from beholden.values.mac import is_locally_administered, is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

# Pairings held at once; more are given as partial rows that merge later.
_MAX_PAIRINGS = 100_000
# Longer than any text that DHCP can carry (RFC 2132: one option holds 255 bytes).
_MAX_TEXT = 255
_NO_ADDRESS = "00:00:00:00:00:00"


@dataclass(slots=True)
class _Client:
    raw: str
    first: float
    last: float
    count: int = 0
    lines: list[int] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


class DhcpClients:
    """Sums DHCP exchanges by hardware address, address held, and whether a server granted it.

    Args:
        source: The log; takes the counts of what is left out, and the notes.
        field: The field that holds the hardware address.
    """

    def __init__(self, source: Source, field: str) -> None:
        self._source = source
        self._field = field
        self._rows = Rows(source.path)
        self._clients: dict[tuple[str, str, bool], _Client] = {}

    def add(
        self,
        line: int,
        seen: float,
        hardware: str | None,
        address: str,
        *,
        until: float | None = None,
        is_granted: bool,
        facts: Mapping[str, str],
    ) -> None:
        """Take one exchange or message.

        Args:
            line: Where it stands.
            seen: Seconds since 1970, UTC, within year 9999.
            hardware: The client's hardware address as printed; None: the record has none.
            address: The IP address it holds, in one spelling; empty: unknown.
            until: End of the exchange, within year 9999.
            is_granted: Whether the server gave or confirmed an address.
            facts: What the client says of itself; later records of the same client win.
        """
        mac = parse_mac(hardware) if hardware is not None else None
        if hardware is None or mac is None or mac == _NO_ADDRESS:
            # Other media than Ethernet have longer ones.
            self._source.not_resolved["dhcp_without_ethernet_address"] += 1
        elif is_multicast(mac):
            self._source.not_resolved["dhcp_with_group_address"] += 1
        elif is_locally_administered(mac):
            self._source.not_resolved["locally_administered"] += 1
        else:
            client = self._clients.setdefault((mac, address, is_granted), _Client(hardware, seen, seen))
            client.count += 1
            client.first = min(client.first, seen)
            client.last = max(client.last, seen if until is None else until)
            client.facts.update({name: text[:_MAX_TEXT] for name, text in facts.items() if text})
            if len(client.lines) < MAX_LINES:
                client.lines.append(line)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        if len(self._clients) >= _MAX_PAIRINGS:
            yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        clients, self._clients = self._clients, {}
        for (mac, address, is_granted), client in clients.items():
            self._rows.add(
                Kind.MAC,
                mac,
                raw=client.raw,
                relation=Relation.HARDWARE,
                direction=Direction.NONE,
                certainty="confirmed" if is_granted else "probable",
                field=self._field,
                own_host=address or None,
                lines=client.lines,
                count=client.count,
                first_seen=utc(client.first),
                last_seen=utc(client.last),
                detail=client.facts,
            )
            yield from self._rows.full()
        yield from self._rows.rest()

    def tell(self) -> None:
        """Note in coverage what a reader of the findings has to know about what is not in them."""
        counts = self._source.not_resolved
        if count := counts["locally_administered"]:
            self._source.note(
                f"{count:,} DHCP records have a locally administered (randomised or software-set) MAC: "
                "no maker can be told from it"
            )


def held_address(sides: Sides, *texts: str) -> str:
    """The first of some texts that is an address a device can hold; empty where none is."""
    found = next((text for text in texts if (bits := sides[text]) and not bits & GROUP), None)
    return "" if found is None else sides.canonical(found)
