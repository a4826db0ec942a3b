"""Domain names: normal form, suffix chain, registrable domain by the bundled public suffix list."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")


def normalise(text: str) -> str | None:
    """The lower-case ASCII form of a host name.

    Args:
        text: A host name, with or without a trailing dot; internationalised labels are encoded.

    Returns:
        None where it is not a host name of at least two labels.
    """
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or labels[-1].isdigit() or not all(_LABEL.match(label) for label in labels):
        return None
    return name


def suffixes(name: str) -> list[str]:
    """The name and its parents of at least two labels, longest first.

    Example:
        `a.b.example` → `["a.b.example", "b.example"]`.
    """
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def registrable(name: str) -> str | None:
    """The domain one label below the public suffix; None for a public suffix itself."""
    found = _suffix_list().privatesuffix(name)
    return str(found) if found else None


@cache
def _suffix_list() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
