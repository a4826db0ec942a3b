"""Reads logs once more for their tempo, and says which sessions are beyond the limits."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.network.sides import Sides
from beholden.scan.source import Source
from beholden.scan.tempo import captured, eve, zeek
from beholden.scan.tempo.limits import LIMITS, Limits
from beholden.scan.tempo.requests import Way, service_text
from beholden.scan.tempo.sessions import Session, sessions
from beholden.scan.tempo.store import Actor, Breadth, Store
from beholden.schema.observation import MAX_LINES
from beholden.schema.signal import Place, ServiceUse, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from beholden.scan.interface import Scanner, Watch
    from beholden.scan.tempo.requests import Request

KIND = "tempo"
_TOP_SERVICES = 8
# By the name of the scanner that reads the log for findings.
READERS: dict[str, Callable[[Source, Sides], Iterator[Request]]] = {
    "zeek-conn": zeek.connections,
    **{f"zeek-{log}": partial(zeek.requests, log) for log in ("http", "ssl", "dns")},
    "suricata-eve": eve.events,
    "packet-capture": captured.connections,
}
_WHY_NOT = {
    "vpc-flow": "tempo was not measured: a record sums up a window of a minute or more, which is too coarse",
    # Certificates and leases are no acts of their own.
    "zeek-x509": None,
}
_NOT_READ = "tempo was not measured: single requests are not read from this format"
_NETWORK_READERS = "beholden.scan.network."

_MANY_BEHIND_ONE = "a gateway, proxy or VPN, behind which many persons and machines share one address"
_ORDERED = "a scan, inventory or load test that somebody ordered"
_MAY_BE = {
    Way.OUTWARDS: [_MANY_BEHIND_ONE, "a crawler, mail server or other server that is busy with many others", _ORDERED],
    Way.INWARDS: [_MANY_BEHIND_ONE, "a search engine, a survey of the internet, a partner's system", _ORDERED],
    Way.WITHIN: [_MANY_BEHIND_ONE, "management, backup or directory software that visits many hosts", _ORDERED],
}


class Tempo:
    """Takes the logs of a run and says at its end what their tempo was.

    Args:
        watch: Says which networks are ours.
        limits: From where on a session is told.
    """

    def __init__(self, watch: Watch, limits: Limits = LIMITS) -> None:
        # Whether anybody stands behind a remote address does not matter here.
        self._sides = Sides(replace(watch, addresses=None))
        self._limits = limits
        self._store = Store()
        self._sources: list[Source] = []
        self._is_complete = True

    def read(self, source: Source, scanner: Scanner) -> None:
        """Read a log that its scanner has read before; it takes a note.

        Args:
            source: The log; what is wrong in it was told already.
            scanner: Who read it.
        """
        read = READERS.get(scanner.name)
        if read is None:
            is_network = type(scanner).__module__.startswith(_NETWORK_READERS)
            if note := _WHY_NOT.get(scanner.name, _NOT_READ if is_network else None):
                source.note(note)
            return
        # Rejects of this second reading are those of the first.
        again = Source(source.place, source.path)
        self.add(_to_its_end(read(again, self._sides)), source)

    def add(self, requests: Iterable[Request], source: Source) -> None:
        """Keep the requests of a log; it takes a note.

        Args:
            requests: In any order.
            source: Where they stand.
        """
        if not self._is_complete:
            return
        self._sources.append(source)
        try:
            count = self._store.add(requests, len(self._sources) - 1)
        except sqlite3.Error as error:
            self._give_up(error)
            return
        source.note(f"tempo: {count:,} requests or connections were measured")

    def signals(self) -> list[Signal]:
        """The sessions beyond the limits, in the order of their begin; none where the disk was full, which is noted."""
        if not self._is_complete:
            return []
        try:
            self._store.settle()
            found = [
                (actor, session)
                for actor, busy in self._store.busy()
                for session in sessions(busy, self._limits)
                if session.meets(self._limits)
            ]
            signals = [signal for pair in _told_once(found) if (signal := self._signal(*pair)) is not None]
        except sqlite3.Error as error:
            self._give_up(error)
            return []
        return sorted(signals, key=lambda signal: (signal.begin, signal.way, signal.source, signal.records))

    def _give_up(self, error: sqlite3.Error) -> None:
        # Half of what was done is no measure of it.
        self._is_complete = False
        for source in self._sources:
            source.note(f"tempo was not measured, in no file of this run: {error}")

    def source_hours(self) -> int:
        """Hours of the clock in which a source did something, over all sources; after `signals`."""
        return self._store.source_hours()

    def _signal(self, actor: Actor, session: Session) -> Signal | None:
        limits = self._limits
        breadth = self._store.breadth(actor, session, session.begin + session.seconds // 4)
        services = sum(came >= limits.share * session.requests for _, came in breadth.services)
        is_broad = breadth.targets >= limits.targets and services >= limits.services
        if not is_broad or breadth.fresh < limits.fresh * breadth.doors:
            return None
        assert session.slowest is not None
        slowest = f"{session.slowest / limits.window:.2f}"
        return Signal(
            kind=KIND,
            way=actor.way.name.lower(),
            source=actor.source,
            records=actor.records.name.lower(),
            begin=_moment(session.begin),
            end=_moment(session.end),
            seconds=session.seconds,
            requests=session.requests,
            unanswered=breadth.unanswered,
            slowest_per_second=slowest,
            targets=breadth.targets,
            names=breadth.names,
            services=services,
            top_services=[
                ServiceUse(service=service_text(service), requests=came)
                for service, came in breadth.services[:_TOP_SERVICES]
            ],
            doors=breadth.doors,
            fresh_doors=breadth.fresh,
            minute_variation=f"{session.variation:.2f}",
            gap_variation=f"{session.gap_variation:.2f}",
            longest_gap=session.longest_gap,
            why=_why(session, breadth, services, slowest),
            may_be=list(_MAY_BE[actor.way]),
            places=self._places(actor, session),
        )

    def _places(self, actor: Actor, session: Session) -> list[Place]:
        found = ((self._sources[file].path, line) for file, line in self._store.places(actor, session, MAX_LINES))
        return [Place(file=file, line=line) for file, line in sorted(found)[:MAX_LINES]]


def _told_once(found: list[tuple[Actor, Session]]) -> Iterator[tuple[Actor, Session]]:
    """Of sessions that several kinds of records tell of, the one with the most requests."""
    for _, group in groupby(found, key=lambda pair: pair[0][:2]):
        kept: list[Session] = []
        for actor, session in sorted(group, key=lambda pair: (-pair[1].requests, pair[0].records, pair[1].begin)):
            if all(session.end < other.begin or other.end < session.begin for other in kept):
                kept.append(session)
                yield actor, session


def _to_its_end(requests: Iterator[Request]) -> Iterator[Request]:
    """All that can be read; that a file breaks off was told by its reader."""
    try:
        yield from requests
    except (ScanError, OSError):
        return


def _why(session: Session, breadth: Breadth, services: int, slowest: str) -> str:
    return (
        f"{session.requests:,} requests with an answer in {_length(session.seconds)} without a pause, "
        f"never fewer than {slowest} a second over ten minutes, to {breadth.targets:,} addresses "
        f"and {services} services; {breadth.fresh:,} of {breadth.doors:,} doors new after the first quarter"
    )


def _length(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds % 3600 // 60} min" if seconds >= 3600 else f"{seconds // 60} min"


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
