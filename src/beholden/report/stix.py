"""Findings as a STIX 2.1 bundle, for platforms that exchange what is known about networks and parties.

Neutral by the choice of objects: no indicator, malware, threat actor or report. A party is an `identity`, a listing and
a claim are each a `note` by who made them, a finding is a `grouping` of what it rests on, and a step of a path is a
`relationship`. Everything that STIX has no property for is in one extension, so that strict readers accept the bundle.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.report.both_sides import both_sides
from beholden.report.exchange import Exchanged, exchanged, unread
from beholden.report.stix_objects import Dated, Object, is_observable, midnight, moment, object_id, preamble
from beholden.report.wording import listed_phrase, quantities, regime_of, words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import Claim, EntityRef, Finding, Listing

_CLASS = {"Person": "individual", "Company": "organization", "Organization": "organization"}
_MOST_OBSERVED = 999_999_999  # 4.14


class StixReport:
    """One bundle; the same run gives the same ids, what changed has others; times are those of the date asked."""

    name = "stix"
    suffix = ".stix.json"
    media_type = "application/stix+json"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the bundle; personal data is pseudonymised unless the options say otherwise."""
        bundle = bundle_of(exchanged(assessment, options))
        return {"": json.dumps(bundle, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"}


def bundle_of(given: Exchanged) -> Object:
    """Return the bundle of a result."""
    result = given.result
    written = _Bundle(given)
    for claim in result.claims:
        written.claim(claim)
    for finding in result.findings:
        written.finding(finding)
    written.coverage()
    return {
        "type": "bundle",
        "id": object_id("bundle", result.as_of, result.known_at, result.kb.digest, *written.objects),
        "objects": list(written.objects.values()),
    }


class _Bundle:
    """Collects objects, each once, in the order in which they are first needed."""

    def __init__(self, given: Exchanged) -> None:
        self.objects: dict[str, Object] = {made["id"]: made for made in preamble()}
        self._given = given
        self._result = result = given.result
        self._dated = Dated(result.as_of)
        self._claims = {claim.id: claim for claim in result.claims}
        self._notes: dict[str, str | None] = {}  # claim → its note; none yet where claims answer each other in a circle
        self._entities = {
            entity.id: entity for finding in result.findings for entity in (finding.operator, finding.listed_entity)
        }
        named = result.profile.name if result.profile else ""
        name = named or "The organisation whose records were read"
        self._us = self._add("identity", ("us", named), {}, name=name, identity_class="organization")

    def _keep(self, made: Object) -> str:
        return str(self.objects.setdefault(made["id"], made)["id"])

    def _add(self, kind: str, about: tuple[str | None, ...], says: Object, **properties: Any) -> str:  # noqa: ANN401
        return self._keep(self._dated.make(kind, about, says, **properties))

    def _entity(self, entity: EntityRef) -> str:
        says = {"about": "entity", "id": entity.id, "schema": entity.schema, "jurisdictions": entity.jurisdictions}
        kind = _CLASS.get(entity.schema, "unknown")
        about = ("entity", entity.id, self._given.scope_of(entity))
        return self._add("identity", about, says, name=entity.caption, identity_class=kind)

    def _party(self, entity_id: str) -> str:
        """A party that a claim is about; one without findings is known by its id alone."""
        entity = self._entities.get(entity_id)
        if entity is not None:
            return self._entity(entity)
        says = {"about": "entity", "id": entity_id}
        return self._add("identity", ("entity", entity_id), says, name=entity_id, identity_class="unknown")

    def claim(self, claim: Claim) -> str | None:
        """What somebody said; what it answers comes first, because the note points at it."""
        if claim.id in self._notes:
            return self._notes[claim.id]
        self._notes[claim.id] = None
        about = [self._party(entity_id) for entity_id in claim.target]
        answered = [self.claim(self._claims[other]) for other in claim.answers if other in self._claims]
        about += [note for note in answered if note is not None]
        says = {
            "about": "claim",
            **{name: value for name, value in msgspec.to_builtins(claim).items() if name not in ("text", "span")},
        }
        made = self._notes[claim.id] = self._add(
            "note",
            ("claim", claim.id),
            says,
            abstract=f"{words(claim.type).capitalize()} by {claim.speaker}",
            content=both_sides(claim, self._claims),
            authors=[claim.speaker],
            object_refs=about or [self._us],
            external_references=self._cited(claim.source, claim.id),
        )
        return made

    def finding(self, finding: Finding) -> None:
        """A finding with everything it rests on."""
        artefact = finding.artefact
        thing = self._keep(self._dated.artefact(artefact.kind, artefact.value, self._given.scope_of(finding.operator)))
        operator, listed = self._entity(finding.operator), self._entity(finding.listed_entity)
        rests_on = [self._us, thing, operator, listed, self._exposure(finding, thing), *self._seen(finding, thing)]
        rests_on += self._path(finding, thing)
        if finding.listing is not None:
            rests_on.append(self._listing(finding, finding.listing, listed))
        rests_on += self._both_sides_of(finding)
        self._add(
            "grouping",
            ("finding", finding.id),
            _of_finding(finding),
            name=f"{regime_of(finding)}: {finding.operator.caption}, {words(artefact.relation)}, {artefact.value}",
            description=finding.why,
            context="unspecified",
            labels=[f"level-{finding.level}", f"list-{regime_of(finding)}"],
            object_refs=list(dict.fromkeys(rests_on)),
        )

    def _both_sides_of(self, finding: Finding) -> list[str]:
        cited = [self._claims[claim_id] for claim_id in finding.claims if claim_id in self._claims]
        answers = [claim for claim in self._result.claims if not set(claim.answers).isdisjoint(one.id for one in cited)]
        return [note for claim in (*cited, *answers) if (note := self.claim(claim)) is not None]

    def _exposure(self, finding: Finding, thing: str) -> str:
        """Our side: what the artefact is to us, and how much went which way."""
        artefact = finding.artefact
        says = {
            "about": "exposure",
            "artefact_id": artefact.id,
            "relation": artefact.relation,
            "direction": artefact.direction,
            "segment": artefact.segment,
            "unit": artefact.unit,
            "count": artefact.count,
            "quantities": msgspec.to_builtins(artefact.quantities),
        }
        measured = quantities(artefact.quantities)
        return self._add(
            "relationship",
            ("exposure", self._us, thing, self._entity(finding.operator), artefact.relation),
            says,
            relationship_type="related-to",
            description=words(artefact.relation) + (f": {measured}" if measured else ""),
            source_ref=self._us,
            target_ref=thing,
        )

    def _seen(self, finding: Finding, thing: str) -> list[str]:
        """When it was seen in our records, where a record has times."""
        artefact = finding.artefact
        if not artefact.first_seen or not artefact.last_seen:
            return []
        first, last = moment(artefact.first_seen), moment(artefact.last_seen)
        times = min(max(artefact.count, 1), _MOST_OBSERVED)
        about = ("seen", thing, self._entity(finding.operator), artefact.relation)
        if is_observable(self.objects[thing]):
            span = {"first_observed": first, "last_observed": last, "number_observed": times}
            return [self._add("observed-data", about, {}, **span, object_refs=[thing])]
        seen = {"first_seen": first, "last_seen": last, "count": times, "where_sighted_refs": [self._us]}
        return [self._add("sighting", about, {}, **seen, sighting_of_ref=thing)]

    def _path(self, finding: Finding, thing: str) -> list[str]:
        """The steps between things and parties; the last one, to the list, is the listing's note."""
        known = {
            finding.artefact.value: thing,
            finding.listed_entity.caption: self._entity(finding.listed_entity),
            finding.operator.caption: self._entity(finding.operator),
        }
        steps = []
        for position, hop in enumerate(finding.path):
            if hop.hop == "listed_on":
                continue
            # A ledger often prints the very name of the party: the first step leads from the name to the party.
            source = thing if position == 0 and finding.artefact.kind == "name" else self._node(hop.from_, known)
            target = self._node(hop.to, known)
            if source == target:
                continue
            said = msgspec.to_builtins(hop)
            # 3.1 asks for names of three letters or more.
            says = {"about": "hop", "from_value": said.pop("from"), "to_value": said.pop("to"), **said}
            steps.append(
                self._add(
                    "relationship",
                    ("hop", source, target, hop.hop, hop.source, hop.valid_from),
                    says,
                    relationship_type="related-to",
                    description="; ".join(part for part in (words(hop.hop), hop.note) if part),
                    source_ref=source,
                    target_ref=target,
                    start_time=midnight(hop.valid_from),
                    stop_time=midnight(hop.valid_to) if _is_after(hop.valid_to, hop.valid_from) else None,
                    external_references=self._cited(hop.source),
                )
            )
            steps += [source, target]
        return steps

    def _node(self, text: str, known: dict[str, str]) -> str:
        if text not in known:
            made = next(
                (made for kind in _guesses(text) if is_observable(made := self._dated.artefact(kind, text))), None
            )
            if made is None:
                made = self._dated.make("identity", ("named", text), {}, name=text, identity_class="unknown")
            known[text] = self._keep(made)
        return known[text]

    def _listing(self, finding: Finding, listing: Listing, listed: str) -> str:
        """The issuer's act."""
        source = self._result.sources.get(listing.source or "", {})
        on = next((hop.to for hop in finding.path if hop.hop == "listed_on"), listing.regime)
        last = listing.last_known
        known = f"Last known: {last.status} on {last.at}." if last else None
        text = [
            f"{finding.listed_entity.caption}: {listed_phrase(listing)} ({on}).",
            known,
            listing.basis,
            listing.citation,
        ]
        return self._add(
            "note",
            ("listing", listing.regime, listing.designation, listed),
            {"about": "listing", **msgspec.to_builtins(listing)},
            abstract=f"Listing on {on}",
            content="\n".join(part for part in text if part),
            authors=[source.get("publisher") or on],
            object_refs=[listed],
            external_references=self._cited(listing.source, listing.designation),
        )

    def _cited(self, source_id: str | None, external_id: str | None = None) -> list[Object]:
        if source_id is None and external_id is None:
            return []
        source = self._result.sources.get(source_id or "", {})
        named = {
            "source_name": source_id or "beholden",
            "description": source.get("title"),
            "url": source.get("url"),
            "external_id": external_id or source_id,
        }
        return [{key: value for key, value in named.items() if value}]

    def coverage(self) -> None:
        """What was not read, and which lists are not loaded: beside the findings, as everywhere."""
        result = self._result
        says = {
            "about": "coverage",
            "as_of": result.as_of,
            "known_at": result.known_at,
            "kb_digest": result.kb.digest,
            "files": len(result.coverage),
            "records_read": sum(row.records_read for row in result.coverage),
            "records_rejected": sum(row.records_rejected for row in result.coverage),
        }
        self._add(
            "note",
            ("coverage", self._us),
            says,
            abstract="What was not read",
            content=unread(result),
            object_refs=[self._us],
        )


def _of_finding(finding: Finding) -> Object:
    whole = msgspec.to_builtins(finding)
    taken = ("id", "level", "level_if_confirmed", "stale", "match", "arithmetic", "questions", "claims", "baseline")
    rules = ("id", "level", "level_if_confirmed", "consequence_status", "applies_from", "until", "effect", "binds")
    waiver = finding.waiver
    return {
        "about": "finding",
        **{name: whole[name] for name in taken},
        "regime": regime_of(finding),
        "consequences": [
            {name: rule[name] for name in (*rules, "binds_you", "citation", "duties")} for rule in whole["consequences"]
        ],
        "waiver": {"id": waiver.id, "status": waiver.status, "expires": waiver.expires} if waiver else None,
    }


def _is_after(later: str | None, earlier: str | None) -> bool:
    """5.1: a relationship stops later than it starts."""
    return later is not None and (earlier is None or later > earlier)


def _guesses(text: str) -> list[str]:
    """Which kinds of artefact a node of a path may be."""
    if text.startswith("pkg:"):
        return ["purl"]
    return ["ip", "asn", "mac", *(["domain"] if "." in text and text.isascii() and " " not in text else [])]
