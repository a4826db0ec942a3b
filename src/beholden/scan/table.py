"""Tables that no file holds: rows without a place, which come in parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import CONTACT, FLOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from beholden.errors import ScanError
    from beholden.scan.source import Reject

# What FLOW and CONTACT have for a line where there is none: lines count from 1.
NO_LINE = 0
_LIST = ".list.element"


class TableSource(Source):
    """A table, or a part of one: what is counted and told of it names no line.

    Args:
        name: How reports name it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(Path(name), name)

    def reject_all(self, reasons: Mapping[str, int], first: Iterable[Reject]) -> None:
        """Count records that cannot be read."""
        super().reject_all(reasons, [(None, reason, expected) for _, reason, expected in first])

    def error(self, message: str, *, code: str = "scan.malformed-input", line: int | None = None) -> ScanError:
        """Build an error about the table as a whole."""
        return super().error(message, code=code)


def leaves_of(schema: pa.Schema) -> list[str]:
    """The columns of a table that hold values, those of structs as `outer.inner`."""
    return [leaf for field in schema for leaf in _leaves(field, "")]


def _leaves(field: pa.Field, before: str) -> Iterator[str]:
    name = f"{before}{field.name}"
    if pa.types.is_struct(field.type):
        for at in range(field.type.num_fields):
            yield from _leaves(field.type.field(at), f"{name}.")
    elif pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        yield f"{name}{_LIST}"
    else:
        yield name


def without_lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """What a reader gave of rows, without the places that it counted: a table has none.

    Args:
        batch: FLOW, CONTACT, OBSERVATION or INTERFACE.
    """
    rows = batch.num_rows
    if batch.schema.equals(FLOW):
        return _with(batch, "line", pa.array([NO_LINE] * rows, pa.int64()))
    if batch.schema.equals(CONTACT):
        return _with(batch, "lines", pa.array([[NO_LINE]] * rows, pa.list_(pa.int64())))
    if batch.schema.equals(OBSERVATION):
        return _with(batch, "lines", pa.array([[]] * rows, pa.list_(pa.int64())))
    return batch


def _with(batch: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    at = batch.schema.get_field_index(name)
    return batch.set_column(at, batch.schema.field(at), column).replace_schema_metadata(batch.schema.metadata)
