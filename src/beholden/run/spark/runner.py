"""Reads files in the executors of a Spark session; what they hold reaches the driver as if it had read them itself."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from heapq import merge
from itertools import accumulate, groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from beholden.run.local import LocalRunner
from beholden.run.spark.items import sliced, whole
from beholden.run.spark.job import Judging, run, run_table
from beholden.run.spark.session import require_pyspark, session, slice_bytes
from beholden.run.spark.summing import sums_of
from beholden.run.spark.table import named_table, reading_of
from beholden.run.spark.transport import count, moved, unpacked
from beholden.scan.interface import can_be_sliced, reads_tables
from beholden.scan.table import TableSource
from beholden.scan.walk import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from beholden.run.collected import Collected
    from beholden.run.interface import Columns
    from beholden.run.readings import Reading
    from beholden.run.spark.items import Item
    from beholden.run.spark.job import Answers
    from beholden.run.spark.transport import Row, Told
    from beholden.scan.interface import Scanners, Watch
    from beholden.scan.traffic.stage import Traffic


class SparkRunner:
    """Reads in the executors of the session that is configured.

    Args:
        slice_bytes: Text logs that are longer are read in slices of so many bytes; None: what the session is
            configured with, or 128 MiB.
        tables: Tables to read beside the files: by the name that reports show, their rows; None: the table or view
            of the session that has this name.

    Raises:
        UsageError: PySpark is not installed.
    """

    reads_stores = True

    def __init__(self, slice_bytes: int | None = None, tables: Mapping[str, DataFrame | None] | None = None) -> None:
        require_pyspark()
        self._slice_bytes = slice_bytes
        self._named = tables or {}
        self._tables: dict[str, DataFrame] = {}

    def inputs(self, scanners: Scanners) -> Iterator[Reading]:
        """The tables.

        Raises:
            UsageError: There is no table of a name.
        """
        for name, rows in self._named.items():
            self._tables[name] = named_table(session(), name) if rows is None else rows
            yield reading_of(name, self._tables[name], scanners)

    def read(self, readings: Iterable[Reading], watch: Watch, columns: Columns, collected: Collected) -> None:
        """See `beholden.run.interface.Runner`."""
        known = [reading for reading in readings if reading.scanner is not None]
        # What came on standard input lies on this machine only.
        files = {
            number: whole(number, reading, columns)
            for number, reading in enumerate(known)
            if not isinstance(reading.source, TableSource) and reading.found.path != STANDARD_INPUT
        }
        tables = {number for number, reading in enumerate(known) if isinstance(reading.source, TableSource)}
        if not files and not tables:
            LocalRunner().read(known, watch, columns, collected)
            return
        judging = _judging(known, collected)
        if judging is not None:
            # What is read here (standard input, tables) comes to the sums before what executors summed.
            for reading in known:
                assert reading.source is not None
                collected.traffic().number_of(reading.source)
        with ExitStack() as jobs:
            answers = self._asked(files, known, watch, judging, jobs) if files else []
            for number in sorted(tables):
                table = self._tables[known[number].found.path]
                answers.append(jobs.enter_context(run_table(number, known[number], table, watch)))
            told = {number: parts for answer in answers for number, parts in answer.told.items()}
            batches = merge(*(answer.batches() for answer in answers), key=attrgetter("file"))
            rows = _Groups(groupby(batches, attrgetter("file")))
            for number, reading in enumerate(known):
                if number in files or number in tables:
                    _hand_on(reading, told.get(number, ()), rows.of(number), collected)
                else:
                    LocalRunner().read([reading], watch, columns, collected)
            if judging is not None:
                _take_sums(answers, known, collected.traffic())

    def _asked(
        self, files: dict[int, Item], known: Sequence[Reading], watch: Watch, judging: Judging | None, jobs: ExitStack
    ) -> list[Answers]:
        """Read all files, and those again of which slices are not what the whole is."""
        spark = session()
        most = self._slice_bytes or slice_bytes(spark)
        parts = {number: list(sliced(file, known[number], most)) for number, file in files.items()}
        uncut, cut = (
            [part for item in parts.values() if (len(item) > 1) is is_cut for part in item] for is_cut in (False, True)
        )
        lots = [[part for item in parts.values() for part in item]] if judging is None else [uncut, cut]
        answers = [jobs.enter_context(run(spark, lot, watch, judging)) for lot in lots]
        # Columns that change in the middle of a file, or damage.
        again = {number for answer in answers for number, told in answer.told.items() if not _is_sound(told)}
        for answer in answers:
            answer.forget(again)
        answers.append(jobs.enter_context(run(spark, [files[number] for number in sorted(again)], watch, judging)))
        return answers


def _judging(known: Sequence[Reading], collected: Collected) -> Judging | None:
    """What executors can judge by: all names must be told, and classes of addresses be the same everywhere."""
    if collected.watch.addresses is None or not all(each.joins_names and not each.tells_names for each in known):
        return None
    return Judging(collected.watch, collected.traffic().names)


def _is_sound(told: Sequence[Told]) -> bool:
    """Whether slices are what the whole file is."""
    return len(told) == 1 or all(part.is_of_the_head and not part.has_failed for part in told)


def _hand_on(reading: Reading, told: Sequence[Told], rows: Iterable[Row], collected: Collected) -> None:
    """Do with what came back as if the file had been read here."""
    source, scanner = reading.source, reading.scanner
    assert source is not None
    lines = accumulate((part.lines for part in told), initial=0)
    before = {part.begin: number for part, number in zip(told, lines, strict=False)}
    for row in rows:
        for batch in unpacked(row.payload).to_batches():
            collected.add(source, moved(batch, before[row.begin]))
    for part in told:
        count(source, part, before[part.begin], is_whole=len(told) == 1)
        reading.has_failed |= part.has_failed
        reading.can_be_read_again &= part.can_be_read_again
    marks = sum((Counter(part.marks) for part in told), Counter())
    if isinstance(source, TableSource):
        assert scanner is not None
        assert reads_tables(scanner)
        scanner.tell(source, marks)
    elif len(told) > 1:
        assert scanner is not None
        assert can_be_sliced(scanner)
        scanner.tell(source, marks)
    collected.end(reading)


def _take_sums(answers: Sequence[Answers], known: Sequence[Reading], traffic: Traffic) -> None:
    """Take what was judged and summed in executors, in the order of the files."""
    from beholden.scan.traffic.stage import Aside

    judged = {number: each for answer in answers for number, each in answer.judged.items()}
    numbers: dict[int, int] = {}
    for number, each in sorted(judged.items()):
        source = known[number].source
        assert source is not None
        source.not_resolved.update(each.not_resolved)
        numbers[number] = traffic.number_of(source)
        traffic.take_aside(numbers[number], Aside(each.reasons, each.told_by_interface))
    for answer in answers:
        for summed in answer.sums:
            traffic.take_sums(sums_of(summed), [numbers[file] for file in summed.files], summed.ends)


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
