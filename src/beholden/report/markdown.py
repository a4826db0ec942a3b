"""A short page in Markdown: the summary of a pipeline's run, a comment on a merge request, a ticket.

What stops the gate comes first. GitHub-flavoured Markdown: tables; nothing a record holds can become markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from beholden.report.base_words import base_words
from beholden.report.privacy import shared
from beholden.report.signal_words import SIGNALS, acted, evenness, ordinary, services, spans
from beholden.report.text import visible
from beholden.report.wording import (
    NEUTRALITY,
    count,
    far_apart,
    is_behind,
    is_profile,
    level_counts,
    open_listings,
    party,
    reasons_of,
    short_why,
    who,
    words,
    worst_first,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.acceptance import GateInfo
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import Claim, Finding, ScanResult

MAX_FINDINGS = 100  # the services that show such a page cut it at 1 MiB or less
MAX_FILES = 200
MAX_SIGNALS = 50

# In this dialect underscores inside words are plain, and a bare address is a link.
_MARKUP = re.compile(r"[\\`*\[\]|<>&~@#!]|:(?=//)|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


class MarkdownReport:
    """One page: the gate, the levels, the worst findings, what was not read."""

    name = "markdown"
    suffix = ".md"
    media_type = "text/markdown"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the page; personal data is pseudonymised unless the options say otherwise."""
        result = assessment.result
        # The findings that are printed are the ones rewritten: of the others only the number is told.
        kept = _first(result.findings)
        part = replace(result, findings=kept, timeline=[])
        text = "\n".join(_lines(shared(assessment, options, part), len(result.findings) - len(kept))) + "\n"
        return {"": text.encode("utf-8", errors="backslashreplace")}


def _first(findings: list[Finding]) -> list[Finding]:
    # Stable: within both groups the worst stay first.
    return sorted(worst_first(findings), key=_is_accepted)[:MAX_FINDINGS]


def _lines(result: ScanResult, more: int) -> Iterator[str]:
    yield "## beholden"
    yield ""
    known = f" · known at {result.known_at}" if result.known_at else ""
    about = f" · {_plain(who(result.profile))}" if result.profile else ""
    yield f"As of {result.as_of}{known} · {base_words(result.kb)}{about}"
    yield ""
    if result.gate is not None:
        yield _gate(result.gate)
        yield ""
    yield from _levels(result)
    yield from _findings(result, more)
    yield from _signals(result)
    yield from _coverage(result)
    yield _plain(NEUTRALITY)


def _gate(gate: GateInfo) -> str:
    outcome = "passed" if gate.passed else "not passed"
    left_out = [
        f"{number:,} {what}"
        for number, what in [(gate.waived, "waived"), (gate.in_baseline, "in the baseline")]
        if number
    ]
    beside = f"; besides {' and '.join(left_out)}" if left_out else ""
    return f"**Gate {outcome}** (`{gate.fail_on}` or worse): {count(gate.at_gate, 'finding')} at the gate{beside}."


def _levels(result: ScanResult) -> Iterator[str]:
    counts = level_counts(result.summary.by_level)
    if not counts:
        yield "No findings."
        yield ""
        return
    yield "| level | findings |"
    yield "|---|--:|"
    yield from (f"| {level} | {number:,} |" for level, number in counts)
    yield ""


def _findings(result: ScanResult, more: int) -> Iterator[str]:
    if not result.findings:
        return
    yield "| level | id | party | what of ours | where | why |"
    yield "|---|---|---|---|---|---|"
    yield from (_row(finding, result.claims) for finding in result.findings)
    yield ""
    if more:
        yield f"{count(more, 'more finding')}: the other reports have all of them."
        yield ""


def _signals(result: ScanResult) -> Iterator[str]:
    if not result.signals:
        return
    yield "### Signals"
    yield ""
    yield _plain(SIGNALS)
    yield ""
    for signal in result.signals[:MAX_SIGNALS]:
        places = ", ".join(f"{place.file}, line {place.line}" for place in signal.places)
        yield _plain_item(
            f"{acted(signal)}, {spans(signal)}",
            signal.why,
            evenness(signal),
            f"services {services(signal)}",
            ordinary(signal),
            f"first records: {places}",
        )
    if len(result.signals) > MAX_SIGNALS:
        yield f"- and {count(len(result.signals) - MAX_SIGNALS, 'more session')}: the other reports have all of them."
    yield ""


def _is_accepted(finding: Finding) -> bool:
    """Whether a gate leaves it out, as `policy.gate` has it."""
    waiver = finding.waiver
    if waiver is not None and (waiver.active or waiver.status == "expired"):
        return waiver.active
    return finding.baseline in ("unchanged", "better")


def _row(finding: Finding, claims: Iterable[Claim]) -> str:
    artefact = finding.artefact
    place = next(iter(artefact.locations), None)
    where = "" if place is None else place.file + (f", line {place.line}" if place.line else "")
    state = f"{finding.baseline}; " if finding.baseline else ""
    cells = (
        finding.level,
        finding.id,
        party(finding),
        f"{words(artefact.relation)}: {artefact.value}",
        where,
        state + short_why(finding, claims),
    )
    return f"| {' | '.join(_plain(cell) for cell in cells)} |"


def _coverage(result: ScanResult) -> Iterator[str]:
    rows = [row for row in result.coverage if not is_profile(row)]
    read = sum(row.status == "read" for row in rows)
    yield f"{count(len(rows), 'file')}, {read:,} read in whole."
    incomplete = [row for row in rows if row.status in ("partial", "rejected")]
    for row in incomplete[:MAX_FILES]:
        yield _plain_item(f"{row.file}: {words(row.status)}", *reasons_of(row))
    if len(incomplete) > MAX_FILES:
        yield f"- and {count(len(incomplete) - MAX_FILES, 'more file')}"
    behind = [
        f"{source.id} ({source.checked_until})" for source in result.kb.sources if is_behind(source, result.as_of)
    ]
    if behind:
        yield _plain_item(f"lists last checked before {result.as_of}", ", ".join(behind))
    if apart := far_apart(result.kb.sources):
        yield _plain_item(f"{result.as_of} is {apart}")
    yield from (_plain_item(text) for text in open_listings(result.undecided[:MAX_FILES]))
    yield from _unused(result)
    yield ""


def _unused(result: ScanResult) -> Iterator[str]:
    unused = [use.waiver.id for use in result.waivers if not use.findings]
    if unused:
        yield _plain_item("waivers that met no finding", ", ".join(unused))
    expired = [use.waiver.id for use in result.waivers if use.findings and use.waiver.status == "expired"]
    if expired:
        yield _plain_item("waivers that have expired", ", ".join(expired))
    if result.baseline is not None and result.baseline.gone:
        yield _plain_item("findings of the baseline that are gone", f"{len(result.baseline.gone):,}")


def _plain_item(*parts: str) -> str:
    return f"- {_plain('; '.join(parts))}"


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: f"&#{ord(found.group())};", visible(text))
