"""Types of the optional native core, `native/` (ADR 17); `beholden.scan.kernel` decides whether it runs."""

from os import PathLike
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

@final
class Talks:
    """One-way records joined into conversations; `beholden.scan.traffic.conversations` says what it takes and gives."""

    def __new__(cls, pieces: list[tuple[int, int, pa.RecordBatch]]) -> Talks: ...
    def asked(self) -> list[tuple[int, int, bool, str | None, bytes]]: ...
    def answer(self, talk: int, is_a_ours: bool) -> None: ...
    def judge(self) -> tuple[list[pa.Array], list[tuple[int, list[int]]]]: ...

@final
class Sums:
    """Contacts summed at three grains; `beholden.scan.traffic.sums` says what it takes and gives."""

    def __new__(cls) -> Sums: ...
    def add(self, contacts: pa.RecordBatch) -> None: ...
    def columns(self) -> tuple[list[pa.Array], list[pa.Array], list[pa.Array]]: ...

@final
class TextFile:
    """A file that stays open while a stretch of it is held; OSError where it cannot be opened."""

    def __new__(cls, path: str | PathLike[str]) -> TextFile: ...
    def stretch(self, begin: int, end: int) -> Stretch: ...

@final
class Stretch:
    """The lines of a file that begin between two bytes; `beholden.scan.kernel.parts` says what for."""

    def read(self) -> bytes: ...

def scan_vpc(
    text: bytes | Stretch, width: int, first_name: bytes, places: list[int | None], has_action: bool, sides: Sides
) -> dict[str, Any]:
    """Read whole lines; `beholden.scan.kernel.vpc` says what it gives."""

def scan_records(columns: dict[str, Any], sides: Sides) -> dict[str, Any]:
    """Read records that come as columns; `beholden.scan.kernel.flow_columns` says what it takes and gives."""

def scan_zeek_conn(
    text: bytes | Stretch, at: int, width: int, places: list[int | None], has_own_networks: bool, sides: Sides
) -> dict[str, Any]:
    """Read whole lines from a byte on; `beholden.scan.kernel.zeek` says what it gives."""

def address_texts(high: pa.Array, low: pa.Array) -> pa.Array:
    """The text of each address; `beholden.scan.traffic.words` says what it takes and gives."""

def json_objects(members: list[tuple[str, pa.Array]]) -> pa.Array:
    """An object for each row; `beholden.scan.traffic.words` says what it takes and gives."""
