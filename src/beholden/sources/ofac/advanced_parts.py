"""Parts of the advanced layout: reference values, locations, names and periods."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from beholden.sources.ofac import kinds

if TYPE_CHECKING:
    from beholden.sources.ofac.nodes import Node

_ADDRESS = ("ADDRESS1", "ADDRESS2", "ADDRESS3", "CITY", "STATE/PROVINCE", "POSTAL CODE", "REGION", "Unknown")
_FIXED = ("YearFixed", "MonthFixed", "DayFixed")
# Attributes of the reference values that are read.
_READ = {
    "Country": {"ID", "ISO2"},
    "AreaCode": {"ID", "CountryID", "Description", "AreaCodeTypeID"},
    "PartySubType": {"ID", "PartyTypeID"},
}
# Script of several languages.
SEVERAL = "?"


@dataclass(slots=True)
class References:
    """Reference values of the file: set → number → text."""

    sets: dict[str, dict[str, str]] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    def read(self, node: Node) -> None:
        """Take the sets.

        Raises:
            UnexpectedValueError: An attribute that is not known, of a value of which more than the text is read.
        """
        strange: dict[str, str] = {}
        for group in node.element:
            for value in group:
                name = str(value.tag).rpartition("}")[2]
                number, text = value.get("ID"), " ".join((value.text or "").split())
                if number is None:
                    continue  # such as a comment in a set
                self.sets.setdefault(name, {})[number] = text
                if name == "Country":
                    self.countries[text] = (value.get("ISO2") or "").lower()
                elif name == "AreaCode":
                    self.areas[number] = value.get("Description") or ""
                elif name == "PartySubType":
                    self.parents[number] = value.get("PartyTypeID") or ""
                if name in _READ:
                    strange |= {str(key): name for key in value.attrib if str(key) not in _READ[name]}
        # The sets are read all the same: every party needs them.
        for key, name in strange.items():
            raise node.record.error(f"unknown attribute of {name}", key)

    def text(self, node: Node, kind: str, number: str) -> str:
        """What a number stands for.

        Raises:
            UnexpectedValueError: The set does not have it.
        """
        found = self.sets.get(kind, {}).get(number)
        if not found:
            raise node.record.error(f"unknown {kind}", f"{number!r} is not among the reference values of the file")
        return found

    def party_type(self, node: Node, number: str) -> str:
        """The type of a party; its subtype, where that says more."""
        found = self.text(node, "PartySubType", number)
        return self.text(node, "PartyType", self.parents.get(number, "")) if found == "Unknown" else found

    def detail(self, node: Node) -> str | None:
        """The value of a feature that is a text or a reference value."""
        number = node.attribute("DetailReferenceID")
        node.close(attributes=("DetailTypeID",))
        return self.text(node, "DetailReference", number) if number else node.own()


@dataclass(frozen=True, slots=True)
class Place:
    """A location: its country as printed and as a code, and its parts in each script."""

    country: str | None
    code: str | None
    addresses: tuple[tuple[str | None, ...], ...]


def place_of(references: References, node: Node) -> Place:
    """A location.

    Raises:
        UnexpectedValueError: A part or a country that is not known.
    """
    printed: list[str] = []
    for item in node.all("LocationCountry"):
        printed.append(references.text(item, "Country", item.need("CountryID")))
        item.close(attributes=("CountryRelevanceID",))
    areas: list[str] = []
    for item in node.all("LocationAreaCode"):
        areas.append(references.areas.get(item.need("AreaCodeID"), ""))
        item.close()
    country = next(filter(None, (*printed, *areas)), None)
    spellings: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for part in node.all("LocationPart"):
        kind = references.text(part, "LocPartType", part.need("LocPartTypeID"))
        if kind not in _ADDRESS:
            raise node.record.error("unknown part of a location", f"{kind!r}; expected one of {', '.join(_ADDRESS)}")
        for value in part.all("LocationPartValue"):
            text, is_primary = value.text("Value"), value.truth("Primary", value.need("Primary"))
            # The primary value is in Latin script; others are in the script that the comment names.
            if text:
                spellings[not is_primary][kind] = text
            value.close(ignore=("Comment",), attributes=("LocPartValueTypeID", "LocPartValueStatusID"))
        part.close()
    node.close(ignore=("Comment", "FeatureVersionReference", "IDRegDocumentReference"))
    code = kinds.place(node.record, "LocationCountry", country, references.countries) if country else None
    addresses = [tuple(found.get(kind) for kind in _ADDRESS) for found in spellings if found]
    return Place(country, code, tuple(addresses) or ((),))


def full_name(references: References, node: Node, groups: dict[str, str]) -> tuple[str, str]:
    """A name as OFAC prints it, `LAST, First`, and its language: empty for Latin script, `?` where it is not known.

    Raises:
        UnexpectedValueError: No parts, or a script or part that is not known.
    """
    last: list[str] = []
    rest: list[str] = []
    lang = ""
    for part in node.all("DocumentedNamePart"):
        for value in part.all("NamePartValue"):
            text, script, number = value.own(), value.attribute("ScriptID"), value.attribute("NamePartGroupID")
            value.close(attributes=("ScriptStatusID", "Acronym"))
            if script:
                printed = references.text(value, "Script", script)
                known = node.record.known("script", printed, kinds.table("scripts"))
                lang = "" if printed == "Latin" else known or SEVERAL
            if text:
                # A group that the file does not describe is no last name.
                (last if groups.get(number or "") == "Last Name" else rest).append(text)
        part.close()
    node.close(ignore=("Comment",), attributes=("DocNameStatusID",))
    name = ", ".join(filter(None, (" ".join(last), " ".join(rest))))
    if not name:
        raise node.record.error("a name without a part", f"DocumentedName {node.attribute('ID')}")
    return name, lang


def event_day(node: Node) -> date:
    """A day in three elements.

    Raises:
        UnexpectedValueError: One is missing, or there is no such day.
    """
    parts = [node.require(name) for name in ("Year", "Month", "Day")]
    node.close(attributes=("CalendarTypeID",))
    return node.record.as_day(node.name, "-".join(parts), "%Y-%m-%d")


def period(node: Node) -> str:
    """A period as OFAC prints it elsewhere: `23 Nov 1962`, `1962`, `circa 1962`, `1962 to 1964`."""
    starts, ends = list(node.all("Start")), list(node.all("End"))
    node.close(ignore=("Comment", "DurationMinimum", "DurationMaximum"), attributes=("CalendarTypeID", *_FIXED))
    if not starts:
        raise node.record.error("a period without a start", node.name)
    about = [item.truth("Approximate", item.attribute("Approximate")) for item in (*starts, *ends)]
    bounds = [event_day(day) for item in (*starts, *ends) for name in ("From", "To") for day in item.all(name)]
    for item in (*starts, *ends):
        item.close(attributes=_FIXED)
    if not bounds:
        raise node.record.error("a period without a day", node.name)
    first, last = min(bounds), max(bounds)
    if first == last:
        shown = first.strftime("%d %b %Y")
    elif (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        shown = str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
    elif first.day == 1 and (last + timedelta(1)).day == 1 and (first.year, first.month) == (last.year, last.month):
        shown = first.strftime("%b %Y")
    else:
        shown = f"{first:%d %b %Y} to {last:%d %b %Y}"
    return f"circa {shown}" if any(about) else shown
