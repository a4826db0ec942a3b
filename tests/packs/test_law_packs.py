"""The law packs: every list and rule of the contract, and who is on the lists that ship."""

from __future__ import annotations

import calendar
import csv
import gzip
import io
import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import pytest

from beholden.compile import core_packs
from beholden.compile.derive import derive
from beholden.compile.integrity import check
from beholden.compile.packs import PackRow, read_packs
from beholden.policy.conduct import conduct
from beholden.schema.rows import (
    Asset,
    Consequence,
    Designation,
    Edition,
    EffectRow,
    Entity,
    Entry,
    OwnershipRule,
    Regime,
    Row,
)
from beholden.schema.rule_parts import RuleException
from beholden.schema.vocabulary import Conduct, DataClass, Direction, Effect, Relation, Role
from beholden.values.names import normalise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Shared = Callable[[str], Path]

R = TypeVar("R", bound=Row)

ISO_DAY = re.compile(r"20\d\d-\d\d-\d\d")
LIST_1260H = "us-dod-1260h"
EDITIONS = (date(2021, 6, 3), date(2022, 10, 5), date(2024, 1, 31), date(2025, 1, 7), date(2026, 6, 8))
THIRD, FOURTH, FIFTH = EDITIONS[2:]
LOADED = {
    LIST_1260H, "us-889", "us-5949", "us-154", "us-fcc-cl", "us-tx", "us-icts-kl", "us-pafaca", "us-ndaa26-1532",
    "us-bis-mieu", "cn-ecl", "cn-ecwl", "cn-uel", "cn-afsl",
}  # fmt: skip
# Names in these are complete only as far as our copy goes: the absence of another party is unknown.
PARTIAL = {"us-tx", "us-pafaca", "us-ndaa26-1532", "us-bis-mieu", "cn-ecl", "cn-ecwl", "cn-uel", "cn-afsl"}
CATEGORIES = {
    "fcc-uas": "uas",
    "fcc-uas-critical-component": "uas-critical-component",
    "fcc-consumer-router": "consumer-router",
    "fcc-power-inverter": "power-inverter",
    "fcc-advanced-robotic-device": "advanced-robotic-device",
}
NAMES_NOBODY = {"us-icts-cv", "us-oisp", "eu-csa2", "cn-rare-earth", "cn-834", "cn-835", "cn-rmsv"}
TEXAS_DAY = date(2026, 1, 26)


@pytest.fixture(scope="module")
def packs() -> list[PackRow]:
    return read_packs(core_packs())


@pytest.fixture(scope="module")
def members(packs: list[PackRow]) -> dict[date, set[str]]:
    """Parties per edition of the 1260H list."""
    found: dict[date, set[str]] = {day: set() for day in EDITIONS}
    for entry in of(packs, Entry):
        found[entry.edition].add(entry.entity_id)
    return found


@pytest.fixture(scope="module")
def listed(packs: list[PackRow]) -> list[Designation]:
    """All designations, those that follow from editions included."""
    return [row for row in derive(packs)["designations"] if isinstance(row, Designation)]


def of(packs: list[PackRow], kind: type[R]) -> list[R]:
    return [item.row for item in packs if isinstance(item.row, kind)]


