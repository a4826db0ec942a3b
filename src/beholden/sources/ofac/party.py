"""A party as OFAC prints it, whatever the layout, and the rows it becomes."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Designation, Entity, Entry, Identifier, Name, Row
from beholden.sources.ofac import kinds
from beholden.sources.record import clean
from beholden.values.identifiers import GLOBAL, KINDS, normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from beholden.sources.interface import Publication, Reading
    from beholden.sources.record import Record

_DAY = ("%d %b %Y", "%d %B %Y", "%Y-%m-%d", "%m/%d/%Y")
_DATED = re.compile(r"(Effective|Listing|Purchase/Sales For Divestment) Date \((.*)\)$")
_YEAR, _MONTH = re.compile(r"\d{4}$"), re.compile(r"[A-Z][a-z]{2} \d{4}$")
_FULL = re.compile(r"\d{2} [A-Z][a-z]{2} \d{4}$")
_IMO = re.compile(r"(?:IMO[ :]*)?(\d{7})$")
_CMIC = "CMIC"
_CURRENCY = "Digital Currency Address"
_WALLET = re.compile(r"([A-Z0-9]{2,10}) (\S{6,})$")


@dataclass(slots=True)
class Dated:
    """Days that OFAC prints for an entry under one order or directive."""

    effective: date | None = None
    listing: date | None = None
    divestment: date | None = None


@dataclass(slots=True)
class Party:
    """One entry.

    Attributes:
        record: Where it was read, for errors.
        uid: OFAC's number of the party.
        schema: Of the entity.
        caption: The primary name.
        programmes: Tags, as printed.
        lists: Lists that it is on → the day that the file prints for that.
        names: Others, with kind and language.
        registered: Where it is registered or under which flag, as codes.
        seats: Countries of its addresses, as codes.
        dated: Days by what they are about, such as `CMIC`.
        places: What the file itself says about its names of places.
        holdings: Pairs of numbers: who owns or controls whom, without a share.
        problems: Items that could not be read; the party still counts.
        is_cut: What the file prints about it ends in the middle, so that days may be missing.
    """

    record: Record
    uid: str
    schema: str
    caption: str
    programmes: list[str] = field(default_factory=list)
    lists: dict[str, date | None] = field(default_factory=dict)
    names: dict[tuple[str, str, str | None], None] = field(default_factory=dict)
    identifiers: dict[tuple[str, str, str | None], None] = field(default_factory=dict)
    registered: dict[str, None] = field(default_factory=dict)
    seats: dict[str, None] = field(default_factory=dict)
    addresses: dict[str, None] = field(default_factory=dict)
    births: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    dated: dict[str, Dated] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    holdings: dict[tuple[str, str], None] = field(default_factory=dict)
    problems: list[UnexpectedValueError] = field(default_factory=list)
    is_cut: bool = False

    @property
    def entity_id(self) -> str:
        """Id that every publication of OFAC's parties shares."""
        return f"ofac:{self.uid}"

    def name(self, name: str, kind: str, lang: str | None = None) -> None:
        """Add another name."""
        if name != self.caption:
            self.names[name, kind, lang] = None

    def address(self, parts: Iterable[str | None], country: str | None) -> None:
        """Add an address as it is printed, and the word for its country."""
        shown = clean(", ".join(part for part in (*parts, country) if part and part != "undetermined"))
        if shown:
            self.addresses[shown] = None

    def feature(self, label: str, value: str) -> None:
        """Do with a feature of an XML file what the table says.

        Raises:
            UnexpectedValueError: The table does not have it, or the value is none of its kind.
        """
        if label.startswith(_CURRENCY):
            label, value = _CURRENCY, f"{label.removeprefix(_CURRENCY).strip(' -')} {value}"
        self.take(*self._known("feature", label), value)

    def document(self, label: str, number: str | None, place: str | None, code: str | None, *, is_valid: bool) -> None:
        """Add an identity document or registration of an XML file.

        Raises:
            UnexpectedValueError: The table does not have it, or it is no kind of number.
        """
        known, what = self._known("identity document", label)
        if what not in KINDS and what not in {"vessel", "ignored"}:
            raise self.record.error("a feature as an identity document", repr(label))
        if number is None:
            self.notes[f"{known} without a number"] = None
            return
        if not is_valid:
            self.notes[f"{known} {number} is called not valid"] = None
        self.take(known, what, number, place, code)

    def _known(self, field: str, label: str) -> tuple[str, str]:
        found = kinds.item(label)
        if found is None:
            raise self.record.error(f"unknown {field}", f"{label!r}; expected a label of sources/ofac/kinds.toml")
        return found

    def take(self, label: str, what: str, value: str, place: str | None = None, code: str | None = None) -> None:
        """Do with a labelled value what the table says.

        Args:
            label: As the table writes it.
            what: See `kinds.toml`.
            value: As printed.
            place: Who issued it, as printed.
            code: Code of that place.

        Raises:
            UnexpectedValueError: The value is none of its kind.
        """
        match what:
            case "ignored":
                pass
            case "note":
                self.notes[f"{label}: {value}"] = None
            case "alias":
                self.name(value, "alias")
            case "birth":
                self.births[_birth(self.record, value)] = None
            case "country":
                found = kinds.place(self.record, label, value, self.places)
                if found:
                    self.registered[found] = None
            case "target":
                self.schema = self.record.known(label, value, kinds.table("targets")) or self.schema
            case "date":
                self._day(label, value)
            case "wallet":
                self._wallet(value)
            case _:
                self._identifier(label, what, value, place)
                if code and what in {"registration", "uscc", "ogrn"}:
                    self.registered[code] = None

    def _day(self, label: str, value: str) -> None:
        found = _DATED.match(label)
        assert found is not None
        days = self.dated.setdefault(found[2], Dated())
        which = {"E": "effective", "L": "listing", "P": "divestment"}[label[0]]
        day = self.record.as_day(label, value, *_DAY)
        if getattr(days, which) not in (None, day):
            raise self.record.error(f"{label} twice", f"{value!r} and {getattr(days, which)}")
        setattr(days, which, day)

    def _wallet(self, value: str) -> None:
        found = _WALLET.match(value)
        if found is None:
            raise self.record.error("no virtual currency address", f"{value!r}; expected a currency and an address")
        self.identifiers["crypto_wallet", found[2], found[1]] = None

    def _identifier(self, label: str, kind: str, value: str, place: str | None) -> None:
        said = "; ".join(part for part in (place, label) if part)
        imo = _IMO.match(value) if kind == "vessel" or value.startswith("IMO") else None
        if kind == "vessel" or (imo and self.schema == "Vessel"):
            kind, value = ("imo", imo[1]) if imo else ("registration", value)
        elif imo:
            # A shipowner's number at the IMO; its check digit is another one than that of ships.
            kind, value, said = "registration", imo[1], f"IMO; {label}"
        kind = _kind_in(kind, value, place)
        shown = normal(kind, value)
        if shown is None:
            self.identifiers["other", value, f"{said}, check digits do not hold: {value}"] = None
        else:
            self.identifiers[kind, shown, None if kind in GLOBAL else said] = None

    def rows(self, publication: Publication) -> Iterator[Row]:
        """The rows of the party."""
        yield Entity(
            id=self.entity_id,
            schema=self.schema,
            caption=self.caption,
            jurisdictions=[] if self.schema == "Person" else list({**self.registered, **self.seats}),
            addresses=list(self.addresses),
            birth_dates=list(self.births),
            note="; ".join(self.notes) or None,
        )
        for name, kind, lang in self.names:
            yield Name(entity_id=self.entity_id, name=name, kind=kind, lang=lang)
        for kind, value, note in self.identifiers:
            yield Identifier(entity_id=self.entity_id, kind=kind, value=value, note=note)
        yield Identifier(entity_id=self.entity_id, kind="ofac_uid", value=self.uid)
        basis = "; ".join(self.programmes) or None
        for regime_id, day in self.lists.items():
            yield Entry(
                regime_id=regime_id,
                edition=publication.edition,
                entity_id=self.entity_id,
                listed_as=self.caption,
                basis=basis,
            )
            yield from self._designations(regime_id, day)

    def check_days(self) -> None:
        """Add a problem for an entry of which the file does not print the day of effect where it always does."""
        if self.is_cut:
            return
        about = kinds.table("dates")
        expected = {what for what in self.dated if about[what] in self.lists}
        expected |= {_CMIC} if about[_CMIC] in self.lists else set()
        for what in sorted(expected):
            if what not in self.dated or self.dated[what].effective is None:
                why = f"{self.uid}; expected Effective Date ({what})"
                self.problems.append(self.record.error("no day on which an entry takes effect", why))

    def _designations(self, regime_id: str, day: date | None) -> Iterator[Designation]:
        """Entries with the days that the file prints; where it prints none, there is none."""
        about = kinds.table("dates")
        found = False
        for what, days in self.dated.items():
            if about[what] != regime_id:
                continue
            found = True
            if days.effective is None:
                continue  # the day of listing is another one
            until = f"; purchase or sale to divest until {days.divestment}" if days.divestment else ""
            yield self._designation(
                regime_id,
                "" if what == _CMIC else f":{what.replace(' ', '-').lower()}",
                days.effective,
                days.listing or day,
                f"{what}, listed {days.listing}{until}" if days.listing else f"{what}{until}",
            )
        if not found and day is not None:
            yield self._designation(regime_id, "", day, day, None)

    def _designation(
        self, regime_id: str, suffix: str, valid_from: date | None, published_at: date | None, note: str | None
    ) -> Designation:
        return Designation(
            id=f"{regime_id}:{self.entity_id}{suffix}",
            regime_id=regime_id,
            entity_id=self.entity_id,
            listed_as=self.caption,
            basis="; ".join(self.programmes) or None,
            programmes=self.programmes,
            valid_from=valid_from,
            published_at=published_at,
            note=note,
        )


