"""The layouts are those of every OFAC list, see `beholden.sources.ofac`; lists and programmes are in `source.toml`."""

from __future__ import annotations

from beholden.sources.ofac.layouts import parse, printed_date

__all__ = ["parse", "printed_date"]
