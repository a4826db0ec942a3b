"""EVE `tls` and `quic` events: the servers that our clients met.

A `tls` event is written once the server has answered, or says that it did not (`UNDETERMINED`). A `quic` event is
written of the first packet, so it waits for the record of its flow to say whether the server sent anything.

Source: Suricata user guide, "Eve JSON Format", event types TLS and QUIC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.eve.events import NO_ADDRESS, Event, Refusal, is_placed, text_of
from beholden.scan.network.eve.waiting import Waiting
from beholden.scan.network.handshakes import Handshake, Handshakes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_MAX_WAITING = 20_000
_MAX_NAME = 300
_MAX_VERSION = 32
_UNANSWERED = frozenset({"", "UNDETERMINED"})


class TlsSessions:
    """Sums `tls` events.

    Args:
        source: Takes counts and notes.
        watch: Which names of addresses matter.
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, watch: Watch, sides: Sides) -> None:
        self._source = source
        self._sides = sides
        self._shakes = Handshakes(source, watch, sides, "tls.sni", "tls.subject")

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        if not is_placed(event, self._sides):
            return NO_ADDRESS
        tls = event.part()
        subject = text_of(tls.get("subject"))
        version = text_of(tls.get("version"))
        shake = _handshake(event, text_of(tls.get("sni")), version)
        shake.subject = subject or None
        shake.is_answered = version not in _UNANSWERED or bool(subject) or tls.get("session_resumed") is True
        self._shakes.add(shake)
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._shakes.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._shakes.rest()

    def finish(self) -> None:
        """Tell what is not in the findings."""
        self._shakes.tell()


class QuicSessions:
    """Sums `quic` events that carry a name.

    Args:
        source: Takes counts and notes.
        watch: Which names of addresses matter.
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, watch: Watch, sides: Sides) -> None:
        self._source = source
        self._sides = sides
        self._shakes = Handshakes(source, watch, sides, "quic.sni", "quic.sni")
        self._waiting: Waiting[Handshake] = Waiting(_MAX_WAITING)

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        if not is_placed(event, self._sides):
            return NO_ADDRESS
        quic = event.part()
        name = text_of(quic.get("sni"))
        if not name:
            # Several packets of one connection may be logged; only the client's first one has a name.
            self._source.not_resolved["quic_without_server_name"] += 1
            return None
        shake = _handshake(event, name, text_of(quic.get("version")))
        shake.is_answered = False
        flow = event.flow
        if not flow:
            self._shakes.add(shake)
            return None
        former = self._waiting.get(flow)
        # The first packet may be logged twice, as sent again.
        if former is None or former.server_name != shake.server_name:
            for settled in self._waiting.put(flow, shake):
                self._shakes.add(settled)
        return None

    def flow_ended(self, flow: str, *, is_answered: bool) -> None:
        """Settle what waits for a flow.

        Args:
            flow: Its `flow_id` as text.
            is_answered: Whether the server sent anything with content.
        """
        if (shake := self._waiting.pop(flow)) is not None:
            shake.is_answered = is_answered
            self._shakes.add(shake)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._shakes.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._shakes.rest()

    def finish(self) -> None:
        """Settle what no flow spoke of, and tell what is not in the findings."""
        for shake in self._waiting.rest():
            self._shakes.add(shake)
        self._shakes.tell()


def _handshake(event: Event, name: str, version: str) -> Handshake:
    port = str(event.target_port) if event.target_port >= 0 else ""
    return Handshake(
        event.line,
        event.seen,
        event.source,
        event.target,
        port,
        name[:_MAX_NAME] or None,
        version="" if version in _UNANSWERED else version[:_MAX_VERSION],
    )
