"""Tables by their look alone: what the columns of a text are called, whatever they hold."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from beholden.scan.money.delimited import DELIMITERS

if TYPE_CHECKING:
    from collections.abc import Sequence

# Code, markup, JSON and sentences have the delimiters of tables, but not cells of this look.
_HEADER_CELL = re.compile(r"(?=.{0,60}$)[^{}\[\]<>=\\]*[^\W\d_][^{}\[\]<>=\\]*(?<![.:!?{(])")
_HEADER_WITHIN_LINES = 10
_SAMPLE_ROWS = 20
_SHARE_OF_EVEN_ROWS = 0.8


def columns_of_table(lines: Sequence[str]) -> list[str] | None:
    """The header cells of a text that looks like a table with a header; None if it does not.

    Args:
        lines: Its first lines, undamaged.
    """
    filled = [line for line in lines if line.strip()]
    for position, line in enumerate(filled[:_HEADER_WITHIN_LINES]):
        rows = filled[position + 1 : position + 1 + _SAMPLE_ROWS]
        for delimiter in DELIMITERS:
            cells = [cell.strip() for cell in _cells(line, delimiter)]
            if len(cells) < 2 or len(set(cells)) < len(cells) or not all(map(_HEADER_CELL.fullmatch, cells)):
                continue
            even = sum(len(_cells(row, delimiter)) == len(cells) for row in rows)
            if rows and even >= len(rows) * _SHARE_OF_EVEN_ROWS:
                return cells
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
