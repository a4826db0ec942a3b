"""`scan --follow` from outside: lines as findings come, outputs at the end, nothing twice after a restart."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.builders_logs import CONN_HEADER, DNS_HEADER, NAMED, PROFILE, conn_line, dns_line, eve_line
from tests.command import PATIENCE_S, run_here

AS_OF = ("--as-of", "2026-08-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "logs"
    place.mkdir()
    (place / "beholden.toml").write_text(PROFILE, encoding="utf-8")
    return place


class Followed:
    """A run of its own, and the lines that it printed so far."""

    def __init__(self, folder: Path, *more: str | Path) -> None:
        command = [sys.executable, "-m", "beholden", "scan", folder, *AS_OF, "--follow", "--every", "0.1", *more]
        self.lines_file = folder.parent / "lines"
        with self.lines_file.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)

    @property
    def lines(self) -> list[dict[str, Any]]:
        whole = self.lines_file.read_bytes().rpartition(b"\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text.encode() not in self.lines_file.read_bytes() and time.monotonic() < deadline:
            assert self.process.poll() is None
            time.sleep(0.02)

    def end(self, by: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(by)
        _, err = self.process.communicate(timeout=PATIENCE_S)
        return err.decode()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_findings_come_while_it_runs_and_outputs_when_it_ends(folder: Path, tmp_path: Path, by: signal.Signals) -> None:
    report = tmp_path / "report.json"
    run = Followed(folder, "-o", report)
    (folder / "eve.json").write_text(eve_line(6), encoding="utf-8")
    run.wait_for("AS37963")
    assert not report.exists()
    (folder / "dns.log").write_text(DNS_HEADER + dns_line(4), encoding="utf-8")
    (folder / "conn.log").write_text(CONN_HEADER + conn_line(4, NAMED, second=2), encoding="utf-8")
    run.wait_for("aliyuncs.com")
    err = run.end(by)
    assert (run.process.returncode, err) == (0, "")
    document = json.loads(report.read_bytes())
    told = [line["finding"]["id"] for line in run.lines]
    assert len(told) == len(set(told))
    assert set(told) == {finding["id"] for finding in document["findings"]}
    plain = run_here("scan", folder, *AS_OF, "--format", "json").document
    assert document["findings"] == plain["findings"]


def test_after_a_restart_nothing_is_told_or_counted_again(folder: Path, tmp_path: Path) -> None:
    state, report = tmp_path / "state", tmp_path / "report.json"
    log = folder / "conn.log"
    log.write_text(CONN_HEADER + conn_line(5), encoding="utf-8")
    first = Followed(folder, "--state", state)
    first.wait_for("AS37963")
    first.process.kill()
    first.process.communicate()
    told = {line["finding"]["id"] for line in first.lines}
    with log.open("a", encoding="utf-8") as stream:
        stream.write(conn_line(5, second=9))
    second = Followed(folder, "--state", state, "-o", report)
    with (folder / "dns.log").open("w", encoding="utf-8") as stream:
        stream.write(DNS_HEADER + dns_line(4))
    second.wait_for("aliyuncs.com")
    assert second.end() == ""
    assert not told & {line["finding"]["id"] for line in second.lines}
    plain = run_here("scan", folder, *AS_OF, "--format", "json").document
    assert json.loads(report.read_bytes())["findings"] == plain["findings"]
    assert json.loads(report.read_bytes())["coverage"] == plain["coverage"]


def test_a_scan_with_the_state_of_a_follow_leaves_it_what_it_holds(folder: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    (folder / "conn.log").write_text(CONN_HEADER + conn_line(5), encoding="utf-8")
    first = Followed(folder, "--state", state)
    first.wait_for("AS37963")
    first.end()
    plain, with_state = (
        run_here("scan", folder, *AS_OF, "--format", "json", *more) for more in ((), ("--state", state))
    )
    assert plain.out == with_state.out
    again = Followed(folder, "--state", state)
    time.sleep(1)
    again.end()
    assert again.lines == []


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(("--receipt", "receipt.json"), id="receipt"),
        pytest.param(("--detect", "tempo"), id="tempo"),
        pytest.param(("-",), id="standard-input"),
        pytest.param(("--runner", "spark"), id="runner"),
    ],
)
def test_what_makes_no_sense_beside_it_is_refused(
    folder: Path, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beholden.cli.scan.runner_named", lambda name, tables: object())
    answer = run_here("scan", folder, "--follow", *more)
    assert answer.code == 2
    assert more[0] in answer.err
