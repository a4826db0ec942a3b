"""Holdings of one day as columns: what `Stakes` weighs row by row, for bases of millions, with the same answers.

Rows become objects only for entities that are asked about. numpy is imported here and in `bulk`.
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.kb.ownership import bulk
from beholden.kb.ownership.bulk import Edges
from beholden.kb.ownership.graph import undated
from beholden.kb.ownership.rules import WHOLE, Test
from beholden.kb.ownership.stakes import AFFILIATE, CAPITAL, CONTROL, KINDS, VOTING, asked, needed, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from numpy.typing import NDArray

    from beholden.kb.base import KnowledgeBase
    from beholden.kb.ownership.bulk import Ints
    from beholden.kb.ownership.rules import Rule
    from beholden.kb.ownership.stakes import Stake
    from beholden.kb.ownership.sweep import Swept
    from beholden.schema.rows import Ownership

    Flags = NDArray[np.bool_]
    Sources = Callable[[Iterable[str]], frozenset[str]]

_EPOCH = np.datetime64("1970-01-01")
_EARLY, _LATE = np.iinfo(np.int32).min, np.iinfo(np.int32).max
# The low half of a 128-bit decimal holds every share: they have nine digits.
_LOW_HALF = 0 if sys.byteorder == "little" else 1


class Columns(NamedTuple):
    """Holdings that stand on a day; shares in units of 1e-6 percent.

    Shape: each (holdings,). `holder` and `owned` are codes of parties, `source` of sources (-1: none).
    """

    holder: Ints
    owned: Ints
    kind: Ints
    low: Ints
    high: Ints
    is_open: Flags
    is_sure: Flags
    source: Ints

    def only(self, keep: Flags) -> Columns:
        """Some of the holdings."""
        if keep.all():
            return self
        return self._replace(**{name: column[keep] for name, column in self._asdict().items()})


def standing(holdings: pa.Table, as_of: date, known_at: date | None, dated: Sources) -> Columns:
    """The holdings of a table that stand on a day, as `Ownership.stands` and `undated` say.

    Args:
        holdings: As `kb.columns.coded` gives it.
        as_of: The day.
        known_at: What was public by this day; None for everything.
        dated: Those of some sources that have a date.
    """
    owner, beneficiary = _codes(holdings["owner_id"]), _codes(holdings["beneficiary_id"])
    owned = _codes(holdings["owned_id"])
    is_nominee = _is(holdings["holder"], "nominee") & (beneficiary >= 0)
    holder = np.where(is_nominee, beneficiary, owner) if is_nominee.any() else owner
    is_open = _given(holdings["holder"]) & ~is_nominee
    is_sure = ~is_open & ~_undated(holdings, dated)
    kinds = pc.dictionary_encode(holdings["ownership_type"]).combine_chunks()
    kind = np.array([KINDS[one] for one in kinds.dictionary.to_pylist()] or [0])[_codes(kinds)]
    low = np.where(is_sure, _units(holdings["percentage_low"], 0), 0)
    high = _units(holdings["percentage_high"], WHOLE)
    source = _codes(pc.dictionary_encode(holdings["source_id"]))
    # Shares that a company holds in itself are nobody's.
    keep = (holder != owned) & _stands(holdings, as_of, known_at)
    return Columns(holder, owned, kind, low, high, is_open, is_sure, source).only(keep)


def _stands(holdings: pa.Table, as_of: date, known_at: date | None) -> Flags:
    day = _day(as_of)
    starts, ends = _days(holdings["valid_from"], _EARLY), _days(holdings["valid_to"], _LATE)
    if known_at is None:
        return (starts <= day) & (day < ends)
    public = _day(known_at)
    # An end without a day of its own became public on the day itself.
    told = np.where(_given(holdings["end_published_at"]), _days(holdings["end_published_at"], _LATE), ends)
    is_known = _days(holdings["published_at"], _EARLY) <= public
    found: Flags = is_known & (starts <= day) & ((day < ends) | (told > public))
    return found


def _undated(holdings: pa.Table, dated: Sources) -> Flags:
    """Holdings without a source, or without any date: their own, their publication's or their source's."""
    dates = [_given(holdings[name]) for name in ("valid_from", "valid_to", "published_at")]
    sourced = _given(holdings["source_id"])
    open_rows = np.flatnonzero(sourced & ~(dates[0] | dates[1] | dates[2]))
    found = ~sourced
    if len(open_rows):
        sources = holdings["source_id"].take(pa.array(open_rows))
        has_date = pc.is_in(sources, pa.array(sorted(dated(sources.unique().to_pylist())), pa.string()))
        found[open_rows] = ~has_date.to_numpy()
    return found


def _day(day: date) -> int:
    return int((np.datetime64(day) - _EPOCH).astype(np.int64))


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _days(column: pa.ChunkedArray, absent: int) -> NDArray[np.int32]:
    days: NDArray[np.int32] = _one(column).view(pa.int32()).fill_null(absent).to_numpy(zero_copy_only=False)
    return days


def _given(column: pa.ChunkedArray) -> Flags:
    if column.null_count in (0, len(column)):
        return np.full(len(column), not column.null_count)
    flags: Flags = column.is_valid().to_numpy()
    return flags


def _is(column: pa.ChunkedArray, value: str) -> Flags:
    if column.null_count == len(column):
        return np.zeros(len(column), np.bool_)
    flags: Flags = pc.equal(column, value).fill_null(False).to_numpy()
    return flags


def _codes(column: pa.ChunkedArray | pa.DictionaryArray) -> Ints:
    codes: Ints = _one(column).indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _units(column: pa.ChunkedArray, absent: int) -> Ints:
    """Shares of six decimals as whole numbers, exactly."""
    array = _one(column)
    _, values = array.buffers()
    words = np.frombuffer(values, np.int64) if values is not None else np.zeros(2 * len(array), np.int64)
    units = words.reshape(-1, 2)[array.offset : array.offset + len(array), _LOW_HALF]
    return np.where(_given(column), units, absent)


def weighed(held: Columns, size: int, rule: Rule) -> tuple[Edges, tuple[Ints, Ints]]:
    """What each holder adds under a rule, as `Stakes.weighed`; and by slot what holders whom nobody knows may add.

    Args:
        held: Holdings of a day.
        size: How many codes of parties there are.
        rule: The test.
    """
    key = (held.holder * size + held.owned) * len(KINDS) + held.kind
    order = np.argsort(key)
    ranked = key[order]
    starts = np.flatnonzero(np.concatenate((np.ones(min(len(ranked), 1), np.bool_), ranked[1:] != ranked[:-1])))
    group = ranked[starts]
    kind, pair = group % len(KINDS), group // len(KINDS)
    is_open, high = held.is_open[order], held.high[order]
    low, most = _packets(held, order, ranked, starts)
    has_open = bool(is_open.any())
    # A group of which nobody knows for whom it is held adds nothing.
    known = _sums(~is_open, starts) > 0 if has_open else np.ones(len(starts), np.bool_)
    if rule.test is Test.AGGREGATE:
        low = low if rule.is_sum_read else np.where(low >= rule.needed, low, 0)
        hidden = _sums(np.where(is_open, high, 0), starts) if has_open else None
        copies, tally = _tallies(kind, pair)
    else:
        named = np.zeros(len(starts), np.bool_)
        if rule.control:
            named |= kind == CONTROL
        if rule.test is Test.LINK:
            named |= kind == AFFILIATE
        is_sure = (low >= rule.needed) | (named & (_sums(held.is_sure[order], starts) > 0))
        may = is_sure | named | (most >= asked(rule))
        low, most = (known & is_sure).astype(np.int64), (known & may).astype(np.int64)
        counts = np.repeat(named, np.diff(np.append(starts, len(order)))) | (high >= asked(rule))
        hidden = _sums(is_open & counts, starts) if has_open else None
        copies, tally = np.arange(len(starts)), np.zeros(len(starts), np.int64)
    slot = tally * size + (pair % size)[copies]
    edges = Edges((pair // size)[copies], slot, low[copies], most[copies])
    if hidden is None:
        return edges, (slot[:0], slot[:0])
    beside = hidden[copies]
    return edges, (slot[beside > 0], beside[beside > 0])


def _sums(values: NDArray[np.int64] | Flags, starts: Ints) -> Ints:
    if not len(starts):
        return np.zeros(0, np.int64)
    found: Ints = np.add.reduceat(values.astype(np.int64), starts)
    return found


def _packets(held: Columns, order: Ints, ranked: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """What each holder's stakes of one kind come to: packets of one source add up, of sources the largest counts."""
    low, high = np.where(held.is_open, 0, held.low), np.where(held.is_open, 0, held.high)
    if len(starts) == len(order):
        return low[order], high[order]
    count = np.diff(np.append(starts, len(order)))
    several = np.flatnonzero(np.repeat(count > 1, count))
    by_source = order.copy()
    by_source[several] = order[several][np.lexsort((held.source[order[several]], ranked[several]))]
    source = held.source[by_source]
    is_first = np.ones(len(order), np.bool_)
    is_first[1:] = (ranked[1:] != ranked[:-1]) | (source[1:] != source[:-1])
    told = np.flatnonzero(is_first)
    of_group = np.searchsorted(told, starts)
    found: list[Ints] = [np.maximum.reduceat(_sums(bound[by_source], told), of_group) for bound in (low, high)]
    return found[0], found[1]


