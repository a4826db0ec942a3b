"""The reference of `native/src/sides.rs`: whose IPv4 addresses are, for whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, no_party, place_ranges
from beholden.values.ranges import numbers_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from beholden.scan.interface import Watch

    Numbers = NDArray[np.int64]

_MAPPED = 0xFFFF << 32
_END = 1 << 32
_MIXED = 0xFF


class SidesOfV4:
    """The bits of `beholden.scan.network.sides` for IPv4 addresses as numbers.

    Args:
        watch: Says which networks are ours and which remote addresses matter.
    """

    def __init__(self, watch: Watch) -> None:
        places = _Labels(place_ranges(watch.own_networks))
        watched = None if watch.addresses is None else _Labels(watch.addresses.watch_ranges)
        cuts = [np.zeros(1, np.int64), places.cuts, *([] if watched is None else [watched.cuts])]
        # Between two of these all addresses have the same bits.
        self._firsts: Numbers = np.unique(np.concatenate(cuts))
        place = places.of(self._firsts)
        bits = np.where(place >= 0, OURS, FOREIGN)
        bits |= np.where(watched is None or watched.of(self._firsts) >= 0, WATCHED, 0)
        self._bits = np.where(place == no_party(watch.own_networks), GROUP, bits).astype(np.uint8)
        # Most blocks of 256 addresses have one answer.
        self._blocks = np.full(1 << 24, _MIXED, np.uint8)
        begins = -(-self._firsts // 256)
        ends = np.append(self._firsts[1:], _END) // 256
        for begin, end, found in zip(begins.tolist(), ends.tolist(), self._bits.tolist(), strict=True):
            self._blocks[begin : max(begin, end)] = found

    def of(self, addresses: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The bits of each address."""
        bits: NDArray[np.uint8] = self._blocks[addresses >> np.uint32(8)]
        mixed = np.flatnonzero(bits == _MIXED)
        bits[mixed] = self._bits[np.searchsorted(self._firsts, addresses[mixed], side="right") - 1]
        return bits


class _Labels:
    """RANGES, as far as they are IPv4."""

    def __init__(self, table: pa.Table) -> None:
        ends = zip(*(numbers_of(table[name]) for name in ("first", "last")), table["label"].to_pylist(), strict=True)
        v4 = [
            (max(first - _MAPPED, 0), min(last - _MAPPED, _END - 1), label)
            for first, last, label in ends
            if last >= _MAPPED and first < _MAPPED + _END
        ]
        self._firsts, self._lasts, self._labels = np.array(v4, np.int64).reshape(-1, 3).T.copy()

    @property
    def cuts(self) -> Numbers:
        """Where a range begins, or has ended."""
        behind = self._lasts + 1
        return np.concatenate([self._firsts, behind[behind < _END]])

    def of(self, addresses: Numbers) -> Numbers:
        """The label of each address; -1: none."""
        if not len(self._firsts):
            return np.full(len(addresses), -1)
        at = np.searchsorted(self._firsts, addresses, side="right") - 1
        return np.where((at >= 0) & (addresses <= self._lasts[at]), self._labels[at], -1)
