"""Who holds how much of whom: the stakes that an ownership rule looks at, each as a bar, and their sum."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from beholden.report.figures import box, clipped, label, line, picture
from beholden.report.wording import holder_marks, words

if TYPE_CHECKING:
    from beholden.schema.result import Arithmetic, Term

_WIDTH = 640.0
_ROW = 46.0
_INDENT = 18.0
_BAR_LEFT, _BAR_RIGHT = 330.0, 560.0
_NAME_COLUMNS = 40
_ALL = Decimal(100)
_DEEPEST = 6


def has_stakes(arithmetic: Arithmetic | None) -> bool:
    """Return whether there is a share to draw: control that is stated without a share has none."""
    return arithmetic is not None and any(term.low is not None or term.high is not None for term in arithmetic.terms)


def stakes_picture(arithmetic: Arithmetic, ident: str, held: str) -> str:
    """Draw the holders below what they hold; what is only possible is hatched, the threshold is a line.

    Args:
        arithmetic: The sum.
        ident: Unique stem of ids.
        held: Name of the party at the top.
    """
    rows = _rows(arithmetic.terms)
    parts = [label(4, 20, clipped(held, 80), "node")]
    y = 34.0
    for depth, term in rows:
        left = 10 + _INDENT * min(depth, _DEEPEST)
        parts.append(line(left, y - 8, left, y + 14, "wire"))
        parts.append(line(left, y + 14, left + 10, y + 14, "wire"))
        parts.append(label(left + 16, y + 18, clipped(term.owner, _NAME_COLUMNS - 2 * depth), "node"))
        parts += _bar(y, None if term.counts == "high" else term.low, term.high)
        told = [f"of {term.owned}"] if depth == 0 and term.owned != held else []
        told += [holder_marks(term)] if holder_marks(term) else []
        if told:
            parts.append(label(left + 16, y + 32, clipped("; ".join(told), _NAME_COLUMNS), "tick"))
        y += _ROW
    parts.append(line(4, y - 6, _WIDTH - 4, y - 6, "axis"))
    parts.append(label(4, y + 18, "Sum that the rule counts", "node"))
    parts += _bar(y, arithmetic.low, arithmetic.high)
    threshold = _percent(arithmetic.threshold)
    if threshold is not None:
        x = _BAR_LEFT + (_BAR_RIGHT - _BAR_LEFT) * float(threshold / _ALL)
        parts.append(line(x, 30, x, y + 28, "threshold"))
        parts.append(label(x, y + 42, f"threshold {_as_threshold(arithmetic.threshold)}", "tick", "middle"))
    return picture(
        ident, (_WIDTH, y + 50), f"Stakes in {held} under {arithmetic.rule}", _description(arithmetic), parts
    )


def _rows(terms: list[Term]) -> list[tuple[int, Term]]:
    """Terms from what is held down to its holders; a holder's own holders stand below it."""
    owners = {term.owner for term in terms}
    rows: list[tuple[int, Term]] = []
    waiting = [(0, term) for term in reversed(terms) if term.owned not in owners]
    seen: set[int] = set()
    while waiting:
        depth, term = waiting.pop()
        if id(term) in seen:
            continue
        seen.add(id(term))
        rows.append((depth, term))
        waiting += [(depth + 1, other) for other in reversed(terms) if other.owned == term.owner]
    # Holders in a circle are below nobody; they are shown all the same.
    return rows + [(0, term) for term in terms if id(term) not in seen]


def _bar(y: float, low: str | None, high: str | None) -> list[str]:
    width = _BAR_RIGHT - _BAR_LEFT
    sure, possible = _percent(low), _percent(high)
    parts = [box(_BAR_LEFT, y + 6, width, 14, "rail")]
    if possible is not None and (sure is None or possible > sure):
        start = sure or Decimal(0)
        parts.append(
            box(_BAR_LEFT + width * float(start / _ALL), y + 6, width * float((possible - start) / _ALL), 14, "maybe")
        )
    if sure is not None:
        parts.append(box(_BAR_LEFT, y + 6, width * float(sure / _ALL), 14, "stake"))
    parts.append(label(_WIDTH - 4, y + 18, share(low, high), "value", "end"))
    return parts


def share(low: str | None, high: str | None) -> str:
    """Return a share in words: `40 %`, `7 to 18 %`, `not stated`."""
    if low is None and high is None:
        return "not stated"
    if low == high:
        return f"{low} %"
    return f"{low if low is not None else '?'} to {high if high is not None else '?'} %"


def _percent(text: str | None) -> Decimal | None:
    """A share to draw; a threshold may say `> 50 %`."""
    if text is None:
        return None
    try:
        value = Decimal(text.strip(" ><=≥%"))
    except InvalidOperation:
        return None
    return min(max(value, Decimal(0)), _ALL) if value.is_finite() else None


def _as_threshold(text: str | None) -> str:
    return text if text is None or "%" in text else f"{text} %"  # type: ignore[return-value]  # drawn only where there is one


def _description(arithmetic: Arithmetic) -> str:
    terms = "; ".join(f"{term.owner} holds {share(term.low, term.high)} of {term.owned}" for term in arithmetic.terms)
    total = share(arithmetic.low, arithmetic.high)
    outcome = words(arithmetic.outcome)
    return f"{terms}. Sum {total}, outcome {outcome}. The table below has each stake with its source."
