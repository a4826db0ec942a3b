"""Services of a CycloneDX bill: the endpoints that are called, who provides them, what data goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.software.cyclonedx_nesting import nested_records
from beholden.scan.software.hosts import host_of, without_secrets
from beholden.scan.software.tally import Sighting, Tally
from beholden.scan.software.text import facts, field_of, objects_in, text_of
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.software.json_document import JsonDocument
    from beholden.scan.source import Source

_MAX_DATA = 10


class ServiceReader:
    """Reads services, nested ones included, without recursion.

    Args:
        source: Where rejects and notes go.
        tally: Where hosts and names go.
        document: For the lines.
    """

    def __init__(self, source: Source, tally: Tally, document: JsonDocument) -> None:
        self._source = source
        self._tally = tally
        self._lines = {key: document.lines_of_values(key) for key in ("bom-ref", "name")}

    def read(self, services: object) -> Iterator[None]:
        """Read a list of services in document order; gives control back after each."""
        for record in nested_records(self._source, services, "service"):
            self._read_one(record)
            yield

    def _read_one(self, record: dict[str, Any]) -> None:
        self._source.accept()
        line = next((found for key in ("bom-ref", "name") if (found := self._lines[key].take(record.get(key)))), None)
        crosses = record.get("x-trust-boundary")
        detail = facts(
            service=field_of(record, "name"),
            provider=field_of(record, "provider", "name"),
            data=_data(record.get("data")) or None,
            crosses_trust_boundary=crosses if isinstance(crosses, bool) else None,
        )
        if provider := field_of(record, "provider", "name"):
            sighting = Sighting(
                Kind.NAME, " ".join(provider.split()), Relation.SERVICE_ENDPOINT, "services[].provider.name"
            )
            self._tally.add(sighting, line, raw=provider, detail=detail)
        endpoints = record.get("endpoints")
        for endpoint in endpoints if isinstance(endpoints, list) else ():
            self._endpoint(text_of(endpoint), line, detail)
        if not endpoints:
            self._source.not_resolved["service without endpoints"] += 1

    def _endpoint(self, endpoint: str | None, line: int | None, detail: dict[str, Any]) -> None:
        host = host_of(endpoint, bare=True) if endpoint else None
        if endpoint is None or host is None:
            self._source.not_resolved["service endpoint without a host"] += 1
            return
        sighting = Sighting(host.kind, host.value, Relation.SERVICE_ENDPOINT, "services[].endpoints[]", Direction.OUT)
        self._tally.add(sighting, line, raw=without_secrets(endpoint), detail=detail)


def _data(value: object) -> list[str]:
    """What goes to or comes from the service, e.g. `PII outbound`; clipped to a sample."""
    found: list[str] = []
    for item in objects_in(value):
        words = [word for key in ("classification", "flow") if (word := field_of(item, key))]
        if words and len(found) < _MAX_DATA:
            found.append(" ".join(words)[:80])
    return found
