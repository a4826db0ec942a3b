"""What was added to a log since it was read last, as a source that its reader reads like any other."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from beholden.errors import Origin, ScanError
from beholden.scan.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from beholden.scan.source import Reject

_BUFFER = 1024 * 1024


class PortionSource(Source):
    """The lines of a log between two places, behind the header that is in force there.

    Args:
        real_path: Where the log lies.
        path: How reports name it.
        header: Lines that say how records are written; empty where every record does.
        begin: Bytes of content before the first line.
        end: Bytes of content up to the end of the last.
        lines_before: Lines of the log before the first.
    """

    def __init__(self, real_path: Path, path: str, header: bytes, begin: int, end: int, lines_before: int) -> None:
        super().__init__(real_path, path)
        self._header = header
        self._begin = begin
        self._end = end
        self._shift = lines_before - header.count(b"\n")

    @property
    def is_compressed(self) -> bool:
        """Its content is given as it is."""
        return False

    def open(self) -> io.BufferedReader:
        """Open the header and the lines for reading."""
        return io.BufferedReader(_Portion(self._header, content(self.real_path, self._begin), self._end - self._begin))

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


class _Portion(io.RawIOBase):
    def __init__(self, header: bytes, stream: io.BufferedReader, size: int) -> None:
        self._header = header
        self._stream = stream
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (the buffer protocol has no type in 3.11)
        wanted = len(buffer)
        if self._header:
            data, self._header = self._header[:wanted], self._header[wanted:]
        else:
            data = self._stream.read1(min(wanted, self._left)) if self._left else b""
            self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
