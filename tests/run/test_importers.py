"""`kb info` about importers: every one is told, and of those in the base what a reader has to know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types, stubs are no dependency
import pytest
from tests.command import run_here

from beholden.report.schema import document_schema
from beholden.sources import every_source
from beholden.sources.registry import SOURCES

LIST = "uid,name,type,programs,alternate_names\n900001,EXAMPLE TRADING LLC,entity,CYBER2,EXAMPLE TRADE\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def bring(tmp_path: Path) -> Callable[..., None]:
    def take(day: str, *options: str, text: str = LIST) -> None:
        path = tmp_path / f"ofac-sdn-{day}.csv"
        path.write_text(text, encoding="utf-8")
        assert run_here("kb", "import", "us_ofac_sdn", path, "--part", *options).code == 0

    return take


def told(*options: str) -> dict[str, dict[str, Any]]:
    answer = run_here("kb", "info", "--format", "json", *options)
    assert answer.code == 0, answer.err
    jsonschema.validate(answer.document, document_schema("kb-info"))
    return {row["id"]: row for row in answer.document["sources"]}


def test_every_importer_is_told_and_unused_ones_are_not_loaded() -> None:
    rows = told()
    assert [slug for slug in rows if slug in SOURCES] == list(SOURCES)
    for source in every_source():
        row = rows[source.descriptor.slug]
        assert (row["kind"], row["loaded"], row["rows"], row["edition"]) == ("publication", False, 0, None)
        assert (row["licence"], row["may_pass_on"]) == (source.descriptor.licence, source.descriptor.may_pass_on)
    assert rows["us-ofac-sdn"]["kind"] == "list"


def test_editions_age_layout_and_rows_of_what_is_loaded(bring: Callable[..., None]) -> None:
    bring("2026-08-20")
    bring("2026-09-01")
    row = told("--as-of", "2026-09-15")["us_ofac_sdn"]
    assert row["editions"] == ["2026-08-20", "2026-09-01"]
    assert (row["edition"], row["covered_from"], row["checked_until"]) == ("2026-09-01", "2026-08-20", "2026-09-01")
    assert (row["age_days"], row["max_age_days"], row["is_old"]) == (14, 14, False)
    assert (row["layout"], row["is_partial"], row["lists"]) == ("packaged-csv", True, ["us-ofac-sdn"])
    assert row["held_at"].endswith("Z")
    # One party, its two names and its number, twice an edition with an entry, and one listing.
    assert row["rows"] == 1 + 2 + 1 + 2 + 2 + 1
    assert told("--as-of", "2026-09-16")["us_ofac_sdn"]["is_old"] is True


def test_what_was_published_later_is_not_known_then(bring: Callable[..., None]) -> None:
    bring("2026-08-20")
    bring("2026-09-01")
    row = told("--as-of", "2026-08-25", "--known-at", "2026-08-25")["us_ofac_sdn"]
    assert (row["editions"], row["age_days"]) == (["2026-08-20"], 5)
    assert told("--as-of", "2026-08-01", "--known-at", "2026-08-01")["us_ofac_sdn"]["loaded"] is False


def test_what_waits_for_the_next_build_is_not_in_the_base(bring: Callable[..., None]) -> None:
    bring("2026-08-20")
    bring("2026-09-01", "--later")
    assert told()["us_ofac_sdn"]["editions"] == ["2026-08-20"]
    assert run_here("kb", "build").code == 0
    assert told()["us_ofac_sdn"]["editions"] == ["2026-08-20", "2026-09-01"]


def test_the_table_marks_what_is_stale_and_says_what_is_not_loaded(bring: Callable[..., None]) -> None:
    assert "none is loaded" in run_here("kb", "info").out.decode()
    bring("2026-09-01")
    text = " ".join(run_here("kb", "info", "--as-of", "2026-10-01").out.decode().split())
    assert "us_ofac_sdn in part edition 2026-09-01 30 days old: stale after 14" in text
    assert "not loaded: us_ofac_cons, un_sc_consolidated" in text


def test_an_age_that_is_not_allowed_ends_with_4_in_every_command_that_answers(
    bring: Callable[..., None], tmp_path: Path
) -> None:
    bring("2026-09-01")
    records = tmp_path / "records"
    records.mkdir()
    (records / "payments.csv").write_text(
        "date,vendor,amount,currency\n2026-09-01,Example Trading LLC,1,EUR\n", encoding="utf-8"
    )
    whatif = ("whatif", records, "--designate", "alibaba", "--regime", "us-ofac-sdn")
    for command in (
        ("scan", records),
        ("show", "alibaba"),
        (*whatif, "--on", "2026-09-20"),
    ):
        answer = run_here(*command, "--as-of", "2026-09-20", "--max-age", "10")
        assert (answer.code, answer.out) == (4, b""), command
        assert "kb.too-old" in answer.err
    answer = run_here("diff", "2026-09-01", "2026-09-20", "--input", records, "--max-age", "10")
    assert (answer.code, answer.out) == (4, b"")
    assert run_here("show", "alibaba", "--as-of", "2026-09-20", "--max-age", "40").code == 0
