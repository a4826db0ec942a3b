"""Reading of publications as `kb import` does it, for the tests of the UN, UK, EU and Chinese lists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from beholden.schema.rows import Entity, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading

EXCERPTS = Path(__file__).parents[1] / "data" / "sources"
GIVEN = date(2026, 8, 20)


def read(slug: str, *paths: Path) -> tuple[list[Row], Reading]:
    """Rows and reading of files of a publication; the edition is the printed day, or 2026-08-20."""
    source = source_called(slug)
    documents = tuple(Document(path.name, path) for path in paths)
    day = source.printed_date(documents, source.descriptor) if source.printed_date is not None else None
    reading = Reading()
    return list(source.parse(Publication(source.descriptor, documents, day or GIVEN), reading)), reading


def excerpt(slug: str, layout: str) -> list[Path]:
    """Files of our own excerpt in a layout."""
    return sorted((EXCERPTS / slug / layout).iterdir())


def about(rows: list[Row], entity_id: str) -> list[Row]:
    """The rows of one party, without the columns that every row carries, in the order given."""
    return [row for row in rows if getattr(row, "entity_id", None) == entity_id or is_party(row, entity_id)]


def is_party(row: Row, entity_id: str) -> bool:
    """Whether a row is the party itself."""
    return isinstance(row, Entity) and row.id == entity_id


def changed(path: Path, target: Path, old: str, new: str) -> Path:
    """A copy of a file with one text replaced, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    target.write_text(text.replace(old, new, 1), encoding="utf-8")
    return target
