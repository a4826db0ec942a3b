"""What differs between two bases, read side by side: against a count of our own, and in bounded memory."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import make_asset, make_entity, make_name, tiny_kb

from beholden.compile import open_core
from beholden.errors import KnowledgeBaseError
from beholden.kb.base import KnowledgeBase
from beholden.kb.changes import changes
from beholden.kb.order import row_key
from beholden.schema.knowledge import TABLES
from beholden.schema.rows import Name, Row


def streamed(rows: Callable[[], Iterator[Row]]) -> KnowledgeBase:
    """A base that holds no more than the row it gives."""
    return cast("KnowledgeBase", SimpleNamespace(rows=lambda _: rows(), folder=None))


def of(*rows: Row) -> KnowledgeBase:
    ordered = sorted(rows, key=lambda row: row_key("names", row))
    return streamed(lambda: iter(ordered))


@pytest.mark.parametrize("table", TABLES)
def test_a_compiled_base_gives_its_rows_in_the_order_that_they_are_compared_in(table: str) -> None:
    keys = [row_key(table, row) for row in open_core().rows(table)]
    assert keys == sorted(keys)
    assert len(keys) == open_core().rows_per_table()[table]


def test_rows_added_removed_and_changed_are_told_apart() -> None:
    before = tiny_kb(make_entity("a"), make_entity("b", "Before"), make_entity("c"))
    after = tiny_kb(make_entity("b", "After"), make_entity("c"), make_entity("d"))
    told = [
        tuple(None if row is None else (cast("Any", row).id, cast("Any", row).caption) for row in pair)
        for pair in changes(before, after, "entities")
    ]
    assert told == [(("a", "A"), None), (("b", "Before"), ("b", "After")), (None, ("d", "D"))]


_names = st.builds(
    make_name,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["X", "Y", "é", "\U00010437", "z"]),
    st.sampled_from(["alias", "brand"]),
    lang=st.sampled_from([None, "en", "zh"]),
)


@given(st.lists(_names, max_size=12), st.lists(_names, max_size=12))
def test_nothing_is_lost_and_nothing_that_is_the_same_is_told(before: list[Name], after: list[Name]) -> None:
    told = list(changes(of(*before), of(*after), "names"))
    gone = Counter(str(one) for one, _ in told if one is not None)
    come = Counter(str(other) for _, other in told if other is not None)
    ours, theirs = Counter(map(str, before)), Counter(map(str, after))
    assert gone == ours - theirs
    assert come == theirs - ours
    assert all(one is None or other is None or row_key("names", one) == row_key("names", other) for one, other in told)


def test_equal_keys_are_joined_row_by_row() -> None:
    twice = [make_asset("a", "domain", "a.example", note=note) for note in ("first", "second")]
    other = make_asset("a", "domain", "a.example", note="third")
    told = list(changes(streamed(lambda: iter(twice)), streamed(lambda: iter([twice[1], other])), "assets"))
    assert told == [(twice[0], other)]


def test_memory_does_not_grow_with_the_table() -> None:
    def rows(step: int) -> Iterator[Row]:
        return (make_name(f"e{number:07}", "X") for number in range(0, 40_000, step))

    tracemalloc.start()
    try:
        found = Counter(
            (one is None, other is None)
            for one, other in changes(streamed(lambda: rows(1)), streamed(lambda: rows(2)), "names")
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == {(False, True): 20_000}
    assert peak < 1 << 20


def test_a_base_that_is_not_in_its_order_is_refused() -> None:
    rows = [make_name("b", "X"), make_name("a", "X")]
    with pytest.raises(KnowledgeBaseError) as caught:
        list(changes(streamed(lambda: iter(rows)), of(), "names"))
    assert caught.value.code == "kb.damaged"


def test_an_overlay_hides_what_it_replaces_and_keeps_the_order() -> None:
    base = tiny_kb(make_entity("a", "Old"), make_entity("c"))
    laid = base.overlay({"entities": [make_entity("a", "New"), make_entity("b")]}, "x")
    assert [(cast("Any", row).id, cast("Any", row).caption) for row in laid.rows("entities")] == [
        ("a", "New"),
        ("b", "B"),
        ("c", "C"),
    ]
