"""Inventories of hardware as delimited text: NetBox device exports and asset registers of the same shape.

Source: the device model and its CSV import and export in the NetBox documentation; exports carry the field names
    (`device_type`) or the labels of the columns (`Type`).
    What our own inventory says of a device's manufacturer is our own word: a name, related as hardware. It is the name
    on the case; who built the device or the radio inside may be somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.declared.register import Register
from beholden.scan.devices.device_list import ADDRESS_HEADERS, HARDWARE_HEADERS, address_of, value_of
from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, clipped, hardware, summed
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.money.encodings import head_lines
from beholden.schema.vocabulary import Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.rows import Rows
    from beholden.scan.source import Source

_INVENTORY = Register(
    {
        "manufacturer": ("manufacturer", "manufacturer name", "make"),
        "type": ("device type", "type", "model", "model name", "model number"),
        "name": ("name", "device name", "device", "host name", "hostname", "asset name"),
        "serial": ("serial", "serial number"),
        "asset_tag": ("asset tag", "asset number", "asset id"),
        "role": ("role", "device role"),
        "site": ("site", "location"),
        "status": ("status", "state"),
        "tenant": ("tenant",),
        "address": ADDRESS_HEADERS,
        "mac": HARDWARE_HEADERS,
    },
    required=("manufacturer", "type"),
    # A catalogue of device types has a manufacturer and a model, too, and no device.
    one_of=(("name", "serial", "asset_tag"), ("serial", "asset_tag", "role", "site")),
)
_HEAD_LINES = 20
_MAX_NAME = 300
# NetBox's states of a device that is not there (yet).
_NOT_IN_USE = frozenset({"planned", "inventory", "decommissioning", "offline"})
_NOBODY = frozenset({"unknown", "generic", "other", "various", "not specified"})


class HardwareInventory:
    """Reads inventories of hardware (CSV with `,`, `;`, tab or `|`) by their header."""

    name = "hardware-inventory"
    title = "Hardware inventories: manufacturer, type, serial or asset tag (NetBox devices, delimited text)"
    kinds = frozenset({Kind.NAME, Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a header with manufacturer, type and what makes a row one device."""
        found = _INVENTORY.header(list(head_lines(head, _HEAD_LINES) or ()))
        if found is None:
            return Acceptance.no("no header with a manufacturer, a type and a serial number, asset tag, role or site")
        # A register of fixed assets with amounts is rather read as a ledger (70), a bare list of devices less (75).
        return Acceptance.yes("header of a hardware inventory", strength=78 if "mac" in found[2] else 65)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per device with its manufacturer's name, and one with its hardware address where it has one.

        What is planned, stored or out of service is `probable`.

        Raises:
            ScanError: The header is gone, or the data is damaged or expands too much.
        """
        del watch
        devices = Devices(source, "rows")
        rows = _INVENTORY.read(source)
        yield from summed(devices, (_read(line, cells, devices.rows, source) for line, cells in rows))


def _read(line: int, cells: dict[str, str], rows: Rows, source: Source) -> Sighting | None:
    """Add the row of the manufacturer, and give the device where the row has a hardware address."""
    manufacturer = " ".join((value_of(cells["manufacturer"]) or "").split())
    if len(manufacturer) > _MAX_NAME:
        source.reject(line, "name too long", expected=f"a manufacturer of at most {_MAX_NAME} characters")
        return None
    try:
        raw = value_of(cells.get("mac", ""))
        mac = hardware(raw, source) if raw else None
    except WrongHardwareError:
        source.reject(line, "not a hardware address", expected="six bytes in hex")
        return None
    source.accept()
    status = (value_of(cells.get("status", "")) or "").casefold()
    host = value_of(cells.get("name", ""))
    where = address_of(cells.get("address", "")) or host
    facts = clipped({key: value_of(cells.get(key, "")) for key in ("type", "role", "site", "status", "tenant")})
    is_used = status not in _NOT_IN_USE
    if manufacturer and manufacturer.casefold() not in _NOBODY:
        rows.add(
            Kind.NAME,
            manufacturer,
            relation=Relation.HARDWARE,
            certainty="confirmed" if is_used else "probable",
            field="manufacturer",
            own_host=where,
            line=line,
            detail=clipped({"hostname": host, **facts}),
        )
    else:
        source.not_resolved["manufacturer_not_stated"] += 1
    if mac is None or raw is None:
        return None
    return Sighting(mac, raw, line, "mac address", where, is_sure=is_used, facts=clipped({"hostname": host}) | facts)
