"""How a report calls the base that answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.schema.result import KnowledgeBaseInfo

_DIGITS = 12


def base_words(kb: KnowledgeBaseInfo, *, whole: bool = False) -> str:
    """The base by its digest, and of which day its publications are where that is not now.

    Args:
        kb: The base.
        whole: Whether the digest is written out.
    """
    held = f", as held on {kb.as_held}" if kb.as_held is not None else ""
    return f"knowledge base {kb.digest if whole else kb.digest[:_DIGITS]}{held}"
