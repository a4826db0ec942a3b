"""Lists of devices as delimited text with a header: exports of switch and WiFi managers, NetBox interfaces, scanners.

No two systems name their columns alike, so the header is found by its words, or by the user's mapping in
`beholden.toml` (docs/how-to/map-columns.md). A vendor column is not read: such systems look it up in a table of their
own, undated and often without the small blocks.
    A row that ties the hardware address to an address or a named host of ours shows a device of ours. A row that only
    names a port or a VLAN does not tell whose segment that is, and is `probable`.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from beholden.scan.declared.register import Register
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
from beholden.scan.money.encodings import head_lines
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from beholden.scan.source import Source

HARDWARE_HEADERS = (
    "mac address", "mac", "macaddress", "mac addr", "hw address", "hwaddr", "hardware address", "physical address",
    "ethernet address", "lladdr", "link layer address", "primary mac address", "client mac", "client mac address",
    "station mac", "device mac", "unique id",
)  # fmt: skip
ADDRESS_HEADERS = (
    "ip address", "ipaddress", "ip", "ipv4 address", "ipv4", "ip addr", "ip addresses", "address", "client ip",
    "client ip address", "primary ip", "primary ipv4", "ipv6 address",
)  # fmt: skip
_WITNESSES = ("address", "host", "port", "vlan", "switch", "last_seen", "first_seen")
_LIST = Register(
    {
        "mac": HARDWARE_HEADERS,
        "address": ADDRESS_HEADERS,
        "host": ("host name", "hostname", "device name", "device", "host", "fqdn", "dns name", "computer name"),
        "port": ("port", "interface", "ifname", "switch port", "port name", "port id", "ports"),
        "vlan": ("vlan", "vlan id", "untagged vlan"),
        "switch": ("switch", "switch name", "switch ip", "bridge"),
        "first_seen": ("first seen", "first seen time", "discovered", "discovered at", "added"),
        "last_seen": ("last seen", "last seen time", "seen", "last activity", "last heard", "timestamp"),
        "state": ("state", "status", "type"),
    },
    required=("mac",),
    one_of=(_WITNESSES,),
)
# What tells where a device is; a time alone tells that somebody heard it.
_PLACES = frozenset({"address", "host", "port", "vlan", "switch"})
_SURVEY = re.compile(r"\b(?:[be]?ssid|rssi|authmode)\b", re.IGNORECASE)
_HEAD_LINES = 20
_SPLIT = re.compile(r"[\s,;]+")
_EPOCH = re.compile(r"[0-9]{9,11}(?:\.[0-9]{1,9})?", re.ASCII)
_NO_VALUE = frozenset({"", "-", "—", "n/a", "none", "null"})


class DeviceList:
    """Reads lists of devices (CSV with `,`, `;`, tab or `|`) by their header."""

    name = "device-list"
    title = "Lists of devices with hardware addresses: switch, WiFi and NetBox interface exports (delimited text)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a header that names a hardware address and where or when it was seen."""
        lines = list(head_lines(head, _HEAD_LINES) or ())
        found = _LIST.header(lines, head.columns)
        if found is None:
            return Acceptance.no("no header with a MAC address and an address, host, port, VLAN, switch or time")
        if _SURVEY.search(lines[found[0]]) and not _PLACES & found[2].keys():
            return Acceptance.no("WiFi survey: a device heard is not a device owned")
        # Whoever maps the column has said what the file is.
        return Acceptance.yes("header of a device list", strength=90 if "mac" in head.columns else 75)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (where, MAC).

        Raises:
            ScanError: The header is gone, or the data is damaged or expands too much.
        """
        _note_mapping(source, watch.columns)
        yield from summed(Devices(source, "rows"), _sightings(source, watch.columns))
        if source.not_resolved["unreadable_time"]:
            source.note("times that are neither ISO 8601 nor seconds since 1970 are not read")


def _note_mapping(source: Source, mapping: Mapping[str, str]) -> None:
    unknown = sorted(set(mapping) - set(_LIST.columns))
    if unknown:
        source.note(f"column mapping: unknown keys {', '.join(unknown)}; expected {', '.join(_LIST.columns)}")


def _sightings(source: Source, mapping: Mapping[str, str]) -> Iterator[Sighting | None]:
    for line, cells in _LIST.read(source, mapping):
        raw = value_of(cells.get("mac", ""))
        if not raw:
            source.accept()
            source.not_resolved["no_hardware_address"] += 1
            continue
        try:
            mac = hardware(raw, source)
        except WrongHardwareError:
            source.reject(line, "not a hardware address", expected="six bytes in hex")
            continue
        address = address_of(cells.get("address", ""))
        if address is None and value_of(cells.get("address", "")):
            source.reject(line, "not an address", expected="an IPv4 or IPv6 address")
            continue
        source.accept()
        if mac is None:
            continue
        host = value_of(cells.get("host", ""))
        facts = {name: value_of(cells.get(name, "")) for name in ("port", "vlan", "switch", "state")}
        yield Sighting(
            mac,
            raw,
            line,
            "mac address",
            address or host,
            first=_time(cells.get("first_seen", ""), source),
            heard=_time(cells.get("last_seen", ""), source),
            facts=clipped({"hostname": host, **facts}),
        )


def value_of(cell: str) -> str | None:
    """What a cell says; None for the signs that mean nothing."""
    return None if cell.casefold() in _NO_VALUE else cell


def address_of(cell: str) -> str | None:
    """The first address in a cell, without its prefix length; None where it begins with none."""
    first = _SPLIT.split(cell, maxsplit=1)[0].partition("/")[0].partition("%")[0]
    try:
        return str(ipaddress.ip_address(first))
    except ValueError:
        return None


def _time(cell: str, source: Source) -> datetime | None:
    text = value_of(cell)
    if text is None:
        return None
    found = None
    if _EPOCH.fullmatch(text):
        found = moment(int(text.partition(".")[0]))
    else:
        try:
            found = datetime.fromisoformat(text.replace("/", "-"))
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            found = None
    if found is None:
        source.not_resolved["unreadable_time"] += 1
    return found
