from __future__ import annotations

import gzip
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan import inflate
from beholden.scan import source as bounds
from beholden.scan.source import HEAD_BYTES, MAX_LINE_BYTES, Source

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def source_of(content: bytes, folder: Path, name: str = "x.log") -> Source:
    (folder / name).write_bytes(content)
    return Source(folder / name, name)


def read_until_damage(source: Source) -> tuple[list[str], ScanError | None]:
    texts: list[str] = []
    try:
        for _, text in source.lines():
            texts.append(text)
    except ScanError as error:
        return texts, error
    return texts, None


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"a\nb\n", [(1, "a"), (2, "b")], id="unix"),
        pytest.param(b"a\r\nb\r\n", [(1, "a"), (2, "b")], id="windows"),
        pytest.param(b"a\nb", [(1, "a"), (2, "b")], id="no-end"),
        pytest.param(b"a\n\nb\n", [(1, "a"), (2, ""), (3, "b")], id="blank-line-counts"),
        pytest.param(b"\xef\xbb\xbfa\n", [(1, "a")], id="byte-order-mark"),
        pytest.param(b"caf\xe9\n", [(1, "caf\ufffd")], id="not-utf8"),
    ],
)
def test_lines_are_numbered_from_one(content: bytes, lines: list[tuple[int, str]], tmp_path: Path) -> None:
    assert list(source_of(content, tmp_path).lines()) == lines
    assert list(source_of(gzip.compress(content), tmp_path).lines()) == lines


@given(content=st.binary(max_size=2_000))
@SETTINGS
def test_packed_or_not_the_same_lines_come_out(content: bytes, tmp_path: Path) -> None:
    # What begins like an archive is one, if a damaged one.
    assume(not content.startswith((inflate.GZIP, inflate.ZSTD)))
    plain, packed = source_of(content, tmp_path, "plain"), source_of(gzip.compress(content), tmp_path, "packed")
    assert list(plain.lines()) == list(packed.lines())
    assert plain.reasons == packed.reasons


