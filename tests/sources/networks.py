"""What the tests of importers of networks and threats share."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import TypeVar

from beholden.schema.rows import Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading

EXCERPTS = Path(__file__).parents[1] / "data" / "sources"
EDITION = date(2026, 6, 17)
R = TypeVar("R", bound=Row)


def read(slug: str, *paths: Path) -> tuple[list[Row], Reading]:
    """Rows of files, as an import gives them."""
    source = source_called(slug)
    documents = tuple(Document(path.name, path) for path in paths)
    day = source.printed_date(documents, source.descriptor) if source.printed_date is not None else None
    reading = Reading()
    return list(source.parse(Publication(source.descriptor, documents, day or EDITION), reading)), reading


def printed(slug: str, *paths: Path) -> date | None:
    """The day that files print."""
    source = source_called(slug)
    assert source.printed_date is not None
    return source.printed_date(tuple(Document(path.name, path) for path in paths), source.descriptor)


def excerpt(slug: str, layout: str) -> list[Path]:
    """Our own files in a layout."""
    return sorted((EXCERPTS / slug / layout).iterdir())


def of(kind: type[R], rows: list[Row]) -> list[R]:
    """Rows of one table."""
    return [row for row in rows if isinstance(row, kind)]


def plain(path: Path) -> bytes:
    """The bytes of a file, unpacked; independent of `Document`."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text.encode())
    return path
