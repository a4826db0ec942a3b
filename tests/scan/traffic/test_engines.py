"""Conversations and sums, natively and in the reference: the same rows of any records."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import polars as pl
import pyarrow as pa
import pytest

from beholden.engine import Engine, engine
from beholden.scan.traffic.conversations import Judged, judge
from beholden.scan.traffic.held import Held
from beholden.scan.traffic.interfaces import InterfaceAddresses
from beholden.scan.traffic.sums import COLUMNS, KEYS, pile
from beholden.schema.traffic import FLOW, INTERFACE

pytestmark = pytest.mark.skipif(engine() is not Engine.NATIVE, reason="the native core is not built here")
_DAY_US = 86_400_000_000
_MAPPED = 0xFFFF << 32
# Ours, somebody else's, watched; IPv4 and IPv6.
_ADDRESSES = [(0, _MAPPED + n) for n in range(6)] + [(0x20010DB8 << 32, n) for n in range(3)]
_MOST = 10**18 - 1


def _record(rng: random.Random, line: int) -> dict[str, object]:
    source, target = rng.choice(_ADDRESSES), rng.choice(_ADDRESSES)
    start = rng.choice([0, 1, 2, 3]) * _DAY_US // 2 + rng.randrange(4)
    packets = rng.choice([0, 1, 2, 7, _MOST])
    at_interface = rng.choice([None, None, _packed(source) + _packed(target)])
    return {
        "line": line,
        "source_hi": source[0],
        "source_lo": source[1],
        "target_hi": target[0],
        "target_lo": target[1],
        "source_side": rng.choice([1, 2, 4, 6, 6]),
        "target_side": rng.choice([1, 2, 4, 6, 6]),
        "source_port": rng.choice([-1, 53, 443, 443, 8080, 40000, 50000]),
        "target_port": rng.choice([-1, 53, 443, 443, 8080, 40000, 50000]),
        "protocol": rng.choice([-1, 6, 6, 17, 47]),
        "packets": packets,
        "bytes": rng.choice([0, 40 * min(packets, 10), 61 * min(packets, 10), 5000, _MOST]),
        "start": start,
        "end": start + rng.choice([0, 5, _DAY_US]),
        "is_accepted": rng.choice([True, True, False, None]),
        "flags": rng.choice([0, 0, 2, 16, 18]),
        "outwards": rng.choice([-1, -1, -1, 0, 1]),
        "is_between": rng.random() < 0.2,
        "interface": rng.choice([None, "eni-1", "eni-2", "eni-ü"]),
        "account": rng.choice([None, "1111"]),
        "at_interface": at_interface,
    }


def _packed(halves: tuple[int, int]) -> bytes:
    return halves[0].to_bytes(8) + halves[1].to_bytes(8)


def _held(seed: int) -> list[Held]:
    rng = random.Random(seed)
    count = rng.choice([1, 5, 60, 400])
    # A line of JSON may hold many records.
    on_a_line = rng.choice([1, 1, 3, count])
    records = [_record(rng, 1 + number // on_a_line) for number in range(count)]
    cuts = sorted({0, count, *(rng.randrange(count + 1) for _ in range(3))})
    held = []
    for number, (begin, end) in enumerate(pairwise(cuts)):
        batch = pa.RecordBatch.from_pylist(records[begin:end], schema=FLOW)
        held.append(Held(number // 2, number % 2, batch))
    return held


def _interfaces(seed: int) -> dict[int, InterfaceAddresses]:
    rng = random.Random(-seed)
    found = {}
    for file in range(rng.choice([0, 1, 2])):
        rows = [
            {"interface": name, "is_v6": is_v6, "candidates": [_packed(rng.choice(_ADDRESSES[:6]))]}
            for name, is_v6 in (("eni-1", False), ("eni-2", False), (None, None))
        ]
        found[file] = InterfaceAddresses()
        found[file].add(pa.RecordBatch.from_pylist(rows, schema=INTERFACE))
    return found


def _contacts(judged: Judged) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = judged.contacts.select(sorted(judged.contacts.columns)).to_dicts()
    return sorted(rows, key=lambda row: (row["file"], row["lines"], repr(row)))


@pytest.mark.parametrize("seed", range(150))
def test_any_records_come_to_the_same_contacts_and_sums(seed: int) -> None:
    by_engine = {each: judge(_held(seed), _interfaces(seed), each) for each in Engine}
    native, reference = by_engine[Engine.NATIVE], by_engine[Engine.PYTHON]
    assert _contacts(native) == _contacts(reference)
    assert {file: +counts for file, counts in native.set_aside.items()} == reference.set_aside
    assert native.told_by_interface == Counter(reference.told_by_interface)
    rng = random.Random(seed)
    sums = []
    for running, judged in by_engine.items():
        rows = judged.contacts.sort(sorted(judged.contacts.columns)).with_columns(
            pl.col("remote_lo").cast(pl.Int64).mod(3).alias("class"),
            pl.col("own_lo").cast(pl.Int64).mod(2).sub(1).alias("network"),
            pl.lit(seed % 2, pl.Int8).alias("kind"),
        )
        sums.append(pile(running))
        half = rng.randrange(rows.height + 1)
        for part in (rows[half:], rows[:half]):
            if part.height:
                sums[-1].take(part)
    found, expected = (each.whole() for each in sums)
    assert (found is None) == (expected is None) == (native.contacts.height == 0)
    if found is None or expected is None:
        return
    for grain, mine, theirs in zip(KEYS, found, expected, strict=True):
        assert mine.columns == theirs.columns == list(COLUMNS[grain])
        assert mine.sort(KEYS[grain]).equals(theirs.sort(KEYS[grain])), grain


def test_sums_end_at_the_greatest_number() -> None:
    rng = random.Random(1)
    record = _record(rng, 1) | {
        "source_side": 1, "target_side": 6, "source_port": 50000, "target_port": 443, "protocol": 6, "flags": 2,
        "packets": _MOST, "bytes": _MOST, "is_accepted": True, "start": 0, "end": 1,
    }  # fmt: skip
    batch = pa.RecordBatch.from_pylist([record | {"line": line} for line in range(1, 13)], schema=FLOW)
    for running in Engine:
        contacts = judge([Held(0, 0, batch)], {}, running).contacts
        assert contacts["first_bytes"].to_list() == [2**63 - 1]
