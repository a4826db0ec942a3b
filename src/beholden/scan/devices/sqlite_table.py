"""One table of a SQLite file that may be hostile: read-only, immutable, and nothing in it can make the reader act.

Views, virtual tables and generated columns are refused, since reading them runs what they say; triggers fire on
writing only, and nothing writes. A damaged tree may point at one page many times, so rows are counted against the
size of the file.

Source: sqlite.org, "Defense Against The Dark Arts" and "URI Filenames".
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from beholden.scan.place import on_disk, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.scan.source import Source

SIGNATURE = b"SQLite format 3\x00"
MAX_VALUE_BYTES = 32 * 1024 * 1024
# A cell of a table: payload size, row id, header and the pointer to it.
_SMALLEST_ROW_BYTES = 4
_PLAIN_TABLE = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0"
_READABLE = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


class Table:
    """The columns of one table, row by row; may be gone through more than once.

    Args:
        source: The database.
        name: Of the table; a word of ours.
        columns: To be read; words of ours.
        optional: Columns to be read behind them that older versions do not have; they read as null.

    Raises:
        ScanError: No such table or column, or a table that is not plain data, or the file is damaged.
    """

    def __init__(self, source: Source, name: str, columns: Sequence[str], optional: Sequence[str] = ()) -> None:
        self._source = source
        self._name = name
        self._columns = tuple(columns)
        self._optional = tuple(optional)
        self._bound = size_of(source.place) // _SMALLEST_ROW_BYTES
        # SQLite opens files on disk; others are held whole, within the bound of a document.
        is_held = on_disk(source.place) is None or source.is_compressed
        self._image = _without_wal(source.document()) if is_held else None
        if self._image is not None:
            self._bound = len(self._image) // _SMALLEST_ROW_BYTES

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Give rows in the order of the table; text comes as bytes, since nothing says that it is UTF-8."""
        try:
            with closing(self._connection()) as connection:
                present = self._check(connection)
                connection.set_authorizer(_reads_only)
                columns = [*self._columns, *(name if name in present else "NULL" for name in self._optional)]
                rows = connection.execute(f"SELECT {', '.join(columns)} FROM {self._name}")  # noqa: S608
                for number, row in enumerate(rows):
                    if number >= self._bound:
                        raise self._source.error("holds more records than its size allows: its pages run in circles")
                    yield row
        except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
            # The message may quote the file, even in bytes that are no text; the name of the error does not.
            told = getattr(error, "sqlite_errorname", None) or type(error).__name__
            raise self._source.error(f"not a readable SQLite database ({told})") from error

    def _connection(self) -> sqlite3.Connection:
        if self._image is None:
            path = on_disk(self._source.place)
            assert path is not None
            # `immutable`: no lock, no journal, no file beside it is made or read.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True)
        else:
            connection = sqlite3.connect(":memory:")
            connection.deserialize(self._image)
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _check(self, connection: sqlite3.Connection) -> set[str]:
        """The names of the columns, all of them plain data."""
        if connection.execute(_PLAIN_TABLE, (self._name,)).fetchone() is None:
            raise self._source.error(f"has no plain table `{self._name}`")
        described = connection.execute(f"PRAGMA table_xinfo({self._name})").fetchall()
        computed = {name for _, name, *_, hidden in described if hidden}
        present = {name.decode("utf-8", "replace") for _, name, *_ in described}
        if computed:
            raise self._source.error(f"table `{self._name}` has computed columns, which are not read")
        if lacking := [column for column in self._columns if column not in present]:
            raise self._source.error(f"table `{self._name}` has no column {', '.join(lacking)}")
        return present


def _without_wal(image: bytes) -> bytes:
    """The same database, marked as having no write-ahead log: in memory there is none, and SQLite would look for it."""
    return image[:18] + b"\x01\x01" + image[20:] if image[18:20] == b"\x02\x02" else image


def _reads_only(action: int, table: str | None, column: str | None, database: str | None, by: str | None) -> int:
    """Let a plain query read columns; whatever a view or trigger asks for comes with its name in `by`."""
    del table, column, database
    return sqlite3.SQLITE_OK if action in _READABLE and by is None else sqlite3.SQLITE_DENY
