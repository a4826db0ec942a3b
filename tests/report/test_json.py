from __future__ import annotations

import json

import msgspec
from tests.builders_result import make_artefact, make_finding, make_result, sample_result
from tests.rendering import rendered

from beholden.report.json import JsonReport
from beholden.report.jsonl import JsonLinesReport
from beholden.schema.result import ScanResult
from beholden.schema.version import REPORT_SCHEMA


def _json(result: ScanResult) -> bytes:
    return rendered(JsonReport(), result)


def test_document_reads_back_as_the_same_result() -> None:
    result = sample_result()
    assert msgspec.json.decode(_json(result), type=ScanResult) == result


def test_document_is_indented_by_two_and_ends_with_a_newline() -> None:
    lines = _json(sample_result()).decode().split("\n")
    assert lines[:2] == ["{", f'  "schema_version": "{REPORT_SCHEMA}",']
    assert lines[-2:] == ["}", ""]


def test_chinese_names_are_written_as_they_are() -> None:
    assert "阿里云计算有限公司".encode() in _json(sample_result())


def test_hops_and_acts_use_the_key_from() -> None:
    findings = json.loads(_json(sample_result()))["findings"]
    assert findings[0]["path"][0]["from"] == "hik-connect.com"
    assert findings[0]["consequences"][0]["acts"][0]["from"] == "2026-06-30"


def test_order_of_mapping_keys_does_not_change_the_bytes() -> None:
    one = make_finding()
    other = make_finding()
    one.match.features = {"b": 1, "a": 2}
    other.match.features = {"a": 2, "b": 1}
    assert _json(make_result([one])) == _json(make_result([other]))


def test_undecodable_file_name_is_written_as_an_escape() -> None:
    finding = make_finding(artefact=make_artefact(value="ledger\udcff.csv"))
    assert json.loads(_json(make_result([finding])))["findings"][0]["artefact"]["value"] == "ledger\\udcff.csv"


def test_json_lines_are_the_findings_and_nothing_else() -> None:
    result = sample_result()
    lines = rendered(JsonLinesReport(), result).decode().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [finding.id for finding in result.findings]


def test_json_lines_of_no_findings_is_empty() -> None:
    assert rendered(JsonLinesReport(), make_result()) == b""
