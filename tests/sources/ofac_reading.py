"""Reading OFAC's files in tests."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading

EXCERPTS = Path(__file__).parents[1] / "data" / "sources"
EDITION = date(2025, 12, 24)
R = TypeVar("R", bound=Row)


class Read:
    """Rows of a publication, to be asked about."""

    def __init__(self, slug: str, *paths: Path) -> None:
        source = source_called(slug)
        documents = tuple(Document(path.name, path, max_bytes=1 << 30) for path in paths)
        assert source.printed_date is not None
        self.printed = source.printed_date(documents, source.descriptor)
        self.reading = Reading()
        publication = Publication(source.descriptor, documents, self.printed or EDITION)
        self.rows = list(source.parse(publication, self.reading))

    def of(self, kind: type[R]) -> list[R]:
        """Rows of a type."""
        return [row for row in self.rows if isinstance(row, kind)]

    def entity(self, uid: str) -> Entity:
        """A party."""
        return next(row for row in self.of(Entity) if row.id == f"ofac:{uid}")

    def names(self, uid: str) -> list[tuple[str, str]]:
        """Other names of a party with their kind."""
        return [(row.name, row.kind) for row in self.of(Name) if row.entity_id == f"ofac:{uid}"]

    def identifiers(self, uid: str) -> list[tuple[str, str, str | None]]:
        """Kind, value and note of the identifiers of a party, without OFAC's number."""
        found = [row for row in self.of(Identifier) if row.entity_id == f"ofac:{uid}"]
        return [(row.kind, row.value, row.note) for row in found if row.kind != "ofac_uid"]

    def lists(self, uid: str) -> dict[str, str | None]:
        """Lists on which the copy prints a party, with their basis."""
        return {row.regime_id: row.basis for row in self.of(Entry) if row.entity_id == f"ofac:{uid}"}

    def dated(self, uid: str) -> dict[str, tuple[date | None, date | None, str | None]]:
        """Dated entries of a party: since when, published when, note."""
        found = [row for row in self.of(Designation) if row.entity_id == f"ofac:{uid}"]
        return {row.id: (row.valid_from, row.published_at, row.note) for row in found}

    def problems(self) -> list[str]:
        """Samples of what was rejected."""
        return [str(error) for error in self.reading.rejected]


def excerpt(slug: str, layout: str, *names: str) -> list[Path]:
    """Files of an excerpt, all where none is named."""
    folder = EXCERPTS / slug / layout
    return [folder / name for name in names] if names else sorted(folder.iterdir())


def raw(path: Path) -> str:
    """Text of a gzipped file."""
    return gzip.decompress(path.read_bytes()).decode("utf-8")


def raw_rows(path: Path) -> Iterator[list[str]]:
    """Rows of a comma-separated file of OFAC, read by the standard library alone."""
    return (row for row in csv.reader(io.StringIO(raw(path).rstrip("\x1a"))) if row)
