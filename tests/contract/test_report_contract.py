"""What every registered report keeps: a pure function of a finished run."""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from pathlib import Path, PurePath

import pyarrow.parquet as pq
import pytest
from tests.rendering import parts_of, rendered

from beholden.compile import open_core
from beholden.errors import UsageError
from beholden.policy.profile import Profile
from beholden.report.interface import Report
from beholden.report.registry import REPORTS, report_for
from beholden.run.assess import assess
from beholden.schema.assessment import Assessment
from beholden.schema.result import ScanResult

DATA = Path(__file__).resolve().parents[1] / "data"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "northport"
# One finding a line and nothing else: the stream is empty where there is none, and coverage is in the others.
STREAMS = frozenset({"jsonl"})
BINARY = frozenset({"parquet"})
# RFC 4180 ends lines so.
LINE_ENDS = {"csv": "\r\n"}
every_report = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
every_document = pytest.mark.parametrize(
    "report", [report for report in REPORTS if report.name not in STREAMS], ids=lambda report: report.name
)
every_text = pytest.mark.parametrize(
    "report", [report for report in REPORTS if report.name not in BINARY], ids=lambda report: report.name
)


@cache
def run() -> Assessment:
    """The example organisation beside the fixtures: findings, claims, rejects and the rows behind them."""
    found = assess([EXAMPLE, DATA], open_core(), Profile(), as_of=date(2026, 8, 1))
    assert found.result.findings
    assert found.result.claims
    assert found.evidence.num_rows
    return found


def result() -> ScanResult:
    return run().result


def readable(content: bytes) -> str:
    """What a reader of the file sees, a table in Parquet as its cells."""
    if content.startswith(b"PAR1"):
        return str(pq.read_table(io.BytesIO(content)).to_pylist())
    return content.decode("utf-8-sig")


@cache
def empty(folder: Path) -> ScanResult:
    return assess([folder], open_core(), Profile(), as_of=date(2026, 8, 1)).result


def test_names_suffixes_and_media_types_are_unique() -> None:
    for attribute in ("name", "suffix", "media_type"):
        values = [getattr(report, attribute) for report in REPORTS]
        assert len(set(values)) == len(values)


@every_report
def test_the_ending_of_a_file_selects_it_in_any_case(report: Report) -> None:
    assert report_for(PurePath(f"out/result{report.suffix}")) is report
    assert report_for(PurePath(f"RESULT{report.suffix.upper()}")) is report


@pytest.mark.parametrize("name", ["result", "result.docx", ".json"])
def test_another_ending_is_a_usage_error_that_lists_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        report_for(PurePath(name))
    assert all(report.suffix in str(caught.value) for report in REPORTS)


@every_report
@pytest.mark.parametrize("show_personal", [False, True])
def test_the_same_run_gives_the_same_bytes_in_every_part(report: Report, show_personal: bool) -> None:
    first = parts_of(report, run(), show_personal=show_personal)
    assert first[""]
    assert parts_of(report, run(), show_personal=show_personal) == first


@every_report
def test_parts_have_names_that_go_into_file_names(report: Report) -> None:
    names = list(parts_of(report, run()))
    assert "" in names
    assert all(name.isalpha() and name.islower() for name in names if name)


@every_report
def test_rendering_leaves_the_result_as_it_was(report: Report) -> None:
    before = rendered(REPORTS[0], result(), show_personal=True)
    parts_of(report, run())
    assert rendered(REPORTS[0], result(), show_personal=True) == before


@every_document
def test_a_result_without_findings_is_rendered(report: Report, tmp_path: Path) -> None:
    assert rendered(report, empty(tmp_path))


@every_text
def test_it_is_utf8_text_without_control_characters(report: Report) -> None:
    for content in parts_of(report, run()).values():
        text = content.decode("utf-8-sig").replace(LINE_ENDS.get(report.name, "\n"), "\n")
        assert [letter for letter in set(text) if ord(letter) < 32 and letter not in "\n\t"] == []


@every_document
def test_coverage_of_every_file_stands_in_the_findings_or_beside_them(report: Report) -> None:
    text = "\n".join(map(readable, parts_of(report, run()).values()))
    unread = [PurePath(row.file).name for row in result().coverage if row.status in ("partial", "rejected")]
    assert unread
    assert [file for file in unread if file not in text] == []


@every_report
def test_it_writes_the_parts_that_it_names(report: Report) -> None:
    assert set(parts_of(report, Assessment(result()))) == set(report.parts)
    assert "" in report.parts
