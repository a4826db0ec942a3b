"""Ownership cases from rule texts and authorities' worked examples.

Each case names what it was written from; `constructed` means that no authority's example could be read, and the numbers
are ours. A place in an example stands in the legal text itself.
"""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest
from tests.builders import (
    core_kb,
    day,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_ownership,
    make_ownership_rule,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.kb.ownership import (
    RULES,
    Coverage,
    Outcome,
    Stakes,
    ancestors,
    coverage,
    reach,
    rule_of,
    undated,
)
from beholden.schema.rows import Ownership, OwnershipRule, Row, SourceRow
from beholden.schema.vocabulary import ConsequenceStatus

COVERED, UNKNOWN, NOT = Coverage.COVERED, Coverage.UNKNOWN, Coverage.NOT_COVERED
SINCE = "2001-01-01"
ON = day("2026-01-01")
FAQ_401 = "OFAC FAQ 401, https://ofac.treasury.gov/faqs/401"
FAQ_399 = "OFAC FAQ 399, https://home.treasury.gov/policy-issues/financial-sanctions/faqs/topic/1521"
FAQ_398 = "OFAC FAQ 398, https://ofac.treasury.gov/faqs/398"
EU_FAQ_8 = "Commission FAQ 8 on asset freezes, last update 2022-04-08: 30 % and 25 %"
EU_2024 = "EU Best Practices of 2024-07-03, as told by Sorainen: two listed persons with 25 % each"
OFSI_414 = "OFSI general guidance, paragraph 4.14 (2022-03), as printed by mrwatchlist.com"
OFSI = "OFSI guidance: more than 50 % of the shares or voting rights, gov.uk, updated 2024-08-20"
DSP = "28 CFR 202.211(a)(1)-(2)"
DSP_US = "28 CFR 202.256(b), example 8: a US subsidiary is a US person regardless of the degree of ownership"
BIS = "15 CFR part 744, supplement no. 8, paragraphs (a)-(b)"
CONSTRUCTED = "constructed"
JV = "tiktok-usds-jv"


def stakes(*texts: str) -> list[Ownership]:
    """`X 50 A` is a holding of X in A, `X 50-60 A` a range, `X ? A` unknown, `X 50v A` votes, `X ! A` control."""
    rows = []
    for number, text in enumerate(texts):
        owner, share, owned = text.split()
        low, _, high = share.rstrip("v").partition("-")
        kind = "control" if share == "!" else "voting" if share.endswith("v") else "capital"
        known = None if low in ("?", "!") else (low, high or low)
        rows.append(make_ownership(owner.lower(), owned.lower(), known, kind, id=f"stake-{number}"))
    return rows


def base(rule: OwnershipRule, *rows: Row, listed: tuple[str, ...] = ("x", "y")) -> KnowledgeBase:
    return tiny_kb(make_regime(), rule, *(make_designation(one, SINCE) for one in listed), *rows)


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        pytest.param(("X 50 A", "A 50 B"), "b", COVERED, id=f"example 1 of {FAQ_401}"),
        pytest.param(("X 50 A", "X 50 B", "A 25 C", "B 25 C"), "c", COVERED, id=f"example 2 of {FAQ_401}"),
        pytest.param(("X 50 A", "X 10 B", "A 40 B"), "b", COVERED, id=f"example 3 of {FAQ_401}"),
        pytest.param(("X 25 A", "Y 25 A"), "a", COVERED, id=FAQ_399),
        pytest.param(("X ! A", "X 49 A"), "a", NOT, id=FAQ_398),
        pytest.param(("X 50 A", "X 25 B", "A 25 C", "B 25 C"), "c", NOT, id=f"{CONSTRUCTED}: one arm is too weak"),
        pytest.param(("X 25 A", "X 25 B", "A 50 C", "B 50 C"), "c", NOT, id=f"{CONSTRUCTED}: no middle is covered"),
        pytest.param(("X 60 A", "A 60 B"), "b", COVERED, id=f"{CONSTRUCTED}: 60 % of 60 %"),
        pytest.param(("X 49.99 A",), "a", NOT, id=f"{CONSTRUCTED}: 49.99 %"),
        pytest.param(("X 12 A",), "a", NOT, id=f"{CONSTRUCTED}: 12 %"),
        pytest.param(("X 30 A", "A 100 B", "B 30 A"), "a", NOT, id=f"{CONSTRUCTED}: a ring does not lift itself"),
        pytest.param(("X 30 A", "X 30v A"), "a", NOT, id=f"{CONSTRUCTED}: one stake told as capital and as votes"),
        pytest.param(("X 30 A", "Y 30v A"), "a", NOT, id=f"{CONSTRUCTED}: capital and votes are not mixed"),
        pytest.param(("X 30 A", "X 55v A"), "a", COVERED, id=f"{CONSTRUCTED}: the surer sum decides"),
        pytest.param(("X 40-60 A",), "a", UNKNOWN, id=f"{CONSTRUCTED}: a range over the threshold"),
        pytest.param(("X 50-60 A",), "a", COVERED, id=f"{CONSTRUCTED}: a range that meets it"),
        pytest.param(("X 25.000001-49.999999 A",), "a", NOT, id=f"{CONSTRUCTED}: more than 25, less than 50"),
        pytest.param(("X 40 A", "Y ? A"), "a", UNKNOWN, id=f"{CONSTRUCTED}: a share that is not stated"),
    ],
)
def test_half_in_the_aggregate(held: tuple[str, ...], asked: str, expected: Coverage) -> None:
    rule = make_ownership_rule("aggregate_50")
    assert coverage(base(rule, *stakes(*held)), asked, rule, ON).coverage is expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(("X 30 A", "Y 25 A"), COVERED, id=EU_FAQ_8),
        pytest.param(("X 25 A", "Y 25 A"), COVERED, id=EU_2024),
    ],
)
def test_the_european_sum(held: tuple[str, ...], expected: Coverage) -> None:
    rule = make_ownership_rule("aggregate_50")
    assert coverage(base(rule, *stakes(*held)), "a", rule, ON).coverage is expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param(("X 24 A", "Y 24 A", "Z 24 A"), NOT, id=f"{OFSI_414}: holdings of several are not added"),
        pytest.param(("X 50.000001 A",), COVERED, id=f"{OFSI}: more than half of the shares"),
        pytest.param(("X 51v A",), COVERED, id=f"{OFSI}: of the votes"),
        pytest.param(("X ! A",), COVERED, id=f"{OFSI}: control"),
        pytest.param(("X 50 A",), UNKNOWN, id=f"{CONSTRUCTED}: half is not more than half, control is open"),
        pytest.param(("X 60 M", "M 60 A"), COVERED, id=f"{CONSTRUCTED}: indirectly"),
    ],
)
def test_more_than_half_or_control_without_adding_up(held: tuple[str, ...], expected: Coverage) -> None:
    rule = make_ownership_rule("over_50_or_control")
    kb = base(rule, *stakes(*held), listed=("x", "y", "z"))
    assert coverage(kb, "a", rule, ON).coverage is expected


