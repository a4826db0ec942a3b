"""Section 1260H list: the notice in the Federal Register."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Edition, Entity, Entry, Name, Ownership

EXCERPT = EXCERPTS / "us_dod_1260h" / "federal-register-xml" / "2026-11571.xml"
OWN = "us_dod_1260h"


def test_a_reviewed_notice_is_a_whole_edition_of_its_day_and_public_from_its_filing() -> None:
    found, reading = read_excerpt(OWN, "federal-register-xml")
    assert (reading.layout, reading.read, reading.rejects) == ("federal-register-xml", 4, 0)
    assert of(Edition, found) == [
        Edition(
            regime_id="us-dod-1260h",
            date=date(2026, 6, 8),
            is_complete=True,
            title="Section 1260H list of 2026-06-08",
            gazette="FR Doc. 2026-11571",
            published_at=date(2026, 6, 9),
        )
    ]
    assert {row.edition for row in of(Entry, found)} == {date(2026, 6, 8)}


def test_the_reason_and_the_name_above_are_the_basis() -> None:
    found, _ = read_excerpt(OWN, "federal-register-xml")
    assert {row.listed_as: row.basis for row in of(Entry, found)} == {
        "Example Aviation Group Ltd.": "Issuer states: EAG is directly owned by an example "
        "(Section 1260H(g)(2)(B)(i)(I)).",
        "Example Aviation Parts Co., Ltd.": "printed under Example Aviation Group Ltd.",
        "Example Aircraft (Group) Co., Ltd.": "printed under Example Aviation Group Ltd.",
        "Placeholder Photonics Company (Limited)": "Issuer states: Placeholder Photonics is affiliated with an example "
        "(Section 1260H(g)(2)(B)(i)(I)). It is a contributor (Section 1260H(g)(3)(A)).",
    }
    assert {(row.owner_id, row.owned_id) for row in of(Ownership, found)} == {
        (f"{OWN}:example-aviation-group-ltd", f"{OWN}:example-aviation-parts-co-ltd"),
        (f"{OWN}:example-aviation-group-ltd", f"{OWN}:example-aircraft-group-co-ltd"),
    }


def test_brackets_at_the_end_hold_other_and_former_names() -> None:
    found, _ = read_excerpt(OWN, "federal-register-xml")
    assert {row.caption for row in of(Entity, found)} == {row.listed_as for row in of(Entry, found)}
    names = {(row.entity_id, row.name, row.kind) for row in of(Name, found)}
    assert (f"{OWN}:example-aviation-group-ltd", "Example Aviation Group Ltd. (EAG)", "alias") in names
    assert {name for name in names if "(" not in name[1]} == {
        (f"{OWN}:example-aviation-group-ltd", "EAG", "weak"),
        (f"{OWN}:example-aircraft-group-co-ltd", "Sample Aircraft Company Limited", "former"),
        (f"{OWN}:example-aircraft-group-co-ltd", "SACL", "former"),
        (f"{OWN}:placeholder-photonics-company-limited", "Placeholder Optics", "alias"),
        (f"{OWN}:placeholder-photonics-company-limited", "Placeholder Light", "alias"),
    }


def test_a_removed_name_is_said_and_not_listed() -> None:
    found, reading = read_excerpt(OWN, "federal-register-xml")
    assert not any("Gone" in row.listed_as for row in of(Entry, found))
    assert any("Gone Example Inc." in note for note in reading.notes)


def test_a_notice_that_nobody_reviewed_omits_nobody_and_counts_from_its_filing(tmp_path: Path) -> None:
    found, reading = read_files(OWN, changed(EXCERPT, tmp_path / "a.xml", ("2026-11571 Filed", "2026-99999 Filed")))
    assert [(row.date, row.is_complete) for row in of(Edition, found)] == [(date(2026, 6, 9), False)]
    assert any("2026-99999 is not among the reviewed notices" in note for note in reading.notes)


def test_the_notice_is_found_in_a_whole_issue(tmp_path: Path) -> None:
    other = "<NOTICE><SUBJECT>Other</SUBJECT><FRDOC>[FR Doc. 2026-00001 Filed 6-9-26; 8:45 am]</FRDOC></NOTICE>"
    path = tmp_path / "a.xml"
    text = EXCERPT.read_text(encoding="utf-8")
    path.write_text(f"<FEDREG><NOTICES>{other}{text}</NOTICES></FEDREG>", encoding="utf-8")
    assert read_files(OWN, path)[1].read == 4


@pytest.mark.parametrize(
    ("old", "new", "reason", "read"),
    [
        pytest.param('FP1-2">Example Aviation', 'FP9">Example Aviation', "unknown depth", 3, id="depth"),
        pytest.param("Aviation Parts Co., Ltd.", "Aviation Group Ltd.", "a name twice in one edition", 3, id="twice"),
        pytest.param("Parts Co., Ltd.", "Parts is something else.", "neither a name nor a reason", 3, id="sentence"),
        pytest.param("Example Aviation Parts Co., Ltd.", "?!", "a name without letters", 3, id="no-letters"),
        pytest.param("Parts Co., Ltd.", "Parts Co.)", "a bracket that does not open", 3, id="bracket"),
        pytest.param("Example Aviation Group Ltd. (EAG)", "", "neither a name nor a reason", 3, id="reason-alone"),
    ],
)
def test_a_paragraph_that_is_not_understood_is_rejected_with_its_line(
    old: str, new: str, reason: str, read: int, tmp_path: Path
) -> None:
    found, reading = read_files(OWN, changed(EXCERPT, tmp_path / "a.xml", (old, new)))
    assert (reading.read, dict(reading.reasons)) == (read, {reason: 1})
    assert all(error.origin is not None and error.origin.line for error in reading.rejected)
    assert not any(row.is_complete for row in of(Edition, found))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Chinese Military Companies</SUBJECT>", "Something Else</SUBJECT>", id="subject"),
        pytest.param("Filed 6-9-26", "not filed", id="no-day"),
        pytest.param("following entities qualify", "named companies qualify", id="no-list"),
    ],
)
def test_another_notice_is_no_layout(old: str, new: str, tmp_path: Path) -> None:
    text = EXCERPT.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "a.xml"
    path.write_text(text.replace(old, new).replace("following previously", "named previously"), encoding="utf-8")
    with pytest.raises(SourceError, match="federal-register-xml"):
        read_files(OWN, path)
