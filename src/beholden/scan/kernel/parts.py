"""Files in parts of whole lines, read at the same time where the engine allows it, and given in order.

The native engine reads what lies on disk itself, each thread into room of its own: a part is then a stretch of the
file, and is fetched only where Python has to look at it. Else a part is its bytes.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from beholden.engine import Engine, engine
from beholden.errors import ScanError
from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from beholden._native import Stretch
    from beholden.scan.source import Source

    Text: TypeAlias = bytes | Stretch

PART_BYTES = 2048 * 1024
# How many parts are read at once; not set: as many as there are cores.
THREADS_VARIABLE = "BEHOLDEN_THREADS"

P = TypeVar("P")


def bytes_of(text: Text) -> bytes:
    """The bytes of a part.

    Raises:
        OSError: The file cannot be read any more.
    """
    return text if isinstance(text, bytes) else text.read()


def whole_lines(source: Source) -> Iterator[Text]:
    """Give a file in parts that end with a line end, but for the last.

    Of a line that is longer than any record only so much is given that it is known as such.

    Raises:
        OSError: It cannot be read.
        ScanError: The data is damaged or expands too much; what came before has been given.
    """
    lines = source.lines_on_disk() if engine() is Engine.NATIVE else None
    if lines is None:
        yield from _streamed(source)
        return
    from beholden._native import TextFile

    path, begin, end = lines
    file = TextFile(path)
    for at in range(begin, end, PART_BYTES):
        yield file.stretch(at, min(at + PART_BYTES, end))


def _streamed(source: Source) -> Iterator[bytes]:
    # Joined once: the text of a log is copied no more often than it must be.
    whole: list[memoryview] = []
    begun: list[memoryview] = []
    held = 0
    with source.open() as stream:
        try:
            # read1, unlike read, keeps what came before damage.
            while chunk := stream.read1(PART_BYTES):
                end = chunk.rfind(b"\n") + 1
                view = memoryview(chunk)
                if end:
                    whole += [*begun, view[:end]]
                    begun = []
                room = MAX_LINE_BYTES + 1 - sum(map(len, begun))
                begun.append(view[end : end + room])
                held += end + len(begun[-1])
                if whole and held >= PART_BYTES:
                    yield b"".join(whole)
                    whole, held = [], sum(map(len, begun))
            if held:
                yield b"".join([*whole, *begun])
        except (EOFError, zlib.error, ScanError) as error:
            if whole:
                yield b"".join(whole)
            if isinstance(error, ScanError):
                raise
            number = _lines_before_damage(source)
            raise source.error(
                f"compressed data is damaged after line {number}: {error}", code="scan.damaged-archive", line=number
            ) from error


def _lines_before_damage(source: Source) -> int:
    number = 0
    with source.open() as stream, suppress(EOFError, zlib.error):
        while chunk := stream.read1(PART_BYTES):
            number += chunk.count(b"\n")
    return number


def in_order(parts: Iterable[Text], read: Callable[[Text], P]) -> Iterator[tuple[Text, P]]:
    """Read parts, several at once where the engine leaves Python meanwhile; each with what came of it, in order.

    Args:
        parts: What is read.
        read: Pure, and safe in threads.
    """
    workers = _threads() if engine() is Engine.NATIVE else 1
    if workers == 1:
        for part in parts:
            yield part, read(part)
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="beholden-scan") as pool:
        waiting: deque[tuple[Text, Future[P]]] = deque()
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


def _threads() -> int:
    told = os.environ.get(THREADS_VARIABLE, "")
    return int(told) if told.isdecimal() and int(told) else os.cpu_count() or 1