# --- mixed lists ----------------------------------------------------------------------------------------------------

EL, MEU, SDN = "us-bis-el", "us-bis-meu", "us-ofac-sdn"


def affiliates_kb(*rows: Row) -> tuple[KnowledgeBase, OwnershipRule]:
    rule = make_ownership_rule(
        "aggregate_50", EL, id="us-bis-affiliates", lists=[MEU, f"{SDN}:RUSSIA", f"{SDN}:SDGT"], foreign_only=True
    )
    lists = [make_regime(one, jurisdiction="us") for one in (EL, MEU, SDN)]
    return tiny_kb(rule, *lists, make_entity("a", jurisdictions=["sg"]), *rows), rule


def test_holders_of_several_lists_add_up() -> None:
    kb, rule = affiliates_kb(
        make_designation("x", SINCE, regime_id=EL),
        make_designation("y", SINCE, regime_id=MEU),
        *stakes("X 25 A", "Y 25 A"),
    )
    found = reach(kb, rule, ON)
    assert found.covered == {"a"}, BIS
    assert {one: [why.regime_id for why in held] for one, held in found.holders.items()} == {"x": [EL], "y": [MEU]}


@pytest.mark.parametrize(
    ("programmes", "expected"),
    [
        pytest.param(["SDGT"], COVERED, id="of a programme that the rule names"),
        pytest.param(["OTHER"], NOT, id="of another programme"),
        pytest.param([], UNKNOWN, id="of a programme that our copy does not tell"),
    ],
)
def test_a_sanctioned_holder_counts_by_its_programme(programmes: list[str], expected: Coverage) -> None:
    kb, rule = affiliates_kb(
        make_designation("x", SINCE, regime_id=EL),
        make_designation("y", SINCE, regime_id=SDN, programmes=programmes),
        *stakes("X 25 A", "Y 25 A"),
    )
    answer = coverage(kb, "a", rule, ON)
    assert answer.coverage is expected, BIS
    assert (answer.question is not None) is (expected is UNKNOWN)


