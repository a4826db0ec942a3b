"""Text that is safe to show and to align: invisible characters made visible, display width, wrapping."""

from __future__ import annotations

import re
import unicodedata

# Controls move a terminal's cursor, bidi and format characters reorder or hide what a reader sees, and lone
# surrogates (undecodable file names) cannot be written as UTF-8. ZWJ and ZWNJ stay: Persian and Indic names need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)
_BLANKS = {"\t": " ", "\n": " ", "\r": " "}


def visible(text: str) -> str:
    r"""Return the text with control, bidi and invisible characters written as escapes (`\u202e`)."""
    return _UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    code = ord(character)
    return _BLANKS.get(character) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


def display_width(text: str) -> int:
    """Return how many terminal columns the text takes; Chinese characters take two."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, width: int) -> str:
    """Return the text with blanks up to a display width; longer text stays as it is."""
    return text + " " * (width - display_width(text))


def wrap(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken at blanks, inside a word only where it does not fit a line."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and display_width(line) + 1 + display_width(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width)
        lines.extend(full)
    return [*lines, line]


def _cut(word: str, width: int) -> list[str]:
    pieces = [""]
    room = width
    for character in word:
        taken = _character_width(character)
        if taken > room and pieces[-1]:
            pieces.append("")
            room = width
        pieces[-1] += character
        room -= taken
    return pieces
