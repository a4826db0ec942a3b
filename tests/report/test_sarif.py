from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from msgspec.structs import replace
from tests.builders_result import (
    make_artefact,
    make_claim,
    make_consequence,
    make_finding,
    make_listing,
    make_many,
    make_result,
    sample_result,
)
from tests.rendering import rendered

from beholden.report import sarif
from beholden.report.sarif_result import MAX_CLAIM_TEXT
from beholden.schema.acceptance import Asked, AuthorisationUse, BaselineInfo, GateInfo, Gone, WaiverUse
from beholden.schema.result import Coverage, Finding, Location, ProfileInfo, ScanResult

SCHEMA = Path(__file__).resolve().parents[1] / "data" / "sarif" / "subset-2.1.0.schema.json"


def _log(result: ScanResult, *, show_personal: bool = False) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(rendered(sarif.SarifReport(), result, show_personal=show_personal))
    return log


def _run(result: ScanResult, *, show_personal: bool = False) -> dict[str, Any]:
    run: dict[str, Any] = _log(result, show_personal=show_personal)["runs"][0]
    return run


def _accepted() -> ScanResult:
    """Waivers of every kind, a baseline and a gate."""
    findings = [
        replace(_waived(status), id=f"f-{status}", baseline=state)
        for status, state in [
            ("active", "new"),
            ("requested", "worse"),
            ("expired", "unchanged"),
            ("not_yet", "better"),
        ]
    ]
    baseline = BaselineInfo(
        file="base.json",
        as_of=None,
        kb_digest=None,
        new=1,
        unchanged=1,
        worse=1,
        better=1,
        gone=[Gone(id="x", level="info")],
    )
    gate = GateInfo(fail_on="info", confirmed_only=True, at_gate=3, waived=1, in_baseline=0, passed=False)
    return make_result(findings, waivers=_uses(active=1, expired=1), baseline=baseline, gate=gate)


@pytest.mark.parametrize("name", ["sample", "empty", "accepted"])
def test_log_uses_only_official_properties(name: str) -> None:
    result = {"sample": sample_result, "empty": make_result, "accepted": _accepted}[name]()
    validator = jsonschema.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
    assert [error.message for error in validator.iter_errors(_log(result))] == []


def test_rules_are_unique_and_indexes_point_at_their_own_rule() -> None:
    run = _run(sample_result())
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("prohibited", "error"),
        ("restricted", "error"),
        ("review", "warning"),
        ("upcoming", "warning"),
        ("contested", "note"),
        ("info", "note"),
    ],
)
def test_level_maps_to_a_sarif_level(level: str, expected: str) -> None:
    [result] = _run(make_result([make_finding(level=level)]))["results"]
    assert result["level"] == expected


def test_fingerprint_is_the_finding_id_and_survives_another_date() -> None:
    early = _run(make_result([make_finding()], as_of="2020-01-01"))["results"][0]
    late = _run(make_result([make_finding(level="info", consequences=[])]))["results"][0]
    expected = {"beholdenFinding/v1": "f-0001", "primaryLocationLineHash": "f-0001:1"}
    assert early["partialFingerprints"] == late["partialFingerprints"] == expected
    assert early["ruleId"] == late["ruleId"]


def test_first_location_has_the_line_and_the_others_are_related() -> None:
    [result] = _run(make_result([make_finding()]))["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "dhcp/dhcpd.leases", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12},
    }
    assert [place["physicalLocation"]["region"] for place in result["relatedLocations"]] == [{"startLine": 40}]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("ledger/payments 2026.csv", "ledger/payments%202026.csv"),
        ("a:b.csv", "a%3Ab.csv"),
        ("账本/100%.csv", "%E8%B4%A6%E6%9C%AC/100%25.csv"),
        ("/home/anna/ledger.csv", "ledger.csv"),
        ("C:\\Users\\anna\\ledger.csv", "ledger.csv"),
        ("../../secret/ledger.csv", "secret/ledger.csv"),
        ("bad\udcff.csv", "bad%FF.csv"),
    ],
)
@pytest.mark.parametrize("show_personal", [True, False])
def test_location_is_a_relative_encoded_uri(file: str, uri: str, show_personal: bool) -> None:
    finding = make_finding(artefact=make_artefact(locations=[Location(file=file)]))
    [result] = _run(make_result([finding]), show_personal=show_personal)["results"]
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}


