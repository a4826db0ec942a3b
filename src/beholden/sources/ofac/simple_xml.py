"""SDN.XML and CONSOLIDATED.XML: one element per party, with everything numbered and dated among the identity documents.

Namespace and schema: https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.sources.ofac import kinds
from beholden.sources.ofac.lists import list_by_programme
from beholden.sources.ofac.nodes import Node, node_of, root_of
from beholden.sources.ofac.party import Party, party_number
from beholden.sources.ofac.remarks import items
from beholden.sources.outline import Outline
from beholden.values.identifiers import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication
    from beholden.sources.ofac.party import Progress

_ADDRESS = ("address1", "address2", "address3", "city", "stateOrProvince", "postalCode", "region")
# What identifies a person further, which no rule needs.
_PERSONAL = ("title", "nationalityList", "citizenshipList", "placeOfBirthList")


def fits(document: Document) -> str | None:
    """The name of the layout, if the file has it."""
    return "simple-xml" if root_of(document) == "sdnList" else None


def printed_date(document: Document) -> date | None:
    """The day of publication."""
    for element in document.elements("Publish_Date"):
        node = node_of(document, element)
        return node.record.as_day("Publish_Date", node.own() or "", "%m/%d/%Y")
    return None


def read(publication: Publication, progress: Progress) -> Iterator[Party]:
    """Parties of the file; those that cannot be read are counted."""
    document = publication.documents[0]
    seen: set[str] = set()
    count, said = 0, None
    # The name of the element is spelt so in the schema.
    outline = Outline({"sdnList": ("publshInformation", "sdnEntry")}, progress.unknown)
    for element in document.elements("publshInformation", "sdnEntry", outline=outline):
        node = node_of(document, element)
        if node.name == "publshInformation":
            said = node.text("Record_Count")
            continue
        count += 1
        found: list[Party] = []
        with progress.party():
            party = _party(publication, node)
            if party.uid in seen:
                raise node.record.error("the same number twice", party.uid)
            found.append(party)
        for party in found:
            seen.add(party.uid)
            yield party
    if said is not None and said != str(count):
        progress.lost += 1
        progress.reading.notes.append(f"the file says that it has {said} entries; it has {count}")


def _party(publication: Publication, node: Node) -> Party:
    record = node.record
    uid, kind = party_number(record, node.require("uid")), node.require("sdnType").lower()
    party = Party(record, uid, record.known("sdnType", kind, kinds.table("types")), _name(node))
    for item in node.within("programList", "program"):
        party.programmes += filter(None, [item.own()])
        item.close()
    for text in items(node.text("remarks") or ""):
        known = kinds.labelled(text)
        if known is None or known[1] != "ignored":
            party.notes[text] = None
    for read_one, outer, inner in (
        (_document, "idList", "id"),
        (_alias, "akaList", "aka"),
        (_address, "addressList", "address"),
        (_birth, "dateOfBirthList", "dateOfBirthItem"),
    ):
        for item in node.within(outer, inner):
            try:
                read_one(party, item)
            except UnexpectedValueError as error:
                party.problems.append(error)
    for vessel in node.all("vesselInfo"):
        _vessel(party, vessel)
    node.close(ignore=_PERSONAL)
    list_by_programme(publication, party)
    return party


def _name(node: Node) -> str:
    last, first = node.text("lastName"), node.text("firstName")
    name = ", ".join(part for part in (last, first) if part)
    if not name:
        raise node.record.error("no name", f"in {node.name}")
    return name


def _document(party: Party, node: Node) -> None:
    label, number, country = node.require("idType"), node.text("idNumber"), node.text("idCountry")
    node.close(ignore=("uid", "issueDate", "expirationDate"))
    known = kinds.item(label)
    if known is not None and (known[1] in KINDS or known[1] == "vessel"):
        code = kinds.place(party.record, "idCountry", country) if country else None
        party.document(label, number, country, code, is_valid=True)
    elif number or country:
        party.feature(label, number or country or "")
    elif known is None or known[1] != "ignored":
        raise party.record.error("a feature without a value", label)


def _alias(party: Party, node: Node) -> None:
    alias, category = node.text("type"), node.text("category")
    name = _name(node)
    node.close(ignore=("uid",))
    kind = party.record.known("type of alias", alias.lower(), kinds.table("aliases")) if alias else "alias"
    weak = party.record.known("category", category, {"strong": "", "weak": "weak"}) if category else ""
    party.name(name, weak or kind)


def _address(party: Party, node: Node) -> None:
    parts = [node.text(name) for name in _ADDRESS]
    country = node.text("country")
    node.close(ignore=("uid", "mainEntry"))
    code = kinds.place(party.record, "country", country) if country else None
    if code:
        party.seats[code] = None
    party.address(parts, country)


def _birth(party: Party, node: Node) -> None:
    value = node.require("dateOfBirth")
    node.close(ignore=("uid", "mainEntry"))
    party.feature("DOB", value)


def _vessel(party: Party, node: Node) -> None:
    sign, flag, owner = node.text("callSign"), node.text("vesselFlag"), node.text("vesselOwner")
    node.close(ignore=("vesselType", "tonnage", "grossRegisteredTonnage"))
    for label, value in (("Vessel Call Sign", sign), ("Vessel Flag", flag), ("Vessel Owner", owner)):
        if value:
            party.feature(label, value)
