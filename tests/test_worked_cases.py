"""The worked cases of the explanation pages, computed."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import beholden
from beholden.compile import open_core
from beholden.kb.law import consequence_state, ownership_rule_state
from beholden.kb.listing import listing_state
from beholden.kb.ownership import RULES, fixed_point
from beholden.policy.level import Facts, level_of
from beholden.schema.rows import Ownership
from beholden.schema.vocabulary import ConsequenceStatus, Effect, Level, ListingStatus

ROOT = Path(__file__).resolve().parents[1]
EXPLANATION = ROOT / "docs" / "explanation"
NOTHING = "–"
_STAKE = re.compile(r"(\w+) (?:([\d.]+|\?)(?:-([\d.]+))? % of|(controls)|(affiliate) of) (\w+)")


def rows(page: str, head: str) -> list[list[str]]:
    """Cells of the table whose first heading is `head`, without code marks."""
    text = (EXPLANATION / page).read_text(encoding="utf-8")
    _, _, table = text.partition(f"\n| {head} |")
    lines = table.split("\n\n")[0].splitlines()[2:]
    assert lines
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


def edge(stake: str) -> Ownership:
    found = _STAKE.fullmatch(stake)
    assert found, stake
    owner, low, high, controls, affiliate, owned = found.groups()
    known = None if low in (None, "?") else Decimal(low)
    return Ownership(
        id=stake,
        owner_id=owner,
        owned_id=owned,
        percentage_low=known,
        percentage_high=Decimal(high) if high else known,
        ownership_type="control" if controls else "affiliate" if affiliate else "capital",
    )


@pytest.mark.parametrize("case", rows("ownership.md", "stakes"), ids=lambda case: f"{case[1]}: {case[0]}")
def test_the_arithmetic_of_the_ownership_page_is_what_the_program_computes(case: list[str]) -> None:
    stakes, rule, low, high, answer = case
    edges = [edge(stake) for stake in stakes.split(", ")]
    state = fixed_point(edges, {"A", "B"}, RULES[rule]).get(edges[-1].owned_id)
    if state is None:
        assert (low, high, answer) == (NOTHING, NOTHING, "not covered")
        return
    assert (low, high) == (f"{state.low.normalize():f}", f"{state.high.normalize():f}")
    assert answer == state.coverage.value.replace("_", " ")


def test_the_ownership_page_names_every_test() -> None:
    assert {case[0] for case in rows("ownership.md", "test")} == {*RULES, "none", "unknown"}


@pytest.mark.parametrize("case", rows("levels.md", "the rule"), ids=lambda case: " ".join(case[:6]))
def test_the_levels_of_the_levels_page_are_what_the_program_computes(case: list[str]) -> None:
    rule, effect, bound, conduct, reached, is_open, level, confirmed = case
    status, _, rest = rule.partition(", ")
    facts = Facts(
        listing=ListingStatus.DELISTED if rest == "party delisted" else ListingStatus.LISTED,
        consequence=ConsequenceStatus(status),
        by_text=ConsequenceStatus(rest.removeprefix("by its text ")) if rest.startswith("by its text") else None,
        effect=Effect(effect),
        is_bound=bound == "yes",
        is_covered_conduct=conduct == "yes",
        is_reached=reached == "yes",
        is_open=is_open == "yes",
    )
    assert level_of(facts) == (Level(level), None if confirmed == NOTHING else Level(confirmed))


def test_the_levels_page_names_every_level_worst_first() -> None:
    assert [case[0] for case in rows("levels.md", "level")] == list(Level)


@pytest.mark.parametrize("case", rows("time.md", "asked"), ids=lambda case: " ".join(case[:3]))
def test_the_statuses_of_the_time_page_are_what_the_program_answers(case: list[str]) -> None:
    asked, day, known, answer = case
    kb = open_core()
    as_of, known_at = date.fromisoformat(day), None if known == NOTHING else date.fromisoformat(known)
    if " on " in asked:
        party, regime = asked.split(" on ")
        state = listing_state(kb, kb.regimes[regime], party, as_of=as_of, known_at=known_at)
        last = f", last known {state.last_known[0]}" if state.last_known else ""
        assert f"{state.status}{last}" == answer
        return
    name, _, party = asked.partition(" for ")
    own = next((row for row in kb.ownership_rules if row.id == name), None)
    if own is not None:
        assert ownership_rule_state(kb, own, as_of=as_of, known_at=known_at).status == answer
        return
    rule = next(row for found in kb.consequences.values() for row in found if row.id == name)
    entity = party or None
    listed = listing_state(kb, kb.regimes[rule.regime_id], party, as_of=as_of, known_at=known_at) if party else None
    designation = listed.designation if listed else None
    stands = consequence_state(kb, rule, designation=designation, entity_id=entity, as_of=as_of, known_at=known_at)
    assert stands.status == answer


def test_the_architecture_page_tells_every_folder_of_the_package() -> None:
    package = Path(beholden.__file__).parent
    folders = {path.name for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert {case[0] for case in rows("pipeline.md", "folder")} == folders
