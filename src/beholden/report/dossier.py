"""`show` and `kb info` as plain text: what is said, by whom, since when, and what is not known."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from beholden.report.base_words import base_words
from beholden.report.text import display_width, pad, visible
from beholden.report.wording import age_of_copies, count, words
from beholden.schema.spell import since_words, until_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from beholden.schema.dossier import BaseInfo, Dossier, ListInfo, ListingInfo, StakeInfo
    from beholden.schema.result import Claim, EntityRef

_TIMELINE_ROWS = 60
_RULE_HEAD = ("id", "status", "from", "next change", "by text", "grade", "what it says")
# Of a rule that extends a list by ownership, what its test asks.
_TESTS = {
    "aggregate_50": "holdings of listed parties of 50 % or more, added up",
    "aggregate_50_places": "holdings of listed parties of 50 % or more, added up, or a place that the text names",
    "over_50_or_control": "more than 50 % held by one listed party, or its control",
    "control": "control by a listed party",
    "subsidiary_or_affiliate": "subsidiaries and affiliates of a listed party",
    "affiliate_10": "more than 10 % held by one listed party, or its control",
}


def render_dossier(dossier: Dossier) -> str:
    """A dossier as text; ends with a line end."""
    known = f" · known at {dossier.known_at}" if dossier.known_at else ""
    lines = [f"as of {dossier.as_of}{known} · {base_words(dossier.kb)}"]
    if dossier.artefact is not None:
        lines += _artefact(dossier)
    if dossier.entity is not None:
        lines += _entity(dossier)
    lines += _listings(dossier.listings)
    if dossier.listings and (old := age_of_copies(dossier.kb.sources, dossier.as_of)):
        lines.append(f"  {old}")
    if dossier.entity is not None:
        lines += [*_stakes("Owners", dossier.owners), *_stakes("Owns", dossier.owned), *_assets(dossier)]
        lines += [*_claims(dossier.claims), *_timeline(dossier)]
    return "\n".join(visible(line) for line in lines) + "\n"


def _artefact(dossier: Dossier) -> Iterator[str]:
    assert dossier.artefact is not None
    yield f"{dossier.artefact['kind']} {dossier.artefact['value']}"
    if not dossier.candidates:
        yield "Nobody in the base stands behind it."
    for candidate in dossier.candidates:
        yield f"  {candidate.match.decision} ({candidate.match.method}), relation {words(candidate.relation)}:"
        for hop in candidate.path:
            yield f"    {hop.from_} → {words(hop.hop)} → {hop.to}  [{hop.source}, grade {hop.grade}]"
            if hop.note:
                yield f"      ({hop.note})"
    if dossier.listings and dossier.candidates:
        yield ""
        yield f"Standing of {dossier.candidates[0].entity.caption}:"


def _entity(dossier: Dossier) -> Iterator[str]:
    entity = dossier.entity
    assert entity is not None
    places = f", {', '.join(place.upper() for place in entity.jurisdictions)}" if entity.jurisdictions else ""
    yield f"{entity.caption}  ({entity.schema}{places}; id {entity.id})"
    if entity.note:
        yield f"  {entity.note}"
    for kind in ("legal", "alias", "former", "unit", "brand"):
        named = [row.name for row in entity.names if row.kind == kind and row.name != entity.caption]
        if named:
            yield f"  {kind}: {'; '.join(named)}"
    if entity.referents:
        yield f"  also known here as: {', '.join(entity.referents)}"
    if entity.others_called:
        yield f"  asked for by a name that others have too: {_named(entity.others_called)}"
    if entity.namesakes:
        yield f"  perhaps the same, `beholden kb review {entity.id}` decides: {_named(entity.namesakes)}"
    if entity.identifiers:
        yield f"  identifiers: {'; '.join(f'{row.kind} {row.value} (grade {row.grade})' for row in entity.identifiers)}"


def _named(entities: list[EntityRef]) -> str:
    return "; ".join(f"{row.caption} ({row.id})" for row in entities)


def _listings(listings: list[ListingInfo]) -> Iterator[str]:
    if not listings:
        return
    yield ""
    yield "Listings"
    told = [row for row in listings if row.reason != "not_loaded" and row.reason != "names_no_party"]
    rows = [(row.regime, words(row.listing_status), _standing(row)) for row in told]
    for row, line in zip(told, _columns(rows), strict=True):
        yield line
        # Its rules stand below the list that they are keyed to.
        if row.entries and row.listing_status != "not_listed":
            for rule in row.consequences:
                since = f" from {rule.applies_from}" if rule.applies_from else ""
                binds = ", ".join(rule.binds)
                yield f"      {rule.id}: {words(rule.consequence_status)}{since}; binds {binds} ({rule.citation})"
    silent = [row.regime for row in listings if row.reason == "not_loaded"]
    if silent:
        yield f"  unknown, not loaded: {', '.join(silent)}"
    nameless = [row.regime for row in listings if row.reason == "names_no_party"]
    if nameless:
        yield f"  unknown, these name no party: {', '.join(nameless)}"


def _standing(row: ListingInfo) -> str:
    parts = []
    if row.since:
        until = f" {until_words(row.until, is_latest=row.until_is_latest)}" if row.until else ""
        parts.append(since_words(row.since, is_latest=row.since_is_latest) + until)
    if row.listed_as:
        parts.append(f"as “{row.listed_as}”")
    if row.citation:
        parts.append(row.citation)
    if row.question:
        parts.append(f"open: {row.question}")
    if row.last_known:
        parts.append(f"last known {words(row.last_known.status)} at {row.last_known.at}")
        if row.reason == "ended_by_its_text":
            parts.append("by its own text it has ended; whether it was renewed, our copy does not say")
    elif row.reason:
        parts.append(words(row.reason))
    if row.namesakes:
        parts.append(_named(row.namesakes))
    return ", ".join(parts)


def _stakes(title: str, stakes: list[StakeInfo]) -> Iterator[str]:
    if stakes:
        yield ""
        yield title
    for stake in stakes:
        low, high = stake.percentage_low, stake.percentage_high
        share = "share unknown" if low is None and high is None else f"{low} %" if low == high else f"{low} to {high} %"
        span = f"{stake.valid_from or '…'} to {stake.valid_to or '…'}"
        over = "" if stake.holds else " (not at this date)"
        said = f"[{stake.source}, grade {stake.grade}]"
        yield f"  {stake.entity.caption}: {stake.ownership_type}, {share}, {span}{over}  {said}"


def _assets(dossier: Dossier) -> Iterator[str]:
    if dossier.assets:
        yield ""
        yield "Assets"
    for kind in sorted({asset.kind for asset in dossier.assets}):
        values = [asset.value for asset in dossier.assets if asset.kind == kind]
        yield f"  {words(kind)}: {', '.join(values)}"


def _claims(claims: list[Claim]) -> Iterator[str]:
    if claims:
        yield ""
        yield "Claims and answers (what speakers are reported to have said; not findings)"
    by_id = {claim.id: claim for claim in claims}
    for claim in claims:
        if claim.type not in ("allegation", "assessment"):
            continue
        caveat = f", {claim.caveat} per reporter" if claim.caveat else ""
        yield f"  {claim.id}  {claim.type}, reported {claim.reported_date}{caveat}: {claim.text}"
        for answer_id in claim.answered_by:
            answer = by_id[answer_id]
            yield f"      answer {answer.id}, {answer.reported_date}, {answer.speaker}: {answer.text}"


def _timeline(dossier: Dossier) -> Iterator[str]:
    rows = [row for row in dossier.timeline if row.lane == "known"]
    if rows:
        yield ""
        yield "Timeline (when it became public)"
    if len(rows) > _TIMELINE_ROWS:
        yield f"  … {len(rows) - _TIMELINE_ROWS} earlier rows; --format json has them all"
    yield from _columns([(row.date, words(row.type), row.text) for row in rows[-_TIMELINE_ROWS:]])


def render_base_info(info: BaseInfo) -> str:
    """`kb info` as text; ends with a line end."""
    known = f" · known at {info.known_at}" if info.known_at else ""
    lines = [base_words(info.kb, whole=True), f"as of {info.as_of}{known}"]
    if info.kb.as_held is not None:
        lines.append(f"publications that came in after {info.kb.as_held} are not in it: `beholden kb build` takes all")
    lines += ["", "Lists"]
    lines += _columns(
        (
            row.id,
            ("loaded in part" if row.is_partial else "loaded") if row.loaded else "not loaded",
            f"{row.rows} entries" if row.loaded else "",
            f"edition {row.edition}" if row.edition else "",
            f"checked until {row.checked_until}" if row.checked_until else "",
            _age_of_list(row, info.as_of),
            row.title,
        )
        for row in info.sources
        if row.kind == "list"
    )
    lines += _publications(info)
    lines += ["", "Rules"]
    table = [_RULE_HEAD]
    for row in info.rules:
        by_text = words(row.by_text) if row.by_text else ""
        since = row.applies_from or ""
        # An upcoming rule next changes when it begins, which the column before says.
        change = row.until if row.until and row.until != row.applies_from else ""
        says = _TESTS.get(row.title, row.title) if row.kind == "ownership_rule" else row.title
        table.append((row.id, words(row.status), since, change, by_text, row.grade or "", says))
    lines += _columns(table)
    lines += [
        "",
        f"{sum(info.tables.values())} rows: " + ", ".join(f"{count} {name}" for name, count in info.tables.items()),
    ]
    return "\n".join(visible(line) for line in lines) + "\n"


def _publications(info: BaseInfo) -> Iterator[str]:
    """Publications in the base, with what is to be said of each; of all others only that they can be read."""
    told = [row for row in info.sources if row.kind == "publication"]
    loaded = [row for row in told if row.loaded]
    others = [row.id for row in told if not row.loaded and not row.waiting]
    yield ""
    yield "Publications"
    yield from _columns(
        (
            row.id,
            "in part" if row.is_partial else "",
            _editions(row),
            _age(row, info.as_of),
            count(row.rows, "row"),
            f"layout {row.layout}" if row.layout else "",
            row.licence or "",
            "may be passed on" if row.may_pass_on else "not to be passed on",
        )
        for row in loaded
    )
    for row in told:
        if row.waiting:
            of = "edition" if len(row.waiting) == 1 else "editions"
            yield f"  {row.id}: {of} {', '.join(row.waiting)} held, waiting for `beholden kb build`"
    if not loaded and not any(row.waiting for row in told):
        yield "  none is loaded: the base holds the packs alone; `beholden kb update` and `beholden kb import` add them"
    if others:
        yield from wrap(f"not loaded: {', '.join(others)}", width=116, initial_indent="  ", subsequent_indent="    ")


def _editions(row: ListInfo) -> str:
    """The newest edition, of which the age is told, with how many are before it, and the newest part behind it."""
    earlier = sum(day < (row.edition or "") for day in row.editions)
    behind = [day for day in row.parts if day > (row.edition or "")]
    more = [f"{earlier} earlier"] if earlier else []
    parts = "a part of" if len(behind) == 1 else f"{len(behind)} parts up to"
    more += [f"{parts} {behind[-1]}"] if behind else []
    return " and ".join([f"edition {row.edition}", *more])


def _age_of_list(row: ListInfo, as_of: str) -> str:
    """How old our copy is on the day asked, or that the day is before our copies: then only printed days are known."""
    if row.loaded and row.covered_from is not None and as_of < row.covered_from:
        return f"our copies begin {row.covered_from}"
    return f"{count(row.age_days, 'day')} old" if row.age_days else ""


def _age(row: ListInfo, as_of: str) -> str:
    if row.edition is not None and as_of < row.edition:
        return f"of a day after {as_of}"
    if row.age_days is None:
        return ""
    old = f"{count(row.age_days, 'day')} old"
    if row.is_old:
        return f"{old}: stale after {row.max_age_days}"
    return f"{old} of {row.max_age_days}" if row.max_age_days is not None else old


def _columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    listed = list(rows)
    if not listed:
        return
    widths = [max(display_width(row[index]) for row in listed) for index in range(len(listed[0]))]
    for row in listed:
        cells = [pad(cell, width) for cell, width in zip(row, widths, strict=True)]
        yield ("  " + "  ".join(cells)).rstrip()
