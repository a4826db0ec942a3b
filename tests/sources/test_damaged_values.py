"""What damaged files made of importers, found by mutating them: each was a crash or a row that could not be written."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files, write_table

from beholden.errors import Origin, SourceError, UnexpectedValueError
from beholden.schema.rows import Entity, Ownership, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.ofac.party import Party
from beholden.sources.ofac.remarks import read_remarks
from beholden.sources.record import Record, has_only_text, is_text

HALF = "\\ud800"  # as JSON spells half of a pair
NUL = "\\u0000"


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def texts(rows: list[Row]) -> list[str]:
    """Every text of every row."""
    found = []
    for row in rows:
        for name in row.__struct_fields__:
            value = getattr(row, name)
            found += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str)]
    return found


@pytest.mark.parametrize("text", ["a\0", "\0", "\ud800", "a\udfff", "\udc00\ud800"])
def test_nul_and_half_of_a_pair_are_no_text(text: str) -> None:
    assert not is_text(text)
    assert not has_only_text({"a": [{"b": text}]})
    assert not has_only_text([{text: 1}])


@pytest.mark.parametrize("text", ["", "a", "é", "中文", "\U0001f600", "\u202e", "\n\t"])
def test_everything_else_is_text(text: str) -> None:
    assert is_text(text)
    assert has_only_text({"a": [{text: text}], "b": [1, None, 2.5, True]})


@pytest.mark.parametrize("spelled", [NUL, HALF], ids=["nul", "half"])
@pytest.mark.parametrize(
    ("slug", "layout", "file", "old"),
    [
        pytest.param("gleif", "api-json", "single.json", "Example", id="gleif"),
        pytest.param("bods", "statements-json", "statements.jsonl", "Example", id="bods"),
        pytest.param("ftm", "entities-json", "1-entities.ftm.json", "Example", id="ftm"),
        pytest.param("sec_company_tickers", "json", "company_tickers.json", "Example", id="sec"),
        pytest.param("ieee_oui", "json", "index.json", "Kameras", id="oui"),
        pytest.param("misp_galaxy", "cluster", "threat-actor.json", "Example", id="misp"),
    ],
)
def test_a_record_whose_text_is_none_is_rejected_and_the_rest_is_read(
    slug: str, layout: str, file: str, old: str, spelled: str, tmp_path: Path
) -> None:
    rows, whole = read_excerpt(slug, layout)
    paths = sorted((EXCERPTS / slug / layout).iterdir())
    text = (EXCERPTS / slug / layout / file).read_text(encoding="utf-8")
    # The last one: the first may be in the head of the file.
    before, _, after = text.rpartition(old)
    target = written(tmp_path, file, (before + old + spelled + after).encode("utf-8"))
    again, reading = read_files(slug, *(target if path.name == file else path for path in paths))
    assert reading.rejects == 1
    assert reading.read + reading.rejects == whole.read
    assert 0 < len(again) < len(rows) + 3
    assert all(map(is_text, texts(again)))
    assert is_text(str(reading.rejected[0]))


@pytest.mark.parametrize(
    ("slug", "layout", "file"),
    [
        pytest.param("gleif", "selection-tsv", "selection.tsv", id="gleif"),
        pytest.param("prefix_asn", "csv", "asn-ipv4.csv", id="asn"),
        pytest.param("ieee_oui", "text", "oui.txt", id="oui"),
        pytest.param("us_dod_1260h", "csv-editions", "sanctions.csv", id="1260h"),
    ],
)
def test_a_row_with_nul_is_rejected(slug: str, layout: str, file: str, tmp_path: Path) -> None:
    target = changed(EXCERPTS / slug / layout / file, tmp_path / file, ("Exam", "Ex\0am"))
    rows, reading = read_files(slug, target)
    assert reading.rejects >= 1
    assert reading.read > 0
    assert all(map(is_text, texts(rows)))


@pytest.mark.parametrize("schema", [{"a": 1}, ["Company"], 7, None])
def test_a_schema_of_another_type_is_rejected(schema: Any, tmp_path: Path) -> None:
    good = {"id": "x", "schema": "Company", "caption": "Example", "properties": {"name": ["Example"]}}
    lines = [good, {**good, "id": "y", "schema": schema}]
    rows, reading = read_files("ftm", written(tmp_path, "x.json", "\n".join(map(json.dumps, lines)).encode()))
    assert (reading.read, reading.rejects) == (1, 1)
    assert [row.id for row in of(Entity, rows)] == ["ftm:x"]


def test_an_operation_of_another_type_is_rejected(tmp_path: Path) -> None:
    base = sorted((EXCERPTS / "ftm" / "entities-json").iterdir())[0]
    delta = written(tmp_path, "x.delta.json", json.dumps({"op": {"MOD": 1}, "entity": {"id": "x"}}).encode())
    _, reading = read_files("ftm", base, delta)
    assert reading.reasons["no change"] == 1


@pytest.mark.parametrize("kind", [{"a": 1}, ["entityStatement"], 1])
def test_a_kind_of_statement_of_another_type_is_no_statement(kind: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read_files("bods", written(tmp_path, "x.jsonl", json.dumps({"statementType": kind}).encode()))
    assert caught.value.code == "source.unknown-layout"


def test_a_weak_name_does_not_name_a_party_of_the_house_by_itself(tmp_path: Path) -> None:
    path = write_table(
        tmp_path / "x.csv",
        ("id", "schema", "name", "kind"),
        ("1", "Company", "EX", "weak"),
        ("2", "Company", "Example Trading", "legal"),
        ("2", "Company", "ET", "weak"),
    )
    rows, reading = read_files("in_house", path)
    assert (reading.read, dict(reading.reasons)) == (2, {"the first name is weak": 1})
    assert [row.caption_kind for row in of(Entity, rows)] == ["legal"]


@pytest.mark.parametrize("column", ["Parent Name", "Previous Name", "Alias"])
def test_names_without_letters_do_not_make_parties_one_family(column: str, tmp_path: Path) -> None:
    header = (
        "Name",
        "Clean Name",
        "Alias",
        "Previous Name",
        "Parent Name",
        "Note",
        "Start date",
        "End date",
        "Source Url",
    )
    rows = [
        [name if cell in {"Name", "Clean Name"} else "…" if cell == column else "" for cell in header]
        for name in ("Example Steel", "Sample Chips")
    ]
    for row in rows:
        row[header.index("Start date")] = "2021-06-03"
    rows.append([*("Third Works", "Third Works"), *[""] * 4, "2021-06-03", "", ""])
    found, reading = read_files("us_dod_1260h", write_table(tmp_path / "x.csv", header, *rows))
    assert (reading.read, dict(reading.reasons)) == (1, {"a name without letters": 2})
    assert [row.caption for row in of(Entity, found)] == ["Third Works"]
    assert of(Ownership, found) == []


def test_what_is_quoted_from_a_file_is_short_and_can_be_shown() -> None:
    error = UnexpectedValueError("no date", "x" * 70_000 + "\0\x1b[2J\ud800 end", origin=Origin("x.csv", 3))
    assert len(str(error)) < 1200
    assert str(error).startswith("x.csv:3: no date: xxx")
    assert "end [source.unexpected-value]" in str(error)
    assert "\\x00\\x1b[2J\\ud800" in str(error)
    assert SourceError("\u202eabc", code="source.malformed").message == "\\u202eabc"


def test_a_small_document_is_read_with_little_memory_set_aside(tmp_path: Path) -> None:
    document = Document("x.json", written(tmp_path, "x.json", gzip.compress(b"[1]")))
    tracemalloc.start()
    try:
        assert document.json() == [1]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_exhibits_that_nothing_ends_take_no_time(tmp_path: Path) -> None:
    path = written(tmp_path, "x.txt", b"<SEC-DOCUMENT>x\n" + b"<DOCUMENT>\n<TYPE>EX-21\n" * 200_000)
    began = time.process_time()
    with pytest.raises(SourceError) as caught:
        read_files("sec_exhibit_21", path)
    assert caught.value.code == "source.unknown-layout"
    assert time.process_time() - began < 5


def test_nul_in_the_name_of_who_files_is_left_out(tmp_path: Path) -> None:
    file = next((EXCERPTS / "sec_exhibit_21" / "submission-text").iterdir())
    target = changed(file, tmp_path / file.name, ("CONFORMED NAME:", "CONFORMED NAME: \0"))
    rows, _ = read_files("sec_exhibit_21", target)
    assert all(map(is_text, texts(rows)))


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_printed_day_that_cannot_be_is_none(day: str, tmp_path: Path) -> None:
    catalogue = {"dateReleased": f"{day}T00:00:00Z", "count": 0, "vulnerabilities": []}
    document = Document("x.json", written(tmp_path, "x.json", json.dumps(catalogue).encode()))
    kev = source_called("cisa_kev")
    assert kev.printed_date is not None
    with pytest.raises(SourceError, match="dateReleased is"):
        kev.printed_date((document,), kev.descriptor)
    entity = {"id": "x", "schema": "Company", "properties": {}, "last_seen": f"{day}T00:00:00"}
    document = Document("y.json", written(tmp_path, "y.json", json.dumps(entity).encode()))
    ftm = source_called("ftm")
    assert ftm.printed_date is not None
    assert ftm.printed_date((document,), ftm.descriptor) is None


@pytest.mark.parametrize("bad", ["\ud800", "A\0B"])
def test_another_name_that_is_no_text_rejects_its_entry(bad: str, tmp_path: Path) -> None:
    file = EXCERPTS / "us_ofac_sdn" / "packaged-json" / "ofac-sdn.json"
    _, whole = read_files("us_ofac_sdn", file)
    content = json.loads(file.read_text(encoding="utf-8"))
    content["entries"][0]["alternateNames"] = [bad]
    rows, reading = read_files("us_ofac_sdn", written(tmp_path, file.name, json.dumps(content).encode()))
    assert (reading.read, reading.rejects) == (whole.read - 1, 1)
    assert all(map(is_text, texts(rows)))


def test_a_remark_whose_text_is_none_is_rejected() -> None:
    party = Party(Record({}, Origin("sdn.csv", 2)), "104", "Company", "Example")
    read_remarks(party, "Digital Currency Address - XBT 1Exam\0ple; Website a.example", None, is_cut=False)
    assert [error.reason for error in party.problems] == ["no text in the remarks"]


def test_a_reason_is_short_however_long_the_name_of_the_field() -> None:
    error = UnexpectedValueError(f"{'x' * 500} is no text", "1", origin=Origin("a.json", 1))
    assert len(error.reason) == 201
