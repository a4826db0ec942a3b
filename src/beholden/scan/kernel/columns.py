"""What the kernels take and give: columns of Arrow, in one piece or in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable


def answered(column: pa.Array | pa.ChunkedArray, find: Callable[[pa.Array], pa.Array]) -> pa.Array | pa.ChunkedArray:
    """Ask a kernel for every chunk of a column.

    Args:
        column: Of any type; the kernel refuses what it cannot read.
        find: Gives an int32 for every row of an array.

    Returns:
        int32, chunked as the column is.
    """
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([find(chunk) for chunk in column.chunks], pa.int32())
    return find(column)


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    # One of no chunks at all cannot be combined.
    return column.combine_chunks() if column.num_chunks else pa.array([], column.type)


def as_bytes(column: pa.Array) -> pa.Array:
    """An array of text as large_binary, for the references.

    Text need not be UTF-8, and the null slots of string views, which may hold anything, are empty.

    Raises:
        ValueError: A value lies outside the buffers.
    """
    kind = column.type
    same = pa.binary_view() if pa.types.is_string_view(kind) else pa.large_binary()
    same = pa.binary() if pa.types.is_string(kind) else same
    bare = column.cast(same)
    try:
        bare.validate(full=True)
    except (ValueError, IndexError) as error:  # of offsets; of views
        raise ValueError(f"broken column: {error}") from None
    return bare.cast(pa.large_binary())


def is_text(kind: pa.DataType) -> bool:
    """Whether values are text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
