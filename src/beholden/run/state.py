"""`--state`: inputs that were read to their end before are not read again; what they gave is taken from the state.

The unit is the file. What its reader gave, batch by batch, is kept before anything is joined, named or summed across
files. So a run that takes from the state goes through the same stages with the same rows as one that reads everything,
and ends with the same bytes.
"""

from __future__ import annotations

import hashlib
import stat
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from beholden.run.read_by import Deciding
from beholden.run.state_file import StateFile, Told
from beholden.scan.devices.sqlite_table import SIGNATURE
from beholden.scan.source import Source

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

    from beholden.run.state_file import Entry, ReadBy
    from beholden.scan.interface import Scanner, Watch

_CHUNK = 1024 * 1024
# No input is called so, since walking leaves no control characters in names.
FOLLOWED = "\x01"
# The times of a file system are not finer than this for sure: a file that changed just now may change again unseen.
_SETTLED_NS = 2_000_000_000
NEW = "not read before"
CHANGED = "their content changed"
OTHER_READER = "another reader takes them"
OTHER_PROGRAM = "another version of the program or its native core"
OTHER_WATCH = "another base watches other addresses or names, or other logs name other addresses"
OTHER_PROFILE = "the profile names other networks or columns"
WITNESSED = "a receipt tells of what was read"
DAMAGED = "what was kept of them is damaged"


class State:
    """What earlier runs read, and a place for what this one reads; a context manager.

    Args:
        path: The file.
        moment: When the command began.
        takes: Whether what is kept is taken. Where not, every file is read, and kept for later runs.
        passing: Inputs that are there for this run only, such as standard input: they are not kept.

    Attributes:
        taken: Inputs that were taken from the state.
        anew: Inputs that were read, by reason.

    Raises:
        UsageError: See `StateFile`.
    """

    def __init__(
        self, path: Path, moment: datetime, *, takes: bool = True, passing: frozenset[Path] = frozenset()
    ) -> None:
        self._file = StateFile(path)
        self._began_ns = int(moment.timestamp()) * 1_000_000_000
        self._takes = takes
        self._passing = passing
        self._deciding = Deciding()
        self._seen: set[str] = set()
        self.taken = 0
        self.anew: Counter[str] = Counter()

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, scanner: Scanner, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give the batches of an input, as its reader does or once did; `run.local.Read`.

        Raises:
            ScanError: The file as a whole is not readable.
            UsageError: The state is damaged, or cannot be written.
        """
        if source.real_path in self._passing or _may_have_a_journal(source.real_path):
            yield from scanner.scan(source, watch)
            return
        self._seen.add(source.path)
        read_by = self._deciding.of(scanner, watch)
        entry = self._file.entry(source.path)
        reason = self._why_anew(entry, source, read_by)
        if entry is not None and reason is None:
            self.taken += 1
            yield from self._file.batches(entry)
            retell(entry.told, source)
            return
        self.anew[reason or NEW] += 1
        yield from self._kept(scanner, source, watch, read_by)

    def finish(self) -> None:
        """Forget inputs that this run, which came to its end, did not meet."""
        self._file.forget([name for name in self._file.entries("") if name not in self._seen and not is_followed(name)])

    def _why_anew(self, entry: Entry | None, source: Source, read_by: ReadBy) -> str | None:
        """Why an input must be read; None: what is kept of it stands."""
        if entry is None:
            return NEW
        if not self._takes:
            return WITNESSED
        was = entry.read_by
        reasons = (
            (was.reader != read_by.reader, OTHER_READER),
            (was.program != read_by.program, OTHER_PROGRAM),
            (was.watched != read_by.watched, OTHER_WATCH),
            (was.ours != read_by.ours, OTHER_PROFILE),
            (not self._has_same_content(entry, source.real_path), CHANGED),
        )
        reason = next((reason for is_so, reason in reasons if is_so), None)
        return reason or (None if self._file.is_whole(entry) else DAMAGED)

    def _has_same_content(self, entry: Entry, path: Path) -> bool:
        status = path.stat()
        if entry.mark and entry.mark == self._mark(status):
            return True
        if status.st_size != entry.size:
            return False
        size, sha256 = _digest(path)
        if (size, sha256) != (entry.size, entry.sha256):
            return False
        self._file.have_seen(entry, self._mark(status))
        return True

    def _kept(self, scanner: Scanner, source: Source, watch: Watch, read_by: ReadBy) -> Iterator[pa.RecordBatch]:
        """Read, and keep what comes of it where the file is read to its end and stays as it is meanwhile."""
        before = source.real_path.stat()
        # The rows of this very file may be judged before it ends, which adds to the counts of the source.
        share = Source(source.real_path, source.path)
        with self._file.writing(source.path) as record:
            try:
                for batch in scanner.scan(share, watch):
                    record.add(batch)
                    yield batch
            finally:
                told = told_by(share)
                retell(told, source)
            # One that is gone by now was read, and is not kept.
            with suppress(OSError):
                size, sha256 = _digest(source.real_path)
                after = source.real_path.stat()
                if _times(after) == _times(before) and size == before.st_size:
                    record.finish(size, sha256, self._mark(after), read_by, told)

    def _mark(self, status: os.stat_result) -> str:
        """Which file it is and when it last changed; empty where that was just now."""
        is_settled = max(status.st_mtime_ns, status.st_ctime_ns) < self._began_ns - _SETTLED_NS
        return " ".join(map(str, _times(status))) if is_settled else ""


def is_followed(name: str) -> bool:
    """Whether an entry is of a log that was followed."""
    return name.startswith(FOLLOWED)


def _times(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _digest(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of what a file holds now; a size of -1 where it is a file no more."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as stream:
        if not stat.S_ISREG(path.stat().st_mode):
            return -1, ""
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def _may_have_a_journal(path: Path) -> bool:
    """Whether the content is a database, which a file beside it may change."""
    with path.open("rb") as stream:
        return stream.read(len(SIGNATURE)) == SIGNATURE


def told_by(source: Source) -> Told:
    """What coverage is to say of a source."""
    return Told(
        source.records_read,
        source.records_rejected,
        dict(source.reasons),
        list(source.rejects),
        list(source.notes),
        dict(source.not_resolved),
    )


def retell(told: Told, source: Source) -> None:
    """Add what a reader told to the source that coverage shows."""
    source.accept(told.records_read)
    source.reject_all(told.reasons, told.rejects)
    source.not_resolved.update(told.not_resolved)
    for note in told.notes:
        source.note(note)
