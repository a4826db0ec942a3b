"""The frame of every reader that sums a log: records that can be placed, and what stands when a file breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from beholden.errors import ScanError
from beholden.scan.network.cells import parse_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from beholden.scan.network.sides import Sides
    from beholden.scan.network.zeek_records import Record
    from beholden.scan.source import Source

# line, seconds since 1970, cells, sides of the opener and of the one it opened to
Placed = tuple[int, float, tuple[str, ...], int, int]


class Sums(Protocol):
    """What a reader gathers while it reads: a `Tally`, rows of traffic, or a frame around some."""

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""


def with_rest(
    gathered: Iterable[pa.RecordBatch], sums: Sums | None, finish: Callable[[], None]
) -> Iterator[pa.RecordBatch]:
    """Give what gathers while a log is read, then what is left; also where the file breaks off.

    Args:
        gathered: Batches given while reading.
        sums: What is still held at the end; None: nothing is.
        finish: Settles and tells what only the end decides; called before the rest is given.

    Raises:
        ScanError: The one that ended the reading, once everything read before it has been given.
    """
    failure: ScanError | None = None
    try:
        yield from gathered
    except ScanError as error:
        failure = error
    finish()
    if sums is not None:
        yield from sums.rest()
    if failure is not None:
        raise failure


def placed(records: Iterable[Record], sides: Sides, source: Source) -> Iterator[Placed]:
    """Give Zeek records with their time and sides; those without either are rejected.

    Args:
        records: Cells that begin with `ts`, `id.orig_h` and `id.resp_h`.
        sides: Says what an address is.
        source: Where rejects go; records that are given are left for the caller to accept.

    Raises:
        ScanError: Whatever `records` raises.
    """
    for line, cells in records:
        seconds = parse_seconds(cells[0])
        opener, target = sides[cells[1]], sides[cells[2]]
        if seconds is None:
            source.reject(line, "time out of range", expected="seconds since 1970 or ISO 8601")
        elif not opener or not target:
            source.reject(line, "not an address", expected="IPv4 or IPv6 in id.orig_h and id.resp_h")
        else:
            yield line, seconds, cells, opener, target
