"""Columns as files and other libraries bring them: any layout, cut out of larger ones, with stale text under nulls."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

TEXTS = (pa.string(), pa.large_string(), pa.string_view())


def without_validity(column: pa.Array, valid: Sequence[bool]) -> pa.Array:
    """The same bytes with other slots null, which the values do not show."""
    bits = bytearray((len(valid) + 7) // 8)
    for row, is_valid in enumerate(valid):
        bits[row // 8] |= is_valid << row % 8
    assert column.offset == 0
    return pa.Array.from_buffers(column.type, len(column), [pa.py_buffer(bytes(bits)), *column.buffers()[1:]])


def layouts(texts: Sequence[str | None]) -> list[pa.Array | pa.ChunkedArray]:
    """One column in every layout: three types, each whole, as a slice of a larger one, in chunks, stale under nulls."""
    filled = [text if text is not None else f"192.0.2.{row % 256}" for row, text in enumerate(texts)]
    valid = [text is not None for text in texts]
    made: list[pa.Array | pa.ChunkedArray] = []
    for kind in TEXTS:
        whole = pa.array(texts, kind)
        middle = len(texts) // 2
        made += [
            whole,
            pa.array(["stale.example", None, *texts, "198.51.100.1"], kind)[2:-1],
            pa.chunked_array([whole[:middle], pa.array([], kind), whole[middle:]]),
            without_validity(pa.array(filled, kind), valid),
        ]
    return made
