"""What every importer must do: run over all that are registered, on our own excerpts in `tests/data/sources/`."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Row
from beholden.sources import every_source, source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading, Source
from beholden.sources.states import States
from beholden.values.identifiers import KINDS

EXCERPTS = Path(__file__).parents[1] / "data" / "sources"
EDITION = date(2026, 8, 20)
LAYOUTS = [
    pytest.param(source.descriptor.slug, layout.name, id=f"{source.descriptor.slug}-{layout.name}")
    for source in every_source()
    for layout in source.descriptor.layouts
]


def files_of(slug: str, layout: str) -> list[Path]:
    """The excerpt in this layout: every file of `tests/data/sources/<slug>/<layout>/`."""
    return sorted(path for path in (EXCERPTS / slug / layout).iterdir() if path.is_file())


def read(source: Source, documents: list[Document]) -> tuple[list[Row], Reading]:
    """Parse documents as `kb import` does."""
    printed = source.printed_date
    day = printed(tuple(documents), source.descriptor) if printed is not None else None
    publication = Publication(source.descriptor, tuple(documents), day or EDITION)
    reading = Reading()
    return list(source.parse(publication, reading)), reading


def documents_of(slug: str, layout: str) -> list[Document]:
    return [Document(path.name, path, max_bytes=1 << 26) for path in files_of(slug, layout)]


@pytest.mark.parametrize(("slug", "layout"), LAYOUTS)
def test_every_layout_has_an_excerpt_that_is_read_whole(slug: str, layout: str) -> None:
    rows, reading = read(source_called(slug), documents_of(slug, layout))
    assert (EXCERPTS / slug / "ORIGIN.md").is_file()
    assert reading.layout == layout
    assert rows
    assert reading.read > 0
    assert [str(error) for error in reading.rejected] == []


@pytest.mark.parametrize(("slug", "layout"), LAYOUTS)
def test_the_same_bytes_give_the_same_rows(slug: str, layout: str) -> None:
    source = source_called(slug)
    assert read(source, documents_of(slug, layout))[0] == read(source, documents_of(slug, layout))[0]


@pytest.mark.parametrize(("slug", "layout"), LAYOUTS)
def test_rows_fit_together(slug: str, layout: str) -> None:
    source = source_called(slug)
    rows, _ = read(source, documents_of(slug, layout))
    lists = {item.regime for item in source.descriptor.lists}
    ids = [row.id for row in rows if isinstance(row, Entity)]
    assert len(ids) == len(set(ids))
    assert all(":" in entity_id for entity_id in ids)
    assert {row.regime_id for row in rows if isinstance(row, Designation | Edition | Entry)} <= lists
    kinds = {getattr(row, "kind", None) for row in rows if type(row).__name__ == "Identifier"}
    assert kinds <= KINDS
    for row in rows:
        entity_id = getattr(row, "entity_id", None)
        # A row may also name a party of the packs, which has no colon in its id.
        assert entity_id is None or ":" not in entity_id or entity_id in ids


@pytest.mark.parametrize(("slug", "layout"), LAYOUTS)
def test_whoever_is_on_a_list_is_on_one_that_is_loaded(slug: str, layout: str) -> None:
    source = source_called(slug)
    rows, _ = read(source, documents_of(slug, layout))
    states = States()
    for row in rows:
        states.see(row)
    states.close(Publication(source.descriptor, (), EDITION))
    # Not each of them: an aggregate has parties on some of the lists that it may have parties on.
    assert any(isinstance(row, Edition) for row in rows) is bool(source.descriptor.lists)


@pytest.mark.parametrize(("slug", "layout"), LAYOUTS)
def test_damaged_files_raise_only_documented_errors(slug: str, layout: str, tmp_path: Path) -> None:
    source = source_called(slug)
    originals = files_of(slug, layout)
    chance = random.Random(f"{slug}/{layout}")
    raised: list[SourceError] = []
    for turn in range(40):
        documents = []
        for path in originals:
            data = bytearray(path.read_bytes())
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(data)) if data else 0
                match chance.randrange(4):
                    case 0:
                        data[at : at + 1] = bytes([chance.randrange(256)])
                    case 1:
                        del data[at : at + chance.randint(1, 40)]
                    case 2:
                        data[at:at] = data[max(0, at - 30) : at]
                    case _:
                        data = data[:at]
            target = tmp_path / f"{turn}-{path.name}"
            target.write_bytes(bytes(data))
            documents.append(Document(path.name, target, max_bytes=1 << 26))
        try:
            read(source, documents)
        except SourceError as error:
            raised.append(error)
    assert all(error.origin is not None for error in raised)
