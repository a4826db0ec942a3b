"""airodump-ng CSV: the access points that a survey heard, and the stations with the access point each had joined.

Source: aircrack-ng, src/airodump-ng/dump_csv.c. Two tables in one file, each after an empty line; columns are padded;
    texts are not quoted, so an ESSID may hold commas: it stands between the 13th comma and the last one. Times are the
    clock of the machine that listened, without a zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.devices.wifi_survey import Seen, Survey, local_time
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.network.log_sums import with_rest
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_ACCESS_POINTS = "BSSID, First time seen, Last time seen,"
_STATIONS = "Station MAC, First time seen, Last time seen,"
_CELLS_BEFORE_ESSID = 13
_CELLS_OF_STATION = 6
_NOT_JOINED = "(not associated)"


class AirodumpCsv:
    """Reads the `.csv` that airodump-ng writes."""

    name = "airodump-csv"
    title = "airodump-ng survey (CSV)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the header of the first table."""
        lines = [line for line in head.first_lines() if line.strip()]
        if lines and lines[0].startswith((_ACCESS_POINTS, _STATIONS)):
            return Acceptance.yes("has the header of an airodump-ng table", strength=95)
        return Acceptance.no("does not begin with the header of an airodump-ng table")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per device of ours and network of ours.

        Raises:
            ScanError: The data is damaged or expands too much; what was read before is given first.
        """
        survey = Survey(source, watch)
        yield from with_rest(_gathered(source, survey), survey, survey.tell)


def _gathered(source: Source, survey: Survey) -> Iterator[pa.RecordBatch]:
    source.note("times in airodump-ng files have no zone: read as UTC, the day may be off by one")
    take = _unplaced
    for line, text in source.lines():
        if text.startswith(_ACCESS_POINTS):
            take = _access_point
        elif text.startswith(_STATIONS):
            take = _station
        elif text.strip():
            take(survey, source, line, text)
            yield from survey.full()


def _unplaced(survey: Survey, source: Source, line: int, text: str) -> None:
    del survey, text
    source.reject(line, "stands before any table", expected=f"`{_ACCESS_POINTS} …`")


def _access_point(survey: Survey, source: Source, line: int, text: str) -> None:
    cells = text.split(",", _CELLS_BEFORE_ESSID)
    if len(cells) <= _CELLS_BEFORE_ESSID or "," not in cells[-1]:
        source.reject(line, "wrong column count", expected="15 columns of an access point")
        return
    seen = _seen(source, line, cells)
    if seen is not None:
        essid = cells[-1].rpartition(",")[0].removeprefix(" ")
        survey.access_point(cells[0], [essid], seen)


def _station(survey: Survey, source: Source, line: int, text: str) -> None:
    cells = text.split(",", _CELLS_OF_STATION)
    if len(cells) <= _CELLS_OF_STATION:
        source.reject(line, "wrong column count", expected="7 columns of a station")
        return
    seen = _seen(source, line, cells)
    if seen is not None:
        joined = cells[5].strip()
        survey.station(cells[0], [] if joined == _NOT_JOINED else [joined], seen)


def _seen(source: Source, line: int, cells: list[str]) -> Seen | None:
    first, last = local_time(cells[1]), local_time(cells[2])
    if first is None or last is None:
        source.reject(line, "unreadable date", expected="`2026-01-31 23:59:59`")
        return None
    return Seen(line, first, last)
