"""Neighbours of a host: the ARP and NDP caches that the commands of operating systems print.

Source: arp(8) of net-tools, of FreeBSD and of OpenBSD, ip-neighbour(8) of iproute2, proc_net(5), ndp(8) of FreeBSD, and
    the documentation of `arp` for Windows.
    An entry shows a device on a link of the host. Where nobody answered (`FAILED`, `INCOMPLETE`, `<incomplete>`) there
    is none. An address outside our networks is a router of somebody else, or a network that the profile does not name.
"""

from __future__ import annotations

import re

from beholden.scan.devices.text_table import HARDWARE, IPV4, IPV6, Layout, TextTable

_NOBODY = frozenset({"<incomplete>", "(incomplete)", "incomplete", "failed", "none", "invalid", "<from_interface>"})


class ArpCommand(TextTable):
    """Reads what `arp` prints on Linux, BSD and macOS."""

    name = "arp-command"
    title = "ARP cache as `arp -a`, `arp -an` or `arp -n` prints it (Linux, BSD, macOS)"
    holds = "an ARP cache, such as `? (address) at hardware-address [ether] on interface`"
    column = "arp"
    layout = Layout(
        entries=(
            # Linux, FreeBSD, macOS with -a.
            re.compile(
                rf"(?P<name>\S+) \((?P<address>{IPV4})\) at (?P<mac>{HARDWARE}|<incomplete>|\(incomplete\)|"
                r"<from_interface>)(?:(?: \S+){0,6}? on (?P<interface>\S+))?(?: .*)?"
            ),
            # Linux without -a: Address HWtype HWaddress Flags Mask Iface.
            re.compile(
                rf"(?P<address>{IPV4})\s+(?:[a-z][\w-]*\s+(?P<mac>{HARDWARE})\s+(?P<state>[CMP]+)"
                r"|\s*\(incomplete\))\s+(?:\S+\s+)?(?P<interface>\S+)"
            ),
            # The same with a name in place of the address.
            re.compile(
                rf"(?P<name>[A-Za-z_][\w.-]*)\s+ether\s+(?P<mac>{HARDWARE})\s+(?P<state>[CMP]+)\s+(?:\S+\s+)?"
                r"(?P<interface>\S+)"
            ),
            # OpenBSD: Host, Ethernet Address, Netif, Expire, Flags.
            re.compile(
                rf"(?P<address>{IPV4})\s+(?P<mac>{HARDWARE}|\(incomplete\))\s+(?P<interface>[a-z]+[0-9]+)\s+"
                r"(?P<state>permanent|expired|static|(?:[0-9]+[dhms])+)(?:\s+\S+)?"
            ),
        ),
        absent=_NOBODY,
    )


class IpNeighbour(TextTable):
    """Reads what `ip neigh` prints."""

    name = "ip-neigh"
    title = "ARP and NDP cache as `ip neigh` prints it (Linux)"
    holds = "`ip neigh`, such as `address dev interface lladdr hardware-address STATE`"
    column = "lladdr"
    layout = Layout(
        entries=(
            re.compile(
                rf"(?P<address>{IPV4}|{IPV6}) dev (?P<interface>\S+)(?: lladdr (?P<mac>{HARDWARE}))?"
                r"(?: [a-z_0-9./ ]+?)?(?: +(?P<state>REACHABLE|STALE|DELAY|PROBE|PERMANENT|NOARP|FAILED|INCOMPLETE))? *"
            ),
        ),
        absent=_NOBODY,
    )


class ProcNetArp(TextTable):
    """Reads `/proc/net/arp`."""

    name = "proc-net-arp"
    title = "ARP cache of the Linux kernel (/proc/net/arp)"
    holds = "/proc/net/arp, such as `address 0x1 0x2 hardware-address * interface`"
    column = "HW address"
    layout = Layout(
        entries=(
            re.compile(
                rf"(?P<address>{IPV4})\s+0x[0-9a-f]+\s+(?P<state>0x[0-9a-f]+)\s+(?P<mac>{HARDWARE})\s+\S+\s+"
                r"(?P<interface>\S+)"
            ),
        ),
        heading=re.compile(r"^IP address\s+HW type\s+Flags\s+HW address"),
    )

    def is_absent(self, raw: str, state: str | None) -> bool:
        """Without the flag 0x2 (ATF_COM) the entry is not complete."""
        return not int(state or "0", 16) & 0x2


class WindowsArp(TextTable):
    """Reads what `arp -a` prints on Windows, in any language."""

    name = "windows-arp"
    title = "ARP cache as `arp -a` prints it (Windows)"
    holds = "`arp -a` of Windows, such as `address hardware-address dynamic`"
    column = "Physical Address"
    layout = Layout(
        entries=(
            re.compile(
                rf"\s+(?P<address>{IPV4})\s+(?P<mac>[0-9a-f]{{2}}(?:-[0-9a-f]{{2}}){{5}})?\s+(?P<state>\S.{{0,40}})",
                re.IGNORECASE,
            ),
        ),
        # `Interface: 10.20.4.9 --- 0xb`, its first word in the language of the system.
        heading=re.compile(rf"^\S.*:? {IPV4} --- 0x[0-9a-f]+$", re.IGNORECASE),
        noise=re.compile(rf"^\S.*:? {IPV4} --- 0x[0-9a-f]+$", re.IGNORECASE),
        absent=_NOBODY,
    )


class NdpCommand(TextTable):
    """Reads what `ndp -a` and `ndp -an` print."""

    name = "ndp-command"
    title = "NDP cache as `ndp -an` prints it (BSD, macOS)"
    holds = "`ndp -an`, such as `address hardware-address interface expire state flags`"
    column = "Linklayer Address"
    layout = Layout(
        entries=(
            re.compile(
                rf"(?P<address>{IPV6})\s+(?P<mac>{HARDWARE}|\(incomplete\))\s+(?P<interface>[a-z]+[0-9.]+)\s+"
                r"(?P<state>\S+)(?:\s+.*)?"
            ),
        ),
        heading=re.compile(r"^Neighbor\s+Link-?layer Address\s+Netif", re.IGNORECASE),
        absent=_NOBODY,
    )
