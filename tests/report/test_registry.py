from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders_result import make_result, sample_result
from tests.rendering import rendered

from beholden.errors import UsageError
from beholden.report.interface import RenderOptions, Report
from beholden.report.registry import REPORTS, part_of, report_for
from beholden.schema.assessment import Assessment


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("out.json", "json"),
        ("out.jsonl", "jsonl"),
        ("a.b.sarif", "sarif"),
        ("OUT.HTML", "html"),
        ("out.parquet", "parquet"),
        ("out.csv", "csv"),
        ("out.stix.json", "stix"),
        ("out.FTM.json", "ftm"),
        ("stix.json", "json"),
    ],
)
def test_ending_selects_the_report(name: str, expected: str) -> None:
    assert report_for(Path(name)).name == expected


@pytest.mark.parametrize("name", ["out.pdf", "out", ".html"])
def test_unknown_ending_names_the_known_ones(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        report_for(Path(name))
    assert caught.value.exit_code == 2
    assert all(report.suffix in str(caught.value) for report in REPORTS)


def test_parts_stand_beside_the_file_and_keep_its_ending() -> None:
    path = Path("out/findings.2026.PARQUET")
    assert part_of(path, report_for(path), "hops") == Path("out/findings.2026.hops.PARQUET")
    assert part_of(path, report_for(path), "") == path


def test_names_and_endings_are_unique() -> None:
    assert len({report.name for report in REPORTS}) == len({report.suffix for report in REPORTS}) == len(REPORTS)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
@pytest.mark.parametrize("options", [RenderOptions(), RenderOptions(show_personal=True)], ids=["shared", "personal"])
def test_same_result_gives_the_same_bytes_and_is_left_as_it_was(report: Report, options: RenderOptions) -> None:
    result = sample_result()
    outputs = [report.render(Assessment(given), options) for given in (result, result, sample_result())]
    assert outputs[0] == outputs[1] == outputs[2]
    assert result == sample_result()


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_empty_result_is_a_document_except_as_json_lines(report: Report) -> None:
    assert bool(rendered(report, make_result())) is (report.name != "jsonl")
