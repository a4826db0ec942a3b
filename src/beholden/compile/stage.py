"""Rows on their way into a base: kept on disk, put in order, and given back as often as asked, in bounded memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from beholden.kb.layer import decode
from beholden.schema.knowledge import SORT_KEYS, TABLES
from beholden.schema.rows import Asset, Entity, Ownership, Row
from beholden.schema.told import Told, together

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")
Tables = Mapping[str, Iterable[Row]]

# Columns that name an entity; a row that names a merged one is rewritten.
REFERENCES: dict[str, tuple[str, ...]] = {
    "entities": ("id",),
    "names": ("entity_id",),
    "identifiers": ("entity_id",),
    "resolutions": ("entity_id",),
    "assets": ("entity_id",),
    "ownership": ("owner_id", "owned_id", "beneficiary_id"),
    "entries": ("entity_id",),
    "designations": ("entity_id",),
    "effects": ("entity_id",),
    "claims": ("speaker_id",),
}
# Lists of ids have no column to find them by; these tables are small.
_LISTED = {"events": ("entity_ids",), "claims": ("target_ids",), "consequences": ("scope_entities",)}
# What makes two rows one: columns that begin the order of the table. The row of the better rank stays.
_SAME: dict[str, tuple[str, ...]] = {
    "names": ("entity_id", "name"),
    "identifiers": ("entity_id", "kind", "value"),
    "resolutions": ("entity_id", "referent"),
    "editions": ("regime_id", "date"),
    "events": ("date", "id"),
    "vulnerabilities": ("cve",),
    "regimes": ("id",),
    "sources": ("id",),
}
_CHUNK = 10_000
_CACHE_KIB = 256 * 1024

encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Stage(Mapping[str, Iterable[Row]]):
    """Rows of every table; once sealed, in the stated order and each once.

    Args:
        path: File that is made for it; None: in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._db = sqlite3.connect(path if path is not None else ":memory:")
        # Nobody reads the file after a crash.
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._is_sealed = False
        for table in TABLES:
            columns = ", ".join(f"{name} TEXT" for name in _columns(table))
            self._db.execute(f"CREATE TABLE {table} (rank INTEGER, {columns}, body BLOB)")

    def add(self, table: str, rows: Iterable[Row], rank: int = 0) -> int:
        """Take rows; of two that say the same, the one of the lower rank stays.

        Returns:
            How many there were.
        """
        columns = _columns(table)
        marks = ", ".join("?" * (len(columns) + 2))
        query = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 (names of ours)
        count = 0
        for part in _chunks(rows):
            self._db.executemany(query, ((rank, *_keys(row, columns), encode_sorted(row)) for row in part))
            count += len(part)
        return count

    def rename(self, canonical: Mapping[str, str]) -> None:
        """Put the id of the entity in the place of every id that stands for it."""
        if not canonical:
            return
        self._db.execute("CREATE TABLE IF NOT EXISTS merged (referent TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.executemany("INSERT OR IGNORE INTO merged VALUES (?)", ((key,) for key in canonical))
        for table in sorted(REFERENCES.keys() | _LISTED.keys()):
            scalars, lists = references(table)
            condition = " OR ".join(f"{name} IN (SELECT referent FROM merged)" for name in scalars)  # noqa: S608
            query = f"SELECT rowid, rank, body FROM {table}" + (f" WHERE {condition}" if not lists else "")  # noqa: S608
            found = self._db.execute(query).fetchall()
            for rowid, rank, body in found:
                row = renamed(_remembered(decode(table, body)), scalars, lists, canonical)
                self._db.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))  # noqa: S608
                self.add(table, [row], rank)

    def ask(self, query: str, values: Iterable[object] = ()) -> Iterator[tuple[str, ...]]:
        """Rows of a question in SQL over the key columns; the resolver's way to look across millions of rows."""
        return cast("Iterator[tuple[str, ...]]", self._db.execute(query, tuple(values)))

    def named(self, table: str, column: str, values: Iterable[str]) -> Iterator[Row]:
        """Rows of a table whose column is one of many values, best rank first."""
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (value TEXT PRIMARY KEY) WITHOUT ROWID")
        self._db.execute("DELETE FROM wanted")
        self._db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((value,) for value in values))
        query = f"SELECT body FROM {table} WHERE {column} IN (SELECT value FROM wanted) ORDER BY rank, rowid"  # noqa: S608
        for (body,) in self._db.execute(query):
            yield decode(table, body)

    def seal(self) -> None:
        """Put every table in its order, each row once; nothing can be added from then on."""
        for table in TABLES:
            order = ", ".join((*SORT_KEYS[table], "rank", "body"))
            self._db.execute(f"CREATE TABLE sealed_{table} (body BLOB)")
            reader = self._db.cursor()
            bodies = ((rank, body) for rank, body in reader.execute(f"SELECT rank, body FROM {table} ORDER BY {order}"))  # noqa: S608
            for part in _chunks(_once(table, bodies)):
                self._db.executemany(f"INSERT INTO sealed_{table} VALUES (?)", ((body,) for body in part))  # noqa: S608
            self._db.execute(f"DROP TABLE {table}")
        self._is_sealed = True

    def __getitem__(self, table: str) -> Iterable[Row]:
        return _Rows(self._db, table, is_sealed=self._is_sealed)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class _Rows(Iterable[Row]):
    """The rows of one table, from the start whenever they are asked for."""

    def __init__(self, db: sqlite3.Connection, table: str, *, is_sealed: bool) -> None:
        self._db = db
        self._table = table
        self._name = f"sealed_{table}" if is_sealed else table

    def __iter__(self) -> Iterator[Row]:
        for (body,) in self._db.execute(f"SELECT body FROM {self._name} ORDER BY rowid"):  # noqa: S608
            yield decode(self._table, body)


