"""Nothing is lost while reading: records read and rejected are as many as a second, simpler means counts in the file.

Each count is made without the importer and without what it reads with: the csv module, a pattern over the raw text, the
length of a JSON list, ElementTree, or the XML inside an archive. A file in the shared folder that is not counted is
named below with the reason.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from beholden.errors import UnexpectedValueError
from beholden.schema.rows import Entity, Identifier, Name, Row
from beholden.sources import source_called
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading

Count = Callable[[bytes], int]
Shared = Callable[[str], Path]
SHARED = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = (
    "lists",
    "ownership",
    "threats",
    "internet/asn",
    "internet/cloud-ranges",
    "internet/domains/v2fly",
    "internet/oui",
)
EU = ("32006R0765", "32012R0267", "32014R0269", "32014R0833", "32017R1509", "32020R1998", "32024R2642")
DOCUMENT_2 = "INDIVIDUAL_DOCUMENT/TYPE_OF_DOCUMENT2"
# How a table of subsidiaries calls its last column, at the head of each page.
EXHIBIT_HEAD = re.compile(r"Jurisdiction|Laws Of|State or")


def unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def table(heads: int = 1, delimiter: str = ",") -> Count:
    """Rows of a table but for its header; the sign for the end of a file, alone in a row, is none."""

    def count(data: bytes) -> int:
        csv.field_size_limit(1 << 20)
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
        return sum(1 for row in reader if row and row != ["\x1a"]) - heads

    return count


def pattern(expression: str) -> Count:
    """Places in the raw text."""
    return lambda data: len(re.findall(expression.encode(), data, re.MULTILINE))


def items(*keys: str) -> Count:
    """Members of a JSON list or object, together where several keys are given; an object is one in a list of `data`."""

    def count(data: bytes) -> int:
        found: Any = json.loads(data)
        return sum(len(found[key]) for key in keys) if keys else len(found)

    return count


def answers(data: bytes) -> int:
    """Records of an answer of the GLEIF API: one, or a page of them."""
    found = json.loads(data)["data"]
    return len(found) if isinstance(found, list) else 1


def elements(*names: str) -> Count:
    """Elements directly or deeper under the root, by local name."""

    def count(data: bytes) -> int:
        walk = ET.iterparse(io.BytesIO(data), events=("end",))
        return sum(1 for _, element in walk if element.tag.rpartition("}")[2] in names)

    return count


def sheet(data: bytes) -> int:
    """Rows of the spreadsheet of the UK whose cell is a unique id."""
    content = zipfile.ZipFile(io.BytesIO(data)).read("content.xml").decode()
    return len(re.findall(r"<text:p>[A-Z]{3}\d{4}</text:p>", content))


def exhibit(data: bytes) -> int:
    """Rows of the tables of an exhibit that have text and are not the head of a page."""
    rows = re.findall(r"<tr\b.*?</tr>", data.decode(), re.DOTALL | re.IGNORECASE)
    texts = (re.sub(r"<[^>]+>|&nbsp;|&#160;|\s", " ", row) for row in rows)
    return sum(1 for text in texts if text.strip() and not EXHIBIT_HEAD.search(" ".join(text.split())))


def rules(data: bytes) -> int:
    """Lines of a domain list that say something before any comment."""
    return sum(1 for line in data.decode().splitlines() if line.partition("#")[0].strip())


@dataclass(frozen=True)
class Case:
    """Files of one publication, how to count them, and what is rejected in them, by reason.

    Attributes:
        items: How many of these are parts of a record that is read all the same.
    """

    slug: str
    files: tuple[str, ...]
    count: Count
    rejected: dict[str, int] = field(default_factory=dict)
    items: int = 0


def case(slug: str, count: Count, *files: str, rejected: dict[str, int] | None = None, items: int = 0) -> Any:
    name = files[0].rsplit("/", 1)[-1]
    return pytest.param(
        Case(slug, files, count, rejected or {}, items),
        id=f"{slug}-{name}" + (f"+{len(files) - 1}" if files[1:] else ""),
    )


def names(folder: str, *patterns: str) -> list[str]:
    """Files of a folder beside this checkout; none where it is absent, and then its cases are those named below."""
    return sorted(f"{folder}/{path.name}" for item in patterns or ("*",) for path in (SHARED / folder).glob(item))


def folder_case(slug: str, count: Count, folder: str, *patterns: str) -> list[Any]:
    """All files of a folder as one publication."""
    files = names(folder, *patterns)
    return [case(slug, count, *files)] if files else []


OFAC = "lists/ofac"
EXPORTS = "lists/opensanctions"
SMALL = f"{EXPORTS}/small-export-all-formats"
CLOUDS = "internet/cloud-ranges"
CASES = [
    case("us_ofac_sdn", table(0), f"{OFAC}/sdn.2024-05-03.csv.gz"),
    # The companions are twenty months newer than the primary file, so parties of theirs are not in it.
    case(
        "us_ofac_sdn",
        table(0),
        *(f"{OFAC}/{name}.csv.gz" for name in ("sdn.2024-05-03", "add.2025-12-24", "alt.2025-12-24")),
        f"{OFAC}/sdn_comments.2025-12-24.csv.gz",
        rejected={
            "addresses without their party in the primary file": 4893,
            "alternate names without their party in the primary file": 2460,
            "comments without their party in the primary file": 6,
            # Remarks of 2024 and comments of 2025 are not of one text: `Directive 3)ive 2): 24 Feb 2022`.
            "unknown item in the remarks": 1,
        },
        items=1,
    ),
    case("us_ofac_sdn", pattern(r'"uid" *:'), f"{OFAC}/ofac-sdn.2026-08-06.json.gz"),
    case("us_ofac_sdn", pattern(r'"uid" *:'), f"{OFAC}/ofac-sdn.2026-08-20.json.gz"),
    case("us_ofac_sdn", table(), f"{OFAC}/ofac-sdn.2026-08-20.csv.gz"),
    case("us_ofac_cons", elements("entity"), f"{OFAC}/CONS_ENHANCED.2025-01-10.XML.gz"),
    case(
        "us_ofac_cons",
        table(0),
        *(f"{OFAC}/cons_{name}.2025-12-19.csv.gz" for name in ("prim", "add", "alt", "comments")),
    ),
    case("us_trade_csl", table(), "lists/us-csl/consolidated.2022-04-22.csv.gz"),
    case("us_trade_csl", table(), "lists/legacy-2016/BIS-data.csv.gz"),
    case("us_dod_1260h", table(), "lists/us-1260h/section-1260h.csv.gz"),
    case("us_fcc_covered_list", table(), "lists/us-fcc-covered/covered-list.csv"),
    case("us_fcc_covered_list", table(), "lists/us-fcc-covered/covered-list.2026-05-21.csv"),
    case("us_ndaa_889", table(), "lists/us-ndaa/section_889.csv"),
    case("us_ndaa_5949", table(), "lists/us-ndaa/section_5949.csv"),
    case("us_ndaa_154", table(), "lists/us-ndaa/section_154.csv"),
    case("us_ndaa_1286", table(), "lists/us-ndaa/section_1286.csv.gz"),
    case("us_inksna", table(), "lists/us-ndaa/inksna.csv"),
    case("us_bis_mieu", table(), "lists/us-bis/mieu.csv"),
    case("un_sc_consolidated", pattern("<(?:INDIVIDUAL|ENTITY)>"), "lists/un/UN_consolidated.2026-02-27.xml.gz"),
    case("gb_fcdo_sanctions", sheet, "lists/uk/FCDO-UK-sanctions-list.2025-08-11.ods"),
    *(case("eu_fsf", table(), f"lists/eu/{celex}.csv.gz") for celex in EU),
    case("eu_fsf", table(), "lists/eu/32019R0796.csv"),
    case("eu_fsf", elements("ENTITY"), "lists/legacy-2016/EU-data.xml.gz"),
    case("cn_sanctions", table(), "lists/cn/cn-sanctions.csv.gz", rejected={"Body is empty": 1}),
    # An export in which properties were filled in that the schemas of FollowTheMoney do not have.
    case(
        "ftm",
        pattern(r"^\{"),
        f"{SMALL}/entities.ftm.json.gz",
        rejected={"unknown property": 235, "property is no list of texts": 65, "unknown field": 1},
    ),
    case("ftm", pattern('"schema" *:'), f"{SMALL}/targets.nested.json"),
    case("ftm", table(), f"{SMALL}/targets.simple.csv"),
    case("ftm", table(), f"{EXPORTS}/ua-war-sanctions.targets.simple.csv.gz"),
    case("ftm", pattern(r"^\{"), f"{EXPORTS}/yente-parteispenden.entities.ftm.json.gz"),
    case("ftm", pattern(r"^\{"), f"{EXPORTS}/yente-zala.entities.ftm.json.gz"),
    case("gleif", elements("LEIRecord"), "ownership/gleif-lei2-top10.2018-09-01.xml"),
    case("gleif", table(delimiter="\t"), "ownership/gleif-level1-selection.tsv.gz"),
    *folder_case("gleif", answers, "ownership/gleif-api-l2"),
    *(case("bods", items(), file) for file in names("ownership/bods-examples")),
    case("sec_company_tickers", table(), "ownership/sec-company-tickers.2026-06.csv.gz"),
    case("sec_company_tickers", items(), "ownership/sec-company_tickers.2024-05.json.gz"),
    *(case("sec_exhibit_21", exhibit, file) for file in names("ownership/sec-ex21")),
    case("prefix_asn", pattern(r"^."), "internet/asn/asn-ipv4.csv.gz"),
    case("prefix_asn", pattern(r"^."), "internet/asn/asn-ipv6.csv.gz"),
    case("prefix_country", pattern(r"^."), "internet/asn/asn-country-ipv4.csv.gz"),
    case("prefix_country", pattern(r"^."), "internet/asn/asn-country-ipv6.csv.gz"),
    case("prefix_country", pattern(r"^."), "internet/asn/geo-whois-asn-country-ipv4.csv.gz"),
    *(case("cloud_ranges", items("ipv4", "ipv6"), file) for file in names(CLOUDS, "[!m]*")),
    *(case("cloud_ranges", items("list"), file) for file in names(CLOUDS, "misp-*")),
    case("ieee_oui", pattern(r"\(hex\)"), "internet/oui/ieee-oui.2024.txt.gz"),
    case("ieee_oui", items(), "internet/oui/oui-data.json.gz"),
    *folder_case("v2fly_domains", rules, "internet/domains/v2fly"),
    case("cisa_kev", pattern('"cveID" *:'), "threats/cisa-kev.2024-10-22.json.gz"),
    case("cisa_kev", pattern('"cveID" *:'), "threats/cisa-kev.2025-08-25.json.gz"),
    case("cisa_kev", table(), "threats/cisa-kev.2025-08-25.csv.gz"),
    case("mitre_attack", items("objects"), "threats/attack-enterprise-groups.stix.json.gz"),
    *(case("misp_galaxy", items("values"), file) for file in names("threats", "misp-galaxy-*")),
]
# Files of these folders that no importer reads, and why.
NOT_READ = {
    "lists/legacy-2016/BOE-data.csv.gz": "the list of the UK Treasury of 2016, in a layout that is not read",
    "lists/us-fincen/special-measures.csv.gz": "no list of the facts is fed by it",
    f"{SMALL}/index.json": "the index of the exports of a publisher, no entities",
    f"{SMALL}/names.txt": "names alone; the entities have them",
    f"{SMALL}/senzing.json": "the same entities in the layout of another program",
    f"{SMALL}/statements.pack": "the same facts as statements",
    f"{SMALL}/statistics.json": "counts, no entities",
    f"{EXPORTS}/yente-t1-index.json.gz": "the index of a catalogue, no entities",
    f"{EXPORTS}/yente-t2-20240527194702-wnk.entities.delta.json": "a delta; the export that it changes is not here",
    f"{EXPORTS}/yente-t2-20240528014702-pfh.entities.delta.json": "a delta; the export that it changes is not here",
    "ownership/gleif-rdf-sample-L1Data.ttl": "RDF, which is not read",
    "ownership/gleif-rdf-sample-L2Data.ttl": "RDF, which is not read",
    "ownership/sec-place-codes.csv": "codes of places, which packs and importers hold",
    "threats/advisory-facts.tsv": "typed facts, which the packs hold",
}


@dataclass
class Everything(Reading):
    """A reading that keeps every rejected record, and not only samples."""

    every: list[UnexpectedValueError] = field(default_factory=list)

    def reject(self, error: UnexpectedValueError) -> None:
        Reading.reject(self, error)
        self.every.append(error)


def read(slug: str, paths: Iterable[Path]) -> Everything:
    return rows_of(slug, paths)[1]


def rows_of(slug: str, paths: Iterable[Path]) -> tuple[list[Row], Everything]:
    source = source_called(slug)
    documents = tuple(Document(path.name, path) for path in paths)
    printed = source.printed_date(documents, source.descriptor) if source.printed_date is not None else None
    reading = Everything()
    return list(source.parse(Publication(source.descriptor, documents, printed or date(2026, 8, 20)), reading)), reading


@pytest.mark.parametrize("given", CASES)
def test_every_record_of_a_file_is_read_or_rejected_with_a_reason_and_a_place(given: Case, shared: Shared) -> None:
    paths = [shared(f"data/{file}") for file in given.files]
    reading = read(given.slug, paths)
    assert reading.read + reading.rejects - given.items == sum(given.count(unpacked(path)) for path in paths)
    assert dict(reading.reasons) == given.rejected
    assert len(reading.every) == reading.rejects
    for error in reading.every:
        assert error.reason
        assert error.origin is not None
        assert error.origin.path in {path.name for path in paths}
        assert error.origin.line


def plain(text: str | None) -> str:
    """A text with single spaces."""
    return " ".join((text or "").split())


def test_every_name_document_and_note_of_the_un_list_is_kept(shared: Shared) -> None:
    path = shared("data/lists/un/UN_consolidated.2026-02-27.xml.gz")
    rows, _ = rows_of("un_sc_consolidated", [path])
    named = {(row.entity_id, row.name) for row in rows if isinstance(row, Name)}
    numbered = {(row.entity_id, row.value) for row in rows if isinstance(row, Identifier)}
    said: dict[str, str] = defaultdict(str)
    for row in rows:
        if isinstance(row, Name):
            said[row.entity_id] += f"{row.name}\n"
        elif isinstance(row, Identifier | Entity):
            said[row.id if isinstance(row, Entity) else row.entity_id] += f"{row.note}\n"
    counts: Counter[str] = Counter()
    for party in ET.fromstring(unpacked(path)).iter():
        if party.tag not in {"INDIVIDUAL", "ENTITY"}:
            continue
        entity_id = f"un:{plain(party.findtext('REFERENCE_NUMBER'))}"
        for tag in ("INDIVIDUAL_ALIAS/ALIAS_NAME", "ENTITY_ALIAS/ALIAS_NAME", "NAME_ORIGINAL_SCRIPT"):
            names = [plain(one.text) for one in party.iterfind(tag) if plain(one.text)]
            counts["names"] += len(names)
            assert {(entity_id, name) for name in names} <= named
        for paper in party.iterfind("INDIVIDUAL_DOCUMENT"):
            number = plain(paper.findtext("NUMBER"))
            counts["numbers"] += bool(number)
            assert not number or (entity_id, number) in numbered
        for tag in ("INDIVIDUAL_ALIAS/NOTE", "ENTITY_ALIAS/NOTE", "INDIVIDUAL_DOCUMENT/NOTE", DOCUMENT_2):
            for note in map(plain, (one.text for one in party.iterfind(tag))):
                counts["notes"] += bool(note)
                # What follows these words is a name of its own.
                parts = re.split(r"(?:in arabic(?: script)?|original script): ", note, flags=re.IGNORECASE)
                assert all(part.strip(" .,") in said[entity_id] for part in parts), (entity_id, note)
    assert counts == {"names": 3130, "numbers": 454, "notes": 367}


def test_every_other_name_of_the_screening_list_is_kept(shared: Shared) -> None:
    path = shared("data/lists/us-csl/consolidated.2022-04-22.csv.gz")
    rows, _ = rows_of("us_trade_csl", [path])
    named = {(row.entity_id, row.name) for row in rows if isinstance(row, Name)}
    named |= {(row.id, row.caption) for row in rows if isinstance(row, Entity)}
    printed: set[tuple[str, str]] = set()
    for row in csv.DictReader(io.StringIO(unpacked(path).decode("utf-8-sig"), newline="")):
        is_ofac = "Treasury Department" in row["source"]
        entity_id = f"ofac:{row['entity_number']}" if is_ofac else f"csl:{row['_id']}"
        parts = (plain(part).removeprefix("and ") for part in row["alt_names"].split(";"))
        printed |= {(entity_id, part) for part in (plain(row["name"]), *parts) if part}
    assert len(printed) == 33490
    assert printed <= named


def test_every_file_that_an_importer_could_read_is_counted_or_named_with_a_reason(shared: Shared) -> None:
    shared("data/MANIFEST.tsv")
    there = {
        path.relative_to(SHARED).as_posix()
        for folder in FOLDERS
        for path in (SHARED / folder).rglob("*")
        if path.is_file()
    }
    counted = {file for item in CASES for file in item.values[0].files}
    assert there - counted - NOT_READ.keys() == set()
    assert counted & NOT_READ.keys() == set()
    assert NOT_READ.keys() <= there
