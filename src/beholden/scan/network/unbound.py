"""Unbound logs: queries, replies with their response codes, and what local zones and response policies did to names.

Where queries and replies are logged, a reply ends the query of the same client, name and type, which counts once.
Replies tell no addresses.

Source: unbound.conf(5), `log-queries`, `log-replies`, `log-tag-queryreply`, `log-destaddr`, `log-local-actions`,
`local-zone` (types and the line of `inform`), `rpz-log`, `log-time-ascii`, `log-time-iso`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.log_times import without_time
from beholden.scan.network.open_records import OpenRecords
from beholden.scan.network.queries import ANSWERED_BY_US, BLOCKED, Query, came_to_nothing
from beholden.scan.network.query_lines import LONGEST_LINE, QueryLines
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

# In a file of its own: unbound[pid:thread] level: … ; syslog puts host, program and more data before [pid:thread].
_TAG = re.compile(r"(?:[^ ]+ ){0,8}?[^ \[]*\[\d+:[0-9a-f]+\] (?:info|query|reply): (?P<said>.*)", re.ASCII)
_TYPE = r"(?:[A-Z][A-Z0-9-]*|TYPE\d+)"
_CLASS = r"(?:IN|CH|HS|ANY|CLASS\d+)"
_ASKED = rf"(?P<name>[^ ]+) (?P<type>{_TYPE}) (?P<group>{_CLASS})"
_CLIENT = r"(?P<client>[0-9A-Fa-f:.]+(?:%[^ ]+)?)"
_QUERY = re.compile(rf"{_CLIENT} {_ASKED}(?P<rest> [A-Z]+\d* \d+\.\d+ [01] \d+.*)?", re.ASCII)
_MALFORMED = re.compile(rf"{_CLIENT} - - - [A-Z]+ - - - *", re.ASCII)
_ZONE = re.compile(rf"[^ ]+ (?P<act>[a-z_]+) {_CLIENT}@\d+ {_ASKED}", re.ASCII)
_POLICY = re.compile(
    rf"rpz: applied (?:\[[^\]]*\] )?(?:[^ ]+ )+?(?P<act>rpz-[a-z-]+) {_CLIENT}@\d+ {_ASKED}",
    re.ASCII | re.IGNORECASE,
)
# What zones of these types do: drop, refuse, say that the name does not exist or has nothing, or give 0.0.0.0.
_BLOCKING = frozenset(
    {
        "deny",
        "refuse",
        "inform_deny",
        "always_refuse",
        "always_nxdomain",
        "always_nodata",
        "always_deny",
        "always_null",
        "rpz-nxdomain",
        "rpz-nodata",
        "rpz-drop",
        "rpz-local-data",
        "rpz-cname-override",
    }
)
# Answers from `local-data`; what names have no data there do not exist.
_OF_OURS = frozenset({"static", "redirect", "inform_redirect"})
_EXPECTED = "[time] unbound[PID:THREAD] info: CLIENT NAME TYPE CLASS"

Key = tuple[str, str, str]


class Unbound:
    """Reads logs of Unbound, from a file of its own or from syslog."""

    name = "unbound"
    title = "Unbound log (queries, replies, local actions)"
    kinds = frozenset({Kind.DOMAIN})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a line on a query in Unbound's words."""
        for line in head.first_lines(200):
            found = _TAG.match(without_time(line[:LONGEST_LINE]))
            if found and any(form.fullmatch(found["said"]) for form in (_QUERY, _ZONE, _POLICY)):
                return Acceptance.yes("Unbound log (unbound[…] info: CLIENT NAME TYPE CLASS)", strength=90)
        return Acceptance.no("no line `unbound[…] info: CLIENT NAME TYPE CLASS`")

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
        self._replies = 0

    def _notes(self) -> tuple[str, ...]:
        if not self._source.records_read or self._replies:
            return ()
        return ("the log holds no replies (log-replies): a query that failed counts like one that was answered",)

    def _line(self, line: int, text: str) -> None:
        timed = self._times.split(text)
        seen, rest = timed if timed is not None else (None, text)
        tagged = _TAG.match(rest)
        said = tagged["said"] if tagged else ""
        if asked := _QUERY.fullmatch(said):
            self._known(line, seen, asked, is_reply=asked["rest"] is not None)
        elif acted := _ZONE.fullmatch(said) or _POLICY.fullmatch(said):
            self._acted(line, seen, acted)
        elif _MALFORMED.fullmatch(said):
            self._source.accept()
            self._source.not_resolved["dns_without_query"] += 1
        else:
            self._source.not_resolved["line_of_another_kind"] += 1
            return
        if timed is None:
            self._times.undated += 1

    def _known(self, line: int, seen: float | None, asked: re.Match[str], *, is_reply: bool) -> None:
        if not self._queries.sides[asked["client"]]:
            self._source.reject(line, "not an address", expected=_EXPECTED)
            return
        self._source.accept()
        if asked["group"] != "IN":
            self._source.not_resolved["dns_other_class"] += not is_reply
            return
        key = _key(asked)
        if not is_reply:
            self._open.open(key, _query(line, seen, asked))
            return
        self._replies += 1
        query = self._open.get(key)
        if query is None:
            query = _query(line, seen, asked)
            self._open.open(key, query)
        query.nothing = query.nothing or came_to_nothing(asked["rest"].split()[0])
        self._open.close(key)

    def _acted(self, line: int, seen: float | None, acted: re.Match[str]) -> None:
        """Take what a local zone or a policy did; the reply, if it is logged, ends the query."""
        self._source.accept()
        act = acted["act"].lower()
        nothing = BLOCKED if act in _BLOCKING else ANSWERED_BY_US if act in _OF_OURS else None
        query = self._open.get(_key(acted))
        if query is None and nothing is not None and acted["group"] == "IN":
            query = _query(line, seen, acted)
            self._open.open(_key(acted), query)
        if query is not None:
            query.nothing = nothing


def _key(asked: re.Match[str]) -> Key:
    return asked["client"], asked["name"].lower(), asked["type"]


def _query(line: int, seen: float | None, asked: re.Match[str]) -> Query:
    return Query(line, seen, asked["client"], asked["name"], asked["type"])
