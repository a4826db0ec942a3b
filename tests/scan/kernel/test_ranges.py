"""Addresses to labels: both engines, and the same row by row."""

from __future__ import annotations

import itertools
import random
import socket
from bisect import bisect_right
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.kernel.columns import TEXTS, as_read_from_a_file, layouts, without_validity

from beholden.engine import Engine
from beholden.scan.kernel.ranges import NO_ADDRESS, NO_RANGE, PACKED, SCHEMA, LabelledRanges
from beholden.scan.network.sides import parse_address

MAPPED = 0xFFFF << 32
LAST = (1 << 128) - 1

Ranges = list[tuple[int, int, int]]


def table(ranges: Ranges) -> pa.Table:
    rows = [(first.to_bytes(16, "big"), last.to_bytes(16, "big"), label) for first, last, label in ranges]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def one(ranges: Ranges, text: str | None) -> int | None:
    """Row by row."""
    if text is None:
        return None
    packed = parse_address(text)
    return NO_ADDRESS if packed is None else one_packed(ranges, packed)


def one_packed(ranges: Ranges, packed: bytes) -> int:
    address = int.from_bytes(packed, "big")
    at = bisect_right([first for first, _, _ in ranges], address) - 1
    return ranges[at][2] if at >= 0 and address <= ranges[at][1] else NO_RANGE


def v4(text: str) -> int:
    return MAPPED | int(IPv4Address(text))


WATCHED: Ranges = [
    (0, 1, 7),
    (v4("192.0.2.0"), v4("192.0.2.127"), 0),
    (v4("192.0.2.128"), v4("192.0.2.128"), 5),
    (v4("198.51.0.0"), v4("198.51.100.255"), 2_147_483_647),
    (v4("255.255.255.255"), v4("255.255.255.255"), 3),
    (int(IPv6Address("2001:db8::")), int(IPv6Address("2001:db8::ffff")), 4),
    (LAST, LAST, 6),
]
HOSTILE = [
    None, "", " ", ".", ":", "::", "%", "1", "1.2.3", "1.2.3.4.5", "192.0.2.1 ", " 192.0.2.1", "192.0.2.01",
    "192.0.2.00", "192.0.2.256", "192.0.2.1\0", "\0", "192.0.2.1%eth0", "0xc0.0.2.1", "3221225985", "192.0.2.-1",
    "192.0.2.+1", "192.0.2.1:80", "１９２.0.2.1", "192。0。2。1", "::ffff:192.0.2.1", "::FFFF:c000:201",
    "::192.0.2.1", "::ffff:192.0.2.01", "::ffff:192.0.2.1%x", "2001:db8::1%eth0", "2001:db8::1%",
    "2001:db8::1%25:eth0", "2001:DB8:0:0:0:0:0:1", "2001:db8:::1", "2001:db8::1::", "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
    "00001::", "g::", ":1", "1:", "[::1]", "::1/128", "fe80::1%é", "-", "é" * 40, ":" * 100, "1" * 100_000,
    "a:" * 50_000, "2001:db8:0000:0000:0000:0000:255.255.255.255", "2001:db8::ffff", "2001:db8::1:0",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "192.0.2.127", "192.0.2.128", "192.0.2.129", "192.0.1.255",
    "198.51.100.255", "198.51.101.0", "255.255.255.255", "0.0.0.0",
]  # fmt: skip


# A length, the first bytes, the number of a buffer, and a place in it: beyond the end, in no buffer, before the start.
WILD_VIEWS = [
    (20).to_bytes(4, "little") + b"2001" + buffer.to_bytes(4, "little") + place.to_bytes(4, "little")
    for buffer, place in [(0, 1), (1, 0), (0, 0xFFFF_FFFF), (0xFFFF_FFFF, 0xFFFF_FFFF)]
]


def test_every_layout_of_a_column_gives_the_answers_of_its_rows(running: Engine) -> None:
    found = LabelledRanges(table(WATCHED), running)
    expected = [one(WATCHED, text) for text in HOSTILE]
    assert {NO_RANGE, NO_ADDRESS, 0, 2, 3, 4, 5, 6, None} - set(expected) == {2}
    for column in layouts(HOSTILE):
        answer = found.find(column)
        assert answer.type == pa.int32()
        assert answer.to_pylist() == expected
        if isinstance(column, pa.ChunkedArray):
            assert [len(chunk) for chunk in answer.chunks] == [len(chunk) for chunk in column.chunks]


def test_what_lies_stale_under_a_null_is_not_read(running: Engine) -> None:
    # Long enough to stand in a buffer rather than in the view, and a watched address that stands in the view.
    texts = ["2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:2", "192.0.2.2"]
    column = without_validity(pa.array(texts, pa.string_view()), [False, False, True, True])
    assert b"192.0.2.1" in column.buffers()[1].to_pybytes()
    assert LabelledRanges(table(WATCHED), running).find(column).to_pylist() == [None, None, 4, 0]


