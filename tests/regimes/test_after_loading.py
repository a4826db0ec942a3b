"""What the core answers once all lists of the shared folder are loaded: the same as before, or better."""

from __future__ import annotations

from datetime import date

import pytest
from tests.loaded import loaded_base
from tests.regimes.test_tables import LISTINGS, RULES, ListingRow, RuleRow, state_of

from beholden.errors import LookupFailedError
from beholden.kb.base import KnowledgeBase
from beholden.kb.listing import ListingState, listing_state
from beholden.run.lookup import entity_called
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

SDN, NSCMIC, ENTITY_LIST, FCC = "us-ofac-sdn", "us-ofac-nscmic", "us-bis-el", "us-fcc-cl"
UNKNOWN = ListingStatus.UNKNOWN
# Parties of the packs whose caption is a name of somebody else as well, and nobody knows which is meant.
SHARED_CAPTIONS = {
    "nuctech": "a brand on the list of Texas; the Entity List has it as another name of Tongfang NucTech",
    "tcl": "a brand on the list of Texas; the Entity List has it as another name of Techno-Commercial",
}


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> KnowledgeBase:
    """The base with all lists; one folder for all workers of the run."""
    from tests.conftest import SHARED, lacking

    if not (SHARED / "data").is_dir():
        lacking("needs ../shared/data, which is not beside this checkout")
    folder = tmp_path_factory.getbasetemp()
    return loaded_base(SHARED / "data", (folder if worker_id == "master" else folder.parent) / "loaded")


def standing(kb: KnowledgeBase, regime_id: str, party: str, as_of: str) -> ListingState:
    return listing_state(kb, kb.regimes[regime_id], party, as_of=date.fromisoformat(as_of), known_at=None)


def test_every_row_of_the_tables_of_listings_is_as_before_or_better(kb: KnowledgeBase) -> None:
    """A definite answer stays; what was unknown may be known now, or last known."""
    worse = []
    for case in LISTINGS:
        regime_id, row = case.values
        assert isinstance(row, ListingRow)
        state = listing_state(kb, kb.regimes[str(regime_id)], row.party, as_of=row.as_of, known_at=row.known_at)
        last = state.last_known[0] if state.last_known else None
        is_same = (state.status, last) == (row.status, row.last_known)
        is_better = row.status is UNKNOWN and (state.status is not UNKNOWN or row.last_known in (None, last))
        if not (is_same or is_better):
            worse.append((case.id, state.status, state.reason, last))
    assert worse == []


def test_every_row_of_the_tables_of_rules_is_as_before_or_better(kb: KnowledgeBase) -> None:
    worse = []
    for case in RULES:
        regime_id, row = case.values
        assert isinstance(row, RuleRow)
        state = state_of(kb, str(regime_id), row)
        if state.status != row.status and row.status is not ConsequenceStatus.UNKNOWN:
            worse.append((case.id, state.status))
    assert worse == []


@pytest.mark.parametrize(
    ("regime_id", "party", "as_of", "status", "last_known"),
    [
        # Copies of 2022-04-22, 2025-01-10 and 2025-12-19; the list prints since when a party is on it.
        pytest.param(NSCMIC, "hikvision", "2021-06-02", "unknown", None, id="cmic-before-any-copy"),
        pytest.param(NSCMIC, "hikvision", "2021-06-03", "listed", None, id="cmic-from-the-day-printed"),
        pytest.param(NSCMIC, "hikvision", "2025-12-19", "listed", None, id="cmic-on-the-last-day"),
        pytest.param(NSCMIC, "hikvision", "2025-12-20", "unknown", "listed", id="cmic-after-the-last-copy"),
        pytest.param(NSCMIC, "smic", "2023-01-01", "listed", None, id="cmic-between-copies"),
        pytest.param(NSCMIC, "huawei", "2025-12-19", "listed", None, id="cmic-joined-by-review"),
        pytest.param(NSCMIC, "alibaba", "2022-04-21", "unknown", None, id="cmic-absent-before-any-copy"),
        pytest.param(NSCMIC, "alibaba", "2022-04-22", "not_listed", None, id="cmic-absent-from-the-first-copy"),
        pytest.param(NSCMIC, "alibaba", "2025-12-19", "not_listed", None, id="cmic-absent-from-the-last-copy"),
        pytest.param(NSCMIC, "alibaba", "2025-12-20", "unknown", "not_listed", id="cmic-absent-after-the-last-copy"),
        # One copy, of 2022-04-22; the list prints since when a party is on it.
        pytest.param(ENTITY_LIST, "huawei", "2019-05-20", "unknown", None, id="el-before-the-day-printed"),
        pytest.param(ENTITY_LIST, "huawei", "2019-05-21", "listed", None, id="el-from-the-day-printed"),
        pytest.param(ENTITY_LIST, "hisilicon", "2022-04-22", "listed", None, id="el-name-with-a-district"),
        pytest.param(ENTITY_LIST, "smic", "2022-04-22", "listed", None, id="el-name-with-brackets"),
        pytest.param(ENTITY_LIST, "smic-beijing", "2022-04-22", "listed", None, id="el-subsidiary"),
        pytest.param(ENTITY_LIST, "qihoo360", "2022-04-22", "unknown", None, id="el-open-which-is-meant"),
        pytest.param(ENTITY_LIST, "ymtc", "2022-04-22", "not_listed", None, id="el-absent"),
        pytest.param(ENTITY_LIST, "huawei", "2022-04-23", "unknown", "listed", id="el-after-the-copy"),
        pytest.param(ENTITY_LIST, "ymtc", "2022-12-31", "unknown", "not_listed", id="el-absent-after-the-copy"),
        pytest.param("uk-sl", "autel", "2025-08-11", "listed", None, id="uk-joined-by-review"),
        # Entries of the packs that the copies print as well: no copy may end them.
        pytest.param(FCC, "dji", "2026-08-20", "listed", None, id="fcc-not-ended-by-a-copy"),
        pytest.param(FCC, "autel", "2026-08-20", "listed", None, id="fcc-not-ended-by-a-copy-either"),
    ],
)
def test_statuses_are_definite_inside_what_copies_cover_and_unknown_outside(
    kb: KnowledgeBase, regime_id: str, party: str, as_of: str, status: str, last_known: str | None
) -> None:
    state = standing(kb, regime_id, party, as_of)
    assert (state.status, state.last_known[0] if state.last_known else None) == (status, last_known)


