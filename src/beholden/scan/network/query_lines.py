"""The frame of text logs of resolvers that tell a query, and what became of it, on lines of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from beholden.scan.network.log_sums import with_rest
from beholden.scan.network.log_times import LogTimes
from beholden.scan.network.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import Watch
    from beholden.scan.network.open_records import OpenRecords
    from beholden.scan.source import Source

# A name takes at most 1,012 characters where every byte is escaped, and stands twice on some lines.
LONGEST_LINE = 4096


class QueryLines(ABC):
    """One log while it is read.

    Args:
        source: The log.
        watch: What is of interest.
        expected: What a line should be, for rejects.
    """

    # Queries that wait for a line on what became of them.
    _open: OpenRecords[Any]

    def __init__(self, source: Source, watch: Watch, expected: str) -> None:
        self._queries = Queries(source, watch)
        self._source = source
        self._times = LogTimes(source, watch)
        self._expected = expected

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the sums of the log; also where it breaks off.

        Raises:
            ScanError: Compressed data is damaged; sums so far are given first.
        """
        return with_rest(self._gathered(), self._queries, self._finish)

    def _gathered(self) -> Iterator[pa.RecordBatch]:
        for line, text in self._source.lines():
            if len(text) > LONGEST_LINE:
                self._source.reject(line, "line too long for a query", expected=self._expected)
            elif text.strip():
                self._line(line, text)
                yield from self._queries.full()

    def _finish(self) -> None:
        self._open.close_all()
        self._queries.tell()
        self._times.tell()
        for note in self._notes():
            self._source.note(note)

    def _notes(self) -> tuple[str, ...]:
        """What the log cannot say."""
        return ()

    @abstractmethod
    def _line(self, line: int, text: str) -> None:
        """Take one line that is not blank."""