def test_packed_addresses_are_found_as_their_texts_are(running: Engine) -> None:
    texts = [text for text in HOSTILE if text is not None and parse_address(text)]
    packed = [parse_address(text) for text in texts]
    found = LabelledRanges(table(WATCHED), running)
    expected = [one(WATCHED, text) for text in texts]
    assert found.find(pa.array(packed, PACKED)).to_pylist() == expected
    column = pa.array([None, b"\xff" * 16, *packed, None], PACKED)
    assert found.find(column).to_pylist() == [None, 6, *expected, None]
    assert found.find(column[2:]).to_pylist() == [*expected, None]
    assert found.find(without_validity(column[:0], [])).to_pylist() == []


def test_nothing_watched_and_no_rows(running: Engine) -> None:
    nothing = LabelledRanges(table([]), running)
    assert nothing.find(pa.array(["192.0.2.1", "::1", "x", None])).to_pylist() == [-1, -1, -2, None]
    for kind in (*TEXTS, PACKED):
        assert nothing.find(pa.array([], kind)).to_pylist() == []
        assert nothing.find(pa.chunked_array([], kind)).to_pylist() == []
        assert nothing.find(pa.nulls(9, kind)).to_pylist() == [None] * 9


def test_text_that_is_not_utf_8_is_no_address(running: Engine) -> None:
    bytes_ = pa.array([b"\xff\xfe", b"192.0.2.\xb2", b"2001:db8::1%\xff"], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 3, bytes_.buffers())
    assert LabelledRanges(table(WATCHED), running).find(column).to_pylist() == [-2, -2, 4]


def test_a_column_that_points_outside_its_bytes_is_an_error(running: Engine) -> None:
    found = LabelledRanges(table(WATCHED), running)
    text = pa.py_buffer(b"192.0.2.1")
    for ends in ([0, 90, 9], [0, -5, 9], [9, 0, 9]):
        for kind, code in ((pa.string(), pa.int32()), (pa.large_string(), pa.int64())):
            column = pa.Array.from_buffers(kind, 2, [None, pa.array(ends, code).buffers()[1], text])
            with pytest.raises(ValueError, match=r"(?i)broken column|offset|outside"):
                found.find(column)


def test_a_view_that_points_outside_the_bytes_is_an_error(running: Engine) -> None:
    found = LabelledRanges(table(WATCHED), running)
    good = pa.array(["192.0.2.1", "2001:db8:0:0:0:0:0:1"], pa.string_view())
    view = good.buffers()[1].to_pybytes()[16:32]
    for wild in WILD_VIEWS:
        # pyarrow looks at views when it makes a column of buffers, and not when it reads one from a file.
        with pytest.raises(ValueError, match=r"(?i)broken column|view"):
            found.find(as_read_from_a_file(good, {view: wild}))


def test_null_slots_may_point_anywhere(running: Engine) -> None:
    good = pa.array(["2001:db8::1"], pa.string_view()).buffers()[1].to_pybytes()
    views = pa.py_buffer(b"".join([*WILD_VIEWS, good]))
    valid = pa.py_buffer(bytes([1 << len(WILD_VIEWS)]))
    column = pa.Array.from_buffers(pa.string_view(), len(WILD_VIEWS) + 1, [valid, views, pa.py_buffer(b"192.0.2.1")])
    assert LabelledRanges(table(WATCHED), running).find(column).to_pylist() == [None] * len(WILD_VIEWS) + [4]


@pytest.mark.parametrize("column", [pa.array([1]), pa.array([b"\0" * 4], pa.binary(4)), pa.array([b"192.0.2.1"])])
def test_a_column_of_anything_else_is_refused(column: pa.Array, running: Engine) -> None:
    with pytest.raises(TypeError, match="addresses are text"):
        LabelledRanges(table(WATCHED), running).find(column)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ([(2, 1, 0)], "row 0 ends before"),
        ([(1, 1, 0), (2, 3, 1), (3, 4, 0)], "row 2 is not behind"),
        ([(5, 6, 0), (1, 2, 0)], "row 1 is not behind"),
        ([(1, 2, 0), (3, 4, -1)], "row 1 has a negative label"),
    ],
)
def test_ranges_that_a_search_would_misread_are_refused(ranges: Ranges, message: str, running: Engine) -> None:
    with pytest.raises(ValueError, match=message):
        LabelledRanges(table(ranges), running)


def test_ranges_with_a_null_are_refused(running: Engine) -> None:
    for name in SCHEMA.names:
        whole = table(WATCHED)
        with pytest.raises(ValueError, match="lacks"):
            LabelledRanges(
                whole.set_column(SCHEMA.names.index(name), name, pa.nulls(len(whole), SCHEMA.field(name).type)), running
            )


