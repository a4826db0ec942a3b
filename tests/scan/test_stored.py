"""Files in stores: what readers ask of them, how they are found, and that nothing secret is told."""

from __future__ import annotations

import gzip
import io
import pickle
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from beholden.errors import ScanError, UsageError
from beholden.run.scan import scan
from beholden.run.spark.items import Item
from beholden.scan import address as addresses
from beholden.scan.address import StoreError, file_system, is_address, shown, told, without_secrets
from beholden.scan.devices.sqlite_table import Table
from beholden.scan.interface import Watch
from beholden.scan.parquet import ParquetTable, column_names
from beholden.scan.place import has_beside, is_same_file, path_of, size_of
from beholden.scan.slices import SliceSource
from beholden.scan.source import Source
from beholden.scan.stored import _FIRST_BYTES, _MOST_BYTES, StoredFile, _Ranges
from beholden.scan.walk import SKIPPED_FOLDERS, Found, walk


def stored(place: Path) -> StoredFile:
    return StoredFile(place.parent.as_uri(), str(place), place.stat().st_size)


def stored_with(content: bytes, folder: Path, name: str = "x.log") -> StoredFile:
    (folder / name).write_bytes(content)
    return stored(folder / name)


class Recorded:
    """Ranges of some bytes, and which were asked for.

    Args:
        content: The bytes.
        most: So many at a time at most.
    """

    def __init__(self, content: bytes, most: int = 1 << 30) -> None:
        self._content = content
        self._most = most
        self.asked: list[tuple[int, int]] = []
        self.is_closed = False

    def read(self, offset: int, count: int) -> bytes:
        self.asked.append((offset, count))
        return self._content[offset : offset + min(count, self._most)]

    def close(self) -> None:
        self.is_closed = True

    def opened(self, buffer: int = 1000) -> io.BufferedReader:
        return io.BufferedReader(_Ranges(self.read, len(self._content), self), buffer)


CONTENT = random.Random(7).randbytes(3 * _MOST_BYTES)


@pytest.mark.parametrize("most", [1 << 30, 70_001], ids=["whole", "short"])
def test_a_stream_of_ranges_is_that_of_the_bytes(most: int) -> None:
    recorded, expected = Recorded(CONTENT, most), io.BytesIO(CONTENT)
    moves = random.Random(11)
    with recorded.opened() as stream:
        for _ in range(300):
            kind, number = moves.randrange(5), moves.randrange(1 << moves.randrange(1, 22))
            if kind == 0:
                assert stream.seek(number) == expected.seek(number)
            elif kind == 1:
                assert stream.seek(-number, io.SEEK_END) == expected.seek(-number, io.SEEK_END)
            elif kind == 2:
                assert stream.readline(2000) == expected.readline(2000)
            elif kind == 3:
                data = stream.read1(number)
                assert data == expected.read(len(data))
                assert data or not number or expected.tell() >= len(CONTENT)
            else:
                assert stream.read(number) == expected.read(number)
            assert stream.tell() == expected.tell()
    assert recorded.is_closed


def test_ranges_grow_while_a_reading_goes_on_and_begin_small_after_a_leap() -> None:
    recorded = Recorded(CONTENT)
    with recorded.opened() as stream:
        assert stream.read() == CONTENT
        stream.seek(5)
        stream.read(1)
    offsets, counts = zip(*recorded.asked, strict=True)
    assert counts[:5] == tuple(_FIRST_BYTES << power for power in range(5))
    assert max(counts) == _MOST_BYTES
    assert list(offsets[:-1]) == [sum(counts[:at]) for at in range(len(counts) - 1)]
    assert recorded.asked[-1] == (5, _FIRST_BYTES)


def test_what_ends_before_its_size_is_an_error_and_no_end() -> None:
    with io.BufferedReader(_Ranges(lambda *_: b"", 10, io.BytesIO())) as stream:
        with pytest.raises(StoreError, match="ends after 0 of 10 bytes"):
            stream.read(4)
        with pytest.raises(ValueError, match="before the beginning"):
            stream.raw.seek(-1)


