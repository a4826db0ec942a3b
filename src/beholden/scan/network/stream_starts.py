"""The first bytes of each direction of TCP connections, put in order within bounds.

What is read of a connection (a TLS greeting, a DNS message) stands at its start. So a direction is followed from its
SYN, or from a segment that looks like a start where no SYN was captured, until its reader has what it wants.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from beholden.scan.network.datagrams import Segment

FIN, SYN, RST = 0x01, 0x02, 0x04
# A greeting takes 0.3 to 2 KiB; a DNS message at most 64 KiB, and hardly ever more than one of these.
MAX_START_BYTES = 16 * 1024
_MAX_EARLY = 8
_MAX_OPEN = 50_000
_MAX_BUFFERED = 64 * 1024 * 1024
_HALF = 1 << 31
_SPACE = 1 << 32

# Sender, its port, receiver, its port.
Flow = tuple[bytes, int, bytes, int]


def flow_of(segment: Segment) -> Flow:
    """The direction that a segment belongs to."""
    return segment.source, segment.source_port, segment.target, segment.target_port


@dataclass(slots=True)
class _Start:
    """What has come of a direction; `early` holds what came before its turn."""

    following: int
    data: bytearray = field(default_factory=bytearray)
    early: dict[int, bytes] = field(default_factory=dict)


class StreamStarts:
    """Directions of TCP connections whose start is still being put together.

    Args:
        looks_like_start: Says of the payload of a segment whether a direction may begin with it.

    Attributes:
        given_up: Directions whose start was not complete when they were let go.
    """

    def __init__(self, looks_like_start: Callable[[bytes], bool]) -> None:
        self._looks_like_start = looks_like_start
        self._open: dict[Flow, _Start] = {}
        self._buffered = 0
        self.given_up = 0

    def add(self, segment: Segment) -> bytes | None:
        """Take a segment.

        Returns:
            The direction's first bytes, as far as they have come in order, where this segment brought more of them.
            The caller says through `done` when it has what it wants.
        """
        flow = flow_of(segment)
        if segment.flags & SYN:
            self._begin(flow, segment.sequence + 1)
            return None
        if segment.flags & RST:
            self._let_go(flow)
            return None
        if not segment.payload:
            return None
        start = self._open.get(flow)
        if start is None:
            if not self._looks_like_start(segment.payload):
                return None
            start = self._begin(flow, segment.sequence)
        return self._put(flow, start, segment)

    def done(self, flow: Flow) -> None:
        """Follow a direction no further."""
        start = self._open.pop(flow, None)
        if start is not None:
            self._buffered -= _held(start)

    def finish(self) -> None:
        """Let go of all that is still open."""
        while self._open:
            self._let_go(next(iter(self._open)))

    def _begin(self, flow: Flow, following: int) -> _Start:
        self._let_go(flow)
        while self._open and (len(self._open) >= _MAX_OPEN or self._buffered > _MAX_BUFFERED):
            self._let_go(next(iter(self._open)))
        start = self._open[flow] = _Start(following % _SPACE)
        return start

    def _put(self, flow: Flow, start: _Start, segment: Segment) -> bytes | None:
        before = _held(start)
        grew = _place(start, segment.sequence, segment.payload)
        while start.following in start.early:
            _place(start, start.following, start.early.pop(start.following))
        self._buffered += _held(start) - before
        if len(start.data) > MAX_START_BYTES:
            self._let_go(flow)
            return None
        return bytes(start.data) if grew else None

    def _let_go(self, flow: Flow) -> None:
        start = self._open.get(flow)
        if start is not None:
            self.given_up += bool(start.data)
            self.done(flow)


def _held(start: _Start) -> int:
    return len(start.data) + sum(map(len, start.early.values()))


def _place(start: _Start, sequence: int, payload: bytes) -> bool:
    """Append what follows; keep what comes too early; drop what is known. Say whether it was appended."""
    ahead = (sequence - start.following) % _SPACE
    if ahead >= _HALF:
        payload = payload[_SPACE - ahead :]
        ahead = 0
    if not payload:
        return False
    if ahead:
        if ahead <= MAX_START_BYTES and len(start.early) < _MAX_EARLY:
            start.early.setdefault(sequence, payload)
        return False
    start.data += payload
    start.following = (start.following + len(payload)) % _SPACE
    return True
