from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.builders_result import make_result, sample_result
from tests.rendering import rendered

from beholden.report.json import JsonReport
from beholden.report.schema import render
from beholden.schema.version import REPORT_SCHEMA

if TYPE_CHECKING:
    from beholden.schema.result import ScanResult

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "schema" / f"scan-{REPORT_SCHEMA}.json"


def _document(result: ScanResult) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(rendered(JsonReport(), result))
    return document


@pytest.fixture
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_published_schema_is_the_one_that_the_structs_give() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == render()


@pytest.mark.parametrize("result", [sample_result(), make_result()], ids=["sample", "empty"])
def test_documents_validate(result: ScanResult, validator: jsonschema.Draft202012Validator) -> None:
    assert list(validator.iter_errors(_document(result))) == []


@pytest.mark.parametrize("key", ["as_of", "findings", "coverage", "kb"])
def test_document_without_a_required_part_is_refused(key: str, validator: jsonschema.Draft202012Validator) -> None:
    document = _document(sample_result())
    del document[key]
    assert not validator.is_valid(document)


def test_number_where_an_amount_belongs_is_refused(validator: jsonschema.Draft202012Validator) -> None:
    document = _document(sample_result())
    document["findings"][0]["artefact"]["quantities"][0]["amount"] = 12
    assert not validator.is_valid(document)
