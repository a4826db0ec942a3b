"""Publications → typed rows: one folder per publication, with a descriptor and a strict parser."""

from __future__ import annotations

from beholden.sources.registry import SOURCES, every_source, source_called

__all__ = ["SOURCES", "every_source", "source_called"]