def test_the_base_of_locations_is_declared_and_names_no_folder_of_a_machine() -> None:
    bases = _run(sample_result())["originalUriBaseIds"]
    assert list(bases) == ["%SRCROOT%"]
    assert "uri" not in bases["%SRCROOT%"]


def test_waiver_becomes_an_accepted_external_suppression() -> None:
    results = _run(sample_result())["results"]
    [[suppression]] = [result["suppressions"] for result in results if result["suppressions"]]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "Replacement ordered" in suppression["justification"]


def _waived(status: str) -> Finding:
    found = next(finding for finding in sample_result().findings if finding.waiver)
    assert found.waiver is not None
    approver = None if status == "requested" else found.waiver.approver
    waiver = replace(found.waiver, status=status, active=status == "active", approver=approver)
    return replace(found, waiver=waiver)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param("active", ["accepted"], id="in-force"),
        pytest.param("requested", ["underReview"], id="nobody-approved"),
        pytest.param("expired", [], id="expired-counts-again"),
        pytest.param("not_yet", [], id="begins-later"),
    ],
)
def test_only_a_waiver_in_force_suppresses_and_every_one_is_told(status: str, expected: list[str]) -> None:
    [result] = _run(make_result([_waived(status)]))["results"]
    assert [item["status"] for item in result["suppressions"]] == expected
    assert {item["kind"] for item in result["suppressions"]} <= {"external"}
    assert (result["properties"]["waiver"]["id"], result["properties"]["waiver"]["status"]) == ("w-7", status)


def test_a_requested_waiver_does_not_name_an_approver() -> None:
    [result] = _run(make_result([_waived("requested")]))["results"]
    assert "not approved yet" in result["suppressions"][0]["justification"]


def _uses(**findings_of: int) -> list[WaiverUse]:
    waiver = _waived("active").waiver
    assert waiver is not None
    return [
        WaiverUse(waiver=replace(waiver, id=f"w-{status}", status=status), findings=number)
        for status, number in findings_of.items()
    ]


def test_waivers_that_do_nothing_and_expired_ones_are_notifications() -> None:
    run = _run(make_result([make_finding()], waivers=_uses(active=1, requested=0, expired=2)))
    told = {
        item["descriptor"]["id"]: item["message"]["text"]
        for item in run["invocations"][0]["toolExecutionNotifications"]
    }
    assert set(told) == {"waiver-unused", "waiver-expired"}
    assert "w-requested" in told["waiver-unused"]
    assert "w-expired expired on 2026-09-30; 2 findings" in told["waiver-expired"]
    assert [(item["id"], item["findings"]) for item in run["properties"]["waivers"]] == [
        ("w-active", 1),
        ("w-requested", 0),
        ("w-expired", 2),
    ]


def test_with_a_waiver_file_every_result_says_that_it_is_not_suppressed() -> None:
    run = _run(make_result([make_finding()], waivers=_uses(active=0)))
    assert [result["suppressions"] for result in run["results"]] == [[]]


@pytest.mark.parametrize(
    ("state", "expected"), [("new", "new"), ("unchanged", "unchanged"), ("worse", "updated"), ("better", "updated")]
)
def test_state_against_the_baseline_is_the_sarif_word_for_it(state: str, expected: str) -> None:
    [result] = _run(make_result([make_finding(baseline=state)]))["results"]
    assert (result["baselineState"], result["properties"]["baseline"]) == (expected, state)


def test_without_a_baseline_no_result_has_a_state() -> None:
    assert all("baselineState" not in result for result in _run(sample_result())["results"])


def test_what_is_gone_is_told_beside_the_results_and_not_as_an_open_one() -> None:
    baseline = BaselineInfo(
        file="/srv/ci/main.sarif",
        as_of="2026-07-01",
        kb_digest=None,
        new=1,
        unchanged=0,
        worse=0,
        better=0,
        gone=[Gone(id="f-9999", level="restricted")],
    )
    run = _run(make_result([make_finding(baseline="new")], baseline=baseline))
    assert [result["partialFingerprints"]["beholdenFinding/v1"] for result in run["results"]] == ["f-0001"]
    [told] = run["invocations"][0]["toolExecutionNotifications"]
    assert told["descriptor"]["id"] == "baseline-gone"
    assert "f-9999" in told["message"]["text"]
    assert run["properties"]["baseline"]["gone"] == [{"id": "f-9999", "level": "restricted"}]
    assert run["properties"]["baseline"]["file"] == "main.sarif"


