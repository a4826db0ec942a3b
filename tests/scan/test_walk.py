from __future__ import annotations

import os
from pathlib import Path

import pytest

from beholden.scan.walk import SKIPPED_FOLDERS, Found, walk


def files(*arguments: Path) -> list[str]:
    return [found.path for found in walk(list(arguments))]


def only(path: Path) -> Found:
    (found,) = walk([path])
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.log", "a/z.log", "a/y/x.log", "c.log"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    return tmp_path / "tree"


def test_files_come_sorted_by_folder_with_slashes(tree: Path) -> None:
    assert files(tree) == ["a/y/x.log", "a/z.log", "b.log", "c.log"]


def test_a_file_argument_goes_by_its_name(tree: Path) -> None:
    found = only(tree / "a" / "z.log")
    assert (found.path, found.is_named) == ("z.log", True)


def test_several_arguments_are_prefixes_as_they_were_given(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert files(Path("a"), Path("b.log")) == ["a/y/x.log", "a/z.log", "b.log"]


def test_a_file_below_a_folder_is_not_named_by_the_user(tree: Path) -> None:
    assert {found.is_named for found in walk([tree])} == {False}


@pytest.mark.parametrize("name", sorted(SKIPPED_FOLDERS))
def test_folders_of_tools_are_listed_and_not_walked(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "go.mod").write_text("x", encoding="utf-8")
    found = only(tmp_path)
    assert (found.path, found.problem, found.is_failure) == (f"{name}/", "folder of a tool, not walked", False)


def test_a_link_is_not_followed_below_a_folder_and_is_read_when_named(tree: Path, tmp_path: Path) -> None:
    link = tmp_path / "folder" / "link.log"
    link.parent.mkdir()
    link.symlink_to(tree / "b.log")
    assert only(link.parent).problem == "symbolic link, not followed"
    assert only(link).problem is None


def test_a_link_to_nothing_is_a_failure_when_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    found = only(tmp_path / "link")
    assert found.is_failure
    assert found.problem == "cannot be opened: No such file or directory"


def test_a_pipe_is_a_failure_only_when_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not only(tmp_path).is_failure
    assert only(tmp_path / "pipe").is_failure


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param(b"caf\xe9", "caf\ufffd", id="not-utf8"),
        pytest.param("café 阿里".encode(), "café 阿里", id="utf8"),
        pytest.param(b"a\nb\x1b[2J", "a\ufffdb\ufffd[2J", id="controls"),
    ],
)
def test_names_can_always_be_written_and_printed(raw: bytes, shown: str, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw))
    path.write_text("x", encoding="utf-8")
    assert files(tmp_path) == [shown]
    found = only(path)
    assert found.path == shown
    assert found.real_path.read_text(encoding="utf-8") == "x"


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert files(tmp_path) == []


def test_a_folder_given_twice_is_read_twice_under_the_same_names(tree: Path) -> None:
    names = files(tree, tree)
    assert names[: len(names) // 2] == names[len(names) // 2 :]


def test_a_file_that_goes_while_several_paths_are_walked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "gone.log").write_text("x", encoding="utf-8")

    def gone(place: object) -> tuple[int, int]:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("beholden.scan.walk._identity", gone)
    found = next(walk(["a", "b"], tmp_path))
    assert (found.problem, found.is_failure) == ("cannot be opened: No such file or directory", True)
