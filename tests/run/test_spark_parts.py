"""What the Spark runner is made of, without Spark: items, shares, what crosses to executors and back, and the task."""

from __future__ import annotations

import ipaddress
import os
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import lacking
from tests.run.many_logs import write_logs
from tests.scan.network.reading import watching

from beholden.errors import UsageError
from beholden.run.readings import begin
from beholden.run.spark.items import Item, shares, sliced, whole
from beholden.run.spark.session import require_pyspark
from beholden.run.spark.task import Errand, ReadShares
from beholden.run.spark.transport import CRASH, END, digest, packed_watch, unpacked_told, unpacked_watch
from beholden.scan import SCANNERS
from beholden.scan.interface import OwnWifi, Watch
from beholden.scan.kernel.parts import THREADS_VARIABLE
from beholden.scan.walk import walk
from beholden.values.suffixes import WatchedNames


def item(number: int, size: int = 1) -> Item:
    return Item(file=number, path=f"{number}", place=b"/nowhere", scanner="vpc-flow", size=size)


def whole_of(place: Path) -> tuple[Item, Any]:
    (found,) = walk([place])
    reading = begin(found, SCANNERS, {})
    return whole(0, reading, lambda _: {}), reading


@given(sizes=st.lists(st.integers(0, 50), min_size=1, max_size=30), count=st.integers(1, 8))
def test_shares_hold_each_item_once_in_order_and_are_not_too_many(sizes: list[int], count: int) -> None:
    items = [item(number, size) for number, size in enumerate(sizes)]
    found = shares(items, count)
    assert [each for share in found for each in share] == items
    assert len(found) <= max(count, 1) + 1
    assert all(found)


@pytest.mark.parametrize(
    ("name", "is_cut"),
    [("vpc/bad-lines.log", True), ("vpc/whole.log.gz", False), ("vpc/flows.parquet", False), ("zeek/conn.log", False)],
)
def test_only_vpc_text_that_is_not_compressed_is_cut(name: str, is_cut: bool, tmp_path: Path) -> None:
    write_logs(tmp_path)
    file, reading = whole_of(tmp_path / name)
    parts = list(sliced(file, reading, 512))
    assert (len(parts) > 1) is is_cut
    if is_cut:
        assert [part.begin for part in parts[1:]] == [part.end for part in parts[:-1]]
        assert parts[-1].end == file.size


def test_a_file_that_is_gone_meanwhile_is_left_for_its_reader_to_tell(tmp_path: Path) -> None:
    write_logs(tmp_path)
    place = tmp_path / "vpc/default.log"
    file, reading = whole_of(place)
    place.unlink()
    assert whole(0, reading, lambda _: {}).size == 0
    assert list(sliced(file, reading, 512)) == [file]


def test_a_file_name_that_is_no_text_reaches_the_executor(tmp_path: Path) -> None:
    place = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    place.write_text("date,vendor,amount\n2026-06-01,Nobody,1\n", encoding="utf-8")
    file, _ = whole_of(place)
    back = msgspec.msgpack.decode(msgspec.msgpack.encode(file), type=Item)
    assert back.lies_at == place
    assert back == file


def test_a_watch_comes_out_as_it_went_in() -> None:
    watch = Watch(
        addresses=watching("198.51.100.1", "2001:db8::1"),
        names=WatchedNames({"cloud.example": True, "free.cloud.example": False}),
        own_networks=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")),
        wifi=(OwnWifi("a", "b", None, frozenset({"02:00:00:00:00:01"})), OwnWifi("c", "d", "Example")),
    )
    back = unpacked_watch(packed_watch(watch))
    assert back.addresses is not None
    assert watch.addresses is not None
    assert back.addresses.watch_ranges.equals(watch.addresses.watch_ranges)
    assert back.names is not None
    assert ("x.cloud.example" in back.names, "x.free.cloud.example" in back.names) == (True, False)
    assert (back.own_networks, back.wifi) == (watch.own_networks, watch.wifi)
    assert packed_watch(back) == packed_watch(watch)


def test_a_watch_that_keeps_all_keeps_all_there() -> None:
    back = unpacked_watch(packed_watch(Watch()))
    assert back.addresses is None
    assert back.names is None


def rows_of(*items: Item) -> list[dict[str, Any]]:
    if find_spec("pyspark") is None:
        lacking("needs pyspark; `make peers` installs it")
    watch = packed_watch(Watch(addresses=watching("47.115.216.88")))
    errand: Any = SimpleNamespace(value=Errand(watch, msgspec.msgpack.encode([list(items)])))
    numbers = pa.RecordBatch.from_pydict({"id": [0]})
    return [row for batch in ReadShares(errand, digest(watch))(iter([numbers])) for row in batch.to_pylist()]


@pytest.fixture(autouse=True)
def threads_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(THREADS_VARIABLE, "2")
    monkeypatch.setenv("POLARS_MAX_THREADS", "2")


def test_a_bad_file_among_good_ones_is_told_in_its_own_coverage(tmp_path: Path) -> None:
    write_logs(tmp_path)
    good = whole_of(tmp_path / "vpc/default.log")[0]
    bad = msgspec.structs.replace(whole_of(tmp_path / "vpc/cut-off.log.gz")[0], file=1)
    gone = msgspec.structs.replace(good, file=2, place=os.fsencode(tmp_path / "gone.log"))
    rows = rows_of(good, bad, gone, msgspec.structs.replace(good, file=3))
    ends = {row["file"]: unpacked_told(row["payload"]) for row in rows if row["kind"] == END}
    assert {file: told.has_failed for file, told in ends.items()} == {0: False, 1: True, 2: True, 3: False}
    assert ends[0].records_read == ends[3].records_read == 400
    assert ends[2].reasons == {"scan.unreadable-file": 1}
    assert not [row for row in rows if row["kind"] == CRASH]


def test_a_failure_that_should_never_be_is_a_row_and_not_a_retry(tmp_path: Path) -> None:
    (row,) = rows_of(msgspec.structs.replace(item(0), scanner="of another version"))
    assert row["kind"] == CRASH
    assert b"no reader of another version is installed where this executor runs" in row["payload"]


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("beholden.run.spark.session.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'beholden\[spark\]'") as failure:
        require_pyspark()
    assert failure.value.exit_code == 2
