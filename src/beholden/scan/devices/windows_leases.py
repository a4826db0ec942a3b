"""Leases of a Windows DHCP server, as `Get-DhcpServerv4Lease | Export-Csv` and its DHCPv6 sister write them.

Source: the documentation of the classes DhcpServerv4Lease and DhcpServerv6Lease of the provider DhcpServerPSProvider.
    The client id is the hardware address where the client sent no other one. `LeaseExpiryTime` is printed in the time
    zone and the culture of whoever exported, so it is shown as printed and no date is taken from it.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from beholden.scan.declared.register import Register
from beholden.scan.devices.duid import NotADuidError, mac_of
from beholden.scan.devices.sightings import (
    Devices,
    Sighting,
    WrongHardwareError,
    clipped,
    hardware,
    is_other_hardware,
    summed,
)
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.money.encodings import head_lines
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_LEASES = Register(
    {
        "address": ("ipaddress", "ip address"),
        "client": ("client id",),
        "duid": ("client duid",),
        "host": ("host name",),
        "state": ("address state",),
        "scope": ("scope id", "prefix"),
        "expires": ("lease expiry time",),
        "iaid": ("iaid",),
    },
    required=("address", "expires", "host"),
    one_of=(("client", "duid"), ("state", "iaid")),
)
_HEAD_LINES = 5
# A reservation that no client holds shows a plan, not a device.
_UNSEEN = frozenset({"inactivereservation"})
# The address was found in use by somebody else; the client id is made up by the server.
_NO_CLIENT = frozenset({"declined"})


class WindowsLeases:
    """Reads exported leases: one observation per leased address and hardware address."""

    name = "windows-dhcp-leases"
    title = "Windows DHCP server leases (Get-DhcpServerv4Lease or Get-DhcpServerv6Lease, exported as CSV)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the columns of an exported lease."""
        if _LEASES.header(list(head_lines(head, _HEAD_LINES) or ())) is None:
            return Acceptance.no("no header with IPAddress, ClientId or ClientDuid, HostName and LeaseExpiryTime")
        return Acceptance.yes("header of exported Windows DHCP leases", strength=95)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (leased address, MAC); reservations nobody holds and DUIDs are `probable`.

        Raises:
            ScanError: The header is gone, or the data is damaged or expands too much.
        """
        del watch  # Every device on our server's networks is ours to show; segments are the profile's.
        yield from summed(Devices(source, "leases"), _sightings(source))
        if source.not_resolved["client_id_without_hardware_address"]:
            source.note("clients that identify themselves by another id than their hardware address have no maker here")


def _sightings(source: Source) -> Iterator[Sighting | None]:
    for line, cells in _LEASES.read(source):
        try:
            where = str(ipaddress.ip_address(cells["address"]))
        except ValueError:
            source.reject(line, "not an address", expected="a leased address in IPAddress")
            continue
        state = cells.get("state", "").casefold()
        try:
            found = None if state in _NO_CLIENT else _mac(cells, source)
        except (WrongHardwareError, NotADuidError):
            source.reject(line, "not a client id", expected="bytes in hex in ClientId or ClientDuid")
            continue
        source.accept()
        if state in _NO_CLIENT:
            source.not_resolved["declined_address"] += 1
        if found is None:
            continue
        mac, raw, column = found
        facts = clipped(
            {
                "hostname": cells["host"],
                "lease_state": cells.get("state"),
                "scope": cells.get("scope"),
                "expires": cells["expires"],
            }
        )
        is_sure = column == "ClientId" and state not in _UNSEEN
        yield Sighting(mac, raw, line, column, where, is_sure=is_sure, facts=facts)


def _mac(cells: dict[str, str], source: Source) -> tuple[str, str, str] | None:
    """Hardware address, what was printed, and the column."""
    duid, client = cells.get("duid", ""), cells.get("client", "")
    if duid:
        mac = mac_of(duid)
        if mac is None:
            source.not_resolved["duid_without_hardware_address"] += 1
        return None if mac is None else (mac, duid, "ClientDuid")
    if not client:
        source.not_resolved["no_hardware_address"] += 1
        return None
    if len(client.replace("-", "")) != 12 and is_other_hardware(client):
        source.not_resolved["client_id_without_hardware_address"] += 1
        return None
    mac = hardware(client, source)
    return None if mac is None else (mac, client, "ClientId")
