"""Arithmetic of days that rules and clocks ask for."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, timedelta


def a_year_before(day: date) -> date:
    """Acts of the twelve months before as-of also stand for the relation as it is."""
    if day.year == MINYEAR:
        return date.min
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def years_after(day: date, years: int) -> date:
    """The same day that many years later; 28 February for the 29th where that year has none."""
    if day.year + years > MAXYEAR:
        return date.max
    later = day.year + years
    is_leap = later % 4 == 0 and (later % 100 != 0 or later % 400 == 0)
    return day.replace(year=later, day=28 if (day.month, day.day) == (2, 29) and not is_leap else day.day)


def days_after(day: date, days: int, *, is_business: bool) -> date | None:
    """The day that many days later; None where the calendar ends before it."""
    try:
        if not is_business:
            return day + timedelta(days=days)
        while days:
            day += timedelta(days=1)
            # Public holidays differ by authority; weekends do not.
            days -= day.weekday() < 5
    except OverflowError:  # the calendar ends with the year 9999
        return None
    return day


def iso(day: date | None) -> str | None:
    """A day as documents have it."""
    return None if day is None else day.isoformat()
