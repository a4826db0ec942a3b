"""The list as XML: `Designations`, one `Designation` per party."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.sources.gb_fcdo_sanctions.party import DAYS, Party
from beholden.sources.interface import no_layout
from beholden.sources.node import Node
from beholden.sources.outline import Outline
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_NAMES = ("Name1", "Name2", "Name3", "Name4", "Name5", "Name6")
_LINES = (*(f"AddressLine{number}" for number in range(1, 7)), "AddressPostalCode")
# The indicators say the measures a second time, in words of their own.
_LEFT_OUT = (
    "LastUpdated",
    "OtherInformation",
    "UKStatementofReasons",
    "Titles",
    "PhoneNumbers",
    "SanctionsImposedIndicators",
)
_LEFT_OUT_OF_INDIVIDUAL = ("BirthDetails", "Genders", "Nationalities", "Positions")
_LEFT_OUT_OF_SHIP = (
    *("PreviousOwnerOperators", "PreviousFlags", "TypeOfShipDetails", "TonnageOfShipDetails", "LengthOfShipDetails"),
    *("YearsBuilt", "HullIdentificationNumbers"),
)


def date_generated(document: Document) -> date | None:
    """`DateGenerated`, which stands before the first designation."""
    for element in document.elements("DateGenerated", "Designation"):
        if not str(element.tag).endswith("DateGenerated"):
            return None
        printed = (element.text or "").strip()
        # A time of day, where there is one, is that of the export.
        return Record({}, document.origin(element)).as_day("DateGenerated", printed[:10], *DAYS)
    return None


def parties_of(publication: Publication, document: Document, reading: Reading) -> Iterator[Party]:
    """The parties of the file.

    Raises:
        SourceError: The root is another one, or there is no party.
    """
    tables = publication.descriptor.lookups
    seen: set[str] = set()
    is_known = False
    outline = Outline({"Designations": ("DateGenerated", "Designation")}, reading.reject)
    for element in document.elements("Designation", outline=outline):
        if not is_known:
            root = str(element.getroottree().getroot().tag).rpartition("}")[2]
            if root != "Designations":
                raise no_layout(publication, f"the root is {root}")
            is_known = True
        found: list[Party] = []
        with reading.record():
            found.append(_party(Node(element, document), tables, seen))
        yield from found
    if not is_known:
        raise no_layout(publication, "an XML file without an element Designation")


def _party(node: Node, tables: Mapping[str, Mapping[str, str]], seen: set[str]) -> Party:
    record = node.record
    key, printed = node.require("UniqueID"), node.require("IndividualEntityShip")
    if key in seen:
        raise record.error("a unique id twice", f"{key!r}; expected one designation each")
    party = Party(key, record.known("IndividualEntityShip", printed.casefold(), tables["type"]), tables)
    day = node.pop("DateDesignated")
    party.law(
        record,
        node.require("RegimeName"),
        node.pop("DesignationSource"),
        node.pop("SanctionsImposed"),
        record.as_day("DateDesignated", day, *DAYS) if day is not None else None,
    )
    party.identifier("other", node.pop("OFSIGroupID"), "OFSI Group ID")
    party.un_reference(node.pop("UNReferenceNumber"))
    _names(node, party)
    for address in node.within("Addresses", "Address"):
        party.address(address.record, [address.pop(line) for line in _LINES], address.pop("AddressCountry"))
        address.close()
    for kind, group, name in (("website", "Websites", "Website"), ("email", "EmailAddresses", "EmailAddress")):
        for value in _texts(node, group, name):
            party.identifier(kind, value)
    _details(node, party)
    node.close(_LEFT_OUT)
    seen.add(key)
    return party


def _names(node: Node, party: Party) -> None:
    # The primary name comes first, wherever the file prints it.
    names = node.within("Names", "Name")
    printed = [(name, " ".join(part for part in map(name.pop, _NAMES) if part) or None) for name in names]
    read = [(name, text, name.pop("NameType"), name.pop("AliasStrength")) for name, text in printed]
    for name, text, kind, strength in sorted(read, key=lambda item: (item[2] or "").casefold() != "primary name"):
        name.close()
        party.name(name.record, text, kind, strength)
    for script in node.within("NonLatinNames", "NonLatinName"):
        text, language = script.pop("NameNonLatinScript"), script.pop("NonLatinScriptLanguage")
        script.close(("NonLatinScriptType",))
        # The file does not say of which name it is the script.
        party.script(script.record, text, language, "alias")


def _details(node: Node, party: Party) -> None:
    for individual in node.within("IndividualDetails", "Individual"):
        for value in _texts(individual, "DOBs", "DOB"):
            party.born(value)
        for kind, group, name in (
            ("passport", "PassportDetails", "Passport"),
            ("national_id", "NationalIdentifierDetails", "NationalIdentifier"),
        ):
            for item in individual.within(group, name):
                number, note = item.pop(f"{name}Number"), item.pop(f"{name}AdditionalInformation")
                item.close()
                if number is None:
                    party.note(name, note)
                party.identifier(kind, number, note)
        individual.close(_LEFT_OUT_OF_INDIVIDUAL)
    for entity in node.within("EntityDetails", "Entity"):
        for value in _texts(entity, "BusinessRegistrationNumbers", "BusinessRegistrationNumber"):
            party.registration(value)
        for value in _texts(entity, "ParentCompanies", "ParentCompany"):
            party.note("parent company", value)
        for value in _texts(entity, "Subsidiaries", "Subsidiary"):
            party.note("subsidiaries", value)
        entity.close(("TypeOfEntities",))
    for ship in node.within("ShipDetails", "Ship"):
        for value in _texts(ship, "IMONumbers", "IMONumber"):
            party.imo(value)
        for value in _texts(ship, "CurrentOwnerOperators", "CurrentOwnerOperator"):
            party.note("current owner/operator", value)
        for value in _texts(ship, "CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip"):
            party.flag(ship.record, value)
        ship.close(_LEFT_OUT_OF_SHIP)


def _texts(node: Node, group: str, name: str) -> list[str]:
    found: list[str] = []
    for item in node.children(group):
        found += item.texts(name)
        item.close()
    return found
