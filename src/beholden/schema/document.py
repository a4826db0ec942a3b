"""The base of everything that a command prints as JSON."""

from __future__ import annotations

import msgspec


class Document(msgspec.Struct, kw_only=True):
    """Base of all parts of a result."""
