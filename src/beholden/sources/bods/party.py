"""Entities and persons of statements → entities, names and identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Entity, Identifier, Name
from beholden.sources.bods.statement import PERSON, Stated, objects, text
from beholden.sources.places import place_code
from beholden.sources.record import clean
from beholden.values.identifiers import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.record import Record

PREFIX = "bods:"
_NAME_KINDS = {
    "legal": "alias",
    "individual": "alias",
    "alternative": "alias",
    "translation": "alias",
    "transliteration": "alias",
    "former": "former",
    "birth": "former",
}
# Schemes of persons are a country and one of these.
_PAPERS = {"PASSPORT": "passport", "TAXID": "tax", "IDCARD": "national_id"}


def is_unknown(statement: Stated, descriptor: Descriptor) -> bool:
    """Whether the statement is about a party that nobody knows or names.

    Raises:
        UnexpectedValueError: The type of the party is unknown.
    """
    kind = _type(statement)
    if statement.kind == PERSON:
        return statement.at.known("personType", kind, descriptor.lookup("person_types")) == "unknown"
    return kind in {"anonymousEntity", "unknownEntity"}


def party_rows(entity_id: str, statement: Stated, descriptor: Descriptor) -> list[Row]:
    """Rows of a party, as its latest statement says.

    Raises:
        UnexpectedValueError: A value is missing or unknown.
    """
    at, details = statement.at, statement.details
    names = _person_names(at, statement) if statement.kind == PERSON else _entity_names(at, statement)
    hidden = is_unknown(statement, descriptor)
    if not names and not hidden:
        raise at.error("no name", f"of {statement.record}")
    schema = "Person"
    if statement.kind != PERSON:
        schema = at.known("entityType", _type(statement), descriptor.lookup("entity_types"))
    caption = names[0][0] if names else "Not named"
    birth = text(details, "birthDate")
    rows: list[Row] = [
        Entity(
            id=entity_id,
            schema=schema,
            caption=caption,
            # Where a person lives or is from is no fact that a rule uses.
            jurisdictions=[] if statement.kind == PERSON else _places(at, statement, descriptor),
            addresses=_addresses(at, details),
            birth_dates=[birth] if birth is not None and statement.kind == PERSON else [],
            note=_note(statement, hidden=hidden),
        )
    ]
    seen = {caption}
    for name, kind in names[1:]:
        if name not in seen:
            seen.add(name)
            rows.append(Name(entity_id=entity_id, name=name, kind=kind))
    return [*rows, *_identifiers(at, entity_id, statement, descriptor), *_securities(at, entity_id, details)]


def _type(statement: Stated) -> str:
    """Type of a party, in the spelling of 0.4."""
    printed = statement.details.get("personType" if statement.kind == PERSON else "entityType")
    found = text(printed, "type") if isinstance(printed, dict) else printed
    return found if isinstance(found, str) else ""


def _note(statement: Stated, *, hidden: bool) -> str | None:
    details = statement.details
    said = ["stands for a party that is not named"] if hidden else []
    unspecified = details.get("unspecifiedEntityDetails") or details.get("unspecifiedPersonDetails")
    said += [one for one in (text(unspecified, "reason"), text(unspecified, "description")) if one]
    dissolved = text(details, "dissolutionDate")
    said += [f"dissolved {dissolved}"] if dissolved else []
    said += [f"record closed {statement.day}"] if statement.is_closed else []
    return "; ".join(said) or None


def _entity_names(at: Record, statement: Stated) -> list[tuple[str, str]]:
    name = text(statement.details, "name")
    others = statement.details.get("alternateNames") or []
    if not isinstance(others, list):
        raise at.error("alternateNames is no list", f"{others!r:.80}")
    found = [name, *(clean(one) for one in others if isinstance(one, str))]
    return [(one, "alias") for one in found if one is not None]


def _person_names(at: Record, statement: Stated) -> list[tuple[str, str]]:
    found = []
    for one in objects(at, statement.details, "names"):
        parts = (text(one, "givenName"), text(one, "patronymicName"), text(one, "familyName"))
        name = text(one, "fullName") or " ".join(part for part in parts if part)
        kind = at.known("type of name", text(one, "type") or "legal", _NAME_KINDS)
        if name:
            # The name in use comes first, whatever the order.
            found.append((0 if text(one, "type") in {"legal", "individual", None} else 1, name, kind))
    return [(name, kind) for _, name, kind in sorted(found, key=lambda one: one[0])]


def _places(at: Record, statement: Stated, descriptor: Descriptor) -> list[str]:
    details, others = statement.details, descriptor.lookup("places")
    seat = details.get("jurisdiction") or details.get("incorporatedInJurisdiction")
    found = [_place(at, seat, others)]
    for one in objects(at, details, "addresses"):
        country = one.get("country")
        try:
            found.append(_place(at, country, others))
        except UnexpectedValueError:
            if text(country, "code") is not None or isinstance(country, str):
                raise
            # The name of a country is free text, and stays in the address.
    return list(dict.fromkeys(code for code in found if code))


def _place(at: Record, place: Any, others: Mapping[str, str]) -> str | None:  # noqa: ANN401 (JSON)
    """A country: a code, or an object with a code (of a part of it, as in US-DE) or a name."""
    printed = place if isinstance(place, str) else text(place, "code") or text(place, "name")
    if printed is None:
        return None
    code = printed[:2] if printed[2:3] == "-" else printed
    return others[code] if code in others else place_code(at, "jurisdiction", code)


def _addresses(at: Record, details: Any) -> list[str]:  # noqa: ANN401 (JSON)
    found = []
    for one in objects(at, details, "addresses"):
        country = one.get("country")
        parts = (
            text(one, "address"),
            text(one, "postCode"),
            country if isinstance(country, str) else text(country, "name") or text(country, "code"),
        )
        found.append(", ".join(part for part in parts if part))
    return list(dict.fromkeys(one for one in found if one))


def _identifiers(at: Record, entity_id: str, statement: Stated, descriptor: Descriptor) -> list[Row]:
    found: dict[tuple[str, str], Row] = {}
    for one in objects(at, statement.details, "identifiers"):
        value, scheme = text(one, "id"), text(one, "scheme")
        if value is None:
            continue  # only an address in the web
        note = ", ".join(part for part in (scheme, text(one, "schemeName")) if part) or None
        if statement.kind == PERSON:
            kind = _PAPERS.get((scheme or "").rpartition("-")[2], "other")
        else:
            kind = descriptor.lookup("schemes").get(scheme or "", "registration")
        held = normal(kind, value)
        if held is None:
            kind, held, note = "other", value, f"{note}, check digits do not hold: {value}"
        found.setdefault((kind, held), Identifier(entity_id=entity_id, kind=kind, value=held, note=note))
    return list(found.values())


def _securities(at: Record, entity_id: str, details: Any) -> list[Row]:  # noqa: ANN401 (JSON)
    """ISIN and ticker of what a listed company has on a market."""
    listing = details.get("publicListing")
    found: dict[tuple[str, str], Row] = {}
    for one in objects(at, listing, "securitiesListings") if isinstance(listing, dict) else []:
        security = one.get("security")
        value, ticker = text(security, "id"), text(security, "ticker")
        if value is not None and text(security, "idScheme") == "isin" and normal("isin", value) is not None:
            found[("isin", value)] = Identifier(entity_id=entity_id, kind="isin", value=value)
        elif value is not None:
            scheme = text(security, "idScheme")
            note = f"isin, check digits do not hold: {value}" if scheme == "isin" else scheme
            found[("other", value)] = Identifier(entity_id=entity_id, kind="other", value=value, note=note)
        if ticker is not None:
            note = text(one, "marketIdentifierCode")
            found.setdefault(
                ("ticker", ticker), Identifier(entity_id=entity_id, kind="ticker", value=ticker, note=note)
            )
    return list(found.values())
