"""Counts and times as logs print them; what is out of range is no value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# The last second of year 9999, less one so that rounding to microseconds stays inside.
LATEST = 253_402_300_798.0
_PORT_DIGITS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def whole_number(text: str) -> int | None:
    """Read a count; None where it is none or longer than 64 bits hold.

    Args:
        text: As printed; JSON writers may give `12.0`.
    """
    if text.isdigit() and text.isascii() and len(text) <= 19:
        return int(text)
    digits, point, rest = text.partition(".")
    # Not by recursion: a line may hold nothing but `.0`.
    is_useless = point + rest == ".0" * ((1 + len(rest)) // 2)
    return whole_number(digits) if point and is_useless else None


def port_text(text: str) -> str:
    """A port as printed; empty where the text is none.

    Args:
        text: As printed; a hostile log may hold anything of any length there.
    """
    return text if len(text) <= _PORT_DIGITS and text.isdigit() and text.isascii() else ""


def parse_seconds(text: str) -> float | None:
    """Read a log's time: seconds since 1970, or ISO 8601 (UTC where no offset is given).

    Args:
        text: As printed.

    Returns:
        Seconds since 1970; None where unreadable, negative or past year 9999.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = _iso_seconds(text)
    # NaN fails both comparisons.
    return seconds if 0 <= seconds <= LATEST else None


def _iso_seconds(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return -1.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return (moment - _EPOCH) / timedelta(seconds=1)
    except OverflowError:
        return -1.0
