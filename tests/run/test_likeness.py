"""What two sides have in common and in what they differ: only what both say counts."""

from __future__ import annotations

from typing import Any

import pytest

from beholden.run.likeness import alike, unlike
from beholden.schema.side import Side


def side(**changes: Any) -> Side:
    return Side(**{"id": "a", "schema": "Company", "names": ["Example Trading Limited"], **changes})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(side(), side(), [], id="the-same"),
        pytest.param(
            side(schema="Company"), side(schema="Person"), ["one is a organisation, the other a person"], id="sort"
        ),
        pytest.param(side(schema="LegalEntity"), side(schema="PublicBody"), [], id="words-for-an-organisation"),
        pytest.param(side(jurisdictions=["hk"]), side(jurisdictions=["gb"]), ["places differ: HK and GB"], id="places"),
        pytest.param(side(jurisdictions=["hk"]), side(), [], id="a-place-and-none"),
        pytest.param(
            side(birth_dates=["1970"]), side(birth_dates=["1971"]), ["birth dates differ: 1970 and 1971"], id="born"
        ),
        pytest.param(
            side(identifiers=["lei A"]), side(identifiers=["lei B"]), ["their lei differs: A and B"], id="lei"
        ),
        pytest.param(
            side(identifiers=["ofac_uid 1"]), side(identifiers=["un_reference 2"]), [], id="each-its-own-numbers"
        ),
        pytest.param(side(), side(names=["Another"]), ["no name in common"], id="names"),
    ],
)
def test_two_sides_differ_where_both_say_something_else(one: Side, other: Side, expected: list[str]) -> None:
    assert unlike(one, other) == expected


def test_what_a_sentence_tells_already_is_not_told_again() -> None:
    one, other = (
        side(identifiers=["isin X1"], jurisdictions=["hk"]),
        side(identifiers=["isin X1"], jurisdictions=["hk"]),
    )
    assert alike(one, other, told=[]) == [
        "both are called “Example Trading Limited”",
        "both have the isin X1",
        "both are of HK",
    ]
    assert alike(one, other, told=["a and b both have the isin X1"])[1:] == ["both are of HK"]
    assert alike(one, other, told=["a and b are both called “Example” and are both of hk"]) == ["both have the isin X1"]


def test_a_name_spelled_otherwise_is_one_name() -> None:
    assert alike(side(), side(names=["EXAMPLE TRADING LTD."]), told=[]) == ["both are called “Example Trading Limited”"]
