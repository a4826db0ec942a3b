"""Google Cloud VPC flow logs, as Cloud Logging exports them: one-way records that name the end which reported them.

Google samples packets and scales what it counts, so every sum is an estimate. The reporting end is a machine of ours;
where both ends report the same flow, the other end's record is used only if our own is missing.

Source: Google Cloud, "About VPC Flow Logs records" (fields, reporter), "VPC Flow Logs" (sampling); LogEntry reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance
from beholden.scan.network.json_stream import Object, head_objects, json_records
from beholden.scan.network.json_values import count_of, inner, moment_of, text_of
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.one_way import EXPECTED_NUMBERS, OUT_OF_RANGE, OneWay, OneWayRecord
from beholden.scan.network.sides import OURS
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

ENDS = ("connection.src_ip", "connection.dest_ip")
_REPORTERS = frozenset({"SRC", "DEST", "SRC_GATEWAY", "DEST_GATEWAY"})
_LOG = "vpc_flows"


class GcpFlow:
    """Reads Google Cloud VPC flow logs."""

    name = "gcp-vpc-flow"
    title = "Google Cloud VPC flow log (JSON of Cloud Logging)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by the fields that no other log has together."""
        for entry in head_objects(head):
            if _is_flow(entry):
                return Acceptance.yes("Google Cloud VPC flow log (JSON fields)", 95)
            return Acceptance.no("JSON without jsonPayload.connection and jsonPayload.reporter")
        return Acceptance.no("no JSON entry of a Google Cloud VPC flow log")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        flows = OneWay(source, watch, ENDS)
        return with_rest(_gathered(source, flows), flows, lambda: _tell(source))


def _gathered(source: Source, flows: OneWay) -> Iterator[pa.RecordBatch]:
    for line, entry in json_records(source):
        if not _is_flow(entry):
            source.reject(line, "not a VPC flow log entry", expected="jsonPayload with connection and reporter")
            continue
        try:
            record = _record(line, _payload(entry), flows)
        except ValueError:
            source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
            continue
        if _is_between_ours(_payload(entry)):
            flows.set_aside("local_to_local")
        else:
            flows.add(record)
            yield from flows.full()


def _payload(entry: Object) -> Any:  # noqa: ANN401 (whatever JSON holds)
    return entry.get("jsonPayload", entry)


def _is_flow(entry: Object) -> bool:
    payload = _payload(entry)
    has_ends = (
        inner(payload, "connection", "src_ip") is not None and inner(payload, "connection", "dest_ip") is not None
    )
    return has_ends and inner(payload, "reporter") is not None


def _is_between_ours(payload: Object) -> bool:
    # Both ends are machines that our project sees, whatever addresses they have; such flows are reported twice.
    return all(isinstance(payload.get(f"{end}_instance"), dict) for end in ("src", "dest"))


def _record(line: int, payload: Object, flows: OneWay) -> OneWayRecord:
    connection = payload["connection"]
    source, target = str(connection["src_ip"]), str(connection["dest_ip"])
    reporter = payload.get("reporter")
    if reporter not in _REPORTERS:
        raise ValueError("unknown reporter")
    is_gateway = reporter.endswith("_GATEWAY")
    is_source = reporter.startswith("SRC")
    here, there = (source, target) if is_source else (target, source)
    # Of two reports the one from the end that is ours counts; that of a gateway was made on the way.
    is_theirs = bool(flows.side(there) & OURS) and not flows.side(here) & OURS
    instance = payload.get("src_instance" if is_source else "dest_instance")
    return OneWayRecord(
        line,
        source,
        target,
        count_of(connection.get("src_port")),
        count_of(connection.get("dest_port")),
        count_of(connection.get("protocol")),
        count_of(payload.get("packets_sent")),
        count_of(payload.get("bytes_sent")),
        _moment(payload.get("start_time")),
        _moment(payload.get("end_time")),
        outwards=-1 if is_gateway else int(is_source),
        is_between=is_gateway or is_theirs,
        interface=text_of(inner(instance, "vm_name")),
        account=text_of(inner(instance, "project_id")),
    )


def _moment(value: Any) -> int | None:  # noqa: ANN401
    # Early records end so.
    return moment_of(value.removesuffix("UTC") if isinstance(value, str) else value)


def _tell(source: Source) -> None:
    counts = source.not_resolved
    if count := counts["icmp"]:
        source.note(f"{count} ICMP records do not say who asked and who answered: left out")
    if source.records_read:
        source.note(
            "Google samples packets and scales what it counts: bytes and packets are estimates, and short flows "
            "may be missing; who opened a flow is told by start times and ports"
        )
        source.note(
            "packets that a firewall rule denies on the way out are logged like others: what counts as sent may have "
            "been stopped"
        )
