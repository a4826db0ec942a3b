"""The published JSON Schemas of receipts and of their verification, generated from the structs.

`python -m beholden.report.receipt_schema docs/schema` writes them; a released version is never edited.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from beholden.schema.receipt import Receipt, Verification
from beholden.schema.version import RECEIPT_SCHEMA

if TYPE_CHECKING:
    from beholden.schema.document import Document

DOCUMENTS: dict[str, tuple[str, type[Document]]] = {
    "receipt": ("beholden receipt", Receipt),
    "verification": ("beholden kb verify document", Verification),
}


def render_schema(name: str) -> str:
    """The schema of `receipt` or `verification` as it is published."""
    title, document = DOCUMENTS[name]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:beholden:schema:{name}:{RECEIPT_SCHEMA}",
        "title": title,
        "version": RECEIPT_SCHEMA,
        **msgspec.json.schema(document),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for document_name in DOCUMENTS:
        target = Path(sys.argv[1]) / f"{document_name}-{RECEIPT_SCHEMA}.json"
        target.write_text(render_schema(document_name), encoding="utf-8")
