"""Files in parts of whole lines."""

from __future__ import annotations

import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest

from beholden.engine import Engine, engine
from beholden.errors import ScanError
from beholden.scan.kernel import parts
from beholden.scan.kernel.parts import bytes_of, whole_lines
from beholden.scan.slices import SliceSource
from beholden.scan.source import MAX_LINE_BYTES, Source


@pytest.fixture(params=list(Engine), ids=str, autouse=True)
def running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine, which decides who reads the file."""
    if request.param is Engine.NATIVE and engine() is not Engine.NATIVE:
        pytest.skip("the native core is not built here")
    monkeypatch.setattr(parts, "engine", lambda: request.param)
    found: Engine = request.param
    return found


def parts_of(source: Source) -> list[bytes]:
    return [bytes_of(part) for part in whole_lines(source)]


def text_of(lines: int) -> bytes:
    dice = random.Random(1)
    return b"".join(b"%d " % number + b"x" * dice.randrange(90) + b"\n" for number in range(lines))


@pytest.mark.parametrize("size", [1, 50, 1000, 1 << 20])
@pytest.mark.parametrize("tail", [b"", b"no line end", b"\n\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_parts_are_whole_lines_and_together_the_file(
    size: int, tail: bytes, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", size)
    text = text_of(300) + tail
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(text) if packed else text)
    found = [part for part in parts_of(Source(path, "log")) if part]
    assert b"".join(found) == text
    assert all(part.endswith(b"\n") for part in found[:-1])
    if size == 1000 and not packed:
        assert max(map(len, found)) <= 2 * size


@pytest.mark.parametrize("before", [b"", b"first\n"])
def test_of_a_line_without_end_no_more_is_held_than_tells_that_it_is_too_long(before: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(before + b"x" * (9 << 20) + b"\nlast\n")
    found = [line for part in parts_of(Source(path, "log")) for line in part.splitlines(keepends=True)]
    assert found[0] == before or not before
    assert found[-1] == b"last\n"
    assert MAX_LINE_BYTES < len(found[-2]) <= MAX_LINE_BYTES + 1 + parts.PART_BYTES


@pytest.mark.parametrize("size", [7, 1000, 1 << 20])
def test_slices_that_meet_hold_each_line_once(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", size)
    text = text_of(200)
    path = tmp_path / "log"
    path.write_bytes(text)
    cuts = [0, 1, 500, 501, len(text) // 2, len(text)]
    found = [b"".join(parts_of(SliceSource(path, "log", *ends))) for ends in pairwise(cuts)]
    assert b"".join(found) == text
    assert all(part.endswith(b"\n") for part in found if part)


def test_a_file_that_is_cut_off_meanwhile_gives_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 1 << 20)
    path = tmp_path / "log"
    path.write_bytes(b"line\n" * 800_000)
    found = whole_lines(Source(path, "log"))
    first = bytes_of(next(found))
    path.write_bytes(b"line\n")
    lines = (first + b"".join(map(bytes_of, found))).splitlines()
    assert set(lines[:-1]) == {b"line"}
    assert b"line".startswith(lines[-1])


def test_a_part_is_read_once_python_looks_at_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"line\n")
    (part,) = whole_lines(Source(path, "log"))
    assert bytes_of(part) == b"line\n"
    assert bytes_of(part) == b"line\n"


def test_what_came_before_damage_is_given_and_counted(tmp_path: Path) -> None:
    text = text_of(200_000)
    path = tmp_path / "log.gz"
    whole = gzip.compress(text)
    path.write_bytes(whole[: len(whole) * 2 // 3])
    found: list[bytes] = []
    with pytest.raises(ScanError) as raised:
        found.extend(map(bytes_of, whole_lines(Source(path, "log.gz"))))
    given = b"".join(found)
    assert given.endswith(b"\n")
    assert text.startswith(given)
    assert raised.value.origin is not None
    assert raised.value.origin.line == given.count(b"\n")
    number = given.count(b"\n")
    assert f"after line {number}" in str(raised.value)
