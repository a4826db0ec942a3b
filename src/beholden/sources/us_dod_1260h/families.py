"""One party under several printed names: which rows of the list are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.sources.transcriptions.parties import name_key, party_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from beholden.sources.record import Record

# "… Co., Ltd. (Sugon)": a short name in brackets at the end; "(Limited)" and "(Group)" belong to the name.
_BRACKETS = re.compile(r"(?P<name>.+?) \((?P<short>(?!Limited\)|Group\))[^()]+)\)")
_DAYS = ("%Y-%m-%d",)


@dataclass(frozen=True, slots=True)
class Printed:
    """One row: a name as one edition prints it.

    Attributes:
        name: Without brackets and footnote marks.
        cell: As the edition prints it, with brackets.
        key: Of the name.
        aliases: Other present names.
        former: Earlier names.
        parent: Name of the party under which it is printed.
        note: Why it is listed, or a remark.
        day: Of the edition.
        end: As the transcriber gives it.
    """

    name: str
    cell: str
    key: str
    aliases: list[str]
    former: list[str]
    parent: str | None
    note: str | None
    day: date
    end: date | None


def printed(record: Record) -> Printed:
    """Take a row."""
    # "Clean Name" is the same without alias, former name and footnote mark.
    cell = record.require("Name").rstrip(" *")
    name, aliases = record.require("Clean Name").rstrip(" *"), record.split("Alias")
    if not aliases and (match := _BRACKETS.fullmatch(name)):
        name, aliases = match["name"], [match["short"]]
    parent = record.pop("Parent Name")
    if parent is not None and (match := _BRACKETS.fullmatch(parent)):
        parent = match["name"]
    day = record.as_day("Start date", record.require("Start date"), *_DAYS)
    end = record.day("End date", *_DAYS)
    if end is not None and end < day:
        raise record.error("End date before Start date", f"{end}; the row began on {day}")
    former = record.split("Previous Name")
    for other in (cell, *aliases, *former, *([parent] if parent is not None else [])):
        # Names without letters would all be one name, and the parties that have them one family.
        party_key(record, other)
    found = Printed(
        name=name,
        cell=cell,
        key=party_key(record, name),
        aliases=aliases,
        former=former,
        parent=parent,
        note=record.pop("Note"),
        day=day,
        end=end,
    )
    record.close(ignore=("Source Url",))  # the same for a whole edition
    return found


class Families:
    """Keys of names that mean one party; each family is called by the name that was printed first."""

    def __init__(self, rows: Iterable[Printed], same: Mapping[str, str]) -> None:
        self._up: dict[str, str] = {}
        self._first: dict[str, tuple[date, str]] = {}
        rows = sorted(rows, key=lambda row: (row.day, row.name))
        names = {row.key for row in rows}
        for earlier, later in same.items():
            if {name_key(earlier), name_key(later)} <= names:
                self._join(name_key(earlier), name_key(later))
        for row in rows:
            # A former or other name that is the name of another row: the file itself says that they are one.
            for other in map(name_key, (*row.former, *row.aliases)):
                if other in names:
                    self._join(other, row.key)
        for row in rows:
            self._first.setdefault(self._root(row.key), (row.day, row.key))

    def _root(self, key: str) -> str:
        while (up := self._up.get(key, key)) != key:
            self._up[key] = self._up.get(up, up)
            key = up
        return key

    def _join(self, one: str, other: str) -> None:
        self._up[self._root(one)] = self._root(other)

    def of(self, name: str) -> str:
        """Key of the family that a printed name belongs to; its own key where no row has it."""
        key = name_key(name)
        root = self._root(key)
        return self._first[root][1] if root in self._first else key
