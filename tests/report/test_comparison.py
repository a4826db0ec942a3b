"""Comparisons for people: the answer first, a table that fits, both sides of what is contested; and the schemas."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from msgspec.structs import replace
from tests.builders import core_kb
from tests.northport import EXAMPLE

from beholden.report.comparison import lines_of, render_comparison
from beholden.report.json import encode
from beholden.report.text import display_width
from beholden.run.compare import compare_dates
from beholden.run.hypothesis import Designate, Lift, Suspend, Wish
from beholden.run.job import Job
from beholden.run.whatif import what_if
from beholden.schema.comparison import Comparison, LevelImpact, Supposition
from beholden.schema.result import Quantity
from beholden.schema.version import REPORT_SCHEMA

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
DAY = date(2026, 8, 1)
JOB = Job(paths=(str(EXAMPLE),), as_of=DAY)
WISHES: dict[str, tuple[Wish, ...]] = {
    "sanctions": (Designate(entity="alibaba", regime="us-ofac-sdn", on=DAY),),
    "lift": (Lift(entity="hikvision", regime="us-889", on=DAY),),
    "rest": (Suspend(target="us-889-b", since=DAY, until=date(2027, 1, 1)),),
    "nothing": (Lift(entity="alibaba", regime="us-889", on=DAY),),
}


@cache
def supposition(name: str) -> Supposition:
    return what_if(JOB, WISHES[name], core_kb()).document


@cache
def comparison() -> Comparison:
    return compare_dates(JOB, date(2026, 6, 1), DAY).document


def documents() -> list[Comparison | Supposition]:
    return [*(supposition(name) for name in WISHES), comparison()]


def shown(document: Comparison | Supposition, width: int | None = 80, *, colour: bool = False) -> str:
    out = io.StringIO()
    render_comparison(document, out, colour=colour, width=width)
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for document in documents():
        assert [line for line in shown(document, width).splitlines() if display_width(line) > width] == []


def test_the_answer_comes_before_everything_else() -> None:
    lines = shown(supposition("lift"), None).splitlines()
    at = lines.index("")
    assert lines[at + 1].startswith("If Hangzhou Hikvision Digital Technology Co., Ltd. is on us-889 no longer")
    assert (
        lines[at + 2] == "3 findings would no longer be prohibited: 2 devices; what was done while it applied stays: "
        "1 query, 16.3 kB received, 79.9 kB sent."
    )


def test_what_rests_can_come_back() -> None:
    assert "can come back, first on 2027-01-01." in shown(supposition("rest"), None)


def test_a_hypothesis_without_an_effect_says_so() -> None:
    text = shown(supposition("nothing"), None)
    assert "this changes nothing: no entry of it is known to us" in text
    assert "Nothing in these records would change." in text


def test_a_rule_in_force_is_told_with_its_sums_and_what_was_done_before() -> None:
    text = shown(supposition("sanctions"), None)
    assert "In force at once: us-ofac-blocking." in text
    assert "30,073.18 USD paid" in text
    assert "(all done before it applied)" in text


def test_a_rule_that_does_not_bear_says_why() -> None:
    assert "it binds us-federal-grantee, not a role of ours." in shown(comparison(), None)


def test_claims_come_with_their_answers() -> None:
    contested = [row for row in comparison().added if row.claims]
    assert contested
    assert "attributed claims: 6, answers on file: 4" in shown(comparison(), None)
    held = {claim.id for claim in comparison().claims}
    assert {one for row in contested for one in row.claims} <= held
    assert {one for claim in comparison().claims for one in claim.answered_by} <= held


def test_colours_mark_levels_and_only_on_request() -> None:
    assert "\x1b[1;31m" in shown(supposition("sanctions"), colour=True)
    assert "\x1b" not in shown(supposition("sanctions"))


def test_what_was_not_read_stands_beside_the_answer() -> None:
    assert "not read whole: finance/vendor-payments-2026.csv" in shown(supposition("lift"), None)


@pytest.mark.parametrize("name", ["diff", "whatif"])
def test_documents_validate(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}-{REPORT_SCHEMA}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for document in documents():
        if document.command == name:
            told = json.loads(encode(document))
            assert list(validator.iter_errors(told)) == []
            assert not validator.is_valid({key: value for key, value in told.items() if key != "impact"})


def test_a_line_has_both_sides_of_a_change_and_one_of_the_rest() -> None:
    lines = [json.loads(line) for line in lines_of(comparison()).splitlines()]
    assert {(line["change"], line["before"] is None, line["after"] is None) for line in lines} == {
        ("added", True, False),
        ("changed", False, False),
    }


def level_row(**changes: Any) -> LevelImpact:
    values: dict[str, Any] = {"change": "touched", "level": "prohibited", "findings": 1, "impact": []}
    return LevelImpact(**(values | changes))


def eur(amount: str) -> list[Quantity]:
    return [Quantity(amount=amount, unit="EUR", what="paid")]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"impact": eur("9"), "done_before": eur("9")},
            "1 finding is newly prohibited: 9 EUR paid (all done before it",
        ),
        (
            {"impact": eur("9"), "done_before": eur("4")},
            "newly prohibited: 9 EUR paid (4 EUR paid of it before it applied)",
        ),
        # 50 EUR were credited after.
        ({"impact": eur("250"), "done_before": eur("300")}, ": 250 EUR paid (300 EUR paid before it applied)."),
        ({"change": "freed"}, "1 finding is no longer prohibited."),
        ({"change": "freed", "findings": 2}, "2 findings are no longer prohibited."),
        ({"change": "freed", "kept": eur("7")}, "prohibited; what was done while it applied stays: 7 EUR paid."),
    ],
)
def test_the_sentence_counts_and_tells_what_was_done_before(row: dict[str, Any], line: str) -> None:
    assert line in shown(replace(comparison(), by_level=[level_row(**row)]), None)


def test_what_differs_and_is_still_reached_is_not_said_to_bear_on_nobody() -> None:
    changed = [row for row in supposition("lift").changed if row.after.level == "info"]
    document = replace(
        supposition("lift"), by_level=[], by_rule=[], changed=changed[:1], still={changed[0].id: ["Another Ltd"]}
    )
    text = shown(document, None)
    assert "1 finding differs, with what bears on you in all as it was." in text
    assert "still reached through Another Ltd" in text


def test_a_supposed_entry_s_rule_is_in_force_since_the_entry() -> None:
    text = shown(supposition("sanctions"), None)
    assert "in force since 1977" not in text
    assert f"us-ofac-blocking prohibited, in force since {DAY}" in text


def test_every_finding_is_shown_with_the_start_of_its_id() -> None:
    text = shown(supposition("lift"), None)
    assert all(row.id[:8] in text for row in supposition("lift").changed if row.before.level == "prohibited")


def test_a_day_that_our_records_do_not_reach_is_told_as_one() -> None:
    text = shown(replace(supposition("nothing"), judged_as_of="2028-01-01"), None)
    assert "a year or more before 2028-01-01 does not tell what stands then" in text
