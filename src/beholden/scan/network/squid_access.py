"""Squid's access.log in its own format: which of our clients reached which host, and what was delivered to them.

`logformat squid %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`, written when a request ends. Traffic
Server and others write the same layout. Squid's `common` and `combined` are read by `web_access`.

Source: squid.conf, `logformat`; Squid wiki, "Squid Log Files".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance
from beholden.scan.network.cells import parse_seconds, whole_number
from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.proxied import Proxied, ProxiedRequests
from beholden.scan.network.squid_verdicts import is_the_server, outcome_of
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

_LINE = re.compile(
    # Syslog puts its own front before the record.
    r"(?:.{0,160}?squid[^ ]{0,40}: +)?"
    r" *(?P<ended>\d{1,11}(?:\.\d{1,6})?) +(?P<elapsed>-?\d{1,12}) (?P<client>[^ ]+) "
    r"(?P<result>[A-Z_]+)/(?P<status>\d{3}) (?P<size>\d{1,19}) (?P<method>[^ ]+) (?P<target>[^ ]+) "
    r"(?P<user>[^ ]+) (?P<hierarchy>[A-Z_]+|-)/(?P<peer>[^ ]*)(?: [^ ]+.*)?",
    re.ASCII,
)
# Squid takes request lines of up to 64 KiB.
_LONGEST_LINE = 128 * 1024
_EXPECTED = "time elapsed client result/status bytes method URL user hierarchy/peer type"
# Cache protocols between proxies: what they ask for was asked for by a client as well.
_BETWEEN_CACHES = ("UDP_", "ICP_", "HTCP_")


class SquidAccess:
    """Reads Squid's access.log in its native format."""

    name = "squid-access"
    title = "Squid access.log (native format)"
    kinds = frozenset({Kind.DOMAIN, Kind.IP})

    def accepts(self, head: InputHead) -> Acceptance:
        """Accept by a record among the first lines."""
        if any(_LINE.fullmatch(line) for line in head.first_lines(40)):
            return Acceptance.yes("Squid access.log (native format)", strength=90)
        return Acceptance.no(f"no line `{_EXPECTED}`")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Sum requests by host, own host and day.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        requests = ProxiedRequests(source, watch)
        return with_rest(_gathered(source, requests), requests, requests.tell)


def _gathered(source: Source, requests: ProxiedRequests) -> Iterator[pa.RecordBatch]:
    for line, text in source.lines():
        if not text.strip():
            continue
        found = _LINE.fullmatch(text) if len(text) <= _LONGEST_LINE else None
        if found is None:
            source.reject(line, "not an access record", expected=_EXPECTED)
            continue
        request = _request(source, line, found)
        if request is not None:
            source.accept()
            requests.add(request)
            yield from requests.full()


def _request(source: Source, line: int, found: re.Match[str]) -> Proxied | None:
    """The request of a record; None where it is rejected or left out, which is counted."""
    ended, received = parse_seconds(found["ended"]), whole_number(found["size"])
    if ended is None or received is None:
        source.reject(line, "time or size out of range", expected=_EXPECTED)
        return None
    result, method, hierarchy = found["result"], found["method"], found["hierarchy"]
    if result.startswith(_BETWEEN_CACHES) or method.startswith(_BETWEEN_CACHES):
        source.accept()
        source.not_resolved["proxy_asked_by_another_cache"] += 1
        return None
    took = max(int(found["elapsed"]), 0) / 1000
    outcome = outcome_of(result, int(found["status"]), hierarchy, method, received)
    peer = found["peer"] if is_the_server(hierarchy) else None
    return Proxied(
        line,
        max(ended - took, 0),
        ended,
        found["client"],
        method,
        found["target"],
        outcome,
        received,
        peer=peer,
    )
