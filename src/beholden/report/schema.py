"""The published schemas of what commands print and write, generated from the structs and tables.

`python -m beholden.report.schema docs/schema` writes each to a file named by its version. A released version is never
edited: a change of the structs or tables needs a new version in `beholden.schema.version`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.schema.bases import BaseComparison, BaseExport, Pruning
from beholden.schema.comparison import Comparison, Supposition
from beholden.schema.dossier import BaseInfo, Dossier
from beholden.schema.publication import Publications
from beholden.schema.receipt import Receipt, Verification
from beholden.schema.result import Explanation, ScanResult
from beholden.schema.review import Review
from beholden.schema.tables import TABLES
from beholden.schema.version import RECEIPT_SCHEMA, REPORT_SCHEMA, TABLES_SCHEMA

if TYPE_CHECKING:
    import pyarrow as pa

    from beholden.schema.document import Document

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DOCUMENTS: dict[str, tuple[str, type[Document], str]] = {
    "scan": ("beholden scan result", ScanResult, REPORT_SCHEMA),
    "show": ("beholden show dossier", Dossier, REPORT_SCHEMA),
    "explain": ("beholden explain document", Explanation, REPORT_SCHEMA),
    "kb-info": ("beholden kb info document", BaseInfo, REPORT_SCHEMA),
    "publications": ("beholden kb import, kb update and kb drop document", Publications, REPORT_SCHEMA),
    "kb-review": ("beholden kb review document", Review, REPORT_SCHEMA),
    "kb-diff": ("beholden kb diff document", BaseComparison, REPORT_SCHEMA),
    "kb-export": ("beholden kb export document", BaseExport, REPORT_SCHEMA),
    "kb-prune": ("beholden kb prune document", Pruning, REPORT_SCHEMA),
    "diff": ("beholden diff document", Comparison, REPORT_SCHEMA),
    "whatif": ("beholden whatif document", Supposition, REPORT_SCHEMA),
    "receipt": ("beholden receipt", Receipt, RECEIPT_SCHEMA),
    "verification": ("beholden kb verify document", Verification, RECEIPT_SCHEMA),
}


def document_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document by its name, such as `scan` or `kb-info`."""
    title, document, version = _DOCUMENTS[name]
    return {
        "$schema": _DIALECT,
        "$id": f"urn:beholden:schema:{name}:{version}",
        "title": title,
        "version": version,
        **msgspec.json.schema(document),
    }


def published() -> dict[str, str]:
    """Return file name → content of every schema as it is published."""
    files = {
        f"{name}-{version}.json": json.dumps(document_schema(name), indent=2, ensure_ascii=False) + "\n"
        for name, (_, _, version) in _DOCUMENTS.items()
    }
    return files | {f"tables-{TABLES_SCHEMA}.md": tables_page()}


def tables_page() -> str:
    """Return the columns of the Parquet and CSV outputs as Markdown."""
    parts = [
        f"# Tables {TABLES_SCHEMA}",
        "The columns of `-o findings.parquet` and `-o findings.csv`, generated from `beholden.schema.tables`. The "
        "descriptions are in the metadata of every Parquet column as well. A column marked `!` is never null.",
        *(_page_of(part, schema) for part, schema in TABLES.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _page_of(part: str, schema: pa.Schema) -> str:
    file = f"findings.{part}.parquet" if part else "findings.parquet"
    name = schema.metadata[b"table"].decode()
    rows = [f"| `{item.name}`{'' if item.nullable else ' !'} | {_kind(item.type)} | {_said(item)} |" for item in schema]
    head = [f"## {name}: `{file}`", "", f"{schema.metadata[b'rows'].decode().capitalize()}.", ""]
    return "\n".join([*head, "| column | type | what it holds |", "|---|---|---|", *rows])


def _kind(kind: pa.DataType) -> str:
    shown = str(kind).replace(" not null", "").replace("item: ", "").replace("element: ", "")
    return f"`{shown}`"


def _said(item: pa.Field) -> str:
    return str(item.metadata[b"description"].decode())


if __name__ == "__main__":
    for file, content in published().items():
        (Path(sys.argv[1]) / file).write_text(content, encoding="utf-8")
