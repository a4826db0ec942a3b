"""Where the two sides of a contact belong: the other side to an operator's asset, ours to one of our networks."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import polars as pl

from beholden.values.address import unpack
from beholden.values.ranges import AddressRanges

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from beholden.scan.interface import Watch


class Places:
    """Classes of remote addresses and networks of own ones; each distinct address is looked up once.

    Args:
        watch: Says what is watched, and which networks are ours.

    Attributes:
        networks: Our networks as text, by number.
    """

    def __init__(self, watch: Watch) -> None:
        self.networks = [str(network) for network in watch.own_networks]
        self._own = watch.own_networks
        self._class_of: Callable[[bytes], int]
        if watch.addresses is None:
            # Nobody says what is watched: each address is a class of its own.
            classes: dict[bytes, int] = {}
            self._class_of = lambda packed: classes.setdefault(packed, len(classes))
        else:
            self._class_of = _Labels(watch.addresses.watch_ranges).of

    def of(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """Add `class` (-1: of nobody that is watched) and `network` (-1: of none that is named).

        Args:
            contacts: CONTACT.
        """
        return _looked_up(_looked_up(contacts, "remote", "class", self._class_of), "own", "network", self._network_of)

    def _network_of(self, packed: bytes) -> int:
        address = ipaddress.ip_address(unpack(packed))
        for number, network in enumerate(self._own):
            if address.version == network.version and address in network:
                return number
        return -1


class _Labels:
    def __init__(self, table: pa.Table) -> None:
        self._ranges = AddressRanges(table)
        self._labels: list[int] = table.column("label").to_pylist()

    def of(self, packed: bytes) -> int:
        row = self._ranges.row(packed)
        return -1 if row is None else self._labels[row]


def _looked_up(frame: pl.DataFrame, side: str, name: str, find: Callable[[bytes], int]) -> pl.DataFrame:
    pair = [f"{side}_hi", f"{side}_lo"]
    distinct = frame.select(pair).unique().sort(pair)
    found = [find(high.to_bytes(8) + low.to_bytes(8)) for high, low in distinct.iter_rows()]
    numbers = pl.Series(name, found, pl.Int64)
    return frame.join(distinct.with_columns(numbers), on=pair, how="left", maintain_order="left")
