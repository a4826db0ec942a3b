"""Run one reader over a fixture, a real file or given bytes, and pick from what came out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest

from beholden.scan.interface import InputHead, Scanner, Watch
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

DATA = Path(__file__).resolve().parents[2] / "data"
Rows = list[dict[str, Any]]
Scanned = tuple[Source, Rows]
Scan = Callable[[Scanner, Path | bytes], Scanned]


def packages(scanned: Scanned) -> Rows:
    """The rows of packages."""
    return [row for row in scanned[1] if row["kind"] == "purl"]


def mirrors(scanned: Scanned) -> Rows:
    """The rows of hosts that builds pull from."""
    return [row for row in scanned[1] if row["relation"] == "mirror"]


def details(scanned: Scanned) -> dict[str, dict[str, Any]]:
    """The details of packages by their value."""
    return {row["value"]: json.loads(row["detail"]) for row in packages(scanned) if row["detail"]}


def head(content: bytes, name: str) -> InputHead:
    """A whole small file as a reader is asked about it."""
    return InputHead(PurePosixPath(name), content, is_complete=True)


@pytest.fixture
def data() -> Path:
    """The folder of fixtures."""
    return DATA


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Scan a path or bytes: the source with its counts, and the rows."""

    def run(scanner: Scanner, given: Path | bytes) -> Scanned:
        if isinstance(given, bytes):
            path = tmp_path / "input"
            path.write_bytes(given)
            given = path
        source = Source(given, given.name)
        table = pa.Table.from_batches(list(scanner.scan(source, Watch())), schema=OBSERVATION)
        return source, table.to_pylist()

    return run
