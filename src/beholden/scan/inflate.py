"""Compressed files as streams that give all that came before damage, and stop where they expand beyond reason.

gzip (RFC 1952, several members, zeros behind them) through ISA-L, which takes half the time of zlib; Zstandard (RFC
8878, several frames) through Arrow's codec.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Any

from beholden.scan.address import StoreError
from beholden.scan.place import size_of
from beholden.scan.stored import StoredFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from beholden.errors import ScanError
    from beholden.scan.place import Place

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
SUFFIXES = (".gz", ".zst")
# Real logs compress 10 to 40 times; deflate itself cannot pass about 1,030. Small files may be repetitive.
MAX_EXPANSION = 300
FREE_EXPANSION_BYTES = 32 * 1024 * 1024
# What one call gives is lost where it meets damage: little goes in at a time.
_PIECE = 16 * 1024
_ZSTD_PIECE = 4 * 1024
_GZIP_WBITS = 31


def without_suffix(name: str) -> str:
    """A file name without the ending that says it is compressed."""
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def is_compressed(place: Place) -> bool:
    """Whether the content (not the name) is gzip or Zstandard."""
    with place.open("rb") as stream:
        return _stream_for(stream.read(4)) is not None


def inflating(place: Place, refuse: Callable[[str, str], ScanError]) -> io.RawIOBase | None:
    """A stream of the content; None where it is not compressed.

    Args:
        place: Of the file.
        refuse: Makes the error from a message and a code.
    """
    with place.open("rb") as stream:
        kind = _stream_for(stream.read(4))
    return None if kind is None else _Bounded(kind(place), size_of(place), refuse)


def _stream_for(magic: bytes) -> type[_Gzip | _Zstd] | None:
    return _Gzip if magic.startswith(GZIP) else _Zstd if magic == ZSTD else None


class _Gzip:
    def __init__(self, place: Place) -> None:
        self._file = place.open("rb")
        self._member = self._new()

    def read(self, size: int) -> bytes:
        from isal import igzip_lib

        while True:
            if self._member.eof:
                # Padding behind a member is zeros; anything else is the next one.
                rest = self._member.unused_data.lstrip(b"\0")
                while not rest:
                    piece = self._file.read(_PIECE)
                    if not piece:
                        return b""
                    rest = piece.lstrip(b"\0")
                self._member = self._new()
                piece = rest
            else:
                piece = self._member.unconsumed_tail or self._file.read(_PIECE)
                if not piece:
                    raise EOFError("the file ends before the compressed stream does")
            try:
                data = self._member.decompress(piece, size)
            except igzip_lib.IsalError as error:  # type: ignore[misc]  # its stub does not say that it is an exception
                raise zlib.error(str(error)) from error
            if data:
                return bytes(data)

    def close(self) -> None:
        self._file.close()

    @staticmethod
    def _new() -> Any:  # noqa: ANN401 (the library names no type of it)
        from isal import isal_zlib

        return isal_zlib.decompressobj(_GZIP_WBITS)


class _Zstd:
    def __init__(self, place: Place) -> None:
        import pyarrow as pa

        file = pa.PythonFile(place.open("rb")) if isinstance(place, StoredFile) else pa.OSFile(str(place), "rb")
        self._stream = pa.CompressedInputStream(file, "zstd")

    def read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(min(size, _ZSTD_PIECE)))
        except StoreError:
            raise
        except OSError as error:
            if "runcated" in str(error):
                raise EOFError("the file ends before the compressed stream does") from error
            raise zlib.error(str(error)) from error

    def close(self) -> None:
        self._stream.close()


class _Bounded(io.RawIOBase):
    def __init__(self, stream: _Gzip | _Zstd, size: int, refuse: Callable[[str, str], ScanError]) -> None:
        self._stream = stream
        self._size = size
        self._refuse = refuse
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (the buffer protocol has no type in 3.11)
        data = self._stream.read(len(buffer))
        count = len(data)
        buffer[:count] = data
        self._given += count
        if self._given > FREE_EXPANSION_BYTES and self._given > self._size * MAX_EXPANSION:
            raise self._refuse(
                f"expands more than {MAX_EXPANSION} times; refused as a possible decompression bomb",
                "scan.expansion-bound",
            )
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
