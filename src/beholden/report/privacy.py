"""Files meant for sharing: persons, own hosts and accounts, full MACs and folders of users become pseudonyms.

Every text of a result is asked for what is private, unless its field is named here as one of the law, the parties or
the claims: a field that is added later is private until someone says otherwise. What is replaced depends on the field,
never on the word alone: a host may be called `Hikvision` or `section`, and the law must read the same then.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from beholden.report.own_names import OwnNames
from beholden.report.paths import (
    shareable_path,
    shareable_paths,
    with_shareable_paths,
    without_folders,
    without_users,
)
from beholden.report.persons import Persons
from beholden.report.pseudonyms import Pseudonyms
from beholden.schema import acceptance, result, signal, timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from beholden.report.interface import RenderOptions
    from beholden.report.persons import Phrases
    from beholden.schema.assessment import Assessment

_T = TypeVar("_T", bound=msgspec.Struct)

# Fields that hold numbers, dates, words of a closed set, or what the knowledge base says: they stay as they are.
PUBLIC: dict[type[msgspec.Struct], frozenset[str]] = {
    acceptance.AuthorisationUse: frozenset({"valid_from", "valid_to"}),
    acceptance.BaselineInfo: frozenset({"as_of", "kb_digest", "gone"}),
    acceptance.GateInfo: frozenset({"fail_on"}),
    acceptance.Waiver: frozenset({"created", "expires", "status"}),
    result.Act: frozenset({"from_", "to", "consequence_status", "quantities"}),
    result.Arithmetic: frozenset({"rule", "threshold", "low", "high", "outcome", "tally"}),
    result.Artefact: frozenset(
        {"id", "kind", "relation", "direction", "segment", "first_seen", "last_seen", "quantities", "by_month"}
    ),
    result.ConsequenceResult: frozenset(
        {"id", "level", "level_if_confirmed", "consequence_status", "applies_from", "until", "effect", "binds"}
        | {"citation", "duties", "grade"}
    ),
    result.Coverage: frozenset({"reader", "status"}),
    result.EntityRef: frozenset({"schema", "jurisdictions"}),
    result.EntitySummary: frozenset({"levels", "quantities", "relations"}),
    result.Finding: frozenset({"id", "previous_ids", "level", "level_if_confirmed", "claims", "baseline"}),
    result.Hop: frozenset({"hop", "source", "grade", "valid_from", "valid_to"}),
    result.Listing: frozenset(
        {"regime", "listing_status", "edition", "since", "since_is_latest"} | {"last_known", "source", "grade", "place"}
    ),
    result.MatchResult: frozenset({"method", "decision"}),
    result.ProfileInfo: frozenset({"name", "roles", "units"}),  # the report is the organisation's, and says so
    result.ScanResult: frozenset({"schema_version", "command", "as_of", "known_at", "kb"}),
    result.Summary: frozenset({"by_level"}),
    result.MostRestrictive: frozenset({"regime"}),
    result.UndecidedListing: frozenset({"regime", "listed_by"}),
    signal.ServiceUse: frozenset(signal.ServiceUse.__struct_fields__),
    # The sentence holds figures only, and what it may be is of a closed set.
    signal.Signal: frozenset(
        {"kind", "way", "records", "begin", "end", "slowest_per_second", "minute_variation", "gap_variation"}
        | {"top_services", "why", "may_be"}
    ),
    result.Term: frozenset({"low", "high", "source", "ownership_type", "regimes", "place", "holder", "counts"}),
    timeline.TimelineRow: frozenset({"date", "lane", "type", "source", "until", "regime"}),
}
# Of these, only the names of persons change: they are public words about the parties.
PUBLISHED: dict[type[msgspec.Struct], frozenset[str]] = {
    result.Claim: frozenset(result.Claim.__struct_fields__),
    result.EntityRef: frozenset({"id", "caption"}),
    result.Listing: frozenset({"designation", "listed_as", "basis", "citation"}),
    result.ScanResult: frozenset({"sources"}),
}
# Texts that we compose of the law's and the parties' words: own names and listed persons go, an office's name stays.
OF_LAW: dict[type[msgspec.Struct], frozenset[str]] = {
    result.Finding: frozenset({"why", "questions"}),
    result.ConsequenceResult: frozenset({"why"}),
    result.Hop: frozenset({"from_", "to", "note"}),
    result.Term: frozenset({"owner", "owned", "beneficiary"}),
    result.Arithmetic: frozenset({"note"}),
    result.MostRestrictive: frozenset({"holders", "why"}),
    timeline.TimelineRow: frozenset({"text"}),
}
_LAW_OF_EXCEPTION = frozenset({"id", "text", "citation", "question", "status", "effect", "grade", "asks"})


def shared(assessment: Assessment, options: RenderOptions, part: result.ScanResult | None = None) -> result.ScanResult:
    """Return the result as a report meant for sharing prints it; every such report asks here.

    Args:
        assessment: The run.
        options: How to render.
        part: The result with fewer findings, where a report prints no more; None: the whole.
    """
    if options.show_personal:
        return with_shareable_paths(part or assessment.result)
    if part is not None:
        return for_sharing(assessment.result, options.pseudonym_key, assessment.evidence, part)
    return _whole(_Asked(assessment, options))


def for_sharing(
    document: result.ScanResult,
    key: bytes | None = None,
    evidence: pa.Table | None = None,
    part: result.ScanResult | None = None,
) -> result.ScanResult:
    """Return the result with pseudonyms.

    Args:
        document: As it was found.
        key: Secret of the organisation: results that share it share their pseudonyms; None: they are numbered.
        evidence: EVIDENCE: names of ours that the samples of the document have no room for.
        part: What to rewrite, where it is less than the document that names are learned from.
    """
    pseudonyms = Pseudonyms(key)
    own = OwnNames(document, pseudonyms, evidence)
    return _Sharing(part or document, own, Persons(document, pseudonyms), pseudonyms).document()


class _Asked:
    """A run and how to render it; the same only where it is the very same run, because documents have no hash."""

    def __init__(self, assessment: Assessment, options: RenderOptions) -> None:
        self.assessment, self.options = assessment, options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.assessment is other.assessment and self.options == other.options

    def __hash__(self) -> int:
        return hash((id(self.assessment), self.options))


@lru_cache(maxsize=1)  # one run is written in several formats, one after the other
def _whole(asked: _Asked) -> result.ScanResult:
    return for_sharing(asked.assessment.result, asked.options.pseudonym_key, asked.assessment.evidence)


class _Sharing:
    """Rewrites one result; large ones repeat most of their texts, so each is looked at once."""

    def __init__(self, document: result.ScanResult, own: OwnNames, persons: Persons, pseudonyms: Pseudonyms) -> None:
        self._document, self._own, self._persons = document, own, persons
        self._here: tuple[Phrases, ...] = ()  # of the finding or the waiver at hand
        self._shown: dict[tuple[str, bool], str] = {}
        places = (place.file for finding in document.findings for place in finding.artefact.locations)
        signalled = (place.file for seen in document.signals for place in seen.places)
        files = [*(row.file for row in document.coverage), *places, *signalled]
        if document.baseline is not None:
            files.append(document.baseline.file)

        def hide(name: str) -> str:
            return own.file(without_users(name, lambda user: pseudonyms.label("user", user.casefold())))

        self._files = shareable_paths(files, hide)
        self._special: dict[type, Callable[[Any], Any]] = {
            acceptance.Asked: self._asked,
            acceptance.BaselineInfo: self._baseline,
            acceptance.Waiver: self._waiver,
            result.Artefact: self._artefact,
            result.Claim: self._claim,
            result.ConsequenceResult: self._consequence,
            result.Coverage: self._coverage,
            result.EntityRef: persons.entity,
            result.Finding: self._finding,
            result.Listing: self._listing,
            result.Location: self._location,
            signal.Place: self._place,
            signal.Signal: self._signal,
            timeline.TimelineRow: self._timeline_row,
        }

    def document(self) -> result.ScanResult:
        sources = {name: self._source(source) for name, source in self._document.sources.items()}
        return replace(self._fields(self._document), sources=sources)

    def _value(self, item: Any, *, is_law: bool = False) -> Any:  # noqa: ANN401 (whatever a document holds)
        if isinstance(item, str):
            return self._text(item, is_law=is_law)
        if isinstance(item, list):
            changed = [self._value(inner, is_law=is_law) for inner in item]
            return item if all(map(_is_same, changed, item)) else changed
        if isinstance(item, dict):
            return self._details(item)
        if isinstance(item, msgspec.Struct):
            special = self._special.get(type(item))
            return special(item) if special else self._fields(item)
        return item

    def _details(self, details: dict[str, Any], law: frozenset[str] = frozenset()) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in self._own.details(details).items():
            key = self._text(name)
            while key in shown:
                key += "·"  # two devices of one block are one name without a key
            if name == "file" and isinstance(value, str):
                shown[key] = self._files.get(value, shareable_path(value))
            elif isinstance(value, int) and self._text(str(value)) != str(value):
                shown[key] = self._text(str(value))  # the number of an account of ours
            else:
                shown[key] = self._value(value, is_law=name in law)
        return shown

    def _fields(self, item: _T, done: frozenset[str] = frozenset()) -> _T:
        """Rewrite every field that is private by default."""
        changes = {}
        for name, is_law in _private_fields(type(item)):
            before = getattr(item, name)
            if name not in done and (after := self._value(before, is_law=is_law)) is not before:
                changes[name] = after
        return replace(item, **changes) if changes else item

    def _text(self, text: str, *, is_law: bool = False) -> str:
        shown = self._shown.get((text, is_law))
        if shown is None:
            ours = self._own.text(without_folders(text))
            shown = self._persons.in_law(ours) if is_law else self._persons.in_ours(ours)
            self._shown[text, is_law] = shown
        return self._hidden_here(shown)

    def _published(self, text: str) -> str:
        return self._hidden_here(self._persons.in_law(text))

    def _hidden_here(self, text: str) -> str:
        for phrases in self._here:
            text = phrases.hidden(text)
        return text

    def _finding(self, finding: result.Finding) -> result.Finding:
        self._here = (self._persons.of(finding),)
        try:
            shown = self._fields(finding)
        finally:
            self._here = ()
        if shown.listing is not None and finding.listed_entity.schema == "Person":
            # The number of an entry is the person, to whoever has the list.
            return replace(shown, listing=replace(shown.listing, designation=None))
        return shown

    def _consequence(self, rule: result.ConsequenceResult) -> result.ConsequenceResult:
        exceptions = [self._details(item, _LAW_OF_EXCEPTION) for item in rule.exceptions]
        return replace(self._fields(rule, frozenset({"exceptions"})), exceptions=exceptions)

    def _artefact(self, artefact: result.Artefact) -> result.Artefact:
        def shown(text: str) -> str:
            # Who answers for a waiver may be called as a supplier is.
            return self._own.value(without_folders(self._hidden_here(self._persons.in_law(text))), artefact.kind)

        hosts = [replace(item, value=self._own.label("host", item.value)) for item in artefact.own_hosts.top]
        values = [replace(item, value=shown(item.value)) for item in artefact.values.top]
        return replace(
            self._fields(artefact, frozenset({"value", "values", "own_hosts"})),
            value=shown(artefact.value),
            values=replace(artefact.values, top=values),
            own_hosts=replace(artefact.own_hosts, top=hosts),
        )

    def _listing(self, listing: result.Listing) -> result.Listing:
        changes = {
            name: self._published(text)
            for name in PUBLISHED[result.Listing]
            if isinstance(text := getattr(listing, name), str)
        }
        return replace(listing, **changes)

    def _claim(self, claim: result.Claim) -> result.Claim:
        return replace(
            claim,
            speaker=self._published(claim.speaker),
            target=[self._persons.whole(target) for target in claim.target],
            text=self._published(claim.text),
            chain=[self._published(link) for link in claim.chain],
            note=self._published(claim.note) if claim.note else claim.note,
            gaps=self._published(claim.gaps) if claim.gaps else claim.gaps,
        )

    def _source(self, source: dict[str, str | None]) -> dict[str, str | None]:
        shown = {name: self._published(text) if text else text for name, text in source.items()}
        if shown.get("url") != source.get("url"):
            shown["url"] = None  # an address with a pseudonym in it leads nowhere
        return shown

    def _waiver(self, waiver: acceptance.Waiver) -> acceptance.Waiver:
        approver = self._persons.named(waiver.approver) if waiver.approver else waiver.approver
        shown = self._by(waiver, [waiver.owner, waiver.approver or ""], frozenset({"owner", "approver"}))
        return replace(shown, owner=self._persons.named(waiver.owner), approver=approver)

    def _asked(self, asked: acceptance.Asked) -> acceptance.Asked:
        shown = self._by(asked, [asked.by or ""], frozenset({"by"}))
        return replace(shown, by=self._persons.named(asked.by) if asked.by else asked.by)

    def _by(self, item: _T, names: list[str], done: frozenset[str]) -> _T:
        """Rewrite what someone answers for: the name goes from the texts beside it, too."""
        outer, self._here = self._here, (*self._here, self._persons.answering(names))
        try:
            return self._fields(item, done)
        finally:
            self._here = outer

    def _location(self, place: result.Location) -> result.Location:
        return replace(place, file=self._files[place.file])

    def _place(self, place: signal.Place) -> signal.Place:
        return replace(place, file=self._files[place.file])

    def _signal(self, seen: signal.Signal) -> signal.Signal:
        shown = self._fields(seen, frozenset({"source"}))
        is_ours = seen.way != signal.INWARDS
        return replace(shown, source=self._own.label("host", seen.source) if is_ours else self._text(seen.source))

    def _baseline(self, baseline: acceptance.BaselineInfo) -> acceptance.BaselineInfo:
        return replace(baseline, file=self._files[baseline.file])

    def _timeline_row(self, row: timeline.TimelineRow) -> timeline.TimelineRow:
        entities = [self._persons.whole(entity) for entity in row.entities]
        return replace(self._fields(row, frozenset({"entities"})), entities=entities)

    def _coverage(self, row: result.Coverage) -> result.Coverage:
        name = self._files[row.file]

        def shown(text: str) -> str:
            return self._text(text if name == row.file else text.replace(row.file, name))

        reasons: dict[str, int] = {}
        for reason, number in row.reasons.items():
            reasons[shown(reason)] = reasons.get(shown(reason), 0) + number
        return replace(row, file=name, reasons=reasons, notes=[shown(note) for note in row.notes])


@cache
def _private_fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, bool], ...]:
    """Give the names of the fields, and whether they are texts of the law."""
    kept = PUBLIC.get(struct, frozenset()) | PUBLISHED.get(struct, frozenset())
    law = OF_LAW.get(struct, frozenset())
    return tuple((name, name in law) for name in struct.__struct_fields__ if name not in kept)


def _is_same(one: object, other: object) -> bool:
    return one is other
