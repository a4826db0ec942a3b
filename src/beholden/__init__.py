"""Who are you beholden to? The public facade; see `beholden.plugin` for plugin authors."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
