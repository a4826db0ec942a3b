"""The local runner: one process, one file after another, bounded memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.run.collected import Collected
    from beholden.run.interface import Columns
    from beholden.run.readings import Reading
    from beholden.run.state import State
    from beholden.scan.interface import Scanners, Watch


class LocalRunner:
    """Reads in this process.

    Args:
        state: Holds what earlier runs read, and takes what this one reads; None: everything is read.
    """

    reads_stores = False

    def __init__(self, state: State | None = None) -> None:
        self._state = state

    def inputs(self, scanners: Scanners) -> Iterable[Reading]:
        """Nothing beyond the paths."""
        return ()

    def read(self, readings: Iterable[Reading], watch: Watch, columns: Columns, collected: Collected) -> None:
        """See `beholden.run.interface.Runner`."""
        for reading in readings:
            if reading.scanner is None or reading.source is None:
                continue
            scan = None if self._state is None else partial(self._state.read, reading.scanner)
            for batch in reading.batches(watch, columns(reading.found.path), scan):
                collected.add(reading.source, batch)
            collected.end(reading)
