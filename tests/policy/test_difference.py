"""Comparing findings: what is joined, what counts as another one, why; the same backwards as forwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    LIST,
    day,
    findings,
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
    make_regime,
    tiny_kb,
)
from tests.builders_result import make_claim as make_told_claim
from tests.builders_result import make_consequence as make_told_rule
from tests.builders_result import make_finding, make_result
from tests.builders_result import make_listing as make_told_listing

from beholden.policy.difference import pairs
from beholden.run.compare import Half, compare, half
from beholden.schema.acceptance import AuthorisationUse
from beholden.schema.result import Arithmetic, KnowledgeBaseInfo, ProfileInfo, SumBefore, Term
from beholden.schema.vocabulary import Kind, Relation

if TYPE_CHECKING:
    from beholden.kb.base import KnowledgeBase
    from beholden.schema.comparison import Comparison, Reason

LICENCE = AuthorisationUse(
    id="L-1", kind="licence", issuer=None, valid_from=None, valid_to=None, conditions=None, source="letter"
)
PAID = [make_payment("Acme", "2020-03-01", "10"), make_payment("Daughter", "2021-03-01", "20")]


def judged(kb: KnowledgeBase, as_of: str, *rows: dict[str, Any], **changes: Any) -> Half:
    found = findings(kb, *(rows or PAID), as_of=as_of)
    info = KnowledgeBaseInfo(digest=kb.digest, sources=[])
    return half("date", as_of, make_result(found, as_of=as_of, kb=info, **changes), kb)


def compared(kb: KnowledgeBase, before: str, after: str, *rows: dict[str, Any]) -> Comparison:
    return compare(judged(kb, before, *rows), judged(kb, after, *rows), is_one_input=True)


def acme(*rows: Any) -> KnowledgeBase:
    """Acme, listed from 2020-06-01 to 2023-01-01, and what else a test says."""
    listed = make_designation("acme", "2020-06-01", "2023-01-01")
    return tiny_kb(make_regime(), make_consequence(), listed, *rows)


def told(reasons: list[Reason]) -> set[tuple[str, str | None]]:
    return {(row.kind, row.day) for row in reasons}


def reasons_of(document: Comparison) -> list[Reason]:
    return [
        *(row for rows in document.because.values() for row in rows),
        *(row for change in document.changed for row in change.because),
    ]


# --- joining --------------------------------------------------------------------------------------------------------


def test_a_finding_is_joined_by_an_id_that_it_had_before_in_either_direction() -> None:
    old, new = make_finding(id="a"), make_finding(id="b", previous_ids=["a"])
    assert [(pair.before, pair.after) for pair in pairs([old], [new])] == [(old, new)]
    assert [(pair.before, pair.after) for pair in pairs([new], [old])] == [(new, old)]


def test_two_findings_that_were_one_take_the_old_one_once() -> None:
    old = make_finding(id="a")
    split = [make_finding(id=one, previous_ids=["a"]) for one in ("b", "c")]
    joined = pairs([old], split)
    assert [(row.before and row.before.id, row.after and row.after.id) for row in joined] == [("a", "b"), (None, "c")]


def test_wording_and_running_clocks_make_no_difference() -> None:
    before, after = make_finding(why="One."), make_finding(why="Two.")
    assert all(pair.is_same for pair in pairs([before], [after]))


@pytest.mark.parametrize(
    "change",
    [
        {"level": "review"},
        {"level_if_confirmed": "prohibited"},
        {"stale": True},
        {"questions": ["Which?"]},
        {"claims": ["one"]},
        {"consequences": []},
        {"listing": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_a_reader_acts_on_makes_a_difference(change: dict[str, Any]) -> None:
    assert not any(pair.is_same for pair in pairs([make_finding()], [make_finding(**change)]))


# --- reasons --------------------------------------------------------------------------------------------------------


def test_a_listing_that_began_between_the_dates_is_the_reason() -> None:
    document = compared(acme(), "2020-05-31", "2020-06-01")
    assert [row.operator.id for row in document.added] == ["acme"]
    (reason,) = document.because[document.added[0].id]
    assert (reason.kind, reason.day, reason.regime, reason.designation) == (
        "list",
        "2020-06-01",
        LIST,
        f"{LIST}/acme/2020-06-01",
    )


def test_a_listing_that_ended_tells_its_last_day() -> None:
    document = compared(acme(), "2022-12-31", "2023-01-01", make_payment("Acme", "2022-12-01"))
    (change,) = document.changed
    assert ("list", "2023-01-01") in told(change.because)


def test_a_new_entry_of_a_listed_party_is_told_as_one() -> None:
    kb = tiny_kb(
        make_regime(),
        make_consequence(),
        make_designation("acme", "2020-01-01", "2021-01-01"),
        make_designation("acme", "2021-01-01"),
    )
    (change,) = compared(kb, "2020-12-01", "2021-06-01", PAID[0]).changed
    assert ("list", "2021-01-01") in told(change.because)
    assert any("anew" in row.text for row in change.because)


@pytest.mark.parametrize(
    ("kind", "before", "after", "on", "what"),
    [
        ("suspension", "2021-01-31", "2021-02-01", "2021-02-01", "began"),
        ("suspension", "2021-03-31", "2021-04-01", "2021-04-01", "ended"),
        ("stay", "2021-01-31", "2021-02-01", "2021-02-01", "began"),
        ("stop", "2021-01-31", "2021-02-01", "2021-02-01", "began"),
    ],
)
def test_a_suspension_stay_or_stop_is_told_with_its_day(kind: str, before: str, after: str, on: str, what: str) -> None:
    kb = acme(make_effect(kind, "2021-02-01", None if kind == "stop" else "2021-04-01"))
    (change,) = compared(kb, before, after, make_payment("Acme", "2020-12-01")).changed
    (reason,) = change.because
    assert (reason.kind, reason.day, reason.rule) == ("effect", on, "us-rule")
    assert f"{kind} of us-rule" in reason.text
    assert what in reason.text


def test_the_end_of_a_suspension_is_told_without_the_base() -> None:
    kb = acme(make_effect("suspension", "2021-02-01", "2021-04-01"))
    rows = [make_observation(Kind.NAME, "Acme", Relation.SUPPLIER)]
    sides = [judged(kb, one, *rows) for one in ("2021-03-31", "2021-04-01")]
    document = compare(*(half("result", "x", side.result) for side in sides), is_one_input=False)
    assert ("effect", "2021-04-01") in told(document.changed[0].because)


def test_a_rule_that_begins_by_its_own_date_is_told_as_such() -> None:
    kb = tiny_kb(
        make_regime(),
        make_consequence(applies_from=day("2021-06-30")),
        make_designation("acme", "2020-01-01"),
    )
    (change,) = compared(kb, "2021-06-29", "2021-06-30", make_payment("Acme", "2021-06-01")).changed
    assert told(change.because) == {("rule", "2021-06-30")}


def test_a_stake_that_began_is_the_reason_for_what_it_reaches() -> None:
    kb = acme(make_ownership("acme", "daughter", "60", valid_from=day("2022-01-01")))
    document = compared(kb, "2021-12-31", "2022-01-01", PAID[1])
    assert [row.operator.id for row in document.added] == ["daughter"]
    assert told(document.because[document.added[0].id]) == {("ownership", "2022-01-01")}


def test_a_stake_that_was_sold_is_the_reason_for_what_is_gone() -> None:
    kb = acme(make_ownership("acme", "daughter", "60", valid_to=day("2022-01-01")))
    document = compared(kb, "2021-12-31", "2022-01-01", make_payment("Daughter", "2010-03-01"))
    assert [row.operator.id for row in document.gone] == ["daughter"]
    assert told(document.because[document.gone[0].id]) == {("ownership", "2022-01-01")}


def test_an_ownership_rule_that_turned_is_told_by_its_id() -> None:
    rule = make_ownership_rule("aggregate_50", valid_from=day("2022-01-01"), published_at=day("2021-01-01"))
    stake = make_ownership("acme", "daughter", "60")
    listed = make_designation("acme", "2020-06-01")
    kb = tiny_kb(make_regime(), make_consequence(ownership="aggregate_50"), listed, stake, rule)
    (change,) = compared(kb, "2021-12-31", "2022-01-01", make_payment("Daughter", "2021-12-01")).changed
    found = [row for row in change.because if row.rule == rule.id]
    assert [(row.kind, row.day) for row in found] == [("ownership", "2022-01-01")]


def test_a_party_that_counts_by_its_place_comes_with_the_rule_that_counts_it() -> None:
    rule = make_ownership_rule(
        "aggregate_50_places",
        places=["cn"],
        places_text="a place",
        valid_from=day("2021-06-01"),
        published_at=day("2021-03-01"),
    )
    there = make_entity("acme", "Acme", jurisdictions=["cn"])
    kb = tiny_kb(make_regime(), make_consequence(ownership="aggregate_50_places"), rule, there)
    document = compared(kb, "2021-02-01", "2021-07-01", make_observation(Kind.NAME, "Acme", Relation.SUPPLIER))
    (added,) = document.added
    assert told(document.because[added.id]) == {("ownership", "2021-06-01")}
    assert document.because[added.id][0].rule == rule.id


def test_records_of_the_later_day_are_our_own_data() -> None:
    document = compared(acme(), "2020-07-01", "2020-09-01", PAID[0], make_payment("Acme", "2020-08-01", "5"))
    (change,) = document.changed
    assert {row.kind for row in change.because} == {"own_data"}
    assert "10 USD paid → 2 seen, 15 USD paid" in change.because[0].text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"binds_you": False}, {"binds_you": True}, "roles"),
        ({"exceptions": [{"id": "e", "status": "open"}]}, {"exceptions": [{"id": "e", "status": "applies"}]}, "answer"),
        ({}, {"authorisations": [LICENCE]}, "licence"),
    ],
    ids=["profile", "answer", "licence"],
)
def test_our_own_statements_are_our_own_data(before: dict[str, Any], after: dict[str, Any], said: str) -> None:
    kb = KnowledgeBaseInfo(digest="d", sources=[])
    sides = [
        half("result", "x", make_result([make_finding(consequences=[make_told_rule(**rule)])], kb=kb))
        for rule in (before, after)
    ]
    (change,) = compare(*sides, is_one_input=False).changed
    (reason,) = change.because
    assert reason.kind == "own_data"
    assert said in reason.text


def test_an_artefact_that_is_new_in_our_records_is_our_own_data() -> None:
    document = compared(acme(), "2020-07-01", "2020-09-01", make_payment("Acme", "2020-08-01", "5"))
    (added,) = document.added
    assert told(document.because[added.id]) == {("own_data", "2020-08-01")}


def test_a_claim_is_told_by_the_day_it_was_reported() -> None:
    kb = tiny_kb(make_regime(), make_claim("said", "acme", on="2021-01-15"))
    sides = []
    for as_of in ("2021-01-14", "2021-01-15"):
        side = judged(kb, as_of, PAID[0])
        side.result.claims.append(make_told_claim(id="said", reported_date="2021-01-15"))
        sides.append(side)
    document = compare(*sides, is_one_input=True)
    (added,) = document.added
    assert told(document.because[added.id]) == {("claim", "2021-01-15")}


def test_two_bases_and_two_inputs_that_cannot_be_told_apart_are_not_guessed() -> None:
    kb, other = acme(), acme(make_ownership("acme", "daughter", "60"))
    sides = [judged(kb, "2021-06-01", PAID[0]), judged(other, "2021-06-01", *PAID)]
    document = compare(*(half("result", "x", side.result) for side in sides), is_one_input=False)
    (added,) = document.added
    assert told(document.because[added.id]) == {("unknown", None)}


def test_two_results_of_one_base_that_differ_in_records_say_so() -> None:
    kb = acme(make_ownership("acme", "daughter", "60"))
    sides = [judged(kb, "2021-06-01", PAID[0]), judged(kb, "2021-06-01", *PAID)]
    document = compare(*(half("result", "x", side.result) for side in sides), is_one_input=False)
    (added,) = document.added
    assert told(document.because[added.id]) == {("own_data", None)}


def test_one_input_and_two_bases_leave_the_base_as_the_reason() -> None:
    kb, other = tiny_kb(make_regime(), make_designation("other", "2019-01-01")), acme()
    document = compare(judged(kb, "2021-06-01"), judged(other, "2021-06-01"), is_one_input=True)
    (added,) = document.added
    (reason,) = document.because[added.id]
    assert (reason.kind, reason.regime) == ("list", LIST)
    assert "Only one of the two knowledge bases" in reason.text


def test_a_list_that_one_base_does_not_have_is_no_reason_to_stumble() -> None:
    kb, other = tiny_kb(make_regime("us-none"), make_name("acme", "Acme")), acme()
    for sides in ((kb, other), (other, kb)):
        document = compare(*(judged(one, "2021-06-01", PAID[0]) for one in sides), is_one_input=True)
        assert {row.kind for row in reasons_of(document)} == {"list"}


def test_what_was_public_is_told_where_only_that_differs() -> None:
    kb = acme()
    sides = []
    for known_at in ("2020-05-01", "2020-07-01"):
        found = findings(kb, PAID[0], as_of="2020-08-01", known_at=known_at)
        info = KnowledgeBaseInfo(digest=kb.digest, sources=[])
        result = make_result(found, as_of="2020-08-01", known_at=known_at, kb=info)
        sides.append(half("result", known_at, result))
    document = compare(*sides, is_one_input=False)
    (added,) = document.added
    (reason,) = document.because[added.id]
    assert reason.kind == "list"
    assert "public" in reason.text


def test_the_day_on_which_our_copy_begins_is_told() -> None:
    kb = tiny_kb(
        make_regime(covered_from=day("2021-01-01")), make_consequence(), make_designation("acme", "2021-01-01")
    )
    document = compared(kb, "2020-12-31", "2021-01-01", make_payment("Acme", "2020-06-01"))
    (added,) = document.added
    assert told(document.because[added.id]) == {("list", "2021-01-01")}


# --- properties -----------------------------------------------------------------------------------------------------

DAYS = st.dates(day("2019-06-01"), day("2023-12-31")).map(str)


def law() -> KnowledgeBase:
    """A listing with an end, a rule that begins and is suspended, a daughter that was bought and sold, a claim."""
    return acme(
        make_consequence("us-later", applies_from=day("2021-06-30"), published_at=day("2021-01-01")),
        make_consequence("us-shares", ownership="aggregate_50"),
        make_ownership_rule("aggregate_50", valid_from=day("2021-03-01"), published_at=day("2021-02-01")),
        make_ownership("acme", "daughter", "60", valid_from=day("2020-09-01"), valid_to=day("2022-05-01")),
        make_effect("suspension", "2021-08-01", "2022-02-01"),
        make_claim("said", "acme", on="2020-02-01"),
    )


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS)
def test_a_comparison_reads_the_same_backwards(one: str, other: str) -> None:
    kb = law()
    there, back = compared(kb, one, other), compared(kb, other, one)
    assert (there.added, there.gone) == (back.gone, back.added)
    assert [(row.before, row.after) for row in there.changed] == [(row.after, row.before) for row in back.changed]
    assert {key: told(rows) for key, rows in there.because.items()} == {
        key: told(rows) for key, rows in back.because.items()
    }
    assert [told(row.because) for row in there.changed] == [told(row.because) for row in back.changed]
    assert all(row.kind != "unknown" for row in reasons_of(there))
    turned = {"touched": "freed", "freed": "touched"}
    assert {(row.change, row.level, row.findings) for row in there.by_level} == {
        (turned[row.change], row.level, row.findings) for row in back.by_level
    }


@settings(max_examples=20, deadline=None)
@given(DAYS)
def test_a_day_differs_in_nothing_from_itself(one: str) -> None:
    document = compared(law(), one, one)
    differs = [document.added, document.gone, document.changed, document.impact, document.by_rule, document.because]
    assert not any(differs)
    assert document.days_until is None


# --- two results and two bases: what may be said --------------------------------------------------------------------


def results(before: dict[str, Any], after: dict[str, Any], **sides: tuple[Any, Any]) -> Comparison:
    """Two results with one finding each; `sides` gives what of the results differs."""
    halves = []
    for at, finding in enumerate((before, after)):
        changes = {"kb": KnowledgeBaseInfo(digest="d", sources=[])} | {key: pair[at] for key, pair in sides.items()}
        halves.append(half("result", "x", make_result([make_finding(**finding)], **changes)))
    return compare(*halves, is_one_input=False)


def bases(old: str, new: str) -> tuple[KnowledgeBaseInfo, KnowledgeBaseInfo]:
    return KnowledgeBaseInfo(digest=old, sources=[]), KnowledgeBaseInfo(digest=new, sources=[])


def test_a_suspension_of_which_nobody_knows_whether_it_ended_is_not_told_as_ended() -> None:
    rested = make_told_rule(level="upcoming", consequence_status="suspended", until="2026-11-10")
    for status, is_told in (("unknown", False), ("in_force", True)):
        document = results(
            {"consequences": [rested]},
            {"consequences": [make_told_rule(consequence_status=status)]},
            as_of=("2026-06-01", "2026-12-01"),
        )
        assert [("ended on 2026-11-10" in row.text) for row in reasons_of(document)] == [is_told]


def test_other_roles_are_the_reason_where_a_rule_comes_to_us_through_others() -> None:
    rules = [
        make_told_rule(level=level, binds_you=False, reaches_you=level == "upcoming") for level in ("upcoming", "info")
    ]
    ours, theirs = ProfileInfo(name="We", roles=["us-dod-contractor"]), ProfileInfo(name="We", roles=[])
    document = results(*({"consequences": [rule]} for rule in rules), profile=(ours, theirs))
    (reason,) = reasons_of(document)
    assert (reason.kind, "(us-dod-contractor)" in reason.text) == ("own_data", True)


def test_exceptions_that_one_base_does_not_have_are_no_data_of_ours() -> None:
    rules = make_told_rule(exceptions=[]), make_told_rule(exceptions=[{"id": "e", "status": "open"}])
    document = results(*({"consequences": [rule]} for rule in rules), kb=bases("old", "new"))
    assert [row.kind for row in reasons_of(document)] == ["rule"]


def test_an_entry_whose_start_was_corrected_was_not_made_anew() -> None:
    listings = [make_told_listing(since=since) for since in ("2018-08-13", "2019-08-13")]
    document = results(*({"listing": row} for row in listings), kb=bases("old", "new"))
    (reason,) = reasons_of(document)
    assert ("anew" in reason.text, "2018-08-13 and 2019-08-13" in reason.text) == (False, True)


def test_a_number_written_otherwise_and_a_field_of_a_later_version_are_no_difference() -> None:
    term = {"owner": "Acme", "owned": "Daughter", "ownership_type": "capital"}
    sums = [
        Arithmetic(rule="r", threshold=">= 50 %", outcome="covered", low=low, high=low, terms=[told], before=before)
        for low, told, before in (
            ("33.0", Term(**term, low="33.0", high="33.0", regimes=[]), []),
            (
                "33",
                Term(**term, low="33", high="33", regimes=["us-list"]),
                [SumBefore(owned="X", low="0", high="1", outcome="covered")],
            ),
        )
    ]
    assert results(*({"arithmetic": row} for row in sums), kb=bases("old", "new")).changed == []
