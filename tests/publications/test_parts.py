"""A part of a publication adds to a whole one and never takes anybody's place, whatever the publication is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.command import run_here
from tests.publications.conftest import SLUG as EXAMPLE
from tests.publications.conftest import content

from beholden.compile import rebuild, redecide, renewal
from beholden.compile.opening import POINTER, in_use
from beholden.compile.pipeline import locked, write_pointer
from beholden.errors import Origin
from beholden.kb.base import KnowledgeBase
from beholden.kb.listing import listing_state
from beholden.run.importers import importers
from beholden.run.publish import Desk
from beholden.schema.rows import Designation, Edition, Entity, Entry, Ownership, Row
from beholden.sources.descriptor import Descriptor, Layout, ListOf
from beholden.sources.interface import Publication, Reading, Source
from beholden.sources.record import Record
from beholden.sources.snapshot import Store

LIST, SLUG = "xx-example", "xx_example"
FIRST, LATER, LAST = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
Plug = Callable[..., Source]
KINDS = ("copies", "editions", "events", "registry")
# Party 3 owns party 4 in the registry; on lists both are listed.
WHOLE = ("0", "1", "2", "3", "4")
PART = ("0", "9")


def rows_of(kind: str, number: str, edition: date) -> Iterator[Row]:
    party = f"xx:{number}"
    yield Entity(id=party, schema="LegalEntity", caption=f"Example Trading {number} LLC")
    if kind == "registry":
        owner, owned = f"xx:owner-{number}", party
        yield Ownership(id=f"{owner}>{owned}:capital@", owner_id=owner, owned_id=owned)
    elif kind == "events":
        yield Designation(id=f"{LIST}:{party}", regime_id=LIST, entity_id=party, valid_from=date(2020, 1, 1))
    else:
        yield Entry(regime_id=LIST, edition=edition, entity_id=party, listed_as=f"Example Trading {number} LLC")


def source_of(kind: str) -> Source:
    def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
        reading.layout = "lines"
        if kind != "registry":
            yield Edition(regime_id=LIST, date=publication.edition, is_complete=True)
        for document in publication.documents:
            for at, line in document.lines():
                rows: list[Row] = []
                with reading.record():
                    record = Record({"id": line}, Origin(document.name, at))
                    rows = list(rows_of(kind, record.require("id"), publication.edition))
                yield from rows

    lists = [ListOf(regime=LIST, kind=kind, title="Example list")] if kind != "registry" else []
    told = Descriptor(
        slug=SLUG,
        title="Example list",
        publisher="Example Authority",
        class_="official text",
        grade="A",
        licence="CC0-1.0",
        may_pass_on=True,
        cadence="weekly",
        kind="list" if lists else "registry",
        covers="Names.",
        lists=lists,
        layouts=[Layout(name="lines", files="one file of lines", records=(3, 100))],
    )
    return Source(told, parse)


class Held:
    """A home folder in which publications of one importer come in."""

    def __init__(self, home: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.source = home, source_of(kind)
        self._at = datetime(2026, 5, 1, tzinfo=UTC)
        monkeypatch.setattr(renewal, "every_source", lambda: [self.source])

    def take(self, edition: date, *numbers: str) -> bool:
        """Whether it was taken as a part."""
        self._at += timedelta(days=1)
        self.home.mkdir(exist_ok=True)
        path = self.home / "list.txt"
        path.write_text("".join(f"{number}\n" for number in numbers), encoding="utf-8")
        desk = Desk(Store(self.home), lambda: self._at)
        info = desk.take_given(self.source, [("list.txt", path)], edition=edition).info
        assert info.status == "kept", info
        return info.is_partial

    def base(self) -> KnowledgeBase:
        return rebuild(self.home).base


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Held]:
    return lambda kind: Held(tmp_path / kind, kind, monkeypatch)


def known(kb: KnowledgeBase, kind: str, number: str, on: date) -> bool:
    """Whether the party is on the list on a day, or the registry knows its owner."""
    if kind == "registry":
        return any(row.owner_id == f"xx:owner-{number}" for row in kb.owners(f"xx:{number}"))
    return str(listing_state(kb, kb.regimes[LIST], f"xx:{number}", as_of=on, known_at=None).status) == "listed"


@pytest.mark.parametrize("day", [FIRST, LATER], ids=["of-the-same-day", "of-a-later-day"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_part_adds_to_the_whole_and_takes_nobody_off(kind: str, day: date, held: Callable[[str], Held]) -> None:
    at = held(kind)
    assert not at.take(FIRST, *WHOLE)
    assert at.take(day, *PART)
    kb = at.base()
    assert all(known(kb, kind, number, FIRST) for number in WHOLE)
    assert known(kb, kind, "9", day)


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_parts_neither_replaces_the_other(kind: str, held: Callable[[str], Held]) -> None:
    at = held(kind)
    assert at.take(FIRST, "0", "1")
    assert at.take(FIRST, "2")
    assert at.take(LATER, "3")
    kb = at.base()
    assert all(known(kb, kind, number, FIRST) for number in ("0", "1", "2"))
    assert known(kb, kind, "3", LATER)


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_whole_publication_takes_the_place_of_all_before(kind: str, held: Callable[[str], Held]) -> None:
    at = held(kind)
    at.take(FIRST, *WHOLE)
    at.take(LATER, *PART)
    at.take(LAST, "0", "1", "2", "4")
    kb = at.base()
    assert all(known(kb, kind, number, LAST) for number in ("0", "1", "2"))
    assert not any(known(kb, kind, number, LAST) for number in ("3", "9"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_digest_does_not_tell_in_which_order_they_came_in(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = [(FIRST, WHOLE), (FIRST, PART), (FIRST, ("8",)), (LATER, ("7", "0"))]
    digests = set()
    # The whole one before the parts of its day: it would correct those that came in before it.
    for name, order in (("one", taken), ("other", [taken[3], taken[0], taken[2], taken[1]])):
        at = Held(tmp_path / name, kind, monkeypatch)
        for edition, numbers in order:
            at.take(edition, *numbers)
        digests.add(at.base().digest)
    assert len(digests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_comes_twice_because_a_part_repeats_it(kind: str, held: Callable[[str], Held]) -> None:
    at = held(kind)
    at.take(FIRST, *WHOLE)
    at.take(FIRST, *PART)
    kb = at.base()
    for table in ("entities", "ownership", "designations", "editions"):
        ids = [msgspec.to_builtins(row).get("id") or row for row in kb.rows(table)]
        assert len(ids) == len({str(one) for one in ids}), table
    assert [state.is_complete for state in kb.editions(LIST)] == ([True] if kind != "registry" else [])


def test_a_day_with_a_whole_publication_is_told_as_whole(held: Callable[[str], Held]) -> None:
    at = held("copies")
    at.take(FIRST, *WHOLE)
    at.take(FIRST, *PART)
    kb, records = at.base(), Store(at.home).held()
    import beholden.run.importers as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "every_source", lambda: [at.source])
        (told,) = importers(kb, records, as_of=LATER, known_at=None)
    assert (told.edition, told.is_partial) == ("2026-02-01", False)


def test_a_decision_keeps_the_base_that_was_put_in_use_while_it_waited(
    held: Callable[[str], Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = held("copies")
    at.take(FIRST, *WHOLE)
    at.base()
    bases = at.home / "kb"

    @contextmanager
    def waiting(place: Path) -> Iterator[None]:
        with locked(place):
            pointer = in_use(at.home)
            assert pointer is not None
            # What somebody did who held the lock before.
            write_pointer(bases / POINTER, {**msgspec.to_builtins(pointer), "as_held": "2026-05-31"})
            yield

    monkeypatch.setattr(renewal, "locked", waiting)
    redecide(at.home, lambda before: before)
    pointer = in_use(at.home)
    assert pointer is not None
    assert pointer.as_held == date(2026, 5, 31)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_publication_corrects_the_parts_of_its_day_that_came_in_before(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = set()
    for name, order in (("one", [("8",), WHOLE]), ("other", [WHOLE])):
        at = Held(tmp_path / name, kind, monkeypatch)
        for numbers in order:
            at.take(FIRST, *numbers)
        digests.add(at.base().digest)
    assert len(digests) == 1


def test_ages_are_those_of_the_last_whole_copy_and_not_of_a_part_behind_it(plugged: Plug, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    for day, count, code in (("2026-08-01", 300, 0), ("2026-08-20", 300, 0), ("2026-08-28", 3, 3)):
        path.write_bytes(content(count, day))
        assert run_here("kb", "import", EXAMPLE, path).code == code
    answer = run_here("kb", "info", "--as-of", "2026-10-09", "--format", "json")
    told = {row["id"]: row for row in answer.document["sources"]}
    for name in (EXAMPLE, "xx-example"):
        row = told[name]
        assert (row["edition"], row["checked_until"], row["age_days"]) == ("2026-08-20", "2026-08-20", 50)
        assert row["is_partial"] is False
    assert told[EXAMPLE]["is_old"] is True
    assert (told[EXAMPLE]["editions"], told[EXAMPLE]["parts"]) == (
        ["2026-08-01", "2026-08-20", "2026-08-28"],
        ["2026-08-28"],
    )
    text = " ".join(run_here("kb", "info", "--as-of", "2026-10-09").out.decode().split())
    assert f"{EXAMPLE} edition 2026-08-20 and 1 earlier and a part of 2026-08-28 50 days old: stale after 30" in text
    path.write_bytes(b"<html>Service unavailable</html>")
    refused = run_here("kb", "import", EXAMPLE, path, "--edition", "2026-09-01").out.decode()
    assert "what is held stays in force: edition 2026-08-20, " in refused


def test_where_only_a_part_is_held_a_refusal_says_so(plugged: Plug, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(1, "2026-08-20"))
    run_here("kb", "import", EXAMPLE, path)
    path.write_bytes(b"<html>Service unavailable</html>")
    refused = run_here("kb", "import", EXAMPLE, path, "--edition", "2026-09-01").out.decode()
    assert "what is held stays in force: a part of 2026-08-20, " in refused


def test_a_part_that_adds_to_an_older_whole_one_is_not_called_the_latest(plugged: Plug, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(1, "2026-08-28"))
    run_here("kb", "import", EXAMPLE, path)
    path.write_bytes(content(300, "2026-08-20"))
    shown = run_here("kb", "import", EXAMPLE, path).out.decode()
    assert "a part of 2026-08-28 is held too, and adds to it from that day on" in shown


def test_a_day_before_our_copies_is_marked_and_has_no_age(plugged: Plug, tmp_path: Path) -> None:
    plugged()
    path = tmp_path / "list.csv"
    path.write_bytes(content(300, "2026-08-20"))
    run_here("kb", "import", EXAMPLE, path)
    lines = [
        " ".join(line.split()) for line in run_here("kb", "info", "--as-of", "2026-08-01").out.decode().splitlines()
    ]
    (shown,) = [line for line in lines if line.startswith("xx-example ")]
    assert "checked until 2026-08-20 our copies begin 2026-08-20 Example list" in shown
    (shown,) = [line for line in lines if line.startswith(f"{EXAMPLE} ")]
    assert "edition 2026-08-20 of a day after 2026-08-01" in shown
    assert "our copies begin" not in " ".join(
        run_here("kb", "info", "--as-of", "2026-08-20").out.decode().split("xx-example")[1].split()
    )
