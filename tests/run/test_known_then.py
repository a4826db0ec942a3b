"""Results that use only what was public by a day tell nothing of a later one: names, gazettes, ends, notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.builders import (
    core_kb,
    day,
    findings,
    make_asset,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entity,
    make_entry,
    make_name,
    make_observation,
    make_ownership,
    make_ownership_rule,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.claims import ClaimsOnFile
from beholden.policy.timeline import timeline_of
from beholden.report.dossier import render_base_info, render_dossier
from beholden.run.base_info import base_info
from beholden.run.describe import cited_sources
from beholden.run.dossier import show
from beholden.schema.dossier import Dossier
from beholden.schema.result import Finding
from beholden.schema.rows import Row, SourceRow

ISO = re.compile(r"20\d\d-\d\d-\d\d")
PRINTED = "Section 1260H list of 2026-06-08, 91 FR 35189 (2026-06-10)"
RELEASED = "Section 1260H list of 2026-06-08"


def dossier(kb: KnowledgeBase, party: str, as_of: str, known_at: str | None = None) -> Dossier:
    return show(kb, party, as_of=day(as_of), known_at=day(known_at) if known_at else None)


def texts(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from texts(value, path)
    elif isinstance(node, str):
        yield path, node


# Dates that a text public by then gives ahead, and names of our copies.
AHEAD = re.compile(r"\.consequences\.(applies_from|until|title|citation)|\.timeline\.until|\.source|^\.kb")


@pytest.mark.parametrize("known_at", ["2024-06-01", "2025-06-01", "2026-06-09", "2026-07-04"])
@pytest.mark.parametrize("party", ["alibaba", "hesai", "ymtc", "amec", "mgi", "dji", "huawei", "tplink-us"])
def test_a_dossier_of_then_has_no_date_of_later(party: str, known_at: str) -> None:
    document = json.loads(msgspec.json.encode(dossier(core_kb(), party, known_at, known_at)))
    late = [
        (path, text)
        for path, text in texts(document)
        if not AHEAD.search(path) and any(found > known_at for found in ISO.findall(text))
    ]
    assert late == []


@pytest.mark.parametrize(("known_at", "cited"), [("2026-06-09", RELEASED), ("2026-06-10", PRINTED), (None, PRINTED)])
def test_the_gazette_is_cited_once_it_was_printed(known_at: str | None, cited: str) -> None:
    found = dossier(core_kb(), "alibaba", known_at or "2026-06-11", known_at)
    row = next(row for row in found.listings if row.regime == "us-dod-1260h")
    assert (row.listing_status, row.citation, row.entries[-1].citation) == ("listed", cited, cited)
    assert cited in render_dossier(found)
    assert ("35189" in render_dossier(found)) == (cited == PRINTED)


@pytest.mark.parametrize(("known_at", "cited"), [("2026-06-09", RELEASED), ("2026-06-10", PRINTED), (None, PRINTED)])
def test_a_finding_and_its_path_cite_the_gazette_once_it_was_printed(known_at: str | None, cited: str) -> None:
    paid = make_payment("Alibaba Group Holding Limited", "2026-06-09")
    found = findings(core_kb(), paid, as_of="2026-06-11", known_at=known_at)
    finding = next(item for item in found if item.listing and item.listing.regime == "us-dod-1260h")
    assert finding.listing is not None
    assert finding.listing.citation == cited
    assert finding.path[-1].note == cited
    assert (b"35189" in msgspec.json.encode(finding)) == (cited == PRINTED)


def listed_kb(*rows: Row, **entry: Any) -> KnowledgeBase:
    return tiny_kb(
        make_entity("acme", "Acme Networks Ltd.", note="They sued in 2026."),
        make_asset("acme", "purl", "pkg:npm/acme-sdk", "code_dependency"),
        make_regime(),
        make_designation("acme", "2020-01-01", **entry),
        make_consequence(),
        *rows,
    )


def finding_of(kb: KnowledgeBase, as_of: str, known_at: str | None) -> Finding:
    row = make_observation("purl", "pkg:npm/acme-sdk", "code_dependency")
    (found,) = findings(kb, row, as_of=as_of, known_at=known_at)
    return found


def test_an_end_of_a_listing_is_in_no_path_before_it_was_public() -> None:
    kb = listed_kb(until="2026-05-01", end_published_at=day("2026-05-03"))
    assert finding_of(kb, "2026-04-01", "2026-05-02").path[-1].valid_to is None
    assert finding_of(kb, "2026-04-01", "2026-05-03").path[-1].valid_to == "2026-05-01"
    assert finding_of(kb, "2026-04-01", None).path[-1].valid_to == "2026-05-01"


def test_notes_without_a_date_are_told_only_where_everything_is() -> None:
    kb = listed_kb(make_ownership("holder", "acme", "60", note="Sold in 2027."), note="Taken off in 2027.")
    now, then = dossier(kb, "acme", "2026-01-01"), dossier(kb, "acme", "2026-01-01", "2026-01-01")
    assert finding_of(kb, "2026-01-01", None).path[-1].note == "as “ACME”; Taken off in 2027."
    assert finding_of(kb, "2026-01-01", "2026-01-01").path[-1].note == "as “ACME”"
    for found, told in ((now, True), (then, False)):
        assert found.entity is not None
        assert (found.entity.note is not None) == told
        assert (found.listings[0].entries[0].note is not None) == told
        assert (found.owners[0].note is not None) == told


def test_a_stake_s_end_is_not_told_before_its_day() -> None:
    kb = listed_kb(make_ownership("holder", "acme", "60", valid_to=day("2026-06-08")))
    assert dossier(kb, "acme", "2026-01-01", "2026-01-01").owners[0].valid_to is None
    assert dossier(kb, "acme", "2026-01-01").owners[0].valid_to == "2026-06-08"


def test_names_of_later_are_not_told() -> None:
    kb = listed_kb(make_name("acme", "Acme Holding Ltd.", published_at=day("2026-01-02")))
    for known_at, told in (("2026-01-01", False), ("2026-01-02", True), (None, True)):
        found = dossier(kb, "acme", "2026-02-01", known_at)
        assert found.entity is not None
        assert ("Acme Holding Ltd." in [row.name for row in found.entity.names]) == told


def test_a_list_is_not_sourced_to_a_document_of_later() -> None:
    known = dossier(core_kb(), "hesai", "2025-06-01", "2025-06-01")
    later = dossier(core_kb(), "hesai", "2026-07-01")
    rows = [next(row for row in found.listings if row.regime == "us-dod-1260h") for found in (known, later)]
    assert "us-dod-1260h-2026-06-08" not in rows[0].sources
    assert "us-dod-1260h-2026-06-08" in rows[1].sources


def test_an_addition_between_editions_is_an_entry_of_the_dossier() -> None:
    kb = tiny_kb(
        make_entity("acme"),
        make_regime(list_kind="edition"),
        make_edition("2021-06-03", title="First list"),
        make_edition("2022-06-03", title="Second list"),
        make_entry("acme", "2022-06-03"),
        make_designation("acme", "2022-01-01", citation="1 Gaz. 2"),
    )
    entries = dossier(kb, "acme", "2023-01-01").listings[0].entries
    assert [(row.edition, row.since, row.citation) for row in entries] == [
        ("2022-06-03", None, "Second list"),
        (None, "2022-01-01", "1 Gaz. 2"),
    ]


# --- timelines ------------------------------------------------------------------------------------------------------


def told(kb: KnowledgeBase, as_of: str, known_at: str | None = None) -> list[tuple[str, str, str]]:
    return [(row.date, row.lane, row.text) for row in dossier(kb, "acme", as_of, known_at).timeline]


def test_a_delisting_is_known_from_its_release() -> None:
    kb = listed_kb(until="2026-05-01", end_published_at=day("2026-05-03"), end_reason="notice 7")
    rows = told(kb, "2026-06-01")
    assert ("2026-05-01", "happened", "No longer on US-LIST: notice 7") in rows
    assert ("2026-05-03", "known", "No longer on US-LIST: notice 7") in rows
    assert not [text for _, _, text in told(kb, "2026-06-01", "2026-05-02") if "No longer" in text]


def test_the_day_of_listing_tells_the_name_of_that_day() -> None:
    kb = tiny_kb(
        make_entity("acme"),
        make_regime(list_kind="edition"),
        make_edition("2021-06-03"),
        make_edition("2022-06-03"),
        make_entry("acme", "2021-06-03", listed_as="Old Name"),
        make_entry("acme", "2022-06-03", listed_as="New Name"),
    )
    assert ("2021-06-03", "happened", "Listed on US-LIST as “Old Name”") in told(kb, "2023-01-01")


def test_a_gazette_is_a_row_of_its_day() -> None:
    kb = listed_kb(gazette="7 Gaz. 9", gazette_on=day("2020-01-05"))
    row = ("2020-01-05", "known", "Listing on US-LIST printed in the gazette: 7 Gaz. 9")
    assert row in told(kb, "2021-01-01")
    assert row not in told(kb, "2021-01-01", "2020-01-04")


def test_a_party_s_history_has_the_effects_on_it_and_on_its_entries_and_on_nobody_else() -> None:
    kb = listed_kb(
        make_designation("other", "2020-01-01", id="others"),
        make_effect("stay", "2025-01-01", None, id="own", entity_id="acme", note="As ordered."),
        make_effect("suspension", "2025-02-01", "2025-06-01", id="entry", designation_id="us-list/acme/2020-01-01"),
        make_effect("stop", "2025-03-01", None, id="not-ours", designation_id="others"),
        make_effect("stay", "2025-04-01", None, id="not-us", entity_id="other"),
        make_effect("stop", "2025-05-01", None, "us-list", id="list-wide"),
    )
    rows = [(on, text) for on, lane, text in told(kb, "2026-01-01") if lane == "happened"]
    assert rows == [
        ("2020-01-01", "Listed on US-LIST as “ACME”"),
        ("2025-01-01", "Stayed by a court: us-rule (As ordered.)"),
        ("2025-02-01", "Suspended: us-rule"),
    ]
    known = [text for _, _, text in told(kb, "2026-01-01", "2025-01-01")]
    assert "Stayed by a court: us-rule" in known
    assert "Suspended: us-rule" not in known


def test_an_effect_on_several_entries_is_one_row_of_a_result_s_timeline() -> None:
    kb = listed_kb(
        make_asset("other", "purl", "pkg:npm/other-sdk", "code_dependency"),
        make_designation("other", "2020-01-01"),
        make_designation("third", "2020-01-01"),
        *(
            make_effect("suspension", "2025-02-01", None, id=party, designation_id=f"us-list/{party}/2020-01-01")
            for party in ("acme", "other", "third")
        ),
    )
    seen = [make_observation("purl", f"pkg:npm/{name}-sdk", "code_dependency") for name in ("acme", "other")]
    found = findings(kb, *seen, as_of="2026-01-01")
    on_file = ClaimsOnFile(kb, day("2026-01-01"), None)
    rows = timeline_of(kb, found, on_file, as_of=day("2026-01-01"), known_at=None)
    suspended = [row for row in rows if row.type == "suspension" and row.lane == "happened"]
    assert [row.entities for row in suspended] == [["acme", "other"]]
    assert suspended[0].regime == "us-list"


# --- `kb info` as text ----------------------------------------------------------------------------------------------


def test_the_rules_of_kb_info_are_a_table_with_the_next_change_and_by_text() -> None:
    text = render_base_info(base_info(core_kb(), as_of=day("2026-11-23"), known_at=day("2026-11-23")))
    assert "as of 2026-11-23 · known at 2026-11-23" in text
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    head = next(cells for cells in lines if cells[:2] == ["id", "status"])
    assert head[:6] == ["id", "status", "from", "next change", "by text", "grade"]
    rows = {cells[0]: cells for cells in lines}
    assert rows["us-bis-affiliates"][1:5] == ["unknown", "2025-09-29", "in force", "B"]
    assert rows["us-5949-a"][1:4] == ["upcoming", "2027-12-23", "B"]


@pytest.mark.parametrize(
    ("dated", "title", "is_told"),
    [
        pytest.param("2025-01-01", "Notice", True, id="of a day before"),
        pytest.param("2026-02-01", "Notice", False, id="of a day after"),
        pytest.param(None, "Notice of 2025-06-01", True, id="names a day before"),
        pytest.param(None, "Notice of 2025-06-03", False, id="names a day after"),
        pytest.param(None, "Lists of 2025", True, id="names the year"),
        pytest.param(None, "Lists of 2024 to 2026", False, id="names a later year"),
    ],
)
def test_a_source_of_a_later_day_keeps_id_publisher_and_class_only(
    dated: str | None, title: str, is_told: bool
) -> None:
    source = SourceRow(
        id="paper",
        title=title,
        publisher="A publisher",
        url="https://example.org/notice",
        date=day(dated) if dated else None,
        class_="press",
    )
    described = cited_sources(tiny_kb(source), [], ["paper"], day("2025-06-02"))["paper"]
    assert (described["publisher"], described["class"]) == ("A publisher", "press")
    assert described["title"] == (title if is_told else None)
    assert (described["url"] is not None) is is_told
    assert cited_sources(tiny_kb(source), [], ["paper"], None)["paper"]["title"] == title


def test_the_base_counts_entries_that_were_known_and_had_begun() -> None:
    kb = tiny_kb(
        make_regime(published_at=day("2020-01-01"), citation="1 Gaz. 1"),
        make_regime("us-new", published_at=day("2025-05-01"), citation="Notice of 2025-05-01", title="New list"),
        make_designation("acme", "2020-01-01"),
        make_designation("late", "2025-03-01", published_at=day("2025-02-01")),
    )

    def told(as_of: str, known_at: str | None) -> tuple[int, str, str | None, str]:
        info = base_info(kb, as_of=day(as_of), known_at=day(known_at) if known_at else None)
        new = next(row for row in info.regimes if row.id == "us-new")
        rows = {row.id: row for row in info.sources}
        return rows["us-list"].rows, new.title, new.citation, rows["us-new"].title

    assert told("2025-02-01", "2025-01-31") == (1, "us-new", None, "us-new")
    assert told("2025-02-28", "2025-02-28")[0] == 1
    assert told("2025-03-01", "2025-02-28")[0] == len(("acme", "late"))
    assert told("2025-05-01", None)[1:] == ("New list", "Notice of 2025-05-01", "New list")


def test_the_table_of_the_base_reads_by_itself() -> None:
    kb = tiny_kb(
        make_regime(title="A list of parties"),
        make_consequence(applies_from=day("2027-10-01")),
        make_ownership_rule("aggregate_50"),
    )
    text = render_base_info(base_info(kb, as_of=day("2026-07-06"), known_at=None))
    (listed,) = [line for line in text.splitlines() if line.startswith("  us-list ")]
    assert listed.endswith("A list of parties")
    assert "next change" in text
    (upcoming,) = [line for line in text.splitlines() if line.startswith("  us-rule ")]
    assert ISO.findall(upcoming) == ["2027-10-01"]
    assert "holdings of listed parties of 50 % or more, added up" in text
    assert "  aggregate_50" not in text
