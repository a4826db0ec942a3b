"""Answers, licences and contract dates: what they change, for which acts, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.builders import (
    core_kb,
    day,
    findings,
    make_asset,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_name,
    make_observation,
    make_ownership,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.errors import UsageError
from beholden.kb.base import KnowledgeBase
from beholden.policy.profile import Profile, read_profile
from beholden.policy.summary import unused
from beholden.schema.result import Finding
from beholden.schema.rows import Row
from beholden.schema.rule_parts import RuleException
from beholden.schema.vocabulary import Kind, Relation

ASK = RuleException(id="small", text="Small ones are spared.", effect="ask", question="Is it large?")
NOTE = RuleException(id="backhaul", text="Backhaul is spared.")
EARLIER = RuleException(id="earlier", text="Earlier contracts run on.", concluded_before=day("2020-06-01"))
SOFTWARE = make_observation(Kind.PURL, "pkg:npm/acme-sdk")
SUPPLIER = make_observation(Kind.NAME, "Acme Networks Ltd", Relation.SUPPLIER)


def kb_with(*rows: Row, **rule: Any) -> KnowledgeBase:
    return tiny_kb(
        make_entity("acme", "Acme Networks Ltd."),
        make_asset("acme", "purl", "pkg:npm/acme-sdk", "code_dependency"),
        make_regime(),
        make_designation("acme", "2020-01-01"),
        make_consequence(**rule),
        *rows,
    )


def profile_of(tmp_path: Path, text: str) -> Profile:
    path = tmp_path / "beholden.toml"
    path.write_text('[organisation]\nroles = ["us-person"]\n' + text, encoding="utf-8")
    return read_profile(path)


def answer(question: str, word: str, extra: str = "") -> str:
    return f'[[answers]]\nquestion = "{question}"\nanswer = "{word}"\nsource = "File 7, page 2"\n{extra}\n'


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def question_of(found: list[Finding]) -> str:
    (asked,) = only(found).asked
    assert asked.answer is None
    assert asked.text in only(found).questions[0]
    return asked.id


# --- each kind of question ------------------------------------------------------------------------------------------


LONG_AGO = datetime(2020, 3, 1, tzinfo=UTC)
CASES = {
    "match": (kb_with(make_name("acme", "Roadrunner", "brand")), make_observation(Kind.NAME, "Roadrunner", "supplier")),
    "in-use": (kb_with(), make_observation(Kind.PURL, "pkg:npm/acme-sdk", certainty="probable")),
    "still-in-use": (
        kb_with(),
        make_observation(Kind.PURL, "pkg:npm/acme-sdk", first_seen=LONG_AGO, last_seen=LONG_AGO),
    ),
    "us-rule/small": (kb_with(exceptions=[ASK]), SOFTWARE),
    "entry/us-list/brand/2020-01-01": (
        tiny_kb(
            make_asset("brand", "purl", "pkg:npm/acme-sdk", "code_dependency"),
            make_regime(),
            make_designation("brand", "2020-01-01", certainty="probable", question="Which one?"),
            make_consequence(),
        ),
        SOFTWARE,
    ),
    "share/us-rule": (
        tiny_kb(
            make_asset("child", "purl", "pkg:npm/acme-sdk", "code_dependency"),
            make_ownership("acme", "child", None),
            make_regime(),
            make_designation("acme", "2020-01-01"),
            make_consequence(ownership="aggregate_50"),
        ),
        SOFTWARE,
    ),
}


@pytest.mark.parametrize("subject", CASES)
@pytest.mark.parametrize(("word", "level"), [("yes", "prohibited"), ("no", "info")])
@pytest.mark.parametrize("is_for_all", [False, True], ids=["for this artefact", "for every artefact"])
def test_an_answered_question_changes_the_level_with_its_source(
    subject: str, word: str, level: str, is_for_all: bool, tmp_path: Path
) -> None:
    kb, row = CASES[subject]
    before = findings(kb, row)
    assert (only(before).level, only(before).level_if_confirmed) == ("review", "prohibited")
    question = question_of(before)
    assert question.partition("@")[0] == subject
    profile = profile_of(tmp_path, answer(subject if is_for_all else question, word, 'by = "Legal"\non = 2026-07-01'))
    after = only(findings(kb, row, profile=profile))
    assert (after.level, after.level_if_confirmed, after.questions) == (level, None, [])
    (asked,) = after.asked
    assert (asked.id, asked.answer, asked.source, asked.by, asked.on) == (
        question, word, "File 7, page 2", "Legal", "2026-07-01",
    )  # fmt: skip
    assert "File 7, page 2" in after.why
    assert after.id == only(before).id
    assert unused(profile, kb, [after], day("2026-08-01")) == []


def test_a_match_answered_for_one_artefact_leaves_others_open(tmp_path: Path) -> None:
    kb = kb_with(make_name("acme", "Roadrunner", "brand"), make_name("acme", "Coyote", "brand"))
    rows = [make_observation(Kind.NAME, name, Relation.SUPPLIER) for name in ("Roadrunner", "Coyote")]
    (question,) = next(one for one in findings(kb, *rows) if one.artefact.value == "Roadrunner").asked
    after = findings(kb, *rows, profile=profile_of(tmp_path, answer(question.id, "no")))
    assert {one.artefact.value: one.level for one in after} == {"Roadrunner": "info", "Coyote": "review"}


def test_a_match_that_we_denied_contests_nothing(tmp_path: Path) -> None:
    from tests.builders import make_claim

    kb = tiny_kb(
        make_entity("acme", "Acme Networks Ltd."), make_name("acme", "Roadrunner", "brand"), make_claim("c1", "acme")
    )
    row = make_observation(Kind.NAME, "Roadrunner", Relation.SUPPLIER)
    assert only(findings(kb, row)).level == "contested"
    profile = profile_of(tmp_path, answer("match", "no"))
    finding = only(findings(kb, row, profile=profile))
    assert (finding.level, [item.answer for item in finding.asked]) == ("info", ["no"])
    assert "File 7, page 2" in finding.why
    assert unused(profile, kb, [finding], day("2026-08-01")) == []


@pytest.mark.parametrize(
    ("word", "level"),
    [("in_force", "prohibited"), ("suspended", "upcoming"), ("not_in_force", "info"), ("ended", "info")],
)
def test_the_standing_of_a_rule_behind_our_copy_is_answered(word: str, level: str, tmp_path: Path) -> None:
    kb = kb_with(make_effect("suspension", "2026-06-01", "2026-07-01", checked_until=day("2026-06-15")))
    question = question_of(findings(kb, SOFTWARE))
    assert question == "standing/us-rule"
    after = only(findings(kb, SOFTWARE, profile=profile_of(tmp_path, answer(question, word))))
    assert (after.level, after.consequences[0].consequence_status) == (level, word)


def test_an_answer_is_followed_by_another_once_it_has_expired(tmp_path: Path) -> None:
    first = answer("us-rule/small", "no", "expires = 2026-07-01")
    profile = profile_of(tmp_path, first + answer("us-rule/small", "yes", "on = 2026-07-01"))
    assert only(findings(kb_with(exceptions=[ASK]), SOFTWARE, profile=profile)).level == "prohibited"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("", "", id="no dates"),
        pytest.param("expires = 2026-07-02", "on = 2026-07-01", id="given before the other ended"),
        pytest.param("expires = 2026-07-02", "", id="given nobody knows when"),
    ],
)
def test_answers_that_contradict_each_other_are_refused_with_their_line(
    first: str, second: str, tmp_path: Path
) -> None:
    text = answer("us-rule/small", "no", first) + answer("us-rule/small", "yes", second)
    with pytest.raises(UsageError, match="us-rule/small' is answered 'no'") as caught:
        profile_of(tmp_path, text)
    assert caught.value.code == "profile.contradicting-answers"
    assert caught.value.origin is not None
    organisation = 2  # lines before it
    assert caught.value.origin.line == organisation + text[: text.rindex("[[answers]]")].count("\n") + 1


def test_the_same_answer_twice_contradicts_nothing(tmp_path: Path) -> None:
    twice = answer("us-rule/small", "no") * 2
    assert [row.answer for row in profile_of(tmp_path, twice).answers.rows] == ["no", "no"]


def test_an_answer_stops_to_hold_on_the_day_it_expires(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, answer("us-rule/small", "no", "expires = 2026-08-01"))
    kb = kb_with(exceptions=[ASK])
    levels = [only(findings(kb, SOFTWARE, profile=profile, as_of=on)).level for on in ("2026-07-31", "2026-08-01")]
    assert levels == ["info", "review"]
    after = findings(kb, SOFTWARE, profile=profile, as_of="2026-08-01")
    assert unused(profile, kb, after, day("2026-08-01")) == ["answer to us-rule/small (expired on 2026-08-01)"]


def test_a_noted_exception_is_claimed_by_saying_that_it_applies(tmp_path: Path) -> None:
    kb = kb_with(exceptions=[NOTE])
    assert only(findings(kb, SOFTWARE)).level == "prohibited"
    after = only(findings(kb, SOFTWARE, profile=profile_of(tmp_path, answer("us-rule/backhaul", "applies"))))
    assert after.level == "info"
    (shown,) = after.consequences[0].exceptions
    assert (shown["status"], "File 7" in shown["because"]) == ("applies", True)


def test_answers_about_a_rule_that_reaches_us_through_customers_are_used(tmp_path: Path) -> None:
    kb = kb_with(
        exceptions=[ASK],
        binds=["us-federal-agency"],
        applies_from=day("2027-01-01"),
        reaches=["us-person"],
        reaches_text="it comes to us",
    )
    for word, level in (("no", "info"), ("yes", "upcoming")):
        profile = profile_of(tmp_path, answer("us-rule/small", word))
        finding = only(findings(kb, SOFTWARE, profile=profile))
        assert finding.level == level
        assert [item.answer for item in finding.asked] == [word]
        assert unused(profile, kb, [finding], day("2026-08-01")) == []


@pytest.mark.parametrize("word", ["ended", "not_in_force", "in_force"])
def test_the_answer_about_a_standing_is_used_whatever_it_says(word: str, tmp_path: Path) -> None:
    kb = kb_with(make_effect("suspension", "2026-06-01", "2026-07-01", checked_until=day("2026-06-15")))
    profile = profile_of(tmp_path, answer("standing/us-rule", word))
    assert unused(profile, kb, findings(kb, SOFTWARE, profile=profile), day("2026-08-01")) == []


def test_the_finding_says_whose_answer_took_it_out_though_another_rule_sorts_first(tmp_path: Path) -> None:
    kb = kb_with(make_consequence("a-rule", conduct=["supply"]), exceptions=[ASK])
    finding = only(findings(kb, SOFTWARE, profile=profile_of(tmp_path, answer("us-rule/small", "no"))))
    assert finding.level == "info"
    assert "exception small: answered “no” (File 7, page 2)" in finding.why


def test_yes_to_an_exception_that_asks_nothing_is_no_answer(tmp_path: Path) -> None:
    kb = kb_with(exceptions=[NOTE])
    profile = profile_of(tmp_path, answer("us-rule/backhaul", "yes"))
    after = findings(kb, SOFTWARE, profile=profile)
    assert only(after).level == "prohibited"
    assert unused(profile, kb, after, day("2026-08-01")) == ["answer to us-rule/backhaul"]


def test_an_answer_never_lifts_a_listing_to_a_worse_level_than_the_rule_gives(tmp_path: Path) -> None:
    kb = kb_with(exceptions=[ASK], effect="licence")
    assert only(findings(kb, SOFTWARE, profile=profile_of(tmp_path, answer("us-rule/small", "yes")))).level == (
        "restricted"
    )


def test_what_met_no_finding_is_named(tmp_path: Path) -> None:
    text = (
        answer("us-rule/smal", "no")
        + '[[authorisations]]\nid = "X-1"\nrules = ["us-other"]\nsource = "s"\n'
        + '[[contracts]]\nparty = "Nobody Ltd"\nconcluded = 2019-01-01\nsource = "s"\n'
    )
    kb = kb_with(exceptions=[ASK])
    profile = profile_of(tmp_path, text)
    assert unused(profile, kb, findings(kb, SOFTWARE, profile=profile), day("2026-08-01")) == [
        "answer to us-rule/smal",
        "authorisation X-1",
        "contract with Nobody Ltd",
    ]


# --- contract dates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concluded", "level"), [("2020-05-31", "info"), ("2020-06-01", "prohibited"), ("2021-01-01", "prohibited")]
)
def test_a_contract_concluded_before_the_rules_day_is_outside_it(concluded: str, level: str, tmp_path: Path) -> None:
    kb = kb_with(exceptions=[EARLIER])
    text = f'[[contracts]]\nparty = "acme networks limited"\nconcluded = {concluded}\nsource = "Contract 17"\n'
    finding = only(findings(kb, SUPPLIER, profile=profile_of(tmp_path, text)))
    assert finding.level == level
    (shown,) = finding.consequences[0].exceptions
    assert shown["status"] == ("applies" if level == "info" else "does_not_apply")
    assert "Contract 17" in shown["because"]


def test_without_a_date_nothing_is_spared_and_nothing_asked() -> None:
    finding = only(findings(kb_with(exceptions=[EARLIER]), SUPPLIER))
    assert (finding.level, finding.questions) == ("prohibited", [])


def test_where_the_rule_asks_for_the_date_its_absence_is_a_question() -> None:
    asking = RuleException(
        id="earlier", text="t", effect="ask", question="Concluded since?", concluded_before=day("2020-06-01")
    )
    finding = only(findings(kb_with(exceptions=[asking]), SUPPLIER))
    assert (finding.level, finding.questions) == ("review", ["Concluded since?"])


def test_of_several_contracts_with_a_party_the_latest_counts(tmp_path: Path) -> None:
    rows = "".join(
        f'[[contracts]]\nparty = "acme"\nconcluded = {on}\nsource = "s"\n' for on in ("2019-01-01", "2021-01-01")
    )
    assert only(findings(kb_with(exceptions=[EARLIER]), SUPPLIER, profile=profile_of(tmp_path, rows))).level == (
        "prohibited"
    )


def test_a_contract_of_a_later_day_says_nothing_of_an_earlier_act(tmp_path: Path) -> None:
    rows = "".join(
        f'[[contracts]]\nparty = "acme"\nconcluded = {on}\nsource = "s"\n' for on in ("2019-01-01", "2027-01-01")
    )
    kb, profile = kb_with(exceptions=[EARLIER]), profile_of(tmp_path, rows)
    assert only(findings(kb, SUPPLIER, profile=profile)).level == "info"
    assert only(findings(kb, SUPPLIER, profile=profile, as_of="2027-01-01")).level == "prohibited"


def test_the_record_says_it_row_by_row_and_the_level_is_that_of_the_worst() -> None:
    kb = kb_with(exceptions=[EARLIER])
    name = "Acme Networks Ltd"
    paid = [
        make_payment(name, "2026-07-01", "100", contract_on=day("2019-01-01")),
        make_payment(name, "2026-07-02", "20", contract_on=day("2021-01-01")),
    ]
    assert only(findings(kb, paid[0])).level == "info"
    finding = only(findings(kb, *paid))
    assert finding.level == "prohibited"
    acts = [(act.from_, act.excepted_by, act.quantities[0].amount) for act in finding.consequences[0].acts]
    assert acts == [("2026-07-01", "us-rule/earlier", "100"), ("2026-07-02", None, "20")]


def test_the_shipped_rule_on_defence_contracts_spares_those_already_running(tmp_path: Path) -> None:
    row = make_observation(Kind.NAME, "Alibaba Group Holding Limited", Relation.SUPPLIER)

    def level(text: str) -> str:
        profile = profile_of(tmp_path, text)
        found = findings(core_kb(), row, profile=profile, as_of="2026-07-10")
        rules = [rule for item in found for rule in item.consequences if rule.id == "us-ndaa24-805-direct"]
        return rules[0].level

    agency = '[[units]]\nid = "depot"\nroles = ["us-federal-agency"]\n'
    contract = '[[contracts]]\nparty = "alibaba"\nconcluded = 2026-06-29\nsource = "Contract 17"\n'
    # Without a date the contract may be one that runs on: the finding asks.
    assert (level(agency), level(agency + contract)) == ("review", "info")
    assert level(agency + contract.replace("06-29", "06-30")) == "prohibited"


# --- authorisations -------------------------------------------------------------------------------------------------


LICENCE = """[[authorisations]]
id = "D1234567"
issuer = "BIS"
rules = ["{rule}"]
parties = ["{party}"]
valid_from = 2026-01-01
valid_to = 2026-08-01
conditions = "Report each shipment."
source = "Licence D1234567"
{extra}
"""


def licence(rule: str = "us-rule", party: str = "Acme Networks Ltd.", extra: str = "") -> str:
    return LICENCE.format(rule=rule, party=party, extra=extra)


@pytest.mark.parametrize(
    ("text", "as_of", "level"),
    [
        pytest.param(licence(), "2026-07-31", "info", id="the last day it holds"),
        pytest.param(licence(), "2026-08-01", "restricted", id="the day it ends"),
        pytest.param(licence(), "2025-12-31", "restricted", id="before it begins"),
        pytest.param(licence(rule="us-list"), "2026-07-31", "info", id="named by the list"),
        pytest.param(licence(rule="us-other"), "2026-07-31", "restricted", id="another rule"),
        pytest.param(licence(party="Other Ltd"), "2026-07-31", "restricted", id="another party"),
        pytest.param(licence(extra='conduct = ["export"]'), "2026-07-31", "restricted", id="other conduct"),
        pytest.param(licence(extra='conduct = ["procure"]'), "2026-07-31", "restricted", id="a part of the conduct"),
        pytest.param(licence(extra='conduct = ["procure", "pay"]'), "2026-07-31", "info", id="the whole conduct"),
        pytest.param(licence(extra="named_only = true"), "2026-07-31", "restricted", id="only where records name it"),
    ],
)
def test_a_licence_covers_its_rules_parties_conduct_and_days(text: str, as_of: str, level: str, tmp_path: Path) -> None:
    profile = profile_of(tmp_path, text)
    finding = only(findings(kb_with(effect="licence"), SUPPLIER, profile=profile, as_of=as_of))
    assert finding.level == level
    (rule,) = finding.consequences
    assert [use.id for use in rule.authorisations] == (["D1234567"] if level == "info" else [])
    assert any(duty.text == "Report each shipment." for duty in rule.duties) is (level == "info")
    assert ("Licence D1234567" in finding.why) is (level == "info")


def test_a_licence_covers_the_acts_of_its_days_and_no_others(tmp_path: Path) -> None:
    name = "Acme Networks Ltd"
    paid = [make_payment(name, "2026-07-31", "100"), make_payment(name, "2026-08-02", "20")]
    finding = only(findings(kb_with(), *paid, profile=profile_of(tmp_path, licence()), as_of="2026-08-10"))
    assert finding.level == "prohibited"
    assert [(act.from_, act.excepted_by) for act in finding.consequences[0].acts] == [
        ("2026-07-31", "D1234567"),
        ("2026-08-02", None),
    ]


def test_records_that_name_a_declared_licence_are_covered_by_that_one_only(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, licence(extra="named_only = true") + licence(rule="us-other").replace("D12", "E12"))
    for name, level in (("d1234567", "info"), ("E1234567", "prohibited")):
        row = make_payment("Acme Networks Ltd", "2026-07-15", authorisation=name)
        assert only(findings(kb_with(), row, profile=profile, as_of="2026-07-20")).level == level


def test_a_licence_that_only_the_records_know_is_a_question(tmp_path: Path) -> None:
    row = make_payment("Acme Networks Ltd", "2026-07-15", authorisation="D-77")
    before = findings(kb_with(), row)
    assert only(before).level == "review"
    question = question_of(before)
    assert question.startswith("authorisation/D-77/us-rule@")
    for word, level in (("yes", "info"), ("no", "prohibited")):
        assert only(findings(kb_with(), row, profile=profile_of(tmp_path, answer(question, word)))).level == level


def test_what_a_licence_allows_under_one_rule_says_nothing_of_others(tmp_path: Path) -> None:
    kb = kb_with(make_consequence("us-second"))
    row = make_payment("Acme Networks Ltd", "2026-07-15", authorisation="D-77")
    profile = profile_of(tmp_path, answer("authorisation/D-77/us-second", "yes"))
    finding = only(findings(kb, row, profile=profile))
    assert {rule.id: rule.level for rule in finding.consequences} == {"us-rule": "review", "us-second": "info"}
    assert unused(profile, kb, [finding], day("2026-08-01")) == []


def test_a_renewed_licence_may_keep_its_number(tmp_path: Path) -> None:
    renewed = licence().replace("2026-01-01", "2026-08-01").replace("valid_to = 2026-08-01", "valid_to = 2027-01-01")
    profile = profile_of(tmp_path, licence() + renewed)
    for on in ("2026-07-31", "2026-08-02"):
        row = make_payment("Acme Networks Ltd", on, authorisation="D1234567")
        assert only(findings(kb_with(), row, profile=profile, as_of="2026-08-10")).level == "info", on


def test_an_answer_that_took_some_days_out_is_shown_and_used(tmp_path: Path) -> None:
    rows = [
        make_payment("Acme Networks Ltd", "2026-07-15", "5", authorisation="D-77"),
        make_payment("Acme Networks Ltd", "2026-07-16", "7"),
    ]
    profile = profile_of(tmp_path, answer("authorisation/D-77/us-rule", "yes"))
    finding = only(findings(kb_with(), *rows, profile=profile))
    assert finding.level == "prohibited"
    assert [item.answer for item in finding.asked] == ["yes"]
    assert unused(profile, kb_with(), [finding], day("2026-08-01")) == []


def test_what_is_open_about_some_days_is_asked_though_others_decide(tmp_path: Path) -> None:
    rows = [
        make_payment("Acme Networks Ltd", "2026-07-15", "5", authorisation="D-77"),
        make_payment("Acme Networks Ltd", "2026-07-16", "7"),
    ]
    finding = only(findings(kb_with(), *rows))
    assert finding.level == "prohibited"
    assert [item.id.partition("@")[0] for item in finding.asked] == ["authorisation/D-77/us-rule"]
    assert len(finding.questions) == 1


def test_a_licence_is_no_exception_from_a_rule_that_it_does_not_name(tmp_path: Path) -> None:
    kb = kb_with(make_consequence("us-second", effect="licence"))
    finding = only(findings(kb, SUPPLIER, profile=profile_of(tmp_path, licence()), as_of="2026-07-01"))
    assert {rule.id: rule.level for rule in finding.consequences} == {"us-rule": "info", "us-second": "restricted"}
    assert finding.level == "restricted"


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        pytest.param(answer("match@12345678", "applies"), "profile.wrong-answer", "yes, no", id="match"),
        pytest.param(answer("standing/us-rule", "yes"), "profile.wrong-answer", "in_force", id="standing"),
        pytest.param(answer("standing/us-rule", "unknown"), "profile.wrong-answer", "in_force", id="no standing"),
        pytest.param(answer("match", "no", "foo = 1"), "profile.wrong-value", "foo", id="unknown key"),
        pytest.param(answer("us-rule/small", "maybe"), "profile.wrong-answer", "does_not_apply", id="exception"),
        pytest.param(answer("match", "no").replace("File 7, page 2", ""), "profile.wrong-answer", "source", id="bare"),
        pytest.param(licence(extra='kind = "wish"'), "profile.wrong-authorisation", "licence", id="kind"),
        pytest.param(licence(extra='conduct = ["fly"]'), "profile.wrong-authorisation", "fly", id="conduct"),
        pytest.param(licence().replace("2026-08-01", "2025-01-01"), "profile.wrong-authorisation", "ends", id="ends"),
        pytest.param(licence().replace('["us-rule"]', "[]"), "profile.wrong-authorisation", "no rule", id="no rule"),
        pytest.param(
            '[[contracts]]\nparty = "a"\nconcluded = 2020-01-01\nsource = "s"\nrelations = ["friend"]\n',
            "profile.wrong-contract",
            "friend",
            id="relation",
        ),
    ],
)
def test_mistakes_name_file_and_line(text: str, code: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        profile_of(tmp_path, text)
    assert caught.value.code == code
    assert "beholden.toml:3" in str(caught.value)
    assert says in str(caught.value)


def test_a_missing_date_is_said_with_the_expected_type(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="concluded"):
        profile_of(tmp_path, '[[contracts]]\nparty = "a"\nsource = "s"\n')
