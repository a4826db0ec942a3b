"""Exports of FollowTheMoney: lines of entities, lines of nested targets, or the table of simple targets.

The lines are gone through three times, so that memory holds only addresses and the ids that relations name: what is
pointed at, then parties and things, then relations. An entity is one record, whether it is nested or not.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, SourceError, UnexpectedValueError
from beholden.schema.rows import Designation, Edition
from beholden.sources.ftm.entity import Printed, flat
from beholden.sources.ftm.party import address_text, party_rows
from beholden.sources.ftm.relation import (
    OTHER_LIST,
    RELATIONS,
    has_owner,
    listing_topics,
    pointed_at,
    relation_rows,
    topic_rows,
)
from beholden.sources.ftm.simple import COLUMNS, simple_day, simple_rows
from beholden.sources.interface import no_layout
from beholden.sources.record import has_only_text, is_plausible
from beholden.sources.schemata import things

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_LINES_FOR_DATE = 1000


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Read an export."""
    kinds = [_kind(publication, document) for document in publication.documents]
    full = [kind for kind in kinds if kind != "delta"]
    if not full:
        raise SourceError(
            "a delta without the export that it changes",
            code="source.incomplete",
            hint="import the full entities.ftm.json, together with the deltas since, in their order",
            origin=Origin(publication.documents[0].name),
        )
    if len(set(full)) > 1 or ("delta" in kinds and full[0] != "entities-json"):
        raise no_layout(publication, f"several layouts at once: {', '.join(kinds)}")
    reading.layout = full[0]
    rows = (
        simple_rows(publication, reading)
        if full[0] == "targets-simple-csv"
        else _Export(publication, reading, kinds).rows()
    )
    # An export is a state of every list of which it has an entry; who is not in it may still be on the list.
    lists = {OTHER_LIST}
    for row in rows:
        if isinstance(row, Designation):
            lists.add(row.regime_id)
        yield row
    for regime in sorted(lists):
        yield Edition(
            regime_id=regime, date=publication.edition, is_complete=False, title=f"state of {publication.edition}"
        )


def printed_date(documents: tuple[Document, ...], _: Descriptor) -> date | None:
    """The latest day on which an entity was last seen, of the first thousand; a plain FollowTheMoney file has none."""
    latest: date | None = None
    for document in documents:
        for number, line in document.lines():
            if number > _LINES_FOR_DATE:
                break
            if number == 1 and line.lstrip()[:1] != "{":
                day = simple_day(document)
                latest = max((one for one in (latest, day) if one is not None), default=None)
                break
            latest = max((one for one in (latest, _last_seen(line)) if one is not None), default=None)
    return latest


def _last_seen(line: str) -> date | None:
    try:
        fields = json.loads(line)
        fields = fields.get("entity", fields)
        day = date.fromisoformat(fields["last_seen"][:10])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # no entity, or one that prints no day: said when it is read
    return day if is_plausible(day) else None


def _kind(publication: Publication, document: Document) -> str:
    """Layout of one file by its first line."""
    for _, line in document.lines():
        if not line.strip():
            continue
        if line.lstrip()[:1] != "{":
            if set(COLUMNS) <= {cell.strip(' "') for cell in line.split(",")}:
                return "targets-simple-csv"
            break
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            break
        if fields.keys() == {"op", "entity"}:
            return "delta"
        if {"id", "schema", "properties"} <= fields.keys() and isinstance(fields["properties"], dict):
            return "targets-nested-json" if _is_nested(publication, document) else "entities-json"
        break
    raise no_layout(
        publication, "the first line is neither an entity nor the header of targets", Origin(document.name, 1)
    )


def _is_nested(publication: Publication, document: Document) -> bool:
    """Whether one of the first entities has another in its properties."""
    for number, line in document.lines():
        if number > _LINES_FOR_DATE:
            break
        try:
            fields = json.loads(line)
            values = list(fields["properties"].values())
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
        if any(isinstance(one, dict) and "schema" in one for held in values if isinstance(held, list) for one in held):
            return True
    return False


