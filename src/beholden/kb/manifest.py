"""What a compiled base says of itself: `manifest.json` in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path


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

    def check_sizes(self, folder: Path) -> None:
        """Look at the sizes of the files, which costs nothing where a digest would read them all.

        Raises:
            OSError: A file is missing.
            ValueError: A file has another size.
        """
        for name, size in self.sizes.items():
            if (found := (folder / name).stat().st_size) != size:
                raise ValueError(f"{name} has {found} bytes, not {size}")
