"""Colours of levels, and lines wrapped for a terminal."""

from __future__ import annotations

from typing import TextIO

from beholden.report.text import display_width, wrap
from beholden.schema.vocabulary import Level

_RESET = "\x1b[0m"
_DIM = "\x1b[2m"
_BOLD = "\x1b[1m"
_LEVEL_COLOUR = {
    Level.PROHIBITED: "\x1b[1;31m",
    Level.RESTRICTED: "\x1b[33m",
    Level.REVIEW: "\x1b[35m",
    Level.UPCOMING: "\x1b[36m",
    Level.CONTESTED: "\x1b[34m",
    Level.INFO: _DIM,
}


class Paint:
    """Colours, or none."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def level(self, text: str, level: str) -> str:
        """The text in the colour of a level."""
        return self._paint(text, next((code for known, code in _LEVEL_COLOUR.items() if known == level), ""))

    def bold(self, text: str) -> str:
        """The text in bold."""
        return self._paint(text, _BOLD)

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self._on and code else text


def write_lines(out: TextIO, lines: list[str], width: int | None) -> None:
    """Write lines, wrapped at a width and never cut; None: as long as they are."""
    for line in lines:
        for piece in [line] if width is None else _hang(line, width):
            out.write(piece.rstrip() + "\n")


def _hang(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    if display_width(line) <= width:
        return [line]
    room = max(20, width - len(indent) - 2)
    return [f"{indent if index == 0 else indent + '  '}{part}" for index, part in enumerate(wrap(line, room))]
