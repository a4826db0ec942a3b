"""`beholden diff`: two results, two dates or two bases; and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here
from tests.northport import EXAMPLE

from beholden.compile import compile_rows, core_packs
from beholden.compile.packs import read_packs
from beholden.compile.write import write_base
from beholden.schema.rows import Designation, Row


def diff(*arguments: str | Path) -> Answer:
    return run_here("diff", *arguments, "--format", "json")


def scanned(folder: Path, name: str, as_of: str, path: Path, *more: str) -> Path:
    file = folder / name
    run_here("scan", path, "--as-of", as_of, "-o", file, *more)
    return file


def kinds(document: dict[str, Any]) -> set[str]:
    reasons = [row for rows in document["because"].values() for row in rows]
    reasons += [row for change in document["changed"] for row in change["because"]]
    return {row["kind"] for row in reasons}


@pytest.fixture
def bases(tmp_path: Path) -> tuple[Path, Path]:
    """A base whose 889 list lacks a camera maker, and the core base."""
    everything = read_packs(core_packs())
    kept = [item for item in everything if not _names_hikvision(item.row)]
    assert len(kept) < len(everything)
    lacking, whole = tmp_path / "lacking", tmp_path / "whole"
    for folder, rows in ((lacking, kept), (whole, everything)):
        folder.mkdir()
        write_base(compile_rows(rows), folder)
    return lacking, whole


def _names_hikvision(row: Row) -> bool:
    return isinstance(row, Designation) and (row.regime_id, row.entity_id) == ("us-889", "hikvision")


def test_two_dates_judge_one_reading(tmp_path: Path) -> None:
    document = diff("2026-06-01", "2026-08-01", "--input", EXAMPLE, "--allow-incomplete").document
    sides = [document[side] for side in ("from", "to")]
    assert [(side["kind"], side["name"], side["as_of"]) for side in sides] == [
        ("date", "2026-06-01", "2026-06-01"),
        ("date", "2026-08-01", "2026-08-01"),
    ]
    assert document["as_of"] == "2026-08-01"
    assert sides[1]["findings"] - sides[0]["findings"] == len(document["added"]) - len(document["gone"])
    added = {(row["artefact"]["value"], row["listing"]["regime"]) for row in document["added"] if row["listing"]}
    # The list of 8 June names it; the device was leased later still.
    assert ("68:dd:b7", "us-dod-1260h") in added
    one = next(row["id"] for row in document["added"] if row["artefact"]["value"] == "68:dd:b7")
    assert {row["kind"] for row in document["because"][one]} == {"list", "own_data"}


def test_a_rule_that_began_is_told_for_what_was_there_before() -> None:
    document = diff("2026-06-29", "2026-06-30", "--input", EXAMPLE, "--allow-incomplete").document
    assert document["changed"]
    reasons = [row for change in document["changed"] for row in change["because"]]
    assert {(row["kind"], row["rule"], row["day"]) for row in reasons if row["rule"]} == {
        ("rule", "us-ndaa24-805-direct", "2026-06-30"),
        ("rule", "us-ndaa25-851-lobbying", "2026-06-30"),
    }


def test_results_give_what_their_dates_give(tmp_path: Path) -> None:
    files = [scanned(tmp_path, f"{day}.json", day, EXAMPLE) for day in ("2026-06-01", "2026-08-01")]
    by_file = diff(*files).document
    by_date = diff("2026-06-01", "2026-08-01", "--input", EXAMPLE, "--allow-incomplete").document
    for key in ("added", "gone", "changed", "impact", "days_until", "by_level", "by_rule"):
        compared = [by_file[key], by_date[key]]
        if key == "changed":
            compared = [[{**row, "because": None} for row in rows] for rows in compared]
        assert compared[0] == compared[1], key
    assert by_file["from"]["name"] == "2026-06-01.json"


@pytest.mark.parametrize("day", ["2020-01-01", "2026-08-01", "2026-11-26"])
def test_a_side_differs_in_nothing_from_itself(day: str) -> None:
    answer = diff(day, day, "--input", EXAMPLE, "--allow-incomplete")
    document = answer.document
    empty = ("added", "gone", "changed", "because", "impact", "by_level", "by_rule", "claims", "sources")
    assert [key for key in empty if document[key]] == []
    assert (answer.code, document["days_until"]) == (0, None)


def test_two_bases_judge_one_reading(bases: tuple[Path, Path]) -> None:
    question = ("--input", EXAMPLE, "--as-of", "2026-08-01", "--allow-incomplete")
    document = diff(*bases, *question).document
    assert {(row["operator"]["id"], row["listing"]["regime"]) for row in document["added"]} == {("hikvision", "us-889")}
    assert kinds(document) == {"list"}
    digests = [json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["digest"] for folder in bases]
    assert [document[side]["kb_digest"] for side in ("from", "to")] == digests
    devices = [row["amount"] for row in document["impact"] if row["what"] == "devices"]
    assert devices == ["2"]
    back = diff(bases[1], bases[0], *question).document
    assert (back["gone"], back["added"]) == (document["added"], [])


def test_a_base_may_be_named_by_a_relative_path(bases: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    question = ("--input", str(Path(EXAMPLE).resolve()), "--as-of", "2026-08-01", "--allow-incomplete")
    monkeypatch.chdir(bases[0].parent)
    answer = diff(*(folder.relative_to(bases[0].parent) for folder in bases), *question)
    assert (answer.code, len(answer.document["added"])) == (0, len(diff(*bases, *question).document["added"]))


def test_a_base_may_be_named_by_a_word_or_the_start_of_its_digest(folder: Path) -> None:
    digest = run_here("kb", "info", "--format", "json").document["kb"]["digest"]
    for other in ("current", digest[:8]):
        answer = run_here("diff", "core", other, "--input", folder, "--as-of", "2026-08-01", "--format", "json")
        assert (answer.code, answer.document["from"]["kb_digest"]) == (0, digest)


def test_results_of_other_inputs_say_what_is_ours(folder: Path, tmp_path: Path) -> None:
    before = scanned(tmp_path, "before.json", "2026-08-01", folder)
    ledger = folder / "payments.csv"
    with ledger.open("a", encoding="utf-8") as stream:
        stream.write('2026-06-20,"Hangzhou Hikvision Digital Technology Co., Ltd.",300.00,USD\n')
        stream.write('2026-06-21,"Zhejiang Dahua Technology Co., Ltd.",7.00,USD\n')
    after = scanned(tmp_path, "after.json", "2026-08-01", folder)
    document = diff(before, after).document
    assert {row["operator"]["id"] for row in document["added"]} == {"dahua"}
    assert kinds(document) == {"own_data"}
    assert any(
        "1200 USD paid → 2 seen, 1500 USD paid" in row["text"] for c in document["changed"] for row in c["because"]
    )


def test_another_profile_is_our_own(folder: Path, tmp_path: Path) -> None:
    sides = [
        scanned(tmp_path, f"{role}.json", "2026-08-01", folder, "--role", role)
        for role in ("us-person", "us-federal-agency")
    ]
    document = diff(*sides).document
    assert kinds(document) == {"own_data"}
    assert [document[side]["profile"]["roles"] for side in ("from", "to")] == [["us-person"], ["us-federal-agency"]]
    assert {row["change"] for row in document["by_rule"]} == {"touched"}


@pytest.mark.parametrize(
    ("a", "b", "options", "code", "said"),
    [
        ("2026-01-01", "2026-02-01", (), 2, "name what the two dates judge with --input"),
        ("2026-01-01", "one.json", (), 2, "compare two of a kind"),
        ("2026-01-01", "2026-02-01", ("--input", "x", "--as-of", "2026-01-01"), 2, "--as-of cannot be given"),
        ("2026-01-01", "2026-02-01", ("--input", "nowhere"), 2, "nowhere"),
        ("2026-02-30", "2026-03-01", ("--input", "x"), 2, "is not a date"),
        ("one.json", "one.json", ("--input", "x"), 2, "--input cannot be given"),
        ("one.json", "one.json", ("--role", "us-person"), 2, "--role cannot be given"),
        ("one.json", "missing.json", (), 2, "missing.json"),
        ("one.json", "other.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "text.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "twice.json", (), 2, "two findings have the id"),
        ("one.json", "level.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "amount.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "long.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "day.json", (), 2, "[diff.not-a-result]"),
        ("one.json", "model.json", (), 2, "[diff.other-schema]"),
        ("folder", "folder", ("--input", "folder"), 4, "[kb.unreadable]"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    a: str,
    b: str,
    options: tuple[str, ...],
    code: int,
    said: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    one = scanned(tmp_path, "one.json", "2026-08-01", folder)
    whole = json.loads(one.read_text(encoding="utf-8"))
    row = whole["findings"][0]
    wrong: dict[str, Any] = {
        "other": {**whole, "command": "show"},
        "twice": {**whole, "findings": [row, row]},
        "level": {**whole, "findings": [{**row, "level": "banned"}]},
        "amount": {**whole, "findings": [_paying(row, "NaN")]},
        "long": {**whole, "findings": [_paying(row, "1e999999999")]},
        "day": {**whole, "as_of": "yesterday"},
        "model": {**whole, "schema_version": "2.0.0"},
    }
    for name, content in wrong.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "text.json").write_text("no JSON", encoding="utf-8")
    answer = diff(a, b, *options)
    assert answer.code == code
    assert said in answer.err
    assert answer.out == b""


def _paying(row: dict[str, Any], amount: str) -> dict[str, Any]:
    paid = [{"amount": amount, "unit": "USD", "what": "paid"}]
    return {**row, "artefact": {**row["artefact"], "quantities": paid}}


def test_lines_are_the_findings_that_differ() -> None:
    question = ("diff", "2026-06-01", "2026-08-01", "--input", EXAMPLE, "--allow-incomplete")
    document = run_here(*question, "--format", "json").document
    lines = [json.loads(line) for line in run_here(*question, "--format", "jsonl").out.splitlines()]
    assert [line["id"] for line in lines] == [
        *(row["id"] for row in document["added"]),
        *(row["id"] for row in document["gone"]),
        *(row["id"] for row in document["changed"]),
    ]
    assert all(line["because"] for line in lines)


def test_a_rejected_line_is_told_by_the_exit_code() -> None:
    assert diff("2026-06-01", "2026-08-01", "--input", EXAMPLE).code == 3
