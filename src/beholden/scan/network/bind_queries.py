"""BIND 9 query logs: names that clients of our name server asked for, and which of them it would not look up.

The query line tells neither answer nor response code. Lines on the same query that follow it (`rpz`, `denied`) begin
with the same client and name, which ties them to it.

Source: BIND 9 Administrator Reference Manual, logging categories `queries`, `rpz` and `security`; "Logging" for
`print-time`, `print-category` and `print-severity`; the `rpz` line as its section on disabling DNS over HTTPS shows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.open_records import OpenRecords
from beholden.scan.network.queries import BLOCKED, NO_SUCH_NAME, Query
from beholden.scan.network.query_lines import LONGEST_LINE, QueryLines
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

# client @0x7f00 10.0.0.5#40000/key k (shop.example.com): view inside: query: …
_CLIENT = re.compile(
    r"client (?:@0x[0-9a-f]+ )?(?P<client>[0-9A-Fa-f:.%\w]+)#(?P<port>\d{1,5})(?:/key [^ ]+)?"
    r"(?: \((?P<asked>[^ ]+)\))?: (?:view [^ ]+: )?(?P<said>.*)",
    re.ASCII,
)
_QUERY = re.compile(r"query: (?P<name>[^ ]+) (?P<group>[^ ]+) (?P<type>[^ ]+) (?P<flags>[+-][^ ]*)", re.ASCII)
_REWRITTEN = re.compile(r"rpz [^ ]+ (?P<policy>[^ ]+) rewrite ", re.ASCII)
_DENIED = re.compile(r"query (?:\(cache\) )?'[^']*' denied", re.ASCII)
# Policies that leave the answer as it is.
_LET_PASS = frozenset({"PASSTHRU", "TCP-ONLY"})
_EXPECTED = "[time] … client [@0x…] ADDRESS#PORT (NAME): query: NAME CLASS TYPE FLAGS (SERVER)"


class BindQueries:
    """Reads BIND 9 query logs, from a file of its own or from syslog."""

    name = "bind-queries"
    title = "BIND 9 query log"
    kinds = frozenset({Kind.DOMAIN})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a query line in BIND's words."""
        for line in head.first_lines(200):
            found = _CLIENT.search(line[:LONGEST_LINE])
            if found and _QUERY.match(found["said"]):
                return Acceptance.yes("BIND 9 query log (client …: query: …)", strength=90)
        return Acceptance.no("no line `client ADDRESS#PORT (NAME): query: NAME CLASS TYPE FLAGS`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        return _Reading(source, watch).batches()


class _Reading(QueryLines):
    def __init__(self, source: Source, watch: Watch) -> None:
        super().__init__(source, watch, _EXPECTED)
        self._open: OpenRecords[Query] = OpenRecords(self._queries.add)

    def _notes(self) -> tuple[str, ...]:
        if not self._source.records_read:
            return ()
        return ("the log tells no answers: a query that failed counts like one that was answered",)

    def _line(self, line: int, text: str) -> None:
        timed = self._times.split(text)
        # Without print-time lines have no time at all.
        seen, rest = timed if timed is not None else (None, text)
        found = _CLIENT.search(rest)
        if found is None:
            self._source.not_resolved["line_of_another_kind"] += 1
            return
        key = (found["client"], found["port"], (found["asked"] or "").lower())
        query = _QUERY.match(found["said"])
        if query is not None:
            if timed is None:
                self._times.undated += 1
            self._query(line, seen, found["client"], query, key)
        else:
            self._said(found["said"], key)

    def _query(
        self, line: int, seen: float | None, client: str, query: re.Match[str], key: tuple[str, str, str]
    ) -> None:
        if not self._queries.sides[client]:
            self._source.reject(line, "not an address", expected=_EXPECTED)
            return
        self._source.accept()
        if query["group"] != "IN":
            self._source.not_resolved["dns_other_class"] += 1
            return
        self._open.open(key, Query(line, seen, client, query["name"], query["type"]))

    def _said(self, said: str, key: tuple[str, str, str]) -> None:
        query = self._open.get(key)
        rewritten = _REWRITTEN.match(said)
        if query is None:
            self._source.not_resolved["line_of_another_kind"] += 1
        elif rewritten is not None and rewritten["policy"].upper() not in _LET_PASS:
            query.nothing = BLOCKED
        elif _DENIED.match(said):
            query.nothing = NO_SUCH_NAME
