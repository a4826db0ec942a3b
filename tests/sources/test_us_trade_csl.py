"""Consolidated Screening List: thirteen lists in one table."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EDITION, EXCERPTS, cells, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name
from beholden.sources.us_trade_csl.printed_name import names_in

EXCERPT = EXCERPTS / "us_trade_csl" / "csv-29" / "consolidated.csv"
CSL = "data/lists/us-csl/consolidated.2022-04-22.csv.gz"


@pytest.fixture(scope="module")
def rows() -> list[object]:
    found, reading = read_excerpt("us_trade_csl", "csv-29")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-29", 13, 0)
    return list(found)


def entity(rows: list[object], entity_id: str) -> Entity:
    (found,) = [row for row in rows if isinstance(row, Entity) and row.id == entity_id]
    return found


def identifiers(rows: list[object], entity_id: str) -> list[tuple[str, str, str | None]]:
    return [
        (row.kind, row.value, row.note) for row in rows if isinstance(row, Identifier) and row.entity_id == entity_id
    ]


def test_a_person_keeps_births_and_documents_and_no_nationality(rows: list[object]) -> None:
    assert entity(rows, "ofac:90001") == Entity(
        id="ofac:90001",
        schema="Person",
        caption="EXAMPLE, Alex",
        addresses=["1 Example Street, Sampletown, SY"],
        birth_dates=["1970-02-03", "circa 1971"],
        note="(Linked To: EXAMPLE TRADING LLC)",
    )
    assert identifiers(rows, "ofac:90001") == [("passport", "X0000001", "SY; Passport")]
    names = [row.name for row in rows if isinstance(row, Name) and row.entity_id == "ofac:90001"]
    assert names == ["EXEMPLAR, Aleksandr", "EXEMPLE, Alex"]


def test_one_number_on_several_lists_is_one_entity_with_what_all_rows_say(rows: list[object]) -> None:
    found = entity(rows, "ofac:90002")
    assert found.addresses == ["2 Example Street, Sampletown, 10000, RU", "Elsewhere, CY", "Harbour, VG"]
    assert found.jurisdictions == ["cy", "ru", "vg"]
    assert identifiers(rows, "ofac:90002") == [
        ("inn", "0000000018", "RU; Tax ID No."),
        ("bic", "EXMPRUMM", "SWIFT/BIC"),
    ]
    entries = [row.regime_id for row in rows if isinstance(row, Entry) and row.entity_id == "ofac:90002"]
    assert entries == ["us-ofac-sdn", "us-ofac-capta"]  # a row that is printed twice makes one entry


def test_dates_in_the_identifiers_date_the_list_that_they_are_about(rows: list[object]) -> None:
    dated = {
        row.id: (row.valid_from, row.applies_from, row.published_at) for row in rows if isinstance(row, Designation)
    }
    assert "us-ofac-sdn:ofac:90002" not in dated
    assert dated["us-ofac-capta:ofac:90002"] == (date(2022, 2, 24), date(2022, 3, 26), date(2022, 2, 24))
    assert dated["us-ofac-nscmic:ofac:90004"] == (date(2021, 6, 3), date(2021, 8, 2), date(2021, 6, 3))
    assert dated["us-ofac-mbs:ofac:90005"] == (date(2022, 2, 22), None, date(2022, 2, 22))


def test_a_vessel_has_its_flag_its_number_and_its_call_sign(rows: list[object]) -> None:
    found = entity(rows, "ofac:90003")
    assert (found.schema, found.jurisdictions, found.note) == ("Vessel", ["pa"], "Bulk Carrier")
    assert identifiers(rows, "ofac:90003") == [
        ("imo", "1000007", "Vessel Registration Identification"),
        ("mmsi", "123456789", "MMSI"),
        ("callsign", "EX1AM", None),
    ]


def test_a_number_whose_check_digits_do_not_hold_is_kept_as_other(rows: list[object]) -> None:
    assert identifiers(rows, "ofac:90004") == [
        ("uscc", "91000000000000000K", "CN; Unified Social Credit Code (USCC)"),
        (
            "other",
            "910000000000000001",
            "CN; Unified Social Credit Code (USCC), check digits do not hold: 910000000000000001",
        ),
        ("isin", "XS0000000009", "ISIN"),
        ("ticker", "000000 CN", "Equity Ticker"),
    ]
    assert entity(rows, "ofac:90004").jurisdictions == ["cn"]


def test_a_wallet_keeps_its_currency(rows: list[object]) -> None:
    assert ("crypto_wallet", "0xexample", "ETH") in identifiers(rows, "ofac:90005")


def test_a_row_of_the_entity_list_becomes_a_designation_with_basis_and_citation(rows: list[object]) -> None:
    own = f"csl:{'a' * 40}"
    assert entity(rows, own).addresses == ["4 Example Road, Chengdu, China", "5 Example Road, Chengdu, CN"]
    assert entity(rows, own).schema == "LegalEntity"
    (found,) = [row for row in rows if isinstance(row, Designation) and row.entity_id == own]
    assert found == Designation(
        id=f"us-bis-el:{own}",
        regime_id="us-bis-el",
        entity_id=own,
        listed_as="Example Optics Research Institute",
        basis="For all items subject to the EAR. (See §744.11 of the EAR).; Presumption of denial.",
        citation="87 FR 0001",
        valid_from=date(2022, 4, 7),
    )


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        pytest.param(
            "Acme Works Co., Ltd. (Acme)", [("Acme Works Co., Ltd.", "legal"), ("Acme", "alias")], id="word of the name"
        ),
        pytest.param(
            "Acme Research Institute, (CETC-9)",
            [("Acme Research Institute", "legal"), ("CETC-9", "alias")],
            id="capitals",
        ),
        pytest.param(
            "Acme OOO (f.k.a., Old Works OOO)", [("Acme OOO", "legal"), ("Old Works OOO", "former")], id="fka"
        ),
        pytest.param(
            "Acme, Inc. (a.k.a. Beta, Inc.; Gamma)",
            [("Acme, Inc.", "legal"), ("Beta, Inc.", "alias"), ("Gamma", "alias")],
            id="aka",
        ),
        pytest.param("Acme Ltd (UK)", [], id="a-place-by-its-code"),
        pytest.param("Acme Engineering (Pakistan)", [], id="a-place-by-its-name"),
        pytest.param("Acme Trading (LLC)", [], id="a-legal-form"),
        pytest.param("Acme (Beijing) Corporation", [], id="not-at-the-end"),
        pytest.param("Acme (a part of the Beta group)", [], id="a-remark"),
        pytest.param("(Acme)", [], id="nothing-before-it"),
    ],
)
def test_names_in_brackets(printed: str, names: list[tuple[str, str]]) -> None:
    assert names_in(printed) == names


def test_without_a_day_the_citation_stays_with_the_entry(rows: list[object]) -> None:
    own = f"csl:{'b' * 40}"
    assert not [row for row in rows if isinstance(row, Designation) and row.entity_id == own]
    (entry,) = [row for row in rows if isinstance(row, Entry) and row.entity_id == own]
    assert entry.basis == "For all items.; Case by case.; 62 FR 0002"


def test_a_denied_person_has_an_end_and_no_country_from_the_name_of_a_state(rows: list[object]) -> None:
    own = f"csl:{'c' * 40}"
    assert entity(rows, own).jurisdictions == []  # GA is Georgia in the United States here
    (found,) = [row for row in rows if isinstance(row, Designation) and row.entity_id == own]
    assert (found.valid_from, found.valid_to, found.note) == (
        date(2003, 6, 19),
        date(2056, 6, 29),
        "standard order; FR NOTICE ADDED",
    )


def test_who_is_printed_after_the_end_is_not_on_the_list_by_this_copy(tmp_path: Path) -> None:
    found, _ = read_files("us_trade_csl", changed(EXCERPT, tmp_path / "a.csv", ("2056-06-29", "2010-06-29")))
    own = f"csl:{'c' * 40}"
    assert [row.valid_to for row in of(Designation, found) if row.entity_id == own] == [date(2010, 6, 29)]
    assert [row for row in of(Entry, found) if row.entity_id == own] == []


def test_every_list_with_a_row_is_a_complete_copy_of_the_day_given(rows: list[object]) -> None:
    editions = [row for row in rows if isinstance(row, Edition)]
    assert {row.date for row in editions} == {EDITION}
    assert all(row.is_complete for row in editions)
    assert [row.regime_id for row in editions] == [
        *("us-ofac-sdn", "us-ofac-nscmic", "us-bis-el", "us-bis-meu", "us-bis-dpl", "us-ofac-capta", "us-ofac-mbs"),
        *("us-state-isn", "us-state-dtc"),
    ]


def test_the_old_layout_has_lists_by_abbreviation_and_ids_of_our_own() -> None:
    found, reading = read_excerpt("us_trade_csl", "csv-27")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-27", 6, 0)
    assert sorted(len(row.id) for row in of(Entity, found)) == [10, 10, 44, 44, 44, 44]
    names = {row.name for row in of(Name, found)}
    assert {"Pat P. Holder", "Placeholder Aviation"} <= names


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("Denied Persons List (DPL)", "Denied Persons List (XYZ)", "unknown source", id="list"),
        pytest.param(",Vessel,", ",Boat,", "unknown type", id="type"),
        pytest.param("X0000001, Passport", "X0000001, Library Card", "unknown name in ids", id="identifier"),
        pytest.param(
            "Digital Currency Address - ETH", "Digital Currency Address - ?", "unknown name in ids", id="coin"
        ),
        pytest.param(",Panama,", ",Atlantis,", "unknown place in vessel_flag", id="flag"),
        pytest.param("2022-04-07", "2022-13-07", "start_date is no date", id="date"),
        pytest.param("2022-04-07", "1022-04-07", "start_date is out of range", id="range"),
        pytest.param("2056-06-29", "1956-06-29", "end_date before the entry begins", id="order"),
        pytest.param(",Y,", ",Q,", "unknown standard_order", id="order-code"),
        pytest.param("02 Aug 2021, Effective", "soon, Effective", "date in ids is no date", id="date-in-ids"),
        pytest.param("90003,Vessel", ",Vessel", "no entity_number", id="number"),
        pytest.param('Sampletown, SY",', 'Sampletown, SY",,', "wrong number of cells", id="cells"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected_and_its_list_is_no_complete_copy(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    found, reading = read_files("us_trade_csl", changed(EXCERPT, tmp_path / "a.csv", (old, new)))
    assert dict(reading.reasons) == {reason: 1}
    assert reading.read == 12
    assert sum(row.is_complete for row in of(Edition, found)) < 9


def test_an_end_before_the_day_that_stands_among_the_ids_is_rejected(tmp_path: Path) -> None:
    with EXCERPT.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    (row,) = [row for row in rows if row["entity_number"] == "90005"]
    assert (row["start_date"], "22 Feb 2022, Listing Date" in row["ids"]) == ("", True)
    row["end_date"] = "1956-06-29"
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerows(rows)
    reading = read_files("us_trade_csl", path)[1]
    assert dict(reading.reasons) == {"end_date before the entry begins": 1}


def test_one_id_of_two_names_is_rejected_the_second_time(tmp_path: Path) -> None:
    header, *lines = EXCERPT.read_text(encoding="utf-8").splitlines()
    (row,) = [line for line in lines if "Entity List" in line and "2022-04-07" in line]
    name = next(csv.DictReader([header, row]))["name"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([header, *lines, row.replace(name, "Another Name", 1)]) + "\n", encoding="utf-8")
    found, reading = read_files("us_trade_csl", path)
    assert dict(reading.reasons) == {"two names under one _id": 1}
    assert "Another Name" not in {row.name for row in of(Name, found)}
    assert [row.regime_id for row in of(Edition, found) if not row.is_complete] == ["us-bis-el"]


def test_a_gap_in_one_list_leaves_the_others_complete(tmp_path: Path) -> None:
    path = changed(EXCERPT, tmp_path / "a.csv", ("2022-04-07", "2022-13-07"))
    found, _ = read_files("us_trade_csl", path)
    assert [row.regime_id for row in of(Edition, found) if not row.is_complete] == ["us-bis-el"]


def test_a_year_that_lost_its_century_is_the_one_of_its_citation(tmp_path: Path) -> None:
    path = changed(EXCERPT, tmp_path / "a.csv", ("2022-04-07", "0097-06-30"))
    found, _ = read_files("us_trade_csl", path)
    assert date(1997, 6, 30) in {row.valid_from for row in of(Designation, found)}


def test_another_header_is_another_layout(tmp_path: Path) -> None:
    path = changed(EXCERPT, tmp_path / "a.csv", ("license_policy", "licence_policy"))
    with pytest.raises(SourceError, match="csv-29"):
        read_files("us_trade_csl", path)


def test_the_whole_list_of_2022_is_read(shared: Callable[[str], Path]) -> None:
    path = shared(CSL)
    found, reading = read_files("us_trade_csl", path, edition=date(2022, 4, 22))
    printed = cells(path)
    assert (reading.read, reading.rejects) == (len(printed), 0) == (14160, 0)
    assert reading.notes == ["rows that say nothing that a row before them does not: 1"]
    numbered = {row["entity_number"] for row in printed if row["entity_number"]}
    unnumbered = {row["_id"] for row in printed if not row["entity_number"]}
    assert len(of(Entity, found)) == len(numbered) + len(unnumbered)
    # One bank is printed twice on one list; every other row is an entry.
    assert len(of(Entry, found)) == len({(row["source"], row["_id"]) for row in printed}) == 14159
    lists = Counter(row.regime_id for row in of(Entry, found))
    assert (lists["us-ofac-sdn"], lists["us-bis-el"], lists["us-bis-dpl"]) == (10026, 2001, 462)
    dated = [row for row in printed if row["start_date"] or row["end_date"]]
    from_start = [row for row in of(Designation, found) if not row.regime_id.startswith("us-ofac-")]
    assert len(from_start) == len(dated)
    assert len(of(Edition, found)) == 13
    assert all(row.is_complete for row in of(Edition, found))
    assert sum(row.kind == "imo" for row in of(Identifier, found)) <= sum("IMO " in row["ids"] for row in printed)


def test_rows_of_the_list_of_2022_checked_by_hand(shared: Callable[[str], Path]) -> None:
    found, _ = read_files("us_trade_csl", shared(CSL), edition=date(2022, 4, 22))
    designations = {row.id: row for row in of(Designation, found)}
    aecc = designations["us-ofac-nscmic:ofac:30902"]
    assert (aecc.listed_as, aecc.valid_from, aecc.applies_from) == (
        "AERO ENGINE CORPORATION OF CHINA",
        date(2021, 6, 3),
        date(2021, 8, 2),
    )
    assert ("ofac:30902", "uscc", "91110000MA005UCQ5P") in {
        (row.entity_id, row.kind, row.value) for row in of(Identifier, found)
    }
    ash = designations["us-bis-dpl:csl:deb7a1d5743a85c354ca1a2c7f2664e2104b32d7"]
    assert (ash.valid_from, ash.valid_to) == (date(2003, 6, 19), date(2056, 6, 29))
    entities = {row.id: row for row in of(Entity, found)}
    assert entities["ofac:21944"].birth_dates == ["1973-03-25"]
    assert entities["ofac:15268"].caption == "BANK OF KUNLUN CO LTD"
    vniief = [row for row in of(Designation, found) if row.valid_from == date(1997, 6, 30)]
    assert [row.listed_as for row in vniief if "VNIIEF" in (row.listed_as or "")]


def test_the_part_of_2016_is_read(shared: Callable[[str], Path]) -> None:
    path = shared("data/lists/legacy-2016/BIS-data.csv.gz")
    found, reading = read_files("us_trade_csl", path)
    printed = cells(path)
    assert (reading.layout, reading.read, reading.rejects) == ("csv-27", len(printed), 0)
    ended = [row for row in of(Designation, found) if row.valid_to is not None and row.valid_to <= EDITION]
    assert len(of(Entry, found)) == len(printed) - len(ended)
    assert Counter(row.regime_id for row in of(Entry, found))["us-bis-el"] == sum(
        row["source"] == "EL" for row in printed
    )
