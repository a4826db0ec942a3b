"""Records of traffic gathered one by one, for the logs that are read so: FLOW, CONTACT and INTERFACE batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from beholden.schema.traffic import CONTACT, FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.traffic import Verdict

BATCH_ROWS = 65_536
_MAX_INTERFACES = 200_000
_V4 = b"\x00" * 10 + b"\xff\xff"

Halves = tuple[int, int]


def halves(packed: bytes) -> Halves:
    """The two 64-bit numbers of a packed address."""
    return int.from_bytes(packed[:8]), int.from_bytes(packed[8:])


class _Gathered:
    """Tuples in the order of a schema, given as batches."""

    def __init__(self, schema: pa.Schema, ends: tuple[str, str]) -> None:
        self._schema = schema.with_metadata({"source": ends[0], "target": ends[1]})
        self._rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def full(self) -> Iterator[pa.RecordBatch]:
        """Give a batch once enough rows have gathered."""
        if len(self._rows) >= BATCH_ROWS:
            yield from self._rest()

    def _rest(self) -> Iterator[pa.RecordBatch]:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(values, type=field.type) for values, field in zip(columns, self._schema, strict=True)]
            self._rows = []
            yield pa.RecordBatch.from_arrays(arrays, schema=self._schema)


class FlowRows(_Gathered):
    """One-way records of one log, and what they say of the interfaces' own addresses.

    Args:
        ends: Names of the record's fields for the sender and the receiver.
    """

    def __init__(self, ends: tuple[str, str]) -> None:
        super().__init__(FLOW, ends)
        self._candidates: dict[tuple[str | None, bool | None], frozenset[bytes]] = {}

    def add(
        self,
        line: int,
        source: bytes,
        target: bytes,
        *,
        sides: tuple[int, int],
        ports: tuple[int, int],
        protocol: int,
        packets: int,
        size: int,
        start: int,
        end: int,
        is_accepted: bool | None,
        flags: int = 0,
        outwards: int = -1,
        is_between: bool = False,
        interface: str | None = None,
        account: str | None = None,
        at_interface: bytes | None = None,
    ) -> None:
        """Add one record; see `beholden.schema.traffic.FLOW`, and give packed addresses."""
        ends = (*halves(source), *halves(target))
        self._rows.append(
            (
                line,
                *ends,
                *sides,
                *ports,
                protocol,
                packets,
                size,
                start,
                end,
                is_accepted,
                flags,
                outwards,
                is_between,
                interface,
                account,
                at_interface,
            )
        )

    def learn(self, interface: str | None, source: bytes, target: bytes) -> None:
        """Take a record that has no side of ours, with the packed addresses as the interface printed them."""
        pair = frozenset((source, target))
        for key in ((interface, not source.startswith(_V4)), (None, None)):
            known = self._candidates.get(key)
            if known is not None:
                self._candidates[key] = known & pair
            elif len(self._candidates) < _MAX_INTERFACES:
                self._candidates[key] = pair

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        yield from self._rest()
        if self._candidates:
            rows = [
                {"interface": interface, "is_v6": is_v6, "candidates": sorted(found)}
                for (interface, is_v6), found in self._candidates.items()
            ]
            self._candidates = {}
            yield pa.RecordBatch.from_pylist(rows, schema=INTERFACE)


class ContactRows(_Gathered):
    """Records of one log that say who opened the conversation, judged.

    Args:
        ends: Names of the record's fields for the one that opened and the one it opened to.
    """

    def __init__(self, ends: tuple[str, str]) -> None:
        super().__init__(CONTACT, ends)

    def add(
        self,
        verdict: Verdict,
        remote: bytes,
        own: bytes,
        line: int,
        start: int,
        end: int,
        *,
        first: int,
        second: int,
        port: int,
        also: tuple[int, ...] = (),
        count: int = 1,
        protocol: str | None = None,
        service: str | None = None,
        state: str | None = None,
        account: str | None = None,
        interface: str | None = None,
    ) -> None:
        """Add one record, or several of one conversation; see `schema.traffic.CONTACT`, and give packed addresses."""
        ends = (*halves(remote), *halves(own))
        self._rows.append(
            (
                [line, *also],
                *ends,
                verdict.value,
                start,
                end,
                count,
                first,
                second,
                port,
                protocol,
                service,
                state,
                account,
                interface,
            )
        )

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Give what is left, if anything."""
        yield from self._rest()
