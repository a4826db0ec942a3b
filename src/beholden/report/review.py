"""`kb review` as text: both sides of each pair, what speaks for and against, and how to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.text import visible
from beholden.report.wording import count, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.review import Review, ReviewDecision, ReviewPair, ReviewSide

_SHOWN = {
    "doubtful": "to look at",
    "decided": "decided by a person",
    "joined": "joined",
    "names": "with a name in common and nothing else",
    "open": "to look at, those with nothing but a name in common last,",
}
_DONE = {"same": "one party from now on", "apart": "two parties from now on", "undone": "taken back"}
_MOST = 4
_MOST_NAMES = 6


def render_review(document: Review) -> str:
    """The document as text; ends with a line end."""
    lines = [f"knowledge base {document.kb.digest[:12]}"]
    if document.done is not None and document.decision is not None:
        lines.append(f"{document.decision.one} and {document.decision.other}: {_DONE[document.done]}")
    else:
        lines.append(_head(document))
    first = (document.page - 1) * document.limit
    for number, pair in enumerate(document.pairs, first + 1):
        lines += ["", *_pair(number, pair)]
    if document.more:
        lines += ["", f"more: --page {document.page + 1}"]
    if document.without_effect and (document.show == "decided"):
        lines += ["", "Decisions that change nothing as things are:"]
        lines += [f"  {_decision(item)}" for item in document.without_effect]
    if document.show == "doubtful" and document.done is None and not document.more:
        # They are not counted: that goes through every name of the base.
        lines += ["", "with nothing but a name in common, such as a vendor of yours and an entry: --show open"]
    if document.pairs and document.done is None and document.show != "decided":
        one, other = (side.id for side in document.pairs[0].sides)
        lines += ["", f"to decide: beholden kb review --same {one} {other} --reason TEXT, or --apart"]
    return "\n".join(visible(line) for line in lines) + "\n"


def _head(document: Review) -> str:
    about = f" about “{document.about}”" if document.about is not None else ""
    pairs = "pairs" if document.total is None else count(document.total, "pair")
    return f"{pairs} {_SHOWN[document.show]}{about}; {count(document.decided, 'decision')} of yours"


def _pair(number: int, pair: ReviewPair) -> Iterator[str]:
    is_open = pair.standing == "open"
    standing = "kept apart" if pair.entity is None else f"one party, {pair.entity}"
    yield f"{number}. not decided" if is_open else f"{number}. {standing} ({words(pair.rule)})"
    for side in pair.sides:
        yield from _side(side)
    yield from (f"   for one party: {text}" for text in pair.speaks_for)
    yield from (f"   {'open' if is_open else 'for two'}: {text}" for text in pair.speaks_against)
    if pair.source is not None:
        yield f"   {'looked at for' if is_open else 'decided in'} the packs, by {pair.source}"
    if pair.decision is not None:
        yield f"   decided here: {_decision(pair.decision)}"
    yield from (f"   before that: {_decision(item)}" for item in pair.earlier)


def _side(side: ReviewSide) -> Iterator[str]:
    places = "".join(f", {place.upper()}" for place in side.jurisdictions)
    name, *others = side.names or ["(nothing in the base describes it)"]
    yield f"   {side.id}  {name} ({side.schema}{places})"
    for title, values, most in (
        ("also", others, _MOST_NAMES),
        ("born", side.birth_dates, _MOST),
        ("at", side.addresses, _MOST),
        ("identifiers", side.identifiers, _MOST_NAMES),
        ("lists", side.lists, _MOST_NAMES),
        ("other ids", side.other_ids, _MOST_NAMES),
    ):
        if values:
            left = f"; … {len(values) - most} more" if len(values) > most else ""
            yield f"      {title}: {'; '.join(values[:most])}{left}"


def _decision(item: ReviewDecision) -> str:
    made = "".join((f", {item.on}" if item.on else "", f", {item.by}" if item.by else ""))
    return f"{item.one} and {item.other} are {'one' if item.decided == 'same' else 'two'}{made}: {item.because}"
