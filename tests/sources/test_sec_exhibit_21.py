"""Exhibit 21: who files, and which subsidiaries it names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Identifier, Ownership
from beholden.sources import source_called
from beholden.sources.document import Document

SLUG = "sec_exhibit_21"
HTML, REGISTRANT = (EXCERPTS / SLUG / "exhibit-html" / name for name in ("ex21.html", "registrant.txt"))
SUBMISSION = EXCERPTS / SLUG / "submission-text" / "9999999001-26-000001.txt"
REAL = "data/ownership/sec-ex21"
NO_NAME = "row that names no subsidiary"


def exhibit(tmp_path: Path, table: str, before: str = "<p>Subsidiaries of Example Holdings Inc.</p>") -> Path:
    path = tmp_path / "ex21.html"
    path.write_text(f"<html><body>{before}<table>{table}</table></body></html>", encoding="utf-8")
    return path


def table_of(*rows: tuple[str, ...]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


def printed_day(*paths: Path) -> date | None:
    source = source_called(SLUG)
    assert source.printed_date is not None
    return source.printed_date(tuple(Document(path.name, path) for path in paths), source.descriptor)


def test_an_exhibit_has_its_subsidiaries_with_places_and_shares() -> None:
    rows, reading = read_excerpt(SLUG, "exhibit-html")
    assert (reading.layout, reading.read, reading.rejects) == ("exhibit-html", 4, 0)
    # A footnote to a mark that a row carries is not passed over in silence.
    assert reading.notes == ["ex21.html: footnotes in its tables are not read, 1 of them"]
    owner, *subsidiaries = of(Entity, rows)
    assert (owner.id, owner.caption) == ("cik:9999999001", "Example Holdings Incorporated")
    assert [(row.caption, row.jurisdictions, row.note) for row in subsidiaries] == [
        ("Example Trading LLC", ["us"], None),
        ("Example GmbH & Co. KG", ["de"], None),
        ("Sample Pipeline", ["ru", "kz"], None),
        ("Elsewhere Ltd.", [], "organised in Atlantis"),
    ]
    assert [(row.ownership_type, row.percentage_low, row.percentage_high) for row in of(Ownership, rows)] == [
        ("voting", share, share) for share in map(Decimal, ("87.5", "50", "7.50", "100"))
    ]
    assert {row.owner_id for row in of(Ownership, rows)} == {"cik:9999999001"}


def test_a_submission_says_who_files_and_when() -> None:
    rows, reading = read_excerpt(SLUG, "submission-text")
    assert (reading.layout, reading.read) == ("submission-text", 2)
    assert next((row.id, row.caption) for row in of(Entity, rows)) == ("cik:9999999001", "EXAMPLE HOLDINGS INC")
    assert [(row.kind, row.value) for row in of(Identifier, rows)] == [("cik", "9999999001")]
    # Without a column of shares, a subsidiary is controlled, and how much is held is not known.
    assert [(row.ownership_type, row.percentage_high, row.published_at) for row in of(Ownership, rows)] == [
        ("control", None, date(2026, 2, 27))
    ] * 2


def test_the_day_is_that_of_the_exhibit_or_of_the_filing() -> None:
    assert printed_day(HTML, REGISTRANT) == date(2025, 12, 31)
    assert printed_day(SUBMISSION) == date(2026, 2, 27)
    assert printed_day(REGISTRANT) is None


def test_the_heading_names_the_registrant() -> None:
    rows, reading = read_files(SLUG, HTML)
    assert of(Entity, rows)[0].caption == "Example Holdings Inc."
    assert [note for note in reading.notes if "does not say who files" in note] == []


def test_who_files_is_asked_for_where_nothing_says_it(tmp_path: Path) -> None:
    path = exhibit(tmp_path, table_of(("Name", "Jurisdiction"), ("Example LLC", "Nevada")), "<p>Exhibit 21</p>")
    rows, reading = read_files(SLUG, path)
    owner = of(Entity, rows)[0]
    assert (owner.caption, owner.note) == (
        "The registrant of ex21.html",
        "stands for whoever files the exhibit, which it does not say",
    )
    assert reading.notes == ["ex21.html does not say who files; give a file registrant.txt with it (name: …, cik: …)"]


def test_a_cell_may_span_more_columns_than_a_number_says(tmp_path: Path) -> None:
    rows, reading = read_files(
        SLUG, changed(HTML, tmp_path / "ex21.html", ('colspan="6"', f'colspan="{"9" * 70_000}"'))
    )
    assert (reading.read, reading.rejects, len(of(Entity, rows))) == (4, 0, 5)


@pytest.mark.parametrize(
    ("place", "codes", "note"),
    [
        ("Delaware", ["us"], None),
        ("PRC", ["cn"], None),
        ("Ontario, Canada", ["ca"], None),
        ("England and Wales", ["gb"], None),
        ("DE", [], "organised in DE"),  # Delaware or Germany
        ("Delaware/Atlantis", ["us"], "organised in Delaware/Atlantis"),
    ],
)
def test_a_place_that_is_not_known_for_certain_is_said_in_a_note(
    tmp_path: Path, place: str, codes: list[str], note: str | None
) -> None:
    rows, reading = read_files(
        SLUG, exhibit(tmp_path, table_of(("Name", "Jurisdiction of Incorporation"), ("Example LLC", place)))
    )
    assert reading.rejects == 0
    assert (of(Entity, rows)[1].jurisdictions, of(Entity, rows)[1].note) == (codes, note)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(("Sample LLC",), NO_NAME, id="one-cell"),
        pytest.param(("(1) Held by others as well.",), NO_NAME, id="footnote-to-no-mark"),
        pytest.param(("(1)", "Held by others as well."), NO_NAME, id="footnote-to-no-mark-of-two-cells"),
        pytest.param(("Note 1:", "Held by others", "as well"), NO_NAME, id="note"),
        pytest.param(("Held by others as well. " * 13, "50", "Nevada"), NO_NAME, id="prose"),
        pytest.param(("Sample LLC", "most of it", "Nevada"), "no share", id="share"),
        pytest.param(("Sample LLC", "120", "Nevada"), "no share", id="over-100"),
        pytest.param(("Sample LLC", "-5", "Nevada"), "no share", id="negative"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected_by_its_number_and_the_rest_is_read(
    tmp_path: Path, row: tuple[str, ...], reason: str
) -> None:
    head = ("Name", "Percentage Owned", "State of Organization")
    path = exhibit(tmp_path, table_of(head, row, ("Example LLC", "60", "Nevada")))
    rows, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({reason: 1}, 1)
    assert [row.caption for row in of(Entity, rows)][1:] == ["Example LLC"]
    assert str(reading.rejected[0]).startswith("ex21.html, row 2: ")


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (("Notebook Holdings Ltd",), "Notebook Holdings Ltd"),
        (("*Sample Ltd",), "Sample Ltd"),
        (("(1) Sample Ltd",), "Sample Ltd"),
        (("a) Sample Ltd",), "Sample Ltd"),
        (("[2] Sample Ltd *",), "Sample Ltd"),
        (("(3)", "Sample Ltd"), "Sample Ltd"),
        (("(Alpha) Sample Ltd",), "(Alpha) Sample Ltd"),
        (("3D Sample Ltd",), "3D Sample Ltd"),
    ],
)
def test_a_row_with_a_place_is_a_subsidiary_without_the_mark_before_its_name(
    tmp_path: Path, cells: tuple[str, ...], name: str
) -> None:
    head = ("Name", "Jurisdiction of Incorporation")
    rows, reading = read_files(SLUG, exhibit(tmp_path, table_of(head, (*cells, "Delaware"))))
    assert (reading.read, reading.rejects) == (1, 0)
    assert [(row.caption, row.jurisdictions) for row in of(Entity, rows)][1:] == [(name, ["us"])]


@pytest.mark.parametrize("cells", [("1) Held by others.",), ("(1)", "Held by others."), ("(1)(2) Held by others.",)])
def test_a_footnote_is_told_by_the_mark_that_a_row_carries(tmp_path: Path, cells: tuple[str, ...]) -> None:
    table = table_of(("Name", "Jurisdiction of Incorporation"), ("Example LLC (1)", "Nevada"), cells)
    rows, reading = read_files(SLUG, exhibit(tmp_path, table))
    assert (reading.read, reading.rejects, len(reading.notes)) == (1, 0, 1)
    assert [row.caption for row in of(Entity, rows)][1:] == ["Example LLC"]


def test_one_name_in_two_places_is_two_subsidiaries_and_twice_in_one_is_rejected(tmp_path: Path) -> None:
    same = ("Example LLC", "Nevada")
    path = exhibit(tmp_path, table_of(("Name", "Jurisdiction of Incorporation"), same, ("Example LLC", "Texas"), same))
    rows, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({"subsidiary twice": 1}, 2)
    assert [row.id.rpartition("/")[2] for row in of(Entity, rows)][1:] == ["Example LLC", "Example LLC, Texas"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("just text", "expected a line name: … and a line cik: …", id="form"),
        pytest.param("cik: 12a", "expected at most ten digits", id="cik"),
    ],
)
def test_what_is_said_of_the_registrant_is_checked(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "registrant.txt").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_files(SLUG, HTML, tmp_path / "registrant.txt")


def test_other_files_are_refused(tmp_path: Path) -> None:
    plain = tmp_path / "ex21.html"
    plain.write_text("<p>Subsidiaries: none</p>", encoding="utf-8")
    with pytest.raises(SourceError, match="no table"):
        read_files(SLUG, plain)
    with pytest.raises(SourceError, match="no document of type EX-21"):
        read_files(SLUG, changed(SUBMISSION, tmp_path / "a.txt", ("EX-21.1", "EX-23.1")))
    with pytest.raises(SourceError, match="no exhibit beside"):
        read_files(SLUG, REGISTRANT)


@pytest.mark.parametrize(
    ("name", "count", "registrant", "some"),
    [
        ("ex21_aapl.html", 19, "Apple Inc.", ("Apple Operations Limited", ["ie"])),
        ("ex21_jpm.html", 18, "JPMorgan Chase & Co.", ("JPMorgan Chase Bank, National Association", ["us"])),
        ("ex21_xom.html.gz", 116, "The registrant of ex21_xom.html", ("Esso Deutschland GmbH", ["de"])),
    ],
)
def test_real_exhibits_are_read_whole(
    shared: Callable[[str], Path], name: str, count: int, registrant: str, some: tuple[str, list[str]]
) -> None:
    rows, reading = read_files(SLUG, shared(f"{REAL}/{name}"))
    assert (reading.read, reading.rejects) == (count, 0)
    owner, *subsidiaries = of(Entity, rows)
    assert owner.caption == registrant
    assert some in [(row.caption, row.jurisdictions) for row in subsidiaries]


def test_shares_of_a_real_exhibit_are_those_printed(shared: Callable[[str], Path]) -> None:
    rows, _ = read_files(SLUG, shared(f"{REAL}/ex21_xom.html.gz"))
    captions = {row.id: row.caption for row in of(Entity, rows)}
    shares = {captions[row.owned_id]: row.percentage_low for row in of(Ownership, rows)}
    assert shares["Imperial Oil Limited"] == Decimal("69.6")
    assert all(share is None or 0 < share <= 100 for share in shares.values())