def transcribed(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


# --- the contract's ids ----------------------------------------------------------------------------------------------


def test_every_contract_id_has_its_row_kind_and_regime(packs: list[PackRow], shared: Shared) -> None:
    with shared("facts/ids.tsv").open(encoding="utf-8", newline="") as stream:
        wanted = {(row["id"], row["kind"], row["regime"]) for row in csv.DictReader(stream, delimiter="\t")}
    typed = {(row.id, row.kind, row.id) for row in of(packs, Regime)}
    typed |= {(row.id, "consequence", row.regime_id) for row in of(packs, Consequence)}
    typed |= {(row.id, "ownership_rule", row.regime_id) for row in of(packs, OwnershipRule)}
    assert typed == wanted


def test_rows_of_all_packs_fit_together(packs: list[PackRow]) -> None:
    check(packs)


def test_only_lists_with_reviewed_membership_are_loaded(packs: list[PackRow]) -> None:
    lists = [row for row in of(packs, Regime) if row.kind == "list"]
    assert {row.id for row in lists if row.loaded} == LOADED
    assert {(row.covered_from, row.checked_until) for row in lists if row.loaded} == {(None, date(2026, 8, 22))}
    assert {row.id for row in lists if row.loaded and row.is_partial} == PARTIAL


def test_lists_and_rules_that_name_nobody_say_so(packs: list[PackRow]) -> None:
    assert {row.id for row in of(packs, Regime) if not row.names_party} == NAMES_NOBODY


def test_a_list_that_is_not_loaded_has_no_designations(packs: list[PackRow], listed: list[Designation]) -> None:
    assert {row.regime_id for row in listed} == LOADED


# --- consequences ----------------------------------------------------------------------------------------------------


def test_every_consequence_says_whom_it_binds_and_what_it_touches(packs: list[PackRow]) -> None:
    for row in of(packs, Consequence):
        assert row.binds, row.id
        assert row.conduct, row.id
        assert set(row.binds) <= set(Role), row.id
        assert set(row.conduct) <= set(Conduct), row.id
        assert row.effect in set(Effect), row.id
        assert row.citation, row.id


def exceptions_of(packs: list[PackRow]) -> list[tuple[Consequence, RuleException]]:
    return [(row, item) for row in of(packs, Consequence) for item in row.exceptions]


def test_every_exception_that_asks_has_a_question_and_relations(packs: list[PackRow]) -> None:
    asked = [(row.id, item) for row, item in exceptions_of(packs) if item.effect != "note"]
    assert {item.effect for _, item in exceptions_of(packs)} == {"ask", "presume", "note"}
    for where, item in asked:
        assert item.question is not None, where
        assert item.question.endswith("?"), where
        assert item.applies_to, where
        assert set(item.applies_to) <= set(Relation), where


def test_no_exception_comes_up_for_a_relation_that_its_rule_does_not_touch(packs: list[PackRow]) -> None:
    both = frozenset({Direction.IN, Direction.OUT})
    for row, item in exceptions_of(packs):
        for name in item.applies_to:
            relation = Relation(name)
            # What a holding of securities amounts to depends on what was done with it.
            is_equity = relation is Relation.EQUITY
            touched = set(row.conduct) if is_equity else conduct(relation, both, None, has_traffic=True)
            assert touched & set(row.conduct), f"{row.id}/{item.id}: {name}"


def test_exceptions_for_some_parties_name_parties_of_the_list(packs: list[PackRow], listed: list[Designation]) -> None:
    on = {(row.regime_id, row.entity_id) for row in listed}
    for row, item in exceptions_of(packs):
        for party in item.parties:
            assert (row.regime_id, party) in on, f"{row.id}/{item.id}: {party}"


def test_exceptions_of_one_rule_have_their_own_ids(packs: list[PackRow]) -> None:
    for row in of(packs, Consequence):
        ids = [item.id for item in row.exceptions]
        assert len(ids) == len(set(ids)), row.id


def test_a_camera_or_router_in_use_leaves_nothing_open_under_section_889(packs: list[PackRow]) -> None:
    row = next(row for row in of(packs, Consequence) if row.id == "us-889-b")
    for relation in (Relation.HARDWARE, Relation.OEM_OF, Relation.FIRMWARE_CLOUD):
        effects = {item.effect for item in row.exceptions if relation in item.applies_to}
        assert effects == {"presume"}, relation
    assert [item.id for item in row.exceptions if Relation.SERVICE_ENDPOINT in item.applies_to and item.effect == "ask"]


@pytest.mark.parametrize(
    ("consequence_id", "before"),
    [
        ("us-ndaa24-805-direct", date(2026, 6, 30)),
        ("us-ndaa24-805-indirect", date(2027, 6, 30)),
        ("us-5949-b", date(2027, 12, 23)),
        ("us-icts-kl-new", date(2024, 7, 20)),
    ],
)
def test_a_contract_of_unknown_date_is_asked_about(packs: list[PackRow], consequence_id: str, before: date) -> None:
    items = [item for row, item in exceptions_of(packs) if row.id == consequence_id and item.concluded_before]
    assert [(item.effect, item.concluded_before) for item in items] == [("ask", before)]


def test_data_flows_are_asked_about_by_the_thresholds_of_the_regulation(packs: list[PackRow]) -> None:
    bulk = {
        "human_genomic": 100,
        "human_omic": 1000,
        "biometric": 1000,
        "precise_geolocation": 1000,
        "personal_health": 10_000,
        "personal_financial": 10_000,
        "personal_identifiers": 100_000,
        "government_related": 0,
    }
    shown = {
        (row.id, item.id): (item.agreements, item.data_classes)
        for row, item in exceptions_of(packs)
        if item.agreements or item.data_classes
    }
    omic = {name: bulk[name] for name in ("human_genomic", "human_omic")}
    assert shown == {
        ("us-dsp-prohibited", "neither-brokerage-nor-omic"): (["data_brokerage"], omic),
        ("us-dsp-prohibited", "below-bulk"): ([], bulk),
        ("us-dsp-restricted", "other-agreement"): (["vendor", "employment", "investment"], {}),
        ("us-dsp-restricted", "below-bulk"): ([], bulk),
    }
    assert set(bulk) | {"other"} == set(DataClass)


def test_a_place_counts_only_where_the_text_that_uses_it_is_quoted(packs: list[PackRow]) -> None:
    rules = [row for row in of(packs, OwnershipRule) if row.places]
    assert [(row.id, row.places) for row in rules] == [
        ("us-dsp-covered-person", ["cn", "hk", "mo", "ru", "ir", "kp", "cu", "ve"])
    ]
    assert rules[0].places_text is not None
    assert rules[0].places_text.startswith('"')
    for row in of(packs, Designation):
        assert (row.produced_in == []) == (row.category is None), row.id
        if row.category is not None:
            assert row.note is not None, row.id
            assert row.note.startswith('Text: "'), row.id


def test_the_affiliates_rule_adds_up_over_lists_that_exist(packs: list[PackRow]) -> None:
    known = {row.id for row in of(packs, Regime)}
    rule = next(row for row in of(packs, OwnershipRule) if row.id == "us-bis-affiliates")
    lists = [name.partition(":") for name in rule.lists]
    assert {name for name, _, _ in lists} <= known
    assert len({programme for name, _, programme in lists if name == "us-ofac-sdn"}) == 14


def test_an_entry_counts_for_universal_service_money_sixty_days_later(packs: list[PackRow]) -> None:
    row = next(row for row in of(packs, Consequence) if row.id == "us-fcc-usf")
    first = date(2021, 3, 12)
    assert row.entry_delay_days == 60
    assert row.applies_from == first + timedelta(days=60)


@pytest.mark.parametrize(
    ("consequence_id", "applies_from", "role"),
    [
        ("us-889-a", date(2019, 8, 13), Role.US_FEDERAL_AGENCY),
        ("us-889-b", date(2020, 8, 13), Role.US_FEDERAL_CONTRACTOR),
        ("us-889-grants", date(2020, 8, 13), Role.US_FEDERAL_GRANTEE),
        ("us-ndaa24-805-direct", date(2026, 6, 30), Role.US_FEDERAL_AGENCY),
        ("us-ndaa24-805-indirect", date(2027, 6, 30), Role.US_FEDERAL_AGENCY),
        ("us-154-batteries", date(2027, 10, 1), Role.US_FEDERAL_AGENCY),
        ("us-5949-a", date(2027, 12, 23), Role.US_FEDERAL_AGENCY),
        ("us-dsp-prohibited", date(2025, 4, 8), Role.US_PERSON),
        ("us-icts-kl-new", date(2024, 7, 20), Role.US_PERSON),
        ("us-icts-kl-updates", date(2024, 9, 29), Role.US_PERSON),
        ("us-pafaca-distribution", date(2025, 1, 19), Role.US_APP_STORE_OR_HOST),
        ("us-uflpa-presumption", date(2022, 6, 21), Role.US_IMPORTER),
        ("cn-mof-proc-ban", date(2026, 6, 22), Role.CN_GOVERNMENT_PURCHASER),
    ],
)
def test_obligations_start_on_their_own_dates(
    packs: list[PackRow], consequence_id: str, applies_from: date, role: Role
) -> None:
    row = next(row for row in of(packs, Consequence) if row.id == consequence_id)
    assert row.applies_from == applies_from
    assert role in row.binds


def test_section_889_contractors_report_within_one_business_day(packs: list[PackRow]) -> None:
    row = next(row for row in of(packs, Consequence) if row.id == "us-889-b")
    assert [(duty.days, duty.calendar) for duty in row.duties] == [(1, "business")]


def test_the_affiliates_rule_is_suspended_for_a_half_open_year(packs: list[PackRow]) -> None:
    rule = next(row for row in of(packs, OwnershipRule) if row.id == "us-bis-affiliates")
    suspension = next(row for row in of(packs, EffectRow) if row.target_id == "us-bis-affiliates")
    assert (rule.valid_from, rule.foreign_only) == (date(2025, 9, 29), True)
    assert (suspension.valid_from, suspension.valid_to) == (date(2025, 11, 10), date(2026, 11, 10))
    assert suspension.checked_until == date(2026, 10, 10)
    assert suspension.reverts_automatically


def test_the_stay_switches_off_one_consequence_for_one_party(packs: list[PackRow]) -> None:
    stays = [row for row in of(packs, EffectRow) if row.kind == "stay"]
    assert [(row.target_id, row.entity_id, row.valid_from, row.valid_to) for row in stays] == [
        ("us-ndaa25-851-lobbying", "alibaba", date(2026, 7, 5), None)
    ]
    assert stays[0].end_event


# --- section 1260H ---------------------------------------------------------------------------------------------------


def test_names_per_edition(packs: list[PackRow]) -> None:
    assert Counter(row.edition for row in of(packs, Entry)) == dict(zip(EDITIONS, (47, 60, 73, 134, 188), strict=True))


def test_every_edition_restates_the_list(packs: list[PackRow]) -> None:
    assert [(row.date, row.is_complete) for row in of(packs, Edition)] == [(day, True) for day in EDITIONS]


def test_printed_names_are_those_of_the_transcription(packs: list[PackRow], shared: Shared) -> None:
    def plain(name: str) -> str:
        return normalise(re.sub(r"\s*\((?!Limited)[^()]*\)[.*]*$", "", name))

    rows = transcribed(shared("data/lists/us-1260h/section-1260h.csv.gz"))
    printed = {(row.edition.isoformat(), normalise(row.listed_as)) for row in of(packs, Entry) if not row.is_carried}
    assert printed == {(row["Start date"], plain(row["Clean Name"])) for row in rows}


def test_memory_makers_were_never_dropped(members: dict[date, set[str]]) -> None:
    for party in ("ymtc", "cxmt"):
        assert party in members[FOURTH]
        assert party in members[FIFTH]


def test_hesai_is_carried_through_the_edition_that_leaves_it_out(packs: list[PackRow]) -> None:
    rows = {row.edition: row.is_carried for row in of(packs, Entry) if row.entity_id == "hesai"}
    assert rows == {THIRD: False, FOURTH: True, FIFTH: False}


def test_carried_names_are_only_the_earlier_additions_and_hesai(packs: list[PackRow]) -> None:
    carried = Counter(row.edition for row in of(packs, Entry) if row.is_carried)
    assert carried == {EDITIONS[1]: 47, THIRD: 57, FOURTH: 1}


@pytest.mark.parametrize(
    ("edition", "dropped"),
    [
        (THIRD, {"ciecc", "fujian-torch-electron", "smic-hong-kong"}),
        (
            FOURTH,
            {
                "amec",
                "china-marine-information-electronics",
                "china-state-construction-group",
                "cnooc-limited",
                "crcc",
                "idg-capital",
                "megvii",
                "shenzhen-consys",
            },
        ),
        (
            FIFTH,
            {
                "anhui-sun-create-electronics",
                "china-international-information-services",
                "china-national-chemical-engineering-co",
                "china-traffic-construction-usa",
                "cnooc-china",
                "cnooc-international-trading",
                "cosco-shipping-finance",
                "costar-group",
                "glarun-technology",
                "taiji-computer",
            },
        ),
    ],
    ids=["2024", "2025", "2026"],
)
def test_parties_dropped_by_omission(members: dict[date, set[str]], edition: date, dropped: set[str]) -> None:
    before = EDITIONS[EDITIONS.index(edition) - 1]
    assert members[before] - members[edition] == dropped


def test_new_parties_of_the_2026_edition(members: dict[date, set[str]]) -> None:
    added = members[FIFTH] - members[FOURTH]
    assert len(added) == 65
    assert {"alibaba", "baidu", "byd", "nio", "boe", "unitree", "tplink-cn", "wuxi", "autel-intelligent"} <= added
    assert "tplink-us" not in added


def test_a_changed_printed_name_keeps_its_party(packs: list[PackRow]) -> None:
    names = {(row.edition, row.listed_as) for row in of(packs, Entry) if row.entity_id == "dji"}
    assert (FOURTH, "Shenzhen DJI Innovation Technology Co., Ltd.") in names
    assert (FIFTH, "Shenzhen DJI Technology Co., Ltd.") in names


def test_no_party_returns_after_an_edition_without_it(members: dict[date, set[str]]) -> None:
    for party in set().union(*members.values()):
        present = [party in members[day] for day in EDITIONS]
        assert sum(a and not b for a, b in pairwise(present)) + present[-1] == 1, party


def test_alibaba_is_listed_from_the_release_of_the_edition(listed: list[Designation]) -> None:
    rows = [row for row in listed if row.regime_id == LIST_1260H and row.entity_id == "alibaba"]
    assert [(row.valid_from, row.valid_to, row.published_at) for row in rows] == [(FIFTH, None, FIFTH)]
    assert rows[0].basis is not None
    assert rows[0].basis.startswith("Issuer states: ")


# --- statutes, FCC and Texas -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regime_id", "file", "day"),
    [
        ("us-889", "data/lists/us-ndaa/section_889.csv", date(2018, 8, 13)),
        ("us-5949", "data/lists/us-ndaa/section_5949.csv", date(2022, 12, 23)),
        ("us-154", "data/lists/us-ndaa/section_154.csv", date(2023, 12, 22)),
    ],
)
def test_statutes_name_whom_their_transcription_names(
    listed: list[Designation], shared: Shared, regime_id: str, file: str, day: date
) -> None:
    rows = [row for row in listed if row.regime_id == regime_id]
    assert {row.listed_as for row in rows} == {row["name"] for row in transcribed(shared(file))}
    assert {(row.valid_from, row.valid_to) for row in rows} == {(day, None)}


