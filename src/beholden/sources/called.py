"""Numbers that a text calls by the name of their register, such as `9999000013 (Tax ID/INN)` or `INN: 9999000013`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Only registers whose numbers have check digits or a fixed length: a bare number is not told from another.
_CALLED = (
    ("inn", re.compile(r"\bINN\b\W*(\d{12}|\d{10})(?!\d)")),
    ("inn", re.compile(r"(?<!\d)(\d{12}|\d{10}) ?\((?:Tax ID/)?INN\b")),
    ("ogrn", re.compile(r"\bOGRN\b\W*(\d{15}|\d{13})(?!\d)")),
    ("ogrn", re.compile(r"(?<!\d)(\d{15}|\d{13}) ?\(OGRN\b")),
)


def numbers_called(text: str) -> Iterator[tuple[str, str]]:
    """Kind and value of every number that a text calls by name, each once."""
    found: dict[tuple[str, str], None] = {}
    for kind, pattern in _CALLED:
        for number in pattern.findall(text):
            found[(kind, number)] = None
    yield from found
