"""Scanners of other distributions, registered as entry points of the group `beholden.scanners`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.metadata import EntryPoint

    from beholden.scan.interface import Scanner

GROUP = "beholden.scanners"
_SECTION = f"[{GROUP}]".encode()


def registered(taken: Iterable[str]) -> Iterator[Scanner]:
    """Give the scanners that installed distributions register, by name of their entry point.

    Args:
        taken: Names of scanners that are there already.

    Raises:
        UsageError: One cannot be loaded, or has the name of another.
    """
    if not _is_any_installed():
        return
    # Costs 60 ms to import, so only where it is worth it.
    from importlib.metadata import entry_points

    names = set(taken)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        scanner = _load(point)
        if scanner.name in names:
            raise UsageError(f"plugin {point.value}: there is a scanner named {scanner.name}", code="plugin.same-name")
        names.add(scanner.name)
        yield scanner


def _is_any_installed() -> bool:
    return any(
        _SECTION in file.read_bytes()
        for folder in dict.fromkeys(sys.path)
        if folder and Path(folder).is_dir()
        for file in Path(folder).glob("*.dist-info/entry_points.txt")
    )


def _load(point: EntryPoint) -> Scanner:
    try:
        scanner: Scanner = point.load()()
    except Exception as error:  # a plugin may do anything; ours to say is which one
        raise UsageError(
            f"plugin {point.value} cannot be loaded: {type(error).__name__}: {error}",
            code="plugin.broken",
            hint="update or remove the distribution that registers it",
        ) from error
    return scanner
