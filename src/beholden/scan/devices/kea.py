"""Kea DHCP lease files (memfile backend, CSV): which hardware addresses held a lease of ours.

Source: the memfile backend of Kea (`csv_lease_file4`, `csv_lease_file6` and `lease` of its library `dhcpsrv`).
    The file is an append-only log: the last row of an address is its present state, a row with a lifetime of zero takes
    the lease away. `expire` less `valid_lifetime` is when the client was last heard of. Commas inside a value are
    written `&#x2c`. Columns were added over time and come after those before them.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from beholden.scan.devices.duid import NotADuidError, mac_of
from beholden.scan.devices.sightings import (
    Devices,
    Sighting,
    WrongHardwareError,
    clipped,
    hardware,
    moment,
    summed,
)
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pyarrow as pa

    from beholden.scan.source import Source

_HEADER_V4 = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id"
_HEADER_V6 = "address,duid,valid_lifetime,expire,subnet_id"
# The least that every version wrote; it stands in both files.
_NEEDED = ("address", "valid_lifetime", "expire", "hostname")
_STATES = {
    "0": "active",
    "1": "declined",
    "2": "expired and reclaimed",
    "3": "released",
    "4": "registered",
}
_PREFIX_DELEGATION = "2"
_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_COMMA = re.compile(r"&#x2c;?", re.IGNORECASE)
# Times of leases are kept modulo 32 bits, so that endless ones (2^32 - 1 seconds) come out right, too.
_WRAP = 2**32


class KeaLeases:
    """Reads `kea-leases4.csv` and `kea-leases6.csv`: one observation per leased address and hardware address."""

    name = "kea-leases"
    title = "Kea DHCP server leases (memfile CSV, DHCPv4 and DHCPv6)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the header that Kea writes."""
        first = next(iter(head.first_lines(1)), "")
        if first.startswith((_HEADER_V4, _HEADER_V6)):
            return Acceptance.yes("has the header of a Kea lease file", strength=95)
        return Acceptance.no(f"does not begin with {_HEADER_V4} or {_HEADER_V6}")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (leased address, MAC); what the DUID alone tells is `probable`.

        Raises:
            ScanError: The header is gone, or the data is damaged or expands too much.
        """
        del watch  # Every device on our server's networks is ours to show; segments are the profile's.
        devices = Devices(source, "lease rows", state="lease_state")
        yield from summed(devices, _sightings(source, devices))
        if source.not_resolved["duid_without_hardware_address"]:
            source.note(
                "DHCPv6 clients whose identifier (DUID) holds no hardware address cannot be told apart by maker"
            )


def _sightings(source: Source, devices: Devices) -> Iterator[Sighting | None]:
    lines = source.lines()
    _, text = next(lines, (1, ""))
    header = text.split(",")
    if not set(_NEEDED) <= set(header):
        raise source.error(f"no Kea lease header; expected {_HEADER_V4},… or {_HEADER_V6},…")
    for line, text in lines:
        # A server that starts writes its header again where it makes a new file.
        if not text or text.startswith(_HEADER_V4) or text.startswith(_HEADER_V6):
            continue
        cells = text.split(",")
        # Files of an older version are read on by a newer one: rows may be shorter, or longer, than the header.
        if len(cells) < header.index("hostname") + 1:
            source.reject(line, "wrong column count", expected=f"{len(header)} columns")
            continue
        yield _read(line, dict(zip(header, cells, strict=False)), source, devices)


def _read(line: int, row: dict[str, str], source: Source, devices: Devices) -> Sighting | None:
    try:
        address = str(ipaddress.ip_address(row["address"]))
    except ValueError:
        source.reject(line, "not an address", expected="a leased address in the first column")
        return None
    if not _NUMBER.fullmatch(row["expire"]) or not _NUMBER.fullmatch(row["valid_lifetime"]):
        source.reject(line, "unreadable time", expected="seconds in expire and valid_lifetime")
        return None
    heard = _last_heard(int(row["expire"]), int(row["valid_lifetime"]))
    devices.heard_at(heard)
    try:
        found = _mac(row, source)
    except (WrongHardwareError, NotADuidError):
        source.reject(line, "not the hardware address of a device", expected="bytes in hex in hwaddr, and in duid")
        return None
    source.accept()
    if found is None:
        return None
    mac, column = found
    facts = clipped(
        {
            "hostname": _COMMA.sub(",", row["hostname"]).rstrip("."),
            "lease_state": _state(row),
            "subnet": row.get("subnet_id"),
            "lease": "prefix" if row.get("lease_type") == _PREFIX_DELEGATION else None,
        }
    )
    return Sighting(mac, row[column], line, column, address, heard, heard, is_sure=column == "hwaddr", facts=facts)


def _mac(row: dict[str, str], source: Source) -> tuple[str, str] | None:
    """The hardware address and the column that tells it."""
    text = row.get("hwaddr", "")
    if text:
        mac = hardware(text, source)
        return None if mac is None else (mac, "hwaddr")
    if not row.get("duid"):
        # The server blanks a lease whose address a client found in use by somebody else.
        source.not_resolved["no_hardware_address"] += 1
        return None
    mac = mac_of(row["duid"])
    if mac is None:
        source.not_resolved["duid_without_hardware_address"] += 1
        return None
    return mac, "duid"


def _state(row: dict[str, str]) -> str:
    if int(row["valid_lifetime"]) == 0:
        return "removed"
    number = row.get("state", "") or "0"
    return _STATES.get(number, f"state {number}")


def _last_heard(expire: int, lifetime: int) -> datetime | None:
    return moment((expire - lifetime) % _WRAP)
