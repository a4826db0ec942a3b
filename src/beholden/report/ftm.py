"""Findings as FollowTheMoney entities, one a line, for tools that read the format of OpenSanctions.

A listing is a `Sanction`, a stake an `Ownership`, money an organisation paid a `Payment`, any other tie of ours to a
party an `UnknownLink`, and what somebody said a `Note` with its answers. No topic is set: it would be a verdict.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from beholden.report.both_sides import both_sides
from beholden.report.exchange import Exchanged, exchanged, unread
from beholden.report.text import visible
from beholden.report.wording import (
    NEUTRALITY,
    listed_phrase,
    quantities,
    rank,
    regime_of,
    standing,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import Artefact, Claim, EntityRef, Finding, Hop, Listing

DATASET = "beholden"

_PARTIES = frozenset({"LegalEntity", "Organization", "Company", "PublicBody", "Person"})
_STAKE = re.compile(r"owned_by \((?P<type>[^,)]+)(?:, (?P<share>.+))?\)")
_SETTLED = frozenset({"paid", "received"})
_CURRENCY = re.compile(r"[A-Z]{3}")

Properties = dict[str, list[str]]


class FtmReport:
    """One entity a line; the same run gives the same ids."""

    name = "ftm"
    suffix = ".ftm.json"
    media_type = "application/json+ftm"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the lines; they go to other people, so personal data is pseudonymised as in STIX."""
        written = entities_of(exchanged(assessment, options))
        lines = (json.dumps(entity, ensure_ascii=False) + "\n" for entity in written)
        return {"": "".join(lines).encode("utf-8")}


def entities_of(given: Exchanged) -> list[dict[str, Any]]:
    """Return the entities of a result: parties first, each thing after what it points at."""
    return list(_Entities(given).made.values())


def entity_id(*about: str | None) -> str:
    """Return the id of an entity, the same for the same `about`."""
    text = json.dumps(about, ensure_ascii=True)
    return f"{DATASET}-{hashlib.sha256(text.encode('ascii')).hexdigest()[:32]}"


