"""How sums are written: addresses and details, against the plain way to write each."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from beholden.engine import Engine, engine
from beholden.scan.traffic.sums import TEXTS
from beholden.scan.traffic.texts import addresses, details
from beholden.values.address import pack, unpack

ENGINES = [
    pytest.param(
        running,
        marks=pytest.mark.skipif(
            running is Engine.NATIVE and engine() is not Engine.NATIVE, reason="the native core is not built here"
        ),
        id=str(running),
    )
    for running in Engine
]


@pytest.mark.parametrize("running", ENGINES)
def test_addresses_are_written_as_the_rest_of_the_program_writes_them(running: Engine) -> None:
    texts = [
        "0.0.0.0",
        "255.255.255.255",
        "192.0.2.1",
        "::",
        "::1",
        "2001:db8::1",
        "::192.0.2.1",
        "ffff::",
        "192.0.2.1",
    ]
    packed = [pack(text) for text in texts]
    halves = [(int.from_bytes(each[:8]), int.from_bytes(each[8:])) for each in packed]
    rows = pl.DataFrame(halves, schema={"own_hi": pl.UInt64, "own_lo": pl.UInt64}, orient="row")
    assert addresses(rows, "own", running).to_list() == [unpack(each) for each in packed]
    assert addresses(rows.head(0), "own", running).to_list() == []


@pytest.mark.parametrize("running", ENGINES)
@pytest.mark.parametrize("count", [0, 1, 9])
def test_details_are_json_with_sorted_keys(count: int, running: Engine) -> None:
    texts: list[str | None] = [None, "tcp", 'a "quote"', "back\\slash", "{0}", "ä\n\x01\x1f\x7f\u2028", "", None, "x"]
    rows: list[dict[str, Any]] = [
        {**{name: texts[(row + at) % len(texts)] for at, name in enumerate(TEXTS)}, "ports": ports}
        for row, ports in enumerate([[443], [-1], [-1, 0, 80], [], [1, 2, 3], [22], [-1], [], [65535]])
    ]
    rows[7] = {**dict.fromkeys(TEXTS), "ports": [-1]}
    rows = rows[:count] if count != 1 else [rows[7]]
    frame = pl.DataFrame(rows, schema={**dict.fromkeys(TEXTS, pl.String), "ports": pl.List(pl.Int32)})
    wanted = []
    for row in rows:
        known = {name: row[name] for name in TEXTS if row[name] is not None}
        if ports := [port for port in row["ports"] if port >= 0]:
            known["ports"] = ports
        wanted.append(json.dumps(known, ensure_ascii=False, sort_keys=True) if known else None)
    assert details(frame, running).to_list() == wanted
