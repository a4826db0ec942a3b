"""`CONSOLIDATED_LIST` of the UN Security Council: one element per individual or entity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name
from beholden.sources.interface import no_layout
from beholden.sources.node import Node
from beholden.sources.outline import Outline
from beholden.sources.places import place_code
from beholden.sources.record import Record
from beholden.sources.un_sc_consolidated.papers import number_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

LIST = "un-sc"
_PARTIES = ("INDIVIDUAL", "ENTITY")
_GROUPS = {
    "CONSOLIDATED_LIST": ("INDIVIDUALS", "ENTITIES"),
    "INDIVIDUALS": ("INDIVIDUAL",),
    "ENTITIES": ("ENTITY",),
}
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_ADDRESS = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY")
# Keys of the list's database, narrative summaries, and facts of persons that no rule needs.
_LEFT_OUT = (
    *("DATAID", "VERSIONNUM", "SORT_KEY", "SORT_KEY_LAST_MOD", "LAST_DAY_UPDATED", "SUBMITTED_ON", "SUBMITTED_BY"),
    *("COMMENTS1", "GENDER", "TITLE", "DESIGNATION", "NATIONALITY", "NATIONALITY2", "INDIVIDUAL_PLACE_OF_BIRTH"),
)
_ORIGINAL = re.compile(r"(?:^|[.,] )in arabic(?: script)?: (.+)$|^original script: (.+)$", re.IGNORECASE)
# Some days carry an offset of a time of day that is not there, such as `2012-06-29-04:00`.
_OFFSET = re.compile(r"(?<=^\d{4}-\d\d-\d\d)[+-]\d\d:\d\d$")


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """`dateGenerated` of the list."""
    for document in documents:
        found = _root(document)
        if found is not None:
            return found.as_day("dateGenerated", (found.pop_any("dateGenerated") or "")[:10])
    return None


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of the list; see `beholden.sources.interface`."""
    if len(publication.documents) != 1:
        raise no_layout(publication, f"{len(publication.documents)} files; expected one")
    (document,) = publication.documents
    if _root(document) is None:
        raise no_layout(publication, "no element CONSOLIDATED_LIST with parties")
    reading.layout = "consolidated-xml"
    seen: set[str] = set()
    missing = set(_PARTIES)
    for element in document.elements(*_PARTIES, outline=Outline(_GROUPS, reading.reject)):
        rows: list[Row] = []
        node = Node(element, document)
        missing.discard(node.name)
        with reading.record():
            rows = _Party(publication, node).rows(seen)
        yield from rows
    for name in sorted(missing):
        why = f"no {name}; expected the groups INDIVIDUALS and ENTITIES, both with parties"
        reading.reject(UnexpectedValueError("no party of a kind", why, origin=Origin(document.name)))
    # A party of a rejected record may still be listed: then absence from this copy says nothing.
    yield Edition(
        regime_id=LIST,
        date=publication.edition,
        is_complete=reading.rejects == 0,
        title=f"UN Security Council Consolidated List of {publication.edition}",
    )


def _root(document: Document) -> Record | None:
    """Attributes of the root, read as far as the first party; None where it is another document."""
    for element in document.elements(*_PARTIES):
        root = element.getroottree().getroot()
        if str(root.tag).rpartition("}")[2] != "CONSOLIDATED_LIST":
            return None
        return Record({str(key): str(value) for key, value in root.attrib.items()}, document.origin(root))
    return None


