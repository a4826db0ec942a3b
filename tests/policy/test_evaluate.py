"""Observations → findings: dates of conduct, standing relations, ownership, claims, identity of findings, the gate."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    core_kb,
    day,
    findings,
    joined,
    make_asset,
    make_claim,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_name,
    make_observation,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_prefix,
    make_regime,
    tiny_kb,
)

from beholden.policy.gate import gate
from beholden.policy.profile import Profile
from beholden.policy.summary import summarise
from beholden.schema.acceptance import Waiver
from beholden.schema.rule_parts import RuleDuty, RuleException
from beholden.schema.vocabulary import Conduct, Kind, Level, Relation, Role, Segment

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.result import Finding
    from beholden.schema.rows import Row

ACME = make_entity("acme", "Acme Networks Ltd.", jurisdictions=["cn"])
SDK = make_asset("acme", "purl", "pkg:npm/acme-sdk", "vendor_sdk")
CLOUD = make_asset("acme", "domain", "acme.example", "service_endpoint")


def listed_kb(*rows: Row, since: str = "2020-01-01", **rule: Any) -> KnowledgeBase:
    return tiny_kb(ACME, SDK, CLOUD, make_regime(), make_designation("acme", since), make_consequence(**rule), *rows)


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def dependency(**changes: Any) -> dict[str, Any]:
    return make_observation(Kind.PURL, "pkg:npm/acme-sdk", **changes)


def traffic(on: str, host: str = "10.0.0.5", **changes: Any) -> dict[str, Any]:
    moment = datetime.fromisoformat(f"{on}T12:00:00").replace(tzinfo=UTC)
    seen: dict[str, Any] = {
        "direction": "out",
        "own_host": host,
        "acted_on": day(on),
        "first_seen": moment,
        "last_seen": moment,
    }
    sent = {"amount": Decimal(1000), "unit_of_amount": "By", "what": "sent"}
    return make_observation(Kind.DOMAIN, "api.acme.example", **(seen | sent | changes))


# --- the level of a finding -----------------------------------------------------------------------------------------


def test_a_listed_supplier_under_a_rule_that_binds_us_is_prohibited() -> None:
    finding = only(findings(listed_kb(), make_observation(Kind.NAME, "Acme Networks Ltd", Relation.SUPPLIER)))
    assert (finding.level, finding.listing and finding.listing.listing_status) == ("prohibited", "listed")
    assert [hop.hop for hop in finding.path] == ["legal_name_of", "listed_on"]


@pytest.mark.parametrize(
    ("rule", "profile", "expected", "binds_you"),
    [
        pytest.param({}, Profile(), "prohibited", None, id="no profile: as if every role were held"),
        pytest.param({}, Profile(roles=frozenset({Role.US_PERSON})), "prohibited", True, id="binds us"),
        pytest.param({}, Profile(roles=frozenset({Role.EU_PERSON})), "info", False, id="binds others"),
        pytest.param({}, Profile(roles=frozenset()), "info", False, id="no role at all"),
        pytest.param({"effect": "licence"}, Profile(), "restricted", None, id="licence"),
        pytest.param({"effect": "report"}, Profile(), "restricted", None, id="report"),
        pytest.param({"conduct": [Conduct.PAY]}, Profile(), "info", None, id="other conduct"),
        pytest.param({"applies_from": day("2027-01-01")}, Profile(), "upcoming", None, id="applies later"),
        pytest.param({"until": day("2025-01-01")}, Profile(), "info", None, id="has ended"),
    ],
)
def test_level_by_binding_effect_conduct_and_standing(
    rule: dict[str, Any], profile: Profile, expected: str, binds_you: bool | None
) -> None:
    finding = only(findings(listed_kb(**rule), dependency(), profile=profile))
    assert finding.level == expected
    assert finding.consequences[0].binds_you is binds_you


def test_roles_of_the_unit_count_for_what_is_seen_in_the_unit() -> None:
    profile = Profile(
        roles=frozenset({Role.EU_PERSON}),
        units={"us": frozenset({Role.US_PERSON}), "uk": frozenset({Role.UK_PERSON})},
    )
    levels = {
        unit: only(findings(listed_kb(), dependency(unit=unit), profile=profile)).level for unit in ("us", "uk", None)
    }
    assert levels == {"us": "prohibited", "uk": "info", None: "prohibited"}


def test_a_finding_takes_the_worst_of_its_consequences() -> None:
    softer = make_consequence("us-softer", effect="licence")
    finding = only(findings(listed_kb(softer), dependency()))
    assert [(item.id, item.level) for item in finding.consequences] == [
        ("us-rule", "prohibited"),
        ("us-softer", "restricted"),
    ]
    assert finding.level == "prohibited"


def test_a_rule_for_named_parties_only_says_nothing_of_others() -> None:
    kb = listed_kb(make_consequence("us-other", scope_entities=["other"]), make_entity("other"))
    assert [item.id for item in only(findings(kb, dependency())).consequences] == ["us-rule"]


def test_nobody_listed_and_nothing_said_is_no_finding() -> None:
    assert findings(tiny_kb(ACME, SDK, make_regime(), make_consequence()), dependency()) == []


def test_a_list_that_is_not_loaded_makes_no_finding() -> None:
    kb = tiny_kb(ACME, SDK, make_regime(loaded=False), make_designation("acme", "2020-01-01"), make_consequence())
    assert findings(kb, dependency()) == []


def test_behind_our_copy_the_last_known_level_stays_and_is_marked_stale() -> None:
    regime = make_regime(checked_until=day("2026-01-01"))
    kb = tiny_kb(ACME, SDK, regime, make_designation("acme", "2020-01-01"), make_consequence())
    finding = only(findings(kb, dependency(), as_of="2026-08-01"))
    assert (finding.level, finding.stale) == ("prohibited", True)
    assert finding.listing is not None
    assert finding.listing.listing_status == "unknown"
    assert finding.listing.last_known is not None
    assert not only(findings(kb, dependency(), as_of="2026-01-01")).stale


def test_a_former_listing_is_info_for_what_stands_today() -> None:
    kb = tiny_kb(ACME, SDK, make_regime(), make_designation("acme", "2020-01-01", "2024-01-01"), make_consequence())
    finding = only(findings(kb, dependency()))
    assert (finding.level, finding.listing and finding.listing.listing_status) == ("info", "delisted")


# --- questions ------------------------------------------------------------------------------------------------------


def test_a_probable_match_is_a_review_with_the_level_if_confirmed() -> None:
    kb = listed_kb(make_name("acme", "Roadrunner", "brand"))
    finding = only(findings(kb, make_observation(Kind.NAME, "Roadrunner", Relation.SUPPLIER)))
    assert (finding.level, finding.level_if_confirmed, finding.match.decision) == ("review", "prohibited", "probable")
    assert any("Roadrunner" in question for question in finding.questions)


def test_intent_alone_is_a_review() -> None:
    finding = only(findings(listed_kb(), traffic("2026-07-01", certainty="probable")))
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    assert finding.questions


def test_an_entry_that_names_a_brand_is_a_review_with_its_question() -> None:
    entry = make_designation("acme", "2020-01-01", certainty="probable", question="Which Acme?")
    finding = only(findings(tiny_kb(ACME, SDK, make_regime(), entry, make_consequence()), dependency()))
    assert (finding.level, finding.level_if_confirmed, finding.questions) == ("review", "prohibited", ["Which Acme?"])


def test_an_exception_whose_fact_is_missing_is_a_review_where_it_applies() -> None:
    ask = RuleException(id="small", text="Small ones", applies_to=["vendor_sdk"], effect="ask", question="Is it small?")
    kb = listed_kb(exceptions=[ask])
    assert only(findings(kb, dependency())).questions == ["Is it small?"]
    assert only(findings(kb, traffic("2026-07-01"))).level == "prohibited"


def test_an_exception_that_is_only_a_note_changes_nothing() -> None:
    note = RuleException(id="n", text="A carve-out", effect="note")
    finding = only(findings(listed_kb(exceptions=[note]), dependency()))
    assert finding.level == "prohibited"
    assert finding.consequences[0].exceptions[0]["text"] == "A carve-out"


def test_a_rule_past_its_flip_is_a_review_that_names_the_text_to_check() -> None:
    unread = make_effect("suspension", "2026-05-01", "2026-06-30", checked_until=day("2026-06-15"), citation="2 Ex. 3")
    finding = only(findings(listed_kb(unread), dependency()))
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    (question,) = finding.questions
    assert "after 2026-06-30" in question
    assert "1 Example Code 1; 2 Ex. 3" in question


def test_a_rule_that_counts_later_for_this_entry_is_upcoming_until_then() -> None:
    kb = listed_kb(since="2026-07-01", entry_delay_days=60)
    finding = only(findings(kb, dependency(), as_of="2026-08-01"))
    (rule,) = finding.consequences
    assert (finding.level, rule.consequence_status, rule.applies_from) == ("upcoming", "upcoming", "2026-08-30")
    assert "applies from 2026-08-30" in rule.why
    assert [(duty.due, duty.days) for duty in rule.duties] == [("2026-08-30", 29)]
    assert only(findings(kb, dependency(), as_of="2026-08-30")).level == "prohibited"


def test_a_rule_due_to_be_suspended_before_it_begins_has_no_day_on_which_it_applies() -> None:
    planned = make_effect("suspension", "2026-08-15", "2027-01-01", published_at=day("2026-07-01"))
    kb = listed_kb(planned, applies_from=day("2026-09-01"))
    (rule,) = only(findings(kb, dependency(), as_of="2026-08-01")).consequences
    assert (rule.consequence_status, rule.duties) == ("upcoming", [])
    (later,) = only(findings(kb, dependency(), as_of="2026-08-15")).consequences
    assert [(duty.due, later.consequence_status) for duty in later.duties] == [("2027-01-01", "suspended")]


def test_a_rule_not_public_yet_gives_no_day_away() -> None:
    kb = listed_kb(applies_from=day("2026-06-30"), published_at=day("2026-01-10"))
    (rule,) = only(findings(kb, dependency(), as_of="2026-07-01", known_at="2026-01-09")).consequences
    assert (rule.consequence_status, rule.applies_from, rule.until) == ("not_in_force", None, None)


def test_the_brand_entry_of_texas_is_a_question_for_tp_link_systems() -> None:
    seen = make_observation(Kind.DOMAIN, "use.tp-link.com", direction="out")
    finding = only([item for item in findings(core_kb(), seen) if item.listing and item.listing.regime == "us-tx"])
    assert (finding.operator.id, finding.level, finding.level_if_confirmed) == ("tplink-us", "review", "prohibited")


# --- dates of conduct -----------------------------------------------------------------------------------------------


def test_acts_are_split_by_the_standing_of_the_rule_on_their_day() -> None:
    kb = listed_kb(make_effect("suspension", "2026-03-01", "2026-05-01"), since="2026-01-26")
    days = ("2026-01-10", "2026-01-20", "2026-01-26", "2026-02-10", "2026-03-01", "2026-04-30", "2026-05-01")
    finding = only(findings(kb, *(make_payment("Acme Networks Ltd", on) for on in days)))
    acts = [
        (act.from_, act.to, act.consequence_status, act.quantities[0].amount) for act in finding.consequences[0].acts
    ]
    assert acts == [
        ("2026-01-10", "2026-01-20", "not_in_force", "200"),
        ("2026-01-26", "2026-02-10", "in_force", "200"),
        ("2026-03-01", "2026-04-30", "suspended", "200"),
        ("2026-05-01", "2026-05-01", "in_force", "100"),
    ]
    assert finding.level == "prohibited"
    assert [item.amount for item in finding.artefact.quantities] == ["700"]


def test_payments_to_alibaba_before_and_after_the_texas_listing_are_told_apart() -> None:
    paid = [make_payment("Alibaba Group Holding Limited", on) for on in ("2026-01-25", "2026-01-26")]
    found = findings(core_kb(), *paid, as_of="2026-08-01")
    texas = only([item for item in found if item.listing and item.listing.regime == "us-tx"])
    acts = [(act.from_, act.consequence_status) for act in texas.consequences[0].acts]
    assert acts == [("2026-01-25", "not_in_force"), ("2026-01-26", "in_force")]


def test_a_payment_before_a_listing_that_was_still_to_come_is_no_finding() -> None:
    kb = listed_kb(since="2026-01-26")
    assert findings(kb, make_payment("Acme Networks Ltd", "2025-12-01"), as_of="2025-12-31") == []


def test_old_payments_before_a_listing_are_info_once_the_party_is_listed() -> None:
    finding = only(findings(listed_kb(since="2026-01-26"), make_payment("Acme Networks Ltd", "2023-01-01")))
    assert finding.level == "info"
    assert [act.consequence_status for act in finding.consequences[0].acts] == ["not_in_force"]


def test_a_payment_while_the_party_was_listed_stays_prohibited_after_its_delisting() -> None:
    entry = make_designation("acme", "2020-01-01", "2024-01-01")
    kb = tiny_kb(ACME, make_regime(), entry, make_consequence())
    finding = only(findings(kb, make_payment("Acme Networks Ltd", "2023-06-01")))
    assert (finding.level, finding.listing and finding.listing.listing_status) == ("prohibited", "delisted")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2025-08-01", "info", id="a year ago to the day"),
        pytest.param("2025-08-02", "prohibited", id="within the twelve months"),
        pytest.param("2026-08-01", "prohibited", id="today"),
    ],
)
def test_acts_of_the_last_twelve_months_stand_for_the_relation_today(on: str, expected: str) -> None:
    finding = only(findings(listed_kb(since="2026-07-01"), make_payment("Acme Networks Ltd", on), as_of="2026-08-01"))
    assert finding.level == expected


def test_acts_after_as_of_are_not_judged_but_counted() -> None:
    rows = [make_payment("Acme Networks Ltd", "2026-07-01"), make_payment("Acme Networks Ltd", "2026-08-02", "900")]
    finding = only(findings(listed_kb(), *rows, as_of="2026-08-01"))
    assert [item.amount for item in finding.artefact.quantities] == ["100"]
    assert joined(listed_kb(), rows, as_of="2026-08-01").later == {"input.csv": 1}


def test_acts_after_as_of_alone_are_no_finding() -> None:
    assert findings(listed_kb(), make_payment("Acme Networks Ltd", "2026-08-02"), as_of="2026-08-01") == []


def test_what_was_not_public_by_known_at_is_not_used() -> None:
    kb = listed_kb(since="2026-06-08")
    assert findings(kb, dependency(), as_of="2026-06-30", known_at="2026-06-07") == []
    assert only(findings(kb, dependency(), as_of="2026-06-30", known_at="2026-06-08")).level == "prohibited"


def test_duties_run_from_the_answer_and_skip_weekends_where_the_rule_counts_business_days() -> None:
    duties = [
        RuleDuty(id="one", text="Report", days=1, calendar="business"),
        RuleDuty(id="ten", text="File", days=10, calendar="calendar"),
        RuleDuty(id="date", text="Divest", date=day("2027-01-01")),
    ]
    finding = only(findings(listed_kb(duties=duties), dependency(), as_of="2026-07-31"))  # a Friday
    assert [duty.due for duty in finding.consequences[0].duties] == ["2026-08-03", "2026-08-10", "2027-01-01"]


def test_an_upcoming_rule_counts_the_days_to_its_start() -> None:
    finding = only(findings(listed_kb(applies_from=day("2026-08-11")), dependency(), as_of="2026-08-01"))
    assert [(duty.days, duty.due) for duty in finding.consequences[0].duties] == [(10, "2026-08-11")]


# --- ownership ------------------------------------------------------------------------------------------------------

SHOP = make_entity("shop", "Shop Ltd.", jurisdictions=["sg"])


def owned_kb(*stakes: Row, rule: str = "aggregate_50", shop: Row = SHOP) -> KnowledgeBase:
    law = (make_regime(jurisdiction="us"), make_designation("acme", "2020-01-01"), make_consequence(ownership=rule))
    return tiny_kb(ACME, shop, *law, *stakes)


BUY = make_observation(Kind.NAME, "Shop Ltd", Relation.SUPPLIER)


@pytest.mark.parametrize(
    ("rule", "share", "expected"),
    [
        pytest.param("aggregate_50", "50", ("prohibited", None), id="half"),
        pytest.param("aggregate_50", "49.99", ("info", None), id="less"),
        pytest.param("aggregate_50", None, ("review", "prohibited"), id="share unknown"),
        pytest.param("none", "100", ("info", None), id="named parties only"),
        pytest.param("unknown", "12", ("review", "prohibited"), id="test unknown"),
        pytest.param("affiliate_10", "12", ("prohibited", None), id="affiliate of ten percent"),
    ],
)
def test_an_owner_on_the_list_covers_by_the_test_of_the_rule(
    rule: str, share: str | None, expected: tuple[str, str | None]
) -> None:
    finding = only(findings(owned_kb(make_ownership("acme", "shop", share), rule=rule), BUY))
    assert (finding.operator.id, finding.listed_entity.id) == ("shop", "acme")
    assert (finding.level, finding.level_if_confirmed) == expected


def test_the_arithmetic_of_a_sum_is_shown() -> None:
    kb = owned_kb(
        make_ownership("acme", "shop", "25"), make_ownership("b", "shop", "25"), make_designation("b", "2021-01-01")
    )
    finding = findings(kb, BUY)[0]
    assert finding.arithmetic is not None
    assert (finding.arithmetic.rule, finding.arithmetic.low, finding.arithmetic.outcome) == (
        "aggregate_50",
        "50",
        "covered",
    )
    assert [(term.owner, term.low) for term in finding.arithmetic.terms] == [("Acme Networks Ltd.", "25"), ("B", "25")]


def test_the_path_runs_over_every_stake_to_the_list() -> None:
    kb = owned_kb(make_ownership("acme", "middle", "60"), make_ownership("middle", "shop", "60"))
    hops = only(findings(kb, BUY)).path
    assert [hop.from_ for hop in hops] == ["Shop Ltd", "Shop Ltd.", "Middle", "Acme Networks Ltd."]
    assert all(first.to == second.from_ for first, second in itertools.pairwise(hops))
    assert all(hop.source and hop.grade for hop in hops)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2018-01-31", [], id="before the stake"),
        pytest.param("2021-06-01", ["prohibited"], id="while it was held"),
        pytest.param("2023-02-01", [], id="after it was sold"),
    ],
)
def test_a_payment_is_judged_by_the_owners_of_its_day(on: str, expected: list[str]) -> None:
    stake = make_ownership("acme", "shop", "100", valid_from=day("2018-02-01"), valid_to=day("2023-02-01"))
    paid = make_payment("Shop Ltd", on)
    assert [item.level for item in findings(owned_kb(stake), paid, as_of="2026-08-01")] == expected


def test_a_former_owner_says_nothing_about_what_stands_today() -> None:
    stake = make_ownership("acme", "shop", "100", valid_to=day("2026-06-01"))
    finding = only(
        findings(
            owned_kb(stake, rule="unknown"),
            make_payment("Shop Ltd", "2026-07-01"),
            make_payment("Shop Ltd", "2026-05-01"),
        )
    )
    assert [act.from_ for act in finding.consequences[0].acts] == ["2026-05-01", "2026-07-01"]
    today = findings(owned_kb(stake, rule="unknown"), make_payment("Shop Ltd", "2026-07-01"))
    assert today == []


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param("2025-09-28", "info", id="before the ownership rule"),
        pytest.param("2025-10-15", "prohibited", id="while it is in force"),
        pytest.param("2025-12-01", "upcoming", id="while it is suspended"),
        pytest.param("2026-11-10", "review", id="once its text brings it back, unseen"),
    ],
)
def test_the_same_shares_give_other_answers_as_the_ownership_rule_comes_and_goes(as_of: str, expected: str) -> None:
    released = day("2025-09-29")
    rule = make_ownership_rule("aggregate_50", valid_from=released, published_at=released)
    suspension = make_effect("suspension", "2025-11-10", "2026-11-10", rule.id, checked_until=day("2026-10-10"))
    kb = owned_kb(make_ownership("acme", "shop", "60"), rule, suspension)
    assert only(findings(kb, BUY, as_of=as_of)).level == expected


@pytest.mark.parametrize(
    ("jurisdictions", "expected"),
    [
        pytest.param(["sg"], "prohibited", id="foreign"),
        pytest.param(["us"], "info", id="incorporated in the country of the rule"),
        pytest.param([], "review", id="not known where"),
    ],
)
def test_a_rule_for_foreign_entities_leaves_domestic_ones_out(jurisdictions: list[str], expected: str) -> None:
    shop = make_entity("shop", "Shop Ltd.", jurisdictions=jurisdictions)
    rule = make_ownership_rule("aggregate_50", foreign_only=True)
    assert only(findings(owned_kb(make_ownership("acme", "shop", "60"), rule, shop=shop), BUY)).level == expected


# --- where it was seen ----------------------------------------------------------------------------------------------

NETWORKS = Profile(
    roles=frozenset({Role.US_PERSON}),
    networks=(
        (ip_network("10.9.0.0/16"), Segment.GUEST, None),
        (ip_network("10.0.0.0/8"), Segment.OWN, None),
    ),
)


@pytest.mark.parametrize(
    ("hosts", "expected", "segment"),
    [
        pytest.param(["10.0.0.5"], "prohibited", "own", id="own"),
        pytest.param(["10.9.0.5"], "info", "guest", id="guest"),
        pytest.param(["10.9.0.5", "10.0.0.5"], "prohibited", "own", id="both"),
    ],
)
def test_only_traffic_of_our_own_segment_is_our_use(hosts: list[str], expected: str, segment: str) -> None:
    finding = only(findings(listed_kb(), *(traffic("2026-07-01", host) for host in hosts), profile=NETWORKS))
    assert (finding.level, finding.artefact.segment) == (expected, segment)
    assert [item.amount for item in finding.artefact.quantities] == ["1000"]


def test_a_peer_hosted_at_a_listed_party_is_info() -> None:
    kb = listed_kb(make_asset("acme", "asn", "AS64496", "hosting"), make_prefix("AS64496", "192.0.2.0", "192.0.2.255"))
    for direction in ("out", "in"):
        assert only(findings(kb, make_observation(Kind.IP, "192.0.2.1", direction=direction))).level == "info"


def test_a_client_library_becomes_use_of_the_service_with_traffic() -> None:
    kb = listed_kb(conduct=[Conduct.USE_SERVICE])
    assert only(findings(kb, dependency())).level == "info"
    levels = {item.artefact.kind: item.level for item in findings(kb, dependency(), traffic("2026-07-01"))}
    assert levels == {"purl": "prohibited", "domain": "prohibited"}


# --- claims ---------------------------------------------------------------------------------------------------------


def test_claims_alone_are_contested_with_their_ids() -> None:
    kb = tiny_kb(ACME, SDK, make_claim("c1", "acme"), make_claim("d1", "acme", "denial", answers=["c1"]))
    finding = only(findings(kb, dependency()))
    assert (finding.level, finding.listing, finding.claims) == ("contested", None, ["c1"])
    assert "not verified" in finding.why
    assert "1 answer" in finding.why


def test_claims_never_rise_above_contested_not_even_beside_a_listing() -> None:
    kb = listed_kb(*(make_claim(f"c{number}", "acme") for number in range(9)))
    levels = {item.listing is not None: item.level for item in findings(kb, dependency())}
    assert levels == {True: "prohibited", False: "contested"}


def test_a_denial_by_itself_is_no_finding() -> None:
    assert findings(tiny_kb(ACME, SDK, make_claim("d1", "acme", "denial")), dependency()) == []


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        pytest.param("2025-11-13", None, 0, id="the day before its report"),
        pytest.param("2025-11-14", None, 1, id="the day of its report"),
        pytest.param("2025-12-01", "2025-11-13", 0, id="not yet public"),
    ],
)
def test_a_claim_exists_from_its_report_not_from_its_document(as_of: str, known_at: str | None, expected: int) -> None:
    kb = tiny_kb(ACME, SDK, make_claim("c1", "acme", document_date=day("2025-11-01")))
    assert len(findings(kb, dependency(), as_of=as_of, known_at=known_at)) == expected


@pytest.mark.parametrize(
    ("stake", "expected"),
    [
        pytest.param(make_ownership("acme", "shop", "51"), ["acme"], id="majority"),
        pytest.param(make_ownership("acme", "shop", None, "control"), ["acme"], id="control"),
        pytest.param(make_ownership("acme", "shop", "33"), [], id="minority"),
        pytest.param(make_ownership("shop", "acme", "100"), [], id="the other way round"),
    ],
)
def test_claims_about_a_controlling_owner_are_shown_and_about_a_minority_owner_are_not(
    stake: Row, expected: list[str]
) -> None:
    kb = tiny_kb(ACME, SHOP, make_claim("c1", "acme"), stake)
    assert [item.listed_entity.id for item in findings(kb, BUY)] == expected


# --- identity, order, sums, gate ------------------------------------------------------------------------------------


def test_a_finding_keeps_its_id_whatever_file_line_day_or_order() -> None:
    kb = listed_kb()
    first = findings(kb, make_payment("Acme Networks Ltd", "2026-07-01"), dependency())
    other = findings(
        kb,
        dependency(file="elsewhere/lock.json", lines=[7, 9], count=4),
        make_payment("ACME NETWORKS LIMITED", "2026-06-01", "5", file="b.csv"),
        as_of="2026-07-31",
    )
    assert [item.id for item in first] == [item.id for item in other]
    assert len({item.id for item in first}) == 2


def test_another_list_operator_or_relation_is_another_finding() -> None:
    kb = listed_kb(
        make_regime("us-two"),
        make_designation("acme", "2020-01-01", regime_id="us-two"),
        make_consequence("r2", "us-two"),
    )
    rows = [make_observation(Kind.NAME, "Acme Networks Ltd", relation) for relation in ("supplier", "customer")]
    assert len({item.id for item in findings(kb, *rows)}) == 4


ROWS = [
    make_payment("Acme Networks Ltd", "2026-07-01"),
    make_payment("Acme Networks Ltd", "2026-06-01", file="b.csv"),
    make_payment("Acme Networks Limited", "2026-05-01", file="c.csv"),
    dependency(),
    dependency(file="z.json", detail='{"version": "2"}'),
    traffic("2026-07-01"),
    traffic("2026-07-02", "10.0.0.6"),
]


@settings(max_examples=25)
@given(st.permutations(ROWS))
def test_the_order_of_observations_never_matters(rows: list[dict[str, Any]]) -> None:
    kb = listed_kb(make_claim("c1", "acme"))
    assert msgspec.json.encode(findings(kb, *rows)) == msgspec.json.encode(findings(kb, *ROWS))


def test_findings_are_sorted_worst_first() -> None:
    kb = listed_kb(make_claim("c1", "acme"), conduct=[Conduct.USE_SOFTWARE])
    levels = [Level(item.level).rank for item in findings(kb, *ROWS)]
    assert levels == sorted(levels)
    assert len(set(levels)) > 1


def test_an_artefact_under_two_lists_counts_its_quantities_once() -> None:
    two = (
        make_regime("us-two"),
        make_designation("acme", "2020-01-01", regime_id="us-two"),
        make_consequence("r2", "us-two"),
    )
    found = findings(listed_kb(*two, make_claim("c1", "acme")), make_payment("Acme Networks Ltd", "2026-07-01", "250"))
    summary = summarise(found)
    assert [(level, count) for level, count in summary.by_level.items() if count] == [
        ("prohibited", 2),
        ("contested", 1),
    ]
    (entity,) = summary.by_entity
    assert [(item.amount, item.unit) for item in entity.quantities] == [("250", "USD")]
    assert entity.relations == {"payment_counterparty": 1}


def test_several_artefacts_of_one_operator_add_up() -> None:
    (entity,) = summarise(findings(listed_kb(), *ROWS)).by_entity
    assert entity.relations == {"payment_counterparty": 1, "service_endpoint": 1, "vendor_sdk": 1}
    assert {(item.unit, item.amount) for item in entity.quantities} == {("USD", "300"), ("By", "2000")}


def waiver(*, active: bool) -> Waiver:
    dates = {"created": "2026-01-01", "expires": "2026-12-31"}
    return Waiver(id="w", reason="accepted", owner="a", approver="b", active=active, **dates)


@pytest.mark.parametrize(
    ("at", "kind", "confirmed_only", "expected"),
    [
        pytest.param("prohibited", "prohibited", False, True, id="at the gate"),
        pytest.param("restricted", "prohibited", False, True, id="above the gate"),
        pytest.param("prohibited", "restricted", False, False, id="below the gate"),
        pytest.param("prohibited", "review", False, True, id="a review counts as what it may be"),
        pytest.param("prohibited", "review", True, False, id="a review as it is"),
        pytest.param("review", "review", True, True, id="a review at its own gate"),
        pytest.param("info", "restricted", False, True, id="any finding"),
    ],
)
def test_the_gate(at: str, kind: str, confirmed_only: bool, expected: bool) -> None:
    kb = listed_kb(make_name("acme", "Roadrunner", "brand"), effect="licence" if kind == "restricted" else "prohibit")
    name = "Roadrunner" if kind == "review" else "Acme Networks Ltd"
    found = findings(kb, make_observation(Kind.NAME, name, Relation.SUPPLIER))
    assert found[0].level == kind
    assert gate(found, Level(at), is_confirmed_only=confirmed_only).passed is not expected


@pytest.mark.parametrize("active", [True, False], ids=["in force", "expired"])
def test_a_waived_finding_stays_in_the_result_and_counts_only_once_expired(active: bool) -> None:
    found = findings(listed_kb(), dependency())
    found[0].waiver = waiver(active=active)
    assert gate(found, Level.PROHIBITED, is_confirmed_only=False).passed is active


def test_a_stale_finding_counts_at_the_gate() -> None:
    regime = make_regime(checked_until=day("2026-01-01"))
    kb = tiny_kb(ACME, SDK, regime, make_designation("acme", "2020-01-01"), make_consequence())
    assert not gate(findings(kb, dependency()), Level.PROHIBITED, is_confirmed_only=False).passed


def test_no_finding_is_without_a_path_and_every_hop_has_its_source() -> None:
    found = findings(
        core_kb(),
        make_observation(Kind.DOMAIN, "a.aliyuncs.com", direction="out"),
        make_payment("ZTE Corp", "2026-01-01"),
    )
    assert found
    for finding in found:
        assert finding.path
        assert all(hop.source and hop.grade for hop in finding.path)
