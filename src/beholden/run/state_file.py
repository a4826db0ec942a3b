"""The file of `--state`: what each input gave when it was read to its end, so that it need not be read again.

One SQLite database. An input is written in one transaction, so that whatever ends a run leaves a state that opens and
holds whole inputs only. Rows are Arrow streams, never objects of Python: to read them runs nothing.

Source: sqlite.org, "Write-Ahead Logging".
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
import pyarrow as pa

from beholden.errors import UsageError
from beholden.run.state_place import is_there, make, refuse_foreign
from beholden.run.state_rows import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# "bhst", so that no other database is taken for a state and written to.
_APPLICATION_ID = 0x62687374
_FORMAT = 2
_Kind = TypeVar("_Kind")
_PIECE_BYTES = 8 * 1024 * 1024
_TABLES = """
CREATE TABLE input (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, mark TEXT NOT NULL,
    read_by BLOB NOT NULL, told BLOB NOT NULL, seal BLOB NOT NULL
);
CREATE TABLE piece (
    input INTEGER NOT NULL REFERENCES input ON DELETE CASCADE, nth INTEGER NOT NULL, sha256 BLOB NOT NULL,
    rows BLOB NOT NULL, PRIMARY KEY (input, nth)
);
"""


class Told(msgspec.Struct, frozen=True):
    """What a reader told of an input beside its rows: the counts and notes of a `Source`."""

    records_read: int
    records_rejected: int
    reasons: dict[str, int]
    rejects: list[tuple[int | None, str, str | None]]
    notes: list[str]
    not_resolved: dict[str, int]


class ReadBy(msgspec.Struct, frozen=True):
    """All that decides what an input gives beside its content.

    Attributes:
        reader: Which reader took it.
        program: Digest of the code that reads, and which engine ran.
        watched: Digest of what was watched: of the base, and of the names that other logs told.
        ours: Digest of our networks, and of the columns that the profile names for this input.
    """

    reader: str
    program: str
    watched: str
    ours: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An input that was read to its end.

    Attributes:
        number: In the state.
        size: Bytes.
        sha256: Of the content, as it lay on disk.
        mark: Which file it was and when it last changed; empty where that would not show a later change.
        read_by: What decided its rows.
        told: What was told beside them.
        is_sealed: Whether all this, and the digests of the pieces, are as they were written; see `StateFile.is_whole`.
    """

    number: int
    size: int
    sha256: str
    mark: str
    read_by: ReadBy
    told: Told
    is_sealed: bool


