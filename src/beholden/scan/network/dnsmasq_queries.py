"""dnsmasq and Pi-hole query logs: what clients asked, where it was forwarded, and what they were told.

Lines on one query are tied by its number where the log has it (`log-queries=extra`), else by the name. No TTL is
printed. Whom dnsmasq forwards to is a resolver that we use; the host that it runs on is not told.

Source: see `dnsmasq_lines`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.dnsmasq_lines import Line, Said, parse_line
from beholden.scan.network.log_times import without_time
from beholden.scan.network.open_records import OpenRecords
from beholden.scan.network.queries import (
    ANSWERED_BY_US,
    BLOCKED,
    UNSTATED_LIFE_S,
    Answer,
    Query,
    came_to_nothing,
    is_nowhere,
)
from beholden.scan.network.query_lines import LONGEST_LINE, QueryLines
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_CNAME = "<CNAME>"
_MAX_OF_ONE_NAME = 100
_MAX_ANSWERS = 20
_LONGEST_NAME = 253
_EXPECTED = "[time] dnsmasq[PID]: query[TYPE] NAME from CLIENT"
# Marks of an address by family, as the type of the query that asks for it.
_FAMILY = {"A": ".", "AAAA": ":"}
_NO_DATA = ("NXDOMAIN", "NODATA")


@dataclass(slots=True)
class _Turn:
    """One question, who asked it, and what came of it.

    Attributes:
        name: What was asked for, in lower case.
        asked: Line, time, client and type of each query.
        sent: Line, time and address of each resolver that it was forwarded to.
        aliases: Names on the way to the addresses.
        addresses: As printed.
        is_answered: Whether anything was told.
        by_others: Whether what was told came from the resolvers.
        nothing: See `Query`.
    """

    name: str
    asked: list[tuple[int, float | None, str, str]] = field(default_factory=list)
    sent: list[tuple[int, float | None, str]] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    is_answered: bool = False
    by_others: bool = False
    nothing: str | None = None

    def takes(self, seen: float | None) -> bool:
        """Whether another query for the name belongs to it, rather than beginning a new one."""
        first = self.asked[0][1]
        is_late = first is not None and seen is not None and seen - first > UNSTATED_LIFE_S
        return not (self.is_answered or is_late or len(self.asked) >= _MAX_OF_ONE_NAME)

    def alias(self, name: str) -> None:
        """Take a name on the way, as far as any chain reaches."""
        if name not in self.aliases and len(self.aliases) < _MAX_ANSWERS and len(name) <= _LONGEST_NAME:
            self.aliases.append(name)

    def answers(self, rrtype: str) -> list[Answer]:
        """What a query of this type was told."""
        mark = _FAMILY.get(rrtype)
        if mark is None:
            return []
        fitting = [address for address in self.addresses if (":" if ":" in address else ".") == mark]
        return [(data, None) for data in (*self.aliases, *fitting)]


class DnsmasqQueries:
    """Reads the query logs of dnsmasq and Pi-hole, from a file of their own or from syslog."""

    name = "dnsmasq-queries"
    title = "dnsmasq and Pi-hole query log (log-queries)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a line on a query in dnsmasq's words."""
        for text in head.first_lines(200):
            found = parse_line(without_time(text[:LONGEST_LINE]))
            if found and found.said in (Said.ASKED, Said.SENT, Said.TOLD, Said.FILTERED):
                return Acceptance.yes(f"dnsmasq query log ({found.said.value})", strength=90)
        return Acceptance.no("no line `dnsmasq[…]: query[TYPE] NAME from CLIENT`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day; and by resolver.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        return _Reading(source, watch).batches()


class _Reading(QueryLines):
    def __init__(self, source: Source, watch: Watch) -> None:
        super().__init__(source, watch, _EXPECTED)
        self._open: OpenRecords[_Turn] = OpenRecords(self._settle)
        # Where no number ties lines, an alias is told on the line before what it leads to.
        self._last: tuple[str, _Turn, str] | None = None

    def _line(self, number: int, text: str) -> None:
        timed = self._times.split(text)
        seen, rest = timed if timed is not None else (None, text)
        line = parse_line(rest)
        if line is None:
            self._source.not_resolved["line_of_another_kind"] += 1
            return
        if line.said is Said.ASKED:
            if line.client is None or not self._queries.sides[line.client]:
                self._source.reject(number, "not an address", expected=_EXPECTED)
                return
            if timed is None:
                self._times.undated += 1
            self._last = None
            self._asked(number, seen, line, line.client)
        elif line.said in (Said.SENT, Said.CHECKED):
            self._last = None
            self._sent(number, seen, line)
        else:
            self._told(line)
        self._source.accept()

    def _asked(self, number: int, seen: float | None, line: Line, client: str) -> None:
        key = _key(line)
        turn = self._open.get(key)
        if turn is None or line.serial or not turn.takes(seen):
            turn = _Turn(line.name.lower())
            self._open.open(key, turn)
        turn.asked.append((number, seen, client, line.value))

    def _sent(self, number: int, seen: float | None, line: Line) -> None:
        turn = self._open.get(_key(line)) if line.said is Said.SENT else None
        if turn is None:
            self._queries.resolver(line.value, "", number, seen, is_answered=False)
        elif len(turn.sent) < _MAX_OF_ONE_NAME:
            turn.sent.append((number, seen, line.value))

    def _told(self, line: Line) -> None:
        name = line.name.lower()
        turn = self._turn_of(line, name)
        if turn is None:
            self._source.not_resolved["dns_answer_without_query"] += 1
            return
        turn.is_answered = True
        turn.by_others |= line.said is Said.TOLD
        data = line.value
        is_address = bool(self._queries.sides[data])
        if name != turn.name and (is_address or data == _CNAME):
            turn.alias(name)
        if line.said is Said.FILTERED or (line.said is Said.TOLD_BY_US and _says_no(data)):
            turn.nothing = BLOCKED
        elif line.said is Said.TOLD_BY_US:
            turn.nothing = turn.nothing or ANSWERED_BY_US
        elif is_address:
            if len(turn.addresses) < _MAX_ANSWERS:
                turn.addresses.append(data)
        else:
            turn.nothing = turn.nothing or came_to_nothing(data)

    def _turn_of(self, line: Line, name: str) -> _Turn | None:
        """The question that a line answers."""
        turn = self._open.get(_key(line))
        if line.serial:
            return turn
        last = self._last
        if last is not None and last[0] == line.process and last[2] in (_CNAME, name):
            turn = last[1]
        if turn is not None:
            self._last = (line.process, turn, _CNAME if line.value == _CNAME else name)
        return turn

    def _settle(self, turn: _Turn) -> None:
        for number, seen, client, rrtype in turn.asked:
            answers = turn.answers(rrtype)
            self._queries.add(Query(number, seen, client, turn.name, rrtype, nothing=turn.nothing, answers=answers))
        for number, seen, server in turn.sent:
            self._queries.resolver(server, "", number, seen, is_answered=turn.by_others)


def _key(line: Line) -> tuple[str, str]:
    return (line.process, line.serial) if line.serial else ("", line.name.lower())


def _says_no(data: str) -> bool:
    return is_nowhere(data) or data.startswith(_NO_DATA)
