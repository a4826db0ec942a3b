"""CycloneDX bills of materials in JSON.

Source: CycloneDX specification 1.2 to 1.7.
    The raw JSON is read: object libraries of the format drop fields that they do not model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.rows import Rows
from beholden.scan.software.cyclonedx_components import ComponentReader
from beholden.scan.software.cyclonedx_services import ServiceReader
from beholden.scan.software.json_document import JsonDocument
from beholden.scan.software.tally import Tally
from beholden.scan.software.text import field_of, objects_in, table_of, text_of
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_FORMAT = re.compile(r'"bomFormat"\s*:\s*"CycloneDX"')
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"https?://cyclonedx\.org/schema/bom')
_KNOWN_VERSIONS = frozenset({"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"})


class CycloneDxJson:
    """Reads CycloneDX JSON: packages, suppliers, models, images, hardware, and the services that are called."""

    name = "cyclonedx-json"
    title = "CycloneDX bill of materials (JSON 1.2 to 1.7)"
    kinds = frozenset({Kind.PURL, Kind.NAME, Kind.MODEL, Kind.IMAGE, Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a JSON object with `bomFormat` CycloneDX."""
        text = head.text
        if text.lstrip().startswith("<") and "cyclonedx.org/schema" in text:
            return Acceptance.no("CycloneDX XML is not read: export the bill of materials as JSON")
        if not text.lstrip().startswith("{"):
            return Acceptance.no("not a JSON object")
        if _FORMAT.search(text):
            return Acceptance.yes("bomFormat is CycloneDX", strength=100)
        if _SCHEMA.search(text):
            return Acceptance.yes("its $schema is CycloneDX", strength=95)
        return Acceptance.no("bomFormat is not CycloneDX")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give observations of every component and service; the subject of the bill is not a dependency of itself."""
        document = JsonDocument.read(source)
        root = document.root
        if not isinstance(root, dict) or root.get("bomFormat", "CycloneDX") != "CycloneDX":
            raise source.error("not a CycloneDX document: expected an object with bomFormat CycloneDX")
        _note_about(root, source)
        rows, tally = Rows(source.path), Tally()
        components = ComponentReader(source, rows, tally, document, _direct_refs(root))
        for _ in components.read(root.get("components")):
            yield from rows.full()
        services = ServiceReader(source, tally, document)
        for _ in services.read(root.get("services")):
            pass
        tally.write(rows)
        yield from rows.rest()


def _note_about(root: dict[str, Any], source: Source) -> None:
    version = root.get("specVersion")
    if isinstance(version, float):
        # `1.6` without quotation marks is against the specification and clear.
        version = str(version)
    if not isinstance(version, str) or version not in _KNOWN_VERSIONS:
        shown = "missing" if version is None else (text_of(version) or "unreadable")[:20]
        source.note(f"specVersion {shown} is outside 1.2 to 1.7; read by the same rules.")
    parts = field_of(root, "metadata", "component", "name")
    if any(objects_in(table_of(table_of(root.get("metadata")).get("component")).get("components"))):
        source.not_resolved["part of the subject (metadata.component.components)"] += 1
        source.note(f"Parts of the subject itself{f' ({parts[:80]})' if parts else ''} are not read as dependencies.")
    kinds = {field_of(item, "aggregate") for item in objects_in(root.get("compositions"))}
    if any(kind and kind.startswith("incomplete") for kind in kinds):
        source.note("The bill says of itself that it is incomplete.")


def _direct_refs(root: dict[str, Any]) -> frozenset[str] | None:
    """Components that the subject itself depends on; None where the bill has no graph from its subject."""
    subject = field_of(root, "metadata", "component", "bom-ref")
    for item in objects_in(root.get("dependencies")):
        wanted = item.get("dependsOn")
        if subject is not None and item.get("ref") == subject and isinstance(wanted, list):
            return frozenset(ref for ref in wanted if isinstance(ref, str))
    return None
