from __future__ import annotations

from decimal import Decimal
from typing import Any

import lxml.etree
import pytest
from tests.builders_report import make_row

from beholden.report.figures import clipped
from beholden.report.figures_months import measure, months_picture
from beholden.report.figures_stakes import has_stakes, share, stakes_picture
from beholden.report.figures_timeline import has_dates, kind_of, timeline_picture
from beholden.report.tally import MonthSeries
from beholden.schema.result import Arithmetic, Term
from beholden.schema.timeline import TimelineRow

HOSTILE = "</title><script>alert(1)</script>\u202e"


def _tree(markup: str) -> Any:
    return lxml.etree.fromstring(markup)  # well-formed, or it raises


def _found(tree: Any, kind: str) -> list[Any]:
    return [item for item in tree.iter() if kind in (item.get("class") or "").split()]


def _texts(tree: Any) -> list[str]:
    return [item.text for item in tree.iter("text")]


def _number(item: Any, name: str) -> float:
    return float(item.get(name))


def _series(months: dict[str, str], unit: str = "EUR", what: str = "paid") -> MonthSeries:
    return MonthSeries(unit, what, [(month, Decimal(amount)) for month, amount in months.items()])


def _arithmetic(terms: list[Term], **changes: Any) -> Arithmetic:
    return Arithmetic(
        **(
            {"rule": "fifty", "threshold": "50", "low": "47", "high": "58", "outcome": "unknown", "terms": terms}
            | changes
        )
    )


def _timeline(rows: list[TimelineRow], as_of: str = "2026-08-01") -> Any:
    return _tree(timeline_picture(rows, "t", as_of, "Acme"))


def test_picture_has_a_role_a_title_and_a_description() -> None:
    tree = _tree(months_picture(_series({"2026-01": "5", "2026-02": "9"}), "m"))
    assert tree.get("role") == "img"
    names = {item.get("id"): item.text for item in tree if item.get("id")}
    assert tree.get("aria-labelledby").split() == list(names)
    assert names["m-t"] == "EUR paid by month"
    assert names["m-d"].startswith("14 EUR from 2026-01 to 2026-02; the highest month is 2026-02 with 9 EUR.")


def test_bars_are_as_high_as_their_amounts() -> None:
    bars = _found(_tree(months_picture(_series({"2026-01": "50", "2026-02": "100"}), "m")), "bar")
    assert _number(bars[1], "height") == pytest.approx(2 * _number(bars[0], "height"), rel=0.02)


def test_month_without_an_act_keeps_its_place_over_a_new_year() -> None:
    tree = _tree(months_picture(_series({"2025-11": "5", "2026-02": "9"}), "m"))
    assert [text for text in _texts(tree) if text.startswith("202")] == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert len(_found(tree, "bar")) == 2


def test_credit_hangs_below_the_line() -> None:
    tree = _tree(months_picture(_series({"2026-01": "100", "2026-02": "-20"}), "m"))
    [axis] = _found(tree, "axis")
    [credit] = _found(tree, "credit")
    assert _number(credit, "y") == pytest.approx(_number(axis, "y1"), abs=0.2)


def test_measure_is_named_in_words() -> None:
    assert measure(_series({}, "By", "received")) == "Data received"
    assert measure(_series({}, "1", "queries")) == "Queries"


def test_stakes_end_where_the_shares_end_and_the_threshold_stands_at_its_place() -> None:
    terms = [Term(owner="A", owned="X", low="40", high="40"), Term(owner="B", owned="X", low="7", high="18")]
    tree = _tree(stakes_picture(_arithmetic(terms), "s", "X"))
    rail = _found(tree, "rail")[0]
    left, width = _number(rail, "x"), _number(rail, "width")
    assert [_number(bar, "width") / width for bar in _found(tree, "stake")] == pytest.approx(
        [0.4, 0.07, 0.47], abs=0.01
    )
    assert [_number(bar, "width") / width for bar in _found(tree, "maybe")] == pytest.approx([0.11, 0.11], abs=0.01)
    [threshold] = _found(tree, "threshold")
    assert _number(threshold, "x1") == pytest.approx(left + width / 2, abs=0.2)
    assert "47 to 58 %" in _texts(tree)


def test_holder_of_a_holder_stands_below_it() -> None:
    terms = [Term(owner="Top", owned="Mid", low="60", high="60"), Term(owner="Mid", owned="X", low="51", high="51")]
    tree = _tree(stakes_picture(_arithmetic(terms), "s", "X"))
    at = {item.text: (_number(item, "x"), _number(item, "y")) for item in tree.iter("text")}
    assert at["Mid"][1] < at["Top"][1]
    assert at["Mid"][0] < at["Top"][0]


