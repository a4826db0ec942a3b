"""Private and repeatable: no network, nothing written but the home, the same bytes again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.command import run_process

DAY = ("--as-of", "2026-08-01")
# Loaded by the interpreter before anything else: any socket, and any look-up of a name, is the end.
NO_SOCKETS = """
import sys

def forbid(event, arguments):
    if event in {"socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        sys.stderr.write(f"network use: {event}\\n")
        raise SystemExit(99)

sys.addaudithook(forbid)
"""


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def guarded(tmp_path: Path) -> dict[str, str]:
    """An environment whose interpreter refuses sockets."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(NO_SOCKETS, encoding="utf-8")
    return {"PYTHONPATH": str(site)}


COMMANDS = [
    pytest.param(("scan", ".", *DAY, "--format", "json"), id="scan"),
    pytest.param(("scan", ".", *DAY, "--receipt", "../receipt.json", "--format", "json"), id="scan-with-receipt"),
    pytest.param(("show", "47.88.1.1", *DAY, "--format", "json"), id="show"),
    pytest.param(("kb", "info", *DAY, "--format", "json"), id="kb-info"),
]


def test_the_guard_itself_catches_a_socket(guarded: dict[str, str], tmp_path: Path) -> None:
    import os
    import sys

    made = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"],
        env={**os.environ, **guarded},
        capture_output=True,
        check=False,
    )
    assert made.returncode == 99


@pytest.mark.parametrize("command", COMMANDS)
def test_no_socket_is_ever_made(command: tuple[str, ...], folder: Path, guarded: dict[str, str]) -> None:
    answer = run_process(*command, cwd=folder, env=guarded)
    assert "network use" not in answer.err
    assert answer.code == 0


def test_the_base_is_compiled_without_a_socket(folder: Path, guarded: dict[str, str], tmp_path: Path) -> None:
    answer = run_process("scan", folder, *DAY, env={**guarded, "BEHOLDEN_HOME": str(tmp_path / "fresh")})
    assert answer.code == 0
    assert (tmp_path / "fresh" / "kb" / "core.json").is_file()


@pytest.mark.skipif(not can_unshare(), reason="needs the right to make a network namespace")
@pytest.mark.parametrize("command", COMMANDS)
def test_without_any_network_the_same_bytes_come_out(command: tuple[str, ...], folder: Path) -> None:
    assert run_process(*command, cwd=folder, before=("unshare", "-rn")).out == run_process(*command, cwd=folder).out


def test_hash_seed_and_time_zone_change_nothing(folder: Path) -> None:
    command = ("scan", folder, *DAY, "--format", "json")
    outputs = {
        run_process(*command, env={"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}).out
        for seed, zone in (("1", "UTC"), ("2", "Pacific/Kiritimati"), ("3", "America/Los_Angeles"))
    }
    assert len(outputs) == 1


def test_order_of_arguments_changes_no_finding(folder: Path) -> None:
    ledger, module = folder / "payments.csv", folder / "go.mod"
    one = run_process("scan", ledger, module, *DAY, "--format", "json").document
    other = run_process("scan", module, ledger, *DAY, "--format", "json").document
    assert one["findings"] == other["findings"]


def test_a_scan_writes_nothing_into_the_folder_it_reads(folder: Path) -> None:
    before = sorted(path.name for path in folder.iterdir())
    run_process("scan", folder, *DAY)
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_home_that_cannot_be_written_is_no_obstacle(folder: Path, tmp_path: Path) -> None:
    taken = tmp_path / "a-file"
    taken.write_text("", encoding="utf-8")
    answer = run_process("scan", folder, *DAY, "--format", "json", env={"BEHOLDEN_HOME": str(taken / "home")})
    assert answer.code == 0
    assert answer.out == run_process("scan", folder, *DAY, "--format", "json").out
