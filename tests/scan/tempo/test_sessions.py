from __future__ import annotations

from itertools import pairwise
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.scan.tempo.limits import LIMITS, Limits
from beholden.scan.tempo.sessions import Session, sessions

BUSY = st.dictionaries(st.integers(0, 900), st.integers(1, 9), min_size=1, max_size=60)
SHORT = Limits(pause=30, window=20)


def by_hand(busy: dict[int, int], limits: Limits) -> list[Session]:
    """The same, as the words say it: every window that lies in a session is looked at."""
    parts: list[list[int]] = []
    for second in sorted(busy):
        if parts and second - parts[-1][-1] <= limits.pause:
            parts[-1].append(second)
        else:
            parts.append([second])
    return [_by_hand(seconds, busy, limits) for seconds in parts]


def _by_hand(seconds: list[int], busy: dict[int, int], limits: Limits) -> Session:
    begin, end = seconds[0], seconds[-1]
    every = [busy.get(second, 0) for second in range(begin, end + 1)]
    windows = [sum(every[at : at + limits.window]) for at in range(len(every) - limits.window + 1)]
    minutes = [sum(every[at : at + 60]) for at in range(0, len(every) - 59, 60)]
    gaps = [later - earlier for earlier, later in pairwise(seconds)]
    return Session(
        begin,
        end,
        sum(every),
        min(windows, default=None),
        pstdev(minutes) / fmean(minutes) if minutes and sum(minutes) else 0.0,
        pstdev(gaps) / fmean(gaps) if gaps else 0.0,
        max(gaps, default=0),
    )


@given(BUSY)
def test_figures_are_those_of_looking_at_every_window(busy: dict[int, int]) -> None:
    found = list(sessions(sorted(busy.items()), SHORT))
    wanted = by_hand(busy, SHORT)
    assert [(one.begin, one.end, one.requests, one.slowest, one.longest_gap) for one in found] == [
        (one.begin, one.end, one.requests, one.slowest, one.longest_gap) for one in wanted
    ]
    assert [one.variation for one in found] == pytest.approx([one.variation for one in wanted])
    assert [one.gap_variation for one in found] == pytest.approx([one.gap_variation for one in wanted])


def test_a_pause_ends_a_session_and_one_second_less_does_not() -> None:
    ends = [0, 120, 241]
    assert [(one.begin, one.end) for one in sessions([(second, 1) for second in ends], LIMITS)] == [
        (0, 120),
        (241, 241),
    ]


def test_one_slow_stretch_decides_the_pace() -> None:
    busy = [(second, 5 if second < 1_000 or second >= 1_600 else 1) for second in range(4_000)]
    [session] = sessions(busy, LIMITS)
    assert session.slowest == 600
    assert session.seconds == 4_000


def test_what_is_shorter_than_a_window_has_no_pace() -> None:
    [session] = sessions([(second, 50) for second in range(599)], LIMITS)
    assert session.slowest is None
    assert not session.meets(LIMITS)


def test_each_limit_is_met_at_its_value_and_not_short_of_it() -> None:
    limits = LIMITS
    at = Session(0, limits.length - 1, 9_999, limits.pace, limits.variation, 0.0, 1)
    assert at.meets(limits)
    assert not Session(0, limits.length - 2, 9_999, limits.pace, limits.variation, 0.0, 1).meets(limits)
    assert not Session(0, limits.length - 1, 9_999, limits.pace - 1, limits.variation, 0.0, 1).meets(limits)
    assert not Session(0, limits.length - 1, 9_999, limits.pace, limits.variation + 0.01, 0.0, 1).meets(limits)


def test_nothing_in_nothing_out() -> None:
    assert list(sessions([], LIMITS)) == []
