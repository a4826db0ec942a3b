"""Files in parts of whole lines, read at the same time where the engine allows it, and given in order."""

from __future__ import annotations

import gzip
import os
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from beholden.engine import Engine, engine
from beholden.errors import ScanError
from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from beholden.scan.source import Source

PART_BYTES = 4 * 1024 * 1024

P = TypeVar("P")


def whole_lines(source: Source) -> Iterator[bytes]:
    """Give a file in parts that end with a line end, but for the last.

    Of a line that is longer than any record only so much is given that it is known as such.

    Raises:
        ScanError: The data is damaged or expands too much; what came before has been given.
    """
    # Only damage wants to know how many lines came before it.
    is_counted = source.is_gzip
    number, held = 0, _Held()
    with source.open() as stream:
        try:
            # read1, unlike read, keeps what came before damage.
            while chunk := stream.read1(PART_BYTES):
                held.add(chunk)
                if held.size >= PART_BYTES and held.end:
                    part = held.lines()
                    number += part.count(b"\n") if is_counted else 0
                    yield part
            if held.size:
                yield held.rest()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            if held.end:
                part = held.lines()
                number += part.count(b"\n")
                yield part
            raise source.error(
                f"compressed data is damaged after line {number}: {error}", code="scan.damaged-archive", line=number
            ) from error


class _Held:
    """What was read and not given yet.

    Attributes:
        size: Bytes.
        end: How many of them are whole lines.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = self.end = 0

    def add(self, piece: bytes) -> None:
        """Add what was read; of a line that is longer than any record no more is kept than shows that it is."""
        if end := piece.rfind(b"\n") + 1:
            self.end = self.size + end
        self._pieces.append(piece)
        self.size += len(piece)
        if not self.end and self.size > MAX_LINE_BYTES + 1:
            self._keep(self.rest()[: MAX_LINE_BYTES + 1])

    def lines(self) -> bytes:
        """Take the whole lines."""
        last = self._pieces[-1]
        cut = self.end - (self.size - len(last))
        if cut <= 0:
            last = self.rest()
            self._pieces, cut = [last], self.end
        # One copy: this is as fast as the disk only if nothing is copied twice.
        lines = b"".join([*self._pieces[:-1], memoryview(last)[:cut]])
        self._keep(last[cut:])
        return lines

    def rest(self) -> bytes:
        """Everything."""
        return b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        self._pieces, self.size, self.end = [piece], len(piece), 0


def in_order(parts: Iterable[bytes], read: Callable[[bytes], P]) -> Iterator[tuple[bytes, P]]:
    """Read parts, several at once where the engine leaves Python meanwhile; each with what came of it, in order.

    Args:
        parts: What is read.
        read: Pure, and safe in threads.
    """
    workers = (os.cpu_count() or 1) if engine() is Engine.NATIVE else 1
    if workers == 1:
        for part in parts:
            yield part, read(part)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="beholden-scan") as pool:
        waiting: deque[tuple[bytes, Future[P]]] = deque()
        failure: ScanError | None = None
        try:
            for part in parts:
                waiting.append((part, pool.submit(read, part)))
                # One more than there are workers: the next part is read from the file while they work.
                if len(waiting) > workers:
                    done, future = waiting.popleft()
                    yield done, future.result()
        except ScanError as error:
            # What came before the damage is whole.
            failure = error
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
        if failure is not None:
            raise failure
