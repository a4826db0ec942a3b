"""Zeek logs as tuples of text, whether written as TSV with `#fields` or as JSON lines.

Source: Zeek manual, "Log Formats and Inspection" (ASCII writer: `#separator`, `#set_separator`, `#empty_field`,
`#unset_field`, `#path`, `#fields`, `#types`; JSON writer: one object a line, dotted keys). Samples in which one object
stands over many lines are read, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead
from beholden.scan.network.json_lines import json_object, leading_objects, whole_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from beholden.scan.source import Source

UNSET = "-"
EMPTY = "(empty)"
SET_SEPARATOR = ","
# One object of a sample may take a hundred.
_LINES_LOOKED_AT = 400
_HEX_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")

Record = tuple[int, tuple[str, ...]]


def accepts_log(head: InputHead, log: str, required: tuple[str, ...], marks: tuple[str, ...]) -> Acceptance:
    """Decide from the head whether a file is the Zeek log of that name.

    Args:
        head: First bytes of the file.
        log: Zeek's name of the log, as in `#path`.
        required: Columns that a reader cannot do without.
        marks: Further columns of which at least one must be there where nothing names the log.
    """
    lines = [line for line in head.first_lines(_LINES_LOOKED_AT) if line.strip()]
    if not lines:
        return Acceptance.no("empty")
    if lines[0].startswith("#"):
        return _accepts_tsv(lines, log, required, marks)
    if lines[0].lstrip().startswith("{"):
        return _accepts_json(lines, log, required, marks)
    return Acceptance.no("neither a Zeek header (#separator, #fields) nor JSON lines")


def read_records(
    source: Source, log: str, columns: tuple[str, ...], required: tuple[str, ...], lists: frozenset[str] = frozenset()
) -> Iterator[Record]:
    """Give (line, cells) for every readable record.

    Whatever words the header declares, unset and missing cells come as `-`, empty ones as `(empty)`, and the items of
    a list stand between commas, with commas of their own escaped.

    Args:
        source: The file.
        log: Zeek's name of the log; records that say they belong to another one are rejected.
        columns: Columns to give, in order.
        required: Columns without which the file cannot be read.
        lists: Columns that hold several items.

    Raises:
        ScanError: A header lacks a required column, or the compressed data is damaged.
    """
    layout: Layout | None = None
    header = Header()
    lines = source.lines()
    for number, text in lines:
        if text[:1] == "#":
            if header.read(text):
                layout = header.layout(source, number, columns, required, lists)
        elif layout is not None:
            cells = layout.cells(text)
            if cells is None:
                if text:
                    source.reject(number, "wrong column count", expected=f"{layout.width} columns")
            elif header.path not in (None, log):
                source.reject(number, "record of another log", expected=log)
            else:
                yield number, cells
        elif text.lstrip()[:1] == "{":
            record = _json_cells(source, number, whole_object(text, lines), log, columns)
            if record is not None:
                yield number, record
        elif text.strip():
            source.reject(number, "record before #fields", expected="a Zeek header or a JSON object")


def unescape(text: str) -> str:
    r"""Undo the ASCII writer's `\xNN` (bytes that are no UTF-8 become U+FFFD)."""
    if "\\x" not in text:
        return text
    raw = _HEX_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), text.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")


class Header:
    """The `#` lines seen so far."""

    def __init__(self) -> None:
        self.separator = "\t"
        self.unset = UNSET
        self.empty = EMPTY
        self.set_separator = SET_SEPARATOR
        self.path: str | None = None
        self.fields: list[str] = []

    def read(self, text: str) -> bool:
        """Take one `#` line; True where it names the fields."""
        if text.startswith("#separator"):
            value = unescape(text.removeprefix("#separator").strip(" "))
            self.separator = value if len(value) == 1 else "\t"
            return False
        name, is_declared, rest = text.partition(self.separator)
        if name == "#unset_field" and is_declared:
            self.unset = rest
        elif name == "#empty_field" and is_declared:
            self.empty = rest
        elif name == "#set_separator" and rest:
            self.set_separator = unescape(rest)
        elif name == "#path" and rest:
            self.path = rest.strip()
        elif name == "#fields":
            self.fields = rest.split(self.separator)
            return True
        return False

    def layout(
        self, source: Source, line: int, columns: tuple[str, ...], required: tuple[str, ...], lists: frozenset[str]
    ) -> Layout:
        """How the records that follow are written.

        Args:
            source: The file, for the error.
            line: Where the fields were named.
            columns: See `Layout`.
            required: Columns without which the file cannot be read.
            lists: See `Layout`.

        Raises:
            ScanError: A required column is not there.
        """
        missing = [name for name in required if name not in self.fields]
        if missing:
            raise source.error(f"the #fields line lacks {', '.join(missing)}", line=line)
        return Layout(columns, lists, tuple(self.fields), self.separator, self.unset, self.empty, self.set_separator)


