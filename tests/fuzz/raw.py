"""Damage to bytes and lines, whatever the format."""

from __future__ import annotations

import codecs
import gzip
import random
import re
import zlib
from collections.abc import Callable

from tests.fuzz import hostile

Mutator = Callable[[random.Random, bytes, bytes], bytes]
_NUMBER, _DAY = re.compile(rb"\d+"), re.compile(rb"\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4}")


def _span(chance: random.Random, data: bytes, most: int = 60) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randint(1, most))


def flip(chance: random.Random, data: bytes, _: bytes) -> bytes:
    changed = bytearray(data)
    for _turn in range(chance.randint(1, 8) if data else 0):
        at = chance.randrange(len(changed))
        changed[at] = chance.choice((changed[at] ^ (1 << chance.randrange(8)), chance.randrange(256), 0, 0xFF))
    return bytes(changed)


def cut(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def behead(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return data[chance.randrange(len(data) + 1) :]


def delete(chance: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = _span(chance, data, chance.choice((2, 60, 2000)))
    return data[:start] + data[end:]


def repeat(chance: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = _span(chance, data, chance.choice((2, 60, 2000)))
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 50)) + data[end:]


def insert(chance: random.Random, data: bytes, _: bytes) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + hostile.text(chance).encode("utf-8") + data[at:]


def overwrite(chance: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = _span(chance, data, 20)
    return data[:start] + hostile.text(chance).encode("utf-8") + data[end:]


def number(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return _replaced(chance, data, _NUMBER)


def day(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return _replaced(chance, data, _DAY)


def _replaced(chance: random.Random, data: bytes, pattern: re.Pattern[bytes]) -> bytes:
    places = list(pattern.finditer(data[:200_000]))
    if not places:
        return insert(chance, data, b"")
    place = chance.choice(places)
    return data[: place.start()] + hostile.text(chance).encode("utf-8") + data[place.end() :]


def lines(chance: random.Random, data: bytes, _: bytes) -> bytes:
    """Delete, repeat, empty, join, swap or shuffle lines."""
    found = data.splitlines(keepends=True)
    if not found:
        return b"\n"
    at, other = chance.randrange(len(found)), chance.randrange(len(found))
    match chance.randrange(7):
        case 0:
            del found[at]
        case 1:
            found.insert(other, found[at])
        case 2:
            found[at] = b"\n"
        case 3:
            found[at] = found[at].rstrip(b"\r\n")
        case 4:
            found[at], found[other] = found[other], found[at]
        case 5:
            chance.shuffle(found)
        case _:
            found[at:at] = [found[at]] * 200
    return b"".join(found)


def ends(chance: random.Random, data: bytes, _: bytes) -> bytes:
    """Other line ends."""
    return data.replace(b"\r\n", b"\n").replace(
        b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"\xc2\x85", b"", b"\0\n"))
    )


def encoding(chance: random.Random, data: bytes, _: bytes) -> bytes:
    """Another encoding, with a byte order mark or without one, right or wrong."""
    text = data.decode("utf-8", "replace")
    match chance.randrange(7):
        case 0:
            return codecs.BOM_UTF8 + data
        case 1:
            return codecs.BOM_UTF16_LE + data
        case 2:
            return text.encode("utf-16")
        case 3:
            return text.encode("utf-16-be")
        case 4:
            return text.encode("utf-32")
        case 5:
            return text.encode("cp1252", "replace")
        case _:
            return data.replace(b" ", b"\xa0", 3).replace(b"e", b"\xe9", 3)


def splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one file and the end of another."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def double(_: random.Random, data: bytes, other: bytes) -> bytes:
    """Two files in one."""
    return data + other


def nothing(chance: random.Random, data: bytes, _: bytes) -> bytes:
    return chance.choice((b"", b"\n", b"\0", b" ", b"\xff" * 100, bytes(5000), codecs.BOM_UTF8, data[:1]))


def pack(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Gzip, whole, damaged, twice, with another member, with rubbish behind it."""
    packed = gzip.compress(data, mtime=0)
    match chance.randrange(8):
        case 0:
            return packed[: chance.randrange(len(packed))]
        case 1:
            return flip(chance, packed, b"")
        case 2:
            return packed + gzip.compress(other, mtime=0)
        case 3:
            return packed + hostile.text(chance).encode("utf-8")
        case 4:
            return gzip.compress(packed, mtime=0)
        case 5:
            return b"\x1f\x8b" + data
        case 6:
            return zlib.compress(data)
        case _:
            return packed[:-8] + bytes(8)


RAW: tuple[Mutator, ...] = (
    *(flip, cut, behead, delete, repeat, insert, overwrite, number, number, day, lines, lines, lines, ends, encoding),
    *(splice, double, nothing, pack),
)