def test_a_slice_reads_its_range_and_little_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(b"%09d\n" % number for number in range(2_000_000))
    recorded = Recorded(content)
    monkeypatch.setattr(StoredFile, "open", lambda *_: recorded.opened(64 * 1024))
    begin, end = 4_000_005, 9_000_003
    with SliceSource(StoredFile("s3://bucket", "x.log", len(content)), "x.log", begin, end).open() as stream:
        assert stream.read() == content[4_000_010:9_000_010]
    assert all(begin - 1 <= offset <= end for offset, _ in recorded.asked)
    assert sum(count for _, count in recorded.asked) < end - begin + _MOST_BYTES + 2 * _FIRST_BYTES


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: pa.compress(data, codec="zstd", asbytes=True)])
def test_lines_come_as_from_disk_packed_or_not(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content = b"".join(b"%d %f\n" % (number, random.Random(number).random()) for number in range(30_000))
    place = stored_with(pack(content), tmp_path)
    here, there = Source(tmp_path / "x.log", "x.log"), Source(place, "x.log")
    assert list(there.lines()) == list(here.lines())
    assert (there.head(), there.is_compressed) == (here.head(), here.is_compressed)
    assert there.document() == content


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_a_store_that_fails_is_not_told_as_damage(codec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pa.compress(random.Random(3).randbytes(900_000), codec=codec, asbytes=True)

    def read(offset: int, count: int) -> bytes:
        if offset:
            raise StoreError("the line is dead")
        return bytes(packed[: min(count, 300_000)])

    place = StoredFile("s3://bucket", "x", len(packed))
    monkeypatch.setattr(
        StoredFile, "open", lambda *_: io.BufferedReader(_Ranges(read, len(packed), io.BytesIO()), 64 * 1024)
    )
    with pytest.raises(StoreError, match="the line is dead"):
        Source(place, "x").document()


def test_parquet_comes_as_from_disk_and_a_store_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.parquet"
    rows = random.Random(5)
    table = pa.table({"a": [rows.random() for _ in range(200_000)], "b": [str(rows.random()) for _ in range(200_000)]})
    pq.write_table(table, path, row_group_size=20_000)
    place = stored(path)
    assert column_names(place) == ("a", "b")
    found = pa.Table.from_batches(ParquetTable(Source(place, "x.parquet")).batches(["a", "b"], ["b"]))
    assert found.column("a").equals(table.column("a"))
    assert found.num_rows == 200_000

    content, calls = path.read_bytes(), [0]

    def read(offset: int, count: int) -> bytes:
        calls[0] += 1
        if calls[0] > 8:
            raise StoreError("the line is dead")
        return content[offset : offset + count]

    monkeypatch.setattr(StoredFile, "open", lambda *_: io.BufferedReader(_Ranges(read, len(content), io.BytesIO())))
    with pytest.raises(StoreError, match="the line is dead"):
        list(ParquetTable(Source(place, "x.parquet")).batches(["a"]))
    calls[0] = 100
    with pytest.raises(StoreError, match="the line is dead"):
        column_names(place)


def test_a_database_that_has_no_path_is_held_within_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(50)])
        connection.commit()
    place = stored(path)
    assert list(Table(Source(place, "x"), "t", ["a"])) == [(number,) for number in range(50)]
    monkeypatch.setattr("beholden.scan.devices.sqlite_table.on_disk", lambda _: None)
    assert list(Table(Source(place, "x"), "t", ["a"])) == [(number,) for number in range(50)]
    monkeypatch.setattr("beholden.scan.source.MAX_DOCUMENT_BYTES", 1000)
    with pytest.raises(ScanError, match="larger than") as caught:
        Table(Source(place, "x"), "t", ["a"])
    assert caught.value.code == "scan.too-large"


