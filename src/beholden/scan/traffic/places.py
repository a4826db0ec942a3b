"""Where the two sides of a contact belong: the other side to an operator's asset, ours to one of our networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from beholden.scan.kernel.judge import judge_of
from beholden.scan.kernel.ranges import PACKED

if TYPE_CHECKING:
    from beholden.scan.interface import Watch
    from beholden.scan.kernel.ranges import LabelledRanges


class Places:
    """Classes of remote addresses and networks of own ones.

    Args:
        watch: Says what is watched, and which networks are ours.

    Attributes:
        networks: Our networks as text, by number.
    """

    def __init__(self, watch: Watch) -> None:
        self.networks = [str(network) for network in watch.own_networks]
        # Where the profile names no network, that an address is private says nothing about whose segment it is on.
        networks, self._classes = judge_of(watch).ranges()
        self._networks = networks if watch.own_networks else None
        # Nobody says what is watched: each address is a class of its own.
        self._each: dict[tuple[int, int], int] = {}

    def of(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """Add `class` (-1: of nobody that is watched) and `network` (-1: of none that is named).

        Args:
            contacts: CONTACT.
        """
        own, remote = (contacts.select(f"{side}_hi", f"{side}_lo") for side in ("own", "remote"))
        return contacts.with_columns(self._class_of(remote).alias("class"), self._network_of(own).alias("network"))

    def _class_of(self, halves: pl.DataFrame) -> pl.Series:
        if self._classes is not None:
            return _labels(self._classes, halves)
        numbers = [self._each.setdefault(pair, len(self._each)) for pair in halves.iter_rows()]
        return pl.Series(numbers, dtype=pl.Int64)

    def _network_of(self, halves: pl.DataFrame) -> pl.Series | pl.Expr:
        return pl.lit(-1, pl.Int64) if self._networks is None else _labels(self._networks, halves)


def _labels(ranges: LabelledRanges, halves: pl.DataFrame) -> pl.Series:
    """The label of each address; -1 where no range holds it."""
    packed = halves.to_numpy(order="c").astype(">u8")
    column = pa.FixedSizeBinaryArray.from_buffers(PACKED, len(packed), [None, pa.py_buffer(packed)])
    return pl.Series(ranges.find(column)).cast(pl.Int64)
