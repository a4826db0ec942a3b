"""What is refused of files that somebody gives, before they are read: nothing in them, or the day of another copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from beholden.sources.held import Held, HeldDocument
    from beholden.sources.staging import Staging


def refuse_empty(staged: Staging) -> None:
    """Refuse files without a byte, which no layout tells apart from a wrong one.

    Raises:
        SourceError: All of them are empty.
    """
    documents = staged.read()
    if not any(document.head(1) for document in documents):
        raise SourceError(
            "the file is empty" if len(documents) == 1 else f"all {len(documents)} files are empty",
            code="source.empty",
            origin=Origin(documents[0].name),
            hint="look whether the download went through",
        )


def refuse_same(held: Iterable[Held], documents: Iterable[HeldDocument], slug: str, day: date) -> None:
    """Refuse files that are held as those of another day, whatever they are called: one of the days is wrong.

    That nothing had changed by a later day says nothing of the days between, so that it moves no day either.

    Raises:
        UsageError: They are held, and not of this day.
    """
    given = sorted(item.sha256 for item in documents)
    same = [one for one in held if sorted(item.sha256 for item in one.documents) == given]
    if same and all(one.edition != day for one in same):
        other = same[-1].edition
        raise UsageError(
            f"the same files are held as {slug} of {other}, --edition says {day}",
            code="source.two-dates",
            hint=f"if {other} is wrong, `beholden kb drop {slug} --edition {other}`",
        )
