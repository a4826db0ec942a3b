"""Rows of the knowledge base as values, for code that reasons about a handful of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from beholden.schema.rule_parts import RuleDuty, RuleException
from beholden.schema.side import Side
from beholden.schema.told import Told

Day = date  # for rows that have a column of that name
# `source_id` of a row that is only supposed, and `end_reason` of an entry whose end is: `whatif` lays them over a base.
HYPOTHESIS = "hypothesis"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Columns that every row carries; intervals are half-open and null ends are open."""

    valid_from: date | None = None
    valid_to: date | None = None
    published_at: date | None = None
    source_id: str | None = None
    grade: str | None = None

    def is_known(self, known_at: date | None) -> bool:
        """Whether the public could know the row at `known_at` (None: everything we hold)."""
        return known_at is None or self.published_at is None or self.published_at <= known_at

    def holds(self, as_of: date) -> bool:
        """Whether the row is true at `as_of`."""
        return (self.valid_from is None or self.valid_from <= as_of) and (
            self.valid_to is None or as_of < self.valid_to
        )


def _public_end(ended: date | None, published: date | None, known_at: date | None) -> date | None:
    """An end as far as it was public; without a day of its own it became public on the day itself."""
    published = published or ended
    return None if known_at is not None and published is not None and published > known_at else ended


class Entity(Row, frozen=True, kw_only=True):
    """A party or thing that can be listed or owned.

    Attributes:
        told: Where places, addresses and birth dates are those of several sources or ids: who says which, the source of
            the row first. Empty: all are of `source_id`.
    """

    id: str
    schema: str
    caption: str
    caption_kind: str = "legal"
    jurisdictions: list[str] = []
    addresses: list[str] = []
    birth_dates: list[str] = []
    note: str | None = None
    told: list[Told] = []


class Name(Row, frozen=True, kw_only=True):
    """A name of an entity and its normal form."""

    entity_id: str
    name: str
    kind: str
    lang: str | None = None
    norm: str = ""  # filled by the compiler


class Identifier(Row, frozen=True, kw_only=True):
    """A value in a named scheme."""

    entity_id: str
    kind: str
    value: str
    note: str | None = None


class Resolution(Row, frozen=True, kw_only=True):
    """An id of another publication that stands for an entity, and why; or a pair that is two parties, or may be.

    Attributes:
        rule: What joins them; `declined`: they are kept apart; `open`: nobody can say yet.
        reason: Why they are joined; of a declined pair, why they are kept apart.
        despite: What speaks against that.
        sides: Of a pair that a person should look at, what each id said by itself: joined, it can no longer be told.
    """

    entity_id: str
    referent: str
    rule: str
    reason: str
    despite: str | None = None
    sides: list[Side] = []

    @property
    def joins(self) -> bool:
        """Whether the two are one party."""
        return self.rule not in ("declined", "open")


class Asset(Row, frozen=True, kw_only=True):
    """A domain, package or model namespace, ASN, address, OUI organisation or brand; no entity: not a vendor's."""

    id: str
    entity_id: str | None = None
    kind: str
    value: str
    relation: str | None = None
    part: str | None = None  # `module`: built into devices of others
    note: str | None = None


class Prefix(Row, frozen=True, kw_only=True):
    """An address range and who announced it (`asn`), or the asset it is itself (`asset_id`)."""

    first: str
    last: str
    asn: str | None = None
    organisation: str | None = None
    jurisdiction: str | None = None
    asset_id: str | None = None


class Oui(Row, frozen=True, kw_only=True):
    """A block of hardware addresses and the organisation it is assigned to."""

    prefix: str
    organisation: str


class Ownership(Row, frozen=True, kw_only=True):
    """A direct holding; percent 0–100, null bounds are unknown."""

    id: str
    owner_id: str
    owned_id: str
    percentage_low: Decimal | None = None
    percentage_high: Decimal | None = None
    ownership_type: str = "capital"
    holder: str | None = None
    beneficiary_id: str | None = None
    end_published_at: date | None = None
    note: str | None = None

    def ended(self, known_at: date | None) -> date | None:
        """The end of the holding as far as it was public at `known_at`."""
        return _public_end(self.valid_to, self.end_published_at, known_at)

    def stands(self, as_of: date, known_at: date | None) -> bool:
        """Whether it held at `as_of`, with what was public at `known_at`."""
        ended = self.ended(known_at)
        return (
            self.is_known(known_at)
            and (self.valid_from is None or self.valid_from <= as_of)
            and (ended is None or as_of < ended)
        )

    @property
    def is_disclosed(self) -> bool:
        """Whether it is known for whom it is held."""
        return self.holder is None or (self.holder == "nominee" and self.beneficiary_id is not None)

    @property
    def held_for(self) -> str:
        """Whom it counts for: the beneficiary of a nominee, otherwise the owner."""
        return self.beneficiary_id if self.holder == "nominee" and self.beneficiary_id else self.owner_id


class Regime(Row, frozen=True, kw_only=True):
    """A list or a rule without a list."""

    id: str
    kind: str
    list_kind: str | None = None
    title: str
    issuer: str | None = None
    jurisdiction: str | None = None
    citation: str | None = None
    loaded: bool = False
    names_party: bool = True
    is_partial: bool = False
    covered_from: date | None = None
    checked_until: date | None = None
    files: list[str] = []
    note: str | None = None


