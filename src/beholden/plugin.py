"""For plugin authors: the protocols to implement and what they are given. Words of the batches: `beholden.schema`.

How-tos: docs/how-to/add-a-reader.md and docs/how-to/add-a-source.md. A reader of another distribution registers as an
entry point of the group `beholden.scanners`, an importer of publications as one of `beholden.sources`; matchers and
reports are registered in the tree. Rows that an importer yields: `beholden.schema.rows`.
"""

from __future__ import annotations

from beholden.errors import Origin, SourceError, UnexpectedValueError
from beholden.match.interface import Found, Matcher, Query, hop, queries, to_batch
from beholden.report.interface import RenderOptions, Report
from beholden.scan.interface import Acceptance, InputHead, Scanner, Watch
from beholden.scan.rows import Rows
from beholden.scan.source import Source
from beholden.sources.descriptor import Descriptor, read_descriptor
from beholden.sources.document import Document
from beholden.sources.interface import Publication, Reading, no_layout
from beholden.sources.interface import Source as Importer
from beholden.sources.record import Record

__all__ = [
    "Acceptance",
    "Descriptor",
    "Document",
    "Found",
    "Importer",
    "InputHead",
    "Matcher",
    "Origin",
    "Publication",
    "Query",
    "Reading",
    "Record",
    "RenderOptions",
    "Report",
    "Rows",
    "Scanner",
    "Source",
    "SourceError",
    "UnexpectedValueError",
    "Watch",
    "hop",
    "no_layout",
    "queries",
    "read_descriptor",
    "to_batch",
]
