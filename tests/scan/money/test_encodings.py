"""Ledgers in the encodings that spreadsheets save in."""

from __future__ import annotations

import gzip
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beholden.errors import ScanError
from beholden.scan.interface import InputHead, Watch
from beholden.scan.money.encodings import encoding_of, head_lines
from beholden.scan.money.ledger import Ledger
from beholden.scan.source import Source

WESTERN = "Empfänger;Währung;Betrag;Datum\r\nMüller & Söhne – Größe;EUR;5,00;01.06.2026\r\n"
CHINESE = "供应商,金额,币种,日期\n北京微光科技有限公司,5.00,CNY,2026-06-01\n"


def scanned(path: Path) -> tuple[Source, list[str]]:
    source = Source(path, path.name)
    return source, [name for batch in Ledger().scan(source, Watch()) for name in batch.column("value").to_pylist()]


@pytest.mark.parametrize(
    ("text", "encoding", "name", "said"),
    [
        pytest.param(WESTERN, "utf-8", "Müller & Söhne – Größe", None, id="utf-8"),
        pytest.param(WESTERN, "utf-8-sig", "Müller & Söhne – Größe", None, id="utf-8 with mark"),
        pytest.param(WESTERN, "cp1252", "Müller & Söhne – Größe", "Windows-1252", id="cp1252"),
        pytest.param(WESTERN, "utf-16", "Müller & Söhne – Größe", "UTF-16", id="utf-16"),
        pytest.param(CHINESE, "gb18030", "北京微光科技有限公司", "GB18030", id="gb18030"),
        pytest.param(CHINESE, "utf-16", "北京微光科技有限公司", "UTF-16", id="Chinese utf-16"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_ledger_is_accepted_and_read_in_its_encoding(
    text: str, encoding: str, name: str, said: str | None, is_packed: bool, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.csv"
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if is_packed else data)
    head, is_complete = Source(path, path.name).head()
    assert Ledger().accepts(InputHead(PurePosixPath(path.name), head, is_complete)).accepted
    source, names = scanned(path)
    assert names == [name]
    assert (source.records_read, source.records_rejected) == (1, 0)
    assert [note for note in source.notes if "read as" in note] == [
        note for note in source.notes if said is not None and f"read as {said}" in note
    ]
    assert any("read as" in note for note in source.notes) is (said is not None)


def test_big_endian_utf_16_is_told_by_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"\xfe\xff" + WESTERN.encode("utf-16-be"))
    assert scanned(path)[1] == ["Müller & Söhne – Größe"]


def test_one_mangled_line_does_not_make_utf_8_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes("Vendor,Amount\nMüller,1\nGröße,2\n".encode() + b"M\xfcller,3\n")
    source, names = scanned(path)
    assert encoding_of(source) == "utf-8"
    assert names == ["Müller", "Größe", "M\ufffdller"]


def test_a_byte_that_cp1252_lacks_makes_it_latin_1(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"Vendor,Amount\nM\xfcller \x81,3\n")
    assert encoding_of(Source(path, path.name)) == "latin-1"


def test_the_encoding_shows_even_far_below_the_head(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(b"Vendor,Amount\n" + b"Osier,1\n" * 20_000 + "Müller,3\n".encode("cp1252"))
    assert scanned(path)[1] == ["Osier", "Müller"]


def test_a_line_too_long_is_rejected_in_any_encoding(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes(("Vendor,Amount\n" + "x" * 2_500_000 + ",1\nOsier,2\n").encode("utf-16"))
    source, names = scanned(path)
    assert names == ["Osier"]
    assert source.first_rejects == ["ledger.csv:2: line too long; expected at most 1,048,576 characters"]


def test_damage_is_an_error_in_any_encoding(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv.gz"
    text = "Vendor,Amount\n" + "".join(f"Osier {n},{n}\n" for n in range(50_000))
    path.write_bytes(gzip.compress(text.encode("utf-16"))[:-2000])
    with pytest.raises(ScanError, match="damaged after line"):
        scanned(path)


@given(st.binary(max_size=400))
def test_any_bytes_have_lines_or_are_no_text(data: bytes) -> None:
    lines = head_lines(InputHead(PurePosixPath("x"), data, is_complete=True), 20)
    assert lines is not None or b"\x00" in data


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(mark=st.sampled_from([b"\xff\xfe", b"\xfe\xff", b""]), data=st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_scan_errors(mark: bytes, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(mark + data)
    try:
        scanned(path)
    except ScanError:
        return
