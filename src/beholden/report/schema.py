"""The published JSON Schema of the result document, generated from its structs.

`python -m beholden.report.schema docs/schema` writes it to a file named by its version. A published version is never
edited: a change of the structs needs a new version in `beholden.schema.version`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from beholden.schema.result import ScanResult
from beholden.schema.version import REPORT_SCHEMA

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scan_schema() -> dict[str, Any]:
    """Return the JSON Schema of `ScanResult`."""
    return {
        "$schema": _DIALECT,
        "$id": f"urn:beholden:schema:scan:{REPORT_SCHEMA}",
        "title": "beholden scan result",
        "version": REPORT_SCHEMA,
        **msgspec.json.schema(ScanResult),
    }


def render() -> str:
    """Return the schema as it is published."""
    return json.dumps(scan_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (Path(sys.argv[1]) / f"scan-{REPORT_SCHEMA}.json").write_text(render(), encoding="utf-8")
