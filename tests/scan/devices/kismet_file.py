"""Writes small Kismet logs for tests; `python -m tests.scan.devices.kismet_file FILE` writes the fixture."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

VERSIONS = "CREATE TABLE KISMET (kismet_version TEXT, db_version INT, db_module TEXT)"
DEVICES = (
    "CREATE TABLE devices (first_time INT, last_time INT, devkey TEXT, phyname TEXT, devmac TEXT, "
    "strongest_signal INT, min_lat REAL, min_lon REAL, max_lat REAL, max_lon REAL, avg_lat REAL, avg_lon REAL, "
    "bytes_data INT, type TEXT, device BLOB, UNIQUE(phyname, devmac) ON CONFLICT REPLACE)"
)
START = 1_772_438_400  # 2026-03-02 08:00 UTC
Row = tuple[str, str, dict[str, Any]]


def access_point(mac: str, *names: str) -> Row:
    """An access point as Kismet 2022 and later writes it: names in an array."""
    dot11 = {"dot11.device.advertised_ssid_map": [{"dot11.advertisedssid.ssid": name} for name in names]}
    return mac, "Wi-Fi AP", {"dot11.device": dot11}


def station(mac: str, *bssids: str, last: str = "00:00:00:00:00:00") -> Row:
    """A client of access points."""
    dot11: dict[str, Any] = {"dot11.device.last_bssid": last}
    if bssids:
        dot11["dot11.device.client_map"] = {bssid: {"dot11.client.bssid": bssid} for bssid in bssids}
    return mac, "Wi-Fi Client", {"dot11.device": dot11}


def insert(connection: sqlite3.Connection, row: Row, number: int, phyname: str = "IEEE802.11") -> None:
    """Add one device with its JSON."""
    mac, kind, more = row
    record = {
        "kismet.device.base.macaddr": mac,
        "kismet.device.base.type": kind,
        "kismet.device.base.location": {"kismet.common.location.avg_loc": [-98.765432, 12.345678]},
        **more,
    }
    values = (START + number, START + 60 + number, f"key{number}", phyname, mac, -40, *[12.345678, -98.765432] * 3)
    connection.execute(f"INSERT INTO devices VALUES ({', '.join('?' * 15)})", (*values, 100, kind, json.dumps(record)))


def build(path: Path, rows: list[Row], *, version: int = 8, bluetooth: int = 0) -> Path:
    """Write a log."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 1024")
        connection.execute(VERSIONS)
        connection.execute(DEVICES)
        connection.execute("INSERT INTO KISMET VALUES ('2025.09.0', ?, 'kismetlog')", (version,))
        for number, row in enumerate(rows):
            insert(connection, row, number)
        for number in range(bluetooth):
            insert(connection, (f"00:53:00:40:00:{number:02x}", "BTLE Device", {}), number, "BTLE")
        connection.commit()
    return path


# The stations come first: a log is in no order.
SURVEY: list[Row] = [
    station("00:53:00:30:00:01", "00:53:00:10:00:01"),
    station("00:53:00:30:00:02", last="00:53:00:10:00:01"),
    station("00:53:00:30:00:03", "00:53:00:10:00:02", "00:53:00:10:00:01"),
    station("06:53:00:30:00:04", "00:53:00:10:00:01"),
    station("00:53:00:30:00:05", "00:53:00:20:00:01"),
    access_point("00:53:00:10:00:01", "Northport-Staff"),
    access_point("00:53:00:10:00:02", "Northport-Guest"),
    access_point("00:53:00:20:00:01", "Cafe, Bar"),
]

if __name__ == "__main__":
    build(Path(sys.argv[1]), SURVEY, bluetooth=2)
