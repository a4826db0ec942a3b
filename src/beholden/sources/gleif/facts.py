"""What a record of the register says, whatever file it stands in, and the rows that follow."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.schema.rows import Entity, Identifier, Name, Ownership
from beholden.sources.places import place_code
from beholden.sources.record import Record
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from datetime import date

    from beholden.errors import Origin
    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor

PREFIX = "lei:"
# An owner that stands for nobody known.
UNDISCLOSED = "gleif:undisclosed"
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(slots=True)
class Printed:
    """Level 1 as printed.

    Attributes:
        lei: The identifier.
        names: Name, language and type of other names.
        places: Country of legal address and of headquarters, jurisdiction.
        authority: Who keeps the register, and the number there.
    """

    origin: Origin
    lei: str | None
    legal_name: str | None
    language: str | None = None
    names: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    places: list[tuple[str, str | None]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    authority: tuple[str | None, str | None] = (None, None)
    category: str | None = None
    entity_status: str | None = None
    expired: str | None = None
    expiry_reason: str | None = None
    successors: list[str] = field(default_factory=list)
    registration: str | None = None
    bics: list[str] = field(default_factory=list)
    opencorporates: str | None = None


@dataclass(slots=True)
class Relation:
    """Level 2 as printed: `child` is consolidated by `parent`, or stands in another relation to it."""

    origin: Origin
    child: str | None
    parent: str | None
    type: str | None
    node_types: tuple[str | None, str | None] = ("LEI", "LEI")
    status: str | None = "ACTIVE"
    periods: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)
    registration: str | None = None
    registered: str | None = None
    updated: str | None = None
    is_deleted: bool = False


@dataclass(slots=True)
class Exemption:
    """A reporting exception as printed: why an entity names no parent."""

    origin: Origin
    lei: str | None
    category: str | None
    reasons: list[str] = field(default_factory=list)
    ended: str | None = None
    is_deleted: bool = False


def lei_of(record: Record, name: str, value: str | None) -> str:
    """The id of the entity with an LEI.

    A few that were given out in the first years have check digits that do not hold; the register still prints them.

    Raises:
        UnexpectedValueError: It has not the form of one.
    """
    if value is None or _LEI.fullmatch(value) is None:
        raise record.error(f"{name} is no LEI", f"{value!r}; expected 18 letters or digits and two check digits")
    return PREFIX + value


def level1_rows(printed: Printed, descriptor: Descriptor) -> list[Row]:
    """Rows of an entity.

    Raises:
        UnexpectedValueError: A value is missing or unknown.
    """
    record = Record({}, printed.origin)
    entity_id = lei_of(record, "LEI", printed.lei)
    if printed.legal_name is None:
        raise record.error("legal name is empty", f"of {printed.lei}")
    category = printed.category or "GENERAL"  # LEI-CDF 2.1 prints a category only of branches, funds and proprietors
    rows: list[Row] = [
        Entity(
            id=entity_id,
            schema=record.known("category", category, descriptor.lookup("categories")),
            caption=printed.legal_name,
            jurisdictions=_places(record, printed, descriptor),
            addresses=list(dict.fromkeys(one for one in printed.addresses if one)),
            note=_note(record, printed, descriptor),
        )
    ]
    language = language_of(printed.language)
    if language is not None:
        rows.append(Name(entity_id=entity_id, name=printed.legal_name, kind="legal", lang=language))
    names: dict[tuple[str, str], Name] = {}
    for name, lang, kind in printed.names:
        known = record.known("type of name", kind or "", descriptor.lookup("names"))
        if name != printed.legal_name:
            row = Name(entity_id=entity_id, name=name, kind=known, lang=language_of(lang))
            names.setdefault((name, known), row)
    return [*rows, *names.values(), *_identifiers(printed, entity_id)]


def _places(record: Record, printed: Printed, descriptor: Descriptor) -> list[str]:
    others = descriptor.lookup("places")
    found = []
    for name, place in printed.places:
        if place is not None:
            country = place.partition("-")[0]  # US-DE: Delaware
            found.append(others[country] if country in others else place_code(record, name, country))
    return list(dict.fromkeys(code for code in found if code))


def _note(record: Record, printed: Printed, descriptor: Descriptor) -> str | None:
    status = printed.entity_status or "NULL"
    said = [record.known("entity status", status, descriptor.lookup("entity_statuses"))]
    if printed.registration is not None:
        said.append(record.known("registration status", printed.registration, descriptor.lookup("registrations")))
    if printed.expired is not None:
        why = f" ({printed.expiry_reason})" if printed.expiry_reason else ""
        said.append(f"expired {day_of(record, 'expiration', printed.expired)}{why}")
    said += [f"succeeded by {one}" for one in printed.successors]
    return "; ".join(one for one in said if one) or None


def lei_row(entity_id: str) -> Identifier:
    """The LEI of an entity."""
    lei = entity_id.removeprefix(PREFIX)
    if normal("lei", lei) is None:
        note = f"LEI, check digits do not hold: {lei}"
        return Identifier(entity_id=entity_id, kind="other", value=lei, note=note)
    return Identifier(entity_id=entity_id, kind="lei", value=lei)


def _identifiers(printed: Printed, entity_id: str) -> list[Row]:
    rows: list[Row] = [lei_row(entity_id)]
    authority, number = printed.authority
    if number is not None:
        rows.append(Identifier(entity_id=entity_id, kind="registration", value=number, note=authority))
    for bic in printed.bics:
        held = normal("bic", bic)
        note = None if held is not None else f"BIC, check digits do not hold: {bic}"
        rows.append(Identifier(entity_id=entity_id, kind="bic" if held else "other", value=held or bic, note=note))
    if printed.opencorporates is not None:
        rows.append(Identifier(entity_id=entity_id, kind="opencorporates", value=printed.opencorporates))
    return rows


def relation_row(relation: Relation, descriptor: Descriptor) -> Ownership | None:
    """The holding that a relation states; None where it is no ownership, or was withdrawn.

    Raises:
        UnexpectedValueError: A value is missing or unknown.
    """
    record = Record({}, relation.origin)
    how = record.known("type of relationship", relation.type or "", descriptor.lookup("relationships"))
    if relation.node_types != ("LEI", "LEI"):
        raise record.error("unknown type of node", f"{relation.node_types}; expected LEI")
    child, parent = lei_of(record, "StartNode", relation.child), lei_of(record, "EndNode", relation.parent)
    if relation.registration is not None:
        record.known("registration status", relation.registration, descriptor.lookup("registrations"))
    start = end = None
    for begins, ends, kind in relation.periods:
        if kind not in {"RELATIONSHIP_PERIOD", "ACCOUNTING_PERIOD", "DOCUMENT_FILING_PERIOD"}:
            raise record.error("unknown type of period", repr(kind))
        if kind == "RELATIONSHIP_PERIOD":
            start, end = day_of(record, "StartDate", begins), day_of(record, "EndDate", ends)
    if start is not None and end is not None and end < start:
        raise record.error("ends before it starts", f"{end} is before {start}")
    note = f"accounting consolidation ({how})"
    if relation.status not in {"ACTIVE", "INACTIVE", "NULL", None}:
        raise record.error("unknown status of relationship", repr(relation.status))
    if end is None and (relation.status == "INACTIVE" or relation.registration == "RETIRED"):
        word = "inactive" if relation.status == "INACTIVE" else "retired"
        end = day_of(record, "LastUpdateDate", relation.updated)
        note += f"; printed as {word} without an end, which is given as the day it was last updated"
        if end is None:
            raise record.error(f"{word} without a day", "neither an end nor a last update is printed")
        start = min(start, end) if start is not None else None
    if not how or relation.is_deleted or relation.registration in {"ANNULLED", "DUPLICATE", "CANCELLED"}:
        return None
    if relation.registration == "LAPSED":
        note += "; its registration lapsed"
    return Ownership(
        # Who was the direct parent once may still be the ultimate one: an end tells the two apart.
        id=f"{parent}>{child}:control@{start or ''}{f'..{end}' if end is not None else ''}",
        owner_id=parent,
        owned_id=child,
        ownership_type="control",
        valid_from=start,
        valid_to=end,
        published_at=day_of(record, "InitialRegistrationDate", relation.registered),
        note=note,
    )


def exemption_row(exemption: Exemption, descriptor: Descriptor) -> Ownership | None:
    """The holding of somebody who is not named; None where nobody consolidates the entity.

    Raises:
        UnexpectedValueError: A value is missing or unknown.
    """
    record = Record({}, exemption.origin)
    child = lei_of(record, "LEI", exemption.lei)
    how = record.known("category of exception", exemption.category or "", descriptor.lookup("exception_categories"))
    if not exemption.reasons:
        raise record.error("reason is empty", "expected why no parent is named")
    kinds = {record.known("reason of exception", one, descriptor.lookup("exceptions")) for one in exemption.reasons}
    ended = day_of(record, "validTo", exemption.ended)
    if "undisclosed" not in kinds or exemption.is_deleted:
        return None
    return Ownership(
        id=f"{UNDISCLOSED}>{child}:control@:{how}",
        owner_id=UNDISCLOSED,
        owned_id=child,
        ownership_type="control",
        holder="unknown",
        valid_to=ended,
        note=f"{how} accounting consolidation parent not named: {', '.join(exemption.reasons)}",
    )


def day_of(record: Record, name: str, value: str | None) -> date | None:
    """The day of a point in time, as printed there, whatever its time zone."""
    if value is None:
        return None
    match = _DAY.match(value)
    if match is None:
        raise record.error(f"{name} is no date", f"{value!r}; expected YYYY-MM-DD, with or without a time")
    return record.as_day(name, match.group())


def language_of(printed: str | None) -> str | None:
    """ISO 639-1 of a language tag such as `de-DE`."""
    head = (printed or "").partition("-")[0].lower()
    return head if len(head) == 2 and head.isascii() and head.isalpha() else None