@given(kept=st.integers(min_value=0, max_value=100))
@SETTINGS
def test_a_cut_archive_gives_only_whole_lines_of_the_original_and_says_where_it_ends(kept: int, tmp_path: Path) -> None:
    content = "\n".join(f"{number} {random.Random(number).random()}" for number in range(5_000)) + "\n"
    packed = gzip.compress(content.encode(), mtime=0)
    source = source_of(packed[: len(packed) * kept // 100], tmp_path)
    texts, error = read_until_damage(source)
    if kept == 100:
        assert error is None
    elif kept > 0:
        assert error is not None
        assert f"after line {len(texts)}:" in str(error)
    assert content.splitlines()[: len(texts)] == texts
    # What deflate had in hand at the cut is at most a block of it.
    assert len(texts) >= 5_000 * kept // 100 - 2_500


def test_more_is_kept_the_later_the_cut(tmp_path: Path) -> None:
    content = b"".join(b"%d %f\n" % (number, random.Random(number).random()) for number in range(50_000))
    packed = gzip.compress(content, mtime=0)
    kept = [len(read_until_damage(source_of(packed[: len(packed) * n // 10], tmp_path))[0]) for n in (3, 6, 9)]
    assert kept == sorted(kept)
    assert kept[0] > 10_000
    assert kept[2] > 40_000


@pytest.mark.parametrize("excess", [0, 1])
def test_a_line_is_too_long_from_one_byte_over_the_bound(excess: int, tmp_path: Path) -> None:
    line = b"x" * (MAX_LINE_BYTES - 1 + excess) + b"\n"
    source = source_of(line + b"after\n", tmp_path)
    numbers = [number for number, _ in source.lines()]
    assert numbers == ([2] if excess else [1, 2])
    assert source.reasons == ({"line too long": 1} if excess else {})


def test_a_head_is_bounded_and_knows_whether_it_is_all(tmp_path: Path) -> None:
    assert source_of(b"abc", tmp_path).head() == (b"abc", True)
    assert source_of(b"x" * HEAD_BYTES, tmp_path).head() == (b"x" * HEAD_BYTES, True)
    assert source_of(b"x" * (HEAD_BYTES + 1), tmp_path).head() == (b"x" * HEAD_BYTES, False)


def test_a_head_of_a_cut_archive_is_what_there_is_and_not_all(tmp_path: Path) -> None:
    packed = gzip.compress(bytes(range(256)) * 20, mtime=0)
    data, is_complete = source_of(packed[:-10], tmp_path).head()
    assert data
    assert not is_complete


@pytest.mark.parametrize("content", [b"\x1f\x8b", b"\x1f\x8b\x08\x00" + b"\x00" * 6, b"\x1f\x8b\xff rubbish"])
def test_an_archive_that_gives_nothing_is_damaged(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"x\.log: compressed data is damaged") as caught:
        source_of(content, tmp_path).head()
    assert caught.value.code == "scan.damaged-archive"


def test_expansion_is_free_up_to_a_bound_and_refused_beyond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "FREE_EXPANSION_BYTES", 100_000)
    assert source_of(gzip.compress(bytes(100_000)), tmp_path).document() == bytes(100_000)
    with pytest.raises(ScanError, match="expands more than 300 times") as caught:
        source_of(gzip.compress(bytes(5_000_000)), tmp_path).document()
    assert caught.value.code == "scan.expansion-bound"


def test_a_document_above_its_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_DOCUMENT_BYTES", 1_000)
    assert len(source_of(bytes(1_000), tmp_path).document()) == 1_000
    with pytest.raises(ScanError) as caught:
        source_of(bytes(1_001), tmp_path).document()
    assert caught.value.code == "scan.too-large"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"[1,\n2,,3]", "scan.malformed-input", id="not-json"),
        pytest.param(b"\xff\xfe\xfd", "scan.malformed-input", id="not-text"),
        pytest.param(b"[" * 100_000, "scan.nested-too-deep", id="deep"),
        pytest.param(b"[" + b"9" * 5_000 + b"]", "scan.malformed-input", id="endless-number"),
        pytest.param(b"", "scan.malformed-input", id="empty"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(content: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(ScanError) as caught:
        source_of(content, tmp_path).json()
    assert caught.value.code == code
    assert caught.value.origin is not None
    assert caught.value.origin.path == "x.log"


def test_an_error_in_json_is_at_its_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(ScanError) as caught:
        source_of(b"[1,\n2,,3]", tmp_path).json()
    assert str(caught.value.origin) == "x.log:2:3"


@given(content=st.binary(max_size=300))
@SETTINGS
def test_json_of_any_bytes_is_a_value_or_a_scan_error(content: bytes, tmp_path: Path) -> None:
    try:
        source_of(content, tmp_path).json()
    except ScanError as error:
        assert error.origin is not None  # noqa: PT017 (either outcome is right)


def test_rejects_are_counted_by_reason_and_the_first_five_are_told(tmp_path: Path) -> None:
    source = source_of(b"", tmp_path)
    for line in range(1, 8):
        source.reject(line, "bad", expected="good")
    source.reject(None, "worse")
    assert source.records_rejected == 8
    assert source.reasons == {"bad": 7, "worse": 1}
    assert source.first_rejects == [f"x.log:{line}: bad; expected good" for line in range(1, 6)]


def test_a_note_is_kept_once(tmp_path: Path) -> None:
    source = source_of(b"", tmp_path)
    source.note("same")
    source.note("same")
    assert source.notes == ["same"]


def test_several_members_with_zeros_behind_them_are_one_stream(tmp_path: Path) -> None:
    packed = gzip.compress(b"a\n") + bytes(700) + gzip.compress(b"") + gzip.compress(b"b\n" * 100_000) + bytes(40_000)
    assert [text for _, text in source_of(packed, tmp_path).lines()] == ["a", *["b"] * 100_000]


@pytest.mark.parametrize(
    "tail", [b"junk", b"\x1f\x8b\x08", gzip.compress(b"x\n" * 9, mtime=0)[:-3]], ids=["junk", "head", "cut"]
)
def test_what_follows_a_member_and_is_none_is_damage_after_the_lines(tail: bytes, tmp_path: Path) -> None:
    texts, error = read_until_damage(source_of(gzip.compress(b"a\n" * 7) + tail, tmp_path))
    assert error is not None
    assert texts[:7] == ["a"] * 7


def test_a_wrong_checksum_is_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"a\n" * 7))
    packed[-8] ^= 1
    texts, error = read_until_damage(source_of(bytes(packed), tmp_path))
    assert error is not None
    assert set(texts) <= {"a"}


def test_zstandard_is_read_like_gzip(tmp_path: Path) -> None:
    content = b"".join(b"%d %f\n" % (number, random.Random(number).random()) for number in range(50_000))
    packed = pa.compress(content, codec="zstd", asbytes=True)
    assert source_of(packed + packed, tmp_path).document() == content * 2
    texts, error = read_until_damage(source_of(packed[: len(packed) // 2], tmp_path))
    assert error is not None
    assert content.decode().splitlines()[: len(texts)] == texts
    assert len(texts) > 5_000
    bomb = source_of(pa.compress(bytes(64_000_000), codec="zstd", asbytes=True), tmp_path)
    with pytest.raises(ScanError, match="expands more than 300 times"):
        bomb.document()
