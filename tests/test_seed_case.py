"""The 2025 Alibaba case: every cell of the hand-kept oracle, on both clocks, through the dossier that `show` prints."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.builders import core_kb

from beholden.kb.base import KnowledgeBase
from beholden.run.dossier import show
from beholden.schema.dossier import Dossier
from beholden.schema.rows import Event

ORACLE: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "oracle" / "seed_case.toml").read_text(encoding="utf-8")
)
PREFIX: str = ORACLE["id_prefix"]


@pytest.fixture
def core() -> KnowledgeBase:
    return core_kb()


def _name(row: dict[str, Any]) -> str:
    return f"{row['subject']}-{row['as_of']}-known-{row.get('known_at', 'all')}"


@cache
def _dossier(kb: KnowledgeBase, subject: str, as_of: Any, known_at: Any) -> Dossier:
    return show(kb, subject, as_of=as_of, known_at=known_at)


def _of(kb: KnowledgeBase, row: dict[str, Any]) -> Dossier:
    return _dossier(kb, row["subject"], row["as_of"], row.get("known_at"))


def _cells() -> Iterator[Any]:
    for row in ORACLE["rows"]:
        for regime, expected in row["listings"].items():
            yield pytest.param(row, regime, expected, id=f"{_name(row)}-{regime}")


EVERY_ROW = pytest.mark.parametrize("row", ORACLE["rows"], ids=_name)


@pytest.mark.parametrize(("row", "regime", "expected"), list(_cells()))
def test_listing_stands_as_the_public_record_has_it(
    core: KnowledgeBase, row: dict[str, Any], regime: str, expected: dict[str, Any]
) -> None:
    (listing,) = [item for item in _of(core, row).listings if item.regime == regime]
    assert listing.listing_status == expected["status"]
    if "last_known" in expected:
        assert listing.last_known is not None
        assert listing.last_known.status == expected["last_known"]["status"]
        assert listing.last_known.at == expected["last_known"]["at"].isoformat()


@EVERY_ROW
def test_every_list_has_one_row_and_lists_without_a_copy_say_so(core: KnowledgeBase, row: dict[str, Any]) -> None:
    listings = _of(core, row).listings
    regimes = [item.regime for item in listings]
    assert sorted(regimes) == sorted(regime.id for regime in core.regimes.values() if regime.kind == "list")
    unloaded = {
        item.regime: (item.listing_status, item.reason) for item in listings if item.regime in ORACLE["not_loaded"]
    }
    assert unloaded == dict.fromkeys(ORACLE["not_loaded"], ("unknown", "not_loaded"))


@EVERY_ROW
def test_unverified_claims_on_file_are_exactly_those_reported_by_then(core: KnowledgeBase, row: dict[str, Any]) -> None:
    on_file = {
        claim.id for claim in _of(core, row).claims if claim.caveat == "unverified" and row["subject"] in claim.target
    }
    assert on_file == {f"{PREFIX}{short}" for short in row["unverified"]}


@EVERY_ROW
def test_denials_on_file_are_exactly_those_given_by_then(core: KnowledgeBase, row: dict[str, Any]) -> None:
    on_file = {claim.id for claim in _of(core, row).claims if claim.type == "denial" and row["subject"] in claim.target}
    assert on_file == {f"{PREFIX}{short}" for short in row["denials"]}


@EVERY_ROW
def test_timeline_holds_what_had_happened_and_was_public(core: KnowledgeBase, row: dict[str, Any]) -> None:
    texts = {event.id.removeprefix(PREFIX): event.text for event in _events(core, row["subject"])}
    shown = {item.text for item in _of(core, row).timeline if item.lane == "happened"}
    assert {short for short in row.get("events", []) if texts[short] not in shown} == set()
    assert {short for short in row.get("no_events", []) if texts[short] in shown} == set()


def _events(kb: KnowledgeBase, subject: str) -> list[Event]:
    return [event for event in kb.events_of(subject) if event.id.startswith(PREFIX)]


@pytest.mark.parametrize("row", ORACLE["consequences"], ids=lambda row: f"{row['id']}-{_name(row)}")
def test_consequence_stands_as_its_text_and_orders_have_it(core: KnowledgeBase, row: dict[str, Any]) -> None:
    statuses = [
        rule.consequence_status
        for listing in _of(core, row).listings
        for rule in listing.consequences
        if rule.id == row["id"]
    ]
    assert statuses == [row["status"]]


def test_no_claim_is_shown_without_the_answers_to_it(core: KnowledgeBase) -> None:
    shown = {
        claim.id: claim
        for claim in show(core, "alibaba", as_of=max(r["as_of"] for r in ORACLE["rows"]), known_at=None).claims
    }
    allegations = [claim for claim in shown.values() if claim.type == "allegation"]
    assert allegations
    for claim in allegations:
        assert {f"{PREFIX}d1", f"{PREFIX}d3"} <= set(claim.answered_by) <= shown.keys()
