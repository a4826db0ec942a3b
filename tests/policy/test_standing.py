"""What stands today: undated records, records of long ago, records that begin later."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.builders import (
    core_kb,
    day,
    findings,
    joined,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_observation,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.schema.vocabulary import Direction, Kind, Relation


def listed() -> KnowledgeBase:
    return tiny_kb(
        make_regime(),
        make_entity("acme", caption="Acme Networks Ltd"),
        make_designation("acme", "2019-01-01"),
        make_consequence(conduct=["procure", "use-equipment"]),
    )


def seen(first: str, last: str) -> dict[str, datetime]:
    times = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    return dict(zip(("first_seen", "last_seen"), times, strict=True))


def test_a_payment_without_a_date_is_judged_as_it_stands() -> None:
    row = make_observation(Kind.NAME, "Acme Networks Ltd", Relation.PAYMENT_COUNTERPARTY, direction=Direction.OUT.value)
    (finding,) = findings(listed(), row, as_of="2026-08-01")
    assert finding.level == "prohibited"


@pytest.mark.parametrize(
    ("last", "level"),
    [
        pytest.param("2025-08-02", "prohibited", id="within the year"),
        pytest.param("2025-08-01", "review", id="a year ago to the day"),
    ],
)
def test_a_device_last_seen_over_a_year_ago_is_a_question(last: str, level: str) -> None:
    row = make_observation(Kind.NAME, "Acme Networks Ltd", Relation.HARDWARE, **seen("2024-01-01", last))
    (finding,) = findings(listed(), row, as_of="2026-08-01")
    assert finding.level == level
    assert any(last in question for question in finding.questions) == (level == "review")


def test_a_device_first_seen_later_is_not_judged_and_counted() -> None:
    row = make_observation(Kind.NAME, "Acme Networks Ltd", Relation.HARDWARE, **seen("2026-08-02", "2026-08-03"))
    answer = joined(listed(), [row], as_of="2026-08-01")
    assert (answer.exposures, dict(answer.later)) == ([], {"input.csv": 1})


@pytest.mark.parametrize(
    ("name", "entity"),
    [
        ("Hikvision USA Inc.", "hikvision"),
        ("ZTE (USA) Inc.", "zte"),
        ("Dahua Technology USA Inc.", "dahua"),
        ("Huawei Technologies Deutschland GmbH", "huawei"),
    ],
)
def test_a_name_that_reads_as_a_branch_of_a_group_is_a_question(name: str, entity: str) -> None:
    found = list(findings(core_kb(), make_observation(Kind.NAME, name, Relation.SUPPLIER), as_of="2026-08-01"))
    assert entity in {item.operator.id for item in found}
    assert {item.match.decision for item in found} == {"probable"}


@pytest.mark.parametrize(
    "name", ["Alibaba Travels Agency", "BYD Motors LLC", "DJI Global Index Fund", "Spark Facilities"]
)
def test_other_words_after_a_name_make_no_branch(name: str) -> None:
    assert findings(core_kb(), make_observation(Kind.NAME, name, Relation.SUPPLIER), as_of="2026-08-01") == []


def test_a_party_known_by_its_brand_only_is_never_confirmed_by_name() -> None:
    found = findings(core_kb(), make_observation(Kind.NAME, "MiniMax", Relation.SUPPLIER), as_of="2026-08-01")
    assert found
    assert {item.match.decision for item in found} == {"probable"}


def test_a_rule_that_decides_by_an_act_of_another_day_is_told_in_the_past() -> None:
    kb = tiny_kb(
        make_regime(),
        make_entity("acme", caption="Acme Networks Ltd"),
        make_designation("acme", "2019-01-01"),
        make_consequence(),
        make_effect("stay", "2026-07-01", None, checked_until=day("2026-12-01")),
    )
    rows = [make_payment("Acme Networks Ltd", on) for on in ("2026-06-30", "2026-07-06")]
    (finding,) = findings(kb, *rows, as_of="2026-07-06")
    assert finding.level == "prohibited"
    assert finding.consequences[0].why == (
        "Rule us-rule (us-rule) was in force on 2026-06-30 (stayed today) and covers this conduct."
    )
    (before,) = findings(kb, rows[0], as_of="2026-06-30")
    assert before.consequences[0].why == "Rule us-rule (us-rule) is in force and covers this conduct."
