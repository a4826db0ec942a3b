"""Bars by month: what was paid, sent or received when."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from beholden.report.figures import box, label, line, picture
from beholden.report.tally import BYTES, is_currency, month_amount
from beholden.report.wording import amount, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.report.tally import MonthSeries

_WIDTH, _HEIGHT = 640.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 8.0, 26.0, 26.0
_MOST_LABELS = 12
_STEPS = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))


def months_picture(series: MonthSeries, ident: str) -> str:
    """Draw a series; months without a recorded act stay empty, credits hang below the line."""
    months = list(_every_month(series.months[0][0], series.months[-1][0]))
    values = dict(series.months)
    high = max([*values.values(), Decimal(0)])
    low = min([*values.values(), Decimal(0)])
    span = float(high - low) or 1.0
    plot = _HEIGHT - _TOP - _BOTTOM - (14.0 if low < 0 else 0.0)
    zero = _TOP + plot * float(high) / span
    step = (_WIDTH - _LEFT - _RIGHT) / len(months)
    every = -(-len(months) // _MOST_LABELS)
    parts = []
    for index, month in enumerate(months):
        middle = _LEFT + step * (index + 0.5)
        if index % every == 0:
            parts.append(label(middle, _HEIGHT - 8, month, "tick", "middle"))
        value = values.get(month)
        if value is None:
            continue
        height = max(abs(float(value)) / span * plot, 1.0)
        top = zero - height if value >= 0 else zero
        width = min(step * 0.62, 46.0)
        tip = f"{month}: {month_amount((value, series.unit))}"
        parts.append(box(middle - width / 2, top, width, height, "bar" if value >= 0 else "bar credit", tip))
        if len(months) <= _MOST_LABELS:
            at = top - 6 if value >= 0 else top + height + 13
            parts.append(label(middle, at, _short(value, series.unit), "value", "middle"))
    parts.append(line(_LEFT, zero, _WIDTH - _RIGHT, zero, "axis"))
    return picture(ident, (_WIDTH, _HEIGHT), f"{measure(series)} by month", _description(series), parts)


def measure(series: MonthSeries) -> str:
    """Return what a series measures: `USD paid`, `Bytes received`, `Queries`."""
    what = words(series.what)
    if series.unit == BYTES:
        return f"Data {what}"
    return f"{series.unit} {what}" if is_currency(series.unit) else what.capitalize()


def _description(series: MonthSeries) -> str:
    peak, value = max(series.months, key=lambda pair: pair[1])
    first, last = series.months[0][0], series.months[-1][0]
    when = f"in {first}" if first == last else f"from {first} to {last}"
    return (
        f"{month_amount((series.total, series.unit))} {when}; the highest month is {peak} "
        f"with {month_amount((value, series.unit))}. The table beside it has every month."
    )


def _every_month(first: str, last: str) -> Iterator[str]:
    year, month = int(first[:4]), int(first[5:7])
    while (current := f"{year:04d}-{month:02d}") <= last:
        yield current
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _short(value: Decimal, unit: str) -> str:
    if unit == BYTES:
        return month_amount((value, unit))
    for size, name in _STEPS:
        if abs(value) >= size:
            return f"{amount(str(round(value / size, 1)))} {name}"
    return amount(str(round(value)))
