"""What executors run: the readers of this package over the items of a share, in the Python worker of a Spark task."""

from __future__ import annotations

import os
import traceback
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from beholden.run.readings import Reading
from beholden.run.spark.items import Item
from beholden.run.spark.transport import BATCH, CRASH, END, Row, packed, packed_told, unpacked_watch
from beholden.scan import scanners
from beholden.scan.interface import SliceEnd, can_be_sliced
from beholden.scan.kernel.parts import THREADS_VARIABLE
from beholden.scan.slices import SliceSource
from beholden.scan.walk import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from pyspark import Broadcast

    from beholden.scan.interface import Watch

Shares = list[list[Item]]


class Errand(NamedTuple):
    """What every task of a job is sent; large, so that it goes to each executor once.

    Attributes:
        watch: Result of `packed_watch`.
        shares: `Shares` as msgpack.
    """

    watch: bytes
    shares: bytes


class ReadShares:
    """For `mapInArrow` over numbers of shares: reads their items and gives ROW batches.

    Args:
        errand: What to read.
        watch_digest: Says whether a worker has this watch prepared already.
    """

    def __init__(self, errand: Broadcast[Errand], watch_digest: str) -> None:
        self._errand = errand
        self._watch_digest = watch_digest

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give what the items of the shares hold."""
        take_cores()
        errand = self._errand.value
        watch = prepared(self._watch_digest, errand.watch)
        shares = msgspec.msgpack.decode(errand.shares, type=Shares)
        for batch in batches:
            for number in batch.column(0).to_pylist():
                for item in shares[number]:
                    yield from _rows(item, watch)


def _rows(item: Item, watch: Watch) -> Iterator[pa.RecordBatch]:
    """The batches of an item, then what was counted."""
    sequence = count()

    def row(kind: str, payload: bytes) -> pa.RecordBatch:
        return Row(item.file, item.begin, next(sequence), kind, payload).batch

    try:
        reading, end = begun(item), SliceEnd()
        for batch in batches_of(reading, item, watch, end):
            yield row(BATCH, packed(batch))
        yield row(END, packed_told(reading, item.begin, end))
    except Exception:
        # Spark would try again and again what can only fail again, and then tell it in the words of Java.
        yield row(CRASH, f"{item.path}: {traceback.format_exc()}".encode("utf-8", "replace"))


def begun(item: Item) -> Reading:
    """The reading of an item.

    Raises:
        LookupError: This executor lacks the reader.
    """
    scanner = next((scanner for scanner in scanners() if scanner.name == item.scanner), None)
    if scanner is None:
        raise LookupError(f"no reader {item.scanner} is installed where this executor runs")
    return Reading(Found(item.lies_at, item.path), scanner, item.source())


def batches_of(reading: Reading, item: Item, watch: Watch, end: SliceEnd) -> Iterator[pa.RecordBatch]:
    """What an item holds; as in the local runner, a file that cannot be read on is told in its coverage.

    Args:
        reading: Of the item.
        item: A file or slice.
        watch: What log readers keep.
        end: Of a slice: filled in while it is read.
    """
    source, scanner = reading.source, reading.scanner
    if isinstance(source, SliceSource) and scanner is not None and can_be_sliced(scanner):
        yield from reading.guarded(scanner.scan_slice(source, watch, item.columns, end))
    else:
        yield from reading.batches(watch, item.mapping)


_watches: dict[str, Watch] = {}


def prepared(digest: str, payload: bytes) -> Watch:
    """The watch; a worker serves many tasks, and what kernels prepare from it is kept with it."""
    if digest not in _watches:
        # One for the readers, and one for judging.
        if len(_watches) > 1:
            _watches.clear()
        _watches[digest] = unpacked_watch(payload)
    return _watches[digest]


def take_cores() -> None:
    """Use as many threads as the task was given cores, not as the machine has: others run there, too."""
    from pyspark import TaskContext

    context = TaskContext.get()
    cores = str(context.cpus() if context is not None else 1)
    os.environ[THREADS_VARIABLE] = cores
    # Read when it is loaded first.
    os.environ.setdefault("POLARS_MAX_THREADS", cores)
