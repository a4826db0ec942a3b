"""Statutes and determinations that name parties: one layout, dates that mean what each publication says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EDITION, EXCERPTS, cells, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Name


def excerpt(slug: str, name: str) -> Path:
    return EXCERPTS / slug / "csv-statute" / name


def test_where_rows_print_no_day_the_statute_gives_it() -> None:
    found, reading = read_excerpt("us_ndaa_889", "csv-statute")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-statute", 2, 0)
    assert of(Designation, found)[0] == Designation(
        id="us-889:us_ndaa_889:example-cameras-company:2018-08-13",
        regime_id="us-889",
        entity_id="us_ndaa_889:example-cameras-company",
        listed_as="Example Cameras Company",
        citation="Section 889 of the John S. McCain National Defense Authorization Act for Fiscal Year 2019 "
        "(Public Law 115-232); https://law.example/889.pdf",
        valid_from=date(2018, 8, 13),
        published_at=date(2018, 8, 13),
    )
    assert [(row.name, row.kind) for row in of(Name, found)] == [("Samrad", "alias"), ("SRC", "weak")]
    assert [(row.date, row.is_complete) for row in of(Edition, found)] == [(EDITION, False)]


def test_a_company_is_named_at_enactment_and_barred_from_the_start_date() -> None:
    found, _ = read_excerpt("us_ndaa_154", "csv-statute")
    (row,) = of(Designation, found)
    assert (row.valid_from, row.published_at, row.applies_from) == (
        date(2023, 12, 22),
        date(2023, 12, 22),
        date(2027, 10, 1),
    )


def test_determinations_have_a_start_an_end_and_a_day_of_publication() -> None:
    found, reading = read_excerpt("us_inksna", "csv-statute")
    assert (reading.read, reading.rejects) == (4, 0)
    assert [(row.entity_id, row.valid_from, row.valid_to, row.published_at) for row in of(Designation, found)] == [
        ("us_inksna:sam-sample", date(2026, 1, 22), date(2028, 1, 22), date(2026, 1, 27)),
        ("us_inksna:example-trading-fzc-ae", date(2026, 1, 22), date(2028, 1, 22), date(2026, 1, 27)),
        ("us_inksna:example-trading-fzc-ae", date(2026, 7, 24), None, date(2026, 8, 4)),
        ("us_inksna:example-trading-fzc-kr", date(2026, 7, 24), None, date(2026, 8, 4)),
    ]
    assert [(row.caption, row.jurisdictions) for row in of(Entity, found)] == [
        ("Sam Sample", []),  # the nationality of a person is not read
        ("Example Trading FZC", ["ae"]),
        ("Example Trading FZC", ["kr"]),
    ]


def test_each_report_is_an_edition_and_the_next_one_says_who_is_gone() -> None:
    found, reading = read_excerpt("us_ndaa_1286", "csv-statute")
    assert (reading.read, reading.rejects) == (6, 0)
    entries = {(str(row.edition), row.listed_as) for row in of(Entry, found)}
    assert entries == {
        ("2023-06-30", "Example University"),
        ("2023-06-30", "Sample Institute"),
        ("2024-07-31", "Example University"),
        ("2026-07-23", "Example University"),
        ("2026-07-23", "Fresh College"),
    }
    assert [(row.date, row.is_complete) for row in of(Edition, found)] == [
        (date(2023, 6, 30), True),
        (date(2024, 7, 31), True),
        (date(2026, 7, 23), True),
    ]
    assert reading.notes == ["the day of the list for 2024 is not known, so it makes no edition"]
    assert {row.caption: row.schema for row in of(Entity, found)}["Example University"] == "Organization"
    assert {row.caption: row.jurisdictions for row in of(Entity, found)}["Example University"] == ["cn"]


def test_a_name_of_an_undated_report_alone_was_listed_until_the_next_one() -> None:
    found, _ = read_excerpt("us_ndaa_1286", "csv-statute")
    (row,) = of(Designation, found)
    assert (row.listed_as, row.valid_from, row.valid_to, row.is_end_latest) == (
        "Placeholder Academy",
        None,
        date(2026, 7, 23),
        True,
    )


def test_a_new_report_counts_from_the_day_of_the_copy(tmp_path: Path) -> None:
    path = excerpt("us_ndaa_1286", "section_1286.csv")
    text = path.read_text(encoding="utf-8").replace(",2025,", ",2026,")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    found, _ = read_files("us_ndaa_1286", tmp_path / "a.csv")
    assert max(row.date for row in of(Edition, found)) == EDITION


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("Section 889 of", "Section 888 of", "unknown program", id="programme"),
        pytest.param("Company,Example", "Robot,Example", "unknown schema", id="schema"),
        pytest.param("Example Cameras Company", "", "name is empty", id="name"),
        pytest.param("Example Cameras Company", "?!", "a name without letters", id="no-letters"),
        pytest.param(
            "United States Congress,,,,,,", "United States Congress,,,soon,,,", "start-date is no date", id="date"
        ),
        pytest.param(
            "United States Congress,,,,,,",
            "United States Congress,,,2020-01-01,2019-01-01,,",
            "an end before the start",
            id="order",
        ),
        pytest.param(
            "United States Congress,,,,,,",
            "United States Congress,,,,,Atlantis,",
            "unknown place in country",
            id="place",
        ),
        pytest.param("Sample Radios Corporation", "Example Cameras Company", "one entry twice", id="twice"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = changed(excerpt("us_ndaa_889", "section_889.csv"), tmp_path / "a.csv", (old, new))
    _, reading = read_files("us_ndaa_889", path)
    assert dict(reading.reasons) == {reason: 1}
    assert reading.read == 1


def test_the_table_of_another_statute_names_nobody_here() -> None:
    _, reading = read_files("us_ndaa_5949", excerpt("us_ndaa_889", "section_889.csv"))
    assert (reading.read, dict(reading.reasons)) == (0, {"unknown program": 2})


def test_another_header_is_another_layout(tmp_path: Path) -> None:
    path = changed(excerpt("us_ndaa_889", "section_889.csv"), tmp_path / "a.csv", ("report-date", "reported"))
    with pytest.raises(SourceError, match="thirteen columns"):
        read_files("us_ndaa_889", path)


@pytest.mark.parametrize(
    ("slug", "name", "count"),
    [
        ("us_ndaa_889", "section_889.csv", 5),
        ("us_ndaa_5949", "section_5949.csv", 3),
        ("us_ndaa_154", "section_154.csv", 6),
        ("us_inksna", "inksna.csv", 28),
        ("us_ndaa_1286", "section_1286.csv.gz", 443),
    ],
)
def test_every_row_of_the_real_tables_is_read(shared: Callable[[str], Path], slug: str, name: str, count: int) -> None:
    path = shared(f"data/lists/us-ndaa/{name}")
    found, reading = read_files(slug, path)
    printed = cells(path)
    assert (reading.read, reading.rejects) == (len(printed), 0) == (count, 0)
    if slug == "us_ndaa_1286":
        assert len(of(Entry, found)) == sum(row["report-date"] != "2024" for row in printed)
    else:
        assert {row.caption for row in of(Entity, found)} == {row["name"].strip() for row in printed}
        assert len(of(Designation, found)) == count


def test_rows_of_the_real_tables_checked_by_hand(shared: Callable[[str], Path]) -> None:
    found, _ = read_files("us_inksna", shared("data/lists/us-ndaa/inksna.csv"))
    dated = {row.listed_as: row for row in of(Designation, found)}
    assert dated["Futech Co. Ltd"].valid_to == date(2028, 1, 22)
    assert dated["NS Global Logistics"].published_at == date(2026, 8, 4)
    found, _ = read_files("us_ndaa_1286", shared("data/lists/us-ndaa/section_1286.csv.gz"))
    newest = {row.listed_as for row in of(Entry, found) if row.edition == date(2026, 7, 23)}
    assert len(newest) == 156
    assert "Beijing Institute of Technology" in newest
    assert "Sun Yat-Sen University" not in newest
