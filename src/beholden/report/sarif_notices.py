"""What a reader of a SARIF log must know beside its results: blind spots, stale lists, waivers that do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from beholden.report.paths import shareable_path
from beholden.report.sarif_result import message, physical
from beholden.report.wording import count, is_behind, is_profile, open_listings, words
from beholden.schema.result import Coverage, Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.result import ScanResult

NOTICES = {
    "coverage-rejected": "A file was rejected.",
    "coverage-partial": "A file was read in part.",
    "coverage-no-reader": "No reader claimed some files.",
    "list-behind": "Our copy of a list was last checked before the date asked.",
    "list-between-copies": "The date asked is between two copies of a list that are more than a month apart.",
    "list-in-part": "Our copy of a list holds some parties only, so the absence of another is unknown.",
    "list-not-loaded": "A list is not loaded, so listings on it are unknown.",
    "listing-undecided": "It is open whether a party is on a list: nobody decided whether an entry means it, or only a "
    "copy of a later day prints it.",
    "waiver-unused": "A waiver met no finding.",
    "waiver-expired": "A waiver has expired, and its findings count again.",
    "profile-unused": "An answer, authorisation or contract of the profile met no finding.",
    "baseline-gone": "Findings of the baseline are no longer there.",
    "results-cut": "The file has fewer results than were found.",
}
_COVERAGE_LEVEL = {"rejected": "error", "partial": "warning"}


def is_whole(result: ScanResult) -> bool:
    """Whether every file that a reader claimed was read to its end."""
    return not any(row.status in _COVERAGE_LEVEL for row in result.coverage)


def notices(result: ScanResult, cut: int, limit: int) -> list[dict[str, Any]]:
    """Return the notifications of a run.

    Args:
        result: As it may be shared.
        cut: Results left out.
        limit: How many a run may hold.
    """
    found = [_blind_spot(row) for row in result.coverage if row.status in _COVERAGE_LEVEL]
    unclaimed = sum(row.status == "no_reader" and not is_profile(row) for row in result.coverage)
    if unclaimed:
        found.append(_notice("coverage-no-reader", "note", f"{count(unclaimed, 'file')} that no reader claimed."))
    for source in result.kb.sources:
        if not source.loaded:
            found.append(_notice("list-not-loaded", "note", f"{source.id} is not loaded."))
            continue
        if source.is_partial:
            found.append(_notice("list-in-part", "note", f"{source.id} is held in part: absence from it is unknown."))
        if is_behind(source, result.as_of):
            text = f"{source.id} was last checked on {source.checked_until}, before {result.as_of}."
            found.append(_notice("list-behind", "warning", text))
        if source.between:
            text = (
                f"{result.as_of} is between the copies of {source.id} of {' and '.join(source.between)}: who came and "
                "went is in neither."
            )
            found.append(_notice("list-between-copies", "warning", text))
    found.extend(_undecided(result))
    found.extend(_about_acceptance(result))
    if cut:
        text = f"{cut:,} results are left out: a run holds {limit:,}. The JSON report has all of them."
        found.append(_notice("results-cut", "warning", text))
    return found


def _about_acceptance(result: ScanResult) -> Iterator[dict[str, Any]]:
    for use in result.waivers:
        waiver = use.waiver
        if not use.findings:
            yield _notice("waiver-unused", "warning", f"Waiver {waiver.id} met no finding.")
        elif waiver.status == "expired":
            text = (
                f"Waiver {waiver.id} expired on {waiver.expires}; {count(use.findings, 'finding')} of it count again."
            )
            yield _notice("waiver-expired", "warning", text)
    for unused in result.profile.unused if result.profile else ():
        yield _notice("profile-unused", "warning", f"{unused} met no finding.")
    gone = result.baseline.gone if result.baseline else []
    if gone:
        text = f"{count(len(gone), 'finding')} of the baseline no longer there: {', '.join(item.id for item in gone)}."
        yield _notice("baseline-gone", "note", text)


def _undecided(result: ScanResult) -> Iterator[dict[str, Any]]:
    for text in open_listings(result.undecided):
        yield _notice("listing-undecided", "warning", text[0].upper() + text[1:] + ".")


def _blind_spot(row: Coverage) -> dict[str, Any]:
    reasons = [f"{reason} ({number:,})" for reason, number in sorted(row.reasons.items())] + row.notes
    text = f"{shareable_path(row.file)}: {words(row.status)}" + (f", {'; '.join(reasons)}" if reasons else "")
    notice = _notice(f"coverage-{row.status}", _COVERAGE_LEVEL[row.status], text)
    return {**notice, "locations": [physical(Location(file=row.file))]}


def _notice(name: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": name}, "level": level, "message": message(text)}
