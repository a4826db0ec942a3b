"""The consolidated list of the UN Security Council."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.international import about, changed, excerpt, read

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name, Row
from beholden.sources.interface import Reading

SLUG, LAYOUT = "un_sc_consolidated", "consolidated-xml"
REAL = "data/lists/un/UN_consolidated.2026-02-27.xml.gz"
DAY = date(2026, 5, 4)


def test_an_individual_has_its_names_dates_and_documents() -> None:
    rows, reading = read(SLUG, *excerpt(SLUG, LAYOUT))
    assert (reading.layout, reading.read, reading.rejects) == (LAYOUT, 2, 0)
    party, caption = "un:CDi.901", "JANE EXAMPLE PLACEHOLDER"
    assert about(rows, party) == [
        Entity(
            id=party,
            schema="Person",
            caption=caption,
            addresses=["1 Sample Road, Exampleville, Rwanda (as of 2016)"],
            birth_dates=["1971-02-03", "1972", "approximately 1968", "1973 to 1974", "Nov. 1973", "1970-05-06"],
            note="alias Romeo: Call sign",
        ),
        Name(entity_id=party, name="جين مثال", kind="legal"),
        Name(entity_id=party, name="Jayne Sample", kind="alias"),
        Name(entity_id=party, name="Джейн Пример", kind="alias"),
        Name(entity_id=party, name="Romeo", kind="weak"),
        Identifier(entity_id=party, kind="un_reference", value="CDi.901"),
        Identifier(
            entity_id=party, kind="passport", value="X0000001", note="Rwanda; Service passport; Expired 28 Nov. 2016"
        ),
        Identifier(entity_id=party, kind="national_id", value="1-00-00001"),
        Entry(regime_id="un-sc", edition=DAY, entity_id=party, listed_as=caption, basis="DRC, CDi.901"),
        Designation(
            id="un-sc:un:CDi.901",
            regime_id="un-sc",
            entity_id=party,
            listed_as=caption,
            programmes=["DRC"],
            citation="UN Security Council Consolidated List, CDi.901",
            valid_from=date(2012, 12, 31),
            published_at=date(2012, 12, 31),
        ),
    ]


def test_an_organisation_has_the_places_of_its_addresses() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, LAYOUT))
    party = "un:KPe.901"
    entity, *others = about(rows, party)
    assert entity == Entity(
        id=party,
        schema="Organization",
        caption="EXAMPLE TRADING CORPORATION",
        jurisdictions=["kp", "cn"],
        addresses=[
            "PO Box 1, Pyongyang, Democratic People's Republic of Korea",
            "Dalian, 000001, China",
            "(Branch Office 3)",
        ],
    )
    assert [(row.name, row.kind) for row in others if isinstance(row, Name)] == [
        ("Example General Trading", "alias"),
        ("Sample Trading Bureau", "former"),
        ("شركة المثال", "former"),
    ]
    # The offset of a time of day that is not printed does not move the day.
    assert [row.valid_from for row in others if isinstance(row, Designation)] == [date(2015, 7, 1)]


def _with_document(tmp_path: Path, fields: str) -> tuple[list[Row], Reading]:
    new = f"<INDIVIDUAL_DOCUMENT>{fields}</INDIVIDUAL_DOCUMENT>"
    return read(SLUG, changed(excerpt(SLUG, LAYOUT)[0], tmp_path / "list.xml", "<INDIVIDUAL_DOCUMENT/>", new))


@pytest.mark.parametrize(
    ("kind", "note", "identifier"),
    [
        ("Passport", "Rwandan passport number Q 700001, issued on 1 May 1998", ("passport", "Q 700001")),
        ("Passport", "appears in false passport number Q700001", ("other", "Q700001")),
        ("National Identification Number", "SSN 900-00-0001 (United States)", ("other", "900-00-0001")),
        ("National Identification Number", "90000001 issued on 18 Jun. 1999", ("other", "90000001")),
        ("National Identification Number", "identity card QX- 700001", ("other", "QX- 700001")),
        ("Passport", "issued in 1993, under name Jayne Sample", None),
        ("Passport", "passport number Q700001 or passport number Q700002", None),
    ],
)
def test_a_number_that_only_a_note_prints_is_kept(
    kind: str, note: str, identifier: tuple[str, str] | None, tmp_path: Path
) -> None:
    rows, reading = _with_document(tmp_path, f"<TYPE_OF_DOCUMENT>{kind}</TYPE_OF_DOCUMENT><NOTE>{note}</NOTE>")
    assert reading.rejects == 0
    said = f"{kind}: {note}"
    kept = [(row.kind, row.value) for row in rows if isinstance(row, Identifier) and row.note == said]
    assert kept == ([] if identifier is None else [identifier])
    # Without one number, the party keeps the sentence.
    notes = [row.note or "" for row in rows if isinstance(row, Entity) and row.id == "un:CDi.901"]
    assert (said in notes[0]) == (identifier is None)


def test_a_number_may_stand_beside_the_type_and_without_a_type_is_an_error(tmp_path: Path) -> None:
    second = "<TYPE_OF_DOCUMENT2>Residential card number 665</TYPE_OF_DOCUMENT2><NOTE>issued in 1974</NOTE>"
    rows, _ = _with_document(tmp_path, f"<TYPE_OF_DOCUMENT>National Identification Number</TYPE_OF_DOCUMENT>{second}")
    assert ("other", "665") in [(row.kind, row.value) for row in rows if isinstance(row, Identifier)]
    _, reading = _with_document(tmp_path, second)
    assert dict(reading.reasons) == {"a document without a type": 1}


def test_a_passport_in_the_note_of_an_alias_is_kept_with_the_note(tmp_path: Path) -> None:
    note = "born in 1970 - Passport No. 700001, expires 21 August 2005. In Arabic: جين"
    rows, _ = read(SLUG, changed(excerpt(SLUG, LAYOUT)[0], tmp_path / "list.xml", "Call sign", note))
    assert [row for row in rows if isinstance(row, Identifier) and row.value == "700001"] == [
        Identifier(
            entity_id="un:CDi.901",
            kind="passport",
            value="700001",
            note="alias Romeo: born in 1970 - Passport No. 700001, expires 21 August 2005",
        )
    ]
    assert ("جين", "weak") in [(row.name, row.kind) for row in rows if isinstance(row, Name)]


def test_the_edition_is_the_printed_day_and_complete() -> None:
    rows, _ = read(SLUG, *excerpt(SLUG, LAYOUT))
    assert [row for row in rows if isinstance(row, Edition)] == [
        Edition(regime_id="un-sc", date=DAY, title="UN Security Council Consolidated List of 2026-05-04")
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param(">DPRK<", ">Atlantis<", "unknown UN_LIST_TYPE", id="list"),
        pytest.param("a.k.a.", "b.k.b.", "unknown QUALITY", id="quality of an alias"),
        pytest.param("<QUALITY>a.k.a.</QUALITY>", "", "an alias without a quality", id="alias without quality"),
        pytest.param("2015-07-01-04:00", "1 July 2015", "LISTED_ON is no date", id="date"),
        pytest.param(">China<", ">Atlantis<", "unknown place in COUNTRY", id="place"),
        pytest.param("<VERSIONNUM>", "<COLOUR>red</COLOUR><VERSIONNUM>", "unknown element", id="element"),
        pytest.param(">KPe.901<", "><", "REFERENCE_NUMBER is empty", id="no reference"),
        pytest.param(">KPe.901<", ">CDi.901<", "a reference number twice", id="reference twice"),
        pytest.param(">BETWEEN<", ">ABOUT<", "unknown TYPE_OF_DATE", id="kind of date"),
        pytest.param("</VERSIONNUM>", "</VERSIONNUM>delisted", "unexpected text", id="text between elements"),
        pytest.param("</QUALITY>", "</QUALITY>doubtful", "unexpected text", id="text between elements of an alias"),
        pytest.param(">UN List<", ">Other List<", "unknown LIST_TYPE", id="another list"),
    ],
)
def test_a_record_with_an_unknown_value_is_rejected_and_the_rest_read(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    path = changed(excerpt(SLUG, LAYOUT)[0], tmp_path / "list.xml", old, new)
    rows, reading = read(SLUG, path)
    assert dict(reading.reasons) == {reason: 1}
    assert reading.read == 1
    assert reading.rejected[0].origin is not None
    assert reading.rejected[0].origin.line is not None
    # Its party may be listed: absence from this copy is no end.
    assert [row.is_complete for row in rows if isinstance(row, Edition)] == [False]


@pytest.mark.parametrize(
    ("pattern", "new", "reasons", "left"),
    [
        (r"(</?)ENTITY>", r"\1PARTY>", {"unknown element": 1, "no party of a kind": 1}, 1),
        (r"(</?)ENTITIES>", r"\1ORGANISATIONS>", {"unknown element": 1}, 2),
        (r"<ENTITIES>[^\0]*</ENTITIES>", "", {"no party of a kind": 1}, 1),
        (r"<ENTITIES>[^\0]*</ENTITIES>", "<ENTITIES/>", {"no party of a kind": 1}, 1),
        (r"<INDIVIDUALS>[^\0]*</INDIVIDUALS>", "<INDIVIDUALS/>", {"no party of a kind": 1}, 1),
        (r"</CONSOLIDATED_LIST>", "<VESSELS><VESSEL/></VESSELS></CONSOLIDATED_LIST>", {"unknown element": 1}, 2),
        (r"<INDIVIDUALS>", "<INDIVIDUALS><PERSON/>", {"unknown element": 1}, 2),
    ],
)
def test_parties_that_the_importer_would_not_see_are_told(
    pattern: str, new: str, reasons: dict[str, int], left: int, tmp_path: Path
) -> None:
    text = excerpt(SLUG, LAYOUT)[0].read_text(encoding="utf-8")
    found, count = re.subn(pattern, new, text)
    assert count
    (tmp_path / "list.xml").write_text(found, encoding="utf-8")
    rows, reading = read(SLUG, tmp_path / "list.xml")
    assert (dict(reading.reasons), reading.read) == (reasons, left)
    assert [row.is_complete for row in rows if isinstance(row, Edition)] == [False]


def test_another_root_is_another_layout(tmp_path: Path) -> None:
    text = excerpt(SLUG, LAYOUT)[0].read_text(encoding="utf-8").replace("CONSOLIDATED_LIST", "OTHER_LIST")
    (tmp_path / "list.xml").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="CONSOLIDATED_LIST"):
        read(SLUG, tmp_path / "list.xml")


def test_the_real_list_is_read_whole(shared: Callable[[str], Path]) -> None:
    path = shared(REAL)
    rows, reading = read(SLUG, path)
    text = gzip.decompress(path.read_bytes()).decode()
    records = re.findall(r"<(INDIVIDUAL|ENTITY)>.*?</\1>", text, re.DOTALL)
    assert Counter(records) == {"INDIVIDUAL": 730, "ENTITY": 273}
    assert (reading.read, reading.rejects) == (1003, 0)
    assert Counter(row.schema for row in rows if isinstance(row, Entity)) == {"Person": 730, "Organization": 273}
    aliases = re.findall(r"<QUALITY>(.+?)</QUALITY>\s*<ALIAS_NAME>[^<]*\w", text)
    kinds = Counter(row.kind for row in rows if isinstance(row, Name))
    low = re.findall(
        r"Low</QUALITY>\s*<ALIAS_NAME>[^<]*</ALIAS_NAME>\s*<NOTE>[^<]*(?:original script|In Arabic): ", text
    )
    assert kinds["weak"] == Counter(aliases)["Low"] + len(low)
    assert kinds["former"] == Counter(aliases)["f.k.a."]
    # 336 individuals and 42 organisations have a name in their own script.
    assert kinds["legal"] == text.count("<NAME_ORIGINAL_SCRIPT>") == 378
    numbers = len(re.findall(r"<NUMBER>[^<]*\w", text))
    # Five documents are printed twice in their record, word for word.
    assert numbers == 454
    # A number of 12 of the 14 documents that print a note in place of NUMBER, and those of 10 notes of aliases.
    kept = [row for row in rows if isinstance(row, Identifier)]
    assert len(kept) == 449 + 1003 + 12 + 10


def test_values_of_the_real_list_are_those_printed(shared: Callable[[str], Path]) -> None:
    rows, _ = read(SLUG, shared(REAL))
    listed = {row.entity_id: row for row in rows if isinstance(row, Designation)}
    parties = {row.id: row for row in rows if isinstance(row, Entity)}
    assert listed["un:CDi.001"].valid_from == date(2012, 12, 31)
    assert parties["un:CDi.001"].birth_dates == ["1971"]
    assert listed["un:YEe.001"].listed_as == "THE HOUTHIS"
    assert listed["un:YEe.001"].valid_from == date(2022, 2, 28)
    assert parties["un:YEe.001"].jurisdictions == ["ye"]
    assert parties["un:CDi.004"].birth_dates == ["Nov. 1973"]
    assert [row.date for row in rows if isinstance(row, Edition)] == [date(2026, 2, 27)]
    papers = {(row.entity_id, row.kind, row.value) for row in rows if isinstance(row, Identifier)}
    assert papers >= {
        ("un:QDi.037", "other", "156-92-9858"),
        ("un:QDi.057", "passport", "347834"),
        ("un:QDi.060", "passport", "L 191609"),
        ("un:IQi.081", "passport", "284158"),
        ("un:QDi.295", "other", "S335026"),
    }
    assert "under name Muhammad Jamal Abd-Al Rahim Ahmad Al-Kashif" in (parties["un:QDi.318"].note or "")
