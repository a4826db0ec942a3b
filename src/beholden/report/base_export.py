"""`kb export` in words: the terminal, and the LICENCES.md that goes with the tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from beholden.report.text import visible
from beholden.report.wording import count, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.bases import BaseExport, SourceShare

_ADDRESS = re.compile(r"https?://[!-;=?-~]+")  # no blanks, no <>
_WHY = {False: "may not be passed on", None: "whether it may be passed on is not stated"}
_HEAD = """# Licences

These tables are a knowledge base of `beholden`, written by `beholden kb export`. Every row names its source in
`source_id`; this page says under which terms each source stands. `sources.json` says the same for programs.

A source without a licence here is a document in which facts were read: the rows of it are the words of the packs of
`beholden`, which stand under Apache-2.0, or of packs of whoever exported this. Nothing here is legal advice.
"""


def render_export(document: BaseExport, folder: str) -> str:
    """What was exported and what was left out, as text; ends with a line end."""
    lines = [f"{folder}: {count(document.rows, 'row')} of knowledge base {document.kb_digest[:12]}"]
    lines += [f"  {words(row.table)}: {row.rows:,}" for row in document.tables if row.rows]
    lines += ["", *_left_out(document)]
    return "\n".join(visible(line) for line in lines) + "\n"


def _left_out(document: BaseExport) -> Iterator[str]:
    if not (document.left_out or document.left_out_with):
        yield "Nothing was left out."
        return
    yield f"Left out: {count(document.left_out + document.left_out_with, 'row')}"
    for row in document.sources:
        if row.left_out:
            yield f"  {row.id}: {count(row.left_out, 'row')}; {_terms(row)}"
    if document.unsourced:
        yield f"  no source on record: {count(document.unsourced, 'row')}"
    if document.left_out_with:
        per_table = ", ".join(
            f"{row.left_out_with:,} {words(row.table)}" for row in document.tables if row.left_out_with
        )
        yield f"  refer to a row that was left out: {count(document.left_out_with, 'row')} ({per_table})"


def _terms(row: SourceShare) -> str:
    why = "" if row.may_pass_on else _WHY[row.may_pass_on]
    return f"{why} ({row.licence})" if row.licence else why


def licences_page(document: BaseExport) -> bytes:
    """LICENCES.md: every source whose rows are there, then what was left out."""
    parts = [_HEAD]
    parts += ["\n".join(_entry(row)) for row in document.sources if row.rows]
    parts.append("## Left out\n\n" + "\n".join(_markdown(line) for line in _left_out(document)) + "\n")
    return "\n".join(parts).encode("utf-8", "replace")


def _markdown(line: str) -> str:
    return f"* {_plain(line.strip())}" if line.startswith("  ") else f"{_plain(line)}\n"


def _entry(row: SourceShare) -> Iterator[str]:
    yield f"## {_plain(row.id)}"
    yield ""
    yield f"* {_plain(row.title)}"
    publisher = _plain(row.publisher) if row.publisher else "publisher not stated"
    yield f"* {publisher}" + (f", {row.date}" if row.date else "")
    if row.url:
        yield f"* <{row.url}>" if _ADDRESS.fullmatch(row.url) else f"* {_plain(row.url)}"
    yield f"* licence: {_plain(row.licence) if row.licence else 'none stated'}"
    if row.attribution:
        yield f"* attribution: {_plain(row.attribution)}"
    yield f"* {count(row.rows, 'row')}" + (f"; {count(row.left_out, 'row')} left out" if row.left_out else "")
    yield ""


def _plain(text: str) -> str:
    """Text of a source on one line, without characters that would make markup of it."""
    shown = visible(text).replace("\\", "\\\\")
    for mark in "`*_[]<>#|":
        shown = shown.replace(mark, f"\\{mark}")
    return shown
