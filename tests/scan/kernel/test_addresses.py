"""Columns of addresses to bits and halves, for the reference: every layout, and the same one by one."""

from __future__ import annotations

import random
from ipaddress import ip_network

import pyarrow as pa
import pytest
from tests.scan.kernel.columns import TEXTS, as_read_from_a_file, layouts
from tests.scan.network.reading import watching

from beholden.scan.interface import Watch
from beholden.scan.kernel.addresses import ColumnJudge
from beholden.scan.kernel.judge import AddressJudge
from beholden.scan.network.sides import Sides, parse_address

WATCHES = [
    Watch(),
    Watch(addresses=watching("203.0.113.7", "2001:db8:ffff::7", "10.0.0.9")),
    Watch(addresses=watching("203.0.113.7"), own_networks=(ip_network("198.51.100.0/25"), ip_network("2001:db8::/64"))),
]
_RANDOM = random.Random(7)
TEXT = [
    *("10.0.0.9", "203.0.113.7", "224.0.0.1", "2001:db8::1", "2001:db8:ffff::7", "::ffff:10.0.0.9", "fe80::1%eth0"),
    "-",
    *("", "nonsense", "1.2.3", "01.2.3.4", "::", None, "198.51.100.127", "198.51.100.128", "255.255.255.255"),
    *(".".join(str(_RANDOM.randrange(256)) for _ in range(4)) for _ in range(300)),
]  # fmt: skip


@pytest.mark.parametrize("watch", WATCHES)
def test_bits_are_those_of_one_address_after_the_other(watch: Watch) -> None:
    judge, sides = ColumnJudge(AddressJudge(watch)), Sides(watch)
    expected = [0 if text is None else sides[text] for text in TEXT]
    for column in layouts(TEXT):
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        assert [int(bits) for chunk in chunks for bits in judge.bits(chunk)] == expected
    packed = [None if text is None else parse_address(text) for text in TEXT]
    known = [bits if address is not None else 0 for bits, address in zip(expected, packed, strict=True)]
    assert judge.bits(pa.array(packed, pa.binary(16))).tolist() == known


def test_halves_are_those_of_the_packed_address() -> None:
    judge = ColumnJudge(AddressJudge(Watch()))
    packed = [None if text is None else parse_address(text) for text in TEXT]
    pair = [(0, 0) if one is None else (int.from_bytes(one[:8]), int.from_bytes(one[8:])) for one in packed]
    columns = [chunk for column in layouts(TEXT) if isinstance(column, pa.Array) for chunk in [column]]
    for column in [*columns, pa.array(packed, pa.binary(16))]:
        high, low, is_one = judge.halves(column)
        assert list(zip(high.tolist(), low.tolist(), strict=True)) == pair
        assert is_one.tolist() == [one is not None for one in packed]


def test_columns_of_other_types_and_broken_ones_are_refused() -> None:
    judge = ColumnJudge(AddressJudge(Watch()))
    for column in (pa.array([1]), pa.array([b"1234"], pa.binary(4))):
        with pytest.raises(TypeError):
            judge.bits(column)
        with pytest.raises(TypeError):
            judge.halves(column)
    long = "2001:db8:1234:5678:9abc:def0:1234:5678"
    broken = as_read_from_a_file(
        pa.array([long], pa.string_view()),
        {len(long).to_bytes(4, "little") + long[:4].encode(): b"\xff\xff\xff\x0f2001"},
    )
    with pytest.raises(ValueError, match="broken column"):
        judge.bits(broken)


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_no_rows_are_no_bits(kind: pa.DataType) -> None:
    judge = ColumnJudge(AddressJudge(Watch()))
    assert judge.bits(pa.array([], kind)).tolist() == []
    assert [half.tolist() for half in judge.halves(pa.array([], kind))] == [[], [], []]
