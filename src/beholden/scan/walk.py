"""Finds input files below a path: regular files only, links are not followed, nothing leaves the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Folders of tools, not records of the organisation; a lockfile beside them says the same.
SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__", ".tox", ".mypy_cache"})


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or a place that is not read and why.

    Attributes:
        real_path: On disk.
        path: How reports name it, with '/'.
        is_named: Whether the user named this very file.
        problem: Why it is not read; None: read it.
        is_failure: Whether the problem is one that a user must know as an error (unreadable), not a choice of ours.
    """

    real_path: Path
    path: str
    is_named: bool = False
    problem: str | None = None
    is_failure: bool = False


def walk(arguments: list[Path]) -> Iterator[Found]:
    """Give every file below the arguments, in sorted order.

    Args:
        arguments: Files or folders. With several, names are prefixed by the argument as given.
    """
    for argument in arguments:
        prefix = f"{argument.as_posix().rstrip('/')}/" if len(arguments) > 1 else ""
        if argument.is_dir():
            yield from _folder(argument, prefix)
        else:
            name = argument.as_posix() if len(arguments) > 1 else argument.name
            yield _file(argument, name, is_named=True)


def _folder(folder: Path, prefix: str) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problem = f"folder cannot be opened: {error.strerror}"
        yield Found(folder, prefix or "./", problem=problem, is_failure=True)
        return
    for entry in entries:
        name, path = f"{prefix}{_printable(entry.name)}", Path(entry.path)
        if entry.is_symlink():
            yield Found(path, name, problem="symbolic link, not followed")
        elif entry.is_dir(follow_symlinks=False):
            if entry.name in SKIPPED_FOLDERS:
                yield Found(path, f"{name}/", problem="folder of a tool, not walked")
            else:
                yield from _folder(path, f"{name}/")
        else:
            yield _file(path, name, is_named=False)


def _file(path: Path, name: str, *, is_named: bool) -> Found:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Found(path, name, is_named, f"cannot be opened: {error.strerror}", is_failure=True)
    if not stat.S_ISREG(mode):
        return Found(path, name, is_named, "not a regular file (device, pipe or socket)", is_failure=is_named)
    if not os.access(path, os.R_OK):
        return Found(path, name, is_named, "cannot be opened: permission denied", is_failure=True)
    return Found(path, name, is_named)


def _printable(name: str) -> str:
    """A file name that can be written as UTF-8, whatever bytes it has on disk."""
    return name.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
