"""Names that stand for themselves and what is below them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from beholden.values.suffixes import SUFFIXES, WatchedNames

LABELS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
NAMES = LABELS.map(lambda labels: ".".join([*labels, "vendor", "example"]))


def test_the_longest_name_that_is_known_decides() -> None:
    names = WatchedNames({"vendor.example": True, "users.vendor.example": False, "shop.users.vendor.example": True})
    watched = ["vendor.example", "a.b.vendor.example", "x.shop.users.vendor.example"]
    others = ["me.users.vendor.example", "notvendor.example", "vendor.example.net", "example", ""]
    assert [name in names for name in watched] == [True] * 3
    assert [name in names for name in others] == [False] * 5
    assert names.watch_suffixes.schema == SUFFIXES
    assert names.watch_suffixes.to_pydict() == {
        "name": ["shop.users.vendor.example", "users.vendor.example", "vendor.example"],
        "is_watched": [True, False, True],
    }


@given(st.lists(st.dictionaries(NAMES, st.booleans(), max_size=5), max_size=3), NAMES)
def test_what_any_of_several_sets_has_is_in_all_of_them_together(several: list[dict[str, bool]], asked: str) -> None:
    sets = [WatchedNames(known) for known in several]
    assert (asked in WatchedNames.any_of(sets)) == any(asked in one for one in sets)