def test_an_american_company_is_out_of_a_rule_for_foreign_ones_and_its_foreign_subsidiary_is_not() -> None:
    # Constructed: the supplement speaks of foreign entities owned directly or indirectly.
    kb, rule = affiliates_kb(
        make_designation("x", SINCE, regime_id=EL),
        make_entity("domestic", jurisdictions=["us"]),
        *stakes("X 100 domestic", "domestic 100 A"),
    )
    found = reach(kb, rule, ON)
    assert found.covered == {"a"}
    assert found.coverage("domestic").note == ("The rule reaches foreign entities only; Domestic is organised in us.")


@pytest.mark.parametrize(
    ("as_of", "expected", "status"),
    [
        ("2025-09-28", NOT, "not_in_force"),
        ("2025-10-15", COVERED, "in_force"),
        ("2025-12-01", COVERED, "suspended"),
        ("2026-11-10", COVERED, "unknown"),
    ],
)
def test_the_same_chain_gives_what_the_rule_is_on_the_day(as_of: str, expected: Coverage, status: str) -> None:
    rule = make_ownership_rule(
        "aggregate_50",
        id="affiliates",
        valid_from=day("2025-09-29"),
        published_at=day("2025-09-29"),
    )
    stop = make_effect(
        "suspension",
        "2025-11-10",
        "2026-11-10",
        target_id="affiliates",
        reverts_automatically=True,
        checked_until=day("2026-10-10"),
    )
    answer = coverage(base(rule, stop, *stakes("X 60 A")), "a", rule, day(as_of))
    assert answer.status is not None
    assert (answer.coverage, answer.status.status) == (expected, ConsequenceStatus(status))


# --- places ---------------------------------------------------------------------------------------------------------


def placed_kb(*rows: Row, loaded: bool = False) -> tuple[KnowledgeBase, OwnershipRule]:
    rule = make_ownership_rule(
        "aggregate_50_places", foreign_only=True, places=["zz"], places_text="organised in zz", citation=DSP
    )
    return tiny_kb(make_regime(jurisdiction="us", loaded=loaded), rule, *rows), rule


@pytest.mark.parametrize("loaded", [True, False], ids=["list loaded", "list not loaded"])
def test_a_company_of_a_place_that_the_text_names_counts_by_itself_and_as_a_holder(loaded: bool) -> None:
    kb, rule = placed_kb(
        make_entity("home", jurisdictions=["zz"]),
        make_entity("a", jurisdictions=["sg"]),
        *stakes("Home 50 A"),
        loaded=loaded,
    )
    found = reach(kb, rule, ON)
    assert [why.place for why in found.coverage("home").counted] == ["zz"], DSP
    assert [why.regime_id for why in found.coverage("home").counted] == [None]
    assert found.covered == {"a"}, DSP


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        pytest.param(make_entity("a", jurisdictions=["us"]), NOT, id=DSP_US),
        pytest.param(make_entity("a", jurisdictions=["sg"]), COVERED, id=DSP),
        pytest.param(make_entity("a"), UNKNOWN, id=f"{CONSTRUCTED}: nobody knows where it is organised"),
    ],
)
def test_what_a_company_of_such_a_place_owns(entity: Row, expected: Coverage) -> None:
    kb, rule = placed_kb(entity, make_entity("home", jurisdictions=["zz"]), *stakes("Home 100 A"))
    assert coverage(kb, "a", rule, ON).coverage is expected


def test_a_person_does_not_count_by_a_place() -> None:
    kb, rule = placed_kb(make_entity("somebody", schema="Person", jurisdictions=["zz"]))
    assert coverage(kb, "somebody", rule, ON).coverage is NOT


def test_before_the_rule_is_there_no_place_counts() -> None:
    kb, rule = placed_kb(make_entity("home", jurisdictions=["zz"]))
    assert coverage(kb, "home", rule, day("1999-01-01")).coverage is NOT


# --- who holds, since when, who says so (constructed) -----------------------------------------------------------------


def answer_for(*rows: Row, as_of: str = "2026-01-01", known_at: str | None = None, asked: str = "a") -> Coverage:
    rule = make_ownership_rule("aggregate_50")
    return coverage(base(rule, *rows), asked, rule, day(as_of), day(known_at) if known_at else None).coverage


