"""Renders a result as the command line does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.interface import RenderOptions, Report
from beholden.schema.assessment import Assessment

if TYPE_CHECKING:
    from beholden.schema.result import ScanResult


def rendered(report: Report, result: ScanResult, *, show_personal: bool = False, key: bytes | None = None) -> bytes:
    """The file itself, without the files beside it."""
    return report.render(Assessment(result), RenderOptions(show_personal, key))[""]


def parts_of(report: Report, assessment: Assessment, *, show_personal: bool = False) -> dict[str, bytes]:
    """The file and the files beside it."""
    return dict(report.render(assessment, RenderOptions(show_personal=show_personal)))
