"""A receipt: what was searched, when, with which lists, and what came out, each thing by digest.

Whoever holds the inputs and the base can do the search again and compare (`beholden kb verify RECEIPT`).
"""

from __future__ import annotations

import msgspec

from beholden.schema.document import Document
from beholden.schema.result import SourceInfo
from beholden.schema.version import RECEIPT_SCHEMA


class Tool(Document, kw_only=True):
    """The program that searched; another version may word or find otherwise, so a verifier says where it differs."""

    name: str
    version: str
    libraries: dict[str, str] = {}  # those whose content can change what is found
    plugins: list[str] = []  # readers of other distributions


class ReceiptOptions(Document, kw_only=True):
    """Options that change the answer or the exit code, as they were given."""

    profile: str | None = None
    roles: list[str] = []
    max_age: int | None = None
    waivers: str | None = None
    baseline: str | None = None
    fail_on: str | None = None
    fail_on_confirmed: bool = False
    allow_incomplete: bool = False
    detect: list[str] = []  # behaviour that was looked for


class InputEntry(Document, kw_only=True):
    """One entry below the paths, read or not, named as coverage names it.

    `not_read` says why nothing of it was opened (a link, a pipe, a folder of a tool); then there is no digest.
    """

    path: str
    bytes: int | None = None
    sha256: str | None = None
    not_read: str | None = None


class NamedFile(Document, kw_only=True):
    """A file that decides the answer beside the inputs: `role` is profile, overlay, waivers or baseline."""

    role: str
    path: str
    bytes: int
    sha256: str


class ReceiptBase(Document, kw_only=True):
    """The knowledge base that answered; a digest with `+` names the core and the in-house packs laid over it."""

    digest: str
    schema: str
    lists: list[SourceInfo]


class CoverageTotals(Document, kw_only=True):
    """What was read and what was not, added up."""

    files: dict[str, int]  # status → files
    records_read: int
    records_rejected: int
    not_resolved: dict[str, int]  # kind → distinct values per file with nobody behind them in the base


class ReceiptResult(Document, kw_only=True):
    """What came out. `sha256` is that of the file that `-o result.json` writes."""

    sha256: str
    findings: int
    by_level: dict[str, int]
    coverage: CoverageTotals
    exit_code: int


class Receipt(Document, kw_only=True):
    """The document of `beholden scan --receipt`.

    `digest` is the SHA-256 of the rest: without `digest`, keys sorted, no blanks, UTF-8. It shows that the receipt was
    not edited by accident; it is no signature and no proof of the time.
    """

    schema_version: str = RECEIPT_SCHEMA
    document: str = "receipt"
    command: str = "scan"
    tool: Tool
    made_at: str  # UTC, when the search began
    as_of: str
    known_at: str | None
    paths: list[str]
    outputs: list[str] = []  # files that the command wrote; where they lie among the inputs they were not read
    options: ReceiptOptions
    inputs: list[InputEntry]
    files: list[NamedFile]
    base: ReceiptBase
    result: ReceiptResult
    statement: str
    digest: str = ""


class Check(Document, kw_only=True):
    """One thing that a receipt or a base says of itself, and whether it is so.

    `status` is `agrees`; `changed`, `missing` or `new` (a file); `differs`; `not_checked` (could not be recomputed);
    or `other` (is not the same and need not be: the version of the tool).
    """

    about: str  # receipt | tool | base | file | input | result
    item: str
    status: str
    says: str | None = None


class Verification(Document, kw_only=True):
    """The document of `beholden kb verify`."""

    schema_version: str = RECEIPT_SCHEMA
    command: str = "kb verify"
    as_of: str | None = None
    known_at: str | None = None
    made_at: str | None = None
    place: str
    kb_digest: str | None = None  # of the base that the receipt names, or that was verified
    agrees: bool
    statement: str | None = None
    checks: list[Check] = msgspec.field(default_factory=list)
