"""TLS and QUIC as packets show them: greetings of clients, and whether a server answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from beholden.scan.network.datagrams import Segment, spelled
from beholden.scan.network.handshakes import Handshake, Handshakes
from beholden.scan.network.stream_starts import RST, SYN, Flow, StreamStarts, flow_of
from beholden.scan.network.tls_greetings import NotTlsError, client_hello, is_answer, looks_like_hello

if TYPE_CHECKING:
    from collections import Counter

_ACK = 0x10
_Value = TypeVar("_Value")
# Greetings that wait for the server, and connections whose greeting was read already.
_MAX_WAITING = 50_000
_MAX_GREETED = 200_000
QUIC_PORT = 443
# The greeting follows within the connection, once the proxy has agreed (RFC 9110 section 9.3.6).
_TO_PROXY = b"CONNECT "
# RFC 9000 and RFC 9369; version 2 numbers the types of its packets anew.
_QUIC_INITIALS = {1: 0x00, 0x6B3343CF: 0x10}


class CapturedTls:
    """Reads greetings and gives each handshake once to the frame of TLS logs.

    Args:
        handshakes: The frame.
        counts: Takes what is not read.
    """

    def __init__(self, handshakes: Handshakes, counts: Counter[str]) -> None:
        self._handshakes = handshakes
        self._counts = counts
        self._streams = StreamStarts(looks_like_hello)
        self._waiting: dict[Flow, Handshake] = {}
        self._greeted: dict[Flow, None] = {}
        self._tunnels: dict[Flow, None] = {}
        self._quic: dict[Flow, None] = {}

    def add(self, number: int, seen: float, segment: Segment) -> None:
        """Take a TCP segment.

        Args:
            number: Of the packet.
            seen: Its time.
            segment: Its content.
        """
        flags = segment.flags
        if flags & SYN:
            # The other direction begins with an answer, which is told by its first bytes alone.
            if not flags & _ACK:
                self._greeted.pop(flow_of(segment), None)
                self._tunnels.pop(flow_of(segment), None)
                self._streams.add(segment)
            return
        if not segment.payload and not flags & RST:
            return
        flow = flow_of(segment)
        if flow in self._waiting:
            self._answer(flow, segment)
            return
        if flow in self._greeted:
            return
        data = self._streams.add(segment)
        if data is not None:
            self._greeting(number, seen, segment, flow, data)

    def quic(self, segment: Segment) -> None:
        """Count a QUIC connection whose greeting is sealed with keys that have to be derived."""
        data = segment.payload
        if segment.target_port != QUIC_PORT or len(data) < 7 or data[0] & 0xC0 != 0xC0:
            return
        kind = _QUIC_INITIALS.get(int.from_bytes(data[1:5], "big"))
        flow = flow_of(segment)
        if kind == data[0] & 0x30 and flow not in self._quic:
            self._counts["quic_server_name_not_read"] += 1
            _keep(self._quic, flow, None, _MAX_GREETED)

    def finish(self) -> None:
        """Give the handshakes that no server answered."""
        self._streams.finish()
        if self._streams.given_up:
            self._counts["tls_greeting_not_whole"] += self._streams.given_up
        for shake in self._waiting.values():
            self._handshakes.add(shake)
        self._waiting.clear()

    def _greeting(self, number: int, seen: float, segment: Segment, flow: Flow, data: bytes) -> None:
        try:
            hello = client_hello(data)
        except NotTlsError:
            if looks_like_hello(data):
                self._counts["tls_greeting_malformed"] += 1
            elif data.startswith(_TO_PROXY):
                self._counts["connections_through_proxy"] += 1
                _keep(self._tunnels, flow, None, _MAX_GREETED)
            self._streams.done(flow)
            return
        if hello is None:
            return
        self._streams.done(flow)
        _keep(self._greeted, flow, None, _MAX_GREETED)
        self._counts["tls_with_encrypted_hello"] += hello.has_encrypted_hello
        shake = Handshake(
            number,
            seen,
            spelled(segment.source),
            spelled(segment.target),
            str(segment.target_port),
            hello.server_name,
            is_answered=False,
        )
        if flow in self._tunnels:
            # The address is the proxy's, and whether what is behind it answered is not told by what the proxy says.
            self._handshakes.add(shake)
            return
        back = (segment.target, segment.target_port, segment.source, segment.source_port)
        if (unanswered := _keep(self._waiting, back, shake, _MAX_WAITING)) is not None:
            self._handshakes.add(unanswered)

    def _answer(self, flow: Flow, segment: Segment) -> None:
        is_accepted = False if segment.flags & RST else is_answer(segment.payload)
        if is_accepted is not None:
            shake = self._waiting.pop(flow)
            shake.is_answered = is_accepted
            self._handshakes.add(shake)


def _keep(kept: dict[Flow, _Value], flow: Flow, value: _Value, most: int) -> _Value | None:
    """Keep a value, and give the oldest one that had to go for it."""
    kept[flow] = value
    return kept.pop(next(iter(kept))) if len(kept) > most else None
