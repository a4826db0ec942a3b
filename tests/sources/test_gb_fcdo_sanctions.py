"""The UK Sanctions List."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.international import GIVEN, about, changed, excerpt, read

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.gb_fcdo_sanctions.parse import printed_date

SLUG = "gb_fcdo_sanctions"
MEASURE = "unknown Sanctions Imposed"
REAL = "data/lists/uk/FCDO-UK-sanctions-list.2025-08-11.ods"
FREEZE = "Asset freeze"


def test_the_summary_groups_rows_by_unique_id() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "summary-table"))
    assert (reading.layout, reading.read, reading.rejects) == ("summary-table", 5, 0)
    party = "uk:TST0001"
    assert about(rows, party) == [
        Entity(id=party, schema="Organization", caption="EXAMPLE MONEY EXCHANGE"),
        Name(entity_id=party, name="SAMPLE HAWALA", kind="alias"),
        Identifier(entity_id=party, kind="uk_reference", value="TST0001"),
        Identifier(entity_id=party, kind="other", value="90001", note="OFSI Group ID"),
        Entry(regime_id="uk-sl", edition=GIVEN, entity_id=party, listed_as="EXAMPLE MONEY EXCHANGE", basis=FREEZE),
        Designation(
            id="uk-sl:uk:TST0001",
            regime_id="uk-sl",
            entity_id=party,
            listed_as="EXAMPLE MONEY EXCHANGE",
            basis=FREEZE,
            programmes=["Testland"],
            citation="UK Sanctions List, TST0001 (UN)",
            valid_from=date(2012, 6, 29),
            published_at=date(2012, 6, 29),
        ),
    ]


def test_an_entry_without_a_freeze_asks_what_it_orders() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "summary-table"))
    listed = {row.entity_id: row for row in rows if isinstance(row, Designation)}
    assert listed["uk:TST0002"].certainty == "confirmed"
    assert listed["uk:TST0002"].basis == "Asset freeze, Director Disqualification Sanction, Travel Ban"
    assert listed["uk:TST0002"].citation == "UK Sanctions List, TST0002 (UK, UN)"
    assert listed["uk:TST0003"].certainty == "probable"
    orders = 'De-flag, Shipping sanctions: (see "Other information")'
    assert listed["uk:TST0003"].question == f"The entry orders {orders} and no asset freeze: is the act one of those?"


def test_an_entry_without_a_name_is_listed_under_its_id() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "summary-table"))
    assert [row for row in rows if isinstance(row, Entity) and row.id == "uk:TST0004"] == [
        Entity(
            id="uk:TST0004",
            schema="Person",
            caption="TST0004",
            caption_kind="alias",
            note="the list prints no name for TST0004",
        )
    ]


def test_the_full_table_has_names_dates_and_numbers() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "full-table"))
    assert (reading.layout, reading.read, reading.rejects) == ("full-table", 7, 0)
    party = "uk:TST0002"
    entity, *others = about(rows, party)
    assert entity == Entity(
        id=party,
        schema="Person",
        caption="JANE ANN PLACEHOLDER",
        addresses=["Afghanistan"],
        birth_dates=["1958", "1958-04", "1958-04-05"],
    )
    assert others[:6] == [
        Name(entity_id=party, name="JANE PLACEHOLDR", kind="alias"),
        Name(entity_id=party, name="HAJI J", kind="weak"),
        Identifier(entity_id=party, kind="uk_reference", value="TST0002"),
        Identifier(entity_id=party, kind="other", value="90002", note="OFSI Group ID"),
        Identifier(entity_id=party, kind="national_id", value="12345", note="Sample number"),
        Identifier(entity_id=party, kind="passport", value="X0000001", note="Sample passport"),
    ]
    assert [(row.valid_from, row.basis) for row in others if isinstance(row, Designation)] == [
        (date(2001, 1, 25), "Asset freeze, Travel Ban")
    ]
    assert [row.date for row in rows if isinstance(row, Edition)] == [date(2026, 2, 13)]


def test_an_organisation_of_the_full_table_has_places_scripts_and_what_it_belongs_to() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "full-table"))
    party = "uk:TST0001"
    entity, *others = about(rows, party)
    assert entity == Entity(
        id=party,
        schema="Organization",
        caption="EXAMPLE MONEY EXCHANGE",
        jurisdictions=["pk", "af"],
        addresses=["1 Sample Road, Balochistan Province, 00001, Pakistan", "2 Sample Road, Afghanistan"],
        note="parent company as printed: Example Holding",
    )
    assert others[:2] == [
        Name(entity_id=party, name="صرافی مثال", kind="legal", lang="fa"),
        Name(entity_id=party, name="SAMPLE HAWALA", kind="alias"),
    ]
    assert [(row.kind, row.value) for row in others if isinstance(row, Identifier)] == [
        ("uk_reference", "TST0001"),
        ("other", "90001"),
        ("un_reference", "TAe.901"),
        ("registration", "REG-1"),
        ("website", "www.exchange.example"),
        ("email", "info@exchange.example"),
    ]


@pytest.mark.parametrize("layout", ["full-table", "designations-xml"])
def test_a_ship_has_its_number_and_flag(layout: str) -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, layout))
    entity, *others = about(rows, "uk:TST0003")
    assert isinstance(entity, Entity)
    assert (entity.schema, entity.jurisdictions) == ("Vessel", ["pa"])
    assert "current owner/operator as printed: Example Shipping" in (entity.note or "")
    assert Identifier(entity_id="uk:TST0003", kind="imo", value="1000007") in others
    assert Name(entity_id="uk:TST0003", name="EXAMPLE STAR 1", kind="alias") not in others


def test_a_doubted_flag_and_a_wrong_number_are_kept_as_printed() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "full-table"))
    entity, *others = about(rows, "uk:TST0003")
    assert isinstance(entity, Entity)
    assert "flag as printed: Comoros (falsely flying)" in (entity.note or "")
    wrong = Identifier(
        entity_id="uk:TST0003", kind="other", value="1000008", note="IMO number, check digits do not hold: 1000008"
    )
    assert wrong in others


def test_the_xml_has_the_primary_name_in_front() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "designations-xml"))
    assert (reading.layout, reading.read, reading.rejects) == ("designations-xml", 3, 0)
    party = "uk:TST0002"
    entity, *others = about(rows, party)
    assert isinstance(entity, Entity)
    assert (entity.caption, entity.birth_dates) == ("JANE ANN PLACEHOLDER", ["1945", "1946-02-01"])
    assert [(row.name, row.kind, row.lang) for row in others if isinstance(row, Name)] == [
        ("HAJI J", "weak", None),
        ("JANE PLACEHOLDR", "alias", None),
        ("Джейн Пример", "alias", "ru"),
    ]
    assert Identifier(entity_id=party, kind="un_reference", value="TAi.901") in others
    assert [row.date for row in rows if isinstance(row, Edition)] == [date(2026, 6, 10)]


def test_a_second_name_without_a_type_is_an_alias(tmp_path: Path) -> None:
    path = excerpt(SLUG, "designations-xml")[0]
    rows, _ = read(SLUG, changed(path, tmp_path / "list", "<NameType>Primary name variation</NameType>", ""))
    assert Name(entity_id="uk:TST0002", name="JANE PLACEHOLDR", kind="alias") in rows


def test_a_russian_number_is_read_where_the_text_calls_it_so(tmp_path: Path) -> None:
    path = changed(excerpt(SLUG, "full-table")[0], tmp_path / "list", "REG-1", "INN: 9999000013 OGRN 1999900000010")
    rows, _ = read(SLUG, path)
    found = [(row.kind, row.value) for row in about(rows, "uk:TST0001") if isinstance(row, Identifier)]
    assert found[3:6] == [
        ("registration", "INN: 9999000013 OGRN 1999900000010"),
        ("inn", "9999000013"),
        ("ogrn", "1999900000010"),
    ]


@pytest.mark.parametrize(
    ("layout", "old", "new", "reason"),
    [
        pytest.param("full-table", ",Entity,", ",Planet,", "unknown Designation Type", id="type"),
        pytest.param("full-table", ",ALias,", ",Nickname,", "unknown Name type", id="name type"),
        pytest.param("full-table", "Low quality", "Odd quality", "unknown Alias strength", id="strength"),
        pytest.param("full-table", "29/06/2012", "June 2012", "Date Designated is no date", id="date"),
        pytest.param("full-table", "29/06/2012", "30/06/2012", "rows of one id disagree", id="two days for one id"),
        pytest.param("full-table", "Persian", "Klingon", "unknown language", id="language"),
        pytest.param("full-table", ",Pakistan,", ",Atlantis,", "unknown place in Address Country", id="place"),
        pytest.param("full-table", ",Entity,UN,", ",Entity,EU,", "unknown Designation source", id="source"),
        pytest.param("full-table", ",Prohibition of port entry,", ",Prohibition of joy,", MEASURE, id="measure"),
        pytest.param("designations-xml", "Asset freeze", "Asset thaw", MEASURE, id="xml measure"),
        pytest.param("full-table", "Invented.,", "Invented.,,", "wrong number of cells", id="a cell too many"),
        pytest.param("designations-xml", "<LastUpdated>", "<Odd>1</Odd><LastUpdated>", "unknown element", id="element"),
        pytest.param("designations-xml", ">TST0001<", ">TST0002<", "a unique id twice", id="id twice"),
        pytest.param("designations-xml", ">Ship<", ">Planet<", "unknown IndividualEntityShip", id="kind of party"),
        pytest.param("designations-xml", ">25/01/2001<", ">1.2.2001<", "DateDesignated is no date", id="xml date"),
    ],
)
def test_a_record_with_an_unknown_value_is_rejected(
    layout: str, old: str, new: str, reason: str, tmp_path: Path
) -> None:
    rows, reading = read(SLUG, changed(excerpt(SLUG, layout)[0], tmp_path / "list", old, new))
    assert dict(reading.reasons) == {reason: 1}
    assert [row.is_complete for row in rows if isinstance(row, Edition)] == [False]


@pytest.mark.parametrize(
    ("layout", "old", "new"),
    [
        pytest.param("full-table", "Regime Name", "Regime", id="an unknown column"),
        pytest.param("full-table", "Unique ID", "Key", id="no unique id"),
        pytest.param("designations-xml", "Designations", "Others", id="another root"),
    ],
)
def test_another_layout_is_an_error_of_the_file(layout: str, old: str, new: str, tmp_path: Path) -> None:
    text = excerpt(SLUG, layout)[0].read_text(encoding="utf-8-sig").replace(old, new)
    (tmp_path / "list").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read(SLUG, tmp_path / "list")
    assert caught.value.code == "source.unknown-layout"


def _sheet(path: Path, mimetype: str, content: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr("content.xml", content)
    return path


def test_a_packed_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with pytest.raises(SourceError) as caught:
        read(SLUG, _sheet(tmp_path / "list.ods", kind, " " * (64 << 20)))
    assert caught.value.code == "source.too-large"


def test_another_archive_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        read(SLUG, _sheet(tmp_path / "list.ods", "application/zip", "<a/>"))
    assert caught.value.code == "source.unknown-layout"


def test_a_row_that_says_it_is_repeated_without_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(excerpt(SLUG, "summary-table")[0]) as archive:
        kind, text = archive.read("mimetype").decode(), archive.read("content.xml").decode()
    text = text.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="99999999">', 2)
    with pytest.raises(SourceError) as caught:
        read(SLUG, _sheet(tmp_path / "list.ods", kind, text))
    assert caught.value.code == "source.too-large"


def test_the_real_summary_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared(REAL)
    rows, reading = read(SLUG, path)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("content.xml").decode()
    ids = re.findall(r"<text:p>([A-Z]{3}\d{4})</text:p>", text)
    assert (reading.read, reading.rejects, len(ids), len(set(ids))) == (5302, 0, 5302, 5302)
    assert {row.id for row in rows if isinstance(row, Entity)} == {f"uk:{key}" for key in ids}
    # Of two entries the list prints no name; they are listed under their id.
    assert sum(row.caption_kind == "alias" for row in rows if isinstance(row, Entity)) == 2
    assert Counter(row.schema for row in rows if isinstance(row, Entity)) == {
        "Person": text.count("<text:p>Individual</text:p>"),
        "Organization": text.count("<text:p>Entity</text:p>"),
        "Vessel": text.count("<text:p>Ship</text:p>"),
    }
    frozen = len(re.findall(r"<text:p>[^<]*Asset freeze[^<]*</text:p>", text))
    assert sum(row.certainty == "confirmed" for row in rows if isinstance(row, Designation)) == frozen == 4846


def test_values_of_the_real_summary_are_those_printed(shared: Callable[[str], Path]) -> None:
    rows, _ = read(SLUG, shared(REAL))
    listed = {row.entity_id: row for row in rows if isinstance(row, Designation)}
    assert listed["uk:AFG0001"].listed_as == "HAJI KHAIRULLAH HAJI SATTAR MONEY EXCHANGE"
    assert listed["uk:AFG0001"].valid_from == date(2012, 6, 29)
    assert listed["uk:YEM0018"].programmes == ["Yemen"]
    assert listed["uk:YEM0018"].valid_from == date(2024, 2, 27)
    assert listed["uk:DPR0076"].basis == "De-flag, Prohibition of port entry"


@pytest.mark.parametrize(
    ("layout", "old", "new"),
    [
        ("designations-xml", "</Designations>", "<Designated/></Designations>"),
    ],
)
def test_an_element_beside_the_parties_that_is_not_known_is_told(
    layout: str, old: str, new: str, tmp_path: Path
) -> None:
    (path,) = excerpt(SLUG, layout)
    _, whole = read(SLUG, path)
    rows, reading = read(SLUG, changed(path, tmp_path / "list.xml", old, new))
    assert (dict(reading.reasons), reading.read) == ({"unknown element": 1}, whole.read)
    assert reading.rejected[0].origin is not None
    assert reading.rejected[0].origin.line is not None
    assert [row.is_complete for row in rows if isinstance(row, Edition)] == [False]


def test_the_consolidated_list_of_ofsi_is_called_so_whatever_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "ConList.csv"
    path.write_bytes("Last Updated,12/02/2016\nName 6,Name 1\nEXAMPLE,“Ann”\n".encode("cp1252"))
    with pytest.raises(SourceError) as caught:
        printed_date((Document(path.name, path),), source_called(SLUG).descriptor)
    assert caught.value.code == "source.unknown-layout"
    assert "the consolidated list of OFSI" in caught.value.message