def test_how_the_gate_came_out_is_in_the_properties_of_the_run() -> None:
    gate = GateInfo(fail_on="restricted", confirmed_only=False, at_gate=1, waived=2, in_baseline=3, passed=False)
    properties = _run(make_result([make_finding()], gate=gate))["properties"]
    assert (properties["gate"]["fail_on"], properties["gate"]["waived"], properties["gate"]["passed"]) == (
        "restricted",
        2,
        False,
    )


def test_answers_and_licences_stand_beside_what_they_change_and_open_questions_apart() -> None:
    answered = Asked(id="q1", text="Who holds [it]?", answer="A fund", source="register 7", on="2026-07-01")
    licence = AuthorisationUse(
        id="lic-1",
        kind="licence",
        issuer="OFAC",
        valid_from="2026-01-01",
        valid_to=None,
        conditions=None,
        source="file",
    )
    finding = make_finding(
        asked=[answered, Asked(id="q2", text="Which share?")],
        questions=["Which share?"],
        consequences=[make_consequence(authorisations=[licence])],
    )
    properties = _run(make_result([finding]))["results"][0]["properties"]
    assert [(item["id"], item["answer"], item["source"]) for item in properties["answered"]] == [
        ("q1", "A fund", "register 7")
    ]
    assert properties["questions"] == ["Which share?"]
    assert [item["id"] for item in properties["consequences"][0]["authorisations"]] == ["lic-1"]


def test_an_answer_of_the_profile_that_met_nothing_is_told() -> None:
    profile = ProfileInfo(name="", roles=None, unused=["answer q9"])
    [told] = _run(make_result(profile=profile))["invocations"][0]["toolExecutionNotifications"]
    assert (told["descriptor"]["id"], told["message"]["text"]) == ("profile-unused", "answer q9 met no finding.")


def test_every_notification_is_described_and_every_description_complete() -> None:
    run = _run(sample_result())
    driver = run["tool"]["driver"]
    described = {item["id"] for item in driver["notifications"]}
    assert {item["descriptor"]["id"] for item in run["invocations"][0]["toolExecutionNotifications"]} <= described
    for item in driver["notifications"] + driver["rules"]:
        assert all(item[text]["text"] for text in ("shortDescription", "fullDescription", "help"))


def test_no_two_results_share_a_fingerprint() -> None:
    for key in ("beholdenFinding/v1", "primaryLocationLineHash"):
        found = [result["partialFingerprints"][key] for result in _run(make_many(50))["results"]]
        assert len(set(found)) == 50


def test_suppressions_are_on_every_result_or_on_none() -> None:
    assert all("suppressions" in result for result in _run(sample_result())["results"])
    assert all("suppressions" not in result for result in _run(make_many(20))["results"])


@pytest.mark.parametrize(
    ("status", "expected"), [("read", True), ("partial", False), ("no_reader", True), ("rejected", False)]
)
def test_run_with_a_file_rejected_in_whole_or_part_was_not_successful(status: str, expected: bool) -> None:
    [invocation] = _run(make_result(coverage=[Coverage(file="a.csv", reader="ledger", status=status)]))["invocations"]
    assert invocation["executionSuccessful"] is expected


def test_runs_of_other_dates_are_one_series_and_say_their_date() -> None:
    runs = [_run(make_result(as_of=day)) for day in ("2025-11-14", "2026-08-01")]
    assert [run["automationDetails"] for run in runs] == [{"id": "beholden/"}] * 2
    assert [run["properties"]["as_of"] for run in runs] == ["2025-11-14", "2026-08-01"]


@pytest.mark.parametrize("show_personal", [True, False])
def test_files_of_one_name_in_two_folders_have_two_uris(show_personal: bool) -> None:
    places = [Location(file="/srv/x/recs/a.leases", line=1), Location(file="/srv/x/other/a.leases", line=1)]
    run = _run(make_result([make_finding(artefact=make_artefact(locations=places))]), show_personal=show_personal)
    [result] = run["results"]
    found = [
        item["physicalLocation"]["artifactLocation"]["uri"]
        for key in ("locations", "relatedLocations")
        for item in result[key]
    ]
    assert found == ["recs/a.leases", "other/a.leases"]


