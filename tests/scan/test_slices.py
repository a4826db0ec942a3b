"""Slices of a text log hold each line once, wherever they are cut."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.network.reading import watching

from beholden.engine import Engine
from beholden.scan.interface import InputHead, SliceEnd, Watch
from beholden.scan.network.vpc_flow import VpcFlow
from beholden.scan.network.vpc_layout import VERSION_2
from beholden.scan.slices import SliceSource
from beholden.scan.source import Source

HEADER = " ".join(VERSION_2)
WATCH = Watch(addresses=watching("203.0.113.7"))


def record(number: int) -> str:
    start = 1_780_315_200 + number
    ends = f"10.0.0.5 203.0.113.7 {50_000 + number} 443"
    return f"2 123456789012 eni-0a {ends} 6 10 {5000 + number} {start} {start} ACCEPT OK"


def content_of(source: Source) -> bytes:
    with source.open() as stream:
        return stream.read()


@given(content=st.lists(st.sampled_from([b"a", b"\n", b"bcd", b"\r\n"])).map(b"".join), size=st.integers(1, 9))
def test_slices_that_meet_hold_a_file_once_and_begin_with_lines(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, size: int
) -> None:
    place = tmp_path_factory.getbasetemp() / "sliced.log"
    place.write_bytes(content)
    slices = [SliceSource(place, "x", at, min(at + size, len(content))) for at in range(0, len(content), size)]
    parts = [part for part in map(content_of, slices) if part]
    assert b"".join(parts) == content
    assert all(part.endswith(b"\n") for part in parts[:-1])


def in_slices(place: Path, size: int) -> tuple[list[dict[str, Any]], Source, SliceEnd]:
    """Records of all slices with the lines of the file, a source with their counts, and what their ends say."""
    scanner, whole, all_of_it = VpcFlow(), Source(place, "x.log"), SliceEnd()
    columns = scanner.columns_of(head(place))
    assert columns is not None
    rows: list[dict[str, Any]] = []
    for begin in range(0, place.stat().st_size, size):
        source, end = SliceSource(place, "x.log", begin, begin + size), SliceEnd()
        for batch in scanner.scan_slice(source, WATCH, columns, end):
            rows += lines_moved(batch, all_of_it.lines)
        whole.accept(source.records_read)
        moved = [((line or 0) + all_of_it.lines, reason, expected) for line, reason, expected in source.rejects]
        whole.reject_all(source.reasons, moved)
        whole.not_resolved.update(source.not_resolved)
        all_of_it.lines += end.lines
        all_of_it.marks.update(end.marks)
        all_of_it.is_of_the_head &= end.is_of_the_head
    scanner.tell(whole, all_of_it.marks)
    return rows, whole, all_of_it


def head(place: Path) -> InputHead:

    data, is_complete = Source(place, "x.log").head()
    return InputHead(PurePosixPath("x.log"), data, is_complete)


def lines_moved(batch: pa.RecordBatch, lines: int) -> list[dict[str, Any]]:
    return [{**row, "line": row["line"] + lines} for row in batch.to_pylist() if "line" in row]


FILES = {
    "header": [HEADER, *map(record, range(60))],
    "no-header": [*map(record, range(60))],
    "bad-lines": [HEADER, *(record(n) if n % 3 else f"bad {n}" for n in range(60))],
    "joined": [HEADER, *map(record, range(30)), HEADER, *map(record, range(30, 60))],
    "without-action": [
        HEADER.replace(" action", ""),
        *(record(n).replace(" ACCEPT", "") for n in range(60)),
    ],
    "empty-lines": [HEADER, "", *(record(n) if n % 2 else "" for n in range(60))],
    "nodata": [HEADER, *(record(n).replace("ACCEPT OK", "- NODATA") if n % 2 else record(n) for n in range(60))],
}


@pytest.mark.parametrize("size", [97, 1000, 4096, 10**6])
@pytest.mark.parametrize("lines", FILES.values(), ids=FILES)
def test_slices_come_to_what_the_file_comes_to(
    lines: list[str], size: int, tmp_path: Path, running: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("beholden.scan.kernel.vpc.engine", lambda: running)
    place = tmp_path / "x.log"
    place.write_text("\n".join(lines), encoding="utf-8")
    source = Source(place, "x.log")
    expected = [row for batch in VpcFlow().scan(source, WATCH) for row in lines_moved(batch, 0)]
    rows, whole, end = in_slices(place, size)
    assert expected
    assert rows == expected
    assert end.is_of_the_head
    for name in ("records_read", "records_rejected", "reasons", "first_rejects", "notes", "not_resolved"):
        assert getattr(whole, name) == getattr(source, name), name


def test_columns_that_change_are_told_so_that_the_file_is_read_whole(tmp_path: Path) -> None:
    place = tmp_path / "x.log"
    other = HEADER.replace("srcaddr dstaddr", "dstaddr srcaddr")
    place.write_text("\n".join([HEADER, *map(record, range(30)), other, *map(record, range(30))]), encoding="utf-8")
    assert not in_slices(place, 500)[2].is_of_the_head
    assert not in_slices(place, 10**6)[2].is_of_the_head


@pytest.mark.parametrize(
    "text", ["", "bad\n" * 50, "version srcaddr dstaddr\n1 2 3\n"], ids=["empty", "no-head", "lacks"]
)
def test_a_file_without_a_sound_head_is_not_sliced(text: str, tmp_path: Path) -> None:
    place = tmp_path / "x.log"
    place.write_text(text, encoding="utf-8")
    assert VpcFlow().columns_of(head(place)) is None
