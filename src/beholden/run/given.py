"""What is said of files that somebody gives, before they are read: nothing in them, or held as those of another day."""

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


def confirmed(held: Iterable[Held], documents: Iterable[HeldDocument], slug: str, day: date) -> str | None:
    """What to say of files that are held as those of an earlier day already, whatever they are called.

    Who gives them again as those of a later day looked again, and nothing had changed: that is a copy of the later day.

    Returns:
        A note; None where they are not held, or of this day.

    Raises:
        UsageError: They are held as those of a later day, or other files of a day between: one of the days is wrong.
    """
    records = list(held)
    given = sorted(item.sha256 for item in documents)
    same = [one for one in records if sorted(item.sha256 for item in one.documents) == given]
    if not same or any(one.edition == day for one in same):
        return None
    # A part that came in between says nothing against the whole.
    earlier = [one for one in records if one.edition < day and (one in same or not one.is_partial)]
    before = max(earlier, key=lambda one: (one.edition, one.held_at), default=None)
    if before is not None and before in same:
        return f"the same files as the copy of {before.edition}: nothing changed by {day}"
    other = same[-1].edition
    if other > day:
        hint = (
            f"if they were the same on {day} already, `beholden kb drop {slug} --edition {other} --later`, and import "
            f"them with --edition {day} and then with --edition {other}"
        )
    else:
        last = before.edition if before is not None else other
        hint = f"other files are held of {last}, so look whether these are the ones that you mean"
    raise UsageError(
        f"the same files are held as {slug} of {other}, --edition says {day}", code="source.two-dates", hint=hint
    )
