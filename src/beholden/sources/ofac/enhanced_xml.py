"""ENHANCED_XML of the Sanctions List Service: one element per party, with the day that each list printed it.

Namespace and schema: https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ENHANCED_XML
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.sources.interface import no_layout
from beholden.sources.ofac import kinds
from beholden.sources.ofac.lists import list_by_name
from beholden.sources.ofac.nodes import Node, node_of, root_of
from beholden.sources.ofac.party import Party, party_number
from beholden.sources.ofac.remarks import items
from beholden.sources.outline import Outline
from beholden.sources.record import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from lxml.etree import _Element

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication
    from beholden.sources.ofac.party import Progress
    from beholden.sources.record import Record

_GROUPS = {
    "sanctionsData": ("publicationInfo", "referenceValues", "featureTypes", "entities"),
    "referenceValues": ("referenceValue",),
    "featureTypes": ("featureType",),
    "entities": ("entity",),
}
_ADDRESS = ("ADDRESS1", "ADDRESS2", "ADDRESS3", "CITY", "STATE/PROVINCE", "POSTAL CODE", "REGION")
# Of the party: its title, and what OFAC says about its life and its ties to the United States.
_GENERAL = ("identityId", "title", "livingStatus", "isUsCitizen", "isUsPerson")
# Of an identity document: whose name it bears, who issued it from when to when.
_DOCUMENT = (
    "name", "issuingAuthority", "issuingLocation", "issueDate", "expirationDate", "comments", "idFeatures",
)  # fmt: skip
# Relations that say who holds or controls whom; the others say something else.
_OWNED_BY, _OWNS = "Owned or Controlled By", "Owns, controls, or operates"
_OTHERS = frozenset(
    {"Associate Of", "Providing support to", "Acting for or on behalf of", "Family member of"}
    | {"playing a significant role in", "Leader or official of", "Principal Executive Officer"}
    | {"Property in the interest of"}
)


def fits(document: Document) -> str | None:
    """The name of the layout, if the file has it."""
    return "enhanced-xml" if root_of(document) == "sanctionsData" else None


def printed_date(document: Document) -> date | None:
    """The day as of which the data are."""
    for element in document.elements("publicationInfo"):
        return _as_of(node_of(document, element))
    return None


def _as_of(info: Node) -> date:
    return info.record.as_day("dataAsOf", info.require("dataAsOf"), "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


def read(publication: Publication, progress: Progress) -> Iterator[Party]:
    """Parties of the file; those that cannot be read are counted.

    Raises:
        SourceError: It is an extract, or the copy of other lists.
    """
    document = publication.documents[0]
    countries: dict[str, str] = {}
    seen: set[str] = set()
    outline = Outline(_GROUPS, progress.unknown)
    for element in document.elements("publicationInfo", "referenceValue", "entity", outline=outline):
        node = node_of(document, element)
        if node.name == "publicationInfo":
            _check_filters(publication, node)
        elif node.name == "referenceValue":
            if node.text("type") == "COUNTRY":
                with progress.item():
                    countries[node.require("value")] = (node.text("isoCode") or "").lower()
                    node.close(ignore=("code",))
        else:
            found: list[Party] = []
            with progress.party():
                party = _party(publication, node, countries)
                if party.uid in seen:
                    raise node.record.error("the same number twice", party.uid)
                found.append(party)
            for party in found:
                seen.add(party.uid)
                yield party


def _check_filters(publication: Publication, info: Node) -> None:
    """Refuse an extract: who is missing from it is not delisted."""
    names: set[str] = set()
    programmes: list[str] = []
    for filters in info.all("filters"):
        names.update(item.own() or "" for item in filters.within("sanctionsLists", "sanctionsList"))
        programmes += [item.own() or "" for item in filters.within("sanctionsPrograms", "sanctionsProgram")]
        filters.close()
    wanted = publication.descriptor.lookup("publications")
    # A file that is not restricted to lists, or has more than ours, is whole for ours.
    if programmes or (names and not names & wanted.keys()):
        shown = ", ".join([*sorted(names), *programmes])
        why = f"the file is filtered by {shown}; expected {', '.join(wanted)}"
        raise no_layout(publication, why, info.record.origin)


def _party(publication: Publication, node: Node, countries: dict[str, str]) -> Party:
    record = node.record
    general = next(node.all("generalInfo"), None)
    if general is None:
        raise record.error("no generalInfo", f"in entity {node.attribute('id')}")
    kind = general.require("entityType").lower()
    names = list(node.within("names", "name"))
    caption = _primary(record, [name.element for name in names])
    uid = party_number(record, node.need("id"))
    party = Party(record, uid, record.known("entityType", kind, kinds.table("types")), caption)
    party.places = countries
    for text in items(general.text("remarks") or ""):
        known = kinds.labelled(text)
        if known is None or known[1] != "ignored":
            party.notes[text] = None
    general.close(ignore=_GENERAL)
    lists = list(node.within("sanctionsLists", "sanctionsList"))
    if not lists:
        raise record.error("a party without a list", f"entity {uid}; expected sanctionsLists")
    for item in lists:
        day = item.attribute("datePublished")
        list_by_name(publication, party, item.own() or "", record.as_day("datePublished", day) if day else None)
        _try(party, _dated, item)
    for tag in node.within("sanctionsPrograms", "sanctionsProgram"):
        party.programmes.append(tag.own() or "")
        tag.close()
    for each, what in (
        *((_name, item) for item in names),
        *((_address, item) for item in node.within("addresses", "address")),
        *((_feature, item) for item in node.within("features", "feature")),
        *((_document, item) for item in node.within("identityDocuments", "identityDocument")),
        *((_relation, item) for item in node.within("relationships", "relationship")),
    ):
        _try(party, each, what)
    # Types and authorities say by which order a programme was made; the tag says that too.
    node.close(ignore=("sanctionsTypes", "legalAuthorities"))
    return party


def _try(party: Party, read_one: Callable[[Party, Node], None], node: Node) -> None:
    """Read one item of a party; where that fails the party still counts."""
    try:
        read_one(party, node)
    except UnexpectedValueError as error:
        party.problems.append(error)


def _dated(party: Party, node: Node) -> None:
    """Check what is printed beside the name of a list; the party is on it all the same."""
    del party
    node.need("datePublished")
    node.close()


def _primary(record: Record, names: list[_Element]) -> str:
    """The primary name in its primary spelling, looked up without taking it."""
    for name in names:
        if name.findtext("{*}isPrimary") != "true":
            continue
        for spelling in name.iterfind("{*}translations/{*}translation"):
            full = clean(spelling.findtext("{*}formattedFullName"))
            if spelling.findtext("{*}isPrimary") == "true" and full:
                return full
    raise record.error("no primary name", "expected a name with isPrimary true")


def _name(party: Party, node: Node) -> None:
    node.text("isPrimary")
    alias, is_weak = node.text("aliasType"), node.is_true("isLowQuality")
    kind = party.record.known("aliasType", alias.lower(), kinds.table("aliases")) if alias else "alias"
    for spelling in node.within("translations", "translation"):
        script = spelling.text("script")
        lang = party.record.known("script", script, kinds.table("scripts")) if script else None
        full = spelling.require("formattedFullName")
        party.name(full, "weak" if is_weak else kind, lang or None)
        spelling.close(ignore=("isPrimary", "formattedFirstName", "formattedLastName", "nameParts"))
    node.close(ignore=("comments",))


def _address(party: Party, node: Node) -> None:
    country = node.text("country")
    if country:
        code = kinds.place(party.record, "country", country, party.places)
        if code:
            party.seats[code] = None
    for spelling in node.within("translations", "translation", ignore=("country",)):
        parts: dict[str, str] = {}
        for part in spelling.within("addressParts", "addressPart"):
            kind, value = part.require("type"), part.text("value")
            if kind not in _ADDRESS:
                raise party.record.error("unknown part of an address", f"{kind!r}; expected {', '.join(_ADDRESS)}")
            if value:
                parts[kind] = value
            part.close()
        spelling.close(ignore=("isPrimary", "script"))
        party.address([parts.get(kind) for kind in _ADDRESS], country)
    node.close(ignore=("isPrimary", "comments"))


def _feature(party: Party, node: Node) -> None:
    label, value = node.require("type", ("featureTypeId",)), node.text("value")
    node.close(ignore=("versionId", "valueDate", "valueRefId", "isPrimary", "reliability", "comments"))
    if value is None:
        raise party.record.error("a feature without a value", label)
    party.feature(label, value)


def _document(party: Party, node: Node) -> None:
    label, number, country = node.require("type"), node.text("documentNumber"), node.text("issuingCountry")
    is_valid = node.text("isValid")
    node.close(ignore=_DOCUMENT)
    node.truth("isValid", is_valid)
    code = kinds.place(party.record, "issuingCountry", country, party.places) if country else None
    party.document(label, number, country, code, is_valid=is_valid != "false")


def _relation(party: Party, node: Node) -> None:
    kind = node.require("type")
    others, is_dated = list(node.all("relatedEntity")), any(True for _ in node.all("dateRange"))
    node.close(ignore=("quality", "comments"))
    for other in others:
        number = other.need("entityId")
        other.close()
        if kind in {_OWNED_BY, _OWNS} and is_dated:
            party.notes[f"{kind}, for a time: {other.own()}"] = None
        elif kind in {_OWNED_BY, _OWNS}:
            pair = (number, party.uid)
            party.holdings[pair if kind == _OWNED_BY else pair[::-1]] = None
        elif kind in _OTHERS:
            party.notes[f"{kind}: {other.own()}"] = None
        else:
            raise party.record.error("unknown relation", f"{kind!r}; expected {_OWNED_BY}, {_OWNS} or a known other")
