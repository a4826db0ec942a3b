"""Rows of delimited text whose cells have a bound that the reader states.

The `csv` module keeps one bound for the whole process: a reader that sets it decides what every other one takes.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def next_row(reader: Iterator[list[str]], longest: int) -> list[str] | None:
    """The next row, or None at the end; the bound of the process is left as it was.

    Args:
        reader: What `csv.reader` gives.
        longest: Most characters of a cell.

    Raises:
        csv.Error: A cell is longer, or the text is not delimited as the reader expects.
    """
    before = csv.field_size_limit(longest)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(before)
