"""What a compiled base says of itself: `manifest.json` in its folder."""

from __future__ import annotations

import msgspec


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a compiled base says of itself."""

    schema: str
    digest: str
    tool: str
    rows: dict[str, int]
    tables: dict[str, str]
    files: dict[str, str] = {}
    sizes: dict[str, int] = {}  # bytes of each file, looked at whenever the base is opened; none in older ones
    seal: str = ""  # SHA-256 of the manifest with an empty seal
