"""The words that reports share: neutral, and the same in the terminal, HTML and SARIF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from beholden.policy.pseudonyms import KEY_FILE_REASON
from beholden.schema.spell import since_words
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.acceptance import BaselineInfo, GateInfo, Waiver
    from beholden.schema.result import (
        Arithmetic,
        Claim,
        ConsequenceResult,
        Coverage,
        Finding,
        Listing,
        ProfileInfo,
        Quantity,
        SourceInfo,
        SumBefore,
        Term,
        UndecidedListing,
    )

NEUTRALITY = (
    "A listing is a fact about an issuer's act on a date. An allegation is a fact about a speaker's words. "
    "Neither is a verdict on the party named, and a later listing does not confirm an earlier claim. "
    "Every allegation is shown with the answers to it. Absence from a list holds only up to the date to which "
    "our copy of that list was checked."
)

LEVEL_MEANING = {
    Level.PROHIBITED: "A rule in force that binds a role held forbids this conduct; no exception or licence applies.",
    Level.RESTRICTED: "A rule in force that binds a role held asks for a licence, conditions or a report.",
    Level.REVIEW: "A fact is missing before the level can be given: see the questions.",
    Level.UPCOMING: "A published rule applies later, or is suspended or stayed and can come back.",
    Level.CONTESTED: "Attributed claims only; none of it is law.",
    Level.INFO: "Listed or linked, but the rule binds others, covers other conduct or has ended.",
}

_CLAIMS_RULE = "claims"
_PROFILE = "beholden.toml"
_NOT_STATED = " not stated"
_BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000
_SINGULAR = {
    "queries": "query",
    "requests": "request",
    "devices": "device",
    "packages": "package",
    "persons or devices": "person or device",
    "flows without a count": "flow without a count",
}


def words(identifier: str) -> str:
    """Return a snake_case word as plain words."""
    return identifier.replace("_", " ")


def rank(level: str) -> int:
    """Return the order of a level, 0 the worst; a word of a later schema comes last."""
    try:
        return Level(level).rank
    except ValueError:
        return len(Level)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by level, then operator, then artefact."""
    return sorted(
        findings,
        key=lambda f: (rank(f.level), f.operator.caption, f.artefact.relation, f.artefact.kind, f.artefact.value, f.id),
    )


def regime_of(finding: Finding) -> str:
    """Return the regime a finding rests on, or `claims`: stable over dates, as the finding's id is."""
    return finding.listing.regime if finding.listing else _CLAIMS_RULE


def level_counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Return the non-zero counts, worst level first."""
    return sorted(((level, count) for level, count in counts.items() if count), key=lambda pair: rank(pair[0]))


def amount(text: str) -> str:
    """Return a decimal string with grouped thousands and without trailing zeros; other text as it is."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    whole, _, fraction = f"{value:,f}".partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def money(text: str) -> str:
    """Return an amount of a currency: as `amount`, and never with one digit of cents."""
    shown = amount(text)
    return f"{shown}0" if len(shown.rpartition(".")[2]) == 1 and "." in shown else shown


def quantity(item: Quantity) -> str:
    """Return a quantity as people write it: `1.05 MB sent`, `12,500 USD paid`, `3 queries`."""
    what = words(item.what)
    if item.unit == "By":
        return f"{_bytes(item.amount)} {what}"
    number = amount(item.amount)
    if item.unit == "1":
        return f"{number} {_SINGULAR.get(what, what) if number == '1' else what}"
    return f"{money(item.amount)} {item.unit} {what}"


def _bytes(text: str) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return f"{text} B"
    if not value.is_finite():
        return f"{text} B"
    unit = 0
    while abs(value) >= _THOUSAND and unit < len(_BYTE_UNITS) - 1:
        value /= _THOUSAND
        unit += 1
    digits = 0 if unit == 0 or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{amount(str(round(value, digits)))} {_BYTE_UNITS[unit]}"


def quantities(items: Iterable[Quantity]) -> str:
    """Return quantities in their order, separated by commas."""
    return ", ".join(quantity(item) for item in items)


def party(finding: Finding) -> str:
    """Return the operator, with the listed owner where it is another entity."""
    if finding.listed_entity.id == finding.operator.id:
        return finding.operator.caption
    return f"{finding.operator.caption} (listed: {finding.listed_entity.caption})"


def deciding(finding: Finding) -> ConsequenceResult | None:
    """Return the first consequence at the finding's own level: the one that decides it."""
    at_level = [item for item in finding.consequences if item.level == finding.level]
    return next(iter(at_level or finding.consequences), None)


