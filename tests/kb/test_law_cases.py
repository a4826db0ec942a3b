"""Truth tables from the core packs, on both clocks: the cases that sources and other data sets get wrong.

Tables per regime are in tests/regimes; here is what one rule, party or order does day by day.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import core_kb, day

from beholden.kb.law import ConsequenceState, consequence_state, ownership_rule_state
from beholden.kb.listing import ListingState, listing_state
from beholden.run.base_info import base_info

MILITARY = "us-dod-1260h"


def on_list(party: str, as_of: str, known_at: str | None = None, regime: str = MILITARY) -> ListingState:
    kb = core_kb()
    known = None if known_at is None else day(known_at)
    return listing_state(kb, kb.regimes[regime], party, as_of=day(as_of), known_at=known)


def stands(rule_id: str, party: str | None, as_of: str, known_at: str | None = None) -> ConsequenceState:
    kb = core_kb()
    rule = next(row for rows in kb.consequences.values() for row in rows if row.id == rule_id)
    entry = on_list(party, as_of, known_at, rule.regime_id).designation if party else None
    known = None if known_at is None else day(known_at)
    return consequence_state(kb, rule, designation=entry, entity_id=party, as_of=day(as_of), known_at=known)


def affiliates(as_of: str, known_at: str | None = None) -> tuple[str, str | None, str | None]:
    kb = core_kb()
    own = next(row for row in kb.ownership_rules if row.id == "us-bis-affiliates")
    known = None if known_at is None else day(known_at)
    state = ownership_rule_state(kb, own, as_of=day(as_of), known_at=known)
    return state.status, state.until.isoformat() if state.until else None, state.by_text


# --- the BIS Affiliates Rule ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "known_at", "status", "until", "by_text"),
    [
        ("2025-09-28", None, "not_in_force", "2025-09-29", None),
        ("2025-09-29", None, "in_force", "2025-11-10", None),
        ("2025-11-09", None, "in_force", "2025-11-10", None),
        ("2025-11-10", None, "suspended", "2026-11-10", None),
        ("2025-11-11", None, "suspended", "2026-11-10", None),
        ("2025-11-12", None, "suspended", "2026-11-10", None),
        ("2026-11-09", None, "suspended", "2026-11-10", None),
        ("2026-11-10", None, "unknown", None, "in_force"),
        ("2026-11-23", None, "unknown", None, "in_force"),
        # What could be said then: the suspension counts from 11-10 and was printed on 11-12.
        ("2025-09-29", "2025-09-28", "not_in_force", None, None),
        ("2025-09-29", "2025-09-29", "in_force", None, None),
        ("2025-11-09", "2025-11-09", "in_force", None, None),
        ("2025-11-10", "2025-11-10", "in_force", None, None),
        ("2025-11-11", "2025-11-11", "in_force", None, None),
        ("2025-11-11", "2025-11-12", "suspended", "2026-11-10", None),
        ("2025-11-12", "2025-11-12", "suspended", "2026-11-10", None),
        ("2026-11-10", "2025-11-11", "in_force", None, None),
        ("2026-11-09", "2025-11-12", "suspended", "2026-11-10", None),
        ("2026-11-10", "2025-11-12", "unknown", None, "in_force"),
        # Our copy was read up to 2026-10-10: to know more than that on paper does not help.
        ("2026-11-10", "2026-11-10", "unknown", None, "in_force"),
        ("2026-11-10", "2026-12-01", "unknown", None, "in_force"),
    ],
)
def test_the_affiliates_rule_day_by_day(
    as_of: str, known_at: str | None, status: str, until: str | None, by_text: str | None
) -> None:
    assert affiliates(as_of, known_at) == (status, until, by_text)


def test_every_day_of_the_affiliates_rule_is_one_of_four_spans() -> None:
    spans: list[tuple[str, str]] = []
    for offset in range((day("2027-01-31") - day("2025-09-01")).days):
        on = (day("2025-09-01") + timedelta(days=offset)).isoformat()
        status = affiliates(on)[0]
        if not spans or spans[-1][1] != status:
            spans.append((on, status))
    assert spans == [
        ("2025-09-01", "not_in_force"),
        ("2025-09-29", "in_force"),
        ("2025-11-10", "suspended"),
        ("2026-11-10", "unknown"),
    ]


# --- the 1260H list -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("party", ["ymtc", "cxmt"])
@pytest.mark.parametrize("as_of", ["2026-02-12", "2026-02-13", "2026-02-14", "2026-02-17", "2026-06-07", "2026-06-08"])
def test_a_notice_withdrawn_on_its_day_drops_nobody(party: str, as_of: str) -> None:
    assert on_list(party, as_of).status == "listed"
    assert on_list(party, as_of, as_of).status == "listed"


@pytest.mark.parametrize("party", ["alibaba", "baidu", "byd"])
@pytest.mark.parametrize("as_of", ["2026-02-13", "2026-02-17", "2026-06-07"])
def test_a_notice_withdrawn_on_its_day_adds_nobody(party: str, as_of: str) -> None:
    assert on_list(party, as_of).status == "not_listed"
    assert on_list(party, as_of, as_of).status == "not_listed"


@pytest.mark.parametrize(
    ("as_of", "status", "printed", "edition", "since"),
    [
        ("2024-01-30", "not_listed", None, None, None),
        ("2024-01-31", "listed", "Hesai Technology Co., Ltd.", "2024-01-31", "2024-01-31"),
        ("2024-10-28", "listed", "Hesai Technology Co., Ltd.", "2024-01-31", "2024-01-31"),
        ("2024-10-29", "listed", "Hesai Technology Co., Ltd.", "2024-01-31", "2024-01-31"),
        ("2024-10-30", "listed", "Hesai Technology Co., Ltd.", "2024-01-31", "2024-01-31"),
        ("2025-01-07", "listed", "Hesai Technology Co., Ltd.", "2025-01-07", "2024-01-31"),
        ("2025-12-31", "listed", "Hesai Technology Co., Ltd.", "2025-01-07", "2024-01-31"),
        ("2026-06-07", "listed", "Hesai Technology Co., Ltd.", "2025-01-07", "2024-01-31"),
        ("2026-06-08", "listed", "Hesai Group", "2026-06-08", "2024-01-31"),
    ],
)
def test_hesai_is_carried_and_renamed_and_never_off(
    as_of: str, status: str, printed: str | None, edition: str | None, since: str | None
) -> None:
    for known_at in (None, as_of):
        state = on_list("hesai", as_of, known_at)
        name = state.designation.listed_as if state.designation else None
        assert (state.status, name) == (status, printed)
        assert (state.edition, state.since) == (
            day(edition) if edition else None,
            day(since) if since else None,
        )


def test_what_a_later_edition_prints_is_not_told_of_an_earlier_day() -> None:
    now, then = on_list("hesai", "2026-06-08").designation, on_list("hesai", "2025-06-01").designation
    assert now is not None
    assert then is not None
    assert now.id == then.id
    assert now.basis
    assert then.basis is None
    assert then.source_id == "us-dod-1260h-2025-01-07"


@pytest.mark.parametrize("party", ["amec", "idg-capital"])
@pytest.mark.parametrize(
    ("as_of", "known_at", "status"),
    [
        ("2024-01-30", None, "not_listed"),
        ("2024-01-31", None, "listed"),
        ("2025-01-06", None, "listed"),
        ("2025-01-07", None, "delisted"),
        ("2026-06-08", None, "delisted"),
        ("2025-01-06", "2025-01-06", "listed"),
        ("2025-01-07", "2025-01-06", "unknown"),
        ("2025-01-07", "2025-01-07", "delisted"),
    ],
)
def test_a_party_that_the_edition_of_2025_omits_is_off_from_its_day(
    party: str, as_of: str, known_at: str | None, status: str
) -> None:
    assert on_list(party, as_of, known_at).status == status


@pytest.mark.parametrize(
    ("known_at", "status", "cited"),
    [
        ("2026-06-07", "unknown", None),
        ("2026-06-08", "listed", "Section 1260H list of 2026-06-08"),
        ("2026-06-09", "listed", "Section 1260H list of 2026-06-08"),
        ("2026-06-10", "listed", "Section 1260H list of 2026-06-08, 91 FR 35189 (2026-06-10)"),
        (None, "listed", "Section 1260H list of 2026-06-08, 91 FR 35189 (2026-06-10)"),
    ],
)
def test_the_list_was_released_two_days_before_the_gazette_printed_it(
    known_at: str | None, status: str, cited: str | None
) -> None:
    state = on_list("alibaba", "2026-06-08", known_at)
    entry = state.designation
    assert state.status == status
    assert (entry.cited(day(known_at) if known_at else None) if entry else None) == cited


# --- rules keyed to it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("party", [None, "alibaba", "hikvision", "tencent"])
@pytest.mark.parametrize(
    ("rule", "as_of", "status", "until"),
    [
        ("us-ndaa24-805-direct", "2026-06-29", "upcoming", "2026-06-30"),
        ("us-ndaa24-805-direct", "2026-06-30", "in_force", None),
        ("us-ndaa24-805-direct", "2027-06-30", "in_force", None),
        ("us-ndaa24-805-indirect", "2026-06-30", "upcoming", "2027-06-30"),
        ("us-ndaa24-805-indirect", "2027-06-29", "upcoming", "2027-06-30"),
        ("us-ndaa24-805-indirect", "2027-06-30", "in_force", None),
    ],
)
def test_one_listing_feeds_two_bans_a_year_apart(
    party: str | None, rule: str, as_of: str, status: str, until: str | None
) -> None:
    state = stands(rule, party, as_of)
    assert (state.status, state.until) == (status, day(until) if until else None)


@pytest.mark.parametrize(
    ("party", "as_of", "known_at", "status"),
    [
        ("alibaba", "2026-06-29", None, "upcoming"),
        ("alibaba", "2026-06-30", None, "in_force"),
        ("alibaba", "2026-07-04", None, "in_force"),
        ("alibaba", "2026-07-05", None, "stayed"),
        ("alibaba", "2026-08-22", None, "stayed"),
        ("alibaba", "2026-08-23", None, "unknown"),
        ("alibaba", "2026-07-05", "2026-07-04", "in_force"),
        ("alibaba", "2026-07-05", "2026-07-05", "stayed"),
        # Nobody could read the docket of the next day.
        ("alibaba", "2026-07-06", "2026-07-05", "unknown"),
        ("hikvision", "2026-07-05", None, "in_force"),
        ("baidu", "2026-07-05", None, "in_force"),
        ("byd", "2026-08-22", None, "in_force"),
        (None, "2026-07-05", None, "in_force"),
    ],
)
def test_the_order_of_2026_07_05_stays_one_rule_for_one_party(
    party: str | None, as_of: str, known_at: str | None, status: str
) -> None:
    assert stands("us-ndaa25-851-lobbying", party, as_of, known_at).status == status


@pytest.mark.parametrize("as_of", ["2026-07-04", "2026-07-05", "2026-08-22", "2026-08-23"])
def test_the_order_touches_neither_the_listing_nor_another_rule(as_of: str) -> None:
    assert on_list("alibaba", as_of).effective == "listed"
    for rule in core_kb().consequences[MILITARY]:
        if rule.id != "us-ndaa25-851-lobbying":
            assert stands(rule.id, "alibaba", as_of).status == stands(rule.id, None, as_of).status
            assert stands(rule.id, "alibaba", as_of).effect is None


# --- the Covered List -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("party", "as_of", "status", "start"),
    [
        # The first list of 2021-03-12: its sixty days end where the rule begins.
        ("huawei", "2021-05-10", "upcoming", "2021-05-11"),
        ("huawei", "2021-05-11", "in_force", "2021-05-11"),
        # Listed 2022-03-25.
        ("kaspersky", "2022-05-23", "upcoming", "2022-05-24"),
        ("kaspersky", "2022-05-24", "in_force", "2022-05-24"),
        # Listed 2025-12-22.
        ("dji", "2026-02-19", "upcoming", "2026-02-20"),
        ("dji", "2026-02-20", "in_force", "2026-02-20"),
        (None, "2026-02-19", "in_force", "2021-05-11"),
    ],
)
def test_universal_service_money_counts_sixty_days_from_each_entry(
    party: str | None, as_of: str, status: str, start: str
) -> None:
    state = stands("us-fcc-usf", party, as_of)
    assert (state.status, state.applies_from) == (status, day(start))


# --- `kb info` ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "known_at", "rule", "status", "until", "by_text"),
    [
        ("2025-10-08", None, "cn-rare-earth", "not_in_force", "2025-10-09", None),
        ("2025-11-06", None, "cn-rare-earth", "in_force", "2025-11-07", None),
        ("2025-11-06", "2025-11-06", "cn-rare-earth", "in_force", None, None),
        ("2026-11-09", None, "cn-ann61-50", "suspended", "2026-11-10", None),
        ("2026-11-10", None, "cn-rare-earth", "unknown", None, "in_force"),
        ("2026-11-10", None, "cn-ann61-50", "unknown", None, "in_force"),
        ("2026-11-10", None, "us-bis-affiliates", "unknown", None, "in_force"),
        ("2026-11-23", None, "us-889-b", "in_force", None, None),
        ("2026-11-23", None, "us-5949-a", "upcoming", "2027-12-23", None),
        ("2026-11-23", None, "us-biosecure-1260h", "unknown", None, None),
    ],
)
def test_kb_info_tells_each_rule_on_a_day(
    as_of: str, known_at: str | None, rule: str, status: str, until: str | None, by_text: str | None
) -> None:
    info = base_info(core_kb(), as_of=day(as_of), known_at=None if known_at is None else day(known_at))
    row = next(row for row in info.rules if row.id == rule)
    assert (row.status, row.until, row.by_text) == (status, until, by_text)


def test_kb_info_has_one_row_per_rule_and_none_per_list() -> None:
    kb = core_kb()
    ids = [row.id for row in base_info(kb, as_of=day("2026-11-23"), known_at=None).rules]
    keyed = {rule.id for rules in kb.consequences.values() for rule in rules}
    wanted = keyed | {rule.id for rule in kb.ownership_rules} | {r.id for r in kb.regimes.values() if r.kind == "rule"}
    assert len(ids) == len(set(ids))
    assert set(ids) == wanted


def test_kb_info_gives_no_date_of_a_rule_that_was_not_public() -> None:
    info = base_info(core_kb(), as_of=day("2026-07-01"), known_at=day("2023-01-01"))
    row = next(row for row in info.rules if row.id == "us-ndaa24-805-direct")
    assert (row.status, row.applies_from, row.until) == ("not_in_force", None, None)


# --- effects of the packs -------------------------------------------------------------------------------------------


def test_every_effect_of_the_packs_hangs_on_an_entry_that_exists_and_says_what_follows_its_end() -> None:
    kb = core_kb()
    rows = [row for effects in kb.effects.values() for row in effects]
    assert rows
    assert {row.designation_id for row in rows if row.designation_id} <= kb.ids("designations")
    assert [row.id for row in rows if row.valid_to is not None and row.reverts_automatically is None] == []
    # An end that lies ahead of us has to say how far its source was read.
    assert [row.id for row in rows if row.valid_to is not None and row.checked_until is None] == []
