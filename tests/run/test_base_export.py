"""A base for others: what its licences forbid stays, with what refers to it; whole or not at all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.builders import (
    make_asset,
    make_claim,
    make_consequence,
    make_designation,
    make_effect,
    make_entity,
    make_event,
    make_name,
    make_ownership,
    make_prefix,
    make_regime,
    pack_rows,
)

from beholden.compile import compile_rows, open_core
from beholden.errors import ReportError, UsageError
from beholden.kb.base import KnowledgeBase
from beholden.kb.layer import Layer
from beholden.report.base_export import licences_page, render_export
from beholden.run.base_export import export
from beholden.schema.bases import BaseExport
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import Resolution, Row, SourceRow
from beholden.schema.side import Side

OPEN = SourceRow(
    id="test-source",
    title="Written *for* a test",
    url="https://www.example/a_b",
    licence="CC BY 4.0",
    attribution="Data by the Example Office",
    may_pass_on=True,
)
CLOSED = SourceRow(id="closed", title="Not to be passed on", licence="non-commercial", may_pass_on=False)
SILENT = SourceRow(id="silent", title="Says nothing")


def base(*rows: Row, sources: tuple[SourceRow, ...] = (OPEN, CLOSED, SILENT)) -> KnowledgeBase:
    return KnowledgeBase([Layer.in_memory(compile_rows(pack_rows([*sources, *rows])))], "d" * 64)


def exported(kb: KnowledgeBase, folder: Path) -> tuple[BaseExport, dict[str, list[dict[str, Any]]]]:
    document = export(kb, folder, licences=licences_page)
    return document, {table: pq.read_table(folder / f"{table}.parquet").to_pylist() for table in TABLES}


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}


def test_rows_of_a_source_that_forbids_it_or_says_nothing_stay_and_are_counted(tmp_path: Path) -> None:
    kb = base(
        make_entity("open"),
        make_entity("closed", source_id="closed"),
        make_entity("silent", source_id="silent"),
        make_entity("nobodys", source_id=None),
    )
    document, tables = exported(kb, tmp_path / "out")
    assert ids(tables["entities"]) == {"open"}
    by_source = {row.id: (row.rows, row.left_out, row.may_pass_on) for row in document.sources}
    # Each entity has a name as well: its caption.
    assert by_source == {"test-source": (2, 0, True), "closed": (0, 2, False), "silent": (0, 2, None)}
    assert (document.unsourced, document.left_out, document.left_out_with) == (2, 6, 0)


def test_what_the_program_itself_says_leaves_and_the_reasons_of_people_stay(tmp_path: Path) -> None:
    pairs = [("identifier", "b"), ("same_entry", "b"), ("name_and_more", "c"), ("reviewed", "d"), ("declined", "e")]
    kb = KnowledgeBase(
        [
            Layer.in_memory(
                {
                    "sources": [OPEN],
                    "entities": [make_entity("a"), make_entity("b"), make_entity("c")],
                    "regimes": [make_regime("us-open", source_id=None)],
                    "designations": [make_designation("a", "2020-01-01", regime_id="us-open")],
                    "resolutions": [
                        Resolution(entity_id="a", referent=one, rule=rule, reason="our contract", sides=[Side(id="a")])
                        for rule, one in pairs
                    ],
                }
            )
        ],
        "d" * 64,
    )
    _, tables = exported(kb, tmp_path / "out")
    assert [row["rule"] for row in tables["resolutions"]] == ["same_entry", "name_and_more"]
    assert (ids(tables["regimes"]), len(tables["designations"])) == ({"us-open"}, 1)


def test_rows_that_refer_to_one_left_out_stay_with_it_however_far(tmp_path: Path) -> None:
    kb = base(
        make_entity("open"),
        make_entity("secret", source_id="closed"),
        make_name("secret", "Secret Alias"),
        make_asset("secret", "ip", "192.0.2.0/24"),
        make_ownership("secret", "open", "10"),
        make_regime(),
        make_designation("secret", "2020-01-01", id="d"),
        make_consequence(),
        make_consequence("us-scoped", scope_entities=["secret"]),
        make_effect("stay", "2021-01-01", None, designation_id="d"),
        make_effect("stay", "2022-01-01", None, "us-scoped"),
        make_event("happened", "2020-01-01", "secret", "open"),
        make_claim("c1", "secret"),
        make_claim("a-later-answer", "open", kind="denial", answers=["c2"]),
        make_claim("c2", "open", kind="denial", answers=["c1"]),
        make_claim("free", "open"),
    )
    document, tables = exported(kb, tmp_path / "out")
    assert ids(tables["entities"]) == {"open"}
    assert ids(tables["consequences"]) == {"us-rule"}
    assert ids(tables["claims"]) == {"free"}
    empty = ("assets", "prefixes", "ownership", "designations", "effects", "events")
    assert [table for table in empty if tables[table]] == []
    counts = {row.table: row.left_out_with for row in document.tables if row.left_out_with}
    assert counts == {
        "names": 1,
        "assets": 1,
        "prefixes": 1,
        "ownership": 1,
        "designations": 1,
        "consequences": 1,
        "effects": 2,
        "events": 1,
        "claims": 3,
    }


def test_of_the_core_base_nothing_is_left_out_and_the_tables_are_those_of_the_base(tmp_path: Path) -> None:
    kb = open_core()
    document, tables = exported(kb, tmp_path / "out")
    assert (document.left_out, document.left_out_with, document.unsourced) == (0, 0, 0)
    assert {table: len(rows) for table, rows in tables.items()} == kb.rows_per_table()
    assert tables["entities"][0]["id"] == sorted(ids(tables["entities"]))[0]
    schema = pq.read_schema(tmp_path / "out" / "ownership.parquet")
    assert schema.remove_metadata() == TABLES["ownership"]
    assert schema.metadata[b"kb_digest"].decode() == kb.digest


def test_values_keep_their_types(tmp_path: Path) -> None:
    kb = base(
        make_entity("a", jurisdictions=["us", "gb"]),
        make_entity("b"),
        make_ownership("a", "b", "33.333333", valid_from=date(2020, 1, 1)),
        make_prefix("AS64500", "192.0.2.0", "192.0.2.255"),
    )
    _, tables = exported(kb, tmp_path / "out")
    assert tables["entities"][0]["jurisdictions"] == ["us", "gb"]
    [stake] = tables["ownership"]
    assert (str(stake["percentage_low"]), stake["valid_from"]) == ("33.333333", date(2020, 1, 1))


def test_many_rows_are_written_in_groups_and_none_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.run.base_export._ROWS_A_GROUP", 3)
    kb = base(*(make_entity(f"e{number}") for number in range(10)))
    document, tables = exported(kb, tmp_path / "out")
    assert ids(tables["entities"]) == {f"e{number}" for number in range(10)}
    assert pq.ParquetFile(tmp_path / "out" / "entities.parquet").num_row_groups == 4
    assert document.tables[0].rows == 10


def test_the_same_base_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        exported(base(make_entity("a"), make_entity("b", source_id="closed")), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted([*(f"{table}.parquet" for table in TABLES), "LICENCES.md", "sources.json"])
    assert [
        name for name in files if (tmp_path / "one" / name).read_bytes() != (tmp_path / "other" / name).read_bytes()
    ] == []


def test_the_licences_page_says_what_each_source_asks_for_and_what_is_missing(tmp_path: Path) -> None:
    document, _ = exported(base(make_entity("a"), make_entity("b", source_id="closed")), tmp_path / "out")
    page = (tmp_path / "out" / "LICENCES.md").read_text(encoding="utf-8")
    assert "* licence: CC BY 4.0" in page
    assert "* attribution: Data by the Example Office" in page
    assert "* <https://www.example/a_b>" in page
    assert r"Written \*for\* a test" in page
    assert "## closed" not in page
    assert "* closed: 2 rows; may not be passed on (non-commercial)" in page
    assert json.loads((tmp_path / "out" / "sources.json").read_bytes())["left_out"] == 2
    assert "closed: 2 rows; may not be passed on (non-commercial)" in render_export(document, "out")


def test_text_of_a_source_makes_no_markup(tmp_path: Path) -> None:
    hostile = SourceRow(id="test-source", title="<b>x</b>\n## y", url="javascript:alert(1)", may_pass_on=True)
    exported(base(make_entity("a"), sources=(hostile,)), tmp_path / "out")
    page = (tmp_path / "out" / "LICENCES.md").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert "\n## y" not in page
    assert "<javascript" not in page


def test_an_empty_folder_is_filled_and_a_filled_one_refused(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    folder.mkdir(parents=True)
    kb = base(make_entity("a"))
    exported(kb, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for taken in (folder, folder / "LICENCES.md"):
        with pytest.raises(UsageError) as caught:
            export(kb, taken, licences=licences_page)
        assert caught.value.code == "export.not-empty"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["out"]


def test_what_fails_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(_: BaseExport) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(ReportError) as caught:
        export(base(make_entity("a")), tmp_path / "out", licences=fail)
    assert caught.value.code == "report.unwritable"
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_no_column_holds_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    kb = base(make_entity("a"), make_entity("b"), make_ownership("a", "b", "33.33333333"))
    with pytest.raises(ReportError):
        export(kb, tmp_path / "out", licences=licences_page)
    assert list(tmp_path.iterdir()) == []
    assert pa.types.is_decimal(TABLES["ownership"].field("percentage_low").type)
