"""How a verification reads, and the published schemas of it and of receipts."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import run_here

from beholden.report.verification import render_verification
from beholden.schema.receipt import Check, Verification
from beholden.schema.version import RECEIPT_SCHEMA

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "schema"


def verification(*checks: Check, agrees: bool = False) -> Verification:
    return Verification(
        as_of="2026-08-01",
        made_at="2026-11-26T09:05:07Z",
        place="receipt.json",
        agrees=agrees,
        statement="A search. " * 30,
        checks=list(checks),
    )


def check(item: str, status: str, says: str | None = None) -> Check:
    return Check(about="input", item=item, status=status, says=says)


def test_what_agrees_is_counted_and_what_does_not_is_named() -> None:
    text = render_verification(verification(check("a", "agrees"), check("b", "agrees"), check("c", "changed", "other")))
    assert "inputs: 2 agree, 1 changed\n  changed  c: other\n" in text
    assert text.splitlines()[-1] == "refused: 1 thing does not agree"


@pytest.mark.parametrize(
    ("status", "agrees", "last"),
    [
        ("agrees", True, "verified: "),
        ("other", True, "verified: "),
        ("not_checked", False, "not verified: "),
        ("missing", False, "refused: "),
    ],
)
def test_the_last_line_is_the_verdict(status: str, agrees: bool, last: str) -> None:
    assert render_verification(verification(check("a", status), agrees=agrees)).splitlines()[-1].startswith(last)


def test_a_name_cannot_shape_the_output() -> None:
    text = render_verification(verification(check("a\x1b[2J\u202e", "new")))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_of_many_the_first_are_shown_and_the_rest_counted() -> None:
    text = render_verification(verification(*(check(f"{number:03}", "new") for number in range(60))))
    assert "  new  049\n  … 10 more; --format json has them all\n" in text


def test_what_the_commands_write_is_valid_and_less_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run_here("scan", "input", "--as-of", "2026-08-01", "--receipt", "receipt.json").code == 0
    receipt = json.loads((tmp_path / "receipt.json").read_bytes())
    verified = run_here("kb", "verify", "receipt.json", "--format", "json").document
    for name, document in (("receipt", receipt), ("verification", verified)):
        schema = json.loads((PUBLISHED / f"{name}-{RECEIPT_SCHEMA}.json").read_bytes())
        validator = jsonschema.Draft202012Validator(schema)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert list(validator.iter_errors(document)) == []
        assert not validator.is_valid({key: value for key, value in document.items() if key not in ("inputs", "place")})
