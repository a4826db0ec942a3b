"""The real files beside the checkout, read through the command line as they lie there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_process

Shared = Callable[[str], Path]
STATUSES = {"read", "partial", "rejected", "no_reader"}


def scan(path: Path) -> Answer:
    return run_process("scan", path, "--as-of", "2026-08-01", "--format", "json")


@pytest.fixture(scope="module")
def whole() -> dict[str, Answer]:
    """One run over everything serves every test here."""
    return {}


@pytest.fixture
def everything(shared: Shared, whole: dict[str, Answer]) -> Answer:
    if not whole:
        whole["inputs"] = scan(shared("data/inputs"))
    return whole["inputs"]


def test_every_file_is_in_coverage_once(everything: Answer, shared: Shared) -> None:
    inputs = shared("data/inputs")
    files = sorted(path.relative_to(inputs).as_posix() for path in inputs.rglob("*") if path.is_file())
    assert sorted(row["file"] for row in everything.document["coverage"]) == files


def test_every_status_is_one_of_four_and_what_was_not_read_has_its_reason(everything: Answer) -> None:
    rows = everything.document["coverage"]
    assert {row["status"] for row in rows} <= STATUSES
    assert [row["file"] for row in rows if row["status"] != "read" and not row["reasons"]] == []
    assert [row["file"] for row in rows if row["status"] in ("read", "partial") and row["reader"] is None] == []


def test_rejected_records_are_counted_by_reason_and_the_first_is_placed(everything: Answer) -> None:
    for row in everything.document["coverage"]:
        if row["status"] == "partial":
            assert sum(row["reasons"].values()) == row["records_rejected"]
            assert any(note.startswith(f"{row['file']}:") for note in row["notes"])


def test_the_run_ends_as_incomplete_and_not_as_a_bug(everything: Answer) -> None:
    assert "bug:" not in everything.err
    assert everything.code == 3
    assert Counter(row["status"] for row in everything.document["coverage"])["partial"] > 0


def test_the_same_folder_gives_the_same_bytes(everything: Answer, shared: Shared) -> None:
    assert scan(shared("data/inputs")).out == everything.out


def test_every_finding_has_a_path_a_place_and_a_sourced_first_hop(everything: Answer) -> None:
    findings = everything.document["findings"]
    assert findings
    for finding in findings:
        assert finding["path"]
        assert finding["path"][0]["source"] in everything.document["sources"]
        assert finding["artefact"]["locations"]


def test_no_two_findings_share_an_id(everything: Answer) -> None:
    ids = [finding["id"] for finding in everything.document["findings"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "path",
    [
        "data/inputs/zeek/rita-missing_host/2024-04-21",
        "data/inputs/vpcflow/vpcflow-v2.derived-2024-04-21T07.log.gz",
    ],
    ids=["zeek", "vpc-flow"],
)
def test_an_hour_of_inbound_probes_is_never_something_that_we_sent(path: str, shared: Shared) -> None:
    answer = scan(shared(path))
    assert answer.code == 0
    findings: list[dict[str, Any]] = answer.document["findings"]
    said = {quantity["what"] for finding in findings for quantity in finding["artefact"]["quantities"]}
    assert "received" in said
    assert "sent" not in said
    assert {finding["level"] for finding in findings} <= {"info", "contested"}
