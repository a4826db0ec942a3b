from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.builders_result import make_artefact, make_finding, make_listing, make_many, make_result, sample_result
from tests.rendering import rendered

from beholden.report import sarif
from beholden.schema.result import Coverage, Location, ScanResult

SCHEMA = Path(__file__).resolve().parents[1] / "data" / "sarif" / "subset-2.1.0.schema.json"


def _log(result: ScanResult, *, show_personal: bool = False) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(rendered(sarif.SarifReport(), result, show_personal=show_personal))
    return log


def _run(result: ScanResult, *, show_personal: bool = False) -> dict[str, Any]:
    run: dict[str, Any] = _log(result, show_personal=show_personal)["runs"][0]
    return run


@pytest.mark.parametrize("result", [sample_result(), make_result()], ids=["sample", "empty"])
def test_log_uses_only_official_properties(result: ScanResult) -> None:
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
    assert early["partialFingerprints"] == late["partialFingerprints"] == {"beholdenFinding/v1": "f-0001"}
    assert early["ruleId"] == late["ruleId"]


def test_first_location_has_the_line_and_the_others_are_related() -> None:
    [result] = _run(make_result([make_finding()]))["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "dhcp/dhcpd.leases"},
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
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": uri}}


def test_waiver_becomes_an_accepted_external_suppression() -> None:
    results = _run(sample_result())["results"]
    [[suppression]] = [result["suppressions"] for result in results if result["suppressions"]]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "Replacement ordered" in suppression["justification"]


def test_expired_waiver_stays_visible_under_review() -> None:
    waived = next(finding for finding in sample_result().findings if finding.waiver)
    assert waived.waiver is not None
    waived.waiver.active = False
    [result] = _run(make_result([waived]))["results"]
    assert result["suppressions"][0]["status"] == "underReview"


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


def test_claims_only_finding_has_the_claims_rule() -> None:
    [result] = _run(make_result([make_finding(level="contested", listing=None, consequences=[])]))["results"]
    assert result["ruleId"] == "claims"


def test_same_result_gives_the_same_bytes() -> None:
    assert json.dumps(_log(sample_result())) == json.dumps(_log(sample_result()))


def test_regime_is_the_rule_whatever_its_country() -> None:
    run = _run(make_result([make_finding(listing=make_listing(regime="cn-ecl"))]))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["cn-ecl"]
