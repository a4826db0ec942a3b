"""What goes where: standard output, files of -o, the kept result that `explain` reads."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.command import run_here, run_process
from tests.northport import EXAMPLE

DAY = ("--as-of", "2026-08-01")


@pytest.mark.parametrize("command", [("scan", "."), ("show", "huawei"), ("kb", "info")])
def test_json_is_one_document_and_nothing_else(
    command: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    answer = run_here(*command, *DAY, "--format", "json")
    assert answer.code == 0
    assert answer.err == ""
    assert answer.out.count(b"\n{") == 0
    assert answer.document["as_of"] == "2026-08-01"


def test_json_lines_are_findings_and_nothing_else(folder: Path) -> None:
    answer = run_here("scan", folder, *DAY, "--format", "jsonl")
    findings = [json.loads(line) for line in answer.out.splitlines()]
    document = run_here("scan", folder, *DAY, "--format", "json").document
    assert findings == document["findings"]
    assert findings


def test_two_outputs_are_both_written_and_agree_with_standard_output(folder: Path, tmp_path: Path) -> None:
    page, data = tmp_path / "out" / "report.html", tmp_path / "out" / "result.json"
    answer = run_here("scan", folder, *DAY, "-o", page, "-o", data, "--show-personal", "--format", "json")
    assert answer.code == 0
    assert page.read_bytes().lstrip().lower().startswith(b"<!doctype html")
    assert data.read_bytes() == answer.out
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "result.json"]


def test_files_have_the_rights_that_the_user_gives_new_files(folder: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        run_here("scan", folder, *DAY, "-o", tmp_path / "result.json")
    finally:
        os.umask(before)
    assert (tmp_path / "result.json").stat().st_mode & 0o777 == 0o640


def test_an_output_replaces_the_old_one_whole(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    target.write_text("x" * 1_000_000, encoding="utf-8")
    run_here("scan", folder, *DAY, "-o", target)
    assert json.loads(target.read_bytes())["command"] == "scan"


@pytest.mark.parametrize("kind", ["folder-in-its-place", "file-as-parent"])
def test_an_output_that_cannot_be_written_ends_in_2_and_leaves_nothing(kind: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if kind == "folder-in-its-place":
        target = out / "result.json"
        target.mkdir()
    else:
        (out / "taken").write_text("", encoding="utf-8")
        target = out / "taken" / "result.json"
    answer = run_here("scan", folder, *DAY, "-o", target, "--format", "json")
    assert (answer.code, answer.out) == (2, b"")
    assert f"{target}: cannot be written" in answer.err
    assert len(list(out.iterdir())) == 1


def test_an_output_of_no_known_kind_is_refused_before_anything_is_read(folder: Path, tmp_path: Path) -> None:
    answer = run_here("scan", folder, *DAY, "-o", tmp_path / "good.json", "-o", tmp_path / "bad.docx")
    assert answer.code == 2
    assert not (tmp_path / "good.json").exists()


def test_a_full_disk_leaves_the_old_output(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    target.write_text("old", encoding="utf-8")
    # Files of this child may not grow beyond one block, which is what a full disk looks like from inside.
    if shutil.which("prlimit") is None:
        pytest.skip("no prlimit to bound the size of files with")
    answer = run_process("scan", folder, *DAY, "-o", target, before=("prlimit", "--fsize=512"))
    assert answer.code == 2
    assert "cannot be written" in answer.err
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_explain_tells_a_finding_of_the_last_scan_by_a_unique_start_of_its_id(
    folder: Path, own_last_result: Path
) -> None:
    document = run_here("scan", folder, *DAY, "--format", "json").document
    ids = [finding["id"] for finding in document["findings"]]
    wanted = ids[0]
    length = next(n for n in range(1, len(wanted)) if sum(one.startswith(wanted[:n]) for one in ids) == 1)
    assert run_here("explain", wanted[:length], "--format", "json").document["finding"] == document["findings"][0]
    text = run_here("explain", wanted)
    assert text.code == 0
    assert document["findings"][0]["operator"]["caption"] in text.out.decode()


def test_explain_lists_the_findings_that_a_short_start_could_mean(folder: Path, own_last_result: Path) -> None:
    document = run_here("scan", folder, *DAY, "--format", "json").document
    answer = run_here("explain", "")
    assert answer.code == 5
    assert document["findings"][0]["id"] in answer.err


def test_explain_of_an_id_that_nothing_has_ends_in_5(folder: Path, own_last_result: Path) -> None:
    run_here("scan", folder, *DAY)
    assert run_here("explain", "zzzz").code == 5


def test_explain_before_any_scan_says_what_to_do(own_last_result: Path) -> None:
    answer = run_here("explain", "ab")
    assert answer.code == 2
    assert "run `beholden scan` first" in answer.err


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"schema_version":"1.0.0"}', b"[" * 100_000])
def test_explain_of_a_file_that_is_no_result_ends_in_2(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(content)
    assert run_here("explain", "ab", "--result", tmp_path / "x.json").code == 2


def test_a_written_result_can_be_explained_later(folder: Path, tmp_path: Path) -> None:
    run_here("scan", folder, *DAY, "-o", tmp_path / "kept.json")
    finding = json.loads((tmp_path / "kept.json").read_bytes())["findings"][0]
    answer = run_here("explain", finding["id"], "--result", tmp_path / "kept.json", "--format", "json")
    assert answer.document["finding"] == finding


def test_two_spellings_of_one_name_are_one_finding(folder: Path) -> None:
    (folder / "payments.csv").write_text(
        "date,vendor,amount,currency\n2026-05-20,Huawei Technologies Co. Ltd.,1.00,USD\n"
        '2026-05-21,"HUAWEI TECHNOLOGIES CO., LTD",2.00,USD\n',
        encoding="utf-8",
    )
    ids = [row["id"] for row in run_here("scan", folder, *DAY, "--format", "json").document["findings"]]
    assert len(set(ids)) == len(ids)


def test_explain_tells_a_finding_of_a_supposition_and_of_a_comparison(tmp_path: Path) -> None:
    """The side that is supposed, or later, first; else the only one there is."""
    supposed = ("whatif", EXAMPLE, "--as-of", "2026-08-01", "--lift", "hikvision", "--regime", "us-889")
    compared = ("diff", "2026-08-01", "2026-06-01", "--input", EXAMPLE)
    for question in (supposed, compared):
        file = tmp_path / f"{question[0]}.json"
        file.write_bytes(run_here(*question, "--allow-incomplete", "--format", "json").out)
        document = json.loads(file.read_bytes())
        rows = [*document["gone"], *(row["after"] for row in document["changed"])]
        assert rows
        for row in rows:
            answer = run_here("explain", row["id"], "--result", file, "--format", "json")
            assert answer.document["finding"] == row
        assert run_here("explain", rows[0]["id"], "--result", file).code == 0
    (gone, *_) = document["gone"]
    assert run_here("explain", gone["id"], "--result", file, "--format", "json").document["as_of"] == "2026-08-01"
