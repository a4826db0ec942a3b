"""Tables → files of a knowledge base: Arrow for bulk, SQLite for look-ups, a manifest with digests."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from beholden import __version__
from beholden.kb.base import Manifest
from beholden.kb.layer import address_index, fill, table_of, watched_ranges
from beholden.schema.knowledge import SORT_KEYS, TABLES
from beholden.schema.version import KB_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from beholden.schema.rows import Row


def sort_tables(tables: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Rows of every table in their stated order; ties by their whole content."""
    encode = msgspec.json.Encoder(order="sorted").encode
    ordered: dict[str, list[Row]] = {}
    for table in TABLES:
        keys = SORT_KEYS[table]
        ordered[table] = sorted(
            tables.get(table, ()), key=lambda row: (*(str(getattr(row, key) or "") for key in keys), encode(row))
        )
    return ordered


def table_digests(tables: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """SHA-256 per table over canonical rows: content, not file bytes."""
    encode = msgspec.json.Encoder(order="sorted").encode
    digests: dict[str, str] = {}
    for table, rows in tables.items():
        digest = hashlib.sha256()
        for row in rows:
            digest.update(encode(row) + b"\n")
        digests[table] = digest.hexdigest()
    return digests


def base_digest(digests: Mapping[str, str]) -> str:
    """One digest over the digests of the tables and the schema."""
    text = json.dumps({"schema": KB_SCHEMA, "tables": dict(sorted(digests.items()))}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_base(tables: Mapping[str, Sequence[Row]], folder: Path) -> Manifest:
    """Write a base into an empty folder.

    Args:
        tables: Rows in stated order.
        folder: Exists and is empty; the caller renames it into place.
    """
    connection = sqlite3.connect(folder / "lookup.sqlite")
    # The folder is renamed into place only once complete: no journal needed.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    fill(connection, tables)
    connection.close()
    address_index(tables).write(folder / "addresses.arrow")
    watched_ranges(tables).write(folder / "watched.arrow")
    for table, rows in tables.items():
        _write_arrow(folder / f"{table}.arrow", table, rows)
    digests = table_digests(tables)
    manifest = Manifest(
        schema=KB_SCHEMA,
        digest=base_digest(digests),
        tool=f"beholden {__version__}",
        rows={table: len(rows) for table, rows in tables.items()},
        tables=digests,
        files={path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())},
    )
    (folder / "manifest.json").write_bytes(sealed(manifest))
    return manifest


def sealed(manifest: Manifest) -> bytes:
    """The manifest as it is written, with the digest of its own content."""
    plain = msgspec.json.encode(msgspec.structs.replace(manifest, seal=""))
    complete = msgspec.structs.replace(manifest, seal=hashlib.sha256(plain).hexdigest())
    return msgspec.json.format(msgspec.json.encode(complete), indent=2) + b"\n"


def _write_arrow(path: Path, table: str, rows: Iterable[Row]) -> None:
    columns = table_of(table, rows)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, columns.schema) as writer:
        writer.write_table(columns)
