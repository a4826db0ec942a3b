"""Audit logs of the Windows DHCP server (`DhcpSrvLog-Mon.log`, `DhcpV6SrvLog-Mon.log`): who asked for leases, and when.

Source: "Analyze DHCP Server Log Files" of the Windows Server documentation, and the list of event ids that each log
    carries in its head.
    Times are of the server's own zone, which the log does not name; they are read as UTC. A log is named after the day
    of the week and written over a week later, so what one file holds is a day.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from beholden.scan.devices.duid import NotADuidError, mac_of
from beholden.scan.devices.sightings import (
    Devices,
    Sighting,
    WrongHardwareError,
    clipped,
    hardware,
    summed,
)
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.money.delimited import records
from beholden.scan.money.encodings import encoding_of, head_lines
from beholden.scan.money.headers import plain_header
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_START = ["id", "date", "time", "description"]
_ADDRESSES = ("ip address", "ipv6 address")
_MAC, _DUID = "mac address", "duid bytes hex"
_HEAD_LINES = 90
_EVENT = re.compile(r"[0-9]{2,5}", re.ASCII)
_DAY = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{2}|[0-9]{4})", re.ASCII)
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})", re.ASCII)
# What a client sent: leased, renewed, released, refused, by BOOTP; from solicit to information request in DHCPv6.
_HEARD = frozenset({10, 11, 12, 15, 20, 21, *range(11000, 11001), *range(11002, 11009)})
# What the server did about a lease by itself: deleted, expired.
_KNOWN = frozenset({16, 17, 18, 23, 11016, 11018, 11019})


class WindowsDhcpLog:
    """Reads audit logs: one observation per address and hardware address."""

    name = "windows-dhcp-log"
    title = "Windows DHCP server audit logs (DhcpSrvLog, DhcpV6SrvLog)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the line that names the columns."""
        if any(_header(line) for line in head_lines(head, _HEAD_LINES) or ()):
            return Acceptance.yes("has the columns of a Windows DHCP audit log", strength=95)
        return Acceptance.no("no line ID,Date,Time,Description,IP Address,Host Name,MAC Address")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (address, MAC); what a DUID alone tells is `probable`.

        Raises:
            ScanError: The data is damaged or expands too much, or no line names the columns.
        """
        del watch  # Every device on our server's networks is ours to show; segments are the profile's.
        source.note("times are the server's local ones and are read as UTC")
        yield from summed(Devices(source, "events"), _sightings(source))


def _header(line: str) -> list[str] | None:
    """The columns that a line names, folded; None for another line."""
    columns = [plain_header(cell) for cell in line.split(",")]
    is_log = columns[:4] == _START and (_MAC in columns or _DUID in columns)
    return columns if is_log and any(name in columns for name in _ADDRESSES) else None


def _sightings(source: Source) -> Iterator[Sighting | None]:
    columns: list[str] | None = None
    for line, cells in records(source, ",", encoding_of(source)):
        columns = _header(",".join(cells)) or columns
        # Before the columns stands the meaning of the ids, as prose.
        if columns is None or not _EVENT.fullmatch(cells[0].strip()):
            if columns is not None and any(cells) and plain_header(cells[0]) != "id":
                source.reject(line, "not an event", expected="an event id in the first column")
            continue
        if len(cells) < columns.index(_MAC if _MAC in columns else _DUID) + 1:
            source.reject(line, "wrong column count", expected=f"{len(columns)} columns")
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        yield _read(line, int(row["id"]), row, source)
    if columns is None:
        raise source.error("no line names the columns; expected ID,Date,Time,Description,IP Address,Host Name,…")


def _read(line: int, event: int, row: dict[str, str], source: Source) -> Sighting | None:
    if event not in _HEARD and event not in _KNOWN:
        source.accept()
        source.not_resolved["event_of_no_client"] += 1
        return None
    seen = _moment(row["date"], row["time"])
    if seen is None:
        source.reject(line, "unreadable date", expected="MM/DD/YY and HH:MM:SS")
        return None
    text = next((row[name] for name in _ADDRESSES if row.get(name)), "")
    try:
        where = str(ipaddress.ip_address(text)) if text else None
    except ValueError:
        source.reject(line, "not an address", expected="an address in the fifth column")
        return None
    raw = row.get(_MAC, "")
    duid = row.get(_DUID, "").removeprefix("0x")
    try:
        mac = _mac(raw, duid, source)
    except (WrongHardwareError, NotADuidError):
        source.reject(line, "not the hardware address of a device", expected="bytes in hex")
        return None
    source.accept()
    if mac is None:
        return None
    facts = clipped({"hostname": row.get("host name", "").rstrip("."), "event": row["description"]})
    heard = seen if event in _HEARD else None
    column = "MAC Address" if raw else "Duid Bytes"
    return Sighting(mac, raw or duid, line, column, where, first=heard, heard=heard, is_sure=bool(raw), facts=facts)


def _mac(raw: str, duid: str, source: Source) -> str | None:
    if raw:
        # A client id that is no hardware address is printed in its place, in hex without separators.
        if len(raw) != 12 and len(raw) % 2 == 0 and re.fullmatch(r"[0-9A-Fa-f]{2,512}", raw, re.ASCII):
            source.not_resolved["client_id_without_hardware_address"] += 1
            return None
        return hardware(raw, source)
    mac = mac_of(duid) if duid else None
    if mac is None:
        source.not_resolved["duid_without_hardware_address" if duid else "no_hardware_address"] += 1
    return mac


def _moment(day: str, time: str) -> datetime | None:
    date, clock = _DAY.fullmatch(day), _TIME.fullmatch(time)
    if date is None or clock is None:
        return None
    month, day_of_month, year = (int(part) for part in date.groups())
    hour, minute, second = (int(part) for part in clock.groups())
    try:
        # The log prints two digits of the year.
        return datetime(year if year > 99 else 2000 + year, month, day_of_month, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
