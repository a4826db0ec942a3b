"""Suricata EVE: `flow`, `http` and `tls` events → requests.

`netflow` events are halves of flows, and a file that has them has flows mostly, too; `dns` events repeat what flows to
port 53 tell.

Source: Suricata user guide, "Eve JSON Format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.eve.events import Event, is_placed, read_events, text_of
from beholden.scan.network.eve.flow_records import begun_and_answered
from beholden.scan.network.hostnames import normalise_host
from beholden.scan.tempo.requests import UDP_SERVICES, Records, Request, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_TRANSPORTS = {"TCP": 0, "UDP": UDP_SERVICES}
_NAMES = {"http": "hostname", "tls": "sni"}


def events(source: Source, sides: Sides) -> Iterator[Request]:
    """Give the flows and requests of one log.

    Args:
        source: The log.
        sides: What addresses are.

    Raises:
        ScanError: Compressed data is damaged.
    """
    for event in read_events(source):
        if event.protocol not in _TRANSPORTS or not is_placed(event, sides):
            continue
        if event.kind == "flow":
            if (told := begun_and_answered(event)) is not None:
                yield from _request(event, sides, Records.SURICATA_FLOWS, *told)
        elif event.kind in _NAMES:
            part = event.part()
            name = normalise_host(text_of(part.get(_NAMES[event.kind])).partition(":")[0]) or ""
            # A handshake is logged once it is over; of a request the status is that of the answer.
            is_answered = event.kind == "tls" or "status" in part or "http_content_type" in part
            yield from _request(event, sides, Records.SURICATA_REQUESTS, event.seen, is_answered, name)


def _request(
    event: Event, sides: Sides, records: Records, seen: float, is_answered: bool, name: str = ""
) -> Iterator[Request]:
    way = way_of(sides, event.source, event.target)
    if way is not None:
        yield Request(
            records,
            way,
            sides.canonical(event.source),
            sides.canonical(event.target),
            event.target_port + _TRANSPORTS[event.protocol] if event.target_port >= 0 else -1,
            int(seen),
            is_answered,
            event.line,
            name,
        )
