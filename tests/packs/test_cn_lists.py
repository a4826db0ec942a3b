"""The Chinese lists that ship: every company and organisation of the named notices, and what stops or suspends them."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from beholden.compile import core_packs
from beholden.compile.packs import PackRow, read_packs
from beholden.schema.rows import Designation, EffectRow, Entity, Name, Regime
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Shared = Callable[[str], Path]

LISTS = ("cn-afsl", "cn-ecl", "cn-ecwl", "cn-uel")
# How the transcription calls them; of the countermeasures only some notices are in our copy.
LIST_OF = {
    ("Ministry of Commerce", "UEL"): "cn-uel",
    ("Ministry of Commerce", "List of Export Controls"): "cn-ecl",
    ("Ministry of Commerce", "Export Control Watch List"): "cn-ecwl",
    ("Ministry of Commerce", "List of Targets of Countermeasures"): "cn-afsl",
    ("Ministry of Foreign Affairs", "List of Targets of Countermeasures"): "cn-afsl",
}
OURS_OF_THE_MFA = date(2025, 12, 26)


@pytest.fixture(scope="module")
def packs() -> list[PackRow]:
    return read_packs(core_packs())


@pytest.fixture(scope="module")
def entries(packs: list[PackRow]) -> list[Designation]:
    return [item.row for item in packs if isinstance(item.row, Designation) and item.row.regime_id in LISTS]


def day_of(text: str) -> date:
    """A day as the transcription writes it: 04.03.2025 or 16.02.23."""
    day, month, year = (int(part) for part in text.split("."))
    return date(year if year > 99 else 2000 + year, month, day)


def transcribed(path: Path) -> list[dict[str, str]]:
    """Rows of the notices that our copy covers, natural persons left out."""
    rows = csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8")))
    return [
        row
        for row in rows
        if (row["Body"], row["List"]) in LIST_OF
        and row["Type"] != "Person"
        and (row["Body"] == "Ministry of Commerce" or day_of(row["Date"]) == OURS_OF_THE_MFA)
    ]


def test_entries_per_notice(entries: list[Designation]) -> None:
    assert Counter(row.notice for row in entries) == {
        "cn-mofcom-2025-01-02": 28,
        "cn-mofcom-2025-13": 15,
        "cn-mofcom-2025-21": 16,
        "cn-mofcom-2025-22": 12,
        "cn-mofcom-2025-07-09": 8,
        "cn-mofcom-2025-09-25": 3,
        "cn-mofcom-2026-11": 20,
        "cn-mofcom-2026-04-24": 7,
        "cn-mofcom-2026-06-22": 10,
        "cn-mofcom-2026-06-29-control": 20,
        "cn-mofcom-2026-07-24": 14,
        "cn-mofcom-2026-12": 20,
        "cn-mofcom-2026-06-29-watch": 20,
        "cn-uel-2023-02-16": 2,
        "cn-uel-2024-1": 2,
        "cn-uel-2024-05-20": 1,
        "cn-uel-2025-02-04": 2,
        "cn-uel-2025-5": 10,
        "cn-uel-2025-7": 11,
        "cn-uel-2025-8": 6,
        "cn-uel-2025-09-25": 3,
        "cn-uel-2025-10-09": 23,
        "cn-mofcom-order-2025-5": 2,
        "cn-mofcom-order-2025-6": 5,
        "cn-mfa-2025-12-26": 20,
        "cn-mofcom-2026-08-05-six": 6,
        "cn-mofcom-2026-08-05-testing": 1,
    }


def test_every_transcribed_entry_is_in_the_packs_with_its_day_and_nothing_else(
    entries: list[Designation], shared: Shared
) -> None:
    rows = transcribed(shared("data/lists/cn/cn-sanctions.csv.gz"))
    wanted = Counter((LIST_OF[row["Body"], row["List"]], row["Name"].strip(), day_of(row["Date"])) for row in rows)
    assert Counter((row.regime_id, row.listed_as, row.valid_from) for row in entries) == wanted


def test_every_transcribed_chinese_name_is_a_name_of_its_party(
    packs: list[PackRow], entries: list[Designation], shared: Shared
) -> None:
    names = {(item.row.entity_id, normalise(item.row.name)) for item in packs if isinstance(item.row, Name)}
    names |= {(item.row.id, normalise(item.row.caption)) for item in packs if isinstance(item.row, Entity)}
    parties = {(row.regime_id, row.listed_as, row.valid_from): row.entity_id for row in entries}
    for row in transcribed(shared("data/lists/cn/cn-sanctions.csv.gz")):
        party = parties[LIST_OF[row["Body"], row["List"]], row["Name"].strip(), day_of(row["Date"])]
        for name in filter(None, (row["Name"], row["Chinese name"])):
            assert (party, normalise(name)) in names


def test_one_chinese_name_is_one_party(packs: list[PackRow]) -> None:
    holders: dict[str, set[str]] = {}
    for item in packs:
        if isinstance(item.row, Name) and item.row.lang == "zh":
            holders.setdefault(normalise(item.row.name), set()).add(item.row.entity_id)
    assert {name: parties for name, parties in holders.items() if len(parties) > 1} == {}


def test_no_natural_person_is_a_party_of_these_lists(packs: list[PackRow], entries: list[Designation]) -> None:
    schemas = {item.row.id: item.row.schema for item in packs if isinstance(item.row, Entity)}
    assert {schemas[str(row.entity_id)] for row in entries} == {"Company", "Organization"}


def test_a_notice_that_was_announced_first_is_known_before_it_counts(entries: list[Designation]) -> None:
    ahead = {row.notice: (row.published_at, row.valid_from) for row in entries if row.published_at != row.valid_from}
    assert ahead == {
        "cn-mofcom-2025-22": (date(2025, 4, 9), date(2025, 4, 10)),
        "cn-uel-2025-8": (date(2025, 4, 9), date(2025, 4, 10)),
    }


def test_an_entry_without_stated_measures_asks_which_they_are(entries: list[Designation]) -> None:
    asked = {row.entity_id: row.question for row in entries if row.certainty != "confirmed"}
    assert set(asked) == {"illumina", "pvh-group"}
    assert all(question and "which measures" in question for question in asked.values())


def test_each_loaded_list_is_partial_and_says_why(packs: list[PackRow]) -> None:
    for item in packs:
        if isinstance(item.row, Regime) and item.row.id in LISTS:
            assert item.row.is_partial
            assert "unknown, not absent" in str(item.row.note)


def test_every_scheduled_end_says_whether_the_measure_comes_back_and_how_far_was_read(packs: list[PackRow]) -> None:
    effects = [item.row for item in packs if isinstance(item.row, EffectRow) and item.row.id.startswith("cn-")]
    assert len(effects) == 15
    for row in effects:
        assert row.checked_until == date(2026, 10, 10), row.id
        assert row.valid_to is None or row.reverts_automatically, row.id
