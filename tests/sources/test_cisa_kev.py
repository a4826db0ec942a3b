"""Exploited vulnerabilities: our excerpts, wrong records, and the real catalogues in both layouts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.sources.networks import excerpt, of, plain, printed, read, written

from beholden.errors import SourceError
from beholden.schema.rows import Vulnerability

NEW = "data/threats/cisa-kev.2025-08-25.json.gz"
NEW_CSV = "data/threats/cisa-kev.2025-08-25.csv.gz"
OLD = "data/threats/cisa-kev.2024-10-22.json.gz"


@pytest.mark.parametrize("layout", ["json", "csv"])
def test_a_record_says_what_since_when_and_whether_ransomware(layout: str) -> None:
    rows, _ = read("cisa_kev", *excerpt("cisa_kev", layout))
    assert rows == [
        Vulnerability(
            cve="CVE-2099-0001",
            vendor="Example Trading",
            product="Gateway",
            title="Example Trading Gateway Command Injection Vulnerability",
            valid_from=date(2026, 8, 20),
            published_at=date(2026, 8, 20),
        ),
        Vulnerability(
            cve="CVE-2099-123456",
            vendor="Beispiel",
            product="Kamera",
            title="Beispiel Kamera Authentication Bypass Vulnerability",
            is_ransomware_known=True,
            valid_from=date(2021, 11, 3),
            published_at=date(2021, 11, 3),
        ),
    ]


def test_only_the_json_catalogue_prints_its_day() -> None:
    assert printed("cisa_kev", *excerpt("cisa_kev", "json")) == date(2026, 8, 20)
    assert printed("cisa_kev", *excerpt("cisa_kev", "csv")) is None


def catalogue(tmp_path: Path, **changes: Any) -> Path:
    value = json.loads(excerpt("cisa_kev", "json")[0].read_text())
    value["vulnerabilities"][0].update(changes)
    return written(tmp_path, "kev.json", json.dumps(value))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"knownRansomwareCampaignUse": "Maybe"}, "unknown knownRansomwareCampaignUse", id="new word"),
        pytest.param({"dateAdded": "20/08/2026"}, "dateAdded is no date", id="other date"),
        pytest.param({"cveID": "CVE-99"}, "no CVE", id="no CVE"),
        pytest.param({"product": ""}, "product is missing", id="blank product"),
        pytest.param({"severity": "high"}, "unknown field", id="new field"),
        pytest.param({"vendorProject": ["Example"]}, "vendorProject is no text", id="a list"),
    ],
)
def test_a_wrong_record_is_rejected_and_the_rest_is_read(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    rows, reading = read("cisa_kev", catalogue(tmp_path, **changes))
    assert (len(rows), dict(reading.reasons)) == (1, {reason: 1})
    assert str(reading.rejected[0].origin) == "kev.json#vulnerabilities/0"


def test_a_catalogue_that_is_shorter_than_it_says_has_a_note(tmp_path: Path) -> None:
    value = json.loads(excerpt("cisa_kev", "json")[0].read_text())
    _, reading = read("cisa_kev", written(tmp_path, "kev.json", json.dumps({**value, "count": 3})))
    assert reading.notes == ["kev.json: the catalogue says 3 vulnerabilities; it has 2"]


@pytest.mark.parametrize("text", ["{}", '{"vulnerabilities": {}}', "cve,vendor\n", ""])
def test_another_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read("cisa_kev", written(tmp_path, "kev.json", text))


@pytest.mark.parametrize(
    ("name", "count", "day"), [(OLD, 1199, date(2024, 10, 22)), (NEW, 1404, date(2025, 8, 25)), (NEW_CSV, 1404, None)]
)
def test_a_real_catalogue_is_read_whole(shared: Callable[[str], Path], name: str, count: int, day: date | None) -> None:
    path = shared(name)
    rows, reading = read("cisa_kev", path)
    pattern = rb'"cveID": ?"(CVE-[0-9-]+)"' if ".json" in name else rb"(?m)^(CVE-[0-9-]+),"
    expected = [value.decode() for value in re.findall(pattern, plain(path))]
    assert (reading.read, reading.rejects, reading.notes) == (count, 0, [])
    assert [row.cve for row in of(Vulnerability, rows)] == expected
    assert printed("cisa_kev", path) == day


def test_both_layouts_of_one_catalogue_say_the_same(shared: Callable[[str], Path]) -> None:
    assert read("cisa_kev", shared(NEW))[0] == read("cisa_kev", shared(NEW_CSV))[0]


def test_spot_values_of_the_real_catalogue(shared: Callable[[str], Path]) -> None:
    known = {row.cve: row for row in of(Vulnerability, read("cisa_kev", shared(NEW))[0])}
    assert (known["CVE-2025-48384"].vendor, known["CVE-2025-48384"].valid_from) == ("Git", date(2025, 8, 25))
    assert known["CVE-2019-8394"].title == "Zoho ManageEngine ServiceDesk Plus (SDP) File Upload Vulnerability"
    raw = json.loads(plain(shared(NEW)))["vulnerabilities"]
    ransomware = {item["cveID"] for item in raw if item["knownRansomwareCampaignUse"] == "Known"}
    assert {cve for cve, row in known.items() if row.is_ransomware_known} == ransomware != set()
