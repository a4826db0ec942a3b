"""Entity List in the XML of the eCFR."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.sources.reading import EXCERPTS, changed, of, read_excerpt, read_files

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Name
from beholden.sources.us_bis_entity_list.cell import Cell, read_cell

EXCERPT = EXCERPTS / "us_bis_entity_list" / "ecfr-xml" / "title-15.xml"


def test_only_the_table_of_supplement_4_is_read() -> None:
    found, reading = read_excerpt("us_bis_entity_list", "ecfr-xml")
    assert (reading.layout, reading.read, reading.rejects) == ("ecfr-xml", 4, 0)
    assert [(row.id, row.caption, row.jurisdictions, row.addresses) for row in of(Entity, found)] == [
        (
            "us_bis_entity_list:af-alex-example",
            "Alex Example",
            ["af"],
            ["1 Example Market, Kabul, Afghanistan", "Flat No. 2, Block No. 3, Kabul, Afghanistan"],
        ),
        (
            "us_bis_entity_list:af-sample-logistics-co-ltd",
            "Sample Logistics Co., Ltd.",
            ["af"],
            ["4 Sample Road, Kabul, Afghanistan"],
        ),
        (
            "us_bis_entity_list:cn-example-academy-of-sciences-institute-of-samples",
            "Example Academy of Sciences, Institute of Samples",
            ["cn"],
            ["No. 5 Example Street, Haidian District, Beijing, China"],
        ),
        (
            "us_bis_entity_list:cn-placeholder-optics-inc",
            "Placeholder Optics Inc.",
            ["cn"],
            ["6 Example Road, Chengdu, China"],
        ),
    ]
    assert [(row.name, row.kind) for row in of(Name, found)] == [
        ("Aleks Exemplar", "alias"),
        ("Example Traders", "alias"),
        ("PHO", "alias"),
        ("Placeholder Glass Inc.", "former"),
    ]


def test_the_first_citation_dates_the_entry() -> None:
    found, _ = read_excerpt("us_bis_entity_list", "ecfr-xml")
    assert [(row.listed_as, row.valid_from, row.citation) for row in of(Designation, found)] == [
        ("Alex Example", date(2011, 11, 21), "76 FR 00001, 11/21/11. 78 FR 00002, 3/28/13."),
        ("Sample Logistics Co., Ltd.", date(2020, 12, 22), "85 FR 00003, 12/22/2020."),
        ("Placeholder Optics Inc.", date(2022, 4, 7), "87 FR 00005, 4/7/22."),
    ]
    undated = of(Entry, found)[2]
    assert undated.basis == "For all items subject to the EAR.; Case-by-case basis; 62 FR 00004."
    assert [row.is_complete for row in of(Edition, found)] == [True]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("AFGHANISTAN", "ATLANTIS", "unknown place in country", id="country"),
        pytest.param(
            "76 FR 00001, 11/21/11. 78 FR 00002, 3/28/13.", "soon", "no Federal Register citation", id="cited"
        ),
        pytest.param("11/21/11", "13/21/11", "citation is no date", id="date"),
        pytest.param("<TD>Presumption of denial</TD>", "", "wrong number of cells", id="cells"),
        pytest.param(
            "<TD>For all items subject to the EAR. (See § 744.11 of the EAR).</TD>",
            "<TD></TD>",
            "no license requirement",
            id="requirement",
        ),
        pytest.param("Sample Logistics Co., Ltd., 4 Sample Road", ";:, 4 Sample Road", "no name", id="name"),
    ],
)
def test_a_row_that_is_not_understood_is_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    found, reading = read_files("us_bis_entity_list", changed(EXCERPT, tmp_path / "a.xml", (old, new)))
    assert reason in reading.reasons
    assert [row.is_complete for row in of(Edition, found)] == [False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('N="Supplement No. 4 to Part 744"', 'N="Supplement No. 6 to Part 744"', id="no-supplement"),
        pytest.param(">License review policy<", ">Policy<", id="columns"),
        pytest.param("</DIV5>", "", id="cut"),
        pytest.param("<DIV5", '<!DOCTYPE a [<!ENTITY b "c">]><DIV5', id="doctype"),
    ],
)
def test_another_document_is_refused_whole(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(SourceError):
        read_files("us_bis_entity_list", changed(EXCERPT, tmp_path / "a.xml", (old, new)))


@pytest.mark.parametrize(
    ("lines", "cell"),
    [
        pytest.param(
            ["Example Trading FZE, a.k.a., Sample Trading FZE, P.O. Box 1, Dubai, UAE."],
            Cell("Example Trading FZE", ["Sample Trading FZE"], [], ["P.O. Box 1, Dubai, UAE"]),
            id="one-alias-in-the-line",
        ),
        pytest.param(
            ["Example Sanatorium (f.k.a., Sample, Sanatorium), 30th Research Institute, 1 Road, Sampletown"],
            Cell("Example Sanatorium, 30th Research Institute", [], ["Sample, Sanatorium"], ["1 Road, Sampletown"]),
            id="former-name-in-brackets",
        ),
        pytest.param(
            ["Example Research Institute (ERI)"], Cell("Example Research Institute (ERI)", [], [], []), id="name-only"
        ),
        pytest.param(
            [
                "Example S.A., a.k.a., the following one alias:",
                "—Sample S.A.",
                "1 Calle, Panama City, Panama; and 2 Via",
            ],
            Cell("Example S.A.", ["Sample S.A."], [], ["1 Calle, Panama City, Panama", "2 Via"]),
            id="addresses",
        ),
    ],
)
def test_a_cell_is_parted_into_names_and_addresses(lines: list[str], cell: Cell) -> None:
    assert read_cell(lines) == cell
