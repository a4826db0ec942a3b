"""Comparisons for people: the answer first, a table that fits, both sides of what is contested; and the schemas."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.builders import core_kb
from tests.northport import EXAMPLE

from beholden.report.comparison import lines_of, render_comparison
from beholden.report.json import encode
from beholden.report.text import display_width
from beholden.run.compare import compare_dates
from beholden.run.hypothesis import Designate, Lift, Suspend, Wish
from beholden.run.job import Job
from beholden.run.whatif import what_if
from beholden.schema.comparison import Comparison, Supposition
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
    assert lines[at + 2] == "3 findings would no longer be prohibited: 2 devices, 1 query."


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
