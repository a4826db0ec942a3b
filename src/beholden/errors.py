"""Every exception of the product.

```
BeholdenError
├── UsageError           the command line or beholden.toml is wrong            exit 2
├── SourceError          a publication cannot be fetched or read               exit 3
│   └── UnexpectedValueError   one record of it cannot
├── CompileError         a pack row is wrong                                   exit 4
├── KnowledgeBaseError   missing, damaged or incompatible knowledge base       exit 4
├── ScanError            an input cannot be read                               exit 3
├── ReportError          an output cannot be written                           exit 2
├── RunError             where the work was to be done, it could not be          exit 3
└── LookupFailedError    an entity or finding is ambiguous or not found        exit 5
```
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was read: a path below the input, a line (1-based) and a column, as far as known."""

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


class BeholdenError(Exception):
    """Base of all errors that a user can act on.

    Args:
        message: What is wrong and what was expected.
        code: Stable identifier, `<stage>.<kebab-case>`; each has a line in docs/reference/errors.md.
        hint: The next step, if there is one.
        origin: Where it was found.
    """

    exit_code = 70

    def __init__(self, message: str, *, code: str, hint: str | None = None, origin: Origin | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.origin = origin

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{hint} [{self.code}]"


class UsageError(BeholdenError):
    """The command line or the profile is wrong."""

    exit_code = 2


_LONGEST = 1000
_LONGEST_REASON = 200


class SourceError(BeholdenError):
    """A publication cannot be fetched, or is not what its importer reads.

    Messages quote publications, so that they are cut where they are long, and what cannot be shown is escaped.
    """

    exit_code = 3

    def __init__(self, message: str, *, code: str, hint: str | None = None, origin: Origin | None = None) -> None:
        if origin is not None and not origin.path.isprintable():
            # The place of a JSON record may be its key.
            origin = Origin(_quotable(origin.path), origin.line, origin.column)
        super().__init__(_quotable(message), code=code, hint=hint, origin=origin)


class UnexpectedValueError(SourceError):
    """A record of a publication has a value, field or date that its importer does not know.

    Args:
        reason: What is wrong, the same for all records with that fault.
        detail: The value and what was expected.
        origin: Where the record stands.
    """

    def __init__(self, reason: str, detail: str, *, origin: Origin) -> None:
        super().__init__(f"{reason}: {detail}", code="source.unexpected-value", origin=origin)
        # Some name a field as the file does, and damage makes names of any length.
        self.reason = _quotable(reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…")


def _quotable(message: str) -> str:
    """A text with its beginning and its end, without control characters and halves of surrogate pairs."""
    if len(message) > _LONGEST:
        message = f"{message[: _LONGEST - 300]} … {message[-280:]}"
    if message.isprintable():
        return message
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode("ascii")
        for letter in message
    )


class CompileError(BeholdenError):
    """A pack row is missing a value, has an unknown one, or refers to nothing."""

    exit_code = 4


class KnowledgeBaseError(BeholdenError):
    """The knowledge base is missing, damaged or of another schema."""

    exit_code = 4


class ScanError(BeholdenError):
    """An input file cannot be read as what it claims to be."""

    exit_code = 3


class ReportError(BeholdenError):
    """An output cannot be written."""

    exit_code = 2


class RunError(BeholdenError):
    """A cluster cannot be started, or failed; nothing was read."""

    exit_code = 3


class LookupFailedError(BeholdenError):
    """A name or id is ambiguous, or nothing has it."""

    exit_code = 5
