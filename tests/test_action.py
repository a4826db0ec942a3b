"""The GitHub Action and the pre-commit hooks, run as their hosts run them: no host is here, their contracts are."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.pipeline import ROOT, Run, launcher, needs_option, run_action

import beholden

PACKAGE = Path(beholden.__file__).parent
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
CAMERAS = "Hangzhou Hikvision Digital Technology Co., Ltd."
LEDGER = f'date,vendor,amount,currency\n2026-05-20,"{CAMERAS}",12.00,USD\n'
GO_MOD = "module example.com/shop\n\nrequire github.com/aliyun/credentials-go v1.4.5\n"
REQUIREMENTS = "dashscope==1.20.0\n"
DAY = "2026-08-01"
Action = Callable[..., Run]
Hook = Callable[[str], subprocess.CompletedProcess[bytes]]


@pytest.fixture
def document(peer: Callable[[str], ModuleType]) -> Callable[[str], Any]:
    """Reads a YAML file of this repository."""
    yaml = peer("yaml")
    return lambda name: yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout that uses a client of a contested party."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "go.mod").write_text(GO_MOD, encoding="utf-8")
    return folder


@pytest.fixture
def action(document: Callable[[str], Any], workspace: Path, tmp_path: Path) -> Action:
    """Runs the Action in the checkout, as of one day, with `beholden` on the PATH."""

    def run(**inputs: str) -> Run:
        path = f"{launcher(tmp_path / 'bin')}:{SYSTEM_PATH}"
        given = {"as-of": DAY} | {name.replace("_", "-"): text for name, text in inputs.items()}
        return run_action(document("action.yml"), workspace, tmp_path / "temp", path, given)

    return run


def test_no_input_stands_in_the_text_of_a_script(document: Callable[[str], Any]) -> None:
    action = document("action.yml")
    assert action["runs"]["using"] == "composite"
    assert [step["name"] for step in action["runs"]["steps"] if "${{" in step["run"]] == []
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(action["runs"])))
    assert used == set(action["inputs"])


def test_it_uses_no_other_action_and_no_index(document: Callable[[str], Any]) -> None:
    steps = document("action.yml")["runs"]["steps"]
    assert [step for step in steps if "uses" in step] == []
    installs = [step["run"] for step in steps if "pip install" in step["run"]]
    assert all("--no-index" in script for script in installs)
    assert installs


def test_without_a_gate_it_passes_and_writes_log_and_summary(action: Action, workspace: Path) -> None:
    run = action()
    assert (run.code, run.outputs) == (0, {"exit-code": "0", "sarif": "beholden.sarif"}), run.log
    [log] = json.loads((workspace / "beholden.sarif").read_bytes())["runs"]
    assert {place["uri"] for place in places(log)} == {"go.mod"}
    assert re.search(r"\| contested \| [0-9a-f]{16} \| Alibaba Group Holding Limited \|", run.summary)


def places(run: dict[str, Any]) -> list[dict[str, str]]:
    return [item["physicalLocation"]["artifactLocation"] for result in run["results"] for item in result["locations"]]


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        pytest.param({"fail_on": "contested"}, 1, id="at-the-gate"),
        pytest.param({"fail_on": "restricted", "fail_on_confirmed": "true"}, 0, id="below-the-gate"),
        pytest.param({"fail_on": "nonsense"}, 2, id="wrong-level"),
        pytest.param({"path": "nowhere"}, 2, id="no-such-path"),
        pytest.param({"path": ""}, 2, id="no-path"),
        pytest.param({"path": "go.mod\nnotes.txt\n"}, 3, id="named-file-without-a-reader"),
        pytest.param({"path": "go.mod\nnotes.txt\n", "args": "--allow-incomplete"}, 0, id="incomplete-allowed"),
        pytest.param({"args": "--max-age=0", "as_of": "2030-01-01"}, 4, id="lists-too-old"),
    ],
)
def test_it_passes_on_the_exit_code(action: Action, workspace: Path, inputs: dict[str, str], code: int) -> None:
    (workspace / "notes.txt").write_text("nothing\n", encoding="utf-8")
    run = action(**inputs)
    assert (run.code, run.outputs["exit-code"]) == (code, str(code)), run.log
    assert run.summary
    assert bool(run.outputs["sarif"]) is (code in (0, 1, 3))


def test_a_log_of_an_earlier_run_is_not_passed_off_as_this_ones(action: Action, workspace: Path) -> None:
    (workspace / "beholden.sarif").write_text("{}", encoding="utf-8")
    assert action(path="nowhere").outputs["sarif"] == ""
    assert (workspace / "beholden.sarif").read_text(encoding="utf-8") == "{}"


def test_a_review_counts_as_one_where_only_the_confirmed_fails(action: Action) -> None:
    assert action(fail_on="prohibited").code == 1
    assert action(fail_on="prohibited", fail_on_confirmed="true").code == 0


@pytest.mark.parametrize(("written", "code"), [("True", 0), ("TRUE", 0), ("False", 1), ("", 1), ("yes", 2)])
def test_the_confirmed_only_is_never_ignored_for_how_it_is_written(action: Action, written: str, code: int) -> None:
    run = action(fail_on="prohibited", fail_on_confirmed=written)
    assert (run.code, run.outputs["exit-code"]) == (code, str(code)), run.log
    assert ("fail-on-confirmed is neither true nor false" in run.log) is (code == 2)


@pytest.mark.parametrize("args", ["--help", "-h"])
def test_an_end_without_error_and_without_a_result_is_no_green_gate(action: Action, args: str) -> None:
    run = action(args=args, fail_on="contested")
    assert (run.code, run.outputs) == (70, {"exit-code": "70", "sarif": ""}), run.log
    assert re.search(r"^::error::.*wrote no result", run.log, re.MULTILINE)


def test_several_paths_and_every_report(action: Action, workspace: Path) -> None:
    for name in ("web app", "api"):
        (workspace / name).mkdir()
        (workspace / name / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    run = action(path="web app\r\napi\r\n", sarif="out/log.sarif", html="out/report.html")
    assert run.outputs == {"exit-code": "0", "sarif": "out/log.sarif"}
    assert (workspace / "out" / "report.html").is_file()
    [log] = json.loads((workspace / "out" / "log.sarif").read_bytes())["runs"]
    assert {place["uri"] for place in places(log)} == {"api/requirements.txt"}
    assert all("relatedLocations" in result for result in log["results"])


@pytest.mark.parametrize(
    ("option", "name", "content"),
    [
        ("--waivers", "waivers", '[[waiver]]\nid = "none"\nreason = "r"\nowner = "a"\ncreated = 2026-01-01\n'
         "expires = 2027-01-01\n"),
        ("--baseline", "baseline", None),
        ("--receipt", "receipt", None),
    ],
    ids=["waivers", "baseline", "receipt"],
)  # fmt: skip
def test_files_of_the_organisation_are_passed_on(
    action: Action, workspace: Path, option: str, name: str, content: str | None
) -> None:
    needs_option(option)
    file = workspace / f"{name}.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    elif name == "baseline":
        file = workspace / "base.sarif"
        assert action(sarif="base.sarif").code == 0
    inputs = {name: file.name, "fail_on": "contested"}
    # The one finding is in the baseline; a waiver for nothing, or a receipt, lets nothing pass.
    run = action(**inputs)
    assert run.code == (0 if name == "baseline" else 1), run.log
    assert file.is_file()


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned #",
    '" && touch pwned && "',
    "--help",
    "-h",
    "${PATH}",
    "*",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["path", "as_of", "fail_on", "profile", "waivers", "baseline"])
def test_a_hostile_input_is_a_wrong_value_and_nothing_else(
    action: Action, workspace: Path, tmp_path: Path, name: str, text: str
) -> None:
    run = action(**{name: text})
    assert (run.code, run.outputs["exit-code"]) == (2, "2"), run.log
    assert list(tmp_path.rglob("pwned")) == []
    assert not (workspace / "beholden.sarif").exists()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_of_a_log_is_the_name_of_a_file(action: Action, workspace: Path, text: str) -> None:
    name = f"{text}.sarif".replace("/", "_")
    run = action(sarif=name)
    assert (run.code, run.outputs["sarif"]) == (0, name), run.log
    assert (workspace / name).is_file()
    assert not (workspace / "pwned").exists()


def test_an_input_cannot_write_another_output(action: Action) -> None:
    run = action(sarif="a.sarif\nexit-code=0\nsarif=b.sarif", fail_on="contested")
    assert run.outputs["exit-code"] != "0"
    assert run.outputs["sarif"] != "b.sarif"


def test_what_a_record_holds_is_no_command_to_the_runner(action: Action, workspace: Path) -> None:
    (workspace / "::error::x.csv").write_text("date,vendor,amount\n2026-05-20,", encoding="utf-8")
    run = action()
    stop = re.search(r"^::stop-commands::(.+)$", run.log, re.MULTILINE)
    assert stop
    inside = run.log[stop.end() : run.log.index(f"::{stop[1]}::", stop.end())]
    assert "as of" in inside
    assert "::error::x.csv" not in run.log.replace(inside, "")
    again = action()
    assert stop[1] not in again.log


def real_wheel(folder: Path) -> None:
    """This package as a wheel, without its requirements: the test lends those."""
    folder.mkdir()
    info = "beholden-9.dist-info"
    with zipfile.ZipFile(folder / "beholden-9-py3-none-any.whl", "w") as wheel:
        for file in PACKAGE.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                wheel.write(file, file.relative_to(PACKAGE.parent))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: beholden\nVersion: 9\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\nbeholden = beholden.cli:main\n")
        wheel.writestr(f"{info}/RECORD", "")


def path_without_beholden(folder: Path) -> str:
    """A PATH with the interpreter of these tests as `python3`, and no `beholden`."""
    folder.mkdir()
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "python3").symlink_to(base)
    return f"{folder}:{SYSTEM_PATH}"


def test_it_installs_from_a_wheelhouse_without_an_index(
    document: Callable[[str], Any], workspace: Path, tmp_path: Path
) -> None:
    real_wheel(tmp_path / "wheel house")
    action = document("action.yml")
    # Nothing listens there: whoever asks an index, or goes through a proxy, fails.
    action["runs"]["steps"][0]["env"] |= dict.fromkeys(
        ("PIP_INDEX_URL", "https_proxy", "http_proxy"), "http://127.0.0.1:9"
    )
    action["runs"]["steps"][0]["env"]["PYTHONPATH"] = ""
    action["runs"]["steps"][1]["env"]["PYTHONPATH"] = sysconfig.get_path("purelib")
    run = run_action(
        action,
        workspace,
        tmp_path / "temp",
        path_without_beholden(tmp_path / "bin"),
        {"wheelhouse": str(tmp_path / "wheel house"), "as-of": DAY, "fail-on": "contested"},
    )
    assert (run.code, run.outputs["exit-code"]) == (1, "1"), run.log
    assert re.search(r"\| contested \| [0-9a-f]{16} \| Alibaba Group Holding Limited \|", run.summary)


@pytest.mark.parametrize("wheelhouse", ["", "nowhere", "https://wheels.example/simple"])
def test_without_beholden_and_without_a_folder_of_wheels_it_says_so(
    document: Callable[[str], Any], workspace: Path, tmp_path: Path, wheelhouse: str
) -> None:
    path = path_without_beholden(tmp_path / "bin")
    run = run_action(document("action.yml"), workspace, tmp_path / "temp", path, {"wheelhouse": wheelhouse})
    assert run.code == 2
    assert "::error::no beholden on the PATH" in run.log


@pytest.fixture
def hook(document: Callable[[str], Any], workspace: Path, tmp_path: Path) -> Hook:
    """What pre-commit runs for a hook on `git add .`: its entry, its arguments, the files that its pattern finds."""

    def run(hook_id: str) -> subprocess.CompletedProcess[bytes]:
        [spec] = [item for item in document(".pre-commit-hooks.yaml") if item["id"] == hook_id]
        assert spec["language"] == "system"
        for command in (["init", "--quiet"], ["add", "."]):
            subprocess.run(["git", *command], cwd=workspace, check=True, capture_output=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=workspace, check=True, capture_output=True)
        files = [name for name in listed.stdout.decode().split("\0") if name and re.search(spec.get("files", ""), name)]
        # The clock of the machine is no part of the test.
        command = [
            *shlex.split(spec["entry"]),
            f"--as-of={DAY}",
            *spec["args"],
            *(files if spec.get("pass_filenames", True) else []),
        ]
        path = f"{launcher(tmp_path / 'bin')}:{SYSTEM_PATH}"
        env = {**os.environ, "PATH": path, "PYTHONPATH": str(PACKAGE.parent)}
        return subprocess.run(command, cwd=workspace, env=env, capture_output=True, check=False)

    return run


def test_the_hook_reads_lockfiles_and_bills_and_leaves_the_rest(hook: Hook, workspace: Path) -> None:
    names = [
        "a/go.mod", "a/package-lock.json", "requirements.txt", "requirements/dev.txt", "requirements-dev.txt",
        "pom.xml", "uv.lock", "Pipfile.lock", "app.cdx.json", "bom.json", "sbom.json", "app.sbom.json", "app-bom.json",
    ]  # fmt: skip
    others = ["payments.csv", "package.json", "go.sum", "bombom.json", "data/requirements.csv", "pom.xml.bak"]
    for name in names + others:
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_text("", encoding="utf-8")
    shown = hook("beholden").args
    assert sorted(shown[shown.index("--allow-incomplete") + 1 :]) == sorted([*names, "go.mod"])


def test_the_hook_lets_a_contested_client_pass_and_stops_a_forbidden_device(hook: Hook, workspace: Path) -> None:
    passed = hook("beholden")
    assert (passed.returncode, b"contested" in passed.stdout) == (0, True)
    device = {
        "type": "device",
        "name": "camera",
        "supplier": {"name": "Hangzhou Hikvision Digital Technology Co., Ltd."},
    }
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [device]}
    (workspace / "yard.cdx.json").write_text(json.dumps(bill), encoding="utf-8")
    stopped = hook("beholden")
    assert (stopped.returncode, b"prohibited" in stopped.stdout) == (1, True)


def test_the_hook_for_everything_reads_records_too(hook: Hook, workspace: Path) -> None:
    (workspace / "payments.csv").write_text(LEDGER, encoding="utf-8")
    assert hook("beholden").returncode == 0
    assert hook("beholden-all").returncode == 1


def test_this_repository_runs_local_hooks_only(document: Callable[[str], Any]) -> None:
    config = document(".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {item["language"] for repo in config["repos"] for item in repo["hooks"]} == {"system"}
