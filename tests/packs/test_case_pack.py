"""The case pack keeps words, answers and listings apart, and agrees with the hand-kept oracle of the case."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from beholden.compile import core_packs
from beholden.compile.packs import read_packs
from beholden.schema.rows import ClaimRow, Event, SourceRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

ORACLE: dict[str, Any] = tomllib.loads(
    (Path(__file__).resolve().parents[1] / "oracle" / "seed_case.toml").read_text(encoding="utf-8")
)
PREFIX: str = ORACLE["id_prefix"]

_ROWS = [item.row for item in read_packs(core_packs() / "claims")]
CLAIMS = [row for row in _ROWS if isinstance(row, ClaimRow) and row.id.startswith(PREFIX)]
EVENTS = [row for row in _ROWS if isinstance(row, Event) and row.id.startswith(PREFIX)]
RECORD: list[ClaimRow | Event] = [*CLAIMS, *EVENTS]
SOURCES = {row.id: row for row in _ROWS if isinstance(row, SourceRow)}
ALLEGATIONS = [row for row in CLAIMS if row.type == "allegation"]
DENIALS = [row for row in CLAIMS if row.type == "denial"]

# Words by which a text would take a side instead of saying who said what.
VERDICTS = re.compile(
    r"\b(guilty|innocent|prove[dns]?|disprove[dn]?|proof|confirm(s|ed)? that|admit(s|ted)?|exposed?|reveal(s|ed)?"
    r"|debunk(s|ed)?|exonerate[ds]?|cleared of|truth is|caught|spied|lied|obviously|clearly|in reality)\b",
    re.IGNORECASE,
)
CASE_SIZE = Counter(allegation=5, assessment=5, event=4, denial=7)


def _day(row: dict[str, Any]) -> str:
    return f"{row['subject']}-{row['as_of']}-known-{row.get('known_at', 'all')}"


def _short(rows: Sequence[ClaimRow | Event]) -> set[str]:
    return {row.id.removeprefix(PREFIX) for row in rows}


def _on_file(subject: str, as_of: date, known_at: date | None) -> list[ClaimRow]:
    return [
        row
        for row in CLAIMS
        if subject in row.target_ids
        and row.reported_date is not None
        and row.reported_date <= as_of
        and row.is_known(known_at)
    ]


def test_the_case_has_every_claim_once() -> None:
    assert Counter(row.type for row in CLAIMS) == CASE_SIZE
    assert len({row.id for row in RECORD}) == len(RECORD)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda row: row.id)
def test_a_claim_exists_from_its_report_and_not_before(claim: ClaimRow) -> None:
    assert claim.reported_date is not None
    assert claim.published_at == claim.reported_date
    assert claim.document_date is None or claim.document_date <= claim.reported_date


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda row: row.id)
def test_a_claim_names_its_speaker_in_its_text_and_says_who_passed_it_on(claim: ClaimRow) -> None:
    assert claim.speaker.split()[0].strip(",").casefold() in claim.text.casefold()
    assert claim.reported_by
    assert claim.target_ids or "names no company" in (claim.note or "")


def test_every_answer_answers_something_on_file() -> None:
    known = {row.id for row in RECORD}
    answered = {target for row in CLAIMS for target in row.answers}
    assert answered <= known


@pytest.mark.parametrize("denial", DENIALS, ids=lambda row: row.id)
def test_every_denial_says_what_it_answers(denial: ClaimRow) -> None:
    assert denial.answers


@pytest.mark.parametrize("allegation", ALLEGATIONS, ids=lambda row: row.id)
def test_every_allegation_stands_with_its_caveat_its_gaps_and_both_answers(allegation: ClaimRow) -> None:
    answers = [row for row in DENIALS if allegation.id in row.answers]
    assert allegation.caveat == "unverified"
    assert allegation.gaps
    assert {row.speaker_id for row in answers} == {"alibaba", None}, "the company and its government both answered"
    assert all(set(row.target_ids) & set(allegation.target_ids) for row in answers)


def test_answers_run_from_denials_to_what_they_deny_only() -> None:
    assert not [row.id for row in CLAIMS if row.answers and row.type != "denial"]
    about_claims = {row.id for row in DENIALS for target in row.answers if target in {c.id for c in CLAIMS}}
    about_events = {row.id for row in DENIALS for target in row.answers if target in {e.id for e in EVENTS}}
    assert not about_claims & about_events, "an answer to the memorandum is no answer to a listing, and the reverse"


def test_no_listing_refers_to_an_allegation() -> None:
    memo = re.compile(re.escape(PREFIX) + r"c\d")
    assert not [row.id for row in EVENTS if row.regime_id is not None and memo.search(row.text)]
    assert not [row.id for row in ALLEGATIONS if PREFIX + "t" in f"{row.text} {row.note}"]


@pytest.mark.parametrize("row", RECORD, ids=lambda row: row.id)
def test_no_text_takes_a_side(row: ClaimRow | Event) -> None:
    note = row.note if isinstance(row, ClaimRow) else None
    assert not VERDICTS.search(f"{row.text} {note or ''}")


@pytest.mark.parametrize("row", RECORD, ids=lambda row: row.id)
def test_own_knowledge_is_graded_as_such(row: ClaimRow | Event) -> None:
    source = SOURCES.get(row.source_id or "")
    assert (row.grade == "K") == (source is not None and source.class_ == "own knowledge")


@pytest.mark.parametrize("event", EVENTS, ids=lambda row: row.id)
def test_an_event_is_known_from_a_stated_day(event: Event) -> None:
    assert event.published_at is not None
    # Only a step whose date a statute or a notice fixed before may be known ahead of it.
    assert event.published_at >= event.date or event.type in {"measure", "suspension"}


@pytest.mark.parametrize("row", ORACLE["rows"], ids=_day)
def test_claims_on_file_agree_with_the_oracle(row: dict[str, Any]) -> None:
    on_file = _on_file(row["subject"], row["as_of"], row.get("known_at"))
    assert _short([claim for claim in on_file if claim.caveat == "unverified"]) == set(row["unverified"])
    assert _short([claim for claim in on_file if claim.type == "denial"]) == set(row["denials"])


@pytest.mark.parametrize("row", ORACLE["rows"], ids=_day)
def test_events_on_file_agree_with_the_oracle(row: dict[str, Any]) -> None:
    on_file = _short(
        [
            event
            for event in EVENTS
            if row["subject"] in event.entity_ids and event.date <= row["as_of"] and event.is_known(row.get("known_at"))
        ]
    )
    assert set(row.get("events", [])) <= on_file
    assert not set(row.get("no_events", [])) & on_file
