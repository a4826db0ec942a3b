"""Waivers, baselines and answers from the command line: what stops a pipeline, what lets it pass, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command import Answer, run_here

DAY = "2026-08-01"
WAIVER = """[[waiver]]
id = "{id}"
reason = "Cameras isolated, replacement ordered"
owner = "Rita Keeper"
{approver}
created = 2026-07-01
expires = 2026-09-01
"""
APPROVED = 'approver = "Olaf Second"'


@pytest.fixture
def ledger(folder: Path) -> Path:
    """One payment, which a gate at `prohibited` stops under each list that names the party."""
    (folder / "go.mod").unlink()
    return folder


def scan(folder: Path, *options: str | Path, day: str = DAY) -> Answer:
    return run_here(
        "scan", folder, "--role", "us-federal-agency", "--as-of", day, "--fail-on", "prohibited", "--format", "json",
        *options,
    )  # fmt: skip


def stopped(answer: Answer) -> list[str]:
    """The ids of the findings that the gate stopped."""
    found = answer.document["findings"]
    return [one["id"] for one in found if "prohibited" in (one["level"], one["level_if_confirmed"])]


def waivers_for(ids: list[str], approver: str) -> str:
    return "".join(WAIVER.format(id=one, approver=approver) for one in ids)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_life_of_a_waiver_from_request_to_expiry(ledger: Path, tmp_path: Path) -> None:
    before = scan(ledger)
    assert before.code == 1
    ids = stopped(before)
    request = write(tmp_path / "waivers.toml", waivers_for(ids, ""))
    approved = write(tmp_path / "approved.toml", waivers_for(ids, APPROVED))
    one_left = write(tmp_path / "all-but-one.toml", waivers_for(ids[1:], APPROVED))
    assert scan(ledger, "--waivers", one_left).code == 1
    life = [
        (request, DAY, 1, "requested"),
        (approved, "2026-06-30", 1, "not_yet"),
        (approved, "2026-07-01", 0, "active"),
        (approved, "2026-08-31", 0, "active"),
        (approved, "2026-09-01", 1, "expired"),
    ]
    for file, day, code, status in life:
        answer = scan(ledger, "--waivers", file, day=day)
        assert answer.code == code, status
        assert stopped(answer) == ids
        waivers = [one["waiver"]["status"] for one in answer.document["findings"] if one["id"] in ids]
        assert waivers == [status] * len(ids)
        assert answer.document["gate"]["passed"] is (code == 0)


def test_one_who_approves_their_own_waiver_is_refused_before_anything_is_read(ledger: Path, tmp_path: Path) -> None:
    text = WAIVER.format(id="x", approver='approver = "rita keeper"')
    answer = scan(ledger, "--waivers", write(tmp_path / "w.toml", text))
    assert (answer.code, answer.out) == (2, b"")
    assert "w.toml:1" in answer.err
    assert "another person" in answer.err


def test_an_unused_waiver_is_reported(ledger: Path, tmp_path: Path) -> None:
    text = WAIVER.format(id="0123456789abcdef", approver=APPROVED)
    answer = scan(ledger, "--waivers", write(tmp_path / "w.toml", text))
    assert answer.code == 1
    assert "the waiver for 0123456789abcdef meets no finding" in answer.err
    assert [(use["waiver"]["id"], use["findings"]) for use in answer.document["waivers"]] == [("0123456789abcdef", 0)]


def test_a_waived_finding_still_shows_on_the_terminal(ledger: Path, tmp_path: Path) -> None:
    ids = stopped(scan(ledger))
    waivers = write(tmp_path / "w.toml", waivers_for(ids, APPROVED))
    answer = run_here("scan", ledger, "--as-of", DAY, "--waivers", waivers, "--fail-on", "prohibited")
    text = answer.out.decode()
    assert "waived until 2026-09-01" in text
    assert f"Waivers  {len(ids)} active" in text


@pytest.mark.parametrize("suffix", ["json", "sarif"])
def test_a_baseline_lets_pass_what_was_known_and_stops_what_is_new(suffix: str, ledger: Path, tmp_path: Path) -> None:
    baseline = tmp_path / f"baseline.{suffix}"
    assert scan(ledger, "-o", baseline).code == 1
    again = scan(ledger, "--baseline", baseline, day="2026-08-02")
    assert again.code == 0
    assert again.document["gate"]["in_baseline"] == len(stopped(again))
    with (ledger / "payments.csv").open("a", encoding="utf-8") as rows:
        rows.write('2026-05-22,"Huawei Technologies Co., Ltd.",10.00,USD\n')
    later = scan(ledger, "--baseline", baseline)
    assert later.code == 1
    new = {one["operator"]["id"] for one in later.document["findings"] if one["baseline"] == "new"}
    assert new == {"huawei"}


def test_an_answer_in_the_profile_changes_the_level_and_an_unused_one_is_said(ledger: Path) -> None:
    profile = '[organisation]\nroles = ["us-usf-recipient"]\n'
    write(ledger / "beholden.toml", profile)
    finding = next(one for one in run_here("scan", ledger, "--as-of", DAY, "--format", "json").document["findings"]
                   if one["level"] == "review")  # fmt: skip
    (asked,) = finding["asked"]
    answered = f'[[answers]]\nquestion = "{asked["id"]}"\nanswer = "yes"\nsource = "Invoice 4711"\n'
    write(ledger / "beholden.toml", profile + answered + answered.replace(asked["id"], "no-such/question"))
    answer = run_here("scan", ledger, "--as-of", DAY, "--format", "json")
    after = next(one for one in answer.document["findings"] if one["id"] == finding["id"])
    assert (after["level"], after["questions"]) == ("prohibited", [])
    assert "Invoice 4711" in after["why"]
    assert "answer to no-such/question was not used" in answer.err
    told = run_here("explain", finding["id"]).out.decode()
    assert f"Answered {asked['id']}: yes (Invoice 4711)" in told


@pytest.mark.parametrize("option", ["--waivers", "--baseline"])
def test_a_file_that_is_not_there_is_wrong_usage(option: str, ledger: Path) -> None:
    answer = scan(ledger, option, "nowhere")
    assert (answer.code, answer.out) == (2, b"")
