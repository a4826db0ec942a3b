"""Checks across rows: keys, references, words of the vocabulary, intervals; and the order of input never matters."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    SOURCE,
    day,
    make_asset,
    make_claim,
    make_consequence,
    make_designation,
    make_edition,
    make_effect,
    make_entity,
    make_entry,
    make_event,
    make_identifier,
    make_name,
    make_ownership,
    make_ownership_rule,
    make_regime,
    pack_rows,
)

from beholden.compile import compile_rows
from beholden.compile.write import base_digest, table_digests
from beholden.errors import CompileError
from beholden.schema.rows import HYPOTHESIS, Row, SourceRow

GOOD: tuple[Row, ...] = (
    SourceRow(id=SOURCE, title="Written for a test"),
    make_entity("acme", "Acme Ltd."),
    make_entity("other"),
    make_name("acme", "Acme"),
    make_identifier("acme", "lei", "X"),
    make_asset("acme", "domain", "acme.example", "service_endpoint"),
    make_ownership("acme", "other", "50"),
    make_regime(),
    make_regime("us-editions", list_kind="edition"),
    make_edition("2021-06-03", "us-editions"),
    make_entry("other", "2021-06-03", "us-editions"),
    make_designation("acme", "2020-01-01"),
    make_consequence(),
    make_ownership_rule("aggregate_50"),
    make_effect("stay", "2026-07-05", None),
    make_event("e1", "2026-02-13", "acme"),
    make_claim("c1", "acme"),
    make_claim("d1", "acme", "denial", answers=["c1", "e1"]),
)


def problems(*rows: Row) -> list[str]:
    with pytest.raises(CompileError) as caught:
        compile_rows(pack_rows([*GOOD, *rows]))
    assert caught.value.code == "compile.integrity"
    return caught.value.message.splitlines()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        pytest.param(make_entity("new", source_id="nowhere"), "source 'nowhere'", id="missing source"),
        pytest.param(make_name("nobody", "Nobody"), "names.entity_id 'nobody'", id="name of nobody"),
        pytest.param(
            make_identifier("nobody", "lei", "X"), "identifiers.entity_id 'nobody'", id="identifier of nobody"
        ),
        pytest.param(make_asset("nobody", "domain", "n.example"), "assets.entity_id 'nobody'", id="asset of nobody"),
        pytest.param(make_ownership("nobody", "acme", "1"), "ownership.owner_id 'nobody'", id="owner unknown"),
        pytest.param(make_ownership("acme", "nobody", "1"), "ownership.owned_id 'nobody'", id="owned unknown"),
        pytest.param(make_entry("acme", "2021-06-03", "nolist"), "entries.regime_id 'nolist'", id="entry of no list"),
        pytest.param(
            make_designation("acme", "2021-01-01", regime_id="nolist"),
            "designations.regime_id 'nolist'",
            id="list unknown",
        ),
        pytest.param(
            make_designation("nobody", "2021-01-01"), "designations.entity_id 'nobody'", id="listing of nobody"
        ),
        pytest.param(make_consequence("r2", "nolist"), "consequences.regime_id 'nolist'", id="rule of no list"),
        pytest.param(
            make_effect("stay", "2026-01-01", None, "norule"), "effects.target_id 'norule'", id="effect on no rule"
        ),
        pytest.param(make_event("e2", "2026-01-01", "nobody"), "events.entity_ids 'nobody'", id="event of nobody"),
        pytest.param(make_claim("c2", "nobody"), "claims.target_ids 'nobody'", id="claim about nobody"),
        pytest.param(make_claim("c2", "acme", answers=["c9"]), "claims.answers 'c9'", id="answer to nothing"),
        pytest.param(
            make_consequence("r2", binds=["everyone"]), "consequences.binds has 'everyone'", id="unknown role"
        ),
        pytest.param(
            make_consequence("r2", conduct=["breathe"]), "consequences.conduct has 'breathe'", id="unknown conduct"
        ),
        pytest.param(make_consequence("r2", effect="frown"), "consequences.effect has 'frown'", id="unknown effect"),
        pytest.param(make_consequence("r2", ownership="half"), "consequences.ownership has 'half'", id="unknown test"),
        pytest.param(make_asset("acme", "smell", "x"), "assets.kind has 'smell'", id="unknown kind of asset"),
        pytest.param(
            make_asset("acme", "domain", "x.example", "friend"), "assets.relation has 'friend'", id="unknown relation"
        ),
        pytest.param(make_name("acme", "A", "nickname"), "names.kind has 'nickname'", id="unknown kind of name"),
        pytest.param(
            make_ownership("acme", "other", "1", "hope"), "ownership.ownership_type has 'hope'", id="unknown stake"
        ),
        pytest.param(make_effect("pause", "2026-01-01", None), "effects.kind has 'pause'", id="unknown effect kind"),
        pytest.param(
            make_effect("stop", "2026-01-01", "2026-02-01"), "is a stop, which is for good", id="stop with an end"
        ),
        pytest.param(make_claim("c2", "acme", "rumour"), "claims.type has 'rumour'", id="unknown claim type"),
        pytest.param(make_ownership_rule("half"), "ownership_rules.rule has 'half'", id="unknown ownership rule"),
        pytest.param(
            make_regime("l2", list_kind="editon"), "regimes.list_kind has 'editon'", id="unknown kind of list"
        ),
        pytest.param(make_entity("acme"), "entities has 'acme' twice", id="entity twice"),
        pytest.param(make_claim("c1", "acme"), "claims has 'c1' twice", id="claim twice"),
        pytest.param(
            make_designation("other", "2021-01-01", "2020-01-01"), "is after valid_to", id="interval backwards"
        ),
    ],
)
def test_a_row_that_does_not_fit_is_named_with_its_place(row: Row, says: str) -> None:
    (problem,) = problems(row)
    assert problem.startswith(f"test:{len(GOOD) + 1}: ")
    assert says in problem


def test_all_problems_are_told_at_once_up_to_twenty() -> None:
    told = problems(*(make_name("nobody", str(number)) for number in range(25)))
    assert (len(told), told[-1]) == (21, "… and 5 more")


def test_an_address_asset_that_is_no_address_is_refused() -> None:
    with pytest.raises(CompileError, match=r"ip:999\.1\.1\.1"):
        compile_rows(pack_rows([*GOOD, make_asset("acme", "ip", "999.1.1.1", "dns_resolver")]))


@given(st.permutations(GOOD))
def test_the_same_rows_in_any_order_give_the_same_digest(rows: list[Row]) -> None:
    assert digest(rows) == digest(list(GOOD))


@pytest.mark.parametrize("position", range(len(GOOD)))
def test_leaving_out_or_changing_a_row_changes_the_digest(position: int) -> None:
    changed = list(GOOD)
    changed[position] = msgspec.structs.replace(changed[position], published_at=day("1999-01-01"))
    assert digest(changed) != digest(list(GOOD))


def digest(rows: list[Row]) -> str:
    return base_digest(table_digests(compile_rows(pack_rows(rows))))


@pytest.mark.parametrize(
    "row",
    [SourceRow(id=HYPOTHESIS, title="Mine"), make_designation("acme", "2020-01-01", end_reason=HYPOTHESIS)],
    ids=["source", "end"],
)
def test_no_row_of_a_pack_passes_for_a_hypothesis_or_a_hypothesis_for_a_row(row: Row) -> None:
    with pytest.raises(CompileError, match="kept for what is only supposed"):
        compile_rows(pack_rows([*GOOD, row]))
