"""EVE `flow` and `netflow` events: who opened a flow, and what went each way.

`flow` has both directions in one event; `netflow` has one event for each, the opener's first, under one `flow_id`.
Where a file has both, the type that comes first is read, since each tells of the same traffic.

Bytes are those of whole frames, headers included, so whether a direction carried content is judged by what frames
without any take. As in the Zeek reader, a probe that got no content for an answer is no act of ours, and what we
opened counts as sent only where content went one way or the other.

Source: Suricata user guide, "Eve JSON Format", event type Flow; field list of the project's JSON schema (`netflow`,
`tcp.tcp_flags_ts`, `tcp.tcp_flags_tc`, `flow.action`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.eve.events import NO_ADDRESS, Event, Refusal, count_of, is_placed, part_of, text_of
from beholden.scan.network.eve.waiting import Waiting
from beholden.scan.network.sides import GROUP, OURS, Sides, parse_address
from beholden.scan.traffic.rows import ContactRows
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

# The fields of the one that opened a flow and of the one it was opened to.
ENDS = ("src_ip", "dest_ip")
TYPES = ("flow", "netflow")
NOT_A_FLOW: Refusal = ("not a flow", "counts of packets and bytes, and a time in start")
_SYN, _PSH, _ACK = 0x02, 0x08, 0x10
_TCP, _UDP = "TCP", "UDP"
_ICMP = frozenset({"ICMP", "IPV6-ICMP", "ICMPV6"})
_ECHO_REQUESTS = frozenset({8, 128})
_WELL_KNOWN = 1024
# An Ethernet frame with a VLAN tag and no content: TCP with 20 bytes of options, as in an opening packet; for all else
# the shortest frame there is.
_EMPTY_TCP_FRAME, _SHORTEST_FRAME = 78, 60
_LONGER_IPV6 = 20
_MAX_WAITING = 20_000
_MAX_WORD = 16
_FIRST = "type of flows"


@dataclass(slots=True)
class _Way:
    """One direction of a flow; `flags` is None where the log has none."""

    packets: int = 0
    bytes: int = 0
    flags: int | None = None


@dataclass(slots=True)
class _Flow:
    """Both directions, `there` being the opener's; nothing else of the record, since flows may have to wait."""

    line: int
    number: str
    opener: str
    opener_port: int
    target: str
    target_port: int
    protocol: str
    start: float
    end: float
    there: _Way
    back: _Way = field(default_factory=_Way)
    also: tuple[int, ...] = ()
    service: str = ""
    state: str = ""
    icmp_type: int | None = None
    is_dropped: bool = False

    def turn_round(self) -> None:
        """Take the other side for the one that opened it."""
        self.opener, self.target = self.target, self.opener
        self.opener_port, self.target_port = self.target_port, self.opener_port
        self.there, self.back = self.back, self.there

    def has_content(self, way: _Way) -> bool:
        """Whether a direction surely carried more than headers."""
        empty = _EMPTY_TCP_FRAME if self.protocol == _TCP else _SHORTEST_FRAME
        if ":" in self.opener:
            empty += _LONGER_IPV6
        is_longer = way.bytes > way.packets * empty
        if self.protocol != _TCP or not way.flags:
            return is_longer
        # Data is never sent without ACK, and its last segment bears PSH.
        return bool(way.flags & _ACK) and (is_longer or bool(way.flags & _PSH))


class FlowEnded(Protocol):
    """Takes the number of a flow, and whether the side that it was opened to sent content."""

    def __call__(self, flow: str, *, is_answered: bool) -> None:
        """Take it."""


