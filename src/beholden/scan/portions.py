"""What was added to a log since it was read last, as a source that its reader reads like any other.

Whoever writes the log may cut it off while it is read. So the file is opened once, all that is noted of a portion comes
from the bytes that its reader was given, and a portion that did not come whole says so.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from beholden.errors import Origin, ScanError
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from beholden.scan.source import Reject

_BUFFER = 1024 * 1024


class Text(Protocol):
    """The bytes of a portion, which somebody notes while they are read."""

    def begin(self) -> io.BufferedReader:
        """The content of the log at the first line of the portion; whoever gives it closes it."""

    def take(self, chunk: bytes) -> None:
        """Note what was read next since it was begun."""


class PortionSource(Source):
    """The lines of a log between two places, behind the header that is in force there.

    Args:
        real_path: Where the log lies.
        path: How reports name it.
        header: Lines that say how records are written; empty where every record does.
        text: Its bytes.
        size: Bytes of content up to the end of the last line.
        lines_before: Lines of the log before the first.
    """

    def __init__(
        self,
        real_path: Path,
        path: str,
        header: bytes,
        text: Text,
        size: int,
        lines_before: int,
    ) -> None:
        super().__init__(real_path, path)
        self._portion = _Portion(header, text, size)
        self._shift = lines_before - header.count(b"\n")

    def finish(self) -> None:
        """Take what its reader left.

        Raises:
            OSError: It cannot be read any more.
            EOFError: It did not come whole.
            ScanError: It expands too much.
        """
        self._portion.take_rest()

    @property
    def is_compressed(self) -> bool:
        """Its content is given as it is."""
        return False

    def lines_on_disk(self) -> None:
        """No file has the header before the lines."""

    def open(self) -> io.BufferedReader:
        """The header and the lines, from their beginning."""
        self._portion.begin()
        return io.BufferedReader(_Kept(self._portion))

    def reject_all(self, reasons: Mapping[str, int], first: Iterable[Reject]) -> None:
        """Count records that cannot be read, with their lines in the log."""
        super().reject_all(reasons, [(self._line(line), reason, expected) for line, reason, expected in first])

    def error(self, message: str, *, code: str = "scan.malformed-input", line: int | None = None) -> ScanError:
        """Build an error with the line in the log."""
        return ScanError(message, code=code, origin=Origin(self.path, self._line(line)))

    def in_the_log(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch of the reader with the lines of the log: OBSERVATION, CONTACT or NAMING."""
        if self._shift == 0:
            return batch
        if "line" in batch.schema.names:
            at = batch.schema.get_field_index("line")
            return batch.set_column(at, batch.schema.field(at), pc.add(batch.column(at), self._shift))
        at = batch.schema.get_field_index("lines")
        lines = batch.column(at)
        moved = [None if row is None else [line + self._shift for line in row] for row in lines.to_pylist()]
        return batch.set_column(at, batch.schema.field(at), pa.array(moved, lines.type))

    def _line(self, line: int | None) -> int | None:
        return None if line is None else line + self._shift


def content(path: Path, begin: int = 0) -> io.BufferedReader:
    """The content of a file from a place on, inflated where it is compressed.

    Raises:
        OSError: It cannot be opened.
        EOFError: Compressed data ends before that place.
        ScanError: It expands too much.
    """
    source = Source(path, path.name)
    stream = source.open()
    if not source.is_compressed:
        stream.seek(begin)
        return stream
    left = begin
    while left:
        chunk = stream.read1(min(left, _BUFFER))
        if not chunk:
            raise EOFError(f"{path.name} ends before byte {begin}")
        left -= len(chunk)
    return stream


class _Portion:
    """Gives the header, then the lines, and notes whether these came to their end."""

    def __init__(self, header: bytes, text: Text, size: int) -> None:
        self._whole_header = header
        self._text = text
        self._size = size
        self.begin()

    def begin(self) -> None:
        """Go to the beginning."""
        self._header = self._whole_header
        self._stream = self._text.begin()
        self._left = self._size

    def read(self, wanted: int) -> bytes:
        """At most so many bytes; none at the end."""
        if self._header:
            data, self._header = self._header[:wanted], self._header[wanted:]
            return data
        data = self._stream.read1(min(wanted, self._left)) if self._left else b""
        self._left -= len(data)
        self._text.take(data)
        return data

    def take_rest(self) -> None:
        """Read what is left; it must come to its end."""
        while self.read(_BUFFER):
            pass
        if self._left:
            raise EOFError("cut off while it was read")


class _Kept(io.RawIOBase):
    """A portion for a reader, who closes what he reads; the file stays open."""

    def __init__(self, portion: _Portion) -> None:
        self._portion = portion

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (the buffer protocol has no type in 3.11)
        data = self._portion.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
