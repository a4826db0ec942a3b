"""AWS VPC flow log records inside JSON events, as CloudWatch Logs gives them (API, subscription) and OpenSearch.

The record stands as text in `message`, or as fields in `aws.vpc`. Text in an order of one's own has no header here:
only the default order is read.

Source: Amazon VPC user guide, "Flow log records"; CloudWatch Logs API, FilterLogEvents; CloudWatch Logs user guide,
"Subscription filters"; OpenSearch, schema of VPC flow logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.interface import Acceptance
from beholden.scan.network.json_stream import Object, head_objects, json_records
from beholden.scan.network.json_values import count_of, inner, text_of
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.one_way import EXPECTED_NUMBERS, OUT_OF_RANGE, OneWay, OneWayRecord
from beholden.scan.network.vpc_flow import tell
from beholden.scan.network.vpc_layout import NULL, VERSION_2, default_layout
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

ENDS = ("srcaddr", "dstaddr")
_HOLDER = "events"
_STATUSES = ("NODATA", "SKIPDATA")
_ACTIONS = frozenset({"ACCEPT", "REJECT", None})
# Years are far from such numbers of seconds.
_MICROSECONDS = 1_000_000


class VpcEvents:
    """Reads VPC flow log records that other tools wrapped in JSON."""

    name = "vpc-flow-events"
    title = "AWS VPC flow log records in JSON events (CloudWatch Logs, OpenSearch)"
    kinds = frozenset({Kind.IP})
    joins_names = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a record in the default order, or by its fields."""
        for event in head_objects(head, _HOLDER):
            if any(record is not None for record in _records(event)):
                return Acceptance.yes("VPC flow log records in JSON events", 90)
            return Acceptance.no("JSON events without a VPC flow log record")
        return Acceptance.no("no JSON event with a VPC flow log record")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give FLOW records of addresses that are watched.

        Raises:
            ScanError: The data is damaged or too large; records so far are given first.
        """
        reading = _Reading(source, watch)
        return with_rest(reading.gathered(), reading.flows, reading.tell)


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self.flows = OneWay(source, watch, ENDS, learns=True)
        self._has_action = True
        self._between = 0

    def gathered(self) -> Iterator[pa.RecordBatch]:
        source = self._source
        for line, event in json_records(source, _HOLDER):
            if event.get("messageType") == "CONTROL_MESSAGE":
                # Sent to see whether the subscription works.
                self.flows.set_aside("control_messages")
                continue
            for record in _records(event):
                if record is None:
                    source.reject(line, "not a VPC flow log record", expected="the default order, or aws.vpc")
                else:
                    self._take(line, record)
            yield from self.flows.full()

    def _take(self, line: int, record: Object) -> None:
        status = text_of(record.get("log-status"))
        if status in _STATUSES:
            self.flows.set_aside(status.lower())
            return
        if status not in ("OK", None):
            self._source.reject(line, "unknown log-status", expected="OK, NODATA or SKIPDATA")
            return
        printed = text_of(record.get("srcaddr")), text_of(record.get("dstaddr"))
        ends = (text_of(record.get("pkt-srcaddr")) or printed[0], text_of(record.get("pkt-dstaddr")) or printed[1])
        if ends[0] is None or ends[1] is None:
            self.flows.set_aside("null_address")
            return
        action = text_of(record.get("action"))
        self._has_action &= "action" in record
        if action not in _ACTIONS:
            self._source.reject(line, "unknown action", expected="ACCEPT or REJECT")
            return
        try:
            start, end = count_of(record.get("start")), count_of(record.get("end"))
            flow = OneWayRecord(
                line,
                ends[0],
                ends[1],
                count_of(record.get("srcport")),
                count_of(record.get("dstport")),
                count_of(record.get("protocol")),
                count_of(record.get("packets")),
                count_of(record.get("bytes")),
                None if start is None else start * _MICROSECONDS,
                None if end is None else end * _MICROSECONDS,
                is_accepted=action != "REJECT" if "action" in record else None,
                flags=count_of(record.get("tcp-flags")) or 0,
                outwards={"egress": 1, "ingress": 0}.get(text_of(record.get("flow-direction")) or "", -1),
                is_between=ends != printed,
                interface=text_of(record.get("interface-id")),
                account=text_of(record.get("account-id")),
                printed=(printed[0] or "", printed[1] or ""),
            )
        except ValueError:
            self._source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
            return
        self._between += flow.is_between
        self.flows.add(flow)

    def tell(self) -> None:
        tell(self._source, has_action=self._has_action, in_between=self._between)


def _records(event: Object) -> Iterator[Object | None]:
    """The VPC flow log records of an event by column; None for what is none."""
    fields = inner(event, "aws", "vpc")
    if isinstance(fields, dict):
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        yield named if {"srcaddr", "dstaddr"} <= set(named) else None
        return
    held = event.get("logEvents")
    for item in held if isinstance(held, list) else [event]:
        yield _from_text(inner(item, "message"))


def _from_text(message: Any) -> Object | None:  # noqa: ANN401 (whatever JSON holds)
    if not isinstance(message, str) or (layout := default_layout(message)) is None:
        return None
    cells = dict(zip(layout.names, message.split(), strict=True))
    return {name: None if cells[name] == NULL else cells[name] for name in VERSION_2}
