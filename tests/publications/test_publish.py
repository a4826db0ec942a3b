"""`kb import` and `kb update`: kept whole or refused, what is held stays, and everything is said."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import UnionType
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import Answer, run_here
from tests.publications.conftest import SLUG, Publisher, content
from tests.publications.test_drop import misfit

from beholden.compile import open_base, verify
from beholden.kb.listing import listing_state
from beholden.report.schema import document_schema
from beholden.schema.rows import Edition, Entity, Entry, Row
from beholden.sources.interface import Publication, Reading, Source
from beholden.sources.snapshot import Store

Plug = Callable[..., Source]
BROKEN = content(3) + b"4\n;Nameless Example LLC\n"


def bring(*arguments: str | Path) -> Answer:
    answer = run_here("kb", *arguments, "--format", "json")
    if answer.out:
        jsonschema.validate(answer.document, document_schema("publications"))
    return answer


def only(answer: Answer) -> dict[str, Any]:
    (info,) = answer.document["publications"]
    assert isinstance(info, dict)
    return info


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(content())
    return path


# --- import -----------------------------------------------------------------------------------------------------------


def test_an_import_is_kept_and_told(plugged: Plug, store: Store, given: Path) -> None:
    plugged()
    answer = bring("import", SLUG, given)
    assert answer.code == 0
    assert answer.document["command"] == "kb import"
    assert len(answer.document["kb"]["digest"]) >= 64
    info = only(answer)
    (held,) = store.held(SLUG)
    assert (info["status"], info["edition"], info["edition_from"]) == ("kept", "2026-08-20", "printed")
    assert (info["layout"], info["records_read"], info["records_rejected"]) == ("lines", 3, 0)
    assert info["rows"] == {"editions": 1, "entities": 3, "entries": 3}
    assert info["documents"] == [
        {
            "name": "list.csv",
            "sha256": held.documents[0].sha256,
            "bytes": given.stat().st_size,
            "url": None,
            "fetched_at": None,
        }
    ]
    assert (held.layout, held.records_read, held.is_partial) == ("lines", 3, False)
    assert store.path(held, held.documents[0]).read_bytes() == given.read_bytes()


def test_the_same_import_again_is_unchanged(plugged: Plug, store: Store, given: Path) -> None:
    plugged()
    bring("import", SLUG, given)
    info = only(bring("import", SLUG, given))
    assert info["status"] == "unchanged"
    assert info["checked_at"] is not None
    assert len(store.held(SLUG)) == 1


def test_an_import_for_later_is_kept_and_leaves_the_base_as_it_is(plugged: Plug, store: Store, given: Path) -> None:
    plugged()
    before = open_base().digest
    answer = bring("import", SLUG, given, "--later")
    assert answer.code == 0
    assert (answer.document["compiled"], answer.document["kb"]["digest"]) == (False, before)
    assert only(answer)["status"] == "kept"
    assert len(store.held(SLUG)) == 1
    assert open_base().digest == before
    assert run_here("kb", "build").code == 0
    assert open_base().source(f"{SLUG}@2026-08-20") is not None


def test_what_waits_for_a_build_is_told(plugged: Plug, given: Path) -> None:
    plugged()
    bring("import", SLUG, given, "--later")
    shown = run_here("kb", "info").out.decode()
    assert f"{SLUG}: edition 2026-08-20 held, waiting for `beholden kb build`" in shown
    assert "none is loaded" not in shown
    (told,) = [row for row in run_here("kb", "info", "--format", "json").document["sources"] if row["id"] == SLUG]
    assert (told["loaded"], told["waiting"]) == (False, ["2026-08-20"])
    assert run_here("kb", "build").code == 0
    assert "waiting for" not in run_here("kb", "info").out.decode()
    run_here("kb", "drop", SLUG, "--later")
    assert "waiting for" not in run_here("kb", "info").out.decode()


def test_the_next_import_compiles_what_waited(plugged: Plug, given: Path, tmp_path: Path) -> None:
    plugged()
    shown = run_here("kb", "import", SLUG, given, "--later").out.decode()
    assert "waits for the next import, update or `beholden kb build`" in shown
    other = tmp_path / "other.csv"
    other.write_bytes(content(4, day="2026-08-27"))
    answer = bring("import", SLUG, other)
    assert answer.document["compiled"] is True
    assert {row.id for row in open_base().sources() if row.id.startswith(SLUG)} == {
        f"{SLUG}@2026-08-20",
        f"{SLUG}@2026-08-27",
    }


def test_an_import_for_later_that_cannot_be_read_is_refused_at_once(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(b"<html>Service unavailable</html>")
    answer = bring("import", SLUG, path, "--later", "--edition", "2026-08-20")
    assert (answer.code, only(answer)["status"]) == (3, "refused")
    assert store.held(SLUG) == []


def test_packed_files_are_kept_packed(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    packed = tmp_path / "list.csv.gz"
    packed.write_bytes(gzip.compress(content()))
    assert only(bring("import", SLUG, packed))["records_read"] == 3
    (held,) = store.held(SLUG)
    assert store.path(held, held.documents[0]).read_bytes() == packed.read_bytes()


def test_a_folder_is_all_files_in_it_but_for_hidden_ones_and_links(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    folder = tmp_path / "given"
    (folder / "more").mkdir(parents=True)
    (folder / "a.csv").write_bytes(content(2))
    (folder / "more" / "b.csv").write_bytes(content(2, day=None))
    (folder / ".hidden").write_bytes(b"no list")
    (folder / "link.csv").symlink_to(folder / "a.csv")
    assert bring("import", SLUG, folder).code == 0
    assert [item.name for item in store.held(SLUG)[0].documents] == ["a.csv", "more/b.csv"]


def test_records_that_cannot_be_read_are_told_and_the_copy_is_a_part(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(BROKEN)
    answer = bring("import", SLUG, path)
    assert answer.code == 3
    info = only(answer)
    assert (info["status"], info["records_read"], info["records_rejected"]) == ("kept", 3, 2)
    assert info["rejected"] == [
        {"file": "list.csv", "line": 6, "reason": "name is empty: expected a value"},
        {"file": "list.csv", "line": 7, "reason": "id is empty: expected a value"},
    ]
    assert info["reasons"] == {"id is empty": 1, "name is empty": 1}
    assert info["is_partial"] is True
    assert store.held(SLUG)[0].is_partial
    assert bring("import", SLUG, path, "--allow-incomplete").code == 0


def test_at_most_twenty_rejected_records_are_shown(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(60) + b"5\n" * 50)
    info = only(bring("import", SLUG, path))
    assert info["records_rejected"] == 50
    assert len(info["rejected"]) == 20
    assert "… 30 more" in run_here("kb", "import", SLUG, path).out.decode()


def test_an_empty_file_is_called_so(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(b"")
    answer = bring("import", SLUG, path)
    assert (answer.code, only(answer)["error"]["code"]) == (3, "source.empty")
    assert only(answer)["error"]["message"].startswith("list.csv: the file is empty")


def test_an_unchanged_list_that_prints_no_day_is_confirmed_for_a_later_one(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    first, renamed = tmp_path / "list.csv", tmp_path / "other.csv"
    first.write_bytes(content(day=None))
    renamed.write_bytes(content(day=None))
    part = tmp_path / "part.csv"
    part.write_bytes(content(1, day=None))
    assert bring("import", SLUG, first, "--edition", "2026-08-01").code == 0
    assert bring("import", SLUG, part, "--edition", "2026-08-05", "--part", "--later").code == 0
    answer = bring("import", SLUG, renamed, "--edition", "2026-10-01")
    info = only(answer)
    assert (answer.code, info["status"], info["edition"]) == (0, "kept", "2026-10-01")
    assert "the same files as the copy of 2026-08-01: nothing changed by 2026-10-01" in info["notes"]
    assert [held.edition for held in store.held(SLUG)] == [date(2026, 8, 1), date(2026, 8, 5), date(2026, 10, 1)]
    assert only(bring("import", SLUG, first, "--edition", "2026-08-01"))["status"] == "unchanged"
    # Days, ages and answers are those of the later look, and the first day still stands.
    told = {
        row["id"]: row
        for row in run_here("kb", "info", "--as-of", "2026-10-05", "--format", "json").document["sources"]
    }
    assert (told["xx-example"]["checked_until"], told["xx-example"]["age_days"]) == ("2026-10-01", 4)
    assert (told[SLUG]["editions"], told[SLUG]["age_days"]) == (["2026-08-01", "2026-08-05", "2026-10-01"], 4)
    base = open_base()
    for day, party, status in ((8, "xx:0", "listed"), (9, "xx:0", "listed"), (9, "xx:77", "not_listed")):
        found = listing_state(base, base.regimes["xx-example"], party, as_of=date(2026, day, 15), known_at=None)
        assert str(found.status) == status
    digest = base.digest
    assert run_here("kb", "drop", SLUG, "--edition", "2026-10-01").code == 0
    assert open_base().digest != digest
    bring("import", SLUG, renamed, "--edition", "2026-10-01")
    assert open_base().digest == digest


def test_the_same_files_are_not_taken_for_those_of_an_earlier_day_or_after_others(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    first, second = tmp_path / "list.csv", tmp_path / "second.csv"
    first.write_bytes(content(day=None))
    second.write_bytes(content(4, day=None))
    bring("import", SLUG, first, "--edition", "2026-08-20")
    answer = bring("import", SLUG, first, "--edition", "2026-08-01")
    assert answer.code == 2
    assert f"the same files are held as {SLUG} of 2026-08-20, --edition says 2026-08-01" in answer.err
    assert "import them with --edition 2026-08-01 and then with --edition 2026-08-20" in answer.err
    # What it advises works, and no fact is lost.
    assert run_here("kb", "drop", SLUG, "--edition", "2026-08-20", "--later").code == 0
    assert bring("import", SLUG, first, "--edition", "2026-08-01").code == 0
    assert bring("import", SLUG, first, "--edition", "2026-08-20").code == 0
    bring("import", SLUG, second, "--edition", "2026-08-25")
    answer = bring("import", SLUG, first, "--edition", "2026-09-01")
    assert answer.code == 2
    assert "other files are held of 2026-08-25" in answer.err
    assert [held.edition for held in store.held(SLUG)] == [date(2026, 8, 1), date(2026, 8, 20), date(2026, 8, 25)]


def test_a_list_that_prints_its_day_speaks_for_no_later_one(plugged: Plug, store: Store, given: Path) -> None:
    plugged()
    bring("import", SLUG, given)
    answer = bring("import", SLUG, given, "--edition", "2026-10-01")
    assert answer.code == 2
    assert "leave --edition out: a copy speaks for the day that it prints" in answer.err
    assert [held.edition for held in store.held(SLUG)] == [date(2026, 8, 20)]


def test_a_file_of_which_most_records_cannot_be_read_is_refused(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(40) + b"5\n" * 50)
    for said in ([], ["--whole"]):
        answer = bring("import", SLUG, path, *said)
        assert answer.code == 3
        info = only(answer)
        assert (info["status"], info["error"]["code"]) == ("refused", "source.most-rejected")
        assert "50 of 90 records cannot be read, the first: list.csv:43" in info["error"]["message"]
    assert store.held(SLUG) == []


def test_a_few_damaged_records_of_a_few_are_still_a_part(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(2) + b"5\n" * 5)
    assert only(bring("import", SLUG, path))["is_partial"] is True


def test_an_import_says_who_is_gone_and_how_many_are_new(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_bytes(content(1000, "2026-08-01"))
    lines = content(1005, "2026-08-20").decode().splitlines(keepends=True)
    second.write_text("".join(lines[:500] + lines[505:]), encoding="utf-8")
    assert not any("gone" in note for note in only(bring("import", SLUG, first))["notes"])
    info = only(bring("import", SLUG, second))
    told = (
        "5 entries gone since the copy of 2026-08-01 (Example Trading 498 LLC, Example Trading 499 LLC, "
        "Example Trading 500 LLC, …), 5 new"
    )
    assert (info["is_partial"], info["notes"]) == (False, [told])


def test_a_table_that_was_cut_is_a_part_though_less_than_a_tenth_is_gone(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_bytes(content(1000, "2026-08-01"))
    second.write_bytes(content(995, "2026-08-20"))
    bring("import", SLUG, first)
    info = only(bring("import", SLUG, second))
    assert info["is_partial"] is True
    assert "the last 5 entries of that copy are gone, as where a file was cut" in info["notes"]
    assert only(bring("import", SLUG, second, "--whole"))["is_partial"] is False


def test_an_earlier_copy_that_lacks_what_the_later_one_has_is_a_part(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    later, cut = tmp_path / "later.csv", tmp_path / "cut.csv"
    later.write_bytes(content(1000, "2026-08-20"))
    cut.write_bytes(content(600, "2026-08-06"))
    bring("import", SLUG, later)
    info = only(bring("import", SLUG, cut))
    assert info["is_partial"] is True
    assert "400 of 1,000 entries of the copy of 2026-08-20, 14 days later, are not in this one" in str(info["notes"])
    # Who is not in the cut one may have been listed on its day.
    base = open_base()
    state = listing_state(base, base.regimes["xx-example"], "xx:900", as_of=date(2026, 8, 7), known_at=None)
    assert str(state.status) == "unknown"
    cut.write_bytes(content(990, "2026-08-06"))
    assert only(bring("import", SLUG, cut))["is_partial"] is False


def test_a_cut_copy_is_a_part_as_soon_as_an_earlier_whole_one_shows_it(
    plugged: Plug, store: Store, tmp_path: Path
) -> None:
    """Whichever of the two comes in first, the base says the same."""
    plugged()
    whole, cut = tmp_path / "whole.csv", tmp_path / "cut.csv"
    whole.write_bytes(content(1000, "2026-08-06"))
    cut.write_bytes(content(600, "2026-08-20"))

    def status() -> str:
        base = open_base()
        state = listing_state(base, base.regimes["xx-example"], "xx:900", as_of=date(2026, 8, 20), known_at=None)
        return str(state.status)

    assert only(bring("import", SLUG, cut))["is_partial"] is False
    answer = bring("import", SLUG, whole)
    assert answer.code == 3
    info = only(answer)
    assert info["is_partial"] is False
    (note,) = (note for note in info["notes"] if "treated as a part from now on" in note)
    assert note.startswith(
        "the copy of 2026-08-20 is treated as a part from now on: 400 entries gone since the copy of"
    )
    assert [(held.edition.day, held.is_partial) for held in store.held(SLUG)] == [(6, False), (20, True)]
    assert status() == "unknown"
    # Once the user says that it is the whole list, that holds whatever else comes in.
    assert only(bring("import", SLUG, cut, "--whole"))["is_partial"] is False
    assert status() == "delisted"
    bring("drop", SLUG, "--edition", "2026-08-06")
    assert bring("import", SLUG, whole).code == 0
    assert status() == "delisted"


def test_too_few_records_of_an_import_are_a_part_of_the_list(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(1))
    answer = bring("import", SLUG, path)
    assert answer.code == 3
    info = only(answer)
    assert info["is_partial"] is True
    assert "1 records; a complete publication has 2 to 100000" in str(info["notes"])
    assert bring("import", SLUG, path, "--allow-incomplete").code == 0


def test_the_user_can_say_that_it_is_a_part(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(1))
    answer = bring("import", SLUG, path, "--part")
    assert (answer.code, only(answer)["is_partial"]) == (0, True)
    # Also of what looks whole; and a record that cannot be read is told all the same.
    path.write_bytes(content(3))
    answer = bring("import", SLUG, path, "--part")
    assert (answer.code, only(answer)["is_partial"]) == (0, True)
    assert not any("--whole" in note for note in only(answer)["notes"])
    path.write_bytes(BROKEN)
    assert bring("import", SLUG, path, "--part").code == 3
    assert run_here("kb", "import", SLUG, path, "--part", "--whole").code == 2


def test_a_part_that_is_kept_for_later_ends_as_one_that_is_compiled(plugged: Plug, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(1))
    assert bring("import", SLUG, path, "--later").code == 3
    assert bring("import", SLUG, path, "--later", "--part").code == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"<html>Service unavailable</html>", "source.unknown-layout", id="another layout"),
        pytest.param(b"#date 2026-08-20\n", "source.unknown-layout", id="no layout"),
        pytest.param(b"#date 2026-08-20\nid;name\n", "source.no-records", id="no record"),
        pytest.param(b"#date 2026-08-20\nid;name\n1\n2\n", "source.no-records", id="no readable record"),
        pytest.param(b"#date 2026-08-20\nid;name\n1;\xff\n", "source.malformed", id="not UTF-8"),
        pytest.param(gzip.compress(content())[:-9], "source.damaged", id="cut gzip"),
    ],
)
def test_what_is_no_publication_is_not_kept(
    body: bytes, code: str, plugged: Plug, store: Store, tmp_path: Path
) -> None:
    plugged()
    path = tmp_path / "list-2026-08-20.csv"
    path.write_bytes(body)
    answer = bring("import", SLUG, path, "--allow-incomplete")
    assert answer.code == 3
    info = only(answer)
    assert info["status"] == "refused"
    assert info["error"]["code"] == code
    assert "error: " in answer.err
    assert store.held() == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("no_such_list", "list.csv"), "source.unknown"),
        ((SLUG, "undated.csv"), "source.no-date"),
        ((SLUG, "list.csv", "--edition", "2026-08-21"), "source.two-dates"),
        ((SLUG, "list.csv", "list.csv"), "source.same-name"),
        ((SLUG, "empty"), "source.no-file"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: tuple[str, ...], code: str, plugged: Plug, store: Store, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    monkeypatch.chdir(given.parent)
    (given.parent / "undated.csv").write_bytes(content(day=None))
    (given.parent / "empty").mkdir()
    answer = bring("import", *arguments)
    assert answer.code == 2
    assert f"[{code}]" in answer.err
    assert store.held() == []


def test_a_new_edition_of_an_import_stands_beside_the_old(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    for day in ("2026-08-20", "2026-08-27"):
        path.write_bytes(content(day=day))
        bring("import", SLUG, path)
    assert [held.edition for held in store.held(SLUG)] == [date(2026, 8, 20), date(2026, 8, 27)]


def test_own_records_that_did_not_change_keep_their_day(plugged: Plug, store: Store, tmp_path: Path) -> None:
    plugged(class_="own records")
    path = tmp_path / "list.csv"
    path.write_bytes(content(day=None))
    first = only(bring("import", SLUG, path))
    assert (first["status"], first["edition_from"]) == ("kept", "imported")
    assert only(bring("import", SLUG, path))["status"] == "unchanged"


def test_what_does_not_compile_is_taken_back(
    plugged: Plug, store: Store, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    misfit(monkeypatch)
    given.write_bytes(content(word="Misfit"))
    assert bring("import", SLUG, given).code == 4
    assert store.held() == []


def test_what_fits_is_not_taken_back_because_another_publication_does_not(
    plugged: Plug, store: Store, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    misfit(monkeypatch)
    bad = given.with_name("bad.csv")
    bad.write_bytes(content(day="2026-08-13", word="Misfit"))
    bring("import", SLUG, bad, "--later")
    answer = bring("import", SLUG, given)
    assert answer.code == 4
    assert "what came in now is kept for the next build" in answer.err
    assert [held.edition.isoformat() for held in store.held()] == ["2026-08-13", "2026-08-20"]
    assert bring("drop", SLUG, "--edition", "2026-08-13").code == 0
    assert [row.id for row in open_base().sources() if row.id.startswith(SLUG)] == [f"{SLUG}@2026-08-20"]


def without(word: type[Row] | UnionType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The importer no longer yields rows of this kind."""
    module = sys.modules["example_list"]
    parse = module.SOURCE.parse

    def parsed(publication: Publication, reading: Reading) -> Iterable[Row]:
        return (row for row in parse(publication, reading) if not isinstance(row, word))

    monkeypatch.setattr(module, "SOURCE", replace(module.SOURCE, parse=parsed))


