"""Finds input files below a path: regular files only, links are not followed, nothing leaves the folder.

Addresses of stores are walked only where the caller says so.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from beholden.scan.address import is_address
from beholden.scan.place import on_disk, path_of
from beholden.scan.stored import StoredFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from beholden.scan.place import Place

# Folders of tools, not records of the organisation; a lockfile beside them says the same.
SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache"})
STANDARD_INPUT = "-"
LINK = "symbolic link, not followed"
NOT_REGULAR = "not a regular file (device, pipe or socket)"
FOLDER_OF_A_TOOL = "folder of a tool, not walked"
# A line end or an escape sequence in a name must not shape our output.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or a place that is not read and why.

    Attributes:
        place: Where it lies.
        path: How reports name it, with '/'.
        is_named: Whether the user named this very file.
        problem: Why it is not read; None: read it.
        is_failure: Whether the problem is one that a user must know as an error (unreadable), not a choice of ours.
        is_own: Whether this run is going to write it.
    """

    place: Place
    path: str
    is_named: bool = False
    problem: str | None = None
    is_failure: bool = False
    is_own: bool = False

    @property
    def real_path(self) -> Path:
        """Its path, where nothing but files on disk was walked."""
        return path_of(self.place)


def walk(
    arguments: Sequence[Path | str],
    at: Path = Path(),
    own: frozenset[Path] = frozenset(),
    standard_input: Path | None = None,
    *,
    into_stores: bool = False,
) -> Iterator[Found]:
    """Give every file below the arguments, in sorted order; a file that two of them reach is given once.

    Args:
        arguments: Files or folders. With several, names are prefixed by the argument as given.
        at: Where relative arguments are rooted; it is no part of the names.
        own: Files that this run writes, by `in_its_folder`.
        standard_input: Where lies what `-` stands for; None: nothing was given there.
        into_stores: Whether addresses are walked, which may use the network; else they are names of files.
    """
    names = {path.name for path in own}
    seen: set[tuple[int | str, ...]] = set()
    for argument in arguments:
        path, given = at / argument, printable(str(argument))
        if into_stores and isinstance(argument, str) and is_address(argument):
            # It loads the file systems of stores, and uses what is here.
            from beholden.scan.walk_store import walk_store

            found = walk_store(argument, is_only=len(arguments) == 1)
        elif given == STANDARD_INPUT and standard_input is not None:
            found = iter([_file(standard_input, given, is_named=True)])
        elif path.is_dir():
            found = depth_first(_Folder(path, f"{given.rstrip('/')}/" if len(arguments) > 1 else ""), _entries)
        else:
            found = iter([_file(path, given if len(arguments) > 1 else printable(path.name), is_named=True)])
        for item in found:
            real_path = on_disk(item.place)
            if real_path is not None and real_path.name in names and in_its_folder(real_path) in own:
                item = replace(item, is_own=True)
            yield _once(item, seen) if len(arguments) > 1 else item


def in_its_folder(path: Path) -> Path:
    """A path with its folder resolved and its last part as it is: a link stays itself."""
    return path.parent.resolve() / path.name


def _once(found: Found, seen: set[tuple[int | str, ...]]) -> Found:
    if found.problem is not None:
        return found
    try:
        identity = _identity(found.place)
    except OSError as error:
        return replace(found, problem=f"cannot be opened: {error.strerror}", is_failure=True)
    if identity in seen:
        return replace(found, problem="already read under another argument")
    seen.add(identity)
    return found


def _identity(place: Place) -> tuple[int | str, ...]:
    """The same for the same file, by whatever argument it was reached."""
    path = on_disk(place)
    if path is not None:
        status = path.stat()
        return status.st_dev, status.st_ino
    assert isinstance(place, StoredFile)
    return place.store, place.path


@dataclass(frozen=True, slots=True)
class _Folder:
    real_path: Path
    prefix: str


Folder = TypeVar("Folder")


def depth_first(top: Folder, entries: Callable[[Folder], list[Found | Folder]]) -> Iterator[Found]:
    """Give the files below a folder.

    Args:
        top: The folder.
        entries: Gives what is in a folder, in order.
    """
    # A stack of its own: a tree may be deeper than Python's.
    waiting: list[Found | Folder] = [top]
    while waiting:
        place = waiting.pop()
        if isinstance(place, Found):
            yield place
        else:
            waiting.extend(reversed(entries(place)))


def _entries(folder: _Folder) -> list[Found | _Folder]:
    try:
        with os.scandir(folder.real_path) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        problem = f"folder cannot be opened: {error.strerror}"
        return [Found(folder.real_path, folder.prefix or "./", problem=problem, is_failure=True)]
    return [_place(entry, f"{folder.prefix}{printable(entry.name)}") for entry in entries]


def _place(entry: os.DirEntry[str], name: str) -> Found | _Folder:
    path = Path(entry.path)
    if entry.is_symlink():
        return Found(path, name, problem=LINK)
    if not entry.is_dir(follow_symlinks=False):
        return _file(path, name, is_named=False)
    if entry.name in SKIPPED_FOLDERS:
        return Found(path, f"{name}/", problem=FOLDER_OF_A_TOOL)
    return _Folder(path, f"{name}/")


def _file(path: Path, name: str, *, is_named: bool) -> Found:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Found(path, name, is_named, f"cannot be opened: {error.strerror}", is_failure=True)
    if not stat.S_ISREG(mode):
        return Found(path, name, is_named, NOT_REGULAR, is_failure=is_named)
    if not os.access(path, os.R_OK):
        return Found(path, name, is_named, "cannot be opened: permission denied", is_failure=True)
    return Found(path, name, is_named)


def printable(name: str) -> str:
    """A file name that can be written as UTF-8 and printed, whatever bytes it has on disk."""
    decoded = name.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
    return _CONTROLS.sub("\ufffd", decoded)
