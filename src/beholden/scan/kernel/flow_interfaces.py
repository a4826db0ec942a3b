"""What records without a side of ours have in common, by interface, for logs that are read as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from beholden.schema.traffic import INTERFACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_V4_MAPPED = 0xFFFF


def learned(
    interfaces: list[str | None], halves: Sequence[Sequence[NDArray[Any]]], is_pair: NDArray[Any]
) -> pa.RecordBatch:
    """INTERFACE of records.

    Args:
        interfaces: Of each record; None: it names none.
        halves: Of the senders and of the receivers, the high and the low half of each address, uint64.
        is_pair: Whether both sides of a record are addresses.
    """
    ends = {f"{end}_{part}": half[at] for end, half in zip("st", halves, strict=True) for at, part in enumerate("hl")}
    frame = pl.DataFrame({"interface": interfaces, **ends}, schema_overrides={"interface": pl.String})
    is_v6 = ~((pl.col("s_h") == 0) & (pl.col("s_l") // 2**32 == _V4_MAPPED))
    frame = frame.filter(pl.Series(is_pair)).with_columns(is_v6=is_v6)
    rows: list[Mapping[str, object]] = []
    for keys in (["interface", "is_v6"], []):
        rows.extend(_in_common(frame, keys))
    return pa.RecordBatch.from_pylist(rows, schema=INTERFACE)


def _in_common(frame: pl.DataFrame, keys: list[str]) -> Iterable[Mapping[str, object]]:
    """The addresses that all records of a group have on one of their sides."""
    if not frame.height:
        return
    first = [pl.col(name).first() for name in ("s_h", "s_l", "t_h", "t_l")]
    stays = []
    for end in "st":
        high, low = pl.col(f"{end}_h").first(), pl.col(f"{end}_l").first()
        sides = [(pl.col(f"{other}_h") == high) & (pl.col(f"{other}_l") == low) for other in "st"]
        stays.append((sides[0] | sides[1]).all().alias(f"{end}_stays"))
    found = frame.group_by(keys, maintain_order=True).agg(*first, *stays) if keys else frame.select(*first, *stays)
    for row in found.iter_rows(named=True):
        shared = {row[f"{end}_h"].to_bytes(8) + row[f"{end}_l"].to_bytes(8) for end in "st" if row[f"{end}_stays"]}
        yield {"interface": row.get("interface"), "is_v6": row.get("is_v6"), "candidates": sorted(shared)}
