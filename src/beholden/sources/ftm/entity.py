"""One FollowTheMoney entity as an export prints it, read strictly: schema, properties and what stands beside them."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from beholden.errors import UnexpectedValueError
from beholden.sources.record import clean
from beholden.sources.schemata import schemata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.errors import Origin
    from beholden.sources.schemata import Schema

PREFIX = "ftm:"
# `first_seen`, `last_seen` and `last_change` are days of whoever made the export, not of the authority; `target` and
# `origin` tell nothing of the party.
_BESIDE = frozenset({"id", "schema", "caption", "properties", "datasets", "dataset", "referents"}) | {
    *("target", "first_seen", "last_seen", "last_change", "origin", "key_prefix")
}
_FIRST, _LAST = 1900, 2199


class Printed:
    """An entity of an export; every property is known and a list of texts."""

    __slots__ = ("caption", "datasets", "id", "origin", "properties", "referents", "schema")

    def __init__(self, fields: Any, origin: Origin) -> None:  # noqa: ANN401 (JSON)
        """Check the form of an entity.

        Raises:
            UnexpectedValueError: It is none, or its schema or a property or field is unknown.
        """
        self.origin = origin
        if not isinstance(fields, dict):
            raise self.error("no entity", f"{type(fields).__name__}; expected an object")
        self.id = self._text(fields, "id")
        self.schema = self._schema(self._text(fields, "schema"))
        self.properties = self._checked(fields.get("properties"))
        caption = fields.get("caption")
        self.caption = clean(caption) if isinstance(caption, str) else None
        self.datasets = self._texts(fields.get("datasets"), "datasets") or self._texts(fields.get("dataset"), "dataset")
        self.referents = self._texts(fields.get("referents"), "referents")
        beside = sorted(fields.keys() - _BESIDE)
        if beside:
            raise self.error("unknown field", f"{', '.join(beside)[:200]}; an entity has {', '.join(sorted(_BESIDE))}")

    @property
    def entity_id(self) -> str:
        """Its id here."""
        return PREFIX + self.id

    def get(self, name: str) -> list[str]:
        """Values of a property, each once, without blank ones."""
        found = [clean(value) for value in self.properties.get(name, ())]
        return list(dict.fromkeys(value for value in found if value is not None))

    def error(self, reason: str, detail: str) -> UnexpectedValueError:
        """The error for this entity."""
        return UnexpectedValueError(reason, detail, origin=self.origin)

    def days(self, name: str) -> list[tuple[date, date, str]]:
        """Values of a date property as first and last day that each may mean, and as printed; the earliest first.

        Raises:
            UnexpectedValueError: A value is no date, or is before 1900 or after 2199.
        """
        return sorted(self._day(name, value) for value in self.get(name))

    def _day(self, name: str, value: str) -> tuple[date, date, str]:
        parts = value.split("T")[0].split("-")
        if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
            raise self.error(f"{name} is no date", f"{value[:40]!r}; expected YYYY, YYYY-MM or YYYY-MM-DD")
        numbers = [int(part) for part in parts]
        if not _FIRST <= numbers[0] <= _LAST:
            raise self.error(f"{name} is out of range", f"{value!r}; expected a day from 1900 to 2199")
        year, first_month, last_month = numbers[0], *((numbers[1], numbers[1]) if len(numbers) > 1 else (1, 12))
        try:
            first = date(year, first_month, numbers[2] if len(numbers) > 2 else 1)
            last = first if len(numbers) > 2 else date(year, last_month, calendar.monthrange(year, last_month)[1])
        except ValueError:
            raise self.error(f"{name} is no date", f"{value!r}; no such day") from None
        return first, last, value

    def _schema(self, name: str) -> Schema:
        found = schemata().get(name)
        if found is None or found.is_abstract:
            raise self.error("unknown schema", f"{name!r}; expected one of FollowTheMoney 4.11")
        return found

    def _text(self, fields: dict[str, Any], name: str) -> str:
        value = fields.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"no {name}", f"{value!r:.80}; expected a text")
        return value

    def _texts(self, value: Any, name: str) -> list[str]:  # noqa: ANN401 (JSON)
        found = [] if value is None else [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.error(f"{name} is no list of texts", f"{value!r:.80}")
        return found

    def _checked(self, value: Any) -> dict[str, list[str]]:  # noqa: ANN401 (JSON)
        if not isinstance(value, dict):
            raise self.error("no properties", f"{value!r:.80}; expected an object")
        unknown = sorted(value.keys() - self.schema.properties)
        if unknown:
            raise self.error("unknown property", f"{', '.join(unknown)[:200]}; {self.schema.name} has no such property")
        for name, values in value.items():
            if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
                raise self.error("property is no list of texts", f"{name}: {values!r:.80}")
        return value


def flat(fields: Any) -> Iterator[Any]:  # noqa: ANN401 (JSON)
    """An entity and those nested in its properties, each with ids in their places; without recursion.

    Nested exports print what an entity points at, and what points at it, inside its properties.
    """
    waiting = [fields]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict) and isinstance(one.get("properties"), dict):
            kept: dict[str, Any] = {}
            known = schemata().get(one["schema"]) if isinstance(one.get("schema"), str) else None
            for name, values in one["properties"].items():
                inner = [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
                waiting.extend(reversed(inner))
                if inner and known is not None and name in known.pointed_at_by:
                    continue  # the nested entities print the relation themselves
                kept[name] = (
                    [value.get("id") if isinstance(value, dict) else value for value in values] if inner else values
                )
            one = {**one, "properties": kept}
        yield one


def span(entity: Printed) -> tuple[date | None, date | None, bool, bool, list[str]]:
    """Start and end of a relation; whether each is the latest day that it may be; notes on days printed as a period.

    Raises:
        UnexpectedValueError: It ends before it starts.
    """
    starts, ends = entity.days("startDate"), entity.days("endDate")
    notes = []
    start = end = None
    is_start_latest = is_end_latest = False
    if starts:
        first, start, printed = starts[0]
        is_start_latest = first != start
        notes += [f"start printed as {printed}"] if is_start_latest else []
    if ends:
        first, end, printed = ends[-1]
        if first != end:
            end, is_end_latest = end + timedelta(days=1), True
            notes.append(f"end printed as {printed}")
    if starts and end is not None and end < starts[0][0]:
        raise entity.error("ends before it starts", f"{ends[-1][2]} is before {starts[0][2]}")
    if start is not None and end is not None and end < start:
        start, is_start_latest = starts[0][0], False  # a period that ends within the period in which it began
    return start, end, is_start_latest, is_end_latest, notes
