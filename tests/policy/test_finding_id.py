"""What a finding's id is made of: everything that makes it another finding, and no spelling of a party's name."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.policy.finding_id import finding_id

_FORMS = [
    ["Ltd", "Ltd.", "Limited", "LIMITED", "Co., Ltd.", "CO LTD", "Company Limited", "Corp. Limited"],
    ["Inc", "Inc.", "Incorporated"],
    ["LLC", "L.L.C.", "Limited Liability Company"],
    ["Pte. Ltd.", "Private Limited", "PTE LTD"],
]
_WORD = st.text("abcdefghijklmnopqrstuvwxyzàéîõü", min_size=3, max_size=9)
_PART = st.text(min_size=0, max_size=12)


def _full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


_SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.title,
    _full_width,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: f"  {text} ",
]
_RESPELL = st.sampled_from(_SPELLINGS)


@given(st.lists(_WORD, min_size=1, max_size=3), st.sampled_from(_FORMS), st.data())
def test_a_name_spelled_otherwise_is_the_same_finding(words: list[str], forms: list[str], data: st.DataObject) -> None:
    name = " ".join(words)
    found = {
        finding_id(("name", f"{respell(name)} {form}", "supplier", "operator"), "listed", "us-889")
        for respell, form in data.draw(st.lists(st.tuples(_RESPELL, st.sampled_from(forms)), min_size=2, max_size=5))
    }
    assert len(found) == 1


@given(st.tuples(*[_PART] * 6), st.tuples(*[_PART] * 6))
def test_another_thing_or_party_or_rule_is_another_finding(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    def made(parts: tuple[str, ...]) -> str:
        kind, value, relation, operator, listed, regime = parts
        return finding_id((f"not-{kind}", value, relation, operator), listed, regime)

    assert (made(one) == made(other)) == (one == other)


@pytest.mark.parametrize("text", ["Widgets Ltd", "Widgets Limited"])
def test_only_names_are_respelled(text: str) -> None:
    made = finding_id(("model", text, "supplier", "operator"), "listed", "us-889")
    assert made != finding_id(("model", text.upper(), "supplier", "operator"), "listed", "us-889")


def test_an_id_is_what_it_was_in_earlier_releases() -> None:
    # Waiver files and baselines hold ids: a change of the recipe must fail here and carry the old id in previous_ids.
    key = ("name", "Widgets Example Co., Ltd.", "supplier", "widgets-example")
    assert finding_id(key, "widgets-holding", "us-889") == "dbb52ee8ae10fbf3"
