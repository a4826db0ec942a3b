"""`beholden whatif` on the example organisation; sums were added up by hand from its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here
from tests.northport import EXAMPLE

AS_OF = "2026-08-01"
# finance/vendor-payments-2026.csv: seven months of Alibaba Cloud (Singapore), 4,120.10 + 4,133.87 + 4,098.25 + 4,410.00
# + 4,421.36 + 4,387.42 + 4,502.18.
PAID = "30073.18"


def ask(*arguments: str | Path, as_of: str = AS_OF) -> Answer:
    return run_here("whatif", EXAMPLE, "--as-of", as_of, "--allow-incomplete", *arguments, "--format", "json")


def amounts(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(row["unit"], row["what"]): row["amount"] for row in rows}


def by_rule(document: dict[str, Any], change: str) -> dict[str, dict[str, Any]]:
    return {row["rule"]: row for row in document["by_rule"] if row["change"] == change}


def without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def test_a_designation_under_blocking_sanctions_is_summed_up() -> None:
    document = ask("--designate", "alibaba", "--regime", "us-ofac-sdn").document
    assert {row["listing"]["source"] for row in document["added"]} == {"hypothesis"}
    assert all(row["why"].startswith("Hypothetical: ") for row in document["added"])
    sums = amounts(document["impact"])
    # Three clients of its services (ali-oss, aliyun-oss-go-sdk, dashscope), one look-up of its storage, to which 7 MiB
    # were sent, and one at its resolver, which took 44 bytes and gave 120, and what the cargo unit paid its subsidiary.
    assert sums["1", "packages"] == "3"
    assert sums["1", "queries"] == "2"
    assert (sums["By", "sent"], sums["By", "received"]) == (str(7 * 2**20 + 44), str(15_000 + 120))
    assert sums["USD", "paid"] == PAID
    assert document["days_until"] == 0
    rule = by_rule(document, "touched")["us-ofac-blocking"]
    assert (rule["binds_you"], rule["consequence_status"], rule["applies_from"]) == (True, "in_force", AS_OF)
    assert amounts(rule["done_before"])["USD", "paid"] == PAID
    # Whether the paid subsidiary is covered is a question of shares.
    assert rule["levels"] == {"prohibited": 5, "review": 1}


def test_a_designation_under_the_entity_list_says_what_it_does_not_touch() -> None:
    document = ask("--designate", "alibaba", "--regime", "us-bis-el").document
    assert (document["impact"], document["days_until"], document["gone"]) == ([], None, [])
    rule = by_rule(document, "beside")["us-bis-el-licence"]
    # All we do is buy, use and run; the rule is about what leaves us.
    assert rule["level"] == "info"
    assert amounts(rule["impact"])["USD", "paid"] == PAID
    # fastjson2, ali-oss, aliyun-oss-go-sdk and dashscope; antd and its icons come from an affiliate.
    assert amounts(rule["impact"])["1", "packages"] == "6"


def test_a_chinese_listing_binds_others() -> None:
    document = ask("--designate", "alibaba", "--regime", "cn-uel").document
    assert document["impact"] == []
    assert by_rule(document, "beside")["cn-uel-ban"]["binds_you"] is False


def test_a_role_makes_the_same_listing_touch() -> None:
    chosen = ("--role", "cn-exporter", "--role", "cn-person")
    document = ask("--designate", "alibaba", "--regime", "cn-uel", *chosen).document
    assert {row["rule"]: row["binds_you"] for row in document["by_rule"]} == {"cn-uel-ban": True}


def test_a_lift_frees_the_cameras() -> None:
    document = ask("--lift", "hikvision", "--regime", "us-889").document
    freed = {change["before"]["artefact"]["value"]: change for change in document["changed"]}
    steps = {value: (change["before"]["level"], change["after"]["level"]) for value, change in freed.items()}
    # Two cameras in devices/dhcpd.leases; the look-up of 14 July was done while it was listed, and only what stands of
    # it is freed.
    assert steps["44:19:b6"] == steps["c0:56:e3"] == ("prohibited", "info")
    assert steps["hik-connect.com"] == ("prohibited", "prohibited")
    assert amounts(document["impact"])["1", "devices"] == "2"
    assert document["days_until"] is None
    assert by_rule(document, "freed")["us-889-b"]["findings"] == 3
    assert all(change["because"][0]["kind"] == "list" for change in document["changed"])


def test_a_rule_to_come_is_told_with_its_days() -> None:
    document = ask("--designate", "tplink-us", "--regime", "us-dod-1260h", "--role", "us-federal-agency").document
    rules = by_rule(document, "touched")
    assert rules["us-ndaa24-805-direct"]["days_until"] == 0
    indirect = rules["us-ndaa24-805-indirect"]
    assert (indirect["level"], indirect["applies_from"], indirect["days_until"]) == ("upcoming", "2027-06-30", 333)


def test_a_suspension_of_one_rule_changes_its_standing_and_no_other() -> None:
    document = ask("--suspend", "us-ndaa24-805-direct", "--from", "2026-07-15").document
    assert document["changed"]
    for change in document["changed"]:
        before, after = ({rule["id"]: rule for rule in change[side]["consequences"]} for side in ("before", "after"))
        turned = {one for one in before if before[one]["consequence_status"] != after[one]["consequence_status"]}
        assert turned == {"us-ndaa24-805-direct"}
        assert after["us-ndaa24-805-direct"]["consequence_status"] == "suspended"
        assert [row["kind"] for row in change["because"]] == ["effect"]


def test_a_suspended_prohibition_is_to_come() -> None:
    document = ask("--suspend", "us-889-b", "--from", "2026-08-01", "--to", "2027-01-01").document
    changed = {row["before"]["artefact"]["value"]: row["after"]["level"] for row in document["changed"]}
    assert changed["44:19:b6"] == "upcoming"
    assert by_rule(document, "freed")["us-889-b"]["level"] == "prohibited"


def test_a_sale_cuts_what_only_a_stake_reaches() -> None:
    document = ask("--sell", "China Electronics Technology Group Corporation>hikvision=0").document
    assert {row["listed_entity"]["id"] for row in document["gone"]} == {"cetc"}
    assert {row["artefact"]["value"] for row in document["gone"]} >= {"44:19:b6", "c0:56:e3"}
    assert {row["kind"] for rows in document["because"].values() for row in rows} == {"ownership"}


def test_a_sale_that_no_record_rests_on_changes_nothing() -> None:
    document = ask("--sell", "huawei>hisilicon=0").document
    assert (document["added"], document["gone"], document["changed"]) == ([], [], [])


def test_lifting_undoes_designating() -> None:
    document = ask("--designate", "alibaba", "--lift", "alibaba", "--regime", "us-ofac-sdn").document
    assert (document["added"], document["gone"], document["changed"], document["by_rule"]) == ([], [], [], [])


def test_designating_a_listed_party_says_that_it_is() -> None:
    document = ask("--designate", "alibaba", "--regime", "us-dod-1260h").document
    assert (document["added"], document["gone"], document["changed"]) == ([], [], [])
    assert document["hypotheses"][0]["changes_nothing"] is True
    assert "2026-06-08" in document["hypotheses"][0]["note"]


def test_a_later_day_is_judged_on_it_and_counted_from_today() -> None:
    document = ask("--designate", "alibaba", "--regime", "us-ofac-sdn", "--on", "2026-08-11").document
    assert (document["as_of"], document["judged_as_of"], document["days_until"]) == (AS_OF, "2026-08-11", 10)


def test_each_hypothesis_has_the_list_and_the_day_that_follow_it() -> None:
    document = ask(
        *("--designate", "alibaba", "--regime", "us-889", "--on", "2026-07-01"),
        *("--lift", "hikvision", "--regime", "us-tx", "--on", "2026-07-02"),
        *("--suspend", "us-fcc-cl", "--from", "2026-07-03"),
    ).document
    told = [(row["kind"], row["regime"] or row["target"], row["on"]) for row in document["hypotheses"]]
    assert told == [
        ("designate", "us-889", "2026-07-01"),
        ("lift", "us-tx", "2026-07-02"),
        ("suspend", "us-fcc-cl", "2026-07-03"),
    ]


def test_a_list_given_once_goes_for_all_and_one_party_may_have_several() -> None:
    document = ask("--designate", "alibaba", "--designate", "dji", "--regime", "us-889").document
    assert [(row["entity"], row["regime"]) for row in document["hypotheses"]] == [
        ("alibaba", "us-889"),
        ("dji", "us-889"),
    ]
    document = ask("--designate", "alibaba", "--regime", "us-889", "--regime", "us-ofac-sdn").document
    assert [row["regime"] for row in document["hypotheses"]] == ["us-889", "us-ofac-sdn"]


def test_the_base_named_is_the_one_without_hypotheses() -> None:
    plain = run_here("scan", EXAMPLE, "--as-of", AS_OF, "--format", "json").document
    document = ask("--designate", "alibaba", "--regime", "us-ofac-sdn").document
    assert document["kb"] == plain["kb"]
    assert document["coverage"] == plain["coverage"]
    assert document["profile"]["roles"] == plain["profile"]["roles"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "say what to suppose"),
        (("--designate", "alibaba"), 2, "name the list with --regime"),
        (("--designate", "alibaba", "--regime", "us-88"), 2, "us-889"),
        (("--designate", "TP-Link", "--regime", "us-889"), 5, "tplink-us"),
        (("--designate", "no such party", "--regime", "us-889"), 5, "[show.not-found]"),
        (("--sell", "cetc=hikvision"), 2, "OWNER>OWNED=PCT"),
        (("--suspend", "us-889", "--on", "2026-01-01"), 2, "--on fits no hypothesis"),
        (("--regime", "us-tx", "--lift", "dji", "--designate", "alibaba", "--regime", "us-889"), 2, "after the one"),
        (("--lift", "dji", "--on", "2026-01-01", "--on", "2026-01-02", "--regime", "us-tx"), 2, "given twice"),
        (("--lift", "dji", "--regime", "us-tx", "--on", "01.02.2026"), 2, "YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: tuple[str, ...], code: int, said: str) -> None:
    answer = ask(*arguments)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == b""


def test_a_rejected_line_is_told_by_the_exit_code() -> None:
    question = ("--designate", "alibaba", "--regime", "us-889", "--as-of", AS_OF)
    assert run_here("whatif", EXAMPLE, *question).code == 3
    assert run_here("whatif", EXAMPLE, *question, "--allow-incomplete").code == 0


def test_one_question_has_one_answer_to_the_byte() -> None:
    question = ("--designate", "alibaba", "--regime", "us-ofac-sdn")
    assert ask(*question).out == ask(*question).out
