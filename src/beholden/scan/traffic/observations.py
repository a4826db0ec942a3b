"""Sums of contacts as observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from beholden.scan.traffic.sums import KEYS, PLACE_BITS
from beholden.scan.traffic.texts import addresses, details
from beholden.schema.observation import OBSERVATION
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction, Grain, Kind, Relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.scan.traffic.sums import Sums

ADDRESS, NAME = 0, 1
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
    classes = _classes(sums, words.names)
    tables = [
        _table(rows.join(classes, on=("kind", "class"), how="left"), grain, words)
        for grain, rows in zip(KEYS, sums, strict=True)
    ]
    return pa.concat_tables(tables)


def _classes(sums: Sums, names: Sequence[str]) -> pl.DataFrame:
    """Each class with its `value` and its `order`, which is by what it is: numbers may depend on what came first.

    One address of a class answers for them all: the least that was reached.
    """
    least = sums.by_value.filter(pl.col("kind") == ADDRESS).sort("remote_hi", "remote_lo")
    stand_ins = least.unique("class", keep="first", maintain_order=True)
    stands = stand_ins.select("kind", "class", "remote_hi", "remote_lo", addresses(stand_ins, "remote").alias("value"))
    every = pl.concat([rows.select("kind", "class") for rows in sums]).unique()
    named = _words(pl.when(pl.col("kind") == NAME).then("class"), names).alias("name")
    found = every.join(stands, on=("kind", "class"), how="left").with_columns(named)
    found = found.sort("remote_hi", "remote_lo", "name").with_row_index("order")
    return found.select("kind", "class", "order", pl.coalesce("name", "value").alias("value"))


def _table(rows: pl.DataFrame, grain: Grain, words: Words) -> pa.Table:
    is_name = pl.col("kind") == NAME
    # One key instead of four: a sort takes as long as it has keys.
    order = (pl.col("order").cast(pl.UInt64) * 2**32 + pl.col("ends").cast(pl.UInt64) * 2**8 + pl.col("verdict")).alias(
        "order"
    )
    rest = [key for key in KEYS[grain] if key not in ("ends", "verdict", "kind", "class")]
    rows = rows.with_columns(order).sort("order", *rest)
    rows = rows.with_columns(_of_verdict()).with_columns(
        _field(words).alias("field"),
        pl.when(is_name).then(pl.lit(Kind.DOMAIN.value)).otherwise(pl.lit(Kind.IP.value)).alias("observed"),
        pl.when(is_name).then(pl.lit(Relation.SERVICE_ENDPOINT.value)).alias("relation"),
        _words(pl.col("places").list.first() // 2**PLACE_BITS, words.files).alias("path"),
        _lines(rows["places"]).alias("lines"),
        _own(rows, grain, words).alias("own_host"),
        _raw(rows, grain).alias("raw"),
        _detail(rows, grain).alias("detail"),
    )
    first = _arrow(_measured(rows, grain), grain)
    return first if grain is Grain.VALUE else pa.concat_tables([first, _second(first, rows)])


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
    return addresses(rows, "own") if grain is Grain.HOST else _words(pl.col("network"), words.networks)


def _raw(rows: pl.DataFrame, grain: Grain) -> pl.Expr | pl.Series:
    if grain is not Grain.VALUE:
        return pl.lit(None, pl.String)
    return pl.when(pl.col("kind") == ADDRESS).then(addresses(rows, "remote"))


def _detail(rows: pl.DataFrame, grain: Grain) -> pl.Expr | pl.Series:
    return details(rows) if grain is Grain.HOST else pl.lit(None, pl.String)


def _measured(rows: pl.DataFrame, grain: Grain) -> pl.DataFrame:
    """The rows with their first measure."""
    if grain is Grain.VALUE:
        return rows.with_columns(
            amount=pl.lit(None, pl.Int64), unit=pl.lit(None, pl.String), what=pl.lit(None, pl.String)
        )
    counted = pl.col("verdict") == Verdict.ATTEMPTED.value
    return rows.with_columns(
        pl.when(counted).then("count").otherwise("first_bytes").alias("amount"),
        pl.when(counted).then(pl.lit("1")).otherwise(pl.lit("By")).alias("unit"),
        _what(0),
    )


def _second(first: pa.Table, rows: pl.DataFrame) -> pa.Table:
    """Rows of the second measure, of those that have one; they count no record again.

    Args:
        first: Those of the first measure, OBSERVATION.
        rows: What they were made of.
    """
    has_second = rows["verdict"] != Verdict.ATTEMPTED.value
    second = rows.filter(has_second).select(
        pl.col("second_bytes").alias("amount"), _what(1), pl.lit(0, pl.Int64).alias("count")
    )
    table = first.filter(has_second.to_arrow())
    for name in second.columns:
        at = OBSERVATION.get_field_index(name)
        table = table.set_column(at, OBSERVATION.field(at), second[name].to_arrow().cast(OBSERVATION.field(at).type))
    return table


def _what(at: int) -> pl.Expr:
    words = {item.value: item.measured[at] if item.measured else "attempted" for item in Verdict}
    return pl.col("verdict").replace_strict(words, return_dtype=pl.String).alias("what")


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
