"""What every lockfile reader writes down about one package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from beholden.scan.rows import Rows
    from beholden.values.purl import Purl

# The project name rule that indexes of Python packages enforce.
PYPI_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


def add_package(
    rows: Rows,
    purl: Purl,
    *,
    field: str,
    line: int | None,
    raw: str | None = None,
    detail: dict[str, Any] | None = None,
    certainty: str = "confirmed",
) -> None:
    """Add a package: the value is the package itself, its version goes to the detail.

    Args:
        rows: Where to.
        purl: The package, with its version if the file gives one.
        field: The field it came from.
        line: Its line.
        raw: As printed; left out, the package URL with its version.
        detail: Small facts; `version` is filled in from the package URL.
        certainty: `probable` where the file does not say that the package is used.
    """
    told = {"version": purl.version, **(detail or {})}
    rows.add(
        Kind.PURL,
        purl.base,
        raw=raw if raw is not None else str(purl),
        certainty=certainty,
        field=field,
        line=line,
        detail={key: value for key, value in told.items() if value is not None},
    )
