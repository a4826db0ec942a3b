"""One reading, judged as the law is and as it would be: the work behind `whatif`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from beholden.compile import open_base, open_overlaid
from beholden.policy.difference import Pair, pairs, stakes_of
from beholden.policy.impact import impact_of
from beholden.run.age import refuse_old
from beholden.run.assess import judge, observe, resolve
from beholden.run.compare import cited, parts
from beholden.run.hypothesis import suppose
from beholden.run.job import profile_for
from beholden.schema.comparison import Hypothesis, Reason, Supposition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beholden.kb.base import KnowledgeBase
    from beholden.run.hypothesis import Wish
    from beholden.run.interface import Progress
    from beholden.run.job import Job
    from beholden.schema.result import Finding

_KINDS = {"designate": "list", "lift": "list", "suspend": "effect", "sell": "ownership"}


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and whether what it rests on was read whole."""

    document: Supposition
    has_rejects: bool = False


def what_if(
    job: Job, wishes: Sequence[Wish], core: KnowledgeBase | None = None, *, progress: Progress = lambda _: None
) -> Answered:
    """Judge the inputs twice, with and without the hypotheses.

    Where hypotheses begin after the as-of date, both are judged on each of their days: only the hypotheses differ.

    Args:
        job: What is asked.
        wishes: In the order in which they take place.
        core: The base that answers, without in-house packs; None: the one of this version.
        progress: Called with the name of each file before it is read.

    Raises:
        LookupFailedError: A name means several entities, or none.
        UsageError: No such list or rule, or the profile is wrong.
    """
    profile = profile_for(job)
    kb = core or open_base()
    if profile.overlays:
        kb = open_overlaid(kb, profile.overlays)
    refuse_old(kb, job.as_of, job.max_age)
    # Before anything is read: a slip in a name should not be learned after an hour.
    supposed = suppose(kb, wishes, known_at=job.known_at)
    resolved = resolve(observe(job.paths, [kb], profile, at=job.at, own=job.own, progress=progress), kb)
    joined: dict[str, Pair] = {}
    sides = []
    for day in sorted({max(job.as_of, day) for day in supposed.days} or {job.as_of}):
        before, after = (
            judge(resolved, one, profile, as_of=day, known_at=job.known_at).result for one in (kb, supposed.kb)
        )
        sides += [after, before]
        for pair in pairs(before.findings, after.findings):
            # Of several days, the first on which a finding differs tells of it.
            if pair.any.id not in joined or joined[pair.any.id].is_same:
                joined[pair.any.id] = replace(pair, on=day)
    differing = [_marked(pair) for _, pair in sorted(joined.items()) if not pair.is_same]
    impact = impact_of(joined.values(), as_of=job.as_of)
    because = _Because(kb, [row for row in supposed.hypotheses if not row.changes_nothing])
    added, gone, changed, why = parts(differing, {pair.any.id: because.of(pair) for pair in differing})
    claims, sources = cited(differing, sides)
    document = Supposition(
        as_of=job.as_of.isoformat(),
        known_at=before.known_at,
        kb=before.kb,
        profile=before.profile,
        hypotheses=supposed.hypotheses,
        judged_as_of=day.isoformat(),
        judged_on={pair.any.id: pair.on.isoformat() for pair in differing if pair.on is not None},
        added=added,
        gone=gone,
        changed=changed,
        because=why,
        impact=impact.quantities,
        days_until=impact.days_until,
        by_level=impact.by_level,
        by_rule=impact.by_rule,
        still=impact.still,
        claims=claims,
        sources=sources,
        coverage=before.coverage,
    )
    return Answered(document, resolved.scanned.has_rejects)


def _marked(pair: Pair) -> Pair:
    """What only holds under the hypotheses says so in its own sentence, wherever that is copied to."""
    if pair.after is None:
        return pair
    return replace(pair, after=msgspec.structs.replace(pair.after, why=f"Hypothetical: {pair.after.why}"))


@dataclass(frozen=True, slots=True)
class _Because:
    """Which hypotheses made a difference."""

    kb: KnowledgeBase
    hypotheses: list[Hypothesis]

    def of(self, pair: Pair) -> list[Reason]:
        """The hypotheses that name what the finding rests on; else those that could reach it."""
        # A suspension that is over by the day that is told, or has not begun, did not make what stands.
        running = [row for row in self.hypotheses if _runs(row, pair)] or self.hypotheses
        for test in (self._names, self._reaches):
            found = [row for row in running if test(row, pair)]
            if found:
                return [self._reason(row, pair) for row in found]
        if len(running) == 1:
            return [self._reason(running[0], pair)]
        text = "One of the hypotheses, or several together; which one cannot be told from the findings."
        return [Reason(kind="unknown", text=text, hypothetical=True)]

    def _names(self, row: Hypothesis, pair: Pair) -> bool:
        regime = pair.any.listing.regime if pair.any.listing else None
        if row.kind in ("designate", "lift"):
            return row.regime == regime and row.entity == pair.any.listed_entity.id
        if row.kind == "suspend":
            rules = {rule.id for side in _sides(pair) for rule in side.consequences}
            return row.target == regime or row.target in rules or row.target in self._ownership_rules(regime)
        link = (self._caption(row.owned), self._caption(row.owner))
        return any(link in _links(side) for side in _sides(pair))

    def _reaches(self, row: Hypothesis, pair: Pair) -> bool:
        """Shares of several listed parties add up, and a stake may stand anywhere above."""
        regime = pair.any.listing.regime if pair.any.listing else None
        return row.kind == "sell" or (row.regime is not None and row.regime == regime)

    def _ownership_rules(self, regime: str | None) -> set[str]:
        return {rule.id for rule in self.kb.ownership_rules if rule.regime_id == regime or regime in rule.lists}

    def _caption(self, entity_id: str | None) -> str:
        entity = self.kb.entity(entity_id or "")
        return entity.caption if entity else ""

    def _reason(self, row: Hypothesis, pair: Pair) -> Reason:
        listing = pair.any.listing
        return Reason(
            kind=_KINDS[row.kind],
            text=f"Hypothesis: {row.text}.",
            day=row.on,
            regime=row.regime,
            rule=row.target,
            designation=listing.designation if listing and row.regime else None,
            hypothetical=True,
        )


def _runs(row: Hypothesis, pair: Pair) -> bool:
    if pair.on is None:
        return True
    day = pair.on.isoformat()
    return row.on <= day and (row.until is None or day < row.until or _was_done_within(row, pair))


def _was_done_within(row: Hypothesis, pair: Pair) -> bool:
    """Whether anything was done while a suspension that is over was running."""
    acts = [act for side in _sides(pair) for rule in side.consequences for act in rule.acts]
    return any((act.to or "9") >= row.on and (act.from_ or "") < (row.until or "9") for act in acts)


def _sides(pair: Pair) -> list[Finding]:
    return [side for side in (pair.before, pair.after) if side is not None]


def _links(finding: Finding) -> set[tuple[str, str]]:
    """Owned and owner of every stake that a finding shows."""
    terms = finding.arithmetic.terms if finding.arithmetic else []
    return {(owned, owner) for owned, owner, _ in stakes_of(finding)} | {(term.owned, term.owner) for term in terms}
