"""Packs and rows → an immutable knowledge base."""

from __future__ import annotations

from beholden.compile.packs import pack_files
from beholden.compile.pipeline import build, compile_rows, core_packs, home, open_core, open_overlaid, overlaid, verify
from beholden.compile.rebuild import open_base, rebuild

__all__ = [
    "build",
    "compile_rows",
    "core_packs",
    "home",
    "open_base",
    "open_core",
    "open_overlaid",
    "overlaid",
    "pack_files",
    "rebuild",
    "verify",
]
