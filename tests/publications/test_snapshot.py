"""The store: whole or not at all, the same once, what is damaged is told, what is left over is removed."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.publications.conftest import SLUG, content

from beholden.errors import KnowledgeBaseError, SourceError
from beholden.sources.held import Held
from beholden.sources.snapshot import Store

AT = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)
MOST = 1 << 20


def keep(
    store: Store,
    tmp_path: Path,
    *bodies: bytes,
    at: datetime = AT,
    edition: date = date(2026, 8, 20),
    is_partial: bool = False,
    slug: str = SLUG,
) -> Held:
    with store.staging(slug) as staged:
        for number, body in enumerate(bodies):
            given = tmp_path / f"given-{number}"
            given.write_bytes(body)
            staged.copy(f"part-{number}.csv", given, MOST)
        held = Held(
            slug=slug,
            edition=edition,
            edition_from="printed",
            held_at=at,
            documents=staged.documents,
            is_partial=is_partial,
        )
        return store.keep(held, staged)


def names(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / SLUG).iterdir() if path.name != ".lock")


def test_a_publication_is_kept_under_the_digests_of_its_bytes(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one", b"two")
    assert held.name.startswith("20260901T120000.123456Z-")
    assert names(store) == sorted([f"{held.name}.json", *(item.sha256 for item in held.documents)])
    assert [store.path(held, item).read_bytes() for item in held.documents] == [b"one", b"two"]
    assert store.held(SLUG) == [held]
    assert store.verify(held) == []


def test_the_same_again_is_the_record_that_is_there_and_is_noted(store: Store, tmp_path: Path) -> None:
    first = keep(store, tmp_path, b"one")
    again = keep(store, tmp_path, b"one", at=AT + timedelta(days=3))
    assert again == first
    assert store.held() == [first]
    assert store.checked(first) == [AT + timedelta(days=3)]


def test_the_same_files_in_another_order_are_the_same(store: Store, tmp_path: Path) -> None:
    first = keep(store, tmp_path, b"one", b"two")
    with store.staging(SLUG) as staged:
        for number in (1, 0):
            staged.copy(f"part-{number}.csv", tmp_path / f"given-{number}", MOST)
        held = Held(slug=SLUG, edition=first.edition, edition_from="given", held_at=AT, documents=staged.documents)
        assert store.keep(held, staged) == first


@pytest.mark.parametrize(
    "other",
    [{"edition": date(2026, 8, 27)}, {"is_partial": True}, {"slug": "xx_other_list"}],
    ids=["day", "partial", "source"],
)
def test_what_differs_in_more_than_its_bytes_is_another_record(
    store: Store, tmp_path: Path, other: dict[str, object]
) -> None:
    keep(store, tmp_path, b"one")
    keep(store, tmp_path, b"one", at=AT + timedelta(days=1), **other)  # type: ignore[arg-type]
    assert len(store.records()) == 2


def test_a_publication_that_goes_back_to_what_it_was_is_held_again(store: Store, tmp_path: Path) -> None:
    for number, body in enumerate((b"one", b"two", b"one")):
        keep(store, tmp_path, body, at=AT + timedelta(hours=number))
    assert (len(store.held(SLUG)), len(store.records(SLUG))) == (2, 3)
    newest = store.newest(SLUG)
    assert newest is not None
    assert store.path(newest, newest.documents[0]).read_bytes() == b"one"


def test_a_clock_that_went_back_does_not_change_the_order(store: Store, tmp_path: Path) -> None:
    first = keep(store, tmp_path, b"one")
    second = keep(store, tmp_path, b"two", at=AT - timedelta(days=1))
    assert second.held_at == AT + timedelta(microseconds=1)
    assert store.held(SLUG) == [first, second]


def test_what_was_held_on_a_day_can_be_asked(store: Store, tmp_path: Path) -> None:
    first = keep(store, tmp_path, b"one")
    second = keep(store, tmp_path, b"two", at=AT + timedelta(days=1))
    assert store.held(as_held=date(2026, 8, 31)) == []
    assert store.held(as_held=date(2026, 9, 1)) == [first]
    assert store.held(SLUG, as_held=date(2026, 9, 2)) == [first, second]


def test_the_newest_is_that_of_the_latest_day_whenever_it_came(store: Store, tmp_path: Path) -> None:
    newest = keep(store, tmp_path, b"one")
    keep(store, tmp_path, b"old", at=AT + timedelta(days=1), edition=date(2020, 1, 1))
    assert store.newest(SLUG) == newest


# --- damage -----------------------------------------------------------------------------------------------------------


def test_changed_and_missing_bytes_are_found(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one", b"two")
    store.path(held, held.documents[0]).write_bytes(b"0ne")
    store.path(held, held.documents[1]).unlink()
    problems = store.verify(held)
    assert len(problems) == 2
    assert "part-0.csv: content differs" in problems[0]
    assert "part-1.csv: No such file" in problems[1]


def test_keeping_the_same_again_mends_what_was_damaged(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one")
    store.path(held, held.documents[0]).write_bytes(b"0ne")
    assert keep(store, tmp_path, b"one") == held
    assert store.verify(held) == []


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"slug": "xx_example_list"}', b"\xff"])
def test_a_damaged_record_is_refused_and_named(store: Store, tmp_path: Path, text: bytes) -> None:
    held = keep(store, tmp_path, b"one")
    (store.folder / SLUG / f"{held.name}.json").write_bytes(text)
    with pytest.raises(SourceError) as caught:
        store.held()
    assert caught.value.code == "source.damaged-record"
    assert held.name in str(caught.value)


def test_an_edited_record_is_refused(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one")
    path = store.folder / SLUG / f"{held.name}.json"
    path.write_text(path.read_text().replace("part-0.csv", "part-9.csv"))
    with pytest.raises(SourceError):
        store.held(SLUG)


def test_a_damaged_note_of_checks_does_not_hinder(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one")
    store.note_checked(held, AT)
    (store.folder / SLUG / f"{held.name}.checked").write_bytes(b"no")
    assert store.checked(held) == []
    store.note_checked(held, AT)
    assert store.checked(held) == [AT]


# --- ends in the middle -----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours may catch it."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts renames and writes to the disk; the one that is named in the list is the last."""
    left = [1 << 30]

    def step(real: object) -> object:
        def counted(*arguments: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*arguments, **more)  # type: ignore[operator]

        return counted

    monkeypatch.setattr(os, "fsync", step(os.fsync))
    monkeypatch.setattr(Path, "replace", step(Path.replace))
    monkeypatch.setattr(Path, "unlink", step(Path.unlink))
    return left


