"""The consolidated list as XML 1.1: `export`, one `sanctionEntity` per party."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name
from beholden.sources.node import Node
from beholden.sources.outline import Outline
from beholden.sources.places import place_code
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

LIST = "eu-fsf"
_UN_REFERENCE = re.compile(r"[A-Z]{2,3}[ie]\.\d{3}")
_NO_PLACE = {"", "00"}
# Of what every part repeats: the act it was printed in, in which language, and the key of the database.
_EVERYWHERE = ("regulationLanguage", "logicalId")
_ADDRESS = ("street", "poBox", "place", "city", "region", "zipCode", "countryDescription")
_OF_DOCUMENT = ("diplomatic", "issuedDate", "validFrom", "validTo", "nameOnDocument", "region", "countryIso2Code")
_FLAGS = {
    "knownExpired": "expired",
    "knownFalse": "false",
    "reportedLost": "reported lost",
    "revokedByIssuer": "revoked",
}


def consolidated_rows(publication: Publication, document: Document, reading: Reading) -> Iterator[Row]:
    """Rows of every party of the file."""
    seen: set[str] = set()
    for element in document.elements(
        "sanctionEntity", outline=Outline({"export": ("sanctionEntity",)}, reading.reject)
    ):
        rows: list[Row] = []
        with reading.record():
            rows = _Party(publication, Node(element, document)).rows(seen)
        yield from rows


class _Party:
    """One `sanctionEntity`."""

    def __init__(self, publication: Publication, node: Node) -> None:
        self.publication = publication
        self.tables = publication.descriptor.lookups
        self.node = node
        self.reference = node.attributes.pop_any("euReferenceNumber")
        logical = node.attributes.require("logicalId")
        # A party that has no reference number yet has the key of the database.
        self.id = f"eu:{self.reference}" if self.reference is not None else f"eu_fsf:{logical}"

    def rows(self, seen: set[str]) -> list[Row]:
        node = self.node
        if self.id in seen:
            raise node.record.error("a party twice", f"{self.id!r}; expected one element each")
        subjects = node.children("subjectType")
        if len(subjects) != 1:
            raise node.record.error("no subject type", f"{len(subjects)} elements subjectType; expected one")
        code = subjects[0].attributes.require("code")
        subjects[0].close(attributes=("classificationCode", *_EVERYWHERE))
        self.schema = node.record.known("subjectType", code, self.tables["subject"])
        caption, names = self._names()
        listing = self._listing(caption)
        contacts: list[Row] = []
        addresses, places = self._addresses(contacts)
        births = self._birth_dates()
        numbers = [*self._own_numbers(), *self._identifications()]
        # Remarks are prose; citizenship is a fact of persons that no rule needs.
        node.close(("remark", "citizenship"), ("designationDetails",))
        seen.add(self.id)
        entity = Entity(
            id=self.id,
            schema=self.schema,
            caption=caption,
            jurisdictions=places,
            addresses=addresses,
            birth_dates=births,
        )
        return [entity, *names, *dict.fromkeys([*numbers, *contacts]), *listing]

    def _names(self) -> tuple[str, list[Row]]:
        found: dict[tuple[str, str], str | None] = {}
        for node in self.node.children("nameAlias"):
            take = node.attributes
            parts = [take.pop_any(name) for name in ("firstName", "middleName", "lastName")]
            whole = take.pop_any("wholeName") or " ".join(part for part in parts if part)
            strong = node.record.known("strong", take.require("strong"), {"true": "alias", "false": "weak"})
            lang = take.pop_any("nameLanguage")
            # Some weak names are called weak in words only.
            said = " ".join(node.texts("remark")).casefold()
            kind = "weak" if "low quality" in said else strong
            node.close(("regulationSummary",), ("function", "gender", "title", *_EVERYWHERE))
            if whole:
                found.setdefault((whole, kind), lang.lower() if lang is not None else None)
        # The file marks no primary name: the first strong one in no language of its own, or in English, is in front.
        strong_names = [(name, lang) for (name, kind), lang in found.items() if kind == "alias"]
        plain = [name for name, lang in strong_names if lang in {None, "en"}]
        front = [*plain, *(name for name, _ in strong_names), *(name for name, _ in found)]
        if not front:
            raise self.node.record.error("no name", f"{self.id} prints none")
        names: list[Row] = [
            Name(entity_id=self.id, name=name, kind=kind, lang=lang)
            for (name, kind), lang in found.items()
            if name != front[0]
        ]
        return front[0], names

    def _addresses(self, contacts: list[Row]) -> tuple[list[str], list[str]]:
        addresses: dict[str, None] = {}
        places: dict[str, None] = {}
        for node in self.node.children("address"):
            take = node.attributes
            parts = [take.pop_any(name) for name in _ADDRESS]
            code = take.pop_any("countryIso2Code") or ""
            printed = ", ".join(part for part in parts if part and part != "UNKNOWN")
            if printed:
                addresses[printed] = None
            # Where a person lives is no jurisdiction of theirs.
            if code not in _NO_PLACE and self.schema != "Person":
                places[place_code(node.record, "countryIso2Code", code, self.tables["place"])] = None
            for contact in node.children("contactInfo"):
                key, value = contact.attributes.require("key"), contact.attributes.pop_any("value")
                contact.close(attributes=_EVERYWHERE)
                kind = contact.record.known("contactInfo", key, self.tables["contact"])
                if value is not None and kind != "ignored":
                    contacts.append(Identifier(entity_id=self.id, kind=kind, value=value))
            node.close(("remark", "regulationSummary"), ("asAtListingTime", *_EVERYWHERE))
        return list(addresses), list(places)

    def _birth_dates(self) -> list[str]:
        found: dict[str, None] = {}
        for node in self.node.children("birthdate"):
            take = node.attributes
            about = "circa " if take.pop_any("circa") == "true" else ""
            day, year = take.pop_any("birthdate"), take.pop_any("year")
            month, day_of_month = take.pop_any("monthOfYear"), take.pop_any("dayOfMonth")
            first, last = take.pop_any("yearRangeFrom"), take.pop_any("yearRangeTo")
            calendar = take.pop_any("calendarType")
            node.close(
                ("remark", "regulationSummary"),
                ("city", "zipCode", "region", "place", "countryIso2Code", "countryDescription", *_EVERYWHERE),
            )
            if day is not None:
                printed = take.as_day("birthdate", day).isoformat()
            elif first is not None or last is not None:
                printed = f"{first or '?'} to {last or '?'}"
            elif year is not None:
                printed = "-".join(
                    [year, *(f"{part:0>2}" for part in (month, day_of_month if month else None) if part)]
                )
            else:
                continue  # a place of birth without a date
            told = "" if calendar in {None, "GREGORIAN"} else f" ({calendar})"
            found[f"{about}{printed}{told}"] = None
        return list(found)

    def _own_numbers(self) -> list[Row]:
        found: list[Row] = []
        if self.reference is not None:
            found.append(Identifier(entity_id=self.id, kind="eu_reference", value=self.reference))
        united = self.node.attributes.pop_any("unitedNationId")
        if united is not None:
            is_reference = _UN_REFERENCE.fullmatch(united) is not None
            kind, note = ("un_reference", None) if is_reference else ("other", "unitedNationId")
            found.append(Identifier(entity_id=self.id, kind=kind, value=united, note=note))
        return found

    def _identifications(self) -> list[Row]:
        found: list[Row] = []
        for node in self.node.children("identification"):
            take = node.attributes
            code, called = take.require("identificationTypeCode"), take.pop_any("identificationTypeDescription")
            number, latin = take.pop_any("number"), take.pop_any("latinNumber")
            country, issuer = take.pop_any("countryDescription"), take.pop_any("issuedBy")
            doubts = [word for name, word in _FLAGS.items() if take.pop_any(name) == "true"]
            kind = node.record.known("identificationTypeCode", code, self.tables["identification"])
            node.close(
                ("remark", "regulationSummary"),
                (*_OF_DOCUMENT, *_EVERYWHERE),
            )
            said = [called or code, country if country != "UNKNOWN" else None, issuer, *doubts]
            note = "; ".join(part for part in said if part)
            for value in dict.fromkeys(value for value in (number, latin) if value):
                held = normal(kind, value)
                if held is None:
                    wrong = f"{called or code}, check digits do not hold: {value}"
                    found.append(Identifier(entity_id=self.id, kind="other", value=value, note=wrong))
                else:
                    found.append(Identifier(entity_id=self.id, kind=kind, value=held, note=note))
        return found

    def _listing(self, caption: str) -> list[Row]:
        programmes: dict[str, None] = {}
        acts: dict[str, None] = {}
        days: list[date] = []
        published: list[date] = []
        is_first_act = False
        for node in self.node.children("regulation"):
            take = node.attributes
            programmes[take.require("programme")] = None
            title, kind = take.require("numberTitle"), take.pop_any("regulationType")
            acts[title] = None
            printed, in_force = take.day("publicationDate"), _day(take, "entryIntoForceDate")
            node.close(("publicationUrl",), ("organisationType", *_EVERYWHERE))
            is_first_act = is_first_act or kind == "regulation"
            published += [printed] if printed is not None else []
            days += [day for day in (in_force or printed,) if day is not None]
        if not acts:
            raise self.node.record.error("no regulation", f"{self.id} prints none")
        designated = _day(self.node.attributes, "designationDate")
        since = designated or min(days, default=None)
        where = f"EU consolidated list, {self.reference or self.id}, {'; '.join(acts)}"
        entry = Entry(
            regime_id=LIST,
            edition=self.publication.edition,
            entity_id=self.id,
            listed_as=caption,
            basis="; ".join(acts),
        )
        designation = Designation(
            id=f"{LIST}:{self.id}",
            regime_id=LIST,
            entity_id=self.id,
            listed_as=caption,
            programmes=list(programmes),
            citation=where,
            valid_from=since,
            published_at=min([*published, *([since] if since is not None else [])], default=None),
            # The file prints the last act about a party; where that one amends, the party was listed before it.
            is_start_latest=designated is None and since is not None and not is_first_act,
        )
        return [entry, designation]


def _day(record: Record, name: str) -> date | None:
    return record.day(name) if record.has(name) else None
