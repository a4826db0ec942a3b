"""Beneficial ownership statements of versions 0.2, 0.3 and 0.4."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.reading import EXCERPTS, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Entity, Identifier, Name, Ownership, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Reading

SLUG = "bods"
RECORDS = EXCERPTS / SLUG / "records-json" / "statements.json"
STATEMENTS = EXCERPTS / SLUG / "statements-json" / "statements.jsonl"
REAL = "data/ownership/bods-examples"
Json = dict[str, Any]


def record(kind: str, record_id: str, details: Json, day: str = "2020-01-02", status: str = "new", **more: Any) -> Json:
    """A statement of version 0.4."""
    return {
        "statementId": f"{record_id}-{day}",
        "statementDate": day,
        "recordId": record_id,
        "recordType": kind,
        "recordStatus": status,
        "recordDetails": {"isComponent": False, **details},
        **more,
    }


COMPANY = record("entity", "c", {"entityType": {"type": "registeredEntity"}, "name": "Example Ltd"})
PERSON = record("person", "p", {"personType": "knownPerson", "names": [{"fullName": "Erika Beispiel"}]})


def relation(*interests: Json, day: str = "2020-01-02", status: str = "new", **details: Any) -> Json:
    """The person holds the company."""
    parts = {"subject": "c", "interestedParty": "p", "interests": list(interests), **details}
    return record("relationship", "r", parts, day, status)


def package(tmp_path: Path, *statements: object) -> tuple[list[Row], Reading]:
    """Rows of a package of these statements."""
    path = tmp_path / "package.json"
    path.write_text(json.dumps(statements), encoding="utf-8")
    return read_files(SLUG, path)


def holdings(tmp_path: Path, *statements: Json) -> list[Ownership]:
    """Holdings of the person in the company."""
    rows, reading = package(tmp_path, COMPANY, PERSON, *statements)
    assert [str(error) for error in reading.rejected] == []
    return of(Ownership, rows)


def test_an_entity_has_its_names_numbers_place_and_securities() -> None:
    rows, reading = read_excerpt(SLUG, "records-json")
    assert (reading.layout, reading.read, reading.rejects) == ("records-json", 13, 0)
    (found,) = [row for row in of(Entity, rows) if row.id == "bods:e-1"]
    assert found == Entity(
        id="bods:e-1",
        schema="LegalEntity",
        caption="Example Holdings Ltd",
        jurisdictions=["gb"],
        addresses=["1 Example Street, EX1 1EX, United Kingdom"],
    )
    assert [(row.kind, row.value, row.note) for row in of(Identifier, rows) if row.entity_id == "bods:e-1"] == [
        ("registration", "00000001", "GB-COH"),
        ("lei", "999900EXAMPLE0000131", "XI-LEI"),
        ("other", "XX0000000009", "isin, check digits do not hold: XX0000000009"),
        ("ticker", "EXM", "XEXA"),
    ]


def test_a_person_keeps_the_name_in_use_first_and_no_nationality() -> None:
    rows, _ = read_excerpt(SLUG, "records-json")
    (found,) = [row for row in of(Entity, rows) if row.id == "bods:p-1"]
    assert (found.caption, found.birth_dates, found.jurisdictions) == ("Erika Beispiel", ["1970-01"], [])
    assert [(row.name, row.kind) for row in of(Name, rows) if row.entity_id == "bods:p-1"] == [
        ("Erika Muster", "former")
    ]
    assert [row.kind for row in of(Identifier, rows) if row.entity_id == "bods:p-1"] == ["passport"]


def test_a_later_statement_of_another_share_ends_the_earlier_one_on_the_day_that_it_began() -> None:
    rows, _ = read_excerpt(SLUG, "records-json")
    before, after = [row for row in of(Ownership, rows) if ":r-1:" in row.id]
    assert (before.percentage_low, before.valid_from, before.valid_to) == (
        Decimal(60),
        date(2019, 5, 1),
        date(2021, 3, 1),
    )
    assert (before.published_at, before.end_published_at) == (date(2020, 1, 5), date(2021, 4, 3))
    assert (after.percentage_low, after.valid_from, after.valid_to) == (Decimal(40), date(2021, 3, 1), None)


def test_replaced_statements_of_0_2_are_one_entity_and_one_holding_with_its_end() -> None:
    rows, reading = read_excerpt(SLUG, "statements-json")
    assert (reading.layout, reading.read, reading.rejects) == ("statements-json", 6, 0)
    assert [(row.id, row.caption) for row in of(Entity, rows)][:2] == [
        ("bods:example-1", "Example Holdings PLC"),  # by its latest statement
        ("bods:example-2", "Erika Beispiel"),
    ]
    shares, votes = [row for row in of(Ownership, rows) if row.owner_id == "bods:example-2"]
    assert (shares.percentage_low, shares.percentage_high) == (Decimal("25.000001"), Decimal(50))
    assert (shares.valid_from, shares.valid_to) == (date(2016, 4, 6), date(2021, 4, 30))
    assert (votes.valid_to, votes.ownership_type) == (date(2021, 5, 1), "voting")
    assert votes.note == "direct or indirect: not known; at least 25 %; no longer stated, its end is not printed"


def test_an_interest_that_is_no_longer_stated_ended_by_that_statement(tmp_path: Path) -> None:
    shares, votes = ({"type": kind, "share": {"exact": 30}} for kind in ("shareholding", "votingRights"))
    capital, voting = holdings(tmp_path, relation(shares, votes), relation(shares, day="2021-06-30", status="updated"))
    assert (capital.valid_to, capital.note) == (None, None)
    assert (voting.valid_to, voting.note) == (date(2021, 6, 30), "no longer stated, its end is not printed")


def test_another_share_of_the_same_start_ends_the_earlier_one_when_it_was_stated(tmp_path: Path) -> None:
    half, whole = ({"type": "shareholding", "startDate": "2019-09-11", "share": {"exact": n}} for n in (50, 100))
    before, after = holdings(
        tmp_path,
        relation(half, day="2019-09-11"),
        relation(half, day="2020-09-11", status="updated"),
        relation(whole, day="2022-01-21", status="updated"),
    )
    assert (before.percentage_low, before.valid_from, before.valid_to) == (
        Decimal(50),
        date(2019, 9, 11),
        date(2022, 1, 21),
    )
    assert (after.percentage_low, after.valid_from, after.valid_to) == (Decimal(100), date(2022, 1, 21), None)


def test_a_closed_record_ends_what_it_states(tmp_path: Path) -> None:
    share = {"type": "shareholding", "share": {"exact": 30}, "startDate": "2018-01-01"}
    (found,) = holdings(tmp_path, relation(share), relation(share, day="2021-06-30", status="closed"))
    assert (found.valid_from, found.valid_to, found.note) == (date(2018, 1, 1), date(2021, 6, 30), "record closed")


def test_a_printed_end_is_the_end(tmp_path: Path) -> None:
    (found,) = holdings(
        tmp_path, relation({"type": "shareholding", "startDate": "2018-01-01", "endDate": "2019-03-31"})
    )
    assert (found.valid_from, found.valid_to) == (date(2018, 1, 1), date(2019, 3, 31))


def test_a_year_stands_for_its_last_day_and_says_so(tmp_path: Path) -> None:
    (found,) = holdings(tmp_path, relation({"type": "shareholding", "startDate": "2018", "endDate": "2019-02"}))
    assert (found.valid_from, found.valid_to) == (date(2018, 12, 31), date(2019, 2, 28))
    assert found.note == "start printed as 2018; end printed as 2019-02"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        *((one, "capital") for one in ("shareholding", "unknownInterest", "unpublishedInterest")),
        *((one, "voting") for one in ("votingRights", "voting-rights")),
        *((one, "control") for one in ("appointmentOfBoard", "appointment-of-board", "otherInfluenceOrControl")),
        *((one, "control") for one in ("influence-or-control", "settlor", "trustee-of-trust", "protector")),
        *((one, "control") for one in ("rightsGrantedByContract", "controlViaCompanyRulesOrArticles", "nominee")),
        *((one, None) for one in ("boardMember", "boardChair", "seniorManagingOfficial", "nominator")),
        *((one, None) for one in ("rights-to-profit-or-income", "rightsToSurplusAssetsOnDissolution")),
        *((one, None) for one in ("enjoymentAndUseOfAssets", "right-to-profit-or-income-from-assets")),
    ],
)
def test_every_type_of_interest_is_a_holding_of_a_kind_or_none(tmp_path: Path, kind: str, expected: str | None) -> None:
    found = holdings(tmp_path, relation({"type": kind}))
    assert [row.ownership_type for row in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        pytest.param({"exact": 12.5}, "12.5", "12.5", id="exact"),
        pytest.param({"minimum": 25, "maximum": 50}, "25", "50", id="span"),
        pytest.param({"exclusiveMinimum": 25, "maximum": 50}, "25.000001", "50", id="above-0.4"),
        pytest.param({"minimum": 25, "exclusiveMinimum": True}, "25.000001", None, id="above-0.2"),
        pytest.param({"minimum": 5, "exclusiveMaximum": 10}, "5", "9.999999", id="below"),
        pytest.param({"exact": 33.3333333333}, "33.333333", "33.333333", id="long"),
        pytest.param(None, None, None, id="none"),
    ],
)
def test_a_share_has_bounds(tmp_path: Path, share: Json | None, low: str | None, high: str | None) -> None:
    (found,) = holdings(tmp_path, relation({"type": "shareholding", "share": share}))
    bounds = (found.percentage_low, found.percentage_high)
    assert bounds == (None if low is None else Decimal(low), None if high is None else Decimal(high))


def test_an_indirect_interest_adds_nothing_to_its_chain_and_is_control_without_one(tmp_path: Path) -> None:
    indirect = {"type": "shareholding", "directOrIndirect": "indirect", "share": {"exact": 30}}
    assert holdings(tmp_path, relation(indirect, componentRecords=["x"])) == []
    (found,) = holdings(tmp_path, relation(indirect))
    assert (found.ownership_type, found.percentage_high) == ("control", None)
    assert found.note == "indirect shareholding of 30 %; the chain is not stated"


def test_a_share_of_which_some_may_be_indirect_is_an_upper_bound(tmp_path: Path) -> None:
    (found,) = holdings(
        tmp_path, relation({"type": "shareholding", "directOrIndirect": "unknown", "share": {"exact": 30}})
    )
    assert (found.percentage_low, found.percentage_high) == (None, Decimal(30))


def test_no_interest_at_all_is_a_holding_of_unknown_share(tmp_path: Path) -> None:
    (found,) = holdings(tmp_path, relation())
    assert (found.ownership_type, found.percentage_low, found.percentage_high) == ("capital", None, None)


def test_a_nominee_holds_for_somebody_else(tmp_path: Path) -> None:
    found = holdings(tmp_path, relation({"type": "shareholding", "share": {"exact": 40}}, {"type": "nominee"}))
    assert {row.holder for row in found} == {"nominee"}


def test_a_party_that_may_not_be_named_holds_as_nobody_known() -> None:
    rows, _ = read_excerpt(SLUG, "records-json")
    (found,) = [row for row in of(Ownership, rows) if row.owner_id == "bods:p-2"]
    assert (found.holder, found.percentage_low) == ("unknown", Decimal(10))
    (stands,) = [row for row in of(Entity, rows) if row.id == "bods:p-2"]
    assert (stands.caption, stands.note) == ("Not named", "stands for a party that is not named")


@pytest.mark.parametrize(
    ("reason", "is_held"),
    [
        ("noBeneficialOwners", False),
        ("no-beneficial-owners", False),
        ("subjectUnableToConfirmOrIdentifyBeneficialOwner", True),
        ("interested-party-has-not-provided-information", True),
        ("subjectExemptFromDisclosure", True),
        ("interestedPartyExemptFromDisclosure", True),
        ("informationUnknownToPublisher", True),
        ("unknown", True),
    ],
)
def test_every_reason_for_naming_nobody_says_whether_there_is_somebody(
    tmp_path: Path, reason: str, is_held: bool
) -> None:
    unnamed: Json = {"reason": reason, "description": "as filed"}
    for party in (unnamed, {"unspecified": unnamed}):  # 0.4, and before
        found = holdings(tmp_path, relation({"type": "shareholding"}, interestedParty=party))
        assert [(row.owner_id, row.holder) for row in found] == ([("bods:unspecified:r", "unknown")] if is_held else [])


def test_the_day_is_the_latest_publication() -> None:
    source = source_called(SLUG)
    assert source.printed_date is not None
    documents = (Document(RECORDS.name, RECORDS), Document(STATEMENTS.name, STATEMENTS))
    assert source.printed_date(documents[:1], source.descriptor) == date(2021, 4, 3)
    assert source.printed_date(documents, source.descriptor) == date(2021, 5, 2)


SHARE: Json = {"type": "shareholding"}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        pytest.param(["x"], "no statement", id="array"),
        pytest.param({**COMPANY, "recordType": "mood"}, "recordType", id="record-type"),
        pytest.param({"statementType": "mood"}, "statementType", id="statement-type"),
        pytest.param({**COMPANY, "mood": 1}, "unknown field", id="field"),
        pytest.param({**COMPANY, "recordStatus": "asleep"}, "recordStatus", id="status"),
        pytest.param({**COMPANY, "statementId": None}, "no statementId", id="no-id"),
        pytest.param({**COMPANY, "recordId": None}, "no recordId", id="no-record"),
        pytest.param({**COMPANY, "recordDetails": []}, "no recordDetails", id="no-details"),
        pytest.param({**COMPANY, "statementDate": "02/01/2020"}, "statementDate is no date", id="date"),
        pytest.param({**COMPANY, "statementDate": "2020-02-31"}, "statementDate is no date", id="no-such-day"),
        pytest.param({**COMPANY, "statementDate": "1020-01-01"}, "statementDate is out of range", id="range"),
        pytest.param(record("entity", "x", {"name": "X", "mood": 1}), "unknown field", id="detail"),
        pytest.param(record("entity", "x", {"name": "X", "entityType": {"type": "mood"}}), "entityType", id="entity"),
        pytest.param(record("person", "x", {"personType": "mood"}), "personType", id="person"),
        pytest.param(record("entity", "x", {"entityType": {"type": "state"}}), "no name", id="no-name"),
        pytest.param(
            record("entity", "x", {"name": "X", "entityType": {"type": "state"}, "jurisdiction": {"code": "QQ"}}),
            "unknown place in jurisdiction",
            id="place",
        ),
        pytest.param(
            record("person", "x", {"personType": "knownPerson", "names": [{"type": "mood", "fullName": "X"}]}),
            "unknown type of name",
            id="name",
        ),
        pytest.param(relation({"type": "mood"}), "unknown type of interest", id="interest"),
        pytest.param(relation({**SHARE, "mood": 1}), "unknown field", id="interest-field"),
        pytest.param(relation({**SHARE, "directOrIndirect": "mood"}), "unknown directOrIndirect", id="level"),
        pytest.param(relation({**SHARE, "share": 50}), "share is no object", id="share"),
        pytest.param(relation({**SHARE, "share": {"about": 50}}), "unknown field", id="share-field"),
        pytest.param(relation({**SHARE, "share": {"exact": "50"}}), "share is no number", id="share-text"),
        pytest.param(relation({**SHARE, "share": {"exact": 120}}), "share is no percentage", id="over-100"),
        pytest.param(relation({**SHARE, "share": {"exact": -1}}), "share is no percentage", id="negative"),
        pytest.param(
            relation({**SHARE, "share": {"minimum": 60, "maximum": 40}}), "share is no percentage", id="bounds"
        ),
        pytest.param(relation({**SHARE, "startDate": "soon"}), "startDate is no date", id="start"),
        pytest.param(
            relation({**SHARE, "startDate": "2020-01-02", "endDate": "2019-01-02"}), "ends before it starts", id="order"
        ),
        pytest.param(relation(SHARE, interestedParty="z"), "names a party that no statement describes", id="owner"),
        pytest.param(relation(SHARE, subject="z"), "names a party that no statement describes", id="subject"),
        pytest.param(relation(SHARE, interestedParty=None), "no interestedParty", id="nobody"),
        pytest.param(relation(SHARE, interestedParty={"reason": "mood"}), "unknown reason", id="reason"),
    ],
)
def test_a_statement_that_is_not_understood_is_rejected_by_its_number_and_the_rest_is_read(
    tmp_path: Path, statement: object, reason: str
) -> None:
    rows, reading = package(tmp_path, {**COMPANY, "recordId": "a", "statementId": "a"}, COMPANY, PERSON, statement)
    assert [found.removeprefix("unknown ") for found in reading.reasons] == [reason.removeprefix("unknown ")]
    assert reading.rejects == 1
    assert "bods:a" in {row.id for row in of(Entity, rows)}
    assert str(reading.rejected[0]).startswith("package.json, statement 4: ")


def test_a_line_that_is_no_json_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "statements.jsonl"
    path.write_text(f"{STATEMENTS.read_text(encoding='utf-8')}{{\n", encoding="utf-8")
    _, reading = read_files(SLUG, path)
    assert (dict(reading.reasons), reading.read) == ({"not valid JSON": 1}, 6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('[{"name": "x"}]', "the first value is no statement", id="other-json"),
        pytest.param('"x"', "neither a list of statements nor one a line", id="text"),
        pytest.param("[]", "no statements", id="empty"),
        pytest.param("[", "not valid JSON", id="broken"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "package.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_files(SLUG, path)


def test_real_examples_are_read_whole(shared: Callable[[str], Path]) -> None:
    paths = sorted(shared(REAL).iterdir())
    assert len(paths) == 11
    for path in paths:
        rows, reading = read_files(SLUG, path)
        content = json.loads(path.read_text(encoding="utf-8"))
        statements = content if isinstance(content, list) else [content]
        assert (path.name, reading.read, reading.rejects) == (path.name, len(statements), 0)
        parties = {one["recordId"] for one in statements if one["recordType"] != "relationship"}
        found = {row.id.removeprefix("bods:") for row in of(Entity, rows)}
        assert {one for one in found if not one.startswith("unspecified:")} == parties


def test_a_real_holding_keeps_the_share_that_it_had_until_another_was_stated(shared: Callable[[str], Path]) -> None:
    path = shared(f"{REAL}/fermcat.json")
    (record_id,) = {
        one["recordId"]
        for one in json.loads(path.read_text(encoding="utf-8"))
        if str(one["recordId"]).startswith("rel-3fc02")
    }
    rows, _ = read_files(SLUG, path)
    assert [
        (row.percentage_low, row.valid_from, row.valid_to)
        for row in of(Ownership, rows)
        if f":{record_id}:" in row.id and row.ownership_type == "capital"
    ] == [(Decimal(50), date(2019, 9, 11), date(2022, 1, 21)), (Decimal(100), date(2022, 1, 21), None)]


def test_a_real_chain_counts_its_links_and_not_what_they_come_to(shared: Callable[[str], Path]) -> None:
    rows, _ = read_files(SLUG, shared(f"{REAL}/indirect-ownership.json"))
    names = {row.id: row.caption for row in of(Entity, rows)}
    assert sorted(
        (names[row.owner_id], names[row.owned_id], row.percentage_low, row.note) for row in of(Ownership, rows)
    ) == [
        ("Company B", "Company A", Decimal(60), None),
        ("Person 1", "Company B", None, "direct or indirect: not known"),
    ]
