"""Which address is an interface's own, where neither networks nor the record's direction say so.

Every record of an interface has the interface's own address on one side. So the address that all its records share
is its own, once it has been seen with more than one peer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_MAX_INTERFACES = 200_000
_MAPPED = b"\x00" * 10 + b"\xff\xff"

Pair = frozenset[bytes]


class InterfaceAddresses:
    """Learns the own address of each interface of one file from all its records."""

    def __init__(self) -> None:
        self._candidates: dict[tuple[str | None, bool], Pair] = {}
        self._shared_by_all: Pair | None = None
        self._proven: Pair | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Take what a part of the file says.

        Args:
            batch: INTERFACE.
        """
        self._proven = None
        for row in batch.to_pylist():
            found = frozenset(row["candidates"])
            if row["is_v6"] is None:
                known = self._shared_by_all
                self._shared_by_all = found if known is None else known & found
                continue
            key = (row["interface"], row["is_v6"])
            if key in self._candidates:
                self._candidates[key] &= found
            elif len(self._candidates) < _MAX_INTERFACES:
                # An interface has addresses of both families.
                self._candidates[key] = found

    def is_own(self, interface: str | None, source: bytes, target: bytes) -> bool | None:
        """Whether `source` is the own address of the interface; None where nothing tells.

        An interface that talked to one peer only is settled by the addresses that other interfaces proved to be
        own, then by the one address that every record of the file shares.

        Args:
            interface: As printed; None: the log has no such column.
            source: Packed, as the interface printed it.
            target: Packed.
        """
        found = self._candidates.get((interface, not source.startswith(_MAPPED)), frozenset())
        shared = self._shared_by_all or frozenset()
        for known in (_one(found), self._all_proven(), _one(shared)):
            if (source in known) != (target in known):
                return source in known
        return None

    def _all_proven(self) -> Pair:
        if self._proven is None:
            self._proven = Pair().union(*(_one(found) for found in self._candidates.values()))
        return self._proven


def _one(found: Pair) -> Pair:
    return found if len(found) == 1 else frozenset()
