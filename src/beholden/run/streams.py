"""Which file holds which log that is followed, through rotation, and what of it is new.

A log is known by what was read of it, not by its name: its first bytes, its last ones, and how many there are. So it
is met again under another name (renamed), as another file (copied, before the first was cut off), compressed, or after
a restart; and a name may come to stand for another log.
"""

from __future__ import annotations

import hashlib
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import ScanError
from beholden.run.zeek_header import Header
from beholden.scan.portions import content
from beholden.scan.source import Source

if TYPE_CHECKING:
    import io
    import os
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from beholden.run.readings import Reading
    from beholden.scan.walk import Found

# Enough to tell logs apart: the first records of two logs differ in time and number.
_MARK_BYTES = 4096
_CHUNK = 1024 * 1024
# Readers of Zeek's logs are called so; no others have header lines.
_ZEEK = "zeek-"
# Device, inode, size and time of change: while they stay, so does what was found out about a file.
_Look = tuple[int, int, int, int]


class Stream(msgspec.Struct, frozen=True):
    """A log that is followed.

    Attributes:
        number: Of the streams of a state.
        path: How reports name it: its name when it was first met.
        reader: Who reads it.
        place: Device and inode of the file that holds it.
        offset: Bytes of content that were read; whole lines.
        lines: Lines among them.
        header: The lines that say how what follows is written.
        head: Digest of the first `head_bytes`.
        head_bytes: How many these are.
        tail: Digest of the last `tail_bytes` that were read.
        tail_bytes: How many these are.
        settled: What its beginning decided for the rest of it; see `Source`.
    """

    number: int
    path: str
    reader: str
    place: tuple[int, int]
    offset: int = 0
    lines: int = 0
    header: bytes = b""
    head: bytes = b""
    head_bytes: int = 0
    tail: bytes = b""
    tail_bytes: int = 0
    settled: dict[str, str] = {}

    def __post_init__(self) -> None:
        """Refuse what a damaged state may say.

        Raises:
            ValueError: Places that no log has.
        """
        within = (self.lines, self.head_bytes, self.tail_bytes)
        if self.number < 0 or min(within) < 0 or max(within) > self.offset:
            raise ValueError("places that no log has")


@dataclass(frozen=True, slots=True)
class Portion:
    """Whole lines that are new.

    Attributes:
        stream: Of which log.
        found: The file that holds it now.
        end: Bytes of content up to the end of the last line.
    """

    stream: Stream
    found: Found
    end: int


