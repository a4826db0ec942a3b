"""Which reports can be written: the tuple below, each with the ending of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.report.csv import CsvReport
from beholden.report.ftm import FtmReport
from beholden.report.html import HtmlReport
from beholden.report.json import JsonReport
from beholden.report.jsonl import JsonLinesReport
from beholden.report.markdown import MarkdownReport
from beholden.report.parquet import ParquetReport
from beholden.report.sarif import SarifReport
from beholden.report.stix import StixReport

if TYPE_CHECKING:
    from pathlib import Path, PurePath

    from beholden.report.interface import Report

REPORTS: tuple[Report, ...] = (
    JsonReport(),
    JsonLinesReport(),
    SarifReport(),
    HtmlReport(),
    MarkdownReport(),
    ParquetReport(),
    CsvReport(),
    StixReport(),
    FtmReport(),
)


def report_for(path: PurePath) -> Report:
    """Return the report that a file's ending asks for.

    Raises:
        UsageError: No report has this ending.
    """
    # `findings.stix.json` is STIX and not plain JSON: the longest ending wins.
    for report in sorted(REPORTS, key=lambda report: -len(report.suffix)):
        if path.name.lower().removesuffix(report.suffix) not in (path.name.lower(), ""):
            return report
    known = ", ".join(report.suffix for report in REPORTS)
    ending = path.suffix or "no ending"
    raise UsageError(
        f"cannot tell which report to write to {path.name!r}: {ending}",
        code="report.unknown-suffix",
        hint=f"use one of {known}",
    )


def part_of(path: Path, report: Report, part: str) -> Path:
    """Return the file of one part of a report: `findings.hops.parquet` beside `findings.parquet`."""
    stem, ending = path.name[: -len(report.suffix)], path.name[-len(report.suffix) :]
    return path.with_name(f"{stem}.{part}{ending}") if part else path