def test_a_file_that_changed_or_went_since_it_was_listed_is_refused(tmp_path: Path) -> None:
    place = stored_with(b"abc", tmp_path)
    (tmp_path / "x.log").write_bytes(b"abcd")
    with pytest.raises(ScanError, match=r"^x: cannot be opened: changed since it was listed: 3 bytes then, 4 now"):
        Source(place, "x").head()
    (tmp_path / "x.log").unlink()
    with pytest.raises(ScanError, match="cannot be opened: no such file or folder") as caught:
        Source(place, "x").head()
    assert caught.value.code == "scan.unreadable-file"


def test_what_else_is_asked_of_a_place(tmp_path: Path) -> None:
    place = stored_with(b"abc", tmp_path)
    other = tmp_path / "x.log-wal"
    assert (size_of(place), size_of(tmp_path / "x.log"), place.name) == (3, 3, "x.log")
    for each in (place, tmp_path / "x.log"):
        assert not has_beside(each, "-wal")
    other.touch()
    for each in (place, tmp_path / "x.log"):
        assert has_beside(each, "-wal")
        assert is_same_file(each, tmp_path / "." / "x.log")
        assert not is_same_file(each, other)
    far = StoredFile("s3://bucket", "bucket/x.log", 3)
    assert not is_same_file(far, other)
    assert path_of(other) == other
    with pytest.raises(TypeError, match="lies in a store"):
        path_of(far)


def test_a_place_goes_to_another_process_and_shows_no_keys(tmp_path: Path) -> None:
    place = StoredFile("s3://KEY:SECRET@bucket/x?token=T", "bucket/x", 3)
    assert pickle.loads(pickle.dumps(place)) == place
    assert "SECRET" not in repr(place)
    for each in (place, b"/x/\xff.log"):
        item = Item(file=1, path="x", place=each, scanner="s", size=3)
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(item), type=Item) == item
    assert item.lies_at.name.encode("utf-8", "surrogateescape") == b"\xff.log"