@dataclass(slots=True)
class Progress:
    """What became of the records so far.

    Attributes:
        reading: Counts them.
        lost: Parties, or parts of the file that may be of one, that could not be read: a copy without them is no
            complete one.
    """

    reading: Reading
    lost: int = 0

    @contextmanager
    def party(self) -> Iterator[None]:
        """A context for one party, see `Reading.record`."""
        before = self.reading.rejects
        with self.reading.record():
            yield
        self.lost += self.reading.rejects - before

    def unknown(self, error: UnexpectedValueError) -> None:
        """Count an element that is not known where parties are: it may be one."""
        self.reading.reject(error)
        self.lost += 1

    @contextmanager
    def item(self, *, is_listing: bool = False) -> Iterator[None]:
        """A context for a part of a party that stands by itself; it is counted only where it cannot be read.

        Args:
            is_listing: Without it the party would be missing from its list.
        """
        try:
            yield
        except UnexpectedValueError as error:
            self.reading.reject(error)
            self.lost += is_listing


def party_number(record: Record, printed: str) -> str:
    """OFAC's number of a party.

    Raises:
        UnexpectedValueError: It has other characters than the ten digits.
    """
    if not (printed.isascii() and printed.isdigit()):
        raise record.error("no number of a party", repr(printed))
    return printed


