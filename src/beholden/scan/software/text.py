"""Strings out of parsed documents, where any field may be of any type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 1_000
MAX_DETAIL = 200


def text_of(value: object) -> str | None:
    """The value as text that can be stored, or None.

    Args:
        value: Anything a document holds.

    Returns:
        The stripped string; None for another type, an empty string or one too long to be a name or address. Lone
        surrogates, which JSON escapes can spell and UTF-8 cannot, become `?`.
    """
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return None
    return value.encode("utf-8", "replace").decode("utf-8").strip() or None


def field_of(record: object, *path: str) -> str | None:
    """The text at a path of keys in nested objects; None where a step is missing or of another type."""
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return text_of(record)


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """The objects of a list, in order; nothing where it is not a list."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def table_of(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def facts(**values: object) -> dict[str, Any]:
    """A detail object without the facts that are not known; long ones are clipped."""
    return {
        key: f"{value[:MAX_DETAIL]}…" if isinstance(value, str) and len(value) > MAX_DETAIL else value
        for key, value in values.items()
        if value is not None
    }
