"""The frame of every reader of TLS and QUIC handshakes: what one of them says of the server → sums, names of addresses.

The client sends the name it means, so the name is `confirmed` only where the server answered and its certificate, if it
was seen, is for that name. A handshake without a name may still show a certificate; anybody can write one for
any name, so that is `probable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.scan.network.certificates import subject_host
from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.named_sums import NamedSums
from beholden.scan.network.outbound import why_left_out
from beholden.scan.network.sides import FOREIGN, OURS, Sides
from beholden.scan.network.tally import Shape
from beholden.schema.vocabulary import Direction, Kind, NameEvidence, Relation

if TYPE_CHECKING:
    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

# Registered or customary ports of explicit web proxies: the name then lies behind the proxy, not at our address.
PROXY_PORTS = frozenset({"3128", "8080", "8888"})
# The outer name of the large operator that offers Encrypted Client Hello: the name that is meant is inside.
_COVER_NAMES = frozenset({"cloudflare-ech.com"})
_MAX_VERSION = 32


@dataclass(slots=True)
class Handshake:
    """One handshake.

    Attributes:
        line: Where it stands.
        seen: Seconds since 1970, UTC, within year 9999.
        client: Who opened it, as printed.
        server: Whom it was opened to, as printed.
        port: Port of the server as printed; empty: unknown.
        server_name: The name the client sent; None: none, or hidden.
        subject: Subject of the server's certificate; None: not seen.
        version: Protocol version as printed; empty: unknown.
        is_answered: Whether the server took part in it.
        is_other_name: Whether the certificate is known to be for another name than the one sent.
    """

    line: int
    seen: float
    client: str
    server: str
    port: str
    server_name: str | None
    subject: str | None = None
    version: str = ""
    is_answered: bool = True
    is_other_name: bool = False


class Handshakes(NamedSums):
    """Sums handshakes while a log is read, and gathers which names stood for which addresses.

    A reader calls `add` for each handshake, gives what `full` gives after each, and ends through
    `log_sums.with_rest(gathered, handshakes, finish)`, whose `finish` calls `tell`.

    Args:
        source: The log; takes the counts of what is left out, and the notes.
        watch: Which names of addresses matter.
        sides: What each address of the log is.
        name_field: The field that holds the name sent.
        subject_field: The field that holds the certificate's subject.
    """

    def __init__(self, source: Source, watch: Watch, sides: Sides, name_field: str, subject_field: str) -> None:
        super().__init__(source, watch)
        self._source = source
        self._sides = sides
        self._reached = _shape(name_field, "confirmed")
        self._tried = _shape(name_field, "probable")
        self._shown = _shape(subject_field, "probable")
        self._covered = 0

    def add(self, shake: Handshake) -> None:
        """Judge one handshake and add it to the sums."""
        counts = self._source.not_resolved
        client, server = self._sides[shake.client], self._sides[shake.server]
        by_proxy = bool(server & OURS) and shake.port in PROXY_PORTS
        if why := why_left_out(client, server, self._sides, from_outside="tls_from_outside", by_proxy=by_proxy):
            counts[why] += 1
        elif shake.server_name is None:
            self._unnamed(shake, by_proxy=by_proxy)
        else:
            self._named(shake, shake.server_name, by_proxy=by_proxy)

    def tell(self) -> None:
        """Note in coverage what a reader of the findings has to know about what is not in them."""
        source, counts = self._source, self._source.not_resolved
        if count := counts["our_side_unknown"]:
            source.note(
                f"{count} handshakes run between public addresses and nothing says which side is ours: "
                "left out; name your networks in beholden.toml"
            )
        if count := counts["tls_without_server_name"]:
            source.note(
                f"{count} outbound handshakes name no server (none sent, or encrypted): see the addresses instead"
            )
        if self._covered:
            source.note(
                f"{self._covered} outbound handshakes are encrypted (ECH) behind a name that stands for many: "
                "the service that was meant cannot be told"
            )

    def _named(self, shake: Handshake, raw: str, *, by_proxy: bool) -> None:
        name = normalise_host(raw)
        if name is None or not_outside(name):
            self._source.not_resolved["tls_server_name_not_outside"] += 1
            return
        self._covered += name in _COVER_NAMES
        is_sure = shake.is_answered and not shake.is_other_name and not by_proxy
        self._count(self._reached if is_sure else self._tried, shake, name, raw, by_proxy=by_proxy)
        if is_sure:
            self._tie(NameEvidence.SERVER_NAME, shake, name)
        elif shake.is_other_name and not by_proxy:
            self._tie(NameEvidence.CERTIFICATE, shake, _certified(shake))

    def _unnamed(self, shake: Handshake, *, by_proxy: bool) -> None:
        name = _certified(shake)
        if name is None or by_proxy:
            self._source.not_resolved["tls_without_server_name"] += 1
            return
        self._count(self._shown, shake, name, None, by_proxy=False)
        self._tie(NameEvidence.CERTIFICATE, shake, name)

    def _count(self, shape: Shape, shake: Handshake, name: str, raw: str | None, *, by_proxy: bool) -> None:
        named = {
            "port": shake.port,
            "server": self._sides.canonical(shake.server),
            "version": shake.version[:_MAX_VERSION],
        }
        detail: dict[str, Any] = {key: text for key, text in named.items() if text}
        if by_proxy:
            detail["via"] = "proxy"
        own = self._sides.canonical(shake.client)
        self._tally.add(shape, name, own, shake.line, shake.seen, detail=detail, raw=raw)

    def _tie(self, told_by: NameEvidence, shake: Handshake, name: str | None) -> None:
        # Behind a cover name anything may be, so it names no address.
        if name is not None and name not in _COVER_NAMES and self._sides[shake.server] & FOREIGN:
            self._names.add(told_by, name, shake.server, shake.client, shake.line, shake.seen)


def _shape(field: str, certainty: str) -> Shape:
    return Shape(Kind.DOMAIN, Direction.OUT, field, relation=Relation.SERVICE_ENDPOINT, certainty=certainty)


def _certified(shake: Handshake) -> str | None:
    return subject_host(shake.subject) if shake.subject is not None else None
