"""How much a difference is: what counts, how often, and from which day on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import day, findings, make_designation, make_observation, make_regime, tiny_kb
from tests.builders import make_consequence as make_rule
from tests.builders_result import make_artefact, make_consequence, make_finding, make_listing, make_quantity

from beholden.policy.difference import Pair
from beholden.policy.impact import Impact, impact_of, sums
from beholden.policy.touches import TOUCHED, Touch
from beholden.schema.result import Act, Counted, Duty, Finding, Quantity, Sample


def finding(level: str, one: str = "a", **artefact: Any) -> Finding:
    rule = make_consequence(id="us-rule", level=level, consequence_status="in_force", applies_from="2020-01-01")
    return make_finding(id=one, level=level, consequences=[rule], artefact=make_artefact(**artefact))


def amounts(quantities: list[Quantity]) -> dict[tuple[str, str], str]:
    return {(item.unit, item.what): item.amount for item in quantities}


def summed(rows: list[Finding]) -> list[Quantity]:
    return sums(Touch(TOUCHED, row, row.consequences[0]) for row in rows)


def measured(*pairs: tuple[Finding | None, Finding | None], as_of: str = "2026-08-01", judged: str = "") -> Impact:
    return impact_of([Pair(*pair, day(judged or as_of)) for pair in pairs], as_of=day(as_of))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, "prohibited", "touched"),
        ("info", "upcoming", "touched"),
        ("upcoming", "review", "touched"),
        ("restricted", "prohibited", "touched"),
        ("prohibited", "restricted", "freed"),
        ("prohibited", "info", "freed"),
        ("review", None, "freed"),
        (None, "info", "beside"),
    ],
)
def test_a_rule_touches_frees_or_stands_beside(before: str | None, after: str | None, change: str) -> None:
    pair = (None if before is None else finding(before), None if after is None else finding(after))
    assert [row.change for row in measured(pair).by_rule] == [change]


@pytest.mark.parametrize(("before", "after"), [("prohibited", "prohibited"), ("info", "contested"), ("info", None)])
def test_a_rule_that_gives_what_it_gave_is_not_in_the_sums(before: str, after: str | None) -> None:
    result = measured((finding(before), None if after is None else finding(after)))
    assert (result.by_rule, result.by_level, result.quantities, result.days_until) == ([], [], [], None)


def test_an_artefact_counts_once_however_many_lists_it_is_under() -> None:
    paid = {
        "kind": "name",
        "value": "Acme",
        "relation": "supplier",
        "quantities": [make_quantity("7.5", "USD", "paid")],
    }
    found = [finding("prohibited", one, **paid) for one in "abc"]
    result = measured(*((None, row) for row in found))
    assert amounts(result.quantities) == {("USD", "paid"): "7.5"}
    assert [(row.level, row.findings, amounts(row.impact)) for row in result.by_level] == [
        ("prohibited", 3, {("USD", "paid"): "7.5"})
    ]


def test_a_rule_that_touches_an_artefact_already_through_another_party_is_not_new() -> None:
    """The daughter is listed beside its mother, or off the list while its mother stays."""
    mother, daughter = finding("prohibited", "mother"), finding("prohibited", "daughter")
    assert measured((mother, mother), (None, daughter)).by_rule == []
    assert measured((mother, mother), (daughter, None)).by_rule == []
    assert [row.change for row in measured((mother, None), (daughter, None)).by_rule] == ["freed"]


def test_a_stake_that_goes_from_one_listed_party_to_another_frees_nothing() -> None:
    assert measured((finding("prohibited", "one"), None), (None, finding("prohibited", "other"))).quantities == []


def test_the_part_of_a_daughter_that_is_worse_than_its_mother_s_is_new() -> None:
    mother = finding("review", "mother")
    rows = measured((mother, mother), (None, finding("prohibited", "daughter"))).by_rule
    assert [(row.change, row.level, row.findings) for row in rows] == [("touched", "prohibited", 1)]


def test_currencies_and_directions_are_never_added_up() -> None:
    measures = [("USD", "paid"), ("EUR", "paid"), ("USD", "received"), ("USD", "paid")]
    rows = [
        finding(
            "info",
            str(number),
            kind="name",
            relation="supplier",
            value=f"party {number}",
            quantities=[make_quantity("1.10", unit, what)],
        )
        for number, (unit, what) in enumerate(measures)
    ]
    assert amounts(summed(rows)) == {
        ("USD", "paid"): "2.2",
        ("EUR", "paid"): "1.1",
        ("USD", "received"): "1.1",
    }


def seen(*values: str) -> Sample:
    return Sample(distinct=len(values), top=[Counted(value=value, count=1) for value in values])


def test_devices_and_packages_are_counted_by_what_is_distinct_and_once() -> None:
    block: dict[str, Any] = {
        "kind": "mac",
        "value": "44:19:b6",
        "values": seen("44:19:b6:1", "44:19:b6:2"),
        "quantities": [],
    }
    package: dict[str, Any] = {
        "kind": "purl",
        "value": "pkg:npm/x",
        "relation": "vendor_sdk",
        "values": seen("x@1"),
        "quantities": [],
    }
    rows = [
        finding("info", "a", relation="hardware", **block),
        finding("info", "b", relation="oem_of", **block),  # the same devices under another relation
        finding("info", "c", **package),
        finding("info", "d", **package),
    ]
    assert amounts(summed(rows)) == {
        ("1", "devices"): "2",
        ("1", "packages"): "1",
    }


def test_a_device_recorded_by_name_counts_as_often_as_it_is_recorded() -> None:
    named: dict[str, Any] = {
        "kind": "name",
        "relation": "hardware",
        "count": 3,
        "values": seen("Acme"),
        "quantities": [],
    }
    assert amounts(summed([finding("info", **named)])) == {("1", "devices"): "3"}


def touched(**rule: Any) -> Impact:
    values = {"id": "us-rule", "level": "upcoming", "consequence_status": "upcoming", "applies_from": "2027-06-30"}
    row = make_finding(
        level="upcoming",
        consequences=[make_consequence(**(values | rule))],
        listing=make_listing(since="2026-03-01"),
    )
    return measured((None, row))


def test_days_run_to_the_day_the_rule_applies() -> None:
    assert touched().days_until == 333


@pytest.mark.parametrize(
    ("rule", "days", "since"),
    [
        ({"consequence_status": "in_force", "applies_from": "2020-01-01"}, 0, "2026-03-01"),
        ({"consequence_status": "in_force", "applies_from": "2026-07-01"}, 0, "2026-07-01"),
        ({"consequence_status": "suspended", "applies_from": "2020-01-01"}, None, None),
        ({"consequence_status": "unknown", "applies_from": "2020-01-01"}, None, None),
        (
            {
                "consequence_status": "suspended",
                "applies_from": "2020-01-01",
                "duties": [Duty(id="us-rule-date", text="", due="2026-08-11")],
            },
            10,
            "2026-08-11",
        ),
    ],
    ids=["entry-later", "rule-later", "suspended", "unknown", "due-back"],
)
def test_a_rule_in_force_applies_at_once_and_an_undated_one_on_no_day(
    rule: dict[str, Any], days: int | None, since: str | None
) -> None:
    result = touched(**rule)
    assert (result.days_until, result.by_rule[0].days_until, result.by_rule[0].applies_from) == (days, days, since)


def test_the_earliest_of_several_rules_gives_the_days() -> None:
    rules = [
        make_consequence(id=f"us-{on}", level="upcoming", consequence_status="upcoming", applies_from=on)
        for on in ("2027-06-30", "2026-08-31", "2028-01-01")
    ]
    assert measured((None, make_finding(level="upcoming", consequences=rules))).days_until == 30


def test_a_rule_in_force_only_on_a_later_day_applies_from_then() -> None:
    assert measured((None, finding("prohibited")), judged="2026-08-06").days_until == 5


def test_what_was_done_before_the_rule_could_cover_it_is_told_apart() -> None:
    acts = [
        Act(
            from_="2026-01-01",
            to="2026-02-01",
            consequence_status="not_in_force",
            quantities=[make_quantity("7", "USD", "paid")],
        ),
        Act(
            from_="2026-03-01",
            to="2026-04-01",
            consequence_status="in_force",
            quantities=[make_quantity("9", "USD", "paid")],
        ),
    ]
    rule = make_consequence(level="prohibited", consequence_status="in_force", acts=acts)
    row = make_finding(
        level="prohibited", consequences=[rule], artefact=make_artefact(quantities=[make_quantity("16", "USD", "paid")])
    )
    (by_rule,) = measured((None, row)).by_rule
    assert amounts(by_rule.impact)["USD", "paid"] == "16"
    assert amounts(by_rule.done_before) == {("USD", "paid"): "7"}


@pytest.mark.parametrize(("roles", "binds"), [((True, False), True), ((False, False), False), ((None, None), None)])
def test_a_rule_binds_you_where_it_binds_you_anywhere(
    roles: tuple[bool | None, bool | None], binds: bool | None
) -> None:
    rows = [
        make_finding(id=str(number), consequences=[make_consequence(level="prohibited", binds_you=role)])
        for number, role in enumerate(roles)
    ]
    assert [row.binds_you for row in measured(*((None, row) for row in rows)).by_rule] == [binds]


# --- acts and what stands -------------------------------------------------------------------------------------------


def act(level: str, amount: str, since: str = "2026-03-01", **changes: Any) -> Act:
    values = {"from_": since, "to": since, "consequence_status": "in_force", "level": level}
    return Act(**(values | {"quantities": [make_quantity(amount, "USD", "paid")]} | changes))


def paid(level: str, *acts: Act, stands: str | None = None, one: str = "a", **rule: Any) -> Finding:
    """A party that we paid 16 USD in all."""
    values = {"level": level, "standing_level": stands, "consequence_status": "in_force", "acts": list(acts)}
    quantities = [make_quantity("16", "USD", "paid")]
    artefact = make_artefact(kind="name", value="Acme", relation="supplier", quantities=quantities)
    return make_finding(id=one, level=level, consequences=[make_consequence(**(values | rule))], artefact=artefact)


def usd(quantities: list[Quantity]) -> str | None:
    return amounts(quantities).get(("USD", "paid"))


def test_what_an_exception_takes_out_is_in_no_sum() -> None:
    out, covered = act("info", "7", excepted_by="us-rule/below-bulk"), act("restricted", "9")
    result = measured((None, paid("restricted", out, covered, stands="restricted")))
    (by_rule,), (by_level,) = result.by_rule, result.by_level
    assert [usd(row) for row in (result.quantities, by_rule.impact, by_level.impact)] == ["9"] * 3
    assert by_rule.done_before == by_level.done_before == []


def test_the_first_line_tells_too_what_was_done_before() -> None:
    result = measured((None, paid("prohibited", act("info", "16"), stands="prohibited")))
    assert [usd(row.done_before) for row in result.by_level] == ["16"]


def test_a_lift_does_not_free_what_was_done_while_the_party_was_listed() -> None:
    done = act("prohibited", "16")
    before, after = paid("prohibited", done, stands="prohibited"), paid("prohibited", done, stands="info")
    result = measured((before, after))
    assert [(row.change, usd(row.impact), usd(row.kept)) for row in result.by_level] == [("freed", None, "16")]
    assert not Pair(before, after).is_same


def test_a_rule_that_rested_in_the_past_frees_what_was_done_then_and_nothing_else() -> None:
    acts = act("prohibited", "9"), act("prohibited", "7", "2026-05-20")
    rested = acts[0], act("upcoming", "7", "2026-05-20", consequence_status="suspended")
    before, after = paid("prohibited", *acts, stands="prohibited"), paid("prohibited", *rested, stands="prohibited")
    assert not Pair(before, after).is_same
    for pair, change in (((before, after), "freed"), ((after, before), "touched")):
        result = measured(pair)
        assert [(row.change, usd(row.impact)) for row in result.by_rule] == [(change, "7")]
        assert [(row.change, usd(row.impact)) for row in result.by_level] == [(change, "7")]


def test_more_records_of_our_own_are_no_change_of_a_rule() -> None:
    few, more = act("prohibited", "9"), act("prohibited", "7", "2026-05-20")
    before, after = paid("prohibited", few, stands="prohibited"), paid("prohibited", few, more, stands="prohibited")
    assert measured((before, after)).by_rule == []


@pytest.mark.parametrize("is_backwards", [False, True])
def test_a_rule_on_others_that_begins_or_rests_is_neither_relief_nor_news(is_backwards: bool) -> None:
    others: dict[str, Any] = {"binds_you": False, "reaches_you": True}
    begun = paid("info", consequence_status="in_force", **others)
    coming = paid("upcoming", consequence_status="suspended" if is_backwards else "upcoming", **others)
    assert measured((begun, coming) if is_backwards else (coming, begun)).by_rule == []


def test_who_still_brings_a_rule_to_an_artefact_is_told() -> None:
    mother = paid("upcoming", one="mother")
    before, after = paid("upcoming", one="daughter"), paid("info", one="daughter")
    result = measured((mother, mother), (before, after))
    assert (result.by_rule, result.still) == ([], {"daughter": [mother.listed_entity.caption]})
    assert measured((before, after)).still == {}


def test_a_row_tells_of_its_findings_the_first_day() -> None:
    pairs = [
        Pair(None, paid("prohibited", one=one, applies_from=since), day(since))
        for one, since in (("a", "2026-12-01"), ("b", "2026-09-01"))
    ]
    (row,) = impact_of(pairs, as_of=day("2026-08-01")).by_rule
    assert (row.days_until, row.applies_from) == (31, "2026-09-01")


def test_the_rule_s_sentence_is_told_only_where_all_findings_have_the_same() -> None:
    rows = [
        (None, paid("info", one=one, why=why)) for one, why in (("a", "It binds others."), ("b", "Not a purchase."))
    ]
    assert [row.why for row in measured(*rows).by_rule] == [""]
    assert [row.why for row in measured(rows[0]).by_rule] == ["It binds others."]


def test_what_was_done_before_is_what_every_rule_says_was_and_nothing_of_rules_beside() -> None:
    rules = (
        make_rule("us-old", conduct=["procure"]),
        make_rule("us-new", conduct=["procure"], applies_from=day("2026-07-15")),
        make_rule("us-beside", conduct=["use-equipment"]),
    )
    kb = tiny_kb(make_regime(), make_designation("acme", "2020-01-01"), *rules)
    paid = make_observation(
        "name",
        "Acme",
        "supplier",
        direction="out",
        acted_on=day("2026-07-10"),
        amount=7,
        unit_of_amount="USD",
        what="paid",
    )
    after = findings(kb, paid, as_of="2026-08-01")
    told = impact_of([Pair(None, one) for one in after], as_of=day("2026-08-01"))
    assert {row.rule: [item.amount for item in row.done_before] for row in told.by_rule} == {
        "us-old": [],
        "us-new": ["7"],
        "us-beside": [],
    }
    assert [row.done_before for row in told.by_level] == [[]]
