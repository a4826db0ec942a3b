"""Readers and reports, as they are registered."""

from __future__ import annotations

import inspect
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from beholden.report.registry import REPORTS
from beholden.scan import SCANNERS
from beholden.scan.interface import InputHead
from tables import code, plain

if TYPE_CHECKING:
    from beholden.report.interface import Report
    from beholden.scan import Scanner

_READERS = """# Readers

Generated from the code. A reader is chosen by what a file holds, not by its name; every one of them also reads its
format compressed with gzip (`.gz`). What no reader takes is listed in the coverage of a result with the reason. To read
something else, [add a reader](../how-to/add-a-reader.md).

"""
_REPORTS = """# Reports

Generated from the code. `beholden scan -o FILE` writes the report that the ending of FILE asks for; `-o` may be given
several times. The structure of the JSON result is in the [schemas](../schema/README.md).

"""


def pages() -> dict[str, str]:
    """One page for readers, one for reports."""
    return {
        "reference/readers.md": _READERS + "".join(map(_reader, SCANNERS)),
        "reference/reports.md": _REPORTS + "".join(map(_report, REPORTS)),
    }


def _reader(scanner: Scanner) -> str:
    kind = type(scanner)
    about = inspect.getdoc(sys.modules[kind.__module__]) or ""
    summary, _, rest = about.partition("\n\n")
    # What it says of bytes that are nobody's is what it looks for.
    refusal = scanner.accepts(InputHead(PurePosixPath("example.bin"), b"\x00", is_complete=True)).reason
    followed = (
        "* Can be [followed](../how-to/follow.md) as it grows\n" if getattr(scanner, "can_be_followed", False) else ""
    )
    return (
        f"## `{scanner.name}` {{#{scanner.name}}}\n\n"
        f"**{plain(scanner.title)}**\n\n{summary}\n\n{inspect.getdoc(kind)}\n\n"
        f"* Gives: {code(sorted(scanner.kinds))}\n"
        f"* Says of a file that is not its own: {plain(refusal)}\n{followed}"
        f"* Module: `{kind.__module__}`\n\n" + _sections(rest)
    )


def _sections(text: str) -> str:
    """What the module says beyond its first line, one paragraph each."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)


def _report(report: Report) -> str:
    return (
        f"## `{report.suffix}` {{#{report.name}}}\n\n{inspect.getdoc(type(report))}\n\n"
        f"* Name: `{report.name}`\n* Media type: `{report.media_type}`\n* Module: `{type(report).__module__}`\n\n"
    )