class _Party:
    """One INDIVIDUAL or ENTITY."""

    def __init__(self, publication: Publication, node: Node) -> None:
        self.publication = publication
        self.tables = publication.descriptor.lookups
        self.node = node
        self.kind = node.name
        self.reference = node.require("REFERENCE_NUMBER")
        self.id = f"un:{self.reference}"
        self.notes: list[str] = []  # of aliases and documents, where no row of their own can carry them
        self.papers: list[Row] = []  # documents that a note of an alias names

    def rows(self, seen: set[str]) -> list[Row]:
        if self.reference in seen:
            raise self.node.record.error("a reference number twice", f"{self.reference!r}; expected one record each")
        caption = " ".join(part for part in map(self.node.pop, _NAMES) if part)
        if not caption:
            raise self.node.record.error("no name", f"{self.reference} prints none")
        names, births = self._aliases()
        addresses, places = self._addresses()
        births = self._birth_dates() + births
        listing = self._listing(caption)
        documents = self._documents()
        original = [self._name(text, "legal") for text in self.node.texts("NAME_ORIGINAL_SCRIPT")]
        self.node.close(_LEFT_OUT)
        seen.add(self.reference)
        entity = Entity(
            id=self.id,
            schema="Person" if self.kind == "INDIVIDUAL" else "Organization",
            caption=caption,
            jurisdictions=places,
            addresses=addresses,
            birth_dates=list(dict.fromkeys(births)),
            note="; ".join(dict.fromkeys(self.notes)) or None,
        )
        own = Identifier(entity_id=self.id, kind="un_reference", value=self.reference)
        return [entity, *dict.fromkeys([*original, *names]), own, *dict.fromkeys([*documents, *self.papers]), *listing]

    def _name(self, text: str, kind: str) -> Name:
        return Name(entity_id=self.id, name=text, kind=kind)

    def _aliases(self) -> tuple[list[Row], list[str]]:
        names: list[Row] = []
        births: list[str] = []
        for node in self.node.children(f"{self.kind}_ALIAS"):
            text, quality, note = node.pop("ALIAS_NAME"), node.pop("QUALITY"), node.pop("NOTE")
            births += node.texts("DATE_OF_BIRTH")
            node.close(("CITY_OF_BIRTH", "COUNTRY_OF_BIRTH"))
            if text is None:
                if quality is not None or note is not None:
                    raise node.record.error("an alias without a name", f"{quality!r}, {note!r}; expected a name")
                continue
            if quality is None:
                raise node.record.error("an alias without a quality", f"{text!r}; expected QUALITY")
            kind = node.record.known("QUALITY", quality, self.tables["alias"])
            names.append(self._name(text, kind))
            if note is not None:
                script = self._alias_note(text, note)
                names += [] if script is None else [self._name(script, kind)]
        return names, births

    def _alias_note(self, alias: str, note: str) -> str | None:
        """The same alias in its own script; what else the note says is kept with a document or with the party."""
        script = _ORIGINAL.search(note)
        rest = (note if script is None else note[: script.start()]).strip(" .,")
        if rest:
            said = f"alias {alias}: {rest}"
            numbered = number_in(rest)
            if numbered is None:
                self.notes.append(said)
            else:
                self.papers.append(Identifier(entity_id=self.id, kind=numbered[0], value=numbered[1], note=said))
        return None if script is None else (script[1] or script[2]).strip(" .")

    def _addresses(self) -> tuple[list[str], list[str]]:
        addresses: list[str] = []
        places: dict[str, None] = {}
        for node in self.node.children(f"{self.kind}_ADDRESS"):
            parts = {name: node.pop(name) for name in _ADDRESS}
            note = node.pop("NOTE")
            node.close()
            printed = ", ".join(part for part in parts.values() if part)
            if printed or note:
                addresses.append(f"{printed} ({note})" if printed and note else printed or f"({note})")
            country = parts["COUNTRY"]
            # Where a person lives is no jurisdiction of theirs.
            if country is not None and self.kind == "ENTITY":
                places[place_code(node.record, "COUNTRY", country, self.tables["place"])] = None
        return list(dict.fromkeys(addresses)), list(places)

    def _birth_dates(self) -> list[str]:
        found: list[str] = []
        for node in self.node.children("INDIVIDUAL_DATE_OF_BIRTH"):
            kind, note = node.pop("TYPE_OF_DATE"), node.pop("NOTE")
            day, year = node.pop("DATE"), node.pop("YEAR")
            first, last = node.pop("FROM_YEAR"), node.pop("TO_YEAR")
            node.close()
            about = "approximately " if kind == "APPROXIMATELY" else ""
            if kind not in {None, "EXACT", "APPROXIMATELY", "BETWEEN"}:
                raise node.record.error("unknown TYPE_OF_DATE", f"{kind!r}; expected EXACT, APPROXIMATELY or BETWEEN")
            if first is not None and last is not None:
                found.append(f"{_year(node, first)} to {_year(node, last)}")
            elif day is not None:
                found.append(about + node.record.as_day("DATE", _OFFSET.sub("", day)).isoformat())
            elif year is not None:
                found.append(about + _year(node, year))
            elif note is not None:
                found.append(note)
            elif first is not None or last is not None:
                raise node.record.error("half a range of years", f"{first!r} to {last!r}; expected both")
        return found

    def _documents(self) -> list[Row]:
        found: list[Row] = []
        for node in self.node.children("INDIVIDUAL_DOCUMENT"):
            kind, number = node.pop("TYPE_OF_DOCUMENT"), node.pop("NUMBER")
            parts = [node.pop("COUNTRY_OF_ISSUE") or node.pop("ISSUING_COUNTRY"), node.pop("TYPE_OF_DOCUMENT2")]
            note = node.pop("NOTE")
            # When and in which town it was issued tells nobody apart; the country of issue is printed under two names.
            node.close(("DATE_OF_ISSUE", "CITY_OF_ISSUE", "ISSUING_COUNTRY"))
            said = "; ".join(part for part in (*parts, note) if part)
            if kind is None:
                if number is not None or said:
                    raise node.record.error(
                        "a document without a type", f"{number or said!r}; expected TYPE_OF_DOCUMENT"
                    )
                continue
            known = node.record.known("TYPE_OF_DOCUMENT", kind, self.tables["document"])
            if number is not None:
                found.append(Identifier(entity_id=self.id, kind=known, value=number, note=said or None))
            elif said:
                found += self._unnumbered(kind, [part for part in (*parts, note) if part])
        return found

    def _unnumbered(self, kind: str, parts: list[str]) -> list[Row]:
        """A document without NUMBER: the list prints some numbers in a sentence only."""
        said = f"{kind}: {'; '.join(parts)}"
        numbers = [numbered for part in parts if (numbered := number_in(part)) is not None]
        if len(numbers) != 1:
            self.notes.append(said)
            return []
        ((known, value),) = numbers
        return [Identifier(entity_id=self.id, kind=known, value=value, note=said)]

    def _listing(self, caption: str) -> list[Row]:
        record = self.node.record
        printed = _OFFSET.sub("", self.node.require("LISTED_ON"))
        listed = record.as_day("LISTED_ON", printed)
        programme = record.known("UN_LIST_TYPE", self.node.require("UN_LIST_TYPE"), self.tables["list_type"])
        for node in self.node.children("LIST_TYPE"):
            for value in node.texts("VALUE"):
                record.known("LIST_TYPE", value, {"UN List": value})
            node.close()
        designation = Designation(
            id=f"{LIST}:{self.id}",
            regime_id=LIST,
            entity_id=self.id,
            listed_as=caption,
            programmes=[programme],
            citation=f"UN Security Council Consolidated List, {self.reference}",
            valid_from=listed,
            published_at=listed,
        )
        entry = Entry(
            regime_id=LIST,
            edition=self.publication.edition,
            entity_id=self.id,
            listed_as=caption,
            basis=f"{programme}, {self.reference}",
        )
        return [entry, designation]


def _year(node: Node, value: str) -> str:
    if re.fullmatch(r"(?:18|19|20)\d\d", value) is None:
        raise node.record.error("no year", f"{value!r}; expected four digits")
    return value
