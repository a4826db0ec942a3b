"""Pi-hole's query database (`pihole-FTL.db`, SQLite): who asked for which name, what was blocked, what was forwarded.

Only plain tables are read, never the view `queries`, which would run what the file says. Numbers that stand for names
are looked up for so many queries at a time, so that memory does not grow with the file. The database keeps no answers.

Source: Pi-hole documentation, "Query database".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.errors import ScanError
from beholden.scan.devices.sqlite_table import SIGNATURE, Table
from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import LATEST
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.pihole_status import is_known, nothing_of, type_of, was_answered, was_forwarded
from beholden.scan.network.queries import Queries, Query
from beholden.scan.place import has_beside
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_MARKS = (b"query_storage", b"domain_by_id", b"client_by_id")
_OLD_MARKS = (b"CREATE TABLE queries", b"CREATE TABLE ftl", b"forward")
_COLUMNS = ("timestamp", "type", "status", "domain", "client", "forward")
# Tables of what numbers in the last three columns stand for, in their order.
_LINKED = (("domain_by_id", "domain"), ("client_by_id", "ip"), ("forward_by_id", "forward"))
_FIRST_LINKED = 3
_CHUNK = 200_000
_LONGEST_TEXT = 1024
_HIDDEN = "hidden"
_NOBODY = frozenset({"0.0.0.0", "::"})  # noqa: S104 (nothing is bound)
_JOURNALS = ("-journal", "-wal")

Row = tuple[Any, ...]
Names = dict[int, str]


class PiholeDatabase:
    """Reads the long-term query database of Pi-hole."""

    name = "pihole-ftl"
    title = "Pi-hole query database (pihole-FTL.db, SQLite)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to a SQLite file that defines the tables of queries."""
        if not head.data.startswith(SIGNATURE):
            return Acceptance.no("not a SQLite database")
        if all(mark in head.data for mark in _MARKS) or all(mark in head.data for mark in _OLD_MARKS):
            return Acceptance.yes("SQLite database with Pi-hole's tables of queries", strength=95)
        return Acceptance.no("SQLite database without Pi-hole's tables of queries")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum queries by name, own host and day; and by resolver.

        Raises:
            ScanError: Not plain tables, or damaged; what was read is given first.
        """
        reading = _Reading(source, watch)
        return with_rest(reading.gathered(), reading.queries, reading.tell)


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self.queries = Queries(source, watch)
        self._source = source

    def gathered(self) -> Iterator[pa.RecordBatch]:
        for chunk in _chunks(map(_cut, _queries_table(self._source))):
            names = _names(self._source, chunk)
            for row in chunk:
                self._row(row, names)
                yield from self.queries.full()

    def tell(self) -> None:
        self.queries.tell()
        source, counts = self._source, self._source.not_resolved
        if count := counts["dns_hidden_by_privacy_level"]:
            source.note(f"{count} queries are hidden by Pi-hole's privacy level")
        if source.records_read:
            source.note("the database keeps no answers: it ties no names to addresses")
        if any(has_beside(source.place, tail) for tail in _JOURNALS):
            source.note("a journal lies beside this database and is not read: the latest queries may be missing")

    def _row(self, row: Row, names: Sequence[Names]) -> None:
        stamp, rrtype, status, *linked, reply = row
        if not isinstance(stamp, int | float) or not 0 <= stamp <= LATEST:
            self._source.reject(None, "time out of range", expected="seconds since 1970 in timestamp")
            return
        if not isinstance(rrtype, int) or not isinstance(status, int):
            self._source.reject(None, "not a query of Pi-hole", expected="numbers in type and status")
            return
        domain, client, forward = (_text(value, known) for value, known in zip(linked, names, strict=True))
        if domain is None or client is None:
            self._source.reject(None, "name or client missing", expected="text, or a number that stands for one")
            return
        self._source.accept()
        if domain == _HIDDEN:
            self._source.not_resolved["dns_hidden_by_privacy_level"] += 1
        elif not is_known(status):
            self._source.not_resolved["dns_status_not_known"] += 1
        else:
            reply_type = reply if isinstance(reply, int) else None
            nothing = nothing_of(status, reply_type)
            # Pi-hole hides a client as 0.0.0.0; it is ours all the same, since it asked our resolver.
            shown = None if client in _NOBODY or not self.queries.sides[client] else client
            self.queries.add(Query(None, stamp, shown, domain, type_of(rrtype), nothing=nothing))
            if forward is not None and was_forwarded(status):
                server = forward.partition("#")[0]
                self.queries.resolver(server, "", None, stamp, is_answered=was_answered(reply_type))


def _queries_table(source: Source) -> Table:
    """The table of queries: `queries` in old versions, which became a view of `query_storage`."""
    is_new = _MARKS[0] in source.head()[0]
    return Table(source, "query_storage" if is_new else "queries", _COLUMNS, optional=("reply_type",))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Some rows at a time; also those before damage."""
    chunk: list[Row] = []
    try:
        for row in rows:
            chunk.append(row)
            if len(chunk) >= _CHUNK:
                yield chunk
                chunk = []
    except ScanError:
        yield chunk
        raise
    yield chunk


def _names(source: Source, rows: Sequence[Row]) -> list[Names]:
    """What the numbers in some rows stand for, for each column that may hold numbers."""
    found: list[Names] = []
    for at, (table, column) in enumerate(_LINKED, _FIRST_LINKED):
        wanted = {row[at] for row in rows if isinstance(row[at], int)}
        known: Names = {}
        if wanted:
            for number, text in map(_cut, Table(source, table, ("id", column))):
                if number in wanted and isinstance(text, bytes):
                    known[number] = text.decode("utf-8", "replace")
        found.append(known)
    return found


def _cut(row: Row) -> Row:
    """The row without what no name or address is long enough for."""
    return tuple([cell[: _LONGEST_TEXT + 1] if isinstance(cell, bytes) else cell for cell in row])


def _text(value: object, known: Names) -> str | None:
    if isinstance(value, bytes):
        text: str | None = value.decode("utf-8", "replace")
    else:
        text = known.get(value) if isinstance(value, int) else None
    return text if text is not None and len(text) <= _LONGEST_TEXT else None
