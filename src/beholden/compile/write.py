"""Tables → files of a knowledge base: Arrow for bulk, SQLite for look-ups, a manifest with digests."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from beholden import __version__
from beholden.compile.stage import encode_sorted
from beholden.kb.columns import address_index, answers, table_of, written
from beholden.kb.layer import ADDRESSES, WATCHED, create, index, insert
from beholden.kb.manifest import Manifest
from beholden.schema.knowledge import SORT_KEYS, TABLES
from beholden.schema.version import KB_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from beholden.schema.rows import Row

_CHUNK = 20_000


def sort_tables(tables: Mapping[str, Iterable[Row]]) -> dict[str, list[Row]]:
    """Rows of every table in their stated order; ties by their whole content."""
    ordered: dict[str, list[Row]] = {}
    for table in TABLES:
        keys = SORT_KEYS[table]
        ordered[table] = sorted(
            tables.get(table, ()), key=lambda row: (*(str(getattr(row, key) or "") for key in keys), encode_sorted(row))
        )
    return ordered


def table_digests(tables: Mapping[str, Iterable[Row]]) -> dict[str, str]:
    """SHA-256 per table over canonical rows: content, not file bytes."""
    found: dict[str, str] = {}
    for table, rows in tables.items():
        digest = hashlib.sha256()
        for row in rows:
            digest.update(encode_sorted(row) + b"\n")
        found[table] = digest.hexdigest()
    return found


def base_digest(digests: Mapping[str, str]) -> str:
    """One digest over the digests of the tables and the schema."""
    text = json.dumps({"schema": KB_SCHEMA, "tables": dict(sorted(digests.items()))}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def write_base(tables: Mapping[str, Iterable[Row]], folder: Path) -> Manifest:
    """Write a base into an empty folder, reading every table once or twice and keeping none in memory.

    Args:
        tables: Rows in stated order.
        folder: Exists and is empty; the caller renames it into place.
    """
    connection = sqlite3.connect(folder / "lookup.sqlite")
    # The folder is renamed into place only once complete: no journal needed.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    create(connection)
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    for table in TABLES:
        counts[table], digests[table] = _write_table(
            connection, folder / f"{table}.arrow", table, tables.get(table, ())
        )
    index(connection)
    connection.close()
    written(address_index(tables).table, folder / ADDRESSES)
    written(answers(tables), folder / WATCHED)
    manifest = Manifest(
        schema=KB_SCHEMA,
        digest=base_digest(digests),
        tool=f"beholden {__version__}",
        rows=counts,
        tables=digests,
        files={path.name: file_digest(path) for path in sorted(folder.iterdir())},
        sizes={path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    )
    (folder / "manifest.json").write_bytes(sealed(manifest))
    return manifest


def file_digest(path: Path) -> str:
    """SHA-256 of a file of any size."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_table(connection: sqlite3.Connection, path: Path, table: str, rows: Iterable[Row]) -> tuple[int, str]:
    """Write one table for look-ups and in columns.

    Returns:
        How many rows it has, and their digest.
    """
    digest = hashlib.sha256()
    count = 0
    schema = TABLES[table]
    walk = iter(rows)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        while part := list(islice(walk, _CHUNK)):
            insert(connection, table, part)
            writer.write_table(table_of(table, part))
            for row in part:
                digest.update(encode_sorted(row) + b"\n")
            count += len(part)
        if not count:
            writer.write_table(schema.empty_table())
    return count, digest.hexdigest()


def sealed(manifest: Manifest) -> bytes:
    """The manifest as it is written, with the digest of its own content."""
    plain = msgspec.json.encode(msgspec.structs.replace(manifest, seal=""))
    complete = msgspec.structs.replace(manifest, seal=hashlib.sha256(plain).hexdigest())
    return msgspec.json.format(msgspec.json.encode(complete), indent=2) + b"\n"
