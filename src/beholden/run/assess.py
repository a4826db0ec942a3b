"""scan → reduce → match → policy → result document: the one orchestrator, in three steps that can be asked again."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from beholden.match import MATCHERS
from beholden.policy.claims import ClaimsOnFile
from beholden.policy.evaluate import Clocks, evaluate
from beholden.policy.exposure import Joined, expose
from beholden.policy.summary import summarise, unused
from beholden.policy.timeline import timeline_of
from beholden.policy.undecided import undecided
from beholden.run.describe import cited_sources, describe
from beholden.run.reduce import matched, queries
from beholden.run.scan import Scanned, scan
from beholden.run.watch import watch_of
from beholden.scan import scanners
from beholden.schema.assessment import Assessment
from beholden.schema.result import Coverage, ProfileInfo, ScanResult
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import pyarrow as pa

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.profile import Profile
    from beholden.run.interface import Progress, Runner

_MAX_WORDS = 5


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was read, with what a base says of who stands behind it; no date is in it.

    Attributes:
        scanned: Observations and coverage.
        observations: OBSERVATION: those that somebody stands behind.
        matches: MATCH batches.
    """

    scanned: Scanned
    observations: pa.Table
    matches: list[pa.RecordBatch]


def assess(
    paths: Sequence[Path | str],
    kb: KnowledgeBase,
    profile: Profile,
    *,
    as_of: date,
    known_at: date | None = None,
    at: Path = Path(),
    own: frozenset[Path] = frozenset(),
    standard_input: Path | None = None,
    progress: Progress = lambda _: None,
    detect_tempo: bool = False,
    runner: Runner | None = None,
) -> Assessment:
    """Do the whole job.

    Args:
        paths: Files and folders to read.
        kb: Knowledge base.
        profile: Who we are.
        as_of: The date of the answer.
        known_at: Use only what was public by then; None: everything we hold.
        at: Where relative paths are rooted.
        own: Files that this run writes; not read.
        standard_input: Where lies what the path `-` stands for.
        progress: Called with the name of each file before it is read.
        detect_tempo: Whether to measure the tempo of logs.
        runner: Who reads; None: this process.
    """
    scanned = observe(
        paths,
        [kb],
        profile,
        at=at,
        own=own,
        standard_input=standard_input,
        progress=progress,
        detect_tempo=detect_tempo,
        runner=runner,
    )
    return judge(resolve(scanned, kb), kb, profile, as_of=as_of, known_at=known_at)


def observe(
    paths: Sequence[Path | str],
    bases: Sequence[KnowledgeBase],
    profile: Profile,
    *,
    at: Path = Path(),
    own: frozenset[Path] = frozenset(),
    standard_input: Path | None = None,
    progress: Progress = lambda _: None,
    detect_tempo: bool = False,
    runner: Runner | None = None,
) -> Scanned:
    """Read the inputs, for one judgement or several.

    Args:
        paths: Files and folders to read.
        bases: Those that will be asked: readers of logs keep what any of them may have an answer for.
        profile: Columns, networks and the file that no reader may see.
        at: Where relative paths are rooted.
        own: Files that this run writes; not read.
        standard_input: Where lies what the path `-` stands for.
        progress: Called with the name of each file before it is read.
        detect_tempo: Whether to measure the tempo of logs.
        runner: Who reads; None: this process.
    """
    return scan(
        paths,
        scanners(),
        watch_of(bases, profile),
        profile.columns_for,
        progress,
        at=at,
        own=own,
        key_file=profile.pseudonym_key_file,
        detect_tempo=detect_tempo,
        standard_input=standard_input,
        runner=runner,
    )


def resolve(scanned: Scanned, kb: KnowledgeBase) -> Resolved:
    """Ask a base who stands behind what was read."""
    asked = queries(scanned.observations)
    matches = [matcher.match(kb, asked) for matcher in MATCHERS]
    return Resolved(scanned, matched(scanned.observations, matches), matches)