def test_holders_in_a_circle_are_all_drawn_once() -> None:
    terms = [Term(owner="A", owned="B", low="10", high="10"), Term(owner="B", owned="A", low="20", high="20")]
    tree = _tree(stakes_picture(_arithmetic(terms), "s", "X"))
    assert [text for text in _texts(tree) if text in ("A", "B")] == ["A", "B"]


def test_control_without_a_share_is_not_drawn_as_one() -> None:
    assert not has_stakes(_arithmetic([Term(owner="A", owned="X", low=None, high=None)]))
    assert not has_stakes(None)
    assert share(None, None) == "not stated"


@pytest.mark.parametrize("threshold", ["> 50 %", "50", "≥ 50"])
def test_threshold_is_drawn_however_it_is_written(threshold: str) -> None:
    term = Term(owner="A", owned="X", low="33", high="33")
    assert _found(_tree(stakes_picture(_arithmetic([term], threshold=threshold), "s", "X")), "threshold")


def test_denial_is_as_large_as_an_allegation_and_of_another_shape() -> None:
    tree = _timeline([make_row("2026-01-01", "allegation", "x"), make_row("2026-02-01", "denial", "y")])
    [said], [denied] = (_found(tree, f"mark-{kind}") for kind in ("allegation", "denial"))
    assert " 14 0a" in said.get("d")  # the diameter of a circle
    assert "h-14z" in denied.get("d")  # the side of a triangle


def test_row_for_denials_stands_empty_where_none_is_on_file() -> None:
    assert "Denials" in _texts(_timeline([make_row("2026-01-01", "allegation", "x")]))


def test_own_acts_stand_in_the_lane_of_what_happened() -> None:
    tree = _timeline(
        [make_row("2026-01-01", "own_act", "paid"), make_row("2026-02-01", "designation", "l", lane="known")]
    )
    at = {item.text: _number(item, "y") for item in tree.iter("text")}
    assert at["Happened"] < at["Your own acts"] < at["Known to the public"] < at["Listings"]


def test_time_runs_evenly_from_left_to_right() -> None:
    rows = [make_row(day, "designation", day) for day in ("2020-01-01", "2022-01-01", "2026-01-01")]
    marks = _found(_timeline(rows, as_of="2026-01-01"), "mark-listing")
    x = [float(mark.get("d").split()[0].strip("M")) for mark in marks]
    assert (x[1] - x[0]) / (x[2] - x[0]) == pytest.approx(1 / 3, abs=0.01)


def test_entries_close_together_become_one_mark_with_their_number() -> None:
    rows = [make_row("2020-01-01", "event", "first")] + [make_row(f"2026-01-0{day}", "event", "x") for day in (1, 2, 3)]
    tree = _timeline(rows)
    assert [text for text in _texts(tree) if text == "3"] == ["3"]
    assert len(_found(tree, "mark-other")) == 2


def test_large_timeline_stays_small() -> None:
    rows = [make_row(f"{2000 + n % 27}-{n % 12 + 1:02d}-{n % 28 + 1:02d}", "event", "x" * 100) for n in range(5000)]
    assert len(timeline_picture(rows, "t", "2026-08-01", "Acme")) < 20_000


def test_suspension_is_drawn_over_its_span() -> None:
    row = make_row("2025-01-01", "suspension", "s", until="2026-01-01")
    tree = _timeline([make_row("2024-01-01", "designation", "l"), row], as_of="2026-01-01")
    [span] = _found(tree, "span")
    assert _number(span, "width") == pytest.approx((960 - 216 - 24) / 2, rel=0.01)


def test_entry_without_a_readable_date_is_left_to_the_table() -> None:
    rows = [make_row("some day", "event", "x")]
    assert not has_dates(rows)
    assert len(_found(_timeline([*rows, make_row("2026-01-01", "event", "y")]), "mark-other")) == 1


def test_unknown_type_is_another_event() -> None:
    assert kind_of(make_row("2026-01-01", "a later word", "x")) == "other"


@pytest.mark.parametrize(
    "markup",
    [
        timeline_picture([make_row("2026-01-01", "event", HOSTILE)], "t", HOSTILE, HOSTILE),
        stakes_picture(_arithmetic([Term(owner=HOSTILE, owned=HOSTILE, low="1", high=HOSTILE)]), "s", HOSTILE),
        months_picture(_series({"2026-01": "1"}, HOSTILE, HOSTILE), "m"),
    ],
    ids=["timeline", "stakes", "months"],
)
def test_hostile_text_stays_text(markup: str) -> None:
    assert not list(_tree(markup).iter("script"))
    assert "\u202e" not in markup


def test_clipped_text_counts_wide_characters_twice() -> None:
    assert clipped("阿里云计算有限公司", 9) == "阿里云计…"
    assert clipped("short", 9) == "short"