@pytest.mark.parametrize("later", [[], ["--later"]])
def test_a_list_of_which_the_importer_yields_no_state_is_refused(
    later: list[str], plugged: Plug, store: Store, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    without(Edition, monkeypatch)
    answer = bring("import", SLUG, given, *later)
    assert (answer.code, only(answer)["status"], only(answer)["error"]["code"]) == (3, "refused", "source.no-state")
    assert "xx-example" in answer.err
    assert store.held() == []


def test_a_list_that_is_held_and_no_longer_has_a_state_stops_the_build(
    plugged: Plug, given: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    bring("import", SLUG, given)
    before = open_base().digest
    without(Edition, monkeypatch)
    answer = run_here("kb", "build")
    assert answer.code == 3
    assert "[source.no-state]" in answer.err
    assert open_base().digest == before


def test_records_that_give_no_row_are_refused_and_what_is_held_stays(
    plugged: Plug, store: Store, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugged()
    bring("import", SLUG, given)
    # What is left is the state of the list: a copy on which nobody is.
    without(Entity | Entry, monkeypatch)
    later = tmp_path / "later.csv"
    later.write_bytes(content(3, day="2026-08-27"))
    answer = bring("import", SLUG, later)
    info = only(answer)
    assert (answer.code, info["status"], info["error"]["code"]) == (3, "refused", "source.no-rows")
    assert "3 records were read, and none has anything that goes into a base" in info["error"]["message"]
    assert [held.edition for held in store.held()] == [date(2026, 8, 20)]


def test_the_text_says_what_is_held(plugged: Plug, store: Store, given: Path) -> None:
    plugged()
    shown = run_here("kb", "import", SLUG, given).out.decode()
    assert f"{SLUG}: kept, edition 2026-08-20 (printed), layout lines" in shown
    assert "3 records read, 0 rejected; rows: editions 1, entities 3, entries 3" in shown
    assert "knowledge base " in shown


# --- update -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(plugged: Plug, publisher: Publisher, store: Store) -> Publisher:
    plugged({"list.csv": publisher.url + "/list"})
    publisher.serve("/list", content(), ETag='"1"', Last_Modified="Fri, 21 Aug 2026 10:00:00 GMT")
    return publisher


def test_an_update_says_whom_it_asks_keeps_and_tells(served: Publisher, store: Store) -> None:
    answer = bring("update")
    assert answer.code == 0
    assert answer.err.splitlines()[0] == f"asking {served.url[7:]} for {SLUG}"
    info = only(answer)
    assert answer.document["command"] == "kb update"
    assert (info["status"], info["edition"]) == ("kept", "2026-08-20")
    (file,) = info["documents"]
    assert file["url"] == served.url + "/list"
    assert datetime.fromisoformat(file["fetched_at"]).tzinfo == UTC


def test_an_update_of_what_has_not_changed_fetches_nothing(served: Publisher, store: Store) -> None:
    bring("update")
    served.answers["/list"] = lambda request: request.answer(status=304 if "If-None-Match" in request.headers else 500)
    info = only(bring("update", SLUG))
    assert (info["status"], info["records_read"]) == ("unchanged", 3)
    (held,) = store.held(SLUG)
    assert len(store.checked(held)) == 1


def test_an_update_that_serves_the_same_bytes_is_unchanged(served: Publisher, store: Store) -> None:
    bring("update")
    served.serve("/list", content())
    assert only(bring("update"))["status"] == "unchanged"
    assert len(store.held(SLUG)) == 1


def test_an_undated_list_that_is_served_again_keeps_the_day_on_which_it_came(served: Publisher, store: Store) -> None:
    served.serve("/list", content(day=None))
    assert only(bring("update"))["edition_from"] == "fetched"
    assert only(bring("update"))["status"] == "unchanged"


def test_damaged_bytes_are_fetched_anew(served: Publisher, store: Store) -> None:
    bring("update")
    (held,) = store.held(SLUG)
    store.path(held, held.documents[0]).write_bytes(b"damaged")
    bring("update")
    assert "If-None-Match" not in served.headers_of("/list")[-1]
    assert store.verify(held) == []


def test_a_publisher_that_is_down_leaves_what_is_held(served: Publisher, store: Store) -> None:
    bring("update")
    served.answers["/list"] = lambda request: request.answer(status=404)
    answer = bring("update", "--allow-incomplete")
    assert answer.code == 3
    info = only(answer)
    assert (info["status"], info["edition"]) == ("refused", "2026-08-20")
    assert info["error"]["code"] == "source.http-status"
    assert "what is held stays in force: edition 2026-08-20" in str(info["notes"])
    assert "days old" in str(info["notes"])
    assert len(store.held(SLUG)) == 1


def test_a_publisher_that_was_never_reached_leaves_nothing(served: Publisher, store: Store) -> None:
    served.answers.clear()
    info = only(bring("update"))
    assert info["notes"] == ["nothing of it is held"]
    assert store.held() == []


def test_an_older_edition_is_kept_and_said_to_be_no_newer(plugged: Plug, given: Path) -> None:
    plugged()
    assert bring("import", SLUG, given).code == 0
    older = given.with_name("older.csv")
    older.write_bytes(content(day="2026-07-01"))
    info = only(bring("import", SLUG, older))
    assert (info["status"], info["edition"]) == ("kept", "2026-07-01")
    assert "the edition of 2026-08-20 is held too and stays the latest; this one tells of its own day" in info["notes"]


def test_an_update_that_lost_some_is_a_part_until_the_user_says_that_it_is_whole(
    served: Publisher, store: Store
) -> None:
    served.serve("/list", content(1000, "2026-08-01"))
    bring("update")
    served.serve("/list", content(970, "2026-08-20"))
    info = only(bring("update"))
    assert (info["status"], info["is_partial"]) == ("kept", True)
    assert "say --whole" in info["notes"][-1]
    assert bring("update", "--whole").code == 2
    info = only(bring("update", SLUG, "--whole"))
    assert (info["status"], info["is_partial"]) == ("kept", False)


def test_too_few_records_of_an_update_are_refused(served: Publisher, store: Store) -> None:
    bring("update")
    served.serve("/list", content(1, day="2026-08-27"))
    answer = bring("update")
    assert answer.code == 3
    assert only(answer)["error"]["code"] == "source.unexpected-count"
    assert [held.edition for held in store.held(SLUG)] == [date(2026, 8, 20)]


def test_rejected_records_of_an_update_are_told(served: Publisher, store: Store) -> None:
    served.serve("/list", BROKEN)
    assert bring("update").code == 3
    assert bring("update", "--allow-incomplete").code == 0
    assert store.held(SLUG)[0].is_partial


def test_of_two_files_of_which_one_fails_none_is_kept(plugged: Plug, publisher: Publisher, store: Store) -> None:
    plugged({"a.csv": publisher.url + "/a", "b.csv": publisher.url + "/b"})
    publisher.serve("/a", content())
    assert bring("update").code == 3
    assert store.held() == []
    assert [path.name for path in (store.folder / SLUG).iterdir()] == [".lock"]


def test_of_two_files_only_the_changed_one_is_fetched_again(plugged: Plug, publisher: Publisher, store: Store) -> None:
    plugged({"a.csv": publisher.url + "/a", "b.csv": publisher.url + "/b"})
    publisher.serve("/a", content(), ETag='"a"')
    publisher.serve("/b", content(day=None))
    bring("update")
    publisher.answers["/a"] = lambda request: request.answer(status=304)
    publisher.serve("/b", content(day=None, word="Sample"))
    assert only(bring("update"))["status"] == "kept"
    first, second = store.held(SLUG)
    assert first.document("a.csv") == second.document("a.csv")
    assert first.document("b.csv") != second.document("b.csv")
    assert store.verify(second) == []


def test_a_mirror_is_asked_instead_of_the_publisher(served: Publisher, store: Store) -> None:
    served.serve(f"/pub/{SLUG}/list.csv", content(4))
    answer = bring("update", SLUG, "--mirror", served.url + "/pub/")
    assert answer.code == 0
    assert only(answer)["records_read"] == 4
    assert {path for path, _ in served.asked} == {f"/pub/{SLUG}/list.csv"}


def test_an_undated_list_of_a_mirror_is_refused(served: Publisher, store: Store) -> None:
    served.serve(f"/{SLUG}/list.csv", content(day=None))
    info = only(bring("update", SLUG, "--mirror", served.url))
    assert info["error"]["code"] == "source.no-date"
    assert f"kb import {SLUG} FILE... --edition DATE" in info["error"]["message"]


@pytest.mark.parametrize("url", ["ftp://example.com/", "example.com", "https://example.com/a?b=c", "https://"])
def test_a_mirror_that_is_no_folder_on_the_web_is_a_usage_error(url: str, served: Publisher) -> None:
    answer = bring("update", SLUG, "--mirror", url)
    assert answer.code == 2
    assert "[source.mirror]" in answer.err
    assert served.asked == []


def test_a_source_without_an_address_is_a_usage_error(plugged: Plug, store: Store) -> None:
    plugged()
    answer = bring("update", SLUG)
    assert answer.code == 2
    assert f"beholden kb import {SLUG} FILE..." in answer.err


def test_a_damaged_record_is_named_and_the_base_stays(served: Publisher, store: Store) -> None:
    before = bring("update").document["kb"]["digest"]
    (held,) = store.held(SLUG)
    (store.folder / SLUG / f"{held.name}.json").write_text("{}")
    answer = bring("update")
    assert answer.code == 3
    assert f"{held.name}.json" in answer.err
    assert "[source.damaged-record]" in answer.err
    assert open_base().digest == before


def test_the_document_is_all_that_standard_output_has(served: Publisher, store: Store) -> None:
    json.loads(bring("update").out)


def overwrite(path: Path, at: int, content: bytes = b"damaged!" * 64) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


@pytest.mark.parametrize("name", ["names.arrow", "prefixes.arrow", "lookup.sqlite"])
@pytest.mark.parametrize("with_publication", [True, False], ids=["publication", "packs-alone"])
def test_a_build_mends_a_damaged_base(name: str, with_publication: bool, plugged: Plug, given: Path) -> None:
    plugged()
    if with_publication:
        bring("import", SLUG, given)
    base = open_base()
    assert base.folder is not None
    overwrite(base.folder / name, (base.folder / name).stat().st_size // 2)
    assert verify(base.folder) == [f"{name}: content differs from the manifest"]
    assert run_here("kb", "build").code == 0
    assert verify(base.folder) == []
    assert open_base().digest == base.digest


@pytest.mark.parametrize("damage", [b"XXXXXX", None], ids=["start", "length"])
def test_damage_that_costs_nothing_to_see_is_said_at_the_start(
    damage: bytes | None, plugged: Plug, given: Path
) -> None:
    plugged()
    bring("import", SLUG, given)
    folder = open_base().folder
    assert folder is not None
    if damage is not None:
        overwrite(folder / "names.arrow", 0, damage)
    else:
        overwrite(folder / "names.arrow", (folder / "names.arrow").stat().st_size, b"more")
    for command in (("show", "Huawei"), ("scan", given), ("kb", "info")):
        answer = run_here(*command)
        assert (answer.code, answer.out) == (4, b"")
        assert "names.arrow" in answer.err
        assert "run `beholden kb build`" in answer.err


def test_damaged_rows_are_said_when_they_are_met(plugged: Plug, given: Path) -> None:
    plugged()
    bring("import", SLUG, given)
    folder = open_base().folder
    assert folder is not None
    overwrite(folder / "lookup.sqlite", 8192, b"\xff" * ((folder / "lookup.sqlite").stat().st_size - 8192))
    answer = run_here("show", "Huawei")
    assert (answer.code, answer.out) == (4, b"")
    assert "is damaged" in answer.err
