"""The frame of every reader of proxy logs: one request that a client sent through our proxy → sums, names of addresses.

Such logs tell what the proxy delivered to the client (`received`), and not what was sent: that something was is
certain, how much is not known. Of what was asked for only the host is kept: the rest may be personal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.names_seen import NamesSeen
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, Sides
from beholden.scan.network.tally import Shape, Tally
from beholden.scan.software.hosts import Host, host_of
from beholden.schema.vocabulary import Direction, Kind, NameEvidence, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

_FIELD = "proxy.request"
_RECEIVED: tuple[str] = ("received",)
REACHED = Shape(Kind.DOMAIN, Direction.OUT, _FIELD, relation=Relation.SERVICE_ENDPOINT, measured=_RECEIVED)
ANSWERED = Shape(
    Kind.DOMAIN,
    Direction.OUT,
    _FIELD,
    relation=Relation.SERVICE_ENDPOINT,
    certainty="probable",
    measured=_RECEIVED,
)
TRIED = Shape(
    Kind.DOMAIN,
    Direction.OUT,
    _FIELD,
    relation=Relation.SERVICE_ENDPOINT,
    certainty="probable",
    counted="attempted",
)
# An address names no service: the matched asset decides what the tie is.
REACHED_ADDRESS = Shape(Kind.IP, Direction.OUT, _FIELD, measured=_RECEIVED)
ANSWERED_ADDRESS = Shape(Kind.IP, Direction.OUT, _FIELD, certainty="probable", measured=_RECEIVED)
TRIED_ADDRESS = Shape(Kind.IP, Direction.OUT, _FIELD, certainty="probable", counted="attempted")

CONNECT = "CONNECT"
_SCHEMES = ("http://", "https://", "ftp://", "ws://", "wss://")
_WHOLE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://", re.ASCII)
_CLIENT_NAME = re.compile(r"(?=[^.]*[A-Za-z])[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}", re.ASCII)
_MAX_METHOD = 16
_CACHE_LIMIT = 100_000


class Outcome(Enum):
    """What the proxy did with a request."""

    REACHED = "the server answered"
    ANSWERED = "the server answered, or what a proxy kept of it"
    TRIED = "nobody is known to have answered"
    DENIED = "proxy_denied"
    ANSWERED_BY_PROXY = "proxy_answered_itself"


_SHAPES = {
    Outcome.REACHED: (REACHED, REACHED_ADDRESS),
    Outcome.ANSWERED: (ANSWERED, ANSWERED_ADDRESS),
    Outcome.TRIED: (TRIED, TRIED_ADDRESS),
}


@dataclass(slots=True)
class Proxied:
    """One request.

    Attributes:
        line: Where it stands.
        seen: Seconds since 1970, UTC, when it began; within year 9999.
        until: When it ended.
        client: Who sent it, as printed: an address or a name.
        method: As printed.
        target: Whole URI, or `host:port` of a CONNECT, as printed.
        outcome: What became of it.
        received: Bytes that were delivered to the client.
        peer: Address that the proxy reached for it; None: not told, or another proxy's.
    """

    line: int
    seen: float
    until: float
    client: str
    method: str
    target: str
    outcome: Outcome
    received: int
    peer: str | None = None


def is_for_a_proxy(method: str, target: str) -> bool:
    """Whether a request is one that clients send to a proxy (RFC 9112 section 3.2), and not to a server."""
    return method == CONNECT or _WHOLE_URI.match(target) is not None


class ProxiedRequests:
    """Sums requests while a log is read, and gathers which names stood for which addresses.

    A reader calls `add` for each request, gives what `full` gives after each, and ends through
    `log_sums.with_rest(gathered, requests, finish)`, whose `finish` calls `tell`.

    Args:
        source: The log; takes the counts of what is left out, and the notes.
        watch: Which side is ours, which addresses and names matter.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._tally = Tally(source.path)
        self._names = NamesSeen(source, watch)
        self._hosts: dict[str, Host | None] = {}
        self._measured = False

    def add(self, request: Proxied) -> None:
        """Judge one request and add it to the sums."""
        counts = self._source.not_resolved
        own = self._own_side(request.client)
        if own is None:
            counts["proxy_requests_from_outside"] += 1
            return
        if request.outcome not in _SHAPES:
            counts[request.outcome.value] += 1
            return
        host = self._host(request)
        if host is None:
            counts["proxy_request_without_host"] += 1
        elif host.kind is Kind.IP:
            self._address(request, host.value, own)
        else:
            self._named(request, host.value, own)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._tally.full()
        yield from self._names.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._tally.rest()
        yield from self._names.rest()

    def tell(self) -> None:
        """Note in coverage what a reader of the findings has to know about what is not in them."""
        source, counts = self._source, self._source.not_resolved
        if self._measured:
            source.note("the log tells what was delivered to clients (received), not how much they sent")
        if count := counts["proxy_requests_from_outside"]:
            source.note(
                f"{count} requests came from addresses that are not ours: left out; "
                "name your networks in beholden.toml if they are"
            )
        if count := counts[Outcome.DENIED.value]:
            source.note(f"{count} requests were denied by the proxy: nothing was sent")
        if count := counts[Outcome.ANSWERED_BY_PROXY.value]:
            source.note(f"{count} requests were answered by the proxy itself, most of them from its cache")

    def _own_side(self, client: str) -> str | None:
        """Our side, empty where it is unknown; None where the client is not ours."""
        bits = self._sides[client]
        if bits & (OURS | GROUP):
            return self._sides.canonical(client)
        if bits:
            return None
        # A proxy that looks its clients up prints their names.
        return client.lower() if _CLIENT_NAME.fullmatch(client) else ""

    def _host(self, request: Proxied) -> Host | None:
        if request.method == CONNECT:
            authority = f"http://{request.target}"
        elif request.target.lower().startswith(_SCHEMES):
            authority = "/".join(request.target.split("/", 3)[:3])
        else:
            return None
        if authority not in self._hosts:
            if len(self._hosts) >= _CACHE_LIMIT:
                self._hosts.clear()
            found = host_of(authority)
            if len(authority) > 300:
                return found
            self._hosts[authority] = found
        return self._hosts[authority]

    def _address(self, request: Proxied, address: str, own: str) -> None:
        bits = self._sides[address]
        if not bits & FOREIGN:
            self._source.not_resolved["local_to_local"] += 1
        elif not bits & WATCHED:
            self._source.not_resolved["ip"] += 1
        else:
            self._count(_SHAPES[request.outcome][1], request, address, own)

    def _named(self, request: Proxied, host: str, own: str) -> None:
        name = normalise_host(host)
        if name is None or not_outside(name):
            self._source.not_resolved["proxy_host_not_outside"] += 1
            return
        self._count(_SHAPES[request.outcome][0], request, name, own)
        if request.outcome is Outcome.REACHED and request.peer is not None and self._sides[request.peer] & FOREIGN:
            # It is the proxy that talks to the address, for whoever asked.
            life = request.until - request.seen
            self._names.add(NameEvidence.HTTP_HOST, name, request.peer, None, request.line, request.seen, life)

    def _count(self, shape: Shape, request: Proxied, value: str, own: str) -> None:
        self._measured |= shape.measured is not None
        self._tally.add(
            shape,
            value,
            own,
            request.line,
            request.seen,
            until=request.until,
            first=request.received,
            detail={"method": request.method[:_MAX_METHOD], "via": "proxy"},
        )