@dataclass(frozen=True)
class Layout:
    """How the records behind a `#fields` line are written.

    Args:
        columns: The columns that are wanted, in order.
        lists: Which of them hold several items.
        fields: The columns that there are.
        separator: Between cells.
        unset: The word for a cell without value.
        empty: The word for an empty one.
        set_separator: Between items.
    """

    columns: tuple[str, ...]
    lists: frozenset[str]
    fields: tuple[str, ...]
    separator: str = "\t"
    unset: str = UNSET
    empty: str = EMPTY
    set_separator: str = SET_SEPARATOR

    @cached_property
    def width(self) -> int:
        """Cells of a record."""
        return len(self.fields)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where each wanted column stands; -1 where there is none of that name."""
        places = {name: at for at, name in enumerate(self.fields)}
        return tuple(places.get(name, -1) for name in self.columns)

    @cached_property
    def has_usual_words(self) -> bool:
        """Whether cells without value are written in Zeek's default words."""
        return (self.unset, self.empty) == (UNSET, EMPTY)

    def cells(self, text: str) -> tuple[str, ...] | None:
        """The wanted cells of a line, in Zeek's default words and with its default separator of items.

        Args:
            text: The line without its end.

        Returns:
            None where the line has more or fewer cells than it should.
        """
        cells = text.split(self.separator)
        if len(cells) != self.width or (not cells[-1] and self._has_words):
            return None
        # A missing column is read from the unset cell that is appended to every record.
        cells.append(UNSET)
        picked = self._pick(cells)
        return picked if self._is_usual else self._as_usual(picked)

    @cached_property
    def _has_words(self) -> bool:
        # Where unset and empty cells are printed as words, an empty last cell means a cut line.
        return bool(self.unset and self.empty)

    @cached_property
    def _is_usual(self) -> bool:
        return self.has_usual_words and (self.set_separator == SET_SEPARATOR or not self.lists)

    @cached_property
    def _pick(self) -> Callable[[list[str]], tuple[str, ...]]:
        return itemgetter(*self.places)

    def _as_usual(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        words = {self.empty: EMPTY, self.unset: UNSET}
        usual = [words.get(cell, cell) for cell in cells]
        if self.set_separator != SET_SEPARATOR:
            for at, name in enumerate(self.columns):
                if name in self.lists:
                    usual[at] = SET_SEPARATOR.join(map(_item, usual[at].split(self.set_separator)))
        return tuple(usual)


def _item(value: object) -> str:
    return str(value).replace(SET_SEPARATOR, "\\x2c")


def _json_cells(source: Source, number: int, text: str, log: str, columns: tuple[str, ...]) -> tuple[str, ...] | None:
    record = json_object(text)
    if record is None:
        source.reject(number, "not a JSON object", expected="one JSON object a line")
        return None
    if record.get("_path", log) != log:
        source.reject(number, "record of another log", expected=log)
        return None
    return tuple([_cell(_lookup(record, name)) for name in columns])


def _lookup(record: dict[str, Any], name: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    value = record.get(name)
    if value is None and name[:3] == "id.":
        nested = record.get("id")
        if isinstance(nested, dict):
            value = nested.get(name[3:])
    return value


def _cell(value: Any) -> str:  # noqa: ANN401 (whatever JSON holds)
    if value.__class__ is str:
        return value or EMPTY
    if value is None:
        return UNSET
    if value is True or value is False:
        return "T" if value else "F"
    if isinstance(value, list):
        return SET_SEPARATOR.join(map(_item, value)) or EMPTY
    if isinstance(value, dict):
        return "(object)"
    return str(value)


def _accepts_tsv(lines: list[str], log: str, required: tuple[str, ...], marks: tuple[str, ...]) -> Acceptance:
    header = Header()
    if not any(line.startswith("#") and header.read(line) for line in lines):
        return Acceptance.no("no #fields line, so no Zeek log")
    if header.path is not None and header.path != log:
        return Acceptance.no(f"Zeek's {header.path[:40]} log, not {log}")
    missing = [name for name in required if name not in header.fields]
    if missing:
        return Acceptance.no(f"the #fields line lacks {', '.join(missing)}")
    if header.path is None and not any(name in header.fields for name in marks):
        return Acceptance.no(f"no column that only Zeek's {log} log has")
    return Acceptance.yes(f"Zeek {log} log (#fields)", 100 if header.path else 70)


def _accepts_json(lines: list[str], log: str, required: tuple[str, ...], marks: tuple[str, ...]) -> Acceptance:
    for record in leading_objects(lines):
        path = record.get("_path")
        if isinstance(path, str) and path != log:
            return Acceptance.no(f"Zeek's {path[:40]} log, not {log}")
        missing = [name for name in required if _lookup(record, name) is None]
        if missing:
            return Acceptance.no(f"JSON without {', '.join(missing)}")
        if path == log:
            return Acceptance.yes(f"Zeek {log} log (_path)", 100)
        if any(name in record for name in marks):
            return Acceptance.yes(f"Zeek {log} log (JSON fields)", 80)
    return Acceptance.no(f"no JSON record with the fields of Zeek's {log} log")
