"""A part of a large text file, cut at line ends, so that several processes can read it at the same time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from beholden.scan.place import on_disk
from beholden.scan.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.scan.place import Place

_CHUNK = 64 * 1024
_BUFFER = 1024 * 1024


class SliceSource(Source):
    """The lines of a file that begin between two offsets.

    A line belongs to the slice that its first byte is in. So slices that meet hold each line of the file once, wherever
    they are cut. Lines are counted from the beginning of the slice.

    Args:
        place: Where the file lies; it is not compressed.
        path: How reports name it.
        begin: The first offset.
        end: The one behind the last.
    """

    def __init__(self, place: Place, path: str, begin: int, end: int) -> None:
        super().__init__(place, path)
        self._begin = begin
        self._end = end

    @property
    def is_first(self) -> bool:
        """Whether it holds the head of the file."""
        return self._begin == 0

    @property
    def is_compressed(self) -> bool:
        """No slice is."""
        return False

    def lines_on_disk(self) -> tuple[Path, int, int] | None:
        """Where the lines that begin in it lie; None: not on disk."""
        path = on_disk(self.place)
        return None if path is None else (path, self._begin, self._end)

    def open(self) -> io.BufferedReader:
        """Open the lines of the slice for reading."""
        stream = self.place.open("rb")
        first, last = (_line_begin(stream, offset) for offset in (self._begin, self._end))
        stream.seek(first)
        return io.BufferedReader(_Bounded(stream, last - first), _BUFFER)


def _line_begin(stream: io.BufferedReader, offset: int) -> int:
    """Where the first line begins that does not begin before an offset; the end of the file where none does."""
    if offset == 0:
        return 0
    at = stream.seek(offset - 1)
    while chunk := stream.read(_CHUNK):
        found = chunk.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(chunk)
    return at


class _Bounded(io.RawIOBase):
    def __init__(self, stream: io.BufferedReader, size: int) -> None:
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (the buffer protocol has no type in 3.11)
        data = self._stream.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
