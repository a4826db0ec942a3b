"""One Spark job: shares of files go out, and what they hold, or what it comes to, comes back."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from beholden.errors import RunError
from beholden.run.spark.items import shares
from beholden.run.spark.summing import SumShares, SumSlices, errand_of
from beholden.run.spark.table import rows_of
from beholden.run.spark.task import Errand, ReadShares
from beholden.run.spark.transport import (
    ASIDE,
    BATCH,
    CRASH,
    END,
    ROW_TYPE,
    SUMS,
    Judged,
    Row,
    Summed,
    digest,
    packed_watch,
    unpacked_told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from beholden.run.readings import Reading
    from beholden.run.spark.items import Item
    from beholden.run.spark.transport import Told
    from beholden.scan.interface import Watch
    from beholden.scan.traffic.naming import Names

# So many for each core: more would wait less for the last one to end, and sum and send the same groups more often.
_SHARES_A_CORE = 2
_ROWS_A_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
_IN_ORDER = ("file", "begin", "sequence")


class TaskCrashError(RuntimeError):
    """A reader failed in an executor as it never should: what it said there."""


class Answers:
    """What the executors gave.

    Args:
        rows: ROW_TYPE.
        has_batches: Whether batches are among them; these stay with the executors until they are asked for.

    Attributes:
        told: What was counted, by file, in the order of its slices.
        judged: What judging said, by file.
        sums: Sums of traffic.

    Raises:
        TaskCrashError: A reader failed as it never should.
    """

    def __init__(self, rows: DataFrame | None, *, has_batches: bool = False) -> None:
        self._batches = rows.filter(f"kind = '{BATCH}'") if rows is not None and has_batches else None
        self._forgotten: set[int] = set()
        self.told: dict[int, list[Told]] = defaultdict(list)
        self.judged: dict[int, Judged] = {}
        self.sums: list[Summed] = []
        found = [] if rows is None else rows.filter(f"kind != '{BATCH}'").collect()
        for row in sorted(Row(*row) for row in found):
            if row.kind == CRASH:
                raise TaskCrashError(row.payload.decode())
            if row.kind == END:
                self.told[row.file].append(unpacked_told(bytes(row.payload)))
            elif row.kind == ASIDE:
                self.judged[row.file] = msgspec.msgpack.decode(row.payload, type=Judged)
            elif row.kind == SUMS:
                self.sums.append(msgspec.msgpack.decode(row.payload, type=Summed))

    def forget(self, files: set[int]) -> None:
        """Leave files out, which are read again."""
        self._forgotten |= files
        for file in files:
            self.told.pop(file, None)
            self.judged.pop(file, None)
        self.sums = [summed for summed in self.sums if not files & set(summed.files)]

    def batches(self) -> Iterator[Row]:
        """Give the batches, in the order of the files and of their slices."""
        if self._batches is not None:
            for row in self._batches.toLocalIterator(prefetchPartitions=True):
                if row.file not in self._forgotten:
                    yield Row(*row)


class Judging(NamedTuple):
    """What traffic is judged by in the executors.

    Attributes:
        watch: That of the run.
        names: All that its logs told.
    """

    watch: Watch
    names: Names


@contextmanager
def run(spark: SparkSession, items: Sequence[Item], watch: Watch, judging: Judging | None = None) -> Iterator[Answers]:
    """Read items.

    Args:
        spark: Where.
        items: In the order in which they are to come back; with `judging` whole files only, or slices only.
        watch: What log readers keep.
        judging: What traffic is judged by; None: its records come back.

    Raises:
        RunError: The cluster failed.
    """
    if not items:
        yield Answers(None)
        return
    parts = shares(items, spark.sparkContext.defaultParallelism * _SHARES_A_CORE)
    reading = Errand(packed_watch(watch), msgspec.msgpack.encode(parts))
    with _at_work() as sent:
        numbers = spark.range(0, len(parts), 1, len(parts))
        if judging is None:
            rows = _read(numbers, reading, sent)
            with _kept(rows):
                yield Answers(rows, has_batches=True)
        else:
            slices_in = None if items[0].end is None else len(parts)
            with _small_batches(spark):
                answers = Answers(_summed(numbers, reading, judging, sent, slices_in=slices_in))
            yield answers


@contextmanager
def run_table(number: int, reading: Reading, table: DataFrame, watch: Watch) -> Iterator[Answers]:
    """Read a table.

    Args:
        number: Stands for the file.
        reading: Of the table.
        table: Its rows.
        watch: What log readers keep.

    Raises:
        RunError: The cluster failed.
    """
    with _at_work() as sent:
        rows = rows_of(number, reading, table, watch, sent)
        with _kept(rows):
            yield Answers(rows, has_batches=True)


@contextmanager
def _at_work() -> Iterator[list[Broadcast[Any]]]:
    """Tell failures of Spark as ours, and take back in the end what was sent to the executors."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    sent: list[Broadcast[Any]] = []
    try:
        yield sent
    except (Py4JError, PySparkException) as error:
        raise RunError(
            f"Spark failed: {str(error).strip().partition(chr(10))[0]}",
            code="run.spark-failed",
            hint="what its executors said is in their logs",
        ) from error
    finally:
        for broadcast in sent:
            broadcast.destroy()


def _read(numbers: DataFrame, reading: Errand, sent: list[Broadcast[Any]]) -> DataFrame:
    errand = numbers.sparkSession.sparkContext.broadcast(reading)
    sent.append(errand)
    return numbers.mapInArrow(ReadShares(errand, digest(reading.watch)), ROW_TYPE)


def _summed(
    numbers: DataFrame, reading: Errand, judging: Judging, sent: list[Broadcast[Any]], *, slices_in: int | None
) -> DataFrame:
    errand = numbers.sparkSession.sparkContext.broadcast(errand_of(reading, *judging))
    sent.append(errand)
    if slices_in is None:
        return numbers.mapInArrow(SumShares(errand, digest(reading.watch)), ROW_TYPE)
    slices = _read(numbers, reading, sent)
    # As many tasks as had slices to read: Spark's own number is for tables of many rows.
    return (
        slices.repartition(slices_in, "file").sortWithinPartitions(*_IN_ORDER).mapInArrow(SumSlices(errand), ROW_TYPE)
    )


@contextmanager
def _small_batches(spark: SparkSession) -> Iterator[None]:
    """Rows of megabytes reach Python a few at a time: what one batch holds is held at once."""
    before = spark.conf.get(_ROWS_A_BATCH) or "10000"
    spark.conf.set(_ROWS_A_BATCH, "8")
    try:
        yield
    finally:
        spark.conf.set(_ROWS_A_BATCH, before)


@contextmanager
def _kept(rows: DataFrame) -> Iterator[None]:
    """Rows stay where they were made, so that the driver need not hold them all."""
    from pyspark import StorageLevel

    rows.persist(StorageLevel.DISK_ONLY)
    try:
        yield
    finally:
        rows.unpersist()
