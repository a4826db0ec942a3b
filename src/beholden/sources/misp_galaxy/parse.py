"""A cluster file: one entity a value, with its other names."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin
from beholden.schema.rows import Entity, Name, Row
from beholden.sources.interface import no_layout
from beholden.sources.internet.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_ATTACK = re.compile(r"G[0-9]{4}")
# Who is suspected behind an actor, from where, for whom and against whom: what others concluded, in a word.
_ATTRIBUTIONS = (
    "country", "attribution-confidence", "cfr-suspected-state-sponsor", "cfr-suspected-victims", "cfr-target-category",
    "cfr-type-of-incident", "microsoft-origin-threat", "suspected-victims", "suspected-state-sponsor", "victimology",
    "target-category", "targeted-sector", "sector", "motive", "spoken-language", "GRU", "state-responsible",
)  # fmt: skip
# Who gave which name; how an actor works; where it was read; what an institution does and with whom.
_LEFT_OUT = (
    "name-attribution", "capabilities", "mode-of-operation", "since", "threat-actor-classification", "refs",
    "references", "sources", "categories", "lat", "long", "topics", "major defence laboratories", "subsidiaries",
    "supervising agencies", "last-seen", "first-seen", "date",
)  # fmt: skip


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    given: set[str] = set()
    for document in publication.documents:
        head, values = _cluster(publication, document)
        reading.layout = "cluster"
        note, caption_kind = _note(publication, head, document)
        for at, value in enumerate(values):
            rows: list[Row] = []
            with reading.record():
                rows = _rows(Fields(value, Origin(f"{document.name}#values/{at}")), note, caption_kind)
                entity = rows[0]
                assert isinstance(entity, Entity)
                if entity.id in given:
                    rows = []
                given.add(entity.id)
            yield from rows


def _cluster(publication: Publication, document: Document) -> tuple[Mapping[str, Any], list[Any]]:
    value = document.json()
    if not isinstance(value, dict) or not {"category", "type", "name", "values"} <= value.keys():
        raise no_layout(publication, "no galaxy cluster", Origin(document.name))
    values = value.pop("values")
    if not isinstance(values, list):
        raise no_layout(publication, "values are no list", Origin(document.name))
    return value, values


def _note(publication: Publication, head: Mapping[str, Any], document: Document) -> tuple[str, str]:
    """What the entities of a cluster are, who says so, and which kind of name their captions are."""
    fields = Fields(head, Origin(document.name))
    kind, name = fields.text("type"), fields.text("name")
    category, authors = fields.text("category"), fields.texts("authors")
    fields.close(("description", "source", "uuid", "version"))
    table = publication.descriptor.lookup("categories")
    if category not in table:
        raise no_layout(publication, f"a cluster of category {category!r}, whose values are no parties", fields.origin)
    what = publication.descriptor.lookup("types").get(kind) or table[category]
    kinds = publication.descriptor.lookup("caption_kinds")
    note = f"{what} in the cluster '{name}'" + (f" by {', '.join(authors)}." if authors else ".")
    return note, kinds.get(kind) or kinds[category]


def _rows(fields: Fields, note: str, caption_kind: str) -> list[Row]:
    caption, identity = fields.text("value"), fields.text("uuid")
    is_revoked = fields.flag("revoked")
    meta = fields.nested("meta") if "meta" in fields else Fields({}, fields.origin)
    # Likeness between values of clusters is an estimate of its authors.
    fields.close(("description", "related"))
    entity_id = _id(identity, meta, fields)
    # The cluster of ATT&CK groups puts the number behind the name.
    caption = caption.removesuffix(f" - {entity_id.removeprefix('attack:')}")
    # Some lists of other names have the number of an ATT&CK group, which is no name.
    printed = [name for name in (*meta.texts("synonyms"), *meta.texts("aliases")) if not _ATTACK.fullmatch(name)]
    products = meta.texts("products")
    address, sites = meta.text_or_none("address"), meta.texts("official-refs")
    meta.close((*_ATTRIBUTIONS, *_LEFT_OUT), beginning=("origin:",))
    notes = [note]
    if is_revoked:
        notes.append("Revoked there.")
    if sites:
        notes.append(f"Web sites printed for it: {', '.join(sites)}.")
    entity = Entity(
        id=entity_id,
        schema="Organization",
        caption=caption,
        caption_kind=caption_kind,
        addresses=[address] if address else [],
        note=" ".join(notes),
    )
    names = {caption: "alias", **dict.fromkeys(products, "brand"), **dict.fromkeys(printed, "weak")}
    others = [(name, kind) for name, kind in names.items() if name != caption]
    return [entity, *(Name(entity_id=entity_id, name=name, kind=kind) for name, kind in others)]


def _id(identity: str, meta: Fields, fields: Fields) -> str:
    external = meta.text_or_none("external_id")
    if external is not None:
        if not _ATTACK.fullmatch(external):
            raise fields.error(
                "unknown external_id", f"{external[:40]!r}; expected a group of ATT&CK, G and four digits"
            )
        return f"attack:{external}"
    try:
        return f"misp_galaxy:{uuid.UUID(identity)}"
    except ValueError as error:
        raise fields.error("no UUID", f"{identity[:60]!r}") from error
