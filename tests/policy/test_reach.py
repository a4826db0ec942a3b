"""Parties behind an operator in findings: mixed lists, places, nominees, and the arithmetic that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import (
    day,
    findings,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_observation,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.schema.rows import SourceRow
from beholden.schema.vocabulary import Kind, Level, Relation

if TYPE_CHECKING:
    from beholden.schema.result import Finding
    from beholden.schema.rows import Row

ONE, TWO = "us-one", "us-two"
BUY = make_observation(Kind.NAME, "Acme Networks Ltd.", Relation.SUPPLIER)
ACME = make_entity("acme", "Acme Networks Ltd.", jurisdictions=["sg"])


def mixed(*rows: Row, effects: tuple[str, str] = ("licence", "prohibit"), **rule: Any) -> list[Finding]:
    """A rule of one list that counts holders of a second one as well."""
    lists = [make_regime(ONE, jurisdiction="us"), make_regime(TWO, jurisdiction="us")]
    consequences = [
        make_consequence("us-one-rule", ONE, effect=effects[0], ownership="aggregate_50"),
        make_consequence("us-two-rule", TWO, effect=effects[1], ownership=rule.pop("second", "none")),
    ]
    own = make_ownership_rule("aggregate_50", ONE, **{"lists": [f"{TWO}:P"], **rule})
    return findings(tiny_kb(ACME, *lists, *consequences, own, *rows), BUY)


def under(found: list[Finding], regime: str) -> Finding:
    return next(one for one in found if one.listing is not None and one.listing.regime == regime)


HALVES = (
    make_designation("x", "2010-01-01", regime_id=ONE),
    make_ownership("x", "acme", "25"),
    make_ownership("y", "acme", "25"),
)


def test_holders_of_two_lists_add_up_and_the_sum_names_each_ones_list() -> None:
    found = under(mixed(*HALVES, make_designation("y", "2010-01-01", regime_id=TWO, programmes=["P"])), ONE)
    assert found.level == Level.RESTRICTED
    assert found.arithmetic is not None
    assert (found.arithmetic.low, found.arithmetic.outcome, found.arithmetic.tally) == ("50", "covered", "capital")
    assert [(term.owner, term.regimes, term.counts) for term in found.arithmetic.terms] == [
        ("X", [ONE], "both"),
        ("Y", [TWO], "both"),
    ]


def test_a_holder_that_counts_through_its_own_owners_comes_with_its_sum() -> None:
    rows = (
        make_designation("x", "2010-01-01", regime_id=ONE),
        make_designation("y", "2010-01-01", regime_id=ONE),
        make_ownership("x", "middle", "25"),
        make_ownership("y", "middle", "25"),
        make_ownership("middle", "acme", "60"),
    )
    sums = under(mixed(*rows), ONE).arithmetic
    assert sums is not None
    (before,) = sums.before
    assert (before.owned, before.low, before.outcome) == ("Middle", "50", "covered")
    assert [(term.owner, term.low) for term in before.terms] == [("X", "25"), ("Y", "25")]
    assert [(term.owner, term.low) for term in sums.terms] == [("Middle", "60")]


def test_what_a_second_source_tells_of_one_holding_is_marked_and_not_added() -> None:
    told = make_ownership("x", "acme", "20", id="again", source_id="other-source")
    rows = (make_designation("x", "2010-01-01", regime_id=ONE), make_ownership("x", "acme", "60"), told)
    other = SourceRow(id="other-source", title="Another", date=day("2020-01-01"))
    sums = under(mixed(*rows, other), ONE).arithmetic
    assert sums is not None
    assert (sums.low, [(term.low, term.counts) for term in sums.terms]) == (
        "60",
        [("20", "told_again"), ("60", "both")],
    )


def test_the_strictest_list_is_told_with_the_reason() -> None:
    second = make_designation("y", "2010-01-01", regime_id=TWO, programmes=["P"])
    most = under(mixed(*HALVES, second), ONE).arithmetic
    assert most is not None
    assert most.most_restrictive is not None
    # A programme that the rule adds asks what the rule's own list asks: what else is keyed to it is another rule's.
    assert (most.most_restrictive.regime, most.most_restrictive.holders) == (ONE, ["X"])
    whole = under(mixed(*HALVES, second, lists=[TWO]), ONE).arithmetic
    assert whole is not None
    assert whole.most_restrictive is not None
    assert (whole.most_restrictive.regime, whole.most_restrictive.holders) == (TWO, ["Y"])
    assert whole.most_restrictive.why == "prohibit (us-two) outranks licence (us-one)"
    equal = under(mixed(*HALVES, second, effects=("licence", "licence")), ONE).arithmetic
    assert equal is not None
    assert equal.most_restrictive is not None
    assert equal.most_restrictive.regime == ONE
    assert "what each entry asks" in equal.most_restrictive.why


def test_a_holder_whose_programme_is_not_known_is_a_question() -> None:
    found = under(mixed(*HALVES, make_designation("y", "2010-01-01", regime_id=TWO)), ONE)
    assert (found.level, found.level_if_confirmed) == (Level.REVIEW, Level.RESTRICTED)
    assert found.questions == ["Under which programme is Y on us-two? Only P count."]
    assert found.arithmetic is not None
    assert (found.arithmetic.low, found.arithmetic.high) == ("25", "50")
    assert [(term.owner, term.counts) for term in found.arithmetic.terms] == [("X", "both"), ("Y", "high")]


def test_a_second_list_may_name_the_same_rule_for_its_own_parties() -> None:
    second = make_designation("y", "2010-01-01", regime_id=TWO)
    found = under(mixed(*HALVES, second, second="aggregate_50", lists=[TWO]), TWO)
    assert found.level == Level.PROHIBITED
    assert under(mixed(*HALVES, second), TWO).level == Level.INFO


def test_a_sum_that_falls_short_is_shown() -> None:
    found = under(mixed(HALVES[0], make_ownership("x", "acme", "49.99")), ONE)
    assert found.level == Level.INFO
    assert found.arithmetic is not None
    assert (found.arithmetic.low, found.arithmetic.high, found.arithmetic.outcome) == ("49.99", "49.99", "not_covered")


def test_a_domestic_company_is_not_covered_and_the_sum_says_why() -> None:
    domestic = make_entity("acme", "Acme Networks Ltd.", jurisdictions=["us"])
    kb = tiny_kb(
        domestic,
        make_regime(ONE, jurisdiction="us"),
        make_consequence("us-one-rule", ONE, ownership="aggregate_50"),
        make_ownership_rule("aggregate_50", ONE, foreign_only=True),
        make_designation("x", "2010-01-01", regime_id=ONE),
        make_ownership("x", "acme", "60"),
    )
    (found,) = findings(kb, BUY)
    assert found.level == Level.INFO
    assert found.arithmetic is not None
    assert found.arithmetic.note == "The rule reaches foreign entities only; Acme Networks Ltd. is organised in us."


def test_a_nominee_is_shown_with_the_one_it_holds_for() -> None:
    held = make_ownership("bank", "acme", "60", holder="nominee", beneficiary_id="x")
    hidden = make_ownership("nobody", "acme", "10", holder="unknown")
    found = under(mixed(HALVES[0], held, hidden), ONE)
    assert found.level == Level.RESTRICTED
    assert found.arithmetic is not None
    assert [(term.owner, term.holder, term.beneficiary, term.counts) for term in found.arithmetic.terms] == [
        ("Bank", "nominee", "X", "both"),
        ("Nobody", "unknown", None, "high"),
    ]
    assert (found.arithmetic.low, found.arithmetic.high) == ("60", "70")
    stake = next(hop for hop in found.path if hop.hop.startswith("owned_by"))
    assert (stake.to, stake.note) == ("X", "held by Bank as nominee")


# --- places ---------------------------------------------------------------------------------------------------------


def placed(*rows: Row, as_of: str = "2026-08-01", **changes: Any) -> list[Finding]:
    rule = {"places": ["zz"], "places_text": "organised under the laws of zz", "citation": "1 Code 2"}
    kb = tiny_kb(
        make_regime(ONE, jurisdiction="us", loaded=False),
        make_consequence("us-one-rule", ONE, ownership="aggregate_50_places"),
        make_ownership_rule("aggregate_50_places", ONE, foreign_only=True, **{**rule, **changes}),
        *rows,
    )
    return findings(kb, BUY, as_of=as_of)


HOME = make_entity("acme", "Acme Networks Ltd.", jurisdictions=["zz"])


def test_a_place_makes_no_finding_where_its_rules_do_not_touch_what_we_do() -> None:
    other = make_consequence("us-one-rule", ONE, ownership="aggregate_50_places", conduct=["transfer-data"])
    kb = tiny_kb(
        make_regime(ONE, jurisdiction="us", loaded=False),
        other,
        make_ownership_rule(
            "aggregate_50_places", ONE, foreign_only=True, places=["zz"], places_text="t", citation="c"
        ),
        HOME,
    )
    assert findings(kb, BUY) == []


def test_a_company_of_the_place_is_covered_without_any_listing_and_the_text_is_quoted() -> None:
    (found,) = placed(HOME)
    assert found.level == Level.PROHIBITED
    assert found.listing is not None
    assert (found.listing.listing_status, found.listing.designation, found.listing.place) == ("unknown", None, "zz")
    assert found.listing.basis == "organised under the laws of zz"
    assert "which counts under US-ONE by its place (zz), which 1 Code 2 names, and not by a listing." in found.why
    last = found.path[-1]
    assert (last.hop, last.to, last.note) == ("stands_in", "zz", "1 Code 2: organised under the laws of zz")


def test_what_it_owns_is_covered_through_it() -> None:
    (found,) = placed(ACME, make_entity("home", jurisdictions=["zz"]), make_ownership("home", "acme", "50"))
    assert (found.level, found.listed_entity.id) == (Level.PROHIBITED, "home")
    assert found.arithmetic is not None
    assert [(term.owner, term.place, term.regimes) for term in found.arithmetic.terms] == [("Home", "zz", [])]


def test_of_holders_of_the_place_on_one_line_the_nearest_is_told() -> None:
    middle, top = (make_entity(one, jurisdictions=["zz"]) for one in ("middle", "top"))
    line = (make_ownership("middle", "acme", "60"), make_ownership("top", "middle", "60"))
    assert [found.listed_entity.id for found in placed(ACME, middle, top, *line)] == ["middle"]


@pytest.mark.parametrize(
    ("as_of", "changes"),
    [
        pytest.param("2026-08-01", {"places": []}, id="no place in the rule"),
        pytest.param("1999-01-01", {}, id="the rule is not there yet"),
    ],
)
def test_without_the_rule_no_place_counts(as_of: str, changes: dict[str, Any]) -> None:
    assert placed(HOME, as_of=as_of, **changes) == []


def test_an_american_company_owned_from_there_is_not_covered() -> None:
    domestic = make_entity("acme", "Acme Networks Ltd.", jurisdictions=["us"])
    (found,) = placed(domestic, make_entity("home", jurisdictions=["zz"]), make_ownership("home", "acme", "100"))
    assert found.level == Level.INFO


def test_a_rule_keyed_to_the_list_without_that_test_does_not_count_the_place() -> None:
    (found,) = placed(HOME, make_consequence("us-one-other", ONE, ownership="none"))
    assert {rule.id: rule.level for rule in found.consequences} == {
        "us-one-rule": Level.PROHIBITED,
        "us-one-other": Level.INFO,
    }


@pytest.mark.parametrize(
    ("as_of", "level", "confirmed"),
    [("2025-12-31", Level.UPCOMING, None), ("2026-01-01", Level.REVIEW, Level.PROHIBITED)],
    ids=["suspended", "due back, and not read whether it came"],
)
def test_a_suspended_place_rule_is_upcoming_and_then_a_question(
    as_of: str, level: Level, confirmed: Level | None
) -> None:
    rest = make_effect(
        "suspension",
        "2025-06-01",
        "2026-01-01",
        target_id=f"{ONE}-aggregate_50_places",
        reverts_automatically=True,
        checked_until=day("2025-12-01"),
    )
    (found,) = placed(HOME, rest, as_of=as_of)
    assert (found.level, found.level_if_confirmed) == (level, confirmed)
    # What is asked, and told, is the standing of the ownership rule: the rule of the list is in force.
    own = f"{ONE}-aggregate_50_places"
    assert f"reaches it through {own}, which" in found.why
    assert [one.id for one in found.asked] == ([f"standing/{own}"] if level == Level.REVIEW else [])


def test_a_payment_is_judged_by_the_holder_of_its_day() -> None:
    rows = (
        ACME,
        make_regime(ONE),
        make_consequence("us-one-rule", ONE, ownership="aggregate_50"),
        make_designation("x", "2010-01-01", regime_id=ONE),
        make_ownership("x", "acme", "60", valid_to=day("2025-01-01"), end_published_at=day("2025-03-01")),
    )
    kb = tiny_kb(*rows)
    before, after = (make_payment("Acme Networks Ltd.", on) for on in ("2024-12-31", "2025-02-01"))
    assert [one.level for one in findings(kb, before)] == [Level.PROHIBITED]
    assert findings(kb, after) == []
    assert [one.level for one in findings(kb, after, as_of="2025-02-15", known_at="2025-02-15")] == [Level.PROHIBITED]


@pytest.mark.parametrize("conduct", [["pay"], ["hold-security"]])
def test_a_rule_that_does_not_reach_the_operator_says_so_before_anything_else(conduct: list[str]) -> None:
    kb = tiny_kb(
        make_regime(),
        make_designation("acme", "2020-01-01"),
        make_consequence(ownership="aggregate_50", conduct=conduct),
        make_ownership_rule("aggregate_50"),
        make_ownership("acme", "daughter", "20"),
        make_entity("daughter", "Daughter"),
    )
    (found,) = findings(kb, make_payment("Daughter", "2026-07-01"), as_of="2026-08-01")
    assert "does not reach the operator through its shares" in found.why
