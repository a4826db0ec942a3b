"""The encoding of a ledger: spreadsheets save in that of the machine, and no file says which it is."""

from __future__ import annotations

import codecs
import io
import zlib
from typing import TYPE_CHECKING

from beholden.errors import ScanError
from beholden.scan.source import MAX_LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.scan.interface import InputHead
    from beholden.scan.source import Source

UTF_8, UTF_16, GB, WESTERN, LATIN_1 = "utf-8", "utf-16", "gb18030", "cp1252", "latin-1"
_TITLES = {UTF_16: "UTF-16", GB: "GB18030", WESTERN: "Windows-1252", LATIN_1: "ISO 8859-1"}
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Lines with more than ASCII tell the encoding; so many of them are enough.
_SAMPLE_LINES = 2000
_SAMPLE_BYTES = 256 * 1024


def encoding_of(source: Source) -> str:
    """Tell the encoding of a whole file; damage is left for the pass that gives rows."""
    try:
        with source.open() as stream:
            if stream.peek(2)[:2] in _MARKS:
                return UTF_16
            return _guess(iter(lambda: stream.readline(MAX_LINE_BYTES), b""))
    except (EOFError, zlib.error, ScanError):
        return UTF_8


def lines(source: Source, encoding: str) -> Iterator[tuple[int, str]]:
    """Give (line number, text without the line end), bounded as `Source.lines` is.

    Raises:
        ScanError: The data is damaged or expands too much; what came before has been given.
    """
    if encoding == UTF_8:
        yield from source.lines()
        return
    number = 0
    try:
        with io.TextIOWrapper(source.open(), encoding=encoding, errors="replace", newline="\n") as stream:
            while text := stream.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(text) > MAX_LINE_BYTES:
                    source.reject(number, "line too long", expected=f"at most {MAX_LINE_BYTES:,} characters")
                    while not text.endswith("\n") and (text := stream.readline(MAX_LINE_BYTES)):
                        pass
                elif "\x00" in text:
                    source.reject(number, "NUL bytes", expected="text")
                else:
                    yield number, text.rstrip("\r\n")
    except (EOFError, zlib.error) as error:
        raise source.error(
            f"compressed data is damaged after line {number}: {error}", code="scan.damaged-archive", line=number
        ) from error


def head_lines(head: InputHead, count: int) -> list[str] | None:
    """The first lines of a head in the encoding that it seems to have; None if it is no text."""
    if head.data[:2] in _MARKS:
        # An odd last byte is where the head was cut.
        text = head.data.decode(UTF_16, errors="replace")
    elif b"\x00" in head.data:
        return None
    else:
        text = head.data.decode(_guess(head.data.splitlines(keepends=True)), errors="replace").removeprefix("\ufeff")
    found = text.splitlines()
    if not head.is_complete and len(found) > 1:
        found = found[:-1]
    return found[:count]


def note_encoding(source: Source, encoding: str) -> None:
    """Say in the coverage which encoding was assumed, where it is not UTF-8."""
    if encoding == UTF_16:
        source.note("read as UTF-16, by its byte order mark")
    elif encoding != UTF_8:
        source.note(f"not UTF-8: read as {_TITLES[encoding]}, a guess; if names look wrong, save the file as UTF-8")


def _guess(raw_lines: Iterable[bytes]) -> str:
    """The encoding of most lines that are more than ASCII; one mangled line does not make a file of another."""
    utf_8 = 0
    others: list[bytes] = []
    size = 0
    for raw in raw_lines:
        if raw.isascii():
            continue
        if _decodes(raw, UTF_8):
            utf_8 += 1
        else:
            others.append(raw)
            size += len(raw)
        if utf_8 + len(others) >= _SAMPLE_LINES or size >= _SAMPLE_BYTES:
            break
    if utf_8 >= len(others):
        return UTF_8
    sample = b"".join(others)
    if _is_like_chinese(sample):
        return GB
    return WESTERN if all(_decodes(raw, WESTERN) for raw in others) else LATIN_1


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_like_chinese(sample: bytes) -> bool:
    """Whether most bytes over ASCII are pairs of the common characters of GB 2312.

    Western text decodes as GB 18030 just as well, but its accents stand alone between letters.
    """
    common = other = position = 0
    while position < len(sample):
        lead = sample[position]
        if lead < 0x80:
            position += 1
            continue
        trail = sample[position + 1] if position + 1 < len(sample) else 0
        # Rows 1-3 are signs and full-width letters, rows 16-55 the characters of daily use.
        if (0xA1 <= lead <= 0xA3 or 0xB0 <= lead <= 0xD7) and trail >= 0xA1:
            common += 2
        else:
            other += 1 if trail < 0x80 else 2
        position += 1 if trail < 0x80 else 2
    return common >= 3 * other and common > 0
