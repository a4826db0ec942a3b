"""Look-up of ranges that nest, cross and repeat; which of them are watched; which decide."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import SOURCE, day, make_asset, make_prefix, matched, pack_rows, tiny_kb

from beholden.compile.derive import derive
from beholden.compile.pipeline import compile_rows, overlaid
from beholden.compile.write import write_base
from beholden.errors import KnowledgeBaseError
from beholden.kb.addresses import AddressIndex
from beholden.kb.base import KnowledgeBase
from beholden.schema.rows import Prefix, Row, SourceRow
from beholden.schema.vocabulary import Kind
from beholden.values.address import pack, unpack

CROSSING = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted), max_size=40)


def address(number: int) -> str:
    return unpack(number.to_bytes(16))


@given(CROSSING, st.integers(0, 61))
def test_ranges_that_cross_and_repeat_are_all_found_nearest_first(ranges: list[list[int]], asked: int) -> None:
    rows = [Prefix(first=address(first), last=address(last)) for first, last in ranges]
    covering = [(last - first, at) for at, (first, last) in enumerate(ranges) if first <= asked <= last]
    assert AddressIndex.build(rows).rows(asked.to_bytes(16)) == [at for _, at in sorted(covering)]


@given(CROSSING, st.tuples(st.integers(0, 61), st.integers(0, 61)).map(sorted))
def test_ranges_that_reach_into_another_are_all_found(ranges: list[list[int]], asked: list[int]) -> None:
    rows = [Prefix(first=address(first), last=address(last)) for first, last in ranges]
    meeting = [at for at, (first, last) in enumerate(ranges) if first <= asked[1] and asked[0] <= last]
    assert AddressIndex.build(rows).meeting(asked[0].to_bytes(16), asked[1].to_bytes(16)) == meeting


def test_a_hundred_thousand_nested_ranges_take_room_for_each_once() -> None:
    size = 100_000
    rows = [Prefix(first=address(at), last=address(4 * size - at)) for at in range(size)]
    index = AddressIndex.build(rows)
    assert len(index) == size
    assert index.rows((1).to_bytes(16)) == [1, 0]
    assert len(index.rows((2 * size).to_bytes(16))) == size


# Who announces 203.0.113.0/24 is not known; 198.51.100.0/24 is only registered somewhere.
ROWS: tuple[Row, ...] = (
    make_asset("known", "asn", "AS64496", "hosting"),
    make_asset(None, "asn", "AS64499", note="a namesake"),
    make_asset("cloud", "ip", "203.0.113.128/25", "hosting"),
    make_prefix("AS64496", "192.0.2.0", "192.0.2.255"),
    make_prefix("AS64497", "203.0.113.0", "203.0.113.255"),
    make_prefix("AS64498", "203.0.113.192", "203.0.113.255"),
    make_prefix("AS64499", "198.51.100.128", "198.51.100.255"),
    Prefix(first="192.0.2.0", last="192.0.2.15", jurisdiction="au", source_id=SOURCE),
    Prefix(first="198.51.100.0", last="198.51.100.255", jurisdiction="cn", source_id=SOURCE),
    Prefix(first="203.0.113.0", last="203.0.113.255", jurisdiction="us", source_id=SOURCE),
)
WATCHED = [
    pytest.param("192.0.2.1", True, id="announced by a known AS"),
    pytest.param("203.0.113.200", True, id="an asset's own range, announced by another"),
    pytest.param("203.0.113.1", False, id="announced by an unknown AS"),
    pytest.param("198.51.100.1", False, id="registered somewhere"),
    pytest.param("198.51.100.200", False, id="announced by an AS that is known to be nobody's"),
    pytest.param("192.0.3.1", False, id="in no range"),
]


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = tmp_path_factory.mktemp("base")
    written(folder)
    return KnowledgeBase.open(folder)


def written(folder: Path) -> None:
    entities = [row for row in tiny_kb(*ROWS).entities() if row.id in ("known", "cloud")]
    rows = [SourceRow(id=SOURCE, title="Written for a test", date=date(2000, 1, 1)), *ROWS, *entities]
    write_base(compile_rows(pack_rows(rows)), folder)


@pytest.mark.parametrize(("asked", "expected"), WATCHED)
def test_only_ranges_that_lead_to_an_operator_are_watched(asked: str, expected: bool, on_disk: KnowledgeBase) -> None:
    assert (pack(asked) in tiny_kb(*ROWS).watched_addresses) is expected
    assert (pack(asked) in on_disk.watched_addresses) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("192.0.2.1", ["known"], id="a narrower registration does not hide who announces"),
        pytest.param("203.0.113.150", ["cloud"], id="a wider announcement does not hide the asset"),
        pytest.param("203.0.113.200", ["cloud"], id="nor does a narrower one of an unknown AS"),
        pytest.param("203.0.113.1", [], id="an unknown AS"),
        pytest.param("198.51.100.1", [], id="registered somewhere"),
    ],
)
def test_where_a_range_is_registered_decides_nothing(asked: str, expected: list[str]) -> None:
    assert [row["entity_id"] for row in matched(tiny_kb(*ROWS), Kind.IP, asked)] == expected


def test_the_base_still_says_who_announces_and_where_it_is_registered() -> None:
    rows = tiny_kb(*ROWS).prefixes(pack("203.0.113.200"))
    assert [(row.asn, row.jurisdiction, row.asset_id) for row in rows] == [
        ("AS64498", None, None),
        (None, None, "ip:203.0.113.128/25"),
        (None, "us", None),
        ("AS64497", None, None),
    ]


def test_of_two_tables_the_later_one_decides_from_its_day_on() -> None:
    kb = tiny_kb(
        make_asset("before", "asn", "AS64496", "hosting"),
        make_asset("after", "asn", "AS64497", "hosting"),
        make_prefix("AS64496", "192.0.2.0", "192.0.2.255", valid_from=day("2024-01-01")),
        make_prefix("AS64497", "192.0.2.0", "192.0.2.255", valid_from=day("2026-01-01")),
    )
    for seen, operator in (("2025-06-01", "before"), ("2026-06-01", "after")):
        assert [row["entity_id"] for row in matched(kb, Kind.IP, "192.0.2.1", seen=seen)] == [operator]


def test_a_range_that_an_unknown_system_announces_by_now_is_nobody_s() -> None:
    kb = tiny_kb(
        make_asset("before", "asn", "AS64496", "hosting"),
        make_prefix("AS64496", "192.0.2.0", "192.0.2.255", valid_from=day("2024-01-01")),
        make_prefix("AS64497", "192.0.2.0", "192.0.2.255", valid_from=day("2026-01-01")),
    )
    assert [row["entity_id"] for row in matched(kb, Kind.IP, "192.0.2.1", seen="2025-06-01")] == ["before"]
    assert matched(kb, Kind.IP, "192.0.2.1", seen="2026-06-01") == []


def test_an_overlay_that_names_a_system_has_its_ranges_of_the_base_watched(on_disk: KnowledgeBase) -> None:
    for base in (on_disk, tiny_kb(*ROWS)):
        assert pack("203.0.113.1") not in base.watched_addresses
        over = overlaid(base, derive(pack_rows([make_asset("known", "asn", "AS64497", "hosting")])))
        assert pack("203.0.113.1") in over.watched_addresses
        assert pack("198.51.100.1") not in over.watched_addresses


def test_ranges_of_an_overlay_are_watched_by_the_systems_of_the_base(on_disk: KnowledgeBase) -> None:
    rows = [
        make_prefix("AS64496", "192.0.3.0", "192.0.3.255"),
        make_prefix("AS64497", "192.0.4.0", "192.0.4.255"),
        Prefix(first="192.0.5.0", last="192.0.5.255", jurisdiction="au", source_id=SOURCE),
    ]
    over = overlaid(on_disk, derive(pack_rows(rows)))
    assert [pack(text) in over.watched_addresses for text in ("192.0.3.1", "192.0.4.1", "192.0.5.1")] == [
        True,
        False,
        False,
    ]


def test_a_written_index_is_the_same_on_every_run(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        written(folder)
    for name in ("addresses.arrow", "watched.arrow", "prefixes.arrow"):
        assert folders[0].joinpath(name).read_bytes() == folders[1].joinpath(name).read_bytes()


@pytest.mark.parametrize("name", ["addresses.arrow", "watched.arrow"])
def test_a_base_whose_address_file_is_cut_off_does_not_open(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(KnowledgeBaseError, match=name):
        KnowledgeBase.open(tmp_path)


@pytest.mark.parametrize("name", ["addresses.arrow", "watched.arrow"])
def test_an_address_file_that_is_spoilt_within_is_met_as_damage_when_it_is_asked(tmp_path: Path, name: str) -> None:
    written(tmp_path)
    file = tmp_path / name
    content = file.read_bytes()
    file.write_bytes(content[:8] + b"\xff" * (len(content) - 16) + content[-8:])
    kb = KnowledgeBase.open(tmp_path)
    with pytest.raises(KnowledgeBaseError, match=name) as caught:
        kb.prefixes(pack("192.0.2.1")) if name == "addresses.arrow" else kb.watched_addresses
    assert caught.value.code == "kb.damaged"
