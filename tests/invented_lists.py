"""Two invented lists of parties, installed as other people's importers: what `kb review` looks at, in a few lines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SLUGS = ("xx_first_list", "yy_second_list")
_PARSER = """
from pathlib import Path

from beholden.errors import Origin
from beholden.schema.rows import Designation, Edition, Entity, Identifier
from beholden.sources.descriptor import read_descriptor
from beholden.sources.interface import Source
from beholden.sources.record import Record


def parse(publication, reading):
    reading.layout = "lines"
    regime = publication.slug.replace("_", "-")
    yield Edition(regime_id=regime, date=publication.edition, is_complete=True)
    for document in publication.documents:
        for number, line in document.lines():
            rows = []
            with reading.record():
                cells = (line + ";;").split(";")
                names = ("id", "schema", "name", "place", "number")
                record = Record(dict(zip(names, cells)), Origin(document.name, number))
                entity_id = publication.slug[:2] + ":" + record.require("id")
                schema, name = record.require("schema"), record.require("name")
                place = record.pop("place") or ""
                kind, _, value = (record.pop("number") or "").partition("=")
                told = {"birth_dates" if place[0].isdigit() else "jurisdictions": [place]} if place else {}
                rows = [
                    Entity(id=entity_id, schema=schema, caption=name, **told),
                    Designation(id=entity_id, regime_id=regime, entity_id=entity_id, listed_as=name),
                ]
                rows += [Identifier(entity_id=entity_id, kind=kind, value=value)] if value else []
            yield from rows


def source(slug):
    return Source(read_descriptor(Path(__file__).with_name(slug + ".toml")), parse)


"""
_DESCRIPTOR = """
slug = "{slug}"
title = "Example list {slug}"
publisher = "Example Authority"
class = "official text"
grade = "A"
licence = "CC0-1.0"
may_pass_on = true
cadence = "weekly"
kind = "list"
max_mib = 1
covers = "Names."
[[layouts]]
name = "lines"
files = "one file of lines id;schema;name;place or birth date;kind=number"
records = [1, 100000]
[[lists]]
regime = "{regime}"
kind = "copies"
title = "Example list {slug}"
issuer = "Example Authority"
jurisdiction = "us"
citation = "Example Act"
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `kb import xx_first_list` and `kb import yy_second_list` work in this process."""
    from beholden.sources import source_called

    module = folder / "invented"
    module.mkdir(parents=True)
    lines = [f'{slug.upper()} = source("{slug}")\n' for slug in SLUGS]
    (module / "__init__.py").write_text(_PARSER + "".join(lines), encoding="utf-8")
    for slug in SLUGS:
        text = _DESCRIPTOR.format(slug=slug, regime=slug.replace("_", "-"))
        (module / f"{slug}.toml").write_text(text, encoding="utf-8")
    told = folder / "invented-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: invented\nVersion: 1.0\n", encoding="utf-8")
    entries = "".join(f"{slug} = invented:{slug.upper()}\n" for slug in SLUGS)
    (told / "entry_points.txt").write_text(f"[beholden.sources]\n{entries}", encoding="utf-8")
    monkeypatch.delitem(sys.modules, "invented", raising=False)
    monkeypatch.syspath_prepend(str(folder))
    assert source_called(SLUGS[0]).descriptor.slug == SLUGS[0]
