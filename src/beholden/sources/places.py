"""Names of places as publications print them → ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.sources.record import Record


@cache
def _names() -> Mapping[str, str]:
    codes: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("places.toml").read_text(encoding="utf-8"))
    return {name.casefold(): code for code, names in codes.items() for name in names}


@cache
def codes() -> frozenset[str]:
    """Every code, lower case."""
    return frozenset(_names().values())


def place_code(record: Record, field: str, printed: str, others: Mapping[str, str] | None = None) -> str:
    """Code of a place that a record prints, by name or as a code.

    Args:
        record: For the place of the error.
        field: Field that prints it.
        printed: Name or two-letter code.
        others: More names that only this publication uses, such as those of its `source.toml`.

    Raises:
        UnexpectedValueError: No place is called so.
    """
    key = " ".join(printed.split()).casefold()
    if others is not None and printed in others:
        return others[printed]
    if key in codes():
        return key
    found = _names().get(key)
    if found is None:
        raise record.error(f"unknown place in {field}", f"{printed!r}; expected a name in sources/places.toml")
    return found
