"""Strict reading of one record: every field is taken or ignored by name, every value is known or an error."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, UnexpectedValueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FIRST, _LAST = date(1900, 1, 1), date(2200, 1, 1)
_EXAMPLE = date(2026, 8, 20)
_SPACES = re.compile(r"\s+")


class Record:
    """The fields of one record, with the place it was read from; absent, null and blank are all None."""

    __slots__ = ("_fields", "origin")

    def __init__(self, fields: Mapping[str, str | None], origin: Origin) -> None:
        self._fields = dict(fields)
        self.origin = origin

    def has(self, name: str) -> bool:
        """Whether the record has the field at all, with or without a value."""
        return name in self._fields

    def has_values(self) -> bool:
        """Whether a field that was not taken has a value."""
        return any(clean(value) is not None for value in self._fields.values())

    def pop(self, name: str) -> str | None:
        """Take a field that must be there and may be blank.

        Raises:
            UnexpectedValueError: The record has no such field, or it has characters that no text has.
        """
        try:
            value = self._fields.pop(name)
        except KeyError:
            raise self.error(f"no field {name!r}", f"the record has {', '.join(sorted(self._fields))}") from None
        return self._text(name, value)

    def pop_any(self, name: str) -> str | None:
        """Take a field that the layout lets be left out.

        Raises:
            UnexpectedValueError: It has characters that no text has.
        """
        return self._text(name, self._fields.pop(name, None))

    def _text(self, name: str, value: str | None) -> str | None:
        if value is not None and not is_text(value):
            raise self.error(f"{name} is no text", f"{value[:60]!r} has NUL or half of a surrogate pair")
        return clean(value)

    def require(self, name: str) -> str:
        """Take a field that must have a value.

        Raises:
            UnexpectedValueError: It has none.
        """
        value = self.pop(name)
        if value is None:
            raise self.error(f"{name} is empty", "expected a value")
        return value

    def lookup(self, name: str, table: Mapping[str, str]) -> str | None:
        """Take a field whose values are all known; None where it is blank.

        Raises:
            UnexpectedValueError: A value that the table does not have.
        """
        value = self.pop(name)
        return None if value is None else self.known(name, value, table)

    def known(self, name: str, value: str, table: Mapping[str, str]) -> str:
        """What a reviewed table says for a value.

        Raises:
            UnexpectedValueError: It does not have the value.
        """
        if value not in table:
            shown = ", ".join(list(table)[:12]) + (", …" if len(table) > 12 else "")
            raise self.error(f"unknown {name}", f"{value!r}; expected one of {shown}")
        return table[value]

    def split(self, name: str, separator: str = ";") -> list[str]:
        """Take a field that is a list in one cell; blanks are left out."""
        value = self.pop(name)
        return [] if value is None else [part for part in map(clean, value.split(separator)) if part]

    def day(self, name: str, *formats: str) -> date | None:
        """Take a date.

        Args:
            name: Field.
            formats: As `strptime` writes them; the first that fits; default ISO 8601.

        Raises:
            UnexpectedValueError: No format fits, or the date is before 1900 or after 2199.
        """
        value = self.pop(name)
        return None if value is None else self.as_day(name, value, *formats)

    def as_day(self, name: str, value: str, *formats: str) -> date:
        """A date from a text that was taken already; see `day`."""
        for pattern in formats or ("%Y-%m-%d",):
            try:
                found = datetime.strptime(value, pattern).date()  # noqa: DTZ007 (a day)
            except ValueError:
                continue
            if is_plausible(found):
                return found
            raise self.error(f"{name} is out of range", f"{value!r}; expected a day from 1900 to 2199")
        raise self.error(f"{name} is no date", f"{value!r}; expected {_forms(formats) or 'YYYY-MM-DD'}")

    def close(self, ignore: Iterable[str] = ()) -> None:
        """Say that the record is done.

        Args:
            ignore: Fields that this importer knows and leaves out.

        Raises:
            UnexpectedValueError: A field with a value was neither taken nor ignored.
        """
        known = set(ignore)
        left = [name for name, value in self._fields.items() if name not in known and clean(value) is not None]
        if left:
            raise self.error("unknown field", f"{', '.join(sorted(left))}; a field that this importer does not know")

    def error(self, reason: str, detail: str) -> UnexpectedValueError:
        """The error for this record; `reason` is what it is counted under, `detail` has the value."""
        return UnexpectedValueError(reason, detail, origin=self.origin)


def _forms(formats: Iterable[str]) -> str:
    """How a day looks in some forms of `strptime`, by the example of one: `2026-08-20 or August 20, 2026`."""
    return " or ".join(dict.fromkeys(_EXAMPLE.strftime(pattern) for pattern in formats))


def is_plausible(day: date) -> bool:
    """Whether a day is from 1900 to 2199: files that print others are damaged."""
    return _FIRST <= day < _LAST


def text_of(value: str, origin: Origin) -> str | None:
    """`clean` of a value that is no field of a `Record`.

    Raises:
        UnexpectedValueError: It has characters that no text has.
    """
    if not is_text(value):
        raise UnexpectedValueError("no text", f"{value[:60]!r} has NUL or half of a surrogate pair", origin=origin)
    return clean(value)


def is_text(value: str) -> bool:
    """Whether a value can be written and shown: damaged files have NUL in it, and JSON can spell half of a pair."""
    if "\0" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def has_only_text(tree: Any) -> bool:  # noqa: ANN401 (JSON)
    """Whether every text and every key of a JSON value is one; see `is_text`."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if not is_text(one):
                return False
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return True


def clean(value: str | None) -> str | None:
    """A text without outer and repeated white space; None where nothing is left."""
    if value is None:
        return None
    return _SPACES.sub(" ", value).strip() or None
