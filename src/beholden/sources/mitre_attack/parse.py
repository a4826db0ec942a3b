"""A STIX bundle: intrusion sets, campaigns, and the relations between them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin
from beholden.schema.rows import Entity, Event, Name, Resolution, Row
from beholden.sources.interface import no_layout
from beholden.sources.internet.fields import Fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document
    from beholden.sources.interface import Publication, Reading

_ID = {"intrusion-set": re.compile(r"G[0-9]{4}"), "campaign": re.compile(r"C[0-9]{4}")}
# Objects and relations that say what is used, not who.
_OTHER_TYPES = frozenset(
    {
        "attack-pattern", "malware", "tool", "course-of-action", "identity", "marking-definition",
        "x-mitre-tactic", "x-mitre-matrix", "x-mitre-collection", "x-mitre-data-source", "x-mitre-data-component",
        "x-mitre-asset", "x-mitre-analytic", "x-mitre-detection-strategy", "x-mitre-log-source",
    }
)  # fmt: skip
_OTHER_RELATIONS = frozenset({"uses", "subtechnique-of", "mitigates", "detects", "targets", "derived-from"})
# The description cites reports in running text; authors, versions and marks are for editors of ATT&CK.
_EDITORIAL = frozenset(
    {
        "type", "spec_version", "id", "created", "modified", "created_by_ref", "object_marking_refs", "description",
        "x_mitre_version", "x_mitre_domains", "x_mitre_contributors", "x_mitre_attack_spec_version",
        "x_mitre_modified_by_ref", "x_mitre_first_seen_citation", "x_mitre_last_seen_citation", "labels",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Bundle:
    """What relations need to know of every object before the first row is given."""

    ids: dict[str, str] = field(default_factory=dict)  # STIX id → ATT&CK id of groups
    attributed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # campaign → groups
    replaced: dict[str, str] = field(default_factory=dict)  # group → group
    left: Counter[str] = field(default_factory=Counter)


def printed_date(documents: tuple[Document, ...], descriptor: Descriptor) -> date | None:
    """The day of the release; only the bundles with a collection print it."""
    days = [
        _day(Fields(item, Origin(document.name)), "modified")
        for document in documents
        for item in _objects(document) or ()
        if isinstance(item, dict) and item.get("type") == "x-mitre-collection"
    ]
    return max(days, default=None)


def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
    """See `sources.interface`."""
    parts: list[tuple[Document, list[Any]]] = []
    for document in publication.documents:
        objects = _objects(document)
        if objects is None:
            raise no_layout(publication, "no STIX bundle", Origin(document.name))
        parts.append((document, objects))
    reading.layout = "stix"
    bundle = _Bundle()
    # Relations may stand before what they join.
    for wanted in ("intrusion-set", "relationship"):
        for _, objects in parts:
            for item in objects:
                if isinstance(item, dict) and item.get("type") == wanted:
                    _learn(bundle, wanted, item)
    given: set[str] = set()
    for document, objects in parts:
        for at, item in enumerate(objects):
            rows: list[Row] = []
            with reading.record():
                rows = _rows(bundle, Fields(item, Origin(f"{document.name}#objects/{at}")), given)
            yield from rows
    if bundle.left:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(bundle.left.items()))
        reading.notes.append(f"left out: {counts}")


def _objects(document: Document) -> list[Any] | None:
    value = document.json()
    if not isinstance(value, dict) or value.get("type") != "bundle":
        return None
    objects = value.get("objects")
    return objects if isinstance(objects, list) else None


def _learn(bundle: _Bundle, kind: str, item: dict[str, Any]) -> None:
    """Note what an object says; what is wrong with it is said when it is read."""
    stix_id = item.get("id")
    if kind == "intrusion-set":
        number = _number(item.get("external_references"), kind)
        if isinstance(stix_id, str) and number is not None:
            bundle.ids[stix_id] = number
        return
    source, target = item.get("source_ref"), item.get("target_ref")
    if not (isinstance(source, str) and isinstance(target, str)) or item.get("revoked") is True:
        return
    if target not in bundle.ids:
        return
    if item.get("relationship_type") == "attributed-to" and source.startswith("campaign--"):
        bundle.attributed[source].append(bundle.ids[target])
    elif item.get("relationship_type") == "revoked-by" and source in bundle.ids:
        bundle.replaced[source] = target


def _rows(bundle: _Bundle, fields: Fields, given: set[str]) -> list[Row]:
    kind = fields.text("type")
    if kind == "intrusion-set":
        return _once(_group(bundle, fields), given)
    if kind == "campaign":
        return _once(_campaign(bundle, fields), given)
    if kind == "relationship":
        relation = fields.text("relationship_type")
        if relation in _OTHER_RELATIONS:
            bundle.left[f"relations '{relation}'"] += 1
        elif relation not in ("attributed-to", "revoked-by"):
            raise fields.error("unknown relationship_type", f"{relation[:60]!r}")
        return []
    if kind not in _OTHER_TYPES:
        raise fields.error("unknown type", f"{kind[:60]!r}")
    bundle.left[f"objects '{kind}'"] += 1
    return []


def _once(rows: list[Row], given: set[str]) -> list[Row]:
    """Rows of an object, unless another object of the bundle has its ATT&CK id."""
    key = str(getattr(rows[0], "id", None) or getattr(rows[0], "referent", ""))
    if key in given:
        return []
    given.add(key)
    return rows


def _group(bundle: _Bundle, fields: Fields) -> list[Row]:
    stix_id, caption, aliases = fields.text("id"), fields.text("name"), fields.texts("aliases")
    number = _number(fields.items("external_references"), "intrusion-set")
    is_revoked, is_deprecated = fields.flag("revoked"), fields.flag("x_mitre_deprecated")
    fields.close(_EDITORIAL)
    if number is None:
        raise fields.error("no ATT&CK id", "expected a reference of mitre-attack with G and four digits")
    entity_id = f"attack:{number}"
    heir = _heir(bundle, stix_id)
    if is_revoked and heir is not None:
        reason = f"MITRE ATT&CK has revoked {number} ({caption}) in favour of {heir}"
        return [Resolution(entity_id=f"attack:{heir}", referent=entity_id, rule="reviewed", reason=reason)]
    state = "revoked" if is_revoked else "deprecated" if is_deprecated else None
    note = f"MITRE ATT&CK has {state} this group." if state else None
    names = [name for name in dict.fromkeys(aliases) if name != caption]
    return [
        Entity(id=entity_id, schema="Organization", caption=caption, caption_kind="alias", note=note),
        *(Name(entity_id=entity_id, name=name, kind="alias") for name in names),
    ]


def _heir(bundle: _Bundle, stix_id: str) -> str | None:
    """ATT&CK id of what replaces a group in the end; None where nothing does."""
    seen = {stix_id}
    at = bundle.replaced.get(stix_id)
    while at is not None and at in bundle.replaced and at not in seen:
        seen.add(at)
        at = bundle.replaced[at]
    return None if at is None or at in seen else bundle.ids.get(at)


def _campaign(bundle: _Bundle, fields: Fields) -> list[Row]:
    stix_id, name, aliases = fields.text("id"), fields.text("name"), fields.texts("aliases")
    number = _number(fields.items("external_references"), "campaign")
    first, last = _day(fields, "first_seen"), _day(fields, "last_seen")
    is_gone = fields.flag("revoked") or fields.flag("x_mitre_deprecated")
    fields.close({*_EDITORIAL, "x_mitre_deprecated"})
    if number is None:
        raise fields.error("no ATT&CK id", "expected a reference of mitre-attack with C and four digits")
    groups = [f"attack:{group}" for group in dict.fromkeys(_final(bundle, stix_id))]
    others = ", ".join(alias for alias in dict.fromkeys(aliases) if alias != name)
    text = f"Campaign {name}" + (f" (also {others})" if others else "") + f", seen from {first} to {last}"
    if groups:
        text += "; MITRE ATT&CK attributes it to " + ", ".join(group.removeprefix("attack:") for group in groups)
    if is_gone:
        text += "; withdrawn from ATT&CK"
    return [Event(id=f"attack:{number}", date=first, type="campaign", text=f"{text}.", entity_ids=groups)]


def _final(bundle: _Bundle, campaign: str) -> Iterator[str]:
    stix_ids = {number: stix_id for stix_id, number in bundle.ids.items()}
    for number in bundle.attributed.get(campaign, ()):
        yield _heir(bundle, stix_ids[number]) or number


def _number(references: object, kind: str) -> str | None:
    """ATT&CK id that the references of an object print."""
    for item in references if isinstance(references, list) else ():
        if isinstance(item, dict) and item.get("source_name") == "mitre-attack":
            number = item.get("external_id")
            if isinstance(number, str) and _ID[kind].fullmatch(number):
                return number
    return None


def _day(fields: Fields, name: str) -> date:
    printed = fields.text(name)
    try:
        found = datetime.strptime(printed[:10], "%Y-%m-%d").date()  # noqa: DTZ007 (a day)
    except ValueError as error:
        raise fields.error(f"{name} is no date", f"{printed[:40]!r}; expected ISO 8601") from error
    if not date(1970, 1, 1) <= found < date(2200, 1, 1):
        raise fields.error(f"{name} is out of range", f"{printed[:40]!r}")
    return found