def _cited(citation: str | None, gazette: str | None, gazette_on: date | None, known_at: date | None) -> str | None:
    if gazette is None or (known_at is not None and gazette_on is not None and gazette_on > known_at):
        return citation
    shown = f"{gazette} ({gazette_on})" if gazette_on else gazette
    return f"{citation}, {shown}" if citation else shown


class Edition(Row, frozen=True, kw_only=True):
    """One published state of an edition list."""

    regime_id: str
    date: date
    is_complete: bool = True
    is_copy: bool = False
    title: str | None = None
    gazette: str | None = None
    gazette_on: Day | None = None

    def cited(self, known_at: Day | None) -> str | None:
        """Title of the edition; where the gazette printed it too, only from that day."""
        return _cited(self.title, self.gazette, self.gazette_on, known_at)


class Entry(Row, frozen=True, kw_only=True):
    """One name printed in one edition."""

    regime_id: str
    edition: date
    entity_id: str
    listed_as: str
    basis: str | None = None
    is_carried: bool = False


class Designation(Row, frozen=True, kw_only=True):
    """An entry of a party (or a category) on a list over an interval."""

    id: str
    regime_id: str
    entity_id: str | None = None
    category: str | None = None
    produced_in: list[str] = []
    listed_as: str | None = None
    basis: str | None = None
    programmes: list[str] = []
    citation: str | None = None
    gazette: str | None = None
    gazette_on: date | None = None
    notice: str | None = None
    applies_from: date | None = None
    certainty: str = "confirmed"
    question: str | None = None
    end_published_at: date | None = None
    end_reason: str | None = None
    is_start_latest: bool = False
    is_end_latest: bool = False
    checked_until: date | None = None
    note: str | None = None

    @property
    def is_supposed(self) -> bool:
        """Whether the entry, or its end, is a hypothesis: no copy of a list and no publication bounds it."""
        return HYPOTHESIS in (self.source_id, self.end_reason)

    def ended(self, known_at: date | None) -> date | None:
        """The end of the listing as far as it was public at `known_at`."""
        return _public_end(self.valid_to, self.end_published_at, known_at)

    def cited(self, known_at: date | None) -> str | None:
        """Where the entry stands; where the gazette printed it too, only from that day."""
        return _cited(self.citation, self.gazette, self.gazette_on, known_at)


class Consequence(Row, frozen=True, kw_only=True):
    """A rule keyed to a list: whom it binds, which conduct it touches, its effect, from when."""

    id: str
    regime_id: str
    title: str
    binds: list[str] = []
    conduct: list[str] = []
    effect: str | None = None
    applies_from: date | None = None
    until: date | None = None
    entry_delay_days: int | None = None
    ownership: str = "unknown"
    citation: str | None = None
    exceptions: list[RuleException] = []
    duties: list[RuleDuty] = []
    scope_entities: list[str] = []
    reaches: list[str] = []
    reaches_text: str | None = None
    note: str | None = None


class OwnershipRule(Row, frozen=True, kw_only=True):
    """A named ownership test that extends a list, with its own validity."""

    id: str
    regime_id: str
    rule: str
    threshold: Decimal | None = None
    foreign_only: bool = False
    sums: str | None = None
    lists: list[str] = []
    places: list[str] = []
    places_text: str | None = None
    citation: str | None = None
    note: str | None = None


class EffectRow(Row, frozen=True, kw_only=True):
    """An interval in which a consequence is switched off, for all or for one party."""

    id: str
    kind: str
    target_id: str
    designation_id: str | None = None
    notice: str | None = None
    entity_id: str | None = None
    reverts_automatically: bool | None = None
    end_event: str | None = None
    checked_until: date | None = None
    citation: str | None = None
    note: str | None = None


class Event(Row, frozen=True, kw_only=True):
    """Something that happened; moves no interval."""

    id: str
    date: date
    type: str
    text: str
    entity_ids: list[str] = []
    regime_id: str | None = None
    consequence_id: str | None = None


class Vulnerability(Row, frozen=True, kw_only=True):
    """A vulnerability that an authority reports as exploited."""

    cve: str
    vendor: str
    product: str
    title: str
    is_ransomware_known: bool = False
    note: str | None = None


class ClaimRow(Row, frozen=True, kw_only=True):
    """What a named speaker is reported to have said."""

    id: str
    type: str
    speaker: str
    speaker_id: str | None = None
    target_ids: list[str] = []
    text: str
    document: str | None = None
    document_date: date | None = None
    reported_date: date | None = None
    reported_by: list[str] = []
    caveat: str | None = None
    answers: list[str] = []
    gaps: str | None = None
    note: str | None = None


class SourceRow(Row, frozen=True, kw_only=True):
    """Where a row comes from."""

    id: str
    title: str
    publisher: str | None = None
    url: str | None = None
    date: date | None = None
    class_: str | None = msgspec.field(name="class", default=None)
    licence: str | None = None
    may_pass_on: bool | None = None
    attribution: str | None = None
    note: str | None = None


TYPES: dict[str, type[Row]] = {
    "entities": Entity,
    "names": Name,
    "identifiers": Identifier,
    "resolutions": Resolution,
    "assets": Asset,
    "prefixes": Prefix,
    "ouis": Oui,
    "ownership": Ownership,
    "regimes": Regime,
    "editions": Edition,
    "entries": Entry,
    "designations": Designation,
    "consequences": Consequence,
    "ownership_rules": OwnershipRule,
    "effects": EffectRow,
    "events": Event,
    "vulnerabilities": Vulnerability,
    "claims": ClaimRow,
    "sources": SourceRow,
}
Plain = dict[str, Any]
