"""What stands in brackets at the end of a printed name: `Huawei Technologies Co., Ltd. (Huawei)` is two names."""

from __future__ import annotations

import re

from beholden.sources.places import codes
from beholden.values.names import LEGAL_FORMS, normalise

_BRACKET = re.compile(r"(?P<whole>[^()]*[^\s(),])[\s,]*\((?P<inside>[^()]+)\)\s*")
_CALLED = re.compile(r"(?P<how>[af])\.?k\.?a\.?,?\s+(?P<names>.+)")
# `MME`, `CETC-30`, `NPO LEMZ` in part: one word of capitals, with digits or hyphens.
_SHORT = re.compile(r"[A-Z][A-Z0-9-]+")
# Neither a name of its own: where a company is, and what it is.
_NOT_NAMES = frozenset({"UK", "USA", "UAE", "OFFSHORE", "OFF-SHORE", "FZC", "FZE", "LLP", "SAL"})


def names_in(printed: str) -> list[tuple[str, str]]:
    """The names that a printed one is made of, each with its kind; none where it is one name.

    A word in brackets is a short name if it is a word of the name or in capitals, unless it is a place or a legal
    form: `X (Pakistan)` and `X (UK)` may be other parties than `X`.

    Args:
        printed: The name as it is printed.

    Returns:
        The name without brackets first, as `legal`; then `alias` or `former` ones.
    """
    match = _BRACKET.fullmatch(printed)
    if match is None:
        return []
    whole, inside = match["whole"], match["inside"].strip()
    if called := _CALLED.fullmatch(inside):
        kind = "former" if called["how"] == "f" else "alias"
        return [(whole, "legal"), *((name.strip(), kind) for name in called["names"].split(";") if name.strip())]
    return [(whole, "legal"), (inside, "alias")] if _is_short_name(inside, whole) else []


def _is_short_name(word: str, whole: str) -> bool:
    norm = normalise(word)
    if norm in codes() or norm in LEGAL_FORMS or word.upper() in _NOT_NAMES:
        return False
    return bool(_SHORT.fullmatch(word)) or (" " not in norm and norm in normalise(whole).split())
