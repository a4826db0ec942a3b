"""From when to when a party was on a list, in words: a day that is only a bound is told as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


def since_words(since: date | str, *, is_latest: bool) -> str:
    """`since 2022-04-22`; where that is the day of the first copy that prints it, `since 2022-04-22 at the latest`."""
    return f"since {since}{_bound(is_latest)}"


def until_words(until: date | str, *, is_latest: bool) -> str:
    """`until 2026-08-20`; where that is the day of the first copy without it, `until 2026-08-20 at the latest`."""
    return f"until {until}{_bound(is_latest)}"


def day_words(day: date | str, *, is_latest: bool) -> str:
    """`on 2022-04-22`, or `by 2022-04-22 at the latest`."""
    return f"by {day} at the latest" if is_latest else f"on {day}"


def _bound(is_latest: bool) -> str:
    return " at the latest" if is_latest else ""
