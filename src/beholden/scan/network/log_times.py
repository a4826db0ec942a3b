"""The time at the front of a line of a text log, in the forms that daemons and syslog write.

`May  1 08:00:00` has no year, and no clock may lend one: the same input must give the same rows. It is told by, in this
order, the user (`year = "=2026"` under `[columns]`), or a date in the name of the file or its folder (rotated logs are
named by the day they end on, folders by the day they hold). Where nothing tells it, the line has no date, and what it
says is no dated act.

Source: RFC 5424 and RFC 3164 (syslog); BIND 9 Administrator Reference Manual, `print-time`; unbound.conf(5),
`log-time-ascii`, `log-time-iso`; logrotate(8), `dateext`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from beholden.scan.network.cells import parse_seconds

if TYPE_CHECKING:
    from beholden.scan.interface import Watch
    from beholden.scan.source import Source

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = "|".join(_MONTHS)
_WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"[0-2]\d:[0-5]\d:[0-6]\d(?:[.,]\d{1,9})?"
_FRONT = re.compile(
    r"(?:<\d{1,3}>(?:1 )?)?"
    r"(?:\[(?P<epoch>\d{1,11})\]"
    rf"|(?P<iso>\d{{4}}-\d\d-\d\d)[T ](?P<iso_clock>{_CLOCK})(?P<offset>Z|[+-]\d\d:?\d\d)?"
    rf"|(?P<day>\d\d?)-(?P<month>{_MONTH})-(?P<year>\d{{4}}) (?P<clock>{_CLOCK})"
    rf"|(?:{_WEEKDAY} )?(?P<bare_month>{_MONTH}) +(?P<bare_day>\d\d?) (?P<bare_clock>{_CLOCK})"
    r"(?: (?P<bare_year>(?:19|20)\d\d))?)[ ]+",
    re.ASCII,
)
_PATH_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)(?!\d)", re.ASCII)
_YEAR = re.compile(r"=\s*((?:19|20)\d\d)", re.ASCII)
_KEY = "year"
_SECONDS_A_DAY = 86_400
_NEW_YEAR_FROM, _NEW_YEAR_TO = 11, 2

Timed = tuple[float | None, str]


def without_time(text: str) -> str:
    """The line without the time at its front, if it has one.

    Args:
        text: The line.
    """
    found = _FRONT.match(text)
    return text[found.end() :] if found else text


class LogTimes:
    """Takes the time off the front of lines.

    Args:
        source: The log; takes notes.
        watch: Carries the year, if the user gave one.

    Attributes:
        undated: Lines whose year nothing tells.
    """

    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._given = _year_given(watch)
        self._not_after = None if self._given else _day_in_path(source.path)
        self._months: int | None = None
        self._midnights: dict[str, float | None] = {}
        self._has_no_offset = False
        self.undated = 0

    def split(self, text: str) -> Timed | None:
        """Give seconds since 1970 and the rest of the line.

        Args:
            text: The line.

        Returns:
            The seconds are None where nothing tells the year. None where the line begins with no possible time.
        """
        found = _FRONT.match(text)
        if found is None:
            return None
        rest = text[found.end() :]
        if epoch := found["epoch"]:
            seconds = parse_seconds(epoch)
            return None if seconds is None else (seconds, rest)
        if bare := found["bare_month"]:
            return self._by_month(bare, found["bare_day"], found["bare_clock"], found["bare_year"], rest)
        if found["iso"]:
            seconds = self._whole(found["iso"], found["iso_clock"])
            offset = _offset(found["offset"])
            self._has_no_offset |= found["offset"] is None
        else:
            month = _MONTHS.index(found["month"]) + 1
            seconds = self._whole(f"{found['year']}-{month:02}-{int(found['day']):02}", found["clock"])
            offset = 0
            self._has_no_offset = True
        if seconds is None or not seconds - offset >= 0:
            return None
        return seconds - offset, rest

    def tell(self) -> None:
        """Note in coverage what is not known of the times."""
        if self.undated:
            self._source.note(
                f"{self.undated} lines have no year and nothing tells it: what they say is not judged at its own day "
                "but as of the day of the report; give the year of the first line in beholden.toml "
                f'([columns."{self._source.path.rpartition("/")[2]}"], year = "=YYYY")'
            )
        elif self._not_after is not None and self._months is not None:
            self._source.note(
                f"lines have no year: taken as the last one that ends by {self._not_after} (from the path)"
            )
        if self._has_no_offset:
            self._source.note("times have no offset from UTC and are read as UTC: days may be off by the local offset")

    def _by_month(self, month_name: str, day: str, clock: str, printed: str | None, rest: str) -> Timed | None:
        month, self._has_no_offset = _MONTHS.index(month_name) + 1, True
        year = int(printed) if printed else self._year_of(month, int(day))
        if year is None:
            # 2000 was a leap year: this only asks whether the day exists.
            if self._whole(f"2000-{month:02}-{int(day):02}", clock) is None:
                return None
            self.undated += 1
            return None, rest
        seconds = self._whole(f"{year}-{month:02}-{int(day):02}", clock)
        return None if seconds is None or seconds < 0 else (seconds, rest)

    def _year_of(self, month: int, day: int) -> int | None:
        before, self._months = self._months, month
        if self._given is not None:
            # Logs run forward; the year turns where December is followed by January.
            if before is not None and before >= _NEW_YEAR_FROM and month <= _NEW_YEAR_TO:
                self._given += 1
            elif before is not None and before <= _NEW_YEAR_TO and month >= _NEW_YEAR_FROM:
                self._given -= 1
            return self._given
        if self._not_after is None:
            return None
        bound = self._not_after
        return bound.year if (month, day) <= (bound.month, bound.day) else bound.year - 1

    def _whole(self, day: str, clock: str) -> float | None:
        midnight = self._midnights.get(day)
        if midnight is None:
            try:
                start = datetime.fromisoformat(day).replace(tzinfo=UTC)
            except ValueError:
                return None
            if len(self._midnights) > 1000:
                self._midnights.clear()
            midnight = self._midnights[day] = start.timestamp()
        hour, minute, second = int(clock[:2]), int(clock[3:5]), float(clock[6:].replace(",", "."))
        seconds = hour * 3600 + minute * 60 + second
        return midnight + seconds if seconds <= _SECONDS_A_DAY else None


def _offset(text: str | None) -> int:
    if text is None or text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if text[0] == "-" else 1)


def _year_given(watch: Watch) -> int | None:
    found = _YEAR.fullmatch(watch.columns.get(_KEY, ""))
    return int(found[1]) if found else None


def _day_in_path(path: str) -> date | None:
    """The last date in the file's name, else the one that its folder is named by, and a day more.

    A log that is rotated after midnight is named by the new day. Folders further up may be named by anything.
    """
    *_, folder, name = ("", *path.split("/"))
    whole = _PATH_DATE.fullmatch(folder)
    for year, month, day in [*reversed(_PATH_DATE.findall(name)), *([whole.groups()] if whole else [])]:
        try:
            return date(int(year), int(month), int(day)) + timedelta(days=1)
        except (ValueError, OverflowError):
            continue
    return None
