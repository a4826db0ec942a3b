"""What a scanner is given and what it gives back. Scanners know nothing about entities or law.

A scanner never raises for bad content of one record: it calls `source.reject(line, reason)` and goes on. It raises
`ScanError` only when the file as a whole cannot be what it accepted. Memory is bounded: read through
`source.lines()` (capped lines, capped expansion) or `source.document()` (capped size), and let `Rows` flush batches.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeGuard

from beholden.scan.inflate import without_suffix

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    import pyarrow as pa

    from beholden.scan.parquet import ColumnTable
    from beholden.scan.slices import SliceSource
    from beholden.scan.source import Source
    from beholden.schema.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class InputHead:
    """The first bytes of an input, enough to say whose it is.

    Attributes:
        path: Path below the input folder, with '/'.
        data: Up to 64 KiB, already inflated where they are compressed; the magic bytes alone where there are `fields`.
        is_complete: Whether `data` is the whole file.
        columns: The user's column mapping for this file, which may name headers that no reader knows.
        fields: Names of the columns of a Parquet file, which stand at its end; those of structs as `outer.inner`.
    """

    path: PurePosixPath
    data: bytes
    is_complete: bool
    columns: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """File name without an ending that says it is compressed."""
        return without_suffix(self.path.name)

    @property
    def text(self) -> str:
        """The data as text; undecodable bytes become U+FFFD (a cut character at the end is normal)."""
        return self.data.decode("utf-8", errors="replace").removeprefix("\ufeff")

    def first_lines(self, count: int = 20) -> list[str]:
        """The first lines, without the last one where the data may cut it."""
        lines = self.text.splitlines()
        if not self.is_complete and len(lines) > 1:
            lines = lines[:-1]
        return lines[:count]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Whether a scanner reads this input, and why not (`no`), or how sure it is (`yes`, higher wins).

    `near` marks the refusal of an input that is of the scanner's own kind: it tells more than any guess by others.
    """

    accepted: bool
    reason: str
    strength: int = 0
    near: bool = False

    @classmethod
    def yes(cls, reason: str, strength: int = 50) -> Acceptance:
        """Accept; `strength` 0–100 decides when two scanners accept (100: an unmistakable signature)."""
        return cls(True, reason, strength)

    @classmethod
    def no(cls, reason: str, *, near: bool = False) -> Acceptance:
        """Refuse with the reason; `near` where the input is of this kind and lacks only what is named."""
        return cls(False, reason, near=near)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class AddressWatch(Protocol):
    """A set of addresses that someone could stand behind; asked one by one, or taken whole by what reads columns."""

    def __contains__(self, packed: bytes) -> bool:
        """Whether the 16-byte address (IPv4 mapped) is of interest."""

    @property
    def watch_ranges(self) -> pa.Table:
        """The same set as ranges; `values.ranges.RANGES`.

        Addresses with one label have the same parties behind them on every day: their traffic may be added up.
        """


class NameWatch(Protocol):
    """A set of host names that someone could stand behind; asked one by one, or taken whole by what reads columns."""

    def __contains__(self, name: str) -> bool:
        """Whether a normalised host name, or a parent of it, is of interest."""

    @property
    def watch_suffixes(self) -> pa.Table:
        """The domains that decide: the longest that a name is, or is below; `values.suffixes.SUFFIXES`."""


