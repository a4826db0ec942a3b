from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.builders_result import sample_result
from tests.command import run_here
from tests.northport import RUNS, northport
from tests.rendering import rendered

from beholden.report.explanation import explanation_of
from beholden.report.json import JsonReport, encode
from beholden.report.schema import published
from beholden.schema.version import REPORT_SCHEMA

if TYPE_CHECKING:
    from beholden.schema.result import ScanResult

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"


def _document(result: ScanResult) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(rendered(JsonReport(), result))
    return document


def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}-{REPORT_SCHEMA}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture
def validator() -> jsonschema.Draft202012Validator:
    return _validator("scan")


@pytest.mark.parametrize(("file", "content"), published().items(), ids=list(published()))
def test_published_schema_is_the_one_that_the_structs_and_tables_give(file: str, content: str) -> None:
    assert (FOLDER / file).read_text(encoding="utf-8") == content


def test_every_published_schema_is_told_in_the_folder() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in FOLDER.iterdir() if path.name != "README.md"]
    assert set(published()) <= set(files)
    assert [file for file in files if file not in page] == []


@pytest.mark.parametrize("run", RUNS)
def test_documents_validate(run: str, validator: jsonschema.Draft202012Validator) -> None:
    assert list(validator.iter_errors(_document(RUNS[run]().result))) == []


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("show", ("show", "Alibaba Group Holding Limited")),
        ("show", ("show", "44:19:b6:00:00:01")),
        ("kb-info", ("kb", "info")),
    ],
    ids=["show-entity", "show-artefact", "kb-info"],
)
def test_what_other_commands_print_validates(name: str, command: tuple[str, ...]) -> None:
    answer = run_here(*command, "--as-of", "2026-08-01", "--format", "json")
    assert answer.code == 0
    assert list(_validator(name).iter_errors(answer.document)) == []
    assert not _validator(name).is_valid({key: value for key, value in answer.document.items() if key != "kb"})


@pytest.mark.parametrize("position", [0, -1])
def test_what_explain_prints_validates(position: int) -> None:
    result = northport().result
    explained = explanation_of(result.findings[position], result)
    assert list(_validator("explain").iter_errors(json.loads(encode(explained)))) == []


@pytest.mark.parametrize("key", ["as_of", "findings", "coverage", "kb"])
def test_document_without_a_required_part_is_refused(key: str, validator: jsonschema.Draft202012Validator) -> None:
    document = _document(sample_result())
    del document[key]
    assert not validator.is_valid(document)


def test_number_where_an_amount_belongs_is_refused(validator: jsonschema.Draft202012Validator) -> None:
    document = _document(sample_result())
    document["findings"][0]["artefact"]["quantities"][0]["amount"] = 12
    assert not validator.is_valid(document)
