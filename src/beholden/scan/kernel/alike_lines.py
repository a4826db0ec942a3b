"""Lines of text that look alike, as arrays: where cells begin and end, and what they hold, thousands of lines at once.

Cells are told apart by single blanks. Lines look alike where blanks and dots follow each other in the same order: so
the octets of an address stand at the same place in each of them. What a line can be beyond that (several blanks, tabs,
controls, bytes that are not ASCII, a line end that is missing) is for a reader of single lines.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Octets = NDArray[np.uint8]
    Places = NDArray[np.int64]
    Words = NDArray[np.uint64]

WINDOW_BYTES = 2048 * 1024
# Fewer lines are read sooner one by one, and most files have few shapes of lines.
_FEW, _SHAPES = 16, 8
_BLANK, _DOT, _LINE_END = b" .\n"
_MAPPED = np.uint64(0xFFFF << 32)
LONGEST_NUMBER = 18

# Bytes before the first line and behind the last that words may reach into.
_BEFORE, _BEHIND = 24, 8
_ZEROS = np.uint64(0x3030_3030_3030_3030)
_HEAD = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
_TAIL = np.array([(1 << 64) - (1 << 8 * (8 - length)) for length in range(9)], np.uint64)
_BYTE = np.uint32(0xFF)
_OCTET_ZEROS = np.uint32(0x3030_3030)
_OCTET_TAIL = np.array([0, 0xFF00_0000, 0xFFFF_0000, 0xFFFF_FF00, 0], np.uint32)
# Other readers take a leading zero for octal.
_OCTET_LEAST = np.array([256, 0, 10, 100, 256], np.uint32)


class Window(NamedTuple):
    """What some lines of a text came to.

    Attributes:
        begins: Where each line begins.
        ends: Where each line ends, its line end included.
        blocks: Lines that look alike.
        odd: Numbers from 0 of the lines that are in no block, ascending.
    """

    begins: Places
    ends: Places
    blocks: list[Block]
    odd: Places


def window(text: bytes, width: int, first_name: bytes) -> Window:
    """Look at whole lines.

    Args:
        text: The lines; less than 2 GiB.
        width: How many cells a record has, at least 1.
        first_name: Lines that begin so are odd: they may be a header.
    """
    padded = bytes(_BEFORE) + text + bytes(_BEHIND)
    data = np.frombuffer(padded, np.uint8)
    inner = data[_BEFORE:-_BEHIND]
    marks = np.flatnonzero((inner <= _BLANK) | (inner == _DOT)) + _BEFORE
    kinds = data[marks]
    last = np.flatnonzero(kinds == _LINE_END)
    ends = marks[last] + 1
    if not text.endswith(b"\n"):
        ends = np.append(ends, _BEFORE + len(text))
    begins = np.empty_like(ends)
    begins[:1], begins[1:] = _BEFORE, ends[:-1]
    odd = _odd(data, marks, kinds, begins, ends)
    odd[len(last) :] = True
    start = np.frombuffer(first_name[:8], np.uint8)
    like_header = np.ones(len(begins), np.bool_)
    for at, byte in enumerate(start):
        like_header &= data[np.minimum(begins + at, len(data) - 1)] == byte
    odd |= like_header
    blocks = []
    counts = np.diff(last, prepend=-1)
    left = np.flatnonzero(~odd[: len(last)])
    for _ in range(_SHAPES):
        if not len(left):
            break
        count = counts[left[0]]
        same = left[counts[left] == count]
        # A row a mark: what is looked at together lies together.
        index = last[same] - np.arange(count - 1, -1, -1)[:, np.newaxis]
        is_dot = kinds[index] == _DOT
        shape = is_dot[:, 0]
        alike = (is_dot == shape[:, np.newaxis]).all(axis=0)
        lines = same[alike]
        if len(lines) >= _FEW and np.count_nonzero(~shape) == width:
            places = marks[index if len(lines) == len(same) else index[:, alike]]
            blocks.append(Block(padded, lines, begins[lines], places, np.flatnonzero(~shape)))
        else:
            odd[lines] = True
        left = np.setdiff1d(left, lines, assume_unique=True)
    odd[left] = True
    return Window(begins - _BEFORE, ends - _BEFORE, blocks, np.flatnonzero(odd))


def _odd(data: Octets, marks: Places, kinds: Octets, begins: Places, ends: Places) -> Flags:
    """Lines with anything but single blanks, dots, and printed ASCII."""
    odd = ends - begins > MAX_LINE_BYTES
    is_blank = kinds != _DOT
    wrong = is_blank & (kinds != _BLANK) & (kinds != _LINE_END)
    # A blank right behind a blank, or at the beginning of a line.
    wrong[1:] |= (marks[1:] - marks[:-1] == 1) & is_blank[1:] & is_blank[:-1]
    wrong[:1] |= marks[:1] == _BEFORE
    places = marks[wrong]
    if data.view(np.int8)[_BEFORE:-_BEHIND].min(initial=0) < 0 and np.any(data >= 0x80):
        places = np.concatenate([places, np.flatnonzero(data >= 0x80)])
    if len(places):
        odd[np.searchsorted(ends, places, side="right")] = True
    return odd


class Addresses(NamedTuple):
    """Addresses as two halves of 128 bits; `is_v4` where they were read, elsewhere the text is to be asked."""

    low: Words
    is_v4: Flags


class Block:
    """Lines that look alike.

    Args:
        text: What they are in.
        lines: Their numbers.
        begins: Where they begin.
        marks: Places of their blanks and dots, a row a place.
        blanks: Which rows of these are blanks; the last is the line end.
    """

    def __init__(self, text: bytes, lines: Places, begins: Places, marks: Places, blanks: Places) -> None:
        self.lines = lines
        self._text = text
        self._begins = begins
        self._marks = marks
        self._blanks = [-1, *blanks.tolist()]

    def __len__(self) -> int:
        return len(self.lines)

    def select(self, rows: Flags | Places | slice) -> Block:
        """Some of the lines."""
        blanks = np.array(self._blanks[1:])
        return Block(self._text, self.lines[rows], self._begins[rows], self._marks[:, rows], blanks)

    @cached_property
    def _words(self) -> Words:
        return np.ndarray((len(self._text) - 7,), "<u8", self._text, strides=(1,))

    @cached_property
    def _short_words(self) -> NDArray[np.uint32]:
        return np.ndarray((len(self._text) - 3,), "<u4", self._text, strides=(1,))

    def bounds(self, place: int) -> tuple[Places, Places]:
        """Where a cell begins and ends in each line."""
        before = self._blanks[place]
        begins = self._begins if before < 0 else self._marks[before] + 1
        return begins, self._marks[self._blanks[place + 1]]

    def keys(self, place: int) -> Words:
        """A number for the text of each cell (see `key`); 0 for more than eight bytes."""
        begins, ends = self.bounds(place)
        lengths = ends - begins
        return np.where(lengths <= 8, self._words[begins] & _HEAD[np.minimum(lengths, 8)], np.uint64(0))

    def numbers(self, place: int) -> tuple[NDArray[np.int64], Flags]:
        """The number in each cell, and whether it is one: 1 to 18 digits and nothing else."""
        begins, ends = self.bounds(place)
        lengths = ends - begins
        good = lengths <= LONGEST_NUMBER
        value, is_number = _eight(self._words[ends - 8], np.minimum(lengths, 8))
        good &= is_number
        longest = int(lengths.max(initial=0))
        for begin, scale in ((8, 100_000_000), (16, 10_000_000_000_000_000)):
            if longest > begin:
                more, is_number = _eight(self._words[ends - (begin + 8)], np.clip(lengths - begin, 0, 8))
                good &= is_number
                value = value + more * np.uint64(scale)
        return value.view(np.int64), good

    def v4(self, place: int) -> Addresses:
        """The address in each cell, where it is IPv4."""
        before, after = self._blanks[place], self._blanks[place + 1]
        if after - before != 4:
            nothing = np.zeros(len(self), np.uint64)
            return Addresses(nothing, nothing.astype(np.bool_))
        ends = self._marks[before + 1 : after + 1]
        begins = np.empty_like(ends)
        begins[0], begins[1:] = self.bounds(place)[0], ends[:-1] + 1
        lengths = np.minimum(ends - begins, 4)
        tail = _OCTET_TAIL[lengths]
        digits = (self._short_words[ends - 4] ^ _OCTET_ZEROS) & tail
        good = (digits | (digits + np.uint32(0x7676_7676))) & np.uint32(0x8080_8080) == 0
        octets = (digits >> np.uint32(8) & _BYTE) * np.uint32(100) + (digits >> np.uint32(24))
        octets += (digits >> np.uint32(16) & _BYTE) * np.uint32(10)
        good &= (octets >= _OCTET_LEAST[lengths]) & (octets <= _BYTE)
        whole = octets[0] << np.uint32(24) | octets[1] << np.uint32(16) | octets[2] << np.uint32(8) | octets[3]
        return Addresses(_MAPPED | whole, good.all(axis=0))

    def texts(self, place: int) -> pa.Array:
        """The text of each cell."""
        begins, ends = self.bounds(place)
        lengths = ends - begins
        offsets = np.zeros(len(self) + 1, np.int32)
        np.cumsum(lengths, out=offsets[1:])
        index = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], lengths)
        data = np.frombuffer(self._text, np.uint8)[index]
        return pa.StringArray.from_buffers(len(self), pa.py_buffer(offsets), pa.py_buffer(data))


def key(text: str) -> np.uint64:
    """The number of a text of up to eight ASCII characters."""
    return np.uint64(int.from_bytes(text.encode("ascii"), "little"))


def _eight(words: Words, lengths: Places) -> tuple[Words, Flags]:
    """Up to eight digits that end with the word, all at once; as `native/src/number.rs` does it."""
    tail = _TAIL[lengths]
    low = ((words & tail) | (_ZEROS & ~tail)) - _ZEROS
    good = (low | (low + np.uint64(0x7676_7676_7676_7676))) & np.uint64(0x8080_8080_8080_8080) == 0
    pairs = (low * np.uint64(10) + (low >> np.uint64(8))) & np.uint64(0x00FF_00FF_00FF_00FF)
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & np.uint64(0x0000_FFFF_0000_FFFF)
    return (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & np.uint64(0xFFFF_FFFF), good


def windows(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Parts of whole lines that fit the nearer caches, but where a line does not; each with its place."""
    at = 0
    while at < len(text):
        end = text.rfind(b"\n", at, at + WINDOW_BYTES) + 1 or text.find(b"\n", at + WINDOW_BYTES) + 1 or len(text)
        if at + WINDOW_BYTES >= len(text):
            end = len(text)
        yield at, text[at:end]
        at = end
