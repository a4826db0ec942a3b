"""`kb import`, `kb update` and `kb drop` as text: what is held, what could not be read, what was refused and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.base_words import base_words
from beholden.report.text import visible
from beholden.report.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.publication import PublicationInfo, Publications


def render_publications(document: Publications) -> str:
    """The document as text; ends with a line end."""
    lines = [line for info in document.publications for line in _publication(info)]
    lines += [f"differs from what was reviewed: {remark}" for remark in document.remarks]
    base = base_words(document.kb)
    if not document.compiled and all(info.status == "refused" for info in document.publications):
        base += ", as before"
    elif not document.compiled:
        what = "what was dropped is in it until" if document.command == "kb drop" else "what came in waits for"
        base += f", as before: {what} the next import, update or `beholden kb build`"
    lines.append(base)
    return "\n".join(visible(line) for line in lines) + "\n"


def _publication(info: PublicationInfo) -> Iterator[str]:
    if info.status == "refused":
        yield f"{info.source}: refused"
        if info.error is not None:
            yield f"  {info.error.message}"
        yield from (f"  {note}" for note in info.notes)
        return
    if info.status == "dropped":
        yield f"{info.source}: dropped, edition {info.edition} ({info.edition_from}), held since {info.held_at}"
        yield from (f"  {file.name}: SHA-256 {file.sha256[:12]}" for file in info.documents)
        yield from (f"  {note}" for note in info.notes)
        return
    part = ", in part" if info.is_partial else ""
    yield f"{info.source}: {info.status}{part}, edition {info.edition} ({info.edition_from}), layout {info.layout}"
    for file in info.documents:
        yield f"  {file.name}: {file.bytes} bytes, SHA-256 {file.sha256[:12]}"
    rows = ", ".join(f"{table} {number}" for table, number in info.rows.items())
    read = f"  {count(info.records_read or 0, 'record')} read, {info.records_rejected} rejected"
    yield f"{read}; rows: {rows}" if rows else read
    if info.status == "unchanged":
        yield f"  held since {info.held_at}, last checked {info.checked_at}"
    yield from (f"  {note}" for note in info.notes)
    for reason, number in info.reasons.items():
        yield f"  {number:,} × {reason}"
    for record in info.rejected:
        place = record.file if record.line is None else f"{record.file}:{record.line}"
        yield f"    {place}: {record.reason}"
    left = (info.records_rejected or 0) - len(info.rejected)
    if info.rejected and left > 0:
        yield f"    … {left} more"
