"""EVE records: the section that all of them share, and the values in them.

Source: Suricata user guide, "Eve JSON Format" (common section). AWS Network Firewall puts each record into `event` of
an object of its own (AWS Network Firewall developer guide, "Contents of a firewall log").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance, InputHead
from beholden.scan.network.cells import parse_seconds, whole_number
from beholden.scan.network.json_lines import json_object, leading_objects, whole_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_LINES_LOOKED_AT = 400
_LARGEST = 2**63 - 1
_PORTS = 65_536
_LONGEST_FLOW = 24
UNKNOWN_PORT = -1

# Why a record is rejected, and what was expected.
Refusal = tuple[str, str]
NO_ADDRESS: Refusal = ("not an address", "IPv4 or IPv6 in src_ip and dest_ip")


@dataclass(slots=True)
class Event:
    """One record.

    Attributes:
        line: Where it begins.
        kind: `event_type`.
        seen: Seconds since 1970, UTC, within year 9999.
        source: `src_ip` as printed; empty: none.
        source_port: -1: none.
        target: `dest_ip` as printed; empty: none.
        target_port: -1: none.
        protocol: In capitals; empty: none.
        record: The whole of it.
    """

    line: int
    kind: str
    seen: float
    source: str
    source_port: int
    target: str
    target_port: int
    protocol: str
    record: dict[str, Any]

    @property
    def flow(self) -> str:
        """Number of the flow as text; empty: none."""
        return text_of(self.record.get("flow_id"))[:_LONGEST_FLOW]

    def part(self, name: str | None = None) -> dict[str, Any]:
        """The object of that name, by default that of the event's own type; empty where there is none."""
        return part_of(self.record, self.kind if name is None else name)


def accepts_eve(head: InputHead) -> Acceptance:
    """Decide from the head whether a file is an EVE log."""
    lines = [line for line in head.first_lines(_LINES_LOOKED_AT) if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{"):
        return Acceptance.no("not JSON lines")
    for found in leading_objects(lines):
        record = _unwrapped(found)
        if not isinstance(record.get("event_type"), str):
            return Acceptance.no("JSON without event_type")
        if "timestamp" not in record or not {"flow_id", "src_ip", "stats", "pcap_cnt"} & record.keys():
            return Acceptance.no("event_type without Suricata's common section")
        return Acceptance.yes("Suricata EVE (event_type and common section)", 90)
    return Acceptance.no("no JSON record")


def read_events(source: Source) -> Iterator[Event]:
    """Give every record that has a type and a time; the others are rejected.

    Args:
        source: The file; records that are given are left for the caller to accept.

    Raises:
        ScanError: The compressed data is damaged.
    """
    lines = source.lines()
    for number, text in lines:
        if not text.strip():
            continue
        found = json_object(whole_object(text, lines))
        if found is None:
            source.reject(number, "not a JSON object", expected="one JSON object a line")
            continue
        record = _unwrapped(found)
        kind = record.get("event_type")
        seen = parse_seconds(text_of(record.get("timestamp")))
        if not isinstance(kind, str) or not kind:
            source.reject(number, "no event_type", expected="Suricata's common section")
        elif seen is None:
            source.reject(number, "time out of range", expected="ISO 8601 in timestamp")
        else:
            yield Event(
                number,
                kind,
                seen,
                text_of(record.get("src_ip")),
                port_of(record.get("src_port")),
                text_of(record.get("dest_ip")),
                port_of(record.get("dest_port")),
                text_of(record.get("proto")).upper(),
                record,
            )


def is_placed(event: Event, sides: Sides) -> bool:
    """Whether both ends are addresses; a part refuses what is not (`NO_ADDRESS`)."""
    return bool(sides[event.source] and sides[event.target])


def part_of(record: dict[str, Any], name: str) -> dict[str, Any]:
    """The object of that name; empty where there is none."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def text_of(value: object) -> str:
    """A text, or a number as text; empty for all else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def count_of(value: object) -> int | None:
    """A count that 64 bits hold, whether written as a number or as a text; None for all else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= _LARGEST else None
    return whole_number(value) if isinstance(value, str) else None


def port_of(value: object) -> int:
    """A port; -1 for all else."""
    found = count_of(value)
    return found if found is not None and found < _PORTS else UNKNOWN_PORT


def _unwrapped(found: dict[str, Any]) -> dict[str, Any]:
    inner = found.get("event")
    return inner if "event_type" not in found and isinstance(inner, dict) else found
