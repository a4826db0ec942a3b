"""UFLPA Entity List as a page of HTML."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Name, Ownership
from beholden.sources.us_dhs_uflpa.names import Named, named

EXCERPT = EXCERPTS / "us_dhs_uflpa" / "html-page" / "uflpa-entity-list.html"


def test_tables_are_read_under_their_section() -> None:
    found, reading = read_excerpt("us_dhs_uflpa", "html-page")
    assert (reading.layout, reading.read, reading.rejects) == ("html-page", 5, 0)
    assert [(row.listed_as, row.valid_from, row.basis) for row in of(Designation, found)] == [
        ("Example Textile Co., Ltd.", date(2022, 6, 21), "section 2(d)(2)(B)(i)"),
        ("Sample Cotton Group", date(2022, 6, 21), "section 2(d)(2)(B)(i)"),
        ("Placeholder Electronics", date(2023, 8, 2), "section 2(d)(2)(B)(i)"),
        ("Example Chemicals", date(2023, 6, 12), "section 2(d)(2)(B)(v)"),
        ("Example Chemicals North Co., Ltd.", date(2023, 6, 12), "section 2(d)(2)(B)(v)"),
        ("Example Chemicals South", date(2023, 6, 12), "section 2(d)(2)(B)(v)"),
        ("Sample Cotton Group", date(2025, 1, 15), "section 2(d)(2)(B)(v)"),
    ]
    assert [row.is_complete for row in of(Edition, found)] == [True]
    assert len(of(Entity, found)) == 6


def test_names_and_subsidiaries_come_from_the_cell() -> None:
    found, _ = read_excerpt("us_dhs_uflpa", "html-page")
    assert [(row.name, row.kind) for row in of(Name, found)] == [
        ("Exampletex", "alias"),
        ("Sample Textile Co., Ltd.", "alias"),
        ("Samcot", "alias"),
        ("Old Placeholder Electronics", "former"),
        ("Older Placeholder", "former"),
    ]
    assert [(row.owner_id, row.owned_id, row.percentage_low) for row in of(Ownership, found)] == [
        ("us_dhs_uflpa:example-chemicals", "us_dhs_uflpa:example-chemicals-north-co-ltd", None),
        ("us_dhs_uflpa:example-chemicals", "us_dhs_uflpa:example-chemicals-south", None),
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("Example, and Subsidiaries", Named("Example", [], [], [], "with its subsidiaries"), id="note"),
        pytest.param(
            "Example Co., Ltd. and its subsidiary Sample Co., Ltd.",
            Named("Example Co., Ltd.", [], [], ["Sample Co., Ltd."], None),
            id="subsidiary",
        ),
        pytest.param(
            "Example (including three aliases: A Works; B Works; and C Works)",
            Named("Example", ["A Works", "B Works", "C Works"], [], [], None),
            id="aliases",
        ),
        pytest.param(
            "Example (also known as A Works and formerly known as B Works)",
            Named("Example", ["A Works"], ["B Works"], [], None),
            id="formerly",
        ),
        pytest.param("Example Arts and Crafts", Named("Example Arts and Crafts", [], [], [], None), id="plain"),
    ],
)
def test_a_cell_is_parted(text: str, cell: Named) -> None:
    assert named(text) == cell


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("August 2, 2023", "2.8.2023", "effective date is no date", id="date"),
        pytest.param("August 2, 2023", "", "effective date is empty", id="no-date"),
        pytest.param("<td>August 2, 2023</td>", "", "wrong number of cells", id="cells"),
        pytest.param("UFLPA Section 2(d)(2)(B)(i)", "UFLPA", "no section", id="section"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found, reading = read_files("us_dhs_uflpa", changed(EXCERPT, tmp_path / "a.html", (old, new)))
    assert set(reading.reasons) == {reason}
    assert [row.is_complete for row in of(Edition, found)] == [False]


@pytest.mark.parametrize(
    "cell",
    [
        "Example Works and six of its subsidiaries, which are: A Works and B Works",
        "Example Works, also known as A Works",
        "Example Works (and one alias, A Works)",
        "Example Works; A Works",
    ],
)
def test_a_cell_of_which_words_are_left_is_rejected(tmp_path: Path, cell: str) -> None:
    old = "Placeholder Electronics (formerly known as Old Placeholder Electronics; and Older Placeholder)"
    found, reading = read_files("us_dhs_uflpa", changed(EXCERPT, tmp_path / "a.html", (old, cell)))
    assert dict(reading.reasons) == {"not one name": 1}
    assert not any("Example Works" in row.caption for row in of(Entity, found))


@pytest.mark.parametrize("more", ["<th>Entity Name</th>", "<th>Effective Date</th>"], ids=["name", "date"])
def test_a_table_with_a_column_twice_is_another_layout(tmp_path: Path, more: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_files("us_dhs_uflpa", changed(EXCERPT, tmp_path / "a.html", ("Date</th>", f"Date</th>{more}")))
    assert caught.value.code == "source.unknown-layout"
    assert caught.value.origin is not None
    assert caught.value.origin.line == 6
    assert "expected each once" in str(caught.value)


def test_a_page_without_the_tables_is_another_layout(tmp_path: Path) -> None:
    text = EXCERPT.read_text(encoding="utf-8").replace("Effective Date", "Day")
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="no table"):
        read_files("us_dhs_uflpa", tmp_path / "a.html")
