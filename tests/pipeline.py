"""Runs the steps of `action.yml` as a GitHub runner does: their scripts, literally, with the environment it gives."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import lacking

import beholden
from beholden.cli.scan import scan

ROOT = Path(__file__).resolve().parents[1]
_EXPRESSION = re.compile(r"\$\{\{\s*(inputs|steps)\.([\w.-]+)\s*\}\}")
_OUTPUT = re.compile(r"^([\w-]+)<<(.+)\n((?:.*\n)*?)\2\n", re.MULTILINE)


@dataclass(slots=True)
class Run:
    """What came of it.

    Attributes:
        code: Of the last step that ran: the action's own.
        log: What the steps printed.
        outputs: Of the action.
        summary: What is shown on the page of the run.
    """

    code: int = 0
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


def launcher(folder: Path) -> Path:
    """A folder with `beholden` on it: this very package under this interpreter."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "beholden"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m beholden "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def needs_option(name: str) -> None:
    """Skip where `beholden scan` lacks an option that the Action or the page passes on."""
    if name not in [option for parameter in scan.params for option in parameter.opts]:
        lacking(f"needs scan {name}")


def run_action(action: dict[str, Any], workspace: Path, temp: Path, path: str, inputs: Mapping[str, str]) -> Run:
    """Run every step until one fails.

    Args:
        action: The parsed `action.yml`.
        workspace: The checkout.
        temp: For the runner's own files.
        path: The PATH of the machine.
        inputs: Of the action; others have their defaults.
    """
    given = {name: spec["default"] for name, spec in action["inputs"].items()}
    given |= inputs
    values = {f"inputs.{name}": text for name, text in given.items()}
    temp.mkdir(exist_ok=True)
    files = {name: temp / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
    run = Run()
    for number, step in enumerate(action["runs"]["steps"]):
        for file in (files["GITHUB_OUTPUT"], files["GITHUB_PATH"]):
            file.write_text("", encoding="utf-8")
        script = temp / f"step-{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        env = {
            "PATH": path,
            "HOME": str(temp),
            "BEHOLDEN_HOME": os.environ["BEHOLDEN_HOME"],
            "PYTHONPATH": str(Path(beholden.__file__).parents[1]),
            "RUNNER_TEMP": str(temp),
            **{name: str(file) for name, file in files.items()},
            **{name: _evaluated(text, values) for name, text in step.get("env", {}).items()},
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(command, cwd=workspace, env=env, capture_output=True, check=False)
        run.log += (done.stdout + done.stderr).decode("utf-8", "replace")
        outputs = _OUTPUT.findall(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        values |= {f"steps.{step.get('id')}.outputs.{name}": text.removesuffix("\n") for name, _, text in outputs}
        path = ":".join([*files["GITHUB_PATH"].read_text(encoding="utf-8").split("\n")[:-1], path])
        run.code = done.returncode
        if run.code:
            break
    run.outputs = {name: _evaluated(spec["value"], values) for name, spec in action["outputs"].items()}
    if files["GITHUB_STEP_SUMMARY"].exists():
        run.summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    return run


def _evaluated(text: str, values: dict[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: values.get(f"{found[1]}.{found[2]}", ""), text)
