"""`kb drop`: out of what is in force from now on, and still part of the days before."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import Answer, run_here
from tests.publications.conftest import SLUG, Clock, Publisher, content

from beholden.cli import publications
from beholden.compile import open_base
from beholden.report.schema import document_schema
from beholden.run.drop import _kept
from beholden.schema.rows import Asset, Row
from beholden.sources.held import Held
from beholden.sources.interface import Publication, Reading, Source
from beholden.sources.snapshot import Store

Plug = Callable[..., Source]
FIRST, SECOND = "2026-08-20", "2026-08-27"


def bring(*arguments: str | Path) -> Answer:
    answer = run_here("kb", *arguments, "--format", "json")
    if answer.out:
        jsonschema.validate(answer.document, document_schema("publications"))
    return answer


def loaded() -> list[str]:
    return sorted(row.id for row in open_base().sources() if row.id.startswith(SLUG))


def ids(*days: str) -> list[str]:
    return [f"{SLUG}@{day}" for day in days]


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the commands."""
    clock = Clock()

    class Dated(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # of a clock that tests move
            return clock()

    monkeypatch.setattr(publications, "datetime", Dated)
    return clock


@pytest.fixture
def two(plugged: Plug, tmp_path: Path, calendar: Clock) -> Path:
    """Two editions, held on two days."""
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(3, FIRST))
    bring("import", SLUG, path)
    calendar.at += timedelta(days=1)
    path.write_bytes(content(4, SECOND))
    bring("import", SLUG, path)
    return path


def misfit(monkeypatch: pytest.MonkeyPatch, word: str = "Misfit") -> None:
    """An importer of which some rows are read and do not fit: an address that is none."""
    module = sys.modules["example_list"]
    parse = module.SOURCE.parse

    def yields_misfits(publication: Publication, reading: Reading) -> Iterable[Row]:
        for row in parse(publication, reading):
            yield row
            if word in str(getattr(row, "caption", "")):
                yield Asset(id=f"{row.id}:ip", kind="ip", value="no address", entity_id=row.id)

    monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, parse=yields_misfits))


def test_an_edition_is_dropped_and_told_and_the_others_stay(two: Path, store: Store, calendar: Clock) -> None:
    before = open_base().digest
    answer = bring("drop", SLUG, "--edition", SECOND)
    assert answer.code == 0
    assert (answer.document["command"], answer.document["compiled"]) == ("kb drop", True)
    (info,) = answer.document["publications"]
    assert (info["source"], info["status"], info["edition"]) == (SLUG, "dropped", SECOND)
    assert info["held_at"] < info["dropped_at"]
    assert f"in force now: edition {FIRST}" in info["notes"]
    assert loaded() == ids(FIRST)
    assert open_base().digest == answer.document["kb"]["digest"] != before
    assert [held.edition.isoformat() for held in store.held(SLUG)] == [FIRST]


def test_files_and_records_stay_as_evidence(two: Path, store: Store) -> None:
    bring("drop", SLUG)
    records = store.records(SLUG)
    assert len(records) == 2
    assert [problem for held in records for problem in store.verify(held)] == []
    two.write_bytes(content(5, "2026-08-28"))
    bring("import", SLUG, two)
    assert [problem for held in records for problem in store.verify(held)] == []


def test_without_an_edition_all_is_dropped_and_the_packs_answer(two: Path, store: Store) -> None:
    answer = bring("drop", SLUG)
    assert [info["edition"] for info in answer.document["publications"]] == [FIRST, SECOND]
    assert "nothing of it is in force now" in answer.document["publications"][0]["notes"]
    assert loaded() == []
    assert (store.held(), store.slugs(), store.newest(SLUG)) == ([], [], None)
    assert len(list((store.folder / SLUG).glob("*.dropped"))) == 1
    assert run_here("kb", "verify").code == 0


def test_the_base_of_a_day_before_the_drop_has_it_and_that_of_the_day_has_not(two: Path, calendar: Clock) -> None:
    whole = open_base().digest
    calendar.at += timedelta(days=1)
    bring("drop", SLUG, "--edition", SECOND)
    without = open_base().digest
    assert run_here("kb", "build", "--as-held", "2026-09-02").code == 0
    assert (open_base().digest, loaded()) == (whole, ids(FIRST, SECOND))
    told = {row["id"]: row for row in run_here("kb", "info", "--format", "json").document["sources"]}
    assert told[SLUG]["layout"] == "lines"
    assert run_here("kb", "build", "--as-held", "2026-09-03").code == 0
    assert open_base().digest == without
    assert run_here("kb", "build").code == 0
    assert (open_base().digest, loaded()) == (without, ids(FIRST))


def test_what_was_dropped_can_be_imported_again(two: Path, store: Store) -> None:
    whole = open_base().digest
    bring("drop", SLUG, "--edition", SECOND)
    (info,) = bring("import", SLUG, two).document["publications"]
    assert info["status"] == "kept"
    assert open_base().digest == whole
    assert [held.edition.isoformat() for held in store.held(SLUG)] == [FIRST, SECOND]
    assert len(store.records(SLUG)) == 3


def test_a_clock_that_went_back_orders_nothing_anew(two: Path, store: Store, calendar: Clock) -> None:
    newest = store.records(SLUG)[-1].held_at
    calendar.at = datetime(2026, 8, 29, tzinfo=UTC)
    (info,) = bring("drop", SLUG, "--edition", SECOND).document["publications"]
    assert datetime.fromisoformat(info["dropped_at"]) > newest
    bring("import", SLUG, two)
    assert store.records(SLUG)[-1].held_at > datetime.fromisoformat(info["dropped_at"])


