"""Gaps between the files of a rotated set of logs, told from the times in their names.

A set is told by its own rhythm, since quiet logs have no file for a quiet hour: only where nearly all files of a set
follow each other at one distance is a missing one a gap.

Source: Zeek manual, "ZeekControl" (archive: `2026-05-01/conn.13:00:00-14:00:00.log.gz`); AWS, "Publish flow logs to
Amazon S3" (`…_20260501T1300Z_hash.log.gz`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import Coverage

# Fewer files show no rhythm; of these one in ten distances may be another.
_FEWEST, _IRREGULAR = 6, 0.1
_LONGEST = timedelta(days=1)
_DATE = r"(?P<year>20\d\d)[-_./]?(?P<month>[01]\d)[-_./]?(?P<day>[0-3]\d)"
_CLOCK = r"(?P<hour>[0-2]\d)[:._-]?(?P<minute>[0-5]\d)?(?:[:._-]?(?P<second>[0-5]\d))?"
_STAMP = re.compile(rf"(?<!\d){_DATE}(?:[-_T.]?{_CLOCK})?(?P<utc>Z)?(?!\d)")
_DATED_FOLDER = re.compile(rf"(?<!\d){_DATE}(?!\d)")
_CLOCK_IN_NAME = re.compile(r"(?<!\d)(?P<hour>[0-2]\d):(?P<minute>[0-5]\d):(?P<second>[0-5]\d)-")
_HOUR = timedelta(hours=1)
_SUNDAY, _CLOCKS_CHANGE_BEFORE = 6, 4


class _Stamped(NamedTuple):
    """A file with a time in its name: the set it belongs to, the time, and whether that is UTC for sure."""

    family: tuple[str, str, str]
    begins: datetime
    is_utc: bool


def note_gaps(rows: Iterable[Coverage]) -> None:
    """Add to the coverage of the last file before a gap that there is one.

    Args:
        rows: Of one run; those of files that a reader took are looked at.
    """
    families: dict[tuple[str, str, str], dict[datetime, tuple[Coverage, bool]]] = defaultdict(dict)
    for row in rows:
        if row.reader is not None and (found := _stamped(row.reader, row.file)) is not None:
            families[found.family][found.begins] = (row, found.is_utc)
    for files in families.values():
        _note(files)


def _note(files: dict[datetime, tuple[Coverage, bool]]) -> None:
    times = sorted(files)
    if len(times) < _FEWEST:
        return
    distances = Counter(later - earlier for earlier, later in pairwise(times))
    rhythm, regular = max(distances.items(), key=lambda item: (item[1], -item[0]))
    others = len(times) - 1 - regular
    if rhythm > _LONGEST or others > max(1, _IRREGULAR * (len(times) - 1)):
        return
    for earlier, later in pairwise(times):
        row, is_utc = files[earlier]
        begins = earlier + rhythm
        if later < begins + rhythm or (not is_utc and _may_be_a_change_of_clocks(begins, later)):
            continue
        zone = "UTC" if is_utc else "by the clock of their names"
        row.notes.append(
            f"nothing was read for {begins:%Y-%m-%d %H:%M} to {later:%Y-%m-%d %H:%M} ({zone}), "
            f"in a set of {len(times)} files that come {_every(rhythm)}"
        )


def _may_be_a_change_of_clocks(begins: datetime, ends: datetime) -> bool:
    """Whether a missing hour may be the one that clocks skip in spring, which they do in a night to Sunday."""
    return ends - begins == _HOUR and begins.weekday() == _SUNDAY and begins.hour < _CLOCKS_CHANGE_BEFORE


def _stamped(reader: str, path: str) -> _Stamped | None:
    """The time in the name of a file, or in the name of its folder and its own; None: there is none."""
    folder, _, name = path.rpartition("/")
    place = _DATED_FOLDER.sub("#", folder)
    if (found := _STAMP.search(name)) is not None:
        begins = _time(found.groupdict())
        return None if begins is None else _Stamped((reader, place, name[: found.start()]), begins, bool(found["utc"]))
    clock, dates = _CLOCK_IN_NAME.search(name), list(_DATED_FOLDER.finditer(folder))
    if clock is None or not dates:
        return None
    begins = _time({**dates[-1].groupdict(), **clock.groupdict()})
    return None if begins is None else _Stamped((reader, place, name[: clock.start()]), begins, is_utc=False)


def _time(parts: dict[str, str | None]) -> datetime | None:
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(parts[name] or 0) for name in names)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _every(rhythm: timedelta) -> str:
    minutes = rhythm.total_seconds() / 60
    words = {60.0: "every hour", 1440.0: "every day"}
    return words.get(minutes, f"every {minutes:g} minutes")