class _Export:
    """An export of entities, one a line."""

    def __init__(self, publication: Publication, reading: Reading, kinds: list[str]) -> None:
        self._publication = publication
        self._reading = reading
        self._base = [one for one, kind in zip(publication.documents, kinds, strict=True) if kind != "delta"]
        self._deltas = [one for one, kind in zip(publication.documents, kinds, strict=True) if kind == "delta"]
        self._is_nested = "targets-nested-json" in kinds
        self._addresses: dict[str, str] = {}
        # Entities that relations name; None until the entity was read.
        self._captions: dict[str, str | None] = {}
        # Entities that a sanction names.
        self._listed: set[str] = set()
        self._top: set[str] = set()

    def rows(self) -> Iterator[Row]:
        """Rows of the export."""
        changed = self._changed()
        for entity in self._quietly(changed):
            self._captions.update(dict.fromkeys(pointed_at(entity)))
            if entity.schema.name == "Sanction":
                self._listed.update(entity.get("entity"))
            if entity.schema.name == "Address":
                text = address_text(entity)
                if text is not None:
                    self._addresses[entity.id] = text
        descriptor = self._publication.descriptor
        for origin, fields in self._entities(changed):
            if _is_relation(fields):
                continue
            rows: list[Row] = []
            with self._reading.record():
                entity = _printed(fields, origin)
                if entity.schema.name in things():
                    rows = party_rows(entity, descriptor, self._addresses)
                    if entity.id in self._captions:
                        self._captions[entity.id] = rows[0].caption  # type: ignore[attr-defined]  # an Entity
            yield from rows
        yield from self._relations(changed)

    def _relations(self, changed: dict[str, tuple[Origin, Any]]) -> Iterator[Row]:
        descriptor = self._publication.descriptor
        for origin, fields in self._entities(changed):
            if not isinstance(fields, dict):
                continue
            rows: list[Row] = []
            if _is_relation(fields):
                with self._reading.record():
                    rows = relation_rows(_printed(fields, origin), descriptor, self._captions)
            else:
                try:
                    entity = Printed(fields, origin)
                    if entity.schema.name in things():
                        if entity.id not in self._listed and listing_topics(entity, descriptor):
                            rows = topic_rows(entity, descriptor)
                        if has_owner(entity):
                            rows = [*rows, *relation_rows(entity, descriptor, self._captions)]
                except UnexpectedValueError as error:
                    # The entity itself was counted before; only who owns it is left out.
                    if error.reason.startswith("names an entity"):
                        self._reading.notes.append(str(error)[:300])
            yield from rows

    def _quietly(self, changed: dict[str, tuple[Origin, Any]]) -> Iterator[Printed]:
        """Entities that can be read; the others are rejected when their turn comes."""
        for origin, fields in self._entities(changed):
            try:
                yield Printed(fields, origin)
            except UnexpectedValueError:
                continue

    def _entities(self, changed: dict[str, tuple[Origin, Any]]) -> Iterator[tuple[Origin, Any]]:
        """Entities of the export as the deltas left them; of nested ones each once."""
        nested: set[str] = set()
        for document in self._base:
            for origin, fields in _lines(document):
                if changed and isinstance(fields, dict) and str(fields.get("id")) in changed:
                    continue
                if not self._is_nested:
                    yield origin, fields
                    continue
                for at, one in enumerate(flat(fields)):
                    if at and isinstance(one, dict):
                        printed_id = one.get("id")
                        if not isinstance(printed_id, str) or printed_id in self._tops() or printed_id in nested:
                            continue
                        nested.add(printed_id)
                    yield origin, one
        yield from (one for one in changed.values() if one[1] is not None)

    def _tops(self) -> set[str]:
        """Ids of the targets of a nested export: their own line says more of them than a nested copy."""
        if not self._top:
            for document in self._base:
                for _, fields in _lines(document):
                    if isinstance(fields, dict) and isinstance(fields.get("id"), str):
                        self._top.add(fields["id"])
        return self._top

    def _changed(self) -> dict[str, tuple[Origin, Any]]:
        """What the deltas say, by id: the entity as it is now, or None where it is gone."""
        changed: dict[str, tuple[Origin, Any]] = {}
        for document in self._deltas:
            for origin, fields in _lines(document):
                operation = fields.get("op") if isinstance(fields, dict) else None
                entity = fields.get("entity") if isinstance(fields, dict) else None
                if operation not in ("ADD", "MOD", "DEL") or not isinstance(entity, dict) or "id" not in entity:
                    error = UnexpectedValueError("no change", "expected op ADD, MOD or DEL, and entity", origin=origin)
                    self._reading.reject(error)
                    continue
                changed[str(entity["id"])] = (origin, None if operation == "DEL" else entity)
        return changed


def _printed(fields: Any, origin: Origin) -> Printed:  # noqa: ANN401 (JSON)
    if isinstance(fields, ValueError | RecursionError):
        raise UnexpectedValueError("not valid JSON", str(fields), origin=origin)
    return Printed(fields, origin)


def _is_relation(fields: Any) -> bool:  # noqa: ANN401 (JSON)
    # What is printed as the schema may be anything that JSON has.
    return isinstance(fields, dict) and isinstance(fields.get("schema"), str) and fields["schema"] in RELATIONS


def _lines(document: Document) -> Iterator[tuple[Origin, Any]]:
    """JSON of each line; of a line that is none, the error."""
    for number, line in document.lines():
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            # Only escapes spell what no text has, and few lines have them.
            if ("\\u0000" in line or "\\ud" in line.lower()) and not has_only_text(fields):
                fields = ValueError("a text has NUL or half of a surrogate pair")
        except (ValueError, RecursionError) as error:
            fields = error
        yield Origin(document.name, number), fields
