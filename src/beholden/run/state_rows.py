"""Rows as a state keeps them: Arrow streams, looked over whole before any code takes numbers for offsets or codes.

Source: arrow.apache.org, "IPC Streaming Format"; what columns hold: the schemas of `beholden.schema`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from beholden.schema.naming import NAMING
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import CONTACT, FLOW, INTERFACE, Verdict
from beholden.schema.vocabulary import Direction, Grain, NameEvidence

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEMAS = (OBSERVATION, FLOW, CONTACT, INTERFACE, NAMING)
# Least and most of what later stages look up or shift by. Sides are four bits.
_RANGES = {
    "verdict": (min(Verdict), max(Verdict)),
    "source_side": (0, 15),
    "target_side": (0, 15),
    "outwards": (-1, 1),
    "port": (-1, 65_535),
    "source_port": (-1, 65_535),
    "target_port": (-1, 65_535),
}
_WORDS = {
    "direction": tuple(Direction),
    "certainty": ("confirmed", "probable"),
    "grain": tuple(Grain),
    "told_by": tuple(NameEvidence),
}


def encode(batches: Sequence[pa.RecordBatch]) -> bytes:
    """Batches of one schema as a stream."""
    buffer = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(buffer, batches[0].schema, options=options) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return buffer.getvalue()


def decode(rows: bytes) -> list[pa.RecordBatch]:
    """The batches of a stream.

    Raises:
        ArrowException: It is none, or its offsets and texts are not valid.
        ValueError: Its rows are of no kind that readers give, or hold what these never do.
    """
    with pa.ipc.open_stream(rows) as stream:
        if not any(stream.schema.equals(schema) for schema in _SCHEMAS):
            raise ValueError("rows of an unknown kind")
        batches = list(stream)
    for batch in batches:
        _refuse_damaged(batch)
    return batches


def _refuse_damaged(batch: pa.RecordBatch) -> None:
    batch.validate(full=True)
    for field, column in zip(batch.schema, batch.columns, strict=True):
        _refuse_damaged_column(field, column)


def _refuse_damaged_column(field: pa.Field, column: pa.Array) -> None:
    if column.null_count and not field.nullable:
        raise ValueError(f"{field.name}: nothing where something is expected")
    if pa.types.is_list(field.type) and column.flatten().null_count:
        raise ValueError(f"{field.name}: nothing in a list")
    if field.name in _RANGES and len(column):
        least, most = _RANGES[field.name]
        found = pc.min_max(column).as_py()
        if found["min"] < least or found["max"] > most:
            raise ValueError(f"{field.name}: expected {least} to {most}")
    if field.name in _WORDS and not set(pc.unique(column).to_pylist()) <= {None, *_WORDS[field.name]}:
        raise ValueError(f"{field.name}: a word that no reader gives")
