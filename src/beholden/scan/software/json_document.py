"""A JSON document together with the lines its records stand on, which the json module does not keep."""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.scan.source import Source

# Every string is taken whole, so that braces and quotes inside strings never look like structure.
_KEY_OF_OBJECT = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*:\s*\{)?', re.DOTALL)


@dataclass(slots=True)
class JsonDocument:
    """A parsed document and its text.

    Attributes:
        root: The top value.
        text: The same, as text.
    """

    root: Any
    text: str

    @classmethod
    def read(cls, source: Source) -> JsonDocument:
        """Read a whole input.

        Raises:
            ScanError: Too large, damaged, not JSON, nested too deep.
        """
        try:
            root = source.json()
        except ValueError as error:  # an integer of thousands of digits
            raise source.error(f"not valid JSON: {error}") from error
        data = source.document()
        return cls(root, data.decode(json.detect_encoding(data), errors="replace").removeprefix("\ufeff"))

    def lines_of_keys(self) -> Lines:
        """Where each key stands whose value is an object."""
        return Lines(
            (_unescaped(match[1]), position)
            for position, match in _with_lines(_KEY_OF_OBJECT, self.text)
            if match[2] is not None
        )

    def lines_of_values(self, key: str) -> Lines:
        """Where each string value of a key stands, wherever in the document the key is used."""
        pattern = re.compile(rf'"{re.escape(key)}"\s*:\s*"((?:[^"\\]|\\.)*+)"', re.DOTALL)
        return Lines((_unescaped(match[1]), position) for position, match in _with_lines(pattern, self.text))


@dataclass(slots=True)
class Lines:
    """Lines of texts in document order; each is given once, the last one again if asked more often.

    Args:
        found: (text, line) in document order.
    """

    found: Iterator[tuple[str, int]]
    _lines: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))

    def __post_init__(self) -> None:
        for text, line in self.found:
            self._lines[text].append(line)

    def take(self, text: object) -> int | None:
        """The next line where the text stands; None if it stands nowhere."""
        lines = self._lines.get(text) if isinstance(text, str) else None
        if not lines:
            return None
        return lines.popleft() if len(lines) > 1 else lines[0]


def _with_lines(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, re.Match[str]]]:
    line, done = 1, 0
    for match in pattern.finditer(text):
        line += text.count("\n", done, match.start())
        done = match.start()
        yield line, match


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text
