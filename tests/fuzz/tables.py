"""Changes to delimited tables: cells, columns, rows, and how they are quoted."""

from __future__ import annotations

import csv
import io
import random

from tests.fuzz import hostile

Cells = list[list[str]]
_DELIMITERS = (",", ";", "\t", "|")


def delimiter_of(data: bytes) -> str:
    """What separates cells in the first line."""
    first = data.split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(_DELIMITERS, key=first.count)


def change(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A table with one thing changed."""
    delimiter = delimiter_of(data)
    cells = _cells(data, delimiter)
    if not cells:
        return data
    _MUTATORS[chance.randrange(len(_MUTATORS))](chance, cells, _cells(other, delimiter))
    out = io.StringIO()
    if chance.random() < 0.1:
        delimiter = chance.choice(_DELIMITERS)
    end = chance.choice(("\r\n", "\n"))
    if chance.random() < 0.3:
        csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(cells)
    else:
        csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(cells)
    return out.getvalue().encode("utf-8", "surrogateescape")


def _cells(data: bytes, delimiter: str) -> Cells:
    csv.field_size_limit(1 << 24)
    try:
        return list(csv.reader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _row(chance: random.Random, cells: Cells) -> list[str]:
    # The header decides most, so it is hit more often than its share.
    return cells[0] if chance.random() < 0.15 else chance.choice(cells)


def _value(chance: random.Random, cells: Cells, _: Cells) -> None:
    for _turn in range(chance.choice((1, 1, 1, 3, 10))):
        row = _row(chance, cells)
        if row:
            at = chance.randrange(len(row))
            row[at] = hostile.changed_text(chance, row[at])


def _blank(chance: random.Random, cells: Cells, _: Cells) -> None:
    row = _row(chance, cells)
    if row:
        row[chance.randrange(len(row))] = ""


def _borrow(chance: random.Random, cells: Cells, _: Cells) -> None:
    """A value of another cell, or of the same column in another row: double ids come from here."""
    row, other = _row(chance, cells), chance.choice(cells)
    if row and other:
        at = chance.randrange(len(row))
        row[at] = other[at] if at < len(other) and chance.random() < 0.5 else chance.choice(other)


def _drop_cell(chance: random.Random, cells: Cells, _: Cells) -> None:
    row = _row(chance, cells)
    if row:
        del row[chance.randrange(len(row))]


def _add_cell(chance: random.Random, cells: Cells, _: Cells) -> None:
    row = _row(chance, cells)
    row.insert(chance.randrange(len(row) + 1), hostile.text(chance))


def _swap_columns(chance: random.Random, cells: Cells, _: Cells) -> None:
    one, two = (chance.randrange(max(1, len(cells[0]))) for _turn in range(2))
    for row in cells[chance.choice((0, 1)) :]:
        if max(one, two) < len(row):
            row[one], row[two] = row[two], row[one]


def _drop_column(chance: random.Random, cells: Cells, _: Cells) -> None:
    at = chance.randrange(max(1, len(cells[0])))
    for row in cells:
        del row[at : at + 1]


def _double_column(chance: random.Random, cells: Cells, _: Cells) -> None:
    at = chance.randrange(max(1, len(cells[0])))
    for row in cells:
        row[at:at] = row[at : at + 1]


def _column_value(chance: random.Random, cells: Cells, _: Cells) -> None:
    at, value = chance.randrange(max(1, len(cells[0]))), hostile.text(chance)
    for row in cells[1:]:
        row[at : at + 1] = [value]


def _drop_row(chance: random.Random, cells: Cells, _: Cells) -> None:
    del cells[chance.randrange(len(cells))]
    cells.append([])


def _double_row(chance: random.Random, cells: Cells, _: Cells) -> None:
    row = list(chance.choice(cells))
    for _turn in range(chance.choice((1, 1, 30))):
        cells.insert(chance.randrange(len(cells) + 1), list(row))


def _double_row_with_a_change(chance: random.Random, cells: Cells, others: Cells) -> None:
    cells.append(list(chance.choice(cells)))
    _value(chance, cells[-1:], others)


def _foreign_rows(chance: random.Random, cells: Cells, others: Cells) -> None:
    if others:
        cells[chance.randrange(len(cells)) :] = others[chance.randrange(len(others)) :]


def _only_header(_: random.Random, cells: Cells, _others: Cells) -> None:
    del cells[1:]


def _transpose(_: random.Random, cells: Cells, _others: Cells) -> None:
    cells[:] = [list(row) for row in zip(*cells, strict=False)]


_MUTATORS = (
    *(_value, _value, _value, _value, _value, _value, _blank, _blank, _borrow, _borrow, _drop_cell, _add_cell),
    *(_swap_columns, _drop_column, _double_column, _column_value, _drop_row, _double_row, _double_row_with_a_change),
    *(_foreign_rows, _only_header, _transpose),
)