def _kind_in(kind: str, value: str, place: str | None) -> str:
    """The national kind of a number, where place and check digits say so."""
    if place != "Russia" or not (value.isascii() and value.isdigit()):
        return kind
    if kind == "tax" and len(value) in {10, 12} and normal("inn", value):
        return "inn"
    if kind == "registration" and len(value) in {13, 15}:
        body, modulus = int(value[:-1]), 11 if len(value) == 13 else 13
        return "ogrn" if body % modulus % 10 == int(value[-1]) else kind
    return kind


def _birth(record: Record, value: str) -> str:
    if _YEAR.match(value):
        return value
    if _MONTH.match(value):
        return record.as_day("date of birth", f"01 {value}", "%d %b %Y").strftime("%Y-%m")
    if _FULL.match(value):
        return record.as_day("date of birth", value, "%d %b %Y").isoformat()
    return value  # such as `circa 1955` or `1955 to 1958`


def programme_tags(record: Record, printed: str) -> list[str]:
    """Tags of programmes, which the comma-separated files print as `A] [B`.

    Raises:
        UnexpectedValueError: One of them is no tag.
    """
    tags = [tag for tag in (clean(part) for part in re.split(r"[\[\];]", printed)) if tag]
    for tag in tags:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ()./-]{1,40}", tag):
            raise record.error("no programme tag", f"{tag!r}; expected such as CYBER2 or IRAN-EO13902")
    if not tags:
        raise record.error("no programme", "expected at least one tag")
    return tags
