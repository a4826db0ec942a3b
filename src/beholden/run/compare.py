"""Two results side by side: read from files, or judged from one reading; the work behind `diff`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import msgspec

from beholden.compile import open_base, open_overlaid
from beholden.errors import Origin, UsageError
from beholden.policy.between import Between, View
from beholden.policy.difference import pairs
from beholden.policy.impact import impact_of
from beholden.policy.reasons import reasons
from beholden.run.age import refuse_old
from beholden.run.assess import judge, observe, resolve
from beholden.run.bases import base_called
from beholden.run.job import profile_for
from beholden.schema.comparison import Change, Comparison, Reason, Side
from beholden.schema.result import Claim, Finding, ScanResult
from beholden.schema.version import REPORT_SCHEMA
from beholden.schema.vocabulary import ConsequenceStatus, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.difference import Pair
    from beholden.run.interface import Progress
    from beholden.run.job import Job
    from beholden.schema.result import Quantity

_MODEL = REPORT_SCHEMA.partition(".")[0]
_MOST_DIGITS = 40
Sources = dict[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and whether what it rests on was read whole."""

    document: Comparison
    has_rejects: bool = False


@dataclass(frozen=True, slots=True)
class Half:
    """One half of a comparison: what it is, its result, and the base where it is at hand."""

    side: Side
    result: ScanResult
    kb: KnowledgeBase | None = None


def read_result(path: Path) -> ScanResult:
    """Read a result as `scan` wrote it, strictly: what is compared must be what was found.

    Raises:
        UsageError: Unreadable, no result of `scan`, of another model, or one that contradicts itself.
    """
    try:
        result = msgspec.json.decode(path.read_bytes(), type=ScanResult)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", code="diff.unreadable") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _not_a_result(path, str(error)) from error
    if result.command != "scan":
        raise _not_a_result(path, f"it is of `{result.command}`")
    if result.schema_version.partition(".")[0] != _MODEL:
        raise UsageError(
            f"schema {result.schema_version}; this version reads {_MODEL}.*",
            code="diff.other-schema",
            origin=Origin(path.name),
        )
    try:
        _check(result)
    except (ValueError, InvalidOperation) as error:
        raise _not_a_result(path, str(error)) from error
    return result


def _not_a_result(path: Path, why: str) -> UsageError:
    return UsageError(
        f"not a JSON result of `beholden scan`: {why}",
        code="diff.not-a-result",
        hint="name a file that `scan -o FILE.json` wrote",
        origin=Origin(path.name),
    )


def _check(result: ScanResult) -> None:
    date.fromisoformat(result.as_of)
    if result.known_at is not None:
        date.fromisoformat(result.known_at)
    seen: set[str] = set()
    for finding in result.findings:
        if finding.id in seen:
            raise ValueError(f"two findings have the id {finding.id}")
        seen.add(finding.id)
        Level(finding.level)
        for rule in finding.consequences:
            Level(rule.level)
            ConsequenceStatus(rule.consequence_status)
            for day in (rule.applies_from, *(duty.due for duty in rule.duties)):
                _ = day is None or date.fromisoformat(day)
        for item in _quantities(finding):
            amount = Decimal(item.amount)
            # An exponent is short to write and long to print.
            if not amount.is_finite() or abs(amount.adjusted()) > _MOST_DIGITS:
                raise ValueError(f"{item.amount[:40]} is no amount")


def _quantities(finding: Finding) -> Iterator[Quantity]:
    yield from finding.artefact.quantities
    for rule in finding.consequences:
        for act in rule.acts:
            yield from act.quantities


def compare_results(before: Path, after: Path) -> Compared:
    """Compare two results that `scan` wrote.

    Raises:
        UsageError: One of them cannot be read as such.
    """
    sides = [half("result", path.name, read_result(path)) for path in (before, after)]
    return Compared(compare(*sides, is_one_input=False))


def compare_dates(job: Job, before: date, after: date, *, progress: Progress = lambda _: None) -> Compared:
    """Read the inputs once and judge them on two days.

    Raises:
        BeholdenError: As `perform` does.
    """
    profile = profile_for(job)
    kb = open_base()
    if profile.overlays:
        kb = open_overlaid(kb, profile.overlays)
    refuse_old(kb, max(before, after), job.max_age)
    resolved = resolve(observe(job.paths, [kb], profile, at=job.at, own=job.own, progress=progress), kb)
    sides = []
    for day in (before, after):
        result = judge(resolved, kb, profile, as_of=day, known_at=job.known_at).result
        sides.append(half("date", day.isoformat(), result, kb))
    return Compared(compare(*sides, is_one_input=True), resolved.scanned.has_rejects)


