"""The reference of `ranges`: numpy over IPv4, one by one what is rarer."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from beholden.scan.kernel.columns import as_bytes, is_text
from beholden.scan.kernel.ranges import NO_ADDRESS, NO_RANGE
from beholden.scan.network.sides import parse_address

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Labels = NDArray[np.int32]
    Numbers = NDArray[np.int64]

_MAPPED = 0xFFFF << 32
_LAST_MAPPED = _MAPPED | 0xFFFF_FFFF
_LONGEST_V4 = 15
# Rows parsed at once: their places take 120 bytes a row.
_AT_ONCE = 1 << 16


class ReferenceRanges:
    """Labelled ranges; takes columns that `LabelledRanges` has checked."""

    def __init__(self, first: pa.Array, last: pa.Array, label: pa.Array) -> None:
        firsts = [int.from_bytes(end, "big") for end in first.to_pylist()]
        lasts = [int.from_bytes(end, "big") for end in last.to_pylist()]
        self._firsts, self._lasts = firsts, lasts
        self._labels: list[int] = label.to_pylist()
        # IPv4 of its own; a range may reach beyond the mapped addresses on either side.
        v4 = [at for at in range(len(firsts)) if firsts[at] <= _LAST_MAPPED and lasts[at] >= _MAPPED]
        self._v4_firsts = np.array([max(firsts[at], _MAPPED) - _MAPPED for at in v4], np.int64)
        self._v4_lasts = np.array([min(lasts[at], _LAST_MAPPED) - _MAPPED for at in v4], np.int64)
        self._v4_labels = np.array([self._labels[at] for at in v4], np.int32)
        self._blocks = np.zeros(1 << 24, np.bool_)
        for begin, end in zip(self._v4_firsts >> 8, self._v4_lasts >> 8, strict=True):
            self._blocks[begin : end + 1] = True

    def __len__(self) -> int:
        return len(self._firsts)

    def find(self, column: pa.Array) -> pa.Array:
        """int32: the label of each address of one array."""
        labels = self._texts(column) if is_text(column.type) else self._packed(column)
        return pa.array(labels, pa.int32(), mask=_nulls(column))

    def _one(self, address: int) -> int:
        at = bisect_right(self._firsts, address) - 1
        return self._labels[at] if at >= 0 and address <= self._lasts[at] else NO_RANGE

    def _v4(self, addresses: Numbers) -> Labels:
        labels = np.full(len(addresses), NO_RANGE, np.int32)
        near = np.flatnonzero(self._blocks[addresses >> 8])
        at = np.searchsorted(self._v4_firsts, addresses[near], side="right") - 1
        within = (at >= 0) & (addresses[near] <= self._v4_lasts[at])
        labels[near[within]] = self._v4_labels[at[within]]
        return labels

    def _packed(self, column: pa.Array) -> Labels:
        values = np.frombuffer(column.buffers()[1] or b"", np.uint8)
        halves = values[column.offset * 16 : (column.offset + len(column)) * 16].view(">u8").reshape(-1, 2)
        high, low = halves[:, 0].astype(np.uint64), halves[:, 1].astype(np.uint64)
        labels = np.full(len(column), NO_RANGE, np.int32)
        is_v4 = (high == 0) & (low >> np.uint64(32) == 0xFFFF)
        labels[is_v4] = self._v4((low[is_v4] & np.uint64(0xFFFF_FFFF)).astype(np.int64))
        for row in np.flatnonzero(~is_v4):
            labels[row] = self._one(int(high[row]) << 64 | int(low[row]))
        return labels

    def _texts(self, column: pa.Array) -> Labels:
        plain = as_bytes(column)
        _, offsets, values = plain.buffers()
        data = np.frombuffer(values or b"", np.uint8)
        ends = np.frombuffer(offsets or bytes(8), np.int64)[plain.offset : plain.offset + len(plain) + 1]
        labels = np.full(len(plain), NO_ADDRESS, np.int32)
        valid = ~_nulls(column)
        known: dict[bytes, int] = {}
        for begin in range(0, len(plain), _AT_ONCE):
            rows = slice(begin, min(begin + _AT_ONCE, len(plain)))
            starts, lengths = ends[rows], np.diff(ends[begin : rows.stop + 1])
            addresses = _parse_v4(data, starts, lengths)
            is_v4 = (addresses >= 0) & valid[rows]
            labels[rows][is_v4] = self._v4(addresses[is_v4])
            for row in np.flatnonzero(valid[rows] & ~is_v4):
                text = data[starts[row] : starts[row] + lengths[row]].tobytes()
                if (label := known.get(text)) is None:
                    packed = parse_address(text.decode(errors="replace"))
                    label = NO_ADDRESS if packed is None else self._one(int.from_bytes(packed, "big"))
                    known[text] = label
                labels[begin + row] = label
        return labels


def _nulls(column: pa.Array) -> Flags:
    flags: Flags = column.is_null().to_numpy(zero_copy_only=False)
    return flags


def _parse_v4(data: NDArray[np.uint8], starts: Numbers, lengths: Numbers) -> Numbers:
    """Dotted addresses as numbers, byte by byte over all rows; -1 for what is none."""
    addresses = np.full(len(starts), -1, np.int64)
    rows = np.flatnonzero((lengths >= len("1.1.1.1")) & (lengths <= _LONGEST_V4))
    if not len(rows):
        return addresses
    places = starts[rows, np.newaxis] + np.arange(_LONGEST_V4)
    text = data[np.minimum(places, len(data) - 1)]
    within = np.arange(_LONGEST_V4) < lengths[rows, np.newaxis]
    text[~within] = ord(" ")
    address, octet, digits = (np.zeros(len(rows), np.int64) for _ in range(3))
    good = (text == ord(".")).sum(axis=1) == 3
    for at in range(_LONGEST_V4):
        number = text[:, at].astype(np.int64) - ord("0")
        is_digit = (number >= 0) & (number <= 9)
        is_dot = text[:, at] == ord(".")
        good &= is_digit | is_dot | ~within[:, at]
        # A zero with a digit behind it: some read that as octal.
        good &= ~(is_digit & (digits > 0) & (octet == 0))
        octet = np.where(is_digit, octet * 10 + number, octet)
        digits += is_digit
        good &= (octet <= 255) & ~(is_dot & (digits == 0))
        octet[~good] = 0
        address = np.where(is_dot, address << 8 | octet, address)
        octet[is_dot] = 0
        digits[is_dot] = 0
    good &= digits > 0
    addresses[rows] = np.where(good, address << 8 | octet, -1)
    return addresses
