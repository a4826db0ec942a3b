"""Values of JSON logs: numbers that may be text, text that may be missing, fields inside fields."""

from __future__ import annotations

from typing import Any

from beholden.scan.network.cells import LATEST, parse_seconds

_NOTHING = (None, "", "-")
# Digits that 64 bits always hold.
_LONGEST = 18


def inner(record: Any, *names: str) -> Any:  # noqa: ANN401 (whatever JSON holds)
    """The value of a field inside fields; None where there is none.

    Args:
        record: An object, or anything.
        names: From the outside in.
    """
    for name in names:
        if not isinstance(record, dict):
            return None
        record = record.get(name)
    return record


def text_of(value: Any) -> str | None:  # noqa: ANN401
    """Well-formed text; None where there is none."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST:
        return str(value)
    if not isinstance(value, str) or value in _NOTHING:
        return None
    # JSON escapes can spell lone surrogates, which UTF-8 cannot hold.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def count_of(value: Any) -> int | None:  # noqa: ANN401
    """A whole number of 0 or more, in digits or as text; None where there is none.

    Raises:
        ValueError: It is something else, or longer than 64 bits hold.
    """
    if value in _NOTHING:
        return None
    if isinstance(value, str) and value.isdigit() and value.isascii() and len(value) <= _LONGEST:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_LONGEST:
        return value
    raise ValueError("not a whole number")


def moment_of(value: Any, per_second: int = 1) -> int | None:  # noqa: ANN401
    """Microseconds since 1970; None where there is no time.

    Args:
        value: ISO 8601 text (UTC where no offset is given), or a number.
        per_second: What a number counts: 1 seconds, 1,000 milliseconds.

    Raises:
        ValueError: It is no time, or none between 1970 and year 9999.
    """
    if value in _NOTHING:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("not a time")  # noqa: TRY004 (what callers reject a record for)
    try:
        number = float(value)
    except ValueError:
        seconds = parse_seconds(str(value))
        if seconds is None:
            raise ValueError("not a time") from None
    except OverflowError:
        raise ValueError("not a time") from None
    else:
        if isinstance(value, int):
            # Exact, where a float of so many digits is not.
            if 0 <= value <= int(LATEST) * per_second:
                return value * 1_000_000 // per_second
            raise ValueError("not a time")
        seconds = number / per_second
        if not 0 <= seconds <= LATEST:
            raise ValueError("not a time")
    return round(seconds * 1_000_000)
