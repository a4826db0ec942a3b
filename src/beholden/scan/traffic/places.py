"""Where the two sides of a contact belong: the other side to an operator's asset, ours to one of our networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from beholden.scan.network.sides import place_ranges
from beholden.values.ranges import AddressRanges

if TYPE_CHECKING:
    from collections.abc import Callable

    from beholden.scan.interface import AddressWatch, Watch


class Places:
    """Classes of remote addresses and networks of own ones; each distinct address is looked up once.

    Args:
        watch: Says what is watched, and which networks are ours.

    Attributes:
        networks: Our networks as text, by number.
    """

    def __init__(self, watch: Watch) -> None:
        self._class_of: Callable[[bytes], int]
        self._network_of: Callable[[bytes], int]
        self.networks = [str(network) for network in watch.own_networks]
        # Where the profile names no network, that an address is private says nothing about whose segment it is on.
        self._network_of = (
            _labels(AddressRanges(place_ranges(watch.own_networks))) if watch.own_networks else lambda _: -1
        )
        if watch.addresses is None:
            # Nobody says what is watched: each address is a class of its own.
            classes: dict[bytes, int] = {}
            self._class_of = lambda packed: classes.setdefault(packed, len(classes))
        else:
            self._class_of = _labels(watch.addresses)

    def of(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """Add `class` (-1: of nobody that is watched) and `network` (-1: of none that is named).

        Args:
            contacts: CONTACT.
        """
        return _looked_up(_looked_up(contacts, "remote", "class", self._class_of), "own", "network", self._network_of)


def _labels(watch: AddressWatch) -> Callable[[bytes], int]:
    """A look-up that says -1 where no range holds an address."""
    # What is looked up in is prepared once for all who have the same.
    ranges = watch if isinstance(watch, AddressRanges) else AddressRanges(watch.watch_ranges)

    def label(packed: bytes) -> int:
        found = ranges.label(packed)
        return -1 if found is None else found

    return label


def _looked_up(frame: pl.DataFrame, side: str, name: str, find: Callable[[bytes], int]) -> pl.DataFrame:
    pair = [f"{side}_hi", f"{side}_lo"]
    distinct = frame.select(pair).unique().sort(pair)
    found = [find(high.to_bytes(8) + low.to_bytes(8)) for high, low in distinct.iter_rows()]
    numbers = pl.Series(name, found, pl.Int64)
    return frame.join(distinct.with_columns(numbers), on=pair, how="left", maintain_order="left")
