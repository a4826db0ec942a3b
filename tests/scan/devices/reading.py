"""Reads a file of devices with one scanner and gives what the tests ask about."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.scan import SCANNERS
from beholden.scan.detect import detect
from beholden.scan.interface import InputHead, Scanner, Watch
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).resolve().parents[2] / "data"


def read(scanner: Scanner, path: Path, watch: Watch | None = None) -> tuple[Source, list[dict[str, Any]]]:
    """The source with its counts, and the rows."""
    source = Source(path, path.name)
    batches = list(scanner.scan(source, watch or Watch()))
    rows: list[dict[str, Any]] = pa.Table.from_batches(batches, schema=OBSERVATION).to_pylist()
    return source, rows


def read_text(
    scanner: Scanner, text: str, folder: Path, watch: Watch | None = None
) -> tuple[Source, list[dict[str, Any]]]:
    """The same for a text."""
    path = folder / "input"
    path.write_text(text, encoding="utf-8")
    return read(scanner, path, watch)


def places(rows: Iterable[dict[str, Any]]) -> list[tuple[str, str | None, str]]:
    """Hardware address, where, and how sure."""
    return [(row["value"], row["own_host"], row["certainty"]) for row in rows]


def details(row: dict[str, Any]) -> dict[str, Any]:
    """The small facts of a row."""
    facts: dict[str, Any] = json.loads(row["detail"]) if row["detail"] else {}
    return facts


def head(text: str, name: str = "x", columns: dict[str, str] | None = None) -> InputHead:
    """The start of a file."""
    return InputHead(PurePosixPath(name), text.encode(), is_complete=True, columns=columns or {})


def owning(*networks: str) -> Watch:
    """A watch whose profile names these networks."""
    return Watch(own_networks=tuple(ipaddress.ip_network(network) for network in networks))


def reader_of(text: str, folder: Path) -> str | None:
    """The name of the scanner that a text goes to."""
    path = folder / "input"
    path.write_text(text, encoding="utf-8")
    scanner = detect(Source(path, path.name), SCANNERS).scanner
    return scanner.name if scanner else None
