"""`docs/how-to/ci.md` followed to the letter: its commands are run, and its files written, as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.pipeline import ROOT, launcher, needs_option
from tests.test_howto import blocks

import beholden

PAGE = blocks("ci.md")
PROFILE = """[organisation]
name = "Northport"
roles = ["us-federal-grantee"]

[[answers]]
question = "us-889-grants/award-money"
answer = "yes"
source = "Budget of the award"
"""
PAYMENT = '2026-05-20,"{}",12.00,USD\n'
HEAD = "date,vendor,amount,currency\n"
CAMERAS = PAYMENT.format("Hangzhou Hikvision Digital Technology Co., Ltd.")
OTHERS = PAYMENT.format("Zhejiang Dahua Technology Co., Ltd.")
# Run by no test: they need an index, or a host of their own.
NOT_RUN = {"make a wheelhouse", "install from it"}


@dataclass(frozen=True, slots=True)
class Done:
    """What a block of the page gave."""

    code: int
    log: str


Follow = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose one payment is at the gate."""
    place = tmp_path / "records"
    place.mkdir()
    (place / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    (place / "payments.csv").write_text(HEAD + CAMERAS, encoding="utf-8")
    return place


@pytest.fixture
def follow(folder: Path, tmp_path: Path) -> Follow:
    """Runs a block of the page in the folder, as a runner's shell does, on a fixed day."""

    def run(block: str, day: str = "2026-08-01") -> Done:
        bin_folder = launcher(tmp_path / "bin")
        # The page's commands ask about today; these tests ask about one day.
        script = PAGE[block].replace("beholden scan .", f"beholden scan . --as-of {day}")
        env = {
            **os.environ,
            "PATH": f"{bin_folder}:/usr/bin:/bin",
            "PYTHONPATH": str(Path(beholden.__file__).parents[1]),
        }
        done = subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=env, capture_output=True, check=False)
        return Done(done.returncode, (done.stdout + done.stderr).decode())

    return run


def log_in(folder: Path, name: str = "beholden.sarif") -> dict[str, Any]:
    run: dict[str, Any] = json.loads((folder / name).read_bytes())["runs"][0]
    return run


def at_gate(folder: Path) -> dict[str, Any]:
    """The result of the payment that binds us."""
    [result] = [item for item in log_in(folder)["results"] if item["properties"]["level"] == "prohibited"]
    found: dict[str, Any] = result
    return found


def test_the_gate_stops_and_says_where(follow: Follow, folder: Path) -> None:
    done = follow("gate")
    assert done.code == 1, done.log
    assert at_gate(folder)["ruleId"] == "us-889"
    page = (folder / "beholden.md").read_text(encoding="utf-8")
    assert re.search(r"\| prohibited \| [0-9a-f]{16} \| Hangzhou Hikvision", page)


def test_the_gate_is_silent_where_nothing_is(follow: Follow, folder: Path) -> None:
    (folder / "payments.csv").write_text(HEAD + PAYMENT.format("Harmless Example Limited"), encoding="utf-8")
    assert follow("gate").code == 0


@pytest.mark.parametrize(
    ("vendor", "code", "word"),
    [(CAMERAS, 1, "see build/beholden.html"), (PAYMENT.format("Harmless Example"), 0, "nothing at the gate")],
    ids=["stopped", "passed"],
)
def test_any_shell_passes_the_code_on(follow: Follow, folder: Path, vendor: str, code: int, word: str) -> None:
    (folder / "payments.csv").write_text(HEAD + vendor, encoding="utf-8")
    done = follow("any shell")
    assert done.code == code
    assert word in done.log


def test_any_shell_does_not_take_a_rejected_file_for_nothing_found(follow: Follow, folder: Path) -> None:
    (folder / "payments.csv").write_text(HEAD + "2026-05-20,Harmless Example\n", encoding="utf-8")
    done = follow("any shell")
    assert (done.code, "no answer (exit code 3)" in done.log) == (3, True)


def test_the_baseline_lets_what_was_there_pass_and_stops_what_is_new(follow: Follow, folder: Path) -> None:
    needs_option("--baseline")
    assert follow("make or refresh the baseline").code == 0
    done = follow("gate against the baseline", "2026-08-20")
    assert done.code == 0, done.log
    assert at_gate(folder)["baselineState"] == "unchanged"
    (folder / "payments.csv").write_text(HEAD + CAMERAS + OTHERS, encoding="utf-8")
    assert follow("gate against the baseline", "2026-08-20").code == 1
    assert follow("make or refresh the baseline", "2026-08-20").code == 0
    assert follow("gate against the baseline", "2026-08-20").code == 0


