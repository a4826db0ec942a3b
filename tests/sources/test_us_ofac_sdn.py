"""The SDN list in its layouts: our excerpts exactly, real files against counts made without our parser."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from tests.sources.ofac_reading import Read, excerpt, raw, raw_rows

from beholden.errors import SourceError
from beholden.schema.rows import Designation, Edition, Entity, Entry, Identifier, Name, Ownership

Shared = Callable[[str], Path]
SLUG = "us_ofac_sdn"
ROW = '{uid},"{name}",{type},"{programmes}",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,{remarks}\r\n'

_LISTS_END = "</sanctionsLists></filters>"
_PROGRAMME = '<sanctionsProgram refId="1">SDGT</sanctionsProgram>'


def line(
    uid: object = 900, name: str = "EXAMPLE", kind: str = "-0- ", programmes: str = "SDGT", remarks: str = ""
) -> str:
    """A row of the primary file."""
    quoted = f'"{remarks}"' if remarks else "-0- "
    return ROW.format(uid=uid, name=name, type=kind, programmes=programmes, remarks=quoted)


def read_lines(tmp_path: Path, *lines: str) -> Read:
    """Read a primary file of these rows."""
    path = tmp_path / "sdn.csv"
    path.write_text("".join(lines) + "\x1a", newline="", encoding="utf-8")
    return Read(SLUG, path)


class TestLegacy:
    """sdn.csv and its companions."""

    def test_a_company_with_everything(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
        entity = read.entity("100")
        assert entity.schema == "Company"  # its target type says so
        assert entity.jurisdictions == ["ru", "cn", "de"]
        assert entity.addresses == ["Exampletown 10117, Germany", "1 Example Street, Exampleton, Region: Crimea"]
        assert entity.note == (
            "Secondary sanctions risk: See Section 11 of Executive Order 14024.; All offices worldwide; "
            "Linked To: DOE, John Example"
        )
        assert read.names("100") == [
            ("ETL", "weak"),
            ("EXAMPLE TRADE", "alias"),
            ("OLD EXAMPLE TRADING", "former"),
        ]
        assert read.identifiers("100") == [
            ("website", "www.trading.example", "Website"),
            ("website", "shop.trading.example", "Website"),
            ("email", "office@trading.example", "Email Address"),
            ("bic", "EXMPUS33", None),
            ("inn", "7700000009", None),
            ("ogrn", "1027700000008", "Russia; Registration Number"),
            ("uscc", "91110000MA0EXAMPYA", None),
            ("lei", "5299000EXAMPLE000096", None),
            ("registration", "HRB 12345", "Germany, Exampletown; Registration ID"),
            ("registration", "5342883", "IMO; Identification Number"),
            ("crypto_wallet", "1ExampleExampleExampleExampleExamp", "XBT"),
            ("crypto_wallet", "0x0000000000000000000000000000000000000000", "ETH"),
        ]
        assert read.lists("100") == {"us-ofac-sdn": "CYBER2"}

    def test_a_person(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
        entity = read.entity("101")
        assert (entity.schema, entity.jurisdictions) == ("Person", [])
        assert entity.birth_dates == ["1948-12-10", "1949-12", "circa 1950"]
        assert entity.note == "Passport issued in Exampletown"  # the title is left out
        assert read.identifiers("101") == [
            ("passport", "A0000001", "Egypt; Passport"),
            ("passport", "A0000002", "Syria; Passport"),
            ("national_id", "0000001", "Yemen; National ID No."),
        ]
        assert read.lists("101") == {"us-ofac-sdn": "IRAN-EO13902; SDGT"}

    def test_a_ship_and_an_aircraft(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
        ship, plane = read.entity("102"), read.entity("103")
        assert (ship.schema, ship.jurisdictions, plane.schema, plane.jurisdictions) == (
            "Vessel",
            ["pa"],
            "Airplane",
            ["kp"],
        )
        assert ship.note == "Vessel Owner: Example Shipping Limited; Former Vessel Flag: Malta"
        assert read.identifiers("102") == [
            ("callsign", "EX0001", "Vessel Call Sign"),
            ("imo", "1234567", None),
            ("mmsi", "000000001", "MMSI"),
        ]
        assert [value for _, value, _ in read.identifiers("103")] == ["0001", "000000", "EP-XXX"]

    def test_remarks_go_on_in_the_comments_in_the_middle_of_a_word(self) -> None:
        whole = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
        wallets = [value for kind, value, _ in whole.identifiers("104") if kind == "crypto_wallet"]
        assert wallets == [f"1Example{number:022d}" for number in range(20)]
        assert whole.names("104") == [("LONG EXAMPLE", "weak")]
        cut = Read(SLUG, *excerpt(SLUG, "legacy-csv", "sdn.csv"))
        left = [value for _, value, _ in cut.identifiers("104")]
        assert left == wallets[: len(left)]
        assert 0 < len(left) < 20
        assert len(cut.reading.notes) == 1
        assert cut.reading.rejects == 0

    def test_no_day_is_printed_so_no_entry_is_dated(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "legacy-csv"))
        assert read.printed is None
        assert read.of(Designation) == []
        assert [(row.regime_id, row.is_complete) for row in read.of(Edition)] == [("us-ofac-sdn", True)]
        assert (read.reading.read, read.reading.rejects) == (13, 0)

    @pytest.mark.parametrize("companion", ["add.csv", "alt.csv", "sdn_comments.csv"])
    def test_any_companion_may_be_left_out_but_not_the_primary_file(self, companion: str) -> None:
        alone = Read(SLUG, *excerpt(SLUG, "legacy-csv", "sdn.csv", companion))
        assert len(alone.of(Entity)) == 5
        with pytest.raises(SourceError, match="no primary file"):
            Read(SLUG, *excerpt(SLUG, "legacy-csv", companion))

    def test_the_same_part_twice_is_an_error(self) -> None:
        with pytest.raises(SourceError, match="the same part twice"):
            Read(SLUG, *excerpt(SLUG, "legacy-csv", "sdn.csv", "sdn.csv"))

    def test_a_companion_row_of_a_party_that_is_not_there_is_rejected(self, tmp_path: Path) -> None:
        other = tmp_path / "add.csv"
        other.write_text('999,1,"1 Example Street",-0- ,"Germany",-0- \r\n\x1a', newline="")
        read = Read(SLUG, *excerpt(SLUG, "legacy-csv", "sdn.csv"), other)
        assert read.reading.reasons == Counter({"addresses without their party in the primary file": 1})
        assert read.problems()[0].startswith("add.csv:1: ")
        assert all(row.is_complete for row in read.of(Edition))  # no party is missing

    @pytest.mark.parametrize(
        "remarks",
        [
            "Frobnication Number 12345 (China)",
            "alt. Frobnication of things",
            "Frobnication Date: 01 Jan 2001",
            "Frobnicated 4711 (Iran)",
            "Frobnicated 4711",
            "Frobnicating Day (CMIC) 03 Jun 2021",
            "Effective Day (EO 14024 Directive 3): 24 Feb 2022",
            "Effective Date (CMIC) 31 Feb 2021",
            "Target Type Frobnicator",
        ],
    )
    def test_an_unknown_item_is_an_error_with_its_place_and_the_party_still_counts(
        self, tmp_path: Path, remarks: str
    ) -> None:
        read = read_lines(tmp_path, line(900), line(901, remarks=f"DOB 1962; {remarks}; Website www.x.example."))
        assert read.reading.rejects == 1
        assert read.problems()[0].startswith("sdn.csv:2: ")
        assert read.lists("901") == {"us-ofac-sdn": "SDGT"}
        assert read.entity("901").birth_dates == ["1962"]
        assert read.identifiers("901") == [("website", "www.x.example", "Website")]
        assert all(row.is_complete for row in read.of(Edition))

    @pytest.mark.parametrize(
        "remarks", ["President since 1979", "Officer, Example Front (EF), 1992-1998", "named in UNSCR 1483", "No day"]
    )
    def test_prose_may_end_in_a_year(self, tmp_path: Path, remarks: str) -> None:
        read = read_lines(tmp_path, line(900, remarks=remarks))
        assert (read.reading.rejects, read.entity("900").note) == (0, remarks)

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (line(901, kind='"submarine"'), "unknown type"),
            (line("x1"), "no number of a party"),
            (line("٩٠٠"), "no number of a party"),
            (line("9²"), "no number of a party"),
            (line(901, programmes="{}"), "no programme tag"),
            (line(901, name=""), "name is empty"),
            (line(900), "the same number twice"),
            (line(901, programmes="NS-PLC"), "programmes of no list of this publication"),
            ('901,"EXAMPLE",-0- ,"SDGT"\r\n', "wrong number of cells"),
        ],
    )
    def test_a_party_that_cannot_be_read_is_lost_and_the_copy_is_not_complete(
        self, tmp_path: Path, bad: str, reason: str
    ) -> None:
        read = read_lines(tmp_path, line(900), bad, line(902))
        assert dict(read.reading.reasons) == {reason: 1}
        assert [row.id for row in read.of(Entity)] == ["ofac:900", "ofac:902"]
        assert [row.is_complete for row in read.of(Edition)] == [False]

    def test_numbers_whose_check_digits_do_not_hold_keep_what_was_printed(self, tmp_path: Path) -> None:
        remarks = "Unified Social Credit Code (USCC) 91110000MA0EXAMPY0 (China); Tax ID No. 7700000008 (Russia)."
        read = read_lines(tmp_path, line(900, remarks=remarks))
        assert read.identifiers("900") == [
            (
                "other",
                "91110000MA0EXAMPY0",
                "China; Unified Social Credit Code (USCC), check digits do not hold: 91110000MA0EXAMPY0",
            ),
            ("tax", "7700000008", "Russia; Tax ID No."),
        ]

    def test_a_region_is_no_country(self, tmp_path: Path) -> None:
        path = tmp_path / "add.csv"
        path.write_text('900,1,-0- ,"Exampleton","Region: Anywhere",-0- \r\n\x1a', newline="")
        (tmp_path / "sdn.csv").write_text(line(900) + "\x1a", newline="")
        read = Read(SLUG, tmp_path / "sdn.csv", path)
        assert read.entity("900").jurisdictions == []
        assert read.reading.rejects == 0

    @pytest.mark.parametrize("end", ["", "\x1a\r\n" + line(902), "\x1a\r\n\x1a"])
    def test_a_primary_file_without_its_end_is_no_complete_copy(self, tmp_path: Path, end: str) -> None:
        path = tmp_path / "sdn.csv"
        path.write_text(line(900) + line(901) + end, newline="")
        read = Read(SLUG, path)
        assert [row.id for row in read.of(Entity)] == ["ofac:900", "ofac:901"]
        assert dict(read.reading.reasons) == {"no end of the file": 1}
        assert read.problems()[0].startswith(f"sdn.csv:{2 if not end else 4}: ")
        assert [row.is_complete for row in read.of(Edition)] == [False]

    def test_a_companion_without_its_end_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "add.csv"
        path.write_text('900,1,-0- ,"Exampleton",-0- ,-0- \r\n', newline="")
        (tmp_path / "sdn.csv").write_text(line(900) + "\x1a", newline="")
        read = Read(SLUG, tmp_path / "sdn.csv", path)
        assert dict(read.reading.reasons) == {"no end of the file": 1}
        assert read.problems()[0].startswith("add.csv:1: ")
        assert [row.is_complete for row in read.of(Edition)] == [True]  # no party is missing


class TestEnhanced:
    """SDN_ENHANCED.XML."""

    def test_entries_are_dated(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "enhanced-xml"))
        assert read.printed == date(2026, 8, 20)
        assert read.dated("100") == {"us-ofac-sdn:ofac:100": (date(2025, 1, 17), date(2025, 1, 17), None)}
        first = read.of(Designation)[0]
        assert (first.programmes, first.listed_as) == (["CYBER2", "SDGT"], "EXAMPLE TRADING LLC")
        assert read.lists("101") == {"us-ofac-sdn": "IRAN-EO13902"}  # the other list is another publication's

    def test_names_in_every_script(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "enhanced-xml"))
        assert [(row.name, row.kind, row.lang) for row in read.of(Name)] == [
            ("示例贸易有限公司", "alias", "zh"),
            ("EXAMPLE TRADE", "alias", None),
            ("ETL", "weak", None),
            ("OLD EXAMPLE TRADING", "former", None),
        ]

    def test_parties(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "enhanced-xml"))
        company, ship = read.entity("100"), read.entity("102")
        assert (company.schema, company.jurisdictions) == ("Company", ["cn", "de"])
        assert company.addresses == [
            "1 Example Street, Exampletown, 10117, China",
            "示例路1号, China",
            "Germany",
        ]
        assert (ship.schema, ship.jurisdictions) == ("Vessel", ["pa"])
        assert ("imo", "1234567", None) in read.identifiers("102")
        assert ("crypto_wallet", "1ExampleExampleExampleExampleExamp", "XBT") in read.identifiers("100")
        assert read.entity("101").birth_dates == ["1948-12-10", "circa 1950"]
        assert read.entity("101").note == "Acting for or on behalf of: EXAMPLE TRADING LLC"

    def test_control_without_a_share(self) -> None:
        (row,) = Read(SLUG, *excerpt(SLUG, "enhanced-xml")).of(Ownership)
        assert (row.owner_id, row.owned_id, row.ownership_type) == ("ofac:101", "ofac:100", "control")
        assert (row.percentage_low, row.valid_from) == (None, None)

    @pytest.mark.parametrize(
        ("old", "new", "reason", "is_complete"),
        [
            ("Vessel Call Sign", "Frobnication", "unknown feature", True),
            ("MMSI", "Frobnication", "unknown identity document", True),
            ('datePublished="2023', 'publishedOn="2023', "no attribute datePublished", True),
            (
                'datePublished="2023',
                'delisted="2024-01-01" datePublished="2023',
                "unknown attribute of sanctionsList",
                True,
            ),
            ('<entity id="102"', '<entity id="102" status="removed"', "unknown attribute of entity", False),
            ("<isLowQuality>true", '<isLowQuality until="2024">true', "unknown attribute of isLowQuality", True),
            (">SDN List</sanctionsList></sanc", ">Frobnication List</sanctionsList></sanc", "unknown list", False),
            (">Individual<", ">Frobnicator<", "unknown entityType", False),
            ('<entity id="102"', '<entity id="１０２"', "no number of a party", False),
            (
                '<sanctionsList refId="1" id="1" datePublished="2023-05-01">SDN List</sanctionsList>',
                "",
                "a party without a list",
                False,
            ),
            ("ADDRESS1", "ADDRESS9", "unknown part of an address", True),
            ("<remarks>", "<frobnication/><remarks>", "unknown element in generalInfo", False),
            ("Acting for or on behalf of", "Frobnicating", "unknown relation", True),
            ("Chinese Simplified", "Frobnic", "unknown script", True),
        ],
    )
    def test_what_is_not_known_is_an_error(
        self, tmp_path: Path, old: str, new: str, reason: str, *, is_complete: bool
    ) -> None:
        (path,) = excerpt(SLUG, "enhanced-xml")
        head, mark, text = path.read_text(encoding="utf-8").partition("<entities>")
        assert old in text
        (tmp_path / "x.xml").write_text(head + mark + text.replace(old, new, 1), encoding="utf-8")
        read = Read(SLUG, tmp_path / "x.xml")
        assert dict(read.reading.reasons) == {reason: 1}
        assert read.problems()[0].startswith("x.xml:")
        assert len(read.of(Entity)) == (3 if is_complete else 2)
        assert [row.is_complete for row in read.of(Edition)] == [is_complete]

    def test_a_copy_of_another_list_is_refused(self) -> None:
        with pytest.raises(SourceError, match="filtered by Consolidated List; expected SDN List"):
            Read(SLUG, *excerpt("us_ofac_cons", "enhanced-xml"))

    @pytest.mark.parametrize(
        ("old", "new", "is_read"),
        [
            ('<sanctionsList refId="1">SDN List</sanctionsList></sanctionsLists></filters>', _LISTS_END, True),
            (_LISTS_END, f'<sanctionsList refId="2">Consolidated List</sanctionsList>{_LISTS_END}', True),
            ("</filters>", f"<sanctionsPrograms>{_PROGRAMME}</sanctionsPrograms></filters>", False),
        ],
    )
    def test_only_a_whole_list_is_read(self, tmp_path: Path, old: str, new: str, *, is_read: bool) -> None:
        (path,) = excerpt(SLUG, "enhanced-xml")
        text = path.read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "x.xml").write_text(text.replace(old, new, 1), encoding="utf-8")
        if is_read:
            assert len(Read(SLUG, tmp_path / "x.xml").of(Entity)) == 3
        else:
            with pytest.raises(SourceError, match="filtered by SDN List, SDGT"):
                Read(SLUG, tmp_path / "x.xml")

    def test_a_document_type_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "x.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><sanctionsData>&b;</sanctionsData>')
        with pytest.raises(SourceError):
            Read(SLUG, tmp_path / "x.xml")


class TestSimple:
    """SDN.XML."""

    def test_parties(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "simple-xml"))
        company = read.entity("100")
        assert read.printed == date(2026, 8, 20)
        assert (company.schema, company.jurisdictions) == ("Company", ["cn"])
        assert company.addresses == ["1 Example Street, Exampletown, 10117, China"]
        assert read.names("100") == [("ETL", "weak"), ("OLD EXAMPLE TRADING", "former")]
        assert read.identifiers("100") == [
            ("uscc", "91110000MA0EXAMPYA", None),
            ("crypto_wallet", "1ExampleExampleExampleExampleExamp", "XBT"),
            ("website", "www.trading.example", "Website"),
        ]
        assert (read.entity("101").caption, read.entity("101").birth_dates) == (
            "DOE, John Example",
            ["1948-12-10", "circa 1950"],
        )
        assert read.identifiers("102") == [("imo", "1234567", None), ("callsign", "EX0001", "Vessel Call Sign")]
        assert read.lists("100") == {"us-ofac-sdn": "CYBER2; SDGT"}
        assert read.of(Designation) == []

    @pytest.mark.parametrize(
        ("old", "new", "reason", "is_complete"),
        [
            ("Passport<", "Frobnication<", "unknown feature", True),
            ("<category>weak", "<category>odd", "unknown category", True),
            (">Vessel<", ">Submarine<", "unknown sdnType", False),
            ("<uid>102<", "<uid>１０２<", "no number of a party", False),
            ("<uid>102<", '<uid status="removed">102<', "unknown attribute of uid", False),
            ("<program>", '<program until="2024">', "unknown attribute of program", False),
            ("<title>", "<frobnication/><title>", "unknown element in sdnEntry", False),
            ("<Record_Count>3", "<Record_Count>4", None, False),
        ],
    )
    def test_what_is_not_known_is_an_error(
        self, tmp_path: Path, old: str, new: str, reason: str | None, *, is_complete: bool
    ) -> None:
        (path,) = excerpt(SLUG, "simple-xml")
        text = path.read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "x.xml").write_text(text.replace(old, new, 1), encoding="utf-8")
        read = Read(SLUG, tmp_path / "x.xml")
        assert dict(read.reading.reasons) == ({reason: 1} if reason else {})
        assert [row.is_complete for row in read.of(Edition)] == [is_complete]


class TestAdvanced:
    """SDN_ADVANCED.XML."""

    def test_parties(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "advanced-xml"))
        company = read.entity("100")
        assert read.printed == date(2026, 8, 20)
        assert (company.schema, company.caption, company.jurisdictions) == ("Company", "EXAMPLE TRADING LLC", ["cn"])
        assert company.addresses == ["1 Example Street, Exampletown, China", "示例路1号, China"]
        assert read.names("100") == [("ПРИМЕР", "alias"), ("ETL", "weak"), ("OLD EXAMPLE TRADING", "former")]
        assert read.identifiers("100") == [
            ("website", "www.trading.example", "Website"),
            ("crypto_wallet", "1ExampleExampleExampleExampleExamp", "XBT"),
            ("uscc", "91110000MA0EXAMPYA", None),
        ]
        person = read.entity("101")
        assert (person.caption, person.birth_dates) == ("DOE, John Example", ["1948-12-10", "circa 1950"])
        assert read.identifiers("101") == [("passport", "A0000001", "Russia; Passport")]
        assert read.entity("102").jurisdictions == ["pa"]
        assert read.identifiers("102") == [("imo", "1234567", None)]

    def test_entries_are_dated_and_say_their_programmes(self) -> None:
        read = Read(SLUG, *excerpt(SLUG, "advanced-xml"))
        assert read.lists("100") == {"us-ofac-sdn": "CYBER2; SDGT"}
        assert read.dated("100") == {"us-ofac-sdn:ofac:100": (date(2025, 1, 17), date(2025, 1, 17), None)}
        assert [(row.owner_id, row.owned_id) for row in read.of(Ownership)] == [("ofac:101", "ofac:100")]

    def test_the_same_parties_in_two_layouts_are_the_same_entries(self) -> None:
        advanced, enhanced = (Read(SLUG, *excerpt(SLUG, f"{name}-xml")) for name in ("advanced", "enhanced"))
        assert advanced.of(Designation) == enhanced.of(Designation)
        assert advanced.of(Entry) == enhanced.of(Entry)

    @pytest.mark.parametrize(
        ("old", "new", "reason", "is_complete"),
        [
            ('FeatureTypeID="14"', 'FeatureTypeID="1"', "unknown FeatureType", True),
            ('LocationID="2"', 'LocationID="7"', "no such location", True),
            ('PartySubTypeID="4"', 'PartySubTypeID="9"', "unknown PartySubType", False),
            ('ListID="1550"', 'ListID="1"', "unknown List", False),
            ('LowQuality="true"', 'PoorQuality="true"', "no attribute LowQuality", False),
            ('LowQuality="true"', 'LowQuality="true" Until="2024"', "unknown attribute of Alias", False),
            ('ISO2="CN"', 'ISO="CN"', "unknown attribute of Country", False),
            ('Approximate="true"', 'Inexact="true"', "unknown attribute of Start", True),
            ('ProfileID="102" L', 'ProfileID="102" Status="removed" L', "unknown attribute of SanctionsEntry", False),
            (' Former="false"', ' Ended="false"', "no attribute Former", True),
            ("<DocumentedName ID", '<DocumentedName Valid="false" ID', "unknown attribute of DocumentedName", False),
            ("<Month>5</Month>", "<Month>13</Month>", "Date is no date", False),
            ('ProfileID="102" L', 'ProfileID="101" L', "a party without a list", False),
            (
                '<SanctionsEntry ID="100"',
                '<SanctionsEntry ID="1" ProfileID="7" ListID="1550"/><SanctionsEntry ID="100"',
                "an entry without its party",
                False,
            ),
        ],
    )
    def test_what_is_not_known_is_an_error(
        self, tmp_path: Path, old: str, new: str, reason: str, *, is_complete: bool
    ) -> None:
        (path,) = excerpt(SLUG, "advanced-xml")
        text = path.read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "x.xml").write_text(text.replace(old, new, 1), encoding="utf-8")
        read = Read(SLUG, tmp_path / "x.xml")
        assert dict(read.reading.reasons) == {reason: 1}
        assert [row.is_complete for row in read.of(Edition)] == [is_complete]

    def test_a_change_file_and_a_copy_of_other_lists_are_refused(self, tmp_path: Path) -> None:
        (path,) = excerpt(SLUG, "advanced-xml")
        text = path.read_text(encoding="utf-8")
        (tmp_path / "x.xml").write_text(text.replace("<DistinctParty ", '<DistinctParty DeltaAction="Added" '))
        with pytest.raises(SourceError, match="changes only"):
            Read(SLUG, tmp_path / "x.xml")
        with pytest.raises(SourceError, match="on no list of this publication"):
            Read(SLUG, *excerpt("us_ofac_cons", "advanced-xml"))


@pytest.mark.parametrize(
    ("layout", "old", "new", "left"),
    [
        ("enhanced-xml", r"<(/?)entity\b(?=[ >])", r"<\1party", 0),
        ("enhanced-xml", r"<(/?)entities>", r"<\1parties>", 3),
        ("enhanced-xml", r"</sanctionsData>", r"<vessels><vessel/></vessels></sanctionsData>", 3),
        ("enhanced-xml", r"<entities>", r"<entities><vessel/>", 3),
        ("simple-xml", r"</sdnList>", r"<sdnVessel/></sdnList>", 3),
        ("simple-xml", r"<(/?)publshInformation>", r"<\1publishInformation>", 3),
        ("advanced-xml", r"<(/?)IDRegDocument\b", r"<\1IDDocument", 3),
        ("advanced-xml", r"<(/?)ProfileRelationship\b", r"<\1Relationship", 3),
        ("advanced-xml", r"<(/?)ProfileRelationships\b", r"<\1Relationships", 3),
        ("advanced-xml", r"</Sanctions>", r"<Vessels/></Sanctions>", 3),
        ("advanced-xml", r"</DistinctParties>", r"<Vessel/></DistinctParties>", 3),
    ],
)
def test_an_element_that_is_not_known_where_parties_are_is_told(
    layout: str, old: str, new: str, left: int, tmp_path: Path
) -> None:
    (path,) = excerpt(SLUG, layout)
    head, mark, text = path.read_text(encoding="utf-8").partition("?>")
    found, count = re.subn(old, new, text)
    assert count
    (tmp_path / "x.xml").write_text(head + mark + found, encoding="utf-8")
    read = Read(SLUG, tmp_path / "x.xml")
    assert read.reading.reasons.keys() == {"unknown element"}
    assert read.problems()[0].startswith("x.xml:")
    assert len(read.of(Entity)) == left
    assert [row.is_complete for row in read.of(Edition)] == [False]


class TestPackaged:
    """ofac-sdn.json and ofac-sdn.csv."""

    @pytest.mark.parametrize("layout", ["packaged-json", "packaged-csv"])
    def test_parties(self, layout: str) -> None:
        read = Read(SLUG, *excerpt(SLUG, layout))
        assert [(row.id, row.schema) for row in read.of(Entity)] == [
            ("ofac:100", "LegalEntity"),
            ("ofac:101", "Person"),
            ("ofac:102", "Vessel"),
        ]
        assert read.lists("100") == {"us-ofac-sdn": "CYBER2; SDGT"}
        assert len(read.names("100")) == 2
        assert read.printed == (date(2026, 8, 20) if layout == "packaged-json" else None)

    def test_fewer_entries_than_the_file_says_are_no_complete_copy(self, tmp_path: Path) -> None:
        (path,) = excerpt(SLUG, "packaged-json")
        whole = json.loads(path.read_text())
        del whole["entries"][1]
        (tmp_path / "x.json").write_text(json.dumps(whole))
        read = Read(SLUG, tmp_path / "x.json")
        assert [row.is_complete for row in read.of(Edition)] == [False]
        assert read.reading.notes[0] == "the file says that it has 3 entries; it has 2"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("type", "submarine"), ("programs", []), ("uid", None), ("alternateNames", "X"), ("x", 1)),
            *(("name", ["FOO", "BAR"]), ("name", {"a": 1}), ("name", 1), ("uid", "٩٠٠"), ("uid", "9²"), ("uid", True)),
            *(("programs", "SDGT"), ("programs", [{"a": 1}]), ("type", ["entity"])),
        ],
    )
    def test_what_is_not_known_is_an_error(self, tmp_path: Path, field: str, value: object) -> None:
        (path,) = excerpt(SLUG, "packaged-json")
        whole = json.loads(path.read_text())
        whole["entries"][1][field] = value
        (tmp_path / "x.json").write_text(json.dumps(whole))
        read = Read(SLUG, tmp_path / "x.json")
        assert (read.reading.read, read.reading.rejects) == (2, 1)
        assert "entries[1]" in read.problems()[0]

    @pytest.mark.parametrize("text", ["", "\x1a", "a,b\n1,2\n", "<html/>", "[]", '{"a": 1}', "not a table"])
    def test_other_files_are_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x").write_text(text)
        with pytest.raises(SourceError):
            Read(SLUG, tmp_path / "x")


class TestRealFiles:
    """Shared files: counts made without our parser, and values read by eye."""

    def test_sdn_csv_of_2024(self, shared: Shared) -> None:
        path = shared("data/lists/ofac/sdn.2024-05-03.csv.gz")
        rows = list(raw_rows(path))
        read = Read(SLUG, path)
        assert (read.reading.read, read.reading.rejects) == (len(rows), 0) == (14965, 0)
        types = Counter(row[2].strip() for row in rows)
        schemas = Counter(row.schema for row in read.of(Entity))
        assert (schemas["Person"], schemas["Vessel"], schemas["Airplane"]) == (
            types["individual"],
            types["vessel"],
            types["aircraft"],
        )
        ships = {
            (f"ofac:{row[0]}", number)
            for row in rows
            for number in re.findall(r"Vessel Registration Identification (?:IMO +)?(\d{7})\b", row[11])
        }
        found = {
            (row.entity_id, row.value)
            for row in read.of(Identifier)
            if row.kind == "imo" or (row.note or "").startswith("Vessel Registration Identification, check")
        }
        # One ship has its number under another label.
        ships |= {
            (f"ofac:{row[0]}", number)
            for row in rows
            if row[2] == "vessel"
            for number in re.findall(r"Identification Number IMO (\d{7})\b", row[11])
        }
        assert found == ships
        weak = sum(len(set(re.findall(r"[afn]\.k\.a\. '([^']+)'(?=;|\.$)", row[11]))) for row in rows)
        assert weak > 3000
        assert len([row for row in read.of(Name) if row.kind == "weak"]) >= weak
        # Read in the file.
        assert read.entity("2674").birth_dates == ["1948-12-10"]
        assert read.entity("2674").note is None  # the title is left out
        assert read.names("4243") == [("ANA I", "weak"), ("SAND SWAN", "weak")]
        assert read.identifiers("4243") == [("imo", "7406784", None)]
        assert read.entity("4243").jurisdictions == ["pa"]
        assert read.lists("22685") == {"us-ofac-sdn": "NPWMD; IFSR"}
        assert read.identifiers("22685") == [
            ("website", "www.raybeam.cn", "Website"),
            ("registration", "131082000061293", "China; Registration Number"),
            ("uscc", "9113100033607322XK", None),
        ]
        wallets = [value for kind, value, note in read.identifiers("27307") if (kind, note) == ("crypto_wallet", "ETH")]
        assert wallets[0] == "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
        assert len(wallets) == 8

    def test_sdn_csv_with_companions_of_another_day(self, shared: Shared) -> None:
        paths = [
            shared(f"data/lists/ofac/{name}")
            for name in (
                "sdn.2024-05-03.csv.gz",
                "add.2025-12-24.csv.gz",
                "alt.2025-12-24.csv.gz",
                "sdn_comments.2025-12-24.csv.gz",
            )
        ]
        tables = [list(raw_rows(path)) for path in paths]
        known = {row[0] for row in tables[0]}
        strays = [sum(row[0] not in known for row in table) for table in tables[1:]]
        read = Read(SLUG, *paths)
        # One remark of 2024 goes on in the comments of 2025 with another text: `Directive 3)ive 2): 24 Feb 2022`.
        assert read.reading.reasons.pop("unknown item in the remarks") == 1
        assert list(read.reading.reasons.values()) == strays
        assert read.reading.rejects == sum(strays) + 1
        assert read.reading.read == sum(map(len, tables)) - sum(strays)
        assert all("without their party in the primary file" in reason for reason in read.reading.reasons)

    @pytest.mark.parametrize(("day", "count"), [("2026-08-06", 19189), ("2026-08-20", 19249)])
    def test_packaged_json(self, shared: Shared, day: str, count: int) -> None:
        path = shared(f"data/lists/ofac/ofac-sdn.{day}.json.gz")
        whole = json.loads(raw(path))
        read = Read(SLUG, path)
        assert read.printed == date.fromisoformat(day)
        assert (read.reading.read, read.reading.rejects) == (len(whole["entries"]), 0) == (count, 0)
        assert len(read.of(Entry)) == len({entry["uid"] for entry in whole["entries"]})
        assert read.lists("173") == {"us-ofac-sdn": "CUBA"}
        assert read.names("173") == [("AVIA IMPORT", "alias")]

    def test_packaged_csv_and_json_say_the_same(self, shared: Shared) -> None:
        table = Read(SLUG, shared("data/lists/ofac/ofac-sdn.2026-08-20.csv.gz"))
        whole = Read(SLUG, shared("data/lists/ofac/ofac-sdn.2026-08-20.json.gz"))
        assert table.reading.read == whole.reading.read == 19249
        assert table.of(Entity) == whole.of(Entity)
        assert [row.basis for row in table.of(Entry)] == [row.basis for row in whole.of(Entry)]
