"""What is said of files that somebody gives, before they are read: nothing in them, or held as those of another day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import Origin, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.sources.edition import Edition
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


def was_part(held: Iterable[Held], documents: Iterable[HeldDocument]) -> str | None:
    """What to say of files that were kept as a part: the same bytes on a later day lack what they lacked.

    Args:
        held: What is held, oldest first.
        documents: The files.
    """
    same = _of_the_same_files(held, documents)
    if not same or not same[-1].is_partial:
        return None
    return (
        f"the same files as the part of {same[-1].edition}: they stay a part until --whole says that nothing is missing"
    )


def confirmed(
    held: Iterable[Held], documents: Iterable[HeldDocument], slug: str, day: Edition, *, is_whole: bool
) -> str | None:
    """What to say of files that are held as those of an earlier day already, whatever they are called.

    Who gives them again as those of a later day looked again, and nothing had changed: that is a copy of the later day.

    Args:
        held: What is held of the publication.
        documents: The files.
        slug: Its importer.
        day: Their day, as the user or the names of the files say it.
        is_whole: The user says that it is the whole list, so that it may have gone back to what it was before.

    Returns:
        A note; None where they are not held, or of this day, or where their names say that they are of an earlier one.

    Raises:
        UsageError: They are held as those of a later day, or other files of a day between: one of the days is wrong.
    """
    records = list(held)
    same = _of_the_same_files(records, documents)
    if not same or any(one.edition == day.day for one in same):
        return None
    # A part that came in between says nothing against the whole.
    earlier = [one for one in records if one.edition < day.day and (one in same or not one.is_partial)]
    before = max(earlier, key=lambda one: (one.edition, one.held_at), default=None)
    if before is not None and before in same:
        what = "part" if before.is_partial else "copy"
        return f"the same files as the {what} of {before.edition}: nothing changed by {day.day}"
    last = max((one.edition for one in same if one.edition < day.day), default=None)
    if before is not None and last is not None:
        if is_whole:
            return f"the same files as those of {last}, after others of {before.edition}: the list has gone back"
        other = last
        hint = (
            f"other files are held of {before.edition}, so look whether these are the ones that you mean; if the list "
            "has gone back, say --whole"
        )
    else:
        if day.found == "file name":
            return None
        other = same[-1].edition
        hint = (
            f"if they were the same on {day.day} already, `beholden kb drop {slug} --edition {other} --later`, and "
            f"import them with --edition {day.day} and then with --edition {other}"
        )
    says = "--edition says" if day.found == "given" else "their name says"
    raise UsageError(
        f"the same files are held as {slug} of {other}, {says} {day.day}", code="source.two-dates", hint=hint
    )


def _of_the_same_files(held: Iterable[Held], documents: Iterable[HeldDocument]) -> list[Held]:
    """Records of the same bytes, whatever the files are called."""
    given = sorted(item.sha256 for item in documents)
    return [one for one in held if sorted(item.sha256 for item in one.documents) == given]
