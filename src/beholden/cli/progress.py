"""Says what is being read, on a terminal, once a run takes more than two seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE_S = 2.0


class Progress:
    """A line on stderr; nothing where stderr is not a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_shown = stream.isatty()
        self._started = time.monotonic()
        self._files = 0
        self._status: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def step(self, file: str) -> None:
        """Called before each file is read."""
        self._files += 1
        if not self._is_shown or time.monotonic() - self._started < _PATIENCE_S:
            return
        text = f"reading {file} ({self._files} files)"
        if self._status is None:
            # Costs 100 ms to import: only once it is worth it.
            from rich.console import Console

            self._status = Console(file=self._stream).status(text)
            self._status.start()
        self._status.update(text)
