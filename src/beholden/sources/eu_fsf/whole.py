"""The consolidated list as XML 1.0, as it was until 2017: `WHOLE`, one `ENTITY` per party."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name
from beholden.sources.eu_fsf.consolidated import LIST
from beholden.sources.node import Node
from beholden.sources.outline import Outline
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

# The act of every part, and the keys of the database.
_EVERYWHERE = ("Id", "Entity_id", "legal_basis", "reg_date", "pdf_link", "programme")
_NAMES = ("FIRSTNAME", "MIDDLENAME", "LASTNAME")
_ADDRESS = ("NUMBER", "STREET", "CITY", "ZIPCODE", "COUNTRY")
# `AD001095 (passport-National passport) ((passport))`
_DOCUMENT = re.compile(r"(?P<number>.*?) ?\((?P<code>[A-Za-z]+)-(?P<called>[^()]*)\)(?P<note>.*)")


def whole_rows(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    """Rows of every party of the file."""
    seen: set[str] = set()
    for element in document.elements("ENTITY", outline=Outline({"WHOLE": ("ENTITY",)}, reading.reject)):
        rows: list[Row] = []
        with reading.record():
            rows = _rows(publication, Node(element, document), seen)
        yield from rows


def _rows(publication: Publication, node: Node, seen: set[str]) -> list[Row]:
    tables = publication.descriptor.lookups
    take = node.attributes
    key = take.require("Id")
    if key in seen:
        raise node.record.error("a party twice", f"{key!r}; expected one element each")
    entity_id = f"eu_fsf:{key}"
    schema = node.record.known("Type", take.require("Type"), tables["type"])
    act, programme, since = take.require("legal_basis"), take.require("programme"), take.day("reg_date")
    caption, names = _names(node, entity_id)
    addresses, places = _addresses(node, schema, publication)
    births = _birth_dates(node)
    numbers = _documents(node, entity_id, publication)
    # Remarks are prose; citizenship is a fact of persons that no rule needs.
    node.close(("CITIZEN",), ("remark", "pdf_link"))
    seen.add(key)
    entity = Entity(
        id=entity_id,
        schema=schema,
        caption=caption,
        jurisdictions=places,
        addresses=addresses,
        birth_dates=births,
    )
    entry = Entry(regime_id=LIST, edition=publication.edition, entity_id=entity_id, listed_as=caption, basis=act)
    designation = Designation(
        id=f"{LIST}:{entity_id}",
        regime_id=LIST,
        entity_id=entity_id,
        listed_as=caption,
        programmes=[programme],
        citation=f"EU consolidated list, {act}",
        valid_from=since,
        published_at=since,
        # The file prints the last act about a party and not whether it is the first.
        is_start_latest=since is not None,
    )
    return [entity, *names, *numbers, entry, designation]


def _names(node: Node, entity_id: str) -> tuple[str, list[Row]]:
    found: dict[str, str | None] = {}
    for part in node.children("NAME"):
        pieces = {name: part.pop(name) for name in _NAMES}
        whole = part.pop("WHOLENAME") or " ".join(piece for piece in pieces.values() if piece)
        lang = part.pop("LANGUAGE")
        part.close(("GENDER", "TITLE", "FUNCTION"), _EVERYWHERE)
        if whole:
            found.setdefault(whole, lang.lower() if lang is not None else None)
    front = [*(name for name, lang in found.items() if lang in {None, "en"}), *found]
    if not front:
        raise node.record.error("no name", f"{entity_id} prints none")
    names: list[Row] = [
        Name(entity_id=entity_id, name=name, kind="alias", lang=lang)
        for name, lang in found.items()
        if name != front[0]
    ]
    return front[0], names


def _addresses(node: Node, schema: str, publication: Publication) -> tuple[list[str], list[str]]:
    addresses: dict[str, None] = {}
    places: dict[str, None] = {}
    for part in node.children("ADDRESS"):
        pieces = {name: part.pop(name) for name in _ADDRESS}
        # Telephone numbers and remarks.
        part.close(("OTHER",), _EVERYWHERE)
        printed = ", ".join(piece for piece in pieces.values() if piece)
        if printed:
            addresses[printed] = None
        country = pieces["COUNTRY"]
        if country is not None and schema != "Person":
            places[part.record.known("COUNTRY", country, publication.descriptor.lookups["alpha_3"])] = None
    return list(addresses), list(places)


def _birth_dates(node: Node) -> list[str]:
    found: dict[str, None] = {}
    for part in node.children("BIRTH"):
        printed = part.pop("DATE")
        part.close(("PLACE", "COUNTRY"), _EVERYWHERE)
        if printed is not None:
            found[printed] = None
    return list(found)


def _documents(node: Node, entity_id: str, publication: Publication) -> list[Row]:
    found: list[Row] = []
    for part in node.children("PASSPORT"):
        printed, country = part.pop("NUMBER"), part.pop("COUNTRY")
        part.close((), _EVERYWHERE)
        if printed is None:
            continue
        match = _DOCUMENT.fullmatch(printed)
        if match is None:
            found.append(Identifier(entity_id=entity_id, kind="other", value=printed, note=country))
            continue
        kind = part.record.known("PASSPORT", match["code"], publication.descriptor.lookups["identification"])
        note = "; ".join(piece for piece in (match["called"], country, match["note"].strip()) if piece)
        value = normal(kind, match["number"])
        if value is None:
            kind, value = "other", match["number"]
        if value:
            found.append(Identifier(entity_id=entity_id, kind=kind, value=value, note=note))
    return found
