"""The sentences of reasons, and what of a finding they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.schema.comparison import Reason
from beholden.schema.spell import day_words
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from beholden.schema.result import Artefact, ConsequenceResult, Finding, Hop, Listing


def began(listing: Listing, name: str) -> Reason:
    """An entry that began."""
    assert listing.since is not None
    return by_issuer(
        listing,
        f"{name} was listed on {listing.regime} {day_words(listing.since, is_latest=listing.since_is_latest)}"
        f"{cited(listing)}.",
        listing.since,
    )


def cited(listing: Listing) -> str:
    """The citation of an entry, in brackets."""
    return f" ({listing.citation})" if listing.citation else ""


def by_issuer(listing: Listing, text: str, day: str | None = None) -> Reason:
    """A reason that is an act of an issuer."""
    return Reason(
        kind="list",
        text=text,
        day=day,
        regime=listing.regime,
        designation=listing.designation,
        source=listing.source,
    )


def effective_status(listing: Listing) -> str:
    """The status that levels go by."""
    return listing.last_known.status if listing.last_known else listing.listing_status


def end_of_listing(finding: Finding) -> str | None:
    """Day on which the entry of a finding ended, as its path has it."""
    return next((hop.valid_to for hop in finding.path if hop.hop == "listed_on"), None)


def stakes_on_path(finding: Finding) -> list[Hop]:
    """Stakes on the path of a finding."""
    return [hop for hop in finding.path if hop.hop.startswith("owned_by")]


def stake_that(hop: Hop, what: str, day: str | None) -> Reason:
    """A stake that began or ended."""
    on = f" on {day}" if day else ""
    return Reason(
        kind="ownership",
        text=f"The stake of {hop.to} in {hop.from_}{_share(hop)} {what}{on}.",
        day=day,
        source=hop.source,
    )


def _share(hop: Hop) -> str:
    return hop.hop.removeprefix("owned_by")


def sum_of(finding: Finding) -> str:
    """How the sum of stakes came out."""
    sums = finding.arithmetic
    if sums is None:
        return "not asked for"
    if sums.low is None:
        return plain_words(sums.outcome)
    share = f"{sums.low} %" if sums.low == sums.high else f"{sums.low} to {sums.high} %"
    return f"{share} ({plain_words(sums.outcome)})"


def what_it_is(finding: Finding) -> str:
    """What of ours it is."""
    return f"{finding.artefact.kind} {finding.artefact.value}"


def amounts_of(artefact: Artefact) -> str:
    """How much of it there is."""
    sums = [f"{item.amount}{'' if item.unit == '1' else f' {item.unit}'} {item.what}" for item in artefact.quantities]
    return ", ".join([f"{artefact.count} seen", *sums])


def switch_of(rule: ConsequenceResult) -> str:
    """What switches a rule off."""
    return "stay" if rule.consequence_status == ConsequenceStatus.STAYED else "suspension"


def plain_words(word: str) -> str:
    """A word of a vocabulary as plain words."""
    return word.replace("_", " ")
