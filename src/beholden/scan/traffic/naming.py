"""Contacts joined with the name that stood for the address at that time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from beholden.scan.traffic.last_reaching import last_reaching
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction, NameEvidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

# The field that evidence names; the best first: what a client was told before it spoke, then what it asked for.
FIELDS = {
    NameEvidence.DNS: "dns.answers",
    NameEvidence.SERVER_NAME: "tls.server_name",
    NameEvidence.CERTIFICATE: "tls.certificate",
    NameEvidence.HTTP_HOST: "http.host",
}
# Flow logs print whole seconds, and two logs of one network may differ by as much.
_SLACK_US = 2_000_000
_OUTBOUND = [verdict.value for verdict in Verdict if verdict.direction is Direction.OUT]
_TAKEN = ["name", "address", "client", "since", "until", "told_by"]
_REMOTE, _CLIENT, _OWN = ("remote_hi", "remote_lo"), ("client_hi", "client_lo"), ("own_hi", "own_lo")
_GROUP = (*_REMOTE, *_CLIENT, "told_by")


class Names:
    """The names that logs told, for the contacts of the same run."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}
        self._parts: list[pl.DataFrame] = []
        self._sorted: _Sorted | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Take NAMING rows."""
        rows = pl.DataFrame(pl.from_arrow(batch.select(_TAKEN)))
        told = rows["name"].unique(maintain_order=True)
        numbers = [self._number_of(word) for word in told]
        ranks = {told_by.value: rank for rank, told_by in enumerate(FIELDS)}
        columns: list[pl.Expr] = [
            pl.col("name").replace_strict(told, numbers, return_dtype=pl.Int64),
            *_halves("address", _REMOTE),
            *_halves("client", _CLIENT),
            pl.col("since"),
            pl.col("until"),
            pl.col("told_by").replace_strict(ranks, return_dtype=pl.Int8),
        ]
        self._parts.append(rows.select(*columns).cast(pl.Schema(_SCHEMA)))
        self._sorted = None

    @classmethod
    def of_state(cls, words: Sequence[str], rows: pl.DataFrame) -> Names:
        """The names of another process; see `state`."""
        names = cls()
        names.words = list(words)
        names._numbers = {word: number for number, word in enumerate(words)}
        names._parts = [rows] if rows.height else []
        return names

    def state(self) -> tuple[list[str], pl.DataFrame]:
        """All that was told: the names, and when each stood for which address, by number of the name."""
        return self.words, self._rows()

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def addresses(self) -> list[bytes]:
        """Packed addresses that any name stood for, in order."""
        return self._in_order().addresses

    def of(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """The contacts that a name explains, in their order, each once, with `name` and `told_by`.

        A busy address has as many names as contacts; so they are never joined all with all, and memory follows the
        number of contacts.

        Args:
            contacts: CONTACT with `contact`, a number for each.
        """
        told = self._in_order()
        ours = contacts.filter(pl.col("verdict").is_in(_OUTBOUND))
        asked = ours.select("contact", *_REMOTE, *_OWN, "start", "end")
        to_one, to_anybody = told.groups.drop_nulls(_CLIENT), told.groups.filter(pl.col("client_hi").is_null())
        questions = [
            asked.join(to_one, left_on=(*_REMOTE, *_OWN), right_on=(*_REMOTE, *_CLIENT)),
            asked.join(to_anybody, on=_REMOTE),
        ]
        columns = ("contact", "start", "end", "told_by", "group")
        answers = told.answers(pl.concat([each.select(columns) for each in questions]))
        # One connection goes to one name: the best evidence, then the latest, then the name that sorts first.
        best = answers.sort("contact", "told_by", "since", "order", descending=[False, False, True, False])
        one = best.unique("contact", keep="first", maintain_order=True).select("contact", "name", "told_by")
        return ours.join(one, on="contact", maintain_order="left")

    def _number_of(self, word: str) -> int:
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number

    def _rows(self) -> pl.DataFrame:
        if len(self._parts) > 1:
            self._parts = [pl.concat(self._parts).unique()]
        return self._parts[0] if self._parts else pl.DataFrame(schema=_SCHEMA)

    def _in_order(self) -> _Sorted:
        if self._sorted is None:
            self._sorted = _in_order(self.words, self._rows())
        return self._sorted


class _Sorted(NamedTuple):
    """All that was told, in the order in which it is asked for.

    Attributes:
        groups: What was told of one address to one client by one kind of evidence: `_GROUP`, and `group`, a number.
        rows: `group`, `name`, `order` (of the name among all), `since`, `until`, `reach` (the latest `until` of the
            group up to this row) and `row`, its number. Sorted by `group` and `since`; of one moment the name that
            sorts first is the last.
        addresses: Packed, in order.
    """

    groups: pl.DataFrame
    rows: pl.DataFrame
    addresses: list[bytes]

    def answers(self, questions: pl.DataFrame) -> pl.DataFrame:
        """The latest of each group that fits: `contact`, `told_by`, `since`, `name` and `order`.

        Args:
            questions: `contact`, `start`, `end`, `told_by` and `group`.
        """
        is_answer = pl.col("told_by") == 0
        latest = pl.when(is_answer).then("start").otherwise("end") + _SLACK_US
        earliest = pl.col("start") - _SLACK_US
        # Both are sorted as they must be, which Polars cannot see inside of groups.
        last = questions.with_columns(latest=latest, earliest=earliest).sort("latest").join_asof(
            self.rows, left_on="latest", right_on="since", by="group", strategy="backward", check_sortedness=False
        )  # fmt: skip
        # A handshake is of one moment: where the latest is too early, all are. An answer may have ended before an
        # earlier one does.
        fitting = last.filter(pl.when(is_answer).then("reach").otherwise("since") >= pl.col("earliest"))
        is_over = is_answer & (pl.col("until") < pl.col("earliest"))
        over = fitting.filter(is_over)
        untils, rows, wanted = (
            np.asarray(column.to_numpy(), np.int64) for column in (self.rows["until"], over["row"], over["earliest"])
        )
        earlier = self.rows[last_reaching(untils, rows, wanted)]
        columns = ("contact", "told_by", "since", "name", "order")
        found = over.select("contact", "told_by").hstack(earlier.select("since", "name", "order"))
        return pl.concat([fitting.filter(~is_over).select(columns), found.select(columns)])


def _in_order(words: Sequence[str], told: pl.DataFrame) -> _Sorted:
    names = pl.DataFrame({"name": range(len(words)), "word": words}, schema={"name": pl.Int64, "word": pl.String})
    orders = names.sort("word").with_row_index("order").drop("word")
    groups = told.select(_GROUP).unique().with_row_index("group")
    numbered = told.join(groups, on=_GROUP, nulls_equal=True).join(orders, on="name")
    rows = (
        numbered.select("group", "name", "order", pl.col("since", "until").cast(pl.Int64))
        .sort("group", "since", "order", descending=[False, False, True])
        .with_columns(reach=pl.col("until").cum_max().over("group"))
        .with_row_index("row")
    )
    pairs = groups.select(_REMOTE).unique().sort(_REMOTE)
    return _Sorted(groups, rows, [high.to_bytes(8) + low.to_bytes(8) for high, low in pairs.iter_rows()])


def _halves(packed: str, names: tuple[str, str]) -> list[pl.Expr]:
    return [
        pl.col(packed).bin.slice(start, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big").alias(name)
        for name, start in zip(names, (0, 8), strict=True)
    ]


_MOMENT = pl.Datetime("us", "UTC")
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "name": pl.Int64,
    "remote_hi": pl.UInt64,
    "remote_lo": pl.UInt64,
    "client_hi": pl.UInt64,
    "client_lo": pl.UInt64,
    "since": _MOMENT,
    "until": _MOMENT,
    "told_by": pl.Int8,
}


def fields() -> Sequence[str]:
    """Names of the fields, by `told_by`."""
    return list(FIELDS.values())
