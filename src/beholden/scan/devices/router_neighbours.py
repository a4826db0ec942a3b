"""Neighbours of a router or switch: its ARP and IPv6 neighbour tables.

Source: the command references of Cisco IOS and NX-OS (`show ip arp`, `show ipv6 neighbors`), Arista EOS (`show ip arp`)
    and Junos OS (`show arp`).
    The router's own addresses stand among the others (age `-`): it is a device of ours as well.
"""

from __future__ import annotations

import re

from beholden.scan.devices.text_table import HARDWARE, IPV4, IPV6, Layout, TextTable

_DOTTED = r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
_AGE = r"(?:-|never|[0-9]+(?::[0-9]{2}){0,2}|[0-9]+d[0-9]+h|N/A)"


class RouterArp(TextTable):
    """Reads ARP and IPv6 neighbour tables of Cisco, Arista and Juniper."""

    name = "router-arp"
    title = "ARP and IPv6 neighbour tables of routers (Cisco IOS and NX-OS, Arista EOS, Junos OS)"
    holds = "a router's ARP table, such as `Internet address age hardware-address ARPA interface`"
    column = "Hardware Addr"
    layout = Layout(
        entries=(
            # IOS: Protocol, Address, Age (min), Hardware Addr, Type, Interface.
            re.compile(
                rf"Internet\s+(?P<address>{IPV4})\s+{_AGE}\s+(?P<mac>{_DOTTED}|Incomplete)\s+[A-Z]+"
                r"(?:\s+(?P<interface>\S+))?"
            ),
            # NX-OS and EOS: Address, Age, MAC Address, Interface (and more).
            re.compile(
                rf"(?P<address>{IPV4})\s+{_AGE}\s+(?P<mac>{_DOTTED}|INCOMPLETE)\s+(?P<interface>\S.{{0,80}})",
                re.IGNORECASE,
            ),
            # IOS for IPv6: IPv6 Address, Age, Link-layer Addr, State, Interface.
            re.compile(
                rf"(?P<address>{IPV6})\s+{_AGE}\s+(?P<mac>{_DOTTED}|-)\s+(?P<state>[A-Z]+)\s+(?P<interface>\S+)"
            ),
            # Junos: MAC Address, Address, Name, Interface, Flags.
            re.compile(rf"(?P<mac>{HARDWARE})\s+(?P<address>{IPV4})\s+(?P<name>\S+)\s+(?P<interface>\S+)(?:\s+\S.*)?"),
        ),
        heading=re.compile(
            r"^\s*(?:Protocol\s+Address\s+Age|Address\s+Age\s.*(?:MAC|Hardware)|IPv6 Address\s+Age"
            r"|MAC Address\s+Address\s+Name)",
            re.IGNORECASE,
        ),
        absent=frozenset({"incomplete", "incmp", "-"}),
    )
