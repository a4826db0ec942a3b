"""Exports of FollowTheMoney: entities, deltas, nested targets, and the table of simple targets."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.command import run_here
from tests.sources.reading import EXCERPTS, cells, changed, of, read_excerpt, read_files, write_table

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Identifier, Name, Ownership, Resolution, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.ftm.simple import COLUMNS
from beholden.sources.interface import Reading

SLUG = "ftm"
FULL, DELTA = (EXCERPTS / SLUG / "entities-json" / name for name in ("1-entities.ftm.json", "2-entities.delta.json"))
NESTED = EXCERPTS / SLUG / "targets-nested-json" / "targets.nested.json"
SIMPLE = EXCERPTS / SLUG / "targets-simple-csv" / "targets.simple.csv"
REAL = "data/lists/opensanctions"
COMPANY: dict[str, Any] = {"id": "c", "schema": "Company", "properties": {"name": ["Example Ltd"]}, "datasets": ["x"]}


def entity(rows: list[Row], entity_id: str) -> Entity:
    (found,) = [row for row in of(Entity, rows) if row.id == entity_id]
    return found


def export(tmp_path: Path, *entities: object) -> tuple[list[Row], Reading]:
    """Rows of an export of these entities."""
    path = tmp_path / "entities.ftm.json"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in entities), encoding="utf-8")
    return read_files(SLUG, path)


def made(schema: str, **properties: object) -> dict[str, Any]:
    """An entity with one value a property."""
    values = {name: value if isinstance(value, list) else [value] for name, value in properties.items()}
    return {"id": f"{schema}-1", "schema": schema, "properties": values, "datasets": ["xx_example"]}


def test_a_party_has_its_names_places_addresses_numbers_and_what_was_merged() -> None:
    rows, reading = read_excerpt(SLUG, "entities-json")
    assert (reading.layout, reading.read, reading.rejects) == ("entities-json", 11, 0)
    own = "ftm:NK-example1"
    assert entity(rows, own) == Entity(
        id=own,
        schema="Company",
        caption="Example Trading LLC",
        jurisdictions=["ru", "ua"],  # ua-cri is a code of FollowTheMoney
        addresses=["1 Example Street, Springfield, ru"],
    )
    assert [(row.name, row.kind) for row in of(Name, rows) if row.entity_id == own] == [
        ("ООО Пример", "alias"),
        ("Example Trade", "alias"),
        ("EXTRA", "weak"),
        ("Sample Trading LLC", "former"),
    ]
    assert [(row.kind, row.value) for row in of(Identifier, rows) if row.entity_id == own] == [
        ("lei", "999900EXAMPLE0000131"),
        ("other", "9900000001"),  # no INN: its check digits do not hold
        ("registration", "12345"),
        ("ofac_uid", "99999901"),
        ("eu_reference", "EU.9999.1"),
    ]
    assert [row.referent for row in of(Resolution, rows)] == ["ftm:ofac-99999901", "ftm:eu-fsf-eu-9999-1"]


def test_where_a_person_is_from_is_left_out_and_the_passport_is_kept() -> None:
    rows, _ = read_excerpt(SLUG, "entities-json")
    assert entity(rows, "ftm:NK-example2").jurisdictions == []
    (passport,) = [row for row in of(Identifier, rows) if row.entity_id == "ftm:NK-example2"]
    assert (passport.kind, passport.value, passport.note) == ("passport", "C00000000", "de")


def test_a_sanction_counts_for_the_list_of_its_dataset_and_otherwise_for_the_export() -> None:
    rows, _ = read_excerpt(SLUG, "entities-json")
    sdn, eu, other = of(Designation, rows)
    assert sdn == Designation(
        id="us-ofac-sdn:ftm:NK-example1:ofac-sanction-1",
        regime_id="us-ofac-sdn",
        entity_id="ftm:NK-example1",
        listed_as="Example Trading LLC",
        basis="Office of Example Control, EXAMPLE-EO1",
        programmes=["EXAMPLE-EO1", "US-EXAMPLE"],
        valid_from=date(2024, 2, 23),
        published_at=date(2024, 2, 23),
        note="listing printed as 2024-02-24",
    )
    assert (eu.regime_id, eu.valid_from, eu.valid_to, eu.is_start_latest, eu.note) == (
        "eu-fsf",
        date(2015, 12, 31),
        date(2020, 6, 30),
        True,
        "no. EU.9999.1; start printed as 2015",
    )
    assert (other.regime_id, other.valid_from, other.published_at) == (
        "ftm-sanctions",
        date(2023, 8, 16),
        date(2023, 8, 16),
    )


def test_every_list_with_an_entry_is_held_in_part_as_of_the_day_of_the_export() -> None:
    rows, _ = read_excerpt(SLUG, "entities-json")
    assert [(row.regime_id, row.date, row.is_complete) for row in of(Edition, rows)] == [
        (regime, date(2026, 5, 1), False) for regime in ("eu-fsf", "ftm-sanctions", "us-ofac-sdn")
    ]


def test_a_later_notice_about_an_entry_does_not_make_it_public_later(tmp_path: Path) -> None:
    sanction = made("Sanction", entity="c", startDate="2023-12-18", listingDate="2025-03-15")
    (found,) = of(Designation, export(tmp_path, COMPANY, sanction)[0])
    assert (found.valid_from, found.published_at) == (date(2023, 12, 18), date(2023, 12, 18))
    assert found.note == "listing printed as 2025-03-15"


@pytest.mark.parametrize(
    ("topics", "basis"),
    [
        pytest.param(["sanction"], "sanctioned (topic sanction)", id="sanction"),
        pytest.param(["poi", "debarment"], "debarred (topic debarment)", id="debarment"),
        pytest.param(["export.control"], "under export control (topic export.control)", id="export"),
        pytest.param(["sanction.linked", "role.pep", "poi"], None, id="linked-is-not-listed"),
    ],
)
def test_a_party_that_is_called_listed_without_a_sanction_is_an_undated_entry(
    tmp_path: Path, topics: list[str], basis: str | None
) -> None:
    party = {**COMPANY, "properties": {"name": ["Example Ltd"], "topics": topics}}
    rows, _ = export(tmp_path, party)
    assert [(row.regime_id, row.basis, row.valid_from, row.note) for row in of(Designation, rows)] == (
        [] if basis is None else [("ftm-sanctions", basis, None, "datasets: x")]
    )
    with_sanction, _ = export(tmp_path, party, made("Sanction", entity="c", startDate="2020-01-01"))
    assert [row.valid_from for row in of(Designation, with_sanction)] == [date(2020, 1, 1)]


def test_ownership_keeps_share_and_days_and_offices_are_no_holding() -> None:
    rows, _ = read_excerpt(SLUG, "entities-json")
    assert [
        (row.owner_id, row.owned_id, row.ownership_type, row.percentage_low, row.valid_from, row.valid_to)
        for row in of(Ownership, rows)
    ] == [
        ("ftm:NK-example2", "ftm:NK-example1", "control", None, None, None),  # named as parent
        *[("ftm:NK-example2", "ftm:NK-example1", "capital", Decimal("51.5"), date(2019, 5, 24), date(2023, 12, 21))],
        ("ftm:NK-example1", "ftm:vessel-1", "capital", None, None, None),
    ]


@pytest.mark.parametrize(
    ("printed", "low", "high", "note"),
    [
        (["50"], "50", "50", None),
        (["50,5 %"], "50.5", "50.5", None),
        (["25-50"], "25", "50", None),
        (["75", "50"], "50", "75", None),
        (["a majority"], None, None, "share printed as a majority"),
        ([], None, None, None),
    ],
)
def test_a_share_is_a_number_a_span_or_unknown(
    tmp_path: Path, printed: list[str], low: str | None, high: str | None, note: str | None
) -> None:
    holding = made("Ownership", owner="p", asset="c", percentage=printed)
    (found,) = of(Ownership, export(tmp_path, COMPANY, {**COMPANY, "id": "p"}, holding)[0])
    bounds = (found.percentage_low, found.percentage_high)
    assert bounds == (None if low is None else Decimal(low), None if high is None else Decimal(high))
    assert found.note == note


def test_deltas_add_change_and_remove() -> None:
    rows, _ = read_files(SLUG, FULL, DELTA)
    ids = {row.id for row in of(Entity, rows)}
    assert ids == {"ftm:NK-example1", "ftm:NK-example2", "ftm:NK-example3", "ftm:vessel-1"}
    assert entity(rows, "ftm:NK-example2").birth_dates == ["1970-01-02"]
    assert "ftm:NK-gone" in {row.id for row in of(Entity, read_files(SLUG, FULL)[0])}


def test_a_delta_alone_is_refused() -> None:
    with pytest.raises(SourceError, match="a delta without the export") as caught:
        read_files(SLUG, DELTA)
    assert caught.value.code == "source.incomplete"


def test_an_unknown_change_is_rejected(tmp_path: Path) -> None:
    _, reading = read_files(SLUG, FULL, changed(DELTA, tmp_path / DELTA.name, ('"DEL"', '"HIDE"')))
    assert dict(reading.reasons) == {"no change": 1}


def test_what_is_nested_is_read_once_and_relations_are_found() -> None:
    rows, reading = read_excerpt(SLUG, "targets-nested-json")
    assert (reading.layout, reading.rejects) == ("targets-nested-json", 0)
    assert [row.id for row in of(Entity, rows)] == ["ftm:NK-example1", "ftm:NK-example2", "ftm:NK-example4"]
    assert entity(rows, "ftm:NK-example4").addresses == ["1 Example Street, Springfield"]
    assert [(row.regime_id, row.entity_id) for row in of(Designation, rows)] == [
        ("us-ofac-sdn", "ftm:NK-example1"),
        ("ftm-sanctions", "ftm:NK-example4"),
    ]
    (holding,) = of(Ownership, rows)
    assert (holding.owner_id, holding.percentage_high) == ("ftm:NK-example2", Decimal(50))


def test_the_table_of_simple_targets_has_undated_entries() -> None:
    rows, reading = read_excerpt(SLUG, "targets-simple-csv")
    assert (reading.layout, reading.read, reading.rejects) == ("targets-simple-csv", 2, 0)
    vessel = entity(rows, "ftm:NK-example1")
    assert (vessel.schema, vessel.jurisdictions) == ("Vessel", ["pa"])  # suhh, the Soviet Union, is no place today
    assert [row.name for row in of(Name, rows)] == ["Sample Star", "Star; the"]
    (listed,) = of(Designation, rows)
    assert (listed.regime_id, listed.valid_from, listed.programmes) == ("ftm-sanctions", None, ["UA-EXAMPLE"])
    person = entity(rows, "ftm:ofac-99999902")  # no sanction: not listed
    assert (person.jurisdictions, person.birth_dates) == ([], ["1970-01-02", "1971"])
    assert ("ofac_uid", "99999902") in {(row.kind, row.value) for row in of(Identifier, rows)}


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param({**COMPANY, "schema": "Spaceship"}, "unknown schema", id="schema"),
        pytest.param({**COMPANY, "schema": "Thing"}, "unknown schema", id="abstract-schema"),
        pytest.param({**COMPANY, "mood": 1}, "unknown field", id="field"),
        pytest.param({**COMPANY, "properties": {"mood": ["x"]}}, "unknown property", id="property"),
        pytest.param({**COMPANY, "properties": {"name": "x"}}, "property is no list of texts", id="no-list"),
        pytest.param({**COMPANY, "properties": {"name": [1]}}, "property is no list of texts", id="number"),
        pytest.param({**COMPANY, "properties": None}, "no properties", id="no-properties"),
        pytest.param({**COMPANY, "id": " "}, "no id", id="no-id"),
        pytest.param({**COMPANY, "datasets": [1]}, "datasets is no list of texts", id="datasets"),
        pytest.param(["x"], "no entity", id="array"),
        pytest.param({**COMPANY, "properties": {"country": ["qq"]}}, "unknown place", id="place"),
        pytest.param(made("Sanction", entity="c", startDate="soon"), "startDate is no date", id="date"),
        pytest.param(made("Sanction", entity="c", startDate="2023-02-30"), "startDate is no date", id="no-such-day"),
        pytest.param(made("Sanction", entity="c", startDate="2" * 5000), "startDate is no date", id="digits"),
        pytest.param(made("Sanction", entity="c", startDate="1023-01-01"), "startDate is out of range", id="range"),
        pytest.param(
            made("Sanction", entity="c", startDate="2023-01-01", endDate="2022-01-01"),
            "ends before it starts",
            id="order",
        ),
        pytest.param(
            made("Sanction", entity="c", listingDate="2023-01-01", endDate="2022-01-01"),
            "ends before it is listed",
            id="order-of-listing",
        ),
        pytest.param(made("Sanction", authority="x"), "entity is empty", id="nobody"),
        pytest.param(
            made("Sanction", entity="other"), "names an entity that the export does not have", id="somebody-else"
        ),
        pytest.param(made("Ownership", owner="c", asset="c2"), "names an entity that the export does not have", id="o"),
        pytest.param(
            made("Ownership", owner="c", asset="c", percentage="120"), "percentage is no share", id="over-100"
        ),
        pytest.param(made("Ownership", owner="c", asset="c", percentage="-5"), "percentage is no share", id="negative"),
    ],
)
def test_an_entity_that_is_not_understood_is_rejected_with_its_line_and_the_rest_is_read(
    tmp_path: Path, one: object, reason: str
) -> None:
    rows, reading = export(tmp_path, COMPANY, one, {**COMPANY, "id": "c9"})
    assert dict(reading.reasons) == {reason: 1}
    assert {row.id for row in of(Entity, rows)} == {"ftm:c", "ftm:c9"}
    assert str(reading.rejected[0]).startswith("entities.ftm.json:2: ")


def test_a_line_that_is_no_json_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "entities.ftm.json"
    path.write_text(f"{json.dumps(COMPANY)}\n{{\n", encoding="utf-8")
    rows, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), len(of(Entity, rows))) == ({"not valid JSON": 1}, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"schema": "Spaceship"}, "unknown schema", id="schema"),
        pytest.param({"countries": "qq"}, "unknown place in countries", id="place"),
        pytest.param({"name": ""}, "name is empty", id="name"),
        pytest.param({"id": ""}, "id is empty", id="id"),
        pytest.param({"mood": "x"}, "unknown field", id="column"),
    ],
)
def test_a_simple_target_that_is_not_understood_is_rejected(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    plain = {**dict.fromkeys((*COLUMNS, "phones", "emails", "mood"), ""), "id": "x", "schema": "Company", "name": "Ex"}
    path = write_table(
        tmp_path / "targets.simple.csv", list(plain), list({**plain, **change}.values()), list(plain.values())
    )
    _, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({reason: 1}, 1)
    assert str(reading.rejected[0]).startswith("targets.simple.csv:2: ")


def test_two_layouts_at_once_are_refused() -> None:
    with pytest.raises(SourceError, match="several layouts at once"):
        read_files(SLUG, FULL, SIMPLE)


@pytest.mark.parametrize("name", ["senzing.json", "statements.pack", "names.txt", "index.json"])
def test_other_real_exports_are_refused_with_what_is_read(shared: Callable[[str], Path], name: str) -> None:
    with pytest.raises(SourceError, match=r"ftm reads .*entities-json"):
        read_files(SLUG, shared(f"{REAL}/small-export-all-formats/{name}"))


def test_a_real_sample_of_entities_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared(f"{REAL}/yente-zala.entities.ftm.json.gz")
    rows, reading = read_files(SLUG, path)
    printed = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert (reading.layout, reading.read, reading.rejects) == ("entities-json", len(printed), 0)
    sanctions = [one for one in printed if one["schema"] == "Sanction"]
    named = {party for one in sanctions for party in one["properties"]["entity"]}
    topical = {
        one["id"]
        for one in printed
        if {"sanction", "debarment", "export.control"} & set(one["properties"].get("topics", ()))
    }
    found = of(Designation, rows)
    assert {row.entity_id for row in found} == {f"ftm:{one}" for one in named | topical}
    assert len(found) == len(sanctions) + len(topical - named)
    datasets = {"us_ofac_sdn": "us-ofac-sdn", "eu_fsf": "eu-fsf", "gb_fcdo_sanctions": "uk-sl"}
    for dataset, regime in datasets.items():
        expected = sum(dataset in one["datasets"] for one in sanctions)
        assert expected > 0
        assert sum(row.regime_id == regime for row in found) == expected
    assert len(of(Ownership, rows)) == sum(one["schema"] == "Ownership" for one in printed)


def test_the_real_table_of_simple_targets_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared(f"{REAL}/ua-war-sanctions.targets.simple.csv.gz")
    rows, reading = read_files(SLUG, path)
    printed = cells(path)
    assert (reading.layout, reading.read, reading.rejects) == ("targets-simple-csv", len(printed), 0)
    assert len(of(Entity, rows)) == len(printed)
    assert len(of(Designation, rows)) == sum(bool(row["sanctions"] or row["program_ids"]) for row in printed)


def test_a_file_with_fields_of_its_own_is_read_but_for_those_entities(shared: Callable[[str], Path]) -> None:
    """A small file with made-up properties: every entity with one is named, and all others are read."""
    path = shared(f"{REAL}/small-export-all-formats/entities.ftm.json.gz")
    _, reading = read_files(SLUG, path)
    total = len(gzip.decompress(path.read_bytes()).splitlines())
    assert reading.read + reading.rejects == total
    assert set(reading.reasons) == {"unknown property", "property is no list of texts", "unknown field"}
    assert read_files(SLUG, path.with_name("targets.nested.json"))[1].rejects == 0
    assert read_files(SLUG, path.with_name("targets.simple.csv"))[1].rejects == 0


class TestOnTheCommandLine:
    """Import a real sample, then show and scan as a user does."""

    PARTY = "ftm:NK-aU5ybkbRFJucf8YMwsJvDw"

    @pytest.fixture(autouse=True)
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Callable[[str], Path]) -> None:
        monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
        answer = run_here("kb", "import", "ftm", shared(f"{REAL}/yente-zala.entities.ftm.json.gz"))
        assert answer.code == 0, answer.err

    def test_show_has_a_row_for_the_imported_list_and_for_every_list_with_an_entry(self) -> None:
        answer = run_here("show", self.PARTY, "--as-of", "2026-04-29", "--format", "json")
        rows = {row["regime"]: row for row in answer.document["listings"]}
        assert len(rows) == len(answer.document["listings"])
        assert {regime for regime, row in rows.items() if row["listing_status"] == "listed"} == {
            *("eu-fsf", "ftm-sanctions", "uk-sl", "us-ofac-sdn")
        }
        assert (rows["eu-fsf"]["since"], rows["uk-sl"]["since"]) == ("2025-02-24", "2023-12-06")
        assert rows["ftm-sanctions"]["sources"] == ["ftm@2026-04-29"]
        assert rows["un-sc"]["reason"] == "not_loaded"

    def test_who_is_not_in_the_export_is_unknown_and_not_off_the_list(self) -> None:
        document = run_here("show", "hikvision", "--as-of", "2026-04-29", "--format", "json").document
        rows = {row["regime"]: (row["listing_status"], row["reason"]) for row in document["listings"]}
        for regime in ("eu-fsf", "uk-sl", "us-ofac-sdn", "ftm-sanctions"):
            assert rows[regime] == ("unknown", "not_in_our_partial_copy")

    def test_a_payment_to_a_listed_party_is_a_finding(self, tmp_path: Path) -> None:
        ledger = write_table(
            tmp_path / "ledger.csv",
            ("date", "vendor", "amount", "currency"),
            ("2026-04-28", "Alexander Vyacheslavovich Zakharov", "100.00", "EUR"),
        )
        answer = run_here("scan", ledger, "--as-of", "2026-04-29", "--role", "uk-person", "--format", "json")
        levels = {row["listing"]["regime"]: row["level"] for row in answer.document["findings"]}
        assert (levels["uk-sl"], levels["ftm-sanctions"]) == ("prohibited", "info")


def test_a_day_that_no_publication_can_have_is_not_that_of_the_file(tmp_path: Path) -> None:
    plain, other = cells(SIMPLE)[:2]
    seen = ["9999-12-31T00:00:00", "2026-08-01T00:00:00"]
    days = [{**row, "last_seen": day} for row, day in zip((plain, other), seen, strict=True)]
    path = write_table(tmp_path / "targets.simple.csv", list(plain), *(list(row.values()) for row in days))
    source = source_called(SLUG)
    assert source.printed_date is not None
    assert source.printed_date((Document(path.name, path),), source.descriptor) == date(2026, 8, 1)
