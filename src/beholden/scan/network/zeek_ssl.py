"""Zeek `ssl` logs: the servers that our clients met in TLS handshakes.

What a handshake amounts to is told in `handshakes`.

Source: Zeek manual, base/protocols/ssl/{main,files}.zeek
(`server_name`, `established`, `subject`, `sni_matches_cert`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.cells import port_text
from beholden.scan.network.handshakes import Handshake, Handshakes
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.sides import Sides
from beholden.scan.network.zeek_records import EMPTY, UNSET, accepts_log, read_records, unescape
from beholden.schema.vocabulary import Kind

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
    "subject",
    "sni_matches_cert",
    "resumed",
    *_CERTIFICATES,
)
_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_MARKS = ("cipher", "established", "server_name", "resumed")
_NOTHING = frozenset({UNSET, EMPTY})


class ZeekSsl:
    """Reads Zeek ssl logs, TSV or JSON lines."""

    name = "zeek-ssl"
    title = "Zeek ssl log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN})
    can_be_followed = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "ssl", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum handshakes by server name, own host and day; tie names to addresses.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        sides = Sides(watch)
        shakes = Handshakes(source, watch, sides, "ssl.server_name", "ssl.subject")
        yield from with_rest(_gathered(source, sides, shakes), shakes, shakes.tell)


def _gathered(source: Source, sides: Sides, shakes: Handshakes) -> Iterator[pa.RecordBatch]:
    records = read_records(source, "ssl", _COLUMNS, _REQUIRED)
    for line, seconds, cells, _, _ in placed(records, sides, source):
        source.accept()
        shakes.add(_handshake(line, seconds, cells))
        yield from shakes.full()


def _handshake(line: int, seconds: float, cells: tuple[str, ...]) -> Handshake:
    return Handshake(
        line,
        seconds,
        cells[1],
        cells[2],
        port_text(cells[3]),
        None if cells[4] in _NOTHING else unescape(cells[4]),
        None if cells[7] in _NOTHING else unescape(cells[7]),
        "" if cells[6] == UNSET else cells[6],
        is_answered=_was_established(cells),
        is_other_name=cells[8] == "F",
    )


def _was_established(cells: tuple[str, ...]) -> bool:
    if cells[5] != UNSET:
        return cells[5] == "T"
    # Logs without the column: a server that chose a version or showed a certificate has answered.
    return any(text not in _NOTHING for text in (cells[6], *cells[10:])) or cells[9] == "T"
