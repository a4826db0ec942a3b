"""What people decided about ids: pairs that are one party, and pairs that are two, each with its reason.

`decisions.toml` in the home folder, written by `kb review` and read whenever a base is built. A later decision about a
pair stands before an earlier one, which is kept:

```toml
[[decision]]
one = "acme"
other = "in_house:17"
decided = "same"
because = "the register has both names"
on = 2026-11-26
by = "A. Reviewer"
```
"""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Literal

import msgspec

from beholden.compile.assemble import Decisions
from beholden.errors import Origin, UsageError
from beholden.schema.rows import Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

DECISIONS_FILE = "decisions.toml"
_HEAD = """# Which ids mean one party and which do not. Written by `beholden kb review`; the next build reads it.
"""


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One decision of a person about two ids.

    Attributes:
        one: An id, as it was known when it was decided.
        other: Another.
        decided: Whether the two are one party, or two.
        because: Why.
        on: The day of the decision, where it is known.
        by: Who decided, where it is known.
    """

    one: str
    other: str
    decided: Literal["same", "apart"]
    because: str
    on: date | None = None
    by: str | None = None

    @property
    def pair(self) -> frozenset[str]:
        """Both ids, in no order."""
        return frozenset((self.one, self.other))

    @property
    def reason(self) -> str:
        """The reason as a base tells it."""
        told = "".join((f" on {self.on}" if self.on else "", f" by {self.by}" if self.by else ""))
        return f"decided here{told}: {self.because}"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    decision: list[Decision] = []


def read_decisions(file: Path) -> list[Decision]:
    """What the user decided, oldest first; nothing where there is no file.

    Raises:
        UsageError: It is not as `kb review` writes it. A decision that silently vanishes would change who is listed.
    """
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"not readable: {error}", code="review.decisions", origin=Origin(file.name)) from error
    try:
        decisions = msgspec.convert(found, _File).decision
    except msgspec.ValidationError as error:
        raise UsageError(str(error), code="review.decisions", origin=Origin(file.name)) from error
    for number, item in enumerate(decisions, 1):
        if item.one == item.other or not all(text.strip() for text in (item.one, item.other, item.because)):
            raise UsageError(
                f"decision {number} needs two ids and a reason", code="review.decisions", origin=Origin(file.name)
            )
    return decisions


def write_decisions(file: Path, decisions: Sequence[Decision]) -> None:
    """Write all decisions in one step: a reader sees what was decided before, or this, never a part.

    Raises:
        OSError: The file cannot be written.
    """
    temporary = file.with_name(f".{file.name}.new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write("\n".join((_HEAD, *(_entry(item) for item in decisions))))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


def _entry(item: Decision) -> str:
    texts = (item.one, item.other, item.decided, item.because)
    names = ("one", "other", "decided", "because")
    lines = ["[[decision]]", *(f"{name} = {_quoted(text)}" for name, text in zip(names, texts, strict=True))]
    lines += [f"on = {item.on.isoformat()}"] if item.on else []
    lines += [f"by = {_quoted(item.by)}"] if item.by else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML; JSON escapes all that TOML does but the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def standing_decisions(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that count: of several about one pair, the last. Taken back, the one before it counts again."""
    return list({item.pair: item for item in decisions}.values())


def without_last(decisions: Sequence[Decision], pair: frozenset[str]) -> list[Decision]:
    """The decisions without the last one about a pair; the same where there is none about it."""
    found = [number for number, item in enumerate(decisions) if item.pair == pair]
    return [item for number, item in enumerate(decisions) if number != max(found, default=-1)]


def decided(decisions: Iterable[Decision]) -> Decisions:
    """Decisions as the compiler takes them, in an order that does not depend on when each was made."""
    same: list[Resolution] = []
    apart: list[Resolution] = []
    for item in sorted(standing_decisions(decisions), key=lambda item: sorted(item.pair)):
        rule, into = ("reviewed", same) if item.decided == "same" else ("declined", apart)
        into.append(Resolution(entity_id=item.one, referent=item.other, rule=rule, reason=item.reason))
    return Decisions(same, apart)