class Streams:
    """The logs that are followed.

    Args:
        known: Those of an earlier run.
        reader_of: Says who reads a file, or why nobody follows it.
    """

    def __init__(self, known: Iterable[Stream], reader_of: Callable[[Found], str | Unfollowed]) -> None:
        self.known = list(known)
        self.unfollowed: dict[str, Unfollowed] = {}
        self._reader_of = reader_of
        self._held: dict[_Look, int] = {}
        self._copies: dict[_Look, int] = {}
        self._refused: dict[_Look, Unfollowed] = {}
        self._ends: dict[_Look, int] = {}

    def look(self, files: Iterable[Found]) -> list[Portion]:
        """Find what is new, in the order of the files.

        Args:
            files: All that there are now; regular and readable.
        """
        self.unfollowed = {}
        looks: set[_Look] = set()
        held: dict[int, tuple[Found, os.stat_result]] = {}
        others: list[tuple[Found, os.stat_result]] = []
        by_place = {stream.place: stream for stream in self.known}
        for found in files:
            try:
                status = found.real_path.stat()
                looks.add(_look(status))
                stream = by_place.get((status.st_dev, status.st_ino))
                if stream is not None and self._holds(found.real_path, status, stream):
                    held[stream.number] = (found, status)
                else:
                    others.append((found, status))
            except (OSError, EOFError, zlib.error, ScanError):
                # Gone or cut off between two looks: the next one sees what became of it.
                continue
        for found, status in others:
            try:
                stream = self._stream_of(found, status, held)
            except (OSError, EOFError, zlib.error, ScanError) as error:
                self.unfollowed[found.path] = _cut_off(error)
                continue
            if stream is not None:
                held[stream.number] = (found, status)
        self._remember_only(looks)
        numbers = {stream.number: stream for stream in self.known}
        portions = []
        for number, (found, status) in sorted(held.items(), key=lambda item: item[1][0].path):
            stream = numbers[number]
            try:
                end = self._end(found.real_path, status, stream)
            except (OSError, EOFError, zlib.error, ScanError) as error:
                self.unfollowed[found.path] = _cut_off(error)
                continue
            if end > stream.offset:
                portions.append(Portion(stream, found, end))
        return portions

    def put(self, stream: Stream) -> None:
        """Take a stream as it is once more of it was read."""
        self.known = [stream if each.number == stream.number else each for each in self.known]

    def _remember_only(self, looks: set[_Look]) -> None:
        for known in (self._held, self._copies, self._refused, self._ends):
            for look in known.keys() - looks:
                del known[look]

    def _holds(self, path: Path, status: os.stat_result, stream: Stream) -> bool:
        """Whether a file still holds a log: it may have been cut off, or its number may be another file's by now."""
        look = _look(status)
        if self._held.get(look) == stream.number:
            return True
        if not _begins_with(path, status, stream):
            return False
        self._held[look] = stream.number
        return True

    def _stream_of(
        self, found: Found, status: os.stat_result, held: dict[int, tuple[Found, os.stat_result]]
    ) -> Stream | None:
        """The log that a file holds which was not met so far; None: one that is held elsewhere, or none."""
        look = _look(status)
        if look in self._refused:
            self.unfollowed[found.path] = self._refused[look]
            return None
        if self._copies.get(look) in held:
            self.unfollowed[found.path] = self._copy_of(self._copies[look])
            return None
        same = [stream for stream in self.known if _begins_with(found.real_path, status, stream, needs_record=True)]
        # The longest: of a log that was cut off and begun again in the same way, the last.
        same.sort(key=lambda stream: (stream.number in held, -stream.offset))
        if same and same[0].number in held:
            self._copies[look] = same[0].number
            self.unfollowed[found.path] = self._copy_of(same[0].number)
            return None
        if same:
            moved = msgspec.structs.replace(same[0], place=(status.st_dev, status.st_ino))
            self.put(moved)
            return moved
        reader = self._reader_of(found)
        if isinstance(reader, Unfollowed):
            self._refused[look] = reader
            self.unfollowed[found.path] = reader
            return None
        number = 1 + max((stream.number for stream in self.known), default=0)
        stream = Stream(number, found.path, reader, (status.st_dev, status.st_ino))
        self.known.append(stream)
        return stream

    def _end(self, path: Path, status: os.stat_result, stream: Stream) -> int:
        look = _look(status)
        if look not in self._ends:
            self._ends[look] = _end(path, status.st_size, stream.offset)
        return self._ends[look]

    def _copy_of(self, number: int) -> Unfollowed:
        path = next(stream.path for stream in self.known if stream.number == number)
        return Unfollowed(f"holds what was read as {path}", is_copy=True)


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """Why a file is not followed.

    Attributes:
        reason: For people.
        is_copy: Whether its records were read elsewhere.
        is_failure: Whether it should be readable.
        reading: What became of it where it failed while its reader was looked for.
    """

    reason: str
    is_copy: bool = False
    is_failure: bool = False
    reading: Reading | None = None


class Gone(Exception):
    """A file does not hold any more what it held when it was looked at."""


@contextmanager
def opened(portion: Portion) -> Iterator[Advance]:
    """Open the file of a portion; what is given tells what the stream comes to once it is read.

    Raises:
        Gone: It was cut off, or holds something else by now.
        OSError: It cannot be opened any more.
    """
    stream, path = portion.stream, portion.found.real_path
    is_marked_whole = stream.head_bytes == _MARK_BYTES
    begin = stream.offset - stream.tail_bytes if is_marked_whole else 0
    with content(path, begin) as text:
        before = text.read(stream.offset - begin)
        is_same = is_marked_whole or _digest(before[: stream.head_bytes]) == stream.head or not stream.offset
        if not is_same or (stream.offset and _digest(before[len(before) - stream.tail_bytes :]) != stream.tail):
            raise Gone(portion.found.path)
        advance = Advance(portion, before, text)
        try:
            yield advance
        finally:
            advance.close()


