"""LEI-CDF 2.1 and 3.1, RR-CDF and reporting exceptions as XML, element by element."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from beholden.errors import UnexpectedValueError
from beholden.sources.gleif.facts import Exemption, Printed, Relation
from beholden.sources.record import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from beholden.errors import Origin
    from beholden.sources.document import Document
    from beholden.sources.gleif.parse import Item

# Root element → element of one record, and what it is.
RECORDS = {
    "LEIData": ("LEIRecord", "entity"),
    "RelationshipData": ("RelationshipRecord", "relation"),
    "ReportingExceptionData": ("Exception", "exemption"),
}
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(LEIData|RelationshipData|ReportingExceptionData)[\s>]")
_CONTENT_DATE = re.compile(rb"<(?:[\w.-]+:)?ContentDate>\s*([^<\s]+)")
# Of the file; counts of single issuers stand behind it, in an extension of the header.
_RECORD_COUNT = re.compile(rb"<(?:[\w.-]+:)?RecordCount>\s*(\d{1,12})\s*<")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ENTITY = frozenset(
    {"LegalName", "OtherEntityNames", "TransliteratedOtherEntityNames", "LegalAddress", "HeadquartersAddress"}
    | {"RegistrationAuthority", "LegalJurisdiction", "EntityCategory", "EntityStatus", "EntityExpirationDate"}
    | {"EntityExpirationReason", "SuccessorEntity"}
    # of no use to a rule
    | {"OtherAddresses", "TransliteratedOtherAddresses", "LegalForm", "AssociatedEntity", "EntitySubCategory"}
    | {"EntityCreationDate", "LegalEntityEvents", "BusinessRegisterEntityID"}
)
# What a registration prints beside its dates and status is about who checked it, and of no use to a rule.
_REGISTRATION = frozenset(
    {"InitialRegistrationDate", "LastUpdateDate", "RegistrationStatus", "NextRenewalDate", "ManagingLOU"}
    | {"ValidationSources", "ValidationDocuments", "ValidationReference"}
    | {"ValidationAuthority", "OtherValidationAuthorities"}
)
_RECORD = frozenset({"LEI", "Entity", "Relationship", "Registration", "Extension", "NextVersion"})
# Qualifiers say by which accounting standard, quantifiers how much was consolidated: no share of the capital.
_RELATIONSHIP = frozenset(
    {"StartNode", "EndNode", "RelationshipType", "RelationshipPeriods", "RelationshipStatus"}
    | {"RelationshipQualifiers", "RelationshipQuantifiers"}
)
_EXCEPTION = frozenset(
    {"LEI", "ExceptionCategory", "ExceptionReason", "ExceptionReference", "Extension", "NextVersion"}
)


def root_of(document: Document) -> str | None:
    """Local name of the root element, if it is one of the register's."""
    found = _ROOT.search(document.head(4096))
    return found.group(1).decode() if found else None


def content_date(document: Document) -> str | None:
    """When the content was made, as the header says."""
    found = _CONTENT_DATE.search(document.head(4096))
    return found.group(1).decode("ascii", "replace") if found else None


def items(document: Document) -> Iterator[Item]:
    """Records of a file.

    Raises:
        SourceError: The header says that it has more records, or fewer.
    """
    root = root_of(document)
    assert root is not None  # the layout was recognised by it
    name, kind = RECORDS[root]
    makers: dict[str, Callable[[_Element, Origin], Printed | Relation | Exemption]] = {
        "entity": _entity,
        "relation": _relation,
        "exemption": _exemption,
    }
    make = makers[kind]
    count = 0
    for element in document.elements(name):
        count += 1
        origin = document.origin(element)
        yield kind, origin, partial(make, element, origin)
    stated = _RECORD_COUNT.search(document.head(4096))
    if stated is not None and int(stated.group(1)) != count:
        raise document.error(f"the header says {int(stated.group(1))} records; the file has {count}", "source.damaged")


