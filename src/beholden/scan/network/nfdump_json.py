"""nfdump's JSON: an array of flows printed over several lines, or one flow a line.

Source: nfdump(1), `-o json`, `-o ndjson`, `-o json-log`; names as nfdump 1.7.1 prints them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance
from beholden.scan.network.json_stream import Object, head_objects, json_records
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.nfdump_records import NfdumpFlows
from beholden.scan.network.one_way import OneWay
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_FIELDS = {
    "start": ("first", "t_first"),
    "end": ("last", "t_last"),
    "source": ("src4_addr", "src6_addr"),
    "target": ("dst4_addr", "dst6_addr"),
    "source_port": ("src_port",),
    "target_port": ("dst_port",),
    "protocol": ("proto",),
    "flags": ("tcp_flags",),
    "status": ("fwd_status",),
    "packets": ("in_packets",),
    "size": ("in_bytes",),
    "packets_back": ("out_packets",),
    "size_back": ("out_bytes",),
    "icmp_type": ("icmp_type",),
    "router": ("ip4_router", "ip6_router"),
}
ENDS = ("src_addr", "dst_addr")


class NfdumpJson:
    """Reads what `nfdump -o json` prints."""

    name = "nfdump-json"
    title = "nfdump flows (`-o json`)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the fields that no other log has together."""
        for record in head_objects(head):
            if _is_flow(record) or _is_event(record):
                return Acceptance.yes("nfdump JSON (fields)", 95)
            return Acceptance.no("JSON without the fields of nfdump's flows")
        return Acceptance.no("no JSON object of nfdump's")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        flows = OneWay(source, watch, ENDS)
        taken = NfdumpFlows(source, flows)
        return with_rest(_gathered(source, flows, taken), flows, taken.tell)


def _gathered(source: Source, flows: OneWay, taken: NfdumpFlows) -> Iterator[pa.RecordBatch]:
    for line, record in json_records(source):
        if _is_event(record):
            # NAT and firewall events count no traffic.
            flows.set_aside("events_without_traffic")
        elif not _is_flow(record):
            source.reject(
                line, "flow without addresses", expected="src4_addr and dst4_addr, or src6_addr and dst6_addr"
            )
        else:
            taken.sampled += record.get("sampled") == 1
            taken.add(line, {field: _first(record, names) for field, names in _FIELDS.items()})
            yield from flows.full()


def _first(record: Object, names: tuple[str, ...]) -> Any:  # noqa: ANN401 (whatever JSON holds)
    return next((record[name] for name in names if name in record), None)


def _is_event(record: Object) -> bool:
    return record.get("type") == "EVENT" and "export_sysid" in record


def _is_flow(record: Object) -> bool:
    ends = (_first(record, _FIELDS["source"]), _first(record, _FIELDS["target"]))
    return None not in ends and "in_bytes" in record
