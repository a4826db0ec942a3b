"""One layer of knowledge: the rows of a compiled base, or of an overlay, with their look-up indexes.

Single look-ups go to SQLite (opens in under a millisecond, whatever the size); each row is kept whole as `body`, beside
the columns it is found by. Bulk readers map the Arrow tables.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import msgspec
import pyarrow as pa

from beholden.kb.addresses import AddressIndex, AddressRanges
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import TYPES, Asset, ClaimRow, Event, Ownership, Prefix, Row
from beholden.values.names import core

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

R = TypeVar("R", bound=Row)

# The columns each table is found by.
KEYS: dict[str, tuple[str, ...]] = {
    "entities": ("id",),
    "names": ("entity_id", "norm"),
    "identifiers": ("entity_id", "value"),
    "resolutions": ("entity_id", "referent"),
    "assets": ("id", "value", "entity_id"),
    "prefixes": (),
    "ouis": ("prefix",),
    "ownership": ("owner_id", "owned_id"),
    "regimes": ("id",),
    "editions": ("regime_id",),
    "entries": ("entity_id",),
    "designations": ("id", "entity_id", "regime_id"),
    "consequences": ("id", "regime_id"),
    "ownership_rules": ("id", "regime_id"),
    "effects": ("target_id",),
    "events": ("id", "regime_id"),
    "vulnerabilities": ("cve",),
    "claims": ("id",),
    "sources": ("id",),
}
_BATCH = 500
# Small documents in a row, which Arrow keeps as JSON text.
_DOCUMENTS = frozenset({"exceptions", "duties", "sides"})
_NATIVE = (date, Decimal)
_SMALLEST = Decimal(1).scaleb(-6)


def tokens_of(norm: str) -> set[str]:
    """What a name is found by when it is not equal: words of its core, or pairs of Chinese characters."""
    distinctive = core(norm)
    if distinctive.isascii():
        return {token for token in distinctive.split() if len(token) > 1}
    if " " in distinctive:
        return set(distinctive.split())
    return {distinctive[index : index + 2] for index in range(max(1, len(distinctive) - 1))}


class Layer:
    """Rows with indexes; read-only once filled."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        addresses: AddressIndex,
        watched: AddressRanges,
        ids: Mapping[str, frozenset[str]] = MappingProxyType({}),
        folder: Path | None = None,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self.addresses = addresses
        # The ranges that lead to an operator with the assets of this layer.
        self.watched = watched
        self._prefixes: dict[int, Prefix] = {}
        # Ids per table that hide rows of the layers below; a written layer is always the lowest.
        self.ids = ids

    @classmethod
    def open(cls, folder: Path) -> Layer:
        """Open a written layer without reading it."""
        uri = (folder / "lookup.sqlite").absolute().as_uri() + "?mode=ro&immutable=1"
        connection = sqlite3.connect(uri, uri=True)
        # SQLite opens anything; the first look-up shows whether it is ours.
        connection.execute("SELECT count(*) FROM links WHERE kind = ''")
        addresses = AddressIndex.open(folder / "addresses.arrow")
        return cls(connection, addresses, AddressRanges.open(folder / "watched.arrow"), folder=folder)

    @classmethod
    def in_memory(cls, tables: Mapping[str, Iterable[Row]]) -> Layer:
        """Fill a layer that is never written."""
        connection = sqlite3.connect(":memory:")
        fill(connection, tables)
        ids = {table: frozenset(str(getattr(row, "id", "")) for row in rows) for table, rows in tables.items()}
        return cls(connection, address_index(tables), watched_ranges(tables), ids)

    def find(self, table: str, column: str, values: Iterable[str]) -> Iterator[Row]:
        """Rows of `table` whose `column` is one of `values`, in table order."""
        assert column in KEYS[table]
        wanted = list(dict.fromkeys(values))
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(part))
            # Table and column come from KEYS, never from input.
            query = f"SELECT body FROM {table} WHERE {column} IN ({marks}) ORDER BY rowid"  # noqa: S608
            for (body,) in self._connection.execute(query, part):
                yield decode(table, body)

    def all(self, table: str) -> Iterator[Row]:
        """Every row of a table, in table order."""
        assert table in KEYS
        for (body,) in self._connection.execute(f"SELECT body FROM {table} ORDER BY rowid"):  # noqa: S608
            yield decode(table, body)

    @cached_property
    def ownership_table(self) -> pa.Table:
        """Every direct holding in columns: mapped from the file of a written layer, without reading it.

        Shape: one row per holding, `schema.knowledge.TABLES["ownership"]`.

        Raises:
            OSError: The file is not there.
            pa.ArrowInvalid: It is no Arrow file.
        """
        if self._folder is None:
            return table_of("ownership", [_bounded(row) for row in self.all("ownership") if isinstance(row, Ownership)])
        with pa.memory_map(str(self._folder / "ownership.arrow")) as source, pa.ipc.open_file(source) as reader:
            return reader.read_all()

    def count(self, table: str) -> int:
        """Rows of a table."""
        assert table in KEYS
        return int(self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        return {table: self.count(table) for table in KEYS}

    def shared_norms(self) -> Iterator[tuple[str, int]]:
        """Normal forms of names that entities of two namespaces have, in order, and how many names have each.

        Sorted by SQLite, on disk where there are millions: going along the index takes twice as long, because every
        name's entity lies somewhere else.
        """
        namespace = "CASE WHEN instr(entity_id, ':') THEN substr(entity_id, 1, instr(entity_id, ':')) ELSE '' END"
        query = (
            "SELECT norm, count(*) FROM names NOT INDEXED WHERE norm <> '' GROUP BY norm "  # noqa: S608 (ours)
            f"HAVING min(entity_id) <> max(entity_id) AND min({namespace}) <> max({namespace}) ORDER BY norm"
        )
        yield from self._connection.execute(query)

    def linked(self, kind: str, values: Iterable[str]) -> list[str]:
        """Ids linked to any of the values: `claim_target`, `claim_answer`, `event_entity`, `name_token`."""
        wanted = list(dict.fromkeys(values))
        found: list[str] = []
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(part))
            query = f"SELECT ref FROM links WHERE kind = ? AND key IN ({marks}) ORDER BY rowid"  # noqa: S608
            found.extend(ref for (ref,) in self._connection.execute(query, [kind, *part]))
        return found

    def prefixes(self, packed: bytes) -> list[Prefix]:
        """Address ranges that cover an address, most specific first."""
        return [self._prefix(position) for position in self.addresses.rows(packed)]

    def announced_by(self, numbers: Iterable[str]) -> AddressRanges:
        """The ranges that some ASs announce; goes through every range.

        Args:
            numbers: AS numbers as assets have them.
        """
        wanted = frozenset(numbers)
        if not wanted:
            return AddressRanges.build(())
        if self._folder is None:
            rows = (row for row in self.all("prefixes") if isinstance(row, Prefix))
            return AddressRanges.build((row.first, row.last) for row in rows if row.asn in wanted)
        # It takes 30 ms to load, and only an overlay needs it here.
        import pyarrow.compute as pc

        with pa.memory_map(str(self._folder / "prefixes.arrow")) as source, pa.ipc.open_file(source) as reader:
            table = reader.read_all().select(["first", "last", "asn"])
        found = table.filter(pc.is_in(table["asn"], pa.array(sorted(wanted), pa.string())))
        return AddressRanges.build(zip(found["first"].to_pylist(), found["last"].to_pylist(), strict=True))

    def _prefix(self, position: int) -> Prefix:
        if position not in self._prefixes:
            row = self._connection.execute("SELECT body FROM prefixes WHERE rowid = ?", (position + 1,)).fetchone()
            self._prefixes[position] = msgspec.json.decode(row[0], type=Prefix)
        return self._prefixes[position]


