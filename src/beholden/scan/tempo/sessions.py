"""Requests of one source, in the order of time → sessions with pace and evenness, in memory that does not grow."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.scan.tempo.limits import Limits

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Session:
    """What one source did without a pause.

    Attributes:
        begin: Its first second.
        end: Its last one.
        requests: How many.
        slowest: Requests in its slowest window; None: it is shorter than one.
        variation: Coefficient of variation of the requests in each of its whole minutes; 0: it is shorter than one.
        gap_variation: The same of the gaps between its busy seconds.
        longest_gap: The longest of these gaps, in seconds.
    """

    begin: int
    end: int
    requests: int
    slowest: int | None
    variation: float
    gap_variation: float
    longest_gap: int

    @property
    def seconds(self) -> int:
        """How long it lasted; both ends belong to it."""
        return self.end - self.begin + 1

    def meets(self, limits: Limits) -> bool:
        """Whether pace, length and evenness are beyond the limits."""
        return (
            self.slowest is not None
            and self.slowest >= limits.pace
            and self.seconds >= limits.length
            and self.variation <= limits.variation
        )


def sessions(busy: Iterable[tuple[int, int]], limits: Limits) -> Iterator[Session]:
    """Cut the busy seconds of one source into sessions.

    Args:
        busy: Seconds in ascending order, each once, with the number of requests in it.
        limits: Pause that ends a session, and window.
    """
    open_: _Open | None = None
    for second, count in busy:
        if open_ is None or second - open_.end > limits.pause:
            if open_ is not None:
                yield open_.closed()
            open_ = _Open(second, limits.window)
        open_.add(second, count)
    if open_ is not None:
        yield open_.closed()


class _Open:
    """A session that goes on. The slowest window begins right after a busy second, or with the session."""

    def __init__(self, begin: int, window: int) -> None:
        self.begin = self.end = begin
        self._window = window
        self._total = 0
        self._slowest: int | None = None
        # Busy seconds whose window is not over, with what had come up to each.
        self._starts: deque[tuple[int, int]] = deque([(begin - 1, 0)])
        self._minutes = _Spread()
        self._minute = self._in_minute = 0
        self._gaps = _Spread()
        self._longest_gap = 0

    def add(self, second: int, count: int) -> None:
        """Take the next busy second."""
        self._end_windows(second - 1)
        if gap := second - self.end:
            self._gaps.add(gap)
            self._longest_gap = max(self._longest_gap, gap)
        minute = (second - self.begin) // _MINUTE
        if minute != self._minute:
            # Minutes without a request are counted at the end.
            self._minutes.add(self._in_minute)
            self._minute, self._in_minute = minute, 0
        self._in_minute += count
        self._total += count
        self.end = second
        self._starts.append((second, self._total))

    def closed(self) -> Session:
        """What it came to."""
        self._end_windows(self.end)
        whole = (self.end - self.begin + 1) // _MINUTE
        if self._minute < whole:
            self._minutes.add(self._in_minute)
        return Session(
            self.begin,
            self.end,
            self._total,
            self._slowest,
            self._minutes.variation(whole),
            self._gaps.variation(self._gaps.count),
            self._longest_gap,
        )

    def _end_windows(self, until: int) -> None:
        starts = self._starts
        while starts and starts[0][0] + self._window <= until:
            came = self._total - starts.popleft()[1]
            if self._slowest is None or came < self._slowest:
                self._slowest = came


class _Spread:
    """Sums of whole numbers and of their squares."""

    def __init__(self) -> None:
        self.count = self._sum = self._squares = 0

    def add(self, number: int) -> None:
        """Take one more."""
        self.count += 1
        self._sum += number
        self._squares += number * number

    def variation(self, of: int) -> float:
        """Standard deviation by mean, of so many numbers: those that were not added are zero."""
        if not self._sum:
            return 0.0
        # Whole until the root: the variance must not be the small difference of two large fractions.
        return sqrt(of * self._squares - self._sum * self._sum) / self._sum