def test_what_was_kept_for_later_and_does_not_fit_no_longer_blocks_builds(
    plugged: Plug, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(3, FIRST))
    bring("import", SLUG, path)
    good = open_base().digest
    misfit(monkeypatch)
    path.write_bytes(content(3, SECOND, word="Misfit"))
    assert bring("import", SLUG, path, "--later").code == 0
    blocked = run_here("kb", "build")
    assert blocked.code == 4
    assert f"beholden kb drop {SLUG} --edition {SECOND}" in blocked.err
    other = tmp_path / "other.csv"
    other.write_bytes(content(4, "2026-08-28"))
    assert bring("import", SLUG, other).code == 4
    assert open_base().digest == good

    # What came in last fits, and was kept.
    assert bring("drop", SLUG, "--edition", SECOND).code == 0
    assert loaded() == ids(FIRST, "2026-08-28")


def test_of_two_that_do_not_fit_each_can_be_dropped(
    plugged: Plug, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    misfit(monkeypatch)
    path = tmp_path / "list.csv"
    for day in (FIRST, SECOND):
        path.write_bytes(content(3, day, word="Misfit"))
        bring("import", SLUG, path, "--later")
    answer = bring("drop", SLUG, "--edition", FIRST)
    assert answer.code == 4
    assert f"{SLUG} of {FIRST} is dropped all the same" in answer.err
    assert f"beholden kb drop {SLUG} --edition {SECOND}" in answer.err
    assert [held.edition.isoformat() for held in store.held(SLUG)] == [SECOND]
    assert bring("drop", SLUG, "--edition", SECOND).code == 0
    assert run_here("kb", "build").code == 0


def test_later_leaves_the_base_until_the_next_build(two: Path) -> None:
    before = open_base().digest
    answer = bring("drop", SLUG, "--edition", SECOND, "--later")
    assert (answer.code, answer.document["compiled"], open_base().digest) == (0, False, before)
    assert run_here("kb", "build").code == 0
    assert loaded() == ids(FIRST)


def test_the_text_says_what_was_dropped_and_what_stays(two: Path) -> None:
    shown = run_here("kb", "drop", SLUG, "--edition", SECOND, "--later").out.decode()
    assert f"{SLUG}: dropped, edition {SECOND} (printed), held since 2026-09-02T" in shown
    assert "its files stay; it came in today, so that the base of no earlier day has it" in shown
    assert "as before: what was dropped is in it until the next import, update or `beholden kb build`" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("xx_unknown",), "source.unknown", "no importer is called 'xx_unknown'"),
        (("../x",), "source.unknown", "no importer is called '../x'"),
        ((SLUG, "--edition", "2026-08-21"), "source.not-held", FIRST),
    ],
)
def test_what_is_not_held_is_a_usage_error(
    arguments: tuple[str, ...], code: str, says: str, two: Path, store: Store
) -> None:
    before = open_base().digest
    answer = bring("drop", *arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert f"[{code}]" in answer.err
    assert says in answer.err
    assert open_base().digest == before
    assert len(store.held(SLUG)) == 2


def test_dropping_twice_is_a_usage_error(two: Path, store: Store) -> None:
    bring("drop", SLUG)
    answer = bring("drop", SLUG)
    assert answer.code == 2
    assert f"nothing of {SLUG} is held" in answer.err
    assert len(list((store.folder / SLUG).glob("*.dropped"))) == 1


def test_what_an_importer_left_that_is_no_longer_installed_can_be_dropped(
    two: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (two.parent / "plugged" / "example_list-1.0.dist-info" / "entry_points.txt").write_text("")
    assert bring("drop", SLUG).code == 0
    assert store.held() == []


def test_a_damaged_record_of_a_drop_is_an_error_and_puts_nothing_back(two: Path, store: Store) -> None:
    bring("drop", SLUG, "--edition", SECOND)
    before = open_base().digest
    (record,) = (store.folder / SLUG).glob("*.dropped")
    record.write_text("{}")
    answer = run_here("kb", "build")
    assert answer.code == 3
    assert record.name in answer.err
    assert "[source.damaged-record]" in answer.err
    assert open_base().digest == before


def test_an_update_fetches_what_was_dropped_again(plugged: Plug, publisher: Publisher, store: Store) -> None:
    plugged({"list.csv": publisher.url + "/list"})
    publisher.serve("/list", content(), ETag='"1"')
    bring("update", SLUG)
    (info,) = bring("drop", SLUG).document["publications"]
    assert "`beholden kb update` without a name fetches what the publisher has now" in info["notes"]
    (info,) = bring("update").document["publications"]
    assert info["status"] == "kept"
    assert "If-None-Match" not in publisher.headers_of("/list")[-1]
    assert loaded() == ids(FIRST)


def test_what_came_in_before_today_is_in_the_base_of_an_earlier_day() -> None:
    at = datetime(2026, 9, 2, 12, tzinfo=UTC)
    record = Held(slug=SLUG, edition=date(2026, 8, 1), edition_from="given", held_at=at, documents=[])
    assert "of an earlier day has it" in _kept(record, at + timedelta(days=1))
    assert "no earlier day has it" in _kept(record, at + timedelta(minutes=1))