def standing(consequence: ConsequenceResult) -> str:
    """Return a consequence's status with the date that matters for it."""
    status = words(consequence.consequence_status)
    if consequence.consequence_status == "in_force" and consequence.applies_from:
        return f"{status} since {consequence.applies_from}"
    if consequence.consequence_status == "upcoming" and consequence.applies_from:
        return f"applies from {consequence.applies_from}"
    return f"{status} until {consequence.until}" if consequence.until else status


def short_why(finding: Finding, claims: Iterable[Claim]) -> str:
    """Return in a few words what decides the level, and the marks a reader must not miss."""
    consequence = deciding(finding)
    if finding.level == Level.CONTESTED and finding.claims:
        answers = sum(is_answer(claim, finding.claims) for claim in claims)
        parts = [f"attributed claims: {len(finding.claims)}, answers on file: {answers}; no rule follows"]
    elif consequence is None:
        where = f"{words(finding.listing.listing_status)} on {finding.listing.regime}" if finding.listing else "linked"
        parts = [f"{where}; no rule covers this" if finding.level == Level.INFO else finding.why]
    else:
        parts = [f"{consequence.id} {standing(consequence)}"]
        # The rule is older than the entry: a line with its day alone reads as if the party were listed since then.
        listing = finding.listing
        if listing is not None and listing.listing_status == "listed" and listing.since and not listing.place:
            since = since_words(listing.since, is_latest=listing.since_is_latest)
            parts[0] += f" (listed on {listing.regime} {since})"
        if finding.level == Level.INFO and consequence.binds_you is False:
            parts.append("binds others")
    return "; ".join(parts + marks(finding))


def is_answer(claim: Claim, to: Iterable[str]) -> bool:
    """Return whether a claim answers one of the claims with these ids."""
    return not set(claim.answers).isdisjoint(to)


def marks(finding: Finding) -> list[str]:
    """Return the qualifications of a finding: conditional level, weak match, stale list, waiver."""
    found = []
    if finding.level_if_confirmed:
        found.append(f"{finding.level_if_confirmed} if confirmed")
    if finding.match.decision == "probable":
        found.append("probable match")
    if finding.stale:
        found.append("stale list")
    if finding.waiver:
        found.append(waiver_mark(finding.waiver))
    if finding.baseline is not None and finding.baseline != "unchanged":
        found.append(f"{finding.baseline} since the baseline" if finding.baseline != "new" else "not in the baseline")
    return found


def waiver_mark(waiver: Waiver) -> str:
    """Return in a few words how a waiver stands."""
    if waiver.active:
        return f"waived until {waiver.expires}"
    if waiver.status == "expired":
        return f"waiver expired on {waiver.expires}"
    return "waiver requested, not approved" if waiver.status == "requested" else f"waiver from {waiver.created}"


def gate_outcome(gate: GateInfo) -> str:
    """Return how the gate came out and what it did not count."""
    at = f"{count(gate.at_gate, 'finding')} at or above {gate.fail_on}"
    apart = [(gate.waived, "waived"), (gate.in_baseline, "in the baseline")]
    uncounted = ", ".join(f"{number:,} {what}" for number, what in apart if number)
    return f"{'passed' if gate.passed else 'stopped'}: {at}" + (f"; not counted: {uncounted}" if uncounted else "")


def baseline_outcome(info: BaselineInfo) -> str:
    """Return what changed since the baseline."""
    numbers = [(info.new, "new"), (info.worse, "worse"), (info.better, "better"), (len(info.gone), "gone")]
    changed = ", ".join(f"{number:,} {what}" for number, what in numbers if number) or "nothing changed"
    return f"{info.file}{f' as of {info.as_of}' if info.as_of else ''}: {changed}; {info.unchanged:,} unchanged"


def listed_phrase(listing: Listing) -> str:
    """Return what the list says, as a dated fact."""
    if listing.place:
        return f"counts under {listing.regime} by its place ({listing.place}), not by a listing"
    phrase = f"{words(listing.listing_status)} on {listing.regime}"
    if listing.listed_as:
        phrase += f" as “{listing.listed_as}”"
    if listing.since:
        phrase += f" {since_words(listing.since, is_latest=listing.since_is_latest)}"
    return phrase


def holder_marks(term: Term) -> str:
    """Return who a holder of a stake is for the rule: lists, place, for whom it holds, in which bound it counts."""
    counts = [f"on {', '.join(term.regimes)}"] if term.regimes else []
    counts += [f"by its place, {term.place}"] if term.place else []
    parts = [] if term.beneficiary else counts
    if term.beneficiary:
        # What makes the stake count is about whom it is held for, and not about who holds it.
        parts.append(" ".join([f"nominee for {term.beneficiary}", *(f"({one})" for one in counts)]))
    elif term.holder == "nominee":
        parts.append("nominee, for whom is not disclosed")
    elif term.holder == "unknown":
        parts.append("holder not disclosed")
    parts += ["in the upper bound only"] if term.counts == "high" else []
    parts += ["told by another source too, the larger figure counts"] if term.counts == "told_again" else []
    return "; ".join(parts)