def test_covered_list_entries_have_the_dates_of_the_transcription(listed: list[Designation], shared: Shared) -> None:
    months = list(calendar.month_name)
    days = []
    for row in transcribed(shared("data/lists/us-fcc-covered/covered-list.csv")):
        # Later changes follow the first date without a space: "December 22, 2025Updated:…".
        found = re.match(r"(\w+) (\d+), (\d{4})", row["date_of_inclusion_on_covered_list"])
        assert found is not None
        days.append(date(int(found[3]), months.index(found[1]), int(found[2])))
    entries = {(row.id.split("/")[1], row.valid_from) for row in listed if row.regime_id == "us-fcc-cl"}
    assert [day for _, day in sorted(entries, key=lambda entry: entry[0])] == days
    assert len(days) == 16


def test_category_entries_stand_for_things_and_ask_for_the_missing_facts(
    packs: list[PackRow], listed: list[Designation]
) -> None:
    rows = [row for row in listed if row.category]
    assert {row.entity_id: row.category for row in rows} == CATEGORIES
    kinds = {row.id: row.schema for row in of(packs, Entity)}
    assets = {(row.entity_id, row.value, row.relation) for row in of(packs, Asset) if row.kind == "category"}
    assert assets == {(entity, category, "hardware") for entity, category in CATEGORIES.items()}
    for row in rows:
        assert row.entity_id is not None
        assert kinds[row.entity_id] == "Asset"
        assert row.produced_in == ["foreign"]
        assert row.question is not None
        assert "conditional" in row.question
        assert "produced" in row.question


