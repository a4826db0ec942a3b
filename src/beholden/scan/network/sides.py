"""Which side of a flow is ours, for the readers of flow and protocol logs.

Every address text is judged once and kept as a few bits, because logs repeat addresses far more often than they
bring new ones.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from beholden.values.address import unpack
from beholden.values.ranges import AddressRanges, by_precedence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from beholden.scan.interface import AddressWatch, Network, Watch

OURS = 1
FOREIGN = 2
WATCHED = 4  # always together with FOREIGN
GROUP = 8  # multicast, broadcast, loopback, unspecified: no party of its own

_MAPPED = b"\x00" * 10 + b"\xff\xff"
_MAPPED_BASE = int.from_bytes(_MAPPED + b"\x00" * 4)
_MAPPED_LAST = int.from_bytes(_MAPPED + b"\xff" * 4)
# Which range places an address: what is nobody's, networks of its own family, IPv6 networks that hold it mapped.
_FIRST, _SECOND, _THIRD = range(3)
_CACHE_LIMIT = 500_000
# IPv6 takes 45 characters, and the name of an interface behind `%` another 15; longer ones are not worth keeping.
_LONGEST = 64
# RFC 1918, RFC 6598 (shared space: pods, tunnels), RFC 3927, RFC 4291 section 2.5.6, RFC 4193.
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "fe80::/10",
    "fc00::/7",
)
_NO_PARTY = ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/127", "ff00::/8")


def parse_address(text: str) -> bytes | None:
    """Pack an address into 16 bytes, IPv4 mapped; a zone (`%eth0`) is dropped.

    Args:
        text: What the log prints.

    Returns:
        The packed address, or None where the text is not one.
    """
    try:
        if ":" not in text:
            return _MAPPED + socket.inet_pton(socket.AF_INET, text)
        return socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return None


def place_ranges(networks: Sequence[Network]) -> pa.Table:
    """The addresses that are ours or nobody's; every other one is foreign.

    Args:
        networks: `Watch.own_networks`.

    Returns:
        `values.ranges.RANGES`, labelled with the position of the network that places an address, as
        `Profile.place` chooses it; 0 where none are named, for private address space; `no_party` of the networks for
        multicast, broadcast, loopback and unspecified addresses, whoever names them.
    """
    named = enumerate(networks) if networks else ((0, ipaddress.ip_network(text)) for text in _PRIVATE)
    found = [(first, last, (rank, at)) for at, network in named for first, last, rank in _ranges(network)]
    nobodys = (_ends(ipaddress.ip_network(text)) for text in _NO_PARTY)
    return by_precedence([*found, *((first, last, (_FIRST, no_party(networks))) for first, last in nobodys)])


def no_party(networks: Sequence[Network]) -> int:
    """The label in `place_ranges` of addresses that are no party of their own."""
    return len(networks) or 1


def _ranges(network: Network) -> Iterator[tuple[int, int, int]]:
    """First and last address of a network, and its rank.

    An IPv6 network that reaches over the mapped IPv4 addresses holds them, too, after every IPv4 network.
    """
    first, last = _ends(network)
    if network.version == 4 or last < _MAPPED_BASE or first > _MAPPED_LAST:
        yield first, last, _SECOND
        return
    if first < _MAPPED_BASE:
        yield first, _MAPPED_BASE - 1, _SECOND
    yield max(first, _MAPPED_BASE), min(last, _MAPPED_LAST), _THIRD
    if last > _MAPPED_LAST:
        yield _MAPPED_LAST + 1, last, _SECOND


def _ends(network: Network) -> tuple[int, int]:
    base = _MAPPED_BASE if network.version == 4 else 0
    return base + int(network.network_address), base + int(network.broadcast_address)


class Sides(dict[str, int]):
    """Address text → bits (OURS, FOREIGN, WATCHED, GROUP); 0 where the text is no address.

    Args:
        watch: Says which networks are ours and which remote addresses matter.

    Attributes:
        has_own_networks: Whether the profile names networks, rather than private address space being ours.
    """

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.has_own_networks = bool(watch.own_networks)
        self._places = AddressRanges(place_ranges(watch.own_networks))
        self._no_party = no_party(watch.own_networks)
        self._watch: AddressWatch | None = watch.addresses
        self._canonical: dict[str, str] = {}

    def __missing__(self, text: str) -> int:
        if len(text) > _LONGEST:
            return self._judge(text)
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        bits = self[text] = self._judge(text)
        return bits

    def canonical(self, text: str) -> str:
        """The one spelling of an address that has already been judged to be one."""
        found = self._canonical.get(text)
        if found is None:
            if len(self._canonical) >= _CACHE_LIMIT:
                self._canonical.clear()
            packed = parse_address(text)
            found = self._canonical[text] = unpack(packed) if packed is not None else text
        return found

    def _judge(self, text: str) -> int:
        packed = parse_address(text)
        if packed is None:
            return 0
        place = self._places.label(packed)
        if place == self._no_party:
            return GROUP
        bits = FOREIGN if place is None else OURS
        # Kept for our side too: Zeek's local flags may call an address of ours foreign.
        if self._watch is None or packed in self._watch:
            bits |= WATCHED
        return bits