ENDS = st.one_of(
    st.integers(0, LAST),
    st.integers(-300, 300).map(lambda near: MAPPED + near),
    st.integers(-300, 300).map(lambda near: (MAPPED | 0xFFFF_FFFF) + near),
    st.integers(0, 0xFFFF_FFFF).map(lambda low: MAPPED | low),
    st.integers(0, 2000).map(lambda low: MAPPED | 0xC000_0000 | low),
)


@st.composite
def range_sets(draw: st.DrawFn) -> Ranges:
    ends = sorted(draw(st.lists(ENDS, max_size=24, unique=True)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    if draw(st.booleans()):
        pairs = [(first, first) for first, _ in pairs]
    labels = draw(st.lists(st.integers(0, 2**31 - 1), min_size=len(pairs), max_size=len(pairs)))
    return [(first, last, label) for (first, last), label in zip(pairs, labels, strict=True)]


def spelled(address: int, how: int) -> str:
    packed = address.to_bytes(16, "big")
    if address >> 32 == 0xFFFF and how % 2:
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    text = socket.inet_ntop(socket.AF_INET6, packed)
    exploded = IPv6Address(address).exploded
    return [text, text.upper(), f"{text}%en0", exploded][how // 2]


@given(
    range_sets(),
    st.lists(st.tuples(ENDS, st.integers(0, 7)) | st.text(alphabet="0123456789.:%af\0 é", max_size=20) | st.none()),
)
def test_both_engines_and_row_by_row_agree(ranges: Ranges, asked: Sequence[tuple[int, int] | str | None]) -> None:
    near = [end + step for first, last, _ in ranges for end in (first, last) for step in (-1, 0, 1)]
    addresses = [end for end in near if 0 <= end <= LAST]
    texts = [spelled(*ask) if isinstance(ask, tuple) else ask for ask in asked]
    texts += [spelled(address, address % 8) for address in addresses]
    expected = [one(ranges, text) for text in texts]
    packed = pa.array([address.to_bytes(16, "big") for address in addresses], PACKED)
    for engine in engines():
        found = LabelledRanges(table(ranges), engine)
        for kind in TEXTS:
            assert found.find(pa.array(texts, kind)).to_pylist() == expected
        assert found.find(packed).to_pylist() == [one_packed(ranges, value) for value in packed.to_pylist()]


def engines() -> list[Engine]:
    from beholden.engine import native

    return list(Engine) if native() is not None else [Engine.PYTHON]


def test_a_million_dotted_texts_are_read_as_inet_pton_reads_them(running: Engine) -> None:
    pieces = [
        "", "0", "1", "7", "9", "10", "12", "99", "100", "129", "199", "200", "249", "250", "254", "255", "256",
        "260", "299", "300", "999", "00", "01", "012", "000", "0255", "1e1", "-1", "+1", " 1", "1 ", "/", "x",
    ]  # fmt: skip
    texts = [".".join(parts) for parts in itertools.product(pieces, repeat=4)]
    assert len(texts) > 1_000_000
    agree(texts, running)


def test_mutated_addresses_are_read_as_inet_pton_reads_them(running: Engine) -> None:
    dice = random.Random(6)
    letters = "0123456789abcdefABCDEF.:%gx \0é"
    texts = []
    for _ in range(150_000):
        if dice.random() < 0.5:
            text = ".".join(str(dice.randrange(300)) for _ in range(dice.choice((3, 4, 4, 4, 4, 5))))
        else:
            text = ":".join(f"{dice.randrange(70_000):x}" for _ in range(dice.choice((1, 2, 7, 8, 8, 9))))
            text = text.replace(
                ":" + text.split(":")[-1], dice.choice(("::", "::1", ":1.2.3.4", "::ffff:9.8.7.6", ":")), 1
            )
        for _ in range(dice.choice((0, 0, 1, 2))):
            at = dice.randrange(len(text) + 1)
            text = text[:at] + dice.choice(letters) + text[at + dice.randrange(2) :]
        texts.append(text)
    agree(texts, running)


def agree(texts: list[str], running: Engine) -> None:
    """Which texts are addresses, and exactly which: every address that one of them is has a range of its own."""
    packed = [parse_address(text) for text in texts]
    labels = {address: label for label, address in enumerate(sorted({address for address in packed if address}))}
    assert len(labels) > len(texts) // 30
    ranges = [
        (int.from_bytes(address, "big"), int.from_bytes(address, "big"), label) for address, label in labels.items()
    ]
    found = LabelledRanges(table(ranges), running).find(pa.array(texts)).to_pylist()
    expected = [NO_ADDRESS if address is None else labels[address] for address in packed]
    assert [wrong for wrong in zip(texts, found, expected, strict=True) if wrong[1] != wrong[2]][:5] == []
