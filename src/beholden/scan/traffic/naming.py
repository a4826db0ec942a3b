"""Contacts joined with the name that stood for the address at that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

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


class Names:
    """The names that logs told, for the contacts of the same run."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}
        self._parts: list[pl.DataFrame] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take NAMING rows."""
        rows = []
        ranks = {told_by.value: rank for rank, told_by in enumerate(FIELDS)}
        for row in batch.to_pylist():
            number = self._numbers.setdefault(row["name"], len(self.words))
            if number == len(self.words):
                self.words.append(row["name"])
            client = row["client"]
            pair = (None, None) if client is None else (_half(client, 0), _half(client, 8))
            address = (_half(row["address"], 0), _half(row["address"], 8))
            rows.append((number, *address, *pair, row["since"], row["until"], ranks[row["told_by"]]))
        self._parts.append(pl.DataFrame(rows, schema=_SCHEMA, orient="row"))

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
        if not self._parts:
            return self.words, pl.DataFrame(schema=_SCHEMA)
        return self.words, self._frame().select(*_SCHEMA)

    def __bool__(self) -> bool:
        return bool(self._parts)

    @property
    def addresses(self) -> list[bytes]:
        """Packed addresses that any name stood for, in order."""
        pairs = self._frame().select("remote_hi", "remote_lo").unique().sort("remote_hi", "remote_lo")
        return [high.to_bytes(8) + low.to_bytes(8) for high, low in pairs.iter_rows()]

    def of(self, contacts: pl.DataFrame) -> pl.DataFrame:
        """The contacts that a name explains, each once, with `name` and `told_by`.

        Args:
            contacts: CONTACT with `contact`, a number for each.
        """
        ours = contacts.filter(pl.col("verdict").is_in(_OUTBOUND))
        since, until = pl.col("since").cast(pl.Int64), pl.col("until").cast(pl.Int64)
        is_moment = pl.col("told_by") != 0
        began_in_time = pl.col("start").is_between(since - _SLACK_US, until + _SLACK_US)
        ran_then = since.is_between(pl.col("start") - _SLACK_US, pl.col("end") + _SLACK_US)
        is_client = pl.col("client_hi").is_null() | (
            (pl.col("client_hi") == pl.col("own_hi")) & (pl.col("client_lo") == pl.col("own_lo"))
        )
        fitting = ours.join(self._frame(), on=("remote_hi", "remote_lo")).filter(
            is_client & pl.when(is_moment).then(ran_then).otherwise(began_in_time)
        )
        # One connection goes to one name: the best evidence, then the latest, then the name that sorts first.
        best = fitting.sort("contact", "told_by", "since", "word", descending=[False, False, True, False])
        return best.unique("contact", keep="first", maintain_order=True)

    def _frame(self) -> pl.DataFrame:
        if len(self._parts) > 1:
            self._parts = [pl.concat(self._parts).unique()]
        words = pl.Series("word", self.words, pl.String)
        numbers = pl.Series("name", range(len(self.words)), pl.Int64)
        return self._parts[0].join(pl.DataFrame([numbers, words]), on="name")


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


def _half(packed: bytes, start: int) -> int:
    return int.from_bytes(packed[start : start + 8])


def fields() -> Sequence[str]:
    """Names of the fields, by `told_by`."""
    return list(FIELDS.values())
