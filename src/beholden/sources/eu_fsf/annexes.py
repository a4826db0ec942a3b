"""Annexes of EU regulations as tables, one file per regulation: each row one party under one measure."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name
from beholden.sources.called import numbers_called
from beholden.sources.places import place_code
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Row
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

FREEZE, SECTORAL_RUSSIA, SECTORAL = "eu-fsf", "eu-833", "eu-sectoral"
_RUSSIA = "32014R0833"
_LAW = ("celex", "recordId", "programKey", "annex", "measure", "startDate", "schema", "name")
_NAMES = {"alias": "alias", "weakAlias": "weak", "previousName": "former"}
# Column → kind of identifier, and what the number is called there.
_NUMBERS = {
    "passportNumber": ("passport", "passport"),
    "idNumber": ("national_id", "identity number"),
    "registrationNumber": ("registration", "registration number"),
    "taxNumber": ("tax", "tax number"),
    "innCode": ("inn", "INN"),
    "ogrnCode": ("ogrn", "OGRN"),
    "kppCode": ("other", "KPP"),
    "okpoCode": ("other", "OKPO"),
    "leiCode": ("lei", "LEI"),
    "swiftBic": ("bic", "SWIFT/BIC"),
    "ticker": ("ticker", "ticker"),
    "imoNumber": ("imo", "IMO number"),
    "mmsi": ("mmsi", "MMSI"),
    "email": ("email", "e-mail"),
    "website": ("website", "website"),
}
_SAID = frozenset({"identity number", "registration number", "tax number", "KPP", "OKPO"})
# Reasons and other prose, and facts of persons and firms that no rule needs.
_LEFT_OUT = (
    *("reason", "nationality", "birthPlace", "position", "gender", "appearance", "ethnicity", "fatherName"),
    *("motherName", "incorporationDate", "legalForm", "sector", "phone", "notes"),
)
COLUMNS = frozenset((*_LAW, *_NAMES, *_NUMBERS, *_LEFT_OUT, "country", "jurisdiction", "flag", "birthDate", "address"))
_CELEX = re.compile(r"3(\d{4})[A-Z](\d{4})")
_DAYS = ("%d.%m.%Y", "%d %B %Y", "%d %b. %Y", "%d %b %Y", "%Y-%m-%d")
_LEADING = {
    "inn": re.compile(r"\W*(\d{12}|\d{10})(?!\d)"),
    "ogrn": re.compile(r"\W*(\d{15}|\d{13})(?!\d)"),
}
_PART_OF_DAY = re.compile(r"\d{4}(?:-\d\d)?")


def is_annex(document: Document) -> bool:
    """Whether a file has the columns of an annex."""
    for _, cells in document.rows():
        return frozenset(cells) == COLUMNS and len(cells) == len(COLUMNS)
    return False


def annex_rows(publication: Publication, reading: Reading) -> Iterator[Row]:
    """Rows of every file; the lists that the files hold parts of, or all, come last."""
    seen: dict[str, set[str]] = {}
    lists: dict[str, bool] = {}
    for document in publication.documents:
        before, here = reading.rejects, set[str]()
        for record in document.records(required=_LAW):
            rows: list[Row] = []
            with reading.record():
                rows = _Party(publication, record).rows(seen)
            here.update(row.regime_id for row in rows if isinstance(row, Entry))
            yield from rows
        # The annexes of 833/2014 are a list of their own, whole in their file. Of the consolidated list and of the
        # other regulations a file is a part: absence from it says nothing.
        for regime in here:
            lists[regime] = regime == SECTORAL_RUSSIA and reading.rejects == before
    for regime, is_complete in sorted(lists.items()):
        yield Edition(
            regime_id=regime,
            date=publication.edition,
            is_complete=is_complete,
            title=f"annexes of EU regulations as consolidated on {publication.edition}",
        )


class _Party:
    """One row."""

    def __init__(self, publication: Publication, record: Record) -> None:
        self.publication = publication
        self.tables = publication.descriptor.lookups
        self.record = record

    def rows(self, seen: dict[str, set[str]]) -> list[Row]:
        record = self.record
        celex, annex, name = record.require("celex"), record.pop("annex"), record.require("name")
        if _CELEX.fullmatch(celex) is None:
            raise record.error("no CELEX number", f"{celex!r}; expected one like 32014R0269")
        printed = record.pop("recordId")
        schema = record.known("schema", record.require("schema"), self.tables["schema"])
        measure = record.require("measure")
        # Where the annex prints no number its rows are told apart by name. Numbers begin again where one heading has
        # persons and entities, or vessels and their owners, apart.
        self.id = f"eu_fsf:{celex}/{annex or ''}/{printed or _slug(name)}"
        if seen.get(self.id, {schema}).isdisjoint({schema}):
            self.id = f"{self.id}/{schema}"
        if measure in seen.get(self.id, ()):
            raise record.error("an entry twice", f"{self.id!r} under {measure!r}; expected one row each")
        is_new = self.id not in seen
        listing = self._listing(celex, annex, printed, measure, name, "" if is_new else f":{_slug(measure)}")
        entity, others = self._entity(schema, name), self._others(schema)
        record.close(_LEFT_OUT)
        seen.setdefault(self.id, set()).update({schema, measure})
        # An entry under two measures is one party.
        return [entity, *others, *listing] if is_new else listing

    def _values(self, column: str) -> list[str]:
        """Values of a cell that holds several: `a; "b; c"` are two."""
        printed = self.record.pop(column)
        if printed is None:
            return []
        try:
            (cells,) = csv.reader([printed], delimiter=";", skipinitialspace=True, strict=True)
        except (csv.Error, ValueError):
            # A quotation mark inside a value, which the rows of some files leave undoubled.
            cells = printed.split(";")
        return list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))

    def _entity(self, schema: str, name: str) -> Entity:
        places: dict[str, None] = {}
        for column in ("jurisdiction", "flag"):
            for printed in self._values(column):
                places[place_code(self.record, column, printed, self.tables["place"])] = None
        # A country that the act only connects with the party is no place of registration.
        countries = self._values("country")
        return Entity(
            id=self.id,
            schema=schema,
            caption=name,
            jurisdictions=list(places),
            addresses=self._values("address"),
            birth_dates=[_birth(printed) for printed in self._values("birthDate")],
            note=f"country as printed: {'; '.join(countries)}" if countries and schema != "Person" else None,
        )

    def _others(self, schema: str) -> list[Row]:
        found: list[Row] = []
        for column, kind in _NAMES.items():
            found += [Name(entity_id=self.id, name=name, kind=kind) for name in self._values(column)]
        numbers: dict[tuple[str, str], Identifier] = {}
        for column, (kind, called) in _NUMBERS.items():
            for printed in self._values(column):
                for row in self._number(kind, called, printed, schema):
                    numbers.setdefault((row.kind, row.value), row)
        return [*found, *numbers.values()]

    def _number(self, kind: str, called: str, printed: str, schema: str) -> list[Identifier]:
        if kind == "national_id" and schema != "Person":
            kind = "registration"
        if kind == "imo" and schema != "Vessel":
            # Numbers of companies are another series, whose numbers ships have too.
            kind, called = "other", "IMO number of a company"
        note = called if kind == "other" or called in _SAID else None
        leading = _LEADING[kind].match(printed) if kind in _LEADING else None
        if leading is not None and leading[1] != printed:
            # More is printed beside it: `7730239877, KPP 773001001`.
            note, printed = printed, leading[1]
        value = normal(kind, printed)
        if value is None:
            kind, value, note = "other", printed, f"{called}, check digits do not hold: {printed}"
        found = [Identifier(entity_id=self.id, kind=kind, value=value, note=note)]
        if kind in {"registration", "tax"}:
            for other, number in numbers_called(printed):
                held = normal(other, number)
                if held is not None:
                    found.append(Identifier(entity_id=self.id, kind=other, value=held, note=printed))
        return found

    def _listing(
        self, celex: str, annex: str | None, entry: str | None, measure: str, name: str, suffix: str
    ) -> list[Row]:
        record = self.record
        regime = record.known("measure", measure, self.tables["measure"])
        if regime == SECTORAL and celex == _RUSSIA:
            regime = SECTORAL_RUSSIA
        since, note = self._start()
        where = ", ".join(
            part for part in (celex, f"annex {annex}" if annex else "", f"entry {entry}" if entry else "") if part
        )
        designation = Designation(
            id=f"{regime}:{self.id}{suffix}",
            regime_id=regime,
            entity_id=self.id,
            listed_as=name,
            basis=measure,
            programmes=[record.require("programKey")],
            citation=f"CELEX {where}",
            valid_from=since,
            published_at=since,
            note=note,
        )
        entry_row = Entry(
            regime_id=regime,
            edition=self.publication.edition,
            entity_id=self.id,
            listed_as=name,
            basis=f"{measure}, {where}",
        )
        return [entry_row, designation]

    def _start(self) -> tuple[date | None, str | None]:
        printed = self.record.pop("startDate")
        if printed is None:
            return None, None
        if _PART_OF_DAY.fullmatch(printed):
            return None, f"listed in {printed}; the act prints no day"
        return self.record.as_day("startDate", printed, *_DAYS), None


def _birth(printed: str) -> str:
    """A date of birth in ISO form where it is one day or year; otherwise as the act prints it."""
    for pattern in _DAYS:
        try:
            return datetime.strptime(printed, pattern).date().isoformat()  # noqa: DTZ007 (a day)
        except ValueError:
            continue
    return printed


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.casefold()).split())
