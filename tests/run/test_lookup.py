"""Which party is meant by what a user types."""

from __future__ import annotations

import pytest
from tests.builders import make_entity, make_identifier, make_name, tiny_kb

from beholden.errors import LookupFailedError
from beholden.run.lookup import entity_called, others_called

KB = tiny_kb(
    make_entity("bytes", "BYT Motors Limited"),
    make_name("bytes", "BYT"),
    make_entity("casino", "Example Gaming Corp"),
    make_identifier("casino", "ticker", "BYT"),
    make_identifier("casino", "lei", "5493001NTNQJDH60PM02"),
    make_entity("gang", "Example Gang", schema="Organization"),
    make_name("gang", "Example Bank", "weak"),
    make_entity("bank", "Example Bank"),
    make_entity("ltd-a", "Twin Limited"),
    make_entity("ltd-b", "TWIN LTD."),
    make_entity("abc", "Abc Group"),
    make_entity("abc-labs", "Abc Labs Inc."),
    make_name("abc-labs", "ABC"),
    make_identifier("abc-labs", "ticker", "ABL"),
)


@pytest.mark.parametrize(
    ("asked", "party"),
    [
        pytest.param("casino", "casino", id="an-id"),
        pytest.param("5493001NTNQJDH60PM02", "casino", id="a-number"),
        pytest.param("BYT", "bytes", id="a-name-before-the-ticker-of-another"),
        pytest.param("ABL", "abc-labs", id="a-ticker-that-is-nobody-s-name"),
        pytest.param("example bank", "bank", id="a-legal-name-before-a-weak-alias"),
        pytest.param("Twin Ltd.", "ltd-b", id="just-as-it-is-printed"),
        pytest.param("Bank", "bank", id="an-id-in-other-letters"),
        pytest.param("BYT Motors Limited (BYT)", "bytes", id="with-a-short-name-in-brackets"),
        pytest.param("ABC", "abc-labs", id="a-name-before-the-id-of-another"),
    ],
)
def test_the_one_that_is_meant(asked: str, party: str) -> None:
    assert entity_called(KB, asked).id == party


@pytest.mark.parametrize(("asked", "others"), [("BYT", ["casino"]), ("bytes", []), ("Bank", []), ("ABC", ["abc"])])
def test_who_else_has_the_name_is_said(asked: str, others: list[str]) -> None:
    assert others_called(KB, asked, entity_called(KB, asked)) == others


@pytest.mark.parametrize(
    ("asked", "candidates"),
    [
        pytest.param("Twin Company Limited", {"ltd-a", "ltd-b"}, id="equal-names"),
    ],
)
def test_nobody_is_picked_of_several(asked: str, candidates: set[str]) -> None:
    with pytest.raises(LookupFailedError) as caught:
        entity_called(KB, asked)
    assert caught.value.code == "show.ambiguous"
    assert all(f"  {entity_id}: " in caught.value.message for entity_id in candidates)
