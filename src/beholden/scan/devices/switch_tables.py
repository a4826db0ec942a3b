"""Forwarding tables of switches: which hardware address was learned on which port.

Source: the command references of Cisco IOS and NX-OS (`show mac address-table`), Arista EOS (the same) and Junos OS
    (`show ethernet-switching table`).
    A switch forwards frames and knows no addresses of hosts, so an entry does not tell whether the device is in a
    network of ours or of guests: it is `probable`. The port may be an uplink: several switches then list one device.
"""

from __future__ import annotations

import re

from beholden.scan.devices.text_table import HARDWARE, Layout, TextTable

_DOTTED = r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"


class MacAddressTable(TextTable):
    """Reads `show mac address-table` of Cisco IOS, NX-OS and Arista EOS."""

    name = "mac-address-table"
    title = "Switch tables as `show mac address-table` prints them (Cisco IOS and NX-OS, Arista EOS)"
    holds = "a switch's table, such as `vlan hardware-address DYNAMIC port`"
    column = "mac address-table"
    layout = Layout(
        entries=(
            # Between type and port stand, by system, age, flags (F, T), protocols and whether it was learned.
            re.compile(
                r"\s*(?:[*+GRCO~(FTV)]{1,3}\s+)?(?P<vlan>[0-9]{1,5}|All|N/A|-+)\s+"
                rf"(?P<mac>{_DOTTED})\s+(?P<state>[A-Za-z][\w-]*)\s+"
                r"(?:(?:Yes|No|NA|[FTC-]|~~~|[0-9.]+|(?:ip|ipx|assigned|other)(?:,\w+)*)\s+){0,5}"
                r"(?P<interface>\S+)(?:\s.*)?"
            ),
        ),
        heading=re.compile(r"^\W*vlan\s+mac address\s", re.IGNORECASE),
    )


class EthernetSwitchingTable(TextTable):
    """Reads `show ethernet-switching table` of Junos OS, in both styles."""

    name = "ethernet-switching-table"
    title = "Switch tables as `show ethernet-switching table` prints them (Junos OS)"
    holds = "a Junos switching table, such as `vlan hardware-address Learn age interface`"
    column = "ethernet-switching table"
    layout = Layout(
        entries=(
            re.compile(
                rf"\s*(?P<vlan>\S+)\s+(?P<mac>{HARDWARE})\s+(?P<state>[A-Za-z][\w,]*)\s+(?:-|[0-9]+(?::[0-9]{{2}})*)"
                r"\s+(?:-\s+)?(?P<interface>\S+)(?:\s+.*)?"
            ),
        ),
        heading=re.compile(r"^\s*Ethernet[- ]switching table\s?:", re.IGNORECASE),
    )