def test_a_stake_of_a_nominee_counts_for_the_one_it_is_held_for() -> None:
    held = make_ownership("bank", "a", "60", holder="nominee", beneficiary_id="x")
    assert answer_for(held) is COVERED
    assert answer_for(make_ownership("x", "a", "60", holder="nominee", beneficiary_id="other")) is NOT


def test_a_nominee_for_nobody_who_is_known_counts_in_the_upper_bound_beside_a_listed_holder() -> None:
    hidden = make_ownership("bank", "a", "30", holder="nominee")
    assert answer_for(make_ownership("x", "a", "25"), hidden) is UNKNOWN
    assert answer_for(make_ownership("x", "a", "15"), hidden) is NOT
    assert answer_for(make_ownership("x", "a", "60", holder="nominee")) is UNKNOWN
    assert answer_for(make_ownership("bank", "a", "60", holder="nominee")) is NOT


def test_an_unknown_holder_is_a_line_of_its_own_in_the_upper_bound() -> None:
    rule = make_ownership_rule("aggregate_50")
    rows = (make_ownership("x", "a", "30"), make_ownership("nobody", "a", "25", holder="unknown"))
    state = reach(base(rule, *rows), rule, ON).of("a")
    assert state is not None
    assert (state.coverage, str(state.low), str(state.high)) == (UNKNOWN, "30", "55")
    assert [row.owner_id for row in state.stakes] == ["x"]
    assert [row.owner_id for row in state.others] == ["nobody"]


def test_packets_of_one_source_add_up_and_what_two_sources_tell_counts_once() -> None:
    other = SourceRow(id="other", title="Another register", date=day("2020-01-01"))
    packets = [make_ownership("x", "a", "25", id=f"packet-{number}") for number in (1, 2)]
    told = make_ownership("x", "a", "26", id="told-again", source_id="other")
    assert answer_for(*packets) is COVERED
    assert answer_for(packets[0], told, other) is NOT


def test_sums_are_capped_at_the_whole() -> None:
    rule = make_ownership_rule("aggregate_50")
    state = reach(base(rule, *stakes("X 80 A", "Y 80 A")), rule, ON).of("a")
    assert state is not None
    assert (str(state.low), str(state.high)) == ("100", "100")


def test_a_stake_without_any_date_or_source_is_unknown() -> None:
    bare = SourceRow(id="bare", title="A page without a date")
    assert answer_for(make_ownership("x", "a", "60", source_id="bare"), bare) is UNKNOWN
    assert answer_for(make_ownership("x", "a", "60", source_id="bare", valid_from=day("2020-01-01")), bare) is COVERED
    assert answer_for(make_ownership("x", "a", "40", source_id="bare"), bare) is NOT


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        ("2023-06-01", None, NOT),
        ("2023-06-01", "2023-03-01", COVERED),
        ("2023-06-01", "2023-09-01", NOT),
        ("2022-06-01", "2023-09-01", COVERED),
    ],
)
def test_the_end_of_a_stake_counts_from_the_day_it_was_public(
    as_of: str, known_at: str | None, expected: Coverage
) -> None:
    sold = make_ownership("x", "a", "60", valid_to=day("2023-02-01"), end_published_at=day("2023-04-01"))
    assert answer_for(sold, as_of=as_of, known_at=known_at) is expected


def test_whether_a_rule_adds_up_was_not_read_so_a_sum_only_asks() -> None:
    rule = make_ownership_rule("aggregate_50", sums="unknown")
    assert coverage(base(rule, *stakes("X 25 A", "Y 25 A")), "a", rule, ON).coverage is UNKNOWN
    assert coverage(base(rule, *stakes("X 50 A")), "a", rule, ON).coverage is COVERED


def test_every_reached_company_has_its_paths() -> None:
    rule = make_ownership_rule("aggregate_50")
    found = reach(base(rule, *stakes("X 100 M", "M 25 A", "Y 25 A")), rule, ON)
    lines = {tuple(stake.owner_id for stake in line) for line in found.paths("a")}
    assert lines == {("m", "x"), ("y",)}
    assert [stake.owner_id for stake in found.stakes("a")] == ["m", "y"]
    assert found.coverage("a").path in found.paths("a")


