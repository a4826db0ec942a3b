"""What the tests of importers share: read files as `kb import` does, and count what came out."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from beholden.schema.rows import Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading

EXCERPTS = Path(__file__).parents[1] / "data" / "sources"
EDITION = date(2026, 8, 20)
R = TypeVar("R", bound=Row)


def read_files(slug: str, *paths: Path, edition: date = EDITION) -> tuple[list[Row], Reading]:
    """Rows of files, and what became of their records."""
    source = source_called(slug)
    documents = tuple(Document(path.name, path) for path in paths)
    printed = source.printed_date(documents, source.descriptor) if source.printed_date is not None else None
    reading = Reading()
    publication = Publication(source.descriptor, documents, printed or edition)
    return list(source.parse(publication, reading)), reading


def read_excerpt(slug: str, layout: str) -> tuple[list[Row], Reading]:
    """Rows of our own excerpt in a layout."""
    return read_files(slug, *sorted((EXCERPTS / slug / layout).iterdir()))


def of(kind: type[R], rows: Iterable[Row]) -> list[R]:
    """Rows of one table."""
    return [row for row in rows if isinstance(row, kind)]


def cells(path: Path) -> list[dict[str, str]]:
    """A CSV as the standard library reads it: the independent count."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    before = csv.field_size_limit(1 << 20)
    try:
        return list(csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True)))
    finally:
        csv.field_size_limit(before)


def write_table(path: Path, header: Sequence[str], *rows: Sequence[str]) -> Path:
    """A CSV of these rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def changed(path: Path, target: Path, *changes: tuple[str, str]) -> Path:
    """A copy of an excerpt in which texts were replaced; each has to be there."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    target.write_text(text, encoding="utf-8")
    return target
