"""Findings as JSON lines: one finding a line and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.json import encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment


class JsonLinesReport:
    """One finding a line, in the order of the document."""

    name = "jsonl"
    suffix = ".jsonl"
    media_type = "application/x-ndjson"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return one line per finding; a result without findings is an empty file."""
        return {"": b"".join(encode(finding) + b"\n" for finding in assessment.result.findings)}
