"""Reviewed tables of what OFAC prints: labels, types of party, aliases, scripts, places (`kinds.toml`)."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.errors import Origin, UnexpectedValueError
from beholden.sources.places import place_code
from beholden.sources.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIXED_ENDS = " :-#"


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8"))
    return found


def table(name: str) -> Mapping[str, str]:
    """One table of `kinds.toml`, as printed."""
    return _tables()[name]


def folded(label: str) -> str:
    """A label as it is compared."""
    return " ".join(label.split()).casefold().rstrip(_FIXED_ENDS)


@cache
def _items() -> Mapping[str, tuple[str, str]]:
    return {folded(label): (label, what) for label, what in table("items").items()}


def item(label: str) -> tuple[str, str] | None:
    """A label as the table writes it, and what is done with its value; None where it is not known."""
    return _items().get(folded(label))


@cache
def _opening() -> re.Pattern[str]:
    # The longest first: `Passport Booklet` is no `Passport` with the number `Booklet`.
    labels = "|".join(re.escape(label) for label in sorted(_items(), key=len, reverse=True))
    return re.compile(rf"(?:alt\. *)?({labels})(?![A-Za-z])[ :#-]*", re.IGNORECASE)


def labelled(text: str) -> tuple[str, str, str] | None:
    """A remark that begins with a known label: the label, what is done with its value, and the value."""
    found = _opening().match(text)
    if found is None:
        return None
    label, what = _items()[folded(found[1])]
    return label, what, text[found.end() :].strip()


def place(record: Record, field: str, printed: str, more: Mapping[str, str] | None = None) -> str | None:
    """Code of a place, None where OFAC's word names no country.

    Args:
        record: For the place of the error.
        field: Field that prints it.
        printed: As printed.
        more: What the file itself says about its names of places.

    Raises:
        UnexpectedValueError: No place is called so.
    """
    ours = table("places")
    if printed.startswith("Region: ") and printed not in ours:
        return None  # a region is no country; whose it is may be in dispute
    if more and printed in more and printed not in ours:
        return more[printed] or None
    return place_code(record, field, printed, ours) or None


@lru_cache(maxsize=4096)
def is_place(printed: str) -> bool:
    """Whether a text in brackets is a place that we know."""
    if len(printed) < 3:
        return False
    try:
        place(Record({}, Origin("")), "place", printed)
    except UnexpectedValueError:
        return False
    return True
