"""Columns of flow records in any layout, natively and in the reference: the same rows, counts and rejects."""

from __future__ import annotations

import random
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.scan.kernel.columns import TEXTS, as_read_from_a_file, without_validity
from tests.scan.network.reading import watching

from beholden.engine import Engine, engine
from beholden.scan.interface import Watch
from beholden.scan.kernel.flow_columns import Records, read
from beholden.scan.kernel.judge import AddressJudge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.scan.kernel.vpc import Part

pytestmark = pytest.mark.skipif(engine() is not Engine.NATIVE, reason="the native core is not built here")
WATCHES = [
    Watch(),
    Watch(addresses=watching("203.0.113.7", "2001:db8:ffff::7"), own_networks=(ip_network("10.0.0.0/8"),)),
]
_ADDRESSES = (
    *("10.0.0.5", "10.0.0.6", "203.0.113.7", "203.0.113.9", "2001:db8:ffff::7", "fd00::1", "fe80::1%eth0"),
    *("::ffff:10.0.0.5", "224.0.0.1", "-", "", "nonsense", "01.2.3.4", None, "\u00fc"),
)  # fmt: skip
_WIDTHS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
_PORTS = [None, 0, 1, 22, 53, 100, 127]
# What a column holds; and, where they are of any width, what every width holds.
_VALUES: dict[str, Sequence[Any]] = {
    "source": _ADDRESSES,
    "target": _ADDRESSES,
    "packet_source": ("-", "-", None, "10.0.0.5", "203.0.113.7", "nonsense", ""),
    "packet_target": ("-", "-", None, "10.0.0.6", "203.0.113.7", "2001:db8:ffff::7"),
    "status": ("OK", "OK", "OK", "OK", "-", None, "NODATA", "SKIPDATA", "BAD", ""),
    "action": ("ACCEPT", "REJECT", "ACCEPT", "-", None, "MAYBE"),
    "direction": ("egress", "ingress", "-", None, "up"),
    "interface": ("eni-1", "eni-2", "-", None, "", "eni-\u00fc"),
    "account": ("111122223333", "-", None),
    "source_port": _PORTS,
    "target_port": _PORTS,
    "protocol": (6, 6, 6, 17, 1, 58, None),
    "packets": _PORTS,
    "size": (0, 40, 120, 120, None),
    "flags": (0, 2, 18, None),
    "start": (1, 2, 3, 100, None),
    "end": (3, 100, 120, 127, 2),
}
_WIDE: dict[str, Sequence[Any]] = {
    "source_port": (443, 65_535, 65_536, -1, None),
    "protocol": (6, 3_000_000_000, 10**18, -6),
    "packets": (1, 10**18 - 1, 10**18, -1),
    "size": (1, 10**18 - 1, 10**18, -1, 2**63 - 1),
    "flags": (2, 2**62 + 18, -1, 258),
    "start": (0, 1_714_521_600, 253_402_300_798, 253_402_300_799, -1, 2**63 - 1, -(2**63)),
    "end": (1_714_521_600, 253_402_300_798, 253_402_300_799, 2**63 - 1),
}
_REQUIRED = {"source", "target", "start", "end", "size"}
_TEXT_COLUMNS = tuple(_VALUES)[:9]


def _column(rng: random.Random, values: Sequence[Any], kind: pa.DataType, *, is_coded: bool) -> pa.Array:
    """Values in one of the layouts in which they come: as they are, cut out of more, or in a dictionary."""
    if is_coded:
        words = list(dict.fromkeys(values))
        # Every word twice, one that no row has, and null both ways.
        stored = pa.array([*words, "nobody asks for this", *words], kind)
        at = [words.index(value) + rng.choice([0, len(words) + 1]) for value in values]
        width = rng.choice([pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint32()])
        codes = pa.array(
            [None if value is None and rng.random() < 0.5 else one for one, value in zip(at, values, strict=True)],
            width,
        )
        return pa.DictionaryArray.from_arrays(codes, stored)
    if rng.random() < 0.5:
        return pa.array([*values[:3], *values, None], kind)[min(3, len(values)) : -1]
    return pa.array(values, kind)


