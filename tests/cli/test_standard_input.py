"""`beholden scan -`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from tests.command import Answer, run_process
from tests.northport import EXAMPLE

BOM = EXAMPLE / "software" / "gateway" / "bom.cdx.json"


def scan(*arguments: str | Path, stdin: bytes) -> Answer:
    return run_process("scan", *arguments, "--as-of", "2026-08-01", "--format", "json", stdin=stdin)


def test_standard_input_is_read_as_a_file_of_that_name() -> None:
    piped = json.loads(scan("-", stdin=gzip.compress(BOM.read_bytes())).out)
    named = json.loads(scan(BOM, stdin=b"").out)
    (coverage,) = piped["coverage"]
    assert (coverage["file"], coverage["reader"], coverage["status"]) == ("-", "cyclonedx-json", "read")
    assert [finding["id"] for finding in piped["findings"]] == [finding["id"] for finding in named["findings"]]


def test_standard_input_beside_files_keeps_its_name(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module example.com/a\n", encoding="utf-8")
    answer = scan(tmp_path / "go.mod", "-", stdin=BOM.read_bytes())
    assert [row["file"] for row in json.loads(answer.out)["coverage"]] == [str(tmp_path / "go.mod"), "-"]


def test_nothing_on_standard_input_is_told() -> None:
    answer = scan("-", stdin=b"")
    assert json.loads(answer.out)["coverage"][0]["reasons"] == {"empty file": 1}
    assert answer.code == 3


def test_a_receipt_of_standard_input_is_refused(tmp_path: Path) -> None:
    answer = scan("-", "--receipt", tmp_path / "receipt.json", stdin=BOM.read_bytes())
    assert answer.code == 2
    assert "[scan.no-proof]" in answer.err
    assert not (tmp_path / "receipt.json").exists()
