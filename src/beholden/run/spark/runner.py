"""Reads files in the executors of a Spark session; what they hold reaches the driver as if it had read them itself."""

from __future__ import annotations

from collections import Counter
from heapq import merge
from itertools import accumulate, groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from beholden.run.local import LocalRunner
from beholden.run.spark.items import sliced, whole
from beholden.run.spark.job import run
from beholden.run.spark.session import require_pyspark, session, slice_bytes
from beholden.run.spark.transport import count, unpacked
from beholden.scan.interface import can_be_sliced
from beholden.scan.walk import STANDARD_INPUT
from beholden.schema.traffic import FLOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from beholden.run.collected import Collected
    from beholden.run.interface import Columns
    from beholden.run.readings import Reading
    from beholden.run.spark.transport import Row, Told
    from beholden.scan.interface import Watch


class SparkRunner:
    """Reads in the executors of the session that is configured.

    Args:
        slice_bytes: Text logs that are longer are read in slices of so many bytes; None: what the session is
            configured with, or 128 MiB.

    Raises:
        UsageError: PySpark is not installed.
    """

    def __init__(self, slice_bytes: int | None = None) -> None:
        require_pyspark()
        self._slice_bytes = slice_bytes

    def read(self, readings: Iterable[Reading], watch: Watch, columns: Columns, collected: Collected) -> None:
        """See `beholden.run.interface.Runner`."""
        known = [reading for reading in readings if reading.scanner is not None]
        # What came on standard input lies on this machine only.
        files = {
            number: whole(number, reading, columns)
            for number, reading in enumerate(known)
            if reading.found.path != STANDARD_INPUT
        }
        spark = session()
        most = self._slice_bytes or slice_bytes(spark)
        cut = [item for number, file in files.items() for item in sliced(file, known[number], most)]
        with run(spark, cut, watch) as parts:
            # Columns that change in the middle of a file, or damage: then slices are not what the whole file is.
            again = {number for number, told in parts.told.items() if len(told) > 1 and not _is_sound(told)}
            with run(spark, [files[number] for number in sorted(again)], watch) as wholes:
                told = parts.told | wholes.told
                batches = merge(
                    (row for row in parts.batches() if row.file not in again),
                    wholes.batches(),
                    key=attrgetter("file"),
                )
                rows = _Groups(groupby(batches, attrgetter("file")))
                for number, reading in enumerate(known):
                    if number not in files:
                        LocalRunner().read([reading], watch, columns, collected)
                        continue
                    _hand_on(reading, told[number], rows.of(number), collected)


def _is_sound(told: Sequence[Told]) -> bool:
    return all(part.is_of_the_head and not part.has_failed for part in told)


def _hand_on(reading: Reading, told: Sequence[Told], rows: Iterable[Row], collected: Collected) -> None:
    """Do with what came back as if the file had been read here."""
    source, scanner = reading.source, reading.scanner
    assert source is not None
    lines = accumulate((part.lines for part in told), initial=0)
    before = {part.begin: number for part, number in zip(told, lines, strict=False)}
    for row in rows:
        for batch in unpacked(row.payload).to_batches():
            collected.add(source, _moved(batch, before[row.begin]))
    for part in told:
        count(source, part, before[part.begin])
        reading.has_failed |= part.has_failed
        reading.can_be_read_again &= part.can_be_read_again
    if len(told) > 1:
        assert scanner is not None
        assert can_be_sliced(scanner)
        scanner.tell(source, sum((Counter(part.marks) for part in told), Counter()))
    collected.end(reading)


def _moved(batch: pa.RecordBatch, lines: int) -> pa.RecordBatch:
    """FLOW of a slice, with lines counted from the beginning of the file."""
    if not lines or not batch.schema.equals(FLOW):
        return batch
    moved = batch.set_column(0, FLOW.field(0), pc.add(batch.column(0), lines))
    return moved.replace_schema_metadata(batch.schema.metadata)


class _Groups:
    """Groups that are asked for in their order; of some there is none."""

    def __init__(self, groups: Iterator[tuple[int, Iterator[Row]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def of(self, number: int) -> Iterator[Row]:
        """The rows of a number."""
        if self._next is not None and self._next[0] == number:
            yield from self._next[1]
            self._next = next(self._groups, None)
