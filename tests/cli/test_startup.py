"""What starting costs, by what is imported: import times differ between machines, the list does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.command import run_process

HEAVY = {"jinja2", "lxml", "numpy", "polars", "pyarrow", "rapidfuzz", "rich"}
_IMPORTED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)


def modules(*arguments: str | Path) -> set[str]:
    answer = run_process(*arguments, python=("-X", "importtime"))
    assert answer.code == 0
    return set(_IMPORTED.findall(answer.err))


def imported(*arguments: str | Path) -> set[str]:
    names = {name.partition(".")[0] for name in modules(*arguments)}
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


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_dossier_of_an_entity_imports_nothing_heavy_and_not_what_compiles(form: str) -> None:
    run_process("show", "alibaba")  # the core base may have to be built first
    found = modules("show", "alibaba", "--as-of", "2026-07-06", "--format", form)
    assert {name.partition(".")[0] for name in found} & HEAVY == set()
    unneeded = ("beholden.compile.pipeline", "beholden.match", "beholden.report.registry", "beholden.sources")
    assert [name for name in unneeded if name in found] == []


def test_the_engine_is_told_on_request() -> None:
    assert run_process("--version", "--verbose").out.decode().splitlines()[1].startswith("engine=")
