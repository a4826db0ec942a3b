"""Where a value stands in a TOML file, so that an error can name its line; `tomllib` does not say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholden.errors import Origin, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Finds the line of a value or of a table in the text of a file."""

    file: str
    text: str

    def of(self, value: str) -> Origin:
        """The first line that holds a value."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if value in line:
                return Origin(self.file, number)
        return Origin(self.file)

    def entry(self, table: str, index: int) -> Origin:
        """The line of the header of the table's entry with this index: `[[waiver]]`."""
        header = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(table)}[ \t]*\]\]", re.MULTILINE)
        found = list(header.finditer(self.text))
        if index >= len(found):
            return Origin(self.file)
        return Origin(self.file, self.text.count("\n", 0, found[index].start()) + 1)


def read_toml(path: Path, *, unreadable: str, malformed: str) -> tuple[dict[str, Any], Places]:
    """Read a TOML file of the organisation's own.

    Args:
        path: The file.
        unreadable: Error code where it cannot be opened.
        malformed: Error code where it is not TOML.

    Raises:
        UsageError: It cannot be opened, or is not TOML in UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), Places(path.name, text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", code=unreadable) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"not valid TOML: {error}", code=malformed, origin=Origin(path.name)) from error