def _columns(table: str) -> tuple[str, ...]:
    more = [name for name in REFERENCES.get(table, ()) if name not in SORT_KEYS[table]]
    return (*SORT_KEYS[table], *more, *(("norm",) if table == "names" else ()))


def _keys(row: Row, columns: Iterable[str]) -> list[str]:
    return [str(getattr(row, name) or "") for name in columns]


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    walk = iter(rows)
    while part := list(islice(walk, _CHUNK)):
        yield part


def _once(table: str, ranked: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """Bodies without repetitions; the rows of one entity folded into one."""
    if table == "entities":
        yield from _folded(ranked)
    elif table == "ownership":
        yield from _holdings(ranked)
    elif table == "assets":
        yield from _assets(ranked)
    elif table in _SAME:
        names = _SAME[table]
        for _, group in groupby(
            ((rank, body, decode(table, body)) for rank, body in ranked),
            key=lambda item: tuple(getattr(item[2], name) for name in names),
        ):
            yield min(group, key=lambda item: item[0])[1]
    else:
        last: bytes | None = None
        for _, body in ranked:
            if body != last:
                yield body
            last = body


def _holdings(ranked: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """One row per holding; none of a party in itself, which two ids of one party can make."""
    rows = ((body, cast("Ownership", decode("ownership", body))) for _, body in ranked)
    for _, group in groupby(rows, key=lambda item: (item[1].owned_id, item[1].owner_id, item[1].valid_from)):
        seen: set[str] = set()
        for body, row in group:
            if row.id not in seen and row.owner_id != row.owned_id:
                yield body
            seen.add(row.id)


def _assets(ranked: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """One row per asset; a whole publication and a part of it may both name it."""
    rows = ((body, cast("Asset", decode("assets", body))) for _, body in ranked)
    for _, group in groupby(
        rows, key=lambda item: (item[1].kind, item[1].value, item[1].entity_id, item[1].valid_from)
    ):
        seen: set[str] = set()
        for body, row in group:
            if row.id not in seen:
                yield body
            seen.add(row.id)


def _folded(ranked: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """One row per entity: the first that speaks, with places, addresses and birth dates of all, and who says which."""
    for _, group in groupby(
        (cast("Entity", decode("entities", body)) for _, body in ranked), key=lambda entity: entity.id
    ):
        first, *others = group
        told = _each_once(one for row in (first, *others) for one in row.told or [_said_in(row)])
        if len(told) > 1 or first.told:
            first = msgspec.structs.replace(first, told=told, **together(told))
        yield encode_sorted(first)


def _each_once(told: Iterable[Told]) -> list[Told]:
    """Without what an importer says again in another of its editions."""
    found: dict[tuple[object, ...], Told] = {}
    for one in told:
        slug = (one.source_id or "").partition("@")[0]
        places = (tuple(one.jurisdictions), tuple(one.addresses), tuple(one.birth_dates))
        found.setdefault((one.id, slug, places), one)
    return list(found.values())


def _remembered(row: Row) -> Row:
    """A row that is about to be renamed; of a party, with the id under which it is said."""
    if isinstance(row, Entity) and not row.told:
        return msgspec.structs.replace(row, told=[_said_in(row)])
    return row


def _said_in(row: Entity) -> Told:
    return Told(
        id=row.id,
        source_id=row.source_id,
        jurisdictions=row.jurisdictions,
        addresses=row.addresses,
        birth_dates=row.birth_dates,
    )


def references(table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a table that name an entity, and those that are lists of such names."""
    return REFERENCES.get(table, ()), _LISTED.get(table, ())


def renamed(row: Row, scalars: Iterable[str], lists: Iterable[str], canonical: Mapping[str, str]) -> Row:
    """A row with the id of the party in the place of those that stand for it."""
    changes: dict[str, object] = {}
    for name in scalars:
        value = getattr(row, name)
        if value in canonical:
            changes[name] = canonical[value]
    for name in lists:
        values = getattr(row, name)
        if any(value in canonical for value in values):
            changes[name] = list(dict.fromkeys(canonical.get(value, value) for value in values))
    return msgspec.structs.replace(row, **changes) if changes else row