def compare_bases(job: Job, before: str, after: str, *, progress: Progress = lambda _: None) -> Compared:
    """Read the inputs once and judge them by two knowledge bases.

    Args:
        job: What is read, for whom and as of when.
        before: The first base, as `bases.base_called` takes it.
        after: The other.
        progress: Called with the name of each file before it is read.

    Raises:
        BeholdenError: As `perform` does, or a base is missing, damaged or of another schema.
    """
    profile = profile_for(job)
    bases = [base_called(name) for name in (before, after)]
    if profile.overlays:
        bases = [open_overlaid(kb, profile.overlays) for kb in bases]
    scanned = observe(job.paths, bases, profile, at=job.at, own=job.own, progress=progress)
    sides = []
    for kb in bases:
        result = judge(resolve(scanned, kb), kb, profile, as_of=job.as_of, known_at=job.known_at).result
        sides.append(half("base", kb.digest, result, kb))
    return Compared(compare(*sides, is_one_input=True), scanned.has_rejects)


def half(kind: str, name: str, result: ScanResult, kb: KnowledgeBase | None = None) -> Half:
    """One half of a comparison.

    Args:
        kind: `result`, `date` or `base`.
        name: What the user called it.
        result: Its answer.
        kb: The base that gave it, where it is at hand.
    """
    side = Side(
        kind=kind,
        name=name,
        as_of=result.as_of,
        known_at=result.known_at,
        kb_digest=result.kb.digest,
        profile=result.profile,
        findings=len(result.findings),
    )
    return Half(side, result, kb)


def compare(before: Half, after: Half, *, is_one_input: bool) -> Comparison:
    """What came, went and changed, because of what, and how much it is."""
    joined = pairs(before.result.findings, after.result.findings)
    differing = [pair for pair in joined if not pair.is_same]
    between = Between(_view(before), _view(after), is_one_input)
    as_of = date.fromisoformat(after.result.as_of)
    impact = impact_of(joined, as_of=as_of)
    added, gone, changed, because = parts(differing, {pair.any.id: reasons(pair, between) for pair in differing})
    claims, sources = cited(differing, [after.result, before.result])
    return Comparison(
        as_of=after.result.as_of,
        known_at=after.result.known_at,
        kb=after.result.kb,
        from_=before.side,
        to=after.side,
        added=added,
        gone=gone,
        changed=changed,
        because=because,
        impact=impact.quantities,
        days_until=impact.days_until,
        by_level=impact.by_level,
        by_rule=impact.by_rule,
        still=impact.still,
        claims=claims,
        sources=sources,
        coverage=after.result.coverage if is_one_input else [],
    )


def _view(one: Half) -> View:
    roles = one.result.profile.roles if one.result.profile else None
    return View(
        as_of=date.fromisoformat(one.result.as_of),
        known_at=date.fromisoformat(one.result.known_at) if one.result.known_at else None,
        base=one.result.kb.digest,
        artefacts=frozenset(finding.artefact.id for finding in one.result.findings if finding.artefact.id),
        claims={claim.id: claim.reported_date for claim in one.result.claims},
        kb=one.kb,
        roles=None if roles is None else frozenset(roles),
    )


Parts = tuple[list[Finding], list[Finding], list[Change], dict[str, list[Reason]]]


def parts(differing: Iterable[Pair], why: dict[str, list[Reason]]) -> Parts:
    """Pairs as documents have them, worst first: added, gone, changed, and the reasons of the first two."""
    added, gone, changed, because = [], [], [], {}
    for pair in sorted(differing, key=_order):
        reason = why[pair.any.id]
        if pair.before is None and pair.after is not None:
            added.append(pair.after)
            because[pair.after.id] = reason
        elif pair.after is None and pair.before is not None:
            gone.append(pair.before)
            because[pair.before.id] = reason
        elif pair.before is not None and pair.after is not None:
            changed.append(Change(id=pair.after.id, before=pair.before, after=pair.after, because=reason))
    return added, gone, changed, dict(sorted(because.items()))


def _order(pair: Pair) -> tuple[int, str, str, str, str]:
    """By the worst level of either side, so that a comparison reads in the same order backwards."""
    rows = [row for row in (pair.before, pair.after) if row is not None]
    return min(
        (
            min(Level(row.level).rank for row in rows),
            row.operator.caption,
            row.artefact.kind,
            row.artefact.value,
            row.id,
        )
        for row in rows
    )


def cited(differing: Iterable[Pair], results: Sequence[ScanResult]) -> tuple[list[Claim], Sources]:
    """Claims and sources that the findings cite; every claim with its answers."""
    findings = [row for pair in differing for row in (pair.before, pair.after) if row is not None]
    held: dict[str, Claim] = {}
    for result in results:
        for claim in result.claims:
            held.setdefault(claim.id, claim)
    wanted = {one for finding in findings for one in finding.claims}
    wanted |= {other for one in wanted if one in held for other in (*held[one].answers, *held[one].answered_by)}
    claims = [claim for one, claim in held.items() if one in wanted]
    named = {hop.source for finding in findings for hop in finding.path} | {claim.source for claim in claims}
    sources: Sources = {}
    for result in results:
        for one, described in result.sources.items():
            if one in named:
                sources.setdefault(one, described)
    return claims, dict(sorted(sources.items()))
