"""Contacts find the name that a plain join of all with all finds, without the rows of that join."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beholden.scan.traffic.last_reaching import last_reaching
from beholden.scan.traffic.naming import FIELDS, Names
from beholden.schema.naming import NAMING
from beholden.schema.traffic import Verdict
from beholden.schema.vocabulary import Direction

SECOND = 1_000_000
OUTBOUND = [verdict.value for verdict in Verdict if verdict.direction is Direction.OUT]
INBOUND = next(verdict.value for verdict in Verdict if verdict.direction is not Direction.OUT)
# Halves that no signed number and no rounding to a float keeps.
HALVES = {b"a": (0, 0xFFFF_C000_0201), b"b": (2**64 - 1, 2**64 - 2), b"c": (2**63, 1), b"d": (0, 0)}
RANKS = {told_by.value: rank for rank, told_by in enumerate(FIELDS)}
CONTACTS = {
    "contact": pl.UInt32,
    **dict.fromkeys(("remote_hi", "remote_lo", "own_hi", "own_lo"), pl.UInt64),
    "verdict": pl.UInt8,
    "start": pl.Int64,
    "end": pl.Int64,
}


def told(rows: list[tuple[Any, ...]]) -> pa.RecordBatch:
    """NAMING rows of name, address, client (letters of HALVES), since, until (microseconds), told_by."""
    names, addresses, clients, sinces, untils, tellers = zip(*rows, strict=True) if rows else [()] * 6
    columns = [
        names,
        [packed(each) for each in addresses],
        [None if each is None else packed(each) for each in clients],
        sinces,
        untils,
        tellers,
        ["dns.log"] * len(rows),
        range(1, len(rows) + 1),
    ]
    return pa.RecordBatch.from_arrays(
        [pa.array(list(column), field.type) for column, field in zip(columns, NAMING, strict=True)], schema=NAMING
    )


def packed(letter: bytes) -> bytes:
    high, low = HALVES[letter]
    return high.to_bytes(8) + low.to_bytes(8)


def contacts(rows: list[tuple[bytes, bytes, int, int, int]]) -> pl.DataFrame:
    """CONTACT, of what naming needs, from remote, own, verdict, start and end."""
    return pl.DataFrame(
        [
            (number, *HALVES[remote], *HALVES[own], verdict, start, end)
            for number, (remote, own, verdict, start, end) in enumerate(rows)
        ],
        schema=CONTACTS,
        orient="row",
    )


def joined(batches: list[pa.RecordBatch], asked: pl.DataFrame) -> list[tuple[int, str, int]]:
    """Contact, name and rank of its evidence, by a join of all names of an address with all of its contacts."""
    rows = [
        (
            row["name"],
            *(int.from_bytes(half) for half in (row["address"][:8], row["address"][8:])),
            *((None, None) if (packed := row["client"]) is None else map(int.from_bytes, (packed[:8], packed[8:]))),
            row["since"],
            row["until"],
            RANKS[row["told_by"]],
        )
        for batch in batches
        for row in batch.to_pylist()
    ]
    halves = dict.fromkeys(("remote_hi", "remote_lo", "client_hi", "client_lo"), pl.UInt64)
    times = dict.fromkeys(("since", "until"), pl.Datetime("us", "UTC"))
    names = pl.DataFrame(rows, schema={"word": pl.String, **halves, **times, "told_by": pl.Int8}, orient="row")
    slack = 2 * SECOND
    since, until = pl.col("since").cast(pl.Int64), pl.col("until").cast(pl.Int64)
    began_in_time = pl.col("start").is_between(since - slack, until + slack)
    ran_then = since.is_between(pl.col("start") - slack, pl.col("end") + slack)
    is_client = pl.col("client_hi").is_null() | (
        (pl.col("client_hi") == pl.col("own_hi")) & (pl.col("client_lo") == pl.col("own_lo"))
    )
    fitting = (
        asked.filter(pl.col("verdict").is_in(OUTBOUND))
        .join(names, on=("remote_hi", "remote_lo"))
        .filter(is_client & pl.when(pl.col("told_by") != 0).then(ran_then).otherwise(began_in_time))
    )
    best = fitting.sort("contact", "told_by", "since", "word", descending=[False, False, True, False])
    first = best.unique("contact", keep="first", maintain_order=True)
    return first.select("contact", "word", "told_by").rows()


def found(names: Names, asked: pl.DataFrame) -> list[tuple[int, str, int]]:
    given = names.of(asked)
    assert given.columns == [*asked.columns, "name", "told_by"]
    assert given.select(asked.columns).equals(asked.join(given, on="contact", how="semi", maintain_order="left"))
    return [
        (contact, names.words[name], rank) for contact, name, rank in given.select("contact", "name", "told_by").rows()
    ]


# Times that meet to the microsecond, with the slack of two seconds on either side, and next to it.
times = st.builds(lambda seconds, off: seconds * SECOND + off, st.integers(0, 14), st.sampled_from([0, 0, 0, -1, 1]))
letters = st.sampled_from(sorted(HALVES))
records = st.builds(
    lambda name, address, client, since, life, told_by: (
        (name, address, client, since, since + life if RANKS[told_by] == 0 else since, told_by)
    ),
    st.sampled_from(["b.example", "a.example", "B.example", "ä.example", "aa.example"]),
    st.sampled_from([b"a", b"a", b"b"]),
    st.one_of(st.none(), letters),
    times,
    st.sampled_from([0, 1, SECOND, 3 * SECOND, 10 * SECOND, -SECOND, -5 * SECOND]),
    st.sampled_from([*RANKS, *["dns"] * 4]),
)
asking = st.builds(
    lambda remote, own, verdict, start, life: (remote, own, verdict, start, start + life),
    st.sampled_from([b"a", b"a", b"b", b"c"]),
    letters,
    st.sampled_from([*OUTBOUND[:2], INBOUND]),
    times,
    st.sampled_from([0, 1, SECOND, 5 * SECOND]),
)


@given(st.lists(st.lists(records, max_size=25), min_size=1, max_size=3), st.lists(asking, max_size=25))
@settings(max_examples=400, deadline=None)
def test_contacts_find_the_name_that_a_join_of_all_with_all_finds(
    several: list[list[tuple[Any, ...]]], asked: list[tuple[bytes, bytes, int, int, int]]
) -> None:
    names, batches, rows = Names(), [told(each) for each in several], contacts(asked)
    for number, batch in enumerate(batches, start=1):
        names.add(batch)
        # What is asked between two batches does not hide what comes later.
        assert found(names, rows) == joined(batches[:number], rows)
        addresses = {row["address"] for each in batches[:number] for row in each.to_pylist()}
        assert names.addresses == sorted(addresses)
    assert found(Names.of_state(*names.state()), rows) == joined(batches, rows)


def test_a_slice_of_a_batch_has_its_own_rows_only() -> None:
    rows = [("a.example", b"a", None, 0, 0, "dns"), ("b.example", b"b", b"c", 5, 9, "dns")]
    names, batch = Names(), told([rows[0], *rows, rows[0]]).slice(2, 1)
    names.add(batch)
    assert (names.words, names.addresses) == (["b.example"], [packed(b"b")])
    asked = contacts([(b"b", b"c", OUTBOUND[0], 5, 6), (b"a", b"c", OUTBOUND[0], 0, 1)])
    assert found(names, asked) == [(0, "b.example", 0)]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=70), st.data())
def test_the_last_row_that_reaches_a_height_is_found(heights: list[int], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(heights) - 1), max_size=20))
    wanted = [data.draw(st.integers(0, max(heights[: row + 1]))) for row in rows]
    plain = [max(at for at in range(row + 1) if heights[at] >= least) for row, least in zip(rows, wanted, strict=True)]
    arrays = (np.array(each, np.int64) for each in (heights, rows, wanted))
    assert last_reaching(*arrays).tolist() == plain


# Answers for one address, one of which lives for all of the time, and connections in between that none of the others
# covers: to look for its answer among all of them is a join of all with all, 900 million rows.
COUNT, MOST_MEGABYTES = 30_000, 256
CROWD = """
import resource, sys
from tests.scan.traffic.test_names_joined import crowd
warm, asked = crowd(10)
warm.of(asked)
names, asked = crowd(int(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
most = mapped + int(sys.argv[2]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
named = names.of(asked)
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(named.height, *{names.words[number] for number in named["name"]}, f"{used // 1024} MB more", sep=", ")
"""


def crowd(count: int) -> tuple[Names, pl.DataFrame]:
    """As many answers for an address as connections to it, and one that outlives them all."""
    apart = 20 * SECOND
    short = [(f"n{at % 100}.example", b"a", b"c", at * apart, at * apart + SECOND, "dns") for at in range(count - 1)]
    names = Names()
    names.add(told([("long.example", b"a", b"c", 0, count * apart, "dns"), *short]))
    times = [at * apart + apart // 2 for at in range(count)]
    return names, contacts([(b"a", b"c", OUTBOUND[0], time, time + SECOND) for time in times])


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded by what Linux tells of it")
def test_a_busy_address_takes_memory_by_its_names_and_contacts_not_by_their_product() -> None:
    root = Path(__file__).resolve().parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", CROWD, str(COUNT), str(MOST_MEGABYTES)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    height, name, _ = ran.stdout.split(", ")
    assert (int(height), name) == (COUNT, "long.example")