# --- the core base ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("company", "owner", "test", "as_of", "expected"),
    [
        ("lorex", "dahua", "subsidiary_or_affiliate", "2018-01-31", NOT),
        ("lorex", "dahua", "subsidiary_or_affiliate", "2023-01-31", COVERED),
        ("lorex", "dahua", "subsidiary_or_affiliate", "2023-02-01", NOT),
        ("honor", "huawei", "control", "2020-11-16", COVERED),
        ("honor", "huawei", "control", "2020-11-17", NOT),
        ("ezviz", "hikvision", "subsidiary_or_affiliate", "2026-01-01", COVERED),
        ("ezviz", "hikvision", "aggregate_50", "2026-01-01", UNKNOWN),
        ("ant", "alibaba", "aggregate_50", "2026-01-01", NOT),
        ("ant", "alibaba", "control", "2026-01-01", UNKNOWN),
        ("ant", "alibaba", "affiliate_10", "2026-01-01", COVERED),
        (JV, "bytedance", "aggregate_50", "2026-07-01", NOT),
        (JV, "bytedance", "control", "2026-07-01", NOT),
        (JV, "bytedance", "affiliate_10", "2026-07-01", COVERED),
        (JV, "bytedance", "affiliate_10", "2025-12-01", NOT),
    ],
)
def test_holdings_of_the_core_base_by_date(company: str, owner: str, test: str, as_of: str, expected: Coverage) -> None:
    kb = core_kb()
    rows = ancestors(kb, company, as_of=day(as_of), known_at=None)
    state = Outcome(Stakes.of(rows, undated(kb, rows)), RULES[test], {owner}).sum(company)
    assert (state.coverage if state else NOT) is expected


@pytest.mark.parametrize(("as_of", "expected"), [("2021-01-01", COVERED), ("2026-01-01", NOT)])
def test_a_consequence_with_a_test_of_its_own_is_asked_like_a_rule(as_of: str, expected: Coverage) -> None:
    kb = core_kb()
    rule = next(row for row in kb.consequences["us-889"] if row.id == "us-889-b")
    assert coverage(kb, "lorex", rule_of(rule), day(as_of)).coverage is expected


# --- what only a large base or a rule of its own asks (constructed) ---------------------------------------------------


def test_a_threshold_of_the_rule_itself_counts() -> None:
    rule = make_ownership_rule("aggregate_50", threshold=Decimal(25))
    assert coverage(base(rule, *stakes("X 25 A")), "a", rule, ON).coverage is COVERED


def test_a_rule_that_names_parties_only_reaches_nobody_through_shares() -> None:
    rule = rule_of(make_consequence())
    kb = tiny_kb(make_regime(), make_consequence(), make_designation("x", SINCE), *stakes("X 100 A"))
    found = reach(kb, rule, ON)
    assert not found.covered | found.possible
    assert (found.stakes("a"), found.paths("a")) == ((), [])
    assert (found.coverage("x").coverage, found.coverage("a").coverage) == (COVERED, NOT)
    assert found.line("a", "x") == ()


def test_who_may_be_reached_is_told_apart() -> None:
    rule = make_ownership_rule("aggregate_50")
    found = reach(base(rule, *stakes("X 60 A", "X 40-60 B", "X 12 C")), rule, ON)
    assert found.covered == {"a"}
    assert found.possible == {"b"}
    state = found.of("b")
    assert state is not None
    assert (str(state.low), str(state.high)) == ("40", "60")
    assert found.of("c") is None


def test_a_listed_holder_of_an_unknown_programme_is_unknown_itself() -> None:
    kb, rule = affiliates_kb(make_designation("y", SINCE, regime_id=SDN))
    answer = coverage(kb, "y", rule, ON)
    assert (answer.coverage, [why.regime_id for why in answer.counted]) == (UNKNOWN, [SDN])
    assert answer.question == "Under which programme is Y on us-ofac-sdn? Only RUSSIA, SDGT count."


def test_many_holdings_are_read_as_columns_and_answer_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    rule = make_ownership_rule("aggregate_50")
    kb = base(rule, *stakes("X 60 A", "A 40-60 B", "Y 5 B", "B 100 C", "C 50 A"))
    plain = reach(kb, rule, ON)
    monkeypatch.setattr(sys.modules["beholden.kb.ownership.reach"], "BULK", 1)
    arrays = reach(kb, rule, ON)
    assert plain.covered == arrays.covered == {"a"}
    assert plain.possible == arrays.possible == {"b", "c"}
    assert [plain.of(one) for one in "abc"] == [arrays.of(one) for one in "abc"]
    assert [plain.paths(one) for one in "abc"] == [arrays.paths(one) for one in "abc"]