def test_whatever_step_is_the_last_a_publication_is_held_whole_or_not(
    store: Store, tmp_path: Path, steps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(store, tmp_path, b"one")
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    ends = set()
    for count in range(40):
        steps[0] = count
        try:
            keep(store, tmp_path, b"two", f"{count}".encode(), at=AT + timedelta(minutes=count + 1))
            ends.add("done")
        except Killed:
            ends.add("killed")
        steps[0] = 1 << 30
        records = store.held(SLUG)
        assert records[0] == first
        assert [problem for held in records for problem in store.verify(held)] == []
    assert ends == {"done", "killed"}


def test_what_a_dead_process_left_is_removed_by_the_next(store: Store, tmp_path: Path) -> None:
    held = keep(store, tmp_path, b"one")
    folder = store.folder / SLUG
    (folder / ("a" * 64)).write_bytes(b"of no record")
    (folder / ".new-abc").write_bytes(b"")
    (folder / ".staging-dead").mkdir()
    (folder / ".staging-dead" / "lock").touch()
    (folder / ".staging-dead" / "file-x").write_bytes(b"half")
    with store.staging(SLUG) as living:
        living.copy("part.csv", tmp_path / "given-0", MOST)
        keep(store, tmp_path, b"two", at=AT + timedelta(days=1))
        assert living.folder.is_dir()
    left = [name for name in names(store) if not name.endswith(".json")]
    assert len(left) == 2
    assert held.documents[0].sha256 in left


def test_what_is_taken_back_is_gone_with_its_bytes(store: Store, tmp_path: Path) -> None:
    first = keep(store, tmp_path, b"one")
    second = keep(store, tmp_path, b"two", at=AT + timedelta(days=1))
    store.withdraw(second)
    keep(store, tmp_path, b"one", at=AT + timedelta(days=2))
    assert store.held() == [first]
    assert second.documents[0].sha256 not in names(store)


# --- what is given ----------------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused(store: Store, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_bytes(content())
    with store.staging(SLUG) as staged, pytest.raises(SourceError) as caught:
        staged.copy("list.csv", given, 10)
    assert caught.value.code == "source.too-large"


def test_a_file_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with store.staging(SLUG) as staged, pytest.raises(SourceError) as caught:
        staged.copy("list.csv", tmp_path / "gone", MOST)
    assert caught.value.code == "source.unreadable"


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(KnowledgeBaseError) as caught, Store(taken).staging(SLUG):
        pass
    assert caught.value.code == "kb.unwritable"


@pytest.mark.parametrize("slug", ["../escape", "a/b", "", "A", "a-b"])
def test_an_id_is_no_path(store: Store, slug: str) -> None:
    with pytest.raises(SourceError), store.staging(slug):
        pass


def test_of_the_same_files_of_a_day_the_last_word_counts_and_all_are_dropped(store: Store, tmp_path: Path) -> None:
    keep(store, tmp_path, b"one")
    keep(store, tmp_path, b"one", at=AT + timedelta(days=1), is_partial=True)
    assert [held.is_partial for held in store.held(SLUG)] == [True]
    assert [held.is_partial for held in store.held(SLUG, as_held=AT.date())] == [False]
    store.drop(SLUG, None, AT + timedelta(days=2))
    assert store.held(SLUG) == []
