"""OCSF network activity in JSON: one event a line, over several lines, or in an array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.json_stream import head_objects, json_records
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.ocsf_events import NETWORK_ACTIVITY, OcsfEvents
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source


class OcsfNetwork:
    """Reads OCSF network activity in JSON."""

    name = "ocsf-network"
    title = "OCSF network activity (JSON)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the class of the events."""
        seen = False
        for event in head_objects(head):
            seen = seen or "class_uid" in event
            if event.get("class_uid") == NETWORK_ACTIVITY:
                return Acceptance.yes("OCSF network activity (class_uid 4001)", 100)
        if seen:
            return Acceptance.no("OCSF events of another class; network activity (4001) is read", near=True)
        return Acceptance.no("no OCSF event of network activity")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW and CONTACT records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        events = OcsfEvents(source, watch)
        return with_rest(_gathered(source, events), events, events.tell)


def _gathered(source: Source, events: OcsfEvents) -> Iterator[pa.RecordBatch]:
    for line, event in json_records(source):
        events.add(line, event)
        yield from events.full()
