"""Where a state lies: made where nothing is, and opened only where it was made; whatever else lies there stays.

Source: sqlite.org, "Database File Format" (application id at byte 68; first bytes of journals and logs), "WAL-mode File
Format" (first bytes of the index).
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
import tempfile
from pathlib import Path

from beholden.errors import UsageError

_SIGNATURE = b"SQLite format 3\x00"
_APPLICATION_ID_AT = 68
# What SQLite leaves beside a file after a kill, and how each begins. Beside a new file it would be replayed into it.
_LEFT = {
    "-wal": (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"),
    "-shm": ((3007000).to_bytes(4, sys.byteorder),),
    "-journal": (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7",),
}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


def is_there(path: Path) -> bool:
    """Whether a file is there, be it a state or not.

    Raises:
        UsageError: Something else is: a folder, a device, a pipe, a link to whatever.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: cannot be opened: {error.strerror}", code="state.unwritable") from error
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(
            f"{path} is not a state: expected a regular file, or nothing",
            code="state.not-a-state",
            hint="name another file; one that is not there is made",
        )
    return True


def make(path: Path, tables: str) -> None:
    """An empty state, whole or not at all, where nothing is.

    Args:
        path: Where.
        tables: The SQL that makes them.

    Raises:
        UsageError: It cannot be written, or something is there by now, or beside it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner only, as `mkstemp` makes it: rows name hosts.
        handle, name = tempfile.mkstemp(prefix=".beholden-", dir=path.parent)
        os.close(handle)
        made = Path(name)
        try:
            database = sqlite3.connect(made, isolation_level=None)
            try:
                database.executescript(tables)
            finally:
                database.close()
            _remove_left(path)
            _put(made, path)
        finally:
            made.unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(
            f"{path}: something is there by now", code="state.unwritable", hint="is it made by another run?"
        ) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", code="state.unwritable") from error


def refuse_foreign(path: Path, application: int) -> None:
    """Before SQLite touches it: what is not ours is not written to.

    Args:
        path: A regular file.
        application: The id that is ours.

    Raises:
        UsageError: It is no state.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_APPLICATION_ID_AT + 4)
    except OSError as error:
        raise UsageError(f"{path}: cannot be opened: {error.strerror}", code="state.unwritable") from error
    if not head.startswith(_SIGNATURE) or int.from_bytes(head[_APPLICATION_ID_AT:]) != application:
        raise UsageError(
            f"{path} is not a state: expected a file that --state made",
            code="state.not-a-state",
            hint="name another file; one that is not there is made",
        )


def _put(made: Path, path: Path) -> None:
    """Give a file its name, unless something has it."""
    try:
        os.link(made, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Some network drives have no second names. A kill just here leaves a file that is no state, and is said to be.
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(made.read_bytes())


def _remove_left(path: Path) -> None:
    """Remove the log of a state that was removed itself; what others called so is refused."""
    for ending, beginnings in _LEFT.items():
        left = path.with_name(path.name + ending)
        if not is_there(left):
            continue
        with left.open("rb") as stream:
            head = stream.read(8)
        if head and not head.startswith(beginnings):
            raise UsageError(
                f"{left} is in the way: expected nothing, or what SQLite left there",
                code="state.not-a-state",
                hint=f"move it, or name another file than {path}",
            )
        left.unlink()
