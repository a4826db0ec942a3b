"""Who is covered through whose shares: thresholds to the last decimal, chains, cycles, unknown shares, dated stakes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import core_kb, day, make_ownership, tiny_kb

from beholden.kb.ownership import RULES, Coverage, Outcome, Reached, Stakes, ancestors, fixed_point
from beholden.kb.ownership import Test as ShareTest

if TYPE_CHECKING:
    from beholden.kb.ownership import Rule
    from beholden.schema.rows import Ownership

COVERED, UNKNOWN, NOT = Coverage.COVERED, Coverage.UNKNOWN, Coverage.NOT_COVERED
Share = str | tuple[str | None, str | None] | None


def reach(rule: str, *edges: Ownership, seeds: tuple[str, ...] = ("listed",)) -> dict[str, Reached]:
    return fixed_point(edges, seeds, RULES[rule])


def coverage(rule: str, *edges: Ownership, of: str = "x", seeds: tuple[str, ...] = ("listed",)) -> Coverage:
    found = reach(rule, *edges, seeds=seeds).get(of)
    return NOT if found is None else found.coverage


# --- one stake ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "share", "expected"),
    [
        pytest.param("aggregate_50", "50", COVERED, id="half meets aggregate_50"),
        pytest.param("aggregate_50", "49.99", NOT, id="a hundredth less does not"),
        pytest.param("aggregate_50", "49.999999", NOT, id="nor the last decimal"),
        pytest.param("aggregate_50_places", "50", COVERED, id="half meets aggregate_50_places"),
        pytest.param("over_50_or_control", "50", UNKNOWN, id="half is not over half; control is open"),
        pytest.param("over_50_or_control", "50.000001", COVERED, id="over half"),
        pytest.param("over_50_or_control", "12", NOT, id="a small stake asks no question"),
        pytest.param("control", "50.000001", COVERED, id="majority is control"),
        pytest.param("control", "50", UNKNOWN, id="half may be control"),
        pytest.param("control", "12", NOT, id="12 % is not"),
        pytest.param("subsidiary_or_affiliate", "50.000001", COVERED, id="a majority subsidiary"),
        pytest.param("subsidiary_or_affiliate", "12", NOT, id="12 % is no affiliate"),
        pytest.param("affiliate_10", "10.000001", COVERED, id="more than ten"),
        pytest.param("affiliate_10", "10", NOT, id="exactly ten is not more than ten"),
        pytest.param("affiliate_10", "12", COVERED, id="twelve"),
    ],
)
def test_a_single_known_stake(rule: str, share: str, expected: Coverage) -> None:
    assert coverage(rule, make_ownership("listed", "x", share)) is expected


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"affiliate_10"}))
def test_twelve_percent_never_meets_a_rule_of_half(rule: str) -> None:
    assert coverage(rule, make_ownership("listed", "x", "12")) is NOT


@pytest.mark.parametrize(
    ("rule", "share", "expected"),
    [
        pytest.param("aggregate_50", ("50", "60"), COVERED, id="low bound meets"),
        pytest.param("aggregate_50", ("40", "60"), UNKNOWN, id="only the high bound meets"),
        pytest.param("aggregate_50", ("40", "49.99"), NOT, id="high bound does not meet"),
        pytest.param("aggregate_50", ("40", None), UNKNOWN, id="no upper bound"),
        pytest.param("aggregate_50", (None, "49"), NOT, id="no lower bound, upper below"),
        pytest.param("aggregate_50", None, UNKNOWN, id="share unknown"),
        pytest.param("over_50_or_control", ("40", "60"), UNKNOWN, id="single: straddles"),
        pytest.param("over_50_or_control", ("51", "60"), COVERED, id="single: low bound meets"),
        pytest.param("over_50_or_control", None, UNKNOWN, id="single: unknown"),
        pytest.param("affiliate_10", ("5", "15"), UNKNOWN, id="ten: straddles"),
        pytest.param("affiliate_10", (None, "9"), NOT, id="ten: below"),
    ],
)
def test_a_range_covers_by_its_low_bound_and_is_open_by_its_high_one(
    rule: str, share: Share, expected: Coverage
) -> None:
    assert coverage(rule, make_ownership("listed", "x", share)) is expected


@pytest.mark.parametrize(
    ("rule", "kind", "expected"),
    [
        pytest.param("control", "control", COVERED, id="control under control"),
        pytest.param("over_50_or_control", "control", COVERED, id="control under over_50_or_control"),
        pytest.param("subsidiary_or_affiliate", "control", COVERED, id="control is a subsidiary"),
        pytest.param("affiliate_10", "control", COVERED, id="control under affiliate_10"),
        pytest.param("aggregate_50", "control", UNKNOWN, id="control alone is no share"),
        pytest.param("subsidiary_or_affiliate", "affiliate", COVERED, id="an affiliate is named by the text"),
        pytest.param("aggregate_50", "affiliate", NOT, id="affiliation is no share"),
    ],
)
def test_a_link_without_a_share(rule: str, kind: str, expected: Coverage) -> None:
    assert coverage(rule, make_ownership("listed", "x", None, kind)) is expected


# --- sums -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        pytest.param(("25", "25"), COVERED, id="25 + 25"),
        pytest.param(("25", "24.99"), NOT, id="25 + 24.99"),
        pytest.param(("20", "20", "10"), COVERED, id="20 + 20 + 10"),
        pytest.param(("16.666667", "16.666667", "16.666666"), COVERED, id="thirds to the last decimal"),
        pytest.param((("20", "30"), "25"), UNKNOWN, id="a range that may fill the gap"),
        pytest.param((("25", "30"), "25"), COVERED, id="a range whose low bound fills it"),
    ],
)
def test_stakes_of_listed_holders_are_added(shares: tuple[Share, ...], expected: Coverage) -> None:
    seeds = tuple(f"listed{number}" for number in range(len(shares)))
    edges = [make_ownership(seed, "x", share) for seed, share in zip(seeds, shares, strict=True)]
    assert coverage("aggregate_50", *edges, seeds=seeds) is expected


def test_stakes_are_not_added_where_the_rule_asks_for_one_holder() -> None:
    edges = (make_ownership("a", "x", "30"), make_ownership("b", "x", "30"))
    assert coverage("over_50_or_control", *edges, seeds=("a", "b")) is UNKNOWN
    assert coverage("aggregate_50", *edges, seeds=("a", "b")) is COVERED


def test_stakes_of_others_do_not_count() -> None:
    edges = (make_ownership("listed", "x", "49"), make_ownership("someone", "x", "51"))
    assert coverage("aggregate_50", *edges) is NOT


def test_the_same_stake_in_capital_and_in_votes_counts_once() -> None:
    edges = (make_ownership("listed", "x", "40"), make_ownership("listed", "x", "40", "voting"))
    assert coverage("aggregate_50", *edges) is NOT


def test_a_known_share_answers_for_control_by_the_same_holder() -> None:
    edges = (make_ownership("listed", "x", "30"), make_ownership("listed", "x", None, "control"))
    assert coverage("aggregate_50", *edges) is NOT
    assert coverage("control", *edges) is COVERED


def test_the_sum_is_shown_with_its_stakes() -> None:
    edges = (make_ownership("a", "x", "25"), make_ownership("b", "x", ("25", "30")), make_ownership("c", "x", "40"))
    found = reach("aggregate_50", *edges, seeds=("a", "b"))["x"]
    assert (found.low, found.high) == (Decimal(50), Decimal(55))
    assert [stake.owner_id for stake in found.stakes] == ["a", "b"]


# --- chains and cycles ----------------------------------------------------------------------------------------------


def test_sixty_percent_of_sixty_percent_is_covered_because_the_middle_is() -> None:
    edges = (make_ownership("listed", "middle", "60"), make_ownership("middle", "x", "60"))
    assert coverage("aggregate_50", *edges) is COVERED


def test_a_chain_breaks_at_a_link_below_half() -> None:
    edges = (make_ownership("listed", "middle", "49"), make_ownership("middle", "x", "100"))
    assert coverage("aggregate_50", *edges) is NOT


def test_direct_and_indirect_stakes_add_up() -> None:
    edges = (
        make_ownership("listed", "middle", "50"),
        make_ownership("middle", "x", "25"),
        make_ownership("listed", "x", "25"),
    )
    assert coverage("aggregate_50", *edges) is COVERED


def test_below_an_open_link_all_is_open() -> None:
    edges = (make_ownership("listed", "middle", ("40", "60")), make_ownership("middle", "x", "100"))
    assert coverage("aggregate_50", *edges) is UNKNOWN
    assert coverage("over_50_or_control", *edges) is UNKNOWN


def test_an_affiliate_of_an_open_link_is_no_more_a_share_than_one_of_a_covered_party() -> None:
    edges = (make_ownership("listed", "middle", ("40", "60")), make_ownership("middle", "x", None, "affiliate"))
    assert coverage("aggregate_50", *edges) is NOT


def test_a_cycle_without_a_listed_party_reaches_nothing() -> None:
    edges = (make_ownership("x", "y", "60"), make_ownership("y", "x", "60"))
    assert reach("aggregate_50", *edges) == {}


def test_a_cycle_does_not_lift_itself_over_the_threshold() -> None:
    edges = (make_ownership("listed", "x", "30"), make_ownership("x", "y", "100"), make_ownership("y", "x", "30"))
    assert coverage("aggregate_50", *edges) is NOT


def test_a_cycle_below_a_covered_party_is_covered_and_ends() -> None:
    edges = (make_ownership("listed", "x", "50"), make_ownership("x", "y", "100"), make_ownership("y", "x", "50"))
    assert set(reach("aggregate_50", *edges)) == {"x", "y"}


def test_listed_parties_are_not_in_the_answer() -> None:
    edges = (make_ownership("a", "b", "100"), make_ownership("b", "a", "100"))
    assert reach("aggregate_50", *edges, seeds=("a", "b")) == {}


def test_the_line_to_a_listed_party_is_a_shortest_one_nearest_stake_first() -> None:
    long = [make_ownership("listed", "p", "100"), make_ownership("p", "q", "100"), make_ownership("q", "x", "20")]
    short = [make_ownership("listed", "r", "100"), make_ownership("r", "x", "40")]
    outcome = Outcome(Stakes.of([*long, *short]), RULES["aggregate_50"], {"listed"})
    assert [stake.owner_id for stake in outcome.line("x", "listed")] == ["r", "listed"]


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        pytest.param("2017-12-31", None, [], id="before"),
        pytest.param("2018-02-01", None, ["listed"], id="first day"),
        pytest.param("2022-12-31", None, ["listed"], id="last day"),
        pytest.param("2023-01-01", None, [], id="the day it ends"),
        pytest.param("2019-01-01", "2018-12-31", [], id="not yet public"),
    ],
)
def test_a_stake_counts_while_it_holds_and_is_public(as_of: str, known_at: str | None, expected: list[str]) -> None:
    first, end, released = day("2018-02-01"), day("2023-01-01"), day("2019-01-01")
    kb = tiny_kb(make_ownership("listed", "x", "100", valid_from=first, valid_to=end, published_at=released))
    known = None if known_at is None else day(known_at)
    assert [stake.owner_id for stake in ancestors(kb, "x", as_of=day(as_of), known_at=known)] == expected


@pytest.mark.parametrize(
    ("company", "owner", "as_of", "is_owner"),
    [
        pytest.param("lorex", "dahua", "2018-01-31", False, id="Lorex before Dahua bought it"),
        pytest.param("lorex", "dahua", "2020-01-01", True, id="Lorex while Dahua held it"),
        pytest.param("lorex", "dahua", "2026-01-01", False, id="Lorex after it was sold"),
        pytest.param("lorex", "skywatch", "2026-01-01", True, id="Lorex under Skywatch"),
        pytest.param("honor", "huawei", "2020-11-16", True, id="Honor before its sale"),
        pytest.param("honor", "huawei", "2020-11-17", False, id="Honor from the day of its sale"),
    ],
)
def test_ownership_in_the_core_packs_is_dated(company: str, owner: str, as_of: str, is_owner: bool) -> None:
    above = {stake.owner_id for stake in ancestors(core_kb(), company, as_of=day(as_of), known_at=None)}
    assert (owner in above) is is_owner


def test_ancestors_end_in_a_cycle() -> None:
    kb = tiny_kb(make_ownership("a", "b", "60"), make_ownership("b", "a", "60"))
    assert {stake.id for stake in ancestors(kb, "a", as_of=day("2020-01-01"), known_at=None)} == {
        "a>b:capital",
        "b>a:capital",
    }


# --- against a naive oracle -----------------------------------------------------------------------------------------

NODES = ("listed", "a", "b", "c", "d")
SHARES = st.one_of(
    st.none(),
    st.sampled_from(["10", "12", "25", "49.99", "50", "50.01", "60", "100"]),
    st.tuples(st.sampled_from(["0", "9", "25", "40", "50"]), st.sampled_from(["50", "55", "100"])),
)
EDGES = st.lists(
    st.builds(
        lambda owner, owned, share, kind: make_ownership(owner, owned, share, kind),
        st.sampled_from(NODES),
        st.sampled_from(NODES[1:]),
        SHARES,
        st.sampled_from(["capital", "capital", "voting", "control", "affiliate"]),
    ),
    max_size=10,
    unique_by=lambda edge: (edge.owner_id, edge.owned_id),
)
RULE = st.sampled_from(sorted(RULES))


def naive(edges: list[Ownership], rule: Rule) -> dict[str, Coverage]:
    """Two plain fixed points from the text of the rules: certainly covered, and possibly covered."""

    def closure(*, sure: bool) -> set[str]:
        inside = {"listed"}
        while True:
            holders = inside
            found = {
                node
                for node in NODES
                if meets([e for e in edges if e.owned_id == node and e.owner_id in holders], sure=sure)
            }
            if found <= inside:
                return inside
            inside = inside | found

    def bound(edge: Ownership, *, sure: bool) -> Decimal:
        if sure:
            return edge.percentage_low or Decimal(0)
        return Decimal(100) if edge.percentage_high is None else edge.percentage_high

    def meets(stakes: list[Ownership], *, sure: bool) -> bool:
        if rule.test is ShareTest.AGGREGATE:
            return any(
                rule.meets(
                    sum((bound(e, sure=sure) for e in stakes if e.ownership_type in (kind, "control")), Decimal(0))
                )
                for kind in ("capital", "voting")
            )
        return any(one_meets(edge, sure=sure) for edge in stakes)

    def one_meets(edge: Ownership, *, sure: bool) -> bool:
        named = edge.ownership_type == "control" or (rule.test is ShareTest.LINK and edge.ownership_type == "affiliate")
        share = bound(edge, sure=sure)
        return named or rule.meets(share) or (not sure and share >= 25)

    certain, possible = closure(sure=True), closure(sure=False)
    return {node: COVERED if node in certain else UNKNOWN for node in sorted(possible - {"listed"})}


@given(edges=EDGES, name=RULE)
def test_the_fixed_point_equals_a_naive_oracle(edges: list[Ownership], name: str) -> None:
    found = {node: state.coverage for node, state in fixed_point(edges, {"listed"}, RULES[name]).items()}
    assert found == naive(edges, RULES[name])


@given(edges=EDGES, name=RULE, data=st.data())
def test_adding_a_holding_never_uncovers_an_entity(edges: list[Ownership], name: str, data: st.DataObject) -> None:
    more = data.draw(EDGES)
    taken = {(edge.owner_id, edge.owned_id) for edge in edges}
    added = [*edges, *(edge for edge in more if (edge.owner_id, edge.owned_id) not in taken)]
    before, after = (fixed_point(some, {"listed"}, RULES[name]) for some in (edges, added))
    assert before.keys() <= after.keys()
    assert {node for node, state in before.items() if state.coverage is COVERED} <= {
        node for node, state in after.items() if state.coverage is COVERED
    }


@given(edges=EDGES, name=RULE, data=st.data())
def test_the_order_of_holdings_does_not_matter(edges: list[Ownership], name: str, data: st.DataObject) -> None:
    assert fixed_point(data.draw(st.permutations(edges)), {"listed"}, RULES[name]) == fixed_point(
        edges, {"listed"}, RULES[name]
    )


@given(edges=EDGES, name=RULE)
def test_every_entity_reached_has_stakes_that_lead_to_a_listed_one(edges: list[Ownership], name: str) -> None:
    outcome = Outcome(Stakes.of(edges), RULES[name], {"listed"})
    for node in outcome.covered | outcome.possible:
        line = outcome.line(node, "listed")
        assert line
        assert line[0].owned_id == node
        assert line[-1].owner_id == "listed"