def _records(rng: random.Random) -> Records:
    rows = rng.choice([0, 1, 7, 60, 3_000])
    columns: dict[str, pa.Array] = {}
    is_wide = rng.random() < 0.5
    for name, values in _VALUES.items():
        if name not in _REQUIRED and rng.random() < 0.15:
            continue
        if name in _TEXT_COLUMNS:
            cells = rng.choices(values, k=rows)
            columns[name] = _column(
                rng, cells, rng.choice(TEXTS[:2] if (coded := rng.random() < 0.5) else TEXTS), is_coded=coded
            )
            continue
        wide = is_wide and name in _WIDE
        cells = rng.choices([*values, *(_WIDE[name] if wide and rng.random() < 0.8 else ())], k=rows)
        columns[name] = _column(rng, cells, pa.int64() if wide else rng.choice(_WIDTHS), is_coded=False)
    return Records(**columns, unit=rng.choice(["s", "s", "ms", "us"]))


def _told(part: Part) -> dict[str, Any]:
    shared = {(row["interface"], row["is_v6"]): sorted(row["candidates"]) for row in part.interfaces.to_pylist()}
    part.flows.validate(full=True)
    return {
        "flows": part.flows.to_pylist(),
        "schema": (part.flows.schema, part.flows.schema.metadata),
        "shared": shared,
        "counts": +part.counts,
        "wrong": +part.wrong,
        "rejects": part.rejects,
        "numbers": (part.lines, part.accepted, part.between, part.stopped_at),
    }


def _assert_alike(records: Records, watch: Watch) -> dict[str, Any]:
    native, reference = (
        _told(read(records, AddressJudge(watch), ("a", "b"), each)) for each in (Engine.NATIVE, Engine.PYTHON)
    )
    assert native == reference
    return native


@pytest.mark.parametrize("seed", range(120))
def test_any_records_come_to_the_same(seed: int) -> None:
    rng = random.Random(seed)
    records = _records(rng)
    for watch in WATCHES:
        _assert_alike(records, watch)
    # Chunks of a larger batch.
    whole = pa.record_batch(
        {name: column for name, column in records._asdict().items() if isinstance(column, pa.Array)}
    )
    cut = rng.randrange(whole.num_rows + 1)
    for part in (whole[:cut], whole[cut:]):
        _assert_alike(Records(**dict(zip(part.schema.names, part.columns, strict=True)), unit=records.unit), WATCHES[0])


def _plain(rows: int = 1, **others: pa.Array) -> Records:
    columns = {
        "source": pa.array(["10.0.0.5"] * rows),
        "target": pa.array(["203.0.113.7"] * rows),
        "start": pa.array([1_714_521_600] * rows),
        "end": pa.array([1_714_521_650] * rows),
        "size": pa.array([100] * rows),
    }
    return Records(**{**columns, **others})


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_null_slots_that_hold_something_have_no_value(kind: pa.DataType) -> None:
    valid = [True, False, True, False]
    stale = without_validity(pa.array(["203.0.113.7"] * 4, kind), valid)
    words = without_validity(pa.array(["NODATA"] * 4, kind), [False] * 4)
    ports = without_validity(pa.array([443, -5, 443, 70_000]), valid)
    sizes = without_validity(pa.array([100, -100, 100, -100]), valid)
    found = _assert_alike(_plain(4, target=stale, status=words, target_port=ports), WATCHES[0])
    assert (found["counts"], found["wrong"]) == ({"null_address": 2}, {})
    found = _assert_alike(_plain(4, target_port=ports, size=sizes), WATCHES[0])
    assert (len(found["flows"]), found["rejects"]) == (2, [(line, "not a number, or out of range") for line in (2, 4)])
    codes = without_validity(pa.array([0, 99, 0, -7], pa.int8()), valid)
    coded = pa.DictionaryArray.from_arrays(codes, stale[:1], safe=False)
    assert _assert_alike(_plain(4, target=coded), WATCHES[0])["counts"] == {"null_address": 2}


