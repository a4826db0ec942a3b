"""Military-intelligence end users: bodies named in a regulation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, cells, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Name

EXCERPT = EXCERPTS / "us_bis_mieu" / "csv-mieu" / "mieu.csv"


def test_bodies_of_one_name_in_two_countries_are_two() -> None:
    found, reading = read_excerpt("us_bis_mieu", "csv-mieu")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-mieu", 2, 0)
    assert [(row.id, row.jurisdictions) for row in of(Entity, found)] == [
        ("us_bis_mieu:cu-example-intelligence-directorate", ["cu"]),
        ("us_bis_mieu:kp-example-intelligence-directorate", ["kp"]),
    ]
    assert [(row.name, row.kind) for row in of(Name, found)] == [("EID", "weak"), ("Exint", "alias")]
    assert [(row.valid_from, row.valid_to, row.published_at) for row in of(Designation, found)] == [
        (date(2021, 3, 16), None, date(2021, 1, 15)),
        (date(2021, 4, 9), date(2024, 5, 1), None),
    ]
    assert [row.is_complete for row in of(Edition, found)] == [False]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("US-BIS-MIEU,2021-03-16", "US-BIS-MEU,2021-03-16", "unknown Program", id="programme"),
        pytest.param(",CU,", ",XX,", "unknown place in Country", id="place"),
        pytest.param("2021-03-16", "", "Date is empty", id="no-date"),
        pytest.param("2024-05-01", "2020-05-01", "an end before the start", id="order"),
        pytest.param("2021/01/15", "2021/13/15", "address is no date", id="address"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    _, reading = read_files("us_bis_mieu", changed(EXCERPT, tmp_path / "a.csv", (old, new)))
    assert dict(reading.reasons) == {reason: 1}


def test_another_header_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nine columns"):
        read_files("us_bis_mieu", changed(EXCERPT, tmp_path / "a.csv", ("Source URL", "Source")))


def test_the_real_table_is_read(shared: Callable[[str], Path]) -> None:
    path = shared("data/lists/us-bis/mieu.csv")
    found, reading = read_files("us_bis_mieu", path)
    assert (reading.read, reading.rejects) == (len(cells(path)), 0) == (13, 0)
    days = {row.listed_as: (row.valid_from, row.published_at) for row in of(Designation, found)}
    assert days["Reconnaissance General Bureau"] == (date(2021, 3, 16), date(2021, 1, 15))
    assert days["Directorate of Signal"] == (date(2021, 4, 9), date(2021, 4, 9))
    assert days["General Department of Research and Intelligence"] == (date(2021, 12, 9), date(2021, 12, 9))
