"""ISC DHCP server leases: which hardware addresses held a lease of ours.

Source: dhcpd.leases(5).
    The file is an append-only log: the last block of an address is its present state, earlier ones are history. DHCPv6
    leases stand under the identity of the client (`ia-na "<IAID and DUID>" { cltt …; iaaddr <address> {…} }`).
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from beholden.scan.devices.duid import NotADuidError, mac_of
from beholden.scan.devices.lease_text import Block, blocks
from beholden.scan.devices.sightings import Devices, Sighting, clipped, summed
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.schema.vocabulary import Kind
from beholden.values.mac import is_multicast, parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_LEASE = re.compile(r"^\s*lease\s+[0-9.]+\s*\{", re.MULTILINE)
_OTHER_BLOCK = re.compile(r"^\s*(?:ia-(?:na|ta|pd)\s+\"|failover peer\s+\"|server-duid\s+\")", re.MULTILINE)
_V6_BLOCKS = frozenset({"ia-na", "ia-ta", "ia-pd"})
_BANNER = "dhcpd.leases(5)"
_STATEMENTS = frozenset(
    {"starts", "ends", "cltt", "hardware", "client-hostname", "hostname", "binding", "set", "vendor-class-identifier"}
)
_DAY = re.compile(r"(\d{1,4})/(\d{1,2})/(\d{1,2})", re.ASCII)
_SECONDS = re.compile(r"-?\d{1,12}", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)


class _UnreadableDateError(ValueError):
    """A date that is not one of the three spellings."""


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
        devices = Devices(source, "lease blocks", state="binding_state")
        yield from summed(devices, _sightings(source, devices))
        if source.not_resolved["duid_without_hardware_address"]:
            source.note(
                "DHCPv6 clients whose identifier (DUID) holds no hardware address cannot be told apart by maker"
            )
        if source.not_resolved["host_declaration"]:
            source.note("host declarations are reservations, not leases, and are not read")


def _sightings(source: Source, devices: Devices) -> Iterator[Sighting | None]:
    for block in blocks(source, _STATEMENTS):
        if block.head and block.head[0] in _V6_BLOCKS:
            yield from _read_v6(block, source)
            continue
        seen = _read(block, source, devices)
        if seen is not None:
            source.accept()
        yield seen


def _read_v6(block: Block, source: Source) -> Iterator[Sighting]:
    """The device of a client's identity, at each of the addresses it holds under it."""
    if not block.is_closed:
        source.reject(block.line, "lease block not closed", expected="`}`")
        return
    try:
        heard = next((_time(list(words)) for first, *words in block.statements if first == "cltt"), None)
        addresses = [str(ipaddress.ip_network(words[1]).network_address) for words in block.inner if len(words) == 2]
        # Four bytes number the identity (IAID); the rest identifies the client.
        identity = block.head[1].encode("latin-1", "replace") if len(block.head) == 2 else b""
        mac = mac_of(identity[4:].hex())
    except _UnreadableDateError:
        source.reject(block.line, "unreadable date", expected="`2 2026/01/31 23:59:59`, `epoch <seconds>` or `never`")
        return
    except NotADuidError:
        source.reject(block.line, "not a client's identity", expected='`ia-na "<bytes>" {`')
        return
    except ValueError:
        source.reject(block.line, "not an IPv6 address", expected="`iaaddr <address> {`")
        return
    source.accept()
    if mac is None:
        source.not_resolved["duid_without_hardware_address"] += 1
        return
    for address in addresses:
        yield Sighting(mac, mac, block.line, "ia-na", address, heard, heard, is_sure=False)


def _read(block: Block, source: Source, devices: Devices) -> Sighting | None:
    """The device of a block, or None with the reason counted."""
    kind = block.head[0] if block.head else ""
    if kind != "lease":
        if kind == "host":
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
        return _device_of(address, block, source, devices)
    except _UnreadableDateError:
        source.reject(block.line, "unreadable date", expected="`2 2026/01/31 23:59:59`, `epoch <seconds>` or `never`")
    return None


def _device_of(address: str, block: Block, source: Source, devices: Devices) -> Sighting | None:
    seen = Sighting("", "", block.line, "hardware ethernet", address)
    facts: dict[str, str | None] = {}
    for statement in block.statements:
        match statement:
            case ("hardware", "ethernet", text):
                seen.raw, seen.mac = text, parse_mac(text) or ""
                if not seen.mac or is_multicast(seen.mac):
                    source.reject(block.line, "not the hardware address of a device", expected="six bytes, unicast")
                    return None
            case ("starts", *words):
                seen.first = _time(words)
            case ("ends", *words):
                seen.ends = _time(words)
            case ("cltt", *words):
                seen.heard = _time(words)
            case ("client-hostname" | "hostname", text):
                facts["hostname"] = text
            case ("binding", "state", state):
                facts["binding_state"] = state
            case ("set", "vendor-class-identifier", text) | ("vendor-class-identifier", text):
                facts["vendor_class"] = text
    devices.heard_at(seen.first, seen.heard)
    if seen.mac:
        seen.facts = clipped(facts)
        return seen
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


def _moment(start: datetime, seconds: int) -> datetime:
    try:
        return start + timedelta(seconds=seconds)
    except OverflowError as error:
        raise _UnreadableDateError from error