def test_path_is_in_the_properties_hop_by_hop() -> None:
    [result] = _run(make_result([make_finding()]))["results"]
    assert [(hop["from"], hop["hop"], hop["source"]) for hop in result["properties"]["path"]] == [
        ("44:19:b6", "oui_assigned_to", "ieee-oui")
    ]


def test_blind_spots_are_notifications() -> None:
    [invocation] = _run(sample_result())["invocations"]
    found = {(item["descriptor"]["id"], item["level"]) for item in invocation["toolExecutionNotifications"]}
    assert found == {
        ("coverage-rejected", "error"),
        ("coverage-partial", "warning"),
        ("coverage-no-reader", "note"),
        ("list-behind", "warning"),
        ("list-not-loaded", "note"),
    }


def test_results_over_the_limit_are_cut_from_the_end_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    result = sample_result()
    run = _run(result)
    assert [item["properties"]["level"] for item in run["results"]] == ["prohibited"] * 3
    [cut] = [
        item
        for item in run["invocations"][0]["toolExecutionNotifications"]
        if item["descriptor"]["id"] == "results-cut"
    ]
    assert cut["message"]["text"].startswith("7 results are left out")


def test_name_cannot_become_a_link_or_a_placeholder_or_reorder_the_text() -> None:
    finding = make_finding(why="Paid [click](https://evil.example) {0} \u202egpj.exe")
    [result] = _run(make_result([finding]))["results"]
    assert result["message"]["text"] == "Paid \\[click\\](https://evil.example) {{0}} \\\\u202egpj.exe"


def test_the_limits_are_those_of_the_viewers() -> None:
    assert sarif.MAX_RESULTS == 25_000  # GitHub code scanning, SARIF support: results per run
    assert MAX_CLAIM_TEXT == 2_000


def _contested(claims: int, *, filler: str = "") -> ScanResult:
    said = [make_claim(id=f"c{n}", text=f"Claim {n}.{filler}", answered_by=[f"d{n}"]) for n in range(claims)]
    answers = [
        make_claim(id=f"d{n}", type="denial", text=f"Denied {n}.", answers=[f"c{n}"], answered_by=[], caveat=None)
        for n in range(claims)
    ]
    finding = make_finding(level="contested", listing=None, consequences=[], claims=[one.id for one in said])
    return make_result([finding, make_finding(id="f-2", level="info", claims=["c0"])], claims=[*said, *answers])


def test_a_contested_result_says_each_claim_with_its_caveat_and_the_answer() -> None:
    run = _run(_contested(2))
    contested, other = run["results"]
    text = contested["message"]["text"]
    for number in range(2):
        assert text.index(f"Claim {number}.") < text.index(f"Denied {number}.")
    assert text.count("Caveat: unverified.") == 2
    assert "Claim" not in other["message"]["text"]
    assert set(run["properties"]["claims"]) == {"c0", "c1", "d0", "d1"}


@pytest.mark.parametrize(("claims", "filler"), [(40, ""), (3, "x" * 900), (2, "x" * 5_000)])
def test_a_message_is_bounded_and_cuts_no_claim_from_its_answer(claims: int, filler: str) -> None:
    run = _run(_contested(claims, filler=filler))
    text = run["results"][0]["message"]["text"]
    told = [number for number in range(claims) if f"Claim {number}." in text]
    assert told == [number for number in range(claims) if f"Denied {number}." in text]
    assert len(text) < MAX_CLAIM_TEXT + 500
    assert f"{claims - len(told)} claim" in text
    assert all(f"Denied {number}." in run["properties"]["claims"][f"c{number}"] for number in range(claims))


def test_no_text_of_a_claim_becomes_a_link_in_a_message() -> None:
    result = _contested(1, filler="[a](https://evil.example) {0}\u202e")
    assert "\\[a\\](https://evil.example) {{0}}\\\\u202e" in _run(result)["results"][0]["message"]["text"]


def test_claims_only_finding_has_the_claims_rule() -> None:
    [result] = _run(make_result([make_finding(level="contested", listing=None, consequences=[])]))["results"]
    assert result["ruleId"] == "claims"


def test_same_result_gives_the_same_bytes() -> None:
    assert json.dumps(_log(sample_result())) == json.dumps(_log(sample_result()))


def test_regime_is_the_rule_whatever_its_country() -> None:
    run = _run(make_result([make_finding(listing=make_listing(regime="cn-ecl"))]))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["cn-ecl"]
