"""Values that have broken parsers before, ours or those of others."""

from __future__ import annotations

import json
import random
from typing import Any

_NUMBERS = (
    *("0", "-1", "-0", "00", "+5", "1e999", "1E+3", "1e1000000000", "NaN", "sNaN", "Infinity", "-Infinity", "nan"),
    *("9" * 20, "9" * 400, "9" * 5000, "2147483648", "18446744073709551616", "0x10", "1_000", "1,000", "1.000,5"),
    # The first is a digit to `isdigit` and none to `int`; the others are digits to both.
    *("²", "٣", "１２", "०", "100.0000001", "101", "-0.0", "1.", ".5", "4294967296", "4294967295", "65536"),
)
_DAYS = (
    *("0000-00-00", "0001-01-01", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "9999-12-31", "10000-01-01"),
    *("2026-02-30", "2025-02-29", "2026-13-01", "26-1-1", "31/12/9999", "00/00/0000", "12/31/0001", "-2026-01-01"),
    *(
        "2026-06-01T24:00:00",
        "2026-06-01T00:00:00+99:99",
        "2026-06-01T00:00:60Z",
        "2026-06-01Z",
        "9999-12-31T23:59:59Z",
    ),
    *(
        "99999999",
        "00000000",
        "20260230",
        "2026-W01-1",
        "２０２６-０１-０１",
        "1 Foo 2026",
        "January 32, 2026",
        "2026",
        "1e9",
    ),
    *("01 Jan 0001", "31 Dec 9999", "circa 1960", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59+14:00"),
)
_ADDRESSES = (
    *("1.2.3.4/33", "1.2.3.4/-1", "0.0.0.0/0", "::/0", "::/129", "256.1.1.1", "1.2.3.4/255.255.255.0", "1.2.3.4/8"),
    *("fe80::1%eth0", "fe80::1%eth0/64", "::ffff:1.2.3.4/96", "01.02.03.04", "1.2.3", "1.2.3.4/0x8", "::1/٣", "AS٣"),
    *(
        "AS4294967296",
        "AS-1",
        "AS",
        "0.0.0.0",
        "255.255.255.255",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "10.0.0.1/24",
    ),
    *("00:00:00:00:00:00", "ZZ-ZZ-ZZ", "ff-ff-ff-ff-ff-ff", "0" * 40),
)
_WEB = (
    *(
        "http://[",
        "http://[::1%25x]/",
        "http://a:99999/",
        "//",
        "https://exa mple/",
        "javascript:alert(1)",
        "xn--",
        ".",
    ),
    *(
        "a..b",
        "xn--a-",
        "-a.example",
        "é" * 300,
        "a" * 300 + ".example",
        "\u2024example",
        "http://user:pw@host.example/",
    ),
    *("http://\u2100.example", "ftp://x", "urn:x", "mailto:", "a." * 130, "http://ex\u00adample.example"),
)
_LETTERS = (
    *("\x00", "a\x00b", "\x1b[2J", "\x7f", "\x08", "\x85", "\u2028", "\ufeff", "\ufffe", "\uffff", "\u202e", "\u200b"),
    *("\u2066x\u2069", "e" + "\u0301" * 500, "\ufb00", "\u0130", "\u00df", "\u1e9e", "\u00a0", "\u3000", "\U0010ffff"),
    *("\U000e0001", "\u0660\u0661", "\U0001d54f", "\u200d\u200d", "ÿ", "A\u030a", "한", "ᄒ", "ﷺ" * 50, "ſ", "K"),
)
_SYNTAX = (
    *('"', "'", '""', "'''", ",", ";", "\t", "|", "\n", "\r", "\r\n", "\\", "\\u0000", "%s%d%n", "{0}", "${x}", "<b>"),
    *(
        "<!--",
        "]]>",
        "&amp;",
        "&#0;",
        "&x;",
        "<![CDATA[",
        "=1+1",
        "@SUM(1)",
        "../../x",
        "-- ",
        "#",
        "@",
        ":",
        "::",
        ">",
    ),
    *("(", ")", "[", "]", "(((((", "*", "?+", "a" * 60 + "!", "; " * 200, ", " * 200, "a.k.a. " * 50, "(a.k.a. " * 100),
    *("null", "None", "true", "undefined", "-0-", "N/A", "--", "…", " ", "   ", "", "\t \n"),
)
_KINDS = (_NUMBERS, _DAYS, _ADDRESSES, _WEB, _LETTERS, _SYNTAX)
# A lone half of a pair: JSON can print it, UTF-8 cannot.
_SURROGATES = ("\ud800", "a\udfff", "\udc00\ud800")
_LONG = (70_000, 140_000)


def text(chance: random.Random) -> str:
    """A value that can be written as UTF-8."""
    turn = chance.randrange(40)
    if turn == 0:
        return chance.choice(("x", "é", "9", " ", ";", "(", "a ", "ab;", "\u0301", "<a>")) * chance.choice(_LONG)
    if turn < 4:
        return "".join(chance.choice(chance.choice(_KINDS)) for _ in range(2))
    return chance.choice(chance.choice(_KINDS))


def changed_text(chance: random.Random, old: str) -> str:
    """A value that begins, ends or is interrupted by another, or replaced by it."""
    new = text(chance)
    match chance.randrange(8):
        case 0:
            return old + new
        case 1:
            return new + old
        case 2:
            at = chance.randrange(len(old) + 1)
            return old[:at] + new + old[at:]
        case 3:
            at = chance.randrange(len(old) + 1)
            return old[:at] + old[at + 1 :]
        case 4:
            return chance.choice((old * 2, old.upper(), old.lower(), old[::-1], old.swapcase(), old.title()))
        case 5:
            return "".join(chance.choice("0123456789") if letter.isdigit() else letter for letter in old)
        case _:
            return new


def value(chance: random.Random) -> Any:
    """A JSON value of any type."""
    turn = chance.randrange(14)
    if turn < 5:
        return text(chance)
    if turn == 5:
        return chance.choice(_SURROGATES)
    if turn == 6:
        return nested(chance)
    return chance.choice(
        (
            *(None, True, False, 0, -1, 1, 3.5, 1e308, float("nan"), float("inf"), 10**30, -(2**63)),
            *(20260101, 99999999, "", " ", [], {}, [[]], [{}], [None], [1], ["x"], [True], [["a", "b"]]),
            *({"": ""}, {"x": None}, {"@value": 1}),
        )
    )


def nested(chance: random.Random) -> Any:
    """A value inside many others."""
    inner: Any = chance.choice((None, "x", 1, {}))
    for _ in range(chance.choice((3, 30, 300))):
        inner = [inner] if chance.random() < 0.5 else {"a": inner}
    return inner


def dumped(tree: Any, *, is_ascii: bool, indent: int | None) -> bytes:
    """A JSON document; lone halves of pairs stay escapes."""
    try:
        return json.dumps(tree, ensure_ascii=is_ascii, indent=indent).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(tree, indent=indent).encode("ascii")
