"""The records of what is held and of what was dropped: what it consists of, of which day it is, and since when."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import Origin, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# How the edition was found, in the order in which it is looked for; see `sources.edition`.
EDITION_FROM = ("given", "printed", "file name", "Last-Modified", "fetched", "imported")
_DIGITS = 12


class HeldDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file.

    Attributes:
        name: As it was served or given, without folders of the user.
        sha256: Of the bytes as they are kept.
        bytes: How many.
        url: Where it was fetched, without credentials; None: it was given.
        fetched_at: When.
        headers: What the server said of it, of the headers that matter.
    """

    name: str
    sha256: str
    bytes: int
    url: str | None = None
    fetched_at: datetime | None = None
    headers: dict[str, str] = {}


class Held(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One publication.

    Attributes:
        slug: Id of the importer.
        edition: Its day.
        edition_from: How the day was found, a word of `EDITION_FROM`.
        held_at: Since when we hold it, UTC; later than that of every record that was there before.
        documents: Its files, in the order given.
        layout: In which layout it was read.
        records_read: Records that were read when it came in.
        records_rejected: Records that were not.
        is_partial: Records were rejected, or there are fewer than a complete publication has: what is not in it may
            still be on the list.
        is_said: The user said which of both it is.
    """

    slug: str
    edition: date
    edition_from: str
    held_at: datetime
    documents: list[HeldDocument]
    layout: str | None = None
    records_read: int | None = None
    records_rejected: int | None = None
    is_partial: bool = False
    is_said: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents of the files, in whatever order they were given."""
        return digest_of(self.documents)

    @property
    def name(self) -> str:
        """Name of the record without its ending; names sort by time."""
        return f"{self.held_at:%Y%m%dT%H%M%S.%fZ}-{self.digest[:_DIGITS]}"

    def says_the_same(self, other: Held) -> bool:
        """Whether both are the same bytes of the same day, read with the same outcome, and the other adds no word."""
        is_same = (self.edition, self.digest, self.is_partial) == (other.edition, other.digest, other.is_partial)
        return is_same and (self.is_said or not other.is_said)

    def document(self, name: str) -> HeldDocument | None:
        """The file of this name."""
        return next((item for item in self.documents if item.name == name), None)


class Checked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a publication was asked for again and was the same: says nothing of the day it is of."""

    checked: list[datetime]


class Dropped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That publications were taken out: from then on they are not in force, and before they were.

    Attributes:
        dropped_at: When, UTC; later than every record of its importer that was there.
        records: Names of their records, which stay.
    """

    dropped_at: datetime
    records: list[str]

    @property
    def name(self) -> str:
        """Name of this record without its ending; names sort by time."""
        return f"{self.dropped_at:%Y%m%dT%H%M%S.%fZ}"


def digest_of(documents: Iterable[HeldDocument]) -> str:
    """SHA-256 over names and contents of files."""
    text = "".join(sorted(f"{item.sha256} {item.name}\n" for item in documents))
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def read_held(path: Path, slug: str) -> Held:
    """The record of a publication.

    Raises:
        SourceError: It is damaged or was changed.
    """
    origin = Origin(f"{slug}/{path.name}")
    try:
        held = msgspec.json.decode(path.read_bytes(), type=Held)
    except (OSError, msgspec.MsgspecError) as error:
        raise SourceError(
            f"the record of a publication is damaged: {error}",
            code="source.damaged-record",
            hint=f"remove {path} and import or fetch the publication again",
            origin=origin,
        ) from error
    if held.slug != slug or held.name != path.stem:
        raise SourceError(
            "the record of a publication was changed: its name is not that of its content",
            code="source.damaged-record",
            hint=f"remove {path} and import or fetch the publication again",
            origin=origin,
        )
    return held


def read_dropped(path: Path, slug: str) -> Dropped:
    """The record of what was dropped.

    Raises:
        SourceError: It is damaged.
    """
    try:
        dropped = msgspec.json.decode(path.read_bytes(), type=Dropped)
    except (OSError, msgspec.MsgspecError) as error:
        # Going on would put into force what somebody took out.
        raise SourceError(
            f"the record of what was dropped is damaged: {error}",
            code="source.damaged-record",
            hint=f"remove {path} and drop it again",
            origin=Origin(f"{slug}/{path.name}"),
        ) from error
    return dropped
