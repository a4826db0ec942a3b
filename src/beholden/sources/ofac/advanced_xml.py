"""SDN_ADVANCED.XML: the sanctions data model of the United Nations, in which sections refer to each other by number.

Layout: OFAC, "Advanced Sanctions Data Model XML Explanatory Notes" (sdn_advanced_notes.pdf), 2015-01-12. The sections
come in the order reference values, locations, identity documents, parties, relationships, entries; each is read once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.sources.interface import no_layout
from beholden.sources.ofac import kinds
from beholden.sources.ofac.advanced_parts import SEVERAL, References, event_day, full_name, period, place_of
from beholden.sources.ofac.lists import list_by_name
from beholden.sources.ofac.nodes import Node, node_of, root_of
from beholden.sources.ofac.party import Party, party_number
from beholden.sources.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.sources.document import Document
    from beholden.sources.interface import Publication
    from beholden.sources.ofac.advanced_parts import Place
    from beholden.sources.ofac.party import Progress
    from beholden.sources.record import Record

_GROUPS = {
    "Sanctions": (
        *("DateOfIssue", "ReferenceValueSets", "Locations", "IDRegDocuments", "DistinctParties"),
        *("ProfileRelationships", "SanctionsEntries", "SanctionsEntryLinks"),
    ),
    "Locations": ("Location",),
    "IDRegDocuments": ("IDRegDocument",),
    "DistinctParties": ("DistinctParty",),
    "ProfileRelationships": ("ProfileRelationship",),
    "SanctionsEntries": ("SanctionsEntry",),
    "SanctionsEntryLinks": ("SanctionsEntryLink",),
}
# Of an identity document: who issued it where and when, and whose name it bears.
_OF_DOCUMENT = (
    *("Comment", "IssuingAuthority", "IssuedIn-Location", "DocumentDate", "DocumentedNameReference"),
    "FeatureVersionReference",
)
_OWNED_BY, _OWNS = "Owned or Controlled By", "Owns, controls, or operates"


def fits(document: Document) -> str | None:
    """The name of the layout, if the file has it."""
    return "advanced-xml" if root_of(document) == "Sanctions" else None


def printed_date(document: Document) -> date | None:
    """The day of issue."""
    for element in document.elements("DateOfIssue"):
        return event_day(node_of(document, element))
    return None


@dataclass(slots=True)
class _File:
    """What was read so far."""

    publication: Publication
    progress: Progress
    references: References = field(default_factory=References)
    places: dict[str, Place] = field(default_factory=dict)
    # Of an identity: label, number, country as printed.
    documents: dict[str, list[tuple[Record, str, str | None, str | None]]] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    # Numbers of the parties that have an entry, be it on a list of another publication or one that cannot be read.
    entered: set[str] = field(default_factory=set)


def read(publication: Publication, progress: Progress) -> Iterator[Party]:
    """Parties of the file; those that cannot be read are counted.

    Raises:
        SourceError: It is a change file, or most of its parties are on no list of this publication.
    """
    document = publication.documents[0]
    file = _File(publication, progress)
    take = {
        "ReferenceValueSets": _reference_values,
        "Location": _location,
        "IDRegDocument": _document,
        "DistinctParty": _distinct_party,
        "ProfileRelationship": _relationship,
        "SanctionsEntry": _entry,
    }
    for element in document.elements(*take, outline=Outline(_GROUPS, progress.unknown)):
        node = node_of(document, element)
        if node.attribute("DeltaAction") not in {None, "None"}:
            raise no_layout(publication, "the file has changes only", node.record.origin)
        take[node.name](file, node)
    parties = file.parties.values()
    unlisted = sum(not party.lists for party in parties)
    if unlisted * 2 > len(parties):
        raise no_layout(publication, f"{unlisted} of {len(parties)} parties are on no list of this publication")
    for party in parties:
        if party.uid not in file.entered:
            with progress.item(is_listing=True):
                raise party.record.error("a party without a list", f"profile {party.uid}; expected a SanctionsEntry")
        yield party


def _reference_values(file: _File, node: Node) -> None:
    with file.progress.item(is_listing=True):
        file.references.read(node)


def _location(file: _File, node: Node) -> None:
    with file.progress.item():
        file.places[node.need("ID")] = place_of(file.references, node)


def _document(file: _File, node: Node) -> None:
    with file.progress.item():
        label = file.references.text(node, "IDRegDocType", node.need("IDRegDocTypeID"))
        country = node.attribute("IssuedBy-CountryID")
        printed = file.references.text(node, "Country", country) if country else None
        number = node.text("IDRegistrationNo")
        identity = node.need("IdentityID")
        node.close(ignore=_OF_DOCUMENT, attributes=("ValidityID", "IssuedIn-LocationID"))
        file.documents.setdefault(identity, []).append((node.record, label, number, printed))


def _distinct_party(file: _File, node: Node) -> None:
    with file.progress.party():
        profiles = list(node.all("Profile"))
        if len(profiles) != 1:
            raise node.record.error("a party without exactly one profile", f"{len(profiles)} profiles")
        party = _profile(file, profiles[0], [*node.all("Feature")])
        comment = node.text("Comment")
        if comment:
            party.notes[comment] = None
        node.close()
        if party.uid in file.parties:
            raise node.record.error("the same number twice", party.uid)
        file.parties[party.uid] = party


def _profile(file: _File, node: Node, features: list[Node]) -> Party:
    references, record = file.references, node.record
    identities = list(node.all("Identity"))
    names = [name for identity in identities for name in _names(file, identity)]
    caption = next((name for name, _, is_primary, lang in names if is_primary and not lang), None)
    if caption is None:
        raise record.error("no primary name", f"in profile {node.attribute('ID')}")
    kind = references.party_type(node, node.need("PartySubTypeID")).lower()
    uid = party_number(record, node.need("ID"))
    party = Party(record, uid, record.known("type of party", kind, kinds.table("types")), caption)
    party.places = references.countries
    for name, alias, _, lang in names:
        party.name(name, alias, None if lang in {"", SEVERAL} else lang)
    for feature in (*node.all("Feature"), *features):
        try:
            _feature(file, party, feature)
        except UnexpectedValueError as error:
            party.problems.append(error)
    for identity in identities:
        _documents(file, party, identity.need("ID"))
    node.close(ignore=("Comment", "SanctionsEntryReference", "ExternalReference"))
    return party


def _names(file: _File, identity: Node) -> Iterator[tuple[str, str, bool, str]]:
    """Names of an identity: name, kind, whether it is the primary one, language (`?`: a script of several)."""
    references = file.references
    groups: dict[str, str] = {}
    aliases = list(identity.all("Alias"))
    for outer in identity.within("NamePartGroups", "MasterNamePartGroup"):
        for group in outer.all("NamePartGroup"):
            groups[group.need("ID")] = references.text(group, "NamePartType", group.need("NamePartTypeID"))
            group.close()
        outer.close()
    identity.close(ignore=("Comment",), attributes=("Primary", "False"))
    for alias in aliases:
        label = references.text(alias, "AliasType", alias.need("AliasTypeID"))
        kind = alias.record.known("alias type", label.lower(), kinds.table("aliases"))
        if alias.truth("LowQuality", alias.need("LowQuality")):
            kind = "weak"
        is_primary = alias.truth("Primary", alias.need("Primary"))
        for name in alias.all("DocumentedName"):
            full, lang = full_name(references, name, groups)
            yield full, kind, is_primary, lang
        alias.close(ignore=("Comment",))


def _feature(file: _File, party: Party, node: Node) -> None:
    label = file.references.text(node, "FeatureType", node.need("FeatureTypeID"))
    for version in node.all("FeatureVersion"):
        values = [place for item in version.all("VersionLocation") if (place := _place(file, item))]
        for place in values:
            if label == "Location":
                party.seats.update({place.code: None} if place.code else {})
                for parts in place.addresses:
                    party.address(parts, place.country)
            elif place.country or place.addresses:
                party.feature(label, place.country or " ".join(filter(None, place.addresses[0])))
        dates = [period(item) for item in version.all("DatePeriod")]
        texts = [file.references.detail(item) for item in version.all("VersionDetail")]
        for value in (*dates, *filter(None, texts)):
            party.feature(label, value)
        if not values and not dates and not any(texts):
            raise node.record.error("a feature without a value", label)
        version.close(ignore=("Comment",), attributes=("ReliabilityID",))
    node.close(ignore=("Comment", "IdentityReference"))


def _place(file: _File, node: Node) -> Place:
    number = node.need("LocationID")
    node.close()
    if number not in file.places:
        raise node.record.error("no such location", f"{number}; locations stand before the parties")
    return file.places[number]


def _documents(file: _File, party: Party, identity: str) -> None:
    for record, label, number, printed in file.documents.pop(identity, ()):
        try:
            code = kinds.place(record, "IssuedBy-CountryID", printed, party.places) if printed else None
            party.document(label, number, printed, code, is_valid=True)
        except UnexpectedValueError as error:
            party.problems.append(error)


def _relationship(file: _File, node: Node) -> None:
    with file.progress.item():
        kind = file.references.text(node, "RelationType", node.need("RelationTypeID"))
        source, target = node.need("From-ProfileID"), node.need("To-ProfileID")
        is_former = node.truth("Former", node.need("Former"))
        is_dated = any(True for _ in node.all("DatePeriod"))
        node.close(ignore=("Comment",), attributes=("RelationQualityID", "SanctionsEntryID"))
        party, other = file.parties.get(source), file.parties.get(target)
        if party is None:
            return  # a party that could not be read, and was counted
        if kind in {_OWNED_BY, _OWNS} and not is_former and not is_dated:
            party.holdings[(target, source) if kind == _OWNED_BY else (source, target)] = None
        else:
            what = f"{'formerly ' if is_former else ''}{kind}{', for a time' if is_dated else ''}"
            party.notes[f"{what}: {other.caption if other else target}"] = None


def _entry(file: _File, node: Node) -> None:
    with file.progress.item(is_listing=True):
        uid = node.need("ProfileID")
        party = file.parties.get(uid)
        file.entered.add(uid)
        if party is None and not file.progress.lost:
            raise node.record.error("an entry without its party", f"no profile {uid} before it")
        name = file.references.text(node, "List", node.need("ListID"))
        days = []
        for event in node.all("EntryEvent"):
            days += [event_day(item) for item in event.all("Date")]
            event.close(ignore=("Comment", "LegalBasis"), attributes=("EntryEventTypeID", "LegalBasisID"))
        for measure in node.all("SanctionsMeasure"):
            kind = file.references.text(measure, "SanctionsType", measure.need("SanctionsTypeID"))
            comment = measure.text("Comment")
            if party is not None and kind == "Program" and comment and comment not in party.programmes:
                party.programmes.append(comment)
            measure.close(ignore=("DatePeriod",))
        node.close(ignore=("LimitationsToListing", "Comment"))
        if party is not None:
            list_by_name(file.publication, party, name, min(days, default=None))
            if not days:
                party.problems.append(
                    node.record.error("an entry without a day", f"profile {uid}; expected EntryEvent")
                )