def names(*arguments: str) -> list[tuple[str, str | None, bool]]:
    return [(found.path, found.problem, found.is_failure) for found in walk(arguments, into_stores=True)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    top = tmp_path / "a tree"
    for name in ("b.log", "a/z.log", "a/y/x.log", "a.log", "c/line\nend.log", ".git/config", "ä.log"):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (top / "link.log").symlink_to(top / "b.log")
    (top / "round").symlink_to(top)
    return top


def test_a_walk_of_a_store_gives_what_one_on_disk_gives(tree: Path) -> None:
    assert names(tree.as_uri()) == names(str(tree)) == names(tree.as_uri() + "/")
    assert names((tree / "b.log").as_uri()) == [("b.log", None, False)]
    assert {found.path for found in walk([(tree / "b.log").as_uri()], into_stores=True) if found.is_named} == {"b.log"}


def test_several_addresses_are_prefixes_and_a_file_is_read_once(tree: Path) -> None:
    folder, file = (tree / "a").as_uri(), (tree / "a" / "z.log").as_uri()
    assert names(folder, file, str(tree / "a" / "y")) == [
        (f"{folder}/y/x.log", None, False),
        (f"{folder}/z.log", None, False),
        (file, "already read under another argument", False),
        (f"{tree}/a/y/x.log", "already read under another argument", False),
    ]


def test_what_is_not_there_is_a_failure(tree: Path) -> None:
    missing = (tree / "nothing").as_uri()
    assert names(missing) == [(missing, "cannot be opened: no such file or folder", True)]


def test_a_folder_that_does_not_open_costs_no_other(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system, top = file_system(tree.as_uri())

    class Failing:
        def get_file_info(self, what: Any) -> Any:
            if isinstance(what, fs.FileSelector) and what.base_dir.endswith("/a"):
                raise OSError("AWS Error ACCESS_DENIED for s3://KEY:SECRET@bucket/a?token=T")
            return system.get_file_info(what)

    monkeypatch.setattr("beholden.scan.walk_store.file_system", lambda _: (Failing(), top))
    found = names(tree.as_uri())
    problem = "folder cannot be opened: AWS Error ACCESS_DENIED for s3://bucket/a"
    assert [entry for entry in found if entry[2]] == [("a/", problem, True)]
    assert ("b.log", None, False) in found


def test_a_file_that_this_run_writes_is_known_by_its_address_too(tree: Path) -> None:
    own = frozenset({(tree / "b.log").resolve()})
    found = [each.path for each in walk([tree.as_uri()], own=own, into_stores=True) if each.is_own]
    assert found == ["b.log"]


def test_an_address_is_a_name_of_a_file_unless_stores_are_walked(tree: Path) -> None:
    (found,) = walk([tree.as_uri()])
    assert isinstance(found, Found)
    assert (found.is_failure, found.problem) == (True, "cannot be opened: No such file or directory")


def test_the_local_runner_reads_no_address(tree: Path) -> None:
    with pytest.raises(UsageError, match="is an address of a store") as caught:
        scan([tree.as_uri()], [], Watch(), lambda _: {}, lambda _: None)
    assert caught.value.code == "run.no-store"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s3://bucket/logs", True),
        ("FILE:///logs", True),
        ("s3a://bucket", True),
        ("./s3://bucket", False),
        ("C:/logs", False),
        ("-", False),
        ("a b://c", False),
    ],
)
def test_what_is_an_address(name: str, expected: bool) -> None:
    assert is_address(name) is expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("s3://bucket/logs/2026", "s3://bucket/logs/2026"),
        ("s3://KEY:SECRET@bucket/logs", "s3://bucket/logs"),
        ("s3://bucket/logs?secret_key=SECRET&region=x", "s3://bucket/logs"),
        ("s3://bucket?token=SECRET", "s3://bucket"),
        ("hdfs://user@host.example:8020/a@b/c", "hdfs://host.example:8020/a@b/c"),
        ("abfss://logs:SECRET@account.example/x", "abfss://logs@account.example/x"),
        ("file:///mnt/x", "file:///mnt/x"),
    ],
)
def test_an_address_is_shown_without_keys_and_options(address: str, expected: str) -> None:
    assert shown(address) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cannot parse URI: 's3://KEY:SEC/RET@bucket/x' due to", "Cannot parse URI: 's3://bucket/x' due to"),
        ("failed: https://account.example/x?sig=SECRET&y=1 now\nmore SECRET", "failed: https://account.example/x now"),
        ("s3://bucket", "s3://bucket"),
        ("", ""),
    ],
)
def test_words_of_a_library_lose_what_may_be_secret(text: str, expected: str) -> None:
    assert without_secrets(text) == expected


@pytest.mark.parametrize(
    "address", ["s3://KEY:SEC/RET@bucket/x", "s3a://KEY:SECRET@bucket", "s3://K:SECRET@b?bad=SECRET"]
)
def test_an_address_that_cannot_be_used_is_refused_without_its_keys(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        file_system(address)
    assert not {"SEC", "RET", "KEY"} & set(str(caught.value).replace("/", " ").replace(":", " ").split())
    ((name, problem, is_failure),) = names(address)
    assert is_failure
    assert "SECRET" not in name + str(problem)


def test_a_file_system_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_system(tmp_path.as_uri())[0] is file_system(tmp_path.as_uri())[0]
    assert file_system(f"{tmp_path.as_uri()}/")[1] == str(tmp_path)
    assert file_system("file:///")[1] == "/"
    assert tuple(sorted(addresses.SCHEMES)) == addresses.SCHEMES


def test_only_failures_of_a_store_are_told_as_such() -> None:
    with pytest.raises(KeyError), told():
        raise KeyError("ours")
    with pytest.raises(StoreError, match=r"^permission denied$"), told():
        raise PermissionError(13, "denied", "/secret")


def test_folders_of_tools_are_not_walked_in_stores(tmp_path: Path) -> None:
    for name in SKIPPED_FOLDERS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    assert names(tmp_path.as_uri()) == names(str(tmp_path))
    assert {problem for _, problem, _ in names(tmp_path.as_uri())} == {"folder of a tool, not walked"}
