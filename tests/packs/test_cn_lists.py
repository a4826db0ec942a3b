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
from beholden.schema.rows import Designation, EffectRow, Entity, Name, Regime, SourceRow
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Shared = Callable[[str], Path]

LISTS = ("cn-afsl", "cn-ecl", "cn-ecwl", "cn-uel")
# How the transcription calls the lists of the Ministry of Commerce.
LIST_OF = {
    "UEL": "cn-uel",
    "List of Export Controls": "cn-ecl",
    "Export Control Watch List": "cn-ecwl",
    "List of Targets of Countermeasures": "cn-afsl",
}
# Two notices that only the press copies have.
NOT_TRANSCRIBED = {"cn-uel-2025-01-02", "cn-uel-2025-01-14"}


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


@pytest.fixture
def transcribed(packs: list[PackRow], shared: Shared) -> list[tuple[str, date, dict[str, str]]]:
    """List, day and row of each company and organisation of the notices that our copy covers.

    All of the Ministry of Commerce; of the Ministry of Foreign Affairs those from pages that we cite, since some
    decisions were published twice.
    """
    cited = {item.row.url for item in packs if isinstance(item.row, SourceRow)}
    raw = gzip.decompress(shared("data/lists/cn/cn-sanctions.csv.gz").read_bytes()).decode("utf-8")
    found = []
    for row in csv.DictReader(io.StringIO(raw)):
        if row["Type"] == "Person":
            continue
        if row["Body"] == "Ministry of Commerce":
            found.append((LIST_OF[row["List"]], day_of(row["Date"]), row))
        elif row["Body"] == "Ministry of Foreign Affairs" and row["Source URL"] in cited:
            found.append(("cn-afsl", day_of(row["Date"]), row))
    return found


def test_entries_per_notice(entries: list[Designation]) -> None:
    assert Counter(row.notice for row in entries) == {
        "cn-mofcom-2025-1": 28,
        "cn-mofcom-2025-13": 15,
        "cn-mofcom-2025-21": 16,
        "cn-mofcom-2025-22": 12,
        "cn-mofcom-2025-07-09": 8,
        "cn-mofcom-2025-51": 3,
        "cn-mofcom-2026-11": 20,
        "cn-mofcom-2026-04-24": 7,
        "cn-mofcom-2026-06-22": 10,
        "cn-mofcom-2026-06-29-control": 20,
        "cn-mofcom-2026-07-24": 14,
        "cn-mofcom-2026-12": 20,
        "cn-mofcom-2026-06-29-watch": 20,
        "cn-uel-2023-1": 2,
        "cn-uel-2024-1": 2,
        "cn-uel-2024-05-20": 1,
        "cn-uel-2025-01-02": 10,
        "cn-uel-2025-01-14": 7,
        "cn-uel-2025-02-04": 2,
        "cn-uel-2025-5": 10,
        "cn-uel-2025-7": 11,
        "cn-uel-2025-8": 6,
        "cn-uel-2025-09-25": 3,
        "cn-uel-2025-10-09": 23,
        "cn-mfa-2021-07-23": 1,
        "cn-mfa-2023-04-07": 2,
        "cn-mfa-2023-09-15": 2,
        "cn-mfa-2023-12-26": 1,
        "cn-mfa-2024-01-07": 5,
        "cn-mfa-2024-04-11": 2,
        "cn-mfa-2024-05-22": 12,
        "cn-mfa-2024-06-21": 3,
        "cn-mfa-2024-07-12": 6,
        "cn-mfa-2024-09-18": 9,
        "cn-mfa-2024-10-10": 3,
        "cn-mfa-2024-12-05": 13,
        "cn-mfa-2024-12-21": 2,
        "cn-mfa-2024-12-27": 7,
        "cn-mofcom-order-2025-5": 2,
        "cn-mofcom-order-2025-6": 5,
        "cn-mfa-2025-12-26": 20,
        "cn-mofcom-2026-08-05-six": 6,
        "cn-mofcom-2026-08-05-testing": 1,
    }


def test_every_transcribed_entry_is_in_the_packs_with_its_day_and_nothing_else(
    entries: list[Designation], transcribed: list[tuple[str, date, dict[str, str]]]
) -> None:
    wanted = {(regime, row["Name"].strip(), day) for regime, day, row in transcribed}
    held = [(row.regime_id, row.listed_as, row.valid_from) for row in entries if row.notice not in NOT_TRANSCRIBED]
    assert set(held) == wanted
    assert len(held) == len(wanted)


def test_every_transcribed_name_is_a_name_of_its_party(
    packs: list[PackRow], entries: list[Designation], transcribed: list[tuple[str, date, dict[str, str]]]
) -> None:
    names = {(item.row.entity_id, normalise(item.row.name)) for item in packs if isinstance(item.row, Name)}
    names |= {(item.row.id, normalise(item.row.caption)) for item in packs if isinstance(item.row, Entity)}
    parties = {(row.regime_id, row.listed_as, row.valid_from): str(row.entity_id) for row in entries}
    for regime, day, row in transcribed:
        party = parties[regime, row["Name"].strip(), day]
        for name in filter(None, (row["Name"], row["Chinese name"])):
            assert (party, normalise(name)) in names


def test_the_end_that_the_transcription_gives_is_the_end_of_the_entry(
    entries: list[Designation], transcribed: list[tuple[str, date, dict[str, str]]]
) -> None:
    ends = {(regime, row["Name"], day_of(row["End date"])) for regime, _, row in transcribed if row["End date"]}
    assert {(row.regime_id, row.listed_as, row.valid_to) for row in entries if row.valid_to} == ends


def test_one_chinese_name_is_one_party(packs: list[PackRow]) -> None:
    holders: dict[str, set[str]] = {}
    for item in packs:
        if isinstance(item.row, Name) and item.row.lang == "zh":
            holders.setdefault(normalise(item.row.name), set()).add(item.row.entity_id)
    assert {name: parties for name, parties in holders.items() if len(parties) > 1} == {}


def test_the_notices_that_the_transcription_lacks_name_parties_of_other_notices_and_are_graded_lower(
    entries: list[Designation],
) -> None:
    rows = [row for row in entries if row.notice in NOT_TRANSCRIBED]
    others = {row.entity_id for row in entries if row.notice not in NOT_TRANSCRIBED}
    assert {row.entity_id for row in rows} <= others
    assert {row.grade for row in rows} == {"B"}


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
