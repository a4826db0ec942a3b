"""What a publication says beside another: rank decides who speaks, and words that may not be passed on are not lent."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from tests.builders import LIST
from tests.compile.test_assemble import JULY, MARCH, NOT_LOADED, base, part

from beholden.compile.assemble import Part
from beholden.kb.base import KnowledgeBase
from beholden.schema.rows import Designation, Edition, Entity, Identifier

LEI = "5493001KJTIIGC8Y1R12"


def closed(one: Part) -> Part:
    """The same, of a publisher that does not allow it to be passed on."""
    told = msgspec.structs.replace(one.publication.descriptor, may_pass_on=False)
    return replace(one, publication=replace(one.publication, descriptor=told))


def listing(slug: str, **more: object) -> Part:
    """A publication that lists one party from March on; all of them mean the same party, by its number."""
    return part(
        slug,
        JULY,
        Edition(regime_id=LIST, date=JULY),
        Entity(id=f"{slug}:1", schema="Company", caption="Acme Widgets"),
        Identifier(entity_id=f"{slug}:1", kind="lei", value=LEI),
        Designation(id=slug, regime_id=LIST, entity_id=f"{slug}:1", valid_from=MARCH, **more),  # type: ignore[arg-type]
        kind="events",
    )


def the_designation(kb: KnowledgeBase) -> Designation:
    (row,) = kb.rows("designations")
    assert isinstance(row, Designation)
    return row


def test_of_publications_that_print_one_day_the_better_rank_speaks() -> None:
    first, second = listing("zz", basis="said first"), listing("aa", basis="said second")
    kb = base([NOT_LOADED], first, second)
    assert (the_designation(kb).source_id, the_designation(kb).basis) == ("zz@2026-07-01", "said first")


def test_words_that_may_be_passed_on_are_lent_to_the_row_of_another() -> None:
    kb = base([NOT_LOADED], listing("zz", programmes=["A"]), listing("aa", programmes=["B"], basis="why"))
    assert (the_designation(kb).programmes, the_designation(kb).basis) == (["A", "B"], "why")


def test_words_that_may_not_be_passed_on_stay_out_of_the_row_of_another() -> None:
    lent = closed(listing("aa", programmes=["SECRET"], basis="secret", citation="secret"))
    row = the_designation(base([NOT_LOADED], listing("zz", programmes=["A"]), lent))
    assert (row.source_id, row.programmes, row.basis, row.citation) == ("zz@2026-07-01", ["A"], None, None)


def test_a_row_that_stays_here_may_have_words_of_its_own_publication_only_or_open_ones() -> None:
    kb = base([NOT_LOADED], closed(listing("zz", programmes=["A"])), listing("aa", programmes=["B"]))
    assert (the_designation(kb).source_id, the_designation(kb).programmes) == ("zz@2026-07-01", ["A", "B"])
