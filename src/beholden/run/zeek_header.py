"""The header of a Zeek log that is followed, kept to be put before what comes later."""

from __future__ import annotations

from beholden.scan.kernel.zeek import HEADERS
from beholden.scan.source import MAX_LINE_BYTES

_HEADERS = tuple(name.encode() for name in HEADERS)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Header:
    """The header lines of a Zeek log that are in force, each once, found in chunks of it.

    Args:
        text: Those of the chunks before.
    """

    def __init__(self, text: bytes) -> None:
        self._lines = {_named(line): line + b"\n" for line in text.split(b"\n") if line}
        self._cut = b""

    @property
    def text(self) -> bytes:
        """The lines, one after the other."""
        return b"".join(self._lines.values())

    def take(self, chunk: bytes) -> None:
        """Take what follows."""
        chunk = self._cut + chunk
        end = chunk.rfind(b"\n") + 1
        # A reader takes no longer line, so what is behind that does not matter.
        self._cut = chunk[end:][: MAX_LINE_BYTES + 1]
        at = 0
        while at < end:
            if chunk.startswith((b"#", _BYTE_ORDER_MARK), at):
                stop = chunk.find(b"\n", at) + 1
                self._take_line(chunk[at:stop])
                if chunk.startswith(b"#", stop):
                    at = stop
                    continue
            found = chunk.find(b"\n#", at)
            at = end if found < 0 else found + 1

    def _take_line(self, line: bytes) -> None:
        line = line.removeprefix(_BYTE_ORDER_MARK)
        name = _named(line)
        # What readers reject is no header.
        if not name or len(line) > MAX_LINE_BYTES or b"\0" in line:
            return
        if name == _HEADERS[0]:
            self._lines = {}
        self._lines[name] = line


def _named(line: bytes) -> bytes:
    return next((name for name in _HEADERS if line.startswith(name)), b"")
