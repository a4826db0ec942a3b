"""Batches of records that wait to be judged, with the numbers of their file and of the names of their fields."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beholden.schema.traffic import FLOW

if TYPE_CHECKING:
    from collections.abc import Sequence


class Held(NamedTuple):
    """A batch of FLOW or CONTACT.

    Attributes:
        file: Number of its file.
        ends: Number of the names of its address fields.
        batch: The records.
    """

    file: int
    ends: int
    batch: pa.RecordBatch


def frame(held: Sequence[Held]) -> pl.DataFrame:
    """Batches of one schema as one frame, with `file` and `ends`; a log brings hundreds of them."""
    frames = []
    for (file, ends), group in groupby(held, key=itemgetter(0, 1)):
        found = pl.from_arrow(pa.Table.from_batches([each.batch for each in group]))
        assert isinstance(found, pl.DataFrame)
        numbers = (pl.lit(number, pl.Int32).alias(name) for name, number in (("file", file), ("ends", ends)))
        frames.append(found.with_columns(*numbers))
    return pl.concat(frames)


def in_content_order(held: Sequence[Held]) -> Sequence[Held]:
    """FLOW records; those of a table have no line, and come in no order: their content makes one."""
    placeless = [each for each in held if len(each.batch) and pc.min(each.batch["line"]).as_py() == 0]
    if not placeless:
        return held
    rows = frame(placeless).sort("file", *(name for name in FLOW.names if name != "line"))
    return [*(each for each in held if not any(each is other for other in placeless)), *batches(rows, FLOW)]


def batches(rows: pl.DataFrame, schema: pa.Schema) -> list[Held]:
    """The opposite: a frame with `file` and `ends` as batches of a schema."""
    held = []
    for (file, ends), part in rows.partition_by(["file", "ends"], as_dict=True, maintain_order=True).items():
        table = part.select(schema.names).to_arrow()
        columns = [table.column(field.name).cast(field.type) for field in schema]
        whole = pa.Table.from_arrays(columns, schema=schema).combine_chunks()
        held += [Held(int(file), int(ends), batch) for batch in whole.to_batches()]
    return held
