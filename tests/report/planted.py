"""A result in which every string that may hold something private does hold it, built from the structs themselves."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from beholden.schema import acceptance, result, signal, timeline
from beholden.schema.result import Counted, EntityRef, Sample, ScanResult

HOST = "qz7-camlab"
FQDN = "relay-3.plant.example"
UNLISTED_FQDN = "printer-9.floor2.internal"  # no field says that it is ours; its ending does
ADDRESS = "10.66.77.88"
IPV6 = "fd00:0:66::77"
INTERFACE = "eni-0feedc0de"
ACCOUNT = "987650123456"
USER = "quillam"
HOMES = "/home"
EMAIL = "berta@plant.example"
LISTED = "Quilla Marlowe"
OWNER = "Olaf Tannenbaum"
ANSWERING = "Berta Ziegelbrand"
MACS = ("44:19:b6:5e:7d:3c", "44-19-B6-5E-7D-3C", "4419.b65e.7d3c", "4419b65e7d3c")
# The part of each spelling that tells one device from another of its maker.
DEVICES = ("5e:7d:3c", "5E-7D-3C", "5e.7d3c", "5e7d3c")

OURS = (HOST, FQDN, UNLISTED_FQDN, ADDRESS, "66::77", INTERFACE, ACCOUNT, USER, EMAIL, *DEVICES)
PEOPLE = (LISTED, OWNER, ANSWERING)

LAW_TEXT = (
    f"Seen: {HOST}, {FQDN}: {UNLISTED_FQDN.upper()} ({ADDRESS}) [FD00:0000:66::77] {ADDRESS}:443 {INTERFACE} {ACCOUNT} "
    f"{' '.join(MACS)} {HOMES}/{USER}/in/x.csv by {EMAIL} and {LISTED}."
)
TEXT = f"{LAW_TEXT} Approved by {OWNER.upper()} and {ANSWERING}."
FILE = f"Users/{USER}/logs/{HOST}_{ADDRESS}-{MACS[1]}.{MACS[3]}.{FQDN}.log"

# Fields that cannot hold anything of ours: what the base says, words of closed sets, dates, numbers, digests.
NOT_OURS: dict[type, set[str]] = {
    result.UndecidedListing: {"regime", "listed_by"},
    acceptance.AuthorisationUse: {"valid_from", "valid_to"},
    acceptance.BaselineInfo: {"as_of", "kb_digest"},
    acceptance.GateInfo: {"fail_on"},
    acceptance.Gone: {"id", "level"},
    acceptance.Waiver: {"created", "expires", "status"},
    result.Act: {"from_", "to", "consequence_status"},
    result.Arithmetic: {"rule", "threshold", "low", "high", "outcome", "tally"},
    result.Artefact: {"id", "kind", "relation", "direction", "segment", "first_seen", "last_seen"},
    result.ConsequenceResult: {
        *("id", "level", "level_if_confirmed", "consequence_status", "applies_from", "until"),
        *("effect", "binds", "citation", "grade"),
    },
    result.Coverage: {"reader", "status", "not_resolved"},
    result.Duty: {"id", "text", "citation", "calendar", "due"},
    result.EntitySummary: {"levels", "relations"},
    result.Finding: {"id", "previous_ids", "level", "level_if_confirmed", "claims", "baseline"},
    result.Hop: {"hop", "source", "grade", "valid_from", "valid_to"},
    result.KnowledgeBaseInfo: {"digest", "as_held"},
    result.LastKnown: {"status", "at"},
    result.Listing: {"regime", "listing_status", "edition", "since", "source", "grade", "place"},
    result.MatchResult: {"method", "decision"},
    result.MonthQuantity: {"month", "since", "amount", "unit", "what"},
    result.ProfileInfo: {"name", "roles", "units"},
    result.Quantity: {"amount", "unit", "what"},
    result.ScanResult: {"schema_version", "command", "as_of", "known_at"},
    result.SourceInfo: {"id", "edition", "covered_from", "checked_until", "between"},
    result.Summary: {"by_level"},
    result.MostRestrictive: {"regime"},
    result.Term: {"low", "high", "source", "ownership_type", "regimes", "place", "holder", "counts"},
    signal.ServiceUse: {"service"},
    signal.Signal: {
        *("kind", "way", "records", "begin", "end", "slowest_per_second", "minute_variation", "gap_variation"),
        *("why", "may_be"),
    },
    timeline.TimelineRow: {"date", "lane", "type", "source", "until", "regime"},
}
# Public words about the parties: they may name a person, and nothing of ours.
PUBLISHED: dict[type, set[str]] = {
    result.Claim: {"speaker", "text", "chain", "note", "gaps"},
    result.Listing: {"designation", "listed_as", "basis", "citation"},
    result.ScanResult: {"sources"},
}
# Texts of the law's and the parties' words: who answers for a waiver does not stand in them.
OF_LAW: dict[type, set[str]] = {
    result.Finding: {"why", "questions"},
    result.ConsequenceResult: {"why"},
    result.Hop: {"from_", "to", "note"},
    result.Term: {"owner", "owned", "beneficiary"},
    result.Arithmetic: {"note"},
    result.MostRestrictive: {"holders", "why"},
    timeline.TimelineRow: {"text"},
}
_ALSO_NOT_OURS: dict[type, set[str]] = {
    result.Claim: set(result.Claim.__struct_fields__) - PUBLISHED[result.Claim] - {"target"},
}
_WORDS = {
    **{"level": "review", "level_if_confirmed": "prohibited", "kind": "mac", "relation": "hardware", "baseline": "new"},
    **{"direction": "none", "as_of": "2026-08-01", "status": "partial", "consequence_status": "in_force"},
    **{"regime": "us-889", "listing_status": "listed", "fail_on": "review", "decision": "confirmed", "amount": "1"},
    **{"date": "2026-07-01", "lane": "happened", "month": "2026-07", "unit": "USD", "due": "2026-09-01"},
    **dict.fromkeys(("first_seen", "last_seen"), "2026-06-30T08:00:00+00:00"),
    **dict.fromkeys(("since", "edition", "applies_from", "until", "valid_from", "valid_to", "at"), "2026-02-01"),
    **dict.fromkeys(("from_", "to", "document_date", "reported_date", "covered_from", "checked_until"), "2026-02-01"),
    **{"low": "50", "high": "60", "threshold": ">= 50 %", "known_at": "2026-08-01"},
    **{"created": "2026-01-01", "expires": "2027-01-01", "effect": "prohibit", "source": None},
}
_OWN_FACTS = {
    **{"hostname": HOST, "client_fqdn": FQDN.upper() + ".", "interface": INTERFACE, "account": int(ACCOUNT)},
    **{"some_fact": TEXT, "nested": {"list": [TEXT, {"deep": TEXT}]}, TEXT: 1},
}
PERSON = EntityRef(id="quilla-marlowe", schema="Person", caption=LISTED)
COMPANY = EntityRef(id="acme", schema="Company", caption="Acme Cameras")


def planted_result() -> ScanResult:
    """A document with one of everything, full of private things."""
    document: ScanResult = _struct(ScanResult)
    finding = document.findings[0]
    finding.operator, finding.listed_entity = COMPANY, PERSON
    finding.artefact.own_hosts = Sample(
        distinct=4, top=[Counted(value=value, count=1) for value in (HOST.upper(), FQDN, ADDRESS, IPV6)]
    )
    # What was found is a thing or a supplier: nobody who answers for a waiver is looked for there.
    finding.artefact.value = LAW_TEXT
    finding.artefact.values = Sample(distinct=1, top=[Counted(value=LAW_TEXT, count=1)])
    assert finding.waiver is not None
    finding.waiver.owner, finding.waiver.approver = OWNER, f"{OWNER} <{EMAIL}>"
    finding.asked[0].by = f"{ANSWERING} (Legal)"
    document.waivers[0].waiver.owner = document.waivers[0].waiver.approver = ANSWERING
    document.summary.by_entity[0].entity = PERSON
    document.signals[0].way, document.signals[0].source = "within", FQDN
    document.undecided[0].entity, document.undecided[0].behind, document.undecided[0].entries = (
        PERSON,
        COMPANY,
        [PERSON],
    )
    document.claims[0].target = [PERSON.id]
    document.timeline[0].entities = [PERSON.id]
    return document


def _struct(kind: Any) -> Any:
    hints = get_type_hints(kind)
    fixed = NOT_OURS.get(kind, set()) | _ALSO_NOT_OURS.get(kind, set())
    values: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        if name in PUBLISHED.get(kind, set()):
            values[name] = _value(hints[name], f"About {LISTED}.", is_ours=False)
        elif name == "file":
            values[name] = FILE
        elif kind is EntityRef and name == "schema":
            values[name] = "Company"
        else:
            text = LAW_TEXT if name in OF_LAW.get(kind, set()) else TEXT
            values[name] = _value(hints[name], _WORDS.get(name, "word") if name in fixed else text, name not in fixed)
    return kind(**values)


def _value(hint: Any, text: Any, is_ours: bool) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(next(part for part in parts if part is not type(None)), text, is_ours)
    if origin is list:
        return [_value(parts[0], text, is_ours)]
    if origin is dict:
        if parts[1] is Any:
            return dict(_OWN_FACTS) if is_ours else {}
        return {text if is_ours else "word": _value(parts[1], text, is_ours)}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct(hint)
    return {str: text, bool: True, int: 1, float: 1.0}[hint]
