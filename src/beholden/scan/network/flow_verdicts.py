"""What a conversation between us and a remote address amounts to, told once both directions are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.conversations import Conversation, DayPart, Half
from beholden.scan.network.interfaces import InterfaceAddresses
from beholden.scan.network.sides import OURS, WATCHED, Sides
from beholden.scan.network.tally import Shape, Tally
from beholden.scan.network.vpc_layout import NULL
from beholden.schema.vocabulary import Direction, Kind

if TYPE_CHECKING:
    from beholden.scan.source import Source

SENT = Shape(Kind.IP, Direction.OUT, "dstaddr", measured=("sent", "received"))
LIKELY_SENT = Shape(Kind.IP, Direction.OUT, "dstaddr", certainty="probable", measured=("sent", "received"))
ATTEMPTED = Shape(Kind.IP, Direction.OUT, "dstaddr", certainty="probable", counted="attempted")
ANSWERED = Shape(Kind.IP, Direction.IN, "srcaddr", measured=("received", "replied"))
LIKELY_ANSWERED = Shape(Kind.IP, Direction.IN, "srcaddr", certainty="probable", measured=("received", "replied"))

_NOTHING = DayPart()


class Verdicts:
    """Turns conversations into sums of what was sent, tried or answered.

    Args:
        source: Takes the counts of what is left out.
        sides: Which addresses are ours.
        tally: Takes the sums.

    Attributes:
        interfaces: What is known of the interfaces' own addresses.
        has_action: Whether the log says which traffic was rejected.
        told_by_interface: Conversations whose sides only the interface told apart.
    """

    def __init__(self, source: Source, sides: Sides, tally: Tally) -> None:
        self._source = source
        self._sides = sides
        self._tally = tally
        self.interfaces = InterfaceAddresses()
        self.has_action = True
        self.told_by_interface = 0

    def decide(self, talk: Conversation) -> None:
        """Judge one conversation and add it to the sums."""
        source_is_ours = self._source_is_ours(talk)
        if source_is_ours is None:
            self._source.not_resolved["our_side_unknown"] += _records(talk.there) + _records(talk.back)
            return
        ours, theirs = (talk.there, talk.back) if source_is_ours else (talk.back, talk.there)
        remote = talk.target if source_is_ours else talk.source
        if not self._sides[remote] & WATCHED:
            self._source.not_resolved["ip"] += _records(ours) + _records(theirs)
            return
        opened_by_us, is_sure = talk.opened_by_us(source_is_ours=source_is_ours)
        if opened_by_us and ours.seen:
            self._opened_by_us(talk, ours, theirs, source_is_ours=source_is_ours, is_sure=is_sure)
        else:
            self._opened_by_them(talk, ours, theirs, source_is_ours=source_is_ours, is_sure=is_sure)

    def _source_is_ours(self, talk: Conversation) -> bool | None:
        source, target = self._sides[talk.source] & OURS, self._sides[talk.target] & OURS
        if source != target:
            return bool(source)
        if talk.source_sends_out is not None:
            return talk.source_sends_out
        told = self.interfaces.is_own(*talk.interface)
        self.told_by_interface += told is not None
        return told

    def _opened_by_us(
        self, talk: Conversation, ours: Half, theirs: Half, *, source_is_ours: bool, is_sure: bool
    ) -> None:
        if not ours.accepted or (talk.is_empty(ours) and talk.is_empty(theirs)):
            if ours.accepted and talk.is_bare(ours):
                self._source.not_resolved["reset_or_acknowledgement"] += _records(ours) + _records(theirs)
                return
            self._add(ATTEMPTED, talk, ours, theirs, source_is_ours=source_is_ours)
            return
        # Without the action column traffic that was stopped looks like traffic that passed.
        shape = SENT if is_sure and self.has_action else LIKELY_SENT
        self._add(shape, talk, ours, theirs, source_is_ours=source_is_ours)

    def _opened_by_them(
        self, talk: Conversation, ours: Half, theirs: Half, *, source_is_ours: bool, is_sure: bool
    ) -> None:
        if talk.is_empty(ours) or (theirs.seen and talk.is_empty(theirs)):
            self._source.not_resolved["inbound_unanswered"] += _records(ours) + _records(theirs)
            return
        shape = ANSWERED if is_sure and self.has_action else LIKELY_ANSWERED
        self._add(shape, talk, theirs, ours, source_is_ours=source_is_ours)

    def _add(self, shape: Shape, talk: Conversation, first: Half, second: Half, *, source_is_ours: bool) -> None:
        """Add a conversation day by day; `first` is the opener's direction."""
        remote, own = (talk.target, talk.source) if source_is_ours else (talk.source, talk.target)
        server_port = talk.target_port if talk.there is first else talk.source_port
        detail = {
            "protocol": talk.protocol,
            "port": server_port,
            "account": talk.account,
            "interface": talk.interface[0],
        }
        detail = {key: value for key, value in detail.items() if value not in (-1, NULL)}
        for day in sorted({*first.days, *second.days}):
            part, reply = first.days.get(day, _NOTHING), second.days.get(day, _NOTHING)
            present = [some for some in (part, reply) if some.lines]
            lines = sorted(line for some in present for line in some.lines)
            self._tally.add(
                shape,
                self._sides.canonical(remote),
                self._sides.canonical(own),
                lines[0],
                min(some.first for some in present),
                until=max(some.last for some in present),
                day=day,
                also=lines[1:],
                count=part.accepted + part.rejected,
                first=part.bytes,
                second=reply.bytes,
                detail=detail,
                raw=remote,
            )


def _records(half: Half) -> int:
    return half.accepted + half.rejected
