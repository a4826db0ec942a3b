"""Findings, hops, observations and coverage as Parquet, for DuckDB, Polars, Spark and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from beholden.report.tables import tables_of
from beholden.schema.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment

_ROWS_A_GROUP = 131_072


class ParquetReport:
    """Four files; columns and order of rows are in `beholden.schema.tables`."""

    name = "parquet"
    suffix = ".parquet"
    media_type = "application/vnd.apache.parquet"
    parts: tuple[str, ...] = tuple(TABLES)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the four files as they are: like JSON they are the user's own record, nothing is pseudonymised."""
        return {part: _file(table) for part, table in tables_of(assessment).items()}


def _file(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    # Every option that changes bytes is said, so that another default in a later pyarrow does not.
    pq.write_table(
        table.combine_chunks(),
        sink,
        row_group_size=_ROWS_A_GROUP,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content
