"""How old a copy of a list may be, and what the refusal tells to do."""

from __future__ import annotations

import pytest
from tests.builders import day, make_descriptor, make_edition, make_regime, tiny_kb

from beholden.errors import KnowledgeBaseError
from beholden.run.age import age_on, refuse_old
from beholden.sources.descriptor import Address, ListOf
from beholden.sources.interface import Source

DAY = day("2026-08-01")


def source(slug: str, regime: str, *, is_fetched: bool) -> Source:
    address = Address(name="list.csv", url="https://www.example/list.csv", documented_at="https://www.example/")
    descriptor = make_descriptor(
        slug, addresses=[address] if is_fetched else [], lists=[ListOf(regime=regime, kind="copies")]
    )
    return Source(descriptor, lambda _, __: iter(()))


@pytest.mark.parametrize(
    ("until", "loaded", "expected"),
    [
        pytest.param("2026-07-31", True, 1, id="behind"),
        pytest.param("2026-08-01", True, 0, id="to-the-day"),
        pytest.param("2026-09-01", True, 0, id="beyond"),
        pytest.param("2026-07-31", False, None, id="not-loaded"),
        pytest.param(None, True, None, id="no-day"),
    ],
)
def test_age_counts_from_the_day_the_copy_was_checked(until: str | None, loaded: bool, expected: int | None) -> None:
    regime = make_regime(checked_until=None if until is None else day(until), loaded=loaded)
    assert age_on(tiny_kb(regime), regime, DAY) == expected


@pytest.mark.parametrize(("is_complete", "expected"), [(True, 2), (False, 61)])
def test_a_newer_copy_counts_if_it_is_whole(is_complete: bool, expected: int) -> None:
    regime = make_regime(checked_until=day("2026-06-01"))
    assert age_on(tiny_kb(regime, make_edition("2026-07-30", is_complete=is_complete)), regime, DAY) == expected


def test_a_copy_of_the_most_days_allowed_passes() -> None:
    kb = tiny_kb(make_regime(checked_until=day("2026-07-22")))
    refuse_old(kb, DAY, 10)
    refuse_old(kb, DAY, None)
    with pytest.raises(KnowledgeBaseError) as caught:
        refuse_old(kb, DAY, 9)
    assert caught.value.code == "kb.too-old"


def test_the_oldest_is_named_first_and_the_others_after_it() -> None:
    until = {"us-a": "2026-07-01", "us-b": "2026-06-01", **{f"us-x{number}": "2026-07-02" for number in range(6)}}
    kb = tiny_kb(*(make_regime(one, checked_until=day(last)) for one, last in until.items()))
    with pytest.raises(KnowledgeBaseError) as caught:
        refuse_old(kb, DAY, 5)
    assert caught.value.message == (
        "our copy of us-b is of 2026-06-01, 61 days before 2026-08-01; at most 5 were allowed; "
        "too old as well: us-a, us-x0, us-x1, us-x2, us-x3 and 2 more"
    )


@pytest.mark.parametrize(
    ("sources", "hint"),
    [
        pytest.param([source("us_x", "us-list", is_fetched=True)], "`beholden kb update us_x`", id="fetched"),
        pytest.param([source("us_x", "us-list", is_fetched=False)], "`beholden kb import us_x FILE`", id="by-hand"),
        pytest.param([source("us_x", "us-other", is_fetched=True)], "no importer reads this list", id="none"),
    ],
)
def test_the_refusal_says_how_to_get_a_newer_copy(
    sources: list[Source], hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beholden.sources.every_source", lambda: sources)
    with pytest.raises(KnowledgeBaseError) as caught:
        refuse_old(tiny_kb(make_regime(checked_until=day("2026-07-01"))), DAY, 5)
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_lists_that_no_command_renews_do_not_count_beside_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.sources.every_source", lambda: [source("us_x", "us-read", is_fetched=True)])
    packs, read = (make_regime(one, checked_until=day("2026-07-01")) for one in ("us-packs", "us-read"))
    fresh = make_regime("us-read", checked_until=day("2026-07-30"))
    refuse_old(tiny_kb(packs, fresh), DAY, 5)
    with pytest.raises(KnowledgeBaseError, match=r"our copy of us-read .* at most 5 were allowed \("):
        refuse_old(tiny_kb(packs, read), DAY, 5)
    with pytest.raises(KnowledgeBaseError, match="our copy of us-packs"):
        refuse_old(tiny_kb(packs), DAY, 5)
