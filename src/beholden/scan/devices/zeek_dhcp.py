"""Zeek `dhcp` logs: the hardware addresses of clients that spoke DHCP where the sensor listens.

What a record amounts to is told in `dhcp_clients`. `requested_addr` is a wish and `lease_time` a promise, so neither
says who held what.

Source: Zeek manual, base/protocols/dhcp/main.zeek (one record sums up the messages of a transaction) and
policy/protocols/dhcp/software.zeek (`client_software`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.devices.dhcp_clients import EXPECTED, client_sighting, held_address
from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, summed
from beholden.scan.network.cells import LATEST, parse_seconds
from beholden.scan.network.sides import Sides
from beholden.scan.network.zeek_records import (
    EMPTY,
    SET_SEPARATOR,
    UNSET,
    accepts_log,
    read_records,
    unescape,
)
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = (
    "ts",
    "mac",
    "assigned_addr",
    "client_addr",
    "msg_types",
    "duration",
    "host_name",
    "client_fqdn",
    "client_software",
)
_REQUIRED = ("ts", "mac")
_LISTS = frozenset({"msg_types"})
_MARKS = ("assigned_addr", "client_addr", "msg_types", "lease_time", "requested_addr")
_NOTHING = frozenset({UNSET, EMPTY})


class ZeekDhcp:
    """Reads Zeek dhcp logs, TSV or JSON lines."""

    name = "zeek-dhcp"
    title = "Zeek dhcp log (TSV or JSON lines)"
    kinds = frozenset({Kind.MAC})
    can_be_followed = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "dhcp", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per hardware address and the address it held.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        yield from summed(Devices(source, "DHCP exchanges"), _sightings(source, Sides(watch)))


def _sightings(source: Source, sides: Sides) -> Iterator[Sighting | None]:
    for line, cells in read_records(source, "dhcp", _COLUMNS, _REQUIRED, _LISTS):
        seconds = parse_seconds(cells[0])
        if seconds is None:
            source.reject(line, "time out of range", expected="seconds since 1970 or ISO 8601")
            continue
        facts = {"hostname": cells[6], "client_fqdn": cells[7], "client_software": cells[8]}
        try:
            found = client_sighting(
                source,
                line,
                "dhcp.mac",
                "" if cells[1] in _NOTHING else cells[1],
                held_address(sides, cells[2], cells[3]),
                seen=seconds,
                until=min(seconds + (parse_seconds(cells[5]) or 0), LATEST),
                is_granted="ACK" in cells[4].split(SET_SEPARATOR),
                facts={name: unescape(text) for name, text in facts.items() if text not in _NOTHING},
            )
        except WrongHardwareError:
            source.reject(line, "not the hardware address of a device", expected=EXPECTED)
            continue
        source.accept()
        yield found