class Advance:
    """What becomes of a stream by the bytes of a portion: its lines, the header in force, and its marks.

    Args:
        portion: What is read.
        before: Bytes before it; all of them as long as the head of the stream is not known whole.
        text: The content of the file, behind these.
    """

    def __init__(self, portion: Portion, before: bytes, text: io.BufferedReader) -> None:
        self._portion = portion
        self._before = before
        self._text = text
        self._is_begun = False
        self._note_nothing()

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def begin(self) -> io.BufferedReader:
        """See `beholden.scan.portions.Text`."""
        if self._is_begun and self._text.seekable():
            self._text.seek(self._portion.stream.offset)
        elif self._is_begun:
            # Compressed: nobody cuts such a file off.
            self._text.close()
            self._text = content(self._portion.found.real_path, self._portion.stream.offset)
        self._note_nothing()
        return self._text

    def _note_nothing(self) -> None:
        portion, before = self._portion, self._before
        self._header = Header(portion.stream.header) if portion.stream.reader.startswith(_ZEEK) else None
        self._lines = portion.stream.lines
        self._head = before[:_MARK_BYTES]
        self._tail = before[-_MARK_BYTES:]

    def take(self, chunk: bytes) -> None:
        """See `beholden.scan.portions.Text`."""
        self._is_begun = True
        self._lines += chunk.count(b"\n")
        if self._header is not None:
            self._header.take(chunk)
        if len(self._head) < _MARK_BYTES:
            self._head += chunk[: _MARK_BYTES - len(self._head)]
        self._tail = (self._tail + chunk[-_MARK_BYTES:])[-_MARK_BYTES:]

    def stream(self) -> Stream:
        """The stream once the portion is read."""
        stream = self._portion.stream
        is_marked_whole = stream.head_bytes == _MARK_BYTES
        return msgspec.structs.replace(
            stream,
            offset=self._portion.end,
            lines=self._lines,
            header=b"" if self._header is None else self._header.text,
            head=stream.head if is_marked_whole else _digest(self._head),
            head_bytes=stream.head_bytes if is_marked_whole else len(self._head),
            tail=_digest(self._tail),
            tail_bytes=len(self._tail),
        )


def _begins_with(path: Path, status: os.stat_result, stream: Stream, *, needs_record: bool = False) -> bool:
    """Whether a file holds all that was read of a log, or more.

    Args:
        path: The file.
        status: Of it.
        stream: The log.
        needs_record: Whether what is compared must have a record: many logs have the same header.
    """
    if stream.offset == 0:
        return (status.st_dev, status.st_ino) == stream.place
    is_plain = not Source(path, path.name).is_compressed
    if is_plain and status.st_size < stream.offset:
        return False
    with content(path) as text:
        head = text.read(stream.head_bytes)
    if _digest(head) != stream.head:
        return False
    try:
        with content(path, stream.offset - stream.tail_bytes) as text:
            tail = text.read(stream.tail_bytes)
    except EOFError:
        return False
    if _digest(tail) != stream.tail:
        return False
    # The first line of the tail may be the end of a longer one.
    lines = [*head.splitlines(), *tail.splitlines()[1:]]
    return not needs_record or not all(line.startswith(b"#") for line in lines if line)


def _end(path: Path, size: int, offset: int) -> int:
    """Bytes of content up to the end of the last whole line; compressed files are read through."""
    if Source(path, path.name).is_compressed:
        end = at = offset
        with content(path, offset) as text:
            while chunk := text.read1(_CHUNK):
                if (found := chunk.rfind(b"\n")) >= 0:
                    end = at + found + 1
                at += len(chunk)
        return end
    with path.open("rb") as stream:
        at = size
        while at > offset:
            begin = max(offset, at - _CHUNK)
            stream.seek(begin)
            found = stream.read(at - begin).rfind(b"\n")
            if found >= 0:
                return begin + found + 1
            at = begin
    return offset


def _cut_off(error: Exception) -> Unfollowed:
    """Whoever writes it may not be done."""
    return Unfollowed(f"cannot be read to its end: {error}", is_failure=True)


def _look(status: os.stat_result) -> _Look:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
