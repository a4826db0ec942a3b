"""Parquet flow logs: the same records as text give the same rows, in both engines; hostile files end in ScanError."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scan.network.reading import DATA, read, text_of, watching

from beholden.engine import Engine
from beholden.errors import ScanError
from beholden.scan import SCANNERS, parquet
from beholden.scan.detect import detect
from beholden.scan.interface import Scanner, Watch
from beholden.scan.network.ocsf_network import OcsfNetwork
from beholden.scan.network.ocsf_parquet import OcsfParquet
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.network.vpc_parquet import VpcParquet
from beholden.scan.source import Source
from beholden.schema.traffic import FLOW, INTERFACE

if TYPE_CHECKING:
    from collections.abc import Callable

DERIVED = "data/inputs/vpcflow/vpcflow-v2.derived-2024-04-21T07.log.gz"
SAMPLE = DATA / "vpcflow" / "flows.parquet"
NUMBERS = {"version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp_flags"}
WATCHES = (
    Watch(),
    Watch(own_networks=(ip_network("64.225.56.201/32"), ip_network("10.0.0.0/16"))),
    Watch(addresses=watching("203.0.113.7", "2001:db8:ffff::7"), own_networks=(ip_network("192.0.2.0/24"),)),
)


def _scanned(scanner: Scanner, path: Path, watch: Watch) -> tuple[list[dict[str, Any]], dict[Any, set[bytes]], Source]:
    """FLOW rows, what interfaces have in common, and the counts."""
    source = Source(path, "input")
    rows: list[dict[str, Any]] = []
    shared: dict[Any, set[bytes]] = {}
    for batch in scanner.scan(source, watch):
        if batch.schema.equals(FLOW):
            rows += batch.to_pylist()
        elif batch.schema.equals(INTERFACE):
            for row in batch.to_pylist():
                key = (row["interface"], row["is_v6"])
                shared[key] = shared.get(key, set(row["candidates"])) & set(row["candidates"])
    return rows, shared, source


def _as_parquet(text: str, path: Path, *, typed: bool, kind: pa.DataType) -> str:
    """The records of VPC text as a table; gives the text of the same records alone."""
    lines = text.splitlines()
    names = lines[0].split()
    records = [line.split() for line in lines[1:] if len(line.split()) == len(names)]
    columns = {}
    for at, name in enumerate(name.replace("-", "_") for name in names):
        cells = [record[at] for record in records]
        if typed and name in NUMBERS:
            columns[name] = pa.array([int(cell) if cell.isdigit() else None for cell in cells], pa.int64())
        else:
            columns[name] = pa.array([None if typed and cell == "-" else cell for cell in cells], kind)
    pq.write_table(pa.table(columns), path, row_group_size=1000)
    return "\n".join([lines[0], *(" ".join(record) for record in records)]) + "\n"


def _assert_alike(text: str, folder: Path, watch: Watch, *, typed: bool, kind: pa.DataType) -> None:
    table, log = folder / "flows.parquet", folder / "flow.log"
    log.write_text(_as_parquet(text, table, typed=typed, kind=kind))
    rows, shared, source = _scanned(VpcFlow(), log, watch)
    found_rows, found_shared, found = _scanned(VpcParquet(), table, watch)
    # Text has a header above its records.
    assert [row | {"line": row["line"] + 1} for row in found_rows] == rows
    assert found_shared == shared
    assert (found.records_read, found.reasons) == (source.records_read, source.reasons)
    assert (found.not_resolved, found.notes) == (source.not_resolved, source.notes)


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
@pytest.mark.parametrize("name", ["default.log", "custom.log"])
def test_the_same_records_as_text_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, kind: pa.DataType, running: Engine, *, typed: bool
) -> None:
    monkeypatch.setattr("beholden.scan.kernel.flow_columns.engine", lambda: running)
    for watch in WATCHES:
        _assert_alike((DATA / "vpcflow" / name).read_text(), tmp_path, watch, typed=typed, kind=kind)


@pytest.mark.parametrize("typed", [True, False])
def test_the_real_log_as_a_table_gives_the_rows_of_its_text(
    shared: Callable[[str], Path], tmp_path: Path, *, typed: bool
) -> None:
    for watch in WATCHES:
        _assert_alike(text_of(shared(DERIVED)), tmp_path, watch, typed=typed, kind=pa.string())


_ADDRESSES = st.sampled_from(["10.0.0.5", "203.0.113.7", "2001:db8:ffff::7", "224.0.0.1", "-", "nonsense", "192.0.2.1"])
_RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["eni-1", "eni-2", "-"]),
        _ADDRESSES,
        _ADDRESSES,
        st.sampled_from(["443", "50000", "-", "70000", "x"]),
        st.sampled_from(["6", "17", "1", "58", "-", "3000000000"]),
        st.sampled_from(["0", "4000", "-", "9" * 30]),
        st.sampled_from(["1714521600", "1714521700", "999999999999", "-"]),
        st.sampled_from(["ACCEPT", "REJECT", "-", "MAYBE"]),
        st.sampled_from(["OK", "NODATA", "SKIPDATA", "-", "BAD"]),
        st.sampled_from(["10.0.0.9", "-", "203.0.113.7", "x"]),
        st.sampled_from(["egress", "ingress", "-", "up"]),
    ),
    min_size=1,
    max_size=12,
)
_NAMES = [
    "interface-id",
    "srcaddr",
    "dstaddr",
    "dstport",
    "protocol",
    "bytes",
    "start",
    "action",
    "log-status",
    "pkt-srcaddr",
    "flow-direction",
    "end",
]


@given(records=_RECORDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_records_come_to_what_their_text_comes_to(tmp_path: Path, records: list[tuple[str, ...]]) -> None:
    lines = [" ".join(_NAMES), *(" ".join((*record, "1714521650")) for record in records)]
    _assert_alike("\n".join(lines), tmp_path, WATCHES[0], typed=False, kind=pa.string())


def test_the_real_parquet_file_is_read_as_an_independent_count_has_it(shared: Callable[[str], Path]) -> None:
    path = shared("data/inputs/vpcflow/flows.parquet")
    statuses = Counter(pq.read_table(path).column("log_status").to_pylist())
    ours = Watch(own_networks=(ip_network("198.51.100.0/24"),))
    result = read(VpcParquet(), path, ours)
    assert result.source.records_read == sum(statuses.values())
    assert result.source.records_rejected == 0
    assert result.source.not_resolved["nodata"] == statuses["NODATA"]


def test_numbers_are_taken_in_every_type_that_writers_use(tmp_path: Path) -> None:
    want = _scanned(VpcParquet(), SAMPLE, Watch())[0]
    table = pq.read_table(SAMPLE)
    kinds: dict[str, list[pa.DataType]] = {
        "bytes": [pa.uint64(), pa.float64(), pa.decimal128(20, 0), pa.string()],
        "srcport": [pa.uint16(), pa.float32(), pa.string()],
        "start": [pa.timestamp("s"), pa.timestamp("ms", "UTC"), pa.timestamp("ns")],
        "account_id": [pa.int64(), pa.dictionary(pa.int32(), pa.string())],
        "action": [pa.dictionary(pa.int8(), pa.string()), pa.large_string()],
    }
    path = tmp_path / "other.parquet"
    for name, others in kinds.items():
        at = table.schema.get_field_index(name)
        for kind in others:
            column = table.column(name)
            column = column.cast(pa.timestamp("s")).cast(kind) if pa.types.is_timestamp(kind) else column.cast(kind)
            pq.write_table(table.set_column(at, name, column), path)
            assert _scanned(VpcParquet(), path, Watch())[0] == want, (name, kind)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("srcaddr", pa.array([1.5] * 12)),
        ("bytes", pa.array([[1]] * 12)),
        ("start", pa.array([True] * 12)),
        ("action", pa.array([{"a": 1}] * 12)),
    ],
)
def test_a_column_of_a_type_that_it_never_has_is_an_error(tmp_path: Path, name: str, column: pa.Array) -> None:
    table = pq.read_table(SAMPLE)
    path = tmp_path / "other.parquet"
    pq.write_table(table.set_column(table.schema.get_field_index(name), name, column), path)
    with pytest.raises(ScanError):
        _scanned(VpcParquet(), path, Watch())


def test_text_that_is_no_utf8_is_no_address_and_never_reaches_the_rows_raw(tmp_path: Path) -> None:
    table = pq.read_table(SAMPLE)
    path = tmp_path / "other.parquet"
    for name in ("srcaddr", "interface_id", "account_id"):
        bad = pa.array([b"\xff\xfe"] * 12).view(pa.string())
        pq.write_table(table.set_column(table.schema.get_field_index(name), name, bad), path)
        rows, _, source = _scanned(VpcParquet(), path, Watch())
        assert source.reasons["not an address"] == (10 if name == "srcaddr" else 0)
        if name != "srcaddr":
            assert {row[name.removesuffix("_id")] for row in rows} == {"\ufffd\ufffd"}


def test_texts_come_as_dictionaries_only_where_the_file_holds_them_so(tmp_path: Path) -> None:
    table = pa.concat_tables([pq.read_table(SAMPLE)] * 100)
    path = tmp_path / "other.parquet"
    told = []
    for is_coded in (True, False):
        pq.write_table(table, path, use_dictionary=is_coded, row_group_size=500)
        batches = list(parquet.ParquetTable(Source(path, "input")).batches(["srcaddr", "start"], ["srcaddr"]))
        assert {pa.types.is_dictionary(batch.column(0).type) for batch in batches} == {is_coded}
        told.append(_scanned(VpcParquet(), path, Watch())[:2])
    assert told[0] == told[1]
    assert told[0][0]


def test_the_account_is_told_by_the_path_of_a_delivery(tmp_path: Path) -> None:
    table = pq.read_table(SAMPLE).drop_columns(["account_id"])
    path = tmp_path / "flows.parquet"
    pq.write_table(table, path)
    source = Source(path, "AWSLogs/aws-account-id=210987654321/aws-service=vpcflowlogs/flows.parquet")
    batches = [batch for batch in VpcParquet().scan(source, Watch()) if batch.schema.equals(FLOW)]
    assert {row["account"] for batch in batches for row in batch.to_pylist()} == {"210987654321"}


def test_ocsf_in_parquet_comes_to_what_the_same_events_in_json_come_to(tmp_path: Path) -> None:
    path = DATA / "ocsf" / "vpc.parquet"
    result = read(OcsfParquet(), path)
    events = pq.read_table(path).to_pylist()
    as_json = tmp_path / "events.json"
    as_json.write_text("".join(json.dumps(event) + "\n" for event in events))
    expected = read(OcsfNetwork(), as_json)
    assert result.totals("sent") == expected.totals("sent") == {"203.0.113.7": 5000, "203.0.113.8": 6000}
    rows, shared, found = _scanned(OcsfParquet(), path, Watch())
    other_rows, other_shared, other = _scanned(OcsfNetwork(), as_json, Watch())
    assert (rows, shared) == (other_rows, other_shared)
    assert (found.records_read, found.not_resolved, found.notes) == (
        other.records_read,
        other.not_resolved,
        other.notes,
    )


def test_events_of_other_products_in_parquet_are_read_one_by_one(tmp_path: Path) -> None:
    events = [json.loads(line) for line in (DATA / "ocsf" / "network.jsonl").read_text().splitlines()]
    path = tmp_path / "events.parquet"
    names = dict.fromkeys(name for event in events for name in event)
    pq.write_table(pa.Table.from_pylist([names | event for event in events]), path)
    found = detect(Source(path, "events.parquet"), SCANNERS).scanner
    assert isinstance(found, OcsfParquet)
    expected = read(OcsfNetwork(), DATA / "ocsf" / "network.jsonl")
    result = read(found, path)
    assert result.totals("sent") == expected.totals("sent")
    assert result.source.not_resolved == expected.source.not_resolved


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_end_in_rows_or_a_scan_error(tmp_path: Path, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from([SAMPLE, DATA / "ocsf" / "vpc.parquet"]))
    content = bytearray(sample.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "broken.parquet"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]) if data.draw(st.booleans()) else content)
    for scanner in (VpcParquet(), OcsfParquet()):
        with contextlib.suppress(ScanError):
            _scanned(scanner, path, Watch())


def test_a_file_that_promises_more_than_it_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.parquet"
    names = ("srcaddr", "dstaddr", "start", "end", "bytes")
    column = pa.array(["10.0.0.5"] * 400_000)
    pq.write_table(pa.table(dict.fromkeys(names, column)), path)
    monkeypatch.setattr(parquet, "_FREE_ROWS", 1_000)
    monkeypatch.setattr(parquet, "_MAX_ROWS_A_BYTE", 1)
    with pytest.raises(ScanError, match="possible decompression bomb"):
        _scanned(VpcParquet(), path, Watch())


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" * 3, b"PAR1\xff\xff\xff\x7fPAR1"])
def test_what_only_looks_like_parquet_has_no_columns(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "flows.parquet"
    path.write_bytes(content)
    assert parquet.column_names(path) == ()
    with pytest.raises(ScanError):
        _scanned(VpcParquet(), path, Watch())
