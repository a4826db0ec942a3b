"""The syntax of dhcpd.leases(5): statements ended by `;`, blocks in braces, quoted strings, `#` comments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.source import Source

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{};=]|#|[^\s{};="#]+|"')
_BLOCK_START = re.compile(r"lease\s+\S+\s*\{")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
# The longest statement that is kept (`binding state active`, `set name = "value"`) has four words.
_MAX_WORDS = 16
_MAX_STATEMENTS = 64
# Addresses that one client holds under one identity.
_MAX_INNER = 64


@dataclass(slots=True)
class Block:
    """One top-level block.

    Attributes:
        line: Where it starts, 1-based.
        head: Words before the brace, e.g. `("lease", "10.0.0.5")`.
        statements: Direct statements (not those of nested blocks) in order; strings are unquoted.
        inner: Words before the braces of its nested blocks, e.g. `("iaaddr", "2001:db8::5")`.
        is_closed: Whether its closing brace was there.
    """

    line: int
    head: tuple[str, ...]
    statements: list[tuple[str, ...]] = field(default_factory=list)
    inner: list[tuple[str, ...]] = field(default_factory=list)
    is_closed: bool = False

    def add(self, statement: tuple[str, ...]) -> None:
        """Keep a statement, as far as any server writes."""
        if len(self.statements) < _MAX_STATEMENTS:
            self.statements.append(statement)


def blocks(source: Source, keep: frozenset[str]) -> Iterator[Block]:
    """Give the top-level blocks of a lease file.

    A block that the next `lease … {` at the start of a line interrupts is given unclosed, and reading goes on there:
    that is how a server that died while writing leaves its log.

    Args:
        source: The file.
        keep: First words of the statements to keep.

    Raises:
        ScanError: The data is damaged or expands too much.
    """
    block: Block | None = None
    depth = 0
    words: list[str] = []
    for number, text in source.lines():
        if block is not None and _BLOCK_START.match(text):
            yield block
            block, depth, words = None, 0, []
        for piece in _pieces(text):
            if piece == "{":
                if depth == 0:
                    block = Block(number, tuple(words))
                elif depth == 1 and block is not None and len(block.inner) < _MAX_INNER:
                    block.inner.append(tuple(words))
                depth += 1
                words = []
            elif piece == "}":
                words = []
                depth = max(depth - 1, 0)
                if depth == 0 and block is not None:
                    block.is_closed = True
                    yield block
                    block = None
            elif piece == ";":
                if depth == 1 and block is not None and words and words[0] in keep:
                    block.add(tuple(words))
                words = []
            elif len(words) < _MAX_WORDS:
                words.append(piece)
    if block is not None:
        yield block


def _pieces(text: str) -> Iterator[str]:
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece == "#":
            return
        if len(piece) > 1 and piece[0] == '"':
            yield _ESCAPE.sub(_unescape, piece[1:-1])
        elif piece != "=":
            yield piece


def _unescape(match: re.Match[str]) -> str:
    escaped = match.group(1)
    return chr(int(escaped, 8)) if len(escaped) == 3 else escaped
