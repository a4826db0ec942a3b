"""One party of the UK Sanctions List, put together from its rows or its element."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name
from beholden.sources.called import numbers_called
from beholden.sources.places import place_code
from beholden.sources.record import clean
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.interface import Publication
    from beholden.sources.record import Record

LIST = "uk-sl"
DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d")
_UNKNOWN_PART = {"dd", "mm", "00"}
_BIRTH = re.compile(r"(dd|\d\d?)/(mm|\d\d?)/(\d{4})")
_UN_REFERENCE = re.compile(r"[A-Z]{2,3}[ie]\.\d{3}")
_BETWEEN_MEASURES = re.compile(r"\||, ?(?=[A-Z-])")
_SEE = re.compile(r":? *\(? *see \"?other information\"? *\)?$")
_FREEZE = "freeze"
_QUESTION = "The entry orders {} and no asset freeze: is the act one of those?"


@dataclass(slots=True)
class Party:
    """What the list says about one unique id.

    Attributes:
        id: Unique id.
        schema: Person, Organization or Vessel.
        designated: Day of the designation, as printed.
        measures: As printed → `freeze` or `other`.
        names: Name, kind (`primary` for the one in front) and language; without repeats.
        found: Identifiers: kind and value, with a note.
    """

    id: str
    schema: str
    tables: Mapping[str, Mapping[str, str]]
    designated: date | None = None
    names: dict[tuple[str, str], str | None] = field(default_factory=dict)
    regimes: dict[str, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, None] = field(default_factory=dict)
    places: dict[str, None] = field(default_factory=dict)
    births: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    found: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def law(self, record: Record, regime: str, source: str | None, measures: str | None, day: date | None) -> None:
        """Regime, source, measures and day of a row; rows of one id say the same.

        Raises:
            UnexpectedValueError: An unknown source or measure, or another day than the rows before.
        """
        if None not in {day, self.designated} and day != self.designated:
            raise record.error("rows of one id disagree", f"designated on {day} and on {self.designated}")
        for part in (source or "").split("|"):
            word = clean(part)
            if word is not None:
                self.sources[record.known("Designation source", word.casefold(), self.tables["source"])] = None
        self.regimes[regime] = None
        self.designated = day or self.designated
        for part in _BETWEEN_MEASURES.split(measures or ""):
            measure = part.strip(" ,-")
            if measure:
                word = _SEE.sub("", measure.casefold())
                self.measures[measure] = record.known("Sanctions Imposed", word, self.tables["measure"])

    def name(self, record: Record, name: str | None, kind: str | None, strength: str | None) -> None:
        """A name with its type and strength.

        Raises:
            UnexpectedValueError: An unknown type or strength.
        """
        table = self.tables["name_type"]
        # A name without a type is taken for a primary name.
        role = "primary" if kind is None else record.known("Name type", kind.casefold(), table)
        if strength is not None:
            weakness = record.known("Alias strength", strength.casefold().rstrip("."), self.tables["strength"])
            role = weakness if role == "alias" else role
        if name is not None:
            # A second primary name is another name of the party; the first is in front.
            has_one = any(held == "primary" for _, held in self.names)
            self.names.setdefault((name, "alias" if role == "primary" and has_one else role), None)

    def script(self, record: Record, name: str | None, language: str | None, kind: str) -> None:
        """A name in its own script."""
        lang = record.known("language", language.casefold(), self.tables["language"]) if language is not None else None
        if name is not None:
            self.names.setdefault((name, kind), lang)

    def address(self, record: Record, parts: Iterable[str | None], country: str | None) -> None:
        """An address and its country."""
        printed = ", ".join(part for part in (*parts, country) if part)
        if printed:
            self.addresses[printed] = None
        # Where a person lives is no jurisdiction of theirs.
        if country is not None and self.schema == "Organization":
            self.places[place_code(record, "Address Country", country)] = None

    def flag(self, record: Record, printed: str | None) -> None:
        """The flag a ship is believed to fly; the list writes beside it what it doubts."""
        if printed is None:
            return
        try:
            self.places[place_code(record, "flag", printed)] = None
        except UnexpectedValueError:
            self.note("flag", printed)

    def born(self, printed: str | None) -> None:
        """A date of birth; `dd` and `mm` stand for what is not known."""
        if printed is None:
            return
        parts = _BIRTH.fullmatch(printed.lstrip("'"))
        if parts is None:
            self.births[printed] = None
            return
        day, month, year = parts.groups()
        if month in _UNKNOWN_PART:
            self.births[year] = None
        elif day in _UNKNOWN_PART:
            self.births[f"{year}-{month:0>2}"] = None
        else:
            self.births[f"{year}-{month:0>2}-{day:0>2}"] = None

    def identifier(self, kind: str, value: str | None, note: str | None = None, called: str = "") -> None:
        """An identifier; one whose check digits do not hold is kept as it is printed."""
        if value is None:
            return
        held = normal(kind, value)
        if held is None:
            kind, held, note = "other", value, f"{called}, check digits do not hold: {value}"
        before = self.found.get((kind, held))
        # A number that several rows print has what each says of it.
        told = [part for part in (before, note if note != before else None) if part]
        self.found[(kind, held)] = "; ".join(told) or None

    def registration(self, printed: str | None) -> None:
        """Numbers of registers; the Russian ones that the text calls by their name are read out of it."""
        self.identifier("registration", printed, "Business registration number")
        for kind, number in numbers_called(printed or ""):
            self.identifier(kind, number, called=kind.upper())

    def imo(self, printed: str | None) -> None:
        """An IMO number; those of companies are another series, whose numbers ships have too."""
        if self.schema == "Vessel":
            self.identifier("imo", printed, called="IMO number")
        else:
            self.identifier("other", printed, "IMO number of a company")

    def un_reference(self, printed: str | None) -> None:
        """Permanent reference numbers of the UN list."""
        for part in re.split(r"[;,|\s]+", printed or ""):
            if _UN_REFERENCE.fullmatch(part):
                self.identifier("un_reference", part)
            elif part:
                self.identifier("other", part, "UN Reference Number")

    def note(self, what: str, printed: str | None) -> None:
        """Something that a reader must know, as it is printed."""
        if printed is not None:
            self.notes[f"{what} as printed: {printed}"] = None

    def rows(self, publication: Publication) -> list[Row]:
        """The rows of the party."""
        entity_id = f"uk:{self.id}"
        # Two entries of the list of 2025-08-11 print no name; their listing counts all the same.
        caption = next((name for name, kind in self.names if kind == "primary"), None)
        caption = caption or next((name for name, _ in self.names), None)
        if caption is None:
            self.notes[f"the list prints no name for {self.id}"] = None
        shown = caption or self.id
        entity = Entity(
            id=entity_id,
            schema=self.schema,
            caption=shown,
            caption_kind="legal" if caption is not None else "alias",
            jurisdictions=list(self.places),
            addresses=list(self.addresses),
            birth_dates=list(self.births),
            note="; ".join(self.notes) or None,
        )
        names: list[Row] = [
            Name(entity_id=entity_id, name=name, kind=kind, lang=lang)
            for (name, kind), lang in self.names.items()
            if name != shown
        ]
        own = Identifier(entity_id=entity_id, kind="uk_reference", value=self.id)
        others = [
            Identifier(entity_id=entity_id, kind=kind, value=value, note=note)
            for (kind, value), note in self.found.items()
        ]
        return [entity, *names, own, *others, *self._listing(publication, entity_id, shown)]

    def _listing(self, publication: Publication, entity_id: str, caption: str) -> list[Row]:
        measures = ", ".join(self.measures)
        frozen = _FREEZE in self.measures.values()
        entry = Entry(
            regime_id=LIST,
            edition=publication.edition,
            entity_id=entity_id,
            listed_as=caption,
            basis=measures or None,
        )
        designation = Designation(
            id=f"{LIST}:{entity_id}",
            regime_id=LIST,
            entity_id=entity_id,
            listed_as=caption,
            basis=measures or None,
            programmes=list(self.regimes),
            citation=f"UK Sanctions List, {self.id}" + (f" ({', '.join(self.sources)})" if self.sources else ""),
            valid_from=self.designated,
            published_at=self.designated,
            # Our rule of this list is the freeze; a travel ban alone forbids no payment.
            certainty="confirmed" if frozen or not measures else "probable",
            question=None if frozen or not measures else _QUESTION.format(measures),
        )
        return [entry, designation]
