"""One statement of the standard, the same whatever version it follows."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.record import Record, clean, has_only_text

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTITY, PERSON, RELATION = "entity", "person", "relationship"
_KINDS = {
    "entityStatement": ENTITY,
    "personStatement": PERSON,
    "ownershipOrControlStatement": RELATION,
}
_STATUSES = {"new": "new", "updated": "updated", "closed": "closed"}
_HEAD = frozenset(
    {"statementId", "statementID", "statementDate", "statementType", "recordId", "recordType", "recordStatus"}
    | {"recordDetails", "declaration", "declarationSubject", "publicationDetails", "source", "annotations"}
    | {"replacesStatements"}
)
# What stands in `recordDetails`, and up to version 0.3 in the statement itself. Those of no use to a rule: nationality
# and tax residency, political exposure, place of birth, how the party is governed.
_DETAILS: dict[str, frozenset[str]] = {
    ENTITY: frozenset(
        {"isComponent", "entityType", "name", "alternateNames", "jurisdiction", "incorporatedInJurisdiction"}
        | {"identifiers", "addresses", "dissolutionDate", "publicListing", "unspecifiedEntityDetails"}
        | {"foundingDate", "uri", "formedByStatute", "entitySubtype"}
    ),
    PERSON: frozenset(
        {"isComponent", "personType", "names", "identifiers", "birthDate", "addresses", "unspecifiedPersonDetails"}
        | {"nationalities", "taxResidencies", "placeOfBirth", "placeOfResidence", "deathDate", "politicalExposure"}
        | {"hasPepStatus", "pepStatusDetails"}
    ),
    RELATION: frozenset(
        {"isComponent", "componentRecords", "componentStatementIDs", "subject", "interestedParty", "interests"}
    ),
}
_FIRST, _LAST = 1900, 2199
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*)?")


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement.

    Attributes:
        origin: Where it stands.
        kind: `entity`, `person` or `relationship`.
        id: Of the statement.
        record: What it is about: the record, or up to version 0.3 the statement itself.
        replaces: Up to version 0.3: statements in whose place it stands.
        day: When it was stated.
        published: When it was published, if printed.
        is_closed: Whether the record is closed by it.
        details: What it states.
    """

    origin: Origin
    kind: str
    id: str
    record: str
    replaces: tuple[str, ...]
    day: date | None
    published: date | None
    is_closed: bool
    details: Mapping[str, Any]

    @property
    def at(self) -> Record:
        """For errors about it."""
        return Record({}, self.origin)


def is_statement(fields: Any) -> str | None:  # noqa: ANN401 (JSON)
    """Layout of a statement; None where it is none."""
    if not isinstance(fields, dict):
        return None
    if "recordType" in fields:
        return "records-json"
    return "statements-json" if text(fields, "statementType") in _KINDS else None


def stated(fields: Any, origin: Origin) -> Stated:  # noqa: ANN401 (JSON)
    """Read the head of a statement, and check the names of its fields.

    Raises:
        UnexpectedValueError: A field is missing or unknown.
    """
    if isinstance(fields, Exception):
        raise UnexpectedValueError("not valid JSON", str(fields), origin=origin)
    if not isinstance(fields, dict):
        raise UnexpectedValueError("no statement", f"{type(fields).__name__}; expected an object", origin=origin)
    at = Record({}, origin)
    if not has_only_text(fields):
        raise at.error("no text", "a value has NUL or half of a surrogate pair")
    is_record = "recordType" in fields
    if is_record:
        kind = at.known("recordType", str(fields["recordType"]), {one: one for one in (ENTITY, PERSON, RELATION)})
        details = fields.get("recordDetails")
        if not isinstance(details, dict):
            raise at.error("no recordDetails", f"{details!r:.80}; expected an object")
        unknown = [*(fields.keys() - _HEAD), *(details.keys() - _DETAILS[kind])]
    else:
        kind = at.known("statementType", str(fields.get("statementType")), _KINDS)
        details = fields
        unknown = [*(fields.keys() - _HEAD - _DETAILS[kind])]
    if unknown:
        raise at.error("unknown field", f"{', '.join(sorted(unknown))[:200]} of {kind}")
    printed_id = text(fields, "statementId") or text(fields, "statementID")
    if printed_id is None:
        raise at.error("no statementId", "expected the id of the statement")
    record = text(fields, "recordId") if is_record else printed_id
    if record is None:
        raise at.error("no recordId", f"of statement {printed_id}")
    status = at.known("recordStatus", text(fields, "recordStatus") or "new", _STATUSES)
    replaced = fields.get("replacesStatements") or []
    publication = fields.get("publicationDetails")
    return Stated(
        origin,
        kind,
        printed_id,
        record,
        tuple(one for one in replaced if isinstance(one, str)) if isinstance(replaced, list) else (),
        last_day(at, "statementDate", text(fields, "statementDate")),
        last_day(at, "publicationDate", text(publication, "publicationDate")),
        status == "closed",
        details,
    )


def text(fields: Any, name: str) -> str | None:  # noqa: ANN401 (JSON)
    """A text of an object; None where it has none."""
    found = fields.get(name) if isinstance(fields, dict) else None
    return clean(found) if isinstance(found, str) else None


def objects(at: Record, fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects.

    Raises:
        UnexpectedValueError: It is something else.
    """
    found = fields.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise at.error(f"{name} is no list of objects", f"{found!r:.80}")
    return found


def last_day(at: Record, name: str, printed: str | None) -> date | None:
    """A day; of a month or a year the last one, by which it was so.

    Raises:
        UnexpectedValueError: It is no day, or before 1900 or after 2199.
    """
    if printed is None:
        return None
    match = _PARTIAL.fullmatch(printed)
    if match is None:
        raise at.error(f"{name} is no date", f"{printed!r}; expected YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (None if part is None else int(part) for part in match.groups())
    assert year is not None  # the pattern has four digits
    if not _FIRST <= year <= _LAST:
        raise at.error(f"{name} is out of range", f"{printed!r}; expected a day from 1900 to 2199")
    try:
        return date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError:
        raise at.error(f"{name} is no date", f"{printed!r}; no such day") from None
