"""Requests kept until all files are read: on disk beyond a few megabytes, and in no order of theirs."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from beholden.scan.tempo.requests import Records, Request, Way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.scan.tempo.sessions import Session

_AT_ONCE = 20_000
_CACHE_KIB = 65_536
_SCHEMA = """
CREATE TABLE request (
    records INTEGER, way INTEGER, source TEXT, target TEXT, service INTEGER, second INTEGER, answered INTEGER,
    line INTEGER, name TEXT, file INTEGER
)
"""
_OF_SESSION = "source = ? AND way = ? AND records = ? AND second BETWEEN ? AND ?"
_ANSWERED = f"FROM request WHERE {_OF_SESSION} AND answered"


class Actor(NamedTuple):
    """One source, in one way, as one kind of record tells of it."""

    source: str
    way: Way
    records: Records


class Breadth(NamedTuple):
    """What a session reached.

    Attributes:
        targets: Distinct addresses.
        names: Distinct names.
        services: Number of requests by service, the most first.
        doors: Distinct addresses with service and name.
        fresh: Those that were first reached late.
        unanswered: Requests that got no answer with content; they are no part of the session.
    """

    targets: int
    names: int
    services: list[tuple[int, int]]
    doors: int
    fresh: int
    unanswered: int


class Store:
    """Requests of all files of a run. Its file has no name, so nothing is left whatever ends the run.

    Raises:
        sqlite3.Error: The disk is full; by any method.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[object, ...]] = []
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE", f"cache_size = -{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_SCHEMA)

    def add(self, requests: Iterable[Request], file: int) -> int:
        """Keep requests of a file, known by its number; say how many."""
        rows, count = self._rows, 0
        for request in requests:
            rows.append((*request, file))
            count += 1
            if len(rows) >= _AT_ONCE:
                self._flush()
        return count

    def settle(self) -> None:
        """Sort what came; nothing may be added afterwards."""
        self._flush()
        self._database.execute("CREATE INDEX by_actor ON request (source, way, records, second)")

    def busy(self) -> Iterator[tuple[Actor, Iterator[tuple[int, int]]]]:
        """Give the busy seconds of each actor, in order, with how many answered requests each had."""
        rows = self._database.execute(
            "SELECT source, way, records, second, sum(answered) AS came FROM request INDEXED BY by_actor "
            "GROUP BY source, way, records, second HAVING came > 0"
        )
        for (source, way, records), seconds in groupby(rows, key=lambda row: row[:3]):
            yield Actor(source, Way(way), Records(records)), ((row[3], row[4]) for row in seconds)

    def source_hours(self) -> int:
        """Hours of the clock in which a source did something, over all sources; in each it counts once."""
        [(hours,)] = self._database.execute(
            "SELECT count(*) FROM (SELECT 1 FROM request GROUP BY source, second / 3600)"
        )
        return int(hours)

    def breadth(self, actor: Actor, session: Session, late: int) -> Breadth:
        """What a session reached, and how much of it not before a second."""
        which = (*actor, session.begin, session.end)
        ask = self._database.execute
        [(targets, names)] = ask(
            f"SELECT count(DISTINCT target), count(DISTINCT nullif(name, '')) {_ANSWERED}",
            which,
        )
        services = ask(
            f"SELECT service, count(*) AS came {_ANSWERED} GROUP BY service ORDER BY came DESC, service",
            which,
        ).fetchall()
        [(doors, fresh)] = ask(
            "SELECT count(*), coalesce(sum(first >= ?), 0) FROM "  # noqa: S608
            f"(SELECT min(second) AS first {_ANSWERED} GROUP BY target, service, name)",
            (late, *which),
        )
        [(unanswered,)] = ask(
            f"SELECT count(*) FROM request WHERE {_OF_SESSION} AND NOT answered",  # noqa: S608
            which,
        )
        return Breadth(targets, names, services, doors, fresh, unanswered)

    def places(self, actor: Actor, session: Session, most: int) -> list[tuple[int, int]]:
        """File and line of the first records of a session, of each file at most so many."""
        return self._database.execute(
            "SELECT file, line FROM (SELECT file, line, row_number() OVER (PARTITION BY file ORDER BY line) AS place "  # noqa: S608
            f"{_ANSWERED}) WHERE place <= ?",
            (*actor, session.begin, session.end, most),
        ).fetchall()

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def _flush(self) -> None:
        rows, self._rows[:] = list(self._rows), []
        self._database.execute("BEGIN")
        self._database.executemany(f"INSERT INTO request VALUES ({','.join('?' * 10)})", rows)  # noqa: S608
        self._database.execute("COMMIT")
