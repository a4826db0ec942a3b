"""Zeek `ssl` logs: the server names that our clients asked for in TLS handshakes.

Source: Zeek manual, base/protocols/ssl/main.zeek (`server_name`, `established`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, Sides
from beholden.scan.network.tally import Shape, Tally
from beholden.scan.network.zeek_records import EMPTY, UNSET, accepts_log, read_records, unescape
from beholden.schema.vocabulary import Direction, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_CERTIFICATES = ("cert_chain_fuids", "cert_chain_fps", "cert_chain")
_COLUMNS = (
    "ts",
    "id.orig_h",
    "id.resp_h",
    "id.resp_p",
    "server_name",
    "established",
    "version",
    "resumed",
    *_CERTIFICATES,
)
_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_MARKS = ("cipher", "established", "server_name", "resumed")

REACHED = Shape(Kind.DOMAIN, Direction.OUT, "ssl.server_name", relation=Relation.SERVICE_ENDPOINT)
TRIED = Shape(Kind.DOMAIN, Direction.OUT, "ssl.server_name", relation=Relation.SERVICE_ENDPOINT, certainty="probable")
# Registered or customary ports of explicit web proxies: the name then lies behind the proxy, not at our address.
_PROXY_PORTS = frozenset({"3128", "8080", "8888"})


class ZeekSsl:
    """Reads Zeek ssl logs, TSV or JSON lines."""

    name = "zeek-ssl"
    title = "Zeek ssl log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "ssl", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum handshakes by server name, own host and day.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        yield from _Reading(source, watch).batches()


class _Reading:
    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._sides = Sides(watch)
        self._tally = Tally(source.path)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return with_rest(self._gathered(), self._tally.rest, self._tell)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        source = self._source
        records = read_records(source, "ssl", _COLUMNS, _REQUIRED)
        for line, seconds, cells, client, server in placed(records, self._sides, source):
            source.accept()
            self._handshake(line, seconds, cells, client, server)
            yield from self._tally.full()

    def _handshake(self, line: int, seconds: float, cells: tuple[str, ...], client: int, server: int) -> None:
        counts = self._source.not_resolved
        by_proxy = bool(server & OURS) and cells[3] in _PROXY_PORTS
        if why := self._not_outbound(client, server, by_proxy=by_proxy):
            counts[why] += 1
            return
        if cells[4] in (UNSET, EMPTY):
            counts["tls_without_server_name"] += 1
            return
        raw = unescape(cells[4])
        name = normalise_host(raw)
        if name is None or not_outside(name):
            counts["tls_server_name_not_outside"] += 1
            return
        detail: dict[str, Any] = {"port": cells[3], "server": self._sides.canonical(cells[2]), "version": cells[6]}
        detail = {key: text for key, text in detail.items() if text != UNSET}
        if by_proxy:
            detail["via"] = "proxy"
        shape = REACHED if _was_established(cells) and not by_proxy else TRIED
        self._tally.add(shape, name, self._sides.canonical(cells[1]), line, seconds, detail=detail, raw=raw)

    def _not_outbound(self, client: int, server: int, *, by_proxy: bool) -> str | None:
        if client & OURS:
            return None if server & FOREIGN or by_proxy else "local_to_local"
        if server & OURS:
            return "tls_from_outside"
        if (client | server) & GROUP or self._sides.has_own_networks:
            return "neither_side_ours"
        return "our_side_unknown"

    def _tell(self) -> None:
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


def _was_established(cells: tuple[str, ...]) -> bool:
    if cells[5] != UNSET:
        return cells[5] == "T"
    # Logs without the column: a server that chose a version or showed a certificate has answered.
    return any(text not in (UNSET, EMPTY) for text in (cells[6], *cells[8:])) or cells[7] == "T"
