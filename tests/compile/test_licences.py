"""What a publication says beside another: rank decides who speaks, and words that may not be passed on are not lent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from tests.builders import LIST, SOURCE, make_entity
from tests.compile.test_assemble import JULY, MARCH, NOT_LOADED, base, part

from beholden.compile.assemble import Part
from beholden.compile.sides import sides
from beholden.compile.stage import Stage
from beholden.kb.base import KnowledgeBase
from beholden.report.base_export import licences_page
from beholden.run.base_export import export
from beholden.run.left_out import LeftOut
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name, Resolution, Row
from beholden.schema.side import Side
from beholden.sources.interface import Reading

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


def described(slug: str, *rows: Row, **more: object) -> Part:
    """A publication that tells of one party by its number, and prints it nowhere."""
    return part(
        slug,
        JULY,
        Entity(id=f"{slug}:1", schema="Company", caption="Acme Widgets", **more),  # type: ignore[arg-type]
        Identifier(entity_id=f"{slug}:1", kind="lei", value=LEI),
        *rows,
    )


def exported(kb: KnowledgeBase, folder: Path) -> dict[str, list[dict[str, Any]]]:
    export(kb, folder, licences=licences_page)
    return {table: pq.read_table(folder / f"{table}.parquet").to_pylist() for table in TABLES}


def test_what_others_say_of_a_party_is_held_with_its_source_and_exported_only_where_it_may_be(tmp_path: Path) -> None:
    kb = base(
        [],
        described("first", addresses=["1 Open Street"]),
        closed(described("ours", addresses=["2 Secret Street"], birth_dates=["1970"], jurisdictions=["de"])),
        described("third", addresses=["3 Public Street"], jurisdictions=["cn"]),
    )
    (row,) = (entity for entity in kb.rows("entities") if isinstance(entity, Entity))
    assert row.addresses == ["1 Open Street", "2 Secret Street", "3 Public Street"]
    assert [(one.source_id, one.addresses) for one in row.told] == [
        ("first@2026-07-01", ["1 Open Street"]),
        ("ours@2026-07-01", ["2 Secret Street"]),
        ("third@2026-07-01", ["3 Public Street"]),
    ]
    tables = exported(kb, tmp_path / "out")
    (out,) = tables["entities"]
    assert (out["source_id"], out["addresses"]) == ("first@2026-07-01", ["1 Open Street", "3 Public Street"])
    assert (out["jurisdictions"], out["birth_dates"]) == (["cn"], [])
    # Its licence stands among the sources; nothing else names it.
    assert not any("ours" in str(rows) or "Secret" in str(rows) for name, rows in tables.items() if name != "sources")


def test_an_id_that_only_a_closed_source_has_is_not_exported_as_one_that_stands_for_a_party(tmp_path: Path) -> None:
    said = [
        Resolution(entity_id="first:1", referent=one, rule="identifier", reason="both print it")
        for one in ("ours:1", "third:1")
    ]
    kb = base([], described("first", *said), closed(described("ours")), described("third"))
    assert {row.referent for row in kb.rows("resolutions") if isinstance(row, Resolution)} == {"ours:1", "third:1"}
    assert [row["referent"] for row in exported(kb, tmp_path / "out")["resolutions"]] == ["third:1"]


def test_a_pair_is_left_out_with_texts_of_a_source_that_does_not_allow_it(tmp_path: Path) -> None:
    secret = closed(described("ours", Name(entity_id="ours:1", name="Secret Name", kind="alias")))
    kb = base([NOT_LOADED, make_entity("acme", "Acme Widgets")], secret)
    opened = Side(id="acme", names=["Acme Widgets"], sources=[SOURCE])
    kept, left = (
        Resolution(
            entity_id="acme",
            referent=referent,
            rule="reviewed",
            reason="x",
            sides=[opened, Side(id=referent, sources=[source])],
        )
        for referent, source in (("open:1", SOURCE), ("ours:9", "ours@2026-07-01"))
    )
    allowed = {SOURCE: True, "ours@2026-07-01": False}
    left_out = LeftOut(kb, allowed)
    assert not left_out.with_another("resolutions", kept)
    assert left_out.with_another("resolutions", left)


def test_sides_of_a_pair_name_all_their_sources() -> None:
    one = described("first", Name(entity_id="first:1", name="Acme Widgets Trading", kind="alias"))
    stage = Stage(None)
    for row in one.source.parse(one.publication, Reading()):
        table = {Entity: "entities", Name: "names", Identifier: "identifiers"}[type(row)]
        stage.add(table, [msgspec.structs.replace(row, source_id=f"source of {table}")])
    entry = Entry(regime_id=LIST, edition=MARCH, entity_id="first:1", listed_as="Acme", source_id="source of entries")
    assert sides(stage, [entry], {"first:1", "nobody"})["first:1"].sources == [
        "source of entities",
        "source of entries",
        "source of identifiers",
        "source of names",
    ]


def test_the_same_said_in_two_editions_is_held_once() -> None:
    kb = base([], *(part("first", day, Entity(id="first:1", schema="Company", caption="A")) for day in (JULY, MARCH)))
    assert [row.told for row in kb.rows("entities") if isinstance(row, Entity)] == [[]]
