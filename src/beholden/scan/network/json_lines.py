"""Objects of JSON logs: one on a line as programs write them, or printed over several lines as samples show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

_decode = msgspec.json.Decoder().decode


def json_object(text: str) -> dict[str, Any] | None:
    """Read one object; None where the text is none, or is nested too deep."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def whole_object(text: str, lines: Iterator[tuple[int, str]]) -> str:
    """Take the rest of an object whose brace stands alone on its line, up to the brace that begins a line.

    Args:
        text: The line that an object begins on.
        lines: Those after it; read only where the line holds nothing but the brace.

    Returns:
        The object's text, cut at the length of the longest line.
    """
    if text.strip() != "{":
        return text
    parts, size = [text], 0
    for _, more in lines:
        parts.append(more)
        size += len(more) + 1
        if more[:1] == "}" or size > MAX_LINE_BYTES:
            break
    return "\n".join(parts)


def leading_objects(lines: list[str]) -> Iterator[dict[str, Any]]:
    """Give the objects that stand whole among the first lines of a file."""
    numbered = iter(enumerate(lines, 1))
    for _, text in numbered:
        if text.lstrip()[:1] == "{" and (found := json_object(whole_object(text, numbered))) is not None:
            yield found
