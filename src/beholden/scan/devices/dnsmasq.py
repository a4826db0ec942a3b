"""dnsmasq leases: which hardware addresses held a lease of ours.

Source: `lease.c` of dnsmasq, which rewrites the whole file at each change.
    DHCPv4: `expiry hardware-address address host client-id`. The hardware type stands before the address only where it
    is not Ethernet (`20-…`). After a line `duid …` with the server's own identifier come the DHCPv6 leases:
    `expiry [T]iaid address host client-duid`. `*` stands for what is not known.
    The file says when a lease ends, not when the client was heard of; builds for devices without a clock write the
    length of the lease or what is left of it instead. So devices of it have no dates.
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

    import pyarrow as pa

    from beholden.scan.source import Source

_V4 = re.compile(
    r"[0-9]{1,11} (?:[0-9a-f]{2}-)?(?:[0-9a-f]{2}(?::[0-9a-f]{2})*)? [0-9]{1,3}(?:\.[0-9]{1,3}){3} \S+ \S+",
    re.ASCII | re.IGNORECASE,
)
_DUID_LINE = re.compile(r"duid [0-9a-f]{2}(?::[0-9a-f]{2})+", re.ASCII | re.IGNORECASE)
_V6 = re.compile(r"[0-9]{1,11} T?[0-9]{1,10} [0-9a-f:.]*:[0-9a-f:.]* \S+ \S+", re.ASCII | re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
_OTHER_LINK = re.compile(r"[0-9a-f]{2}-", re.ASCII | re.IGNORECASE)
_EXPECTED = "`expiry hardware-address address host client-id`"
_EXPECTED_V6 = "`expiry iaid address host client-duid`"
# 2001-09-09: less is a length or a rest of a lease, not a moment.
_FIRST_MOMENT = 1_000_000_000
_HEAD_LINES = 40
_UNKNOWN = "*"


class DnsmasqLeases:
    """Reads `dnsmasq.leases`: one observation per leased address and hardware address."""

    name = "dnsmasq-leases"
    title = "dnsmasq leases (DHCPv4 and DHCPv6)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes where every line is a lease or the identifier of the server."""
        lines = [line for line in head.first_lines(_HEAD_LINES) if line.strip()]
        kept = [line for line in lines if _V4.fullmatch(line) or _DUID_LINE.fullmatch(line) or _V6.fullmatch(line)]
        # One bad line does not make it a file of somebody else.
        if kept and len(kept) >= len(lines) - 1 and any(not _DUID_LINE.fullmatch(line) for line in kept):
            return Acceptance.yes("has lines of a dnsmasq lease file", strength=85)
        return Acceptance.no(f"its lines are not {_EXPECTED}")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (leased address, MAC); what the DUID alone tells is `probable`.

        Raises:
            ScanError: The data is damaged or expands too much.
        """
        del watch  # Every device on our server's networks is ours to show; segments are the profile's.
        yield from summed(Devices(source, "leases"), _sightings(source))
        if source.not_resolved["duid_without_hardware_address"]:
            source.note(
                "DHCPv6 clients whose identifier (DUID) holds no hardware address cannot be told apart by maker"
            )


def _sightings(source: Source) -> Iterator[Sighting | None]:
    is_v6 = False
    for line, text in source.lines():
        words = text.split()
        if not words:
            continue
        if words[0] == "duid":
            is_v6 = True
            continue
        expected = _EXPECTED_V6 if is_v6 else _EXPECTED
        if len(words) != 5 or not _SECONDS.fullmatch(words[0]):
            source.reject(line, "not a lease", expected=expected)
            continue
        expiry, device, address, host, client = words
        try:
            where = str(ipaddress.IPv6Address(address) if is_v6 else ipaddress.IPv4Address(address))
        except ValueError:
            source.reject(line, "not an address", expected=expected)
            continue
        facts = clipped({"hostname": "" if host == _UNKNOWN else host, "expires": _expiry(int(expiry))})
        try:
            mac = _mac_v6(client, source) if is_v6 else _mac_v4(device, source)
        except (WrongHardwareError, NotADuidError):
            source.reject(line, "not the hardware address of a device", expected=expected)
            continue
        source.accept()
        if mac is None:
            continue
        column = "client-duid" if is_v6 else "hardware-address"
        yield Sighting(mac, client if is_v6 else device, line, column, where, is_sure=not is_v6, facts=facts)


def _mac_v4(text: str, source: Source) -> str | None:
    if text.endswith("-"):
        # A type and no address.
        source.not_resolved["no_hardware_address"] += 1
        return None
    if _OTHER_LINK.match(text):
        source.not_resolved["not_an_ethernet_address"] += 1
        return None
    return hardware(text, source)


def _mac_v6(text: str, source: Source) -> str | None:
    mac = None if text == _UNKNOWN else mac_of(text)
    if mac is None:
        source.not_resolved["duid_without_hardware_address"] += 1
    return mac


def _expiry(seconds: int) -> str | None:
    """The end of a lease; None where the server wrote a length, or zero for a lease without end."""
    end = moment(seconds) if seconds >= _FIRST_MOMENT else None
    return None if end is None else end.isoformat()
