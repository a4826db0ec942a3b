"""Columns of flow records as writers have them → numbers, times, words and texts; what is none is said beside.

All steps work on whole columns; values are looked at one by one only where a writer stored numbers as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beholden.scan.kernel.columns import is_text
from beholden.scan.network.cells import LATEST, parse_seconds
from beholden.scan.network.vpc_layout import NULL

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Longs = NDArray[np.int64]

# What 18 digits hold, as text may have; the last second of year 9999.
LARGEST = 10**18 - 1
_LATEST_US = int(LATEST) * 1_000_000
_MAX_WORDS = 1_000
MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}


class Coded:
    """A column of few words, as numbers."""

    def __init__(self, codes: NDArray[np.int64], words: list[str | None]) -> None:
        self._codes = codes
        self._words = words

    def is_any(self, *words: str | None) -> Flags:
        """Where one of the words stands; None: where nothing does."""
        told = [word in words for word in self._words]
        if len(set(told)) == 1:
            # Most logs say the same of all records.
            return np.full(len(self._codes), told[0], np.bool_)
        flags: Flags = np.array(told, np.bool_)[self._codes]
        return flags


def coded(column: pa.Array | None, rows: int) -> Coded:
    """A column as codes; every code is used where a dictionary says so, and words may stand in it twice."""
    if column is None:
        return Coded(np.zeros(rows, np.int64), [None])
    kind = column.type
    if not (pa.types.is_dictionary(kind) and len(column.dictionary) <= _MAX_WORDS):
        column = as_bare(plain_text(column)).dictionary_encode()
    words = [None if word is None else word_of(word) for word in as_bare(column.dictionary).to_pylist()]
    codes = column.indices
    if codes.null_count:
        # One more than there are may be more than their type holds.
        codes = codes.cast(pa.int64()).fill_null(len(words))
        words.append(None)
    return Coded(codes.to_numpy(zero_copy_only=False), words)


def word_of(raw: bytes) -> str:
    """Bytes as text; those that are no UTF-8 become U+FFFD."""
    return raw.decode("utf-8", "replace")


def plain_text(column: pa.Array) -> pa.Array:
    """Text as such.

    Raises:
        TypeError: It is none.
    """
    if pa.types.is_dictionary(column.type):
        if pa.types.is_string_view(column.type.value_type):
            return plain_text(pa.DictionaryArray.from_arrays(column.indices, plain_text(column.dictionary), safe=False))
        column = column.dictionary_decode()
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    if not is_text(column.type):
        raise TypeError(f"text is needed, this is {column.type}")
    # Rows of views cannot be taken.
    return as_bare(column).view(pa.string()) if pa.types.is_string_view(column.type) else column


def as_bare(column: pa.Array) -> pa.Array:
    """Text as bytes, which need not be UTF-8."""
    kind = column.type
    if pa.types.is_string(kind):
        return column.cast(pa.binary())
    return column.cast(pa.binary_view() if pa.types.is_string_view(kind) else pa.large_binary()).cast(pa.binary())


def is_nothing(column: pa.Array) -> Flags:
    """Where text is null or `-`."""
    flags: Flags = pc.equal(as_bare(column), NULL.encode()).fill_null(True).to_numpy(zero_copy_only=False)
    return flags


def texts_of(column: pa.Array | None, rows: Longs) -> pa.Array:
    """Text of some rows, well-formed; null where there is none."""
    if column is None:
        return pa.nulls(len(rows), pa.string())
    taken = (plain_text(column) if pa.types.is_string_view(column.type) else column).take(pa.array(rows))
    if pa.types.is_integer(taken.type):
        return taken.cast(pa.string())
    raw = as_bare(plain_text(taken))
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        codes = raw.dictionary_encode()
        text = pa.array([word_of(word) for word in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)
    is_told = pc.invert(pc.is_in(text, pa.array(["", NULL])))
    return pc.if_else(is_told, text, pa.scalar(None, pa.string()))


def plain_numbers(column: pa.Array | None, largest: int) -> Longs | None:
    """Values as they are, where all of them are there and in range; None where somebody has to look closer."""
    if column is None or not len(column) or column.null_count or not pa.types.is_integer(column.type):
        return None
    values = column.to_numpy(zero_copy_only=False)
    return values.astype(np.int64, copy=False) if values.min() >= 0 and values.max() <= largest else None


def whole_numbers(column: pa.Array | None, rows: int) -> tuple[Longs, Flags, Flags]:
    """Values, which of them are null, and which are no whole number of 0 or more."""
    nothing = np.zeros(rows, np.bool_)
    if column is None or pa.types.is_null(column.type):
        return np.zeros(rows, np.int64), np.ones(rows, np.bool_), nothing
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    is_null: Flags = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else nothing
    if pa.types.is_integer(kind):
        bad = nothing
        if pa.types.is_uint64(kind):
            bad = pc.greater(column, pa.scalar(2**63 - 1, pa.uint64())).fill_null(False).to_numpy(zero_copy_only=False)
        values = column.fill_null(0).cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
    elif pa.types.is_floating(kind):
        # How writers store whole numbers beside missing ones.
        plain = column.fill_null(0).cast(pa.float64()).to_numpy(zero_copy_only=False)
        is_null = is_null | np.isnan(plain)
        plain = np.where(is_null, 0, plain)
        bad = (plain != np.floor(plain)) | (np.abs(plain) >= float(LARGEST))
        values = np.where(bad, 0, plain).astype(np.int64)
    elif pa.types.is_decimal(kind):
        texts = column.cast(pa.string())
        values, _, bad = _from_texts(texts, _digits)
    else:
        values, is_dash, bad = _from_texts(plain_text(column), _digits)
        is_null = is_null | is_dash
    return values, is_null, (bad | (values < 0)) & ~is_null


def moments(column: pa.Array, rows: int, unit: str) -> tuple[Longs, Flags]:
    """Microseconds since 1970, and where there are none."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        is_null = column.is_null().to_numpy(zero_copy_only=False)
        bare = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        if column.type.unit == "ns":
            values = bare // 1_000
        else:
            factor = MICROSECONDS[column.type.unit]
            is_null = is_null | (np.abs(bare) > _LATEST_US // factor)
            values = np.where(is_null, 0, bare) * factor
        return values, is_null | (values < 0) | (values > _LATEST_US)
    if is_text(column.type) and unit != "s":
        values, is_null, bad = _from_texts(column, lambda text: _microseconds(text, MICROSECONDS[unit]))
        return values, bad | is_null
    factor = MICROSECONDS[unit]
    if (plain := plain_numbers(column, _LATEST_US // factor)) is not None:
        return plain * factor, np.zeros(rows, np.bool_)
    values, is_null, bad = whole_numbers(column, rows)
    bad = bad | is_null | (values > _LATEST_US // factor)
    return np.where(bad, 0, values) * factor, bad


def _microseconds(text: str, factor: int) -> int | None:
    """A number in the unit of the file, or ISO 8601."""
    number = _digits(text)
    if number is not None:
        return number * factor
    seconds = parse_seconds(text)
    return None if seconds is None else round(seconds * 1_000_000)


def _digits(text: str) -> int | None:
    return int(text) if text.isdigit() and text.isascii() and len(text) <= len(str(LARGEST)) else None


def _from_texts(column: pa.Array, value_of: Callable[[str], int | None]) -> tuple[Longs, Flags, Flags]:
    """Values of text, each distinct one read once; which are `-` or null, and which cannot be read."""
    codes = as_bare(column).dictionary_encode()
    texts = [word_of(raw) for raw in codes.dictionary.to_pylist()]
    found = [None if text == NULL else value_of(text) for text in texts]
    at = codes.indices.cast(pa.int64()).fill_null(len(found)).to_numpy(zero_copy_only=False)
    values = np.array([*(value or 0 for value in found), 0], np.int64)[at]
    dash = np.array([*(text == NULL for text in texts), True], np.bool_)[at]
    bad = np.array(
        [*(value is None and text != NULL for value, text in zip(found, texts, strict=True)), False], np.bool_
    )
    return values, dash, bad[at]
