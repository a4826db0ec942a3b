"""What is read by one executor at a time: a file, or a slice of one."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import ScanError
from beholden.scan.interface import InputHead, can_be_sliced
from beholden.scan.place import size_of
from beholden.scan.slices import SliceSource
from beholden.scan.source import Source
from beholden.scan.stored import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.run.interface import Columns
    from beholden.run.readings import Reading
    from beholden.scan.interface import Scanner
    from beholden.scan.place import Place


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A file or a slice of one.

    Attributes:
        file: Number of the file among those that are read together.
        path: How reports name it.
        place: Where it lies; on disk as bytes of the file system, which need be no text.
        scanner: Name of its reader.
        size: Bytes to read.
        mapping: Ledger column mapping.
        begin: Offset of the slice.
        end: The one behind it; None: the whole file.
        columns: What slices are read by.
    """

    file: int
    path: str
    place: bytes | StoredFile
    scanner: str
    size: int
    mapping: dict[str, str] = {}
    begin: int = 0
    end: int | None = None
    columns: tuple[str, ...] = ()

    @property
    def lies_at(self) -> Place:
        """Where its readers find it."""
        return self.place if isinstance(self.place, StoredFile) else Path(os.fsdecode(self.place))

    def source(self) -> Source:
        """What its reader is handed."""
        if self.end is None:
            return Source(self.lies_at, self.path)
        return SliceSource(self.lies_at, self.path, self.begin, self.end)


def whole(number: int, reading: Reading, columns: Columns) -> Item:
    """One item for a file.

    Args:
        number: Of the file.
        reading: It has a reader.
        columns: Ledger column mapping by file.
    """
    assert reading.scanner is not None
    place = reading.found.place
    if not isinstance(place, StoredFile):
        # Executors have working folders of their own.
        place = place.absolute()
    return Item(
        file=number,
        path=reading.found.path,
        place=place if isinstance(place, StoredFile) else os.fsencode(place),
        scanner=reading.scanner.name,
        size=_size(place),
        mapping=columns(reading.found.path),
    )


def _size(place: Place) -> int:
    """Bytes of a file; 0 where it is gone, which its reader will tell."""
    try:
        return size_of(place)
    except OSError:
        return 0


def sliced(item: Item, reading: Reading, slice_bytes: int) -> Iterator[Item]:
    """The slices of a file, in their order; the file itself where it is not cut.

    Args:
        item: A whole file.
        reading: Of the file.
        slice_bytes: How much one is to hold.
    """
    columns = _columns_of_slices(item, reading.scanner) if item.size > slice_bytes else None
    if columns is None:
        yield item
        return
    for begin in range(0, item.size, slice_bytes):
        end = min(begin + slice_bytes, item.size)
        yield msgspec.structs.replace(item, begin=begin, end=end, size=end - begin, columns=columns)


def _columns_of_slices(item: Item, scanner: Scanner | None) -> tuple[str, ...] | None:
    if scanner is None or not can_be_sliced(scanner):
        return None
    source = item.source()
    try:
        data, is_complete = source.head()
        if source.is_compressed:
            return None
    except (ScanError, OSError):
        # Its reader tells it.
        return None
    return scanner.columns_of(InputHead(PurePosixPath(item.path), data, is_complete))


def shares(items: Sequence[Item], count: int) -> list[list[Item]]:
    """Items in about as many shares of about as many bytes; their order stays.

    Args:
        items: What is shared out.
        count: How many shares there are to be at most.
    """
    most = sum(item.size for item in items) / count
    found: list[list[Item]] = [[]]
    held = 0
    for item in items:
        if found[-1] and held + item.size / 2 > most * len(found):
            found.append([])
        found[-1].append(item)
        held += item.size
    return found
