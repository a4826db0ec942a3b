"""One Spark job: shares of files go out, and what they hold comes back in the order of the files."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import RunError
from beholden.run.spark.items import shares
from beholden.run.spark.task import Errand, ReadShares
from beholden.run.spark.transport import BATCH, CRASH, END, ROW_TYPE, Row, digest, packed_watch, unpacked_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from beholden.run.spark.items import Item
    from beholden.run.spark.transport import Told
    from beholden.scan.interface import Watch

# So many for each core: the last one to end keeps the others waiting less.
_SHARES_A_CORE = 4


class TaskCrashError(RuntimeError):
    """A reader failed in an executor as it never should: what it said there."""


class Answers:
    """What the executors gave.

    Args:
        rows: ROW_TYPE, in the order of the files; kept by the executors.

    Attributes:
        told: What was counted, by file, in the order of its slices.

    Raises:
        TaskCrashError: A reader failed as it never should.
    """

    def __init__(self, rows: DataFrame | None) -> None:
        self._rows = rows
        self.told: dict[int, list[Told]] = defaultdict(list)
        ends = [] if rows is None else [Row(*row) for row in rows.filter(f"kind != '{BATCH}'").collect()]
        for row in sorted(ends):
            if row.kind == CRASH:
                raise TaskCrashError(row.payload.decode())
            if row.kind == END:
                self.told[row.file].append(unpacked_told(bytes(row.payload)))

    def batches(self) -> Iterator[Row]:
        """Give the batches, as they come from one share after the other."""
        if self._rows is not None:
            for row in self._rows.filter(f"kind = '{BATCH}'").toLocalIterator(prefetchPartitions=True):
                yield Row(*row)


@contextmanager
def run(spark: SparkSession, items: Sequence[Item], watch: Watch) -> Iterator[Answers]:
    """Read items.

    Args:
        spark: Where.
        items: In the order in which they are to come back.
        watch: What log readers keep.

    Raises:
        RunError: The cluster failed.
    """
    from py4j.protocol import Py4JError
    from pyspark import StorageLevel
    from pyspark.errors import PySparkException

    if not items:
        yield Answers(None)
        return
    parts = shares(items, spark.sparkContext.defaultParallelism * _SHARES_A_CORE)
    watched = packed_watch(watch)
    errand = spark.sparkContext.broadcast(Errand(watched, msgspec.msgpack.encode(parts)))
    try:
        numbers = spark.range(0, len(parts), 1, len(parts))
        # Kept where it was read, so that the driver need not hold it all.
        rows = numbers.mapInArrow(ReadShares(errand, digest(watched)), ROW_TYPE).persist(StorageLevel.DISK_ONLY)
        try:
            yield Answers(rows)
        finally:
            rows.unpersist()
    except (Py4JError, PySparkException) as error:
        raise RunError(
            f"Spark failed: {_first_line(error)}",
            code="run.spark-failed",
            hint="what its executors said is in their logs",
        ) from error
    finally:
        errand.destroy()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
