"""One file of a publication: unpacked, bounded, decoded; read as a table, JSON or XML with the places of records."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from beholden.errors import Origin, SourceError
from beholden.sources.record import Record
from beholden.values.cells import next_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lxml.etree import _Element

    from beholden.sources.outline import Outline

_MIB = 1 << 20
# A cell of a list is a name or an address; the longest cell in the publications read is 26,000 characters.
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 1 << 20
_LONGEST_LINE = 64 * _MIB
_LONGEST_ROW = 8 * _MIB
# A value takes a hundred bytes of memory and may take three of the file; the largest file read has 600,000.
_MOST_VALUES = 1 << 24


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more bytes than allowed."""

    def __init__(self, stream: IO[bytes], limit: int, document: Document) -> None:
        self._stream = stream
        self._left = limit
        self._document = document

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 (any writable buffer)
        try:
            data = self._stream.read(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise self._document.error(f"is damaged: {error}", "source.damaged") from error
        self._left -= len(data)
        if self._left < 0:
            raise self._document.error("unpacks to more than is allowed", "source.too-large")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a publication.

    Attributes:
        name: As it was served or given; errors call it so.
        path: Where its bytes are.
        max_bytes: Most bytes that it may unpack to.
        max_whole: Most bytes of a document that has to be in memory whole, such as JSON.
    """

    name: str
    path: Path
    max_bytes: int = 16 << 30
    max_whole: int = 512 * _MIB

    @property
    def plain_name(self) -> str:
        """The name in lower case without folders and without `.gz` or `.zip`."""
        return self.name.rsplit("/", 1)[-1].lower().removesuffix(".gz").removesuffix(".zip")

    def error(self, message: str, code: str = "source.malformed", line: int | None = None) -> SourceError:
        """An error about this file."""
        return SourceError(message, code=code, origin=Origin(self.name, line))

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The bytes, unpacked where they are gzipped, or the one file of an archive of one file.

        An archive of several files is given as it is: it may be a spreadsheet.

        Raises:
            SourceError: The file cannot be read, is damaged, or unpacks to more than `max_bytes`.
        """
        try:
            raw = self.path.open("rb")
        except OSError as error:
            raise self.error(f"cannot be read: {error.strerror}", "source.unreadable") from error
        with raw:
            mark = raw.read(4)
            raw.seek(0)
            inner: IO[bytes] = raw
            if mark[:2] == b"\x1f\x8b":
                inner = cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
            elif mark == b"PK\x03\x04":
                inner = self._only_member(raw)
            yield io.BufferedReader(_Bounded(inner, self.max_bytes, self), 256 * 1024)

    def _only_member(self, raw: IO[bytes]) -> IO[bytes]:
        try:
            archive = zipfile.ZipFile(raw)
            members = [one for one in archive.infolist() if not one.filename.endswith("/")]
            if len(members) != 1:
                raw.seek(0)
                return raw
            # Others raise errors of their own libraries while they are read.
            if members[0].compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return archive.open(members[0])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
            raise self.error(f"is an archive that cannot be unpacked: {error}", "source.damaged") from error
        raise self.error("is an archive whose file is neither stored nor deflated", "source.damaged")

    def head(self, size: int = 65536) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def whole(self) -> bytes:
        """All bytes of a document of at most `max_whole`.

        Raises:
            SourceError: It is larger.
        """
        data = io.BytesIO()
        with self.open() as stream:
            # In parts: a read of the most that is allowed sets aside as much for any file.
            while part := stream.read(_MIB):
                data.write(part)
                if data.tell() > self.max_whole:
                    raise self.error(f"has more than {self.max_whole // _MIB} MiB", "source.too-large")
        return data.getvalue()

    @contextmanager
    def text(self, encoding: str = "utf-8-sig") -> Iterator[IO[str]]:
        """The text, strictly decoded; line ends are left as they are.

        Args:
            encoding: `utf-8-sig` also takes UTF-8 without a mark.
        """
        with self.open() as stream:
            yield cast("IO[str]", io.TextIOWrapper(stream, encoding=encoding, newline=""))

    def lines(self, encoding: str = "utf-8-sig") -> Iterator[tuple[int, str]]:
        """Lines with their number, without their ends.

        Raises:
            SourceError: Not in this encoding, or a line of more than 64 MiB.
        """
        number = 0
        with self.open() as stream:
            while line := stream.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise self.error("a line of more than 64 MiB", "source.too-large", number)
                try:
                    text = line.decode("utf-8-sig" if number == 1 and encoding == "utf-8-sig" else _plain(encoding))
                except UnicodeDecodeError as error:
                    raise self.error(f"not {self._wrong_encoding(encoding, error, 'text')}", line=number) from error
                yield number, text.rstrip("\r\n")

    def _wrong_encoding(self, encoding: str, error: UnicodeError, what: str, where: str = "") -> str:
        """What is wrong with bytes that are no text in an encoding, and what was expected."""
        called = "UTF-8" if _plain(encoding) == "utf-8" else encoding
        at = f"{called} {where}".rstrip()
        if self.head(2) in _UTF16:
            return f"{at}: text in another encoding, UTF-16 by its first bytes; expected {what} saved as {called}"
        if isinstance(error, UnicodeDecodeError):
            return f"{at}: the byte 0x{error.object[error.start]:02x}; expected {what} saved as {called}"
        return f"{at}: {error}; expected {what} saved as {called}"

    def rows(
        self, *, delimiter: str = ",", encoding: str = "utf-8-sig", strict: bool = True
    ) -> Iterator[tuple[int, list[str]]]:
        """Cells of a delimited table with the line each row begins on.

        Args:
            delimiter: Between cells.
            encoding: See `text`.
            strict: Whether bad quoting is an error.

        Raises:
            SourceError: Not a table in this encoding, with the line.
        """
        with self.text(encoding) as stream:
            lines = _RowLines(stream, self)
            reader = csv.reader(lines, delimiter=delimiter, strict=strict)
            begins = 1
            try:
                while (cells := next_row(reader, _LONGEST_CELL)) is not None:
                    lines.length = 0
                    if cells:
                        yield begins, cells
                    begins = reader.line_num + 1
            except UnicodeError as error:
                # The decoder reads ahead: the byte may lie some lines further on.
                where = "at or after this line" if self.head(2) not in _UTF16 else ""
                raise self.error(
                    f"not {self._wrong_encoding(encoding, error, 'a table', where)}", line=begins
                ) from error
            except csv.Error as error:
                raise self.error(f"not a table: {error}", line=begins) from error

    def records(
        self,
        header: Sequence[str] | None = None,
        *,
        delimiter: str = ",",
        encoding: str = "utf-8-sig",
        required: Sequence[str] = (),
    ) -> Iterator[Record]:
        """Rows of a delimited table as records; a row of another width is an error that the record carries.

        Args:
            header: Names of the columns of a table that prints none.
            delimiter: Between cells.
            encoding: See `text`.
            required: Columns without which it is another layout.

        Raises:
            SourceError: No table, a required column is missing, or a column twice.
        """
        names = list(header) if header is not None else None
        for line, cells in self.rows(delimiter=delimiter, encoding=encoding):
            if names is None:
                names = [cell.strip() for cell in cells]
                missing = [name for name in required if name not in names]
                if missing:
                    raise self.error(
                        f"no column {', '.join(missing)}; the header has {', '.join(names)[:300]}",
                        "source.unknown-layout",
                        line,
                    )
                if len(set(names)) < len(names):
                    raise self.error(f"a column twice in {', '.join(names)[:300]}", "source.unknown-layout", line)
                continue
            yield WideRecord(names, cells, Origin(self.name, line))

    def json(self) -> Any:  # noqa: ANN401 (JSON)
        """A JSON document.

        Raises:
            SourceError: Too large, too many values, not JSON, or a key twice in an object.
        """
        content = self.whole()
        if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
            raise self.error(f"has more than {_MOST_VALUES} values", "source.too-large")
        try:
            return json.loads(content, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else None
            raise self.error(f"not valid JSON: {error}", line=line) from error

    def elements(self, *names: str, outline: Outline | None = None) -> Iterator[_Element]:
        """Elements of an XML document by local name, each complete, and forgotten once the next is asked for.

        Entities, DTDs and the network are refused: a document type declaration is an error.

        Args:
            names: Local names, without namespaces.
            outline: What the root and the groups in it may hold beside them; left out, it is not looked at.

        Raises:
            SourceError: Not XML, or a document type is declared.
        """
        with self.open() as stream:
            yield from self.elements_in(stream, *names, outline=outline)

    def elements_in(self, stream: IO[bytes], *names: str, outline: Outline | None = None) -> Iterator[_Element]:
        """The same of XML that is part of this file, such as a member of an archive."""
        from beholden.sources.xml_stream import walk

        yield from walk(stream, self, names, outline)

    def origin(self, element: _Element) -> Origin:
        """Where an element stands."""
        return Origin(self.name, cast("int | None", element.sourceline))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; of a key that is there twice nobody can tell which value is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key {twice[:100]!r} twice in an object")
    return found


class _RowLines:
    """Lines of a table, which refuse a row without end: quoted cells may go over any number of lines.

    Attributes:
        length: Characters since the last row.
    """

    def __init__(self, stream: IO[str], document: Document) -> None:
        self.length = 0
        self._stream = stream
        self._document = document
        self._number = 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(_LONGEST_ROW)
        if not line:
            raise StopIteration
        self._number += 1
        self.length += len(line)
        if self.length >= _LONGEST_ROW:
            raise self._document.error(
                f"a row of more than {_LONGEST_ROW} characters", "source.too-large", self._number
            )
        return line


class WideRecord(Record):
    """A row of a table; one that is wider or narrower than the header says so when a field is taken."""

    __slots__ = ("_wrong",)

    def __init__(self, names: Sequence[str], cells: Sequence[str], origin: Origin) -> None:
        super().__init__(dict(zip(names, cells, strict=False)), origin)
        self._wrong = f"{len(cells)} cells; expected {len(names)}" if len(cells) != len(names) else None

    def pop(self, name: str) -> str | None:
        """See `Record.pop`."""
        if self._wrong is not None:
            raise self.error("wrong number of cells", self._wrong)
        return super().pop(name)


def _plain(encoding: str) -> str:
    return "utf-8" if encoding == "utf-8-sig" else encoding