def _tallies(kind: Ints, pair: Ints) -> tuple[Ints, Ints]:
    """Where each group counts: votes and capital apart, control in both where its holder has no share given.

    Returns:
        Positions of groups, those in two tallies twice; and the tally of each.
    """
    shares = kind <= VOTING
    if shares.all():
        return np.arange(len(kind)), kind
    # Groups of one pair stand together, shares before control.
    beside = np.zeros(len(kind), np.bool_)
    beside[1:] = (pair[1:] == pair[:-1]) & shares[:-1]
    stands_in = (kind == CONTROL) & ~beside
    copies = np.repeat(np.arange(len(kind)), shares + 2 * stands_in.astype(np.int64))
    is_second = np.zeros(len(copies), np.bool_)
    is_second[1:] = copies[1:] == copies[:-1]
    tally = np.where(shares[copies], kind[copies], np.where(is_second, VOTING, CAPITAL))
    return copies, tally


class ColumnStakes:
    """Holdings of a base on one day; see `stakes.Held`."""

    def __init__(self, kb: KnowledgeBase, *, as_of: date, known_at: date | None) -> None:
        self._kb = kb
        self._as_of = as_of
        self._known_at = known_at
        table = kb.ownership_table
        self._names: pa.Array = table["owner_id"].chunk(0).dictionary if len(table) else pa.array([], pa.string())
        self._columns = standing(table, as_of, known_at, kb.dated_sources)

    @property
    def size(self) -> int:
        """How many entities have a number."""
        return len(self._names)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {one: at for at, one in enumerate(self._names.to_pylist())}

    def number_of(self, entity_id: str) -> int | None:
        """The number of an entity; None: no holding names it."""
        return self._number.get(entity_id)

    def ids(self, numbers: Iterable[int]) -> frozenset[str]:
        """Entities by number."""
        return frozenset(self._names.take(pa.array(list(numbers), pa.int64())).to_pylist())

    def owners(self, number: int) -> list[Stake]:
        """Stakes in an entity, read from the base."""
        rows: list[Ownership] = [
            row for row in self._kb.owners(self._names[number].as_py()) if row.stands(self._as_of, self._known_at)
        ]
        return list(taken(rows, undated(self._kb, rows), self._number.__getitem__))

    def swept(self, rule: Rule, sure: Iterable[str], maybe: Iterable[str]) -> tuple[Swept, Swept]:
        """Whom the holders reach under a rule, for sure and possibly."""
        edges, undisclosed = weighed(self._columns, self.size, rule)
        seeds = [seeded(self._names, ids) for ids in (sure, maybe)]
        low, high = bulk.sweep(edges, self.size, seeds[0], seeds[1], undisclosed, needed(rule))
        return bulk.told(low, edges), bulk.told(high, edges)


def seeded(names: pa.Array, ids: Iterable[str]) -> Ints:
    """Numbers of entities, where a holding names them; a look-up of many names among few ids is the cheaper one."""
    found: Ints = np.flatnonzero(pc.is_in(names, pa.array(list(ids), pa.string())).to_numpy(zero_copy_only=False))
    return found
