"""ISC DHCP server leases: which hardware addresses held a lease of ours.

Source: dhcpd.leases(5).
    The file is an append-only log: the last block of an address is its present state, earlier ones are history.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from beholden.scan.devices.lease_text import Block, blocks
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.schema.observation import MAX_LINES
from beholden.schema.vocabulary import Direction, Kind, Relation
from beholden.values.mac import is_locally_administered, is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_LEASE = re.compile(r"^\s*lease\s+[0-9.]+\s*\{", re.MULTILINE)
_OTHER_BLOCK = re.compile(r"^\s*(?:ia-[nt]a\s+\"|failover peer\s+\"|server-duid\s+\")", re.MULTILINE)
_BANNER = "dhcpd.leases(5)"
_STATEMENTS = frozenset(
    {"starts", "ends", "cltt", "hardware", "client-hostname", "hostname", "binding", "set", "vendor-class-identifier"}
)
_DAY = re.compile(r"(\d{1,4})/(\d{1,2})/(\d{1,2})", re.ASCII)
_SECONDS = re.compile(r"-?\d{1,12}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)
# Pairings held at once; more are given as partial rows that merge later.
_MAX_PAIRINGS = 200_000
# Longer than any name that DHCP can carry (RFC 2132: one option holds 255 bytes).
_MAX_TEXT = 255


class _UnreadableDateError(ValueError):
    """A date that is not one of the three spellings."""


@dataclass(slots=True)
class _Lease:
    """One lease block that names a device."""

    address: str
    mac: str
    raw_mac: str
    starts: datetime | None = None
    ends: datetime | None = None
    heard: datetime | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Device:
    """What all blocks of one (address, MAC) pairing say together."""

    raw_mac: str
    count: int = 0
    first_seen: datetime | None = None
    heard: datetime | None = None
    ends: datetime | None = None
    lines: list[int] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    def add(self, lease: _Lease, line: int) -> None:
        self.count += 1
        self.first_seen = _earliest(self.first_seen, lease.starts, lease.heard or lease.ends)
        self.heard = _latest(self.heard, lease.starts, lease.heard)
        if lease.heard is None:
            self.ends = _latest(self.ends, lease.ends)
        if len(self.lines) < MAX_LINES:
            self.lines.append(line)
        self.facts.update(lease.facts)

    def last_seen(self, newest: datetime | None) -> datetime | None:
        """When the device was last known to hold the lease.

        The server notes when it last heard of the client (`cltt`). Without that a lease counts to its end, but not
        beyond the newest event of the file: an end that was still to come when the file was copied is no sighting.
        """
        return _latest(self.heard, None if self.ends is None else _earliest(self.ends, newest))


@dataclass(slots=True)
class _Clock:
    """The newest event of the file so far: a lease that started, or a client that was heard of."""

    newest: datetime | None = None


class DhcpdLeases:
    """Reads `dhcpd.leases`: one observation per leased address and hardware address."""

    name = "dhcpd-leases"
    title = "ISC DHCP server leases (dhcpd.leases)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to `lease <address> {` blocks or to the banner of the server."""
        text = head.text
        if _LEASE.search(text):
            return Acceptance.yes("has `lease <address> {` blocks", strength=95)
        if _BANNER in text and text.lstrip().startswith("#"):
            return Acceptance.yes("has the banner of dhcpd.leases(5)", strength=90)
        if _OTHER_BLOCK.search(text) and "{" in text:
            return Acceptance.yes("has blocks of an ISC DHCP lease file", strength=80)
        return Acceptance.no("no `lease <address> {` block")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (leased address, MAC); see the module for what is left out.

        Raises:
            ScanError: The data is damaged or expands too much.
        """
        del watch  # Every device on our server's networks is ours to show; segments are the profile's.
        rows = Rows(source.path)
        devices: dict[tuple[str, str], _Device] = {}
        holder: dict[str, str] = {}
        clock = _Clock()
        for block in blocks(source, _STATEMENTS):
            lease = _read(block, source, clock)
            if lease is None:
                continue
            source.accept()
            holder[lease.address] = lease.mac
            if _is_of_a_maker(lease, source):
                devices.setdefault((lease.address, lease.mac), _Device(lease.raw_mac)).add(lease, block.line)
            if len(holder) + len(devices) > _MAX_PAIRINGS:
                _flush(devices, holder, rows, clock)
                yield from rows.full()
        _flush(devices, holder, rows, clock)
        _note_what_was_left_out(source)
        yield from rows.rest()


def _read(block: Block, source: Source, clock: _Clock) -> _Lease | None:
    """The lease of a block, or None with the reason counted."""
    kind = block.head[0] if block.head else ""
    if kind != "lease":
        if kind in {"ia-na", "ia-ta"}:
            source.not_resolved["dhcpv6_lease"] += 1
        elif kind == "host":
            source.not_resolved["host_declaration"] += 1
        return None
    if not block.is_closed:
        source.reject(block.line, "lease block not closed", expected="`}`")
        return None
    try:
        address = str(ipaddress.IPv4Address(block.head[1] if len(block.head) == 2 else ""))
    except ValueError:
        source.reject(block.line, "not an IPv4 address", expected="`lease <address> {`")
        return None
    try:
        return _device_of(address, block, source, clock)
    except _UnreadableDateError:
        source.reject(block.line, "unreadable date", expected="`2 2026/01/31 23:59:59`, `epoch <seconds>` or `never`")
    return None


def _device_of(address: str, block: Block, source: Source, clock: _Clock) -> _Lease | None:
    lease = _Lease(address, "", "")
    for statement in block.statements:
        match statement:
            case ("hardware", "ethernet", text):
                lease.raw_mac, lease.mac = text, parse_mac(text) or ""
                if not lease.mac or is_multicast(lease.mac):
                    source.reject(block.line, "not the hardware address of a device", expected="six bytes, unicast")
                    return None
            case ("starts", *words):
                lease.starts = _time(words)
            case ("ends", *words):
                lease.ends = _time(words)
            case ("cltt", *words):
                lease.heard = _time(words)
            case ("client-hostname" | "hostname", text):
                lease.facts["hostname"] = text[:_MAX_TEXT]
            case ("binding", "state", state):
                lease.facts["binding_state"] = state[:_MAX_TEXT]
            case ("set", "vendor-class-identifier", text) | ("vendor-class-identifier", text):
                lease.facts["vendor_class"] = text[:_MAX_TEXT]
    clock.newest = _latest(clock.newest, lease.starts, lease.heard)
    if lease.mac:
        return lease
    # A freed address keeps its block without a device; so do token ring and InfiniBand ones.
    source.accept()
    source.not_resolved["lease_without_ethernet_address"] += 1
    return None


def _time(words: list[str]) -> datetime | None:
    """A moment in UTC; None for `never`."""
    match words:
        case ["never"]:
            return None
        case ["epoch", seconds] if _SECONDS.fullmatch(seconds):
            return _moment(datetime(1970, 1, 1, tzinfo=UTC), int(seconds))
        case [_, day, time, *offset] if len(offset) <= 1 and all(map(_SECONDS.fullmatch, offset)):
            date, clock = _DAY.fullmatch(day), _TIME.fullmatch(time)
            if date is None or clock is None:
                raise _UnreadableDateError
            year, month, day_of_month = (int(part) for part in date.groups())
            hour, minute, second = (int(part) for part in clock.groups())
            try:
                start = datetime(year, month, day_of_month, hour, minute, second, tzinfo=UTC)
                # The server adds a trailing number as seconds.
                return _moment(start, int(offset[0]) if offset else 0)
            except ValueError as error:
                raise _UnreadableDateError from error
    raise _UnreadableDateError


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


def _moment(start: datetime, seconds: int) -> datetime:
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError as error:
        raise _UnreadableDateError from error


def _is_of_a_maker(lease: _Lease, source: Source) -> bool:
    if is_locally_administered(lease.mac):
        source.not_resolved["locally_administered"] += 1
        return False
    return True


def _flush(devices: dict[tuple[str, str], _Device], holder: dict[str, str], rows: Rows, clock: _Clock) -> None:
    for (address, mac), device in devices.items():
        facts = dict(device.facts)
        if holder[address] != mac:
            facts["binding_state"] = "superseded"
        rows.add(
            Kind.MAC,
            mac,
            raw=device.raw_mac,
            relation=Relation.HARDWARE,
            direction=Direction.NONE,
            field="hardware ethernet",
            own_host=address,
            lines=device.lines,
            count=device.count,
            first_seen=device.first_seen,
            last_seen=device.last_seen(clock.newest),
            detail=facts,
        )
    devices.clear()
    holder.clear()


def _note_what_was_left_out(source: Source) -> None:
    random = source.not_resolved["locally_administered"]
    if random:
        source.note(
            f"{random:,} lease blocks have a locally administered (randomised or software-set) MAC: "
            "no maker can be told from it"
        )
    if source.not_resolved["dhcpv6_lease"]:
        source.note("DHCPv6 leases identify clients by DUID and are not read")
    if source.not_resolved["host_declaration"]:
        source.note("host declarations are reservations, not leases, and are not read")