def test_military_intelligence_end_users_are_those_of_the_transcription(
    packs: list[PackRow], listed: list[Designation], shared: Shared
) -> None:
    rows = [row for row in listed if row.regime_id == "us-bis-mieu"]
    wanted = {(row["Name"], row["Date"]) for row in transcribed(shared("data/lists/us-bis/mieu.csv"))}
    assert {(row.listed_as, row.valid_from.isoformat()) for row in rows if row.valid_from} == wanted
    kinds = {row.id: row.schema for row in of(packs, Entity)}
    assert {kinds[row.entity_id] for row in rows if row.entity_id} == {"PublicBody"}


def test_statutes_that_print_a_brand_ask_which_company_it_means(listed: list[Designation]) -> None:
    for regime_id in ("us-pafaca", "us-icts-kl", "us-ndaa26-1532"):
        rows = [row for row in listed if row.regime_id == regime_id]
        assert rows
        assert all((row.certainty == "probable") == (row.question is not None) for row in rows)


def test_texas_added_26_brands_on_one_day(listed: list[Designation]) -> None:
    added = {row.listed_as for row in listed if row.regime_id == "us-tx" and row.valid_from == TEXAS_DAY}
    assert len(added) == 26
    assert {"Alibaba", "Baidu", "TP-Link", "Zhipu", "iFlytek", "PDD (Temu)"} <= added


def test_alibaba_is_on_the_texas_list_from_its_day(listed: list[Designation]) -> None:
    rows = [row for row in listed if row.regime_id == "us-tx" and row.entity_id == "alibaba"]
    assert [(row.valid_from, row.certainty) for row in rows] == [(TEXAS_DAY, "confirmed")]


def test_a_brand_of_two_parties_is_probable_for_each_and_asks_which(listed: list[Designation]) -> None:
    rows = [row for row in listed if row.regime_id == "us-tx" and row.listed_as == "TP-Link"]
    assert {row.entity_id for row in rows} == {"tplink-cn", "tplink-us"}
    assert {row.certainty for row in rows} == {"probable"}
    assert all(
        (row.certainty == "probable") == (row.question is not None) for row in listed if row.regime_id == "us-tx"
    )


def test_no_exception_cites_a_document_of_a_day_after_it_became_public(packs: list[PackRow]) -> None:
    late = [
        (rule.id, item.id, cited)
        for rule in of(packs, Consequence)
        for item in rule.exceptions
        for cited in ISO_DAY.findall(item.citation or "")
        if cited > str(max(filter(None, (item.published_at, rule.published_at))))
    ]
    assert late == []
