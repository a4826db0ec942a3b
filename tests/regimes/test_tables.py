"""One table per regime: what the compiled core base answers at a date, on both clocks.

`<regime>.toml` has rows for every status that the regime's facts allow, and a line under `cannot` for every status that
they do not. A status with neither fails, so a new rule cannot ship without its dates being looked at.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import msgspec
import pytest

from beholden.compile import open_core
from beholden.kb.base import KnowledgeBase
from beholden.kb.law import ConsequenceState, consequence_state, ownership_rule_state
from beholden.kb.listing import listing_state
from beholden.run.base_info import base_info
from beholden.schema.vocabulary import ConsequenceStatus, ListingStatus

FOLDER = Path(__file__).parent


class ListingRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `show` says of a party on the list."""

    party: str
    as_of: date
    status: ListingStatus
    why: str
    known_at: date | None = None
    last_known: ListingStatus | None = None
    reason: str | None = None


class RuleRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a rule stands, in general or for one party's listing."""

    rule: str
    as_of: date
    status: ConsequenceStatus
    why: str
    party: str | None = None
    known_at: date | None = None
    by_text: ConsequenceStatus | None = None


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A regime's file."""

    listing: list[ListingRow] = []
    rule: list[RuleRow] = []
    cannot: dict[str, str] = {}


@cache
def base() -> KnowledgeBase:
    return open_core()


@cache
def table(regime_id: str) -> Table:
    return msgspec.convert(tomllib.loads((FOLDER / f"{regime_id}.toml").read_text(encoding="utf-8")), Table)


@cache
def general(as_of: date, known_at: date | None) -> dict[str, str]:
    """The status of every rule as `kb info` prints it."""
    return {row.id: row.status for row in base_info(base(), as_of=as_of, known_at=known_at).rules}


REGIMES = sorted(file.stem for file in FOLDER.glob("*.toml"))


def _label(row: ListingRow | RuleRow) -> str:
    rule = [row.rule] if isinstance(row, RuleRow) else []
    known = [f"known {row.known_at}"] if row.known_at else []
    return "-".join([*rule, *([row.party] if row.party else []), row.as_of.isoformat(), *known])


LISTINGS = [pytest.param(name, row, id=f"{name}-{_label(row)}") for name in REGIMES for row in table(name).listing]
RULES = [pytest.param(name, row, id=f"{name}-{_label(row)}") for name in REGIMES for row in table(name).rule]


def rule_ids(regime_id: str) -> set[str]:
    """The rules of a regime that have a status: consequences, ownership rules, and itself where it is no list."""
    kb = base()
    found = {row.id for row in kb.consequences.get(regime_id, ())}
    found |= {row.id for row in kb.ownership_rules if row.regime_id == regime_id}
    return found | ({regime_id} if kb.regimes[regime_id].kind == "rule" else set())


def state_of(kb: KnowledgeBase, regime_id: str, row: RuleRow) -> ConsequenceState:
    for own in kb.ownership_rules:
        if own.id == row.rule:
            assert row.party is None, "an ownership rule has one standing for all"
            return ownership_rule_state(kb, own, as_of=row.as_of, known_at=row.known_at)
    for rule in kb.consequences.get(regime_id, ()):
        if rule.id == row.rule:
            entry = None
            if row.party is not None:
                regime = kb.regimes[regime_id]
                entry = listing_state(kb, regime, row.party, as_of=row.as_of, known_at=row.known_at).designation
            return consequence_state(
                kb, rule, designation=entry, entity_id=row.party, as_of=row.as_of, known_at=row.known_at
            )
    assert row.party is None, "a rule without a list has one standing for all"
    found = {rule.id: rule.status for rule in base_info(kb, as_of=row.as_of, known_at=row.known_at).rules}
    return ConsequenceState(ConsequenceStatus(found[row.rule]))


@pytest.mark.parametrize(("regime_id", "row"), LISTINGS)
def test_a_party_stands_on_the_list_as_the_table_says(regime_id: str, row: ListingRow) -> None:
    kb = base()
    assert kb.entity(row.party) is not None
    state = listing_state(kb, kb.regimes[regime_id], row.party, as_of=row.as_of, known_at=row.known_at)
    assert (state.status, state.last_known[0] if state.last_known else None) == (row.status, row.last_known), row.why
    if row.reason is not None:
        assert state.reason == row.reason, row.why


@pytest.mark.parametrize(("regime_id", "row"), RULES)
def test_a_rule_stands_as_the_table_says(regime_id: str, row: RuleRow) -> None:
    assert row.rule in rule_ids(regime_id)
    state = state_of(base(), regime_id, row)
    assert state.status == row.status, row.why
    if row.by_text is not None:
        assert state.by_text == row.by_text, row.why
    if row.party is None:
        assert general(row.as_of, row.known_at)[row.rule] == row.status, row.why


@pytest.mark.parametrize("regime_id", REGIMES)
def test_every_status_has_a_row_or_a_reason_why_it_cannot_occur(regime_id: str) -> None:
    known = table(regime_id)
    wanted = {f"{rule}.{status}" for rule in rule_ids(regime_id) for status in ConsequenceStatus}
    shown = {f"{row.rule}.{row.status}" for row in known.rule}
    if base().regimes[regime_id].kind == "list":
        wanted |= set(ListingStatus)
        shown |= {row.status for row in known.listing}
    excluded = set(known.cannot)
    assert wanted - shown - excluded == set(), "a status with neither a row nor a reason"
    assert shown & excluded == set(), "a status that cannot occur has a row"
    assert excluded <= wanted, "a reason for a status that does not exist"
    assert all(known.cannot.values())


@pytest.mark.parametrize("regime_id", REGIMES)
def test_every_row_says_why(regime_id: str) -> None:
    reasons = [row.why for row in table(regime_id).listing] + [row.why for row in table(regime_id).rule]
    assert reasons
    assert all(reasons)
