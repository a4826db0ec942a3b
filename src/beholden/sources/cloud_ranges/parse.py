"""Ranges → address assets of their provider; a range that two files of one publication print is kept once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Asset, Entity, Row
from beholden.schema.vocabulary import Relation
from beholden.sources.cloud_ranges.layouts import Feed, feed
from beholden.sources.interface import no_layout
from beholden.sources.internet.ranges import network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The latest day that a file prints."""
    feeds = [_feed(document, descriptor) for document in documents]
    return max((one.day for one in feeds if one is not None and one.day is not None), default=None)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    given: set[str] = set()
    for document in publication.documents:
        found = _feed(document, publication.descriptor)
        if found is None:
            raise no_layout(publication, "no known object of ranges", Origin(document.name))
        reading.layout = reading.layout or found.layout
        provider, entity = _provider(found, publication.descriptor)
        if entity is not None and entity.id not in given:
            given.add(entity.id)
            yield entity
        owner = entity.id if entity is not None else publication.descriptor.lookup("entities")[provider]
        for place, printed in found.ranges:
            rows: list[Row] = []
            with reading.record():
                value = _value(printed, Origin(f"{document.name}#{place}"))
                asset_id = f"ip:{value}:{provider}"
                if asset_id not in given:
                    given.add(asset_id)
                    rows = [_asset(asset_id, value, owner, found.day or publication.edition)]
            yield from rows


def _feed(document: Document, descriptor: Descriptor) -> Feed | None:
    value = document.json()
    if not isinstance(value, dict):
        return None
    return feed(value, Origin(document.name), descriptor)


def _provider(found: Feed, descriptor: Descriptor) -> tuple[str, Entity | None]:
    """Name of the provider in ids, and its entity where the packs have none."""
    slug = descriptor.lookup("providers").get(found.provider) or found.provider
    slug = re.sub(r"[^a-z0-9]+", "-", slug.casefold()).strip("-") or "unnamed"
    if slug in descriptor.lookup("entities"):
        return slug, None
    caption = descriptor.lookup("brands").get(slug) or found.provider
    note = descriptor.lookup("notes").get(slug)
    entity = Entity(
        id=f"{descriptor.slug}:{slug}", schema="Organization", caption=caption, caption_kind="brand", note=note
    )
    return slug, entity


def _value(printed: Any, origin: Origin) -> str:  # noqa: ANN401 (JSON)
    if not isinstance(printed, str):
        raise UnexpectedValueError("no network", f"{str(printed)[:60]}; expected a text", origin=origin)
    return str(network(printed, origin))


def _asset(asset_id: str, value: str, owner: str, day: date) -> Asset:
    return Asset(id=asset_id, entity_id=owner, kind="ip", value=value, relation=Relation.HOSTING, valid_from=day)