class _Entities:
    """Collects entities, each once."""

    def __init__(self, given: Exchanged) -> None:
        self.made: dict[str, dict[str, Any]] = {}
        self._given = given
        self._result = result = given.result
        self._parties: dict[str, str] = {}
        self._claims = {claim.id: claim for claim in result.claims}
        named = result.profile.name if result.profile else ""
        name = named or "The organisation whose records were read"
        self._us = self._add("Organization", ("us", named), {"name": [name]})
        for finding in result.findings:
            self._party(finding.operator)
            self._party(finding.listed_entity)
        for listed in _by_listing(result.findings):
            self._listing(listed)
        for found in _by_artefact(result.findings):
            self._link(found)
            self._payments(found[0])
        for finding in result.findings:
            self._stakes(finding)
        for claim in result.claims:
            self._claim(claim)
        self._coverage()

    def _add(self, schema: str, about: tuple[str | None, ...], properties: Mapping[str, Any], **beside: Any) -> str:  # noqa: ANN401
        made = entity_id(schema, *about)
        kept: Properties = {}
        for name, values in properties.items():
            shown = [_text(value) for value in values if value]
            if shown:
                kept[name] = list(dict.fromkeys(shown))
        caption = next(iter(kept.get("name", [])), schema)
        entity = {"id": made, "caption": caption, "schema": schema, "properties": kept, "datasets": [DATASET]}
        self.made.setdefault(made, entity | {key: value for key, value in beside.items() if value})
        return made

    def _party(self, entity: EntityRef) -> str:
        where = "jurisdiction" if entity.schema in _PARTIES else "country"
        properties = {"name": [entity.caption], where: entity.jurisdictions}
        about = ("party", entity.id, self._given.scope_of(entity))
        made = self._add(entity.schema, about, properties, referents=[entity.id])
        return self._parties.setdefault(entity.id, made)

    def _listing(self, found: list[Finding]) -> None:
        finding = found[0]
        listing: Listing | None = finding.listing
        if listing is None or listing.place is not None:
            return
        title = next((hop.to for hop in finding.path if hop.hop == "listed_on"), listing.regime)
        source = self._cited(listing.source)
        rules = {
            f"{rule.id}: {standing(rule)}; {rule.effect}; binds {', '.join(rule.binds)}"
            for one in found
            for rule in one.consequences
        }
        last = listing.last_known
        self._add(
            "Sanction",
            (listing.regime, listing.designation, self._party(finding.listed_entity)),
            {
                "entity": [self._party(finding.listed_entity)],
                "authority": [source.get("publisher")],
                "program": [title],
                "programId": [listing.regime],
                "provisions": sorted(rules),
                "status": [f"unknown; last known {last.status} on {last.at}" if last else listing.listing_status],
                "reason": [listing.basis],
                # A day that is only a bound stands in the summary, in words.
                "listingDate": [] if listing.since_is_latest else [listing.since],
                "startDate": [] if listing.since_is_latest else [listing.since],
                "summary": [f"{finding.listed_entity.caption}: {listed_phrase(listing)}"],
                "description": [listing.citation, NEUTRALITY],
                "recordId": [listing.designation],
                "sourceUrl": [source.get("url")],
            },
        )

    def _link(self, found: list[Finding]) -> None:
        """What ties us to the operator, with how it stands under every list."""
        artefact, operator = found[0].artefact, found[0].operator
        worst = min(found, key=lambda finding: rank(finding.level))
        self._add(
            "UnknownLink",
            ("link", self._party(operator), *_of(artefact)),
            {
                "subject": [self._us],
                "object": [self._party(operator)],
                "role": [f"{words(artefact.relation)}: {artefact.kind} {artefact.value}"],
                "status": [f"{worst.level} on {self._result.as_of}"],
                "startDate": [_day(artefact.first_seen)],
                "endDate": [_day(artefact.last_seen)],
                "summary": [quantities(artefact.quantities)],
                "description": [f"{regime_of(finding)}, {finding.level}: {finding.why}" for finding in found],
                "recordId": [finding.id for finding in found],
            },
            first_seen=artefact.first_seen,
            last_seen=artefact.last_seen,
        )

    def _payments(self, finding: Finding) -> None:
        """The sum paid per currency; what is only invoiced is said in the link."""
        artefact, operator = finding.artefact, finding.operator
        sides = {"out": (self._us, self._party(operator)), "in": (self._party(operator), self._us)}
        if artefact.direction not in sides or operator.schema not in _PARTIES:
            return
        payer, beneficiary = sides[artefact.direction]
        for item in artefact.quantities:
            if item.what not in _SETTLED or not _CURRENCY.fullmatch(item.unit):
                continue
            self._add(
                "Payment",
                ("paid", self._party(operator), *_of(artefact), item.what, item.unit),
                {
                    "payer": [payer],
                    "beneficiary": [beneficiary],
                    "amount": [item.amount],
                    "currency": [item.unit],
                    "purpose": [f"{words(artefact.relation)}, {artefact.count} records in all"],
                    "startDate": [_day(artefact.first_seen)],
                    "endDate": [_day(artefact.last_seen)],
                },
                first_seen=artefact.first_seen,
                last_seen=artefact.last_seen,
            )

    def _stakes(self, finding: Finding) -> None:
        known = {finding.listed_entity.caption: finding.listed_entity, finding.operator.caption: finding.operator}
        for hop in finding.path:
            stake = _STAKE.fullmatch(hop.hop)
            if stake is not None:
                owned = known.get(hop.from_)
                owner = known.get(hop.to)
                self._stake(
                    hop,
                    stake,
                    owner=self._party(owner) if owner else self._named(hop.to),
                    owned=self._party(owned) if owned else self._named(hop.from_),
                    is_company=owned is not None and owned.schema == "Company",
                )

    def _stake(self, hop: Hop, stake: re.Match[str], *, owner: str, owned: str, is_company: bool) -> None:
        share = stake["share"] if stake["share"] and stake["share"].endswith("%") else None
        source = self._cited(hop.source)
        said: Properties | dict[str, Any] = {
            "startDate": [hop.valid_from],
            "endDate": [hop.valid_to],
            "summary": [hop.note],
            "publisher": [source.get("publisher")],
            "sourceUrl": [source.get("url")],
        }
        about = ("stake", owner, owned, hop.hop, hop.source, hop.valid_from)
        if is_company:
            held = {"ownershipType": [stake["type"]], "percentage": [share.removesuffix(" %") if share else None]}
            self._add("Ownership", about, {"owner": [owner], "asset": [owned], **held, **said})
        else:  # in FollowTheMoney only companies, of all parties, can be owned
            self._add("UnknownLink", about, {"subject": [owner], "object": [owned], "role": [hop.hop], **said})

    def _named(self, name: str) -> str:
        return self._add("LegalEntity", ("named", name), {"name": [name]})

    def _claim(self, claim: Claim) -> None:
        source = self._cited(claim.source)
        said_in = []
        if source:
            said_in.append(
                self._add(
                    "Article",
                    ("source", claim.source),
                    {
                        "title": [source.get("title")],
                        "name": [source.get("title")],
                        "publisher": [source.get("publisher")],
                        "publishedAt": [source.get("date")],
                        "sourceUrl": [source.get("url")],
                    },
                )
            )
        self._add(
            "Note",
            ("claim", claim.id),
            {
                "name": [f"{words(claim.type).capitalize()} by {claim.speaker}"],
                "entity": [self._target(target) for target in claim.target],
                "description": [both_sides(claim, self._claims)],
                "summary": [claim.caveat],
                "createdAt": [claim.reported_date],
                "keywords": [claim.type],
                "proof": said_in,
            },
        )

    def _target(self, target: str) -> str:
        """A party that a claim is about; one without findings is known by its id alone."""
        known = self._parties.get(target)
        return known or self._add("LegalEntity", ("party", target), {"name": [target]}, referents=[target])

    def _coverage(self) -> None:
        """What was not read, and which lists are not loaded."""
        said = {"name": ["What was not read"], "entity": [self._us], "createdAt": [self._result.as_of]}
        self._add("Note", ("coverage",), {**said, "description": [unread(self._result)]})

    def _cited(self, source_id: str | None) -> dict[str, str | None]:
        return self._result.sources.get(source_id or "", {})


def _by_listing(findings: list[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[str, str | None, str], list[Finding]] = {}
    for finding in findings:
        if finding.listing is not None:
            key = (finding.listing.regime, finding.listing.designation, finding.listed_entity.id)
            groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _by_artefact(findings: list[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.operator.id, *_of(finding.artefact)), []).append(finding)
    return list(groups.values())


def _of(artefact: Artefact) -> tuple[str, str, str]:
    return str(artefact.kind), artefact.value, str(artefact.relation)


def _day(moment: str | None) -> str | None:
    return moment[:10] if moment else None


def _text(value: str) -> str:
    return "\n".join(map(visible, str(value).split("\n")))
