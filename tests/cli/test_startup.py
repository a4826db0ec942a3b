"""What starting costs, by what is imported: import times differ between machines, the list does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.command import run_process

HEAVY = {"jinja2", "lxml", "numpy", "polars", "pyarrow", "rapidfuzz", "rich"}
_IMPORTED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)


def imported(*arguments: str | Path) -> set[str]:
    answer = run_process(*arguments, python=("-X", "importtime"))
    assert answer.code == 0
    names = {name.partition(".")[0] for name in _IMPORTED.findall(answer.err)}
    assert "click" in names
    return names & HEAVY


@pytest.mark.parametrize("arguments", [("--version",), ("--version", "--verbose"), ("--help",)])
def test_the_version_and_the_help_import_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) == set()


@pytest.mark.parametrize("unneeded", ["jinja2", "polars", "rapidfuzz", "rich"])
def test_a_scan_imports_only_what_it_uses(unneeded: str, tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/a\n\nrequire github.com/a/b v1.0.0\n", encoding="utf-8")
    assert unneeded not in imported("scan", tmp_path, "--format", "json")


def test_a_scan_without_xml_does_not_import_lxml(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/a\n", encoding="utf-8")
    assert "lxml" not in imported("scan", tmp_path, "--format", "json")


def test_the_engine_is_told_on_request() -> None:
    assert run_process("--version", "--verbose").out.decode().splitlines()[1].startswith("engine=")
