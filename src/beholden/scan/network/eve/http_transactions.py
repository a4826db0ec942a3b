"""EVE `http` events: whom our clients asked, directly or by a proxy.

Source: Suricata user guide, "Eve JSON Format", event type HTTP (`hostname`, `url`, `http_method`,
`status`). Only the length of answers is printed (`length`), so requests are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.scan.network.eve.events import NO_ADDRESS, Event, Refusal, count_of, is_placed, text_of
from beholden.scan.network.http_requests import Request, Requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.network.sides import Sides
    from beholden.scan.source import Source

_MAX_NAME = 300
# Fields that only an answer has; without extended logging there is no status.
_OF_AN_ANSWER = ("http_content_type", "response_headers")
_ANSWERED_WITHOUT_CODE = 0


class HttpTransactions:
    """Sums `http` events.

    Args:
        source: Takes counts and notes.
        watch: Which names of addresses matter.
        sides: What each address of the log is.
    """

    def __init__(self, source: Source, watch: Watch, sides: Sides) -> None:
        self._source = source
        self._sides = sides
        self._requests = Requests(source, watch, sides, "http.hostname", has_lengths=False)

    def add(self, event: Event) -> Refusal | None:
        """Take one event; say why where it cannot be one."""
        if not is_placed(event, self._sides):
            return NO_ADDRESS
        http = event.part()
        self._requests.add(
            Request(
                event.line,
                event.seen,
                event.source,
                event.target,
                str(event.target_port) if event.target_port >= 0 else "",
                text_of(http.get("http_method")),
                text_of(http.get("hostname"))[:_MAX_NAME] or None,
                text_of(http.get("url")),
                _status(http),
                is_forwarded="xff" in event.record or "xff" in http or "via" in http,
            )
        )
        return None

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._requests.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._requests.rest()

    def finish(self) -> None:
        """Tell what is not in the findings."""
        self._requests.tell()


def _status(http: dict[str, Any]) -> int | None:
    if (code := count_of(http.get("status"))) is not None:
        return code
    return _ANSWERED_WITHOUT_CODE if any(name in http for name in _OF_AN_ANSWER) else None
