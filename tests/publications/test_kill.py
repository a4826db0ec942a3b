"""Ends in the middle: whatever moment `kill -9` hits, the base verifies and every publication is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.command import run_here
from tests.publications.conftest import SLUG, Publisher, content, install

from beholden.compile import open_base
from beholden.sources.interface import Source
from beholden.sources.snapshot import Store

IS_SLOW = os.environ.get("BEHOLDEN_SLOW") == "1"
KILLS = 50 if IS_SLOW else 8
# So many that reading and writing them takes as long as starting does.
PARTIES = 20_000


def start(*arguments: str | Path, path: Path) -> subprocess.Popen[bytes]:
    before = os.environ.get("PYTHONPATH", "")
    return subprocess.Popen(
        [sys.executable, "-m", "beholden", "kb", *arguments],
        env={**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{before}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def assert_whole(store: Store) -> int:
    """Every record that is there verifies, and so does the base; how many there are."""
    assert run_here("kb", "verify").code == 0
    records = store.held(SLUG)
    assert [problem for held in records for problem in store.verify(held)] == []
    return len(records)


def assert_mended(store: Store, ended: bytes) -> None:
    """After an undisturbed call nothing is left of the disturbed ones."""
    newest = store.newest(SLUG)
    assert newest is not None
    assert store.path(newest, newest.documents[0]).read_bytes() == ended
    named = {item.sha256 for held in store.held(SLUG) for item in held.documents}
    left = {path.name for path in (store.folder / SLUG).iterdir() if path.suffix not in (".json", ".checked")}
    assert left == {".lock", *named}


def kill_at_random(command: list[str | Path], path: Path, whole_s: float, chance: random.Random) -> bool:
    """Start a command and kill it within the time that it takes; whether it was still at work."""
    process = start(*command, path=path)
    time.sleep(whole_s * chance.uniform(0.1, 0.9))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_a_killed_import_leaves_a_whole_publication_or_none(store: Store, tmp_path: Path) -> None:
    path = install(tmp_path / "plugged", {})
    given = tmp_path / "list.csv"
    given.write_bytes(content(PARTIES))
    began = time.monotonic()
    assert start("import", SLUG, given, path=path).wait() == 0
    whole_s = time.monotonic() - began
    chance, killed = random.Random(20260820), 0
    for turn in range(KILLS):
        given.write_bytes(content(PARTIES, word=f"Sample {turn}"))
        killed += kill_at_random(["import", SLUG, given], path, whole_s, chance)
        assert 1 <= assert_whole(store) <= turn + 2
    assert killed > 0  # how many is a matter of how busy the machine is
    given.write_bytes(content(PARTIES, word="Last"))
    assert start("import", SLUG, given, path=path).wait() == 0
    assert_mended(store, given.read_bytes())


def test_a_killed_update_leaves_a_whole_publication_or_none(store: Store, tmp_path: Path, publisher: Publisher) -> None:
    path = install(tmp_path / "plugged", {"list.csv": publisher.url + "/list"})
    publisher.serve("/list", content(PARTIES))
    began = time.monotonic()
    assert start("update", SLUG, path=path).wait() == 0
    whole_s = time.monotonic() - began
    chance, killed = random.Random(20260821), 0
    for turn in range(KILLS):
        publisher.serve("/list", content(PARTIES, word=f"Sample {turn}"))
        killed += kill_at_random(["update", SLUG], path, whole_s, chance)
        assert 1 <= assert_whole(store) <= turn + 2
    assert killed > 0  # how many is a matter of how busy the machine is
    last = content(PARTIES, word="Last")
    publisher.serve("/list", last)
    assert start("update", SLUG, path=path).wait() == 0
    assert_mended(store, last)


def test_a_killed_drop_leaves_the_publication_or_its_record_of_being_dropped(
    store: Store, tmp_path: Path, plugged: Callable[..., Source]
) -> None:
    plugged()
    days = [date(2025, 1, 1) + timedelta(days=turn) for turn in range(KILLS + 2)]
    given = tmp_path / "list.csv"
    for day in days:
        given.write_bytes(content(200, day.isoformat()))
        assert run_here("kb", "import", SLUG, given, "--later").code == 0
    assert run_here("kb", "build").code == 0
    path = tmp_path / "plugged"
    began = time.monotonic()
    assert start("drop", SLUG, "--edition", days[0].isoformat(), path=path).wait() == 0
    whole_s = time.monotonic() - began
    chance, killed = random.Random(20260822), 0
    for turn, day in enumerate(days[1:-1], 1):
        killed += kill_at_random(["drop", SLUG, "--edition", day.isoformat()], path, whole_s, chance)
        assert 1 <= assert_whole(store) <= len(days) - 1
        assert len(store.records(SLUG)) == len(days)
        assert {held.edition for held in store.held(SLUG)} >= set(days[turn + 1 :])
    assert killed > 0  # how many is a matter of how busy the machine is
    assert run_here("kb", "build").code == 0
    in_base = {row.date for row in open_base().sources() if row.id.startswith(SLUG)}
    assert in_base == {held.edition for held in store.held(SLUG)}
    assert [left.name for left in (store.folder / SLUG).glob(".new-*")] == []


@pytest.mark.parametrize("count", [4])
def test_several_imports_at_once_are_all_held(store: Store, tmp_path: Path, count: int) -> None:
    path = install(tmp_path / "plugged", {})
    running = []
    for number in range(count):
        given = tmp_path / f"list-{number}.csv"
        given.write_bytes(content(1000, word=f"Sample {number}"))
        running.append(start("import", SLUG, given, path=path))
    assert [process.wait() for process in running] == [0] * count
    assert assert_whole(store) == count
