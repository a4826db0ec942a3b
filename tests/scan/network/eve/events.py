"""EVE records invented for a test, and what becomes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.scan.network.reading import Read, read

from beholden.scan.network.eve.reader import SuricataEve

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.scan.interface import Watch

OWN, FAR = "10.0.0.5", "203.0.113.7"
TIME = "2024-05-01T02:00:00.000000+0200"


def event(kind: str, /, **facts: Any) -> dict[str, Any]:
    """A record with the common section; every part of it can be told."""
    common = {
        "timestamp": TIME,
        "flow_id": 1,
        "event_type": kind,
        "src_ip": OWN,
        "src_port": 40000,
        "dest_ip": FAR,
        "dest_port": 443,
        "proto": "TCP",
    }
    return {**common, **facts}


def eve(folder: Path, *records: dict[str, Any] | str, watch: Watch | None = None) -> Read:
    """Read records as a log."""
    path = folder / "eve.json"
    path.write_text("".join((text if isinstance(text, str) else json.dumps(text)) + "\n" for text in records))
    return read(SuricataEve(), path, watch)
