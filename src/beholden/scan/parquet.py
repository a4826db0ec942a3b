"""Parquet files, read within bounds: the size of the footer, of row groups and of what is held at a time.

Source: Apache Parquet format specification, "File format" (footer, its length and the magic bytes at the end).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from beholden.scan.address import StoreError
from beholden.scan.inflate import FREE_EXPANSION_BYTES, MAX_EXPANSION
from beholden.scan.place import size_of
from beholden.scan.stored import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.scan.place import Place
    from beholden.scan.source import Source

MAGIC = b"PAR1"
# Dictionaries are made anew for every batch.
BATCH_ROWS = 131_072
_MAX_FOOTER_BYTES = 64 * 1024 * 1024
_MAX_COLUMNS = 10_000
# A run of equal values takes a few bytes, however long it is; records of traffic differ.
_MAX_ROWS_A_BYTE = 100
_FREE_ROWS = 1_000_000
# The shortest address takes eleven bytes, four of them for its length.
_CODED_BYTES = 10
_READ_BYTES = 1024 * 1024
# What pyarrow raises at broken files: its own errors are of the first three kinds.
_BROKEN = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError)


def column_names(place: Place) -> tuple[str, ...]:
    """The columns of a Parquet file, those of structs as `outer.inner`; none where its footer is not readable.

    Args:
        place: Of the file itself.

    Raises:
        StoreError: It lies in a store that does not answer.
    """
    try:
        with _opened(place) as found:
            return tuple(found.schema.column(at).path for at in range(len(found.schema)))
    except StoreError:
        raise
    except _BROKEN:
        return ()


class ColumnTable(Protocol):
    """Rows in columns, gone through once: a Parquet file, or a part of a table that lies elsewhere."""

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""

    @property
    def leaves(self) -> list[str]:
        """The columns that hold values, those of structs as `outer.inner`."""

    def batches(self, columns: Sequence[str], words: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Give the rows, some at a time; see `ParquetTable`."""


class ParquetTable:
    """A Parquet file that a reader goes through once.

    Args:
        source: The file.

    Raises:
        ScanError: The footer is not readable, or promises more than the file can hold.
        StoreError: It lies in a store that does not answer.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        try:
            self._file = _opened(source.place)
            self._check()
        except StoreError:
            raise
        except _BROKEN as error:
            raise source.error(f"not a readable Parquet file: {_short(error)}") from error

    @property
    def schema(self) -> pa.Schema:
        """Its columns."""
        return self._file.schema_arrow

    @property
    def leaves(self) -> list[str]:
        """The columns that hold values, those of structs as `outer.inner`."""
        return [self._file.schema.column(at).path for at in range(len(self._file.schema))]

    def batches(self, columns: Sequence[str], words: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Give the rows in order, some at a time.

        Args:
            columns: Names to read, those of structs as `outer.inner`.
            words: Those whose texts repeat, which come as dictionaries where the file holds them so.

        Raises:
            ScanError: A part is damaged; the rows before it have been given.
            StoreError: It lies in a store that does not answer any more.
        """
        rows = 0
        with self._file:
            try:
                coded = [word for word in words if self._is_coded(word)]
                opened = _opened(self._source.place, coded) if coded else self._file
                for batch in opened.iter_batches(BATCH_ROWS, columns=list(columns)):
                    yield batch
                    rows += batch.num_rows
            except StoreError:
                raise
            except _BROKEN as error:
                raise self._source.error(f"damaged after row {rows}: {_short(error)}", line=rows) from error

    def _is_coded(self, column: str) -> bool:
        """Whether the values of a column are numbers of texts that stand in dictionaries, all but a few."""
        found = self._file.metadata
        at = self.leaves.index(column)
        chunks = [found.row_group(group).column(at) for group in range(found.num_row_groups)]
        size = sum(chunk.total_uncompressed_size for chunk in chunks)
        # Writers give a dictionary up that grows too large; making one of what they write then takes long.
        return all(chunk.has_dictionary_page for chunk in chunks) and size < found.num_rows * _CODED_BYTES

    def _check(self) -> None:
        size = size_of(self._source.place)
        found = self._file.metadata
        groups = [found.row_group(at) for at in range(found.num_row_groups)]
        claimed = sum(group.total_byte_size for group in groups)
        rows = sum(group.num_rows for group in groups)
        too_large = claimed > FREE_EXPANSION_BYTES and claimed > size * MAX_EXPANSION
        if too_large or rows > _FREE_ROWS + size * _MAX_ROWS_A_BYTE:
            raise self._source.error(
                f"expands more than {MAX_EXPANSION} times; refused as a possible decompression bomb",
                code="scan.expansion-bound",
            )
        if len(self._file.schema) > _MAX_COLUMNS:
            raise self._source.error(f"more than {_MAX_COLUMNS:,} columns", code="scan.too-large")


def _opened(place: Place, words: list[str] | None = None) -> pq.ParquetFile:
    with place.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 8, 0))
        tail = stream.read(8)
    footer = int.from_bytes(tail[:4], "little")
    if len(tail) < 8 or tail[4:] != MAGIC or footer > min(size - 12, _MAX_FOOTER_BYTES):
        raise ValueError("the file does not end as Parquet does")
    limits: dict[str, Any] = {
        "thrift_string_size_limit": _MAX_FOOTER_BYTES,
        "thrift_container_size_limit": 1_000_000,
        # Columns are inflated a page at a time; a row group as a whole may be larger than memory.
        "pre_buffer": False,
        "buffer_size": _READ_BYTES,
        "read_dictionary": words,
    }
    return pq.ParquetFile(place.open("rb") if isinstance(place, StoredFile) else place, **limits)


def _short(error: BaseException) -> str:
    return (str(error) or error.__class__.__name__).splitlines()[0][:200]
