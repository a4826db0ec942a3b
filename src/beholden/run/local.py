"""The local runner: one process, one file after another, bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.run.collected import Collected
    from beholden.run.interface import Columns
    from beholden.run.readings import Reading
    from beholden.scan.interface import Scanners, Watch


class LocalRunner:
    """Reads in this process."""

    def inputs(self, scanners: Scanners) -> Iterable[Reading]:
        """Nothing beyond the paths."""
        return ()

    def read(self, readings: Iterable[Reading], watch: Watch, columns: Columns, collected: Collected) -> None:
        """See `beholden.run.interface.Runner`."""
        for reading in readings:
            if reading.scanner is None or reading.source is None:
                continue
            for batch in reading.batches(watch, columns(reading.found.path)):
                collected.add(reading.source, batch)
            collected.end(reading)
