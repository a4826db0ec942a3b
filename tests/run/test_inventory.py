"""What a job reads, by digest; and what changed meanwhile, by name."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

import beholden.run.inventory
from beholden.errors import ScanError
from beholden.run.inventory import Inventory, refuse_changes, take_inventory
from beholden.run.job import Job
from beholden.scan.walk import Found

DAY = date(2026, 8, 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a/one.txt", "a/two.txt", "b/one.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path


def take(root: Path, *paths: str, most: int | None = None) -> Inventory:
    return take_inventory(Job(paths=paths, as_of=DAY, at=root), most=most)


def test_several_paths_prefix_the_names_and_a_file_reached_twice_is_digested_once(root: Path) -> None:
    inputs = take(root, "a", "b", "a/one.txt").inputs
    assert [entry.path for entry in inputs] == ["a/one.txt", "a/two.txt", "b/one.txt", "a/one.txt"]
    assert [entry.not_read for entry in inputs] == [None, None, None, "already read under another argument"]


def test_a_bound_stops_the_walk_and_says_so(root: Path) -> None:
    assert [entry.path for entry in take(root, "a", most=1).inputs] == ["one.txt"]
    assert take(root, "a", most=1).is_cut
    assert not take(root, "a", most=2).is_cut


@pytest.mark.parametrize("lacking", ["gone", "pipe"])
def test_a_file_that_went_between_listing_and_opening_is_a_problem_with_its_name_and_nothing_waits(
    lacking: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = root / lacking
    if lacking == "pipe":
        os.mkfifo(place)
    monkeypatch.setattr(beholden.run.inventory, "walk", lambda *_: iter([Found(place, "log.txt")]))
    found = take(root, "a")
    assert found.inputs == []
    with pytest.raises(ScanError, match=r"log\.txt") as caught:
        found.refuse_problems()
    assert caught.value.code == "receipt.unreadable-input"


def test_nothing_that_changed_is_nothing_to_refuse(root: Path) -> None:
    refuse_changes(take(root, "a", "b"), take(root, "a", "b"))


def test_a_change_that_was_taken_back_is_named(root: Path) -> None:
    before = take(root, "a")
    place = root / "a" / "two.txt"
    status = place.stat()
    place.write_text("other", encoding="utf-8")
    place.write_text("a/two.txt", encoding="utf-8")
    os.utime(place, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = take(root, "a")
    assert after.inputs == before.inputs
    with pytest.raises(ScanError, match=r"changed while it was read: two\.txt \(") as caught:
        refuse_changes(before, after)
    assert caught.value.exit_code == 3


def test_of_many_changes_the_first_are_named_and_the_rest_counted(root: Path) -> None:
    before = take(root, "a")
    for number in range(8):
        (root / "a" / f"new{number}.txt").touch()
    with pytest.raises(ScanError, match=r"new0\.txt, .*new4\.txt and 3 more"):
        refuse_changes(before, take(root, "a"))
