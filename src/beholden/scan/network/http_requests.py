"""The frame of every reader of HTTP requests: whom one of them was for → sums, names of addresses.

An explicit proxy is recognised by the request itself: CONNECT, or a whole URI where others send a path (RFC 9112
section 3.2). What it is asked for lies behind it, so the name says nothing of the proxy's address.
Bodies are counted apart from what connections carry (`uploaded`, `downloaded`), since a conn log counts them again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.named_sums import NamedSums
from beholden.scan.network.outbound import why_left_out
from beholden.scan.network.sides import FOREIGN, OURS, WATCHED, Sides
from beholden.scan.network.tally import Shape
from beholden.schema.vocabulary import Direction, Kind, NameEvidence, Relation

if TYPE_CHECKING:
    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

_BODIES = ("uploaded", "downloaded")
# RFC 3986: scheme and authority; what follows is of no interest, and may be personal.
_AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]{1,15}://([^/?#\\]{1,320})", re.IGNORECASE)
_PORT = re.compile(r":[0-9]{0,5}", re.ASCII)
_MAX_METHOD = 16
# RFC 9110 sections 15.5 and 15.6.
_FIRST_REFUSAL = 400


class _Measures(NamedTuple):
    counted: str
    measured: tuple[str, str] | None


_TRIED = _Measures("attempted", None)


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        line: Where it stands.
        seen: Seconds since 1970, UTC, within year 9999.
        client: Who sent it, as printed.
        server: Whom it was sent to, as printed.
        port: Port of the server as printed; empty: unknown.
        method: As printed; empty: unknown.
        host: Host header as printed, with its port or without; None: none.
        target: What was asked for: a path, a URI, or `host:port` of a CONNECT; empty: unknown.
        status: Code of the answer, 0 where the log does not print it; None: no answer was seen.
        uploaded: Bytes of the request's body.
        downloaded: Bytes of the answer's body.
        is_forwarded: Whether headers say that a proxy sent it for another client.
    """

    line: int
    seen: float
    client: str
    server: str
    port: str
    method: str
    host: str | None
    target: str
    status: int | None
    uploaded: int = 0
    downloaded: int = 0
    is_forwarded: bool = False


class Requests(NamedSums):
    """Sums requests while a log is read, and gathers which names stood for which addresses.

    A reader calls `add` for each request, gives what `full` gives after each, and ends through
    `log_sums.with_rest(gathered, requests, finish)`, whose `finish` calls `tell`.

    Args:
        source: The log; takes the counts of what is left out, and the notes.
        watch: Which names of addresses matter.
        sides: What each address of the log is.
        field: The field that holds the host.
        has_lengths: Whether the log prints the lengths of both bodies; requests are counted where it does not.
    """

    def __init__(self, source: Source, watch: Watch, sides: Sides, field: str, *, has_lengths: bool) -> None:
        super().__init__(source, watch)
        self._source = source
        self._sides = sides
        answered = _Measures("requests", _BODIES if has_lengths else None)
        self._answered = _shape(field, answered, "confirmed")
        # A proxy may answer from what it keeps.
        self._by_proxy = _shape(field, answered, "probable")
        self._tried = _shape(field, _TRIED, "probable")
        # Only the request tells which address a proxy was to reach.
        self._address_by_proxy = _shape(field, answered, "probable", Kind.IP)
        self._address_tried = _shape(field, _TRIED, "probable", Kind.IP)
        self._passed_on = 0

    def add(self, request: Request) -> None:
        """Judge one request and add it to the sums."""
        counts = self._source.not_resolved
        client, server = self._sides[request.client], self._sides[request.server]
        host, to_proxy = _meant_for(request)
        by_ours = to_proxy and bool(server & OURS)
        if why := why_left_out(client, server, self._sides, from_outside="http_from_outside", by_proxy=by_ours):
            counts[why] += 1
            return
        if not host:
            counts["http_without_host"] += 1
            return
        if bits := self._sides[host]:
            self._address(request, host, bits, to_proxy=to_proxy)
            return
        name = normalise_host(host)
        if name is None or not_outside(name):
            counts["http_host_not_outside"] += 1
            return
        self._passed_on += request.is_forwarded
        self._count(self._shape(request, to_proxy=to_proxy), request, name, host, to_proxy=to_proxy)
        if request.status is not None and not to_proxy and server & FOREIGN:
            self._names.add(NameEvidence.HTTP_HOST, name, request.server, request.client, request.line, request.seen)

    def tell(self) -> None:
        """Note in coverage what a reader of the findings has to know about what is not in them."""
        source, counts = self._source, self._source.not_resolved
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} requests run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if self._passed_on:
            source.note(
                f"{self._passed_on} requests were sent by a proxy for another client: where the log holds both ways, "
                "a request counts for the client and for the proxy"
            )

    def _address(self, request: Request, host: str, bits: int, *, to_proxy: bool) -> None:
        if not to_proxy or not bits & FOREIGN:
            # A conn log tells of it.
            self._source.not_resolved["http_host_is_an_address"] += 1
        elif not bits & WATCHED:
            self._source.not_resolved["ip"] += 1
        else:
            shape = self._address_by_proxy if _let_through(request) else self._address_tried
            self._count(shape, request, self._sides.canonical(host), host, to_proxy=True)

    def _shape(self, request: Request, *, to_proxy: bool) -> Shape:
        if to_proxy:
            return self._by_proxy if _let_through(request) else self._tried
        return self._tried if request.status is None else self._answered

    def _count(self, shape: Shape, request: Request, value: str, raw: str, *, to_proxy: bool) -> None:
        named = {"port": request.port, "method": request.method[:_MAX_METHOD], "status": request.status}
        detail: dict[str, Any] = {key: fact for key, fact in named.items() if fact}
        if to_proxy:
            detail["via"] = "proxy"
        else:
            detail["server"] = self._sides.canonical(request.server)
        self._tally.add(
            shape,
            value,
            self._sides.canonical(request.client),
            request.line,
            request.seen,
            first=request.uploaded,
            second=request.downloaded,
            detail=detail,
            raw=raw,
        )


def _shape(field: str, measures: _Measures, certainty: str, kind: Kind = Kind.DOMAIN) -> Shape:
    # What a name is to us the place tells; of an address, the asset that matched.
    relation = Relation.SERVICE_ENDPOINT if kind is Kind.DOMAIN else None
    return Shape(
        kind,
        Direction.OUT,
        field,
        relation=relation,
        certainty=certainty,
        counted=measures.counted,
        measured=measures.measured,
    )


def _meant_for(request: Request) -> tuple[str, bool]:
    """The host that a request is for, without its port, and whether it was sent to a proxy."""
    if request.method.upper() == "CONNECT":
        return authority_host(request.target) or authority_host(request.host or ""), True
    # Whole URIs overrule the header (RFC 9112 section 3.2.2).
    if whole := _AUTHORITY.match(request.target):
        return authority_host(whole[1]), True
    return authority_host(request.host or ""), False


def _let_through(request: Request) -> bool:
    """Whether a proxy did what it was asked: its own refusals (403, 407, 502 …) look like those of the server."""
    return request.status is not None and request.status < _FIRST_REFUSAL


def authority_host(authority: str) -> str:
    """The host of `user@host:port`; empty where there is none.

    Args:
        authority: As RFC 3986 section 3.2 has it; IPv6 addresses stand in brackets.
    """
    text = authority.rpartition("@")[2].strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and _PORT.fullmatch(colon + port) and ":" not in host else text
