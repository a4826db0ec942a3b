"""A verification as text: what was recorded, what agrees, and each thing that does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from beholden.report.text import visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.receipt import Check, Verification

_WIDTH = 116
# More would push what matters off the screen; the JSON form has them all.
_SHOWN = 50
_ABOUT = {
    "receipt": "receipt",
    "input": "inputs",
    "file": "profile, packs and other files",
    "base": "knowledge base",
    "tool": "tool",
    "result": "result",
}
_WORDS = {"not_checked": "not checked", "other": "not the same, which need not matter"}


def render_verification(verification: Verification) -> str:
    """`kb verify` as text; ends with a line end."""
    return "\n".join(visible(line) for line in _lines(verification)) + "\n"


def _lines(verification: Verification) -> Iterator[str]:
    if verification.made_at is None:
        yield from (f"{check.item}: {check.says}" for check in verification.checks if check.says)
        yield f"{verification.place} {'verified' if verification.agrees else 'is damaged'}"
        return
    yield f"receipt {verification.place}, made {verification.made_at}, as of {verification.as_of}"
    yield from (f"  {line}" for line in wrap(verification.statement or "", _WIDTH))
    yield ""
    by_about: dict[str, list[Check]] = {about: [] for about in _ABOUT}
    for check in verification.checks:
        by_about.setdefault(check.about, []).append(check)
    for about, checks in by_about.items():
        if checks:
            yield from _part(_ABOUT.get(about, about), checks)
    yield ""
    yield _verdict(verification)


def _part(title: str, checks: list[Check]) -> Iterator[str]:
    counts = Counter(check.status for check in checks)
    yield f"{title}: " + ", ".join(_counted(count, status) for status, count in counts.items())
    noteworthy = [check for check in checks if check.status != "agrees" or check.says]
    for check in noteworthy[:_SHOWN]:
        says = f": {check.says}" if check.says else ""
        yield f"  {_WORDS.get(check.status, check.status)}  {check.item}{says}"
    if len(noteworthy) > _SHOWN:
        yield f"  … {len(noteworthy) - _SHOWN} more; --format json has them all"


def _counted(count: int, status: str) -> str:
    word = "agree" if status == "agrees" and count > 1 else _WORDS.get(status, status)
    return f"{count} {word}"


def _verdict(verification: Verification) -> str:
    if verification.agrees:
        return "verified: the same search of the same inputs gives the same result"
    against = sum(check.status not in ("agrees", "other", "not_checked") for check in verification.checks)
    if against:
        return f"refused: {against} {'thing does' if against == 1 else 'things do'} not agree"
    return "not verified: the base that answered cannot be had, so the result could not be recomputed"
