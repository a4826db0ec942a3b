"""An owner that an entry of a list may mean by its name: a question where the rule would reach us through it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import (
    LIST,
    findings,
    make_consequence,
    make_designation,
    make_entity,
    make_identifier,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.answers import AnswerRow, Answers
from beholden.policy.profile import Profile
from beholden.schema.result import Finding
from beholden.schema.rows import Row

OWNER, ENTRY, SUPPLIER = "in_house:A", "ofac:1", "in_house:B"


def base(*stakes: Row, ownership: str = "aggregate_50", **entry: Any) -> KnowledgeBase:
    """A vendor of ours, its owner, and an entry that prints the owner's name in another spelling."""
    rule = [make_ownership_rule("aggregate_50")] if ownership == "aggregate_50" else []
    return tiny_kb(
        make_regime(),
        make_consequence(ownership=ownership),
        *rule,
        make_entity(OWNER, "Alpha Middle Holding BV"),
        make_entity(SUPPLIER, "Bravo Supplier GmbH"),
        make_entity(ENTRY, "ALPHA MIDDLE HOLDING B.V.", **{"schema": "LegalEntity", **entry}),
        make_designation(ENTRY, "2020-01-01"),
        *(stakes or (make_ownership(OWNER, SUPPLIER, "60"),)),
    )


def paid(kb: KnowledgeBase, name: str = "Bravo Supplier GmbH", **more: Any) -> list[Finding]:
    return findings(kb, make_payment(name, "2026-06-01"), **more)


@pytest.mark.parametrize("ownership", ["aggregate_50", "over_50_or_control", "control", "subsidiary_or_affiliate"])
def test_what_such_an_owner_holds_makes_a_review_with_the_question(ownership: str) -> None:
    (finding,) = paid(base(ownership=ownership))
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    assert (finding.operator.id, finding.listed_entity.id) == (SUPPLIER, ENTRY)
    assert finding.questions == [
        "Is Alpha Middle Holding BV the party that US-LIST names as ALPHA MIDDLE HOLDING B.V.?"
    ]
    assert "whose owner Alpha Middle Holding BV may be ALPHA MIDDLE HOLDING B.V., which is on US-LIST" in finding.why
    assert [hop.hop for hop in finding.path] == ["legal_name_of", "owned_by (capital, 60 %)", "may_be", "listed_on"]


def test_the_sum_has_it_in_the_upper_bound_and_calls_it_by_no_list() -> None:
    (finding,) = paid(base())
    assert finding.arithmetic is not None
    (term,) = finding.arithmetic.terms
    assert (finding.arithmetic.low, finding.arithmetic.high) == ("0", "60")
    assert (term.counts, term.regimes) == ("high", [])


def test_it_counts_beside_an_owner_that_is_surely_listed() -> None:
    stakes = [make_ownership(OWNER, SUPPLIER, "30"), make_ownership("listed", SUPPLIER, "30")]
    kb = base(*stakes, make_designation("listed", "2020-01-01"))
    assert {row.listed_entity.id: row.level for row in paid(kb)} == {ENTRY: "review", "listed": "review"}


@pytest.mark.parametrize(("answer", "level"), [("yes", "prohibited"), ("no", "info")])
def test_an_answer_settles_it(answer: str, level: str) -> None:
    (asked,) = [one for one in paid(base())[0].asked if one.answer is None and one.id.startswith("share/")]
    row = AnswerRow(question=asked.id, answer=answer, source="register of companies")
    (finding,) = paid(base(), profile=Profile(answers=Answers((row,))))
    assert finding.level == level


@pytest.mark.parametrize(
    "kb",
    [
        pytest.param(base(make_ownership(OWNER, SUPPLIER, "20")), id="too small a stake"),
        pytest.param(base(ownership="none"), id="a rule that names parties only"),
        pytest.param(base(schema="Person"), id="an entry of another sort"),
        pytest.param(base(schema="Vessel"), id="a vessel"),
    ],
)
def test_where_the_rule_would_not_reach_us_through_it_there_is_no_finding(kb: KnowledgeBase) -> None:
    assert paid(kb) == []


def test_nor_is_there_one_before_the_entry_or_where_it_is_not_public() -> None:
    assert paid(base(), as_of="2026-08-01", known_at="2019-01-01") == []


def test_who_is_paid_under_that_very_name_is_the_entry_and_no_owner_of_it() -> None:
    (finding,) = paid(base(), "Alpha Middle Holding BV")
    assert (finding.level, finding.listed_entity.id, finding.listing and finding.listing.regime) == (
        "prohibited",
        ENTRY,
        LIST,
    )


@pytest.mark.parametrize("ownership", ["aggregate_50", "control"])
@pytest.mark.parametrize("born", ["1950", "1990", ""])
def test_who_was_born_in_another_year_is_not_meant_as_an_owner(born: str, ownership: str) -> None:
    rule = [make_ownership_rule("aggregate_50")] if ownership == "aggregate_50" else []
    kb = tiny_kb(
        make_regime(),
        make_consequence(ownership=ownership),
        *rule,
        make_entity(OWNER, "John Example", schema="Person", birth_dates=["1990-02-03"]),
        make_entity(SUPPLIER, "Bravo Supplier GmbH"),
        make_entity(ENTRY, "John Example", schema="Person", birth_dates=[born] if born else []),
        make_designation(ENTRY, "2020-01-01"),
        make_ownership(OWNER, SUPPLIER, "60"),
    )
    assert [row.level for row in paid(kb)] == ([] if born == "1950" else ["review"])


def test_nor_is_who_has_another_number_of_which_a_party_has_one() -> None:
    numbers = [make_identifier(OWNER, "lei", "LEI-1"), make_identifier(ENTRY, "lei", "LEI-2")]
    assert paid(base(make_ownership(OWNER, SUPPLIER, "60"), *numbers)) == []


def test_a_place_alone_does_not_tell_an_owner_from_an_entry() -> None:
    moved = base(make_ownership(OWNER, SUPPLIER, "60"), jurisdictions=["ir"])
    assert [row.level for row in paid(moved)] == ["review"]
