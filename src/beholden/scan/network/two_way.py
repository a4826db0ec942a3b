"""Records of whole conversations that say who opened them, read one by one: what each amounts to for us.

The frame of logs whose record counts both directions beside an opener: what we sent and to whom, what was tried or
denied, what we answered. Bytes are those of whole packets, so content is told from headers by the caller.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.one_way import (
    EXPECTED_ADDRESS,
    EXPECTED_NUMBERS,
    ICMP,
    LAST_PORT,
    LATEST_US,
    NO_ADDRESS,
    OUT_OF_RANGE,
)
from beholden.scan.network.sides import GROUP, OURS, WATCHED, Sides, parse_address
from beholden.scan.traffic.rows import ContactRows
from beholden.schema.traffic import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

TCP, UDP = 6, 17
# Longest header without options to spare: a packet up to this size may be empty. IPv6 has 20 bytes more.
_HEADER = {TCP: 60, UDP: 28}
_OTHER_HEADER, _MORE_IN_V6 = 20, 20


class TwoWayRecord(NamedTuple):
    """One conversation, or a part of it.

    Attributes:
        line: Its place in the file, from 1.
        opener: Address text of the one that opened it.
        target: Address text of the one it was opened to.
        port: Of the target; None: the record has none.
        protocol: IANA number; None: the record has none.
        start: Microseconds since 1970.
        end: So too.
        sent: Bytes from the opener.
        received: Bytes from the target.
        has_sent_content: Whether the opener's packets need have carried content.
        has_received_content: Whether the target's need have.
        is_established: Whether the target is known to have taken part, whatever the bytes say.
        is_denied: Stopped by a rule on the way.
        is_sure: Whether it is sure who opened it.
        opener_is_ours: What the record says of that; None: nothing.
        is_asking: Of ICMP: whether its type is one by which a host asks; None: the type is not told.
        stands_for: Conversations; 0: a further part of one.
        state: As the log names it.
        account: Whose.
        interface: Where it was logged.
    """

    line: int
    opener: str
    target: str
    port: int | None
    protocol: int | None
    start: int | None
    end: int | None
    sent: int
    received: int
    has_sent_content: bool
    has_received_content: bool
    is_established: bool = False
    is_denied: bool = False
    is_sure: bool = True
    opener_is_ours: bool | None = None
    is_asking: bool | None = None
    stands_for: int = 1
    state: str | None = None
    account: str | None = None
    interface: str | None = None


class TwoWay:
    """Gathers the records of one log.

    Args:
        source: The log; takes the counts.
        watch: Says whose an address is.
        ends: Names of the record's fields for the one that opened and the one it opened to.

    Attributes:
        aside: Records that are not followed up, by reason.
    """

    def __init__(self, source: Source, watch: Watch, ends: tuple[str, str]) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._rows = ContactRows(ends)
        self.aside: Counter[str] = Counter()
        self.full = self._rows.full

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        yield from self._rows.rest()

    def set_aside(self, reason: str) -> None:
        """Count a sound record that is not followed up."""
        self._source.accept()
        self.aside[reason] += 1

    def add(self, record: TwoWayRecord) -> None:
        """Take one record: keep it, set it aside, or reject it."""
        opener, target = self._sides[record.opener], self._sides[record.target]
        if not opener or not target:
            self._source.reject(record.line, NO_ADDRESS, expected=EXPECTED_ADDRESS)
        elif not _is_sound(record):
            self._source.reject(record.line, OUT_OF_RANGE, expected=EXPECTED_NUMBERS)
        elif (opened_by_us := self._opened_by_us(record, opener, target)) is None:
            return
        elif opened_by_us:
            self._outbound(record, target)
        else:
            self._inbound(record, opener)

    def _opened_by_us(self, record: TwoWayRecord, opener: int, target: int) -> bool | None:
        """Whether our side opened it; None where that is no question, which is counted."""
        if (opener | target) & GROUP:
            self.set_aside("multicast_or_broadcast")
        elif opener & target & OURS:
            self.set_aside("local_to_local")
        elif (opener | target) & OURS:
            return bool(opener & OURS)
        elif record.opener_is_ours is not None:
            return record.opener_is_ours
        else:
            self.set_aside("neither_side_ours" if self._sides.has_own_networks else "our_side_unknown")
        return None

    def _outbound(self, record: TwoWayRecord, remote: int) -> None:
        if not remote & WATCHED:
            self.set_aside("ip")
        elif why := _icmp_aside(record):
            self.set_aside(why)
        elif record.is_denied or not (record.has_sent_content or record.has_received_content or record.is_established):
            self._keep(record, Verdict.ATTEMPTED, (record.target, record.opener))
        else:
            verdict = Verdict.SENT if record.is_sure else Verdict.LIKELY_SENT
            self._keep(record, verdict, (record.target, record.opener))

    def _inbound(self, record: TwoWayRecord, remote: int) -> None:
        if record.is_denied or not (record.has_sent_content and record.has_received_content):
            self.set_aside("inbound_unanswered")
        elif not remote & WATCHED:
            self.set_aside("ip")
        elif why := _icmp_aside(record):
            self.set_aside(why)
        else:
            verdict = Verdict.ANSWERED if record.is_sure else Verdict.LIKELY_ANSWERED
            self._keep(record, verdict, (record.opener, record.target))

    def _keep(self, record: TwoWayRecord, verdict: Verdict, remote_and_own: tuple[str, str]) -> None:
        remote, own = (parse_address(text) for text in remote_and_own)
        assert remote is not None
        assert own is not None
        assert record.start is not None
        assert record.end is not None
        self._source.accept()
        self._rows.add(
            verdict,
            remote,
            own,
            record.line,
            record.start,
            record.end,
            first=record.sent,
            second=record.received,
            port=-1 if record.port is None else record.port,
            count=record.stands_for,
            protocol=None if record.protocol is None else str(record.protocol),
            state=record.state,
            account=record.account,
            interface=record.interface,
        )

    def tell(self) -> None:
        """Say in the coverage of the log what was set aside, and why."""
        source = self._source
        source.not_resolved.update(self.aside)
        if count := self.aside["neither_side_ours"]:
            source.note(
                f"{count} records have neither side in our networks (carried or mirrored traffic): left out; "
                "if some are yours, name your networks in beholden.toml"
            )
        if count := self.aside["our_side_unknown"]:
            source.note(
                f"{count} records run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if count := self.aside["inbound_unanswered"]:
            source.note(
                f"{count} records belong to connections from outside that got no answer with content: no act of ours"
            )
        if count := self.aside["icmp"]:
            source.note(f"{count} ICMP records do not say who asked and who answered: left out")


def has_content(protocol: int | None, packets: int, size: int, *, is_v6: bool, frame: int = 0) -> bool:
    """Whether packets of one direction need have carried content.

    Args:
        protocol: IANA number.
        packets: 0 where they were not counted.
        size: Their bytes, headers included.
        is_v6: IPv6 headers are longer.
        frame: Bytes of the link layer that are counted, too.
    """
    header = _HEADER.get(protocol or 0, _OTHER_HEADER) + (_MORE_IN_V6 if is_v6 else 0) + frame
    return size > max(packets, 1) * header


def _icmp_aside(record: TwoWayRecord) -> str | None:
    if record.protocol not in ICMP or record.is_asking:
        return None
    return "icmp" if record.is_asking is None else "icmp_reports"


def _is_sound(record: TwoWayRecord) -> bool:
    if record.start is None or record.end is None:
        return False
    return 0 <= record.start <= record.end <= LATEST_US and (record.port or 0) <= LAST_PORT
