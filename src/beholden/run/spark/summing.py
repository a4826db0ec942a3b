"""Judging and summing of traffic in the executors, so that only sums come back to the driver.

A conversation is joined within its file. So whoever reads a whole file judges it there; of a file that was cut, what
its slices gave comes together first.
"""

from __future__ import annotations

import io
import traceback
from itertools import count, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from beholden.run.spark.task import Errand, Shares, batches_of, begun, prepared, take_cores
from beholden.run.spark.transport import (
    ASIDE,
    BATCH,
    CRASH,
    END,
    SUMS,
    Judged,
    Row,
    Summed,
    digest,
    moved,
    packed_told,
    packed_watch,
    unpacked,
    unpacked_told,
)
from beholden.scan.interface import SliceEnd
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    import pyarrow as pa
    from pyspark import Broadcast

    from beholden.run.spark.items import Item
    from beholden.scan.interface import Watch
    from beholden.scan.traffic.naming import Names
    from beholden.scan.traffic.stage import Traffic
    from beholden.scan.traffic.sums import Sums


class SummingErrand(NamedTuple):
    """What every task that judges is sent.

    Attributes:
        reading: For the readers, whose watch has the addresses that names stood for, too.
        watch: For judging: result of `packed_watch`.
        words: The names.
        names: When each stood for which address, as an Arrow IPC stream.
    """

    reading: Errand
    watch: bytes
    words: list[str]
    names: bytes


def errand_of(reading: Errand, watch: Watch, names: Names) -> SummingErrand:
    """What to send.

    Args:
        reading: For the readers.
        watch: For judging.
        names: What other logs told.
    """
    words, rows = names.state()
    return SummingErrand(reading, packed_watch(watch), words, packed_frame(rows))


def packed_frame(frame: pl.DataFrame) -> bytes:
    """A frame as an Arrow IPC stream."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream)
    return stream.getvalue()


def sums_of(summed: Summed) -> Sums:
    """The sums that came back."""
    import polars as pl

    from beholden.scan.traffic.sums import Sums

    return Sums(*map(pl.read_ipc_stream, summed.frames))


class SumShares:
    """For `mapInArrow` over numbers of shares: reads whole files, and gives ROW batches of what they come to.

    Args:
        errand: What to read, and what to judge by.
        watch_digest: Of the readers' watch.
    """

    def __init__(self, errand: Broadcast[SummingErrand], watch_digest: str) -> None:
        self._errand = errand
        self._watch_digest = watch_digest

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give the ends of the files of each share, and their sums."""
        take_cores()
        errand = self._errand.value
        watch = prepared(self._watch_digest, errand.reading.watch)
        shares = msgspec.msgpack.decode(errand.reading.shares, type=Shares)
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield from _whole(shares[number], watch, errand)


def _whole(share: list[Item], watch: Watch, errand: SummingErrand) -> Iterator[pa.RecordBatch]:
    traffic = _traffic(errand)
    for item in share:
        try:
            reading, end = begun(item), SliceEnd()
            # Of its own: what judging adds to the counts is told apart.
            judged = Source(item.lies_at, item.path)
            traffic.number_of(judged)
            for batch in batches_of(reading, item, watch, end):
                traffic.add(judged, batch)
            yield Row(item.file, item.begin, 0, END, packed_told(reading, item.begin, end)).batch
        except Exception:
            yield Row(item.file, item.begin, 0, CRASH, _told_of_crash(item.path)).batch
            return
    yield from _settled(traffic, [item.file for item in share])


class SumSlices:
    """For `mapInArrow` over ROW of slices, those of a file one after the other: gives ROW of what files come to.

    Args:
        errand: What to judge by.
    """

    def __init__(self, errand: Broadcast[SummingErrand]) -> None:
        self._errand = errand

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give the ends of slices as they came, and the sums of each file."""
        take_cores()
        rows = (Row(*row.values()) for batch in batches for row in batch.to_pylist())
        for file, of_file in groupby(rows, attrgetter("file")):
            yield from _joined(file, of_file, _traffic(self._errand.value))


def _joined(file: int, rows: Iterable[Row], traffic: Traffic) -> Iterator[pa.RecordBatch]:
    # Only its counts are asked for.
    judged, lines = Source(Path(), str(file)), 0
    traffic.number_of(judged)
    for row in rows:
        if row.kind == BATCH:
            for batch in unpacked(row.payload).to_batches():
                traffic.add(judged, moved(batch, lines))
            continue
        if row.kind == END:
            lines += unpacked_told(row.payload).lines
        yield row.batch
    yield from _settled(traffic, [file])


def _traffic(errand: SummingErrand) -> Traffic:
    # They load Polars, once it is said with how many threads.
    import polars as pl

    from beholden.scan.traffic.naming import Names
    from beholden.scan.traffic.stage import Traffic

    names = Names.of_state(errand.words, pl.read_ipc_stream(errand.names))
    return Traffic(prepared(digest(errand.watch), errand.watch), names)


def _settled(traffic: Traffic, files: list[int]) -> Iterator[pa.RecordBatch]:
    """What judging told of each file, and the sums of all; they stand with the first."""
    sequence = count(1)
    try:
        sums, ends = traffic.sums()
        for number, file in enumerate(files):
            aside = traffic.aside(number)
            told = Judged(
                not_resolved=traffic.source(number).not_resolved,
                reasons=dict(aside.reasons),
                told_by_interface=aside.told_by_interface,
            )
            yield Row(file, 0, next(sequence), ASIDE, msgspec.msgpack.encode(told)).batch
        if sums is not None:
            summed = Summed(files=files, ends=ends, frames=[packed_frame(frame) for frame in sums])
            yield Row(files[0], 0, next(sequence), SUMS, msgspec.msgpack.encode(summed)).batch
    except Exception:
        yield Row(files[0], 0, next(sequence), CRASH, _told_of_crash("traffic")).batch


def _told_of_crash(what: str) -> bytes:
    return f"{what}: {traceback.format_exc()}".encode("utf-8", "replace")