def test_what_has_gone_is_told_against_the_baseline(follow: Follow, folder: Path) -> None:
    needs_option("--baseline")
    assert follow("make or refresh the baseline").code == 0
    (folder / "payments.csv").write_text(HEAD + PAYMENT.format("Harmless Example Limited"), encoding="utf-8")
    assert follow("gate against the baseline").code == 0
    told = [item["descriptor"]["id"] for item in log_in(folder)["invocations"][0]["toolExecutionNotifications"]]
    assert "baseline-gone" in told


def test_the_baseline_to_commit_holds_no_host_of_ours(follow: Follow, folder: Path) -> None:
    lease = 'lease 10.1.1.7 {\n  hardware ethernet 44:19:b6:01:02:03;\n  client-hostname "reception-door-7";\n}\n'
    (folder / "dhcpd.leases").write_text(lease, encoding="utf-8")
    assert follow("make or refresh the baseline").code == 0
    text = (folder / "beholden.baseline.sarif").read_text(encoding="utf-8")
    assert "44:19:b6" in text
    assert [word for word in ("reception-door-7", "10.1.1.7", "44:19:b6:01:02:03") if word in text] == []


def test_a_waiver_is_a_request_then_holds_then_ends(follow: Follow, folder: Path) -> None:
    needs_option("--waivers")
    assert follow("gate").code == 1
    finding = at_gate(folder)["partialFingerprints"]["beholdenFinding/v1"]
    waivers = folder / "waivers.toml"

    request = PAGE["waivers.toml"].replace("FINDING", finding)
    waivers.write_text(request, encoding="utf-8")
    assert follow("gate with waivers").code == 1
    assert [item["status"] for item in at_gate(folder)["suppressions"]] == ["underReview"]

    waivers.write_text(request + PAGE["approval"], encoding="utf-8")
    assert follow("gate with waivers", "2026-06-30").code == 1
    for day in ("2026-07-01", "2026-09-30"):
        assert follow("gate with waivers", day).code == 0
        assert [item["status"] for item in at_gate(folder)["suppressions"]] == ["accepted"]

    assert follow("gate with waivers", "2026-10-01").code == 1
    assert at_gate(folder)["suppressions"] == []
    told = [item["descriptor"]["id"] for item in log_in(folder)["invocations"][0]["toolExecutionNotifications"]]
    assert "waiver-expired" in told


def test_a_waiver_that_meets_nothing_is_told(follow: Follow, folder: Path) -> None:
    needs_option("--waivers")
    (folder / "waivers.toml").write_text(PAGE["waivers.toml"] + PAGE["approval"], encoding="utf-8")
    assert follow("gate with waivers").code == 1
    told = [item["descriptor"]["id"] for item in log_in(folder)["invocations"][0]["toolExecutionNotifications"]]
    assert "waiver-unused" in told


def test_the_workflow_gives_the_action_what_it_takes(peer: Callable[[str], ModuleType]) -> None:
    yaml = peer("yaml")
    workflow = yaml.safe_load(PAGE[".github/workflows/beholden.yml"])
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["gate"]["steps"]
    [ours] = [step for step in steps if step.get("id") == "beholden"]
    assert set(ours["with"]) <= set(action["inputs"])
    used = set(re.findall(r"steps\.beholden\.outputs\.([\w-]+)", PAGE[".github/workflows/beholden.yml"]))
    assert used
    assert used <= set(action["outputs"])
    assert workflow["permissions"] == {}


def test_the_script_of_the_other_forge_runs(
    peer: Callable[[str], ModuleType], follow: Follow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = peer("yaml").safe_load(PAGE[".gitlab-ci.yml"])["beholden"]
    monkeypatch.setitem(PAGE, "job", "\n".join(job["script"]))
    assert follow("job").code == 1
    assert [name for name in job["artifacts"]["paths"] if not (folder / name).is_file()] == []


def test_the_hook_of_the_page_is_one_of_ours(peer: Callable[[str], ModuleType]) -> None:
    yaml = peer("yaml")
    ours = {item["id"] for item in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    page = yaml.safe_load(PAGE[".pre-commit-config.yaml"])
    assert {hook["id"] for repo in page["repos"] for hook in repo["hooks"]} <= ours


def test_the_wheelhouse_is_made_of_the_locked_requirements() -> None:
    assert "-r requirements/run.txt" in PAGE["make a wheelhouse"]
    assert (ROOT / "requirements" / "run.txt").is_file()
    assert "--no-index" in PAGE["install from it"]


def test_every_command_of_the_page_is_run_or_named_as_not_run() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    commands = {title for title, text in PAGE.items() if text.startswith(("beholden ", "pip ", "code="))}
    assert commands >= NOT_RUN
    assert [title for title in commands - NOT_RUN if f'follow("{title}"' not in here] == []