def test_no_party_of_the_packs_counts_as_absent_where_an_entry_has_its_name(kb: KnowledgeBase) -> None:
    """The open ones are those that the packs say are open."""
    undecided = {row.id: kb.identities.namesakes(row.id) for row in kb.entities() if ":" not in row.id}
    assert sorted(party for party, others in undecided.items() if others) == ["cssc", "qihoo360", "robosense"]


def test_who_asks_for_the_caption_of_a_party_gets_that_party(kb: KnowledgeBase) -> None:
    wrong = {}
    for row in kb.entities():
        if ":" not in row.id:
            try:
                found = entity_called(kb, row.caption).id
            except LookupFailedError:
                found = "several"
            if found != row.id:
                wrong[row.id] = found
    assert wrong == dict.fromkeys(SHARED_CAPTIONS, "several")


@pytest.mark.parametrize(
    ("asked", "party"),
    [("BYD", "byd"), ("MGX", "mgx"), ("DJI", "dji"), ("HiSilicon", "hisilicon"), ("BABA", "alibaba"), ("ZTE", "zte")],
)
def test_a_ticker_does_not_go_before_a_name(kb: KnowledgeBase, asked: str, party: str) -> None:
    assert entity_called(kb, asked).id == party


def test_two_legal_persons_of_one_brand_stay_two(kb: KnowledgeBase) -> None:
    assert kb.canonical("tplink-us") != kb.canonical("tplink-cn")
    assert not {*kb.referents("tplink-us")} & {*kb.referents("tplink-cn")}
    with pytest.raises(LookupFailedError):
        entity_called(kb, "TP-Link")
    # Companies that carry the name of the group, in China, the Cayman Islands and Singapore, are not the group.
    assert set(kb.referents("alibaba")) == {"cik:0001577552", "us_dod_1260h:alibaba-group-holding-limited"}


@pytest.mark.parametrize(
    ("party", "as_of", "known_at", "status", "last_known"),
    [
        # On the copy of 2026-08-06, not on that of 2026-08-20.
        ("TAIPEN, S.A. DE C.V.", "2026-08-13", None, "unknown", ("listed", "2026-08-06")),
        ("TAIPEN, S.A. DE C.V.", "2026-08-13", "2026-08-19", "unknown", ("listed", "2026-08-06")),
        ("TAIPEN, S.A. DE C.V.", "2026-08-20", "2026-08-19", "unknown", ("listed", "2026-08-06")),
        ("TAIPEN, S.A. DE C.V.", "2026-08-20", None, "delisted", None),
        # The other way round.
        ("ABAN TETHER EXCHANGE", "2026-08-13", None, "unknown", None),
        ("ABAN TETHER EXCHANGE", "2026-08-20", "2026-08-19", "unknown", ("not_listed", "2026-08-06")),
        ("ABAN TETHER EXCHANGE", "2026-08-20", None, "listed", None),
        # OFAC's consolidated file prints since when it is on this list.
        ("GAZPROMBANK JOINT STOCK COMPANY", "2024-11-20", None, "not_listed", None),
        ("GAZPROMBANK JOINT STOCK COMPANY", "2025-02-01", None, "listed", None),
    ],
)
def test_the_sdn_list_between_two_copies(
    kb: KnowledgeBase, party: str, as_of: str, known_at: str | None, status: str, last_known: tuple[str, str] | None
) -> None:
    entity = entity_called(kb, party)
    known = date.fromisoformat(known_at) if known_at else None
    state = listing_state(kb, kb.regimes[SDN], entity.id, as_of=date.fromisoformat(as_of), known_at=known)
    last = (state.last_known[0], state.last_known[1].isoformat()) if state.last_known else None
    assert (state.status, last) == (status, last_known)


def test_a_party_stays_on_both_of_its_lists_of_the_consolidated_file(kb: KnowledgeBase) -> None:
    for number in ("17014", "17250", "17254"):
        party = kb.canonical(f"ofac:{number}")
        for regime_id in ("us-ofac-ssi", "us-ofac-mbs"):
            assert standing(kb, regime_id, party, "2025-12-19").status is ListingStatus.LISTED, (number, regime_id)


def test_an_order_that_ended_by_its_text_may_have_been_renewed(kb: KnowledgeBase) -> None:
    party = entity_called(kb, "KHALDOUN HEJAZI").id
    state = standing(kb, "us-bis-dpl", party, "2025-03-26")
    assert (state.status, state.reason) == (UNKNOWN, "ended_by_its_text")
    assert standing(kb, "us-bis-dpl", party, "2025-03-24").reason == "after_our_copy"