class StateFile:
    """An open state.

    Args:
        path: The file; made where there is none, readable by its owner only.

    Raises:
        UsageError: It is no state, or a damaged one, or another run has it open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_open = False
        if not is_there(path):
            make(path, f"PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_FORMAT}; {_TABLES}")
        refuse_foreign(path, _APPLICATION_ID)
        with self._told():
            self._database = sqlite3.connect(path, isolation_level=None, timeout=0)
            try:
                # One run at a time: no index of the log in shared memory, which network drives do not have.
                for pragma in ("locking_mode = EXCLUSIVE", "synchronous = NORMAL", "foreign_keys = ON"):
                    self._database.execute(f"PRAGMA {pragma}")
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("BEGIN IMMEDIATE")
                self._database.execute("COMMIT")
                (found,) = self._database.execute("PRAGMA user_version").fetchone()
            except sqlite3.Error:
                self._database.close()
                raise
        if found != _FORMAT:
            self._database.close()
            raise UsageError(
                f"{path} is a state of format {found}; this version reads {_FORMAT}",
                code="state.other-format",
                hint="name another file; everything is then read once more",
            )
        self._is_open = True

    def close(self) -> None:
        """Give up what is not whole, and close."""
        self._is_open = False
        with self._told():
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            self._database.close()

    def entry(self, path: str) -> Entry | None:
        """What is held of an input, by its name in reports."""
        with self._told():
            row = self._database.execute(
                "SELECT id, bytes, sha256, mark, read_by, told, seal FROM input WHERE path = ?", (path,)
            ).fetchone()
            if row is None:
                return None
            number, size, sha256, mark, read_by, told, seal = row
            return Entry(
                number,
                size,
                sha256,
                mark,
                msgspec.json.decode(read_by, type=ReadBy),
                msgspec.json.decode(told, type=Told),
                seal == self._seal(number),
            )

    def is_whole(self, entry: Entry) -> bool:
        """Whether an input is as it was written: no piece gone or changed, and rows that are safe to take."""
        if not entry.is_sealed:
            return False
        with self._told():
            found = self._database.execute(
                "SELECT sha256, rows FROM piece WHERE input = ? ORDER BY nth", (entry.number,)
            )
            return all(_is_sound(digest, rows) for digest, rows in found)

    def mark(self, entry: Entry, kind: type[_Kind]) -> _Kind:
        """What the mark of a log that is followed says."""
        with self._told():
            return msgspec.json.decode(entry.mark, type=kind)

    def batches(self, entry: Entry) -> Iterator[pa.RecordBatch]:
        """The rows of an input, in the batches in which its reader gave them."""
        nth = 0
        while True:
            with self._told():
                found = self._database.execute(
                    "SELECT rows FROM piece WHERE input = ? AND nth = ?", (entry.number, nth)
                ).fetchone()
                if found is None:
                    return
                batches = decode(found[0])
            yield from batches
            nth += 1

    def entries(self, beginning: str) -> dict[str, Entry]:
        """What is held under names that begin so."""
        with self._told():
            found = self._database.execute("SELECT path FROM input ORDER BY id").fetchall()
        names = [name for (name,) in found if name.startswith(beginning)]
        return {name: entry for name in names if (entry := self.entry(name)) is not None}

    def forget(self, paths: Iterable[str]) -> None:
        """Hold these no longer."""
        with self._told():
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM input WHERE path = ?", [(path,) for path in paths])
            self._database.execute("COMMIT")

    def have_seen(self, entry: Entry, mark: str) -> None:
        """Note that a file with the same content is another one by now, or has another time."""
        # What is damaged is not sealed anew.
        if not entry.is_sealed:
            return
        with self._told():
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("UPDATE input SET mark = ? WHERE id = ?", (mark, entry.number))
            self._put_seal(entry.number)
            self._database.execute("COMMIT")

    @contextmanager
    def writing(self, path: str, *, adds: bool = False) -> Iterator[Writing]:
        """Take an input in: whole once `Writing.finish` was called and the block ended, else nothing of it.

        Args:
            path: Its name.
            adds: Whether rows are added to those that are held of it.
        """
        with self._told():
            self._database.execute("BEGIN IMMEDIATE")
            if not adds:
                self._database.execute("DELETE FROM input WHERE path = ?", (path,))
            self._database.execute(
                "INSERT OR IGNORE INTO input (path, bytes, sha256, mark, read_by, told, seal) "
                "VALUES (?, 0, '', '', '', '', '')",
                (path,),
            )
            (number,) = self._database.execute("SELECT id FROM input WHERE path = ?", (path,)).fetchone()
            (pieces,) = self._database.execute("SELECT count(*) FROM piece WHERE input = ?", (number,)).fetchone()
        record = Writing(self, number, pieces)
        try:
            yield record
        finally:
            # A reading that nobody goes on with may be given up after the state was closed.
            if self._is_open:
                with self._told():
                    self._database.execute("COMMIT" if record.is_finished else "ROLLBACK")

    def put_piece(self, number: int, nth: int, rows: bytes) -> None:
        """Write some rows of the input that is being written."""
        with self._told():
            self._database.execute(
                "INSERT INTO piece (input, nth, sha256, rows) VALUES (?, ?, ?, ?)",
                (number, nth, hashlib.sha256(rows).digest(), rows),
            )

    def put_rest(self, number: int, size: int, sha256: str, mark: str, read_by: ReadBy, told: Told) -> None:
        """Write all but the rows of the input that is being written."""
        with self._told():
            self._database.execute(
                "UPDATE input SET bytes = ?, sha256 = ?, mark = ?, read_by = ?, told = ? WHERE id = ?",
                (size, sha256, mark, msgspec.json.encode(read_by), msgspec.json.encode(told), number),
            )
            self._put_seal(number)

    def _put_seal(self, number: int) -> None:
        self._database.execute("UPDATE input SET seal = ? WHERE id = ?", (self._seal(number), number))

    def _seal(self, number: int) -> bytes:
        """One digest over all that is held of an input: it shows damage. It has no key, so it does not show forgery."""
        rest = self._database.execute(
            "SELECT path, bytes, sha256, mark, read_by, told FROM input WHERE id = ?", (number,)
        ).fetchone()
        pieces = self._database.execute("SELECT nth, sha256 FROM piece WHERE input = ? ORDER BY nth", (number,))
        return hashlib.sha256(msgspec.json.encode([rest, pieces.fetchall()])).digest()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what is wrong with the file, and what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise UsageError(
                    f"{self._path} is in use by another run",
                    code="state.in-use",
                    hint="wait for it, or name another file",
                ) from error
            raise UsageError(f"{self._path}: cannot be written: {error}", code="state.unwritable") from error
        except (sqlite3.Error, pa.ArrowException, msgspec.MsgspecError, ValueError, TypeError) as error:
            raise UsageError(
                f"{self._path} is damaged: {type(error).__name__}",
                code="state.damaged",
                hint=f"remove it, and {self._path}-wal beside it; everything is then read once more",
            ) from error


class Writing:
    """The input that is being written.

    Args:
        state: Where.
        number: Of the input.
        pieces: How many are held of it.

    Attributes:
        pieces: The same, with those that were added.
    """

    def __init__(self, state: StateFile, number: int, pieces: int = 0) -> None:
        self.is_finished = False
        self.pieces = pieces
        self._state = state
        self._number = number
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch of the reader."""
        if self._held and not batch.schema.equals(self._held[0].schema, check_metadata=True):
            self._write()
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        if self._held_bytes >= _PIECE_BYTES:
            self._write()

    def finish(self, size: int, sha256: str, mark: str, read_by: ReadBy, told: Told) -> None:
        """The input was read to its end."""
        self._write()
        self._state.put_rest(self._number, size, sha256, mark, read_by, told)
        self.is_finished = True

    def _write(self) -> None:
        if not self._held:
            return
        self._state.put_piece(self._number, self.pieces, encode(self._held))
        self.pieces += 1
        self._held, self._held_bytes = [], 0


def _is_sound(digest: bytes, rows: bytes) -> bool:
    """Whether a piece is as it was written, and such as readers give."""
    if hashlib.sha256(rows).digest() != digest:
        return False
    try:
        decode(rows)
    except (pa.ArrowException, ValueError):
        return False
    return True
