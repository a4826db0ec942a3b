"""EU financial sanctions: annexes of regulations, and the consolidated list in both schemas."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.international import GIVEN, about, changed, excerpt, read

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name

SLUG = "eu_fsf"
FOLDER = "data/lists/eu"


def test_a_person_of_an_annex_has_names_dates_and_numbers() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "per-regulation-csv"))
    assert (reading.layout, reading.read, reading.rejects) == ("per-regulation-csv", 8, 0)
    party = "eu_fsf:32014R0269/I.PERSONS/1"
    assert about(rows, party) == [
        Entity(
            id=party,
            schema="Person",
            caption="Jane EXAMPLE",
            addresses=["1 Sample St., Moscow"],
            birth_dates=["1946-08-05", "approximately 1947", "1948"],
        ),
        Name(entity_id=party, name="Джейн ПРИМЕР", kind="alias"),
        Name(entity_id=party, name="Jayne; the EXAMPLE", kind="alias"),
        Name(entity_id=party, name="Romeo", kind="weak"),
        Name(entity_id=party, name="Jane Sample", kind="former"),
        Identifier(entity_id=party, kind="passport", value="40 0000001"),
        Identifier(entity_id=party, kind="national_id", value="ID-1", note="identity number"),
        Identifier(entity_id=party, kind="inn", value="999900001291"),
        Entry(
            regime_id="eu-fsf",
            edition=GIVEN,
            entity_id=party,
            listed_as="Jane EXAMPLE",
            basis="Asset freeze, 32014R0269, annex I.PERSONS, entry 1",
        ),
        Designation(
            id=f"eu-fsf:{party}",
            regime_id="eu-fsf",
            entity_id=party,
            listed_as="Jane EXAMPLE",
            basis="Asset freeze",
            programmes=["EU-UKR"],
            citation="CELEX 32014R0269, annex I.PERSONS, entry 1",
            valid_from=date(2014, 3, 17),
            published_at=date(2014, 3, 17),
        ),
    ]


def test_numbers_are_read_where_they_are_called_by_name() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "per-regulation-csv"))
    party = "eu_fsf:32014R0269/I.ENTITIES/1"
    entity, *others = about(rows, party)
    assert entity == Entity(
        id=party,
        schema="Company",
        caption="Example Trading LLC",
        jurisdictions=["hk"],
        note="country as printed: Russia",
    )
    inn = "9999000013"
    assert [(row.kind, row.value, row.note) for row in others if isinstance(row, Identifier)] == [
        ("registration", f"{inn} (Tax ID/INN)", "registration number"),
        ("inn", inn, f"{inn} (Tax ID/INN)"),
        ("ogrn", "1999900000010", None),
        ("other", "773601001", "KPP"),
        ("lei", "999900EXAMPLE0000034", None),
        ("email", "info@example.example", None),
        ("website", "example.example", None),
        ("website", "shop.example", None),
    ]


def test_an_entry_without_a_number_is_known_by_its_name_and_a_month_is_no_day() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "per-regulation-csv"))
    party = "eu_fsf:32014R0269/I.ENTITIES/sample-bureau-ltd"
    _, *others = about(rows, party)
    assert [(row.valid_from, row.note) for row in others if isinstance(row, Designation)] == [
        (None, "listed in 2022-06; the act prints no day")
    ]
    # Numbers of companies are another series than those of ships.
    assert [(row.kind, row.note) for row in others if isinstance(row, Identifier)] == [
        ("registration", "identity number"),
        ("other", "IMO number of a company"),
    ]


def test_what_is_no_freeze_is_another_list() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "per-regulation-csv"))
    listed = [(row.regime_id, row.id, row.basis) for row in rows if isinstance(row, Designation)]
    assert listed[3:] == [
        ("eu-833", "eu-833:eu_fsf:32014R0833/IV/1", "Export control"),
        ("eu-833", "eu-833:eu_fsf:32014R0833/IV/1:services-ban", "Services ban"),
        ("eu-833", "eu-833:eu_fsf:32014R0833/XLII/7", "Transportation restrictions"),
        ("eu-833", "eu-833:eu_fsf:32014R0833/XLII/7/LegalEntity", "Transportation restrictions"),
        ("eu-833", "eu-833:eu_fsf:32014R0833/XLVII.A/port-example", "Transportation restrictions"),
    ]
    assert [(row.regime_id, row.is_complete) for row in rows if isinstance(row, Edition)] == [
        ("eu-833", True),
        ("eu-fsf", False),
    ]


def test_a_vessel_has_its_flag_and_numbers() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "per-regulation-csv"))
    entity, *others = about(rows, "eu_fsf:32014R0833/XLII/7")
    assert isinstance(entity, Entity)
    assert (entity.schema, entity.jurisdictions) == ("Vessel", ["cm"])
    assert [(row.kind, row.value) for row in others if isinstance(row, Identifier)] == [
        ("imo", "1000007"),
        ("mmsi", "620000000"),
    ]


def test_a_party_of_the_consolidated_list_has_its_strong_name_in_front() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "fsf-xml"))
    assert (reading.layout, reading.read, reading.rejects) == ("fsf-xml", 2, 0)
    party, caption = "eu:EU.9001.1", "Jane Example"
    edition = date(2026, 8, 5)
    assert about(rows, party) == [
        Entity(
            id=party,
            schema="Person",
            caption=caption,
            addresses=["1 Sample Road, Kinshasa, CONGO, Democratic Republic of (was Zaire)"],
            birth_dates=["1961-02-03", "circa 1962", "1963 to 1965", "1966-04"],
        ),
        Name(entity_id=party, name="Romeo", kind="weak"),
        Name(entity_id=party, name="Джейн Пример", kind="alias", lang="bg"),
        Name(entity_id=party, name="Jayne Sample", kind="weak", lang="en"),
        Identifier(entity_id=party, kind="eu_reference", value="EU.9001.1"),
        Identifier(entity_id=party, kind="un_reference", value="CDi.901"),
        Identifier(
            entity_id=party,
            kind="passport",
            value="X0000001",
            note="National passport; CONGO, Democratic Republic of (was Zaire); expired",
        ),
        Entry(regime_id="eu-fsf", edition=edition, entity_id=party, listed_as=caption, basis="2018/999 (OJ L79)"),
        Designation(
            id=f"eu-fsf:{party}",
            regime_id="eu-fsf",
            entity_id=party,
            listed_as=caption,
            programmes=["COD"],
            citation="EU consolidated list, EU.9001.1, 2018/999 (OJ L79)",
            valid_from=date(2018, 3, 23),
            published_at=date(2018, 3, 22),
            is_start_latest=True,
        ),
    ]


def test_an_organisation_of_the_consolidated_list_has_its_own_day_and_place() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, "fsf-xml"))
    entity, *others = about(rows, "eu:EU.9002.2")
    assert isinstance(entity, Entity)
    assert (entity.jurisdictions, entity.addresses) == (["lb"], ["PO Box 1, Beirut, LEBANON"])
    assert [(row.valid_from, row.is_start_latest) for row in others if isinstance(row, Designation)] == [
        (date(2002, 6, 18), False)
    ]
    assert [(row.kind, row.value) for row in others if isinstance(row, Identifier)] == [
        ("eu_reference", "EU.9002.2"),
        ("registration", "REG-1"),
        ("website", "front.example"),
    ]
    assert [row.is_complete for row in rows if isinstance(row, Edition)] == [True]


def test_the_old_schema_is_read() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, "fsf-xml-1.0"))
    assert (reading.layout, reading.read, reading.rejects) == ("fsf-xml-1.0", 2, 0)
    party = "eu_fsf:900001"
    entity, *others = about(rows, party)
    assert entity == Entity(
        id=party, schema="Person", caption="Jane Example", birth_dates=["1924-02-21", "1925 (approximative)"]
    )
    assert others[:2] == [
        Name(entity_id=party, name="Jeanne Exemple", kind="alias", lang="fr"),
        Identifier(
            entity_id=party,
            kind="passport",
            value="AD000001",
            note="National passport; ZWE; [known to be expired](sample)",
        ),
    ]
    assert [row.date for row in rows if isinstance(row, Edition)] == [date(2016, 2, 11)]
    assert [row.jurisdictions for row in rows if isinstance(row, Entity)] == [[], ["iq"]]


@pytest.mark.parametrize(
    ("layout", "file", "old", "new", "reason"),
    [
        pytest.param("per-regulation-csv", 0, "Asset freeze", "House arrest", "unknown measure", id="measure"),
        pytest.param("per-regulation-csv", 0, ",Person,", ",Planet,", "unknown schema", id="schema"),
        pytest.param("per-regulation-csv", 0, "17.3.2014", "in March", "startDate is no date", id="start"),
        pytest.param("per-regulation-csv", 0, "Hong Kong", "Atlantis", "unknown place in jurisdiction", id="place"),
        pytest.param("per-regulation-csv", 0, "32014R0269", "269/2014", "no CELEX number", id="celex"),
        pytest.param("per-regulation-csv", 0, "I.ENTITIES,Asset", "I.PERSONS,Asset", "", id="number told by schema"),
        pytest.param("per-regulation-csv", 1, "Services ban", "Export control", "an entry twice", id="entry twice"),
        pytest.param("per-regulation-csv", 0, "Jane EXAMPLE", "", "name is empty", id="no name"),
        pytest.param("fsf-xml", 0, "<remark>", "<odd>1</odd><remark>", "unknown element", id="element"),
        pytest.param("fsf-xml", 0, 'designationDetails=""', 'colour="red"', "unknown field", id="attribute"),
        pytest.param("fsf-xml", 0, 'code="person"', 'code="planet"', "unknown subjectType", id="subject"),
        pytest.param("fsf-xml", 0, 'strong="false"', 'strong="maybe"', "unknown strong", id="strength"),
        pytest.param("fsf-xml", 0, '"2018-03-23"', '"23/03/2018"', "entryIntoForceDate is no date", id="day"),
        pytest.param("fsf-xml", 0, '"LB"', '"QQ"', "unknown place in countryIso2Code", id="xml place"),
        pytest.param("fsf-xml", 0, "EU.9001.1", "EU.9002.2", "a party twice", id="party twice"),
        pytest.param("fsf-xml", 0, 'Code="passport"', 'Code="badge"', "unknown identificationTypeCode", id="document"),
        pytest.param("fsf-xml", 0, 'key="WEB"', 'key="PIGEON"', "unknown contactInfo", id="contact"),
        pytest.param("fsf-xml-1.0", 0, 'Type="E"', 'Type="X"', "unknown Type", id="old type"),
        pytest.param("fsf-xml-1.0", 0, "<COUNTRY>IRQ", "<COUNTRY>XXX", "unknown COUNTRY", id="old place"),
    ],
)
def test_a_record_with_an_unknown_value_is_rejected(
    layout: str, file: int, old: str, new: str, reason: str, tmp_path: Path
) -> None:
    paths = excerpt(SLUG, layout)
    paths[file] = changed(paths[file], tmp_path / paths[file].name, old, new)
    rows, reading = read(SLUG, *paths)
    assert dict(reading.reasons) == ({reason: 1} if reason else {})
    if reason:
        editions = {row.regime_id: row.is_complete for row in rows if isinstance(row, Edition)}
        assert editions["eu-833" if file else "eu-fsf"] is False


@pytest.mark.parametrize(
    ("layout", "old", "new"),
    [
        pytest.param("per-regulation-csv", "programKey", "programme", id="another column"),
        pytest.param("fsf-xml", "<export", "<exported", id="another root"),
    ],
)
def test_another_layout_is_an_error_of_the_file(layout: str, old: str, new: str, tmp_path: Path) -> None:
    text = excerpt(SLUG, layout)[0].read_text(encoding="utf-8").replace(old, new)
    (tmp_path / "list").write_text(text.replace("</export>", "</exported>"), encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read(SLUG, tmp_path / "list")
    assert caught.value.code == "source.unknown-layout"


def test_a_table_and_xml_together_are_no_layout() -> None:
    with pytest.raises(SourceError, match="not all of them tables"):
        read(SLUG, excerpt(SLUG, "per-regulation-csv")[0], excerpt(SLUG, "fsf-xml")[0])


def _printed(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def test_the_real_annexes_are_read_whole(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared(FOLDER).iterdir())
    rows, reading = read(SLUG, *paths)
    printed = [row for path in paths for row in _printed(path)]
    assert (len(paths), len(printed)) == (8, 5936)
    assert (reading.read, reading.rejects) == (5936, 0)
    lists = Counter(
        "eu-fsf" if row["measure"] == "Asset freeze" else "eu-833" if row["celex"] == "32014R0833" else "eu-sectoral"
        for row in printed
    )
    assert Counter(row.regime_id for row in rows if isinstance(row, Designation)) == lists
    assert lists == {"eu-fsf": 4118, "eu-833": 1746, "eu-sectoral": 72}
    assert Counter(row.schema for row in rows if isinstance(row, Entity)) == Counter(row["schema"] for row in printed)
    assert len({row.id for row in rows if isinstance(row, Entity)}) == 5936
    # Two places of every date of birth in one of the plain forms are swapped and none is lost.
    births = sum(
        len(row["birthDate"].split(";")) for row in printed if row["birthDate"] and '"' not in row["birthDate"]
    )
    found = sum(len(row.birth_dates) for row in rows if isinstance(row, Entity))
    assert 0 <= found - births <= 10
    dated = sum(row.valid_from is not None for row in rows if isinstance(row, Designation))
    assert dated == sum(bool(row["startDate"]) for row in printed) == 5822


def test_values_of_the_real_annexes_are_those_printed(shared: Callable[[str], Path]) -> None:
    rows, _ = read(SLUG, shared(f"{FOLDER}/32019R0796.csv"), shared(f"{FOLDER}/32014R0833.csv.gz"))
    listed = {row.entity_id: row for row in rows if isinstance(row, Designation)}
    parties = {row.id: row for row in rows if isinstance(row, Entity)}
    assert parties["eu_fsf:32019R0796/I.A/1"].caption == "GAO Qiang"
    assert parties["eu_fsf:32019R0796/I.A/1"].birth_dates == ["1983-10-04"]
    assert listed["eu_fsf:32019R0796/I.A/1"].valid_from == date(2020, 7, 30)
    assert listed["eu_fsf:32014R0833/III/1"].listed_as == "SBERBANK"
    assert listed["eu_fsf:32014R0833/III/1"].regime_id == "eu-833"
    assert listed["eu_fsf:32014R0833/III/1"].valid_from is None


def test_the_real_list_in_the_old_schema_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared("data/lists/legacy-2016/EU-data.xml.gz")
    rows, reading = read(SLUG, path)
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    assert (reading.read, reading.rejects) == (len(re.findall(r"<ENTITY ", text)), 0) == (595, 0)
    assert sum(isinstance(row, Identifier) for row in rows) == text.count("<PASSPORT ") == 137
    listed = {row.entity_id: row for row in rows if isinstance(row, Designation)}
    assert listed["eu_fsf:1"].listed_as == "Robert Gabriel Mugabe"
    assert listed["eu_fsf:1"].valid_from == date(2012, 2, 21)
    assert listed["eu_fsf:1"].is_start_latest


@pytest.mark.parametrize(
    ("layout", "old", "new"),
    [
        ("fsf-xml", "</export>", "<sanctionedEntity/></export>"),
        ("fsf-xml-1.0", "</WHOLE>", "<PARTY/></WHOLE>"),
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
