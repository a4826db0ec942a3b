"""Dates as ledgers print them; whether 03/04 is in March or in April is decided by the whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{2}|(?<=[-/.])\d)\2(\d{1,2})(?:[T ].*)?", re.ASCII)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ].*)?", re.ASCII)
_DAY_NAMED = re.compile(r"(\d{1,2})[-/. ]+([A-Za-z]{3,9})\.?[-/., ]+(\d{4}|\d{2})", re.ASCII)
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.?[-/ ]+(\d{1,2})(?:st|nd|rd|th)?[-/, ]+(\d{4}|\d{2})", re.ASCII)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# POSIX: two digits from 69 are of the last century.
_PIVOT = 69


class UnreadableDateError(ValueError):
    """The text is not a date, or one out of range."""


@dataclass(slots=True)
class DayOrder:
    """What a whole column of numeric dates tells about its order.

    Attributes:
        day_first: Values whose first number is over 12, or that use points.
        month_first: Values whose second number is over 12.
        open: Values that fit both.
    """

    day_first: int = 0
    month_first: int = 0
    open: int = 0

    def learn(self, text: str) -> None:
        """Take note of one printed value."""
        match = _NUMERIC.fullmatch(text)
        if match is None:
            return
        certain = _certain_order(match)
        if certain is None:
            self.open += match[1] != match[3]
        elif certain:
            self.day_first += 1
        else:
            self.month_first += 1

    @property
    def is_told(self) -> bool:
        """Whether the dates themselves tell their order, and all the same one."""
        return bool(self.day_first) != bool(self.month_first)

    @property
    def is_day_first(self) -> bool:
        """The order of most dates; month first where nothing tells."""
        return self.day_first > self.month_first


@lru_cache(maxsize=4096)
def fits_both_orders(text: str) -> bool:
    """Whether the text is another day when read the other way round."""
    match = _NUMERIC.fullmatch(text)
    return match is not None and _certain_order(match) is None and int(match[1]) != int(match[3])


@lru_cache(maxsize=4096)
def read_date(text: str, *, is_day_first: bool) -> date:
    """Read one printed date.

    Args:
        text: Not empty.
        is_day_first: Order of the column, for values that fit both.

    Raises:
        UnreadableDateError: Not a date of the calendar between 1900 and 2100.
    """
    year, month, day = _parts(text, is_day_first=is_day_first)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise UnreadableDateError(text)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadableDateError(text) from error


def _parts(text: str, *, is_day_first: bool) -> tuple[int, int, int]:
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _CHINESE.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(text):
        certain = _certain_order(match)
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if (is_day_first if certain is None else certain) else (second, first)
        return _full_year(match[4]), month, day
    if match := _DAY_NAMED.fullmatch(text):
        return _full_year(match[3]), _month(match[2]), int(match[1])
    if match := _MONTH_NAMED.fullmatch(text):
        return _full_year(match[3]), _month(match[1]), int(match[2])
    raise UnreadableDateError(text)


def _certain_order(match: re.Match[str]) -> bool | None:
    """True for day first, False for month first, None where both fit."""
    if match[2] == ".":
        return True
    first, second = int(match[1]), int(match[3])
    if first > 12:
        return True
    return False if second > 12 else None


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _month(name: str) -> int:
    lower = name.lower()
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(lower):
            return number
    raise UnreadableDateError(name)
