"""Packs and publications put together: listings from copies, ids that mean one party, reviewed rows beside copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import LIST, SOURCE, day, make_descriptor, make_designation, make_entity, make_regime, pack_rows

from beholden.compile.assemble import Decisions, Part, assemble
from beholden.compile.write import base_digest, table_digests
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.kb.listing import listing_state
from beholden.schema.rows import (
    Designation,
    Edition,
    Entity,
    Entry,
    Identifier,
    Name,
    Ownership,
    Resolution,
    Row,
    SourceRow,
)
from beholden.sources.descriptor import ListOf
from beholden.sources.interface import Publication, Reading, Source

MARCH, JUNE, JULY, AUGUST = (day(text) for text in ("2026-03-01", "2026-06-01", "2026-07-01", "2026-08-01"))


def part(slug: str, edition: date, *rows: Row, kind: str = "copies", is_partial: bool = False) -> Part:
    def parse(publication: Publication, reading: Reading) -> Iterator[Row]:
        yield from rows

    told = make_descriptor(slug, lists=[ListOf(regime=LIST, kind=kind)])
    if not any(isinstance(row, Edition) for row in rows):
        told = msgspec.structs.replace(told, kind="registry", lists=[])
    return Part(Source(told, parse), Publication(told, (), edition), is_partial)


def copy_of(slug: str, edition: date, *entity_ids: str, **more: str) -> Part:
    """A complete copy that prints these parties and no dates."""
    rows: list[Row] = [Edition(regime_id=LIST, date=edition)]
    for entity_id in entity_ids:
        caption = more.get(entity_id.partition(":")[2], entity_id.upper())
        rows.append(Entity(id=entity_id, schema="LegalEntity", caption=caption))
        rows.append(Entry(regime_id=LIST, edition=edition, entity_id=entity_id, listed_as=caption))
    return part(slug, edition, *rows)


def base(packs: Iterable[Row], *parts: Part, decisions: Decisions | None = None) -> KnowledgeBase:
    rows = [SourceRow(id=SOURCE, title="Written for a test", date=day("2000-01-01")), *packs]
    made = assemble(pack_rows(rows), parts, decisions or Decisions(), None)
    return KnowledgeBase([Layer.in_memory(made.tables)], base_digest(table_digests(made.tables)))


def standing(kb: KnowledgeBase, entity_id: str, on: date, known_at: date | None = None) -> tuple[str, str | None]:
    state = listing_state(kb, kb.regimes[LIST], entity_id, as_of=on, known_at=known_at)
    return str(state.status), state.reason


NOT_LOADED = make_regime(LIST, loaded=False)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-02-28", ("unknown", "before_our_copy"), id="before-the-first-copy"),
        pytest.param("2026-03-01", ("listed", None), id="on-it"),
        pytest.param("2026-04-15", ("unknown", "between_our_copies"), id="between-the-last-that-has-it-and-the-next"),
        pytest.param("2026-06-01", ("delisted", None), id="on-the-copy-that-omits-it"),
        pytest.param("2026-07-01", ("delisted", None), id="on-the-last-copy"),
        pytest.param("2026-07-02", ("unknown", "after_our_copy"), id="after-the-last-copy"),
    ],
)
def test_a_party_that_leaves_is_known_on_the_days_of_the_copies(on: str, expected: tuple[str, str | None]) -> None:
    kb = base(
        [NOT_LOADED],
        copy_of("office", MARCH, "o:1", "o:2"),
        copy_of("office", JUNE, "o:2"),
        copy_of("office", JULY, "o:2"),
    )
    assert standing(kb, "o:1", day(on)) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param("2026-03-01", ("not_listed", None), id="on-the-copy-without-it"),
        pytest.param("2026-04-15", ("unknown", "between_our_copies"), id="between"),
        pytest.param("2026-06-01", ("listed", None), id="by-then"),
    ],
)
def test_a_party_that_comes_is_known_on_the_days_of_the_copies(on: str, expected: tuple[str, str | None]) -> None:
    kb = base([NOT_LOADED], copy_of("office", MARCH, "o:2"), copy_of("office", JUNE, "o:1", "o:2"))
    assert standing(kb, "o:1", day(on)) == expected


def seen(kb: KnowledgeBase, entity_id: str, on: date, known_at: date | None) -> tuple[str, tuple[str, date] | None]:
    state = listing_state(kb, kb.regimes[LIST], entity_id, as_of=on, known_at=known_at)
    return str(state.status), state.last_known and (str(state.last_known[0]), state.last_known[1])


MAY = day("2026-05-01")


@pytest.mark.parametrize(
    ("party", "on", "known_at", "expected"),
    [
        # On the copy of March, gone in June.
        pytest.param("o:gone", MAY, None, ("unknown", ("listed", MARCH)), id="gone-between"),
        pytest.param("o:gone", MAY, MAY, ("unknown", ("listed", MARCH)), id="gone-between-known-then"),
        pytest.param("o:gone", JUNE, MAY, ("unknown", ("listed", MARCH)), id="gone-on-the-copy-known-before"),
        pytest.param("o:gone", JULY, MAY, ("unknown", ("listed", MARCH)), id="gone-behind-the-copies-known-before"),
        # Not on that of March, on that of June.
        pytest.param("o:new", MAY, None, ("unknown", None), id="new-between"),
        pytest.param("o:new", MAY, MAY, ("unknown", None), id="new-between-known-then"),
        pytest.param("o:new", JUNE, MAY, ("unknown", ("not_listed", MARCH)), id="new-on-the-copy-known-before"),
        pytest.param("o:new", JULY, MAY, ("unknown", ("not_listed", MARCH)), id="new-behind-the-copies-known-before"),
        pytest.param("o:new", JUNE, day("2026-02-01"), ("unknown", None), id="new-known-before-any-copy"),
        # On both, and on none.
        pytest.param("o:both", MAY, MAY, ("listed", None), id="on-both"),
        pytest.param("o:both", JULY, MAY, ("unknown", ("listed", MARCH)), id="on-both-behind-the-copies"),
        pytest.param("o:both", JUNE, day("2026-02-01"), ("unknown", None), id="on-both-known-before-any-copy"),
        pytest.param("o:none", MAY, MAY, ("not_listed", None), id="on-none"),
        pytest.param("o:none", JUNE, MAY, ("unknown", ("not_listed", MARCH)), id="on-none-known-before"),
    ],
)
def test_what_was_public_by_a_day_is_no_copy_of_that_day(
    party: str, on: date, known_at: date | None, expected: tuple[str, tuple[str, date] | None]
) -> None:
    none = part("register", MARCH, Entity(id="o:none", schema="LegalEntity", caption="None"))
    kb = base(
        [NOT_LOADED], copy_of("office", MARCH, "o:gone", "o:both"), copy_of("office", JUNE, "o:new", "o:both"), none
    )
    assert seen(kb, party, on, known_at) == expected


_DAYS = [MARCH + timedelta(days=number) for number in range(6)]


@settings(deadline=None, max_examples=60)
@given(
    copies=st.dictionaries(st.integers(0, 5), st.booleans(), min_size=1, max_size=4),
    own=st.none() | st.integers(-2, 5),
    on=st.integers(0, 6),
    known=st.integers(-1, 6),
)
def test_with_less_information_an_answer_is_never_surer(
    copies: dict[int, bool], own: int | None, on: int, known: int
) -> None:
    """Of days that were past by then; of later ones a listing that was public stays, as DESIGN has it."""
    made = [copy_of("office", _DAYS[number], "o:x", *(["o:1"] if has else [])) for number, has in copies.items()]
    if own is not None:
        row = Designation(id="x", regime_id=LIST, entity_id="o:1", listed_as="A", valid_from=MARCH + timedelta(own))
        first = made[0].publication.edition
        made[0] = part("office", first, *made[0].source.parse(made[0].publication, Reading()), row)
    kb = base([NOT_LOADED], *made)
    as_of, known_at = MARCH + timedelta(on), MARCH + timedelta(known)
    less, more = seen(kb, "o:1", as_of, known_at)[0], seen(kb, "o:1", as_of, None)[0]
    if as_of <= known_at:
        assert less in (more, "unknown")
    elif less != "unknown":
        assert less == "listed"


@pytest.mark.parametrize(
    ("on", "known_at", "expected"),
    [
        pytest.param("2026-02-01", None, (JUNE, (None, JUNE)), id="before-the-first-copy"),
        pytest.param("2026-02-01", "2026-05-01", (None, None), id="before-anybody-could-know"),
        pytest.param("2026-06-01", None, (None, None), id="listed"),
    ],
)
def test_a_later_copy_says_by_when_it_was_listed(
    on: str, known_at: str | None, expected: tuple[date | None, tuple[date | None, date] | None]
) -> None:
    kb = base([NOT_LOADED], copy_of("office", JUNE, "o:1"))
    as_of, known = day(on), None if known_at is None else day(known_at)
    state = listing_state(kb, kb.regimes[LIST], "o:1", as_of=as_of, known_at=known)
    assert (state.listed_by, state.copies) == expected
    assert state.is_open is (expected[0] is not None)
    assert state.is_since_latest is (state.since is not None)


def test_a_printed_day_is_known_before_the_first_copy_and_absence_is_not() -> None:
    dated = part(
        "office",
        JUNE,
        Edition(regime_id=LIST, date=JUNE),
        Entity(id="o:1", schema="LegalEntity", caption="Dated"),
        Entry(regime_id=LIST, edition=JUNE, entity_id="o:1", listed_as="Dated"),
        Designation(id="x", regime_id=LIST, entity_id="o:1", listed_as="Dated", valid_from=day("2020-05-05")),
        Entity(id="o:2", schema="LegalEntity", caption="Unlisted"),
    )
    kb = base([NOT_LOADED], dated)
    assert standing(kb, "o:1", day("2021-01-01")) == ("listed", None)
    assert standing(kb, "o:2", day("2021-01-01")) == ("unknown", "before_our_copy")
    assert standing(kb, "o:2", JUNE) == ("not_listed", None)
    [row] = kb.designations("o:1")
    assert (row.valid_from, row.is_start_latest) == (day("2020-05-05"), False)


@pytest.mark.parametrize(
    ("on", "gone", "stays"),
    [
        pytest.param("2020-05-04", ("unknown", None), ("unknown", None), id="before-its-printed-day"),
        pytest.param("2020-05-05", ("listed", None), ("listed", None), id="on-it"),
        pytest.param("2026-03-01", ("listed", None), ("listed", None), id="on-the-day-of-the-other-publication"),
        pytest.param(
            "2026-04-15", ("unknown", ("listed", MARCH)), ("listed", None), id="before-the-first-copy-of-the-list"
        ),
        pytest.param("2026-06-01", ("delisted", None), ("listed", None), id="on-it-too"),
    ],
)
def test_a_publication_that_only_names_a_list_says_who_is_on_it_and_not_who_is_not(
    on: str, gone: tuple[str, tuple[str, date] | None], stays: tuple[str, tuple[str, date] | None]
) -> None:
    named: list[Row] = [Edition(regime_id=LIST, date=MARCH, is_complete=False)]
    for one in ("o:gone", "o:stays"):
        since = day("2020-05-05")
        named.append(Entity(id=one, schema="LegalEntity", caption=one))
        named.append(Entry(regime_id=LIST, edition=MARCH, entity_id=one, listed_as=one))
        named.append(Designation(id=one, regime_id=LIST, entity_id=one, listed_as=one, valid_from=since))
    kb = base([NOT_LOADED], part("register", MARCH, *named), copy_of("office", JUNE, "o:stays", "o:other"))
    assert seen(kb, "o:gone", day(on), None) == gone
    assert seen(kb, "o:stays", day(on), None) == stays
    assert seen(kb, "o:other", MARCH, None) == ("unknown", None)


def test_a_copy_of_which_records_were_rejected_says_nothing_of_who_is_absent() -> None:
    rows: list[Row] = [Edition(regime_id=LIST, date=JUNE), Entity(id="o:1", schema="LegalEntity", caption="A")]
    kb = base([NOT_LOADED], part("office", JUNE, *rows, is_partial=True))
    assert standing(kb, "o:1", JUNE) == ("unknown", "not_in_our_partial_copy")


@pytest.mark.parametrize(
    ("party", "on", "expected"),
    [
        pytest.param("office:both", "2026-08-01", ("listed", None), id="printed-in-both"),
        pytest.param("office:new", "2026-08-01", ("listed", None), id="new-in-the-copy-in-part"),
        pytest.param("office:new", "2026-08-02", ("unknown", "after_our_copy"), id="new-and-after-it"),
        pytest.param("office:old", "2026-08-01", ("unknown", "after_our_copy"), id="not-in-the-copy-in-part"),
        pytest.param("office:nobody", "2026-06-01", ("not_listed", None), id="absent-from-the-whole-copy"),
        pytest.param("office:nobody", "2026-08-01", ("unknown", "after_our_copy"), id="absent-from-both"),
    ],
)
def test_a_later_copy_in_part_speaks_only_for_those_whom_it_prints(
    party: str, on: str, expected: tuple[str, str | None]
) -> None:
    later = copy_of("office", AUGUST, "office:both", "office:new")
    kb = base(
        [NOT_LOADED, make_entity("office:nobody")],
        copy_of("office", JUNE, "office:both", "office:old"),
        Part(later.source, later.publication, is_partial=True),
    )
    assert standing(kb, party, day(on)) == expected


def test_a_copy_in_part_confirms_what_was_reviewed_and_not_who_is_absent() -> None:
    packs = [
        make_regime(LIST, checked_until=JUNE),
        make_entity("known"),
        make_entity("nobody"),
        make_designation("known", "2026-03-01"),
    ]
    rows = [
        Edition(regime_id=LIST, date=AUGUST, is_complete=False),
        Entity(id="export:1", schema="LegalEntity", caption="KNOWN"),
        Resolution(entity_id="known", referent="export:1", rule="reviewed", reason="for this test"),
        Designation(id=f"{LIST}:export:1", regime_id=LIST, entity_id="export:1", valid_from=MARCH),
    ]
    kb = base(packs, part("export", AUGUST, *rows, kind="events"))
    assert standing(kb, "known", JULY) == ("listed", None)
    assert standing(kb, "known", AUGUST) == ("listed", None)
    assert standing(kb, "nobody", JUNE) == ("not_listed", None)
    assert standing(kb, "nobody", JULY) == ("unknown", "after_our_copy")


def test_another_publisher_cannot_omit_a_party_that_it_numbers_otherwise() -> None:
    kb = base(
        [NOT_LOADED], copy_of("old", MARCH, "x:1", **{"1": "Acme"}), copy_of("new", JULY, "y:9", **{"9": "Other"})
    )
    assert standing(kb, "x:1", MARCH) == ("listed", None)
    # Not “listed” on the new copy's day, nor delisted by it: nobody said either.
    assert standing(kb, "x:1", JULY) == ("unknown", "not_in_later_copies")
    assert standing(kb, "y:9", JULY) == ("listed", None)


def test_a_publisher_does_not_number_parties_as_another_does_whose_parties_it_prints_too() -> None:
    packs = [
        make_regime(LIST, checked_until=MARCH),
        make_entity("acme", caption="Acme Trading Limited"),
        make_entity("other", caption="Other Works Limited"),
        make_designation("other", "2020-01-01", listed_as="named by a statute that the list refers to"),
    ]
    # Both parties are registered, and the copy prints the first of them only, under a number of its own.
    registered = [
        registry("registry", "r:1", ("lei", LEI)),
        registry("registry-2", "r:2", ("isin", "US0378331005")),
    ]
    copy = part(
        "office",
        JULY,
        Edition(regime_id=LIST, date=JULY),
        Entity(id="o:1", schema="Company", caption="Acme Trading Limited"),
        Identifier(entity_id="o:1", kind="lei", value=LEI),
        Entry(regime_id=LIST, edition=JULY, entity_id="o:1", listed_as="Acme Trading Limited"),
    )
    numbers: list[Row] = [
        Identifier(entity_id="acme", kind="lei", value=LEI, source_id=SOURCE, grade="H"),
        Identifier(entity_id="other", kind="isin", value="US0378331005", source_id=SOURCE, grade="H"),
    ]
    kb = base([*packs, *numbers], *registered, copy)
    assert (kb.canonical("r:1"), kb.canonical("r:2"), kb.canonical("o:1")) == ("acme", "other", "acme")
    [row] = kb.designations("other")
    assert row.valid_to is None


def test_a_part_of_a_list_takes_nothing_from_what_the_packs_know_of_a_party() -> None:
    packs = [
        make_regime(LIST, checked_until=MARCH, is_partial=True),
        make_entity("acme", caption="Acme Trading Limited"),
        make_designation("acme", "2026-02-01", listed_as="Acme Trading Ltd"),
    ]
    rows: list[Row] = [Edition(regime_id=LIST, date=JUNE), Entity(id="o:2", schema="LegalEntity", caption="B")]
    kb = base(packs, part("office", JUNE, *rows, is_partial=True))
    assert standing(kb, "acme", day("2026-01-31")) == ("not_listed", None)
    assert standing(kb, "o:2", day("2026-01-31")) == ("unknown", "not_in_our_partial_copy")


def test_another_publisher_with_the_same_numbers_can() -> None:
    kb = base([NOT_LOADED], copy_of("old", MARCH, "ofac:1", "ofac:2"), copy_of("new", JULY, "ofac:2"))
    assert standing(kb, "ofac:1", JULY) == ("delisted", None)


def test_the_one_entry_that_prints_a_name_is_one_party_in_packs_and_copy() -> None:
    packs = [
        make_regime(LIST, checked_until=MARCH, is_partial=True),
        make_entity("acme", caption="Acme Trading Limited"),
        make_designation("acme", "2020-01-01", listed_as="Acme Trading Ltd"),
    ]
    kb = base(packs, copy_of("office", JULY, "o:1", **{"1": "ACME TRADING LTD."}))
    assert kb.canonical("o:1") == "acme"
    assert kb.entity("o:1") is None
    [row] = kb.designations("acme")
    assert (row.valid_from, row.valid_to, row.source_id) == (day("2020-01-01"), None, SOURCE)
    assert standing(kb, "acme", JULY) == ("listed", None)
    [decision] = kb.resolutions("acme")
    assert (decision.referent, decision.rule) == ("o:1", "same_entry")


def test_a_name_alone_joins_nothing() -> None:
    packs = [NOT_LOADED, make_entity("tplink-us", caption="TP-Link Systems Inc.")]
    kb = base(packs, copy_of("office", JULY, "o:1", **{"1": "TP-Link Systems Inc."}))
    assert kb.canonical("o:1") == "o:1"
    assert {row.entity_id for row in kb.named(["tp link systems inc"])} == {"tplink-us", "o:1"}


LEI = "5493001KJTIIGC8Y1R12"


def registry(slug: str, entity_id: str, *identifiers: tuple[str, str], schema: str = "Company") -> Part:
    rows: list[Row] = [Entity(id=entity_id, schema=schema, caption=entity_id.upper())]
    rows += [Identifier(entity_id=entity_id, kind=kind, value=value) for kind, value in identifiers]
    return part(slug, JUNE, *rows)


def test_a_shared_number_joins_and_everything_said_moves_to_one_id() -> None:
    alias = Name(entity_id="o:1", name="Ay", kind="alias")
    holding = Ownership(id="lei:X>lei:Y", owner_id="lei:X", owned_id="lei:Y", percentage_low=None)
    kb = base(
        [make_entity("acme")],
        registry("gleif", "lei:X", ("lei", LEI)),
        registry("office", "o:1", ("lei", LEI)),
        part(
            "more",
            JUNE,
            Entity(id="lei:Y", schema="Company", caption="Y"),
            holding,
            alias,
        ),
    )
    assert kb.canonical("o:1") == "lei:X"
    assert [row.owner_id for row in kb.owners("lei:Y")] == ["lei:X"]
    assert {row.name for row in kb.names("lei:X")} == {"LEI:X", "O:1", "Ay"}
    assert [row.reason for row in kb.resolutions("lei:X")] == [f"lei:X and o:1 both have the lei {LEI}"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        pytest.param(
            (registry("a", "a:1", ("isin", "US01609W1027")), registry("a2", "a:2", ("isin", "US01609W1027"))),
            "a keeps them as two",
            id="one-numbering-keeps-them-apart",
        ),
        pytest.param(
            (
                registry("a", "a:1", ("isin", "US01609W1027"), ("lei", LEI)),
                registry("b", "b:1", ("isin", "US01609W1027"), ("lei", "213800D1EI4B9WTWWD28")),
            ),
            "their lei differs",
            id="two-leis",
        ),
        pytest.param(
            (registry("a", "a:1", ("inn", "7707083893")), registry("b", "b:1", ("inn", "7707083893"), schema="Person")),
            "one is a organisation and one a person",
            id="a-person-and-a-company",
        ),
    ],
)
def test_what_contradicts_itself_is_kept_apart_with_the_reason(parts: tuple[Part, Part], why: str) -> None:
    kb = base([make_entity("acme")], *parts)
    first, second = (next(iter(one.source.parse(one.publication, Reading()))) for one in parts)
    assert isinstance(first, Entity)
    assert isinstance(second, Entity)
    assert kb.entity(first.id) is not None
    assert kb.entity(second.id) is not None
    [row] = [row for row in kb.declined() if row.rule == "declined"]
    assert why in row.reason


def one_party(slug: str, entity_id: str, caption: str, schema: str = "Company", **more: Any) -> Part:
    return part(slug, JUNE, Entity(id=entity_id, schema=schema, caption=caption, **more))


@pytest.mark.parametrize(
    ("one", "other", "is_joined"),
    [
        pytest.param(
            one_party("a", "a:1", "Example Trading Company Limited", jurisdictions=["hk"]),
            one_party("b", "b:1", "EXAMPLE TRADING CO., LTD", jurisdictions=["cn", "hk"]),
            True,
            id="name-and-place",
        ),
        pytest.param(
            one_party("a", "a:1", "Example Trading Company Limited", jurisdictions=["hk"]),
            one_party("b", "b:1", "Example Trading Company Limited", jurisdictions=["gb"]),
            False,
            id="another-place",
        ),
        pytest.param(
            one_party("a", "a:1", "Example Trading Company Limited", jurisdictions=["hk"]),
            one_party("b", "b:1", "Example Trading Company Limited"),
            False,
            id="no-place",
        ),
        pytest.param(
            one_party("a", "a:1", "TP-Link Systems Inc.", jurisdictions=["us"]),
            one_party("b", "b:1", "TP-Link Technologies Inc.", jurisdictions=["us"]),
            False,
            id="another-name",
        ),
        pytest.param(
            one_party("a", "a:1", "Alibaba Group", jurisdictions=["ir"]),
            one_party("b", "b:1", "Alibaba Travels Co.", jurisdictions=["ir"]),
            False,
            id="a-shared-word",
        ),
        pytest.param(
            one_party("a", "a:1", "Acme Ltd", jurisdictions=["hk"]),
            one_party("b", "b:1", "Acme Ltd", jurisdictions=["hk"]),
            False,
            id="a-short-name",
        ),
        pytest.param(
            one_party("a", "a:1", "Maria Exemplar", "Person", birth_dates=["1970-01-31"]),
            one_party("b", "b:1", "MARIA EXEMPLAR", "Person", birth_dates=["1970-01-31", "1971"]),
            True,
            id="name-and-birth-date",
        ),
        pytest.param(
            one_party("a", "a:1", "Maria Exemplar", "Person", birth_dates=["1970"]),
            one_party("b", "b:1", "Maria Exemplar", "Person", birth_dates=["1970"]),
            False,
            id="only-a-year",
        ),
        pytest.param(
            one_party("a", "a:1", "Example Trading Company Limited", jurisdictions=["hk"]),
            one_party("b", "in_house:1", "Example Trading Company Limited", jurisdictions=["hk"]),
            False,
            id="a-row-of-the-user",
        ),
    ],
)
def test_a_name_joins_only_with_something_beside_it(one: Part, other: Part, *, is_joined: bool) -> None:
    kb = base([], one, other)
    ids = [row.id for row in kb.entities()]
    assert (len(ids) == 1) is is_joined
    assert [row.rule for row in kb.resolutions(ids[0])] == (["name_and_more"] if is_joined else [])


def test_where_a_numbering_has_two_of_a_name_nobody_is_joined() -> None:
    two = part(
        "b",
        JUNE,
        Entity(id="b:1", schema="Company", caption="Example Trading Company Limited", jurisdictions=["hk"]),
        Entity(id="b:2", schema="Company", caption="Example Trading Company Limited", jurisdictions=["hk"]),
    )
    kb = base([], one_party("a", "a:1", "Example Trading Company Limited", jurisdictions=["hk"]), two)
    assert len(kb.entities()) == 3


def test_a_person_decides_and_can_take_it_back() -> None:
    parts = (registry("a", "a:1", ("lei", LEI)), registry("b", "b:1", ("lei", LEI)))
    apart = Resolution(entity_id="a:1", referent="b:1", rule="declined", reason="two branches")
    assert base([], *parts).canonical("b:1") == "a:1"
    assert base([], *parts, decisions=Decisions(apart=[apart])).canonical("b:1") == "b:1"
    same = [Resolution(entity_id="a:1", referent="c:1", rule="reviewed", reason="seen")]
    assert base([], *parts, registry("c", "c:1"), decisions=Decisions(same=same)).canonical("c:1") == "a:1"


def of_packs(entity_id: str, referent: str, rule: str = "reviewed") -> Resolution:
    reason = "both print the address 1 Test Street"
    return Resolution(entity_id=entity_id, referent=referent, rule=rule, reason=reason, source_id=SOURCE, grade="B")


@pytest.mark.parametrize("referent", ["o:1", f"{LIST}:AY"])
def test_packs_say_which_entry_is_a_party_by_its_id_or_as_it_is_printed(referent: str) -> None:
    packs = [NOT_LOADED, make_entity("acme"), of_packs("acme", referent), of_packs("acme", "absent:7")]
    copy = copy_of("office", JULY, "o:1", "o:2", **{"1": "Ay"})
    kb = base(packs, copy)
    [decision] = kb.resolutions("acme")
    assert (decision.referent, decision.rule) == ("o:1", "reviewed")
    assert standing(kb, "acme", JULY) == ("listed", None)
    # The user can take it back.
    apart = Decisions(apart=[Resolution(entity_id="acme", referent="o:1", rule="declined", reason="decided here")])
    assert base(packs, copy, decisions=apart).canonical("o:1") == "o:1"


def test_what_packs_leave_open_makes_the_listing_unknown_until_the_user_decides() -> None:
    packs = [NOT_LOADED, make_entity("acme", "Acme Holding"), of_packs("acme", f"{LIST}:Ay", "open")]
    copy = copy_of("office", JULY, "o:1", **{"1": "Ay"})
    kb = base(packs, copy)
    assert (standing(kb, "acme", JULY), kb.canonical("o:1")) == (("unknown", "an_entry_may_mean_it"), "o:1")
    pair = Resolution(entity_id="acme", referent="o:1", rule="reviewed", reason="decided here")
    assert standing(base(packs, copy, decisions=Decisions(same=[pair])), "acme", JULY) == ("listed", None)
    apart = Decisions(apart=[msgspec.structs.replace(pair, rule="declined")])
    assert standing(base(packs, copy, decisions=apart), "acme", JULY) == ("not_listed", None)


def test_entries_that_a_list_prints_for_each_address_are_the_one_party_that_packs_name() -> None:
    packs = [NOT_LOADED, make_entity("acme"), of_packs("acme", f"{LIST}:Ay")]
    kb = base(packs, copy_of("office", JULY, "o:1", "o:2", **{"1": "Ay", "2": "AY"}))
    assert sorted(row.referent for row in kb.resolutions("acme")) == ["o:1", "o:2"]


def test_what_packs_keep_apart_is_not_joined_by_a_number_but_by_the_user() -> None:
    number = Identifier(entity_id="acme", kind="lei", value=LEI, source_id=SOURCE, grade="H")
    packs = [make_entity("acme"), number, of_packs("acme", "o:1", "declined")]
    registered = registry("office", "o:1", ("lei", LEI))
    kb = base(packs, registered)
    assert kb.canonical("o:1") == "o:1"
    assert [row.referent for row in kb.declined()] == ["o:1"]
    same = Decisions([Resolution(entity_id="acme", referent="o:1", rule="reviewed", reason="decided here")])
    assert base(packs, registered, decisions=same).canonical("o:1") == "acme"


def test_what_was_reviewed_stands_beside_a_copy_that_says_otherwise() -> None:
    packs = [
        make_regime(LIST, checked_until=JUNE),
        make_entity("acme", caption="Acme"),
        make_designation("acme", "2020-01-01", listed_as="Acme"),
    ]
    said = Designation(id="x", regime_id=LIST, entity_id="o:1", listed_as="Acme", valid_from=day("2021-01-01"))
    parts = [part("office", MARCH, Entity(id="o:1", schema="Company", caption="Acme"), said, kind="events")]
    rows = [SourceRow(id=SOURCE, title="Written for a test", date=day("2000-01-01")), *packs]
    made = assemble(pack_rows(rows), parts, Decisions(), None)
    [row] = made.tables["designations"]
    assert row.valid_from == day("2020-01-01")
    assert made.remarks == [
        f"office@2026-03-01 on {LIST}, acme: listed from 2021-01-01, reviewed as 2020-01-01",
    ]


def test_a_later_copy_ends_what_was_reviewed() -> None:
    packs = [
        make_regime(LIST, checked_until=MARCH),
        make_entity("acme", caption="Acme"),
        make_designation("acme", "2020-01-01", listed_as="Acme"),
    ]
    kb = base(
        packs,
        copy_of("office", MARCH, "o:1", "o:2", **{"1": "Acme", "2": "Other"}),
        copy_of("office", AUGUST, "o:2", **{"2": "Other"}),
    )
    assert standing(kb, "acme", MARCH) == ("listed", None)
    assert standing(kb, "acme", AUGUST) == ("delisted", None)


def test_parties_that_are_only_referred_to_are_known_by_their_id() -> None:
    kb = base([], part("gleif", JUNE, Ownership(id="o", owner_id=f"lei:{LEI}", owned_id="lei:X")))
    entity = kb.entity(f"lei:{LEI}")
    assert entity is not None
    assert entity.caption == f"LEI {LEI}"


def test_the_order_of_records_changes_nothing(tmp_path: Path) -> None:
    one = copy_of("office", MARCH, "o:1", "o:2", "o:3")
    rows = list(one.source.parse(one.publication, Reading()))
    turned = part("office", MARCH, *reversed(rows))
    assert base([NOT_LOADED], one).digest == base([NOT_LOADED], turned).digest
