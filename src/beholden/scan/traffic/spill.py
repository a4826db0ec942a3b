"""Records that wait on disk until their file ends, in parts that each hold whole conversations."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING

import polars as pl
import pyarrow as pa

from beholden.scan.traffic.held import batches, frame
from beholden.schema.traffic import FLOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from beholden.scan.traffic.held import Held

_PARTS = 32
_STORED: pa.Schema = pa.schema([*FLOW, pa.field("file", pa.int32()), pa.field("ends", pa.int32())])


class Spill:
    """FLOW records with `file` and `ends`; files without a name hold them, so nothing is left whatever ends the run."""

    def __init__(self) -> None:
        self._streams: list[IO[bytes]] = []
        self._writers: list[pa.ipc.RecordBatchStreamWriter] = []

    def __bool__(self) -> bool:
        return bool(self._writers)

    def add(self, held: Sequence[Held]) -> None:
        """Write records away, in their order.

        Raises:
            OSError: The disk is full.
        """
        if not self._writers:
            self._streams = [tempfile.TemporaryFile() for _ in range(_PARTS)]  # noqa: SIM115 (closed by `parts`)
            self._writers = [pa.ipc.new_stream(stream, _STORED) for stream in self._streams]
        flows = frame(held)
        # Both directions of a conversation give the same number.
        ends = [pl.col(f"source_{part}") ^ pl.col(f"target_{part}") for part in ("hi", "lo", "port")]
        part = pl.struct(*ends, "protocol").hash(seed=0) % _PARTS
        for (number,), rows in flows.with_columns(part.alias("part")).partition_by("part", as_dict=True).items():
            table = rows.drop("part").select(_STORED.names).to_arrow()
            self._writers[int(number)].write_table(_as_stored(table))

    def parts(self) -> Iterator[list[Held]]:
        """Give the parts and forget them."""
        writers, self._writers = self._writers, []
        streams, self._streams = self._streams, []
        for writer, stream in zip(writers, streams, strict=True):
            writer.close()
            stream.seek(0)
            with stream:
                found = pl.from_arrow(pa.ipc.open_stream(stream).read_all())
                assert isinstance(found, pl.DataFrame)
                if found.height:
                    yield batches(found, FLOW)


def _as_stored(table: pa.Table) -> pa.Table:
    columns = [table.column(field.name).cast(field.type) for field in _STORED]
    return pa.Table.from_arrays(columns, schema=_STORED)
