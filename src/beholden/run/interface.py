"""Where readers run: one small protocol, so that what is read does not depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from beholden.run.collected import Collected
    from beholden.run.readings import Reading
    from beholden.scan.interface import Scanners, Watch

Progress = Callable[[str], None]
Columns = Callable[[str], dict[str, str]]


class Runner(Protocol):
    """Reads files: in this process, or in others.

    Attributes:
        reads_stores: Whether paths may be addresses of stores, which the user then named for it.
    """

    reads_stores: bool

    def inputs(self, scanners: Scanners) -> Iterable[Reading]:
        """What this runner reads beyond the paths that were named.

        Args:
            scanners: Readers to try.
        """

    def read(self, readings: Iterable[Reading], watch: Watch, columns: Columns, collected: Collected) -> None:
        """Read files and hand on what they give.

        Whatever the order in which files are read, what is collected must be as if they had been read one after the
        other: batches of a file follow each other, and files come in the order of `readings`.

        Args:
            readings: Files; each is detected when it is taken. One without a reader is passed over.
            watch: What log readers keep.
            columns: Ledger column mapping by file.
            collected: Takes the batches, and is told where each file ends.
        """
