"""The document of `kb import`, `kb update` and `kb drop`."""

from __future__ import annotations

from beholden.schema.document import Document
from beholden.schema.result import KnowledgeBaseInfo
from beholden.schema.version import REPORT_SCHEMA


class PublicationFile(Document, kw_only=True):
    """One file of a publication, as it is kept."""

    name: str
    sha256: str
    bytes: int
    url: str | None = None
    fetched_at: str | None = None


class RejectedRecord(Document, kw_only=True):
    """A record that could not be read."""

    file: str | None
    line: int | None
    reason: str


class PublicationError(Document, kw_only=True):
    """Why a publication was not kept."""

    code: str
    message: str


class PublicationInfo(Document, kw_only=True):
    """What became of one publication: `kept`, `unchanged`, `refused` or `dropped`.

    Of a refused one, edition, files and times are those of the copy that stays in force, if there is one; of a dropped
    one, those of what was taken out at `dropped_at`.
    """

    source: str
    status: str
    edition: str | None = None
    edition_from: str | None = None
    held_at: str | None = None
    checked_at: str | None = None
    dropped_at: str | None = None
    layout: str | None = None
    is_partial: bool = False
    documents: list[PublicationFile] = []
    records_read: int | None = None
    records_rejected: int | None = None
    reasons: dict[str, int] = {}
    rejected: list[RejectedRecord] = []
    notes: list[str] = []
    rows: dict[str, int] = {}
    error: PublicationError | None = None


class Publications(Document, kw_only=True):
    """The document of `beholden kb import` (`command: kb import`), `kb update` and `kb drop`.

    `compiled` is false where what was done waits for the next import, update or build (`--later`): `kb` is then the
    base in use, which does not know of it. `remarks` are the places where publications that are held disagree
    with what was reviewed.
    """

    schema_version: str = REPORT_SCHEMA
    command: str
    as_of: str
    known_at: str | None = None
    kb: KnowledgeBaseInfo
    publications: list[PublicationInfo]
    remarks: list[str] = []
    compiled: bool = True
