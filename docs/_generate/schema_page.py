"""The published schemas of documents, as files to read or download."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from beholden.schema.version import KB_SCHEMA, REPORT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable


def pages(files: Iterable[str]) -> dict[str, str]:
    """One page that lists every schema file.

    Args:
        files: Paths of JSON files below `docs`.
    """
    names = sorted(PurePosixPath(path).name for path in files if path.startswith("schema/"))
    listed = "".join(f"* [{name}]({name})\n" for name in names)
    text = (
        "# Schemas\n\nJSON Schema of the documents that `--format json` and `-o FILE.json` write, one file per published "
        "version. Versions are `MODEL.REVISION.ADDITION`: a new addition breaks no reader, a new model may. A published "
        f"file is never edited.\n\n{listed}\nThis version writes documents of schema {REPORT_SCHEMA} and knowledge bases "
        f"of schema {KB_SCHEMA}. What each field means is in the [Python reference](../reference/python-schema.md).\n"
    )
    return {"schema/index.md": text}
