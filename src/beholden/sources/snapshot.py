"""Publications as they were served or given: raw bytes by digest, and one record per publication that is held.

```
snapshots/<slug>/<sha256>                                     a file, never unpacked, never changed
snapshots/<slug>/<20261126T173000.123456Z>-<12 digits>.json   one publication: its files, its edition, when it was held
snapshots/<slug>/<the same>.checked                           when it was asked for again and had not changed
snapshots/<slug>/<20261126T173000.123456Z>.dropped            what was taken out then; bytes and records stay
snapshots/<slug>/.staging-*                                   what a process is still fetching or reading
```

The record is written last. A process that dies before leaves bytes that no record names; the next `keep` removes them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import SourceError
from beholden.sources.held import Checked, Dropped, Held, HeldDocument, read_dropped, read_held
from beholden.sources.interface import Publication
from beholden.sources.staging import Staging, document_of, settle, settle_folder, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from beholden.sources.descriptor import Descriptor

_SLUG = re.compile(r"[a-z0-9_]+", re.ASCII)
_BLOB = re.compile(r"[0-9a-f]{64}", re.ASCII)
# A check a day for three years; older ones say nothing that a newer one does not.
_MOST_CHECKS = 1000


class Store:
    """The publications below a home folder."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "snapshots"

    def slugs(self) -> list[str]:
        """Importers of which something is held.

        Raises:
            SourceError: A record of what was dropped is damaged.
        """
        return [
            slug
            for slug in self._recorded()
            if {path.stem for path in self._folder(slug).glob("*.json")} - _names(self._drops(slug))
        ]

    def held(self, slug: str | None = None, as_held: date | None = None) -> list[Held]:
        """Records of what is held, oldest first; of the same files of one day, what was said of them last.

        Args:
            slug: Of this importer; None: of all.
            as_held: What was held at the end of this day, UTC; None: now.

        Raises:
            SourceError: A record is damaged.
        """
        found: list[Held] = []
        for name in [slug] if slug is not None else self._recorded():
            found += {(held.edition, held.digest): held for held in self._kept(name, as_held)}.values()
        return sorted(found, key=lambda held: (held.held_at, held.slug))

    def _kept(self, slug: str, as_held: date | None = None) -> list[Held]:
        """Every record that was not dropped, oldest first."""
        out = _names([one for one in self._drops(slug) if as_held is None or one.dropped_at.date() <= as_held])
        return [
            held
            for held in self.records(slug)
            if held.name not in out and (as_held is None or held.held_at.date() <= as_held)
        ]

    def records(self, slug: str | None = None) -> list[Held]:
        """Every record, oldest first, of what was dropped as well.

        Args:
            slug: Of this importer; None: of all.

        Raises:
            SourceError: A record is damaged.
        """
        found = [
            read_held(path, name)
            for name in ([slug] if slug is not None else self._recorded())
            for path in self._folder(name).glob("*.json")
        ]
        return sorted(found, key=lambda held: (held.held_at, held.slug))

    def newest(self, slug: str) -> Held | None:
        """The publication of the latest day of an importer; of one day, what was held last."""
        return max(self.held(slug), key=lambda held: (held.edition, held.held_at), default=None)

    def publication(self, held: Held, descriptor: Descriptor) -> Publication:
        """What is held as a parser takes it; see `verify`."""
        documents = tuple(document_of(item, self.path(held, item)) for item in held.documents)
        return Publication(descriptor, documents, held.edition)

    def path(self, held: Held, document: HeldDocument) -> Path:
        """Where the bytes of a file are."""
        return self._folder(held.slug) / document.sha256

    def verify(self, held: Held) -> list[str]:
        """Recompute the digests of what is held.

        Returns:
            What does not agree; empty when all does.
        """
        problems = []
        for item in held.documents:
            path = self.path(held, item)
            place = f"{held.slug}/{held.name}: {item.name}"
            try:
                with path.open("rb") as stream:
                    found = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                problems.append(f"{place}: {error.strerror}")
                continue
            if found != item.sha256:
                problems.append(f"{place}: content differs from its digest")
        return problems

    @contextmanager
    def staging(self, slug: str) -> Iterator[Staging]:
        """A place for files that are fetched or read before they are kept.

        Raises:
            KnowledgeBaseError: The home folder cannot be written.
        """
        with writing(self.folder), self._locked(slug) as folder:
            place = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
            lock = (place / "lock").open("w")
            # Held as long as this process lives: who gets it otherwise knows that the place is left over.
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield Staging(place)
        finally:
            shutil.rmtree(place, ignore_errors=True)
            lock.close()

    def keep(self, held: Held, staged: Staging) -> Held:
        """Keep a publication whole; the same one again gives the record that is there, noted as checked.

        Args:
            held: Its record; `held_at` is moved behind the newest record where the clock went back.
            staged: Its files, all of them.

        Raises:
            KnowledgeBaseError: The home folder cannot be written; nothing is kept.
        """
        with writing(self.folder), self._locked(held.slug) as folder:
            records = self.records(held.slug)
            _clean(folder, records)
            in_force = self.held(held.slug)
            last = next((one for one in reversed(in_force) if one.edition == held.edition), None)
            if last is not None and last.says_the_same(held):
                if self.verify(last):
                    _move(staged, held, folder)
                self._note(last, held.held_at)
                return last
            held = msgspec.structs.replace(held, held_at=self._after_all(held.slug, held.held_at))
            _move(staged, held, folder)
            _write(folder / f"{held.name}.json", msgspec.json.format(msgspec.json.encode(held), indent=2) + b"\n")
        return held

    def drop(self, slug: str, edition: date | None, at: datetime) -> tuple[list[Held], datetime]:
        """Take publications out of what is held from now on; their bytes and records stay.

        Args:
            slug: Their importer.
            edition: Their day; None: all days.
            at: The present time; moved behind the newest record where the clock went back.

        Returns:
            Their records, oldest first, and the time noted; without any, nothing is written.

        Raises:
            SourceError: A record is damaged.
            KnowledgeBaseError: The home folder cannot be written; nothing is dropped.
        """
        with writing(self.folder), self._locked(slug) as folder:
            _clean(folder, self.records(slug))
            found = [held for held in self._kept(slug) if edition is None or held.edition == edition]
            at = self._after_all(slug, at)
            if found:
                # One record for all of them, so that whoever is killed drops all or none.
                dropped = Dropped(dropped_at=at, records=[held.name for held in found])
                content = msgspec.json.format(msgspec.json.encode(dropped), indent=2) + b"\n"
                _write(folder / f"{dropped.name}.dropped", content)
        return found, at

    def withdraw(self, held: Held) -> None:
        """Take back a record; its bytes go with the next `keep`."""
        with writing(self.folder), self._locked(held.slug) as folder:
            (folder / f"{held.name}.checked").unlink(missing_ok=True)
            (folder / f"{held.name}.json").unlink(missing_ok=True)
            settle_folder(folder)

    def checked(self, held: Held) -> list[datetime]:
        """When it was asked for again and had not changed."""
        try:
            content = (self._folder(held.slug) / f"{held.name}.checked").read_bytes()
            return msgspec.json.decode(content, type=Checked).checked
        except (OSError, msgspec.MsgspecError):
            # No date of a list rests on it, so that a damaged note is no reason to refuse the list.
            return []

    def note_checked(self, held: Held, at: datetime) -> None:
        """Note that the publisher still serves what is held.

        Raises:
            KnowledgeBaseError: The home folder cannot be written.
        """
        with writing(self.folder), self._locked(held.slug):
            self._note(held, at)

    def _note(self, held: Held, at: datetime) -> None:
        checks = [*self.checked(held), at][-_MOST_CHECKS:]
        _write(self._folder(held.slug) / f"{held.name}.checked", msgspec.json.encode(Checked(checked=checks)) + b"\n")

    def _recorded(self) -> list[str]:
        """Importers of which there is a record, dropped or not."""
        if not self.folder.is_dir():
            return []
        folders = [path for path in self.folder.iterdir() if _SLUG.fullmatch(path.name)]
        return sorted(path.name for path in folders if any(path.glob("*.json")))

    def _drops(self, slug: str) -> list[Dropped]:
        return [read_dropped(path, slug) for path in sorted(self._folder(slug).glob("*.dropped"))]

    def _after_all(self, slug: str, at: datetime) -> datetime:
        """The time, moved behind all that is on record of an importer."""
        known = [held.held_at for held in self.records(slug)] + [one.dropped_at for one in self._drops(slug)]
        newest = max(known, default=None)
        return at if newest is None or at > newest else newest + timedelta(microseconds=1)

    def _folder(self, slug: str) -> Path:
        if not _SLUG.fullmatch(slug):
            raise SourceError(f"{slug!r} is no id of an importer", code="source.unknown", hint="use a-z, 0-9 and _")
        return self.folder / slug

    @contextmanager
    def _locked(self, slug: str) -> Iterator[Path]:
        folder = self._folder(slug)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder


def _move(staged: Staging, held: Held, folder: Path) -> None:
    """Give the bytes their names; what is there already under one is the same, or damaged and so mended."""
    for item in held.documents:
        path = staged.path_of(item)
        # One that the publisher says has not changed is where it was; of two equal ones the first is moved already.
        if path.parent == staged.folder and path.exists():
            path.chmod(0o644)
            path.replace(folder / item.sha256)
    settle_folder(folder)


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            settle(file)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    settle_folder(path.parent)


def _names(drops: Iterable[Dropped]) -> set[str]:
    return {name for one in drops for name in one.records}


def _clean(folder: Path, records: Sequence[Held]) -> None:
    """Remove what processes left that ended before they kept anything; the caller holds the lock."""
    named = {item.sha256 for held in records for item in held.documents}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".new-") or (_BLOB.fullmatch(path.name) and path.name not in named):
            path.unlink()
        elif path.name.startswith(".staging-") and _is_left_over(path):
            shutil.rmtree(path, ignore_errors=True)


def _is_left_over(place: Path) -> bool:
    with suppress(OSError), (place / "lock").open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    # Made and locked under the lock of the folder: without a lock file nobody is in it.
    return True
