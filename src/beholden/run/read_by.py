"""What decides the rows of an input beside its content, as digests: the program, what is watched, and the profile.

Two runs with the same digests get the same rows of the same content. What rows do not depend on is no part of them:
the names, lists and law of a base, so that an update of lists does not make months of logs be read again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import beholden
from beholden.engine import native, told
from beholden.run.state_file import ReadBy
from beholden.values.ranges import merged, numbers_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.scan.interface import AddressWatch, NameWatch, Scanner, Watch

# The stages that turn a file into rows.
_READING = ("scan", "values", "schema")
# What they leave to others: to parse, inflate, join and sum.
_LIBRARIES = ("pyarrow", "numpy", "polars", "isal")


class Deciding:
    """Gives the digests of readings; those of one run are about few watches, whose digests are kept."""

    def __init__(self) -> None:
        # With what they are of, so that no other object gets the same number.
        self._addresses: dict[int, tuple[AddressWatch | None, str]] = {}
        self._names: dict[int, tuple[NameWatch | None, str]] = {}

    def of(self, scanner: Scanner, watch: Watch) -> ReadBy:
        """What decides the rows that a scanner gives.

        Args:
            scanner: Who reads.
            watch: What it is told to keep.
        """
        if id(watch.addresses) not in self._addresses:
            self._addresses[id(watch.addresses)] = (watch.addresses, _of_addresses(watch.addresses))
        if id(watch.names) not in self._names:
            self._names[id(watch.names)] = (watch.names, _of_names(watch.names))
        wifi = [(own.stations, own.radios, own.ssid, sorted(own.bssids)) for own in watch.wifi]
        ours = [[str(network) for network in watch.own_networks], wifi, sorted(watch.columns.items())]
        return ReadBy(
            reader=scanner.name,
            program=_digest([_program(), _of_plugin(scanner)]),
            watched=_digest([self._addresses[id(watch.addresses)][1], self._names[id(watch.names)][1]]),
            ours=_digest([json.dumps(ours)]),
        )


def _of_addresses(watched: AddressWatch | None) -> str:
    """Which addresses are watched; by which label matters to no reader."""
    if watched is None:
        return "all"
    table = watched.watch_ranges
    ranges = merged(zip(numbers_of(table["first"]), numbers_of(table["last"]), strict=True))
    return _digest(f"{first:x}-{last:x}" for first, last in ranges)


def _of_names(watched: NameWatch | None) -> str:
    if watched is None:
        return "all"
    table = watched.watch_suffixes
    pairs = zip(table["name"].to_pylist(), table["is_watched"].to_pylist(), strict=True)
    return _digest(f"{name} {is_watched}" for name, is_watched in pairs)


@cache
def _program() -> str:
    """Digest of the code that reads, compiled code included (a version may say less), and of what it stands on."""
    root = Path(beholden.__file__).parent
    files = [path for stage in _READING for path in sorted((root / stage).rglob("*.py"))]
    core = native()
    if core is not None and core.__file__ is not None:
        files.append(Path(core.__file__))
    return _digest([told(), *map(_version_of, _LIBRARIES), *(_of_file(path) for path in files)])


def _version_of(library: str) -> str:
    """Name and version; the name alone where it is not installed."""
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library


def _of_plugin(scanner: Scanner) -> str:
    """Digest of the module of a scanner that another distribution brings; ours are in the program."""
    module = type(scanner).__module__
    place = getattr(sys.modules.get(module), "__file__", None)
    is_ours = module.partition(".")[0] == beholden.__name__
    return "" if is_ours or place is None else _of_file(Path(place))


def _of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()
