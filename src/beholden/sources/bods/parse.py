"""Beneficial ownership statements: all of them are read, then put together record by record."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.bods.interest import Parties, holdings
from beholden.sources.bods.party import PREFIX, is_unknown, party_rows
from beholden.sources.bods.statement import RELATION, Stated, is_statement, stated, text
from beholden.sources.interface import no_layout
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read the statements of all files together."""
    statements: list[Stated] = []
    for document in publication.documents:
        for origin, fields in _values(document):
            if reading.layout is None or isinstance(fields, dict):
                layout = is_statement(fields)
                if reading.layout is None and layout is None:
                    raise no_layout(publication, "the first value is no statement", origin)
                reading.layout = reading.layout or layout
            try:
                statements.append(stated(fields, origin))
            except UnexpectedValueError as error:
                reading.reject(error)
    if reading.layout is None:
        raise no_layout(publication, "no statements", Origin(publication.documents[0].name))
    yield from _Register(publication.descriptor, statements).rows(reading)


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """The latest day of publication that a statement prints."""
    days = []
    for document in documents:
        for origin, fields in _values(document):
            publication = fields.get("publicationDetails") if isinstance(fields, dict) else None
            printed = text(publication, "publicationDate")
            try:
                days.append(Record({}, origin).as_day("publicationDate", (printed or "")[:10]))
            except UnexpectedValueError:
                continue  # said when the statement is read
    return max(days, default=None)


class _Register:
    """Statements by what they are about."""

    def __init__(self, descriptor: Descriptor, statements: list[Stated]) -> None:
        self._descriptor = descriptor
        roots = _roots(statements)
        # id of a record or statement → key of the record
        self._key = {one.id: roots.get(one.id, one.record) for one in statements}
        self._key.update({one.record: roots.get(one.id, one.record) for one in statements})
        self._versions: dict[str, list[Stated]] = defaultdict(list)
        for one in statements:
            self._versions[self._key[one.id]].append(one)
        for versions in self._versions.values():
            versions.sort(key=lambda one: one.day or date.min)  # a stable sort: equal days stay in their order
        self._given: set[str] = set()

    def rows(self, reading: Reading) -> Iterator[Row]:
        """Parties first; each statement is a record, and stands or falls with those about the same thing."""
        for is_relation in (False, True):
            for key, versions in self._versions.items():
                if (versions[-1].kind == RELATION) != is_relation:
                    continue
                rows: list[Row] = []
                with reading.record():
                    rows = self._relation(versions) if is_relation else self._party(key, versions)
                # Earlier statements were read when they were put in order.
                reading.read += len(versions) - 1
                yield from rows

    def _party(self, key: str, versions: list[Stated]) -> list[Row]:
        rows = party_rows(PREFIX + key, versions[-1], self._descriptor)
        self._given.add(key)
        return rows

    def _relation(self, versions: list[Stated]) -> list[Row]:
        return holdings(versions, Parties(self._entity_of, self._is_unknown), self._descriptor)

    def _entity_of(self, named: str) -> str | None:
        key = self._key.get(named)
        return PREFIX + key if key in self._given else None

    def _is_unknown(self, named: str) -> bool:
        return is_unknown(self._versions[self._key[named]][-1], self._descriptor)


def _roots(statements: list[Stated]) -> dict[str, str]:
    """Up to version 0.3: the first statement of each chain of replacements; one without a chain is left out."""
    earlier = {one.id: one.replaces[0] for one in statements if one.replaces}
    known = {one.id for one in statements}
    found = {}
    for start in earlier:
        at, passed = start, {start}
        while at in earlier and earlier[at] in known and earlier[at] not in passed:
            at = earlier[at]
            passed.add(at)
        found[start] = at
    return found


def _values(document: Document) -> Iterator[tuple[Origin, Any]]:
    """Statements of a JSON array, or one a line, with their places."""
    if document.head(1024).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        if _is_one_object(document):
            yield Origin(document.name), document.json()
        else:
            yield from _lines(document)
        return
    content = document.json()
    if not isinstance(content, list):
        raise document.error("neither a list of statements nor one a line", "source.unknown-layout")
    for number, fields in enumerate(content, 1):
        yield Origin(f"{document.name}, statement {number}"), fields


def _lines(document: Document) -> Iterator[tuple[Origin, Any]]:
    """JSON of each line; of a line that is none, the error."""
    for number, line in document.lines():
        if line.strip():
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError) as error:
                fields = error
            yield Origin(document.name, number), fields


def _is_one_object(document: Document) -> bool:
    """Whether the first line is only the beginning of an object."""
    return any(isinstance(fields, Exception) for _, fields in islice(_lines(document), 1))
