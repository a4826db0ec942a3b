"""Which scanner reads a file, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from beholden.scan.interface import InputHead, Scanner, Scanners
from beholden.scan.parquet import MAGIC, column_names
from beholden.scan.unread import explain_unread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.scan.source import Source


@dataclass(frozen=True, slots=True)
class Detection:
    """The scanner that reads a file, or the reason why none does."""

    scanner: Scanner | None
    reason: str


def detect(source: Source, scanners: Scanners, columns: Mapping[str, str] | None = None) -> Detection:
    """Decide by content.

    Args:
        source: The input.
        scanners: In the order in which ties are decided.
        columns: The user's column mapping for this file.

    Raises:
        ScanError: The file cannot be opened or inflated.
        OSError: It is gone since it was opened, or its store does not answer any more.
    """
    data, is_complete = source.head()
    if not data:
        return Detection(None, "empty file")
    fields = column_names(source.place) if data.startswith(MAGIC) and not source.is_compressed else ()
    # The pages behind the magic bytes are no text, and fifty readers would each look for lines in them.
    head = InputHead(
        PurePosixPath(source.path), MAGIC if fields else data, is_complete and not fields, columns or {}, fields
    )
    answers = [(scanner, scanner.accepts(head)) for scanner in scanners]
    accepted = [(scanner, answer) for scanner, answer in answers if answer.accepted]
    if accepted:
        scanner, answer = max(accepted, key=lambda pair: pair[1].strength)
        return Detection(scanner, answer.reason)
    near = next((answer.reason for _, answer in answers if answer.near), None)
    return Detection(None, explain_unread(head, near))
