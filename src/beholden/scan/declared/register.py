"""A register as delimited text: a header that names its columns, and rows whose cells are words of a stated set."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from beholden.scan.interface import Acceptance
from beholden.scan.money.delimited import DELIMITERS, records
from beholden.scan.money.encodings import encoding_of, head_lines, lines, note_encoding
from beholden.scan.money.headers import plain_header
from beholden.scan.rows import Rows
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch

W = TypeVar("W", bound=StrEnum)

# Of a register, the header is the first line with text; comments may stand before it.
_HEADER_WITHIN_LINES = 20
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NOTHING: Mapping[str, str] = MappingProxyType({})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class WrongCellError(ValueError):
    """A cell that is not of the kind that its column holds."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.expected = expected


class Register:
    """Which columns a register has.

    Attributes:
        columns: Our name → the spellings of its header, folded.
        required: Columns without which it is none.
        one_of: Sets of columns of each of which it has one at least.
    """

    def __init__(
        self, columns: Mapping[str, Sequence[str]], required: Sequence[str], one_of: Sequence[Sequence[str]] = ()
    ) -> None:
        self.columns = columns
        self.required = tuple(required)
        self.one_of = tuple(one_of)

    def header(
        self, head: Sequence[str], mapping: Mapping[str, str] = _NOTHING
    ) -> tuple[int, str, dict[str, int]] | None:
        """Lines before the header, its delimiter, and the position of each column; None: no register of this kind.

        Args:
            head: The first lines.
            mapping: The user's word: our name → their header.
        """
        for number, line in enumerate(head[:_HEADER_WITHIN_LINES]):
            if not line.strip() or line.startswith("#"):
                continue
            for delimiter in DELIMITERS:
                places = self._places(line.split(delimiter), mapping)
                if self._is_enough(places):
                    return number, delimiter, places
            return None
        return None

    def _is_enough(self, places: Mapping[str, int]) -> bool:
        return all(name in places for name in self.required) and all(
            any(name in places for name in names) for names in self.one_of
        )

    def _places(self, cells: Sequence[str], mapping: Mapping[str, str] = _NOTHING) -> dict[str, int]:
        folded = [plain_header(cell.strip().strip('"')) for cell in cells]
        found = {}
        for name, spellings in self.columns.items():
            words = (plain_header(mapping[name]),) if name in mapping else spellings
            place = next((folded.index(word) for word in words if word in folded), None)
            if place is not None:
                found[name] = place
        return found

    def read(self, source: Source, mapping: Mapping[str, str] = _NOTHING) -> Iterator[tuple[int, dict[str, str]]]:
        """Line and cells by our names of every row; rows of another width are rejected.

        Args:
            source: The file.
            mapping: The user's word: our name → their header.

        Raises:
            ScanError: The header is gone, or the data is damaged.
        """
        encoding = encoding_of(source)
        # What a first look counts is not kept.
        draft = Source(source.place, source.path)
        found = self.header([text for _, text in islice(lines(draft, encoding), _HEADER_WITHIN_LINES)], mapping)
        if found is None:
            raise source.error(f"no header with {', '.join(self.required)}")
        before, delimiter, places = found
        note_encoding(source, encoding)
        width: int | None = None
        for line, cells in records(source, delimiter, encoding):
            if line <= before or not any(cell.strip() for cell in cells):
                continue
            if width is None:
                width = len(cells)
                self._note_doubles(source, cells)
            elif len(cells) != width:
                source.reject(line, "wrong column count", expected=f"{width} columns")
            else:
                yield line, {name: cells[place].strip() for name, place in places.items()}

    def _note_doubles(self, source: Source, header: Sequence[str]) -> None:
        folded = [plain_header(cell) for cell in header]
        for name, place in sorted(self._places(header).items()):
            if folded.count(folded[place]) > 1:
                source.note(f"several columns are called {header[place].strip()!r}: the first is read as {name}")


class RegisterScanner:
    """A scanner of one kind of register; each kind says what a row becomes.

    Attributes:
        register: Its columns.
        holds: What a header of this kind names, as a part of a sentence.
    """

    register: Register
    holds: str

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to delimited text whose header names what this register holds."""
        lines = list(head_lines(head, _HEADER_WITHIN_LINES) or ())
        if self.register.header(lines) is None:
            return Acceptance.no(f"no header with {self.holds}")
        return Acceptance.yes(f"header with {self.holds}", strength=80)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one observation per row; reject rows with a cell that is none.

        Raises:
            ScanError: The data is damaged.
        """
        rows = Rows(source.path)
        for line, cells in self.register.read(source):
            try:
                self.add(rows, line, cells)
            except WrongCellError as error:
                source.reject(line, error.reason, expected=error.expected)
                continue
            source.accept()
            yield from rows.full()
        yield from rows.rest()

    def add(self, rows: Rows, line: int, cells: dict[str, str]) -> None:
        """Add the observation of one row.

        Raises:
            WrongCellError: A cell is not of the kind that its column holds.
        """
        raise NotImplementedError


def word(text: str, words: type[W], what: str) -> W | None:
    """A word of a set, whatever its case and separators; None for an empty cell.

    Raises:
        WrongCellError: Another word.
    """
    if not text:
        return None
    try:
        return words(plain_header(text).replace(" ", "_"))
    except ValueError:
        raise WrongCellError(f"unknown {what} {text[:60]!r}", f"one of {', '.join(words)}") from None


def day(text: str, what: str) -> date | None:
    """A day in ISO 8601; None for an empty cell.

    Raises:
        WrongCellError: Anything else.
    """
    if not text:
        return None
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise WrongCellError(f"{what} {text[:60]!r} is not a date", "YYYY-MM-DD")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise WrongCellError(f"{what} {text} is out of range", f"a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found
