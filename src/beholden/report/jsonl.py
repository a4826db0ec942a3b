"""Findings as JSON lines: one finding a line and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from beholden.report.json import encode

if TYPE_CHECKING:
    from beholden.report.interface import RenderOptions
    from beholden.schema.result import ScanResult


class JsonLinesReport:
    """One finding a line, in the order of the document."""

    name = "jsonl"
    suffix = ".jsonl"
    media_type = "application/x-ndjson"

    def render(self, result: ScanResult, out: BinaryIO, options: RenderOptions) -> None:
        """Write one line per finding; a result without findings is an empty file."""
        for finding in result.findings:
            out.write(encode(finding) + b"\n")
