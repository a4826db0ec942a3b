"""Packs and rows → an immutable knowledge base."""

from __future__ import annotations

from beholden.compile.decisions import DECISIONS_FILE, Decision, read_decisions, standing_decisions, without_last
from beholden.compile.packs import pack_files
from beholden.compile.pipeline import (
    build,
    compile_rows,
    core_packs,
    home,
    note_use,
    open_core,
    open_overlaid,
    overlaid,
    verify,
)
from beholden.compile.prune import old_bases, remove_old
from beholden.compile.rebuild import open_base, rebuild, redecide

__all__ = [
    "DECISIONS_FILE",
    "Decision",
    "build",
    "compile_rows",
    "core_packs",
    "home",
    "note_use",
    "old_bases",
    "open_base",
    "open_core",
    "open_overlaid",
    "overlaid",
    "pack_files",
    "read_decisions",
    "rebuild",
    "redecide",
    "remove_old",
    "standing_decisions",
    "verify",
    "without_last",
]
