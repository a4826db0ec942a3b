"""The words that reports have for signals: figures, who acted on whom, and what ordinary thing it may as well be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.wording import count, words

if TYPE_CHECKING:
    from beholden.schema.signal import Signal

SIGNALS = (
    "This is behaviour, not a finding: figures of sessions that are faster, broader and more even than a person at a "
    "keyboard. It names nobody, has no level, and each may as well be something ordinary."
)
_WAYS = {
    "outwards": "{} (ours) acted on others",
    "inwards": "{} acted on hosts of ours",
    "within": "{} (ours) acted on other hosts of ours",
}


def acted(signal: Signal) -> str:
    """Return who acted on whom."""
    return _WAYS.get(signal.way, "{}").format(signal.source)


def spans(signal: Signal) -> str:
    """Return when, and by which records: `2026-05-01T08:00:00+00:00 to …, by zeek connections`."""
    return f"{signal.begin} to {signal.end}, by {words(signal.records)}"


def evenness(signal: Signal) -> str:
    """Return the figures that the sentence of a signal leaves out."""
    return (
        f"requests a minute vary by {signal.minute_variation} of their mean; gaps by {signal.gap_variation} of theirs, "
        f"the longest {signal.longest_gap} s; {signal.unanswered:,} more without an answer; "
        f"{count(signal.names, 'name')}"
    )


def services(signal: Signal) -> str:
    """Return the services most used, with the number of requests."""
    return ", ".join(f"{used.service} ({used.requests:,})" for used in signal.top_services)


def ordinary(signal: Signal) -> str:
    """Return what it may as well be."""
    return f"may as well be {'; or '.join(signal.may_be)}"
