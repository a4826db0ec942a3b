"""`scan --state`: what was read to its end is not read again, and the answer is the same bytes."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.builders_logs import CONN_HEADER, DNS_HEADER, PROFILE, conn_line, dns_line, write_logs
from tests.command import PATIENCE_S, Answer, run_here

AS_OF = ("--as-of", "2026-08-01", "--format", "json")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    write_logs(folder, files=2, lines=60)
    return folder


def scanned(folder: Path, state: Path | None = None, *more: str) -> Answer:
    return run_here("scan", folder, *AS_OF, *(["--state", str(state)] if state else []), *more)


def told(answer: Answer) -> str:
    return next(line for line in answer.err.splitlines() if line.startswith("state:"))


def counts(answer: Answer) -> tuple[int, int]:
    found = re.match(r"state: (\d+) files taken as read before, (\d+) read", told(answer))
    assert found is not None
    return int(found[1]), int(found[2])


def test_the_second_run_reads_nothing_and_says_the_same(logs: Path, tmp_path: Path) -> None:
    plain, state = scanned(logs), tmp_path / "state"
    first, second = scanned(logs, state), scanned(logs, state)
    assert plain.document["findings"]
    assert counts(first) == (0, 9)
    assert counts(second) == (9, 0)
    assert plain.out == first.out == second.out


def test_a_file_that_grew_is_read_anew_and_the_others_are_not(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    with (logs / "a-conn.000.log").open("a", encoding="utf-8") as stream:
        stream.write(conn_line(9, sent=123_456, second=9))
    second = scanned(logs, state)
    assert counts(second) == (8, 1)
    assert "1 their content changed" in told(second)
    assert second.out == scanned(logs).out


def test_a_change_that_keeps_size_and_time_of_a_file_that_was_just_written_is_seen(logs: Path, tmp_path: Path) -> None:
    state, path = tmp_path / "state", logs / "a-conn.000.log"
    text = path.read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    status = path.stat()
    scanned(logs, state)
    path.write_text(text.replace("\t4000\t", "\t7000\t"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    second = scanned(logs, state)
    assert counts(second) == (8, 1)
    assert second.out == scanned(logs).out


def test_a_file_with_another_time_and_the_same_content_is_not_read(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    for path in logs.iterdir():
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert counts(scanned(logs, state)) == (9, 0)


def test_a_name_that_another_log_tells_later_makes_traffic_be_read_again(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    (logs / "dns.900.log").write_text(DNS_HEADER + dns_line(4, address="198.51.100.9", second=1), encoding="utf-8")
    second = scanned(logs, state)
    assert counts(second) == (3, 7)
    assert "other logs name other addresses" in told(second)
    assert second.out == scanned(logs).out


def test_another_base_makes_files_be_read_again_where_it_watches_something_else(logs: Path, tmp_path: Path) -> None:
    state, profile = tmp_path / "state", logs / "beholden.toml"
    scanned(logs, state)
    profile.write_text(PROFILE + '\n[[overlay]]\npath = "inhouse.toml"\n', encoding="utf-8")
    overlay = """
[[sources]]
id = "src"
url = "https://example.org/"
title = "Our register"
publisher = "Example"
published_at = 2026-01-01
grade = "A"

[[entities]]
id = "in_house:far"
schema = "Company"
caption = "Far Away Hosting Example"
published_at = 2026-01-01
source_id = "src"
grade = "A"

