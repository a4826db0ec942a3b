"""Exceptions as predicates: each condition by what the records say, and what a missing fact does."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import (
    day,
    findings,
    make_asset,
    make_consequence,
    make_designation,
    make_entity,
    make_name,
    make_observation,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.policy.days import years_after
from beholden.policy.profile import read_profile
from beholden.schema.observation import COUNTED, UNCOUNTED
from beholden.schema.rule_parts import RuleException
from beholden.schema.vocabulary import DataClass, Kind, Relation

if TYPE_CHECKING:
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.profile import Profile
    from beholden.schema.result import Finding

NAME = "Acme Networks Ltd"
OTHER_NAME = "Zenith Radio"
SUPPLIER = make_observation(Kind.NAME, NAME, Relation.SUPPLIER)


def kb_with(*exceptions: RuleException, **rule: Any) -> KnowledgeBase:
    return tiny_kb(
        make_entity("acme", "Acme Networks Limited"),
        make_name("acme", OTHER_NAME),
        make_regime(jurisdiction="us"),
        make_designation("acme", "2020-01-01"),
        make_consequence(exceptions=list(exceptions), **rule),
    )


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def exception(**conditions: Any) -> RuleException:
    return RuleException(**{"id": "spared", "text": "Spared.", "effect": "ask", "question": "Covered?", **conditions})


def profile_of(folder: Path, text: str) -> Profile:
    path = folder / "beholden.toml"
    path.write_text(text, encoding="utf-8")
    return read_profile(path)


def answered(question: str, answer: str) -> str:
    row = f'[[answers]]\nquestion = "{question}"\nanswer = "{answer}"\nsource = "Letter"\n'
    return f'{row}[organisation]\nroles = ["us-person"]\n'


def flow(persons: str | None, **changes: Any) -> dict[str, Any]:
    stated = {"data_class": "biometric", "agreement": "vendor"} | changes
    amount = {"amount": int(persons or 1), "unit_of_amount": "1", "what": COUNTED if persons else UNCOUNTED}
    return make_observation(Kind.NAME, NAME, Relation.DATA_RECIPIENT, direction="out", **amount, **stated)


# --- what a missing fact does -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "level", "status", "questions"),
    [
        pytest.param("ask", "review", "open", ["Covered?"], id="ask: the level waits"),
        pytest.param("presume", "prohibited", "presumed", [], id="presume: the rule counts as covering it"),
        pytest.param("note", "prohibited", "noted", [], id="note: nothing is asked"),
    ],
)
def test_a_missing_fact(effect: str, level: str, status: str, questions: list[str]) -> None:
    finding = only(findings(kb_with(exception(effect=effect)), SUPPLIER))
    assert (finding.level, finding.questions) == (level, questions)
    (shown,) = finding.consequences[0].exceptions
    assert shown["status"] == status


def test_a_presumed_exception_is_claimed_by_the_id_that_the_result_shows(tmp_path: Path) -> None:
    kb = kb_with(exception(effect="presume"))
    (shown,) = only(findings(kb, SUPPLIER)).consequences[0].exceptions
    answer = f'[[answers]]\nquestion = "{shown["asks"]}"\nanswer = "no"\nsource = "Letter 4"\n'
    finding = only(findings(kb, SUPPLIER, profile=profile_of(tmp_path, f"{answer}[organisation]\nroles=['us-person']")))
    assert finding.level == "info"
    assert "Letter 4" in finding.why


@pytest.mark.parametrize(
    ("conditions", "comes_up"),
    [
        pytest.param({}, True, id="about everybody"),
        pytest.param({"parties": ["acme"]}, True, id="about this party"),
        pytest.param({"parties": ["other"]}, False, id="about another party"),
        pytest.param({"applies_to": ["supplier"]}, True, id="about this relation"),
        pytest.param({"applies_to": ["hardware"]}, False, id="about another relation"),
        pytest.param({"parties": ["acme"], "applies_to": ["hardware"]}, False, id="both have to fit"),
    ],
)
def test_an_exception_comes_up_only_for_what_it_is_about(conditions: dict[str, Any], comes_up: bool) -> None:
    finding = only(findings(kb_with(exception(**conditions)), SUPPLIER))
    assert finding.level == ("review" if comes_up else "prohibited")
    assert bool(finding.consequences[0].exceptions) is comes_up


# --- contracts made before --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concluded", "for_years", "as_of", "level"),
    [
        pytest.param("2020-05-31", None, "2026-08-01", "info", id="before, without an end"),
        pytest.param("2020-06-01", None, "2026-08-01", "prohibited", id="on the day"),
        pytest.param("2020-05-31", 5, "2025-05-31", "info", id="within five years"),
        pytest.param("2020-05-31", 5, "2025-06-01", "prohibited", id="five years later"),
        pytest.param(None, 5, "2025-05-31", "review", id="no date"),
    ],
)
def test_a_safe_harbour_for_earlier_contracts(
    concluded: str | None, for_years: int | None, as_of: str, level: str
) -> None:
    kb = kb_with(exception(concluded_before=day("2020-06-01"), for_years=for_years))
    row = SUPPLIER | {"contract_on": day(concluded) if concluded else None}
    assert only(findings(kb, row, as_of=as_of)).level == level


def test_years_later_on_a_leap_day_and_at_the_end_of_the_calendar() -> None:
    assert years_after(day("2020-02-29"), 5) == day("2025-02-28")
    assert years_after(day("2020-02-29"), 4) == day("2024-02-29")
    assert years_after(day("9999-01-01"), 1) == day("9999-12-31")


# --- products ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorised", "level"),
    [("2019-12-31", "info"), ("2020-01-01", "prohibited"), (None, "review")],
    ids=["before the entry", "on the day of the entry", "no date"],
)
def test_a_product_authorised_before_the_entry(authorised: str | None, level: str) -> None:
    kb = kb_with(exception(authorised_before_entry=True))
    row = SUPPLIER | {"authorised_on": day(authorised) if authorised else None}
    assert only(findings(kb, row)).level == level


def category_kb(*covered: str) -> KnowledgeBase:
    return tiny_kb(
        make_entity("routers", "Routers produced elsewhere", schema="Asset"),
        make_asset("routers", "category", "router", "hardware"),
        make_regime(jurisdiction="us"),
        make_designation("routers", "2026-03-23", category="router", produced_in=list(covered)),
        make_consequence(conduct=["use-equipment", "supply"], exceptions=[exception(authorised_before_entry=True)]),
    )


@pytest.mark.parametrize(
    ("place", "covered", "level"),
    [
        pytest.param("vn", ("foreign",), "prohibited", id="foreign"),
        pytest.param("us", ("foreign",), "info", id="at home"),
        *(pytest.param(at, ("foreign",), "info", id=f"47 USC 153: {at}") for at in ("as", "gu", "mp", "pr", "vi")),
        pytest.param(None, ("foreign",), "review", id="not known"),
        pytest.param("cn", ("cn", "ru"), "prohibited", id="a place of the text"),
        pytest.param("vn", ("cn", "ru"), "info", id="none of its places"),
    ],
)
def test_a_category_entry_is_about_where_a_product_is_made(
    place: str | None, covered: tuple[str, ...], level: str
) -> None:
    row = make_observation(Kind.CATEGORY, "router/AX-1", "hardware", produced_in=place, authorised_on=day("2026-04-01"))
    finding = only(findings(category_kb(*covered), row))
    assert finding.level == level
    assert (finding.artefact.kind, finding.artefact.value) == ("category", "router/AX-1")
    if place is None:
        assert "Is it produced in any place but us?" in finding.questions[0]
    if level == "info":
        assert f"not covered: it is produced in {place}, as our records have it" in finding.why
        assert "answered" not in finding.why
        assert finding.asked == []


def test_a_category_is_no_party_that_we_deal_with() -> None:
    row = make_observation(Kind.CATEGORY, "router/AX-1", "customer", produced_in="vn", authorised_on=day("2026-04-01"))
    why = only(findings(category_kb("foreign"), row)).why
    assert why.startswith("We sell AX-1, a product of the category Routers produced elsewhere, which is on US-LIST")


def test_the_place_of_production_can_be_answered(tmp_path: Path) -> None:
    row = make_observation(Kind.CATEGORY, "router/AX-1", "hardware", authorised_on=day("2026-04-01"))
    kb = category_kb("foreign")
    (asked,) = only(findings(kb, row)).asked
    text = (
        f'[[answers]]\nquestion = "{asked.id}"\nanswer = "no"\nsource = "Label"\n[organisation]\nroles = ["us-person"]'
    )
    assert only(findings(kb, row, profile=profile_of(tmp_path, text))).level == "info"


def test_a_category_that_no_entry_names_leads_nowhere() -> None:
    assert findings(category_kb("foreign"), make_observation(Kind.CATEGORY, "toaster/T-1", "hardware")) == []


# --- approvals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "level"),
    [
        pytest.param("", "review", id="none held"),
        pytest.param('kind = "conditional_approval"\n', "info", id="one held"),
        pytest.param('kind = "conditional_approval"\nvalid_to = 2026-07-01\n', "review", id="one that has run out"),
    ],
)
def test_an_approval_that_we_hold_is_the_exception(held: str, level: str, tmp_path: Path) -> None:
    kb = kb_with(exception(approval="conditional_approval"))
    rows = f'[[authorisations]]\nid = "CA-17"\nrules = ["us-rule"]\nsource = "Letter"\n{held}' if held else ""
    text = f'{rows}[organisation]\nroles = ["us-person"]\n'
    finding = only(findings(kb, SUPPLIER, profile=profile_of(tmp_path, text)))
    assert finding.level == level
    (shown,) = finding.consequences[0].exceptions
    assert shown["status"] == ("applies" if level == "info" else "open")


def test_an_approval_for_any_party_that_a_record_names_is_for_what_names_it(tmp_path: Path) -> None:
    kb = kb_with(exception(approval="conditional_approval"))
    text = (
        '[[authorisations]]\nid = "CA-17"\nrules = ["us-rule"]\nsource = "Letter"\nkind = "conditional_approval"\n'
        '[organisation]\nroles = ["us-person"]\n'
    )
    profile = profile_of(tmp_path, text)
    paid = [make_payment(NAME, "2026-07-01", "7", authorisation="ca-17"), make_payment(NAME, "2026-07-02", "5")]
    assert only(findings(kb, paid[1], profile=profile)).level == "info"
    acts = only(findings(kb, *paid, profile=profile)).consequences[0].acts
    assert [(act.level, act.quantities[0].amount) for act in acts] == [("info", "7"), ("review", "5")]


def test_an_answer_for_all_does_not_stand_against_the_record_of_one(tmp_path: Path) -> None:
    kb = kb_with(exception(concluded_before=day("2020-06-01")))
    row = SUPPLIER | {"contract_on": day("2021-01-01")}
    (shown,) = only(findings(kb, SUPPLIER)).consequences[0].exceptions

    def level(question: str, record: dict[str, Any]) -> str:
        answer = f'[[answers]]\nquestion = "{question}"\nanswer = "no"\nsource = "Letter 4"\n'
        profile = profile_of(tmp_path, f"{answer}[organisation]\nroles = ['us-person']\n")
        return only(findings(kb, record, profile=profile)).level

    assert level("us-rule/spared", SUPPLIER) == "info"
    assert level("us-rule/spared", row) == "prohibited"
    # An answer about this very one is a person's word on it, with its source.
    assert level(shown["asks"], row) == "info"


# --- data flows -------------------------------------------------------------------------------------------------------


BULK = {"biometric": 1000, "government_related": 0}


@pytest.mark.parametrize(
    ("row", "level"),
    [
        pytest.param(flow("1000"), "info", id="not above the number"),
        pytest.param(flow("1001"), "prohibited", id="above it"),
        pytest.param(flow(None), "review", id="nobody counted"),
        pytest.param(flow("1", data_class="government_related"), "prohibited", id="no threshold"),
        pytest.param(flow(None, data_class="government_related"), "prohibited", id="no threshold, no count needed"),
        pytest.param(flow("999999", data_class="personal_health"), "info", id="a class that it is not about"),
        pytest.param(flow("5000", data_class=None), "review", id="class not stated"),
    ],
)
def test_a_class_of_data_is_covered_above_its_number(row: dict[str, Any], level: str) -> None:
    assert only(findings(kb_with(exception(data_classes=BULK)), row)).level == level


def test_flows_of_twelve_months_to_the_same_party_are_added() -> None:
    kb = kb_with(exception(data_classes=BULK))
    rows = [flow("600", acted_on=day(on)) for on in ("2025-06-30", "2026-01-01", "2026-07-01")]
    finding = only(findings(kb, *rows, as_of="2026-08-01"))
    assert finding.level == "prohibited"
    # The first lies more than a year before the third; each is judged with the twelve months before itself.
    assert [(act.from_, act.to, act.excepted_by) for act in finding.consequences[0].acts] == [
        ("2025-06-30", "2025-06-30", "us-rule/spared"),
        ("2026-01-01", "2026-07-01", None),
    ]
    assert only(findings(kb, rows[0], rows[2], as_of="2026-08-01")).level == "info"


def test_spellings_of_one_party_are_added() -> None:
    kb = kb_with(exception(data_classes=BULK))
    rows = [flow("600"), flow("600") | {"value": OTHER_NAME, "raw": OTHER_NAME}]
    both = findings(kb, *rows)
    assert len(both) == 2
    assert {finding.level for finding in both} == {"prohibited"}
    assert "biometric of 1,200 in the twelve months" in both[0].consequences[0].exceptions[0]["because"]


def test_a_recipient_that_is_only_probably_the_party_leaves_the_count_open(tmp_path: Path) -> None:
    kb = kb_with(exception(data_classes=BULK))
    rows = [flow("600"), flow("600", certainty="intent") | {"value": OTHER_NAME, "raw": OTHER_NAME}]
    sure = next(item for item in findings(kb, *rows) if item.match.decision == "confirmed")
    assert (sure.level, sure.questions) == ("review", ["Covered?"])
    asked = next(item for item in findings(kb, *rows) if item.match.decision != "confirmed").asked[0]
    no = answered(asked.id, "no")
    told = findings(kb, *rows, profile=profile_of(tmp_path, no))
    assert {item.level for item in told} == {"info"}


def test_classes_are_counted_apart_and_together_where_they_may_be_combined(tmp_path: Path) -> None:
    kb = kb_with(exception(data_classes={"biometric": 1000, "personal_health": 10000, "government_related": 0}))
    below = [flow("600"), flow("400", data_class="personal_health")]
    assert only(findings(kb, *below)).level == "info"
    rows = [flow("900"), flow("9000", data_class="personal_health")]
    finding = only(findings(kb, *rows))
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    assert finding.questions == [
        "Covered? Are biometric (900) and personal health (9,000) to this party combined in one set of data? "
        "Together they are above 1,000, the lowest number of these classes."
    ]
    no = answered(finding.asked[0].id, "no")
    assert only(findings(kb, *rows, profile=profile_of(tmp_path, no))).level == "info"
    # A flow of another class without a number can be the one that makes them too many.
    assert only(findings(kb, flow("900"), flow(None, data_class="personal_health"))).level == "review"


def test_numbers_read_as_people_write_them() -> None:
    kb = kb_with(exception(data_classes=BULK))
    stated = flow("1000") | {"amount": Decimal("900.000000000")}
    (shown,) = only(findings(kb, stated)).consequences[0].exceptions
    assert shown["because"].startswith("biometric of 900 in the twelve months")


@pytest.mark.parametrize(
    ("agreement", "level"),
    [("vendor", "prohibited"), ("data_brokerage", "info"), (None, "review")],
)
def test_a_kind_of_agreement(agreement: str | None, level: str) -> None:
    kb = kb_with(exception(agreements=["vendor", "employment"]))
    assert only(findings(kb, flow("5", agreement=agreement))).level == level


def test_all_conditions_have_to_hold_and_one_that_fails_settles_it() -> None:
    kb = kb_with(exception(agreements=["data_brokerage"], data_classes=BULK))
    # Another agreement, but bulk data: the exception needs both, so the rule covers it.
    assert only(findings(kb, flow("2000"))).level == "prohibited"
    assert only(findings(kb, flow("5"))).level == "info"
    assert only(findings(kb, flow(None))).level == "review"
    assert only(findings(kb, flow(None, agreement="data_brokerage"))).level == "prohibited"


def test_every_class_of_data_has_a_word_for_people() -> None:
    assert all(word.value == word.value.lower() and " " not in word.value for word in DataClass)


# --- what is done -----------------------------------------------------------------------------------------------------


def dealing(what: str, on: str | None = None) -> dict[str, Any]:
    acted = {} if on is None else {"acted_on": day(on)}
    return make_observation(Kind.NAME, NAME, Relation.EQUITY, what=what, amount=10, unit_of_amount="1", **acted)


@pytest.mark.parametrize(
    ("row", "level"),
    [
        pytest.param(dealing("held"), "info", id="held"),
        pytest.param(dealing("bought", "2026-07-01"), "prohibited", id="bought"),
        pytest.param(dealing("sold", "2026-07-01"), "prohibited", id="sold"),
        pytest.param(dealing("bought", "2019-12-31"), "info", id="bought before the listing"),
        pytest.param(dealing("invested", "2026-07-01"), "info", id="invested abroad"),
    ],
)
def test_a_rule_on_purchases_and_sales_of_securities_leaves_holdings_alone(row: dict[str, Any], level: str) -> None:
    kb = kb_with(conduct=["buy-security", "sell-security"])
    assert only(findings(kb, row)).level == level


def test_money_received_is_no_purchase() -> None:
    kb = kb_with(conduct=["procure", "pay"])
    received = make_payment(NAME, "2026-07-01", direction="in", what="received")
    paid = make_payment(NAME, "2019-07-01")
    assert only(findings(kb, received)).level == "info"
    # Beside a payment made before the listing it is none either.
    assert only(findings(kb, received, paid)).level == "info"
    assert only(findings(kb, received, make_payment(NAME, "2026-07-02"))).level == "prohibited"


# --- rules that bind our customers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "roles", "level", "says"),
    [
        pytest.param("2026-06-29", ["us-dod-contractor"], "upcoming", "it comes to us", id="before it applies"),
        pytest.param("2026-06-30", ["us-dod-contractor"], "info", "it comes to us", id="once it applies"),
        pytest.param("2026-06-29", ["us-importer"], "info", "not a role of ours", id="no part in it"),
        pytest.param("2026-06-30", ["us-federal-agency"], "prohibited", "covers this conduct", id="bound itself"),
    ],
)
def test_a_rule_that_binds_others_and_reaches_us_through_them(
    as_of: str, roles: list[str], level: str, says: str, tmp_path: Path
) -> None:
    kb = kb_with(
        binds=["us-federal-agency"],
        applies_from=day("2026-06-30"),
        reaches=["us-dod-contractor"],
        reaches_text="it comes to us with our contracts",
    )
    profile = profile_of(tmp_path, f"[organisation]\nroles = {roles!r}\n")
    finding = only(findings(kb, SUPPLIER, as_of=as_of, profile=profile))
    assert finding.level == level
    assert says in finding.why
    # A payment made before counts as the relation it stands for, at the day of the answer.
    paid = make_payment(NAME, "2026-06-01") | {"relation": Relation.SUPPLIER.value}
    assert only(findings(kb, paid, as_of=as_of, profile=profile)).level == level


def test_what_one_unit_paid_is_judged_by_the_roles_of_that_unit(tmp_path: Path) -> None:
    text = """
