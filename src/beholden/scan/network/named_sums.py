"""What logs that tell names give: sums of what was asked or reached, and which name stood for which address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.scan.network.names_seen import NamesSeen
from beholden.scan.network.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.source import Source


class NamedSums:
    """Both of one log, gathered while it is read.

    Args:
        source: The log.
        watch: Says which names are of interest.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._tally = Tally(source.path)
        self._names = NamesSeen(source, watch)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give what has gathered once there is much of it."""
        yield from self._tally.full()
        yield from self._names.full()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give all that is left."""
        yield from self._tally.rest()
        yield from self._names.rest()
