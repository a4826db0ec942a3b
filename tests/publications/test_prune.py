"""`kb prune`: bases that nobody used for some time go, the one in use and the core never do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import run_here
from tests.publications.conftest import SLUG, content

from beholden.compile import open_base, open_core, remove_old
from beholden.report.schema import document_schema
from beholden.sources.interface import Source

Plug = Callable[..., Source]
DAY_S = 86_400


def bases(home: Path) -> set[str]:
    return {path.name for path in (home / "kb").iterdir() if path.is_dir()}


def age(home: Path, digest: str, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(home / "kb" / digest, (then, then))


@pytest.fixture
def three(plugged: Plug, home: Path, tmp_path: Path) -> list[str]:
    """Digests of an earlier base, the one in use and the core; all of them built long ago."""
    plugged()
    core = open_core().digest
    path = tmp_path / "list.csv"
    digests = []
    for day in ("2026-08-20", "2026-08-27"):
        path.write_bytes(content(3, day))
        assert run_here("kb", "import", SLUG, path).code == 0
        digests.append(open_base().digest)
    for digest in (*digests, core):
        age(home, digest, 100)
    return [*digests, core]


def test_only_what_nothing_needs_is_removed(three: list[str], home: Path) -> None:
    old, current, core = three
    answer = run_here("kb", "prune")
    assert answer.code == 0
    assert bases(home) == {current, core}
    assert old[:16] in answer.out.decode()
    assert "1 base removed, " in answer.out.decode()
    assert run_here("kb", "verify").code == 0
    assert open_core().digest == core
    assert "0 bases removed, 0 MiB" in run_here("kb", "prune").out.decode()


def test_a_dry_run_says_the_same_and_removes_nothing(three: list[str], home: Path) -> None:
    answer = run_here("kb", "prune", "--dry-run")
    assert three[0][:16] in answer.out.decode()
    assert "1 base would be removed" in answer.out.decode()
    assert bases(home) == set(three)


def test_the_document_says_what_was_removed(three: list[str], home: Path) -> None:
    dry = run_here("kb", "prune", "--dry-run", "--format", "json").document
    jsonschema.validate(dry, document_schema("kb-prune"))
    done = run_here("kb", "prune", "--format", "json").document
    assert (dry["dry_run"], done["dry_run"]) == (True, False)
    assert dry["bases"] == done["bases"]
    assert {row["digest"] for row in done["bases"]} == set(three) - bases(home)
    assert done["bases"]


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_a_base_of_late_stays(days: int, stays: bool, three: list[str], home: Path) -> None:
    age(home, three[0], days)
    run_here("kb", "prune")
    assert (three[0] in bases(home)) is stays


def test_the_days_can_be_said(three: list[str], home: Path) -> None:
    age(home, three[0], 3)
    run_here("kb", "prune", "--older-than", "4")
    assert three[0] in bases(home)
    run_here("kb", "prune", "--older-than", "2")
    assert three[0] not in bases(home)
    assert run_here("kb", "prune", "--older-than", "0").code == 2


def test_a_base_that_was_in_use_until_now_stays_however_old_it_is(three: list[str], home: Path, tmp_path: Path) -> None:
    _, current, _ = three
    path = tmp_path / "list.csv"
    path.write_bytes(content(4, "2026-08-28"))
    assert run_here("kb", "import", SLUG, path).code == 0
    run_here("kb", "prune")
    assert current in bases(home)


def test_a_base_that_is_named_or_built_again_stays(three: list[str], home: Path) -> None:
    assert run_here("kb", "diff", three[0][:12], "current").code == 0
    run_here("kb", "prune")
    assert three[0] in bases(home)


def test_what_was_removed_can_be_built_again(three: list[str], home: Path) -> None:
    run_here("kb", "prune")
    assert run_here("kb", "drop", SLUG, "--edition", "2026-08-27").code == 0
    assert open_base().digest == three[0]


def test_what_is_no_base_is_left_alone(three: list[str], home: Path, tmp_path: Path) -> None:
    mine = home / "kb" / "my-folder"
    mine.mkdir()
    link = home / "kb" / ("a" * 64)
    link.symlink_to(tmp_path, target_is_directory=True)
    then = time.time() - 100 * DAY_S
    os.utime(mine, (then, then))
    os.utime(link, (then, then))
    run_here("kb", "prune")
    assert mine.is_dir()
    assert link.is_symlink()
    assert tmp_path.is_dir()


def test_where_nobody_knows_what_is_in_use_nothing_is_removed(three: list[str], home: Path) -> None:
    (home / "kb" / "current.json").write_text("{")
    answer = run_here("kb", "prune")
    assert answer.code == 4
    assert "[kb.damaged]" in answer.err
    assert bases(home) == set(three)


def test_a_base_that_is_open_goes_on_answering(three: list[str], home: Path) -> None:
    from beholden.kb.base import KnowledgeBase

    opened = KnowledgeBase.open(home / "kb" / three[0])
    run_here("kb", "prune")
    assert three[0] not in bases(home)
    assert [row.id for row in opened.sources() if row.id.startswith(SLUG)] == [f"{SLUG}@2026-08-20"]


def test_one_that_dies_leaves_no_half_base(
    three: list[str], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(folder: Path) -> None:
        next((folder / three[0]).iterdir()).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("beholden.compile.prune.shutil", SimpleNamespace(rmtree=dies))
        with pytest.raises(KeyboardInterrupt):
            remove_old(home, datetime.now(tz=UTC))
    assert three[0] not in bases(home)
    assert run_here("kb", "build").code == 0
    assert bases(home) == set(three[1:])


def test_a_home_without_bases_is_no_error(plugged: Plug) -> None:
    plugged()
    answer = run_here("kb", "prune")
    assert (answer.code, answer.out.decode()) == (0, "0 bases removed, 0 MiB\n")
