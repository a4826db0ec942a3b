"""Hypotheses laid over a base: what each makes of listings, rules and stakes, and that nothing else changes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    LIST,
    core_kb,
    day,
    findings,
    make_claim,
    make_consequence,
    make_designation,
    make_effect,
    make_name,
    make_observation,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.errors import LookupFailedError, UsageError
from beholden.kb.listing import ListingState, listing_state
from beholden.report.json import encode
from beholden.run.hypothesis import Designate, Lift, Sell, Supposed, Suspend, Wish, read_sale, suppose
from beholden.schema.rows import HYPOTHESIS
from beholden.schema.vocabulary import Kind, Level, ListingStatus, Relation

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.result import Finding

TODAY = "2026-08-01"


def supplier(name: str) -> dict[str, Any]:
    return make_observation(Kind.NAME, name, Relation.SUPPLIER)


def designate(entity: str = "acme", on: str = TODAY, regime: str = LIST) -> Designate:
    return Designate(entity=entity, regime=regime, on=day(on))


def lift(entity: str = "acme", on: str = TODAY, regime: str = LIST) -> Lift:
    return Lift(entity=entity, regime=regime, on=day(on))


def sell(owner: str, owned: str, share: str, on: str = TODAY) -> Sell:
    return Sell(owner=owner, owned=owned, percentage=Decimal(share), on=day(on))


def supposed(kb: KnowledgeBase, *wishes: Wish, known_at: str | None = None) -> Supposed:
    return suppose(kb, wishes, known_at=None if known_at is None else day(known_at))


def state(kb: KnowledgeBase, entity: str, as_of: str, known_at: str | None = None, regime: str = LIST) -> ListingState:
    known = None if known_at is None else day(known_at)
    return listing_state(kb, kb.regimes[regime], entity, as_of=day(as_of), known_at=known)


def levels(kb: KnowledgeBase, *rows: dict[str, Any], as_of: str = TODAY) -> dict[str, str]:
    return {row.operator.id: row.level for row in findings(kb, *rows, as_of=as_of) if row.listing is not None}


def base(*rows: Any, **regime: Any) -> KnowledgeBase:
    named = [make_name("acme", "Acme"), make_name("other", "Other")]
    return tiny_kb(make_regime(**regime), make_consequence(), *named, *rows)


def plain(found: list[Finding]) -> list[bytes]:
    return [encode(row) for row in found]


# --- listings -------------------------------------------------------------------------------------------------------


def test_a_designation_lists_the_party_from_its_day_on_and_nobody_else() -> None:
    kb = supposed(base(), designate(on="2026-03-01")).kb
    assert [state(kb, "acme", one).status for one in ("2026-02-28", "2026-03-01")] == ["not_listed", "listed"]
    assert state(kb, "other", TODAY).status is ListingStatus.NOT_LISTED
    assert levels(kb, supplier("Acme"), supplier("Other")) == {"acme": Level.PROHIBITED}


def test_what_is_supposed_is_told_from_what_is_known_in_every_part_of_a_finding() -> None:
    (found,) = findings(supposed(base(), designate()).kb, supplier("Acme"))
    assert found.listing is not None
    assert found.listing.source == HYPOTHESIS
    assert (found.listing.designation or "").startswith(f"{HYPOTHESIS}:")
    assert [hop.source for hop in found.path if hop.hop == "listed_on"] == [HYPOTHESIS]


@pytest.mark.parametrize(
    "regime",
    [
        {"loaded": False},
        {"is_partial": True},
        {"checked_until": day("2026-01-01")},
        {"covered_from": day("2026-01-01"), "checked_until": day("2026-02-01")},
    ],
    ids=["not-loaded", "partial", "behind-our-copy", "outside-our-copy"],
)
def test_a_list_that_our_copy_does_not_cover_answers_for_the_designated_party(regime: dict[str, Any]) -> None:
    kb = base(**regime)
    told = state(supposed(kb, designate()).kb, "acme", TODAY)
    assert (told.status, told.is_stale) == (ListingStatus.LISTED, False)
    assert state(supposed(kb, designate()).kb, "other", TODAY) == state(kb, "other", TODAY)


@pytest.mark.parametrize(
    ("regime", "rule", "note"),
    [
        ({}, {}, None),
        ({"loaded": False}, {}, "us-list is not loaded: who else is on it is not known here"),
        ({}, {"scope_entities": ["other"]}, "other parties only, by name: us-rule"),
        ({}, {"scope_entities": ["other", "acme"]}, None),
    ],
    ids=["whole", "not-loaded", "scoped", "in-scope"],
)
def test_what_bounds_the_answer_is_noted(regime: dict[str, Any], rule: dict[str, Any], note: str | None) -> None:
    names = [make_name("acme", "Acme"), make_name("other", "Other")]
    kb = tiny_kb(make_regime(**regime), make_consequence(**rule), *names)
    assert supposed(kb, designate()).hypotheses[0].note == note


@pytest.mark.parametrize("known_at", ["2020-01-01", TODAY, None])
def test_a_hypothesis_holds_on_both_clocks(known_at: str | None) -> None:
    kb = base(make_designation("other", "2019-01-01"))
    told = supposed(kb, designate(), lift("other"), known_at=known_at).kb
    assert state(told, "acme", TODAY, known_at).status is ListingStatus.LISTED
    assert state(told, "other", TODAY, known_at).status is ListingStatus.DELISTED


def test_designating_a_listed_party_changes_nothing() -> None:
    kb = base(make_designation("acme", "2020-01-01"))
    told = supposed(kb, designate())
    assert told.kb is kb
    assert told.hypotheses[0].changes_nothing
    assert told.hypotheses[0].note == "it is listed already since 2020-01-01, as far as our copy goes"


def test_designating_a_party_last_known_as_listed_changes_nothing() -> None:
    kb = base(make_designation("acme", "2020-01-01"), checked_until=day("2026-01-01"))
    assert supposed(kb, designate()).kb is kb


def test_a_party_that_is_off_the_list_can_be_listed_again() -> None:
    kb = base(make_designation("acme", "2020-01-01", "2021-01-01"))
    assert state(supposed(kb, designate()).kb, "acme", TODAY).status is ListingStatus.LISTED


def test_a_lift_ends_every_spell_from_its_day_on_and_leaves_the_days_before() -> None:
    kb = base(
        make_designation("acme", "2020-01-01", "2021-01-01"),
        make_designation("acme", "2022-01-01"),
        make_designation("acme", "2023-01-01", certainty="probable"),
        make_designation("acme", "2026-10-01"),
    )
    told = supposed(kb, lift(on="2026-03-01")).kb
    shown = {one: state(told, "acme", one).status for one in ("2020-06-01", "2021-06-01", "2026-02-28")}
    assert shown == {"2020-06-01": "listed", "2021-06-01": "delisted", "2026-02-28": "listed"}
    assert {state(told, "acme", one).status for one in ("2026-03-01", TODAY, "2026-11-01")} == {"delisted"}


def test_a_lift_holds_behind_our_copy() -> None:
    kb = base(make_designation("acme", "2020-01-01"), checked_until=day("2026-01-01"))
    told = state(supposed(kb, lift()).kb, "acme", TODAY)
    assert (told.status, told.is_stale) == (ListingStatus.DELISTED, False)


def test_what_was_lifted_still_says_since_when_it_was_listed() -> None:
    kb = base(make_designation("acme", "2020-01-01"))
    (found,) = findings(supposed(kb, lift()).kb, supplier("Acme"))
    assert found.listing is not None
    assert (found.listing.listing_status, found.listing.since) == ("delisted", "2020-01-01")


def test_a_lift_of_a_party_that_is_not_listed_changes_nothing() -> None:
    told = supposed(base(), lift())
    assert (told.hypotheses[0].changes_nothing, told.days) == (True, ())


@pytest.mark.parametrize(("paid", "level"), [("2026-02-28", Level.PROHIBITED), ("2026-03-01", Level.INFO)])
def test_payments_before_a_lift_stay_what_they_were(paid: str, level: Level) -> None:
    kb = base(make_designation("acme", "2020-01-01"))
    (found,) = findings(supposed(kb, lift(on="2026-03-01")).kb, make_payment("Acme", paid))
    assert found.level == level


def test_payments_before_the_designation_are_shown_as_done_before_it() -> None:
    told = supposed(base(), designate(on="2026-03-01")).kb
    (found,) = findings(told, make_payment("Acme", "2026-02-01", "7"), make_payment("Acme", "2026-04-01", "9"))
    shown = [(act.consequence_status, [item.amount for item in act.quantities]) for act in found.consequences[0].acts]
    assert shown == [("not_in_force", ["7"]), ("in_force", ["9"])]


@settings(max_examples=40, deadline=None)
@given(
    st.dates(day("2019-01-01"), day("2027-01-01")).map(str),
    st.booleans(),
    st.dates(day("2020-01-01"), day("2026-12-31")).map(str),
)
def test_lifting_undoes_designating(on: str, was_listed: bool, as_of: str) -> None:
    kb = base(*([make_designation("acme", "2018-01-01", "2018-06-01")] if was_listed else []))
    rows = [supplier("Acme"), make_payment("Acme", "2019-06-01")]
    told = supposed(kb, designate(on=on), lift(on=on)).kb
    assert plain(findings(told, *rows, as_of=as_of)) == plain(findings(kb, *rows, as_of=as_of))


def test_a_designation_that_was_lifted_later_lasts_until_then() -> None:
    told = supposed(base(), designate(on="2026-01-01"), lift(on="2026-03-01")).kb
    days = ("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-01")
    assert [state(told, "acme", one).status for one in days] == ["not_listed", "listed", "listed", "delisted"]


def test_lifted_and_listed_again_is_listed_from_that_day() -> None:
    kb = base(make_designation("acme", "2020-01-01"))
    told = supposed(kb, lift(on="2026-01-01"), designate(on="2026-03-01")).kb
    days = ("2025-12-31", "2026-01-01", "2026-03-01")
    assert [state(told, "acme", one).status for one in days] == ["listed", "delisted", "listed"]


def test_the_base_itself_stays_as_it_is() -> None:
    kb = base(make_designation("other", "2019-01-01"))
    before = plain(findings(kb, supplier("Acme"), supplier("Other")))
    supposed(kb, designate(), lift("other"), Suspend(target="us-rule", since=day("2026-01-01")))
    assert plain(findings(kb, supplier("Acme"), supplier("Other"))) == before


# --- ownership ------------------------------------------------------------------------------------------------------


def test_designating_a_parent_reaches_what_the_rule_of_the_list_reaches() -> None:
    kb = tiny_kb(
        make_regime(),
        make_consequence(ownership="aggregate_50"),
        make_ownership_rule("aggregate_50"),
        make_ownership("parent", "half", "50"),
        make_ownership("parent", "less", "49"),
        make_ownership("half", "below", "60"),
    )
    rows = [supplier(name) for name in ("Parent", "Half", "Less", "Below")]
    found = levels(supposed(kb, designate("parent")).kb, *rows)
    assert found == {"parent": "prohibited", "half": "prohibited", "below": "prohibited", "less": "info"}


def owned(*stakes: Any) -> KnowledgeBase:
    listed = make_designation("acme", "2020-01-01")
    rules = [make_consequence(ownership="aggregate_50"), make_ownership_rule("aggregate_50")]
    return tiny_kb(make_regime(), *rules, listed, *stakes)


@pytest.mark.parametrize(
    ("share", "level"), [("0", None), ("49.99", "info"), ("50", "prohibited"), ("75", "prohibited")]
)
def test_a_sale_leaves_the_share_that_it_says(share: str, level: str | None) -> None:
    kb = owned(make_ownership("acme", "daughter", "60"))
    assert levels(kb, supplier("Daughter")) == {"daughter": "prohibited"}
    assert levels(supposed(kb, sell("acme", "daughter", share)).kb, supplier("Daughter")).get("daughter") == level


def test_a_holding_that_nobody_knew_of_can_be_supposed() -> None:
    kb = owned(make_name("daughter", "Daughter"))
    told = supposed(kb, sell("acme", "daughter", "50", on="2026-03-01")).kb
    assert levels(told, supplier("Daughter"), as_of="2026-02-28") == {}
    assert levels(told, supplier("Daughter"), as_of="2026-03-01") == {"daughter": "prohibited"}


def test_a_sale_ends_every_stake_and_link_only_where_nothing_is_kept() -> None:
    kb = owned(make_ownership("acme", "daughter", "60"), make_ownership("acme", "daughter", kind="control"))
    some, none = (supposed(kb, sell("acme", "daughter", share)) for share in ("10", "0"))
    held = [row.ownership_type for row in some.kb.owners("daughter") if row.holds(day(TODAY))]
    assert sorted(held) == ["capital", "control"]
    assert "stays" in (some.hypotheses[0].note or "")
    assert [row for row in none.kb.owners("daughter") if row.holds(day(TODAY))] == []


@pytest.mark.parametrize("known_at", ["2020-06-01", TODAY, None])
def test_a_sale_holds_on_both_clocks(known_at: str | None) -> None:
    kb = owned(make_ownership("acme", "daughter", "60"), make_name("other", "Other"))
    told = supposed(kb, sell("acme", "daughter", "0"), sell("acme", "other", "60"), known_at=known_at).kb
    found = findings(told, supplier("Daughter"), supplier("Other"), as_of=TODAY, known_at=known_at)
    assert [row.operator.id for row in found if row.listing is not None] == ["other"]


@pytest.mark.parametrize("seller", ["acme", "agent"])
def test_what_a_nominee_holds_can_be_sold_by_either_name(seller: str) -> None:
    kb = owned(make_ownership("agent", "daughter", "60", holder="nominee", beneficiary_id="acme"))
    assert levels(kb, supplier("Daughter")) == {"daughter": "prohibited"}
    assert levels(supposed(kb, sell(seller, "daughter", "0")).kb, supplier("Daughter")) == {}


@pytest.mark.parametrize("seller", ["acme", "agent"])
def test_a_nominee_goes_on_holding_for_whom_he_held(seller: str) -> None:
    kb = owned(make_ownership("agent", "daughter", "60", holder="nominee", beneficiary_id="acme"))
    told = supposed(kb, sell(seller, "daughter", "55")).kb
    assert levels(told, supplier("Daughter")) == {"daughter": "prohibited"}
    held = [row for row in told.owners("daughter") if row.holds(day(TODAY))]
    assert [(row.owner_id, row.held_for, row.percentage_low) for row in held] == [("agent", "acme", Decimal(55))]


@pytest.mark.parametrize(("share", "left"), [("0", {}), ("10", {"daughter": "info"})])
def test_a_stake_whose_end_was_not_public_yet_is_sold_like_any_other(share: str, left: dict[str, str]) -> None:
    """By what was public it runs on, so the sale ends it; and the old share does not stand beside the new one."""
    ended: dict[str, Any] = {"valid_to": day("2026-06-01"), "end_published_at": day("2026-07-20")}
    kb = owned(make_ownership("acme", "daughter", "60", **ended))
    told = supposed(kb, sell("acme", "daughter", share, on="2026-07-01"), known_at="2026-07-10")
    assert not told.hypotheses[0].changes_nothing
    found = findings(told.kb, supplier("Daughter"), as_of="2026-07-10", known_at="2026-07-10")
    assert {row.operator.id: row.level for row in found if row.listing is not None} == left


def test_an_entry_whose_end_was_not_public_yet_can_be_lifted() -> None:
    ended: dict[str, Any] = {"valid_to": day("2026-06-01"), "end_published_at": day("2026-07-20")}
    kb = base(make_designation("acme", "2020-01-01", **ended))
    told = supposed(kb, lift(on="2026-07-05"), known_at="2026-07-10")
    assert not told.hypotheses[0].changes_nothing
    assert state(told.kb, "acme", "2026-07-10", "2026-07-10").effective is ListingStatus.DELISTED


def test_stakes_that_share_an_id_are_told_apart() -> None:
    stakes = [
        make_ownership("acme", "daughter", "60", id="x"),
        make_ownership("acme", "daughter", None, "control", id="x"),
    ]
    told = supposed(owned(*stakes), sell("acme", "daughter", "10")).kb
    held = [(row.ownership_type, row.percentage_low) for row in told.owners("daughter") if row.holds(day(TODAY))]
    assert sorted(held, key=str) == [("capital", Decimal(10)), ("control", None)]


def test_sales_follow_one_another() -> None:
    kb = owned(make_ownership("acme", "daughter", "60"))
    sales = [sell("acme", "daughter", share, on=on) for share, on in (("40", "2026-01-01"), ("70", "2026-03-01"))]
    told = supposed(kb, *sales).kb
    found = [levels(told, supplier("Daughter"), as_of=one)["daughter"] for one in ("2025-12-31", "2026-02-01", TODAY)]
    assert found == ["prohibited", "info", "prohibited"]


@pytest.mark.parametrize("share", ["0", "60"])
def test_a_sale_that_changes_no_share_changes_nothing(share: str) -> None:
    kb = owned(
        make_name("daughter", "Daughter"), *([make_ownership("acme", "daughter", "60")] if share == "60" else [])
    )
    told = supposed(kb, sell("acme", "daughter", share))
    assert told.hypotheses[0].changes_nothing
    assert told.kb is kb


# --- suspensions ----------------------------------------------------------------------------------------------------


def test_suspending_a_list_suspends_every_rule_of_it_for_its_days() -> None:
    kb = base(make_consequence("us-other"), make_designation("acme", "2020-01-01"))
    told = supposed(kb, Suspend(target=LIST, since=day("2026-07-01"), until=day("2026-09-01"))).kb
    (found,) = findings(told, supplier("Acme"))
    assert {rule.id: rule.consequence_status for rule in found.consequences} == dict.fromkeys(
        ("us-rule", "us-other"), "suspended"
    )
    assert found.level == Level.UPCOMING
    assert [findings(told, supplier("Acme"), as_of=one)[0].level for one in ("2026-06-30", "2026-09-01")] == [
        "prohibited",
        "prohibited",
    ]


def test_a_supposed_suspension_is_known_to_its_end_whatever_our_copy_covers() -> None:
    rows = (make_regime(checked_until=day("2026-08-22")), make_consequence(), make_designation("acme", "2020-01-01"))
    told = supposed(tiny_kb(*rows), Suspend(target=LIST, since=day("2026-07-01"), until=day("2026-09-01"))).kb
    assert [findings(told, supplier("Acme"), as_of=one)[0].level for one in ("2026-08-31", "2026-09-01")] == [
        "upcoming",
        "prohibited",
    ]


def test_suspending_one_rule_leaves_the_others() -> None:
    kb = base(make_consequence("us-other"), make_designation("acme", "2020-01-01"))
    (found,) = findings(supposed(kb, Suspend(target="us-other", since=day("2026-07-01"))).kb, supplier("Acme"))
    assert {rule.id: rule.consequence_status for rule in found.consequences} == {
        "us-rule": "in_force",
        "us-other": "suspended",
    }


def test_suspending_an_ownership_rule_frees_what_only_shares_reach() -> None:
    kb = owned(make_ownership("acme", "daughter", "60"))
    told = supposed(kb, Suspend(target=f"{LIST}-aggregate_50", since=day("2026-07-01"))).kb
    assert levels(told, supplier("Acme"), supplier("Daughter")) == {"acme": "prohibited", "daughter": "upcoming"}


def test_a_supposed_suspension_lies_beside_a_real_one() -> None:
    kb = base(make_designation("acme", "2020-01-01"), make_effect("suspension", "2026-01-01", "2026-07-15"))
    told = supposed(kb, Suspend(target="us-rule", since=day("2026-07-15"))).kb
    assert [findings(told, supplier("Acme"), as_of=one)[0].level for one in ("2026-07-01", TODAY)] == ["upcoming"] * 2


@pytest.mark.parametrize("target", ["us-later", LIST])
@pytest.mark.parametrize(("until", "judged"), [(None, ["2027-06-01", "2027-06-30"]), ("2027-06-30", ["2027-06-01"])])
def test_a_rule_suspended_before_it_applies_is_judged_now_and_on_the_day_it_would(
    target: str, until: str | None, judged: list[str]
) -> None:
    """Records age: what differs today must not be lost because it is past by the later day."""
    kb = base(make_consequence("us-later", applies_from=day("2027-06-30")))
    wish = Suspend(target=target, since=day("2027-06-01"), until=None if until is None else day(until))
    assert supposed(kb, wish).days == tuple(map(day, judged))


def test_a_rule_that_rests_already_is_told_so() -> None:
    kb = base(make_designation("acme", "2020-01-01"), make_effect("suspension", "2026-01-01", "2026-12-15"))
    notes = [
        supposed(kb, Suspend(target="us-rule", since=day(since))).hypotheses[0].note for since in (TODAY, "2025-06-01")
    ]
    assert notes == ["it is suspended already, until 2026-12-15", None]


def test_a_party_that_no_pack_has_can_be_described() -> None:
    with pytest.raises(LookupFailedError, match="pack of your own"):
        supposed(base(), designate("Nobody Knows Ltd"))


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (designate(regime="us-lis"), "whatif.unknown-list"),
        (designate(regime="cn-rmsv"), "whatif.names-no-party"),
        (Suspend(target="us-889-bb", since=day(TODAY)), "whatif.unknown-rule"),
        (Suspend(target="eu-csa2", since=day(TODAY)), "whatif.nothing-to-suspend"),
        (Suspend(target="us-889-b", since=day(TODAY), until=day(TODAY)), "whatif.wrong-dates"),
        (sell("cetc", "cetc", "10"), "whatif.wrong-holding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(wish: Wish, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        supposed(core_kb(), *[wish])
    assert caught.value.code == code


def test_near_ids_are_told() -> None:
    with pytest.raises(UsageError, match="us-889-b"):
        supposed(core_kb(), Suspend(target="us-889-bb", since=day(TODAY)))


def test_a_name_of_several_is_never_picked() -> None:
    with pytest.raises(LookupFailedError, match="tplink-us") as caught:
        supposed(core_kb(), designate("TP-Link", regime="us-889"))
    assert caught.value.code == "show.ambiguous"


def test_a_party_is_found_by_its_name() -> None:
    told = supposed(core_kb(), designate("Alibaba Group Holding Limited", regime="us-889"))
    assert told.hypotheses[0].entity == "alibaba"


@pytest.mark.parametrize("text", ["a>b", "a=5", ">b=5", "a>=5", "a>b=", "a>b=x", "a>b=-1", "a>b=100.1", "a>b=nan"])
def test_a_sale_that_is_written_otherwise_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_sale(text, day(TODAY))
    assert caught.value.code == "whatif.wrong-holding"


@pytest.mark.parametrize("text", ["a > b = 33.3", "a>b=33.3%"])
def test_a_sale_is_read(text: str) -> None:
    assert read_sale(text, day(TODAY)) == sell("a", "b", "33.3")


def test_both_sides_of_a_matter_are_kept_under_a_hypothesis() -> None:
    """A base with rows laid over it has every answer to a claim that the base has."""
    kb = base(make_claim("c1", "acme"), make_claim("a1", "acme", "denial", answers=["c1"]))
    told = supposed(kb, designate("other")).kb
    answers = [[row.id for row in one.answers_to(iter(["c1"]))] for one in (kb, told)]
    assert answers == [["a1"], ["a1"]]
