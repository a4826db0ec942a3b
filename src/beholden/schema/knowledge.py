"""Tables of the knowledge base: what a pack, an importer or an overlay may say.

Every row carries the shared columns: `valid_from`/`valid_to` (true in the world, half-open, null = open),
`published_at` (first public release), `source_id` and `grade`. Dates are `date32`.
"""

from __future__ import annotations

import pyarrow as pa

SHARED: tuple[tuple[str, pa.DataType], ...] = (
    ("valid_from", pa.date32()),
    ("valid_to", pa.date32()),
    ("published_at", pa.date32()),
    ("source_id", pa.string()),
    ("grade", pa.string()),
)
_TEXTS = pa.list_(pa.string())
PERCENT = pa.decimal128(9, 6)


def _table(*columns: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in (*columns, *SHARED)])


_S = pa.string()

TABLES: dict[str, pa.Schema] = {
    # who
    # caption_kind: kind of name the caption is (default legal; brand where no source gives the legal person)
    # addresses, birth_dates: as printed (dates as YYYY, YYYY-MM or YYYY-MM-DD where they can be); to tell parties apart
    # told: JSON list, see schema.told.Told: which source says which of them, where the row holds those of several
    "entities": _table(
        ("id", _S),
        ("schema", _S),
        ("caption", _S),
        ("caption_kind", _S),
        ("jurisdictions", _TEXTS),
        ("addresses", _TEXTS),
        ("birth_dates", _TEXTS),
        ("note", _S),
        ("told", _S),
    ),
    # kind: legal | alias | weak (an alias that its publisher calls weak) | brand | former | unit ; norm is filled by
    # the compiler
    "names": _table(("entity_id", _S), ("name", _S), ("kind", _S), ("lang", _S), ("norm", _S)),
    "identifiers": _table(("entity_id", _S), ("kind", _S), ("value", _S), ("note", _S)),
    # kind: domain | purl | model | asn | ip | oui_organisation | category | oem_brand ; no entity_id = reviewed, NOT a
    # vendor's (`note`) ; value of an oem_brand: the entity whose brand it is ; part: module
    # ids under which an entity was or is published elsewhere: `referent` stands for `entity_id`
    # rule: identifier | same_entry | name_and_more | reviewed | declined (kept apart); reason: in a sentence
    # despite: what speaks against it; sides: JSON list, see schema.side.Side: what each id said before they were joined
    "resolutions": _table(
        ("entity_id", _S), ("referent", _S), ("rule", _S), ("reason", _S), ("despite", _S), ("sides", _S)
    ),
    "assets": _table(
        ("id", _S), ("entity_id", _S), ("kind", _S), ("value", _S), ("relation", _S), ("part", _S), ("note", _S)
    ),
    # address ranges: announced by `asn` (`organisation`: the name printed for it), registered in `jurisdiction`, or an
    # address asset itself (`asset_id`, filled by the compiler)
    "prefixes": _table(
        ("first", _S), ("last", _S), ("asn", _S), ("organisation", _S), ("jurisdiction", _S), ("asset_id", _S)
    ),
    # OUI blocks: 6, 7 or 9 upper-case hex digits
    "ouis": _table(("prefix", _S), ("organisation", _S)),
    # ownership_type: capital | voting | control | affiliate ; null percentages = unknown
    # holder: null (for itself) | nominee (for `beneficiary_id`; null: not disclosed) | unknown (not disclosed)
    "ownership": _table(
        ("id", _S),
        ("owner_id", _S),
        ("owned_id", _S),
        ("percentage_low", PERCENT),
        ("percentage_high", PERCENT),
        ("ownership_type", _S),
        ("holder", _S),
        ("beneficiary_id", _S),
        ("end_published_at", pa.date32()),  # when the end became public; null: on the day it ended
        ("note", _S),
    ),
    # law
    "regimes": _table(
        ("id", _S),
        ("kind", _S),  # list | rule
        ("list_kind", _S),  # edition | event | statute | category
        ("title", _S),
        ("issuer", _S),
        ("jurisdiction", _S),
        ("citation", _S),
        ("loaded", pa.bool_()),
        ("names_party", pa.bool_()),
        ("is_partial", pa.bool_()),  # our copy holds some parties only: absence of others is unknown
        ("covered_from", pa.date32()),
        ("checked_until", pa.date32()),
        ("files", _TEXTS),
        ("note", _S),
    ),
    # gazette, gazette_on: where and when the official gazette printed what had been released before
    "editions": _table(
        ("regime_id", _S),
        ("date", pa.date32()),
        ("is_complete", pa.bool_()),
        ("is_copy", pa.bool_()),  # no printed edition: a running list as we hold it of that day
        ("title", _S),
        ("gazette", _S),
        ("gazette_on", pa.date32()),
    ),
    # one row per name printed in an edition; the compiler derives designations of edition lists from these
    "entries": _table(
        ("regime_id", _S),
        ("edition", pa.date32()),
        ("entity_id", _S),
        ("listed_as", _S),
        ("basis", _S),
        ("is_carried", pa.bool_()),
    ),
    # valid_from = effective, valid_to = ended; entity_id null for a category entry
    "designations": _table(
        ("id", _S),
        ("regime_id", _S),
        ("entity_id", _S),
        ("category", _S),  # of a category entry: id of the category
        ("produced_in", _TEXTS),  # of a category entry: places of production that it covers; `foreign` = outside the US
        ("listed_as", _S),
        ("basis", _S),
        ("programmes", _TEXTS),  # of a sanctions list: programme tags
        ("citation", _S),
        ("gazette", _S),
        ("gazette_on", pa.date32()),
        ("notice", _S),  # the notice that made the entry; effects may hang on all entries of one notice
        ("applies_from", pa.date32()),  # where the issuer gives the entry a later start than the rule's
        ("certainty", _S),  # confirmed | probable (a brand-level entry that may mean this party)
        ("question", _S),
        ("end_published_at", pa.date32()),
        ("end_reason", _S),
        ("is_start_latest", pa.bool_()),  # valid_from is the first copy of ours that prints it; it began by then
        ("is_end_latest", pa.bool_()),  # valid_to is the first copy of ours that omits it; it ended by then
        ("checked_until", pa.date32()),  # last copy that prints it, where the list was read further; null: as the list
        ("note", _S),
    ),
    "consequences": _table(
        ("id", _S),
        ("regime_id", _S),
        ("title", _S),
        ("binds", _TEXTS),
        ("conduct", _TEXTS),
        ("effect", _S),
        ("applies_from", pa.date32()),
        ("until", pa.date32()),
        ("entry_delay_days", pa.int32()),  # the rule counts for an entry this many days after it was listed
        ("ownership", _S),  # none | aggregate_50 | … | subsidiary_or_affiliate | control | unknown
        ("citation", _S),
        ("exceptions", _S),  # JSON list, see schema.rows.RuleException
        ("duties", _S),  # JSON list, see schema.rows.RuleDuty
        ("scope_entities", _TEXTS),  # null: every listed party; else only these
        ("reaches", _TEXTS),  # roles that it does not bind and reaches through their dealings with those it binds
        ("reaches_text", _S),  # how; without `reaches`, why it comes to nobody else
        ("note", _S),
    ),
    "ownership_rules": _table(
        ("id", _S),
        ("regime_id", _S),
        ("rule", _S),
        ("threshold", PERCENT),
        ("foreign_only", pa.bool_()),
        ("sums", _S),  # null: as the test says; `unknown`: whether holdings are added up was not read
        ("lists", _TEXTS),  # more lists whose parties count as holders; `LIST:PROGRAMME` only those under a programme
        ("places", _TEXTS),  # places that make a party count by themselves, where the text says so
        ("places_text", _S),  # that text, with its quotation marks
        ("citation", _S),
        ("note", _S),
    ),
    # valid_from/valid_to = the interval in which the consequence is switched off; null keys = all
    "effects": _table(
        ("id", _S),
        ("kind", _S),  # suspension | stay | stop
        ("target_id", _S),  # consequence, ownership rule or regime
        ("designation_id", _S),
        ("notice", _S),  # in packs: every designation that this notice made, one row each in the base
        ("entity_id", _S),
        ("reverts_automatically", pa.bool_()),  # after valid_to: back | false: not without a new act | null: unknown
        ("end_event", _S),
        ("checked_until", pa.date32()),  # the source (a docket, a journal) was read so far; null: as far as the list's
        ("citation", _S),
        ("note", _S),
    ),
    "events": _table(
        ("id", _S),
        ("date", pa.date32()),
        ("type", _S),
        ("text", _S),
        ("entity_ids", _TEXTS),
        ("regime_id", _S),
        ("consequence_id", _S),
    ),
    # evidence
    # vulnerabilities that an authority reports as exploited; valid_from: the day it was added to the catalogue
    "vulnerabilities": _table(
        ("cve", _S), ("vendor", _S), ("product", _S), ("title", _S), ("is_ransomware_known", pa.bool_()), ("note", _S)
    ),
    "claims": _table(
        ("id", _S),
        ("type", _S),  # allegation | denial | assessment | measure | event | statement
        ("speaker", _S),
        ("speaker_id", _S),
        ("target_ids", _TEXTS),
        ("text", _S),
        ("document", _S),
        ("document_date", pa.date32()),
        ("reported_date", pa.date32()),
        ("reported_by", _TEXTS),  # the chain from speaker to us
        ("caveat", _S),  # unverified | non_response | …
        ("answers", _TEXTS),
        ("gaps", _S),
        ("note", _S),
    ),
    "sources": _table(
        ("id", _S),
        ("title", _S),
        ("publisher", _S),
        ("url", _S),
        ("date", pa.date32()),
        ("class", _S),
        ("licence", _S),
        ("may_pass_on", pa.bool_()),  # whether rows of it may be given to others; null: not stated
        ("attribution", _S),  # what the licence asks to be said
        ("note", _S),
    ),
}

GRADES = frozenset({"A", "B", "C", "K", "H", "M"})
SORT_KEYS: dict[str, tuple[str, ...]] = {
    "entities": ("id",),
    "names": ("entity_id", "name", "kind"),
    "identifiers": ("entity_id", "kind", "value"),
    "resolutions": ("entity_id", "referent"),
    "assets": ("kind", "value", "entity_id", "valid_from"),
    "prefixes": ("first", "last", "asn", "valid_from"),
    "ouis": ("prefix", "organisation"),
    "ownership": ("owned_id", "owner_id", "valid_from"),
    "regimes": ("id",),
    "editions": ("regime_id", "date"),
    "entries": ("regime_id", "edition", "entity_id", "listed_as"),
    "designations": ("regime_id", "id"),
    "consequences": ("id",),
    "ownership_rules": ("id",),
    "effects": ("id",),
    "events": ("date", "id"),
    "vulnerabilities": ("cve",),
    "claims": ("id",),
    "sources": ("id",),
}