def _entity(record: _Element, origin: Origin) -> Printed:
    entity = _child(record, "Entity")
    if entity is None:
        raise UnexpectedValueError("no Entity", "expected an element", origin=origin)
    _check(record, _RECORD, origin)
    _check(entity, _ENTITY, origin)
    _check(_child(record, "Registration"), _REGISTRATION, origin)
    legal = _child(entity, "LegalName")
    addresses = [_child(entity, "LegalAddress"), _child(entity, "HeadquartersAddress")]
    others = [one for name in ("OtherEntityNames", "TransliteratedOtherEntityNames") for one in _children(entity, name)]
    authority = _child(entity, "RegistrationAuthority")
    successors = [one for one in entity if _local(one) == "SuccessorEntity"]
    return Printed(
        origin,
        lei=_text(record, "LEI"),
        legal_name=_own_text(legal),
        language=None if legal is None else legal.get(_LANGUAGE),
        names=[(name, one.get(_LANGUAGE), one.get("type")) for one in others if (name := _own_text(one))],
        places=[
            ("LegalJurisdiction", _text(entity, "LegalJurisdiction")),
            *(("Country", _text(one, "Country")) for one in addresses),
        ],
        addresses=[_address(one) for one in addresses],
        authority=(_text(authority, "RegistrationAuthorityID"), _text(authority, "RegistrationAuthorityEntityID")),
        category=_text(entity, "EntityCategory"),
        entity_status=_text(entity, "EntityStatus"),
        expired=_text(entity, "EntityExpirationDate"),
        expiry_reason=_text(entity, "EntityExpirationReason"),
        successors=[
            found for one in successors if (found := _text(one, "SuccessorLEI") or _text(one, "SuccessorEntityName"))
        ],
        registration=_text(_child(record, "Registration"), "RegistrationStatus"),
    )


def _address(address: _Element | None) -> str:
    names = ("FirstAddressLine", "AdditionalAddressLine", "AddressNumber", "City", "PostalCode", "Country")
    found = [] if address is None else [(_local(one), _own_text(one)) for one in address]
    return ", ".join(text for name in names for local, text in found if local == name and text)


def _relation(record: _Element, origin: Origin) -> Relation:
    relation, registration = _child(record, "Relationship"), _child(record, "Registration")
    if relation is None:
        raise UnexpectedValueError("no Relationship", "expected an element", origin=origin)
    _check(record, _RECORD, origin)
    _check(relation, _RELATIONSHIP, origin)
    _check(registration, _REGISTRATION, origin)
    start, end = _child(relation, "StartNode"), _child(relation, "EndNode")
    return Relation(
        origin,
        child=_text(start, "NodeID"),
        parent=_text(end, "NodeID"),
        type=_text(relation, "RelationshipType"),
        node_types=(_text(start, "NodeIDType"), _text(end, "NodeIDType")),
        status=_text(relation, "RelationshipStatus"),
        periods=[
            (_text(one, "StartDate"), _text(one, "EndDate"), _text(one, "PeriodType"))
            for one in _children(relation, "RelationshipPeriods")
        ],
        registration=_text(registration, "RegistrationStatus"),
        registered=_text(registration, "InitialRegistrationDate"),
        updated=_text(registration, "LastUpdateDate"),
        is_deleted=_is_deleted(record),
    )


def _exemption(record: _Element, origin: Origin) -> Exemption:
    _check(record, _EXCEPTION, origin)
    reasons = [_own_text(one) for one in record if _local(one) == "ExceptionReason"]
    return Exemption(
        origin,
        _text(record, "LEI"),
        _text(record, "ExceptionCategory"),
        [reason for reason in reasons if reason],
        is_deleted=_is_deleted(record),
    )


def _is_deleted(record: _Element) -> bool:
    """Whether a record says when it was deleted; full files have an empty `Deletion` on records that stand."""
    return any(_own_text(one) is not None for one in record.iter("{*}DeletedAt"))


def _check(element: _Element | None, known: frozenset[str], origin: Origin) -> None:
    """Every child is one that is read or left out by name."""
    unknown = [] if element is None else sorted({_local(one) for one in element} - known)
    if unknown:
        raise UnexpectedValueError("unknown field", ", ".join(unknown)[:200], origin=origin)


def _local(element: _Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _child(element: _Element | None, name: str) -> _Element | None:
    return None if element is None else next((one for one in element if _local(one) == name), None)


def _children(element: _Element, name: str) -> list[_Element]:
    found = _child(element, name)
    return [] if found is None else list(found)


def _text(element: _Element | None, name: str) -> str | None:
    return _own_text(_child(element, name))


def _own_text(element: _Element | None) -> str | None:
    return None if element is None else clean(element.text)
