"""Which ids become one party when something speaks against it: a person, a number, a sort, a place, a birth date."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.builders import LIST, SOURCE, make_designation, make_entity, make_regime
from tests.compile.test_assemble import JULY, JUNE, LEI, MARCH, NOT_LOADED, base, part, standing

from beholden.compile.assemble import Decisions, Part
from beholden.kb.base import KnowledgeBase
from beholden.schema.rows import Edition, Entity, Entry, Identifier, Resolution, Row


def apart(one: str, other: str) -> Resolution:
    return Resolution(entity_id=one, referent=other, rule="declined", reason="decided here")


def with_number(entity_id: str, schema: str = "Company", kind: str = "lei", value: str = LEI) -> Part:
    rows: list[Row] = [
        Entity(id=entity_id, schema=schema, caption=f"Party {entity_id}"),
        Identifier(entity_id=entity_id, kind=kind, value=value),
    ]
    return part(entity_id.partition(":")[0], MARCH, *rows)


def parties(kb: KnowledgeBase, *ids: str) -> list[set[str]]:
    """Ids by the party that they mean, in order."""
    found: dict[str, set[str]] = {}
    for entity_id in ids:
        found.setdefault(kb.canonical(entity_id), set()).add(entity_id)
    return sorted(found.values(), key=sorted)


def pairs_of(kb: KnowledgeBase, rule: str) -> list[set[str]]:
    rows = [row for row in kb.rows("resolutions") if isinstance(row, Resolution) and row.rule == rule]
    return sorted(({row.entity_id, row.referent} for row in rows), key=sorted)


def test_an_id_that_a_person_keeps_apart_does_not_take_the_number_from_the_others() -> None:
    three = [with_number(f"{slug}:1") for slug in "abc"]
    kb = base([], *three, decisions=Decisions(apart=[apart("a:1", "b:1"), apart("a:1", "c:1")]))
    assert parties(kb, "a:1", "b:1", "c:1") == [{"a:1"}, {"b:1", "c:1"}]
    assert pairs_of(kb, "declined") == [{"a:1", "b:1"}]


def test_an_id_of_another_sort_does_not_take_the_number_from_the_others() -> None:
    kb = base([], with_number("a:1", "Person"), with_number("b:1"), with_number("c:1"))
    assert parties(kb, "a:1", "b:1", "c:1") == [{"a:1"}, {"b:1", "c:1"}]


@pytest.mark.parametrize("number", [12, 13, 40])
def test_a_number_of_many_ids_joins_all_but_the_one_that_may_not_be(number: int) -> None:
    ids = [f"n{place:02}:1" for place in range(number)]
    kept = [apart(ids[0], other) for other in ids[1:]]
    kb = base([], *(with_number(one) for one in ids), decisions=Decisions(apart=kept))
    assert parties(kb, *ids) == [{ids[0]}, set(ids[1:])]


OTHER_LEI = "213800D1EI4B9WTWWD28"
EXAMPLE = "Example Trading Company Limited"


def named(entity_id: str, caption: str = EXAMPLE, schema: str = "Company", *more: Row, **facts: Any) -> Part:
    party = Entity(id=entity_id, schema=schema, caption=caption, **facts)
    return part(entity_id.partition(":")[0], MARCH, party, *more)


def open_pair(one: str, other: str) -> Resolution:
    reason = "looked at: the file gives no address"
    return Resolution(entity_id=one, referent=other, rule="open", reason=reason, source_id=SOURCE, grade="B")


def test_what_packs_leave_open_no_rule_joins_and_the_user_can() -> None:
    packs = [make_entity("acme", EXAMPLE, jurisdictions=["hk"]), open_pair("acme", "o:1")]
    office = named("o:1", jurisdictions=["hk"])
    kb = base(packs, office)
    [row] = [row for row in kb.rows("resolutions") if isinstance(row, Resolution)]
    assert (row.entity_id, row.referent, row.rule) == ("acme", "o:1", "open")
    assert row.reason == "looked at: the file gives no address"
    assert row.despite == f"acme and o:1 are both called “{EXAMPLE}” and are both of hk"
    same = Decisions(same=[Resolution(entity_id="acme", referent="o:1", rule="reviewed", reason="decided here")])
    assert parties(base(packs, office, decisions=same), "acme", "o:1") == [{"acme", "o:1"}]


def test_what_packs_leave_open_no_rule_joins_through_a_third() -> None:
    number = Identifier(entity_id="acme", kind="lei", value=LEI, source_id=SOURCE, grade="H")
    packs = [make_entity("acme", "Acme"), number, open_pair("acme", "o:1")]
    kb = base(packs, with_number("lei:X"), named("o:1", EXAMPLE, "Company", jurisdictions=["hk"]), with_number("o:1"))
    assert parties(kb, "acme", "lei:X", "o:1") == [{"acme", "lei:X"}, {"o:1"}]
    assert (pairs_of(kb, "open"), pairs_of(kb, "declined")) == ([{"acme", "o:1"}], [])


def by_print(entity_id: str, printed: str) -> Resolution:
    reason = "both print the address 1 Test Street"
    referent = f"{LIST}:{printed}"
    return Resolution(
        entity_id=entity_id, referent=referent, rule="reviewed", reason=reason, source_id=SOURCE, grade="B"
    )


def entry(entity_id: str, printed: str, on: date = MARCH) -> list[Row]:
    return [
        Edition(regime_id=LIST, date=on),
        Entry(regime_id=LIST, edition=on, entity_id=entity_id, listed_as=printed),
    ]


LATER = [
    pytest.param(
        named("o:1", "Ay", "Person", *entry("o:1", "Ay")), "one is a organisation and one a person", id="sort"
    ),
    pytest.param(
        named("o:1", "Ay", "Company", Identifier(entity_id="o:1", kind="lei", value=OTHER_LEI), *entry("o:1", "Ay")),
        f"their lei differs: {LEI} and {OTHER_LEI}",
        id="number",
    ),
]


@pytest.mark.parametrize(("office", "why"), LATER)
def test_what_packs_say_of_a_printed_name_is_open_for_an_entry_that_contradicts(office: Part, why: str) -> None:
    number = Identifier(entity_id="acme", kind="lei", value=LEI, source_id=SOURCE, grade="H")
    packs = [NOT_LOADED, make_entity("acme", "Acme"), number, by_print("acme", "Ay")]
    kb = base(packs, office)
    [row] = [row for row in kb.rows("resolutions") if isinstance(row, Resolution)]
    assert (row.entity_id, row.referent, row.rule) == ("acme", "o:1", "open")
    assert (row.reason, row.despite) == (why, "both print the address 1 Test Street")
    same = Decisions(same=[Resolution(entity_id="acme", referent="o:1", rule="reviewed", reason="decided here")])
    assert parties(base(packs, office, decisions=same), "acme", "o:1") == [{"acme", "o:1"}]


@pytest.mark.parametrize(("office", "why"), LATER)
def test_what_packs_say_of_an_id_goes_before_what_contradicts(office: Part, why: str) -> None:
    number = Identifier(entity_id="acme", kind="lei", value=LEI, source_id=SOURCE, grade="H")
    seen = msgspec.structs.replace(by_print("acme", ""), referent="o:1")
    kb = base([NOT_LOADED, make_entity("acme", "Acme"), number, seen], office)
    [row] = kb.resolutions("acme")
    assert (row.referent, row.rule, row.despite) == ("o:1", "reviewed", why)


def printed(entity_id: str, schema: str = "Company", caption: str = EXAMPLE, *more: Row, **facts: Any) -> Part:
    return named(entity_id, caption, schema, *entry(entity_id, caption), *more, **facts)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        pytest.param(
            printed("a:1", "Person", "EXEMPLAR, Mario", birth_dates=["1950-01-01"]),
            printed("b:1", "Person", "EXEMPLAR, Mario", birth_dates=["1999-09-09"]),
            "their birth dates differ: 1950-01-01 and 1999-09-09",
            id="two-days-of-birth",
        ),
        pytest.param(
            printed("a:1", "Person", "EXEMPLAR, Mario", birth_dates=["1950-01-01", "1951-02-02"]),
            printed("b:1", "Person", "EXEMPLAR, Mario", birth_dates=["1951-02-02"]),
            None,
            id="one-day-of-birth-in-common",
        ),
        pytest.param(
            printed("a:1", "Person", "EXEMPLAR, Mario", birth_dates=["1950-01-01"]),
            printed("b:1", "Person", "EXEMPLAR, Mario", birth_dates=["1950", "1951"]),
            None,
            id="only-years",
        ),
        pytest.param(
            printed("a:1", "Person", "EXEMPLAR, Mario", jurisdictions=["ae"]),
            printed("b:1", "Person", "EXEMPLAR, Mario", jurisdictions=["ru"]),
            None,
            id="places-of-a-person",
        ),
        pytest.param(
            printed("a:1", jurisdictions=["ae"]),
            printed("b:1", jurisdictions=["ru"]),
            "they are of different places: ae and ru",
            id="two-places",
        ),
        pytest.param(
            printed("a:1", jurisdictions=["ae", "ru"]),
            printed("b:1", jurisdictions=["ru"]),
            None,
            id="one-place-in-common",
        ),
        pytest.param(printed("a:1", jurisdictions=["ae"]), printed("b:1"), None, id="a-place-and-none"),
    ],
)
def test_one_entry_is_two_parties_where_place_or_birth_says_so(one: Part, other: Part, why: str | None) -> None:
    kb = base([NOT_LOADED], one, other)
    [row] = [row for row in kb.rows("resolutions") if isinstance(row, Resolution)]
    assert (row.rule, row.despite if why is None else row.reason) == ("same_entry" if why is None else "declined", why)


def test_place_and_birth_do_not_go_before_a_number_or_a_person() -> None:
    number = [Identifier(entity_id=one, kind="lei", value=LEI) for one in ("a:1", "b:1")]
    one, other = (
        named(each.entity_id, EXAMPLE, "Company", each, jurisdictions=[place])
        for each, place in zip(number, ("ae", "ru"), strict=True)
    )
    assert parties(base([], one, other), "a:1", "b:1") == [{"a:1", "b:1"}]
    same = Decisions(same=[Resolution(entity_id="a:1", referent="b:1", rule="reviewed", reason="decided here")])
    two = (printed("a:1", jurisdictions=["ae"]), printed("b:1", jurisdictions=["ru"]))
    assert parties(base([NOT_LOADED], *two, decisions=same), "a:1", "b:1") == [{"a:1", "b:1"}]


def in_copies(slug: str, *ids_by_copy: tuple[date, tuple[str, ...]], **facts: Any) -> list[Part]:
    """Copies of one list that print these ids, all under one name."""
    return [
        part(
            slug,
            on,
            Edition(regime_id=LIST, date=on),
            *(Entity(id=one, schema="Company", caption=EXAMPLE, **facts) for one in ids),
            *(Entry(regime_id=LIST, edition=on, entity_id=one, listed_as=EXAMPLE) for one in ids),
        )
        for on, ids in ids_by_copy
    ]


@pytest.mark.parametrize("rule", ["same_entry", "name_and_more"])
@pytest.mark.parametrize(
    ("slug", "copies", "joined"),
    [
        pytest.param("csl", ((JUNE, ("csl:2",)), (JULY, ("csl:8",))), ["csl:2", "csl:8"], id="another-id-later"),
        pytest.param("o", ((JUNE, ("o:2",)), (JULY, ("o:8",))), ["o:2", "o:8"], id="of-any-publisher"),
        pytest.param("csl", ((JUNE, ("csl:2",)), (JULY, ("csl:2", "csl:8"))), [], id="both-in-one-copy"),
        pytest.param("csl", ((JUNE, ("csl:2", "csl:8")), (JULY, ("csl:8",))), [], id="both-in-the-copy-before"),
        pytest.param("csl", ((JUNE, ("csl:2",)), (JULY, ("csl:2",))), ["csl:2"], id="the-same-id"),
    ],
)
def test_an_entry_that_gets_another_id_in_a_later_copy_stays_the_party_that_it_was(
    rule: str, slug: str, copies: tuple[tuple[date, tuple[str, ...]], ...], joined: list[str]
) -> None:
    packs: list[Row] = [NOT_LOADED]
    if rule == "same_entry":
        packs += [make_entity("acme", "Acme"), make_designation("acme", "2020-01-01", listed_as=EXAMPLE)]
    else:
        packs += [make_entity("acme", EXAMPLE, jurisdictions=["hk"])]
    kb = base(packs, *in_copies(slug, *copies, **({} if rule == "same_entry" else {"jurisdictions": ["hk"]})))
    assert sorted((row.referent, row.rule) for row in kb.resolutions("acme")) == [(one, rule) for one in joined]
    if joined:
        assert standing(kb, "acme", JULY) == ("listed", None)


def test_two_lists_that_no_copy_has_together_are_not_one_list_of_which_an_entry_got_another_id() -> None:
    def on(regime_id: str, entity_id: str, edition: date) -> Part:
        row = Entry(regime_id=regime_id, edition=edition, entity_id=entity_id, listed_as=EXAMPLE)
        party = Entity(id=entity_id, schema="Company", caption=EXAMPLE, jurisdictions=["hk"])
        return part("o", edition, Edition(regime_id=regime_id, date=edition), party, row)

    packs = [NOT_LOADED, make_regime("other-list", loaded=False), make_entity("acme", EXAMPLE, jurisdictions=["hk"])]
    kb = base(packs, on(LIST, "o:2", JUNE), on("other-list", "o:8", JULY))
    assert kb.resolutions("acme") == []


def test_what_publications_print_joins_alike_in_whichever_order_they_come() -> None:
    packs = [NOT_LOADED, make_entity("acme", "Acme"), make_designation("acme", "2020-01-01", listed_as=EXAMPLE)]
    parts = [
        *in_copies("csl", (JUNE, ("csl:2",)), (JULY, ("csl:8",)), jurisdictions=["hk"]),
        *in_copies("o", (MARCH, ("o:1",)), jurisdictions=["ru"]),
        with_number("a:1", "Person"),
        with_number("b:1"),
        with_number("c:1"),
    ]
    orders = [[*parts[turn:], *parts[:turn]][::step] for turn in range(len(parts)) for step in (1, -1)]
    said = {msgspec.json.encode(list(base(packs, *order).rows("resolutions"))) for order in orders}
    assert len(said) == 1
    kb = base(packs, *parts)
    assert parties(kb, "acme", "csl:2", "csl:8", "o:1") == [{"acme", "csl:2", "csl:8"}, {"o:1"}]
    assert parties(kb, "a:1", "b:1", "c:1") == [{"a:1"}, {"b:1", "c:1"}]


def test_a_party_of_which_it_is_not_said_what_it_is_contradicts_nobody_and_a_third_still_does() -> None:
    kb = base([], with_number("a:1", "Person"), with_number("b:1", "LegalEntity"), with_number("c:1"))
    assert parties(kb, "a:1", "b:1", "c:1") == [{"a:1", "b:1"}, {"c:1"}]


@pytest.mark.parametrize(("births", "is_joined"), [(["1970-01-31"], True), (["1970"], False), ([], False)])
def test_a_person_is_not_joined_by_place_to_one_of_whom_it_is_not_said(births: list[str], is_joined: bool) -> None:
    name = "Maria Exemplar Beispiel"
    one = named("a:1", name, "Person", birth_dates=["1970-01-31"], jurisdictions=["hk"])
    other = named("b:1", name, "LegalEntity", birth_dates=births, jurisdictions=["hk"])
    assert (len(base([], one, other).entities()) == 1) is is_joined
