"""One input file, read within bounds: size, line length, expansion of compressed data, nesting."""

from __future__ import annotations

import io
import json
import zlib
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from beholden.errors import Origin, ScanError
from beholden.scan.inflate import inflating, is_compressed
from beholden.scan.place import on_disk, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from beholden.scan.place import Place

HEAD_BYTES = 64 * 1024
MAX_LINE_BYTES = 1024 * 1024
MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_REJECTS_KEPT = 5
# Line, reason and what was expected.
Reject = tuple[int | None, str, str | None]


class Source:
    """An input file handed to a scanner; counts what was read and what was rejected.

    Args:
        place: Where it lies.
        path: How reports name it: below the input folder, with '/'.
    """

    def __init__(self, place: Place, path: str) -> None:
        self.place = place
        self.path = path
        self.records_read = 0
        self.records_rejected = 0
        self.reasons: Counter[str] = Counter()
        self.rejects: list[Reject] = []
        self.notes: list[str] = []
        self.not_resolved: Counter[str] = Counter()
        # What the beginning of a log decides for the rest of it, where it is read in portions.
        self.settled: dict[str, str] = {}

    @property
    def real_path(self) -> Path:
        """Its path, for what reads nothing but files on disk."""
        return path_of(self.place)

    @property
    def first_rejects(self) -> list[str]:
        """The first records that were rejected, as coverage tells them."""
        tails = (f"; expected {expected}" if expected else "" for _, _, expected in self.rejects)
        return [
            f"{Origin(self.path, line)}: {reason}{tail}"
            for (line, reason, _), tail in zip(self.rejects, tails, strict=True)
        ]

    @property
    def is_compressed(self) -> bool:
        """Whether the content (not the name) is gzip or Zstandard."""
        return is_compressed(self.place)

    def accept(self, count: int = 1) -> None:
        """Count records that were read."""
        self.records_read += count

    def reject(self, line: int | None, reason: str, *, expected: str | None = None) -> None:
        """Count a record that cannot be read.

        Args:
            line: 1-based line, if there is one.
            reason: Short and stable, e.g. `wrong column count`; it is the key in coverage.
            expected: What was expected, for the message.
        """
        self.reject_all({reason: 1}, [(line, reason, expected)])

    def reject_all(self, reasons: Mapping[str, int], first: Iterable[Reject]) -> None:
        """Count records that a kernel could not read.

        Args:
            reasons: How many, by reason.
            first: Line, reason and what was expected of the first of them.
        """
        self.records_rejected += sum(reasons.values())
        self.reasons.update(reasons)
        self.rejects += islice(first, _REJECTS_KEPT - len(self.rejects))

    def note(self, text: str) -> None:
        """Add a sentence to the coverage of this file, once."""
        if text not in self.notes:
            self.notes.append(text)

    def error(self, message: str, *, code: str = "scan.malformed-input", line: int | None = None) -> ScanError:
        """Build an error about this file as a whole."""
        return ScanError(message, code=code, origin=Origin(self.path, line))

    def head(self) -> tuple[bytes, bool]:
        """The first bytes, inflated, and whether that is all of it.

        Raises:
            ScanError: The file cannot be opened or inflated.
        """
        data = b""
        is_damaged = False
        try:
            with self.open() as stream:
                # read1, unlike read, keeps what came before damage.
                while len(data) <= HEAD_BYTES and (chunk := stream.read1(HEAD_BYTES + 1 - len(data))):
                    data += chunk
        except (EOFError, zlib.error) as error:
            if not data:
                raise self.error(f"compressed data is damaged: {error}", code="scan.damaged-archive") from error
            is_damaged = True
        except OSError as error:
            raise self.error(f"cannot be opened: {error.strerror or error}", code="scan.unreadable-file") from error
        return data[:HEAD_BYTES], len(data) <= HEAD_BYTES and not is_damaged

    def open(self) -> io.BufferedReader:
        """Open for reading, inflating what is compressed within the expansion bound."""
        stream = inflating(self.place, lambda message, code: self.error(message, code=code))
        return self.place.open("rb") if stream is None else io.BufferedReader(stream, _CHUNK)

    def lines_on_disk(self) -> tuple[Path, int, int] | None:
        """Where its lines lie as they are: the path, the first byte and the one behind the last; None: nowhere.

        Raises:
            OSError: It is gone.
        """
        path = on_disk(self.place)
        if path is None or not path.is_file() or self.is_compressed:
            return None
        # Some files of the system tell no size.
        size = path.stat().st_size
        return (path, 0, size) if size else None

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give (line number, text without the line end); lines that are too long or hold NULs are rejected.

        Raises:
            ScanError: The data is damaged or expands too much; what came before has been given.
        """
        with self.open() as stream:
            number = 0
            try:
                while raw := stream.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    if len(raw) > MAX_LINE_BYTES:
                        if not raw.endswith(b"\n"):
                            _skip_line(stream)
                        self.reject(number, "line too long", expected=f"at most {MAX_LINE_BYTES:,} bytes")
                        continue
                    if b"\x00" in raw:
                        self.reject(number, "NUL bytes", expected="text")
                        continue
                    yield number, raw.decode("utf-8", errors="replace").rstrip("\r\n").removeprefix("\ufeff")
            except (EOFError, zlib.error) as error:
                raise self.error(
                    f"compressed data is damaged after line {number}: {error}", code="scan.damaged-archive", line=number
                ) from error

    def document(self) -> bytes:
        """The whole content, for formats that cannot be read line by line.

        Raises:
            ScanError: Too large, damaged, or expands too much.
        """
        parts: list[bytes] = []
        size = 0
        try:
            with self.open() as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > MAX_DOCUMENT_BYTES:
                        raise self.error(
                            f"larger than {MAX_DOCUMENT_BYTES // 2**20} MiB, the bound for one document",
                            code="scan.too-large",
                        )
                    parts.append(chunk)
        except (EOFError, zlib.error) as error:
            raise self.error(f"compressed data is damaged: {error}", code="scan.damaged-archive") from error
        return b"".join(parts)

    def json(self) -> Any:  # noqa: ANN401 (whatever JSON holds)
        """The whole content as JSON.

        Raises:
            ScanError: Not JSON, with line and column; or nested too deep.
        """
        data = self.document()
        try:
            return json.loads(data)
        except json.JSONDecodeError as error:
            raise ScanError(
                f"not valid JSON: {error.msg}",
                code="scan.malformed-input",
                origin=Origin(self.path, error.lineno, error.colno),
            ) from error
        except UnicodeDecodeError as error:
            raise self.error("not valid JSON: neither UTF-8 nor UTF-16/32 text") from error
        except ValueError as error:
            # Python refuses to build integers of thousands of digits.
            raise self.error(f"not readable JSON: {error}") from error
        except RecursionError as error:
            raise self.error("JSON nested too deep", code="scan.nested-too-deep") from error


def _skip_line(stream: BinaryIO) -> None:
    while chunk := stream.readline(_CHUNK):
        if chunk.endswith(b"\n"):
            return
