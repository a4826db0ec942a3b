"""The tables of the Parquet output as CSV, for spreadsheets.

RFC 4180 with a byte order mark: without one Excel reads a double-clicked file in the code page of the machine and
breaks every name outside it, and the readers of DuckDB, Polars and pandas skip it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.report.tables import tables_of
from beholden.report.text import visible
from beholden.schema.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment

# A spreadsheet takes a cell that begins so for a formula, in full width too; OWASP, CSV injection.
_FORMULA = frozenset("=+-@\t\r＝＋－＠")
# Where a locale splits at semicolons, a formula may begin after one, quoted or not; a signed number there is harmless.
_FORMULA_INSIDE = re.compile(r"""([;\t][\s"]*)(?=[=+\-@＝＋－＠])(?![+-]\d[\d.,]*\s*(?:[;\t]|$))""")
_ROWS_AT_ONCE = 65_536


class CsvReport:
    """Four files, with the names and columns of the Parquet output."""

    name = "csv"
    suffix = ".csv"
    media_type = "text/csv"
    parts: tuple[str, ...] = tuple(TABLES)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the four files; like JSON they are the user's own record, nothing is pseudonymised."""
        return {part: _file(table) for part, table in tables_of(assessment).items()}


def _file(table: pa.Table) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(table.column_names)
    cells = [_cell_of(field.type) for field in table.schema]
    for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
        columns = [map(cell, column.to_pylist()) for cell, column in zip(cells, batch.columns, strict=True)]
        writer.writerows(zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8-sig")


def _cell_of(kind: pa.DataType) -> Callable[[Any], str]:
    """How a column is written; null is an empty cell."""
    if pa.types.is_string(kind):
        return lambda value: _guarded(value) if value else ""
    if pa.types.is_list(kind):
        return lambda value: _guarded(_list(value)) if value else ""
    return lambda value: "" if value is None else _scalar(value)


def _list(values: list[Any]) -> str:
    if not all(isinstance(value, dict) for value in values):
        return "; ".join(map(_scalar, values))
    if all(len(value) == 2 for value in values):
        return "; ".join(": ".join(map(_scalar, value.values())) for value in values)
    return json.dumps(values, ensure_ascii=False, default=_scalar)


def _scalar(value: Any) -> str:  # noqa: ANN401 (whatever a column holds)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return _plain(value)
    return str(value)


def _plain(amount: Decimal) -> str:
    """The exact number without an exponent or trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _guarded(text: str) -> str:
    """Text that no spreadsheet runs, wherever it splits: an apostrophe before what would begin a formula."""
    shown = text if text.isprintable() else visible(text)  # what is not safe to show is not printable either
    shown = _FORMULA_INSIDE.sub(r"\1'", shown)
    return f"'{shown}" if text[:1] in _FORMULA or shown.lstrip()[:1] in _FORMULA else shown
