"""A result for the terminal: worst first, one line a finding, totals, and what was not read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TextIO

from beholden.report.base_words import base_words
from beholden.report.paint import Paint, write_lines
from beholden.report.signal_words import SIGNALS, acted, evenness, ordinary, services, spans
from beholden.report.text import display_width, pad, visible, wrap
from beholden.report.wording import (
    age_of_copies,
    baseline_outcome,
    count,
    far_apart,
    gate_outcome,
    is_behind,
    is_profile,
    level_counts,
    open_listings,
    party,
    quantities,
    reasons_of,
    short_why,
    who,
    words,
    worst_first,
)
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from beholden.schema.result import Claim, Coverage, Finding, ScanResult

_GAP = "  "
_INFO_SHOWN = 20
_FILES_SHOWN = 20
_SIGNALS_SHOWN = 20
_TABLE_WIDTH = 110
_CAPS = (10, 40, 20, 44, 26)  # widest padding of level, party, relation, artefact, quantity; the reason has the rest
_STATUS_WORDS = {"read": "read", "partial": "in part", "rejected": "rejected", "no_reader": "without a reader"}


def render_terminal(result: ScanResult, out: TextIO, *, colour: bool, width: int | None) -> None:
    """Write the result.

    Args:
        result: What was found.
        out: Where to write.
        colour: Whether to mark levels with ANSI colours; off when the output is piped.
        width: Columns of the terminal, at which lines are wrapped and never cut. None writes one line a finding of any
            length, which suits pipes.
    """
    paint = Paint(colour)
    known = f" · known at {result.known_at}" if result.known_at else ""
    head = f"as of {result.as_of}{known} · {base_words(result.kb)}"
    lines = [f"{paint.bold('beholden ' + visible(result.command))} · {visible(head)}"]
    if result.profile:
        lines.append(visible(who(result.profile)))
    write_lines(out, [*lines, ""], width)
    findings = worst_first(result.findings)
    info = [finding for finding in findings if finding.level == Level.INFO]
    shown = findings if len(info) <= _INFO_SHOWN else [item for item in findings if item.level != Level.INFO]
    rows = [_row(finding, result.claims) for finding in shown]
    out.writelines(line + "\n" for line in _lay_out(rows, paint, width))
    if len(shown) < len(findings):
        parties = len({finding.operator.id for finding in info})
        write_lines(
            out,
            [
                f"{count(len(info), 'info finding')} about {_parties(parties)} not shown; "
                "write -o report.html to see them."
            ],
            width,
        )
    accepted = list(_accepted(result, paint))
    signals = list(_signals(result, paint))
    write_lines(out, ["", *_totals(result, findings, paint), *accepted, *signals, "", *_coverage(result, paint)], width)


def _row(finding: Finding, claims: list[Claim]) -> tuple[str, ...]:
    artefact = finding.artefact
    how_much = quantities(artefact.quantities) or f"{artefact.count:,} seen"
    cells = (
        finding.level,
        party(finding),
        words(artefact.relation),
        f"{artefact.kind} {artefact.value}",
        how_much,
        short_why(finding, claims),
    )
    return tuple(visible(cell) for cell in cells)


def _lay_out(rows: list[tuple[str, ...]], paint: Paint, width: int | None) -> Iterable[str]:
    if not rows:
        return ["No findings."]
    if width is not None and width < _TABLE_WIDTH:
        return [line for row in rows for line in _stacked(row, paint, width)]
    columns = [min(cap, max(display_width(row[index]) for row in rows)) for index, cap in enumerate(_CAPS)]
    if width is None:
        return [_line([*row[:-1]], columns, paint, row[0]) + _GAP + row[-1] for row in rows]
    return [line for row in rows for line in _wrapped(row, _fit(columns, width), paint)]


def _fit(columns: list[int], width: int) -> list[int]:
    """Give the reason at least a third of the terminal, taken from the widest columns first."""
    columns = columns.copy()
    room = width - width // 3 - len(_GAP) * len(columns)
    while sum(columns) > room:
        widest = max(range(1, len(columns)), key=columns.__getitem__)
        columns[widest] -= 1
    return [*columns, width - sum(columns) - len(_GAP) * len(columns)]


def _wrapped(row: tuple[str, ...], columns: list[int], paint: Paint) -> Iterable[str]:
    cells = [wrap(cell, column) for cell, column in zip(row, columns, strict=True)]
    for index in range(max(map(len, cells))):
        yield _line([cell[index] if index < len(cell) else "" for cell in cells], columns, paint, row[0])


def _line(cells: list[str], columns: list[int], paint: Paint, level: str) -> str:
    first, *rest = (pad(cell, column) for cell, column in zip(cells, columns, strict=True))
    return _GAP.join([paint.level(first, level), *rest]).rstrip()


def _stacked(row: tuple[str, ...], paint: Paint, width: int) -> Iterable[str]:
    level, who, relation, artefact, how_much, why = row
    indent = " " * (_CAPS[0] + len(_GAP))
    room = max(20, width - len(indent))
    lines = wrap(f"{who} · {relation} · {artefact}", room) + wrap(f"{how_much} · {why}", room)
    yield paint.level(pad(level, _CAPS[0]), level) + _GAP + lines[0]
    for line in lines[1:]:
        yield indent + line


def _totals(result: ScanResult, findings: list[Finding], paint: Paint) -> list[str]:
    counts = level_counts(result.summary.by_level)
    listed = " · ".join(paint.level(f"{number:,} {level}", level) for level, number in counts) or "nothing found"
    parties = len({finding.operator.id for finding in findings})
    marked = [
        (sum(finding.waiver is not None and finding.waiver.active for finding in findings), "waived"),
        (sum(finding.stale for finding in findings), "resting on a stale list"),
        (sum(finding.level_if_confirmed is not None for finding in findings), "with a level to confirm"),
    ]
    extra = "".join(f"; {number:,} {what}" for number, what in marked if number)
    return [f"{paint.bold('Total')}  {listed} — {count(len(findings), 'finding')} about {_parties(parties)}{extra}"]


def _accepted(result: ScanResult, paint: Paint) -> Iterable[str]:
    """What was accepted or known before, and how the gate came out."""
    if result.waivers:
        statuses = Counter(use.waiver.status for use in result.waivers)
        stand = ", ".join(f"{statuses[status]:,} {words(status)}" for status in sorted(statuses))
        yield f"{paint.bold('Waivers')}  {stand}"
        for use in result.waivers:
            if not use.findings:
                yield visible(f"  unused: {use.waiver.id} ({use.waiver.owner}, expires {use.waiver.expires})")
    if result.baseline:
        yield f"{paint.bold('Baseline')}  {visible(baseline_outcome(result.baseline))}"
    if result.profile and result.profile.unused:
        yield visible(f"  the profile states what no finding needed: {', '.join(result.profile.unused)}")
    if result.gate:
        yield f"{paint.bold('Gate')}  {gate_outcome(result.gate)}"


def _signals(result: ScanResult, paint: Paint) -> Iterable[str]:
    if not result.signals:
        return
    yield ""
    yield f"{paint.bold('Signals')}  {count(len(result.signals), 'session')}. {SIGNALS}"
    for signal in result.signals[:_SIGNALS_SHOWN]:
        yield visible(f"  {acted(signal)}, {spans(signal)}: {signal.why}")
        yield visible(f"    {evenness(signal)}; services {services(signal)}")
        yield visible(f"    {ordinary(signal)}")
        if signal.places:
            places = ", ".join(f"{place.file}:{place.line}" for place in signal.places)
            yield visible(f"    first records: {places}")
    if len(result.signals) > _SIGNALS_SHOWN:
        yield f"  and {count(len(result.signals) - _SIGNALS_SHOWN, 'more session')}; --format json has all of them"


def _parties(number: int) -> str:
    return count(number, "party", "parties")


def _coverage(result: ScanResult, paint: Paint) -> list[str]:
    rows = [row for row in result.coverage if not is_profile(row)]
    statuses = Counter(row.status for row in rows)
    files = ", ".join(f"{statuses[status]:,} {word}" for status, word in _STATUS_WORDS.items() if statuses[status])
    read, rejected = sum(row.records_read for row in rows), sum(row.records_rejected for row in rows)
    lines = [
        f"{paint.bold('Coverage')}  {count(len(rows), 'file')} ({files or 'none'}); "
        f"{count(read, 'record')} read, {rejected:,} rejected"
    ]
    incomplete = [row for row in rows if row.status != "read"]
    lines += [f"  {_blind_spot(row)}" for row in incomplete[:_FILES_SHOWN]]
    if len(incomplete) > _FILES_SHOWN:
        lines.append(f"  and {count(len(incomplete) - _FILES_SHOWN, 'more file')}; --format json has all of them")
    noted = [row for row in rows if row.status == "read" and row.notes]
    lines += [visible(f"  of {row.file}: {'; '.join(row.notes)}") for row in noted[:_FILES_SHOWN]]
    if len(noted) > _FILES_SHOWN:
        lines.append(f"  and notes on {count(len(noted) - _FILES_SHOWN, 'more file')}; --format json has all of them")
    unresolved: Counter[str] = Counter()
    for row in rows:
        unresolved.update(row.not_resolved)
    if unresolved:
        lines.append(
            "  not resolved: " + ", ".join(f"{n:,} {visible(words(what))}" for what, n in sorted(unresolved.items()))
        )
    lines += [f"  {visible(text)}" for text in open_listings(result.undecided[:_FILES_SHOWN])]
    if len(result.undecided) > _FILES_SHOWN:
        lines.append(f"  and {len(result.undecided) - _FILES_SHOWN} more; --format json has all of them")
    return lines + _lists(result)


def _blind_spot(row: Coverage) -> str:
    # The status says whether it was rejected or not read; the reasons need not.
    reasons = [reason.removeprefix("rejected: ").removeprefix("not read: ") for reason in reasons_of(row)] + row.notes
    because = f": {'; '.join(reasons)}" if reasons else ""
    return visible(f"{_STATUS_WORDS.get(row.status, row.status)}  {row.file}{because}")


def _lists(result: ScanResult) -> list[str]:
    behind = [source for source in result.kb.sources if is_behind(source, result.as_of)]
    lines = []
    if behind:
        named = ", ".join(f"{source.id} ({source.checked_until})" for source in behind)
        lines.append(f"  lists last checked before {result.as_of}: {visible(named)}")
        lines.append(f"  {visible(age_of_copies(behind, result.as_of) or '')}")
    if apart := far_apart(result.kb.sources):
        lines.append(f"  {result.as_of} is {visible(apart)}")
    partial = [source.id for source in result.kb.sources if source.loaded and source.is_partial]
    if partial:
        lines.append(f"  lists held in part, so that absence is unknown: {visible(', '.join(partial))}")
    missing = [source.id for source in result.kb.sources if not source.loaded]
    if missing:
        lines.append(f"  lists not loaded, so unknown: {visible(', '.join(missing))}")
    return lines
