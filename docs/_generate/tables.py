"""Markdown that holds text from elsewhere without taking it for markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_MARKUP = re.compile(r"([\\`*_\[\]|#~])")
NONE = "–"


def plain(text: object) -> str:
    """Text that means itself; nothing becomes a dash."""
    if text is None or text == "":
        return NONE
    escaped = str(text).replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    return _MARKUP.sub(r"\\\1", escaped)


def code(words: str | Iterable[str]) -> str:
    """Words as they are typed, separated by commas."""
    listed = [words] if isinstance(words, str) else list(words)
    return ", ".join(f"`{word}`" for word in listed) or NONE


def day(value: date | None) -> str:
    """A date as ISO 8601."""
    return NONE if value is None else value.isoformat()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) + "\n"
