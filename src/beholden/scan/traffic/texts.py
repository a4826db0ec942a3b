"""Texts of observations by column: addresses, and what a record said of itself as JSON.

`native/src/words.rs` writes the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from beholden.engine import Engine, engine
from beholden.scan.traffic.sums import TEXTS
from beholden.values.address import unpack

if TYPE_CHECKING:
    import pyarrow as pa

_V4_MAPPED = 0xFFFF
_PORTS = "ports"


def addresses(rows: pl.DataFrame, side: str, running: Engine | None = None) -> pl.Series:
    """The text of each packed address; null where there is none.

    Args:
        rows: Has the halves in `SIDE_hi` and `SIDE_lo`.
        side: Which.
        running: The engine; None: the one of this process.
    """
    high, low = pair = [f"{side}_hi", f"{side}_lo"]
    if (running or engine()) is Engine.NATIVE:
        from beholden._native import address_texts

        return pl.Series("text", address_texts(_arrow(rows[high]), _arrow(rows[low])))
    is_v4 = (pl.col(high) == 0) & (pl.col(low) // 2**32 == _V4_MAPPED)
    octets = [(pl.col(low) // 2**bits % 256).cast(pl.String) for bits in (24, 16, 8, 0)]
    dotted = pl.when(is_v4).then(pl.concat_str(octets, separator="."))
    # Each distinct one that is not IPv4 is written once.
    others = rows.filter(~is_v4).select(pair).unique()
    texts = [unpack(high.to_bytes(8) + low.to_bytes(8)) for high, low in others.iter_rows()]
    others = others.with_columns(pl.Series("other", texts, pl.String))
    joined = rows.select(pair).join(others, on=pair, how="left", maintain_order="left")
    return joined.select(pl.coalesce(dotted, "other").alias("text"))["text"]


def details(rows: pl.DataFrame, running: Engine | None = None) -> pl.Series:
    """A JSON object of what is known of each row, as `json.dumps` writes it with sorted keys; null where nothing is.

    Args:
        rows: Has `TEXTS`, and `ports`, of which those below zero are none.
        running: The engine; None: the one of this process.
    """
    names = sorted([*TEXTS, _PORTS])
    if (running or engine()) is Engine.NATIVE:
        from beholden._native import json_objects

        return pl.Series("detail", json_objects([(name, _arrow(rows[name])) for name in names]))
    known: dict[str, pl.Expr] = {name: pl.lit(_quoted(rows[name])) for name in TEXTS}
    served = pl.col(_PORTS).list.eval(pl.element().filter(pl.element() >= 0).cast(pl.String))
    listed = pl.concat_str(pl.lit("["), served.list.join(", "), pl.lit("]"))
    known[_PORTS] = pl.when(served.list.len() > 0).then(listed)
    members = [pl.concat_str(pl.lit(f"{json.dumps(name)}: "), known[name]) for name in names]
    inside = pl.concat_str(members, separator=", ", ignore_nulls=True)
    whole = pl.when(inside != "").then(pl.concat_str(pl.lit("{"), inside, pl.lit("}")))
    return rows.select(whole.alias("detail"))["detail"]


def _arrow(series: pl.Series) -> pa.Array:
    return series.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())


def _quoted(texts: pl.Series) -> pl.Series:
    """As JSON; each distinct one is written once."""
    distinct = texts.unique().drop_nulls()
    quoted = [json.dumps(text, ensure_ascii=False) for text in distinct]
    return texts.replace_strict(distinct, pl.Series(quoted, dtype=pl.String), default=None, return_dtype=pl.String)
