"""A date between two copies of a list that lie far apart: every report says so, and none where they are close."""

from __future__ import annotations

import io

import pytest
from msgspec.structs import replace
from tests.builders import day, make_designation, make_edition, make_regime, tiny_kb
from tests.builders_result import make_result
from tests.rendering import rendered

from beholden.kb.base import KnowledgeBase
from beholden.report.html import HtmlReport
from beholden.report.interface import Report
from beholden.report.json import JsonReport
from beholden.report.markdown import MarkdownReport
from beholden.report.sarif import SarifReport
from beholden.report.terminal import render_terminal
from beholden.run.describe import describe
from beholden.schema.result import ScanResult

FIRST, SECOND, THIRD = "2022-04-22", "2026-08-06", "2026-08-20"


def base() -> KnowledgeBase:
    regime = make_regime(covered_from=day(FIRST), checked_until=day(THIRD))
    states = [make_edition(on, is_copy=True) for on in (FIRST, SECOND, THIRD)]
    return tiny_kb(regime, *states, make_designation("acme", FIRST))


def between(on: str, known_at: str | None = None) -> list[str] | None:
    known = None if known_at is None else day(known_at)
    (source,) = describe(base(), day(on), known).sources
    return source.between


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2022-04-21", None, id="before-the-first"),
        pytest.param(FIRST, None, id="on-the-first"),
        pytest.param("2022-04-23", [FIRST, SECOND], id="a-day-after-the-first"),
        pytest.param("2026-08-05", [FIRST, SECOND], id="a-day-before-the-second"),
        pytest.param(SECOND, None, id="on-the-second"),
        pytest.param("2026-08-10", None, id="two-weeks-are-ordinary"),
        pytest.param("2026-08-21", None, id="after-the-last"),
    ],
)
def test_a_date_between_copies_that_lie_far_apart_is_told(on: str, expected: list[str] | None) -> None:
    assert between(on) == expected


def test_who_could_not_know_the_later_copy_is_told_of_none() -> None:
    assert between("2024-05-03", known_at="2024-05-03") is None


def test_a_list_that_was_read_on_every_day_has_no_days_between() -> None:
    kb = tiny_kb(make_regime(covered_from=day(FIRST), checked_until=day(THIRD)), make_designation("acme", FIRST))
    assert [source.between for source in describe(kb, day("2024-05-03"), None).sources] == [None]


def result(on: str) -> ScanResult:
    return replace(make_result([]), as_of=on, kb=describe(base(), day(on), None))


@pytest.mark.parametrize(
    ("report", "told"),
    [
        pytest.param(None, "in neither: us-list (2022-04-22 and 2026-08-06)", id="terminal"),
        pytest.param(MarkdownReport(), "in neither: us-list (2022-04-22 and 2026-08-06)", id="markdown"),
        pytest.param(HtmlReport(), "no copy between 2022-04-22 and 2026-08-06", id="html"),
        pytest.param(SarifReport(), "between the copies of us-list of 2022-04-22 and 2026-08-06", id="sarif"),
        pytest.param(JsonReport(), '"between"', id="json"),
    ],
)
def test_every_report_says_so(report: Report | None, told: str) -> None:
    def text(on: str) -> str:
        if report is not None:
            return rendered(report, result(on)).decode()
        out = io.StringIO()
        render_terminal(result(on), out, colour=False, width=None)
        return out.getvalue()

    assert told in text("2024-05-03")
    assert "2022-04-22 and 2026-08-06" not in text("2026-08-10")
