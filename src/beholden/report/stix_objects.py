"""The parts of a STIX 2.1 bundle that do not depend on what was found: ids, markings, our extension, observables.

Specification: OASIS STIX Version 2.1. Identifiers of observables are those that every producer gives them (2.9);
all others are made, in a namespace of ours, from what the object is about and from what it says. No clock is read, so
two exports of one date have one `modified`; an object of the same id in both must then be the same (3.6).
"""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from beholden.report.text import visible
from beholden.report.wording import NEUTRALITY
from beholden.schema.version import REPORT_SCHEMA
from beholden.schema.vocabulary import Kind
from beholden.values.mac import parse_mac

Object = dict[str, Any]

_OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # 2.9, for observables only
_OURS = uuid.UUID("6f0d0c0e-4c8e-5d0b-9a55-0f7b5f7f3c1d")
# The same in every version of an object, as 3.2 asks, and before any date that can be asked for.
_CREATED = "1970-01-01T00:00:00.000Z"
_AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"  # 7.2.1.4: its id is fixed
_ASN = re.compile(r"AS(\d{1,10})", re.IGNORECASE)
_PARTIES = frozenset({Kind.NAME, Kind.BIC, Kind.IBAN, Kind.LEI, Kind.ISIN, Kind.CUSIP, Kind.TICKER})
_SOFTWARE = frozenset({Kind.PURL, Kind.IMAGE, Kind.MODEL, Kind.CPE})


def object_id(kind: str, *about: str | None) -> str:
    """Return the id of an object of ours, the same for the same `about`."""
    return f"{kind}--{uuid.uuid5(_OURS, json.dumps([kind, *about], ensure_ascii=True))}"


TOOL = object_id("identity", "beholden")
EXTENSION = object_id("extension-definition", "beholden", "1.0.0")
_STATEMENT = object_id("marking-definition", "neutrality")
_MARKINGS = [_AMBER, _STATEMENT]


def preamble() -> list[Object]:
    """Return the objects of every bundle: how it may be shared, who wrote it, what our extension adds."""
    return [
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": _AMBER,
            "created": "2017-01-20T00:00:00.000Z",
            "definition_type": "tlp",
            "name": "TLP:AMBER",
            "definition": {"tlp": "amber"},
        },
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": _STATEMENT,
            "created": _CREATED,
            "definition_type": "statement",
            "definition": {"statement": NEUTRALITY},
        },
        {
            "type": "identity",
            "spec_version": "2.1",
            "id": TOOL,
            "created": _CREATED,
            "modified": _CREATED,
            "name": "beholden",
            "identity_class": "system",
        },
        {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": EXTENSION,
            "created_by_ref": TOOL,
            "created": _CREATED,
            "modified": _CREATED,
            "name": "beholden: listings, dated rules and dependencies",
            "description": "What STIX has no property for: how a dependency stands under a list on a date.",
            "schema": f"Parts of the result document, schema scan-{REPORT_SCHEMA}.json, under the same names; "
            "`about` says which part: artefact, claim, coverage, entity, exposure, finding, hop or listing.",
            "version": "1.0.0",
            "extension_types": ["property-extension"],
        },
    ]


class Dated:
    """Makes objects that say how things stood on a date."""

    def __init__(self, as_of: str) -> None:
        """Args: as_of: The date; it is the `modified` of every object, because no clock is read."""
        self._modified = f"{as_of}T00:00:00.000Z"

    def make(self, kind: str, about: tuple[str | None, ...], says: Object, **properties: Any) -> Object:  # noqa: ANN401
        """Return an object.

        Args:
            kind: STIX type.
            about: What the object is about; its id is made from this and from all that the object says, except for the
                date, which is its `modified`.
            says: Properties of our extension; without any the object has none.
            properties: STIX properties; empty ones are left out, as the specification asks.
        """
        told = present(properties)
        content = json.dumps([told, {name: value for name, value in says.items() if name != "as_of"}], sort_keys=True)
        made: Object = {
            "type": kind,
            "spec_version": "2.1",
            "id": object_id(kind, *about, content),
            "created_by_ref": TOOL,
            "created": _CREATED,
            "modified": self._modified,
            **told,
            "object_marking_refs": _MARKINGS,
        }
        if says:
            made["extensions"] = {EXTENSION: {"extension_type": "property-extension", **present(says)}}
        return made

    def artefact(self, kind: str, value: str, scope: str = "") -> Object:
        """Return the object for an artefact: an observable where STIX has one, else what comes nearest.

        Args:
            kind: Kind of artefact.
            value: Its value.
            scope: What the id must hold as well, where the value is the numbered pseudonym of a person.
        """
        says = {"about": "artefact", "artefact_kind": kind, "artefact_value": value}
        observable = _observable(kind, value)
        if observable is not None:
            return observable
        if kind in _PARTIES or kind == Kind.CATEGORY:
            what = "class" if kind == Kind.CATEGORY else "unknown"
            return self.make("identity", ("artefact", kind, value, scope), says, name=value, identity_class=what)
        if kind == Kind.CVE:
            named = [{"source_name": "cve", "external_id": value}]
            return self.make("vulnerability", ("artefact", value), says, name=value, external_references=named)
        # A block of hardware addresses is no address. Infrastructure is the neutral word of STIX for devices.
        return self.make("infrastructure", ("artefact", kind, value), says, name=f"{kind} {value}")


def present(properties: Object) -> Object:
    """Return the properties that have a value; text is made visible."""
    return {key: _shown(value) for key, value in properties.items() if value is not None and value not in ([], {}, "")}


def moment(text: str) -> str:
    """Return a time of a result as STIX writes it."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def midnight(day: str | None) -> str | None:
    """Return the first moment of a day."""
    return f"{day}T00:00:00.000Z" if day else None


def is_observable(made: Object) -> bool:
    """Return whether an object is a cyber observable."""
    return "created" not in made


def _shown(value: Any) -> Any:  # noqa: ANN401 (properties nest)
    if isinstance(value, str):
        return "\n".join(map(visible, value.split("\n")))
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return present(value) if isinstance(value, dict) else value


def _observable(kind: str, value: str) -> Object | None:
    if kind == Kind.IP:
        try:
            version = ipaddress.ip_network(value, strict=False).version
        except ValueError:
            return None
        return _identified(f"ipv{version}-addr", value=value)
    if kind == Kind.DOMAIN:
        return _identified("domain-name", value=visible(value))
    if kind == Kind.URL:
        return _identified("url", value=visible(value))
    number = _ASN.fullmatch(value) if kind == Kind.ASN else None
    if number is not None:
        return _identified("autonomous-system", number=int(number[1]))
    if kind == Kind.MAC and parse_mac(value) is not None:
        return _identified("mac-addr", value=parse_mac(value))
    if kind in _SOFTWARE:
        return _identified("software", name=visible(value))
    return None


def _identified(kind: str, **contributing: Any) -> Object:  # noqa: ANN401 (texts and numbers)
    """An observable whose id every producer computes alike: from its identifying properties as canonical JSON."""
    canonical = json.dumps(contributing, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    made = f"{kind}--{uuid.uuid5(_OBSERVABLES, canonical)}"
    return {"type": kind, "spec_version": "2.1", "id": made, **contributing, "object_marking_refs": _MARKINGS}
