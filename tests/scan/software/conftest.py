"""Run one reader over a fixture, a real file or given bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from beholden.scan.interface import Scanner, Watch
from beholden.scan.source import Source
from beholden.schema.observation import OBSERVATION

DATA = Path(__file__).resolve().parents[2] / "data"
Rows = list[dict[str, Any]]
Scan = Callable[[Scanner, Path | bytes], tuple[Source, Rows]]


@pytest.fixture
def data() -> Path:
    """The folder of fixtures."""
    return DATA


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Scan a path or bytes: the source with its counts, and the rows."""

    def run(scanner: Scanner, given: Path | bytes) -> tuple[Source, Rows]:
        if isinstance(given, bytes):
            path = tmp_path / "input"
            path.write_bytes(given)
            given = path
        source = Source(given, given.name)
        table = pa.Table.from_batches(list(scanner.scan(source, Watch())), schema=OBSERVATION)
        return source, table.to_pylist()

    return run