def table_of(table: str, rows: Iterable[Row]) -> pa.Table:
    """Rows as columns, with the schema that the table is stated to have."""
    schema = TABLES[table]
    whole = list(rows)
    columns: list[pa.Array] = []
    for field in schema:
        # `class` is a word of Python, so that the attribute is called otherwise.
        values = list(map(attrgetter("class_" if field.name == "class" else field.name), whole))
        columns.append(pa.array(map(_document, values) if field.name in _DOCUMENTS else values, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def coded(holdings: pa.Table) -> pa.Table:
    """Holdings with their parties as codes of one dictionary, so that a party has one number in every column.

    Args:
        holdings: Of the schema of `ownership`.

    Returns:
        The same in one chunk per column; `owner_id`, `owned_id` and `beneficiary_id` are dictionary-coded.
    """
    whole = holdings.combine_chunks()
    parties = ("owner_id", "owned_id", "beneficiary_id")
    found = pa.chunked_array([chunk for name in parties for chunk in whole[name].chunks], pa.string())
    codes = found.dictionary_encode().combine_chunks()
    for at, name in enumerate(parties):
        column = codes.slice(at * len(whole), len(whole))
        whole = whole.set_column(whole.schema.get_field_index(name), name, column)
    return whole


def _document(value: object) -> str:
    plain = msgspec.to_builtins(value, builtin_types=_NATIVE)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, default=str)


def _bounded(row: Ownership) -> Ownership:
    """A holding whose bounds fit the column; a finer share is rounded away from the other bound."""
    low, high = row.percentage_low, row.percentage_high
    return msgspec.structs.replace(
        row,
        percentage_low=None if low is None else low.quantize(_SMALLEST, ROUND_FLOOR),
        percentage_high=None if high is None else high.quantize(_SMALLEST, ROUND_CEILING),
    )


_DECODERS = {table: msgspec.json.Decoder(kind) for table, kind in TYPES.items()}


def decode(table: str, body: bytes) -> Row:
    """One stored row."""
    return _DECODERS[table].decode(body)


def address_index(tables: Mapping[str, Iterable[Row]]) -> AddressIndex:
    """The index over the `prefixes` of a set of tables."""
    return AddressIndex.build(row for row in tables.get("prefixes", ()) if isinstance(row, Prefix))


def watched_ranges(tables: Mapping[str, Iterable[Row]]) -> AddressRanges:
    """The ranges of a set of tables that lead to an operator: an asset's own, or one that a known AS announces.

    Who else announces a range, and where it is registered, is knowledge about an address and no reason to keep it.
    """
    known = operated_numbers(tables.get("assets", ()))
    return AddressRanges.build(
        (row.first, row.last)
        for row in tables.get("prefixes", ())
        if isinstance(row, Prefix) and (row.asset_id is not None or row.asn in known)
    )


def operated_numbers(assets: Iterable[Row]) -> frozenset[str]:
    """AS numbers whose operator is known."""
    return frozenset(row.value for row in assets if isinstance(row, Asset) and row.kind == "asn" and row.entity_id)


def fill(connection: sqlite3.Connection, tables: Mapping[str, Iterable[Row]]) -> None:
    """Write rows and their indexes into an empty SQLite database."""
    create(connection)
    for table in KEYS:
        insert(connection, table, tables.get(table, ()))
    index(connection)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty SQLite database."""
    connection.execute("CREATE TABLE links (kind TEXT, key TEXT, ref TEXT)")
    for table, keys in KEYS.items():
        columns = "".join(f"{key} TEXT, " for key in keys)
        connection.execute(f"CREATE TABLE {table} ({columns}body BLOB)")


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Add rows to a table, in their order."""
    encode = msgspec.json.Encoder(order="deterministic").encode
    keys = KEYS[table]
    marks = ",".join("?" * (len(keys) + 1))
    linked = table in ("claims", "events")
    rows = list(rows) if linked else rows
    connection.executemany(
        f"INSERT INTO {table} VALUES ({marks})",  # noqa: S608
        ((*(getattr(row, key) for key in keys), encode(row)) for row in rows),
    )
    if linked:
        connection.executemany("INSERT INTO links VALUES (?, ?, ?)", _links(rows))


def index(connection: sqlite3.Connection) -> None:
    """Make the indexes, once every row is there."""
    for table, keys in KEYS.items():
        for key in keys:
            connection.execute(f"CREATE INDEX {table}_{key} ON {table} ({key})")
    norms = connection.execute("SELECT DISTINCT norm FROM names ORDER BY norm")
    connection.executemany(
        "INSERT INTO links VALUES ('name_token', ?, ?)",
        ((token, norm) for (norm,) in norms for token in sorted(tokens_of(norm))),
    )
    connection.execute("CREATE INDEX links_key ON links (kind, key)")
    connection.commit()


def _links(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        if isinstance(row, ClaimRow):
            yield from (("claim_target", target, row.id) for target in row.target_ids)
            yield from (("claim_answer", answered, row.id) for answered in row.answers)
        elif isinstance(row, Event):
            yield from (("event_entity", entity, row.id) for entity in row.entity_ids)
