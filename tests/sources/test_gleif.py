"""The LEI register: Level 1, Level 2 and reporting exceptions, in every form in which it is served."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.command import run_here
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Identifier, Name, Ownership, Row
from beholden.sources import source_called
from beholden.sources.document import Document

SLUG = "gleif"
FOLDER = EXCERPTS / SLUG
HOLDINGS, TRADING, THIRD = (f"lei:999900EXAMPLE0000{end}" for end in ("131", "228", "325"))
LEVEL1, RELATIONS, EXCEPTIONS = (FOLDER / "cdf-xml" / name for name in ("1-lei2.xml", "2-rr.xml", "3-repex.xml"))
API = "data/ownership/gleif-api-l2"


def entity(rows: list[Row], entity_id: str) -> Entity:
    (found,) = [row for row in of(Entity, rows) if row.id == entity_id]
    return found


def held(rows: list[Row]) -> dict[tuple[str, str], Ownership]:
    """Holdings by the ends of the ids of owner and owned."""
    return {(row.owner_id[-3:], row.owned_id[-3:]): row for row in of(Ownership, rows)}


def printed_day(*paths: Path) -> date | None:
    source = source_called(SLUG)
    assert source.printed_date is not None
    return source.printed_date(tuple(Document(path.name, path) for path in paths), source.descriptor)


def test_level_1_as_xml_has_names_places_addresses_and_numbers() -> None:
    rows, _ = read_excerpt(SLUG, "cdf-xml")
    assert entity(rows, HOLDINGS) == Entity(
        id=HOLDINGS,
        schema="PublicBody",
        caption="示例控股有限公司",
        jurisdictions=["cn", "sg"],
        addresses=["1 Example Street, Tower, 1, Example City, 000000, CN", "2 Example Street, Example City, SG"],
    )
    assert [(row.name, row.kind, row.lang) for row in of(Name, rows) if row.entity_id == HOLDINGS] == [
        ("示例控股有限公司", "legal", "zh"),
        ("Example Holdings Co., Ltd.", "alias", "en"),
        ("Sample Holdings", "former", "en"),
        ("shi li", "alias", "zh"),
    ]
    assert [(row.kind, row.value, row.note) for row in of(Identifier, rows) if row.entity_id == HOLDINGS] == [
        ("lei", "999900EXAMPLE0000131", None),
        ("registration", "54321", "RA999999"),
    ]


def test_an_entity_that_is_gone_says_why_since_when_and_who_follows() -> None:
    rows, _ = read_excerpt(SLUG, "cdf-xml")
    assert entity(rows, TRADING).note == (
        "inactive; merged into another entity; expired 2020-01-31 (CORPORATE_ACTION); succeeded by 999900EXAMPLE0000131"
    )


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ("ISSUED", None),
        ("PENDING_TRANSFER", None),
        ("PENDING_ARCHIVAL", None),
        ("LAPSED", "LEI registration lapsed"),
        ("RETIRED", "LEI retired: the entity no longer exists"),
        ("DUPLICATE", "LEI is a duplicate of another"),
        ("ANNULLED", "LEI annulled"),
    ],
)
def test_what_the_status_of_a_registration_means_is_said(tmp_path: Path, status: str, note: str | None) -> None:
    path = changed(LEVEL1, tmp_path / "lei2.xml", (">ISSUED<", f">{status}<"))
    rows, _ = read_files(SLUG, path)
    assert entity(rows, HOLDINGS).note == note


def test_a_successor_without_an_lei_is_named() -> None:
    rows, _ = read_files(SLUG, *sorted((FOLDER / "golden-copy-csv").iterdir()))
    assert entity(rows, TRADING).note == (
        "inactive; LEI retired: the entity no longer exists; expired 2020-01-31 (DISSOLVED); "
        "succeeded by 999900EXAMPLE0000131"
    )


def test_level_2_is_control_of_unknown_share_over_its_own_days() -> None:
    rows, _ = read_excerpt(SLUG, "cdf-xml")
    found = held(rows)
    assert found["131", "228"] == Ownership(
        id=f"{HOLDINGS}>{TRADING}:control@2010-03-01",
        owner_id=HOLDINGS,
        owned_id=TRADING,
        ownership_type="control",
        valid_from=date(2010, 3, 1),  # of the relationship, and not of the accounts
        published_at=date(2017, 12, 14),
        note="accounting consolidation (direct)",
    )
    ended = found["228", "325"]
    assert (ended.valid_from, ended.valid_to) == (date(2010, 3, 1), date(2015, 6, 30))
    assert ended.note == "accounting consolidation (direct); its registration lapsed"


def test_an_inactive_relation_without_an_end_ended_by_its_last_update() -> None:
    found = held(read_excerpt(SLUG, "cdf-xml")[0])["131", "325"]
    assert found.valid_to == date(2021, 2, 3)
    assert found.note is not None
    assert found.note.endswith("printed as inactive without an end, which is given as the day it was last updated")


def test_a_retired_relation_that_still_calls_itself_active_ended_too(tmp_path: Path) -> None:
    path = changed(RELATIONS, tmp_path / "rr.xml", (">PUBLISHED<", ">RETIRED<"))
    rows, _ = read_files(SLUG, path)
    # The same pair stands there once more, as the ultimate parent, and that relation goes on.
    assert [(row.valid_to, (row.note or "")[:34]) for row in of(Ownership, rows) if row.owned_id == TRADING] == [
        (date(2021, 2, 3), "accounting consolidation (direct);"),
        (None, "accounting consolidation (ultimate"),
    ]


def test_funds_and_annulled_relations_are_read_and_are_no_ownership() -> None:
    rows, reading = read_excerpt(SLUG, "cdf-xml")
    assert (reading.read, reading.rejects) == (10, 0)
    assert set(held(rows)) == {("131", "228"), ("131", "325"), ("228", "325"), ("sed", "131")}
    assert "lei:999900EXAMPLE0000422" not in {row.id for row in of(Entity, rows)}


@pytest.mark.parametrize(
    ("inside", "is_there"),
    [
        pytest.param("", True, id="empty-as-full-files-print-it"),
        pytest.param("<g:DeletedAt>2026-04-01T00:00:00Z</g:DeletedAt>", False, id="with-a-day"),
    ],
)
def test_only_a_printed_day_deletes_a_relation_and_an_exception(tmp_path: Path, inside: str, is_there: bool) -> None:
    deletion = f'<rr:Extension xmlns:g="http://www.gleif.example/x"><g:Deletion>{inside}</g:Deletion></rr:Extension>'
    first = "</rr:Registration>\n    </rr:RelationshipRecord>"
    relations = changed(
        RELATIONS, tmp_path / "rr.xml", (first, first.replace("\n", f"{deletion}\n")), ("IS_ULTIMATELY", "IS_DIRECTLY")
    )
    # Only the first of both rows of the pair is left, so that its deletion shows.
    text = relations.read_text(encoding="utf-8")
    head, _, rest = text.partition("    <rr:RelationshipRecord>")
    one = rest.partition("    <rr:RelationshipRecord>")[0]
    relations.write_text(
        f"{head}    <rr:RelationshipRecord>{one}</rr:RelationshipRecords></rr:RelationshipData>", encoding="utf-8"
    )
    reason = "NON_PUBLIC</repex:ExceptionReason>"
    exceptions = changed(EXCEPTIONS, tmp_path / "repex.xml", (reason, reason + deletion.replace("rr:", "repex:")))
    rows, reading = read_files(SLUG, LEVEL1, relations, exceptions)
    assert reading.rejects == 0
    assert (("131", "228") in held(rows)) is is_there
    assert (("sed", "131") in held(rows)) is is_there


def test_an_exception_that_hides_a_parent_is_a_holder_that_nobody_knows() -> None:
    rows, reading = read_excerpt(SLUG, "cdf-xml")
    assert held(rows)["sed", "131"] == Ownership(
        id=f"gleif:undisclosed>{HOLDINGS}:control@:ultimate",
        owner_id="gleif:undisclosed",
        owned_id=HOLDINGS,
        ownership_type="control",
        holder="unknown",
        note="ultimate accounting consolidation parent not named: NON_PUBLIC",
    )
    assert entity(rows, "gleif:undisclosed").caption == "Parent not named"
    assert reading.notes == ["exceptions that say that no parent consolidates, without a row: NO_KNOWN_PERSON 1"]


@pytest.mark.parametrize(
    ("reason", "is_hidden"),
    [
        *((one, True) for one in ("NON_PUBLIC", "NO_LEI", "BINDING_LEGAL_COMMITMENTS", "LEGAL_OBSTACLES")),
        *((one, True) for one in ("CONSENT_NOT_OBTAINED", "DISCLOSURE_DETRIMENTAL", "DETRIMENT_NOT_EXCLUDED")),
        *((one, False) for one in ("NATURAL_PERSONS", "NO_KNOWN_PERSON", "NON_CONSOLIDATING")),
    ],
)
def test_every_reason_of_an_exception_hides_a_parent_or_says_that_there_is_none(
    tmp_path: Path, reason: str, is_hidden: bool
) -> None:
    path = changed(EXCEPTIONS, tmp_path / "repex.xml", (">NON_PUBLIC<", f">{reason}<"))
    rows, reading = read_files(SLUG, path)
    assert reading.rejects == 0
    assert bool(of(Ownership, rows)) is is_hidden


def test_answers_of_the_api_say_who_is_parent_by_what_was_asked() -> None:
    rows, reading = read_excerpt(SLUG, "api-json")
    assert (reading.layout, reading.read) == ("api-json", 5)
    found = held(rows)
    assert found["131", "228"].note == "accounting consolidation (direct)"  # from the address of the children
    assert found["131", "325"].note == "accounting consolidation (ultimate)"  # from the name of the file
    assert found["228", "325"].valid_from == date(2006, 8, 8)  # from the record of the relationship
    assert entity(rows, THIRD).note == "only a relationship names it; its Level 1 record was not given"
    assert [(row.kind, row.value) for row in of(Identifier, rows) if row.entity_id == HOLDINGS] == [
        ("lei", "999900EXAMPLE0000131"),
        ("registration", "12345"),
        ("bic", "EXAMUS33"),
        ("opencorporates", "us_de/12345"),
    ]


def test_an_exception_of_the_api_that_no_longer_stands_has_its_end(tmp_path: Path) -> None:
    path = changed(
        FOLDER / "api-json" / "exception.json",
        tmp_path / "exception.json",
        ("NATURAL_PERSONS", "NON_PUBLIC"),
        ('"validTo": null', '"validTo": "2025-03-01T00:00:00Z"'),
    )
    (found,) = of(Ownership, read_files(SLUG, path)[0])
    assert found.valid_to == date(2025, 3, 1)


def test_a_page_of_several_asks_for_the_others(tmp_path: Path) -> None:
    path = changed(
        FOLDER / "api-json" / "children.json", tmp_path / "children.json", ('"lastPage": 1', '"lastPage": 3')
    )
    assert read_files(SLUG, path)[1].notes == ["children.json is page 1 of 3; import the others with it"]


@pytest.mark.parametrize("count", ["1", "10"])
def test_a_file_with_fewer_or_more_records_than_its_header_says_is_refused(tmp_path: Path, count: str) -> None:
    path = changed(LEVEL1, tmp_path / "lei2.xml", ("RecordCount>2<", f"RecordCount>{count}<"))
    with pytest.raises(SourceError, match=f"the header says {count} records; the file has 2"):
        read_files(SLUG, path)


def test_an_lei_that_a_file_prints_twice_is_rejected_the_second_time(tmp_path: Path) -> None:
    path = changed(LEVEL1, tmp_path / "lei2.xml", (TRADING.removeprefix("lei:"), HOLDINGS.removeprefix("lei:")))
    rows, reading = read_files(SLUG, path)
    assert (reading.read, dict(reading.reasons)) == (1, {"LEI twice": 1})
    assert entity(rows, HOLDINGS).caption == "示例控股有限公司"


def test_answers_may_repeat_an_entity_under_the_same_name_only(tmp_path: Path) -> None:
    answer = json.loads((FOLDER / "api-json" / "children.json").read_text(encoding="utf-8"))
    first = answer["data"][0]
    answer["data"] = [first, json.loads(json.dumps(first))]
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    rows, reading = read_files(SLUG, path)
    assert (reading.read, reading.rejects) == (2, 0)
    assert entity(rows, f"lei:{first['id']}").caption == first["attributes"]["entity"]["legalName"]["name"]
    answer["data"][1]["attributes"]["entity"]["legalName"]["name"] = "Another Example Ltd"
    path.write_text(json.dumps(answer), encoding="utf-8")
    rows, reading = read_files(SLUG, path)
    assert dict(reading.reasons) == {"LEI twice": 1}
    assert entity(rows, f"lei:{first['id']}").caption == first["attributes"]["entity"]["legalName"]["name"]


def test_a_name_of_the_short_table_keeps_its_quotation_marks() -> None:
    rows, _ = read_excerpt(SLUG, "selection-tsv")
    assert entity(rows, HOLDINGS).caption == '"Example" Holdings Inc'


def test_an_lei_whose_check_digits_do_not_hold_is_no_lei() -> None:
    rows, _ = read_excerpt(SLUG, "selection-tsv")
    (found,) = [row for row in of(Identifier, rows) if row.entity_id.endswith("132")]
    assert (found.kind, found.note) == ("other", "LEI, check digits do not hold: 999900EXAMPLE0000132")


def test_the_day_is_printed_inside_or_in_the_name_of_the_file() -> None:
    assert printed_day(LEVEL1) == date(2026, 5, 1)
    assert printed_day(FOLDER / "api-json" / "single.json") == date(2026, 5, 15)
    assert printed_day(*(FOLDER / "golden-copy-csv").iterdir()) == date(2026, 5, 1)
    assert printed_day(FOLDER / "selection-tsv" / "selection.tsv") is None


@pytest.mark.parametrize(
    ("excerpt", "old", "new", "reason"),
    [
        pytest.param(LEVEL1, ">RESIDENT_GOV", ">GALACTIC_GOV", "unknown category", id="category"),
        pytest.param(LEVEL1, ">ACTIVE<", ">ASLEEP<", "unknown entity status", id="entity-status"),
        pytest.param(LEVEL1, ">ISSUED<", ">LENT<", "unknown registration status", id="registration"),
        pytest.param(LEVEL1, "ALTERNATIVE_LANGUAGE", "SECRET", "unknown type of name", id="name"),
        pytest.param(LEVEL1, ">CN</lei:LegalJ", ">QQ</lei:LegalJ", "unknown place in LegalJurisdiction", id="place"),
        pytest.param(LEVEL1, "<lei:LEI>9999", "<lei:LEI>99", "LEI is no LEI", id="lei"),
        pytest.param(LEVEL1, "2020-01-31T", "31/01/2020T", "expiration is no date", id="date"),
        pytest.param(LEVEL1, "2020-01-31T", "1020-01-31T", "expiration is out of range", id="range"),
        pytest.param(LEVEL1, ">示例控股有限公司<", "><", "legal name is empty", id="no-name"),
        pytest.param(LEVEL1, "lei:LegalForm>", "lei:Mood>", "unknown field", id="field"),
        pytest.param(RELATIONS, "IS_DIRECTLY", "IS_VAGUELY", "unknown type of relationship", id="relation"),
        pytest.param(RELATIONS, ">LEI<", ">ISIN<", "unknown type of node", id="node"),
        pytest.param(RELATIONS, ">RELATIONSHIP_PERIOD", ">LUNAR_PERIOD", "unknown type of period", id="period"),
        pytest.param(RELATIONS, ">ACTIVE<", ">NAPPING<", "unknown status of relationship", id="status"),
        pytest.param(RELATIONS, ">2010-03-01T", ">2910-03-01T", "StartDate is out of range", id="start"),
        pytest.param(RELATIONS, ">2015-06-30T", ">2005-06-30T", "ends before it starts", id="order"),
        pytest.param(
            RELATIONS, "<rr:RelationshipStatus>", "<rr:Mood/><rr:RelationshipStatus>", "unknown field", id="rr"
        ),
        pytest.param(EXCEPTIONS, "ULTIMATE_ACC", "PENULTIMATE_ACC", "unknown category of exception", id="exception"),
        pytest.param(EXCEPTIONS, ">NON_PUBLIC<", ">SHY<", "unknown reason of exception", id="reason"),
        pytest.param(EXCEPTIONS, ">NON_PUBLIC<", "><", "reason is empty", id="no-reason"),
    ],
)
def test_a_record_that_is_not_understood_is_rejected_with_its_line_and_the_rest_is_read(
    tmp_path: Path, excerpt: Path, old: str, new: str, reason: str
) -> None:
    path = changed(excerpt, tmp_path / excerpt.name, (old, new))
    if old == "lei:LegalForm>":
        path.write_text(path.read_text(encoding="utf-8").replace("</lei:LegalForm>", "</lei:Mood>"), encoding="utf-8")
    whole = read_files(SLUG, excerpt)[1].read
    _, reading = read_files(SLUG, path)
    assert dict(reading.reasons) == {reason: 1}
    assert reading.read == whole - 1
    (error,) = reading.rejected
    assert error.origin is not None
    assert (error.origin.path, (error.origin.line or 0) > 1) == (excerpt.name, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"attributes": None}, "no attributes", id="no-attributes"),
        pytest.param({"attributes": {"lei": "x", "entity": {}, "mood": 1}}, "unknown field", id="field"),
        pytest.param({"attributes": {"lei": "x", "entity": {"mood": 1}}}, "unknown field", id="inner-field"),
        pytest.param({"type": "reporting-exceptions", "attributes": {"mood": 1}}, "unknown field", id="exception"),
        pytest.param({"type": "moods"}, "unknown type of resource", id="type"),
        pytest.param({"attributes": {"lei": "x", "entity": {"otherNames": "y"}}}, "otherNames is no list", id="list"),
    ],
)
def test_an_answer_that_is_not_understood_is_rejected_by_its_number(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    content = json.loads((FOLDER / "api-json" / "children.json").read_text(encoding="utf-8"))
    content["data"] = [{**content["data"][0], **change}, content["data"][0]]
    path = tmp_path / "children.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    _, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({reason: 1}, 1)
    assert str(reading.rejected[0]).startswith("children.json, resource 1: ")


def test_a_row_of_the_golden_copy_of_another_width_is_rejected(tmp_path: Path) -> None:
    excerpt = FOLDER / "golden-copy-csv" / "20260501-0800-gleif-goldencopy-rr-golden-copy.csv"
    path = changed(excerpt, tmp_path / "rr.csv", ('"2021-02-03T00:00:00Z","PUBLISHED"', '"PUBLISHED"'))
    _, reading = read_files(SLUG, path)
    assert dict(reading.reasons) == {"wrong number of cells": 1}
    assert reading.read == 3


def test_a_row_of_the_golden_copy_that_prints_its_deletion_gives_nothing(tmp_path: Path) -> None:
    for path in (FOLDER / "golden-copy-csv").iterdir():
        with path.open(encoding="utf-8", newline="") as stream:
            header, *printed = csv.reader(stream)
        with (tmp_path / path.name).open("w", encoding="utf-8", newline="") as stream:
            days = ["2026-04-01T00:00:00Z"] * len(printed) if "lei2" not in path.name else [""] * len(printed)
            csv.writer(stream).writerows(
                [
                    [*header, "Extension.Deletion.DeletedAt"],
                    *([*row, day] for row, day in zip(printed, days, strict=True)),
                ]
            )
    rows, reading = read_files(SLUG, *sorted(tmp_path.iterdir()))
    assert (reading.read, reading.rejects) == (8, 0)
    assert of(Ownership, rows) == []
    assert {row.id for row in of(Entity, rows)} == {HOLDINGS, TRADING}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("a.csv", "LEI,Entity.LegalName,Mood\n", "unknown or repeated column 'Mood'", id="column"),
        pytest.param("a.csv", "name,country\n", "neither XML, an answer of the API, nor a table", id="table"),
        pytest.param("a.json", '{"data": [{"id": 1}]}', "neither XML, an answer of the API, nor a table", id="json"),
        pytest.param("a.xml", "<other/>", "neither XML, an answer of the API, nor a table", id="xml"),
        pytest.param("a.xml", '<!DOCTYPE a><LEIData xmlns="x"><LEIRecord/></LEIData>', "document type", id="doctype"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_files(SLUG, path)


def test_a_day_that_is_no_day_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = changed(LEVEL1, tmp_path / "lei2.xml", ("<lei:ContentDate>2026-05-01T", "<lei:ContentDate>2026-15-01T"))
    with pytest.raises(SourceError, match="day of the content is no date"):
        printed_day(path)


def test_the_real_answers_are_read_whole(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared(API).iterdir())
    rows, reading = read_files(SLUG, *paths)
    resources, leis = 0, set()
    for path in paths:
        data = json.loads(path.read_text(encoding="utf-8"))["data"]
        found = data if isinstance(data, list) else [data]
        resources += len(found)
        leis |= {one["id"] for one in found}
    assert (reading.layout, reading.read, reading.rejects) == ("api-json", resources, 0)
    described = {row.id.removeprefix("lei:") for row in of(Entity, rows) if not (row.note or "").startswith("only a")}
    assert described == leis
    assert all(row.ownership_type == "control" and row.percentage_low is None for row in of(Ownership, rows))
    parent = next(row for row in of(Ownership, rows) if row.owned_id == "lei:549300O897ZC5H7CY412")
    assert (parent.owner_id, parent.note) == ("lei:549300OWK6ZGNYP4G142", "accounting consolidation (direct)")


def test_the_real_xml_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/ownership/gleif-lei2-top10.2018-09-01.xml")
    rows, reading = read_files(SLUG, path)
    assert (reading.layout, reading.read, reading.rejects) == ("cdf-xml", 10, 0)
    assert len(of(Entity, rows)) == path.read_text(encoding="utf-8").count("<lei:LEIRecord>")
    assert printed_day(path) == date(2018, 9, 1)


def test_the_real_selection_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/ownership/gleif-level1-selection.tsv.gz")
    rows, reading = read_files(SLUG, path)
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    assert (reading.layout, reading.read, reading.rejects) == ("selection-tsv", len(lines) - 1, 0)
    assert len(of(Entity, rows)) == len(lines) - 1


def test_show_names_the_owner_of_a_real_answer(
    shared: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    answer = run_here("kb", "import", "gleif", *sorted(shared(API).iterdir()))
    assert answer.code == 0, answer.err
    for named in ("lei:549300O897ZC5H7CY412", "Nordic Legal Entity Identifier AB"):
        document = run_here("show", named, "--as-of", "2026-08-01", "--format", "json").document
        assert [(row["entity"]["caption"], row["ownership_type"], row["source"]) for row in document["owners"]] == [
            ("La Gare Holding AB", "control", "gleif@2025-05-15")
        ]