@dataclass(frozen=True, slots=True)
class OwnWifi:
    """A Wi-Fi network that the profile calls ours.

    Attributes:
        stations: How observations call the place of its stations; the profile knows its segment by this.
        radios: The same for its access points, which may be ours where the stations are guests.
        ssid: The name that it broadcasts; None: it is known by its radios only.
        bssids: Its radios, as `parse_mac` spells them; empty: any radio that broadcasts the name may be one.
    """

    stations: str
    radios: str
    ssid: str | None = None
    bssids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watch:
    """What log readers may keep, and which side is ours. Built from the knowledge base and the profile.

    Attributes:
        addresses: Remote addresses of interest; None keeps every remote address.
        names: Host names whose addresses are of interest for as long as a record ties them; None keeps every name.
        own_networks: Networks of the organisation, of several that hold an address the first counting; empty: private
            address space is ours. As ranges: `scan.network.sides.place_ranges`.
        columns: Ledger column mapping from beholden.toml: our field name → their header.
        wifi: Wi-Fi networks of the organisation; empty: nothing that a survey heard is known to be ours.
    """

    addresses: AddressWatch | None = None
    names: NameWatch | None = None
    own_networks: tuple[Network, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    wifi: tuple[OwnWifi, ...] = ()


class Scanner(Protocol):
    """Reads one format.

    Attributes:
        name: Slug that coverage shows, e.g. `zeek-conn`.
        title: One line for the reference.
        kinds: Observation kinds it can give.
        joins_names: True where it gives FLOW or CONTACT batches, which are joined with the names that other logs tell:
            such files are read last. A scanner without the attribute gives none.
        can_be_followed: True where each record is one line that stands for itself, and it gives no FLOW: what is added
            to such a log can be read by itself.
        tells_names: True where such a scanner gives NAMING batches, too: these files are read before the last.
    """

    name: str
    title: str
    kinds: frozenset[Kind]

    def accepts(self, head: InputHead) -> Acceptance:
        """Say from the head alone whether this is ours."""

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give OBSERVATION batches; reject what is wrong through `source.reject`.

        A log that tells which name stood for an address gives NAMING batches, too.

        Raises:
            ScanError: The file as a whole is not readable as this format.
        """


Scanners = Sequence[Scanner]


@dataclass(slots=True)
class SliceEnd:
    """What only the end of a slice tells.

    Attributes:
        lines: How many lines it has.
        is_of_the_head: Whether its columns are throughout those that the head of the file names. Where they are not,
            slices behind it were read wrongly, and the file is to be read whole.
        marks: What the scanner has to tell of the whole file, as counts that add up.
    """

    lines: int = 0
    is_of_the_head: bool = True
    marks: Counter[str] = field(default_factory=Counter)


class SliceScanner(Scanner, Protocol):
    """A scanner whose files can be read in slices, at the same time and in any process."""

    def columns_of(self, head: InputHead) -> tuple[str, ...] | None:
        """Find what slices are read by that do not hold the head; None: the file must be read whole."""

    def scan_slice(
        self, source: SliceSource, watch: Watch, columns: tuple[str, ...], end: SliceEnd
    ) -> Iterator[pa.RecordBatch]:
        """Give what `scan` gives, with lines from the beginning of the slice.

        Args:
            source: The slice.
            watch: What log readers keep.
            columns: Result of `columns_of`.
            end: Filled in while it is read.
        """

    def tell(self, source: Source, marks: Mapping[str, int]) -> None:
        """Note what the marks of all slices of a file say.

        Args:
            source: The file, with the counts of all slices.
            marks: Sums of `SliceEnd.marks`.
        """


class TableScanner(Scanner, Protocol):
    """A scanner that also reads tables which no file holds, in parts that know nothing of each other."""

    def columns_read(self, leaves: Sequence[str]) -> list[str]:
        """The columns that it reads of those that a table has, structs' as `outer.inner`."""

    def scan_table(
        self, source: Source, watch: Watch, table: ColumnTable, marks: Counter[str]
    ) -> Iterator[pa.RecordBatch]:
        """Give what `scan` gives for a part of a table.

        Args:
            source: Takes the counts.
            watch: What log readers keep.
            table: The part.
            marks: Filled in with what is to be told of the whole table, as counts that add up.
        """

    def tell(self, source: Source, marks: Mapping[str, int]) -> None:
        """Note what the marks of all parts say."""


def reads_tables(scanner: Scanner) -> TypeGuard[TableScanner]:
    """Whether a scanner reads tables."""
    return hasattr(scanner, "scan_table")


def can_be_sliced(scanner: Scanner) -> TypeGuard[SliceScanner]:
    """Whether files of a scanner can be read in slices."""
    return hasattr(scanner, "scan_slice")
