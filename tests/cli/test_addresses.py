"""Addresses of stores on the command line: read by the Spark runner only, and refused in words without keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command import run_here

LOGS = "s3://KEY:SECRET@bucket/logs?token=SECRET"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    place = tmp_path / "records" / "ledger.csv"
    place.parent.mkdir()
    place.write_text("date,vendor,amount\n2026-06-01,Nobody,1\n", encoding="utf-8")
    return place


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["scan", LOGS], "run.no-store"),
        (["scan", LOGS, "--runner", "local"], "run.no-store"),
        (["scan", LOGS, "--follow"], "follow.excluded"),
        (["scan", LOGS, "--runner", "spark", "--follow"], "follow.excluded"),
        (["scan", LOGS, "--runner", "spark", "--state", "s"], "state.other-runner"),
        (["scan", LOGS, "--runner", "spark", "--receipt", "r"], "scan.no-proof"),
        (["whatif", LOGS, "--designate", "alibaba", "--regime", "us-ofac-sdn"], "run.no-store"),
        (["diff", "2026-06-01", "2026-08-01", "--input", LOGS], "run.no-store"),
    ],
)
def test_an_address_is_refused_where_it_cannot_be_read(
    arguments: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("beholden.scan.address._file_system", lambda *_: pytest.fail("a store was asked"))
    answer = run_here(*arguments)
    assert (answer.code, f"[{code}]" in answer.err) == (2, True), answer.err
    assert "SECRET" not in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3a://KEY:SECRET@bucket/logs", "s3a://bucket/logs: no store is known by s3a://; expected one of abfs"),
        ("s3://KEY:SEC/RET@bucket", "s3://bucket: Cannot parse URI"),
        ("{folder}/nothing", "/nothing: no such file or folder"),
    ],
)
def test_an_address_where_nothing_is_is_refused_before_work_begins(address: str, words: str, ledger: Path) -> None:
    answer = run_here("scan", address.format(folder=ledger.parent.as_uri()), "--runner", "spark")
    assert (answer.code, "[run.store-unreachable]" in answer.err) == (2, True), answer.err
    assert words in answer.err
    assert not {"KEY", "SECRET", "SEC", "RET"} & set(answer.err.replace("/", " ").replace(":", " ").split())


def test_a_profile_in_a_store_is_not_passed_over(ledger: Path) -> None:
    (ledger.parent / "beholden.toml").write_text("[organisation]\nname = 'Example'\n", encoding="utf-8")
    answer = run_here("scan", ledger.parent.as_uri(), "--runner", "spark")
    assert (answer.code, "[profile.in-store]" in answer.err) == (2, True), answer.err
