"""The register of legal entity identifiers.

Files may come together: Level 1 is given first, then entities that only a relation names, then relations. Memory holds
the identifiers that relations name, and of each entity a hash, which tells that one comes twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.schema.rows import Entity, Ownership
from beholden.sources.gleif import api_json, cdf_xml, golden_csv
from beholden.sources.gleif.facts import (
    PREFIX,
    UNDISCLOSED,
    Exemption,
    Printed,
    Relation,
    day_of,
    exemption_row,
    lei_row,
    level1_rows,
    relation_row,
)
from beholden.sources.interface import no_layout
from beholden.sources.record import Record

if TYPE_CHECKING:
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

# A record: `entity`, `relation` or `exemption`, or `implied` (a relation that is no record of its own); its place; and
# how it is read.
Item = tuple[str, Origin, Callable[[], Printed | Relation | Exemption]]
_NAMED = re.compile(r"(\d{4})(\d{2})(\d{2})-.*gleif")


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the files together."""
    register = _Register(publication, reading)
    yield from register.entities()
    yield from register.relations()


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """The day of the content: as the file says, or for a golden copy as its publisher named it."""
    days = []
    for document in documents:
        head = document.head(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
        printed = None
        if head.startswith(b"<"):
            printed = cdf_xml.content_date(document)
        elif head.startswith(b"{"):
            printed = api_json.published(document)
        else:
            named = _NAMED.match(document.plain_name)
            printed = "-".join(named.groups()) if named else None
        try:
            day = day_of(Record({}, Origin(document.name)), "day of the content", printed)
        except UnexpectedValueError as error:
            raise document.error(str(error)) from error
        days += [day] if day is not None else []
    return max(days, default=None)


class _Register:
    """The files of a day."""

    def __init__(self, publication: Publication, reading: Reading) -> None:
        self._descriptor = publication.descriptor
        self._reading = reading
        self._files = [(document, *_reader(publication, document)) for document in publication.documents]
        reading.layout = self._files[0][1]
        # Entities that relations name, and that Level 1 has not described yet.
        self._named: set[str] = set()
        self._is_undisclosed = False
        self._described: set[int] = set()  # hashes of LEIs, of which there are millions
        self._answered: dict[str, str] = {}  # names that answers gave

    def entities(self) -> Iterator[Row]:
        """Level 1, then entities that only a relation names."""
        self._look_ahead()
        for document, layout, _ in self._files:
            if layout == "api-json" and (note := api_json.pages(document)):
                self._reading.notes.append(note)
        for _, layout, read in self._files:
            for kind, _, make in read():
                if kind != "entity":
                    continue
                rows: list[Row] = []
                with self._reading.record():
                    printed = make()
                    assert isinstance(printed, Printed)
                    described = level1_rows(printed, self._descriptor)
                    if self._is_first(printed, is_answer=layout == "api-json"):
                        rows = described
                yield from rows
        yield from self._strangers()

    def _is_first(self, printed: Printed, *, is_answer: bool) -> bool:
        """Whether an entity was not given before; answers repeat one that has several relations.

        Raises:
            UnexpectedValueError: It was, by a file that prints each once, or under another name.
        """
        lei, name = printed.lei or "", printed.legal_name or ""
        self._named.discard(PREFIX + lei)
        if hash(lei) not in self._described:
            self._described.add(hash(lei))
            if is_answer:
                self._answered[lei] = name
            return True
        before = self._answered.get(lei)
        # What a table called it is not held.
        if before == name or (before is None and is_answer):
            return False
        detail = f"{lei} is {name!r:.120} here" + (f", and {before!r:.120} before" if before is not None else "")
        raise UnexpectedValueError("LEI twice", detail, origin=printed.origin)

    def _look_ahead(self) -> None:
        for _, _, read in self._files:
            for kind, _, make in read():
                if kind == "entity":
                    continue
                try:
                    row = self._row(make())
                except UnexpectedValueError:
                    continue  # rejected when its turn comes
                if row is not None:
                    self._named.add(row.owned_id)
                    if row.owner_id == UNDISCLOSED:
                        self._is_undisclosed = True
                    else:
                        self._named.add(row.owner_id)

    def _strangers(self) -> Iterator[Row]:
        for entity_id in sorted(self._named):
            lei = entity_id.removeprefix(PREFIX)
            note = "only a relationship names it; its Level 1 record was not given"
            yield Entity(id=entity_id, schema="LegalEntity", caption=lei, note=note)
            yield lei_row(entity_id)
        if self._is_undisclosed:
            note = "stands for nobody known: parents that exceptions of the LEI register do not name"
            yield Entity(id=UNDISCLOSED, schema="LegalEntity", caption="Parent not named", note=note)

    def relations(self) -> Iterator[Row]:
        """Level 2; what one file says of two entities twice, directly and ultimately, is one row."""
        given: set[int] = set()
        none: Counter[str] = Counter()
        for _, _, read in self._files:
            for kind, _, make in read():
                if kind == "entity":
                    continue
                row: Ownership | None = None
                if kind == "implied":
                    try:
                        row = self._row(make())
                    except UnexpectedValueError as error:
                        self._reading.notes.append(f"not related: {error}"[:300])
                else:
                    with self._reading.record():
                        fact = make()
                        row = self._row(fact)
                        if row is None and isinstance(fact, Exemption):
                            none.update(fact.reasons)
                if row is not None and hash(row.id) not in given:
                    given.add(hash(row.id))
                    yield row
        if none:
            said = ", ".join(f"{reason} {count}" for reason, count in sorted(none.items()))
            self._reading.notes.append(f"exceptions that say that no parent consolidates, without a row: {said}")

    def _row(self, fact: Printed | Relation | Exemption) -> Ownership | None:
        if isinstance(fact, Relation):
            return relation_row(fact, self._descriptor)
        assert isinstance(fact, Exemption)
        return exemption_row(fact, self._descriptor)


def _reader(publication: Publication, document: Document) -> tuple[str, Callable[[], Iterator[Item]]]:
    """Layout of a file, and what reads it from the start."""
    head = document.head(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        if cdf_xml.root_of(document) is not None:
            return "cdf-xml", lambda: cdf_xml.items(document)
    elif head.startswith(b"{"):
        if api_json.answers(document) is not None:
            return "api-json", lambda: api_json.items(document)
    elif (table := golden_csv.header(document)) is not None:
        layout = "selection-tsv" if table[0] == "selection" else "golden-copy-csv"
        return layout, lambda: golden_csv.items(document)
    raise no_layout(
        publication, "neither XML, an answer of the API, nor a table of the register", Origin(document.name)
    )
