"""Words that only the HTML report needs: whom a rule binds, how a waiver stands, what a line is marked with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.wording import count, marks, quantities, words
from beholden.schema.spell import since_words
from beholden.schema.vocabulary import ListingStatus

if TYPE_CHECKING:
    from beholden.report.html_lines import Line
    from beholden.report.tally import Tally
    from beholden.schema.acceptance import Waiver
    from beholden.schema.result import Artefact, Claim, ConsequenceResult, Listing

_WAIVER = {
    "requested": "requested, not approved: not in effect",
    "not_yet": "approved, not yet in effect",
    "active": "in effect",
    "expired": "expired: not in effect",
}


def binding(rule: ConsequenceResult) -> str:
    """Return whether a rule binds the reader."""
    if rule.binds_you is None:
        return "no profile: binding not judged"
    return "binds you" if rule.binds_you else "does not bind you"


def bound(rule: ConsequenceResult) -> str:
    """Return whom a rule binds, and whether that is the reader."""
    whom = f"binds {', '.join(rule.binds)}" if rule.binds else "whom it binds is not stated"
    if rule.binds_you is None:
        return f"{whom} (no profile: binding not judged)"
    return f"{whom}: {'that is you' if rule.binds_you else 'not you'}"


def listed(listing: Listing) -> str:
    """Return what a list says, below its name."""
    if listing.place:
        return f"counts by its place ({listing.place}), not by a listing"
    phrase = words(listing.listing_status)
    if listing.listing_status == ListingStatus.UNKNOWN:
        last = listing.last_known
        known = f", last known {words(last.status)} at {last.at}" if last else ""
        phrase = f"standing unknown at the date asked{known}; entered"
    if listing.listed_as:
        phrase += f" as “{listing.listed_as}”"
    return f"{phrase} {since_words(listing.since, is_latest=listing.since_is_latest)}" if listing.since else phrase


def waiver_standing(waiver: Waiver) -> str:
    """Return how a waiver stands at the date asked."""
    return _WAIVER.get(waiver.status, words(waiver.status))


def line_marks(line: Line) -> list[str]:
    """Return what qualifies any finding of a line, each once, with how many of them where it is not all."""
    every = [mark for under in line.unders for mark in marks(under.finding)]
    total = len(line.unders)
    return [
        mark if every.count(mark) == total else f"{mark} ({every.count(mark)} of {total})"
        for mark in dict.fromkeys(every)
    ]


def gist(artefact: Artefact) -> str:
    """Return what was measured of an artefact, or how often it was recorded, and on how many hosts."""
    much = quantities(artefact.quantities) or count(artefact.count, "record")
    hosts = artefact.own_hosts.distinct
    return f"{much} · {count(hosts, 'own host')}" if hosts else much


def regimes(line: Line) -> str:
    """Return the lists that a line meets, each once."""
    names = list(dict.fromkeys(under.regime for under in line.unders))
    return ", ".join(names)


def claims_phrase(claims: list[Claim]) -> str:
    """Return how many attributed claims there are and, as plainly, how many answers."""
    answering = {answer for claim in claims for answer in claim.answered_by}
    answers = sum(claim.id in answering or bool(claim.answers) for claim in claims)
    said = count(len(claims) - answers, "attributed claim")
    return f"{said} and {count(answers, 'answer')} on file"


def number(value: int) -> str:
    """Return a count with grouped thousands; nothing for zero."""
    return f"{value:,}" if value else ""


def devices(tally: Tally) -> str:
    """Return devices and, beside them, inventory entries without an address: the two may be the same things."""
    entries = count(tally.entries, "entry", "entries") if tally.entries else ""
    return ", ".join(part for part in (number(tally.devices), entries) if part)


def instant(text: str) -> str:
    """Return a timestamp to the minute, with a blank for the `T`; a date stays."""
    date, mark, time = text.partition("T")
    return f"{date} {time[:5]} UTC" if mark and time.endswith(("Z", "+00:00")) else text
