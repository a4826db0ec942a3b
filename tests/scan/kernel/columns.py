"""Columns as files and other libraries bring them: any layout, cut out of larger ones, with stale text under nulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.ipc

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


def as_read_from_a_file(column: pa.Array, changed: Mapping[bytes, bytes]) -> pa.Array:
    """A column through Arrow's file format, with bytes of the file changed on the way."""
    batch = pa.record_batch([column], ["text"])
    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    raw = sink.getvalue().to_pybytes()
    for old, new in changed.items():
        assert raw.count(old) == 1
        raw = raw.replace(old, new)
    return pyarrow.ipc.open_stream(raw).read_next_batch().column(0)
