from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pytest

from beholden.scan import SCANNERS
from beholden.scan.detect import detect
from beholden.scan.interface import Acceptance, InputHead, Scanner, Watch
from beholden.scan.source import Source
from beholden.schema.vocabulary import Kind


class Eager:
    """Accepts everything with a given strength."""

    title = "Everything"
    kinds = frozenset({Kind.NAME})

    def __init__(self, name: str, strength: int | None) -> None:
        self.name = name
        self._strength = strength

    def accepts(self, head: InputHead) -> Acceptance:
        return Acceptance.no("never") if self._strength is None else Acceptance.yes("always", self._strength)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        yield from ()


def source_of(content: bytes, folder: Path, name: str = "x") -> Source:
    (folder / name).write_bytes(content)
    return Source(folder / name, name)


@pytest.mark.parametrize(
    ("strengths", "chosen"),
    [
        pytest.param([10, 90, 50], 1, id="strongest"),
        pytest.param([50, 50, 50], 0, id="first-of-equals"),
        pytest.param([None, 1, None], 1, id="only-one"),
        pytest.param([None, None, None], None, id="none"),
    ],
)
def test_the_surest_scanner_reads_and_ties_go_to_the_first(
    strengths: list[int | None], chosen: int | None, tmp_path: Path
) -> None:
    scanners: list[Scanner] = [Eager(str(number), strength) for number, strength in enumerate(strengths)]
    found = detect(source_of(b"text\n", tmp_path), scanners)
    assert found.scanner is (None if chosen is None else scanners[chosen])
    assert found.reason


def test_an_empty_file_is_nobodys_even_if_somebody_would_take_it(tmp_path: Path) -> None:
    found = detect(source_of(b"", tmp_path), [Eager("eager", 100)])
    assert (found.scanner, found.reason) == (None, "empty file")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", b"PK\x03\x04rest", "unpack it first"),
        ("a.parquet", b"PAR1rest", "Parquet"),
        ("a.pcap", b"\x34\xcd\xb2\xa1rest", "run Zeek on it"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("go.sum", b"example.com/a v1.0.0 h1:abc=\n", "go.mod is read instead"),
        ("yarn.lock", b"# yarn lockfile v1\n", "yarn lockfile"),
        ("beholden.toml", b"[organisation]\n", "the profile"),
        ("x.bin", b"ab\x00cd", "binary content"),
        ("x.txt", b"nothing of note\n", "no reader claims this content"),
        ("constraints.txt", b"requests<3\n", "a constraints file limits versions"),
        ("flow.log", b"srcaddr dstaddr action\n192.0.2.1 192.0.2.2 ACCEPT\n", "header without bytes, start, end"),
        ("ftp.json", b'{"_path":"ftp","ts":1.0,"user":"x"}\n', "Zeek ftp log"),
        ("ftp.raw", b'{\n  "_path": "ftp",\n  "ts": 1.0\n}\n', "Zeek ftp log"),
        ("clicks.json", b'{"event_type":"click","timestamp":"2024-05-01T00:00:00Z"}\n', "without the common section"),
        ("http.log", b"#separator \\x09\n#path\thttp\n#fields\tts\tuid\n", "Zeek http log"),
    ],
)
def test_what_nobody_reads_is_told_by_what_it_is(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    found = detect(source_of(content, tmp_path, name), SCANNERS)
    assert found.scanner is None
    assert says in found.reason


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        pytest.param(b"Wem,Wieviel\nOsier Freight,5\n", "Wem, Wieviel", id="commas"),
        pytest.param("Wem;Größe\nOsier;5\nQuill;6\n".encode("cp1252"), "Wem, Größe", id="not UTF-8"),
        pytest.param("Wem\tWieviel\nOsier\t5\n".encode("utf-16"), "Wem, Wieviel", id="UTF-16"),
        pytest.param(b'printed today\nWem,"Wie, viel"\nOsier,5\n', "Wem, Wie, viel", id="below a title, quoted"),
    ],
)
def test_a_table_that_nobody_reads_is_shown_by_its_columns(content: bytes, columns: str, tmp_path: Path) -> None:
    found = detect(source_of(content, tmp_path, "buch.csv"), SCANNERS)
    assert (found.scanner, found.reason) == (
        None,
        f"looks like a table with columns {columns}; map them in beholden.toml ([columns])",
    )


def test_a_mapping_to_a_column_that_a_table_lacks_is_said(tmp_path: Path) -> None:
    source = source_of(b"Wem,Wieviel\nOsier,5\n", tmp_path, "buch.csv")
    found = detect(source, SCANNERS, {"vendor": "Wen", "amount": "wieviel", "currency": "=EUR"})
    assert found.reason.endswith("; no such column: vendor = 'Wen'")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"Dear all, this is,\nas you know, open.\n", id="prose"),
        pytest.param(b'{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', id="JSON lines"),
        pytest.param(b"a, b = c, d\ne, f = g, h\n", id="code"),
        pytest.param(b"1,2\n3,4\n", id="no header"),
        pytest.param(b"one line, no more\n", id="header only"),
    ],
)
def test_other_text_is_no_table(content: bytes, tmp_path: Path) -> None:
    assert detect(source_of(content, tmp_path), SCANNERS).reason == "no reader claims this content"


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    log = Path(__file__).parents[1] / "data" / "zeek" / "conn.log"
    for name in ("conn.log", "whatever.txt", "go.mod"):
        found = detect(source_of(log.read_bytes(), tmp_path, name), SCANNERS)
        assert found.scanner is not None
        assert found.scanner.name == "zeek-conn"


def test_gz_is_looked_into_whatever_its_name(tmp_path: Path) -> None:
    log = Path(__file__).parents[1] / "data" / "zeek" / "dns.log"
    found = detect(source_of(gzip.compress(log.read_bytes()), tmp_path, "rotated.1"), SCANNERS)
    assert found.scanner is not None
    assert found.scanner.name == "zeek-dns"


def test_a_mapping_of_the_user_helps_to_tell_a_ledger(tmp_path: Path) -> None:
    source = source_of(b"Gegenseite;Wert\nBeispiel GmbH;5,00\n", tmp_path, "buch.csv")
    assert detect(source, SCANNERS).scanner is None
    found = detect(source, SCANNERS, {"vendor": "Gegenseite", "amount": "Wert"})
    assert found.scanner is not None
    assert found.scanner.name == "ledger-csv"


def test_a_head_cuts_the_last_line_only_where_more_follows() -> None:
    def head(*, is_complete: bool) -> InputHead:
        return InputHead(PurePosixPath("x.log.gz"), b"\xef\xbb\xbfa\nb\nc", is_complete)

    assert head(is_complete=True).first_lines() == ["a", "b", "c"]
    assert head(is_complete=False).first_lines() == ["a", "b"]
    assert head(is_complete=True).name == "x.log"
