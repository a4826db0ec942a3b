"""What is mutated: our own excerpts, and parts of real files where the shared folder is beside the checkout."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from tests.fuzz import archives

from beholden.sources import every_source

Files = tuple[tuple[str, bytes], ...]

ROOT = Path(__file__).parents[1]
EXCERPTS = ROOT / "data" / "sources"
SHARED = Path(os.environ.get("BEHOLDEN_SHARED", ROOT.parents[1] / "shared")) / "data"
# Real files by layout, below `data` of the shared folder. Each name or pattern is one publication; `+` joins files.
_REAL = {
    "us_ofac_sdn/legacy-csv": ("lists/ofac/sdn.2*.csv.gz+lists/ofac/add.*+lists/ofac/alt.*+lists/ofac/sdn_comm*",),
    "us_ofac_sdn/packaged-json": ("lists/ofac/ofac-sdn.2026-08-20.json.gz",),
    "us_ofac_sdn/packaged-csv": ("lists/ofac/ofac-sdn.2026-08-20.csv.gz",),
    "us_ofac_cons/enhanced-xml": ("lists/ofac/CONS_ENHANCED.*.XML.gz",),
    "us_ofac_cons/legacy-csv": ("lists/ofac/cons_*.csv.gz",),
    "un_sc_consolidated/consolidated-xml": ("lists/un/UN_consolidated.*.xml.gz",),
    "gb_fcdo_sanctions/summary-table": ("lists/uk/FCDO-UK-sanctions-list.*.ods",),
    "eu_fsf/fsf-xml-1.0": ("lists/legacy-2016/EU-data.xml.gz",),
    "eu_fsf/per-regulation-csv": (
        "lists/eu/32014R0269.csv.gz",
        "lists/eu/32019R0796.csv",
        "lists/eu/32012R0267.csv.gz",
    ),
    "us_dod_1260h/csv-editions": ("lists/us-1260h/section-1260h.csv.gz",),
    "us_fcc_covered_list/csv-two-columns": ("lists/us-fcc-covered/covered-list.csv",),
    "us_ndaa_889/csv-statute": ("lists/us-ndaa/section_889.csv",),
    "us_ndaa_5949/csv-statute": ("lists/us-ndaa/section_5949.csv",),
    "us_ndaa_154/csv-statute": ("lists/us-ndaa/section_154.csv",),
    "us_ndaa_1286/csv-statute": ("lists/us-ndaa/section_1286.csv.gz",),
    "us_bis_mieu/csv-mieu": ("lists/us-bis/mieu.csv",),
    "us_inksna/csv-statute": ("lists/us-ndaa/inksna.csv",),
    "us_trade_csl/csv-29": ("lists/us-csl/consolidated.*.csv.gz",),
    "us_trade_csl/csv-27": ("lists/legacy-2016/BIS-data.csv.gz",),
    "gleif/api-json": (
        "ownership/gleif-api-l2/multi_*",
        "ownership/gleif-api-l2/direct-*+ownership/gleif-api-l2/single*",
    ),
    "gleif/cdf-xml": ("ownership/gleif-lei2*.xml*",),
    "gleif/selection-tsv": ("ownership/gleif-level1-selection.tsv.gz",),
    "sec_company_tickers/json": ("ownership/sec-company_tickers.2024-05.json*",),
    "sec_company_tickers/csv": ("ownership/sec-company-tickers.*.csv.gz",),
    "sec_exhibit_21/exhibit-html": (
        "ownership/sec-ex21/ex21_aapl*",
        "ownership/sec-ex21/ex21_xom*",
        "ownership/sec-ex21/*",
    ),
    "bods/records-json": ("ownership/bods-examples/*",),
    "ieee_oui/text": ("internet/oui/ieee-oui.2024.txt.gz",),
    "ieee_oui/json": ("internet/oui/oui-data.json.gz",),
    "prefix_asn/csv": ("internet/asn/asn-ipv4.csv.gz+internet/asn/asn-ipv6.csv.gz",),
    "prefix_country/csv": ("internet/asn/asn-country-ipv6.csv.gz", "internet/asn/geo-whois-asn-country-ipv4.csv.gz"),
    "cloud_ranges/collection": ("internet/cloud-ranges/tencent.json", "internet/cloud-ranges/openai.json"),
    "cloud_ranges/warninglist": ("internet/cloud-ranges/misp-*",),
    "v2fly_domains/list": (
        "internet/domains/v2fly/kaspersky",
        "internet/domains/v2fly/jd+internet/domains/v2fly/aliyun",
    ),
    "cisa_kev/json": ("threats/cisa-kev.2025-08-25.json.gz", "threats/cisa-kev.2024-10-22.json.gz"),
    "cisa_kev/csv": ("threats/cisa-kev.2025-08-25.csv.gz",),
    "mitre_attack/stix": ("threats/attack-enterprise-groups.stix.json.gz",),
    "misp_galaxy/cluster": ("threats/misp-galaxy-*",),
    "ftm/entities-json": ("lists/opensanctions/yente-zala*", "lists/opensanctions/yente-t2-20240528*"),
    "ftm/targets-nested-json": ("lists/opensanctions/small-export-all-formats/targets.nested.json",),
    "ftm/targets-simple-csv": ("lists/opensanctions/ua-war-sanctions.targets.simple.csv.gz",),
}
_MOST_LINES, _MOST_READ = 40, 4 << 20


def layouts() -> list[tuple[str, str]]:
    """Slug and layout of everything that can be read, in order of rank."""
    return [(source.descriptor.slug, layout.name) for source in every_source() for layout in source.descriptor.layouts]


@cache
def excerpt(slug: str, layout: str) -> Files:
    """Our own excerpt."""
    folder = EXCERPTS / slug / layout
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file())


@cache
def real(slug: str, layout: str) -> tuple[Files, ...]:
    """Parts of real publications, the same ones each time; none where there is no shared folder."""
    chance = random.Random(f"{slug}/{layout}")
    found = []
    for printed in _REAL.get(f"{slug}/{layout}", ()):
        paths = [path for pattern in printed.split("+") for path in sorted(SHARED.glob(pattern))][:6]
        if paths:
            found += [tuple((_name(path), _part(chance, path)) for path in paths) for _ in range(3)]
    return tuple(found)


def _name(path: Path) -> str:
    return path.name.removesuffix(".gz")


def _part(chance: random.Random, path: Path) -> bytes:
    """A part of a file that is complete in its format, of at most some forty records."""
    if path.suffix == ".gz":
        with gzip.open(path) as stream:
            data = stream.read(_MOST_READ if ".csv" in path.name or ".tsv" in path.name or ".txt" in path.name else -1)
    else:
        data = path.read_bytes()
    if data[:2] == b"PK":
        return _part_of_archive(chance, data)
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"<" and b"<html" not in data[:4096].lower():
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
        _thin_element(chance, root)
        return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
    try:
        return json.dumps(_thin(chance, json.loads(data)), ensure_ascii=False, indent=1).encode("utf-8")
    except ValueError:
        return _part_of_lines(chance, data)


def _part_of_archive(chance: random.Random, data: bytes) -> bytes:
    members = archives.members(data)
    root = etree.fromstring(members["content.xml"], etree.XMLParser(huge_tree=True))
    _thin_element(chance, root)
    members["content.xml"] = bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))
    return archives.written(members)


def _thin_element(chance: random.Random, element: etree._Element) -> None:
    children = list(element)
    if len(children) > 3 * _MOST_LINES:
        kept = {*range(4), *chance.sample(range(len(children)), 12)}
        for at, child in enumerate(children):
            if at not in kept:
                element.remove(child)
    for child in element:
        _thin_element(chance, child)


def _thin(chance: random.Random, tree: Any) -> Any:
    if isinstance(tree, list):
        kept = sorted(chance.sample(range(len(tree)), min(len(tree), 14)))
        return [_thin(chance, tree[at]) for at in kept]
    if isinstance(tree, dict):
        keys = list(tree) if len(tree) <= 2 * _MOST_LINES else chance.sample(list(tree), 14)
        return {key: _thin(chance, tree[key]) for key in keys}
    return tree


def _part_of_lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines[0].startswith(b"{"):
        return b"".join(chance.sample(lines, min(len(lines), 14)))
    if len(lines) <= 2 * _MOST_LINES or data.lstrip()[:1] == b"<":
        return data
    if data.count(b'"') > len(lines):
        return _part_of_table(chance, data)
    kept = lines[:6]
    for _ in range(3):
        at = chance.randrange(len(lines) - 10)
        kept += lines[at : at + 8]
    return b"".join(kept)


def _part_of_table(chance: random.Random, data: bytes) -> bytes:
    """Rows with all their lines."""
    csv.field_size_limit(1 << 24)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")))[:-1]
    out = io.StringIO()
    kept = sorted(chance.sample(range(1, len(rows)), min(len(rows) - 1, 20)))
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([rows[0], *(rows[at] for at in kept)])
    return out.getvalue().encode("utf-8")