class FlowRecords:
    """Judges flows; CONTACT records.

    Those with addresses that nobody watches are given, too: a name that the same log tells may stand for one.

    Args:
        source: Takes counts and notes.
        sides: What each address of the log is.
        flow_ended: Called for each flow.
        settled: Says which type came first, where the log is read in portions.
    """

    def __init__(self, source: Source, sides: Sides, flow_ended: FlowEnded, settled: dict[str, str]) -> None:
        self._source = source
        self._sides = sides
        self._flow_ended = flow_ended
        self._rows = ContactRows(ENDS)
        self._settled = settled
        self._waiting: Waiting[_Flow] = Waiting(_MAX_WAITING)

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        kind = self._settled.setdefault(_FIRST, event.kind)
        if event.kind != kind:
            self._source.not_resolved[f"{event.kind}_beside_{kind}"] += 1
            return None
        if not is_placed(event, self._sides):
            return NO_ADDRESS
        found = _flow(event) if event.kind == "flow" else _half(event)
        if found is None:
            return NOT_A_FLOW
        if event.kind == "flow":
            self._settle(found)
        else:
            self._join(found)
        return None

    @property
    def has_any(self) -> bool:
        """Whether the log has records of flows."""
        return _FIRST in self._settled

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._rows.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._rows.rest()

    def finish(self) -> None:
        """Settle flows of which one direction was logged, and tell what is not in the findings."""
        for flow in self._waiting.rest():
            self._settle(flow)
        source, counts = self._source, self._source.not_resolved
        if count := counts["inbound_unanswered"]:
            source.note(f"{count} flows from outside got no answer with content: counted, not an act of ours")
        if count := counts["neither_side_ours"]:
            source.note(
                f"{count} flows have neither side in our networks (carried or mirrored traffic): left out; "
                "if some are yours, name your networks in beholden.toml"
            )
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} flows run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if self.has_any:
            source.note("bytes of Suricata flows are those of whole frames, headers included")

    def _join(self, half: _Flow) -> None:
        """Put the second direction of a netflow to the first."""
        key = (half.number, half.protocol)
        first = self._waiting.get(key) if half.number else None
        if first is None or (first.opener, first.target) != (half.target, half.opener):
            for settled in self._waiting.put(key if half.number else half.line, half):
                self._settle(settled)
            return
        self._waiting.pop(key)
        first.back, first.also = half.there, (half.line,)
        if _is_turned_round(first):
            first.turn_round()
        first.start, first.end = min(first.start, half.start), max(first.end, half.end)
        self._settle(first)

    def _settle(self, flow: _Flow) -> None:
        if flow.number:
            self._flow_ended(flow.number, is_answered=flow.has_content(flow.back))
        opener, target = self._sides[flow.opener], self._sides[flow.target]
        counts = self._source.not_resolved
        if (opener | target) & GROUP:
            counts["multicast_or_broadcast"] += 1
        elif opener & target & OURS:
            counts["local_to_local"] += 1
        elif opener & OURS and _is_late_reply(flow):
            self._inbound(flow, is_late=True)
        elif opener & OURS:
            self._outbound(flow)
        elif target & OURS:
            self._inbound(flow, is_late=False)
        else:
            counts["neither_side_ours" if self._sides.has_own_networks else "our_side_unknown"] += 1

    def _outbound(self, flow: _Flow) -> None:
        counts = self._source.not_resolved
        is_icmp = flow.protocol in _ICMP
        if is_icmp and flow.icmp_type not in _ECHO_REQUESTS:
            counts["icmp_reports"] += 1
            return
        sent, got = flow.has_content(flow.there), flow.has_content(flow.back)
        if got or (sent and not is_icmp and not flow.is_dropped):
            # Of a flow that the sensor itself cut off, the counters do not say what still got through.
            self._add(Verdict.LIKELY_SENT if flow.is_dropped else Verdict.SENT, flow, is_outbound=True)
        elif _is_midstream(flow):
            counts["midstream_without_payload"] += 1
        else:
            self._add(Verdict.ATTEMPTED, flow, is_outbound=True)

    def _inbound(self, flow: _Flow, *, is_late: bool) -> None:
        is_answered = flow.has_content(flow.there) and flow.has_content(flow.back)
        if not is_answered or flow.protocol in _ICMP:
            self._source.not_resolved["inbound_unanswered"] += 1
        else:
            verdict = Verdict.LIKELY_ANSWERED if flow.is_dropped or is_late else Verdict.ANSWERED
            self._add(verdict, flow, is_outbound=is_late)

    def _add(self, verdict: Verdict, flow: _Flow, *, is_outbound: bool) -> None:
        """Add a flow; `is_outbound`: our side is printed as its source."""
        remote, own = (flow.target, flow.opener) if is_outbound else (flow.opener, flow.target)
        first, second = flow.there, flow.back
        if is_outbound and verdict.direction is Direction.IN:
            first, second = second, first
        packed = [parse_address(text) for text in (remote, own)]
        assert packed[0] is not None
        assert packed[1] is not None
        self._rows.add(
            verdict,
            packed[0],
            packed[1],
            flow.line,
            round(flow.start * 1_000_000),
            round(flow.end * 1_000_000),
            also=flow.also,
            first=first.bytes,
            second=second.bytes,
            port=flow.target_port,
            protocol=flow.protocol or None,
            service=flow.service or None,
            state=flow.state or None,
        )