def judge(resolved: Resolved, kb: KnowledgeBase, profile: Profile, *, as_of: date, known_at: date | None) -> Assessment:
    """Judge what was read by the law of a date; `resolved` may be judged again, by another date or another law.

    Args:
        resolved: Asked of this base, or of one that differs from it in law and ownership only.
        kb: Knowledge base.
        profile: Who we are.
        as_of: The date of the answer.
        known_at: Use only what was public by then; None: everything we hold.
    """
    joined = expose(resolved.observations, resolved.matches, profile, as_of)
    findings = evaluate(kb, joined.exposures, profile, Clocks(as_of, known_at))
    coverage = _own(resolved.scanned.coverage)
    _count_unresolved(coverage, resolved, lambda: _categories(kb, known_at))
    _note_unjudged(coverage, joined, as_of)
    on_file = ClaimsOnFile(kb, as_of, known_at)
    claims = on_file.document(claim for finding in findings for claim in finding.claims)
    timeline = timeline_of(kb, findings, on_file, as_of=as_of, known_at=known_at)
    result = ScanResult(
        as_of=as_of.isoformat(),
        known_at=known_at.isoformat() if known_at else None,
        kb=describe(kb, as_of, known_at),
        profile=ProfileInfo(
            name=profile.name,
            roles=None if profile.roles is None else sorted(profile.roles),
            units=sorted(profile.units),
            unused=unused(profile, kb, findings, as_of),
        ),
        summary=summarise(findings),
        findings=findings,
        claims=claims,
        sources=cited_sources(
            kb, findings, [*(claim.source for claim in claims), *(row.source for row in timeline)], known_at
        ),
        timeline=timeline,
        signals=resolved.scanned.signals,
        undecided=undecided(
            kb, (exposure.operator_id for exposure in joined.exposures), as_of=as_of, known_at=known_at
        ),
        coverage=coverage,
    )
    return Assessment(result, joined.evidence, resolved.scanned.has_rejects)


def _own(coverage: list[Coverage]) -> list[Coverage]:
    """Rows that a judgement may add to: those of the reading serve the next one."""
    return [
        msgspec.structs.replace(row, notes=list(row.notes), not_resolved=dict(row.not_resolved)) for row in coverage
    ]


def _categories(kb: KnowledgeBase, known_at: date | None) -> list[str]:
    """The categories that entries of the base name."""
    entries = (row for regime in kb.regimes for row in kb.designations_under(regime))
    return sorted({row.category for row in entries if row.category and row.is_known(known_at)})


def _count_unresolved(rows: list[Coverage], resolved: Resolved, categories: Callable[[], list[str]]) -> None:
    """Per file and kind, how many distinct values have nobody behind them in our base.

    A category is a word of a closed list, and a slip would pass for a product that no entry is about: it is named,
    with the words there are.
    """
    known = {
        (kind, value)
        for batch in resolved.matches
        for kind, value in zip(batch.column("kind").to_pylist(), batch.column("value").to_pylist(), strict=True)
    }
    unresolved: dict[str, Counter[str]] = defaultdict(Counter)
    unknown: dict[str, set[str]] = defaultdict(set)
    seen: set[tuple[str, str, str]] = set()
    columns = resolved.scanned.observations.select(["file", "kind", "value"]).to_pydict()
    for key in zip(columns["file"], columns["kind"], columns["value"], strict=True):
        if key not in seen and key[1:] not in known:
            unresolved[key[0]][key[1]] += 1
            if key[1] == Kind.CATEGORY:
                unknown[key[0]].add(key[2].partition("/")[0])
        seen.add(key)
    expected = ", ".join(categories()) or "none" if unknown else ""
    for coverage in rows:
        words = sorted(unknown.get(coverage.file, ()))
        if words:
            shown = ", ".join(words[:_MAX_WORDS]) + (" …" if len(words) > _MAX_WORDS else "")
            coverage.notes.append(f"Categories that are in no entry of the base: {shown}; known: {expected}.")
        for kind, count in sorted(unresolved[coverage.file].items()):
            coverage.not_resolved[kind] = coverage.not_resolved.get(kind, 0) + count


def _note_unjudged(rows: list[Coverage], joined: Joined, as_of: date) -> None:
    """Say per file what was read and not judged, or judged without knowing whose it is."""
    for coverage in rows:
        later = joined.later[coverage.file]
        if later:
            coverage.notes.append(f"{later} records are dated, or begin, after {as_of} and were not judged.")
        units = sorted(joined.unknown_units.get(coverage.file, ()))
        if units:
            shown = ", ".join(units[:5]) + (" …" if len(units) > 5 else "")
            coverage.notes.append(f"Units that the profile does not know, judged by the roles of every unit: {shown}.")
