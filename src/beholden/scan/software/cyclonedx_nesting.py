"""Components and services of a CycloneDX bill hold more of their own kind, to any depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.source import Source


def nested_records(source: Source, given: object, word: str) -> Iterator[dict[str, Any]]:
    """Give the records of a list and those nested in them, in document order and without recursion.

    Args:
        source: Where rejects go.
        given: What the bill holds under the plural of `word`; absent is None.
        word: `component` or `service`.
    """
    key = f"{word}s"
    if given is not None and not isinstance(given, list):
        source.reject(None, f"{key} is not a list", expected="a list")
        return
    levels = [iter(given or ())]
    while levels:
        # The end of a level, which a null among its items must not look like.
        record = next(levels[-1], levels)
        if record is levels:
            levels.pop()
        elif not isinstance(record, dict):
            source.reject(None, f"{word} is not an object", expected="an object")
        else:
            yield record
            nested = record.get(key)
            if isinstance(nested, list):
                levels.append(iter(nested))
