"""A file in a store: found there once, opened as often as readers ask, and read in ranges that grow while they go on.

Nothing of an open connection is kept in it, so that it can be sent to another process.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import msgspec

from beholden.scan.address import ON_DISK, StoreError, file_system, scheme_of, told

# A head is asked for in one request, and so is what a long reading goes on with; what is thrown away stays small.
_FIRST_BYTES = 256 * 1024
_MOST_BYTES = 4 * 1024 * 1024
_BUFFER = 64 * 1024

if TYPE_CHECKING:
    from collections.abc import Callable

    # Offset and number of bytes to what stands there.
    ReadRange = Callable[[int, int], bytes]


class StoredFile(msgspec.Struct, frozen=True):
    """A file in a store, as it was when it was listed.

    Attributes:
        address: That the user named; with it the file system is made, in each process once. It may hold keys: never
            show it.
        path: Of the file in that file system.
        size: In bytes.
    """

    address: str
    path: str
    size: int

    def __repr__(self) -> str:
        return f"StoredFile({self.path!r}, {self.size})"

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def store(self) -> str:
        """Its store, by what an address says before the path."""
        return "://".join(urlsplit(self.address)[:2])

    @property
    def on_disk(self) -> Path | None:
        """Its path where the store is a file system of this machine."""
        return Path(self.path) if scheme_of(self.address) == ON_DISK else None

    def open(self, mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """Open for reading from the beginning.

        Raises:
            StoreError: It cannot be opened, or is not the one that was listed.
        """
        del mode
        system, _ = file_system(self.address)
        with told():
            file = system.open_input_file(self.path)
            size = file.size()
        if size != self.size:
            file.close()
            raise StoreError(f"changed since it was listed: {self.size:,} bytes then, {size:,} now")
        return io.BufferedReader(_Ranges(lambda offset, count: bytes(file.read_at(count, offset)), size, file), _BUFFER)

    def has_beside(self, tail: str) -> bool:
        """Whether a file lies beside it whose name is longer by a tail.

        Raises:
            StoreError: The store does not answer.
        """
        system, _ = file_system(self.address)
        with told():
            return bool(system.get_file_info(self.path + tail).is_file)


class _Ranges(io.RawIOBase):
    """Reads ranges of a file; each that follows the one before it is twice as long, up to a bound.

    Args:
        read: Gives a range; fewer bytes than were asked for where it has no more at the moment.
        size: Of the file.
        file: Closed in the end.
    """

    def __init__(self, read: ReadRange, size: int, file: Any) -> None:  # noqa: ANN401 (pyarrow ships no types)
        self._read = read
        self._size = size
        self._file = file
        self._at = 0
        self._held = b""
        self._held_from = 0
        self._ahead = _FIRST_BYTES

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (the buffer protocol has no type in 3.11)
        if self._at >= self._size or not len(buffer):
            return 0
        if not self._held_from <= self._at < self._held_from + len(self._held):
            self._fetch(len(buffer))
        begin = self._at - self._held_from
        data = memoryview(self._held)[begin : begin + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _fetch(self, wanted: int) -> None:
        goes_on = self._held and self._at == self._held_from + len(self._held)
        self._ahead = min(self._ahead * 2, _MOST_BYTES) if goes_on else _FIRST_BYTES
        count = min(max(wanted, self._ahead), self._size - self._at)
        with told():
            held = self._read(self._at, count)
        if not held:
            raise StoreError(f"ends after {self._at:,} of {self._size:,} bytes")
        self._held, self._held_from = held, self._at

    def close(self) -> None:
        if not self.closed:
            self._held = b""
            self._file.close()
        super().close()
