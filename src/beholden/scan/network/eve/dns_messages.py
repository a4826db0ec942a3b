"""EVE `dns` events: queries and what was answered, in the layouts of all versions.

Version 1 is flat, one event for each answer record; version 2 has one event for an answer, its records in `answers`,
by type in `grouped`, or both; version 3 has `queries` and calls the types `request` and `response`.
A query and its answer are events of their own, and several threads write them, so that either may come first: each
waits for a while for the other.

Source: Suricata user guide, "Eve JSON Format", event type DNS, and "Upgrading 7.0 to 8.0" (dns version 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.eve.events import NO_ADDRESS, Event, Refusal, is_placed, text_of
from beholden.scan.network.eve.waiting import Waiting
from beholden.scan.network.queries import Answer, Queries, Query, came_to_nothing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_ASKING = frozenset({"query", "request"})
_ANSWERING = frozenset({"answer", "response"})
_FORMER_ANSWERS = frozenset({"rdata", "rrname"})
_WELL_KNOWN = 1024
_MAX_WAITING = 20_000
# Clients give up within half a minute (resolv.conf(5): at most 30 s for a try).
_LONGEST_EXCHANGE_S = 60
# One more than a reader of answers takes, so that it can tell that there were more.
_MAX_ANSWERS = 21
_MAX_NAME = 300
_MAX_TYPE = 16
_ADDRESS_OR_ALIAS = ("CNAME", "A", "AAAA")


class DnsMessages:
    """Joins queries with their answers.

    Args:
        source: Takes counts and notes.
        queries: What they are summed in.
    """

    def __init__(self, source: Source, queries: Queries) -> None:
        self._source = source
        self._queries = queries
        self._waiting: Waiting[Query] = Waiting(_MAX_WAITING)

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        if not is_placed(event, self._queries.sides):
            return NO_ADDRESS
        message = event.part()
        kind = text_of(message.get("type"))
        if kind in _ASKING:
            self._ask(event, message)
        elif kind in _ANSWERING:
            self._answer(event, message)
        else:
            self._source.not_resolved["dns_other_message"] += 1
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._queries.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._queries.rest()

    def finish(self) -> None:
        """Settle what still waits, and tell what is not in the findings."""
        for query in self._waiting.rest():
            self._queries.add(query)
        self._queries.tell()

    def _ask(self, event: Event, message: dict[str, Any]) -> None:
        key = _key(event, message)
        name, rrtype = _question(message)
        query = self._waiting.get(key)
        # The same again is a packet that was sent or seen twice, or an answer that was written first.
        if query is None or not _is_near(query, event) or query.name != name:
            client, server = _ends(event, is_answer=False)
            self._wait(key, Query(event.line, event.seen, client, name, rrtype, server=server, is_answered=False))

    def _answer(self, event: Event, message: dict[str, Any]) -> None:
        key = _key(event, message)
        query = self._waiting.get(key)
        if query is None or not _is_near(query, event):
            client, server = _ends(event, is_answer=True)
            name, rrtype = _question(message)
            query = Query(event.line, event.seen, client, name, rrtype, server=server)
            self._wait(key, query)
        query.is_answered = True
        query.nothing = query.nothing or came_to_nothing(text_of(message.get("rcode")))
        more = [answer for answer in _answers(message) if answer not in query.answers]
        query.answers = [*query.answers, *more][:_MAX_ANSWERS]

    def _wait(self, key: tuple[str, ...], query: Query) -> None:
        for settled in self._waiting.put(key, query):
            self._queries.add(settled)


def _is_near(query: Query, event: Event) -> bool:
    """Whether an event may be of the same exchange: numbers are used again, but not so soon."""
    return query.seen is not None and abs(event.seen - query.seen) <= _LONGEST_EXCHANGE_S


def _ends(event: Event, *, is_answer: bool) -> tuple[str, str]:
    """Client and server: an answer is printed in the direction of the flow or of its packet, so the ports decide."""
    from_client = not is_answer
    if min(event.source_port, event.target_port) >= 0:
        by_source, by_target = event.source_port < _WELL_KNOWN, event.target_port < _WELL_KNOWN
        if by_source != by_target:
            from_client = by_target
    return (event.source, event.target) if from_client else (event.target, event.source)


def _key(event: Event, message: dict[str, Any]) -> tuple[str, ...]:
    """What a query and its answers share, whichever end is printed first.

    The name is none of it: an answer of version 1 prints the name that its record is about, an alias perhaps.
    """
    ends = sorted((f"{event.source} {event.source_port}", f"{event.target} {event.target_port}"))
    return (*ends, text_of(message.get("id"))[:8])


def _question(message: dict[str, Any]) -> tuple[str | None, str]:
    """Name and type that are asked for; version 2 could leave them out of answers."""
    asked = message.get("queries")
    first = asked[0] if isinstance(asked, list) and asked and isinstance(asked[0], dict) else message
    name = text_of(first.get("rrname"))[:_MAX_NAME]
    return name or None, text_of(first.get("rrtype"))[:_MAX_TYPE].upper()


def _answers(message: dict[str, Any]) -> list[Answer]:
    detailed = message.get("answers")
    if isinstance(detailed, list):
        records = [item for item in detailed[:_MAX_ANSWERS] if isinstance(item, dict)]
        return [(_data(item.get("rdata")), _life(item)) for item in records]
    grouped = message.get("grouped")
    if isinstance(grouped, dict):
        # Aliases go first, as in a chain; there is no TTL.
        listed = [grouped.get(rrtype) for rrtype in _ADDRESS_OR_ALIAS]
        texts = [_data(data) for values in listed if isinstance(values, list) for data in values[:_MAX_ANSWERS]]
        return [(text, None) for text in texts[:_MAX_ANSWERS]]
    if message.keys() >= _FORMER_ANSWERS and text_of(message.get("rrtype")).upper() in _ADDRESS_OR_ALIAS:
        return [(_data(message.get("rdata")), _life(message))]
    return []


def _data(value: object) -> str:
    """The data of a record; what is longer than any address or name is kept as nothing."""
    text = text_of(value)
    return text if len(text) <= _MAX_NAME else ""


def _life(item: dict[str, Any]) -> float | None:
    return parse_seconds(text_of(item.get("ttl")))
