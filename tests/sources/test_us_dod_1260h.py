"""Section 1260H list: editions, carried names, withdrawn ends, renamed parties."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, cells, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Edition, Entity, Entry, Name, Ownership

EXCERPT = EXCERPTS / "us_dod_1260h" / "csv-editions" / "sanctions.csv"
REAL = "data/lists/us-1260h/section-1260h.csv.gz"
CORE = Path(__file__).parents[2] / "src" / "beholden" / "packs" / "editions" / "entries.us-dod-1260h.csv"


def members(rows: Iterable[object], day: date) -> set[str]:
    return {row.entity_id for row in rows if isinstance(row, Entry) and row.edition == day}


def test_an_edition_of_additions_carries_what_it_does_not_print() -> None:
    found, reading = read_excerpt("us_dod_1260h", "csv-editions")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-editions", 14, 0)
    entries = [row for row in of(Entry, found) if row.edition == date(2024, 1, 31)]
    assert {row.listed_as: row.is_carried for row in entries} == {
        "Example Aviation Group Ltd.": True,
        "Example Aviation Parts Co., Ltd.": True,
        "Placeholder Optics Company Limited": True,
        "Example Memory Technologies, Inc.": False,
    }


def test_an_end_on_the_day_of_an_edition_takes_the_name_off_with_it() -> None:
    found, _ = read_excerpt("us_dod_1260h", "csv-editions")
    own = "us_dod_1260h:sample-chips-corporation"
    assert own in members(found, date(2021, 6, 3))
    assert own not in members(found, date(2024, 1, 31))


def test_an_end_after_the_withdrawn_notice_does_not_take_a_name_off() -> None:
    found, _ = read_excerpt("us_dod_1260h", "csv-editions")
    own = "us_dod_1260h:example-memory-technologies-inc"
    assert own in members(found, date(2026, 6, 8))
    assert date(2026, 2, 17) not in {row.date for row in of(Edition, found)}


def test_a_whole_edition_omits_what_it_does_not_print() -> None:
    found, _ = read_excerpt("us_dod_1260h", "csv-editions")
    parts = "us_dod_1260h:example-aviation-parts-co-ltd"
    assert parts not in members(found, date(2025, 1, 7))
    assert parts in members(found, date(2026, 6, 8))


def test_renamed_parties_are_one_where_the_list_says_so() -> None:
    found, _ = read_excerpt("us_dod_1260h", "csv-editions")
    captions = {row.id: row.caption for row in of(Entity, found)}
    assert captions == {
        "us_dod_1260h:example-aviation-group-ltd": "Example Aviation Group Ltd.",
        "us_dod_1260h:example-aviation-parts-co-ltd": "Example Aviation Parts Co., Ltd.",
        "us_dod_1260h:sample-chips-corporation": "Sample Chips Corporation",
        "us_dod_1260h:placeholder-optics-company-limited": "Placeholder Photonics Company Limited",
        "us_dod_1260h:example-memory-technologies-inc": "Example Memory Technologies, Inc.",
        "us_dod_1260h:example-computing-co-ltd": "Excom Group",
    }
    names = {(row.entity_id.split(":")[1], row.name, row.kind, row.published_at) for row in of(Name, found)}
    # As the cells print them, brackets included: whoever copies a name off the list copies those too.
    cells = {
        ("example-aviation-group-ltd", "Example Aviation Group Ltd. (EAG)", "alias", date(2021, 6, 3)),
        ("example-computing-co-ltd", "Example Computing Co., Ltd. (Excom)", "alias", date(2025, 1, 7)),
    }
    assert cells < names
    assert {name for name in names if "(" not in name[1]} == {
        ("example-aviation-group-ltd", "EAG", "weak", date(2021, 6, 3)),
        ("example-aviation-group-ltd", "Example Aviation Group, Ltd.", "alias", date(2025, 1, 7)),
        ("placeholder-optics-company-limited", "Placeholder Optics Company Limited", "former", date(2021, 6, 3)),
        ("example-memory-technologies-inc", "XMT", "weak", date(2024, 1, 31)),
        ("example-computing-co-ltd", "Example Computing Co., Ltd.", "alias", date(2025, 1, 7)),
        ("example-computing-co-ltd", "Excom", "alias", date(2025, 1, 7)),
    }


def test_the_stated_reason_and_the_parent_are_the_basis() -> None:
    found, _ = read_excerpt("us_dod_1260h", "csv-editions")
    basis = {row.listed_as: row.basis for row in of(Entry, found) if row.edition == date(2026, 6, 8)}
    assert basis["Example Aviation Group Ltd."] == (
        "Issuer states: EAG is directly owned by an example (Section 1260H(g)(2)(B)(i)(I))."
    )
    assert basis["Example Aviation Parts Co., Ltd."] == "printed under Example Aviation Group, Ltd."
    assert [(row.owner_id, row.owned_id, row.ownership_type, row.percentage_low) for row in of(Ownership, found)] == [
        (
            "us_dod_1260h:example-aviation-group-ltd",
            "us_dod_1260h:example-aviation-parts-co-ltd",
            "control",
            None,
        )
    ]


def test_a_notice_with_a_few_names_between_editions_adds_to_the_list(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        EXCERPT.read_text(encoding="utf-8") + "Late Example Inc.,Late Example Inc.,,,,,2026-09-01,,\n", encoding="utf-8"
    )
    found, reading = read_files("us_dod_1260h", path)
    assert len(members(found, date(2026, 9, 1))) == 6
    assert reading.notes == ["1 names of 2026-09-01 were taken as additions: that day is not among the reviewed ones"]


def test_a_removal_between_editions_takes_a_name_off_on_its_day(tmp_path: Path) -> None:
    row = '"Example Computing Co., Ltd. (Excom)","Example Computing Co., Ltd. (Excom)",,,,,2025-01-07,'
    path = changed(EXCERPT, tmp_path / "a.csv", (row, row + "2025-03-01"))
    found, _ = read_files("us_dod_1260h", path)
    assert len(members(found, date(2025, 3, 1))) == 3


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("2024-01-31,2026-02-17", "31.01.2024,2026-02-17", "Start date is no date", id="date"),
        pytest.param("2024-01-31,2026-02-17", "2024-01-31,2020-02-17", "End date before Start date", id="order"),
        pytest.param("2024-01-31,2026-02-17", ",2026-02-17", "Start date is empty", id="no-date"),
        pytest.param("2021-06-03,2024-01-31", "2021-06-03,2024-01-31,x", "wrong number of cells", id="cells"),
        pytest.param("Placeholder Optics Company Limited*,", "***,", "a name without letters", id="no-letters"),
        pytest.param(
            "Placeholder Optics Company Limited*,Placeholder Optics Company Limited",
            "Sample Chips Corporation*,Sample Chips Corporation",
            "a name twice in one edition",
            id="twice",
        ),
    ],
)
def test_a_row_that_is_not_understood_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found, reading = read_files("us_dod_1260h", changed(EXCERPT, tmp_path / "a.csv", (old, new)))
    assert dict(reading.reasons) == {reason: 1}
    assert reading.read == 13
    assert not any(row.is_complete for row in of(Edition, found))


def test_another_header_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nine columns"):
        read_files("us_dod_1260h", changed(EXCERPT, tmp_path / "a.csv", ("Clean Name", "Name2")))


def test_the_real_file_has_the_members_of_the_reviewed_core_in_every_edition(shared: Callable[[str], Path]) -> None:
    found, reading = read_files("us_dod_1260h", shared(REAL))
    assert (reading.read, reading.rejects) == (len(cells(shared(REAL))), 0) == (397, 0)
    assert Counter(str(row.edition) for row in of(Entry, found)) == {
        "2021-06-03": 47,
        "2022-10-05": 60,
        "2024-01-31": 73,
        "2025-01-07": 134,
        "2026-06-08": 188,
    }
    lines = [line for line in CORE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    core = list(csv.DictReader(lines))

    def plain(name: str) -> str:
        short = name.rfind(" (")
        name = name[:short] if name.endswith(")") and "Limited)" not in name and short > 0 else name
        return "".join(letter for letter in name.casefold() if letter.isalnum())

    ours = {(str(row.edition), plain(row.listed_as)): row for row in of(Entry, found)}
    theirs = {(row["edition"], plain(row["listed_as"])): row for row in core}
    assert ours.keys() == theirs.keys()
    pairs = {(ours[key].entity_id, theirs[key]["entity_id"]) for key in ours}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    assert {key for key in ours if ours[key].is_carried != (theirs[key]["is_carried"] == "true")} == set()


def test_rows_of_the_real_file_checked_by_hand(shared: Callable[[str], Path]) -> None:
    found = list(read_files("us_dod_1260h", shared(REAL))[0])
    assert "us_dod_1260h:yangtze-memory-technologies-co-ltd" in members(found, date(2026, 6, 8))
    assert "us_dod_1260h:costar-group-co-ltd" not in members(found, date(2026, 6, 8))
    assert "us_dod_1260h:costar-group-co-ltd" in members(found, date(2025, 1, 7))
    assert "us_dod_1260h:alibaba-group-holding-limited" in members(found, date(2026, 6, 8))
    (hesai,) = [
        row for row in found if isinstance(row, Entry) and "hesai" in row.entity_id and row.edition.year == 2025
    ]
    assert (hesai.listed_as, hesai.is_carried) == ("Hesai Technology Co., Ltd.", True)
