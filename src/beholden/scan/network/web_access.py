"""Access logs in the Common and Combined Log Formats: requests that our clients sent through a proxy of ours.

A proxy is asked for whole URIs or CONNECT; a server for paths. What others ask our servers for is no act of ours and is
only counted. A proxy's own refusals (403, 502 …) look like those of the server behind it, so errors are attempts; and
what a proxy kept looks like what the server sent, so only a tunnel (CONNECT) that carried bytes is certain. Squid
appends its codes (`TCP_MISS:HIER_DIRECT`), which tell more. Sizes are what was delivered to the client.

Source: Apache HTTP Server, "Log Files" (Common and Combined Log Format) and `LogFormat` `vhost_combined`; squid.conf,
`logformat` `common` and `combined`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import LATEST, whole_number
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.proxied import CONNECT, Outcome, Proxied, ProxiedRequests, is_for_a_proxy
from beholden.scan.network.squid_verdicts import outcome_of
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_LINE = re.compile(
    r"(?:[^ ]+:\d{1,5} )?(?P<client>[^ ]+) [^ ]+ [^\[]{1,256}? \[(?P<time>[^\]]{20,32})\] "
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}|-) (?P<size>\d{1,19}|-)(?P<rest>(?: .*)?)',
    re.ASCII,
)
_REQUEST = re.compile(r"(?P<method>[A-Z][A-Z-]{1,31}) (?P<target>[^ ]+)(?: HTTP/[\d.]+)?", re.ASCII)
_SQUID = re.compile(r" (?P<result>[A-Z_]+):(?P<hierarchy>[A-Z_]+|-)", re.ASCII)
_TIME = re.compile(
    r"(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):(?P<clock>\d\d:\d\d:\d\d) (?P<sign>[+-])(?P<offset>\d{4})",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_LINE = 128 * 1024
_EXPECTED = 'client ident user [day/Mon/year:time offset] "METHOD target HTTP/x" status bytes'
_PROXY_AUTHENTICATION = 407
_FIRST_ERROR = 400


class WebAccess:
    """Reads access logs in the Common or Combined Log Format."""

    name = "web-access"
    title = "Access log of a web proxy (Common or Combined Log Format)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a record among the first lines; a server's own log too, to say what it is."""
        for text in head.first_lines(40):
            found = _LINE.fullmatch(text)
            if found and _seconds(found["time"]) is not None:
                return Acceptance.yes("access log (Common or Combined Log Format)", strength=80)
        return Acceptance.no(f"no line `{_EXPECTED}`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum requests by host, own host and day.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        requests = ProxiedRequests(source, watch)
        return with_rest(_gathered(source, requests), requests, lambda: _tell(source, requests))


def _gathered(source: Source, requests: ProxiedRequests) -> Iterator[pa.RecordBatch]:
    for line, text in source.lines():
        if not text.strip():
            continue
        found = _LINE.fullmatch(text) if len(text) <= _LONGEST_LINE else None
        seen = _seconds(found["time"]) if found else None
        if found is None or seen is None:
            source.reject(line, "not an access record", expected=_EXPECTED)
            continue
        source.accept()
        asked = _REQUEST.fullmatch(found["request"])
        if asked is None:
            source.not_resolved["web_request_malformed"] += 1
        elif not is_for_a_proxy(asked["method"], asked["target"]):
            source.not_resolved["web_request_to_our_server"] += 1
        else:
            received = whole_number(found["size"]) or 0
            outcome = _outcome(found, asked["method"], received)
            requests.add(
                Proxied(line, seen, seen, found["client"], asked["method"], asked["target"], outcome, received)
            )
            yield from requests.full()


def _outcome(found: re.Match[str], method: str, received: int) -> Outcome:
    status = whole_number(found["status"]) or 0
    codes = _SQUID.search(found["rest"][-64:])
    if codes is not None:
        return outcome_of(codes["result"], status, codes["hierarchy"], method, received)
    if status == _PROXY_AUTHENTICATION:
        return Outcome.DENIED
    if not 0 < status < _FIRST_ERROR:
        return Outcome.TRIED
    if method == CONNECT:
        return Outcome.REACHED if received else Outcome.TRIED
    return Outcome.ANSWERED


def _seconds(text: str) -> float | None:
    """Seconds since 1970 of `01/May/2026:10:00:00 +0200`; None where there is no such time."""
    found = _TIME.fullmatch(text)
    if found is None or found["month"] not in _MONTHS:
        return None
    day = f"{found['year']}-{_MONTHS.index(found['month']) + 1:02}-{found['day']}T{found['clock']}+00:00"
    try:
        moment = datetime.fromisoformat(day)
    except ValueError:
        return None
    offset = int(found["offset"][:2]) * 3600 + int(found["offset"][2:]) * 60
    seconds = (moment - _EPOCH) / timedelta(seconds=1) + (offset if found["sign"] == "-" else -offset)
    return seconds if 0 <= seconds <= LATEST else None


def _tell(source: Source, requests: ProxiedRequests) -> None:
    requests.tell()
    if count := source.not_resolved["web_request_to_our_server"]:
        source.note(
            f"{count} requests are for a server of ours, not for a proxy: what others ask of us is no act of ours"
        )
