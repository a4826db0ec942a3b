"""The base of packs and of all publications that are held.

A stand-in: it gives the core base and leaves publications out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.compile.pipeline import open_core

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase


def rebuild(home: Path, *, as_held: date | None = None) -> KnowledgeBase:
    """Compile what is held below a home folder.

    Args:
        home: Where publications and bases are.
        as_held: Only with what was held at the end of this day.

    Raises:
        CompileError: Rows do not fit together.
        KnowledgeBaseError: The base cannot be written.
    """
    del home, as_held
    return open_core()
