"""Host names to watched domains: both engines, and the same row by row."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.kernel.columns import layouts, without_validity
from tests.scan.kernel.test_ranges import engines

from beholden.engine import Engine
from beholden.scan.kernel.suffixes import NO_SUFFIX, WatchedSuffixes


def one(watched: Sequence[str | None], host: str | None) -> int | None:
    """Row by row."""
    if host is None:
        return None
    labels = "".join(letter.lower() if letter.isascii() else letter for letter in host.removesuffix(".")).split(".")
    for begin in range(len(labels)):
        name = ".".join(labels[begin:])
        if name and name in watched:
            return watched.index(name)
    return NO_SUFFIX


WATCHED = [
    "watched.example",
    "cdn.watched.example",
    "qq.example",
    None,
    "",
    "a-long-name-of-a-service.example.net",
    "qq.example",
]
HOSTS = [
    None, "", ".", "..", "watched.example", "watched.example.", "watched.example..", "WWW.Watched.EXAMPLE",
    "unwatched.example", "x.unwatched.example", "cdn.watched.example", "a.b.cdn.watched.example",
    "notcdn.watched.example", ".watched.example", "..watched.example", "watched..example", "watched.example.com",
    "example", "qq.example", "1.qq.example", "q.qq.example", "qqq.example", "x" * 300 + ".qq.example",
    "x." * 5000 + "QQ.example", "a-long-name-of-a-service.example.net", "z.a-long-name-of-a-service.example.net",
    "za-long-name-of-a-service.example.net", "long-name-of-a-service.example.net", "wätched.example",
    "wÄ.watched.example", "ｗatched.example", "watched\0.example", "\0.watched.example", " watched.example",
    "watched.example ", "192.0.2.1", "[::1]", "*.watched.example", "_dmarc.watched.example", "K.watched.example",
    "watched.eKample",
]  # fmt: skip


def test_every_layout_of_a_column_gives_the_answers_of_its_rows(running: Engine) -> None:
    expected = [one(WATCHED, host) for host in HOSTS]
    assert set(expected) == {None, NO_SUFFIX, 0, 1, 2, 5}
    for names in layouts(WATCHED):
        found = WatchedSuffixes(names, running)
        for column in layouts(HOSTS):
            answer = found.find(column)
            assert answer.type == pa.int32()
            assert answer.to_pylist() == expected


def test_what_lies_stale_under_a_null_is_not_read(running: Engine) -> None:
    names = ["watched.example", "qq.example", "www.watched.example", "x.qq.example"]
    column = without_validity(pa.array(names, pa.string_view()), [False, False, True, True])
    assert WatchedSuffixes(pa.array(WATCHED), running).find(column).to_pylist() == [None, None, 0, 2]
    stale = without_validity(pa.array(["watched.example", "qq.example"], pa.string_view()), [False, True])
    assert WatchedSuffixes(stale, running).find(column).to_pylist() == [None, None, -1, 1]


def test_nothing_watched_and_no_rows(running: Engine) -> None:
    nothing = WatchedSuffixes(pa.array([], pa.string()), running)
    assert nothing.find(pa.array(["a.example", "", None])).to_pylist() == [-1, -1, None]
    assert nothing.find(pa.chunked_array([], pa.string())).to_pylist() == []
    assert WatchedSuffixes(pa.array(WATCHED), running).find(pa.array([], pa.large_string())).to_pylist() == []


def test_text_that_is_not_utf_8_is_compared_byte_by_byte(running: Engine) -> None:
    hosts = pa.array([b"\xff.watched.example", b"watched.exampl\xe5", b"\xc3.qq.example."], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 3, hosts.buffers())
    assert WatchedSuffixes(pa.array(WATCHED), running).find(column).to_pylist() == [0, -1, 2]


def test_a_column_that_points_outside_its_bytes_is_an_error(running: Engine) -> None:
    found = WatchedSuffixes(pa.array(WATCHED), running)
    for ends in ([0, 90, 9], [0, -5, 9], [9, 0, 9]):
        column = pa.Array.from_buffers(
            pa.string(), 2, [None, pa.array(ends, pa.int32()).buffers()[1], pa.py_buffer(b"a.example")]
        )
        with pytest.raises(ValueError, match=r"(?i)broken column|offset|outside"):
            found.find(column)


def test_a_column_of_anything_else_is_refused(running: Engine) -> None:
    with pytest.raises(TypeError, match="host names are text"):
        WatchedSuffixes(pa.array([1]), running)
    with pytest.raises(TypeError, match="host names are text"):
        WatchedSuffixes(pa.array(WATCHED), running).find(pa.array([b"a.example"]))


LABEL = st.sampled_from(["a", "b", "aa", "ab", "example", "watched", "x" * 7, "x" * 8, "x" * 9, "x" * 30, ""])
NAME = st.lists(LABEL, min_size=1, max_size=5).map(".".join)
HOST = st.one_of(
    NAME,
    NAME.map(str.upper),
    NAME.map(lambda name: name + "."),
    st.text(alphabet="abxAB.\0é-", max_size=40),
    st.none(),
)


@given(st.lists(NAME.map(lambda name: name.rstrip(".")) | st.none(), max_size=30), st.lists(HOST, max_size=60))
def test_both_engines_and_row_by_row_agree(watched: list[str | None], hosts: list[str | None]) -> None:
    # A host that is itself watched, below one, and beside one.
    known = [name for name in watched if name]
    hosts = [*hosts, *known, *(f"w.{name}" for name in known), *(f"w{name}" for name in known)]
    expected = [one(watched, host) for host in hosts]
    for engine in engines():
        found = WatchedSuffixes(pa.array(watched, pa.string()), engine)
        for kind in (pa.string(), pa.large_string(), pa.string_view()):
            assert found.find(pa.array(hosts, kind)).to_pylist() == expected


def test_a_hundred_thousand_names_and_their_neighbours(running: Engine) -> None:
    watched = [
        f"{number:x}-{'y' * (number % 23)}.{('com', 'example', 'co.uk')[number % 3]}" for number in range(100_000)
    ]
    found = WatchedSuffixes(pa.array(watched), running)
    assert found.find(pa.array(watched)).to_pylist() == list(range(100_000))
    assert found.find(pa.array([f"www.{name}." for name in watched])).to_pylist() == list(range(100_000))
    assert set(found.find(pa.array([f"w{name}" for name in watched])).to_pylist()) == {NO_SUFFIX}


def test_names_of_any_length_take_no_longer_than_the_longest_watched_one_lets_them(running: Engine) -> None:
    # A megabyte of dots, a thousand times over: read in full at every dot, this would take days.
    column = pa.array(["." * 1_000_000 + "qq.example", "x." * 500_000 + "example"] * 50)
    assert WatchedSuffixes(pa.array(WATCHED), running).find(column).to_pylist() == [2, -1] * 50
