"""Components of a CycloneDX bill: packages, their suppliers, models, container images, hardware."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.software.cyclonedx_nesting import nested_records
from beholden.scan.software.packages import add_package
from beholden.scan.software.tally import Sighting, Tally
from beholden.scan.software.text import facts, field_of, objects_in, text_of
from beholden.schema.vocabulary import Kind, Relation
from beholden.values import image
from beholden.values.purl import Purl, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.rows import Rows
    from beholden.scan.software.json_document import JsonDocument
    from beholden.scan.source import Source

_HARDWARE = frozenset({"device", "firmware", "device-driver"})
_MODEL = "machine-learning-model"
_MODEL_HUB = "huggingface"
_CODE_HOST = "github"
# In a reference of an image the first part is a host only with a dot, a port or as localhost.
_IMAGE_HOST = re.compile(r"(?:[^/]*[.:][^/]*|localhost)(?:/|$)")
_SCOPES = {"required": "prod", "optional": "optional", "excluded": "excluded"}
# Written by the npm and other generators under the property taxonomy of the specification.
_DEVELOPMENT_PROPERTIES = frozenset({"cdx:npm:package:development", "cdx:poetry:group:dev"})


@dataclass(frozen=True, slots=True)
class _Component:
    record: dict[str, Any]
    line: int | None
    type: str
    purl: Purl | None
    relation: Relation

    @property
    def label(self) -> dict[str, Any]:
        return facts(
            component=field_of(self.record, "name"),
            version=field_of(self.record, "version"),
            type=self.type or None,
        )


class ComponentReader:
    """Reads components, nested ones included, without recursion.

    Args:
        source: Where rejects and notes go.
        rows: Where packages go.
        tally: Where names, models, images and hosts go.
        document: For the lines.
        direct: References that the subject depends on; None if not known.
    """

    def __init__(
        self, source: Source, rows: Rows, tally: Tally, document: JsonDocument, direct: frozenset[str] | None
    ) -> None:
        self._source = source
        self._rows = rows
        self._tally = tally
        self._direct = direct
        self._lines = {key: document.lines_of_values(key) for key in ("bom-ref", "purl", "name")}

    def read(self, components: object) -> Iterator[None]:
        """Read a list of components in document order; gives control back after each."""
        for record in nested_records(self._source, components, "component"):
            self._read_one(record)
            yield

    def _read_one(self, record: dict[str, Any]) -> None:
        line = self._line(record)
        kind = (field_of(record, "type") or "").lower()
        printed = record.get("purl")
        purl = parse(printed) if isinstance(printed, str) else None
        component = _Component(record, line, kind, purl, _relation(kind, purl))
        if printed is not None and purl is None:
            self._source.reject(line, "invalid package URL", expected="pkg:type/namespace/name@version")
        else:
            self._source.accept()
        if purl is not None:
            self._package(component, purl, str(printed))
        elif printed is None and kind not in _HARDWARE and not self._named_image(component):
            self._source.not_resolved["component without purl"] += 1
        if component.relation is Relation.MODEL_WEIGHTS:
            self._model(component)
        has_maker = self._names(component)
        if kind in _HARDWARE and not has_maker:
            self._source.not_resolved["hardware without supplier or manufacturer"] += 1
        if isinstance(record.get("pedigree"), dict):
            self._source.not_resolved["pedigree of a component (what it was made from)"] += 1

    def _line(self, record: dict[str, Any]) -> int | None:
        """The line of the component's reference, else of its package URL, else of its name."""
        places = {key: self._lines[key].take(record.get(key)) for key in ("bom-ref", "purl", "name")}
        return next((line for line in places.values() if line is not None), None)

    def _package(self, component: _Component, purl: Purl, printed: str) -> None:
        direct = None
        if self._direct is not None and isinstance(component.record.get("bom-ref"), str):
            direct = component.record["bom-ref"] in self._direct
        detail = facts(
            version=purl.version or field_of(component.record, "version"),
            scope=_scope(component.record),
            direct=direct,
            type=component.type or None,
        )
        raw = text_of(printed) or str(purl)
        add_package(self._rows, purl, raw=raw, field="components[].purl", line=component.line, detail=detail)
        if purl.type == _CODE_HOST:
            # Names a repository, which need not be the package of that name elsewhere.
            self._source.not_resolved["github purl"] += 1
        if purl.type in image.TYPES:
            self._image(component, purl)
        for key in ("repository_url", "download_url"):
            address = purl.qualifier(key)
            if address is None:
                continue
            if "://" not in address:
                if purl.type in image.TYPES and not _IMAGE_HOST.match(address):
                    self._source.not_resolved["image repository without a registry host"] += 1
                    continue
                address = f"https://{address}"
            self._tally.add_mirror(address, f"components[].purl?{key}", component.line)

    def _image(self, component: _Component, purl: Purl) -> None:
        address = purl.qualifier("repository_url")
        if address is None:
            return
        value = image.repository(address)
        path = "/".join([*purl.namespace, purl.name]).lower()
        # `repository_url` is the registry for docker and usually the whole repository for oci.
        if purl.type == "docker" and value.partition("/")[2] != path:
            value = f"{value}/{path}"
        if value.strip("/"):
            sighting = Sighting(Kind.IMAGE, value, None, "components[].purl?repository_url")
            self._tally.add(sighting, component.line, detail=component.label)

    def _named_image(self, component: _Component) -> bool:
        """Read a container that only its name, a whole reference, identifies; says whether it was one."""
        name = field_of(component.record, "name") or ""
        if component.type != "container" or "/" not in name or not _IMAGE_HOST.match(name):
            return False
        sighting = Sighting(Kind.IMAGE, image.repository(name), None, "components[].name")
        self._tally.add(sighting, component.line, detail=component.label)
        self._tally.add_mirror(f"https://{name}", "components[].name", component.line)
        return True

    def _model(self, component: _Component) -> None:
        purl, record = component.purl, component.record
        if purl is not None and purl.type == _MODEL_HUB:
            value, field = "/".join([*purl.namespace, purl.name]), "components[].purl"
        else:
            group, name = field_of(record, "group"), field_of(record, "name") or ""
            value, field = f"{group}/{name}" if group and "/" not in name else name, "components[].name"
            # A hub's names hold neither sign: what follows is a revision.
            value, _ = image.without_tag(value)
        organisation, _, repository = value.partition("/")
        if not organisation.strip() or not repository.strip():
            self._source.not_resolved["model without an organisation"] += 1
            return
        sighting = Sighting(Kind.MODEL, value.lower(), Relation.MODEL_WEIGHTS, field)
        self._tally.add(sighting, component.line, raw=value, detail=component.label)

    def _names(self, component: _Component) -> bool:
        """Count everyone the component names; returns whether a supplier or manufacturer is among them."""
        record, has_maker = component.record, False
        for key in ("supplier", "manufacturer"):
            if name := field_of(record, key, "name"):
                has_maker = True
                self._name(component, name, f"components[].{key}.name", "confirmed")
        for key in ("publisher", "author"):
            if name := field_of(record, key):
                self._name(component, name, f"components[].{key}", "probable")
        for item in objects_in(record.get("authors")):
            if name := field_of(item, "name"):
                self._name(component, name, "components[].authors[].name", "probable")
        # Beside a package URL the group is only its namespace again.
        if component.purl is None and (group := field_of(record, "group")):
            self._name(component, group, "components[].group", "probable")
        return has_maker

    def _name(self, component: _Component, name: str, field: str, certainty: str) -> None:
        sighting = Sighting(Kind.NAME, " ".join(name.split()), component.relation, field, certainty=certainty)
        self._tally.add(sighting, component.line, raw=name, detail=component.label)


def _relation(kind: str, purl: Purl | None) -> Relation:
    if kind in _HARDWARE:
        return Relation.HARDWARE
    if kind == _MODEL or (purl is not None and purl.type == _MODEL_HUB and kind != "data"):
        return Relation.MODEL_WEIGHTS
    return Relation.CODE_DEPENDENCY


def _scope(record: dict[str, Any]) -> str | None:
    for item in objects_in(record.get("properties")):
        if item.get("name") in _DEVELOPMENT_PROPERTIES and item.get("value") == "true":
            return "dev"
    return _SCOPES.get(field_of(record, "scope") or "")
