"""Reading packs: what is written wrongly is an error that says where and what was expected."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from beholden.compile.packs import read_packs
from beholden.errors import CompileError

HEAD = """
[defaults]
source_id = "s"
grade = "B"

[[sources]]
id = "s"
title = "A source"
"""

ENTITY = """
[[entities]]
id = "acme"
schema = "Company"
caption = "Acme"
"""


def refusal(tmp_path: Path, name: str, text: str | bytes) -> CompileError:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CompileError) as caught:
        read_packs(tmp_path)
    return caught.value


@pytest.mark.parametrize(
    ("row", "code", "says"),
    [
        pytest.param("[[vendors]]\nid = 'x'", "compile.unknown-table", "vendors", id="unknown table"),
        pytest.param("[[entities]]\nid = 'x'\ncolour = 'red'", "compile.unknown-column", "colour", id="unknown column"),
        pytest.param(
            "[[entities]]\nid = 3\nschema = 'Company'\ncaption = 'X'", "compile.wrong-value", "id", id="wrong type"
        ),
        pytest.param("[[entities]]\nid = 'x'", "compile.wrong-value", "schema", id="missing value"),
        pytest.param(
            "[[entities]]\nid='x'\nschema='Company'\ncaption='X'\nvalid_from='soon'",
            "compile.wrong-value",
            "date",
            id="no date",
        ),
        pytest.param(
            "[[entities]]\nid='x'\nschema='Company'\ncaption='X'\ngrade='Z'",
            "compile.unsourced-row",
            "grade",
            id="unknown grade",
        ),
        pytest.param(
            "[[ownership]]\nowner_id='a'\nowned_id='b'\npercentage=101",
            "compile.wrong-value",
            "0 to 100",
            id="share over 100",
        ),
        pytest.param(
            "[[ownership]]\nowner_id='a'\nowned_id='b'\npercentage=-1",
            "compile.wrong-value",
            "0 to 100",
            id="negative share",
        ),
        pytest.param(
            "[[ownership]]\nowner_id='a'\nowned_id='b'\npercentage='half'",
            "compile.wrong-value",
            "0 to 100",
            id="share in words",
        ),
        pytest.param(
            "[[ownership]]\nowner_id='a'\nowned_id='b'\npercentage=nan",
            "compile.wrong-value",
            "0 to 100",
            id="share not a number",
        ),
        pytest.param(
            "[[ownership]]\nowner_id='a'\nowned_id='b'\npercentage_low=60\npercentage_high=40",
            "compile.wrong-value",
            "percentage_low",
            id="range backwards",
        ),
    ],
)
def test_a_wrong_row_of_a_toml_pack_names_its_file_and_line(tmp_path: Path, row: str, code: str, says: str) -> None:
    error = refusal(tmp_path, "vendor.toml", HEAD + ENTITY + "\n" + row + "\n")
    assert error.code == code
    assert says in error.message
    assert error.origin is not None
    assert error.origin.path == "vendor.toml"
    assert error.origin.line == (HEAD + ENTITY).count("\n") + 2


@pytest.mark.parametrize(
    ("row", "code", "says"),
    [
        pytest.param("acme", "compile.malformed-pack", "1 columns; expected 3", id="too few cells"),
        pytest.param("acme,Acme,legal,more", "compile.malformed-pack", "4 columns; expected 3", id="too many cells"),
        pytest.param("acme,,legal", "compile.wrong-value", "name", id="missing value"),
    ],
)
def test_a_wrong_row_of_a_csv_pack_names_its_file_and_line(tmp_path: Path, row: str, code: str, says: str) -> None:
    text = f"#source_id: s\n#grade: B\nentity_id,name,kind\nacme,Acme,legal\n\n{row}\n"
    error = refusal(tmp_path, "names.some.csv", text)
    assert (error.code, error.origin and (error.origin.path, error.origin.line)) == (code, ("names.some.csv", 6))
    assert says in error.message


def test_a_line_number_counts_lines_not_records(tmp_path: Path) -> None:
    text = '#source_id: s\n#grade: B\nentity_id,name,kind\nacme,"Two\nlines",legal\nacme\n'
    error = refusal(tmp_path, "names.some.csv", text)
    assert error.origin is not None
    assert error.origin.line == 6


def test_an_unknown_column_of_a_csv_pack_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "names.some.csv", "#source_id: s\n#grade: B\nentity_id,nickname\nacme,A\n")
    assert (error.code, "nickname" in error.message) == ("compile.unknown-column", True)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        pytest.param("a.toml", "entities = [", "compile.malformed-pack", id="broken TOML"),
        pytest.param("a.toml", b"\xff\xfe", "compile.malformed-pack", id="TOML that is not UTF-8"),
        pytest.param("a.toml", "x = " + "[" * 100_000, "compile.malformed-pack", id="TOML nested without end"),
        pytest.param("a.toml", "entities = 3", "compile.unknown-table", id="a table that is no list"),
        pytest.param("a.toml", "entities = [1]", "compile.malformed-pack", id="a row that is no table"),
        pytest.param("a.toml", "defaults = 1", "compile.malformed-pack", id="defaults that are no table"),
        pytest.param("a.toml", HEAD + ENTITY + "names=3", "compile.malformed-pack", id="names that are no list"),
        pytest.param(
            "a.toml", "[[assets]]\nkind='domain'\nvalues=3", "compile.malformed-pack", id="values that are no list"
        ),
        pytest.param("names.csv", b"entity_id,name\nx,\xff\n", "compile.malformed-pack", id="CSV that is not UTF-8"),
        pytest.param(
            "names.csv", "entity_id,name\nx," + "a" * 200_000, "compile.malformed-pack", id="CSV cell without end"
        ),
        pytest.param("vendors.csv", "id\nx\n", "compile.unknown-table", id="CSV of an unknown table"),
    ],
)
def test_a_file_that_is_no_pack_is_refused_and_named(tmp_path: Path, name: str, text: str | bytes, code: str) -> None:
    error = refusal(tmp_path, name, text)
    assert (error.code, error.origin and error.origin.path) == (code, name)


def test_a_row_without_a_source_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.toml", ENTITY).code == "compile.unsourced-row"


def test_a_row_inherits_the_defaults_of_its_file_and_of_its_parent(tmp_path: Path) -> None:
    names = 'names = [ { name = "One" }, { name = "Two", grade = "K" } ]\nsource_id = "t"\n'
    (tmp_path / "a.toml").write_text(
        HEAD + ENTITY + names.replace("} ]", ', kind = "alias" } ]').replace('One"', 'One", kind = "brand"')
    )
    rows = {(item.table, getattr(item.row, "name", None)): item.row for item in read_packs(tmp_path)}
    assert (rows["names", "One"].source_id, rows["names", "One"].grade) == ("t", "B")
    assert (rows["names", "Two"].source_id, rows["names", "Two"].grade) == ("t", "K")


def test_values_stand_for_one_asset_each(tmp_path: Path) -> None:
    text = HEAD + '[[assets]]\nentity_id = "acme"\nkind = "domain"\nvalues = ["a.example", "b.example"]\n'
    (tmp_path / "a.toml").write_text(text)
    assert [getattr(item.row, "id", "") for item in read_packs(tmp_path)] == [
        "s",
        "domain:a.example",
        "domain:b.example",
    ]


def test_one_percentage_is_both_bounds_to_its_last_digit(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(HEAD + '[[ownership]]\nowner_id = "a"\nowned_id = "b"\npercentage = 33.3333\n')
    stake = read_packs(tmp_path)[-1].row
    assert (str(getattr(stake, "percentage_low", "")), str(getattr(stake, "percentage_high", ""))) == (
        "33.3333",
        "33.3333",
    )


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        ("above = 25\nbelow = 50", "25.000001", "49.999999"),
        ("above = 50\npercentage_high = 75", "50.000001", "75"),
        ("below = 10", "None", "9.999999"),
    ],
)
def test_a_bound_that_is_not_reached_itself_lies_a_millionth_inside(
    tmp_path: Path, share: str, low: str, high: str
) -> None:
    (tmp_path / "a.toml").write_text(HEAD + f'[[ownership]]\nowner_id = "a"\nowned_id = "b"\n{share}\n')
    stake = next(item.row for item in read_packs(tmp_path) if item.table == "ownership")
    assert (str(getattr(stake, "percentage_low", "")), str(getattr(stake, "percentage_high", ""))) == (low, high)


@pytest.mark.parametrize("share", ["above = 25\npercentage_low = 25", "above = 'much'", "below = 0"])
def test_a_bound_told_twice_or_wrongly_is_refused(tmp_path: Path, share: str) -> None:
    row = f"[[ownership]]\nowner_id='a'\nowned_id='b'\n{share}"
    assert refusal(tmp_path, "a.toml", HEAD + row).code == "compile.wrong-value"


def test_only_toml_and_csv_files_are_read_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml"):
        (tmp_path / name).write_text(
            HEAD.replace('"s"', f'"{name}"').replace(f'source_id = "{name}"', 'source_id = "s"')
        )
    (tmp_path / "README.md").write_text("not a pack")
    assert [getattr(item.row, "id", "") for item in read_packs(tmp_path)] == ["a.toml", "b.toml"]


def test_a_single_file_is_a_pack_too(tmp_path: Path) -> None:
    (tmp_path / "in-house.toml").write_text(HEAD)
    (tmp_path / "other.toml").write_text("not read")
    assert len(read_packs(tmp_path / "in-house.toml")) == 1


def test_reading_a_table_leaves_the_limit_of_other_readers_alone(tmp_path: Path) -> None:
    text = "# source_id: s\n# grade: B\nentity_id,name,kind\nacme,Acme,alias\n"
    (tmp_path / "names.csv").write_text(text, encoding="utf-8")
    before = csv.field_size_limit(1 << 20)
    try:
        assert len(read_packs(tmp_path)) == 1
        assert csv.field_size_limit() == 1 << 20
    finally:
        csv.field_size_limit(before)
