"""Delimited text record by record, with true line numbers; one broken quote spoils one line, not the file."""

from __future__ import annotations

import csv
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.money import encodings
from beholden.scan.money.encodings import UTF_8
from beholden.scan.money.headers import layout_of
from beholden.values.cells import next_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from beholden.scan.money.headers import Layout
    from beholden.scan.source import Source

DELIMITERS = (",", ";", "\t", "|")
# A header further down is not one that a person would find either.
HEADER_WITHIN_LINES = 40
# A quoted field with more line ends than this is a quote that was never closed.
_MAX_RECORD_LINES = 64
_MAX_RECORD_CHARS = 100_000
_LONGEST_FIELD = 131_072


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a file is and what it says.

    Attributes:
        position: Lines before it.
        delimiter: Of the file.
        layout: Of its columns.
    """

    position: int
    delimiter: str
    layout: Layout


def find_header(lines: Iterable[str], mapping: Mapping[str, str]) -> Header | None:
    """Find the first line that is a ledger header, under whichever delimiter reads most columns of it."""
    for position, line in enumerate(lines):
        if position >= HEADER_WITHIN_LINES:
            return None
        readings = [
            (len(layout.at), delimiter, layout)
            for delimiter in DELIMITERS
            if delimiter in line and (layout := layout_of(_cells(line, delimiter), mapping)) is not None
        ]
        if readings:
            _, delimiter, layout = max(readings, key=lambda reading: reading[0])
            return Header(position, delimiter, layout)
    return None


def records(source: Source, delimiter: str, encoding: str = UTF_8) -> Iterator[tuple[int, list[str]]]:
    """Give (line of its start, cells) of every record; a record may span lines inside quotes.

    Raises:
        ScanError: The data is damaged or expands too much.
    """
    ahead: deque[tuple[int, str]] = deque()
    lines = encodings.lines(source, encoding)
    while True:
        first = ahead.popleft() if ahead else next(lines, None)
        if first is None:
            return
        record = [first]
        cells, is_open = _parse(record, delimiter)
        # More text can close the quote; only so much of it can belong to one record.
        while is_open and len(record) < _MAX_RECORD_LINES and sum(len(text) for _, text in record) < _MAX_RECORD_CHARS:
            following = ahead.popleft() if ahead else next(lines, None)
            if following is None:
                break
            record.append(following)
            cells, is_open = _parse(record, delimiter)
        if is_open:
            source.reject(first[0], "quote never closed", expected='a closing `"`')
            ahead.extendleft(reversed(record[1:]))
        elif cells is None:
            source.reject(first[0], "not delimited text", expected=f"fields of at most {_LONGEST_FIELD:,} characters")
        else:
            yield first[0], cells


def _parse(record: Sequence[tuple[int, str]], delimiter: str) -> tuple[list[str] | None, bool]:
    """The cells of a record, or None; and whether a quote is still open at its end."""
    if len(record) == 1 and '"' not in record[0][1] and len(record[0][1]) <= _LONGEST_FIELD:
        return record[0][1].split(delimiter), False
    lines = [text + "\n" for _, text in record[:-1]] + [record[-1][1]]
    try:
        return next_row(csv.reader(lines, delimiter=delimiter, strict=True), _LONGEST_FIELD) or [], False
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return None, True
    try:
        # Quotes inside a field that were not doubled: take them as they stand.
        return next_row(csv.reader(lines, delimiter=delimiter), _LONGEST_FIELD) or [], False
    except csv.Error:
        return None, False


def _cells(line: str, delimiter: str) -> list[str]:
    return _parse([(0, line)], delimiter)[0] or []
