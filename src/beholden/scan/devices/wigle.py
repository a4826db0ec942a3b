"""WigleWifi CSV 1.x: what a survey on the move heard, one record a sighting.

Source: api.wigle.net/csvFormat.html. A pre-header names format and device, then comes a header of fixed columns; 1.6
    adds Frequency, RCOIs and MfgrId. `Type` tells Wi-Fi from Bluetooth and cell towers. The page gives no zone for
    FirstSeen. Positions are not kept.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from beholden.scan.devices.wifi_survey import Seen, Survey, local_time
from beholden.scan.interface import Acceptance, InputHead, Watch
from beholden.scan.network.log_sums import with_rest
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.source import Source

_SIGNATURE = "WigleWifi-1."
_COLUMNS = ("MAC", "SSID", "FirstSeen", "Type")
# As the format names them; others may come, and none of them is a device on a network of ours.
_WIFI = "WIFI"


class WigleCsv:
    """Reads WigleWifi CSV, as the app and Kismet write it."""

    name = "wigle-csv"
    title = "WiGLE survey (WigleWifi CSV 1.x)"
    kinds = frozenset({Kind.MAC})

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes to the pre-header."""
        if head.text.startswith(_SIGNATURE):
            return Acceptance.yes("has the pre-header of WigleWifi 1.x", strength=100)
        return Acceptance.no(f"does not begin with {_SIGNATURE}")

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per access point of ours.

        Raises:
            ScanError: No header with the columns needed, or the data is damaged; what was read is given first.
        """
        survey = Survey(source, watch)
        yield from with_rest(_gathered(source, survey), survey, survey.tell)


def _gathered(source: Source, survey: Survey) -> Iterator[pa.RecordBatch]:
    source.note("times in WigleWifi files have no zone: read as UTC, the day may be off by one")
    lines = ((line, text) for line, text in source.lines() if line > 1 and text.strip())
    line, text = next(lines, (1, ""))
    header = _cells(text) or []
    places = _places(source, line, header)
    for line, text in lines:
        cells = _cells(text)
        if cells is None or len(cells) != len(header):
            source.reject(line, "wrong column count", expected=f"{len(header)} columns")
            continue
        _record(survey, source, line, [cells[place] for place in places])
        yield from survey.full()


def _cells(text: str) -> list[str] | None:
    try:
        return next(csv.reader([text]))
    except (csv.Error, StopIteration):
        return None


def _places(source: Source, line: int, header: list[str]) -> tuple[int, int, int, int]:
    try:
        address, name, first, kind = (header.index(column) for column in _COLUMNS)
    except ValueError as error:
        raise source.error(f"no header with the columns {', '.join(_COLUMNS)}", line=line) from error
    return address, name, first, kind


def _record(survey: Survey, source: Source, line: int, cells: list[str]) -> None:
    address, name, first, kind = cells
    if kind != _WIFI:
        survey.other()
        return
    heard = local_time(first)
    if heard is None:
        source.reject(line, "unreadable date", expected="`2026-01-31 23:59:59`")
        return
    survey.access_point(address, [name], Seen(line, heard))
