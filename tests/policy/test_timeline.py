"""The timeline of a result: two lanes, two clocks, own acts beside listings, claims, denials and suspensions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.builders import (
    day,
    findings,
    make_asset,
    make_claim,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_event,
    make_observation,
    make_payment,
    make_regime,
    tiny_kb,
)

from beholden.kb.base import KnowledgeBase
from beholden.policy.claims import ClaimsOnFile
from beholden.policy.timeline import timeline_of
from beholden.schema.timeline import TimelineRow
from beholden.schema.vocabulary import Kind

KB = (
    make_entity("acme", "Acme Networks Ltd."),
    make_asset("acme", "purl", "pkg:npm/acme-sdk", "code_dependency"),
    make_regime(),
    make_designation("acme", "2026-03-01", published_at=day("2026-03-03")),
    make_consequence(applies_from=day("2026-05-01"), published_at=day("2026-03-03")),
    make_effect("suspension", "2026-06-01", "2027-06-01"),
    make_claim("c1", "acme", on="2025-11-14", document_date=day("2025-11-01")),
    make_claim("d1", "acme", kind="denial", on="2025-11-15", answers=["c1"]),
    make_event("e1", "2026-02-13", "acme", published_at=day("2026-02-20")),
)
PAID = make_payment("Acme Networks Ltd", "2026-07-14", "100")


def timeline(
    *rows: dict[str, Any], kb: KnowledgeBase | None = None, as_of: str = "2026-08-01", known_at: str | None = None
) -> list[TimelineRow]:
    base = kb or tiny_kb(*KB)
    found = findings(base, *(rows or (PAID,)), as_of=as_of, known_at=known_at)
    clocks = day(as_of), day(known_at) if known_at else None
    return timeline_of(base, found, ClaimsOnFile(base, *clocks), as_of=clocks[0], known_at=clocks[1])


def shown(rows: list[TimelineRow]) -> list[tuple[str, str, str]]:
    return [(row.date, row.lane, row.type) for row in rows]


def test_what_happened_and_what_was_known_stand_side_by_side_with_our_own_acts() -> None:
    assert shown(timeline()) == [
        ("2025-11-01", "happened", "allegation"),
        ("2025-11-14", "known", "allegation"),
        ("2025-11-15", "known", "denial"),
        ("2026-02-13", "happened", "event"),
        ("2026-02-20", "known", "event"),
        ("2026-03-01", "happened", "designation"),
        ("2026-03-03", "known", "consequence"),
        ("2026-03-03", "known", "designation"),
        ("2026-05-01", "happened", "consequence"),
        ("2026-06-01", "happened", "suspension"),
        ("2026-06-01", "known", "suspension"),
        ("2026-07-14", "happened", "own_act"),
        ("2026-07-14", "happened", "own_act"),
    ]


def test_intervals_say_until_when_and_rows_say_whom_they_are_about() -> None:
    rows = {(row.type, row.lane): row for row in timeline()}
    assert rows["suspension", "happened"].until == "2027-06-01"
    assert rows["designation", "happened"].entities == ["acme"]
    assert rows["designation", "happened"].regime == "us-list"


@pytest.mark.parametrize(
    ("clocks", "absent"),
    [
        pytest.param({"as_of": "2026-07-20", "known_at": "2026-03-02"}, {"suspension", "consequence"}, id="known"),
        pytest.param({"as_of": "2025-11-14"}, {"denial", "event", "designation", "own_act"}, id="as of"),
    ],
)
def test_nothing_of_a_later_day_is_told(clocks: dict[str, Any], absent: set[str]) -> None:
    rows = timeline(PAID, make_observation(Kind.PURL, "pkg:npm/acme-sdk"), **clocks)
    assert not {row.type for row in rows} & absent
    assert all(row.date <= clocks["as_of"] for row in rows)


def test_a_listing_is_no_row_before_the_public_could_know_it() -> None:
    rows = timeline(PAID, as_of="2026-07-20", known_at="2026-03-02")
    assert "designation" not in {row.type for row in rows}


def test_own_acts_are_summed_by_month_and_dated_by_the_first() -> None:
    rows = [
        PAID,
        make_payment("Acme Networks Ltd", "2026-07-20", "50"),
        make_payment("Acme Networks Ltd", "2026-06-02", "7"),
    ]
    own = [(row.date, row.text) for row in timeline(*rows) if row.type == "own_act" and "paid" in row.text]
    assert own == [
        ("2026-06-02", "In 2026-06, payment counterparty: 7 USD paid, Acme Networks Ltd."),
        ("2026-07-14", "In 2026-07, payment counterparty: 150 USD paid, Acme Networks Ltd."),
    ]


@pytest.mark.parametrize("changes", [{"relation": "hosting"}, {"relation": "transit"}])
def test_what_merely_sits_at_a_provider_is_no_act_of_ours(changes: dict[str, Any]) -> None:
    seen = datetime(2026, 7, 3, 8, tzinfo=UTC)
    kb = tiny_kb(*KB, make_asset("acme", "domain", "acme.example", changes["relation"]))
    row = make_observation(Kind.DOMAIN, "acme.example", first_seen=seen, last_seen=seen, direction="out")
    assert "own_act" not in {item.type for item in timeline(row, kb=kb)}


def test_counts_are_written_without_a_unit() -> None:
    paid = make_payment("Acme Networks Ltd", "2026-07-14", "3", unit_of_amount="1", what="queries")
    assert "In 2026-07, payment counterparty: 3 queries, Acme Networks Ltd." in {row.text for row in timeline(paid)}


def test_what_has_no_day_but_was_seen_tells_since_when() -> None:
    seen = datetime(2026, 7, 3, 8, tzinfo=UTC)
    row = make_observation(Kind.PURL, "pkg:npm/acme-sdk", first_seen=seen, last_seen=seen)
    own = [(item.date, item.text) for item in timeline(row) if item.type == "own_act"]
    assert own == [("2026-07-03", "First seen in our records, code dependency: Acme Networks Ltd.")]


def test_an_artefact_under_two_lists_is_one_act() -> None:
    kb = tiny_kb(
        *KB,
        make_regime("eu-list"),
        make_designation("acme", "2026-03-01", regime_id="eu-list"),
        make_consequence("eu-rule", "eu-list"),
    )
    paid = [row for row in timeline(kb=kb) if "paid" in row.text]
    assert len(paid) == 1
    assert str(Decimal(100)) in paid[0].text


def test_what_happened_to_others_on_the_list_is_left_out_and_what_happened_to_the_list_is_not() -> None:
    other = make_event("e2", "2026-04-01", "somebody-else", regime_id="us-list")
    whole = make_event("e3", "2026-04-02", regime_id="us-list", text="The list gets a new annex.")
    texts = [row.text for row in timeline(kb=tiny_kb(*KB, other, whole))]
    assert "Event e2." not in texts
    assert texts.count("The list gets a new annex.") == 2
