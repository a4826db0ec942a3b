"""A listing of which only our first copy is known: every output says by when, and none tells that day as the day."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from functools import cache

import pytest
from msgspec.structs import replace
from tests.builders import (
    day,
    findings,
    make_consequence,
    make_designation,
    make_edition,
    make_entry,
    make_payment,
    make_regime,
    tiny_kb,
)
from tests.builders_result import make_result
from tests.rendering import parts_of, rendered

from beholden.kb.base import KnowledgeBase
from beholden.policy.claims import ClaimsOnFile
from beholden.policy.timeline import timeline_of
from beholden.report.csv import CsvReport
from beholden.report.dossier import render_dossier
from beholden.report.explanation import render_explanation
from beholden.report.ftm import FtmReport
from beholden.report.html import HtmlReport
from beholden.report.interface import Report
from beholden.report.json import JsonReport
from beholden.report.markdown import MarkdownReport
from beholden.report.registry import REPORTS
from beholden.report.sarif import SarifReport
from beholden.report.terminal import render_terminal
from beholden.run.dossier import show
from beholden.schema.assessment import Assessment
from beholden.schema.result import ScanResult

FIRST, LAST, AS_OF = "2026-03-01", "2026-06-01", "2026-07-01"
_SINCE = "since 2026-03-01 at the latest"
# A sentence that tells the day of the first copy as the day of the listing.
_AS_FACT = re.compile(rf"(?:since|on|By|by) {FIRST}(?! at the latest)(?!\w)")


def base(*, is_latest: bool = True) -> KnowledgeBase:
    regime = make_regime(covered_from=day(FIRST), checked_until=day(AS_OF), title="A List", issuer="An Office")
    states = [make_edition(on, is_copy=True) for on in (FIRST, LAST)]
    entry = make_designation("acme", FIRST, LAST, is_start_latest=is_latest, is_end_latest=is_latest)
    return tiny_kb(regime, *states, make_consequence(), make_entry("acme", FIRST), entry)


@cache
def result(*, is_latest: bool = True) -> ScanResult:
    kb = base(is_latest=is_latest)
    found = findings(kb, make_payment("Acme", FIRST), as_of=AS_OF)
    on_file = ClaimsOnFile(kb, day(AS_OF), None)
    timeline = timeline_of(kb, found, on_file, as_of=day(AS_OF), known_at=None)
    return replace(make_result(found), as_of=AS_OF, timeline=timeline)


@cache
def still_there() -> ScanResult:
    """The same party where the last copy prints it, too: what a reader meets most."""
    regime = make_regime(covered_from=day(FIRST), checked_until=day(AS_OF), title="A List", issuer="An Office")
    states = [make_edition(on, is_copy=True) for on in (FIRST, LAST)]
    entries = [make_entry("acme", on) for on in (FIRST, LAST)]
    kb = tiny_kb(regime, *states, *entries, make_consequence(), make_designation("acme", FIRST, is_start_latest=True))
    return replace(make_result(findings(kb, make_payment("Acme", LAST), as_of=LAST)), as_of=LAST)


def _terminal(result: ScanResult) -> str:
    out = io.StringIO()
    render_terminal(result, out, colour=False, width=None)
    return out.getvalue()


_OUTPUTS: dict[str, Callable[[ScanResult], str]] = {
    "terminal": _terminal,
    "explain": lambda result: render_explanation(result.findings[0], result),
    **{
        report.name: lambda result, report=report: parts_of(report, Assessment(result))[""].decode()  # type: ignore[misc]
        for report in REPORTS
        if report.name != "parquet"  # columns only: see the field below
    },
}


@pytest.mark.parametrize("output", _OUTPUTS)
def test_every_output_of_a_standing_listing_says_by_when(output: str) -> None:
    text = _OUTPUTS[output](still_there())
    assert _SINCE in text
    assert _AS_FACT.findall(text) == []


@pytest.mark.parametrize(
    ("report", "words"),
    [
        pytest.param(
            HtmlReport(), ("since 2026-03-01 at the latest", "Listed on A List by this day at the latest"), id="html"
        ),
        pytest.param(MarkdownReport(), (), id="markdown"),
        pytest.param(SarifReport(), (_SINCE,), id="sarif"),
        pytest.param(FtmReport(), (_SINCE,), id="ftm"),
    ],
)
def test_a_report_says_by_when(report: Report, words: tuple[str, ...]) -> None:
    text = rendered(report, result()).decode()
    assert [one for one in words if one not in text] == []
    assert _AS_FACT.findall(text) == []


def test_the_terminal_and_the_explanation_say_by_when() -> None:
    (finding,) = result().findings
    explained, out = render_explanation(finding, result()), io.StringIO()
    render_terminal(result(), out, colour=False, width=None)
    for text in (explained, out.getvalue()):
        assert _AS_FACT.findall(text) == []
    assert "since 2026-03-01 at the latest" in explained


def test_show_says_by_when_it_came_and_left() -> None:
    text = render_dossier(show(base(), "acme", as_of=day(AS_OF), known_at=None))
    assert "since 2026-03-01 at the latest until 2026-06-01 at the latest" in text
    assert "Listing on A List published by this day at the latest" in text
    assert "No longer on A List by this day at the latest" in text


def test_documents_and_tables_say_so_in_a_field() -> None:
    document = json.loads(rendered(JsonReport(), result()))
    listing = document["findings"][0]["listing"]
    assert (listing["since"], listing["since_is_latest"]) == (FIRST, True)
    shown = show(base(), "acme", as_of=day(AS_OF), known_at=None).listings[0]
    assert (shown.since_is_latest, shown.until_is_latest) == (True, True)
    table = parts_of(CsvReport(), Assessment(result()))[""].decode()
    assert [row["listed_since_is_latest"] for row in csv.DictReader(io.StringIO(table))] == ["true"]


def test_a_printed_day_is_told_as_one() -> None:
    text = rendered(HtmlReport(), result(is_latest=False)).decode()
    assert "at the latest" not in text
    assert "since 2026-03-01" in text
    document = json.loads(rendered(JsonReport(), result(is_latest=False)))
    assert document["findings"][0]["listing"]["since_is_latest"] is False


def test_ftm_gives_no_date_that_is_only_a_bound() -> None:
    entities = [json.loads(line) for line in rendered(FtmReport(), result()).decode().splitlines()]
    (sanction,) = [one for one in entities if one["schema"] == "Sanction"]
    assert not {"listingDate", "startDate"} & sanction["properties"].keys()
