"""For plugin authors: the protocols to implement and what they are given. Words of the batches: `beholden.schema`.

How-to: docs/how-to/add-a-reader.md. A reader of another distribution registers as an entry point of the group
`beholden.scanners`; matchers and reports are registered in the tree.
"""

from __future__ import annotations

from beholden.match.interface import Found, Matcher, Query, hop, queries, to_batch
from beholden.report.interface import RenderOptions, Report
from beholden.scan.interface import Acceptance, InputHead, Scanner, Watch
from beholden.scan.rows import Rows
from beholden.scan.source import Source

__all__ = [
    "Acceptance",
    "Found",
    "InputHead",
    "Matcher",
    "Query",
    "RenderOptions",
    "Report",
    "Rows",
    "Scanner",
    "Source",
    "Watch",
    "hop",
    "queries",
    "to_batch",
]
