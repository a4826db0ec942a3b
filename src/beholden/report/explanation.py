"""One finding in full, as a document and as text: path, arithmetic, rules, both sides, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from beholden.report.base_words import base_words
from beholden.report.text import visible
from beholden.report.wording import (
    NEUTRALITY,
    holder_marks,
    listed_phrase,
    marks,
    quantities,
    standing,
    sum_words,
    waiver_mark,
    words,
)
from beholden.schema.comparison import Supposition
from beholden.schema.result import Explanation, KnowledgeBaseInfo, ScanResult, Summary
from beholden.schema.vocabulary import ConsequenceStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.comparison import Comparison
    from beholden.schema.result import Arithmetic, ConsequenceResult, Finding, Hop, SumBefore, Term


def render_explanation(finding: Finding, result: ScanResult) -> str:
    """A finding as text; ends with a line end."""
    lines = [*_head(finding, result), "", *_path(finding, result), *_arithmetic(finding.arithmetic)]
    lines += [*_law(finding), *_claims(finding, result), *_evidence(finding), "", NEUTRALITY]
    return "\n".join(visible(line) for line in lines) + "\n"


def _head(finding: Finding, result: ScanResult) -> Iterator[str]:
    qualified = f" ({'; '.join(marks(finding))})" if marks(finding) else ""
    yield f"{finding.id}  {finding.level}{qualified}"
    known = f", with what was public by {result.known_at}" if result.known_at else ""
    yield f"as of {result.as_of}{known}; {base_words(result.kb, whole=True)}"
    yield ""
    yield finding.why
    for item in finding.asked:
        if item.answer is None:
            yield f"  Question {item.id}"
            yield f"    {item.text}"
            yield "    Answer it under [[answers]] in beholden.toml, with its source."
        else:
            said = ", ".join(part for part in (item.by, item.on, item.source) if part)
            yield f"  Answered {item.id}: {item.answer} ({said})"
            yield f"    {item.text}"
    if finding.waiver:
        waiver = finding.waiver
        people = f"owner {waiver.owner}, approved by {waiver.approver or 'nobody yet'}"
        yield f"  {waiver_mark(waiver).capitalize()}: {waiver.reason} ({people})"


def _path(finding: Finding, result: ScanResult) -> Iterator[str]:
    yield "Path"
    for number, hop in enumerate(finding.path, 1):
        yield f"  {number}. {hop.from_}"
        yield f"     {words(hop.hop)} → {hop.to}"
        yield f"     {_source(hop, result)}"
        if hop.note:
            yield f"     {hop.note}"
    match = finding.match
    features = ", ".join(f"{key} {value}" for key, value in sorted(match.features.items()))
    yield f"  Match: {words(match.method)}, score {match.score:g}, {match.decision}" + (
        f" ({features})" if features else ""
    )


def _source(hop: Hop, result: ScanResult) -> str:
    described = result.sources.get(hop.source or "", {})
    title = described.get("title") or hop.source or "no source"
    link = f", {described['url']}" if described.get("url") else ""
    span = f"; valid {hop.valid_from or '…'} to {hop.valid_to or '…'}" if hop.valid_from or hop.valid_to else ""
    return f"Source: {title}{link}; grade {hop.grade}{span}"


def _arithmetic(sums: Arithmetic | None) -> Iterator[str]:
    if sums is None:
        return
    yield ""
    yield f"Ownership: rule {words(sums.rule)}, test {sums.threshold}"
    for before in sums.before:
        yield f"  {before.owned} is on no list that the rule counts, and counts through its own owners:"
        yield from (f"  {line}" for line in _stakes(before.terms))
        yield f"    {_sum(before)}"
    yield from _stakes(sums.terms)
    yield f"  {_sum(sums)}"
    if sums.note:
        yield f"  {sums.note}"
    if sums.most_restrictive:
        most = sums.most_restrictive
        yield f"  Most restrictive: {most.regime} ({', '.join(most.holders)}); {most.why}"


def _sum(sums: Arithmetic | SumBefore) -> str:
    if sums.low is None:
        return words(sums.outcome)
    total = f"{sums.low} %" if sums.low == sums.high else f"{sums.low} to {sums.high} %"
    return f"{sum_words(sums)} {total}: {words(sums.outcome)}"


def _stakes(terms: list[Term]) -> Iterator[str]:
    for term in terms:
        share = "share unknown" if term.low is None else f"{term.low} %"
        if term.low is not None and term.low != term.high:
            share = f"{term.low} to {term.high} %"
        kind = f" ({term.ownership_type})" if term.ownership_type else ""
        marks_ = f"; {holder_marks(term)}" if holder_marks(term) else ""
        yield f"  {term.owner} holds {share}{kind} of {term.owned}{marks_}  [{term.source}]"


def _law(finding: Finding) -> Iterator[str]:
    if finding.listing is None:
        return
    yield ""
    yield f"Listing: {finding.listed_entity.caption} {listed_phrase(finding.listing)}"
    if finding.listing.last_known:
        last = finding.listing.last_known
        yield f"  Our copy ends on {last.at}; then it was {words(last.status)}."
    if finding.listing.basis:
        yield f"  {finding.listing.basis}"
    for rule in finding.consequences:
        yield from _rule(rule)


def _rule(rule: ConsequenceResult) -> Iterator[str]:
    binds = {True: "binds you", False: "binds others", None: "no role given"}[rule.binds_you]
    yield f"  {rule.id}: {rule.level}; {standing(rule)}; {rule.effect}; binds {', '.join(rule.binds)} ({binds})"
    yield f"    {rule.citation or 'no citation'}; grade {rule.grade}"
    yield f"    {rule.why}"
    for item in rule.exceptions:
        stand = {
            "applies": " applies",
            "does_not_apply": " does not apply",
            "open": " (open)",
            "presumed": " (presumed not to apply)",
        }
        settled = item.get("because") if item.get("status") in ("applies", "does_not_apply") else None
        because = f" Because: {settled}." if settled else ""
        yield f"    Exception {rule.id}/{item['id']}{stand.get(item.get('status', ''), '')}: {item['text']}{because}"
        if item.get("status") == "presumed":
            yield f"      {item.get('question')} Answer {item.get('asks')} in beholden.toml."
    for use in rule.authorisations:
        days = f"{use.valid_from or '…'} to {use.valid_to or '…'}"
        yield f"    Held: {words(use.kind)} {use.id}, {days} ({use.source})"
    for duty in rule.duties:
        due = f" (by {duty.due})" if duty.due else ""
        yield f"    Duty: {duty.text}{due}"
    for act in rule.acts:
        span = act.from_ if act.from_ == act.to else f"{act.from_} to {act.to}"
        excepted = f", outside it by {act.excepted_by}" if act.excepted_by else ""
        yield f"    Acts {span}, {_stood(act.consequence_status)}{excepted}: {quantities(act.quantities)}"


def _stood(status: str) -> str:
    """How rule and listing stood when an act was done."""
    return "not known how it stood" if status == ConsequenceStatus.UNKNOWN else f"rule {words(status)}"


def _claims(finding: Finding, result: ScanResult) -> Iterator[str]:
    by_id = {claim.id: claim for claim in result.claims}
    for claim_id in finding.claims:
        claim = by_id[claim_id]
        yield ""
        yield f"  {claim.type} {claim.id}, {claim.speaker}, reported {claim.reported_date}: {claim.text}"
        if claim.caveat:
            yield f"    Caveat: {claim.caveat}"
        for answer_id in claim.answered_by:
            answer = by_id[answer_id]
            yield f"    Answer {answer.id}, {answer.speaker}, {answer.reported_date}: {answer.text}"
        if not claim.answered_by:
            yield "    No answer on file."


def _evidence(finding: Finding) -> Iterator[str]:
    artefact = finding.artefact
    yield ""
    yield f"Evidence: {artefact.kind} {artefact.value}, {words(artefact.relation)}, seen {_times(artefact.count)}"
    if artefact.quantities:
        yield f"  {quantities(artefact.quantities)}"
    if artefact.first_seen:
        yield f"  first {artefact.first_seen}, last {artefact.last_seen}"
    if artefact.segment or artefact.unit:
        yield f"  segment {artefact.segment or 'none'}, unit {artefact.unit or 'none'}"
    for sample in artefact.values.top:
        yield f"  {sample.value} ({sample.count})"
    for place in artefact.locations:
        yield f"  {place.file}" + (f":{place.line}" if place.line else "")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def explanation_of(finding: Finding, result: ScanResult) -> Explanation:
    """One finding of a result, with what is needed to read it alone."""
    cited = set(finding.claims)
    claims = [claim for claim in result.claims if claim.id in cited or cited.intersection(claim.answers)]
    wanted = {hop.source for hop in finding.path} | {claim.source for claim in claims}
    return Explanation(
        as_of=result.as_of,
        known_at=result.known_at,
        kb=result.kb,
        finding=finding,
        claims=claims,
        sources={key: value for key, value in result.sources.items() if key in wanted},
    )


def sides_of(document: ScanResult | Comparison | Supposition) -> list[ScanResult]:
    """What a document has of findings, as results: of a comparison or a supposition the second side first."""
    if isinstance(document, ScanResult):
        return [document]
    after = [*document.added, *(row.after for row in document.changed)]
    before = [*document.gone, *(row.before for row in document.changed)]
    if isinstance(document, Supposition):
        # Each finding is told on the first day on which it differs.
        return [_side(document, [row], document.judged_on.get(row.id, document.as_of)) for row in (*after, *before)]
    other = document.from_
    kb = document.kb if other.kb_digest == document.kb.digest else KnowledgeBaseInfo(digest=other.kb_digest, sources=[])
    first = _side(document, before, other.as_of)
    return [
        _side(document, after, document.as_of),
        msgspec.structs.replace(first, kb=kb, known_at=other.known_at, profile=other.profile),
    ]


def _side(document: Comparison | Supposition, findings: list[Finding], as_of: str) -> ScanResult:
    return ScanResult(
        as_of=as_of,
        known_at=document.known_at,
        kb=document.kb,
        summary=Summary(by_level={}, by_entity=[]),
        findings=findings,
        claims=document.claims,
        sources=document.sources,
        coverage=document.coverage,
    )
