"""OCSF network activity, event by event: one-way where Amazon made it of VPC flow logs, else with a known opener.

The schema says that the source endpoint is the one that began, and that `bytes_out` went from it to the destination.
What bytes count, payload or whole packets, is left to the product. Fields differ by version: all are looked for.

Source: OCSF schema 1.0 to 1.7, Network Activity [4001] and the objects Network Traffic, Network Connection Information,
Network Endpoint; Amazon Security Lake's mapping of VPC flow logs.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from beholden.scan.network.json_values import count_of, inner, moment_of, text_of
from beholden.scan.network.one_way import EXPECTED_NUMBERS, OUT_OF_RANGE, OneWay, OneWayRecord
from beholden.scan.network.protocols import protocol_number
from beholden.scan.network.two_way import TwoWay, TwoWayRecord, has_content
from beholden.scan.network.vpc_flow import tell as tell_vpc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.network.json_stream import Object
    from beholden.scan.source import Source

ENDS = ("src_endpoint.ip", "dst_endpoint.ip")
NETWORK_ACTIVITY = 4001
VPC = "Amazon VPC"
MILLISECONDS = 1_000
INBOUND, OUTBOUND = 1, 2
OPEN, FAIL, REFUSE, LISTEN = 1, 4, 5, 7
DENIED = BLOCKED = 2
_STATUSES = ("NODATA", "SKIPDATA")
# What counts are of: VPC records, those among them that were logged on the way, bytes that a product missed, events
# that give one total for both directions; and what is set aside, by reason.
_FROM_VPC, BETWEEN, _MISSED, _UNSPLIT, _ASIDE = "vpc", "between", "missed", "unsplit", "aside:"


class OcsfEvents:
    """Takes the events of one file.

    Args:
        source: The file; takes the counts.
        watch: Says whose an address is.

    Attributes:
        counts: Events of which there is something to tell, by what.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._flows = OneWay(source, watch, ENDS, learns=True)
        self._unordered = OneWay(source, watch, ENDS)
        self._contacts = TwoWay(source, watch, ENDS)
        self.counts: Counter[str] = Counter()

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give batches once enough records have gathered."""
        for rows in (self._flows, self._unordered, self._contacts):
            yield from rows.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        for rows in (self._flows, self._unordered, self._contacts):
            yield from rows.rest()

    def note_vpc(self, count: int) -> None:
        """Count VPC records that were read elsewhere."""
        self.counts[_FROM_VPC] += count

    @property
    def marks(self) -> Counter[str]:
        """All that `tell` rests on, as counts: those of the parts of one log add up."""
        return self.counts + Counter({f"{_ASIDE}{reason}": count for reason, count in self._contacts.aside.items()})

    def take(self, marks: Mapping[str, int]) -> None:
        """Take the sums of the marks of all parts of a log."""
        for name, count in marks.items():
            counter = self._contacts.aside if name.startswith(_ASIDE) else self.counts
            counter[name.removeprefix(_ASIDE)] += count

    def add(self, line: int, event: Object) -> None:
        """Take one event.

        Args:
            line: Its place, from 1.
            event: As its JSON has it.
        """
        try:
            kind = count_of(event.get("class_uid"))
            if kind is None:
                self._source.reject(line, "not an OCSF event", expected="class_uid")
            elif kind != NETWORK_ACTIVITY:
                self._flows.set_aside("other_event_class")
            elif text_of(inner(event, "metadata", "product", "name")) == VPC:
                self.counts[_FROM_VPC] += 1
                self._take_vpc(line, event)
            else:
                self._take(line, event)
        except ValueError:
            self._source.reject(line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)

    def _take_vpc(self, line: int, event: Object) -> None:
        status = text_of(event.get("status_code"))
        if status in _STATUSES:
            self._flows.set_aside(status.lower())
            return
        if status not in ("OK", None):
            self._source.reject(line, "unknown log-status", expected="OK, NODATA or SKIPDATA")
            return
        own = [text_of(inner(event, side, "ip")) for side in ("src_endpoint", "dst_endpoint")]
        printed = [_first(inner(event, side, "intermediate_ips")) for side in ("src_endpoint", "dst_endpoint")]
        printed = [text or packet for text, packet in zip(printed, own, strict=True)]
        ends = [packet or text for text, packet in zip(printed, own, strict=True)]
        if ends[0] is None or ends[1] is None:
            self._flows.set_aside("null_address")
            return
        traffic, info = event.get("traffic"), event.get("connection_info")
        is_between = ends != printed
        self.counts[BETWEEN] += is_between
        direction = count_of(inner(info, "direction_id"))
        start, end = _span(event)
        self._flows.add(
            OneWayRecord(
                line,
                ends[0],
                ends[1],
                count_of(inner(event, "src_endpoint", "port")),
                count_of(inner(event, "dst_endpoint", "port")),
                count_of(inner(info, "protocol_num")),
                count_of(inner(traffic, "packets")),
                count_of(inner(traffic, "bytes")),
                start,
                end,
                is_accepted=not is_denied(event),
                flags=count_of(inner(info, "tcp_flags")) or 0,
                outwards={OUTBOUND: 1, INBOUND: 0}.get(direction or 0, -1),
                is_between=is_between,
                interface=_either(event, "interface_uid"),
                account=_account(event),
                printed=(printed[0] or "", printed[1] or ""),
            )
        )

    def _take(self, line: int, event: Object) -> None:
        activity = count_of(event.get("activity_id"))
        if activity == LISTEN:
            self._contacts.set_aside("listening")
            return
        ends = [text_of(inner(event, side, "ip")) for side in ("src_endpoint", "dst_endpoint")]
        if ends[0] is None or ends[1] is None:
            self._contacts.set_aside("null_address")
            return
        traffic, info = event.get("traffic"), event.get("connection_info")
        sent, received, total = (count_of(inner(traffic, name)) for name in ("bytes_out", "bytes_in", "bytes"))
        packets = [count_of(inner(traffic, name)) for name in ("packets_out", "packets_in")]
        self.counts[_MISSED] += count_of(inner(traffic, "bytes_missed")) or 0
        if sent is None and received is not None and total is not None:
            sent = max(total - received, 0)
        elif received is None and sent is not None and total is not None:
            received = max(total - sent, 0)
        self.counts[_UNSPLIT] += sent is None and bool(total)
        start, end = _span(event)
        protocol = protocol_number(inner(info, "protocol_num"))
        if protocol is None:
            protocol = protocol_number(inner(info, "protocol_name"))
        ports = [count_of(inner(event, side, "port")) for side in ("src_endpoint", "dst_endpoint")]
        if event.get("is_src_dst_assignment_known") is False and sent is not None:
            there = OneWayRecord(
                line, ends[0], ends[1], ports[0], ports[1], protocol, packets[0], sent, start, end,
                is_accepted=not is_denied(event), account=_account(event),
            )  # fmt: skip
            back = there._replace(
                source=ends[1], target=ends[0], source_port=ports[1], target_port=ports[0], packets=packets[1],
                size=received or 0,
            )  # fmt: skip
            self._unordered.add(there, back)
            return
        direction = count_of(inner(info, "direction_id"))
        is_v6 = ":" in ends[0]
        content = [
            bool(size) and (count is None or has_content(protocol, count, size or 0, is_v6=is_v6))
            for size, count in zip((sent, received), packets, strict=True)
        ]
        self._contacts.add(
            TwoWayRecord(
                line,
                ends[0],
                ends[1],
                ports[1],
                protocol,
                start,
                end,
                sent=sent or 0,
                received=received or 0,
                has_sent_content=content[0],
                has_received_content=content[1],
                is_denied=is_denied(event) or activity == FAIL,
                is_sure=event.get("is_src_dst_assignment_known") is not False,
                opener_is_ours={OUTBOUND: True, INBOUND: False}.get(direction or 0),
                state=text_of(event.get("activity_name")),
                account=_account(event),
                interface=_either(event, "interface_uid"),
            )
        )

    def tell(self) -> None:
        """Say in the coverage what such events cannot say."""
        source = self._source
        self._contacts.tell()
        if self.counts[_FROM_VPC]:
            tell_vpc(source, has_action=True, in_between=self.counts[BETWEEN])
        elif source.records_read:
            source.note(
                "what bytes count, payload or whole packets, is the product's choice: where they would fit into "
                "headers, what we opened counts as tried only"
            )
        if unsplit := self.counts[_UNSPLIT]:
            source.note(
                f"{unsplit} events give one total for both directions: what was ours of it is not known, so "
                "they count as tried only"
            )
        if missed := self.counts[_MISSED]:
            source.note(f"{missed} bytes were missed (bytes_missed): sums may be too low")


def is_denied(event: Object) -> bool:
    """Whether a rule stopped the traffic: Refuse, Denied or Blocked, by whatever field a version has."""
    told = (
        (count_of(event.get("activity_id")), REFUSE),
        (count_of(event.get("action_id")), DENIED),
        (count_of(event.get("disposition_id")), BLOCKED),
    )
    return any(value == denied for value, denied in told)


def _span(event: Object) -> tuple[int | None, int | None]:
    """Start and end in microseconds; what is missing is told by the event's own time and its duration."""
    start, moment, end = (_moment(event, name) for name in ("start_time", "time", "end_time"))
    start = moment if start is None else start
    duration = count_of(event.get("duration"))
    if end is None and start is not None:
        end = start + duration * MILLISECONDS if duration is not None else max(start, moment or start)
    return start, end


def _moment(event: Object, name: str) -> int | None:
    found = moment_of(event.get(name), MILLISECONDS)
    return moment_of(event.get(f"{name}_dt")) if found is None else found


def _first(value: Any) -> str | None:  # noqa: ANN401 (whatever JSON holds)
    return text_of(value[0]) if isinstance(value, list) and value else None


def _either(event: Object, name: str) -> str | None:
    return text_of(inner(event, "src_endpoint", name)) or text_of(inner(event, "dst_endpoint", name))


def _account(event: Object) -> str | None:
    return text_of(inner(event, "cloud", "account", "uid")) or text_of(inner(event, "cloud", "account_uid"))
