"""Packs and rows → an immutable knowledge base."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beholden.compile.decisions import DECISIONS_FILE, Decision, read_decisions, standing_decisions, without_last
    from beholden.compile.opening import core_packs, home, open_base, open_core
    from beholden.compile.packs import pack_files
    from beholden.compile.pipeline import build, compile_rows, note_use, open_overlaid, overlaid, verify
    from beholden.compile.prune import old_bases, remove_old
    from beholden.compile.renewal import MisfitError, rebuild, redecide

__all__ = [
    "DECISIONS_FILE",
    "Decision",
    "MisfitError",
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

# A module is loaded when a name of it is asked for: most commands only open a base, and what compiles one takes 50 ms.
_MODULES = {
    "decisions": ("DECISIONS_FILE", "Decision", "read_decisions", "standing_decisions", "without_last"),
    "opening": ("core_packs", "home", "open_base", "open_core"),
    "packs": ("pack_files",),
    "pipeline": ("build", "compile_rows", "note_use", "open_overlaid", "overlaid", "verify"),
    "prune": ("old_bases", "remove_old"),
    "renewal": ("MisfitError", "rebuild", "redecide"),
}

if not TYPE_CHECKING:  # with it, a name that does not exist would pass for one

    def __getattr__(name: str) -> object:
        """The name, from the module that has it."""
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{module}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
