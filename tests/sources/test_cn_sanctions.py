"""China's lists: which list a decision feeds, dates, ends, decisions that were published twice, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EDITION, EXCERPTS, changed, of, read_excerpt, read_files

from beholden.compile import core_packs
from beholden.compile.packs import read_packs
from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Name

EXCERPT = EXCERPTS / "cn_sanctions" / "csv-decisions" / "sanctions.csv"
REAL = "data/lists/cn/cn-sanctions.csv.gz"
DRONES = "cn_sanctions:example-drones-inc"


def test_each_decision_is_an_entry_of_its_list_with_its_own_days() -> None:
    found, reading = read_excerpt("cn_sanctions", "csv-decisions")
    assert (reading.layout, reading.read, reading.rejects) == ("csv-decisions", 8, 0)
    assert {(row.regime_id, row.listed_as, row.valid_from, row.valid_to) for row in of(Designation, found)} == {
        ("cn-ecl", "Example Drones, Inc.", date(2025, 4, 4), None),
        ("cn-uel", "Example Drones,Inc.", date(2023, 2, 16), None),
        ("cn-ecwl", "Sample Shipyard Corporation", date(2026, 2, 24), None),
        ("cn-afsl", "UAB Sample Bankas", date(2025, 8, 13), date(2026, 4, 24)),
        ("cn-afsl", "Sam Sample", date(2024, 10, 10), None),
        ("cn-mfa", "Subcommittee of the Example Parliament", date(2021, 3, 22), None),
        ("cn-tao", "Placeholder Academy", date(2024, 10, 14), None),
    }


def test_a_decision_that_was_published_twice_is_one_entry_with_both_pages() -> None:
    found, _ = read_excerpt("cn_sanctions", "csv-decisions")
    (row,) = (row for row in of(Designation, found) if row.listed_as == "Sam Sample")
    assert row.citation is not None
    assert "https://ministry.example/eng/1" in row.citation
    assert "https://ministry.example/zh/1" in row.citation
    assert len(row.programmes) == 2
    assert row.note == "Founder"


def test_a_party_has_the_names_and_places_of_all_its_rows_and_is_known_from_the_first() -> None:
    found, _ = read_excerpt("cn_sanctions", "csv-decisions")
    entities = {row.id: row for row in of(Entity, found)}
    assert entities[DRONES] == Entity(
        id=DRONES,
        schema="Company",
        caption="Example Drones, Inc.",
        jurisdictions=["us"],
        published_at=date(2023, 2, 16),
    )
    assert {(row.name, row.kind, row.lang, row.published_at) for row in of(Name, found) if row.entity_id == DRONES} == {
        ("Example Drones,Inc.", "alias", None, date(2023, 2, 16)),
        ("Example Drones", "alias", None, date(2025, 4, 4)),
        ("EDI", "weak", None, date(2025, 4, 4)),
        ("示例无人机公司", "alias", "zh", date(2025, 4, 4)),
    }
    assert entities["cn_sanctions:sample-shipyard-corporation"].addresses == ["样例市1-1"]
    assert entities["cn_sanctions:sam-sample"].jurisdictions == []  # the country of a person is not read


def test_the_copy_omits_nobody() -> None:
    found, _ = read_excerpt("cn_sanctions", "csv-decisions")
    assert {(row.regime_id, row.date, row.is_complete) for row in of(Edition, found)} == {
        (regime, EDITION, False) for regime in ("cn-uel", "cn-ecl", "cn-ecwl", "cn-afsl", "cn-mfa", "cn-tao")
    }


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("Commerce,UEL", "Commerce,XEL", "unknown Body and List", id="list"),
        pytest.param("Ministry of Commerce", "Ministry of Example", "unknown Body and List", id="issuer"),
        pytest.param("Ministry of Commerce", "", "Body is empty", id="no-issuer"),
        pytest.param("Company,", "Robot,", "unknown Type", id="type"),
        pytest.param(",Japan,", ",Nowhere,", "unknown place in Country", id="place"),
        pytest.param("04.04.2025", "2025-04-04", "Date is no date", id="iso-date"),
        pytest.param("04.04.2025", "31.04.2025", "Date is no date", id="no-such-day"),
        pytest.param("04.04.2025", "", "Date is empty", id="no-date"),
        pytest.param("24.04.2026", "soon", "End date is no date", id="end"),
        pytest.param("24.04.2026", "24.04.2025", "an end before the start", id="order"),
        pytest.param("UAB Sample Bankas", "?!", "a name without letters", id="no-letters"),
        pytest.param("Company,,UAB Sample Bankas", "Company,,Sam Sample", "one name of two kinds of party", id="kinds"),
        pytest.param("ministry.example/uel/1,", "ministry.example/uel/1,,", "wrong number of cells", id="cells"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected_with_its_line_and_the_rest_is_read(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    _, reading = read_files("cn_sanctions", changed(EXCERPT, tmp_path / "a.csv", (old, new)))
    assert reading.reasons[reason] == reading.rejects > 0
    assert reading.read + reading.rejects == 8
    assert all(error.origin is not None and error.origin.line for error in reading.rejected)


def test_the_same_page_twice_and_two_ends_of_one_entry_are_rejected(tmp_path: Path) -> None:
    row = EXCERPT.read_text(encoding="utf-8").splitlines()[4]
    for extra, reason in ((row, "one entry twice"), (row.replace("24.04.2026", ""), "one entry with two ends")):
        path = tmp_path / "a.csv"
        path.write_text(EXCERPT.read_text(encoding="utf-8") + extra + "\n", encoding="utf-8")
        _, reading = read_files("cn_sanctions", path)
        assert dict(reading.reasons) == {reason: 1}


@pytest.mark.parametrize("change", [("Type,QID", "Kind,QID"), ("Source URL,Address", "Source URL,Address,More")])
def test_other_columns_are_no_layout(change: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cn_sanctions reads csv-decisions"):
        read_files("cn_sanctions", changed(EXCERPT, tmp_path / "a.csv", change))


def test_the_real_file_is_read_but_for_the_row_without_an_issuer(shared: Callable[[str], Path]) -> None:
    found, reading = read_files("cn_sanctions", shared(REAL))
    assert (reading.read, dict(reading.reasons)) == (609, {"Body is empty": 1})
    entries = Counter(row.regime_id for row in of(Designation, found))
    assert {regime: entries[regime] for regime in ("cn-ecl", "cn-ecwl", "cn-uel")} == {
        "cn-ecl": 153,
        "cn-ecwl": 40,
        "cn-uel": 66,
    }


def reviewed_parties() -> dict[tuple[str, str | None, date | None, date | None], str | None]:
    """Party of each reviewed entry but those of two notices of January 2025, which the transcription lacks."""
    return {
        (row.regime_id, row.listed_as, row.valid_from, row.valid_to): row.entity_id
        for row in (item.row for item in read_packs(core_packs()))
        if isinstance(row, Designation)
        and row.regime_id in ("cn-ecl", "cn-ecwl", "cn-uel", "cn-afsl")
        and row.notice not in ("cn-uel-2025-01-02", "cn-uel-2025-01-14")
    }


def test_every_reviewed_entry_is_read_and_one_reviewed_party_is_one_party(shared: Callable[[str], Path]) -> None:
    # An entry under an id of its own would miss the stop or suspension that the packs hold for its notice.
    found, _ = read_files("cn_sanctions", shared(REAL))
    read = {
        (row.regime_id, row.listed_as, row.valid_from, row.valid_to): row.entity_id for row in of(Designation, found)
    }
    reviewed = reviewed_parties()
    assert len(reviewed) == 355
    assert reviewed.keys() - read.keys() == set()
    pairs = {(party, read[entry]) for entry, party in reviewed.items()}
    assert len(pairs) == len({party for party, _ in pairs}) == len({party for _, party in pairs})


def test_a_company_on_a_list_that_the_packs_hold_is_a_reviewed_party(shared: Callable[[str], Path]) -> None:
    found, _ = read_files("cn_sanctions", shared(REAL))
    reviewed = reviewed_parties()
    known = {
        row.entity_id
        for row in of(Designation, found)
        if (row.regime_id, row.listed_as, row.valid_from, row.valid_to) in reviewed
    }
    persons = {row.id for row in of(Entity, found) if row.schema == "Person"}
    others = {
        str(row.listed_as)
        for row in of(Designation, found)
        if row.regime_id not in ("cn-mfa", "cn-tao") and row.entity_id not in known | persons
    }
    assert others == set()
