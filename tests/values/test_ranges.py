"""Ranges of addresses: cut, merged, labelled, and asked for one address."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.ranges import (
    RANGES,
    AddressRanges,
    by_precedence,
    combined,
    cut,
    labelled,
    merged,
    numbers_of,
    with_labels,
)

LAST = 2**128 - 1
RAW = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)
CROSSING = st.lists(RAW, max_size=20)


def disjoint(ranges: list[list[int]]) -> list[tuple[int, int, int]]:
    """Neighbours of a sorted set of ends, each with a value that may come again."""
    ends = sorted({end for pair in ranges for end in pair})
    return [(first, last, first % 3) for first, last in zip(ends[::2], ends[1::2], strict=False)]


@given(CROSSING)
def test_pieces_say_what_covers_each_address(ranges: list[list[int]]) -> None:
    found: dict[int, list[int]] = {}
    before = -1
    for first, last, covering in cut((first, last, at) for at, (first, last) in enumerate(ranges)):
        assert before < first <= last
        before = last
        found |= {number: list(covering) for number in range(first, last + 1)}
    for number in range(62):
        assert found.get(number, []) == [at for at, (first, last) in enumerate(ranges) if first <= number <= last]


def test_the_whole_space_and_its_last_address_are_ranges() -> None:
    whole = by_precedence([(0, LAST, (1, 3)), (LAST, LAST, (0, 7))])
    assert numbers_of(whole["last"]) == [LAST - 1, LAST]
    assert whole["label"].to_pylist() == [3, 7]
    assert AddressRanges(whole).label(b"\xff" * 16) == 7


@given(CROSSING)
def test_merged_ranges_have_the_same_addresses_and_do_not_meet(ranges: list[list[int]]) -> None:
    found = merged((first, last) for first, last in ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))
    for number in range(62):
        inside = any(first <= number <= last for first, last in found)
        assert inside == any(first <= number <= last for first, last in ranges)


@given(st.lists(CROSSING, min_size=1, max_size=3))
def test_a_combination_of_labels_is_a_label(several: list[list[list[int]]]) -> None:
    tables = [labelled(disjoint(ranges)) for ranges in several]
    table = combined(tables)
    assert table.schema == RANGES
    seen: dict[int, tuple[int | None, ...]] = {}
    for number in range(62):
        told = tuple(label_of(one, number) for one in tables)
        label = label_of(table, number)
        assert (label is None) == all(one is None for one in told)
        if label is not None:
            assert seen.setdefault(label, told) == told
    assert len(set(seen.values())) == len(seen)
    assert list(seen) == sorted(seen) == list(range(len(seen)))


def label_of(table: pa.Table, number: int) -> int | None:
    ranges = AddressRanges(table)
    packed = number.to_bytes(16)
    label = ranges.label(packed)
    assert (packed in ranges) == (label is not None)
    return label


@given(CROSSING)
def test_where_ranges_cross_the_least_rank_counts(ranges: list[list[int]]) -> None:
    table = by_precedence((first, last, (at // 2, -at)) for at, (first, last) in enumerate(ranges))
    for number in range(62):
        covering = [(at // 2, -at) for at, (first, last) in enumerate(ranges) if first <= number <= last]
        assert label_of(table, number) == (min(covering)[1] if covering else None)


@given(CROSSING, RAW)
def test_a_set_tells_whether_a_range_reaches_into_it(ranges: list[list[int]], asked: list[int]) -> None:
    pieces = disjoint(ranges)
    found = AddressRanges(labelled(pieces)).meets(asked[0].to_bytes(16), asked[1].to_bytes(16))
    assert found == any(first <= asked[1] and asked[0] <= last for first, last, _ in pieces)


def test_labels_count_from_the_first_value_on() -> None:
    table = labelled([(0, 1, "b"), (2, 3, "b"), (5, 6, "a"), (7, 7, "b")])
    assert numbers_of(table["first"]) == [0, 5, 7]
    assert table["label"].to_pylist() == [0, 1, 0]
    assert with_labels(table.select(["first", "last"]).append_column("of", [["y", "x", "y"]]), "of").equals(table)
