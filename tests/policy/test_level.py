"""The level table of the contract, whole: every listing, rule standing, binding, conduct, reach and open question."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.policy.level import Facts, level_of
from beholden.schema.vocabulary import ConsequenceStatus, Effect, Level, ListingStatus

S = ConsequenceStatus
# A rule that binds us, covers what we do and reaches a listed party, by its standing: settled, and with something open.
APPLIES: dict[tuple[S, Effect], tuple[tuple[str, str | None], tuple[str, str | None]]] = {
    (S.IN_FORCE, Effect.PROHIBIT): (("prohibited", None), ("review", "prohibited")),
    (S.IN_FORCE, Effect.LICENCE): (("restricted", None), ("review", "restricted")),
    (S.IN_FORCE, Effect.CONDITIONS): (("restricted", None), ("review", "restricted")),
    (S.IN_FORCE, Effect.REPORT): (("restricted", None), ("review", "restricted")),
    **dict.fromkeys(product((S.UPCOMING, S.SUSPENDED, S.STAYED), Effect), (("upcoming", None), ("upcoming", None))),
    **dict.fromkeys(product((S.ENDED, S.NOT_IN_FORCE), Effect), (("info", None), ("info", None))),
    (S.UNKNOWN, Effect.PROHIBIT): (("review", "prohibited"), ("review", "prohibited")),
    **{
        (S.UNKNOWN, effect): (("review", "restricted"), ("review", "restricted"))
        for effect in (Effect.LICENCE, Effect.CONDITIONS, Effect.REPORT)
    },
}
ALL = list(product(ListingStatus, ConsequenceStatus, Effect, *[(True, False)] * 4))


def test_the_table_has_every_standing_and_effect() -> None:
    assert set(APPLIES) == set(product(ConsequenceStatus, Effect))


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("status", ConsequenceStatus)
@pytest.mark.parametrize("listing", ListingStatus)
def test_level_table(listing: ListingStatus, status: ConsequenceStatus, effect: Effect) -> None:
    for is_bound, is_covered, is_reached, is_open, is_excepted in product((True, False), repeat=5):
        facts = Facts(
            listing=listing,
            consequence=status,
            by_text=ConsequenceStatus.IN_FORCE if status is S.UNKNOWN else None,
            effect=effect,
            is_bound=is_bound,
            is_covered_conduct=is_covered,
            is_reached=is_reached,
            is_open=is_open,
            is_excepted=is_excepted,
        )
        applies = listing is ListingStatus.LISTED and is_bound and is_covered and is_reached and not is_excepted
        assert level_of(facts) == (APPLIES[status, effect][is_open] if applies else ("info", None)), facts


def _facts(
    status: ConsequenceStatus, by_text: ConsequenceStatus | None, effect: Effect | None = Effect.PROHIBIT
) -> Facts:
    return Facts(ListingStatus.LISTED, status, by_text, effect, True, True, True, False)


def test_a_rule_whose_start_nobody_read_is_confirmed_as_what_it_does() -> None:
    assert level_of(_facts(S.UNKNOWN, None)) == (Level.REVIEW, Level.PROHIBITED)


def test_a_rule_whose_effect_is_not_known_restricts() -> None:
    assert level_of(_facts(S.IN_FORCE, None, None)) == (Level.RESTRICTED, None)


@given(st.sampled_from(ALL), st.sampled_from([None, *ConsequenceStatus]))
def test_only_a_review_has_a_level_if_confirmed(row: tuple[object, ...], by_text: ConsequenceStatus | None) -> None:
    listing, status, effect, *flags = row
    level, confirmed = level_of(Facts(listing, status, by_text, effect, *flags))  # type: ignore[arg-type]
    assert (confirmed is not None) == (level is Level.REVIEW)


def test_levels_are_ranked_as_the_contract_lists_them() -> None:
    ranked = sorted(Level, key=lambda level: level.rank)
    assert ranked == ["prohibited", "restricted", "review", "upcoming", "contested", "info"]