def begun_and_answered(event: Event) -> tuple[float, bool] | None:
    """When a `flow` event's flow began, in seconds since 1970, and whether the other side sent content.

    Returns:
        None where it cannot be a flow.
    """
    flow = _flow(event)
    return None if flow is None else (flow.start, flow.has_content(flow.back))


def _flow(event: Event) -> _Flow | None:
    flow, tcp = event.part(), part_of(event.record, "tcp")
    there = _way(flow.get("pkts_toserver"), flow.get("bytes_toserver"), tcp.get("tcp_flags_ts"))
    back = _way(flow.get("pkts_toclient"), flow.get("bytes_toclient"), tcp.get("tcp_flags_tc"))
    found = _timed(event, flow, there)
    if found is None or back is None:
        return None
    found.back = back
    found.is_dropped = text_of(flow.get("action")) == "drop"
    return found


def _half(event: Event) -> _Flow | None:
    netflow, tcp = event.part(), part_of(event.record, "tcp")
    return _timed(event, netflow, _way(netflow.get("pkts"), netflow.get("bytes"), tcp.get("tcp_flags")))


def _timed(event: Event, part: dict[str, Any], there: _Way | None) -> _Flow | None:
    # Of a file of packets, `timestamp` is when the record was written.
    start = parse_seconds(text_of(part.get("start")))
    if there is None or start is None:
        return None
    end = parse_seconds(text_of(part.get("end")))
    return _Flow(
        event.line,
        event.flow,
        event.source,
        event.source_port,
        event.target,
        event.target_port,
        event.protocol[:_MAX_WORD],
        start,
        start if end is None else max(start, end),
        there,
        service=text_of(event.record.get("app_proto"))[:_MAX_WORD],
        state=text_of(part.get("state"))[:_MAX_WORD],
        icmp_type=count_of(event.record.get("icmp_type")),
    )


def _way(packets: object, size: object, flags: object) -> _Way | None:
    counted, measured = count_of(packets), count_of(size)
    if counted is None or measured is None:
        return None
    return _Way(counted, measured, _flags(text_of(flags)))


def _flags(text: str) -> int | None:
    try:
        return int(text, 16) if 0 < len(text) <= 4 else None
    except ValueError:
        return None


def _is_late_reply(flow: _Flow) -> bool:
    """Whether our packet only looks like the first one: our service port, their ephemeral port, no opening seen."""
    if flow.protocol == _TCP:
        opening_seen = bool(((flow.there.flags or 0) | (flow.back.flags or 0)) & _SYN)
    else:
        opening_seen = flow.protocol != _UDP or flow.back.packets > 0
    return not opening_seen and 0 <= flow.opener_port < _WELL_KNOWN <= flow.target_port


def _is_turned_round(flow: _Flow) -> bool:
    """Whether the answering direction came first, as delivery by way of a cloud may have it.

    From a port that serves, with ACK, to one that opened with SYN. Probes come from such ports, too, but without ACK,
    or get no SYN back; datagrams tell nothing, so that for them the order stands.
    """
    if flow.protocol != _TCP or not 0 <= flow.opener_port < _WELL_KNOWN <= flow.target_port:
        return False
    return bool((flow.there.flags or 0) & _ACK) and bool((flow.back.flags or 0) & _SYN)


def _is_midstream(flow: _Flow) -> bool:
    """Whether TCP packets of ours are the rest of something else: no opening among them."""
    return flow.protocol == _TCP and bool(flow.there.flags) and not (flow.there.flags or 0) & _SYN
