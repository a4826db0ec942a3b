from __future__ import annotations

import pytest

from beholden.scan.network import open_records
from beholden.scan.network.open_records import OpenRecords


def test_records_are_settled_once_and_in_the_order_in_which_they_were_opened() -> None:
    settled: list[str] = []
    records: OpenRecords[str] = OpenRecords(settled.append)
    for key in "abc":
        records.open(key, key)
    records.close("b")
    records.close("nothing is open under this")
    assert records.get("b") is None
    assert records.get("a") == "a"
    records.close_all()
    records.close_all()
    assert settled == ["b", "a", "c"]


def test_a_record_under_the_same_key_settles_the_one_before() -> None:
    settled: list[str] = []
    records: OpenRecords[str] = OpenRecords(settled.append)
    records.open("a", "first")
    records.open("a", "second")
    assert (settled, records.get("a")) == (["first"], "second")


def test_the_oldest_is_settled_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_records, "MAX_OPEN", 2)
    settled: list[int] = []
    records: OpenRecords[int] = OpenRecords(settled.append)
    for number in range(5):
        records.open(number, number)
    assert settled == [0, 1, 2]