[[assets]]
id = "in_house:far-domain"
kind = "domain"
value = "far.example"
entity_id = "in_house:far"
relation = "service_endpoint"
published_at = 2026-01-01
source_id = "src"
grade = "A"
"""
    (logs / "inhouse.toml").write_text(overlay, encoding="utf-8")
    second, plain = scanned(logs, state), scanned(logs)
    assert plain.code == 0, plain.err
    assert counts(second)[0] == 0
    assert "another base watches" in told(second)
    assert second.out == plain.out


def test_other_networks_of_ours_make_files_be_read_again(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    (logs / "beholden.toml").write_text(PROFILE.replace("10.1.0.0/16", "10.1.0.0/17"), encoding="utf-8")
    second = scanned(logs, state)
    assert "the profile names other networks or columns" in told(second)
    assert second.out == scanned(logs).out


def test_a_file_that_breaks_off_is_read_again(logs: Path, tmp_path: Path) -> None:
    state, path = tmp_path / "state", logs / "dns.001.log.gz"
    path.write_bytes(path.read_bytes()[:-20])
    first, second = scanned(logs, state), scanned(logs, state)
    assert counts(second) == (8, 1)
    assert first.out == second.out == scanned(logs).out


def test_a_file_that_is_gone_is_forgotten(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    (logs / "flow.000.log").unlink()
    scanned(logs, state)
    database = sqlite3.connect(state)
    paths = {path for (path,) in database.execute("SELECT path FROM input")}
    database.close()
    assert len(paths) == 8
    assert "flow.000.log" not in paths


def test_a_state_among_the_inputs_is_none_of_them(logs: Path) -> None:
    state = logs / "state"
    scanned(logs, state)
    second = scanned(logs, state)
    assert counts(second) == (9, 0)
    assert "state" not in {row["file"] for row in second.document["coverage"]}


def test_a_receipt_of_a_run_with_a_state_verifies_without_it(logs: Path, tmp_path: Path) -> None:
    state, receipt = logs / "state", tmp_path / "receipt.json"
    scanned(logs, state)
    second = scanned(logs, state, "--receipt", str(receipt))
    assert counts(second) == (9, 0)
    state.unlink()
    verified = run_here("kb", "verify", receipt)
    assert verified.code == 0, verified.out.decode()


def test_with_a_receipt_content_is_digested_whatever_the_times_say(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a file that was written just now times say nothing.
    monkeypatch.setattr("beholden.cli.scan.now", lambda: datetime.now(tz=UTC) + timedelta(hours=1))
    state, path = tmp_path / "state", logs / "a-conn.000.log"
    scanned(logs, state)
    database = sqlite3.connect(state)
    text = path.read_text(encoding="utf-8").replace("\t4000\t", "\t7000\t")
    path.write_text(text, encoding="utf-8")
    status = path.stat()
    marked = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    with database:
        database.execute("UPDATE input SET mark = ? WHERE path = ?", (" ".join(map(str, marked)), path.name))
    database.close()
    assert counts(scanned(logs, state)) == (9, 0)
    assert counts(scanned(logs, state, "--receipt", str(tmp_path / "receipt.json"))) == (8, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"date,vendor\n2026-01-01,Example\n", "state.not-a-state", id="a-ledger"),
        pytest.param(b"SQLite format 3\x00" + b"\x00" * 200, "state.not-a-state", id="another-database"),
    ],
)
def test_a_file_that_is_no_state_is_refused_and_stays_as_it_is(
    content: bytes, code: str, logs: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.write_bytes(content)
    answer = scanned(logs, state)
    assert (answer.code, code in answer.err) == (2, True)
    assert str(state) in answer.err
    assert state.read_bytes() == content


def test_a_damaged_state_is_said_to_be_so(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    damaged = bytearray(state.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    state.write_bytes(damaged)
    answer = scanned(logs, state)
    assert (answer.code, "state.damaged" in answer.err) == (2, True)


def test_rows_that_were_changed_in_a_state_are_not_taken(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    database = sqlite3.connect(state)
    with database:
        database.execute("UPDATE piece SET rows = zeroblob(length(rows)) WHERE input = 1")
    database.close()
    second = scanned(logs, state)
    assert counts(second) == (8, 1)
    assert "what was kept of them is damaged" in told(second)
    assert second.out == scanned(logs).out


def test_a_state_in_use_is_refused(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    database = sqlite3.connect(state, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    answer = scanned(logs, state)
    database.close()
    assert (answer.code, "state.in-use" in answer.err) == (2, True)


def test_others_may_not_read_a_state(logs: Path, tmp_path: Path) -> None:
    scanned(logs, tmp_path / "state")
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o600


def begun(logs: Path, state: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "beholden", "scan", str(logs), *AS_OF, "--state", str(state), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def written(state: Path) -> int:
    return sum(path.stat().st_size for path in state.parent.glob(f"{state.name}*") if path.exists())


def end_once_more_is_written(process: subprocess.Popen[bytes], state: Path, size: int, end: signal.Signals) -> bool:
    """Whether the process was still running then."""
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        if state.exists() and written(state) >= size:
            process.send_signal(end)
            return True
        time.sleep(0.001)
    return False


def test_killed_again_and_again_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    logs, state = tmp_path / "logs", tmp_path / "here" / "state"
    state.parent.mkdir()
    write_logs(logs, files=8, lines=400)
    plain = scanned(logs)
    moments = random.Random(22)
    kills = 0
    for _ in range(8):
        process = begun(logs, state)
        more = written(state) + moments.randrange(20_000, 200_000)
        kills += end_once_more_is_written(process, state, more, signal.SIGKILL)
        process.communicate()
    assert kills >= 2
    last = scanned(logs, state)
    assert counts(last)[0] > 0
    assert last.out == plain.out


def test_interrupted_it_leaves_no_half_output_and_a_state_that_goes_on(tmp_path: Path) -> None:
    logs, state, report = tmp_path / "logs", tmp_path / "here" / "state", tmp_path / "report.json"
    state.parent.mkdir()
    write_logs(logs, files=8, lines=400)
    process = begun(logs, state, "-o", str(report))
    assert end_once_more_is_written(process, state, 150_000, signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert b"state: not finished" in err
    assert not report.exists()
    assert [path.name for path in state.parent.iterdir()] == ["state"]
    last = scanned(logs, state)
    assert counts(last)[0] > 0
    assert last.out == scanned(logs).out


def test_standard_input_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, state = tmp_path / "conn.log", tmp_path / "state"
    log.write_text(CONN_HEADER + conn_line(5), encoding="utf-8")
    for _ in range(2):
        with log.open(encoding="utf-8") as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            answer = run_here("scan", "-", *AS_OF, "--state", state)
        assert counts(answer) == (0, 0)
        assert answer.document["coverage"][0]["records_read"] == 1


def test_other_processes_keep_no_state(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.cli.scan.runner_named", lambda name, tables: object())
    answer = scanned(logs, tmp_path / "state", "--runner", "spark")
    assert (answer.code, "state.other-runner" in answer.err) == (2, True)
    assert not (tmp_path / "state").exists()
