"""Types of the optional native core, `native/` (ADR 17); `beholden.scan.kernel` decides whether it runs."""

from typing import Any, final

import pyarrow as pa

__version__: str

@final
class Ranges:
    """Labelled address ranges; `beholden.scan.kernel.ranges` says what it takes and gives."""

    def __new__(cls, first: pa.Array, last: pa.Array, label: pa.Array) -> Ranges: ...
    def __len__(self) -> int: ...
    def find(self, column: pa.Array) -> pa.Array: ...

@final
class Suffixes:
    """Watched domain names; `beholden.scan.kernel.suffixes` says what it takes and gives."""

    def __new__(cls, names: pa.Array) -> Suffixes: ...
    def __len__(self) -> int: ...
    def find(self, column: pa.Array) -> pa.Array: ...

@final
class Sides:
    """Whose an address is; `beholden.scan.network.sides` has the bits."""

    def __new__(cls, places: Ranges, no_party: int, watched: Ranges | None = None) -> Sides: ...
    def of(self, column: pa.Array) -> pa.Array: ...

def halves(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The two halves of each address; `beholden.scan.kernel.addresses` says what it takes and gives."""

def scan_vpc(
    text: bytes, width: int, first_name: bytes, places: list[int | None], has_action: bool, sides: Sides
) -> dict[str, Any]:
    """Read whole lines; `beholden.scan.kernel.vpc` says what it gives."""
