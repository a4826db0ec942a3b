"""Covered List: parties, things produced abroad, and a statute's list in the words of the entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, cells, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Ownership

EXCERPT = EXCERPTS / "us_fcc_covered_list" / "csv-two-columns" / "table.csv"


def test_entries_name_producers_providers_and_subsidiaries() -> None:
    found, reading = read_excerpt("us_fcc_covered_list", "csv-two-columns")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-two-columns", 7, 0)
    assert [(row.listed_as, row.valid_from) for row in of(Designation, found) if row.category is None][:5] == [
        ("Example Technologies Company", date(2021, 3, 12)),
        ("Sample Vision Co., Ltd.", date(2021, 3, 12)),
        ("AO Placeholder Lab", date(2022, 3, 25)),
        ("Example Networks Corp", date(2022, 9, 20)),
        ("Sample Net (USA) LLC", date(2022, 9, 20)),
    ]
    (owned,) = of(Ownership, found)
    assert (owned.owner_id, owned.owned_id, owned.percentage_low) == (
        "us_fcc_covered_list:example-networks-corp",
        "us_fcc_covered_list:sample-net-usa-llc",
        Decimal(100),
    )


def test_things_produced_abroad_are_categories_where_an_inventory_can_say_them() -> None:
    found, reading = read_excerpt("us_fcc_covered_list", "csv-two-columns")
    assert [(row.category, row.produced_in, row.listed_as) for row in of(Designation, found)][5:] == [
        (
            "uas",
            ["foreign"],
            "Uncrewed aircraft systems (UAS) and UAS critical components produced in a foreign country",
        ),
        (
            "uas-critical-component",
            ["foreign"],
            "Uncrewed aircraft systems (UAS) and UAS critical components produced in a foreign country",
        ),
        (None, [], "Communications and video surveillance equipment and services listed in Section 1709(a)(1)"),
        ("power-inverter", ["foreign"], "Power inverters produced in a foreign country"),
        (None, [], "Sample widgets produced in a foreign country"),
    ]
    assert reading.notes == ["'sample widgets' is no category that an inventory can say; the entry is kept without one"]
    assert [row.schema for row in of(Entity, found)] == ["LegalEntity"] * 5 + ["Asset"] * 5


def test_later_updates_of_an_entry_are_a_note_and_marks_of_footnotes_are_left_out() -> None:
    found, _ = read_excerpt("us_fcc_covered_list", "csv-two-columns")
    (uas,) = [row for row in of(Designation, found) if row.category == "uas"]
    assert (uas.valid_from, uas.note) == (date(2025, 12, 22), "updated 2026-01-07, 2026-03-18")
    assert uas.basis is not None
    assert uas.basis.startswith(
        "Uncrewed aircraft systems (UAS) and UAS critical components produced in a foreign country —"
    )
    assert "Visit" not in uas.basis


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("equipment produced by Example", "equipment of Example", "no party and no category", id="text"),
        pytest.param("March 25, 2022", "25/3/2022", "date_of_inclusion_on_covered_list is no date", id="date"),
        pytest.param(
            "Updated:January 7, 2026", "Updated:January 7, 2020", "updated before it was included", id="order"
        ),
        pytest.param('"March 25, 2022"', '""', "date_of_inclusion_on_covered_list is empty", id="no-date"),
    ],
)
def test_an_entry_that_is_not_understood_is_rejected_and_the_copy_is_not_complete(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    found, reading = read_files("us_fcc_covered_list", changed(EXCERPT, tmp_path / "a.csv", (old, new)))
    assert dict(reading.reasons) == {reason: 1}
    assert [row.is_complete for row in of(Edition, found)] == [False]


@pytest.mark.parametrize(
    "names",
    [
        "Acme Corp., Beta Ltd., and Gamma Inc",
        "Acme Corp and Beta Ltd",
        "Acme Corp or Beta Ltd",
        "Acme Corp; Beta Ltd",
        "Acme Corp, Beta Works",
        "Acme Corp, any subsidiary of it",
        "Acme Corp and any of its affiliates",
        "Acme Corp (also known as Beta)",
        "companies listed by the Department",
        "entities on another list",
    ],
)
def test_what_is_not_the_name_of_one_party_is_rejected_with_its_place(tmp_path: Path, names: str) -> None:
    file = changed(EXCERPT, tmp_path / "a.csv", ("produced by Example Technologies Company", f"produced by {names}"))
    found, reading = read_files("us_fcc_covered_list", file)
    assert dict(reading.reasons) == {"not one name": 1}
    assert reading.rejected[0].origin is not None
    assert reading.rejected[0].origin.line == 2
    assert not any("Acme" in row.caption for row in of(Entity, found))
    assert [row.is_complete for row in of(Edition, found)] == [False]


def test_another_header_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="covered_equipment"):
        read_files("us_fcc_covered_list", changed(EXCERPT, tmp_path / "a.csv", ("date_of", "day_of")))


@pytest.mark.parametrize(
    ("name", "entries", "parties"), [("covered-list.2026-05-21.csv", 13, 16), ("covered-list.csv", 16, 19)]
)
def test_both_real_copies_are_read(shared: Callable[[str], Path], name: str, entries: int, parties: int) -> None:
    path = shared(f"data/lists/us-fcc-covered/{name}")
    found, reading = read_files("us_fcc_covered_list", path)
    assert (reading.read, reading.rejects, reading.notes) == (len(cells(path)), 0, []) == (entries, 0, [])
    assert len(of(Entry, found)) == len(of(Designation, found)) == parties
    assert [row.is_complete for row in of(Edition, found)] == [True]


def test_entries_of_the_real_list_checked_by_hand(shared: Callable[[str], Path]) -> None:
    found, _ = read_files("us_fcc_covered_list", shared("data/lists/us-fcc-covered/covered-list.csv"))
    days = {(row.listed_as, row.category): row.valid_from for row in of(Designation, found)}
    assert days["China Telecom (Americas) Corp.", None] == date(2022, 3, 25)
    assert days["ComNet (USA) LLC", None] == date(2022, 9, 20)
    assert days["Kaspersky Lab, Inc.", None] == date(2024, 7, 23)
    assert days["Routers produced in a foreign country", "consumer-router"] == date(2026, 3, 23)
    assert days["Advanced robotic devices produced in a foreign country", "advanced-robotic-device"] == date(
        2026, 7, 28
    )
