"""Objects of JSON logs, however they are strung together: one a line, over several lines, or the items of one array.

The array may be the whole document or the content of one field of it. Objects are read one at a time, so a document of
any length takes the memory of its largest object.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from beholden.scan.interface import InputHead
    from beholden.scan.source import Source

MAX_OBJECT_CHARS = 32 * 1024 * 1024
# Looking for an object where there is none may take long at each place.
MAX_WRONG_IN_A_ROW = 1_000
_CHUNK_BYTES = 256 * 1024
_KEPT_CHARS = 16 * 1024
_BETWEEN = re.compile(r"[\s,]*")
# Where an error stands this near to the end of what was read, more text may mend it.
_NEAR_END = 16
_UNFINISHED = "Unterminated string"

Object = dict[str, Any]


def json_records(source: Source, holder: str | None = None) -> Iterator[tuple[int, Object]]:
    """Give (line where it begins, object) for every object of a file; what is none is rejected.

    Args:
        source: The file.
        holder: The field of the document whose items are the records, where they are not the document's own.

    Raises:
        ScanError: The data is damaged, expands too much, or holds an object beyond reason; what came before has been
            given.
    """
    read = _Reader(source)
    objects = _Objects(read, holder, lambda line, why: source.reject(line, why, expected="JSON objects"))
    try:
        yield from objects.given()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise source.error(f"compressed data is damaged: {error}", code="scan.damaged-archive") from error
    finally:
        read.close()
    if read.is_too_large:
        raise source.error(f"an object of more than {MAX_OBJECT_CHARS:,} characters", code="scan.too-large")
    if objects.is_given_up:
        raise source.error(f"no JSON object in {MAX_WRONG_IN_A_ROW:,} places in a row")


def head_objects(head: InputHead, holder: str | None = None) -> Iterator[Object]:
    """Give the objects that stand whole in the beginning of a file.

    Args:
        head: The beginning.
        holder: As for `json_records`.
    """
    text = head.text
    if text.lstrip()[:1] not in ("{", "["):
        return
    wrong: list[int] = []
    for _, found in _Objects(_Whole(text), holder, lambda line, _: wrong.append(line)).given():
        if wrong:
            return
        yield found


class _Whole:
    """Text that nothing follows."""

    is_too_large = False

    def __init__(self, text: str) -> None:
        self._text = text

    def more(self, held: int) -> str:
        del held
        text, self._text = self._text, ""
        return text


class _Reader:
    """The text of a file, piece by piece."""

    def __init__(self, source: Source) -> None:
        self._stream = source.open()
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self.is_too_large = False

    def more(self, held: int) -> str:
        """The next piece, as long as what waits for it; nothing at the end."""
        if held > MAX_OBJECT_CHARS:
            self.is_too_large = True
            return ""
        # An object that is larger than what is held is not tried again for every small piece.
        wanted = max(_CHUNK_BYTES, held)
        parts: list[str] = []
        while wanted > 0 and (chunk := self._stream.read1(min(wanted, _CHUNK_BYTES))):
            parts.append(self._decoder.decode(chunk))
            wanted -= len(chunk)
        return "".join(parts)

    def close(self) -> None:
        self._stream.close()


class _Objects:
    def __init__(self, reader: _Whole | _Reader, holder: str | None, reject: Callable[[int, str], None]) -> None:
        self._reader = reader
        self._reject = reject
        self._open = re.compile(rf'\{{\s*"{re.escape(holder)}"\s*:\s*\[') if holder else None
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_inside = False
        self._is_behind = False
        self._wrong_in_a_row = 0

    @property
    def is_given_up(self) -> bool:
        """Whether so much was wrong that nothing more was read."""
        return self._wrong_in_a_row >= MAX_WRONG_IN_A_ROW

    def given(self) -> Iterator[tuple[int, Object]]:
        decode = json.JSONDecoder().raw_decode
        while self._wrong_in_a_row < MAX_WRONG_IN_A_ROW and self._skip():
            sign = self._text[self._at]
            if sign == "[" and not self._is_inside:
                self._is_inside = True
                self._advance(self._at + 1)
            elif sign in "]}" and self._is_inside:
                self._advance(self._at + 1)
                self._is_inside = False
                self._is_behind = self._open is not None
            elif self._is_behind:
                self._pass_over(sign)
            elif sign != "{":
                self._drop("not a JSON object")
            elif (end := self._end_of_opening()) is not None:
                self._is_inside = True
                self._advance(end)
            else:
                try:
                    found, end = decode(self._text, self._at)
                except json.JSONDecodeError as error:
                    if self._is_cut(error) and self._grow():
                        continue
                    if self._reader.is_too_large:
                        return
                    self._drop("not a JSON object")
                except RecursionError:
                    self._drop("JSON nested too deep")
                except ValueError:
                    # Python refuses to build integers of thousands of digits.
                    self._drop("not a JSON object")
                else:
                    line = self._line
                    self._wrong_in_a_row = 0
                    self._advance(end)
                    yield line, found

    def _pass_over(self, sign: str) -> None:
        """Pass over a word, a sign or a value behind the records, up to the end of the document that holds them."""
        if sign == "}":
            self._is_behind = False
        if sign in "}:":
            self._advance(self._at + 1)
            return
        try:
            _, end = json.JSONDecoder().raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            if not (self._is_cut(error) and self._grow()):
                self._drop("not a JSON object")
        except (RecursionError, ValueError):
            self._drop("not a JSON object")
        else:
            self._advance(end)

    def _end_of_opening(self) -> int | None:
        """Where the items begin, if this brace opens the document that holds them."""
        if self._open is None or self._is_inside:
            return None
        match = self._open.match(self._text, self._at)
        return None if match is None else match.end()

    def _skip(self) -> bool:
        """Go to the next character that means something; False at the end."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            assert between is not None
            self._advance(between.end())
            if self._at < len(self._text):
                return True
            if not self._grow():
                return False

    def _grow(self) -> bool:
        """Read on; False at the end."""
        rest = self._text[self._at :]
        more = self._reader.more(len(rest))
        if not more:
            return False
        self._text, self._at = rest + more, 0
        return True

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._text) - _NEAR_END or error.msg.startswith(_UNFINISHED)

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to
        # Where text is wrong, Python's reader counts lines from its beginning: what was read must not stay.
        if to > max(_KEPT_CHARS, len(self._text) // 16):
            self._text, self._at = self._text[to:], 0

    def _drop(self, reason: str) -> None:
        """Reject what stands here, up to the end of its line."""
        self._reject(self._line, reason)
        self._wrong_in_a_row += 1
        while (end := self._text.find("\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._grow():
                return
        self._advance(end + 1)
