"""Types of the optional native core, `native/` (ADR 17); `beholden.scan.kernel` decides whether it runs."""

from typing import final

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