def sum_words(sums: Arithmetic | SumBefore) -> str:
    """Return what decides: a sum of capital or of votes; where nothing is added up, the link or a share."""
    if sums.tally:
        return f"Sum of {sums.tally}"
    links = {str(term.ownership_type) for term in sums.terms} & {"control", "affiliate"}
    return f"By {' and '.join(sorted(links))}, whatever the share" if links else "Share"


def is_behind(source: SourceInfo, as_of: str) -> bool:
    """Return whether our copy of a list was last checked before the date asked."""
    return source.loaded and source.checked_until is not None and source.checked_until < as_of


def age_of_copies(sources: Iterable[SourceInfo], as_of: str) -> str | None:
    """Return how old the oldest copy of a list is that was last checked before the date asked; None: there is none."""
    behind = [source for source in sources if is_behind(source, as_of)]
    oldest = min(behind, key=lambda source: (source.checked_until or as_of, source.id), default=None)
    if oldest is None or oldest.checked_until is None:
        return None
    days = count((date.fromisoformat(as_of) - date.fromisoformat(oldest.checked_until)).days, "day")
    if len(behind) == 1:
        return f"Our copy of {oldest.id} was checked until {oldest.checked_until} and is {days} old on {as_of}."
    copies = f"Our copies of {len(behind)} lists were last checked before {as_of}"
    return f"{copies}; the oldest, of {oldest.id}, is {days} old."


def far_apart(sources: Iterable[SourceInfo]) -> str | None:
    """Return which lists have no copy for long around the date asked; None: there is none."""
    named = [f"{source.id} ({' and '.join(source.between)})" for source in sources if source.loaded and source.between]
    if not named:
        return None
    lists = ", ".join(named)
    return f"between two copies that are more than a month apart, so that who came and went is in neither: {lists}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 finding`, `1,204 findings`, `2 parties`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def who(profile: ProfileInfo) -> str:
    """Return whom a result is for: the organisation's name, its roles, its units."""
    if profile.roles is None:
        parts = ["no role given: every role is assumed"]
    else:
        parts = [f"roles {', '.join(profile.roles)}" if profile.roles else "no role held by all of it"]
    if profile.name:
        parts.insert(0, profile.name)
    if profile.units:
        parts.append(f"units {', '.join(profile.units)}")
    return " · ".join(parts)


def is_profile(row: Coverage) -> bool:
    """Return whether a file is the profile itself, or the key it names: no reader claims it, and yet it was read."""
    is_either = PurePosixPath(row.file).name == _PROFILE or KEY_FILE_REASON in row.reasons
    return row.status == "no_reader" and is_either


def reasons_of(row: Coverage) -> list[str]:
    """Return why a file, or records of it, were not read."""
    counted = sorted(row.reasons.items())
    if is_profile(row):
        return [reason for reason, _ in counted]
    if row.status == "no_reader":
        return [f"not read: {reason}" for reason, _ in counted]
    return [f"rejected: {reason} ({number:,})" for reason, number in counted]


def open_listings(rows: Iterable[UndecidedListing]) -> list[str]:
    """Return which listings are open, one sentence per party and list."""
    told = []
    for row in rows:
        entries = "; ".join(f"“{one.caption}” ({one.id})" for one in row.entries)
        owned = f", an owner of {row.behind.caption}," if row.behind.id != row.entity.id else ""
        if row.listed_by is not None:
            first = f"what we hold shows it there from {row.listed_by} on"
            told.append(f"not known whether {row.entity.caption} ({row.entity.id}){owned} was on {row.regime}: {first}")
            continue
        told.append(
            f"not decided whether {row.entity.caption} ({row.entity.id}){owned} is on {row.regime}: "
            f"an entry may mean it, {entries}; see `beholden kb review {row.entity.id}`"
        )
    return told


def left_open(gaps: str) -> str:
    """Return what a claim leaves open as a sentence part: `Not stated: targets and dates`."""
    if gaps.count(_NOT_STATED) == 1 and gaps.endswith(_NOT_STATED):
        return f"Not stated: {gaps.removesuffix(_NOT_STATED)}"
    return f"Left open: {gaps}"


def plain(value: object) -> str:
    """Return a value of a detail as people write it, without brackets and quotation marks."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{words(str(key))} ({plain(inner)})" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value)
    return "–" if value is None else str(value)
