"""One layer of knowledge: the rows of a compiled base, or of an overlay, with their look-up indexes.

Single look-ups go to SQLite (opens in under a millisecond, whatever the size); each row is kept whole as `body`, beside
the columns it is found by. Bulk readers map the Arrow tables: `beholden.kb.columns`, which is loaded when columns or
addresses are asked for, because Arrow takes 30 ms to load, 100 where numpy is installed, and a dossier needs neither.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from beholden.errors import KnowledgeBaseError
from beholden.schema.rows import TYPES, Asset, ClaimRow, Event, Ownership, Prefix, Row
from beholden.values.address import pack
from beholden.values.names import core

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from beholden.kb.addresses import AddressIndex

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
# Address ranges of a written layer.
ADDRESSES, WATCHED = "addresses.arrow", "watched.arrow"
_BATCH = 500
# The first and the last bytes of every Arrow file.
_ARROW = b"ARROW1"


def tokens_of(norm: str) -> set[str]:
    """What a name is found by when it is not equal: words of its core, or pairs of Chinese characters."""
    distinctive = core(norm)
    if distinctive.isascii():
        return {token for token in distinctive.split() if len(token) > 1}
    if " " in distinctive:
        return set(distinctive.split())
    return {distinctive[index : index + 2] for index in range(max(1, len(distinctive) - 1))}


def visible(rows: Iterable[R], hidden: frozenset[str]) -> Iterator[R]:
    """Rows without those whose ids a higher layer has."""
    return (row for row in rows if not hidden or getattr(row, "id", None) not in hidden)


def width(row: Prefix) -> tuple[int, int]:
    """Order of ranges that cover one address; equal ones keep theirs, so that answers are the same on every run."""
    addresses = int.from_bytes(pack(row.last)) - int.from_bytes(pack(row.first))
    return addresses, -row.valid_from.toordinal() if row.valid_from else 0


def _refuse_part(path: Path) -> None:
    """Refuse what is no whole Arrow file; the rest of it is read when it is asked for.

    Raises:
        OSError: It cannot be read.
        ValueError: Its start or its end is missing.
    """
    with path.open("rb") as stream:
        start = stream.read(len(_ARROW))
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - len(_ARROW)))
        if not start == stream.read() == _ARROW:
            raise ValueError(f"{path.name} is no whole Arrow file")


class Layer:
    """Rows with indexes; read-only once filled."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        ids: Mapping[str, frozenset[str]] = MappingProxyType({}),
        folder: Path | None = None,
    ) -> None:
        self._connection = connection
        self._folder = folder
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
        for name in (*(f"{table}.arrow" for table in KEYS), ADDRESSES, WATCHED):
            _refuse_part(folder / name)
        return cls(connection, folder=folder)

    @classmethod
    def in_memory(cls, tables: Mapping[str, Iterable[Row]]) -> Layer:
        """Fill a layer that is never written."""
        connection = sqlite3.connect(":memory:")
        fill(connection, tables)
        ids = {table: frozenset(str(getattr(row, "id", "")) for row in rows) for table, rows in tables.items()}
        return cls(connection, ids)

    @cached_property
    def addresses(self) -> AddressIndex:
        """Which ranges cover an address.

        Raises:
            KnowledgeBaseError: The file of a written layer is damaged.
        """
        from beholden.kb import columns

        if self._folder is None:
            return columns.address_index({"prefixes": self.all("prefixes")})
        return columns.mapped_index(self._folder / ADDRESSES)

    @cached_property
    def answers(self) -> pa.Table:
        """The ranges that lead to an operator with the assets of this layer, and the answers there; `answers.ANSWERS`.

        Raises:
            KnowledgeBaseError: The file of a written layer is damaged.
        """
        from beholden.kb import columns

        if self._folder is None:
            return columns.answers({"prefixes": list(self.all("prefixes")), "assets": self.all("assets")})
        return columns.mapped_answers(self._folder / WATCHED)

    def find(self, table: str, column: str, values: Iterable[str]) -> Iterator[Row]:
        """Rows of `table` whose `column` is one of `values`, in table order."""
        assert column in KEYS[table]
        wanted = list(dict.fromkeys(values))
        for start in range(0, len(wanted), _BATCH):
            part = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(part))
            # Table and column come from KEYS, never from input.
            query = f"SELECT body FROM {table} WHERE {column} IN ({marks}) ORDER BY rowid"  # noqa: S608
            yield from self._decoded(table, query, part)

    def all(self, table: str) -> Iterator[Row]:
        """Every row of a table, in table order."""
        assert table in KEYS
        yield from self._decoded(table, f"SELECT body FROM {table} ORDER BY rowid", ())  # noqa: S608

    def _decoded(self, table: str, query: str, values: Sequence[str]) -> Iterator[Row]:
        with self._reading():
            for (body,) in self._connection.execute(query, values):
                yield decode(table, body)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Damage is met where the rows lie that are asked for: nothing is read when a base is opened."""
        try:
            yield
        except (sqlite3.DatabaseError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise KnowledgeBaseError(
                f"the knowledge base in {self._folder} is damaged: {error}",
                code="kb.damaged",
                hint="run `beholden kb build`",
            ) from error

    @cached_property
    def ownership_table(self) -> pa.Table:
        """Every direct holding in columns: mapped from the file of a written layer, without reading it.

        Shape: one row per holding, `schema.knowledge.TABLES["ownership"]`.

        Raises:
            OSError: The file is not there.
            pa.ArrowInvalid: It is no Arrow file.
        """
        from beholden.kb import columns

        if self._folder is None:
            return columns.holdings(row for row in self.all("ownership") if isinstance(row, Ownership))
        return columns.mapped(self._folder / "ownership.arrow")

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
            with self._reading():
                found.extend(ref for (ref,) in self._connection.execute(query, [kind, *part]))
        return found

    def prefixes(self, packed: bytes) -> list[Prefix]:
        """Address ranges that cover an address, most specific first."""
        return [self._prefix(position) for position in self.addresses.rows(packed)]

    def leading_to(self, numbers: frozenset[str], assets: frozenset[str]) -> list[tuple[int, int]]:
        """First and last address, as numbers, of the ranges that some ASs announce or that are some assets.

        Goes through every range.

        Args:
            numbers: AS numbers as assets have them.
            assets: Ids of assets.
        """
        from beholden.kb import answers, columns

        if self._folder is not None:
            return columns.leading(self._folder / "prefixes.arrow", numbers, assets)
        rows = cast("Iterator[Prefix]", self.all("prefixes"))
        return [answers.ends_of(row) for row in rows if row.asn in numbers or row.asset_id in assets]

    def prefixes_in(self, region: Iterable[tuple[int, int]]) -> list[Prefix]:
        """The ranges that reach into any of some others, in their order.

        Args:
            region: First and last address of each, as numbers.
        """
        found = {at for first, last in region for at in self.addresses.meeting(first.to_bytes(16), last.to_bytes(16))}
        return [self._prefix(position) for position in sorted(found)]

    def domains(self) -> Iterator[tuple[str, str, str | None]]:
        """Id, name and operator of every asset that is a domain.

        Raises:
            KnowledgeBaseError: The file of a written layer is damaged.
        """
        from beholden.kb import columns

        if self._folder is not None:
            yield from columns.domains(self._folder / "assets.arrow")
            return
        for row in cast("Iterator[Asset]", self.all("assets")):
            if row.kind == "domain":
                yield row.id, row.value, row.entity_id

    def _prefix(self, position: int) -> Prefix:
        if position not in self._prefixes:
            with self._reading():
                row = self._connection.execute("SELECT body FROM prefixes WHERE rowid = ?", (position + 1,)).fetchone()
                self._prefixes[position] = msgspec.json.decode(row[0], type=Prefix)
        return self._prefixes[position]


_DECODERS = {table: msgspec.json.Decoder(kind) for table, kind in TYPES.items()}


def decode(table: str, body: bytes) -> Row:
    """One stored row."""
    return _DECODERS[table].decode(body)


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
