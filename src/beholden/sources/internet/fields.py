"""Strict reading of one JSON object: every field is taken with its type or ignored by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.errors import UnexpectedValueError
from beholden.sources.record import clean, is_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from beholden.errors import Origin


class Fields:
    """The fields of one JSON object, with the place it was read from.

    Args:
        value: Any JSON value.
        origin: Of the record.

    Raises:
        UnexpectedValueError: The value is no object.
    """

    __slots__ = ("_left", "origin")

    def __init__(self, value: Any, origin: Origin) -> None:  # noqa: ANN401 (JSON)
        self.origin = origin
        if not isinstance(value, dict):
            raise self.error("not an object", f"{type(value).__name__}; expected an object")
        self._left: dict[str, Any] = dict(value)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def text(self, name: str) -> str:
        """Take a text that must be there.

        Raises:
            UnexpectedValueError: It is not, is blank, or is no text.
        """
        value = self.text_or_none(name)
        if value is None:
            raise self.error(f"{name} is missing", "expected a text")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Take a text that may be left out, null or blank.

        Raises:
            UnexpectedValueError: It is no text.
        """
        value = self._left.pop(name, None)
        return None if value is None else clean(self._as_text(name, value))

    def texts(self, name: str) -> list[str]:
        """Take a list of texts that may be left out; blanks are left out.

        Raises:
            UnexpectedValueError: It is no list of texts.
        """
        value = self._left.pop(name, None)
        if value is None:
            return []
        found = [clean(self._as_text(name, item)) for item in self._as_list(name, value)]
        return [item for item in found if item is not None]

    def items(self, name: str) -> list[Any]:
        """Take a list that must be there.

        Raises:
            UnexpectedValueError: It is not, or is no list.
        """
        if name not in self._left:
            raise self.error(f"{name} is missing", "expected a list")
        return self._as_list(name, self._left.pop(name))

    def flag(self, name: str) -> bool:
        """Take a truth value; left out means no.

        Raises:
            UnexpectedValueError: It is neither true nor false.
        """
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise self.error(f"{name} is no truth value", f"{value!r}; expected true or false")
        return value

    def number(self, name: str) -> int:
        """Take a whole number that must be there.

        Raises:
            UnexpectedValueError: It is not, or is no whole number.
        """
        value = self._left.pop(name, None)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.error(f"{name} is no whole number", f"{str(value)[:40]}; expected one")
        return value

    def nested(self, name: str) -> Fields:
        """Take an object that must be there.

        Raises:
            UnexpectedValueError: It is not, or is no object.
        """
        if name not in self._left:
            raise self.error(f"{name} is missing", "expected an object")
        return Fields(self._left.pop(name), self.origin)

    def known(self, name: str, table: Mapping[str, str]) -> str:
        """Take a text whose values are all known.

        Raises:
            UnexpectedValueError: A value that the table does not have.
        """
        value = self.text(name)
        if value not in table:
            raise self.error(f"unknown {name}", f"{value!r}; expected one of {', '.join(list(table)[:12])}")
        return table[value]

    def close(self, ignore: Iterable[str] = (), beginning: tuple[str, ...] = ()) -> None:
        """Say that the object is done.

        Args:
            ignore: Fields that the importer knows and leaves out.
            beginning: Beginnings of such fields.

        Raises:
            UnexpectedValueError: A field was neither taken nor ignored.
        """
        known = set(ignore)
        left = [name for name in self._left if name not in known and not (beginning and name.startswith(beginning))]
        if left:
            raise self.error(
                "unknown field", f"{', '.join(sorted(left))[:300]}; a field that this importer does not know"
            )

    def error(self, reason: str, detail: str) -> UnexpectedValueError:
        """The error for this object."""
        return UnexpectedValueError(reason, detail, origin=self.origin)

    def _as_list(self, name: str, value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
        if not isinstance(value, list):
            raise self.error(f"{name} is no list", f"{type(value).__name__}; expected a list")
        return value

    def _as_text(self, name: str, value: Any) -> str:  # noqa: ANN401 (JSON)
        if not isinstance(value, str):
            raise self.error(f"{name} is no text", f"{type(value).__name__}; expected a text")
        if not is_text(value):
            raise self.error(f"{name} is no Unicode text", f"{value[:60]!r} has NUL or half of a surrogate pair")
        return value
