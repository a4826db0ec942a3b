"""Files of one publication before they are kept, and how bytes get onto the disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from beholden.errors import KnowledgeBaseError, Origin, SourceError
from beholden.sources.document import Document
from beholden.sources.held import HeldDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
# Official lists pack to a tenth or a fiftieth; zeros pack to a thousandth.
_MOST_EXPANSION = 300
_MOST_UNPACKED = 16 << 30
_LEAST_UNPACKED = 64 << 20


class Staging:
    """Files of one publication that are not kept yet; gone when the process ends, whatever ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents: list[HeldDocument] = []
        self._paths: dict[str, Path] = {}

    def open_new(self) -> tuple[IO[bytes], Path]:
        """A new empty file to write to; `add` takes it in."""
        handle, name = tempfile.mkstemp(prefix="file-", dir=self.folder)
        return os.fdopen(handle, "wb"), Path(name)

    def add(self, document: HeldDocument, path: Path) -> None:
        """Take in a file that `open_new` gave, or one that is kept already."""
        self.documents.append(document)
        self._paths[document.name] = path

    def copy(self, name: str, given: Path, max_bytes: int) -> HeldDocument:
        """Take in a copy of a file of the user: what is read is what is kept, whatever happens to the file meanwhile.

        Raises:
            SourceError: It cannot be read, or is larger than allowed.
            KnowledgeBaseError: The copy cannot be written.
        """
        try:
            source = given.open("rb")
        except OSError as error:
            raise SourceError(
                f"cannot be read: {error.strerror}", code="source.unreadable", origin=Origin(name)
            ) from error
        digest, size = hashlib.sha256(), 0
        with source, writing(self.folder):
            target, path = self.open_new()
            with target:
                while chunk := _read(source, name):
                    target.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    if size > max_bytes:
                        raise SourceError(
                            f"has more than the {max_bytes} bytes that it may have",
                            code="source.too-large",
                            origin=Origin(name),
                        )
                settle(target)
        document = HeldDocument(name=name, sha256=digest.hexdigest(), bytes=size)
        self.add(document, path)
        return document

    def read(self) -> tuple[Document, ...]:
        """The files as a parser takes them."""
        return tuple(document_of(item, self._paths[item.name]) for item in self.documents)

    def path_of(self, document: HeldDocument) -> Path:
        """Where a file is for now."""
        return self._paths[document.name]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say that the home cannot be written where the file system says so."""
    try:
        yield
    except OSError as error:
        raise KnowledgeBaseError(
            f"nothing can be kept in {folder}: {error.strerror}", code="kb.unwritable", hint="set BEHOLDEN_HOME"
        ) from error


def settle(file: IO[bytes]) -> None:
    """Have the content of a file on the disk, so that no power cut leaves a record of bytes that are not there."""
    file.flush()
    os.fsync(file.fileno())


def settle_folder(folder: Path) -> None:
    """The same for the names in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(stream: IO[bytes], name: str) -> bytes:
    try:
        return stream.read(_CHUNK)
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", code="source.unreadable", origin=Origin(name)) from error


def document_of(item: HeldDocument, path: Path) -> Document:
    """A file that is staged or kept, as a parser takes it."""
    most = min(max(item.bytes * _MOST_EXPANSION, _LEAST_UNPACKED), _MOST_UNPACKED)
    return Document(item.name, path, max_bytes=most)
