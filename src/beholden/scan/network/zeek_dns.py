"""Zeek `dns` logs: the names our hosts asked for, and whom they asked.

What a query amounts to is told in `queries`.

Source: Zeek manual, base/protocols/dns/main.zeek.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from beholden.scan.network.cells import parse_seconds
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.queries import NO_SUCH_NAME, Answer, Queries, Query, came_to_nothing
from beholden.scan.network.zeek_records import EMPTY, SET_SEPARATOR, UNSET, accepts_log, read_records, unescape
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = ("ts", "id.orig_h", "id.resp_h", "query", "qtype_name", "rcode", "rcode_name", "rejected", "answers", "TTLs")
_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_LISTS = frozenset({"answers", "TTLs"})
_MARKS = ("query", "qtype_name", "trans_id")

_NO_TTLS = frozenset({UNSET, EMPTY})


class ZeekDns:
    """Reads Zeek dns logs, TSV or JSON lines."""

    name = "zeek-dns"
    title = "Zeek dns log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})
    can_be_followed = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "dns", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day; and by resolver.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._queries = Queries(source, watch)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._queries, self._queries.tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        source, queries = self._source, self._queries
        records = read_records(source, "dns", _COLUMNS, _REQUIRED, _LISTS)
        for line, seconds, cells, _, _ in placed(records, queries.sides, source):
            source.accept()
            queries.add(_query(line, seconds, cells))
            yield from queries.full()


def _query(line: int, seconds: float, cells: tuple[str, ...]) -> Query:
    _, client, server, name, rrtype, rcode, rcode_name, rejected, answers, lives = cells
    return Query(
        line,
        seconds,
        client,
        None if name in (UNSET, EMPTY) else unescape(name),
        rrtype,
        server=server,
        is_answered=rcode != UNSET or rcode_name != UNSET,
        nothing=NO_SUCH_NAME if rejected == "T" else came_to_nothing(rcode_name) or came_to_nothing(rcode),
        answers=_answers(answers, lives) if answers not in (UNSET, EMPTY) else (),
    )


def _answers(texts: str, lives: str) -> list[Answer]:
    """Records with their TTLs, which stand in the same order."""
    data = texts.split(SET_SEPARATOR)
    seconds = [] if lives in _NO_TTLS else lives.split(SET_SEPARATOR)[: len(data)]
    paired = zip_longest(data, seconds, fillvalue=UNSET)
    return [(unescape(text), parse_seconds(life)) for text, life in paired]
