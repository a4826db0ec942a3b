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
from pathlib import Path

import pytest
from tests.builders_logs import CONN_HEADER, DNS_HEADER, PROFILE, conn_line, dns_line, write_logs
from tests.command import PATIENCE_S, Answer, run_here

from beholden.run import read_by

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
    scanned(logs, state, "--receipt", str(receipt))
    state.unlink()
    verified = run_here("kb", "verify", receipt)
    assert verified.code == 0, verified.out.decode()


def test_with_a_receipt_nothing_is_taken_and_all_is_kept(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    second = scanned(logs, state, "--receipt", str(tmp_path / "receipt.json"))
    assert counts(second) == (0, 9)
    assert "9 a receipt tells of what was read" in told(second)
    assert counts(scanned(logs, state)) == (9, 0)


def edited(state: Path, *statements: str) -> None:
    database = sqlite3.connect(state)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()


@pytest.mark.parametrize(
    ("statement", "taken"),
    [
        pytest.param("DELETE FROM piece WHERE input = 1", 8, id="pieces-of-one-gone"),
        pytest.param(
            "UPDATE input SET told = replace(told, '\"records_read\":', '\"records_read\":1') WHERE id = 1",
            8,
            id="told",
        ),
        pytest.param("UPDATE piece SET nth = nth + 1000", None, id="order"),
        pytest.param("DELETE FROM piece", None, id="all-pieces-gone"),
        pytest.param("UPDATE input SET path = path || 'x' WHERE id = 1", 8, id="name"),
    ],
)
def test_a_state_that_was_edited_is_not_believed(statement: str, taken: int | None, logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    edited(state, statement)
    second = scanned(logs, state)
    assert counts(second)[1] >= 1
    assert taken is None or counts(second)[0] == taken
    assert "damaged" in told(second) or "not read before" in told(second)
    assert second.out == scanned(logs).out


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


@pytest.mark.parametrize("kind", ["empty", "link-to-nothing", "link-to-empty", "link-to-a-state", "folder", "pipe"])
def test_what_is_there_and_no_state_is_not_replaced(kind: str, logs: Path, tmp_path: Path) -> None:
    state, other = tmp_path / "state", tmp_path / "other"
    if kind == "link-to-a-state":
        scanned(logs, other)
    elif kind == "link-to-empty":
        other.touch()
    if kind.startswith("link"):
        state.symlink_to(other)
    elif kind == "empty":
        state.touch()
    elif kind == "folder":
        state.mkdir()
    else:
        os.mkfifo(state)
    before = [(path.name, path.lstat()) for path in sorted(tmp_path.iterdir()) if path != logs]
    answer = scanned(logs, state)
    after = [(path.name, path.lstat()) for path in sorted(tmp_path.iterdir()) if path != logs]
    assert (answer.code, "state.not-a-state" in answer.err) == (2, True)
    stays = [(name, was.st_ino, was.st_mode, was.st_mtime_ns) for name, was in before]
    assert [(name, now.st_ino, now.st_mode, now.st_mtime_ns) for name, now in after] == stays


def test_what_comes_to_be_while_a_state_is_made_is_not_replaced(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    monkeypatch.setattr("beholden.run.state_file.is_there", lambda _: False)
    state.write_text("theirs", encoding="utf-8")
    assert "state.unwritable" in scanned(logs, state).err
    assert state.read_text(encoding="utf-8") == "theirs"


def test_where_files_have_one_name_only_a_state_is_made_all_the_same(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("beholden.run.state_place.os.link", refused)
    state = tmp_path / "state"
    scanned(logs, state)
    assert counts(scanned(logs, state)) == (9, 0)
    assert state.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs", "state"]


@pytest.mark.parametrize(
    ("option", "ending"),
    [
        ("-o", ""),
        ("--receipt", ""),
        ("--receipt", "-journal"),
        ("--waivers", ""),
        ("--waivers", "-wal"),
        ("--baseline", ""),
        ("--profile", ""),
    ],
)
def test_a_state_in_the_place_of_another_file_of_the_command_is_refused(
    option: str, ending: str, logs: Path, tmp_path: Path
) -> None:
    state = tmp_path / "it.json"
    other = logs / ".." / f"it.json{ending}"
    if option not in {"-o", "--receipt"}:
        other.touch()
    answer = scanned(logs, state, option, str(other))
    assert (answer.code, "state.not-a-state" in answer.err) == (2, True)
    assert other.exists() is (option not in {"-o", "--receipt"})


def test_a_log_that_a_removed_state_left_is_not_replayed_into_a_new_one(logs: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    database = sqlite3.connect(state)
    with database:
        database.execute("UPDATE input SET bytes = bytes + 1")
    left = state.with_name("state-wal").read_bytes()
    database.close()
    assert left
    state.unlink()
    state.with_name("state-wal").write_bytes(left)
    state.with_name("state-shm").touch()
    assert counts(scanned(logs, state)) == (0, 9)
    assert counts(scanned(logs, state)) == (9, 0)


def test_what_others_put_beside_a_state_is_not_removed(logs: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "state-wal"
    theirs.write_text("theirs", encoding="utf-8")
    answer = scanned(logs, tmp_path / "state")
    assert (answer.code, "state.not-a-state" in answer.err, str(theirs) in answer.err) == (2, True, True)
    assert theirs.read_text(encoding="utf-8") == "theirs"
    assert [path.name for path in tmp_path.iterdir() if path != logs] == ["state-wal"]


@pytest.mark.parametrize("library", ["pyarrow", "numpy", "polars", "isal"])
def test_another_version_of_a_library_that_reads_makes_files_be_read_again(
    library: str, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    scanned(logs, state)
    known = read_by._version_of
    monkeypatch.setattr(read_by, "_version_of", lambda name: f"{name} 0" if name == library else known(name))
    read_by._program.cache_clear()
    try:
        second = scanned(logs, state)
    finally:
        read_by._program.cache_clear()
    assert counts(second) == (0, 9)
    assert "another version of the program" in told(second)
