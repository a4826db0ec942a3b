from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.scan.money.dates import DayOrder, UnreadableDateError, read_date


@pytest.mark.parametrize(
    ("text", "is_day_first", "expected"),
    [
        pytest.param("2026-03-04", True, date(2026, 3, 4), id="ISO whatever the column"),
        pytest.param("2026-03-04T23:59:59Z", False, date(2026, 3, 4), id="ISO with time"),
        pytest.param("20260304", False, date(2026, 3, 4), id="ISO basic"),
        pytest.param("2026/3/4", True, date(2026, 3, 4), id="year first with slashes"),
        pytest.param("2026年3月4日", False, date(2026, 3, 4), id="Chinese"),
        pytest.param("3/4/2026", False, date(2026, 3, 4), id="month first"),
        pytest.param("3/4/2026", True, date(2026, 4, 3), id="day first"),
        pytest.param("3/14/2026", True, date(2026, 3, 14), id="over twelve decides for itself"),
        pytest.param("03.04.2026", False, date(2026, 4, 3), id="points are day first"),
        pytest.param("3/4/26 00:00", False, date(2026, 3, 4), id="two-digit year and time"),
        pytest.param("4-Mar-2026", False, date(2026, 3, 4), id="named month"),
        pytest.param("March 4th, 2026", True, date(2026, 3, 4), id="named month first"),
    ],
)
def test_dates_are_read_as_printed(text: str, is_day_first: bool, expected: date) -> None:
    assert read_date(text, is_day_first=is_day_first) == expected


@pytest.mark.parametrize(
    "text", ["", "45231", "2026-02-30", "6/31/2026", "13/13/2026", "1/1/1899", "0001-01-01", "soon", "4-Foo-2026"]
)
def test_what_is_no_date_is_an_error(text: str) -> None:
    with pytest.raises(UnreadableDateError):
        read_date(text, is_day_first=False)


@pytest.mark.parametrize(
    ("column", "is_day_first"),
    [
        pytest.param(["3/4/2026", "14/4/2026"], True, id="a first number over twelve"),
        pytest.param(["3/4/2026", "4/14/2026"], False, id="a second number over twelve"),
        pytest.param(["3/4/2026"], False, id="nothing tells"),
    ],
)
def test_the_whole_column_tells_its_order(column: list[str], is_day_first: bool) -> None:
    order = DayOrder()
    for text in column:
        order.learn(text)
    assert order.is_day_first is is_day_first


@given(st.text(max_size=25))
def test_any_text_is_a_date_or_an_unreadable_one(text: str) -> None:
    try:
        assert 1900 <= read_date(text, is_day_first=False).year <= 2100
    except UnreadableDateError:
        return
