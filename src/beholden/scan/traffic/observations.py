"""Sums of contacts as observations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from beholden.scan.traffic.sums import KEYS, PLACE_BITS, TEXTS
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction, Grain, Kind, Relation
from beholden.values.address import unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.scan.traffic.sums import Sums

ADDRESS, NAME = 0, 1
_V4_MAPPED = 0xFFFF
_MOMENT = pl.Datetime("us", "UTC")


class Words(NamedTuple):
    """What stands behind the numbers of the sums.

    Attributes:
        files: Paths as reports name them.
        ends: Names of the record's fields for (sender, receiver).
        networks: Our networks as text.
        names: Host names of the classes of kind NAME.
    """

    files: Sequence[str]
    ends: Sequence[tuple[str, str]]
    networks: Sequence[str]
    names: Sequence[str]


def observations(sums: Sums, words: Words) -> pa.Table:
    """OBSERVATION rows of all grains; a measure more is a row more, with count 0.

    Args:
        sums: What was summed.
        words: What its numbers mean.
    """
    least = sums.by_value.filter(pl.col("kind") == ADDRESS).sort("remote_hi", "remote_lo")
    stand_ins = least.unique("class", keep="first", maintain_order=True)
    # One address of a class answers for them all: the least that was reached.
    stands = stand_ins.select(
        "kind",
        "class",
        pl.col("remote_hi").alias("least_hi"),
        pl.col("remote_lo").alias("least_lo"),
        _addresses(stand_ins, "remote").alias("stand_in"),
    )
    tables = [
        _table(rows.join(stands, on=("kind", "class"), how="left"), grain, words)
        for grain, rows in zip(KEYS, sums, strict=True)
    ]
    return pa.concat_tables(tables)


def _table(rows: pl.DataFrame, grain: Grain, words: Words) -> pa.Table:
    is_name = pl.col("kind") == NAME
    named = _words(pl.when(is_name).then("class"), words.names)
    # By what they are: the numbers of classes may depend on which record came first.
    rows = rows.with_columns(named.alias("name")).sort("least_hi", "least_lo", "name", *KEYS[grain])
    rows = rows.with_columns(_of_verdict()).with_columns(
        _field(words).alias("field"),
        pl.coalesce("name", "stand_in").alias("value"),
        pl.when(is_name).then(pl.lit(Kind.DOMAIN.value)).otherwise(pl.lit(Kind.IP.value)).alias("observed"),
        pl.when(is_name).then(pl.lit(Relation.SERVICE_ENDPOINT.value)).alias("relation"),
        _words(pl.col("places").list.first() // 2**PLACE_BITS, words.files).alias("path"),
        _lines(rows["places"]).alias("lines"),
        _own(rows, grain, words).alias("own_host"),
        _raw(rows, grain).alias("raw"),
        _details(rows, grain).alias("detail"),
    )
    # One after the other, so that no more than one is held twice.
    return pa.concat_tables([_arrow(_measure(rows, grain, at), grain) for at in (0, 1)])


def _of_verdict() -> list[pl.Expr]:
    verdict = pl.col("verdict")
    table = {item.value: item for item in Verdict}

    def told(name: str, words: dict[int, str]) -> pl.Expr:
        return verdict.replace_strict(words, return_dtype=pl.String).alias(name)

    return [
        told("direction", {value: item.direction.value for value, item in table.items()}),
        told("certainty", {value: item.certainty for value, item in table.items()}),
    ]


def _field(words: Words) -> pl.Expr:
    """The field that holds the other side: the receiver's of what we opened, the sender's of what they opened."""
    inbound = pl.col("direction") == Direction.IN.value
    sender, receiver = ([ends[side] for ends in words.ends] for side in (0, 1))
    return pl.when(inbound).then(_words(pl.col("ends"), sender)).otherwise(_words(pl.col("ends"), receiver))


def _words(number: pl.Expr, words: Sequence[str]) -> pl.Expr:
    """The word of each number; null where there is none."""
    return number.cast(pl.Int64).replace_strict(list(range(len(words))), words, default=None, return_dtype=pl.String)


def _lines(places: pl.Series) -> pl.Series:
    """Lines of the first file only: a row names one file. A table has none."""
    if not len(places):
        return places
    # By column, since each list has one place at least: a list at a time takes ten times as long.
    lists = places.rechunk().to_arrow()
    starts, values = lists.offsets.to_numpy(), lists.values.to_numpy()
    sizes = np.diff(starts)
    values = values[starts[0] : starts[-1]]
    starts = starts[:-1] - starts[0]
    file, line = np.divmod(values, 2**PLACE_BITS)
    is_told = (file == np.repeat(file[starts], sizes)) & (line > 0)
    ends = np.concatenate([[0], np.cumsum(np.add.reduceat(is_told, starts))])
    return pl.Series(pa.LargeListArray.from_arrays(ends, line[is_told]))


def _own(rows: pl.DataFrame, grain: Grain, words: Words) -> pl.Expr | pl.Series:
    return _addresses(rows, "own") if grain is Grain.HOST else _words(pl.col("network"), words.networks)


def _raw(rows: pl.DataFrame, grain: Grain) -> pl.Expr | pl.Series:
    if grain is not Grain.VALUE:
        return pl.lit(None, pl.String)
    return pl.when(pl.col("kind") == ADDRESS).then(_addresses(rows, "remote"))


def _addresses(rows: pl.DataFrame, side: str) -> pl.Series:
    """Texts of packed addresses; each distinct one that is not IPv4 is written once."""
    high, low = pair = [f"{side}_hi", f"{side}_lo"]
    is_v4 = (pl.col(high) == 0) & (pl.col(low) // 2**32 == _V4_MAPPED)
    octets = [(pl.col(low) // 2**bits % 256).cast(pl.String) for bits in (24, 16, 8, 0)]
    dotted = pl.when(is_v4).then(pl.concat_str(octets, separator="."))
    others = rows.filter(~is_v4).select(pair).unique()
    texts = [unpack(high.to_bytes(8) + low.to_bytes(8)) for high, low in others.iter_rows()]
    others = others.with_columns(pl.Series("other", texts, pl.String))
    joined = rows.select(pair).join(others, on=pair, how="left", maintain_order="left")
    return joined.select(pl.coalesce(dotted, "other").alias("text"))["text"]


def _details(rows: pl.DataFrame, grain: Grain) -> pl.Expr:
    """JSON objects of what is known, as `json.dumps` writes them with sorted keys."""
    if grain is not Grain.HOST:
        return pl.lit(None, pl.String)
    known: dict[str, pl.Expr] = {name: pl.lit(_quoted(rows[name])) for name in TEXTS}
    served = pl.col("ports").list.eval(pl.element().filter(pl.element() >= 0).cast(pl.String))
    listed = pl.concat_str(pl.lit("["), served.list.join(", "), pl.lit("]"))
    known["ports"] = pl.when(served.list.len() > 0).then(listed)
    members = [pl.concat_str(pl.lit(f"{json.dumps(name)}: "), known[name]) for name in sorted(known)]
    inside = pl.concat_str(members, separator=", ", ignore_nulls=True)
    return pl.when(inside != "").then(pl.concat_str(pl.lit("{"), inside, pl.lit("}")))


def _quoted(texts: pl.Series) -> pl.Series:
    """As JSON; each distinct one is written once."""
    distinct = texts.unique().drop_nulls()
    quoted = [json.dumps(text, ensure_ascii=False) for text in distinct]
    return texts.replace_strict(distinct, pl.Series(quoted, dtype=pl.String), default=None, return_dtype=pl.String)


def _measure(rows: pl.DataFrame, grain: Grain, at: int) -> pl.DataFrame:
    """The rows with their first or second measure; a second one counts no record again."""
    if grain is Grain.VALUE:
        return rows.with_columns(
            amount=pl.lit(None, pl.Int64), unit=pl.lit(None, pl.String), what=pl.lit(None, pl.String)
        ).head(0 if at else rows.height)
    counted = pl.col("verdict") == Verdict.ATTEMPTED.value
    whats = {item.value: item.measured[at] if item.measured else "attempted" for item in Verdict}
    rows = rows if at == 0 else rows.filter(~counted)
    return rows.with_columns(
        pl.when(counted).then("count").otherwise("second_bytes" if at else "first_bytes").alias("amount"),
        pl.when(counted).then(pl.lit("1")).otherwise(pl.lit("By")).alias("unit"),
        pl.col("verdict").replace_strict(whats, return_dtype=pl.String).alias("what"),
        pl.lit(0, pl.Int64).alias("count") if at else pl.col("count"),
    )


def _arrow(rows: pl.DataFrame, grain: Grain) -> pa.Table:
    """Rows as OBSERVATION."""
    day = pl.col("day").cast(pl.Int32).cast(pl.Date) if grain is Grain.DAY else pl.lit(None, pl.Date)
    known = rows.select(
        pl.col("observed").alias("kind"),
        "value",
        "raw",
        "relation",
        "direction",
        "certainty",
        "field",
        "own_host",
        pl.col("path").alias("file"),
        "lines",
        "count",
        pl.col("start").cast(_MOMENT).alias("first_seen"),
        pl.col("end").cast(_MOMENT).alias("last_seen"),
        day.alias("acted_on"),
        "amount",
        pl.col("unit").alias("unit_of_amount"),
        "what",
        pl.lit(grain.value).alias("grain"),
        "detail",
    ).to_arrow()
    columns = [
        known.column(field.name).cast(field.type)
        if field.name in known.column_names
        else pa.nulls(len(known), field.type)
        for field in OBSERVATION
    ]
    return pa.Table.from_arrays(columns, schema=OBSERVATION)