def test_null_views_that_point_anywhere_are_never_followed() -> None:
    long = "2001:db8:1234:5678:9abc:def0:1234:5678"
    column = without_validity(pa.array([long, "203.0.113.7"], pa.string_view()), [False, True])
    view = len(long).to_bytes(4, "little") + long[:4].encode()
    broken = as_read_from_a_file(column, {view: b"\xff\xff\xff\x0f2001"})
    assert _assert_alike(_plain(2, target=broken), WATCHES[0])["counts"] == {"null_address": 1}


@pytest.mark.parametrize("name", ["source", "packet_target", "status", "interface"])
def test_views_that_point_outside_are_an_error(name: str) -> None:
    long = "2001:db8:1234:5678:9abc:def0:1234:5678"
    view = len(long).to_bytes(4, "little") + long[:4].encode()
    broken = as_read_from_a_file(pa.array([long], pa.string_view()), {view: b"\xff\xff\xff\x0f2001"})
    with pytest.raises(ValueError, match="broken column"):
        read(_plain(**{name: broken}), AddressJudge(Watch()), running=Engine.NATIVE)


def test_numbers_of_a_dictionary_that_no_text_has_are_an_error() -> None:
    for code in (1, -1, 127):
        coded = pa.DictionaryArray.from_arrays(pa.array([code], pa.int8()), pa.array(["203.0.113.7"]), safe=False)
        for name in ("target", "status", "interface"):
            with pytest.raises(ValueError, match="broken column"):
                read(_plain(**{name: coded}), AddressJudge(Watch()), running=Engine.NATIVE)


@pytest.mark.parametrize(
    "others",
    [
        {"size": pa.array([1.0, None, 2.5]), "flags": pa.array([2.0, None, 0.5])},
        {"size": pa.array(["100", "-", "x"]), "source_port": pa.array(["443", None, "70000"])},
        {"start": pa.array(["1714521600", "-", "x"]), "protocol": pa.array(["6", "1", "-"]).dictionary_encode()},
        {"start": pa.array([0, None, 2**62], pa.timestamp("us")), "end": pa.array([1, 1, 1], pa.timestamp("ns"))},
        {"packets": pa.nulls(3), "status": pa.nulls(3), "action": pa.nulls(3), "interface": pa.nulls(3)},
        {"interface": pa.array([1, None, 3]), "account": pa.array([1, 2, 3], pa.uint64())},
        {"target": pa.nulls(3)},
        {"size": pa.nulls(3)},
        {"source": pa.array([b"\xff\xfe", b"10.0.0.5", b"10.0.0.5\x00"]).view(pa.string())},
        {"interface": pa.array([b"eni-\xff", b"eni-\xfe\xff", b"\xc3"]).view(pa.string())},
        {"target": pa.array(["203.0.113.7"] * 2 + [None]).dictionary_encode("encode")},
        {"size": pa.array([1, 2**64 - 1, 2**63], pa.uint64()), "flags": pa.array([2, 2**64 - 1, 2**63], pa.uint64())},
    ],
    ids=lambda others: "-".join(others),
)  # fmt: skip
def test_what_other_writers_store_comes_to_the_same(others: dict[str, pa.Array]) -> None:
    for unit in ("s", "ms"):
        _assert_alike(_plain(3, **others)._replace(unit=unit), WATCHES[0])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("source", pa.array([1.5])),
        ("target", pa.array([1])),
        ("size", pa.array([[1]])),
        ("start", pa.array([True])),
        ("action", pa.array([{"a": 1}])),
        ("interface", pa.array([b"eni-1"])),
        ("status", pa.array([1]).dictionary_encode()),
    ],
)
@pytest.mark.parametrize("running", list(Engine))
def test_a_column_of_a_type_that_it_never_has_is_an_error(name: str, column: pa.Array, running: Engine) -> None:
    with pytest.raises((TypeError, pa.ArrowException)):
        read(_plain(**{name: column}), AddressJudge(Watch()), running=running)


def test_columns_of_different_lengths_are_an_error() -> None:
    for name, column in _plain(2)._asdict().items():
        if isinstance(column, pa.Array):
            with pytest.raises(ValueError, match="broken column"):
                read(_plain(1, **{name: column}), AddressJudge(Watch()), running=Engine.NATIVE)
