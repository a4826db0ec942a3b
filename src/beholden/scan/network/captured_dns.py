"""DNS as packets show it: queries and responses joined into what a log would hold, over UDP and TCP."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.network.datagrams import UDP, Segment, spelled
from beholden.scan.network.dns_messages import Message, NotDnsError, read_message
from beholden.scan.network.queries import Queries, Query, came_to_nothing
from beholden.scan.network.stream_starts import StreamStarts, flow_of

if TYPE_CHECKING:
    from collections import Counter

DNS_PORT = 53
# Questions of which the answer, or a copy of it, may still come.
_MAX_PENDING = 50_000
_LENGTH_BYTES = 2

# Client, its port, server, id, name in lower case, type.
_Key = tuple[bytes, int, bytes, int, str, str]


class _Asked(NamedTuple):
    number: int
    seen: float
    name: str
    is_open: bool


class CapturedDns:
    """Joins messages, and gives each query once to the frame of DNS logs.

    Args:
        queries: The frame.
        counts: Takes what is not read.
    """

    def __init__(self, queries: Queries, counts: Counter[str]) -> None:
        self._queries = queries
        self._counts = counts
        self._asked: dict[_Key, _Asked] = {}
        self._streams = StreamStarts(_may_be_message)

    def add(self, number: int, seen: float, segment: Segment) -> None:
        """Take a segment from or to the port of DNS.

        Args:
            number: Of the packet.
            seen: Its time.
            segment: Its content.
        """
        if segment.protocol == UDP:
            if segment.is_whole:
                self._message(number, seen, segment, segment.payload)
            else:
                self._counts["dns_cut_by_capture"] += 1
            return
        data = self._streams.add(segment)
        if data is None or len(data) < _LENGTH_BYTES:
            return
        end = _LENGTH_BYTES + int.from_bytes(data[:_LENGTH_BYTES], "big")
        if len(data) >= end:
            # Further messages of a connection are rare; the first is what most hold.
            self._counts["dns_further_on_tcp"] += len(data) > end
            self._streams.done(flow_of(segment))
            self._message(number, seen, segment, data[_LENGTH_BYTES:end])

    def finish(self) -> None:
        """Give the queries that nobody answered."""
        self._streams.finish()
        if self._streams.given_up:
            self._counts["dns_cut_by_capture"] += self._streams.given_up
        while self._asked:
            self._forget_oldest()

    def _message(self, number: int, seen: float, segment: Segment, data: bytes) -> None:
        try:
            message = read_message(data)
        except NotDnsError:
            self._counts["dns_unreadable"] += 1
            return
        if message is None or not message.is_internet:
            self._counts["dns_other_class" if message else "dns_no_plain_query"] += 1
        elif message.is_response:
            self._response(number, seen, segment, message)
        else:
            self._question(number, seen, segment, message)

    def _question(self, number: int, seen: float, segment: Segment, message: Message) -> None:
        key = _key(segment.source, segment.source_port, segment.target, message)
        earlier = self._asked.get(key)
        if earlier is not None and earlier.is_open:
            # Asked again since no answer came, or captured at two places.
            self._counts["dns_repeated"] += 1
            return
        self._keep(key, _Asked(number, seen, message.name, is_open=True))

    def _response(self, number: int, seen: float, segment: Segment, message: Message) -> None:
        key = _key(segment.target, segment.target_port, segment.source, message)
        asked = self._asked.get(key)
        if asked is not None and not asked.is_open:
            self._counts["dns_repeated"] += 1
            return
        self._keep(key, _Asked(number, seen, message.name, is_open=False))
        self._queries.add(
            Query(
                number,
                seen,
                spelled(segment.target),
                message.name,
                message.rrtype,
                server=spelled(segment.source),
                nothing=came_to_nothing(str(message.rcode)),
                answers=message.answers,
            )
        )

    def _keep(self, key: _Key, asked: _Asked) -> None:
        self._asked.pop(key, None)
        self._asked[key] = asked
        if len(self._asked) > _MAX_PENDING:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        key = next(iter(self._asked))
        asked = self._asked.pop(key)
        if asked.is_open:
            client, _, server, _, _, rrtype = key
            self._queries.add(
                Query(
                    asked.number,
                    asked.seen,
                    spelled(client),
                    asked.name,
                    rrtype,
                    server=spelled(server),
                    is_answered=False,
                )
            )


def _key(client: bytes, port: int, server: bytes, message: Message) -> _Key:
    # Some clients mix upper and lower case into the name, and servers give it back as it came, or not.
    return client, port, server, message.id, message.name.lower(), message.rrtype


def _may_be_message(data: bytes) -> bool:
    return len(data) > _LENGTH_BYTES and int.from_bytes(data[:_LENGTH_BYTES], "big") == len(data) - _LENGTH_BYTES
