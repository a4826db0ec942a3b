"""What a list and a rule said at a date: every status, half-open edges, both clocks, and where our copy ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    LIST,
    day,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entity,
    make_entry,
    make_event,
    make_name,
    make_ownership_rule,
    make_regime,
    tiny_kb,
)

from beholden.compile.derive import name_of
from beholden.kb.base import KnowledgeBase
from beholden.kb.law import ConsequenceState, consequence_state, ownership_rule_state
from beholden.kb.layer import Layer
from beholden.kb.listing import ListingState, as_printed, edition_in_force, listing_state
from beholden.schema.rows import Resolution, Row


def listing(kb: KnowledgeBase, as_of: str, known_at: str | None = None, party: str = "acme") -> ListingState:
    known = None if known_at is None else day(known_at)
    return listing_state(kb, kb.regimes[LIST], party, as_of=day(as_of), known_at=known)


def rule(kb: KnowledgeBase, as_of: str, known_at: str | None = None, party: str | None = "acme") -> ConsequenceState:
    known = None if known_at is None else day(known_at)
    entry = next(iter(kb.designations(party)), None) if party else None
    (consequence,) = kb.consequences[LIST]
    return consequence_state(kb, consequence, designation=entry, entity_id=party, as_of=day(as_of), known_at=known)


def rule_of(*rows: Row, **changes: Any) -> KnowledgeBase:
    """A base with one list, one listed party and one rule."""
    return tiny_kb(make_regime(), make_designation("acme", "2020-01-01"), make_consequence(**changes), *rows)


# --- listings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        pytest.param("2019-12-31", "not_listed", id="the day before it takes effect"),
        pytest.param("2020-01-01", "listed", id="the day it takes effect"),
        pytest.param("2020-12-31", "listed", id="the day before it ends"),
        pytest.param("2021-01-01", "delisted", id="the day it ends"),
        pytest.param("2030-01-01", "delisted", id="ever after"),
    ],
)
def test_a_listing_holds_from_its_first_day_up_to_but_not_on_its_end(as_of: str, status: str) -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2020-01-01", "2021-01-01"))
    assert listing(kb, as_of).status == status


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        pytest.param("2020-06-01", "listed", id="first time"),
        pytest.param("2021-06-01", "delisted", id="between"),
        pytest.param("2022-06-01", "listed", id="second time"),
    ],
)
def test_a_party_may_be_listed_again(as_of: str, status: str) -> None:
    first, second = make_designation("acme", "2020-01-01", "2021-01-01"), make_designation("acme", "2022-01-01")
    assert listing(tiny_kb(make_regime(), first, second), as_of).status == status


def test_removed_and_listed_again_on_one_day_is_listed_throughout() -> None:
    first, second = make_designation("acme", "2020-01-01", "2024-10-29"), make_designation("acme", "2024-10-29")
    kb = tiny_kb(make_regime(), first, second)
    assert [listing(kb, on).status for on in ("2024-10-28", "2024-10-29", "2024-10-30")] == ["listed"] * 3


@pytest.mark.parametrize(
    ("as_of", "since"),
    [
        pytest.param("2020-06-01", "2020-01-01", id="first time"),
        pytest.param("2021-06-01", "2020-01-01", id="between: of the time that was"),
        pytest.param("2022-06-01", "2022-01-01", id="second time"),
    ],
)
def test_since_is_the_start_of_the_present_spell(as_of: str, since: str) -> None:
    first, second = make_designation("acme", "2020-01-01", "2021-01-01"), make_designation("acme", "2022-01-01")
    assert listing(tiny_kb(make_regime(), first, second), as_of).since == day(since)


def test_removed_and_listed_again_by_one_notice_is_one_spell() -> None:
    first, second = make_designation("acme", "2020-01-01", "2024-10-29"), make_designation("acme", "2024-10-29")
    state = listing(tiny_kb(make_regime(), first, second), "2024-10-30")
    assert (state.since, state.designation.id if state.designation else None) == (day("2020-01-01"), second.id)


def test_a_sure_entry_speaks_before_one_that_may_mean_another_party() -> None:
    maybe = make_designation("acme", "2020-01-01", certainty="probable")
    sure = make_designation("acme", "2022-01-01")
    kb = tiny_kb(make_regime(), maybe, sure)
    found = [listing(kb, on).designation for on in ("2021-01-01", "2022-01-01")]
    assert [row.id if row else None for row in found] == [maybe.id, sure.id]


def test_a_party_never_on_the_list_is_not_listed() -> None:
    kb = tiny_kb(make_regime(), make_designation("other", "2020-01-01"))
    assert listing(kb, "2021-01-01").status == "not_listed"


def test_one_party_s_listing_says_nothing_about_another_list() -> None:
    kb = tiny_kb(make_regime(), make_regime("us-other"), make_designation("acme", "2020-01-01", regime_id="us-other"))
    assert listing(kb, "2021-01-01").status == "not_listed"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"loaded": False}, "not_loaded", id="list not loaded"),
        pytest.param({"names_party": False}, "names_no_party", id="list names no party"),
        pytest.param({"is_partial": True}, "not_in_our_partial_copy", id="partial copy without the party"),
        pytest.param({"covered_from": day("2021-06-01")}, "before_our_copy", id="before our copy begins"),
        pytest.param({"checked_until": day("2020-12-31")}, "after_our_copy", id="after our copy ends"),
    ],
)
def test_absence_that_our_copy_cannot_show_is_unknown_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    state = listing(tiny_kb(make_regime(**changes)), "2021-01-01")
    assert (state.status, state.reason) == ("unknown", reason)


NAMESAKE = make_entity("csl:1", "Acme Limited", jurisdictions=["hk"])


@pytest.mark.parametrize(
    ("party", "as_of", "expected"),
    [
        pytest.param({}, "2021-01-01", ("unknown", "an_entry_may_mean_it", ("csl:1",)), id="one name"),
        pytest.param({}, "2019-12-31", ("not_listed", None, ()), id="before the entry"),
        pytest.param({"caption": "Acme Trading Ltd"}, "2021-01-01", ("not_listed", None, ()), id="another name"),
        pytest.param({"schema": "Person"}, "2021-01-01", ("not_listed", None, ()), id="a person and a company"),
        pytest.param({}, "2026-12-31", ("unknown", "an_entry_may_mean_it", ("csl:1",)), id="after our copy"),
    ],
)
def test_who_has_the_name_of_an_entry_is_not_absent_from_the_list(
    party: dict[str, Any], as_of: str, expected: tuple[str, str | None, tuple[str, ...]]
) -> None:
    rows = make_entity("acme", **{"caption": "ACME Ltd.", **party}), NAMESAKE, make_designation("csl:1", "2020-01-01")
    state = listing(tiny_kb(make_regime(checked_until=day("2026-08-22")), *rows), as_of)
    assert (state.status, state.reason, state.namesakes) == expected


@pytest.mark.parametrize("schema", ["Person", "Company", "LegalEntity"])
def test_an_entry_that_does_not_say_what_it_is_may_mean_a_person_as_well(schema: str) -> None:
    entry = make_entity("csl:1", "Ali Acme", schema="LegalEntity")
    rows = make_entity("acme", "Ali Acme", schema=schema), entry, make_designation("csl:1", "2020-01-01")
    assert listing(tiny_kb(make_regime(), *rows), "2021-01-01").namesakes == ("csl:1",)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(None, ("unknown", ("csl:1",)), id="the entry stands"),
        pytest.param("2020-06-01", ("delisted", ()), id="the entry ended too"),
    ],
)
def test_who_left_a_list_may_be_back_on_it_by_another_entry(
    until: str | None, expected: tuple[str, tuple[str, ...]]
) -> None:
    own, other = make_designation("acme", "2015-01-01", "2016-01-01"), make_designation("csl:1", "2020-01-01", until)
    state = listing(tiny_kb(make_regime(), make_entity("acme", "Acme Limited"), NAMESAKE, own, other), "2021-01-01")
    assert (state.status, state.namesakes, state.effective) == (*expected, "delisted")


def test_annexes_number_entries_and_not_parties() -> None:
    names = [make_entity(one, "Acme Limited") for one in ("eu_fsf:IV/1", "eu_fsf:XII/2", "ofac:1")]
    same = Resolution(entity_id="ofac:1", referent="eu_fsf:IV/1", rule="reviewed", reason="seen")
    listed = make_designation("ofac:1", "2020-01-01")
    tables: dict[str, list[Row]] = {
        "regimes": [make_regime()],
        "entities": [*names[1:]],
        "names": [name_of(one) for one in names[1:]],
        "designations": [listed],
        "resolutions": [same],
    }
    kb = KnowledgeBase([Layer.in_memory(tables)], "0")
    assert listing(kb, "2021-01-01", party="eu_fsf:XII/2").namesakes == ("ofac:1",)


def test_a_new_number_for_an_entry_that_left_the_list_is_no_other_party() -> None:
    parties = make_entity("ofac:1", "Acme Limited"), make_entity("ofac:2", "Acme Limited")
    first, second = make_designation("ofac:1", "2020-01-01", "2021-01-01"), make_designation("ofac:2", "2021-01-01")
    printed = make_entry("ofac:1", "2020-01-01"), make_entry("ofac:2", "2021-01-01")
    states = make_edition("2020-01-01"), make_edition("2021-01-01")
    kb = tiny_kb(make_regime(), *parties, *printed, *states, first, second)
    assert listing(kb, "2022-01-01", party="ofac:1").namesakes == ("ofac:2",)
    together = tiny_kb(make_regime(), *parties, *printed, make_entry("ofac:1", "2021-01-01"), *states, first, second)
    assert listing(together, "2022-01-01", party="ofac:1").namesakes == ()


def test_a_partial_copy_names_the_entry_that_may_mean_a_party() -> None:
    rows = make_entity("acme", "Acme Limited"), NAMESAKE, make_designation("csl:1", "2020-01-01")
    assert listing(tiny_kb(make_regime(is_partial=True), *rows), "2021-01-01").namesakes == ("csl:1",)


def test_a_pack_laid_over_the_base_may_mean_a_party_of_the_packs_below() -> None:
    below = tiny_kb(make_regime(), make_entity("acme", "Acme Limited"), make_designation("acme", "2020-01-01"))
    mine = make_entity("vendor-17", "ACME Ltd.")
    kb = below.overlay({"entities": [mine], "names": [name_of(mine)]}, "0")
    assert listing(kb, "2021-01-01", party="vendor-17").namesakes == ("acme",)


def test_a_brand_that_is_called_like_an_entry_means_nothing() -> None:
    rows = make_name("acme", "Acme Limited", "brand"), NAMESAKE, make_designation("csl:1", "2020-01-01")
    assert listing(tiny_kb(make_regime(), make_entity("acme", "Alpha Ltd"), *rows), "2021-01-01").status == "not_listed"


def test_what_one_numbering_keeps_apart_is_two_parties_but_not_where_each_list_has_its_own_number() -> None:
    same = [make_entity(entity_id, "Acme Limited") for entity_id in ("ofac:1", "ofac:2", "csl:1", "csl:2")]
    listed = make_designation("ofac:1", "2020-01-01"), make_designation("csl:1", "2020-01-01", regime_id="us-other")
    kb = tiny_kb(make_regime(), make_regime("us-other"), *same, *listed)
    assert listing(kb, "2021-01-01", party="ofac:2").status == "not_listed"
    other = listing_state(kb, kb.regimes["us-other"], "csl:2", as_of=day("2021-01-01"), known_at=None)
    assert (other.status, other.namesakes) == ("unknown", ("csl:1",))


def test_a_partial_copy_answers_for_the_parties_it_holds_before_they_were_added() -> None:
    kb = tiny_kb(make_regime(is_partial=True), make_designation("acme", "2026-01-26"))
    assert listing(kb, "2025-11-13").status == "not_listed"
    assert listing(kb, "2025-11-13", known_at="2025-11-13").status == "not_listed"


def test_the_last_day_of_our_copy_still_answers_and_the_next_is_stale() -> None:
    kb = tiny_kb(make_regime(checked_until=day("2026-08-22")), make_designation("acme", "2026-06-08"))
    assert (listing(kb, "2026-08-22").status, listing(kb, "2026-08-22").is_stale) == ("listed", False)
    later = listing(kb, "2026-08-23")
    assert (later.status, later.is_stale, later.effective) == ("unknown", True, "listed")
    assert later.last_known == ("listed", day("2026-08-22"))
    assert later.designation is not None


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        pytest.param("2023-01-01", "after_our_copy", id="before its printed end"),
        pytest.param("2025-03-25", "ended_by_its_text", id="on it"),
        pytest.param("2026-01-01", "ended_by_its_text", id="later"),
    ],
)
def test_an_end_that_an_entry_prints_behind_our_copy_is_told_and_may_have_been_put_off(as_of: str, reason: str) -> None:
    regime = make_regime(checked_until=day("2022-04-22"))
    kb = tiny_kb(regime, make_designation("acme", "2015-03-25", "2025-03-25", end_published_at=day("2015-03-25")))
    state = listing(kb, as_of)
    assert (state.status, state.reason) == ("unknown", reason)
    assert state.last_known == ("listed", day("2022-04-22"))
    assert state.is_open is (reason == "ended_by_its_text")


def test_what_was_last_known_is_never_newer_than_what_was_public() -> None:
    kb = tiny_kb(make_regime(checked_until=day("2026-08-22")), make_designation("acme", "2026-06-08"))
    state = listing(kb, "2026-11-23", known_at="2026-06-07")
    assert (state.status, state.last_known) == ("unknown", ("not_listed", day("2026-06-07")))


def test_a_party_delisted_before_our_copy_ends_was_last_known_as_delisted() -> None:
    regime = make_regime(checked_until=day("2026-08-22"))
    kb = tiny_kb(regime, make_designation("acme", "2024-01-31", "2025-01-07"))
    assert listing(kb, "2026-11-23").last_known == ("delisted", day("2026-08-22"))


@pytest.mark.parametrize(
    ("known_at", "status"),
    [
        pytest.param("2026-06-07", "not_listed", id="before its release"),
        pytest.param("2026-06-08", "listed", id="on the day of its release"),
        pytest.param(None, "listed", id="with all we hold"),
    ],
)
def test_a_listing_is_unknown_to_the_public_before_its_release(known_at: str | None, status: str) -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2026-06-01", published_at=day("2026-06-08")))
    assert listing(kb, "2026-06-05", known_at=known_at).status == status


def test_an_end_that_was_not_yet_public_does_not_end_a_listing() -> None:
    row = make_designation("acme", "2020-01-01", "2024-12-13", end_published_at=day("2025-01-07"))
    kb = tiny_kb(make_regime(), row)
    assert listing(kb, "2024-12-20", known_at="2024-12-31").status == "listed"
    assert listing(kb, "2024-12-20", known_at="2025-01-07").status == "delisted"


def test_a_day_after_what_was_known_is_unknown_for_those_who_were_listed_and_for_those_who_were_not() -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2020-01-01"), make_designation("later", "2026-06-08"))
    absent = listing(kb, "2026-06-30", known_at="2026-06-07", party="later")
    present = listing(kb, "2026-06-30", known_at="2026-06-07")
    assert [(state.status, state.reason) for state in (absent, present)] == [("unknown", "after_known_at")] * 2
    assert absent.last_known == ("not_listed", day("2026-06-07"))
    assert present.last_known == ("listed", day("2026-06-07"))
    assert (present.is_stale, present.effective) == (True, "listed")


def test_whoever_stays_on_a_later_copy_is_told_as_whoever_leaves_by_it_to_those_who_could_not_know_it() -> None:
    states = [make_edition(on, is_copy=True) for on in ("2022-04-22", "2024-05-03", "2026-08-20")]
    regime = make_regime(list_kind="edition", covered_from=day("2022-04-22"), checked_until=day("2026-08-20"))
    stays = [make_entry("stays", on) for on in ("2022-04-22", "2024-05-03", "2026-08-20")]
    kb = tiny_kb(regime, *states, *stays, make_entry("leaves", "2022-04-22"))
    told = [listing(kb, "2026-08-20", known_at="2023-01-01", party=party) for party in ("stays", "leaves")]
    assert {(state.status, state.reason, state.last_known, state.since) for state in told} == {
        ("unknown", "after_known_at", ("listed", day("2022-04-22")), day("2022-04-22"))
    }


def test_an_entry_that_was_printed_ahead_holds_on_its_first_day_and_nobody_knew_the_next() -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2025-04-10", published_at=day("2025-04-09")))
    assert listing(kb, "2025-04-10", known_at="2025-04-09").status == "listed"
    assert listing(kb, "2025-04-11", known_at="2025-04-09").last_known == ("listed", day("2025-04-10"))


def test_an_end_that_an_entry_prints_is_told_to_those_who_could_not_know_a_renewal() -> None:
    order = make_designation("acme", "2015-03-25", "2025-03-25", end_published_at=day("2015-03-25"))
    kb = tiny_kb(make_regime(), order)
    before, after = (listing(kb, on, known_at="2022-01-01") for on in ("2025-03-24", "2025-03-25"))
    assert (before.reason, after.reason) == ("after_known_at", "ended_by_its_text")
    assert before.last_known == after.last_known == ("listed", day("2022-01-01"))
    assert listing(kb, "2025-03-25").status == "delisted"


def test_an_announced_or_withdrawn_notice_changes_nothing() -> None:
    notice = make_event("notice", "2026-02-13", "acme", type="withdrawn", regime_id=LIST)
    kb, without = tiny_kb(make_regime(), notice, make_consequence()), tiny_kb(make_regime(), make_consequence())
    for on in ("2026-02-12", "2026-02-13", "2026-02-14"):
        assert listing(kb, on) == listing(without, on)
        assert rule(kb, on) == rule(without, on)


# --- edition lists --------------------------------------------------------------------------------------------------

EDITIONS = ("2021-06-03", "2022-10-05", "2024-01-31")


def edition_kb(*rows: Row, incomplete: str | None = None) -> KnowledgeBase:
    editions = [make_edition(on, is_complete=on != incomplete) for on in EDITIONS]
    return tiny_kb(make_regime(list_kind="edition"), *editions, *rows)


@pytest.mark.parametrize(
    ("as_of", "status", "edition"),
    [
        pytest.param("2021-06-02", "not_listed", None, id="before the first edition"),
        pytest.param("2021-06-03", "listed", "2021-06-03", id="day of the first edition"),
        pytest.param("2022-10-04", "listed", "2021-06-03", id="day before the second"),
        pytest.param("2022-10-05", "delisted", None, id="omitted by the second"),
        pytest.param("2024-02-01", "delisted", None, id="after the third"),
    ],
)
def test_a_party_that_a_complete_edition_omits_is_delisted_on_that_day(
    as_of: str, status: str, edition: str | None
) -> None:
    state = listing(edition_kb(make_entry("acme", "2021-06-03")), as_of)
    assert (state.status, state.edition) == (status, None if edition is None else day(edition))


def test_an_incomplete_edition_drops_nobody() -> None:
    kb = edition_kb(make_entry("acme", "2021-06-03"), incomplete="2022-10-05")
    assert listing(kb, "2022-10-05").status == "listed"
    assert listing(kb, "2024-01-31").status == "delisted"


def test_a_party_carried_without_being_printed_again_stays_listed() -> None:
    carried = [make_entry("acme", on, is_carried=True) for on in EDITIONS[1:]]
    kb = edition_kb(make_entry("acme", "2021-06-03"), *carried)
    (entry,) = kb.designations("acme")
    assert (entry.valid_from, entry.valid_to) == (day("2021-06-03"), None)
    assert listing(kb, "2024-06-01").edition == day("2024-01-31")


def test_another_printed_name_is_not_a_missing_party() -> None:
    names = ["Hesai Technology", "Hesai Group", "Hesai Group Co."]
    kb = edition_kb(*(make_entry("acme", on, listed_as=name) for on, name in zip(EDITIONS, names, strict=True)))
    (entry,) = kb.designations("acme")
    assert (entry.valid_from, entry.valid_to, entry.listed_as) == (day("2021-06-03"), None, "Hesai Group Co.")


def test_the_name_is_the_one_that_was_printed_by_the_day_asked_about() -> None:
    names = ["Hesai Technology", "Hesai Group", "Hesai Group Co."]
    kb = edition_kb(*(make_entry("acme", on, listed_as=name) for on, name in zip(EDITIONS, names, strict=True)))
    found = [listing(kb, on).designation for on in ("2022-10-04", "2022-10-05", "2024-06-01")]
    assert [row.listed_as if row else None for row in found] == names
    known = listing(kb, "2022-10-05", known_at="2022-10-04").designation
    assert known is not None
    assert known.listed_as == names[0]


def test_an_entry_as_printed_by_a_day_has_that_edition_s_name_and_a_category_has_its_own() -> None:
    kb = edition_kb(*(make_entry("acme", on, listed_as=on) for on in EDITIONS))
    (entry,) = kb.designations("acme")
    assert as_printed(kb, entry, as_of=day("2022-12-01"), known_at=None).listed_as == "2022-10-05"
    category = msgspec.structs.replace(entry, entity_id=None, category="routers")
    assert as_printed(kb, category, as_of=day("2022-12-01"), known_at=None) is category


def test_an_addition_between_editions_lasts_until_a_complete_edition_omits_the_party() -> None:
    kb = edition_kb(make_designation("acme", "2023-03-01"))
    assert [listing(kb, on).status for on in ("2023-02-28", "2023-03-01", "2024-01-30", "2024-01-31")] == [
        "not_listed",
        "listed",
        "listed",
        "delisted",
    ]
    before = listing(kb, "2024-01-31", known_at="2024-01-30")
    assert (before.status, before.last_known) == ("unknown", ("listed", day("2024-01-30")))
    assert listing(kb, "2023-06-01").edition is None


def test_an_addition_that_the_next_edition_prints_goes_on() -> None:
    kb = edition_kb(make_designation("acme", "2023-03-01"), make_entry("acme", "2024-01-31"))
    state = listing(kb, "2024-06-01")
    assert (state.status, state.since, state.edition) == ("listed", day("2023-03-01"), day("2024-01-31"))


def removed_kb(*printed: str) -> KnowledgeBase:
    """Printed in the first edition and taken off by a notice of 2022-03-01."""
    row = make_designation(
        "acme", "2021-06-03", "2022-03-01", end_published_at=day("2022-03-02"), end_reason="notice of 2022-03-02"
    )
    return edition_kb(row, *(make_entry("acme", on) for on in ("2021-06-03", *printed)))


def test_a_removal_between_editions_ends_the_listing_on_its_day() -> None:
    kb = removed_kb()
    assert [listing(kb, on).status for on in ("2022-02-28", "2022-03-01", "2022-10-05")] == [
        "listed",
        "delisted",
        "delisted",
    ]
    assert listing(kb, "2022-03-01", known_at="2022-03-01").status == "listed"
    assert len(kb.designations("acme")) == 1


def test_a_party_taken_off_between_editions_comes_back_by_an_edition_that_prints_it() -> None:
    kb = removed_kb("2022-10-05")
    assert [listing(kb, on).status for on in ("2022-03-01", "2022-10-04", "2022-10-05")] == [
        "delisted",
        "delisted",
        "listed",
    ]
    assert listing(kb, "2022-10-05").since == day("2022-10-05")


def test_a_party_left_out_once_has_two_intervals() -> None:
    kb = edition_kb(make_entry("acme", "2021-06-03"), make_entry("acme", "2024-01-31"))
    spans = [(row.valid_from, row.valid_to) for row in kb.designations("acme")]
    assert sorted(spans, key=str) == [(day("2021-06-03"), day("2022-10-05")), (day("2024-01-31"), None)]


def test_an_omission_is_not_known_before_the_edition_that_omits_is_released() -> None:
    kb = edition_kb(make_entry("acme", "2021-06-03"))
    assert listing(kb, "2022-10-06", known_at="2022-10-04").last_known == ("listed", day("2022-10-04"))


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected"),
    [
        pytest.param("2021-06-02", None, None, id="before the first"),
        pytest.param("2022-10-04", None, "2021-06-03", id="the day before the second"),
        pytest.param("2022-10-05", None, "2022-10-05", id="the day of the second"),
        pytest.param("2024-06-01", "2024-01-30", "2022-10-05", id="the third not yet public"),
    ],
)
def test_the_edition_in_force_is_the_latest_released_by_then(
    as_of: str, known_at: str | None, expected: str | None
) -> None:
    kb = edition_kb()
    known = None if known_at is None else day(known_at)
    found = edition_in_force(kb, kb.regimes[LIST], as_of=day(as_of), known_at=known)
    assert (found.date if found else None) == (day(expected) if expected else None)


# --- consequences ---------------------------------------------------------------------------------------------------

DATED: dict[str, Any] = {
    "published_at": day("2023-12-22"),
    "applies_from": day("2026-06-30"),
    "until": day("2030-12-31"),
}


@pytest.mark.parametrize(
    ("as_of", "status", "until"),
    [
        pytest.param("2023-12-21", "not_in_force", "2023-12-22", id="before its release"),
        pytest.param("2023-12-22", "upcoming", "2026-06-30", id="released, applies later"),
        pytest.param("2026-06-29", "upcoming", "2026-06-30", id="the day before it applies"),
        pytest.param("2026-06-30", "in_force", "2030-12-31", id="the day it applies"),
        pytest.param("2030-12-30", "in_force", "2030-12-31", id="its last day"),
        pytest.param("2030-12-31", "ended", None, id="the day it ends"),
    ],
)
def test_a_rule_runs_from_release_over_its_start_to_its_end(as_of: str, status: str, until: str | None) -> None:
    state = rule(rule_of(**DATED), as_of)
    assert (state.status, state.until) == (status, None if until is None else day(until))


def test_a_rule_is_not_in_force_for_whoever_could_not_know_it() -> None:
    kb = rule_of(**DATED)
    assert rule(kb, "2026-07-01", known_at="2023-12-21").status == "not_in_force"
    assert rule(kb, "2026-07-01", known_at="2023-12-22").status == "in_force"


def test_a_rule_without_a_known_start_is_unknown() -> None:
    assert rule(rule_of(applies_from=None), "2026-01-01").status == "unknown"


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        pytest.param("2025-11-09", "in_force", id="the day before"),
        pytest.param("2025-11-10", "suspended", id="first day"),
        pytest.param("2026-11-09", "suspended", id="last day"),
        pytest.param("2026-11-10", "in_force", id="the day it comes back by its text"),
    ],
)
def test_a_suspension_is_half_open(as_of: str, status: str) -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10"))
    assert rule(kb, as_of).status == status


def test_a_suspension_says_when_it_ends() -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10"))
    assert rule(kb, "2026-01-01").until == day("2026-11-10")


def test_a_suspension_is_not_known_before_its_publication() -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10", published_at=day("2025-11-12")))
    assert rule(kb, "2025-11-11", known_at="2025-11-11").status == "in_force"
    assert rule(kb, "2025-11-11", known_at="2025-11-12").status == "suspended"


def test_a_flip_behind_our_copy_of_its_source_is_unknown_from_that_day_with_what_the_text_says() -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10", checked_until=day("2026-10-10")))
    assert rule(kb, "2026-11-09").status == "suspended"
    state = rule(kb, "2026-11-10")
    assert (state.status, state.by_text) == ("unknown", "in_force")


def test_a_rule_s_own_dated_text_holds_past_our_copy_of_the_list() -> None:
    kb = tiny_kb(
        make_regime(checked_until=day("2020-06-01")), make_designation("acme", "2020-01-01"), make_consequence()
    )
    assert rule(kb, "2026-01-01").status == "in_force"


def test_a_stop_ends_a_rule() -> None:
    kb = rule_of(make_effect("stop", "2025-08-12", None))
    assert [rule(kb, on).status for on in ("2025-08-11", "2025-08-12")] == ["in_force", "ended"]


@pytest.mark.parametrize("read", ["a", "b"])
def test_of_two_texts_with_one_end_the_one_that_was_not_read_to_it_leaves_it_open(read: str) -> None:
    """Whichever comes first by its id."""
    span = "suspension", "2025-11-10", "2026-11-10"
    rows = [
        make_effect(*span, id=one, checked_until=day("2026-12-31" if one == read else "2026-10-10"))
        for one in ("a", "b")
    ]
    assert rule(rule_of(*rows), "2026-11-10").status == "unknown"


def test_a_stop_outweighs_a_suspension_of_the_same_day() -> None:
    kb = rule_of(make_effect("suspension", "2025-05-14", None, id="a"), make_effect("stop", "2025-08-12", None, id="b"))
    assert rule(kb, "2025-08-12").status == "ended"


def test_an_effect_on_the_whole_list_switches_its_rules_off() -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10", target_id=LIST))
    assert rule(kb, "2026-01-01").status == "suspended"


def test_a_stay_for_one_party_leaves_every_other_party_and_the_rule_itself_alone() -> None:
    kb = rule_of(make_designation("other", "2020-01-01"), make_effect("stay", "2026-07-05", None, entity_id="acme"))
    assert rule(kb, "2026-07-06").status == "stayed"
    assert rule(kb, "2026-07-06", party="other").status == "in_force"
    assert rule(kb, "2026-07-06", party=None).status == "in_force"


def test_a_suspension_of_one_entry_leaves_the_other_entries_alone() -> None:
    entry = make_designation("other", "2020-01-01")
    kb = rule_of(entry, make_effect("suspension", "2025-11-10", None, designation_id=entry.id))
    assert rule(kb, "2026-01-01", party="other").status == "suspended"
    assert rule(kb, "2026-01-01").status == "in_force"


def test_a_stay_until_an_event_holds_as_far_as_the_docket_was_read_and_is_unknown_after() -> None:
    stay = make_effect(
        "stay", "2026-07-05", None, entity_id="acme", end_event="ruling on the motion", checked_until=day("2026-08-22")
    )
    kb = rule_of(stay)
    assert rule(kb, "2026-08-22").status == "stayed"
    state = rule(kb, "2026-08-23")
    # If the event came, the rule is back: that is what is open.
    assert (state.status, state.by_text) == ("unknown", "in_force")


def test_a_stay_with_an_end_does_not_need_the_docket_up_to_that_day() -> None:
    kb = rule_of(make_effect("stay", "2026-07-05", "2026-12-01", checked_until=day("2026-08-22")))
    assert rule(kb, "2026-11-30").status == "stayed"
    assert rule(kb, "2026-12-01").status == "unknown"


# --- what follows the end of an effect --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reverts", "status", "by_text", "until"),
    [
        pytest.param(True, "in_force", None, None, id="comes back by itself"),
        pytest.param(False, "suspended", None, None, id="needs a new act"),
        pytest.param(None, "unknown", "in_force", None, id="not read whether it comes back"),
    ],
)
def test_what_follows_a_suspension_is_what_its_text_says(
    reverts: bool | None, status: str, by_text: str | None, until: str | None
) -> None:
    kb = rule_of(make_effect("suspension", "2025-05-14", "2025-08-12", reverts_automatically=reverts))
    assert rule(kb, "2025-08-11").status == "suspended"
    state = rule(kb, "2025-08-12")
    assert (state.status, state.by_text, state.until) == (status, by_text, until)
    assert rule(kb, "2030-01-01").status == status


def test_a_suspension_that_needs_a_new_act_has_no_end() -> None:
    kb = rule_of(make_effect("suspension", "2025-05-14", "2025-08-12", reverts_automatically=False))
    assert rule(kb, "2025-06-01").until is None


# 90 days, 90 days more, and a year: the notices of 2025-05-14, 2025-08-12 and 2025-11-05.
ROW: list[dict[str, Any]] = [
    {"since": "2025-05-14", "until": "2025-08-12", "published_at": day("2025-05-14")},
    {"since": "2025-08-12", "until": "2025-11-10", "published_at": day("2025-08-12")},
    {"since": "2025-11-10", "until": "2026-11-10", "published_at": day("2025-11-05")},
]


@pytest.mark.parametrize(
    ("as_of", "known_at", "status", "until"),
    [
        pytest.param("2025-05-13", None, "in_force", "2025-05-14", id="the day before the first"),
        pytest.param("2025-05-14", None, "suspended", "2026-11-10", id="first day; we know how long it lasted"),
        pytest.param("2025-05-14", "2025-05-14", "suspended", "2025-08-12", id="first day, as it was known"),
        pytest.param("2025-08-11", "2025-08-11", "suspended", "2025-08-12", id="last of the first 90"),
        pytest.param("2025-08-12", "2025-08-11", "unknown", None, id="what follows was not known the day before"),
        pytest.param("2025-08-12", "2025-08-12", "suspended", "2025-11-10", id="first of the second 90"),
        pytest.param("2025-11-09", "2025-11-04", "suspended", "2025-11-10", id="before the year is made known"),
        pytest.param("2025-11-09", "2025-11-05", "suspended", "2026-11-10", id="once it is"),
        pytest.param("2025-11-10", None, "suspended", "2026-11-10", id="first day of the year"),
        pytest.param("2026-11-09", None, "suspended", "2026-11-10", id="last day of the year"),
        pytest.param("2026-11-10", None, "unknown", None, id="back by its text, not seen"),
    ],
)
@pytest.mark.parametrize("reverts", [True, None])
def test_three_suspensions_in_a_row(
    as_of: str, known_at: str | None, status: str, until: str | None, reverts: bool | None
) -> None:
    effects = [make_effect("suspension", **row, reverts_automatically=reverts) for row in ROW]
    regime = make_regime(checked_until=day("2026-08-22"))
    kb = tiny_kb(regime, make_designation("acme", "2020-01-01"), make_consequence(), *effects)
    state = rule(kb, as_of, known_at)
    assert (state.status, state.until) == (status, day(until) if until else None)


def test_an_end_that_our_copy_of_the_list_does_not_cover_is_unknown_where_the_effect_says_nothing() -> None:
    effect = make_effect("suspension", "2025-11-10", "2026-08-23")
    for checked, status in (("2026-08-22", "unknown"), ("2026-08-23", "in_force")):
        regime = make_regime(checked_until=day(checked))
        kb = tiny_kb(regime, make_designation("acme", "2020-01-01"), make_consequence(), effect)
        assert rule(kb, "2026-08-23").status == status


def test_of_two_that_end_on_one_day_the_more_cautious_counts() -> None:
    rows = [
        make_effect("suspension", "2025-01-01", "2025-02-01", id=f"e{word}", reverts_automatically=word)
        for word in (True, None, False)
    ]
    assert rule(rule_of(*rows), "2025-02-01").status == "suspended"
    assert rule(rule_of(*rows[:2]), "2025-02-01").status == "unknown"


def test_a_later_act_of_the_same_series_settles_what_the_first_left_open() -> None:
    first = make_effect("suspension", "2025-01-01", "2025-02-01", id="a", reverts_automatically=False)
    second = make_effect("suspension", "2025-03-01", "2025-04-01", id="b")
    kb = rule_of(first, second)
    assert [rule(kb, on).status for on in ("2025-02-15", "2025-03-15", "2025-04-01")] == [
        "suspended",
        "suspended",
        "in_force",
    ]


def test_effects_on_a_party_and_on_all_are_two_switches() -> None:
    own = make_effect("suspension", "2025-01-01", "2025-02-01", id="a", entity_id="acme", reverts_automatically=False)
    general = make_effect("suspension", "2025-03-01", "2025-04-01", id="b")
    kb = rule_of(own, general)
    assert rule(kb, "2025-04-01").status == "suspended"
    assert rule(kb, "2025-04-01", party=None).status == "in_force"


def test_a_court_s_stay_and_an_authority_s_suspension_are_two_switches() -> None:
    stay = make_effect("stay", "2025-01-01", "2025-06-01", entity_id="acme")
    suspension = make_effect("suspension", "2025-03-01", "2025-09-01")
    kb = rule_of(stay, suspension)
    days = ("2024-12-31", "2025-01-01", "2025-03-01", "2025-06-01", "2025-09-01")
    assert [rule(kb, on).status for on in days] == ["in_force", "stayed", "suspended", "suspended", "in_force"]
    assert rule(kb, "2025-02-01").until == day("2025-03-01")


def test_in_force_says_when_a_suspension_that_is_already_released_begins() -> None:
    kb = rule_of(make_effect("suspension", "2025-11-10", "2026-11-10", published_at=day("2025-11-05")))
    assert rule(kb, "2025-11-06").until == day("2025-11-10")
    assert rule(kb, "2025-11-06", known_at="2025-11-06").until == day("2025-11-10")
    assert rule(kb, "2025-11-06", known_at="2025-11-04").until is None


# --- rules that begin later for an entry ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "status", "until"),
    [
        pytest.param("2019-12-31", "upcoming", "2020-03-01", id="before it is listed"),
        pytest.param("2020-02-29", "upcoming", "2020-03-01", id="the sixtieth day after it is listed is the next"),
        pytest.param("2020-03-01", "in_force", None, id="sixty days after it was listed"),
    ],
)
def test_a_rule_with_a_delay_counts_from_each_entry(as_of: str, status: str, until: str | None) -> None:
    kb = rule_of(entry_delay_days=60)
    state = rule(kb, as_of)
    assert (state.status, state.until) == (status, day(until) if until else None)
    assert state.applies_from == day("2020-03-01")


def test_without_an_entry_the_rule_itself_is_told() -> None:
    state = rule(rule_of(entry_delay_days=60), "2020-01-02", party=None)
    assert (state.status, state.applies_from) == ("in_force", day("2000-01-01"))


def test_the_latest_of_three_starts_counts() -> None:
    entry = make_designation("acme", "2020-01-01", applies_from=day("2020-02-01"))
    for changes, start in (
        ({}, "2020-02-01"),
        ({"entry_delay_days": 60}, "2020-03-01"),
        ({"entry_delay_days": 60, "applies_from": day("2021-01-01")}, "2021-01-01"),
    ):
        kb = tiny_kb(make_regime(), entry, make_consequence(**changes))
        assert rule(kb, "2020-01-15").applies_from == day(start)


def test_the_delay_does_not_begin_again_where_one_notice_removes_and_lists() -> None:
    first, second = make_designation("acme", "2020-01-01", "2024-10-29"), make_designation("acme", "2024-10-29")
    kb = tiny_kb(make_regime(), first, second, make_consequence(entry_delay_days=60))
    assert rule(kb, "2024-10-29").status == "in_force"


def test_a_rule_suspended_over_its_start_is_suspended_and_one_released_before_is_upcoming() -> None:
    dates: dict[str, Any] = {"published_at": day("2025-01-01"), "applies_from": day("2025-12-01")}
    over = rule_of(make_effect("suspension", "2025-11-07", "2026-11-10"), **dates)
    assert [rule(over, on).status for on in ("2025-11-06", "2025-11-07", "2025-12-01")] == [
        "upcoming",
        "suspended",
        "suspended",
    ]
    assert rule(over, "2025-11-06").until == day("2025-11-07")
    before = rule_of(make_effect("suspension", "2025-11-07", "2025-11-20"), **dates)
    assert rule(before, "2025-11-08").status == "upcoming"
    stopped = rule_of(make_effect("stop", "2025-11-07", None), **dates)
    assert (rule(stopped, "2025-11-08").status, rule(stopped, "2026-01-01").status) == ("ended", "ended")


# --- several entries of one party -------------------------------------------------------------------------------------


def test_an_entry_that_is_suspended_does_not_lift_what_another_entry_does() -> None:
    second = make_designation("acme", "2025-09-25")
    suspended = make_effect("suspension", "2025-05-14", "2026-11-10", designation_id=f"{LIST}/acme/2020-01-01")
    kb = rule_of(second, suspended)
    assert [rule(kb, on).status for on in ("2025-05-13", "2025-09-24", "2025-09-25")] == [
        "in_force",
        "suspended",
        "in_force",
    ]


def test_a_stop_of_one_entry_leaves_the_suspension_of_the_other() -> None:
    second = make_designation("acme", "2020-02-01")
    kb = rule_of(
        second,
        make_effect("suspension", "2025-05-14", "2026-11-10", designation_id=second.id),
        make_effect("stop", "2025-08-12", None, designation_id=f"{LIST}/acme/2020-01-01"),
    )
    assert rule(kb, "2025-08-12").status == "suspended"
    assert rule(kb, "2025-08-12").until == day("2026-11-10")


# --- ownership rules ------------------------------------------------------------------------------------------------

AFFILIATES: dict[str, Any] = {
    "valid_from": day("2025-09-29"),
    "published_at": day("2025-09-29"),
}


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        pytest.param("2025-09-28", "not_in_force", id="before"),
        pytest.param("2025-09-29", "in_force", id="first day"),
        pytest.param("2025-11-09", "in_force", id="last day before the suspension"),
        pytest.param("2025-11-10", "suspended", id="suspended"),
        pytest.param("2026-11-09", "suspended", id="last day of the suspension"),
        pytest.param("2026-11-10", "unknown", id="back by its text, unseen"),
    ],
)
def test_the_affiliates_rule_has_its_own_interval(as_of: str, status: str) -> None:
    row = make_ownership_rule("aggregate_50", **AFFILIATES)
    kb = tiny_kb(
        make_regime(),
        row,
        make_effect("suspension", "2025-11-10", "2026-11-10", target_id=row.id, checked_until=day("2026-10-10")),
    )
    assert ownership_rule_state(kb, row, as_of=day(as_of), known_at=None).status == status


def test_an_ownership_rule_announced_for_later_is_upcoming_and_one_past_its_end_has_ended() -> None:
    row = make_ownership_rule("control", valid_from=day("2026-06-30"), valid_to=day("2027-01-01"))
    kb = tiny_kb(make_regime(), row)
    states = [ownership_rule_state(kb, row, as_of=day(on), known_at=None).status for on in ("2026-01-01", "2027-01-01")]
    assert states == ["upcoming", "ended"]


def test_an_ownership_rule_without_any_date_is_unknown() -> None:
    row = make_ownership_rule("control", valid_from=None, published_at=None)
    assert (
        ownership_rule_state(tiny_kb(make_regime(), row), row, as_of=day("2026-01-01"), known_at=None).status
        == "unknown"
    )


# --- algebra --------------------------------------------------------------------------------------------------------

DAYS = st.integers(0, 400).map(lambda offset: date(2020, 1, 1) + timedelta(days=offset))


@given(spans=st.lists(st.tuples(DAYS, DAYS), max_size=4), asked=DAYS)
def test_listed_exactly_on_the_days_that_some_interval_holds(spans: list[tuple[date, date]], asked: date) -> None:
    rows = [
        make_designation("acme", str(first), str(last), id=f"d{number}")
        for number, (first, last) in enumerate(spans)
        if first < last
    ]
    state = listing(tiny_kb(make_regime(), make_designation("other", "2020-01-01"), *rows), str(asked))
    assert (state.status == "listed") == any(row.holds(asked) for row in rows)
    assert (state.status == "not_listed") == all(row.valid_from is not None and asked < row.valid_from for row in rows)


@given(as_of=DAYS, known_at=DAYS, released=DAYS)
def test_nothing_released_after_known_at_makes_a_party_listed(as_of: date, known_at: date, released: date) -> None:
    kb = tiny_kb(make_regime(), make_designation("acme", "2020-01-01", published_at=released))
    state = listing(kb, str(as_of), known_at=str(known_at))
    assert (state.effective == "listed") == (released <= known_at)
    assert (state.status == "unknown") == (as_of > known_at)
