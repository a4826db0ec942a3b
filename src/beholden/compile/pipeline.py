"""The order of compilation, in one place: read → check → derive → sort → write, under a lock, atomically."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from beholden.compile.derive import derive
from beholden.compile.integrity import REFERRED_TO, check
from beholden.compile.opening import CORE_POINTER, core_packs, home, open_core, ready
from beholden.compile.packs import PackRow, read_packs
from beholden.compile.stage import references, renamed
from beholden.compile.write import base_digest, file_digest, sealed, sort_tables, table_digests, write_base
from beholden.errors import KnowledgeBaseError
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.kb.manifest import Manifest
from beholden.schema.rows import Entity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from beholden.schema.rows import Row


# A home that is missing, read-only or full, met by the file system, SQLite or Arrow.
CANNOT_WRITE = (OSError, sqlite3.Error, pa.ArrowException)
# Folders of a build that goes on, below the bases.
BUILDING, STAGING = ".building-", ".staging-"


def compile_rows(packs: Sequence[PackRow]) -> dict[str, list[Row]]:
    """Check rows, derive what follows from them, and put every table in its order.

    Raises:
        CompileError: Rows do not fit together.
    """
    check(packs)
    # Which ids of publications mean a party of the packs says nothing where no publication is.
    return sort_tables(derive(row for row in packs if row.table != "resolutions"))


def build(packs: Path, bases: Path) -> KnowledgeBase:
    """Compile packs into `bases/<digest>/`; an existing base of the same content is kept.

    Raises:
        CompileError: A pack row is wrong; nothing is written.
        KnowledgeBaseError: The folder cannot be written.
    """
    tables = compile_rows(read_packs(packs))
    try:
        with locked(bases):
            return place(tables, bases)
    except CANNOT_WRITE as error:
        raise unwritable(bases, error) from error


def unwritable(bases: Path, error: Exception) -> KnowledgeBaseError:
    """The error for a home in which nothing can be written."""
    return KnowledgeBaseError(
        f"no base can be written to {bases}: {error}", code="kb.unwritable", hint="set BEHOLDEN_HOME"
    )


def core_built(packs: Path, key: str) -> KnowledgeBase:
    """Compile the core base, and say that it is ready; in memory where nothing can be written.

    Args:
        packs: Folder of the packs.
        key: What decides their rows (`packs_key`).

    Raises:
        CompileError: A shipped pack is damaged.
    """
    bases = home() / "kb"
    try:
        with locked(bases):
            # Another process may have built it while this one waited.
            built = ready(bases, key)
            if built is None:
                built = place(compile_rows(read_packs(packs)), bases)
                write_pointer(bases / CORE_POINTER, {"packs": key, "digest": built.digest})
            return built
    except CANNOT_WRITE:
        tables = compile_rows(read_packs(packs))
        return KnowledgeBase([Layer.in_memory(tables)], base_digest(table_digests(tables)))


def mended_core() -> KnowledgeBase:
    """The core base, compiled again where a file of it is damaged.

    Raises:
        CompileError: A shipped pack is damaged.
    """
    base = open_core()
    if base.folder is not None and _files_checked(base.folder)[1]:
        try:
            with locked(base.folder.parent):
                return place(compile_rows(read_packs(core_packs())), base.folder.parent)
        except CANNOT_WRITE as error:
            raise unwritable(base.folder.parent, error) from error
    return base


def open_overlaid(base: KnowledgeBase, packs: Sequence[Path]) -> KnowledgeBase:
    """A base with in-house packs laid over it; an id under which a party was published leads to the one it has.

    Raises:
        CompileError: A row is wrong or refers to nothing in either.
    """
    rows = _with_present_ids([row for path in packs for row in read_packs(path)], base)
    check(rows, {table: base.ids(table) for table in REFERRED_TO})
    return overlaid(base, derive(rows))


def _with_present_ids(rows: Sequence[PackRow], base: KnowledgeBase) -> list[PackRow]:
    """Rows that name a party by an id that it no longer has, with the one that it has.

    A pack that describes a party itself means that one.
    """
    own = {row.row.id for row in rows if isinstance(row.row, Entity)}
    canonical: dict[str, str] = {}
    for item in rows:
        scalars, lists = references(item.table)
        named = [getattr(item.row, name) for name in scalars]
        named += [one for name in lists for one in getattr(item.row, name)]
        canonical |= {one: base.canonical(one) for one in named if one is not None and one not in (*own, *canonical)}
    moved = {one: now for one, now in canonical.items() if one != now}
    return [replace(item, row=renamed(item.row, *references(item.table), moved)) for item in rows] if moved else [*rows]


def overlaid(base: KnowledgeBase, tables: Mapping[str, Iterable[Row]]) -> KnowledgeBase:
    """A base with rows laid over it that are already checked and derived, in any order."""
    ordered = sort_tables(tables)
    return base.overlay(ordered, base_digest(table_digests(ordered))[:16])


def verify(folder: Path) -> list[str]:
    """Recompute every digest of a written base.

    Returns:
        What does not agree with the manifest; empty when all does.
    """
    manifest, problems = _files_checked(folder)
    if manifest is None or problems:
        return problems
    layer = Layer.open(folder)
    digests = table_digests({table: layer.all(table) for table in manifest.tables})
    problems += [
        f"{table}: rows differ from the manifest" for table, value in digests.items() if value != manifest.tables[table]
    ]
    if not problems and base_digest(digests) != manifest.digest:
        problems.append("the digest of the base differs from the manifest")
    return problems


def _files_checked(folder: Path) -> tuple[Manifest | None, list[str]]:
    """The manifest of a written base, and which of its files are not as it says."""
    try:
        raw = (folder / "manifest.json").read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        return None, [f"manifest.json: {error}"]
    problems = [] if raw == sealed(manifest) else ["manifest.json: content differs from its seal"]
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name}: missing")
        elif file_digest(path) != expected:
            problems.append(f"{name}: content differs from the manifest")
    return manifest, problems


def place(tables: Mapping[str, Iterable[Row]], bases: Path) -> KnowledgeBase:
    """Write a base, or keep the one of the same content if no file of it is damaged; the caller holds the lock."""
    temporary = Path(tempfile.mkdtemp(prefix=BUILDING, dir=bases))
    try:
        target = bases / write_base(tables, temporary).digest
        # Whoever builds asks for a base that is whole: one that opens may still be damaged.
        if target.exists() and not _files_checked(target)[1]:
            with suppress(KnowledgeBaseError):
                ready = KnowledgeBase.open(target)
                note_use(target)
                return ready
        temporary.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return KnowledgeBase.open(target)


def note_use(base: Path) -> None:
    """Note that a base is of use now, which keeps `prune` from it; where that cannot be noted, it cannot be removed."""
    with suppress(OSError):
        os.utime(base)


def write_pointer(file: Path, content: Mapping[str, object]) -> None:
    """Say which base is in use, in one step: a reader sees what was said before or this, never a part."""
    temporary = file.with_name(f".{file.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(content) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


@contextmanager
def locked(bases: Path) -> Iterator[None]:
    """One process at a time; what one that was killed left half written is removed."""
    bases.mkdir(parents=True, exist_ok=True)
    with (bases / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in (*bases.glob(f"{BUILDING}*"), *bases.glob(f"{STAGING}*")):
            shutil.rmtree(left, ignore_errors=True)
        yield
