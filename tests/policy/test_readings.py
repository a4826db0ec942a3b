"""A printed name that several entries have: more lists never make a level less sure, and a clean namesake does."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.builders import (
    LIST,
    findings,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entity,
    make_entry,
    make_identifier,
    make_name,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.answers import AnswerRow, Answers
from beholden.policy.authorise import AuthorisationRow, Holdings
from beholden.policy.profile import Profile
from beholden.schema.result import Finding
from beholden.schema.rows import Resolution, Row
from beholden.schema.rule_parts import RuleException
from beholden.schema.vocabulary import Role

OTHER = "uk-list"
NAME = "Example Trading House"


def entry(
    entity_id: str, regime_id: str = LIST, since: str = "2020-01-01", until: str | None = None, **changes: Any
) -> list[Row]:
    """A party of the name on a list; of no place, number or birth date unless told."""
    return [make_entity(entity_id, NAME, **changes), make_designation(entity_id, since, until, regime_id=regime_id)]


def base(*rows: list[Row], **rule: Any) -> KnowledgeBase:
    """Two lists with a rule each: one binds us-person, the other uk-person."""
    law: list[Row] = [make_regime(), make_regime(OTHER), make_consequence(**rule)]
    law.append(make_consequence("uk-rule", OTHER, binds=[Role.UK_PERSON]))
    return tiny_kb(*law, *(row for group in rows for row in group))


def found(kb: KnowledgeBase, *on: str, name: str = NAME) -> dict[str, Finding]:
    """Findings on the first list, by party."""
    payments = [make_payment(name, one) for one in on or ("2026-06-01",)]
    rows = findings(kb, *payments)
    return {row.listed_entity.id: row for row in rows if row.listing is not None and row.listing.regime == LIST}


def levels(kb: KnowledgeBase, *on: str) -> dict[str, tuple[str, str]]:
    return {one: (row.level, row.match.decision) for one, row in found(kb, *on).items()}


SURE, OPEN = ("prohibited", "confirmed"), ("review", "probable")


def test_a_name_of_which_every_reading_is_on_the_list_is_as_sure_as_one_entry_alone() -> None:
    kb = base(entry("ofac:1"), entry("ofac:2"), entry("ofac:3"))
    assert levels(kb) == dict.fromkeys(("ofac:1", "ofac:2", "ofac:3"), SURE)
    finding = found(kb)["ofac:1"]
    assert (
        "3 entries of that name stand on us-list; the level does not depend on which of them is meant." in finding.why
    )
    assert finding.questions == []


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        pytest.param({}, {}, id="nothing told"),
        pytest.param({"jurisdictions": ["ir", "lb"]}, {"jurisdictions": ["lb"]}, id="a place in common"),
        pytest.param({"jurisdictions": ["lb"]}, {"schema": "LegalEntity"}, id="one tells more"),
        pytest.param(
            {"schema": "Person", "birth_dates": ["1970"]},
            {"schema": "Person", "birth_dates": ["1970-05-05"]},
            id="persons of one year",
        ),
    ],
)
def test_an_entry_of_another_list_that_may_print_the_same_party_lowers_nothing(
    mine: dict[str, Any], other: dict[str, Any]
) -> None:
    alone, beside = base(entry("ofac:1", **mine)), base(entry("ofac:1", **mine), entry("uk:1", OTHER, **other))
    assert levels(alone) == levels(beside) == {"ofac:1": SURE}
    assert "2 entries of that name stand on uk-list and us-list;" in found(beside)["ofac:1"].why


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        pytest.param({"jurisdictions": ["ir"]}, {"jurisdictions": ["gb"]}, id="another place"),
        pytest.param({}, {"schema": "Person"}, id="another sort"),
        pytest.param({}, {"schema": "Vessel"}, id="a vessel"),
        pytest.param(
            {"schema": "Person", "birth_dates": ["1970-05-05"]},
            {"schema": "Person", "birth_dates": ["1985"]},
            id="another year of birth",
        ),
        pytest.param({"schema": "Person"}, {"schema": "Person"}, id="persons of whom nothing is told"),
        pytest.param(
            {"schema": "Person", "birth_dates": ["1970-05-05"]},
            {"schema": "Person"},
            id="a person without a year of birth",
        ),
        pytest.param(
            {"schema": "Person", "jurisdictions": ["ru"]},
            {"schema": "Person", "jurisdictions": ["co"]},
            id="persons of two places",
        ),
        pytest.param({"schema": "Person"}, {"schema": "LegalEntity"}, id="a person and perhaps another one"),
    ],
)
def test_an_entry_of_another_list_that_prints_somebody_else_is_a_question(
    mine: dict[str, Any], other: dict[str, Any]
) -> None:
    assert levels(base(entry("ofac:1", **mine), entry("uk:1", OTHER, **other))) == {"ofac:1": OPEN}


def test_so_is_one_with_another_number_of_which_a_party_has_one() -> None:
    numbers: list[Row] = [make_identifier("ofac:1", "imo", "9074729"), make_identifier("uk:1", "imo", "9176187")]
    assert levels(base(entry("ofac:1"), entry("uk:1", OTHER), numbers)) == {"ofac:1": OPEN}


def test_so_is_one_that_a_person_keeps_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    apart = Resolution(entity_id="ofac:1", referent="uk:1", rule="declined", reason="looked at")
    monkeypatch.setattr(KnowledgeBase, "pairs_with", lambda self, entity_id: [apart])
    assert levels(base(entry("ofac:1"), entry("uk:1", OTHER))) == {"ofac:1": OPEN}


def test_so_are_two_of_another_list_of_which_one_must_be_somebody_else() -> None:
    kb = base(entry("ofac:1"), entry("uk:1", OTHER), entry("uk:2", OTHER))
    assert levels(kb) == {"ofac:1": OPEN}


def test_a_namesake_on_no_list_keeps_the_caution() -> None:
    assert levels(base(entry("ofac:1"), [make_entity("lei:1", NAME)])) == {"ofac:1": OPEN}
    assert levels(base(entry("ofac:1"), entry("ofac:2"), [make_entity("lei:1", NAME)])) == {
        "ofac:1": OPEN,
        "ofac:2": OPEN,
    }


def test_a_name_of_two_listed_persons_is_common() -> None:
    kb = base(entry("ofac:1", schema="Person"), entry("ofac:2", schema="Person"))
    assert levels(kb) == {"ofac:1": OPEN, "ofac:2": OPEN}


@pytest.mark.parametrize("other", ["LegalEntity", "Vessel"])
def test_a_name_of_a_listed_person_and_of_something_else_is_that_of_a_person(other: str) -> None:
    kb = base(entry("csl:1", schema="Person"), entry("csl:2", schema=other))
    assert levels(kb) == {"csl:1": OPEN, "csl:2": OPEN}


def test_where_a_list_does_not_say_what_it_prints_it_may_be_two_persons() -> None:
    unsaid = entry("csl:1", schema="LegalEntity"), entry("csl:2", schema="LegalEntity")
    assert levels(base(*unsaid)) == {"csl:1": OPEN, "csl:2": OPEN}
    # One list says that the name is that of a company, and none that it is a person's.
    assert levels(base(*unsaid, entry("uk:1", OTHER))) == {"csl:1": SURE, "csl:2": SURE}


def test_a_list_that_calls_every_person_one_prints_none_otherwise() -> None:
    kb = base(*(entry(one, schema="LegalEntity") for one in ("ofac:1", "ofac:2", "ofac:3")))
    assert levels(kb) == dict.fromkeys(("ofac:1", "ofac:2", "ofac:3"), SURE)


def test_an_organisation_and_a_vessel_on_the_list_lead_to_the_rule_either_way() -> None:
    kb = base(entry("ofac:1"), entry("ofac:2", schema="Vessel"))
    assert levels(kb) == {"ofac:1": SURE, "ofac:2": SURE}


def test_whoever_left_the_list_is_a_namesake_on_no_list() -> None:
    gone: list[Row] = [make_entity("ofac:2", NAME), make_designation("ofac:2", "2020-01-01", "2024-01-01")]
    assert levels(base(entry("ofac:1"), gone))["ofac:1"] == OPEN


def test_so_is_whoever_left_another_list() -> None:
    gone: list[Row] = [make_entity("uk:1", NAME), make_designation("uk:1", "2010-01-01", "2015-01-01", regime_id=OTHER)]
    assert levels(base(entry("ofac:1"), gone))["ofac:1"] == OPEN


def test_who_left_the_list_before_another_number_came_is_no_reading_even_if_another_list_prints_it() -> None:
    copies: list[Row] = [make_edition(f"{year}-01-01", is_copy=True, is_complete=True) for year in (2024, 2025, 2026)]
    prints: list[Row] = [make_entry("ofac:2", "2024-01-01")]
    prints += [make_entry("ofac:1", f"{year}-01-01") for year in (2025, 2026)]
    gone: list[Row] = [make_entity("ofac:2", NAME), make_designation("ofac:2", "2024-01-01", "2025-01-01")]
    gone.append(make_designation("ofac:2", "2020-01-01", regime_id=OTHER))
    assert levels(base(entry("ofac:1", since="2025-01-01"), gone, copies, prints))["ofac:1"] == OPEN


def test_an_entry_of_another_list_counts_on_the_days_on_which_it_stands_there() -> None:
    kb = base(entry("ofac:1"), entry("uk:1", OTHER, since="2026-03-01"))
    (rule,) = found(kb, "2026-02-01", "2026-04-01")["ofac:1"].consequences
    assert [(act.from_, act.level) for act in rule.acts] == [("2026-02-01", "review"), ("2026-04-01", "prohibited")]


def test_an_entry_of_another_list_that_prints_a_brand_keeps_the_question() -> None:
    brand = make_designation("uk:1", "2020-01-01", regime_id=OTHER, certainty="probable", question="Who is meant?")
    assert levels(base(entry("ofac:1"), [make_entity("uk:1", NAME), brand])) == {"ofac:1": OPEN}


def test_a_licence_for_one_of_them_leaves_open_who_is_meant() -> None:
    for party, kb in (
        ("ofac:2", base(entry("ofac:1"), entry("ofac:2"))),
        ("uk:1", base(entry("ofac:1"), entry("uk:1", OTHER))),
    ):
        licence = AuthorisationRow(id="L-1", rules=["us-rule"], source="a letter", parties=[party])
        profile = Profile(holdings=Holdings(authorisations=(licence,)))
        rows = findings(kb, make_payment(NAME, "2026-06-01"), profile=profile)
        told = {row.listed_entity.id: (row.level, row.match.decision) for row in rows}
        assert told["ofac:1"] == OPEN
        # One for any party says the same of all of them.
        of_all = Profile(holdings=Holdings(authorisations=(replace(licence, parties=[]),)))
        (row, *_) = [
            row
            for row in findings(kb, make_payment(NAME, "2026-06-01"), profile=of_all)
            if row.listed_entity.id == "ofac:1"
        ]
        assert (row.level, row.match.decision) == ("info", "confirmed")


def test_an_entry_for_what_is_made_in_one_place_leaves_open_who_is_meant() -> None:
    by_place = make_designation("ofac:2", "2020-01-01", produced_in=["cn"])
    assert levels(base(entry("ofac:1"), [make_entity("ofac:2", NAME), by_place]))["ofac:1"] == OPEN


def test_an_exception_for_one_of_them_leaves_open_who_is_meant() -> None:
    exception = RuleException(id="x", text="Not so.", effect="ask", question="Is it so?", parties=["ofac:2"])
    kb = base(entry("ofac:1"), entry("ofac:2"), exceptions=[exception])
    assert levels(kb)["ofac:1"] == OPEN


def test_the_day_of_each_act_decides() -> None:
    kb = base(entry("ofac:1"), entry("ofac:2", since="2026-03-01"))
    (rule,) = found(kb, "2026-02-01", "2026-04-01")["ofac:1"].consequences
    assert [(act.from_, act.level) for act in rule.acts] == [("2026-02-01", "review"), ("2026-04-01", "prohibited")]


def test_a_stay_for_one_of_them_leaves_open_who_is_meant() -> None:
    stay = make_effect("stay", "2026-01-01", None, entity_id="ofac:2", end_event="a ruling")
    assert levels(base(entry("ofac:1"), entry("ofac:2"), [stay]))["ofac:1"] == OPEN


def test_an_entry_that_may_mean_another_party_does_not_count_as_a_reading() -> None:
    brand = make_designation("ofac:2", "2020-01-01", certainty="probable", question="Who is meant?")
    assert levels(base(entry("ofac:1"), [make_entity("ofac:2", NAME), brand]))["ofac:1"] == OPEN


def test_a_namesake_that_a_listed_party_owns_is_reached_as_well() -> None:
    owned = [make_entity("lei:1", NAME), make_ownership("ofac:1", "lei:1", "60")]
    kb = base(entry("ofac:1"), owned, [make_ownership_rule("aggregate_50")], ownership="aggregate_50")
    found_ = findings(kb, make_payment(NAME, "2026-06-01"))
    told = {row.operator.id: (row.level, row.match.decision) for row in found_}
    assert told == {"ofac:1": SURE, "lei:1": SURE}
    said = " 1 entry of that name stands on us-list and 1 party of that name is reached through owners; the level"
    assert all(said in row.why for row in found_)


def test_only_those_who_stand_on_a_list_on_the_day_are_counted() -> None:
    was: list[Row] = [
        make_designation("ofac:1", "2015-01-01", "2019-01-01", regime_id="eu-list"),
        make_regime("eu-list"),
    ]
    was.append(make_designation("uk:1", "2030-01-01", regime_id="eu-list"))
    kb = base(entry("ofac:1"), entry("uk:1", OTHER), was)
    assert " 2 entries of that name stand on uk-list and us-list; " in found(kb)["ofac:1"].why


def test_the_count_for_an_act_is_that_of_its_day() -> None:
    kb = base(*(entry(one, until="2026-01-01") for one in ("ofac:1", "ofac:2")))
    why = found(kb, "2025-06-01")["ofac:1"].why
    assert " 2 entries of that name stood on us-list on 2025-06-01; " in why


def test_an_own_record_that_is_like_none_of_the_listed_is_one_more_reading() -> None:
    listed = entry("ofac:1", jurisdictions=["ir"]), entry("uk:1", OTHER, jurisdictions=["ir"])
    assert levels(base(*listed, [make_entity("in_house:7", NAME, jurisdictions=["ir"])])) == {"ofac:1": SURE}
    assert levels(base(*listed, [make_entity("in_house:7", NAME, jurisdictions=["gb"])])) == {"ofac:1": OPEN}
    # Beside one listed party alone, to write a vendor down changes nothing.
    assert levels(base(listed[0], [make_entity("in_house:7", NAME, jurisdictions=["gb"])])) == {"ofac:1": SURE}


def test_one_that_is_reached_by_a_suspended_ownership_rule_leaves_open_who_is_meant() -> None:
    owned = [make_entity("lei:1", NAME), make_ownership("ofac:1", "lei:1", "60")]
    rule = make_ownership_rule("aggregate_50")
    rest = make_effect("suspension", "2026-01-01", "2027-01-01", target_id=rule.id)
    kb = base(entry("ofac:1"), owned, [rule, rest], ownership="aggregate_50")
    found_ = findings(kb, make_payment(NAME, "2026-06-01"))
    told = {row.operator.id: row.match.decision for row in found_}
    assert told == {"ofac:1": "probable", "lei:1": "probable"}
    assert {row.level for row in found_ if row.operator.id == "ofac:1"} == {"review"}


def test_what_is_open_for_another_reason_stays_open() -> None:
    unsure = make_payment(NAME, "2026-06-01", certainty="probable")
    (row,) = findings(base(entry("ofac:1"), entry("uk:1", OTHER), []), unsure)[:1]
    assert (row.level, row.match.decision) == OPEN
    short: list[Row] = [make_entity(one, f"Party {one}") for one in ("ofac:1", "ofac:2")]
    short += [make_name(one, "ETH") for one in ("ofac:1", "ofac:2")]
    short += [make_designation(one, "2020-01-01") for one in ("ofac:1", "ofac:2")]
    kb = base(short)
    assert {one.level for one in found(kb, name="ETH").values()} == {"review"}


def test_for_who_could_not_know_the_other_list_its_party_is_on_none() -> None:
    kb = base(entry("ofac:1"), entry("uk:1", OTHER, since="2026-01-01"))
    (row,) = findings(kb, make_payment(NAME, "2025-06-01"), as_of="2025-06-01", known_at="2025-06-01")
    assert (row.level, row.match.decision) == OPEN
    assert OTHER not in row.why


def answered(kb: KnowledgeBase, *said: tuple[str, str]) -> dict[str, Finding]:
    """Findings by party, with answers to who is meant, by party."""
    asked = {one: row.asked[0].id for one, row in found(kb).items()}
    rows = [AnswerRow(question=asked[one], answer=answer, source="a letter") for one, answer in said]
    profile = Profile(answers=Answers(tuple(rows)))
    told = findings(kb, make_payment(NAME, "2026-06-01"), profile=profile)
    return {row.listed_entity.id: row for row in told}


def test_who_is_meant_can_be_answered_although_the_level_does_not_wait_for_it() -> None:
    kb = base(entry("ofac:1"), entry("ofac:2"))
    for row in found(kb).values():
        (asked,) = row.asked
        assert asked.id == f"match@{row.artefact.id[:8]}"
        assert (asked.answer, row.questions, row.level) == (None, [], "prohibited")
    rows = answered(kb, ("ofac:2", "no"))
    assert (rows["ofac:2"].level, rows["ofac:1"].level) == ("info", "prohibited")


def test_an_answer_that_one_is_meant_takes_the_others_of_the_name_out() -> None:
    rows = answered(base(entry("ofac:1"), entry("ofac:2")), ("ofac:1", "yes"))
    assert (rows["ofac:1"].level, rows["ofac:1"].match.decision) == ("prohibited", "confirmed")
    assert rows["ofac:2"].level == "info"
    assert f"not covered: the name means {NAME} (ofac:1), says a letter." in rows["ofac:2"].why
    both = answered(base(entry("ofac:1"), entry("ofac:2")), ("ofac:1", "yes"), ("ofac:2", "yes"))
    assert {row.level for row in both.values()} == {"prohibited"}


def test_it_takes_nobody_out_who_may_be_the_same_party_on_another_list() -> None:
    rows = answered(base(entry("ofac:1"), entry("uk:1", OTHER)), ("ofac:1", "yes"))
    assert {one: row.level for one, row in rows.items()} == {"ofac:1": "prohibited", "uk:1": "prohibited"}
