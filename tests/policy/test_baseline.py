"""Baselines: what is new, worse, better, the same or gone, and what a gate then counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.builders_result import make_artefact, make_consequence, make_finding, make_result
from tests.rendering import rendered

from beholden.errors import UsageError
from beholden.policy.baseline import Baseline, compare, read_baseline
from beholden.policy.gate import gate
from beholden.report.json import JsonReport
from beholden.report.sarif import SarifReport
from beholden.schema.acceptance import Waiver
from beholden.schema.result import Finding
from beholden.schema.vocabulary import Level

# An id, a date and a digest that are no text.
ODD = [
    json.dumps(
        {"as_of": as_of, "kb": {"digest": digest}, "findings": [{"id": one, "level": "info", "consequences": []}]}
    ).encode()
    for as_of, digest, one in (("2026-08-01", "d", 5), ({}, "d", "a"), ("2026-08-01", [], "a"))
]


def review(if_confirmed: str = "prohibited", **changes: Any) -> Finding:
    rule = make_consequence(level="review", level_if_confirmed=if_confirmed)
    return make_finding(level="review", level_if_confirmed=if_confirmed, consequences=[rule], **changes)


def baseline(folder: Path, *findings: Finding) -> Baseline:
    path = folder / "before.json"
    path.write_bytes(rendered(JsonReport(), make_result(findings)))
    return read_baseline(path)


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [
        pytest.param([], make_finding(), "new", id="not there before"),
        pytest.param([make_finding()], make_finding(), "unchanged", id="the same"),
        pytest.param([make_finding(level="contested")], make_finding(), "worse", id="a worse level"),
        pytest.param([make_finding()], make_finding(level="info"), "better", id="a better level"),
        pytest.param([review()], make_finding(), "worse", id="a review that was confirmed"),
        pytest.param([make_finding()], review(), "better", id="a question about what was sure"),
        pytest.param([review("restricted")], review("prohibited"), "worse", id="worse if confirmed"),
        pytest.param([make_finding(id="old")], make_finding(id="n", previous_ids=["old"]), "unchanged", id="merged"),
    ],
)
def test_states(before: list[Finding], now: Finding, state: str, tmp_path: Path) -> None:
    (finding,), info = compare([now], baseline(tmp_path, *before))
    assert finding.baseline == state
    assert getattr(info, state) == 1
    assert gate([finding], Level.INFO, is_confirmed_only=False).passed is (state in ("unchanged", "better"))


def test_what_is_gone_is_named_with_its_level(tmp_path: Path) -> None:
    _, info = compare([], baseline(tmp_path, make_finding(id="b", level="info"), make_finding(id="a")))
    assert [(one.id, one.level) for one in info.gone] == [("a", "prohibited"), ("b", "info")]
    assert (info.file, info.as_of) == ("before.json", "2026-08-01")


def test_a_sarif_log_is_as_good_a_baseline_as_json(tmp_path: Path) -> None:
    findings = [make_finding(), review(id="f-0009", artefact=make_artefact(kind="domain", value="shop.example"))]
    log = tmp_path / "before.sarif"
    log.write_bytes(rendered(SarifReport(), make_result(findings)))
    assert read_baseline(log).levels == baseline(tmp_path, *findings).levels


def test_what_was_gone_in_a_sarif_baseline_is_no_part_of_it(tmp_path: Path) -> None:
    log = json.loads(rendered(SarifReport(), make_result([make_finding(), make_finding(id="f-0002")])))
    log["runs"][0]["results"][0]["baselineState"] = "absent"
    path = tmp_path / "before.sarif"
    path.write_text(json.dumps(log), encoding="utf-8")
    assert len(read_baseline(path).levels) == 1


def test_what_was_accepted_until_a_day_counts_after_it_whatever_the_baseline_has(tmp_path: Path) -> None:
    expired = Waiver(
        id="w", reason="r", owner="a", approver="b", created="2026-01-01", expires="2026-02-01", active=False,
        status="expired",
    )  # fmt: skip
    (finding,), _ = compare([make_finding(waiver=expired)], baseline(tmp_path, make_finding()))
    assert finding.baseline == "unchanged"
    assert not gate([finding], Level.PROHIBITED, is_confirmed_only=False).passed


def test_the_gate_counts_why_it_lets_pass(tmp_path: Path) -> None:
    active = Waiver(
        id="w", reason="r", owner="a", approver="b", created="2026-01-01", expires="2027-01-01", active=True
    )
    findings = [make_finding(), make_finding(id="w", waiver=active), make_finding(id="new"), make_finding(level="info")]
    compared, _ = compare(findings, baseline(tmp_path, make_finding()))
    outcome = gate(compared, Level.RESTRICTED, is_confirmed_only=False)
    assert (outcome.at_gate, outcome.waived, outcome.in_baseline, outcome.passed) == (1, 1, 1, False)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"findings": [{}]}', b'{"runs": [{"tool": 1}]}', b"\xff", *ODD]
)
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "before.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_baseline(path)
    assert (caught.value.code, caught.value.exit_code) == ("baseline.not-a-result", 2)
