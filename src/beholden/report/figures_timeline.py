"""The timeline as a picture: what happened and when it was known, one row per kind of thing, the same time for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from beholden.report.figures import box, clipped, label, line, number, picture, shape
from beholden.report.wording import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.schema.timeline import TimelineRow

LANES = ("happened", "known")
LANE_NAMES = {"happened": "Happened", "known": "Known to the public"}

# Same size for each: an answer must not be smaller than what it answers.
KINDS = {
    "own": "Your own acts",
    "listing": "Listings",
    "rule": "Rules, suspensions, stays",
    "allegation": "Allegations",
    "denial": "Denials",
    "other": "Other events and statements",
}
_KIND_OF = {
    "own_act": "own",
    "designation": "listing",
    "delisting": "listing",
    "edition": "listing",
    "consequence": "rule",
    "suspension": "rule",
    "stay": "rule",
    "stop": "rule",
    "allegation": "allegation",
    "denial": "denial",
}
_WIDTH = 960.0
_LEFT, _RIGHT = 216.0, 24.0
_ROW = 30.0
_RADIUS = 7.0
_APART = 23.0  # markers nearer than this become one with their number
_SHIFT = 7.0  # what keeps that one clear of its neighbours
_FEW_YEARS = 2
_MOST_TICKS = 12
_DAYS_A_YEAR = 366


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        span = (self.last - self.first).days or 1
        inner = _WIDTH - _LEFT - _RIGHT
        return _LEFT + inner * min(max((day - self.first).days / span, 0.0), 1.0)


def kind_of(row: TimelineRow) -> str:
    """Return the row of the picture that an entry stands in."""
    return _KIND_OF.get(row.type, "other")


def has_dates(rows: Sequence[TimelineRow]) -> bool:
    """Return whether anything can be placed in time."""
    return any(_day(row.date) is not None for row in rows)


def timeline_picture(rows: Sequence[TimelineRow], ident: str, as_of: str, about: str) -> str:
    """Draw a timeline; entries close to each other become one marker that says how many.

    Args:
        rows: At least one of them with a date.
        ident: Unique stem of ids.
        as_of: The date asked, drawn as a line.
        about: Whom it is about.
    """
    dated = [(day, row) for row in rows if (day := _day(row.date)) is not None]
    asked = _day(as_of) or max(day for day, _ in dated)
    scale = _Scale(min(min(day for day, _ in dated), asked - timedelta(days=90)), max(asked, max(d for d, _ in dated)))
    parts: list[str] = []
    y = 26.0
    for lane in LANES:
        kinds = _kinds_in(dated, lane)
        height = _ROW * len(kinds) + 26
        parts.append(box(0, y, _WIDTH, height, "lane"))
        parts.append(label(10, y + 18, LANE_NAMES[lane], "lane-name"))
        y += 24
        for kind in kinds:
            middle = y + _ROW / 2
            parts.append(label(10, middle + 5, KINDS[kind]))
            parts.append(line(_LEFT, middle, _WIDTH - _RIGHT, middle, "rail"))
            own = [(day, row) for day, row in dated if row.lane == lane and kind_of(row) == kind]
            parts += _spans(own, scale, middle)
            parts += _markers(own, scale, middle, kind)
            y += _ROW
        y += 10
    ticks = [tick for tick in _ticks(scale) if scale.x(tick[0]) < _WIDTH - _RIGHT - _SHIFT]
    grid = [line(scale.x(day), 22, scale.x(day), y - 6, "grid") for day, _ in ticks]
    names = [label(scale.x(day), 16, text, "tick", "middle") for day, text in ticks]
    asked_at = scale.x(asked)
    grid.append(line(asked_at, 22, asked_at, y + 2, "now"))
    names.append(label(asked_at, y + 16, f"as of {as_of}", "tick", "end"))
    size = (_WIDTH, y + 24)
    return picture(ident, size, f"Timeline: {about}", _description(dated), [*_behind(parts, grid), *names])


def _behind(parts: list[str], grid: list[str]) -> list[str]:
    """Lanes first, then the grid, then what stands on it."""
    lanes = [part for part in parts if 'class="lane"' in part]
    return [*lanes, *grid, *(part for part in parts if 'class="lane"' not in part)]


def _kinds_in(dated: list[tuple[date, TimelineRow]], lane: str) -> list[str]:
    found = {kind_of(row) for _, row in dated if row.lane == lane}
    if found.intersection({"allegation", "denial"}):
        found |= {"allegation", "denial"}  # an empty row says that there is nothing on file
    return [kind for kind in KINDS if kind in found]


def _spans(own: list[tuple[date, TimelineRow]], scale: _Scale, middle: float) -> Iterator[str]:
    for day, row in own:
        until = _day(row.until)
        if row.type in ("suspension", "stay", "stop") and until is not None and until > day:
            start, end = scale.x(day), scale.x(until)
            yield box(
                start, middle - 4, max(end - start, 2), 8, "span", f"{words(row.type)}, {row.date} to {row.until}"
            )


def _markers(own: list[tuple[date, TimelineRow]], scale: _Scale, middle: float, kind: str) -> Iterator[str]:
    group: list[tuple[date, TimelineRow]] = []
    for day, row in sorted(own, key=lambda pair: pair[0]):
        if group and scale.x(day) - scale.x(group[0][0]) > _APART:
            yield _marker(group, scale, middle, kind)
            group = []
        group.append((day, row))
    if group:
        yield _marker(group, scale, middle, kind)


def _marker(group: list[tuple[date, TimelineRow]], scale: _Scale, middle: float, kind: str) -> str:
    first, last = group[0][1], group[-1][1]
    x = scale.x(group[0][0])
    if len(group) == 1:
        return shape(_outline(kind, x, middle), f"mark-{kind}", f"{first.date}: {clipped(first.text, 140)}")
    when = first.date if first.date == last.date else f"{first.date} to {last.date}"
    x = min(x + _SHIFT, max(x, _WIDTH - _RIGHT))  # never later than the last day
    half = 8.0 + 3.5 * (len(str(len(group))) - 1)
    pill = box(x - half, middle - 9, 2 * half, 18, f"mark-{kind} many", f"{len(group)} entries, {when}")
    return pill + label(x, middle + 4.5, str(len(group)), "many-count", "middle")


def _outline(kind: str, x: float, y: float) -> str:
    """A shape per kind, so that colour alone says nothing."""
    r = _RADIUS
    at = (number(x), number(y))
    if kind == "own":
        return f"M{number(x - r)} {number(y - r)}h{2 * r:g}v{2 * r:g}h-{2 * r:g}z"
    if kind == "listing":
        return f"M{at[0]} {number(y - r - 1)}l{r + 1:g} {r + 1:g}l-{r + 1:g} {r + 1:g}l-{r + 1:g} -{r + 1:g}z"
    if kind == "rule":
        return f"M{at[0]} {number(y - r)}l{r:g} {2 * r:g}h-{2 * r:g}z"
    if kind == "denial":
        return f"M{at[0]} {number(y + r)}l{r:g} -{2 * r:g}h-{2 * r:g}z"
    return f"M{number(x - r)} {at[1]}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 -{2 * r:g} 0z"


def _ticks(scale: _Scale) -> Iterator[tuple[date, str]]:
    years = scale.last.year - scale.first.year
    if years > _FEW_YEARS:
        every = -(-years // _MOST_TICKS)
        for year in range(scale.first.year + 1, scale.last.year + 1, every):
            yield date(year, 1, 1), str(year)
        return
    every = 1 if (scale.last - scale.first).days <= _DAYS_A_YEAR else 3
    for month in range(scale.first.year * 12 + scale.first.month, scale.last.year * 12 + scale.last.month, every):
        day = date(month // 12, month % 12 + 1, 1)
        yield day, day.isoformat()[:7]


def _description(dated: list[tuple[date, TimelineRow]]) -> str:
    said = []
    for lane in LANES:
        counts = [
            f"{KINDS[kind].lower()} {sum(row.lane == lane and kind_of(row) == kind for _, row in dated)}"
            for kind in _kinds_in(dated, lane)
        ]
        if counts:
            said.append(f"{LANE_NAMES[lane]}: {', '.join(counts)}")
    first, last = min(day for day, _ in dated), max(day for day, _ in dated)
    return f"{first} to {last}. {'. '.join(said)}. The table below has every entry."


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def symbol(kind: str) -> str:
    """Return the mark of a kind alone, for the legend."""
    return shape(_outline(kind, 9, 9), f"mark-{kind}")
