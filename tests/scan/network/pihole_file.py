"""Writes small Pi-hole databases for tests; `python -m tests.scan.network.pihole_file FILE` writes the fixture."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

NOON = 1_777_622_400  # 2026-05-01 08:00 UTC
STORAGE = """
CREATE TABLE query_storage (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp INTEGER NOT NULL, type INTEGER NOT NULL,
    status INTEGER NOT NULL, domain INTEGER NOT NULL, client INTEGER NOT NULL, forward INTEGER,
    additional_info INTEGER, reply_type INTEGER, reply_time REAL, dnssec INTEGER);
CREATE TABLE domain_by_id (id INTEGER PRIMARY KEY, domain TEXT NOT NULL);
CREATE TABLE client_by_id (id INTEGER PRIMARY KEY, ip TEXT NOT NULL, name TEXT);
CREATE TABLE forward_by_id (id INTEGER PRIMARY KEY, forward TEXT NOT NULL);
CREATE VIEW queries AS SELECT id, timestamp, type, status FROM query_storage;
"""
OLD = """
CREATE TABLE queries (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp INTEGER NOT NULL, type INTEGER NOT NULL,
    status INTEGER NOT NULL, domain TEXT NOT NULL, client TEXT NOT NULL, forward TEXT);
CREATE TABLE ftl (id INTEGER PRIMARY KEY NOT NULL, value BLOB NOT NULL);
"""
# type, status, name, client, forwarded to, reply
Row = tuple[int, int, str, str, str | None, int | None]
ROWS: list[Row] = [
    (1, 2, "shop.example.com", "192.168.1.5", "223.5.5.5#53", 3),
    (2, 3, "shop.example.com", "192.168.1.5", None, 4),
    (16, 17, "shop.example.com", "192.168.1.6", None, 13),
    (1, 2, "api.example.org", "192.168.1.6", "127.0.0.1#5335", 4),
    (1, 1, "tracker.example.net", "192.168.1.6", None, 4),
    (1, 9, "cname.example.net", "192.168.1.6", "223.5.5.5#53", 4),
    (1, 2, "gone.example.net", "192.168.1.6", "223.5.5.5#53", 2),
    (1, 12, "slow.example.org", "192.168.1.6", "223.5.5.5#53", 0),
    (6, 2, "5.113.0.203.in-addr.arpa", "192.168.1.6", "223.5.5.5#53", 5),
    (165, 3, "typed.example.org", "0.0.0.0", None, 4),
    (1, 2, "hidden", "0.0.0.0", None, 0),
    (1, 99, "later.example.org", "192.168.1.6", None, 4),
    (1, 2, "www.our.example", "198.51.100.7", None, 4),
]


def build(path: Path, rows: list[Row], *, wal: bool = False) -> Path:
    """Write a database with linking tables."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(STORAGE)
        for number, (rrtype, status, domain, client, forward, reply) in enumerate(rows):
            linked = [
                _number(connection, "domain_by_id", "domain", domain),
                _number(connection, "client_by_id", "ip", client),
                _number(connection, "forward_by_id", "forward", forward) if forward else None,
            ]
            connection.execute(
                "INSERT INTO query_storage (timestamp, type, status, domain, client, forward, reply_type) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (NOON + number, rrtype, status, *linked, reply),
            )
        connection.commit()
    return path


def build_old(path: Path, rows: list[Row]) -> Path:
    """Write a database as old versions did: texts in one table, and no type of the reply."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD)
        connection.executemany(
            "INSERT INTO queries (timestamp, type, status, domain, client, forward) VALUES (?, ?, ?, ?, ?, ?)",
            [(NOON + number, *row[:5]) for number, row in enumerate(rows)],
        )
        connection.commit()
    return path


def _number(connection: sqlite3.Connection, table: str, column: str, text: str) -> int:
    found = connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (text,)).fetchone()
    if found is None:
        found = connection.execute(f"INSERT INTO {table} ({column}) VALUES (?) RETURNING id", (text,)).fetchone()
    return int(found[0])


if __name__ == "__main__":
    build(Path(sys.argv[1]), ROWS)
