"""Cisco Umbrella DNS logs (CSV): names that our identities asked Umbrella's resolvers for, allowed or blocked.

The log holds what our own organisation's identities asked, so every client is ours; its internal address is one only
where a virtual appliance or client software reports it. The log tells no answers.

Source: Umbrella documentation, "DNS Log Formats" (order of fields; later versions append columns) and "Log Formats and
Versioning" (order in the file, time zone, optional header).
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.queries import BLOCKED, Queries, Query, came_to_nothing
from beholden.scan.network.sides import OURS
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

# timestamp, most granular identity, identities, internal IP, external IP, action, query type, response code, domain, …
_COLUMNS = 10
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_TYPE = re.compile(r"\d{1,5} \((?P<name>[A-Z0-9-]{1,16})\)", re.ASCII)
_ACTIONS = {"allowed": None, "blocked": BLOCKED}
_LONGEST_LINE = 64 * 1024
_EXPECTED = "timestamp, identity, identities, internal IP, external IP, action, query type, response code, domain, …"


class UmbrellaDns:
    """Reads Cisco Umbrella DNS logs."""

    name = "umbrella-dns"
    title = "Cisco Umbrella DNS log (CSV)"
    kinds = frozenset({Kind.DOMAIN})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a record whose time, action and query type stand where Umbrella puts them."""
        for text in head.first_lines(5):
            cells = _cells(text)
            if cells is not None and _TIME.fullmatch(cells[0]) and cells[5].lower() in _ACTIONS and _type(cells[6]):
                return Acceptance.yes("Umbrella DNS log (time, action and query type by position)", strength=95)
        return Acceptance.no(f"no record `{_EXPECTED}`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        queries = Queries(source, watch, all_ours=True)
        return with_rest(_gathered(source, queries), queries, lambda: _tell(source, queries))


def _gathered(source: Source, queries: Queries) -> Iterator[pa.RecordBatch]:
    for line, text in source.lines():
        if not text.strip():
            continue
        cells = _cells(text)
        if cells is None:
            source.reject(line, "wrong column count", expected=f"at least {_COLUMNS} columns: {_EXPECTED}")
        elif line == 1 and not _TIME.fullmatch(cells[0]):
            continue  # The optional header.
        elif (query := _query(source, line, cells, queries)) is not None:
            source.accept()
            queries.add(query)
            yield from queries.full()


def _query(source: Source, line: int, cells: list[str], queries: Queries) -> Query | None:
    """The query of a record; None where it is rejected."""
    stamp, _, _, internal, _, action, rrtype, rcode, domain, *_ = cells
    seen = parse_seconds(stamp) if _TIME.fullmatch(stamp) else None
    if seen is None:
        source.reject(line, "time out of range", expected="YYYY-MM-DD hh:mm:ss, UTC")
        return None
    if action.lower() not in _ACTIONS:
        source.reject(line, "unknown action", expected="Allowed or Blocked")
        return None
    nothing = _ACTIONS[action.lower()] or came_to_nothing(rcode)
    # Without an appliance the column is empty, or holds the public address that many share.
    client = internal if queries.sides[internal] & OURS else None
    return Query(line, seen, client, domain, _type(rrtype) or rrtype, nothing=nothing)


def _cells(text: str) -> list[str] | None:
    if len(text) > _LONGEST_LINE:
        return None
    try:
        cells = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error:
        return None
    return cells if len(cells) >= _COLUMNS else None


def _type(text: str) -> str | None:
    found = _TYPE.fullmatch(text)
    return found["name"] if found else None


def _tell(source: Source, queries: Queries) -> None:
    queries.tell()
    if source.records_read:
        source.note("the log tells no answers: it ties no names to addresses")
