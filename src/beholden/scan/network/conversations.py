"""Joins one-way flow records into conversations and tells who opened them.

A VPC flow log prints each direction by itself, without saying which packet came first. The signs are taken in this
order: TCP flags; a rejected half (only an opening packet is rejected where replies are let through); the earlier
start, or the order in the file, checked against the ports; the ports alone where only one direction was logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from beholden.scan.network.tally import SECONDS_A_DAY
from beholden.schema.observation import MAX_LINES

TCP, UDP = "6", "17"
_SYN, _ACK = 2, 16
_WELL_KNOWN = 1024
_EPHEMERAL = 32768
# Longest header without options to spare: a packet up to this size may be empty. IPv6 has 20 bytes more.
_HEADER = {TCP: 60, UDP: 28}
_OTHER_HEADER = 20
_BARE_TCP_HEADER = 40


@dataclass(slots=True)
class DayPart:
    """What one direction carried on one UTC day."""

    accepted: int = 0
    rejected: int = 0
    bytes: int = 0
    first: int = 0
    last: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Half:
    """One direction of a conversation, summed over its records."""

    start: int = -1
    packets: int = 0
    bytes: int = 0
    accepted: int = 0
    rejected: int = 0
    flags: int = 0
    days: dict[int, DayPart] = field(default_factory=dict)

    @property
    def seen(self) -> bool:
        """Whether the log has any record of this direction."""
        return bool(self.days)

    def add(self, line: int, *, start: int, end: int, packets: int, size: int, flags: int, is_accepted: bool) -> None:
        """Add one record."""
        if not self.days or start < self.start:
            self.start = start
        day = start // SECONDS_A_DAY
        part = self.days.get(day)
        if part is None:
            part = self.days[day] = DayPart(first=start, last=end)
        self.flags |= flags
        if is_accepted:
            self.accepted += 1
            self.packets += packets
            self.bytes += size
            part.accepted += 1
            part.bytes += size
        else:
            self.rejected += 1
            part.rejected += 1
        part.first = min(part.first, start)
        part.last = max(part.last, end)
        if len(part.lines) < MAX_LINES:
            part.lines.append(line)


@dataclass(slots=True)
class Conversation:
    """Both directions between two ends; `there` is the direction of the record printed first.

    Attributes:
        source: Address that sent the first printed record.
        target: Address it was sent to.
        source_port: Port of `source`; -1 where the log has none.
        target_port: Port of `target`.
        protocol: IANA number as text.
        interface: The interface that logged it, with the addresses it printed for source and target.
        source_sends_out: What `flow-direction` says of the first printed direction; None where it does not.
        account: Account that owns the interface.
    """

    source: str
    target: str
    source_port: int
    target_port: int
    protocol: str
    interface: tuple[str, str, str]
    source_sends_out: bool | None
    account: str
    there: Half = field(default_factory=Half)
    back: Half = field(default_factory=Half)

    def opened_by_us(self, *, source_is_ours: bool) -> tuple[bool, bool]:
        """Whether our side opened it, and whether that is sure.

        Where signs differ, the reading under which we sent nothing of our own wins.

        Args:
            source_is_ours: Whether the first printed sender is our side.
        """
        ours, theirs = (self.there, self.back) if source_is_ours else (self.back, self.there)
        if (flags := self._opened_by_flags(ours, theirs)) is not None:
            return flags, True
        their_port_serves, is_plain = self._ports(source_is_ours=source_is_ours)
        if not (ours.seen and theirs.seen):
            return (ours.seen, False) if their_port_serves is None else (their_port_serves, is_plain)
        if ours.start == theirs.start and bool(ours.rejected) != bool(theirs.rejected):
            return bool(ours.rejected), True
        first = source_is_ours if ours.start == theirs.start else ours.start < theirs.start
        if their_port_serves in (None, first):
            return first, ours.start != theirs.start or their_port_serves is not None
        if first or not is_plain:
            # We spoke first in this window, but from the port that serves: the middle of somebody else's session.
            return (False, False) if is_plain else (first, ours.start != theirs.start)
        # They spoke first, from a service port. Probes come from such ports too, but get no content for an answer.
        return not self.is_empty(ours) and not self.is_empty(theirs), False

    def is_empty(self, half: Half) -> bool:
        """Whether no packet of that direction need have carried content (or all were rejected)."""
        if not half.accepted:
            return True
        if half.packets == 0:
            return half.bytes <= self._header()
        return half.bytes <= half.packets * self._header()

    def is_bare(self, half: Half) -> bool:
        """Whether all its packets are TCP headers without options: acknowledgements or resets, never an opening."""
        bare = _BARE_TCP_HEADER + (20 if ":" in self.source else 0)
        return self.protocol == TCP and half.packets > 0 and half.bytes <= half.packets * bare

    def _header(self) -> int:
        return _HEADER.get(self.protocol, _OTHER_HEADER) + (20 if ":" in self.source else 0)

    @staticmethod
    def _opened_by_flags(ours: Half, theirs: Half) -> bool | None:
        for half, is_ours in ((ours, True), (theirs, False)):
            if half.flags & _SYN:
                return is_ours != bool(half.flags & _ACK)
        return None

    def _ports(self, *, source_is_ours: bool) -> tuple[bool | None, bool]:
        """Whether the remote port is the one that serves (None: ports do not say), and whether that is plain."""
        if min(self.source_port, self.target_port) < 0 or self.source_port == self.target_port:
            return None, False
        low, high = sorted((self.source_port, self.target_port))
        if low >= _EPHEMERAL:
            return None, False
        target_serves = self.target_port == low
        return target_serves == source_is_ours, low < _WELL_KNOWN or high >= _EPHEMERAL
