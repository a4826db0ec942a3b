"""Which compiled base is meant: a word, a folder, or the start of a digest."""

from __future__ import annotations

import re
from pathlib import Path

from beholden.compile import home, note_use, open_base, open_core
from beholden.errors import KnowledgeBaseError
from beholden.kb.base import KnowledgeBase

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_START = re.compile(r"[0-9a-f]{4,64}")


def base_called(name: str) -> KnowledgeBase:
    """Open the base that a user names.

    Args:
        name: `core` (the packs of this version), `current` (what `scan` and `show` answer from), a folder, or a digest
            or its start, of a base below the home folder. A folder that is called like a word is named as `./core`.

    Raises:
        KnowledgeBaseError: There is none, several are meant, or it cannot be read.
    """
    if name == "core":
        return open_core()
    if name == "current":
        return open_base()
    folder = Path(name)
    if folder.is_dir():
        return KnowledgeBase.open(folder)
    if _START.fullmatch(name) is None:
        raise _unknown(name, "it is no folder and no start of a digest (four or more of 0-9, a-f)")
    bases = home() / "kb"
    found = sorted(path for path in bases.glob(f"{name}*") if (path / "manifest.json").is_file())
    if not found:
        raise _unknown(name, f"nothing in {bases} starts so")
    if len(found) > 1:
        raise KnowledgeBaseError(
            f"{name} is the start of {len(found)} bases: {', '.join(path.name[:16] for path in found[:8])}",
            code="kb.ambiguous-base",
            hint="give more of the digest",
        )
    base = KnowledgeBase.open(found[0])
    note_use(found[0])
    return base


def _unknown(name: str, why: str) -> KnowledgeBaseError:
    if _DAY.fullmatch(name):
        return KnowledgeBaseError(
            f"{name} is a day, and bases are called by their digests",
            code="kb.unknown-base",
            hint=f"`beholden kb build --as-held {name}` builds what was held then and prints its digest, "
            "`beholden kb build` after it puts the present base back in use",
        )
    return KnowledgeBaseError(
        f"no knowledge base is called {name}: {why}",
        code="kb.unknown-base",
        hint="name `core`, `current`, a folder, or the start of a digest",
    )
