from __future__ import annotations

import pytest
from tests.builders_result import ALIBABA, HIKVISION, make_consequence, make_finding

from beholden.report.agenda import clock, days_left, duties_of, questions_of
from beholden.schema.acceptance import Asked
from beholden.schema.result import Duty, Finding

AS_OF = "2026-08-01"


def _asking(finding_id: str, *asked: Asked, **changes: object) -> Finding:
    questions = [item.text for item in asked if item.answer is None]
    return make_finding(id=finding_id, level="review", asked=list(asked), questions=questions, **changes)


def _owing(*due: str | None, **changes: object) -> Finding:
    duties = [Duty(id=f"d-{day}", text="Report.", due=day) for day in due]
    return make_finding(consequences=[make_consequence(duties=duties)], **changes)


def test_one_question_for_many_findings_is_one() -> None:
    share = Asked(id="share", text="What share?")
    findings = [
        _asking("f-1", share, level_if_confirmed="restricted"),
        _asking("f-2", share, level_if_confirmed="prohibited", operator=ALIBABA),
    ]
    [question], answered = questions_of(findings)
    assert question.parties == [HIKVISION.id, ALIBABA.id]
    assert question.confirmed == "prohibited"
    assert answered == []


def test_one_text_asked_under_several_rules_and_artefacts_is_one_question_with_its_ids() -> None:
    asked = [Asked(id=one, text="Bulk?") for one in ("dsp-a/bulk@11111111", "dsp-b/bulk@11111111")]
    findings = [_asking("f-1", *asked), _asking("f-2", Asked(id="dsp-a/bulk@22222222", text="Bulk?"))]
    [question], _ = questions_of(findings)
    assert list(question.ids) == ["dsp-a/bulk@11111111", "dsp-b/bulk@11111111", "dsp-a/bulk@22222222"]
    assert question.for_all == ["dsp-a/bulk", "dsp-b/bulk"]
    assert [finding.id for finding in question.findings] == ["f-1", "f-2"]


def test_ids_that_are_each_asked_once_have_none_for_all() -> None:
    [question], _ = questions_of([_asking("f-1", Asked(id="share", text="What share?"))])
    assert question.for_all == []


def test_answered_question_is_apart_from_open_ones() -> None:
    [question], [answered] = questions_of(
        [_asking("f-1", Asked(id="a", text="Still?"), Asked(id="b", text="Ever?", answer="no"))]
    )
    assert (question.asked.id, answered.asked.id) == ("a", "b")


def test_question_without_an_id_is_asked_all_the_same() -> None:
    [question], _ = questions_of([make_finding(questions=["Is it in use?"])])
    assert (question.asked.id, question.asked.text) == ("", "Is it in use?")


def test_worst_question_comes_first() -> None:
    findings = [
        _asking("f-1", Asked(id="mild", text="A?"), level_if_confirmed="upcoming"),
        _asking("f-2", Asked(id="grave", text="B?"), level_if_confirmed="prohibited"),
    ]
    assert [question.asked.id for question in questions_of(findings)[0]] == ["grave", "mild"]


def test_duties_come_by_date_with_those_overdue_first_and_undated_last() -> None:
    uses = duties_of([_owing("2026-08-10", None, "2026-07-30")], AS_OF)
    assert [(use.duty.due, use.days_left) for use in uses] == [("2026-07-30", -2), ("2026-08-10", 9), (None, None)]


def test_duty_owed_for_several_parties_stands_once() -> None:
    [use] = duties_of([_owing("2026-08-10"), _owing("2026-08-10", id="f-2", operator=ALIBABA, stale=True)], AS_OF)
    assert use.parties == [HIKVISION.id, ALIBABA.id]
    assert use.is_stale


@pytest.mark.parametrize(
    ("left", "expected"),
    [(None, "no date"), (-1, "1 day overdue"), (0, "due today"), (1, "1 day left"), (30, "30 days left")],
)
def test_clock_reads_as_people_say_it(left: int | None, expected: str) -> None:
    assert clock(left) == expected


def test_date_that_is_none_has_no_clock() -> None:
    assert days_left("soon", AS_OF) is None
