"""VPC flow log text read in columns by numpy; lines that are odd are read one by one.

Gives what `vpc_rows` gives, in its order: the masks here follow `RowByRow` step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.kernel.alike_lines import key, window, windows
from beholden.scan.kernel.vpc import ENDS, FLOWS, Part
from beholden.scan.kernel.vpc_rows import KEPT_REJECTS, MAX_PROTOCOL, RowByRow, none
from beholden.scan.network.cells import LATEST, whole_number
from beholden.scan.network.sides import GROUP, OURS, WATCHED
from beholden.scan.network.vpc_layout import COLUMNS, LAST_PORT, NULL
from beholden.schema.traffic import INTERFACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from beholden.scan.kernel.alike_lines import Block
    from beholden.scan.kernel.judge import AddressJudge
    from beholden.scan.network.vpc_layout import VpcLayout

    Flags = NDArray[np.bool_]
    Words = NDArray[np.uint64]

_SECOND = 1_000_000
_MAPPED = np.uint64(0xFFFF)
_HALF = np.uint64(32)
_AT = {name: at for at, name in enumerate(COLUMNS)}


def read(text: bytes, layout: VpcLayout, judge: AddressJudge) -> Part:
    """See `beholden.scan.kernel.vpc.reader`."""
    reading = _Reading(layout, judge)
    for at, lines in windows(text):
        stopped_at = reading.window(lines)
        if stopped_at is not None:
            return reading.done(at + stopped_at)
    return reading.done(None)


class _Ends(NamedTuple):
    """Addresses of one side.

    Attributes:
        high: The upper halves of 128 bits.
        low: The lower halves.
        bits: Those of `beholden.scan.network.sides`; 0: no address.
        is_null: Where the record has none.
    """

    high: Words
    low: Words
    bits: NDArray[np.uint8]
    is_null: Flags

    def at(self, rows: Flags) -> _Ends:
        """Of some rows."""
        return _Ends(self.high[rows], self.low[rows], self.bits[rows], self.is_null[rows])

    def instead_of(self, others: _Ends) -> _Ends:
        """These, and where they are null the other ones."""
        if not self.is_null.any():
            return self
        high = np.where(self.is_null, others.high, self.high)
        low = np.where(self.is_null, others.low, self.low)
        bits = np.where(self.is_null, others.bits, self.bits)
        return _Ends(high, low, bits, self.is_null & others.is_null)


class _Reading:
    def __init__(self, layout: VpcLayout, judge: AddressJudge) -> None:
        self._layout = layout
        self._judge = judge
        self._width, self._first_name = len(layout.names), layout.names[0].encode()
        self._rows = RowByRow(layout, judge)
        self._places = dict(zip(COLUMNS, layout.places, strict=True))
        self._flows: list[pa.RecordBatch] = []
        self._own = _Candidates()
        self._part = Part(none(FLOWS), none(INTERFACE))

    def window(self, text: bytes) -> int | None:
        """Read whole lines; where one begins that names columns anew."""
        before = self._part.lines
        found = window(text, self._width, self._first_name)
        stop = len(found.begins)
        for line in found.odd.tolist():
            if not self._rows.line(before + line + 1, text[found.begins[line] : found.ends[line]]):
                stop = line
                break
        for block in found.blocks:
            within = block if block.lines[-1] < stop else block.select(block.lines < stop)
            if len(within):
                self._block(within, before + 1)
        self._part.lines += stop
        return int(found.begins[stop]) if stop < len(found.begins) else None

    def done(self, stopped_at: int | None) -> Part:
        """What all windows came to, together with the odd lines."""
        part, odd = self._part, self._rows.done()
        part.counts += odd.counts
        part.wrong += odd.wrong
        part.accepted += odd.accepted
        part.between += odd.between
        part.rejects = sorted([*part.rejects, *odd.rejects])[:KEPT_REJECTS]
        part.stopped_at = stopped_at
        batches = [*self._flows, *([odd.flows] if len(odd.flows) else [])]
        if batches:
            flows = pa.concat_batches(batches)
            part.flows = flows.take(pc.sort_indices(flows.column(0)))
        self._own.add(odd.interfaces)
        part.interfaces = self._own.batch()
        return part

    def _block(self, block: Block, first_line: int) -> None:
        block, ends = self._with_ends(block, first_line)
        if not len(block):
            return
        columns = self._sound(block, ends, first_line)
        if columns is None:
            return
        block, (source, target), numbers = columns
        either = source.bits | target.bits
        is_group = either & GROUP != 0
        is_local = ~is_group & (source.bits & target.bits & OURS != 0)
        is_foreign = ~is_group & (either & OURS == 0)
        from_us, to_us = (end.bits & OURS != 0 for end in (source, target))
        remote = np.where(from_us, target.bits, np.where(to_us, source.bits, either))
        is_unwatched = ~is_group & ~is_local & (remote & WATCHED == 0)
        is_left = ~is_group & ~is_local & ~is_unwatched
        protocol = numbers["protocol"]
        at_interface = None
        if is_foreign.any():
            at_interface = self._learn(block.select(is_foreign))
        # As texts: `01` is no ICMP to the other readers either.
        place = self._place("protocol")
        is_icmp = np.zeros(len(block), np.bool_)
        if place >= 0:
            texts = block.keys(place)
            is_icmp = is_left & ((texts == key("1")) | (texts == key("58")))
        self._set_aside(multicast_or_broadcast=is_group, local_to_local=is_local, ip=is_unwatched, icmp=is_icmp)
        kept = is_left & ~is_icmp
        count = int(np.count_nonzero(kept))
        if count:
            self._part.accepted += count
            pairs: list[bytes | None] = [None] * count
            if at_interface is not None:
                own_row = np.cumsum(is_foreign) - 1
                rows = np.flatnonzero(kept)
                pairs = [at_interface[own_row[row]] if is_foreign[row] else None for row in rows.tolist()]
            numbers = {name: column[kept] for name, column in numbers.items()}
            self._keep(
                block.select(kept), (source.at(kept), target.at(kept)), protocol[kept], numbers, pairs, first_line
            )

    def _with_ends(self, block: Block, first_line: int) -> tuple[Block, tuple[_Ends, _Ends]]:
        """The records that have traffic, and their addresses."""
        place = self._place("log-status")
        if place >= 0:
            status = block.keys(place)
            is_nothing, is_lost = status == key("NODATA"), status == key("SKIPDATA")
            is_traffic = (status == key("OK")) | (status == key(NULL))
            self._set_aside(nodata=is_nothing, skipdata=is_lost)
            self._reject(block, ~(is_traffic | is_nothing | is_lost), "unknown log-status", first_line)
            block = block if is_traffic.all() else block.select(is_traffic)
        ends = [self._ends(block, name) for name in ENDS]
        for side, name in enumerate(("pkt-srcaddr", "pkt-dstaddr")):
            if self._place(name) not in (-1, self._place(ENDS[side])):
                # NAT, load balancers and pods: the packet's own addresses name the real ends.
                ends[side] = self._ends(block, name).instead_of(ends[side])
        is_null = ends[0].is_null | ends[1].is_null
        self._set_aside(null_address=is_null)
        if is_null.any():
            block, ends = block.select(~is_null), [end.at(~is_null) for end in ends]
        return block, (ends[0], ends[1])

    def _sound(
        self, block: Block, ends: tuple[_Ends, _Ends], first_line: int
    ) -> tuple[Block, tuple[_Ends, _Ends], dict[str, NDArray[np.int64]]] | None:
        """The records that can be what they say, with addresses and numbers."""
        is_placed = (ends[0].bits != 0) & (ends[1].bits != 0)
        self._reject(block, ~is_placed, "not an address", first_line)
        numbers: dict[str, NDArray[np.int64]] = {}
        good = np.ones(len(block), np.bool_)
        for name in COLUMNS[_AT["srcport"] : _AT["end"] + 1]:
            numbers[name], is_number = self._numbers(block, name)
            good &= is_number
        good &= (numbers["start"] <= numbers["end"]) & (numbers["end"] <= int(LATEST))
        for name in ("srcport", "dstport"):
            good &= numbers[name] <= LAST_PORT
        self._reject(block, is_placed & ~good, "not a number, or out of range", first_line)
        good &= is_placed
        place = self._place("action")
        if place >= 0:
            action = block.keys(place)
            is_accepted = (action == key("ACCEPT")) | (action == key(NULL))
            is_action = is_accepted | (action == key("REJECT"))
            self._reject(block, good & ~is_action, "unknown action", first_line)
            good &= is_action
            numbers["action"] = is_accepted.astype(np.int64)
        if good.all():
            return block, ends, numbers
        if not good.any():
            return None
        rows = {name: column[good] for name, column in numbers.items()}
        return block.select(good), (ends[0].at(good), ends[1].at(good)), rows

    def _place(self, name: str) -> int:
        return self._places[name]

    def _ends(self, block: Block, name: str) -> _Ends:
        place = self._place(name)
        if place < 0:
            nothing = np.zeros(len(block), np.uint64)
            return _Ends(nothing, nothing, nothing.astype(np.uint8), np.ones(len(block), np.bool_))
        low, is_v4 = block.v4(place)
        high, low = np.zeros(len(block), np.uint64), low.copy()
        bits = self._judge.v4.of(low.astype(np.uint32))
        is_null = np.zeros(len(block), np.bool_)
        asked = np.flatnonzero(~is_v4)
        if len(asked):
            texts = block.select(asked).texts(place).to_pylist()
            found = np.array([self._judge.asked(text) for text in texts], np.uint64)
            high[asked], low[asked], bits[asked] = found[:, 0], found[:, 1], found[:, 2]
            is_null[asked] = [text == NULL for text in texts]
        return _Ends(high, low, bits, is_null)

    def _numbers(self, block: Block, name: str) -> tuple[NDArray[np.int64], Flags]:
        """A number of each record; null is 0 packets, no port and no protocol, and no number of anything else."""
        place = self._place(name)
        null = 0 if name == "packets" else -1
        may_be_null = _AT[name] < _AT["bytes"]
        if place < 0:
            return np.full(len(block), null), np.full(len(block), may_be_null)
        values, good = block.numbers(place)
        if may_be_null and not good.all():
            is_null = ~good & (block.keys(place) == key(NULL))
            values = np.where(is_null, null, values)
            good |= is_null
        return values, good

    def _set_aside(self, **masks: Flags) -> None:
        for reason, mask in masks.items():
            if count := int(np.count_nonzero(mask)):
                self._part.counts[reason] += count
                self._part.accepted += count

    def _reject(self, block: Block, mask: Flags, reason: str, first_line: int) -> None:
        if count := int(np.count_nonzero(mask)):
            self._part.wrong[reason] += count
            first = block.lines[mask][:KEPT_REJECTS] + first_line
            self._part.rejects = sorted([*self._part.rejects, *((line, reason) for line in first.tolist())])
            del self._part.rejects[KEPT_REJECTS:]

    def _learn(self, block: Block) -> list[bytes | None]:
        """Take records between foreign addresses; the addresses that their interfaces printed."""
        source, target = (self._ends(block, name) for name in ENDS)
        are_addresses = (source.bits != 0) & (target.bits != 0)
        pairs = _packed(source.high, source.low, target.high, target.low)
        if are_addresses.any():
            self._own.learn(
                self._texts(block.select(are_addresses), "interface-id"),
                source.at(are_addresses),
                target.at(are_addresses),
            )
        return [pairs[32 * row : 32 * row + 32] if good else None for row, good in enumerate(are_addresses.tolist())]

    def _texts(self, block: Block, name: str) -> pa.Array:
        place = self._place(name)
        if place < 0:
            return pa.nulls(len(block), pa.string())
        texts = block.texts(place)
        return pc.if_else(pc.equal(texts, NULL), None, texts)

    def _keep(
        self,
        block: Block,
        ends: tuple[_Ends, _Ends],
        protocol: NDArray[np.int64],
        numbers: dict[str, NDArray[np.int64]],
        at_interface: list[bytes | None],
        first_line: int,
    ) -> None:
        source, target = ends
        is_between = np.zeros(len(block), np.bool_)
        for at, packet in zip(ENDS, ("pkt-srcaddr", "pkt-dstaddr"), strict=True):
            if self._place(packet) not in (-1, self._place(at)):
                own, other = (block.texts(self._place(name)) for name in (at, packet))
                differs = pc.and_(pc.not_equal(own, other), pc.not_equal(other, NULL))
                is_between |= differs.to_numpy(zero_copy_only=False)
        self._part.between += int(np.count_nonzero(is_between))
        has_action = "action" in self._layout.names
        place = self._place("flow-direction")
        way = np.zeros(len(block), np.uint64) if place < 0 else block.keys(place)
        flags = np.zeros(len(block), np.uint8)
        if self._place("tcp-flags") >= 0:
            texts = block.texts(self._place("tcp-flags")).dictionary_encode()
            known = np.array([(whole_number(text) or 0) & 0xFF for text in texts.dictionary.to_pylist()], np.uint8)
            flags = known[texts.indices.to_numpy()]
        columns = (
            block.lines + first_line,
            source.high,
            source.low,
            target.high,
            target.low,
            source.bits,
            target.bits,
            numbers["srcport"],
            numbers["dstport"],
            np.minimum(protocol, MAX_PROTOCOL),
            numbers["packets"],
            numbers["bytes"],
            numbers["start"] * _SECOND,
            numbers["end"] * _SECOND,
            numbers["action"].astype(np.bool_) if has_action else pa.nulls(len(block), pa.bool_()),
            flags,
            np.where(way == key("egress"), 1, np.where(way == key("ingress"), 0, -1)),
            is_between,
            self._texts(block, "interface-id"),
            self._texts(block, "account-id"),
            at_interface,
        )
        arrays = [
            column if isinstance(column, pa.Array) else pa.array(column, field.type)
            for column, field in zip(columns, FLOWS, strict=True)
        ]
        self._flows.append(pa.RecordBatch.from_arrays(arrays, schema=FLOWS))


def _packed(*halves: Words) -> bytes:
    """Halves of addresses, big-endian, row after row."""
    return np.stack(halves, axis=1).astype(">u8").tobytes()


class _Candidates:
    """What all records of an interface have in common; as `beholden.scan.traffic.rows.FlowRows` keeps it."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, bool | None], frozenset[bytes]] = {}

    def learn(self, interfaces: pa.Array, source: _Ends, target: _Ends) -> None:
        """Take some records."""
        coded = interfaces.dictionary_encode(null_encoding="encode")
        names = coded.dictionary.to_pylist()
        is_v6 = (source.high != 0) | (source.low >> _HALF != _MAPPED)
        number = coded.indices.to_numpy().astype(np.int64) * 2 + is_v6
        self._take([(None, None)], np.zeros(len(number), np.int64), source, target)
        self._take([(name, family) for name in names for family in (False, True)], number, source, target)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take what was found elsewhere."""
        for row in batch.to_pylist():
            self._add((row["interface"], row["is_v6"]), frozenset(row["candidates"]))

    def batch(self) -> pa.RecordBatch:
        """INTERFACE."""
        rows = [
            {"interface": interface, "is_v6": is_v6, "candidates": sorted(found)}
            for (interface, is_v6), found in self._found.items()
        ]
        return pa.RecordBatch.from_pylist(rows, schema=INTERFACE)

    def _add(self, name: tuple[str | None, bool | None], found: frozenset[bytes]) -> None:
        self._found[name] = self._found.get(name, found) & found

    def _take(
        self, names: list[tuple[str | None, bool | None]], number: NDArray[np.int64], source: _Ends, target: _Ends
    ) -> None:
        present, first, group = np.unique(number, return_index=True, return_inverse=True)
        kept: list[list[bytes]] = [[] for _ in present]
        for end in (source, target):
            high, low = end.high[first], end.low[first]
            shared = np.zeros(len(group), np.bool_)
            for other in (source, target):
                shared |= (other.high == high[group]) & (other.low == low[group])
            missing = np.bincount(group, ~shared, len(present))
            packed = _packed(high, low)
            for at in np.flatnonzero(missing == 0).tolist():
                kept[at].append(packed[16 * at : 16 * at + 16])
        for at, found in zip(present.tolist(), kept, strict=True):
            self._add(names[at], frozenset(found))
