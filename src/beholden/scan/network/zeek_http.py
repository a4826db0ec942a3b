"""Zeek `http` logs: whom our clients asked, directly or by a proxy.

What a request amounts to is told in `http_requests`. Of the URI nothing but its host is taken.

Source: Zeek manual, base/protocols/http/main.zeek (`host`, `uri`, `status_code`, `request_body_len`, `proxied`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.cells import port_text, whole_number
from beholden.scan.network.http_requests import Request, Requests
from beholden.scan.network.log_sums import placed, with_rest
from beholden.scan.network.sides import Sides
from beholden.scan.network.zeek_records import EMPTY, UNSET, accepts_log, read_records, unescape
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Acceptance, InputHead, Watch
    from beholden.scan.source import Source

_COLUMNS = (
    "ts",
    "id.orig_h",
    "id.resp_h",
    "id.resp_p",
    "method",
    "host",
    "uri",
    "status_code",
    "request_body_len",
    "response_body_len",
    "proxied",
)
_REQUIRED = ("ts", "id.orig_h", "id.resp_h")
_LISTS = frozenset({"proxied"})
_MARKS = ("trans_depth", "status_code", "request_body_len")
_NOTHING = frozenset({UNSET, EMPTY})


class ZeekHttp:
    """Reads Zeek http logs, TSV or JSON lines."""

    name = "zeek-http"
    title = "Zeek http log (TSV or JSON lines)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})
    can_be_followed = True

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by `#path`, `_path` or the columns that only this log has."""
        return accepts_log(head, "http", _REQUIRED, _MARKS)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum requests by host, own host and day; tie names to addresses.

        Raises:
            ScanError: The header lacks a column, or compressed data is damaged; sums so far are given first.
        """
        sides = Sides(watch)
        requests = Requests(source, watch, sides, "http.host", has_lengths=True)
        yield from with_rest(_gathered(source, sides, requests), requests, requests.tell)


def _gathered(source: Source, sides: Sides, requests: Requests) -> Iterator[pa.RecordBatch]:
    records = read_records(source, "http", _COLUMNS, _REQUIRED, _LISTS)
    for line, seconds, cells, _, _ in placed(records, sides, source):
        uploaded, downloaded = _length(cells[8]), _length(cells[9])
        if uploaded is None or downloaded is None:
            source.reject(line, "not a byte count", expected="a whole number in the body lengths")
            continue
        source.accept()
        requests.add(
            Request(
                line,
                seconds,
                cells[1],
                cells[2],
                port_text(cells[3]),
                "" if cells[4] in _NOTHING else cells[4],
                None if cells[5] in _NOTHING else unescape(cells[5]),
                "" if cells[6] in _NOTHING else cells[6],
                whole_number(cells[7]),
                uploaded,
                downloaded,
                is_forwarded=_is_forwarded(cells[10]),
            )
        )
        yield from requests.full()


def _length(text: str) -> int | None:
    return 0 if text == UNSET else whole_number(text)


def _is_forwarded(headers: str) -> bool:
    """Whether headers tell of a client further back; `PROXY-CONNECTION` is what a client says to its proxy."""
    if headers in _NOTHING:
        return False
    return any(name in headers.upper() for name in ("VIA ->", "FORWARDED", "CLIENT-IP ->"))