[organisation]
roles = ["us-importer"]
[[units]]
id = "tel"
roles = ["us-usf-recipient"]
[[units]]
id = "depot"
"""
    kb = kb_with(binds=["us-usf-recipient"])
    paid = [
        make_payment(NAME, "2026-07-01", "7000", unit="tel"),
        make_payment(NAME, "2026-07-02", "1500", unit="depot"),
    ]
    finding = only(findings(kb, *paid, profile=profile_of(tmp_path, text)))
    assert finding.level == "prohibited"
    acts = [(act.level, act.quantities[0].amount) for act in finding.consequences[0].acts]
    assert acts == [("prohibited", "7000"), ("info", "1500")]
    assert only(findings(kb, paid[1], profile=profile_of(tmp_path, text))).level == "info"


# --- exceptions that came later ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "known_at", "level"),
    [
        pytest.param("2026-06-30", None, "prohibited", id="judged before it was public"),
        pytest.param("2026-07-01", None, "review", id="on that day"),
        pytest.param("2026-08-01", "2026-06-30", "prohibited", id="not known at"),
        pytest.param("2026-08-01", "2026-07-01", "review", id="known at"),
    ],
)
def test_an_exception_counts_from_the_day_it_was_public(as_of: str, known_at: str | None, level: str) -> None:
    kb = kb_with(exception(published_at=day("2026-07-01")))
    finding = only(findings(kb, SUPPLIER, as_of=as_of, known_at=known_at))
    assert finding.level == level
    assert bool(finding.consequences[0].exceptions) is (level == "review")


def test_an_act_is_judged_by_the_exceptions_of_its_day() -> None:
    kb = kb_with(exception(published_at=day("2026-07-01"), concluded_before=day("2030-01-01")))
    rows = [make_payment(NAME, on, contract_on=day("2020-06-01")) for on in ("2026-06-30", "2026-07-01")]
    acts = only(findings(kb, *rows)).consequences[0].acts
    assert [(act.from_, act.level) for act in acts] == [("2026-06-30", "prohibited"), ("2026-07-01", "info")]


def test_people_in_one_class_of_data_are_not_added_to_those_in_another() -> None:
    """They may be the same."""
    flows = flow("6000", data_class="personal_financial"), flow("900"), flow("100")
    finding = only(findings(kb_with(), *flows))
    assert {item.what: item.amount for item in finding.artefact.quantities} == {
        f"{COUNTED} (biometric)": "1000",
        f"{COUNTED} (personal financial)": "6000",
    }


@pytest.mark.parametrize(
    ("paid", "as_of", "level", "act"),
    [
        pytest.param("2026-06-01", "2026-06-15", "upcoming", "info", id="still to come for what stands"),
        pytest.param("2026-06-01", "2027-08-01", "info", "info", id="begun since, and nothing stands any more"),
        pytest.param("2026-06-01", "2026-08-01", "prohibited", "info", id="begun since, and the relation stands"),
        pytest.param("2026-07-01", "2027-08-01", "prohibited", "prohibited", id="done under it"),
    ],
)
def test_what_was_done_before_a_rule_began_is_not_to_come_once_it_has(
    paid: str, as_of: str, level: str, act: str
) -> None:
    kb = kb_with(applies_from=day("2026-06-30"))
    finding = only(findings(kb, make_payment(NAME, paid), as_of=as_of))
    assert (finding.level, finding.consequences[0].acts[0].level) == (level, act)
