"""Networks of an invented operator, and what surveys gave of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.scan.network.reading import read

from beholden.scan.interface import OwnWifi, Scanner, Watch
from beholden.scan.source import Source


def network(ssid: str | None, *bssids: str) -> OwnWifi:
    """A network of ours as the profile names it."""
    return OwnWifi(f"wifi:{ssid}", f"wifi-radio:{ssid}", ssid, frozenset(bssids))


OURS = Watch(wifi=(network("Northport-Staff", "00:53:00:10:00:01"), network("Northport-Guest")))


def heard(scanner: Scanner, path: Path, watch: Watch = OURS) -> tuple[Source, list[tuple[Any, ...]]]:
    """The source with its counts, and (address, field, own host, certainty, count) of each row."""
    found = read(scanner, path, watch)
    keys = ("value", "field", "own_host", "certainty", "count")
    return found.source, [tuple(row[key] for key in keys) for row in found.rows]
