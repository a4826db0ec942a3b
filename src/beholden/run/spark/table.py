"""Tables that exist in Spark only: rows cross into Python, and the readers of Parquet columns take them there."""

from __future__ import annotations

import traceback
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.run.readings import Reading
from beholden.run.spark.task import prepared, take_cores
from beholden.run.spark.transport import BATCH, CRASH, END, ROW_TYPE, Row, digest, packed, packed_told, packed_watch
from beholden.scan import scanners as all_scanners
from beholden.scan.interface import InputHead, SliceEnd, reads_tables
from beholden.scan.table import TableSource, leaves_of, without_lines
from beholden.scan.walk import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyspark import Broadcast
    from pyspark.sql import Column, DataFrame, SparkSession

    from beholden.scan.interface import Scanners, Watch

_LIST = ".list."


def named_table(spark: SparkSession, name: str) -> DataFrame:
    """A table or view of the session.

    Raises:
        UsageError: There is none of that name.
    """
    from pyspark.errors import AnalysisException, ParseException

    try:
        return spark.table(name)
    except (AnalysisException, ParseException) as error:
        says = str(error).partition("\n")[0]
        raise UsageError(f"{name} is no table of the Spark session: {says}", code="run.no-table") from error


def reading_of(name: str, rows: DataFrame, scanners: Scanners) -> Reading:
    """Who reads a table: of the readers of columns, the one that knows these.

    Args:
        name: How reports name it.
        rows: The table.
        scanners: Readers to try.
    """
    leaves = leaves_of(rows.limit(0).toArrow().schema)
    found = Found(Path(name), name, is_named=True)
    head = InputHead(PurePosixPath(name), b"", is_complete=False, fields=tuple(leaves))
    answers = [(scanner, scanner.accepts(head)) for scanner in scanners if reads_tables(scanner)]
    accepted = [(scanner, answer) for scanner, answer in answers if answer.accepted]
    if not accepted:
        reasons = [answer.reason for _, answer in answers if answer.near]
        return Reading(found, problem=reasons[0] if reasons else "no reader knows the columns of this table")
    scanner, _ = max(accepted, key=lambda pair: pair[1].strength)
    source = TableSource(name)
    source.note("a table of Spark has no line numbers: no places in it are told")
    return Reading(found, scanner, source)


def rows_of(number: int, reading: Reading, table: DataFrame, watch: Watch, sent: list[Broadcast[bytes]]) -> DataFrame:
    """What the executors make of a table, of its needed columns only; ROW_TYPE.

    Args:
        number: Stands for the file.
        reading: Of the table.
        table: Its rows.
        watch: What log readers keep.
        sent: Takes what was sent to the executors.
    """
    scanner = reading.scanner
    assert scanner is not None
    assert reads_tables(scanner)
    packed = packed_watch(watch)
    sent.append(table.sparkSession.sparkContext.broadcast(packed))
    columns = _selection(scanner.columns_read(leaves_of(table.limit(0).toArrow().schema)))
    task = ReadRows(sent[-1], digest(packed), number, reading.found.path, scanner.name)
    return table.select(*columns).mapInArrow(task, ROW_TYPE)


def _selection(leaves: Sequence[str]) -> list[Column]:
    """Columns with those of their inner ones that are needed."""
    from pyspark.sql import functions

    tree: dict[str, dict[str, object]] = {}
    for leaf in leaves:
        place: dict[str, dict[str, object]] = tree
        for part in leaf.partition(_LIST)[0].split("."):
            place = place.setdefault(part, {})  # type: ignore[assignment]  # a tree has no finite type

    def column(path: tuple[str, ...], inner: dict[str, object]) -> Column:
        quoted = ".".join(f"`{part.replace('`', '``')}`" for part in path)
        if not inner:
            return functions.col(quoted).alias(path[-1])
        parts = [column((*path, name), below) for name, below in inner.items()]  # type: ignore[arg-type]  # as above
        return functions.struct(*parts).alias(path[-1])

    return [column((name,), inner) for name, inner in tree.items()]


class ReadRows:
    """For `mapInArrow` over a table: gives ROW batches of what its rows hold.

    Args:
        watch: Result of `packed_watch`.
        watch_digest: Says whether a worker has this watch prepared already.
        number: Stands for the file.
        name: How reports name the table.
        scanner: Name of its reader.
    """

    def __init__(self, watch: Broadcast[bytes], watch_digest: str, number: int, name: str, scanner: str) -> None:
        self._watch = watch
        self._watch_digest = watch_digest
        self._number = number
        self._name = name
        self._scanner = scanner

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give what the rows of a part hold."""
        from pyspark import TaskContext

        take_cores()
        context = TaskContext.get()
        part, sequence = 0 if context is None else context.partitionId(), count()

        def row(kind: str, payload: bytes) -> pa.RecordBatch:
            return Row(self._number, part, next(sequence), kind, payload).batch

        source, end = TableSource(self._name), SliceEnd()
        try:
            scanner = next(scanner for scanner in all_scanners() if scanner.name == self._scanner)
            assert reads_tables(scanner)
            reading = Reading(Found(Path(self._name), self._name), scanner, source)
            watch = prepared(self._watch_digest, self._watch.value)
            first = next(batches, None)
            if first is not None:
                table = _Part(first, batches)
                for batch in reading.guarded(scanner.scan_table(source, watch, table, end.marks)):
                    yield row(BATCH, packed(without_lines(batch)))
            yield row(END, packed_told(reading, part, end))
        except Exception:
            yield row(CRASH, f"{self._name}: {traceback.format_exc()}".encode("utf-8", "replace"))
        # What is left unread of a part would block the one who writes it.
        for _ in batches:
            pass


class _Part:
    """A part of a table, as `beholden.scan.parquet.ColumnTable`."""

    def __init__(self, first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> None:
        self.schema = first.schema
        self.leaves = leaves_of(first.schema)
        self._batches = chain([first], rest)

    def batches(self, columns: Sequence[str], words: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Give the rows; Spark has selected what is needed."""
        return self._batches
