"""The table of exit codes, row by row (DESIGN section 5)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.command import run_here

import beholden.cli.scan

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = ("--as-of", "2026-08-01")
LEVELS = ["prohibited", "restricted", "review", "upcoming", "contested", "info"]


def spoil(folder: Path) -> None:
    with (folder / "payments.csv").open("a", encoding="utf-8") as ledger:
        ledger.write("2026-05-22,Cut\n")


def test_findings_without_a_gate_end_in_0(folder: Path) -> None:
    answer = run_here("scan", folder, *DAY, "--format", "json")
    assert answer.code == 0
    assert answer.document["summary"]["by_level"]["prohibited"] > 0


def test_an_empty_folder_ends_in_0_at_any_gate(tmp_path: Path) -> None:
    assert run_here("scan", tmp_path, *DAY, "--fail-on", "info").code == 0


@pytest.mark.parametrize("level", LEVELS)
def test_a_finding_at_or_above_the_gate_ends_in_1(level: str, folder: Path) -> None:
    assert run_here("scan", folder, *DAY, "--role", "us-federal-agency", "--fail-on", level).code == 1


def test_findings_below_the_gate_end_in_0(folder: Path) -> None:
    (folder / "payments.csv").unlink()
    answer = run_here("scan", folder, *DAY, "--role", "uk-person", "--format", "json", "--fail-on", "prohibited")
    assert {finding["level"] for finding in answer.document["findings"]} & {"contested", "info"}
    assert answer.code == 0


def test_a_review_counts_as_what_it_may_become_unless_only_confirmed_count(folder: Path) -> None:
    (folder / "payments.csv").unlink()
    answer = run_here("scan", folder, *DAY, "--format", "json")
    becoming = {row["level_if_confirmed"] for row in answer.document["findings"] if row["level"] == "review"}
    worst = next(level for level in LEVELS if level in becoming)
    assert worst in ("prohibited", "restricted")
    assert run_here("scan", folder, *DAY, "--fail-on", worst).code == 1
    assert run_here("scan", folder, *DAY, "--fail-on", worst, "--fail-on-confirmed").code == 0


def test_a_rejected_input_ends_in_3_and_0_where_incomplete_is_allowed(folder: Path) -> None:
    spoil(folder)
    assert run_here("scan", folder, *DAY).code == 3
    assert run_here("scan", folder, *DAY, "--allow-incomplete").code == 0


def test_a_finding_at_the_gate_outranks_a_rejected_input(folder: Path) -> None:
    spoil(folder)
    assert run_here("scan", folder, *DAY, "--fail-on", "info").code == 1


def test_a_file_that_no_reader_claims_ends_in_3_only_where_it_is_named(folder: Path) -> None:
    notes = folder / "notes.txt"
    notes.write_text("nothing in here\n", encoding="utf-8")
    assert run_here("scan", folder, *DAY).code == 0
    assert run_here("scan", notes, *DAY).code == 3
    assert run_here("scan", notes, *DAY, "--allow-incomplete").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("scan",), id="scan-without-path"),
        pytest.param(("scan", "nowhere"), id="scan-missing-path"),
        pytest.param(("scan", ".", "--as-of", "01.02.2026"), id="scan-date"),
        pytest.param(("scan", ".", "--fail-on", "awful"), id="scan-level"),
        pytest.param(("scan", ".", "--role", "king"), id="scan-role"),
        pytest.param(("scan", ".", "--no-such-option"), id="scan-option"),
        pytest.param(("scan", ".", "-o", "result.docx"), id="scan-output-ending"),
        pytest.param(("scan", ".", "--format", "yaml"), id="scan-format"),
        pytest.param(("show",), id="show-nothing"),
        pytest.param(("show", "huawei", "--as-of", "soon"), id="show-date"),
        pytest.param(("explain",), id="explain-nothing"),
        pytest.param(("explain", "ab", "--result", "nowhere.json"), id="explain-missing-result"),
        pytest.param(("kb", "verify", "nowhere"), id="kb-verify-missing"),
        pytest.param(("kb", "build", "--packs", "nowhere"), id="kb-build-missing"),
        pytest.param(("kb", "info", "--as-of", "soon"), id="kb-info-date"),
        pytest.param(("sing",), id="unknown-command"),
    ],
)
def test_wrong_usage_ends_in_2_and_prints_no_result(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = run_here(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.strip()


def test_a_list_older_than_allowed_ends_in_4_and_names_it(folder: Path) -> None:
    answer = run_here("scan", folder, "--as-of", "2036-01-01", "--max-age", "30")
    assert (answer.code, answer.out) == (4, b"")
    assert "our copy of" in answer.err
    assert run_here("scan", folder, *DAY, "--max-age", "36500").code == 0


@pytest.mark.parametrize(
    ("spoil_base", "says"),
    [
        pytest.param(lambda base: (base / "lookup.sqlite").write_bytes(b"x"), "lookup.sqlite", id="changed-file"),
        pytest.param(lambda base: (base / "lookup.sqlite").unlink(), "missing", id="missing-file"),
    ],
)
def test_a_damaged_base_ends_in_4_when_verified(
    spoil_base: Callable[[Path], object], says: str, tmp_path: Path, own_last_result: Path
) -> None:
    assert run_here("kb", "build").code == 0
    (base,) = [place for place in (own_last_result / "kb").iterdir() if (place / "manifest.json").is_file()]
    copy = tmp_path / base.name
    shutil.copytree(base, copy)
    assert run_here("kb", "verify", copy).code == 0
    spoil_base(copy)
    answer = run_here("kb", "verify", copy)
    assert answer.code == 4
    assert says in answer.err


def test_a_folder_that_is_no_base_ends_in_4(tmp_path: Path) -> None:
    answer = run_here("kb", "verify", tmp_path)
    assert answer.code == 4


def test_packs_that_do_not_compile_end_in_4_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[[entities]]\nid = "a"\nschemma = "Company"\n', encoding="utf-8")
    answer = run_here("kb", "build", "--packs", tmp_path)
    assert answer.code == 4
    assert "mine.toml" in answer.err
    assert "schemma" in answer.err


def test_an_ambiguous_name_ends_in_5_with_every_candidate() -> None:
    answer = run_here("show", "TP-Link")
    assert (answer.code, answer.out) == (5, b"")
    assert "tplink-cn: " in answer.err
    assert "tplink-us: " in answer.err


@pytest.mark.parametrize("name", ["no such party anywhere", "", "\udcff"])
def test_an_unknown_name_ends_in_5(name: str) -> None:
    assert run_here("show", name).code == 5


def test_a_near_name_ends_in_5_with_the_nearest(folder: Path) -> None:
    answer = run_here("show", "Hangzhou Hikvision Digital Technologies Group")
    assert answer.code == 5
    assert "hikvision: " in answer.err


def test_a_bug_ends_in_70_and_says_so_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by design of this test")

    monkeypatch.setattr(beholden.cli.scan, "perform", broken)
    answer = run_here("scan", folder)
    assert answer.code == 70
    assert answer.err.startswith("bug: ZeroDivisionError: by design of this test\n")
    assert "Traceback" not in answer.err
