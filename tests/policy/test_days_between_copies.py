"""Acts on days of which our copies of a list do not say whether a party was on it: a question, never a no."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    LIST,
    day,
    findings,
    make_consequence,
    make_designation,
    make_edition,
    make_entity,
    make_entry,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.answers import AnswerRow, Answers
from beholden.policy.gate import stands_at
from beholden.policy.profile import Profile
from beholden.policy.undecided import undecided
from beholden.schema.result import Finding
from beholden.schema.rows import Row
from beholden.schema.vocabulary import Level

ISSUER = {"issuer": "An Office", "title": "A List"}


def copies(*rows: Row, **rule: Any) -> KnowledgeBase:
    """A list of which we hold the copies of 1 March and 1 June 2026."""
    regime = make_regime(covered_from=day("2026-03-01"), checked_until=day("2026-06-01"), **ISSUER)
    states = [make_edition(on, is_copy=True) for on in ("2026-03-01", "2026-06-01")]
    return tiny_kb(regime, *states, make_consequence(**rule), *rows)


def came(party: str = "acme") -> list[Row]:
    """A party that the second copy is the first to print."""
    return [make_entry(party, "2026-06-01"), make_designation(party, "2026-06-01", is_start_latest=True)]


def there(party: str = "acme") -> list[Row]:
    """A party that both copies print."""
    printed: list[Row] = [make_entry(party, on) for on in ("2026-03-01", "2026-06-01")]
    return [*printed, make_designation(party, "2026-03-01", is_start_latest=True)]


def left(party: str = "acme") -> list[Row]:
    """A party that the second copy does not print any more."""
    listed = make_designation(party, "2026-03-01", "2026-06-01", is_start_latest=True, is_end_latest=True)
    return [make_entry(party, "2026-03-01"), listed]


def only(kb: KnowledgeBase, *on: str, as_of: str = "2026-06-01", **more: Any) -> Finding:
    (finding,) = findings(kb, *(make_payment("Acme", one) for one in on), as_of=as_of, **more)
    return finding


def acts(finding: Finding) -> list[tuple[str | None, str, str]]:
    (rule,) = finding.consequences
    return [(act.from_, act.level, act.consequence_status) for act in rule.acts]


@pytest.mark.parametrize(
    ("rows", "on", "says"),
    [
        pytest.param(there(), "2024-05-05", "2026-03-01 on. Check", id="before the first"),
        pytest.param(left(), "2024-05-05", "2026-03-01 on. Check", id="it left since"),
    ],
)
def test_an_act_before_the_first_copy_that_prints_a_party_is_asked_about(rows: list[Row], on: str, says: str) -> None:
    finding = only(copies(*rows), on)
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    assert acts(finding) == [(on, "review", "unknown")]
    (question,) = finding.questions
    assert question.startswith("Was Acme on A List already? What we hold shows it there from ")
    assert says in question
    assert question.endswith("Check An Office, A List up to that day.")
    assert stands_at(finding, Level.PROHIBITED, is_confirmed_only=False)
    assert "did not apply" not in finding.why


def test_an_act_between_two_copies_is_asked_about_beside_what_stands() -> None:
    finding = only(copies(*came()), "2026-04-04", "2026-06-01")
    assert finding.level == "prohibited"
    assert acts(finding) == [("2026-04-04", "review", "unknown"), ("2026-06-01", "prohibited", "in_force")]
    assert finding.questions == [
        "Was Acme on A List already? What we hold shows it there from 2026-06-01 on; our copy of 2026-03-01 does not. "
        "Check An Office, A List between."
    ]


def test_an_act_before_a_copy_without_the_party_is_told_as_unknown_and_not_as_uncovered() -> None:
    finding = only(copies(*came()), "2024-05-05")
    assert acts(finding) == [("2024-05-05", "info", "unknown")]
    assert finding.why.endswith(
        "Rule us-rule (us-rule) may or may not have applied; whether Acme was listed when this was seen, our copies "
        "do not say."
    )


def test_an_entry_that_prints_its_day_says_that_it_began_then() -> None:
    kb = copies(
        make_entry("acme", "2026-03-01"), make_entry("acme", "2026-06-01"), make_designation("acme", "2025-05-05")
    )
    assert acts(only(kb, "2024-05-05")) == [("2024-05-05", "info", "not_in_force")]


def test_an_act_on_a_copy_without_the_party_was_not_covered() -> None:
    assert acts(only(copies(*came()), "2026-03-01")) == [("2026-03-01", "info", "not_in_force")]


def test_a_printed_day_of_listing_answers_for_the_days_before_it() -> None:
    kb = copies(make_entry("acme", "2026-06-01"), make_designation("acme", "2026-05-05"))
    assert acts(only(kb, "2026-05-04")) == [("2026-05-04", "info", "not_in_force")]
    assert acts(only(kb, "2026-05-05")) == [("2026-05-05", "prohibited", "in_force")]


def test_an_act_after_the_last_copy_that_prints_a_party_is_asked_about() -> None:
    finding = only(copies(*left()), "2026-03-01", "2026-04-04", "2026-06-01")
    assert acts(finding) == [
        ("2026-03-01", "prohibited", "in_force"),
        ("2026-04-04", "review", "unknown"),
        ("2026-06-01", "info", "in_force"),
    ]
    alone = only(copies(*left()), "2026-04-04")
    assert (alone.level, alone.level_if_confirmed) == ("review", "prohibited")
    assert alone.questions == [
        "Was Acme still on A List? The last of our copies that prints it is of 2026-03-01; that of 2026-06-01 "
        "does not. Check An Office, A List since."
    ]


def test_who_could_not_know_the_later_copy_is_told_nothing_of_it() -> None:
    payment = make_payment("Acme", "2026-04-04")
    assert findings(copies(*came()), payment, as_of="2026-06-01", known_at="2026-05-01") == []
    assert "2026-06-01" not in str(only(copies(*left()), "2026-04-04", as_of="2026-05-01", known_at="2026-05-01"))


def test_a_rule_that_was_not_there_yet_did_not_apply_whoever_was_listed() -> None:
    kb = copies(*there(), applies_from=day("2026-01-01"), published_at=day("2026-01-01"))
    assert acts(only(kb, "2025-05-05")) == [("2025-05-05", "info", "not_in_force")]


@pytest.mark.parametrize(
    ("answer", "level"), [pytest.param("yes", "prohibited", id="yes"), pytest.param("no", "info", id="no")]
)
def test_an_answer_settles_it(answer: str, level: str) -> None:
    kb = copies(*there())
    (asked,) = only(kb, "2024-05-05").asked
    assert asked.id.startswith(f"listed/{LIST}/acme/2026-03-01@")
    row = AnswerRow(question=asked.id, answer=answer, source="archive of the office")
    finding = only(kb, "2024-05-05", profile=Profile(answers=Answers((row,))))
    assert (finding.level, finding.questions) == (level, [])


def test_what_stands_on_such_a_day_makes_no_finding_and_is_told() -> None:
    kb = copies(*came())
    assert findings(kb, make_payment("Acme", "2026-04-04"), as_of="2026-04-05") == []
    (row,) = undecided(kb, ["acme"], as_of=day("2026-04-05"), known_at=None)
    assert (row.entity.id, row.regime, row.entries, row.listed_by) == ("acme", LIST, [], "2026-06-01")
    assert undecided(kb, ["acme"], as_of=day("2026-04-05"), known_at=day("2026-04-05")) == []
    assert undecided(kb, ["acme"], as_of=day("2026-06-01"), known_at=None) == []


@pytest.mark.parametrize(
    ("stakes", "levels"),
    [
        pytest.param({"owner": "60"}, {"owner": "review"}, id="one owner"),
        # Who was surely listed does not hold enough alone: with the other it may be.
        pytest.param(
            {"owner": "30", "sure": "30"}, {"owner": "review", "sure": "review"}, id="together with one that was listed"
        ),
        pytest.param({"owner": "30", "sure": "60"}, {"owner": "review", "sure": "prohibited"}, id="beside one"),
        pytest.param({"owner": "30"}, {"owner": "info"}, id="too little"),
    ],
)
def test_an_owner_that_may_have_been_listed_counts_in_the_high_bound(
    stakes: dict[str, str], levels: dict[str, str]
) -> None:
    rows: list[Row] = [*there("owner"), make_entry("sure", "2026-06-01"), make_designation("sure", "2020-01-01")]
    held = [make_ownership(owner, "acme", share) for owner, share in stakes.items()]
    rule = make_ownership_rule("aggregate_50")
    kb = copies(make_entity("acme", "Acme"), *rows, *held, rule, ownership="aggregate_50")
    found = findings(kb, make_payment("Acme", "2024-05-05"), as_of="2026-06-01")
    assert {one.listed_entity.id: one.level for one in found} == levels
    asked = next(one for one in found if one.listed_entity.id == "owner")
    assert len(asked.questions) == (asked.level == "review")


def test_an_act_after_the_end_that_an_entry_prints_asks_for_a_renewal() -> None:
    regime = make_regime(checked_until=day("2022-04-22"), **ISSUER)
    order = make_designation("acme", "2022-01-20", "2025-03-25", end_published_at=day("2022-01-20"))
    kb = tiny_kb(regime, order, make_consequence())
    finding = only(kb, "2025-03-24", "2025-03-25", as_of="2026-08-20")
    assert acts(finding) == [("2025-03-24", "prohibited", "in_force"), ("2025-03-25", "review", "unknown")]
    assert (finding.stale, finding.listing and finding.listing.last_known is not None) == (True, True)
    alone = only(kb, "2025-06-06", as_of="2026-08-20")
    assert (alone.level, alone.level_if_confirmed, alone.stale) == ("review", "prohibited", True)
    assert alone.questions == [
        "Was the entry of Acme on A List renewed? By its own text it ended on 2025-03-25, and our copy ends on "
        "2022-04-22. Check An Office, A List since."
    ]
