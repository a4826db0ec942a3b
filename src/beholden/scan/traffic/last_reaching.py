"""Where a column last reached a height, asked at many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]

_LOWEST = np.iinfo(np.int64).min


def last_reaching(heights: Longs, rows: Longs, wanted: Longs) -> Longs:
    """For each question the last row, at or before one, that is as high as wanted.

    Time is that of a binary search for each question, memory that of `heights` and the questions: greatest heights of
    blocks of 1, 2, 4, … rows are looked at from the row asked for to the left, then inside the first block that is
    high enough.

    Args:
        heights: The column.
        rows: The row of each question.
        wanted: The height of each question; a row at or before its own must reach it.
    """
    blocks = _greatest_of_blocks(heights)
    # Of each question: the number of blocks of this size that are left to look at, then the block that is high enough.
    left, block = rows + 1, np.zeros_like(rows)
    sizes = np.full(len(rows), -1)
    for size, greatest in enumerate(blocks):
        at = np.flatnonzero((sizes < 0) & (left % 2 == 1))
        last = left[at] - 1
        is_high = greatest[last] >= wanted[at]
        sizes[at[is_high]], block[at[is_high]] = size, last[is_high]
        left //= 2
    assert np.all(sizes >= 0)
    for size in range(len(blocks) - 1, 0, -1):
        at = np.flatnonzero(sizes >= size)
        second = 2 * block[at] + 1
        block[at] = np.where(blocks[size - 1][second] >= wanted[at], second, second - 1)
    return block


def _greatest_of_blocks(heights: Longs) -> list[Longs]:
    """The greatest height of each block of 1, 2, 4, … rows, up to one block of all; each list of an even length."""
    blocks: list[Longs] = []
    while True:
        greatest = heights if len(heights) % 2 == 0 else np.append(heights, _LOWEST)
        blocks.append(greatest)
        if len(heights) <= 1:
            return blocks
        heights = np.maximum(greatest[::2], greatest[1::2])
