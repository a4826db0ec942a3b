"""The sweeps against a fixed point written from the text of the rules, and against each other, on random graphs."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import make_ownership

from beholden.kb.ownership import RULES, Coverage, Outcome, Stakes
from beholden.kb.ownership import Test as ShareTest
from beholden.kb.ownership.sweep import Edge, sweep

if TYPE_CHECKING:
    from beholden.kb.ownership import Rule
    from beholden.schema.rows import Ownership

COVERED, UNKNOWN = Coverage.COVERED, Coverage.UNKNOWN
SURE, MAYBE, NOBODY = "listed", "perhaps", "somebody"
NODES = ("a", "b", "c", "d")
HOLDERS = (SURE, MAYBE, NOBODY, *NODES)
SHARES = st.one_of(
    st.none(),
    st.sampled_from(["0", "10", "12", "20", "24.999999", "25", "30", "49.99", "50", "50.000001", "60", "100"]),
    st.tuples(st.sampled_from(["0", "9", "25", "40", "50"]), st.sampled_from(["50", "55", "100"])),
    st.tuples(st.none(), st.sampled_from(["20", "60"])),
)


@st.composite
def holdings(draw: st.DrawFn, most: int = 9) -> list[Ownership]:
    """Stakes among a few parties: rings, packets, ranges, both kinds of share, nominees, holders whom nobody knows."""
    rows = []
    for number in range(draw(st.integers(0, most))):
        holder = draw(st.sampled_from([None, None, None, "nominee", "nominee", "unknown"]))
        beneficiary = draw(st.sampled_from([None, *HOLDERS])) if holder == "nominee" else None
        rows.append(
            make_ownership(
                draw(st.sampled_from(HOLDERS)),
                draw(st.sampled_from(NODES)),
                draw(SHARES),
                draw(st.sampled_from(["capital", "capital", "voting", "control", "affiliate"])),
                id=f"stake-{number}",
                source_id=draw(st.sampled_from(["one", "two"])),
                holder=holder,
                beneficiary_id=beneficiary,
            )
        )
    return rows


UNDATED = st.frozensets(st.sampled_from(["stake-0", "stake-1", "stake-2"]))
RULE = st.sampled_from([RULES[name] for name in sorted(RULES)])


def naive(rows: list[Ownership], undated: frozenset[str], rule: Rule) -> dict[str, Coverage]:
    """Whom the holders reach, asked again and again of every party until nothing is new."""
    rows = [row for row in rows if holder_of(row) != row.owned_id]

    def reached(start: set[str], *, is_sure: bool) -> set[str]:
        inside = set(start)
        while True:
            new = {
                node
                for node in NODES
                if node not in inside and meets([r for r in rows if r.owned_id == node], inside, is_sure=is_sure)
            }
            if not new:
                return inside
            inside |= new

    def meets(stakes: list[Ownership], inside: set[str], *, is_sure: bool) -> bool:
        if not any(holder_of(row) in inside for row in stakes):
            return False
        counted = [row for row in stakes if holder_of(row) in inside or (is_open(row) and not is_sure)]
        if is_sure:
            counted = [row for row in counted if not is_open(row) and row.id not in undated]
        if rule.test is ShareTest.AGGREGATE:
            return any(over(summed(counted, stakes, kind, inside, is_sure=is_sure)) for kind in ("capital", "voting"))
        return any(
            alone(
                [row for row in counted if (holder_of(row), row.ownership_type, is_open(row)) == key], is_sure=is_sure
            )
            for key in {(holder_of(row), row.ownership_type, is_open(row)) for row in counted}
        )

    def summed(
        counted: list[Ownership], stakes: list[Ownership], kind: str, inside: set[str], *, is_sure: bool
    ) -> Fraction:
        given = {holder_of(row) for row in stakes if row.ownership_type in ("capital", "voting")}
        of_kind = [
            row
            for row in counted
            if row.ownership_type == kind or (row.ownership_type == "control" and holder_of(row) not in given)
        ]
        if not any(holder_of(row) in inside for row in of_kind):
            return Fraction(0)
        known = [row for row in of_kind if not is_open(row)]
        total = sum((bound(row, is_sure=is_sure) for row in of_kind if is_open(row)), Fraction(0))
        for key in {(holder_of(row), row.ownership_type) for row in known}:
            total += one_holder([row for row in known if (holder_of(row), row.ownership_type) == key], is_sure=is_sure)
        return total

    def one_holder(stakes: list[Ownership], *, is_sure: bool) -> Fraction:
        """Packets that one source tells add up; of what two sources tell, the larger counts."""
        told = {
            source: sum((bound(row, is_sure=is_sure) for row in stakes if row.source_id == source), Fraction(0))
            for source in {row.source_id for row in stakes}
        }
        return max(told.values())

    def alone(stakes: list[Ownership], *, is_sure: bool) -> bool:
        kind = stakes[0].ownership_type
        if (kind == "control" and rule.control) or (kind == "affiliate" and rule.test is ShareTest.LINK):
            return True
        shares = [bound(row, is_sure=is_sure) for row in stakes] if is_open(stakes[0]) else None
        share = max(shares) if shares else one_holder(stakes, is_sure=is_sure)
        return over(share) or (not is_sure and rule.control and share >= 25)

    def over(share: Fraction) -> bool:
        least = Fraction(rule.threshold)
        return share > least if rule.is_strict else share >= least

    certain = reached({SURE}, is_sure=True)
    possible = reached({*certain, MAYBE}, is_sure=False)
    found = {node: COVERED if node in certain else UNKNOWN for node in sorted(possible)}
    return {node: state for node, state in found.items() if node in NODES}


def holder_of(row: Ownership) -> str:
    return row.beneficiary_id if row.holder == "nominee" and row.beneficiary_id else row.owner_id


def is_open(row: Ownership) -> bool:
    return row.holder == "unknown" or (row.holder == "nominee" and row.beneficiary_id is None)


def bound(row: Ownership, *, is_sure: bool) -> Fraction:
    if is_sure:
        return Fraction(row.percentage_low or 0)
    return Fraction(100) if row.percentage_high is None else Fraction(row.percentage_high)


def outcome(rows: list[Ownership], undated: frozenset[str], rule: Rule) -> Outcome:
    return Outcome(Stakes.of(rows, undated), rule, {SURE}, {MAYBE})


def told(found: Outcome) -> dict[str, Coverage]:
    states = {one: found.of(one) for one in sorted(found.covered | found.possible)}
    return {one: state.coverage for one, state in states.items() if state is not None}


@given(rows=holdings(), undated=UNDATED, rule=RULE)
def test_the_sweeps_equal_a_naive_fixed_point(rows: list[Ownership], undated: frozenset[str], rule: Rule) -> None:
    found = outcome(rows, undated, rule)
    expected = naive(rows, undated, rule)
    assert told(found) == expected
    assert found.covered == {one for one, state in expected.items() if state is COVERED}


@given(rows=holdings(), more=holdings(3), undated=UNDATED, rule=RULE)
def test_one_more_holding_never_uncovers(
    rows: list[Ownership], more: list[Ownership], undated: frozenset[str], rule: Rule
) -> None:
    # A stated share answers for control by the same holder: it is no addition.
    taken = {(holder_of(row), row.owned_id) for row in rows}
    added = [
        make_ownership(row.owner_id, row.owned_id, (row.percentage_low, row.percentage_high), row.ownership_type)  # type: ignore[arg-type]
        for row in more
        if (row.owner_id, row.owned_id) not in taken
    ]
    before, after = outcome(rows, undated, rule), outcome([*rows, *added], undated, rule)
    assert before.covered <= after.covered
    assert before.covered | before.possible <= after.covered | after.possible


@given(rows=holdings(), undated=UNDATED, rule=RULE, data=st.data())
def test_the_order_of_stakes_does_not_matter(
    rows: list[Ownership], undated: frozenset[str], rule: Rule, data: st.DataObject
) -> None:
    mixed = data.draw(st.permutations(rows))
    one, other = outcome(rows, undated, rule), outcome(mixed, undated, rule)
    assert {node: one.sum(node) for node in HOLDERS} == {node: other.sum(node) for node in HOLDERS}


@given(rows=holdings(), undated=UNDATED, rule=RULE)
def test_the_bounds_and_the_paths_fit_the_answer(rows: list[Ownership], undated: frozenset[str], rule: Rule) -> None:
    found = outcome(rows, undated, rule)
    for node in found.covered | found.possible:
        state = found.of(node)
        assert state is not None
        assert 0 <= state.low <= state.high <= 100
        assert state.stakes
        paths = found.paths(node)
        ends = {SURE} if state.coverage is COVERED else {SURE, MAYBE}
        assert paths
        for path in paths:
            assert path[0].owned_id == node
            assert all(above.held_for == below.owned_id for above, below in pairwise(path))
            assert path[-1].held_for in ends


EDGES = st.lists(
    st.builds(
        lambda holder, slot, low, more: Edge(holder, slot, low, low + more),
        st.integers(0, 5),
        st.integers(0, 11),
        st.integers(0, 60),
        st.integers(0, 40),
    ),
    max_size=20,
    unique_by=lambda edge: (edge.holder, edge.slot),
)


@given(
    edges=EDGES,
    sure=st.frozensets(st.integers(0, 5), max_size=2),
    maybe=st.frozensets(st.integers(0, 5), max_size=2),
    hidden=st.dictionaries(st.integers(0, 11), st.integers(1, 60), max_size=3),
)
def test_the_sweep_over_arrays_is_edge_by_edge_the_plain_one(
    edges: list[Edge], sure: frozenset[int], maybe: frozenset[int], hidden: dict[int, int]
) -> None:
    np = pytest.importorskip("numpy")
    bulk = pytest.importorskip("beholden.kb.ownership.bulk")
    edges = sorted(edges, key=lambda edge: edge.holder)
    columns = bulk.Edges(*np.array(edges, np.int64).reshape(-1, 4).T)
    seeds = [np.array(sorted(some), np.int64) for some in (sure, maybe - sure)]
    beside = np.array(list(hidden.items()), np.int64).reshape(-1, 2).T
    plain = sweep(edges, 6, sure, maybe - sure, hidden, 50)
    for one, arrays in zip(plain, bulk.sweep(columns, 6, *seeds, beside, 50), strict=True):
        other = bulk.told(arrays, columns)
        assert {slot: total for slot, total in one.total.items() if total} == other.total
        assert one.rank == other.rank
        assert one.leading == other.leading


@given(factor=st.integers(2, 9), rows=holdings())
def test_scaling_every_share_and_the_threshold_changes_nothing(factor: int, rows: list[Ownership]) -> None:
    stakes = Stakes.of(rows)
    edges, hidden = stakes.weighed(RULES["aggregate_50"])
    scaled = [Edge(edge.holder, edge.slot, edge.low * factor, edge.high * factor) for edge in edges]
    seeds = [number for one, number in stakes.number.items() if one == SURE]
    needed = RULES["aggregate_50"].needed
    plain = sweep(edges, len(stakes.names), seeds, [], hidden, needed)
    large = sweep(scaled, len(stakes.names), seeds, [], {s: v * factor for s, v in hidden.items()}, needed * factor)
    assert [one.rank for one in plain] == [one.rank for one in large]
