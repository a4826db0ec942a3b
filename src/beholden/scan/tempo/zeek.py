"""Zeek `conn`, `http`, `ssl` and `dns` logs → requests.

Source: Zeek manual, base/protocols/conn/main.zeek (`conn_state`, `resp_bytes`), http, ssl, dns/main.zeek.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.cells import parse_seconds, port_text
from beholden.scan.network.hostnames import normalise_host
from beholden.scan.network.zeek_records import EMPTY, UNSET, read_records, unescape
from beholden.scan.tempo.requests import UDP_SERVICES, Records, Request, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_CONN = (*_REQUIRED, "id.resp_p", "proto", "conn_state", "resp_bytes", "local_orig", "local_resp")
_ESTABLISHED = frozenset({"SF", "S1", "S2", "S3", "RSTO", "RSTR"})
_NOTHING = frozenset({UNSET, EMPTY})
_TRANSPORTS = {"tcp": 0, "udp": UDP_SERVICES}
# Log → the column of a name, and the one that only an answer fills.
_OF_REQUESTS = {"http": ("host", "status_code"), "ssl": ("server_name", "version"), "dns": ("query", "rcode")}


def connections(source: Source, sides: Sides) -> Iterator[Request]:
    """Give the TCP and UDP connections of a conn log.

    Args:
        source: The log.
        sides: What addresses are.

    Raises:
        ScanError: The header lacks a column, or compressed data is damaged.
    """
    for line, cells in read_records(source, "conn", _CONN, (*_REQUIRED, "conn_state")):
        seconds, transport = parse_seconds(cells[0]), _TRANSPORTS.get(cells[4])
        if seconds is None or transport is None:
            continue
        way = way_of(sides, cells[1], cells[2], (cells[7], cells[8]))
        if way is not None:
            # Without byte counts the state alone tells.
            is_answered = cells[5] in _ESTABLISHED and cells[6] != "0"
            yield Request(
                Records.ZEEK_CONNECTIONS,
                way,
                sides.canonical(cells[1]),
                sides.canonical(cells[2]),
                _service(cells[3], transport),
                int(seconds),
                is_answered,
                line,
            )


def requests(log: str, source: Source, sides: Sides) -> Iterator[Request]:
    """Give the requests of an http log, the handshakes of an ssl log, the queries of a dns log.

    Args:
        log: Zeek's name of the log.
        source: The log.
        sides: What addresses are.

    Raises:
        ScanError: The header lacks a column, or compressed data is damaged.
    """
    transport = UDP_SERVICES if log == "dns" else 0
    columns = (*_REQUIRED, "id.resp_p", *_OF_REQUESTS[log])
    for line, cells in read_records(source, log, columns, _REQUIRED):
        seconds = parse_seconds(cells[0])
        way = None if seconds is None else way_of(sides, cells[1], cells[2])
        if seconds is not None and way is not None:
            yield Request(
                Records.ZEEK_REQUESTS,
                way,
                sides.canonical(cells[1]),
                sides.canonical(cells[2]),
                _service(cells[3], transport),
                int(seconds),
                cells[5] not in _NOTHING,
                line,
                "" if cells[4] in _NOTHING else normalise_host(unescape(cells[4]).partition(":")[0]) or "",
            )


def _service(port: str, transport: int) -> int:
    digits = port_text(port)
    return int(digits) + transport if digits and int(digits) < UDP_SERVICES else -1
