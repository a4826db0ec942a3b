"""Says what is being read, on a terminal, once a run takes more than two seconds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from types import TracebackType

_PATIENCE_S = 2.0


class Progress:
    """A line with a spinner on stderr; nothing where stderr is not a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._text = "starting"
        self._files = 0
        self._status: Any = None
        self._timer = threading.Timer(_PATIENCE_S, self._show) if stream.isatty() else None

    def __enter__(self) -> Progress:
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._status is not None:
                self._status.stop()

    def step(self, file: str) -> None:
        """Called before each file is read."""
        with self._lock:
            self._files += 1
            self._text = f"reading {file} ({self._files} files)"
            if self._status is not None:
                self._status.update(_plain(self._text))

    def _show(self) -> None:
        # Costs 100 ms to import: only once it is worth it.
        from rich.console import Console

        with self._lock:
            self._status = Console(file=self._stream).status(_plain(self._text))
            self._status.start()


def _plain(text: str) -> Any:  # noqa: ANN401 (rich is imported late)
    """The text without markup: file names may hold brackets."""
    from rich.text import Text

    return Text(text)
