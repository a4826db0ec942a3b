"""Answers of the GLEIF API (JSON:API): entities, relationships, exceptions, and lists of children."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.gleif.facts import Exemption, Printed, Relation
from beholden.sources.record import clean, has_only_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.sources.document import Document
    from beholden.sources.gleif.parse import Item

_CHILDREN = re.compile(r"/lei-records/([A-Z0-9]{20})/(direct|ultimate)-children")
_PARENT = re.compile(r"(direct|ultimate)-parent[_-]([A-Z0-9]{20})\b")
_TYPES = {"direct": "IS_DIRECTLY_CONSOLIDATED_BY", "ultimate": "IS_ULTIMATELY_CONSOLIDATED_BY"}
_KINDS = {"lei-records": "entity", "relationship-records": "relation"}
# Keys beside those that are read. `qcc`, `mic` and `spglobal` are numbers of other registries that no rule needs.
_IGNORED = frozenset(
    {"registration", "mic", "qcc", "spglobal", "conformityFlag"}
    | {"legalForm", "associatedEntity", "creationDate", "subCategory", "otherAddresses", "eventGroups"}
)
_ENTITY = frozenset(
    {"legalName", "otherNames", "transliteratedOtherNames", "legalAddress", "headquartersAddress", "registeredAt"}
    | {"registeredAs", "jurisdiction", "category", "status", "expiration", "successorEntity", "successorEntities"}
)


def answers(document: Document) -> list[dict[str, Any]] | None:
    """Resources of an answer; None where it is no answer of the API."""
    content = document.json()
    if not isinstance(content, dict) or "data" not in content:
        return None
    data = content["data"]
    found = data if isinstance(data, list) else [] if data is None else [data]
    return found if all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in found) else None


def items(document: Document) -> Iterator[Item]:
    """Records of an answer, with what it says of how its entities are related."""
    content = document.json()
    for number, resource in enumerate(answers(document) or [], 1):
        origin = Origin(f"{document.name}, resource {number}")
        kind = resource["type"]
        if not has_only_text(resource):
            yield _KINDS.get(kind, "exemption"), origin, partial(_no_text, origin)
        elif kind == "lei-records":
            yield "entity", origin, partial(_entity, resource, origin)
            related = _related(content, document.name, resource, origin)
            if related is not None:
                yield "implied", origin, partial(_same, related)
        elif kind == "relationship-records":
            yield "relation", origin, partial(_relation, resource, origin)
        else:
            yield "exemption", origin, partial(_exemption, resource, origin)


def _no_text(origin: Origin) -> NoReturn:
    raise UnexpectedValueError("no text", "a value has NUL or half of a surrogate pair", origin=origin)


def _same(relation: Relation) -> Relation:
    return relation


def pages(document: Document) -> str | None:
    """What to say where an answer is one page of several."""
    content = document.json()
    found = _at(content, "meta", "pagination", "lastPage")
    page = _at(content, "meta", "pagination", "currentPage")
    if isinstance(found, int) and found > 1:
        return f"{document.name} is page {page} of {found}; import the others with it"
    return None


def published(document: Document) -> str | None:
    """When the golden copy was published that the answer is from."""
    found = _at(document.json(), "meta", "goldenCopy", "publishDate")
    return found if isinstance(found, str) else None


def _related(content: dict[str, Any], name: str, resource: dict[str, Any], origin: Origin) -> Relation | None:
    """The relation that follows from which question was answered."""
    lei = _text(resource, "id")
    asked = _CHILDREN.search(str(_at(content, "links", "first") or ""))
    if asked is not None:
        return Relation(origin, child=lei, parent=asked.group(1), type=_TYPES[asked.group(2)])
    named = _PARENT.search(name)
    if named is not None and not isinstance(content["data"], list):
        return Relation(origin, child=named.group(2), parent=lei, type=_TYPES[named.group(1)])
    return None


def _entity(resource: dict[str, Any], origin: Origin) -> Printed:
    attributes = _object(resource, "attributes", origin)
    entity = _object(attributes, "entity", origin)
    unknown = sorted(attributes.keys() - _IGNORED - {"lei", "entity", "bic", "ocid"}) + sorted(
        entity.keys() - _IGNORED - _ENTITY
    )
    if unknown:
        raise UnexpectedValueError("unknown field", ", ".join(unknown)[:200], origin=origin)
    addresses = [entity.get("legalAddress"), entity.get("headquartersAddress")]
    others = [one for key in ("otherNames", "transliteratedOtherNames") for one in _list(entity, key, origin)]
    successors = [_at(one, "lei") or _at(one, "name") for one in _list(entity, "successorEntities", origin)]
    successors.append(_at(entity, "successorEntity", "lei") or _at(entity, "successorEntity", "name"))
    return Printed(
        origin,
        lei=_text(attributes, "lei"),
        legal_name=_text(entity.get("legalName"), "name"),
        language=_text(entity.get("legalName"), "language"),
        names=[(name, _text(one, "language"), _text(one, "type")) for one in others if (name := _text(one, "name"))],
        places=[
            ("jurisdiction", _text(entity, "jurisdiction")),
            *(("country", _text(one, "country")) for one in addresses),
        ],
        addresses=[_address(one) for one in addresses],
        authority=(_text(entity.get("registeredAt"), "id"), _text(entity, "registeredAs")),
        category=_text(entity, "category"),
        entity_status=_text(entity, "status"),
        expired=_text(entity.get("expiration"), "date"),
        expiry_reason=_text(entity.get("expiration"), "reason"),
        successors=list(dict.fromkeys(one for one in successors if isinstance(one, str))),
        registration=_text(attributes.get("registration"), "status"),
        bics=[one for one in _list(attributes, "bic", origin) if isinstance(one, str)],
        opencorporates=_text(attributes, "ocid"),
    )


def _address(address: Any) -> str:  # noqa: ANN401 (JSON)
    lines = _at(address, "addressLines")
    kept = [one for one in lines if isinstance(one, str)] if isinstance(lines, list) else []
    rest = [_text(address, key) for key in ("addressNumber", "city", "postalCode", "country")]
    return ", ".join(part for part in (*map(clean, kept), *rest) if part)


def _relation(resource: dict[str, Any], origin: Origin) -> Relation:
    attributes = _object(resource, "attributes", origin)
    unknown = sorted(attributes.keys() - {"validFrom", "validTo", "relationship", "registration", "extension"})
    if unknown:
        raise UnexpectedValueError("unknown field", ", ".join(unknown)[:200], origin=origin)
    relation = _object(attributes, "relationship", origin)
    registration = attributes.get("registration")
    return Relation(
        origin,
        child=_text(relation.get("startNode"), "id"),
        parent=_text(relation.get("endNode"), "id"),
        type=_text(relation, "type"),
        node_types=(_text(relation.get("startNode"), "type"), _text(relation.get("endNode"), "type")),
        status=_text(relation, "status"),
        periods=[
            (_text(one, "startDate"), _text(one, "endDate"), _text(one, "type"))
            for one in _list(relation, "periods", origin)
        ],
        registration=_text(registration, "status"),
        registered=_text(registration, "initialRegistrationDate"),
        updated=_text(registration, "lastUpdateDate"),
        is_deleted=_at(attributes, "extension", "deletedAt") is not None,
    )


def _exemption(resource: dict[str, Any], origin: Origin) -> Exemption:
    if resource["type"] != "reporting-exceptions":
        raise UnexpectedValueError("unknown type of resource", repr(resource["type"])[:80], origin=origin)
    attributes = _object(resource, "attributes", origin)
    # `validFrom` is the day of this version of the record, not of what it says.
    unknown = sorted(
        attributes.keys() - {"lei", "category", "reason", "reference", "validFrom", "validTo", "extension"}
    )
    if unknown:
        raise UnexpectedValueError("unknown field", ", ".join(unknown)[:200], origin=origin)
    reason = _text(attributes, "reason")
    return Exemption(
        origin,
        _text(attributes, "lei"),
        _text(attributes, "category"),
        [reason] if reason else [],
        ended=_text(attributes, "validTo"),
        is_deleted=_at(attributes, "extension", "deletedAt") is not None,
    )


def _at(value: Any, *keys: str) -> Any:  # noqa: ANN401 (JSON)
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any, key: str) -> str | None:  # noqa: ANN401 (JSON)
    found = _at(value, key)
    return clean(found) if isinstance(found, str) else None


def _object(value: dict[str, Any], key: str, origin: Origin) -> dict[str, Any]:
    found = value.get(key)
    if not isinstance(found, dict):
        raise UnexpectedValueError(f"no {key}", f"{found!r:.80}; expected an object", origin=origin)
    return found


def _list(value: dict[str, Any], key: str, origin: Origin) -> list[Any]:
    found = value.get(key)
    if found is not None and not isinstance(found, list):
        raise UnexpectedValueError(f"{key} is no list", f"{found!r:.80}", origin=origin)
    return found or []
