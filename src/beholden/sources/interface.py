"""What an importer is given and what it gives.

An importer is a folder with `source.toml` and `parse.py`; `parse.py` has

* `parse(publication, reading)`: yields rows of `beholden.schema.rows` in any order; required.
* `printed_date(publication)`: the day of the publication, as the files print it themselves; left out where none does.

Rows need no `source_id` and no `grade`: the compiler puts those of the publication on rows that say none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from beholden.errors import Origin, SourceError, UnexpectedValueError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date

    from beholden.schema.rows import Row
    from beholden.sources.descriptor import Descriptor
    from beholden.sources.document import Document

_MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Publication:
    """One state of a publication: its files as they were served or given.

    Attributes:
        descriptor: What it is.
        documents: The files, in the order given.
        edition: Its day: as printed, or as said by who gave it.
    """

    descriptor: Descriptor
    documents: tuple[Document, ...]
    edition: date

    @property
    def slug(self) -> str:
        """Id of the importer."""
        return self.descriptor.slug

    @property
    def source_id(self) -> str:
        """Id of the row of `sources` that stands for this state."""
        return f"{self.descriptor.slug}@{self.edition}"


@dataclass(slots=True)
class Reading:
    """What became of the records of a publication while it was read.

    Attributes:
        layout: Name of the layout that was recognised.
        read: Records that were read.
        rejected: Records that were not, with place and reason; samples of at most 20.
        rejects: How many.
        reasons: Rejected records by reason.
        notes: What a user should know beside that.
    """

    layout: str | None = None
    read: int = 0
    rejects: int = 0
    rejected: list[UnexpectedValueError] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def reject(self, error: UnexpectedValueError) -> None:
        """Count a record that cannot be read; the rest is still read."""
        self.rejects += 1
        self.reasons[error.reason] += 1
        if len(self.rejected) < _MOST_REASONS:
            self.rejected.append(error)

    def record(self) -> AbstractContextManager[None]:
        """A context for one record: counts it as read, or as rejected where it raises `UnexpectedValueError`.

        The rows of a record are built inside and yielded after it, so that none is half given:

            rows: list[Row] = []
            with reading.record():
                rows = _rows(record)
            yield from rows
        """
        return _OneRecord(self)


class _OneRecord:
    """See `Reading.record`; a class, because a generator per record costs a third more."""

    __slots__ = ("_reading",)

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            self._reading.read += 1
            return False
        if isinstance(error, UnexpectedValueError):
            self._reading.reject(error)
            return True
        return False


Parse = Callable[[Publication, Reading], Iterator["Row"]]


@dataclass(frozen=True, slots=True)
class Source:
    """An importer: its descriptor and its parser."""

    descriptor: Descriptor
    parse: Parse
    printed_date: Callable[[tuple[Document, ...], Descriptor], date | None] | None = None


def no_layout(publication: Publication, why: str, origin: Origin | None = None) -> SourceError:
    """The error for files that no layout of the importer fits."""
    layouts = publication.descriptor.layouts
    form = _form_of(publication.documents[0])
    near = [layout for layout in layouts if form in layout.name] or layouts
    others = [layout.name for layout in layouts if layout not in near]
    known = "; ".join(f"{layout.name}: {layout.files}" for layout in near)
    more = f"; and {', '.join(others)}" if others else ""
    return SourceError(
        f"{why}; {publication.slug} reads {known}{more}",
        code="source.unknown-layout",
        origin=origin or Origin(publication.documents[0].name),
    )


def _form_of(document: Document) -> str:
    """What a file looks like, as names of layouts call it."""
    start = b""
    with suppress(SourceError):
        start = document.head(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"<": "xml", b"{": "json", b"[": "json"}.get(start, "csv")
