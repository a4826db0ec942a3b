"""Cases in which a reviewer once got a wrong answer; each fails again if its mend is undone."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.builders import (
    day,
    findings,
    joined,
    make_asset,
    make_claim,
    make_consequence,
    make_designation,
    make_entity,
    make_observation,
    make_ownership,
    make_regime,
    tiny_kb,
)

from beholden.policy.gate import gate
from beholden.policy.profile import Profile
from beholden.schema.rule_parts import RuleException
from beholden.schema.vocabulary import Kind, Level, Relation, Role, Segment

if TYPE_CHECKING:
    from beholden.schema.result import Finding
    from beholden.schema.rows import Row

SDK = make_asset("acme", "purl", "pkg:npm/acme-sdk", "vendor_sdk")
SITE = make_asset("acme", "domain", "acme.example", "service_endpoint")
ASK = RuleException(id="x", text="t", effect="ask", question="q?", applies_to=["vendor_sdk"])
SOFTWARE = make_observation(Kind.PURL, "pkg:npm/acme-sdk")
GUEST = Profile(networks=((ipaddress.ip_network("10.9.0.0/16"), Segment.GUEST, None),))


def tls(on: str, own_host: str = "10.0.0.5", **changes: Any) -> dict[str, Any]:
    moment = datetime.fromisoformat(f"{on}T12:00:00").replace(tzinfo=UTC)
    seen = {"direction": "out", "own_host": own_host, "acted_on": day(on), "first_seen": moment, "last_seen": moment}
    return make_observation(Kind.DOMAIN, "acme.example", Relation.SERVICE_ENDPOINT, **(seen | changes))


def by_listed(found: list[Finding]) -> dict[str, Finding]:
    return {item.listed_entity.id: item for item in found}


def is_continuous(finding: Finding) -> bool:
    return all(before.to == after.from_ for before, after in zip(finding.path, finding.path[1:], strict=False))


def owned(*rows: Row, rule: str) -> dict[str, Finding]:
    kb = tiny_kb(SDK, make_regime(), make_consequence(conduct=["use-software"], ownership=rule), *rows)
    return by_listed(findings(kb, SOFTWARE, as_of="2026-08-01"))


def test_of_two_reviews_the_worse_possible_outcome_counts_at_the_gate() -> None:
    rules = [
        make_consequence("us-a", conduct=["use-software"], effect="licence", exceptions=[ASK]),
        make_consequence("us-b", conduct=["use-software"], effect="prohibit", exceptions=[ASK]),
    ]
    kb = tiny_kb(SDK, make_regime(), make_designation("acme", "2020-01-01"), *rules)
    (finding,) = found = findings(kb, SOFTWARE, as_of="2026-08-01")
    assert (finding.level, finding.level_if_confirmed) == ("review", "prohibited")
    assert not gate(found, Level.PROHIBITED, is_confirmed_only=False).passed


def test_a_review_behind_a_restriction_counts_at_the_gate() -> None:
    rules = [
        make_consequence("us-a", conduct=["use-software"], effect="licence"),
        make_consequence("us-b", conduct=["use-software"], effect="prohibit", exceptions=[ASK]),
    ]
    kb = tiny_kb(SDK, make_regime(), make_designation("acme", "2020-01-01"), *rules)
    found = findings(kb, SOFTWARE, as_of="2026-08-01")
    assert [item.level for item in found] == ["restricted"]
    assert not gate(found, Level.PROHIBITED, is_confirmed_only=False).passed
    assert gate(found, Level.PROHIBITED, is_confirmed_only=True).passed


def test_a_party_above_a_listed_middle_one_is_reached_through_it() -> None:
    found = owned(
        make_designation("middle", "2020-01-01"),
        make_designation("top", "2020-01-01"),
        make_ownership("middle", "acme", "70"),
        make_ownership("top", "middle", "100"),
        rule="aggregate_50",
    )
    assert {key: item.level for key, item in found.items()} == {"middle": "prohibited", "top": "prohibited"}
    assert is_continuous(found["top"])


def test_a_single_holder_rule_judges_each_listed_party_by_its_own_line() -> None:
    found = owned(
        make_designation("big", "2020-01-01"),
        make_designation("small", "2020-01-01"),
        make_ownership("big", "acme", "60"),
        make_ownership("middle", "acme", "10"),
        make_ownership("small", "middle", "100"),
        rule="over_50_or_control",
    )
    assert {key: item.level for key, item in found.items()} == {"big": "prohibited", "small": "info"}
    assert all(is_continuous(item) for item in found.values())


def test_two_listed_holders_who_each_meet_a_single_holder_rule_are_both_named() -> None:
    found = owned(
        make_designation("big", "2020-01-01"),
        make_designation("boss", "2020-01-01"),
        make_ownership("big", "acme", "60"),
        make_ownership("boss", "acme", kind="control"),
        rule="over_50_or_control",
    )
    assert {key: item.level for key, item in found.items()} == {"big": "prohibited", "boss": "prohibited"}


@pytest.mark.parametrize(
    ("own_host", "on", "level"),
    [
        pytest.param("10.0.0.5", "2026-07-01", "prohibited", id="our own host this year"),
        pytest.param("10.9.0.5", "2026-07-01", "info", id="a guest"),
        pytest.param("10.0.0.5", "2021-01-01", "info", id="years ago"),
    ],
)
def test_only_our_own_recent_traffic_shows_that_a_service_is_used(own_host: str, on: str, level: str) -> None:
    kb = tiny_kb(
        SDK, SITE, make_regime(), make_designation("acme", "2020-01-01"), make_consequence(conduct=["use-service"])
    )
    found = findings(kb, SOFTWARE, tls(on, own_host), profile=GUEST, as_of="2026-08-01")
    assert {item.level for item in found if item.artefact.relation == "vendor_sdk"} == {level}


def test_what_comes_in_does_not_confirm_what_was_only_attempted() -> None:
    kb = tiny_kb(SITE, make_regime(), make_designation("acme", "2020-01-01"), make_consequence(conduct=["use-service"]))
    rows = [tls("2026-07-01", certainty="probable"), tls("2026-07-01", direction="in")]
    (finding,) = findings(kb, *rows, as_of="2026-08-01")
    assert (finding.level, finding.match.decision) == ("review", "probable")


def test_an_asset_is_taken_at_the_time_of_each_observation() -> None:
    turn = day("2026-01-01")
    kb = tiny_kb(
        make_asset("oldco", "domain", "acme.example", "service_endpoint", id="old", valid_to=turn),
        make_asset("newco", "domain", "acme.example", "service_endpoint", id="new", valid_from=turn),
    )
    answer = joined(kb, [tls("2025-12-31"), tls("2026-01-01")], as_of="2026-08-01")
    assert {(item.operator_id, str(item.first_seen)[:10], item.is_confirmed) for item in answer.exposures} == {
        ("oldco", "2025-12-31", True),
        ("newco", "2026-01-01", True),
    }


@pytest.mark.parametrize(
    ("own_host", "level"),
    [pytest.param("10.0.0.5", "contested", id="ours"), pytest.param("10.9.0.5", "info", id="a guest")],
)
def test_claims_are_contested_only_where_there_is_a_conduct_of_ours(own_host: str, level: str) -> None:
    (finding,) = findings(
        tiny_kb(SITE, make_claim("c1", "acme")), tls("2026-07-01", own_host), profile=GUEST, as_of="2026-08-01"
    )
    assert (finding.level, finding.claims) == (level, ["c1"])


UNITS = Profile(
    roles=frozenset(),
    units={"telecom": frozenset({Role.US_PERSON}), "cargo": frozenset()},
    unit_names=(("telecom", "Northport Telecom"), ("cargo", "")),
)


@pytest.mark.parametrize(
    ("unit", "level"),
    [
        pytest.param("Telecom", "prohibited", id="id in another case"),
        pytest.param("northport telecom", "prohibited", id="by its name"),
        pytest.param("cargo", "info", id="a unit without the role"),
        pytest.param("elsewhere", "prohibited", id="unknown: any may be meant"),
    ],
)
def test_a_unit_is_known_by_id_or_name(unit: str, level: str) -> None:
    kb = tiny_kb(
        make_entity("acme", caption="Acme Networks Ltd"),
        make_regime(),
        make_designation("acme", "2020-01-01"),
        make_consequence(binds=["us-person"], conduct=["procure"]),
    )
    row = make_observation(Kind.NAME, "Acme Networks Ltd", Relation.SUPPLIER, unit=unit)
    (finding,) = findings(kb, row, profile=UNITS, as_of="2026-08-01")
    assert finding.level == level
    unknown = joined(kb, [row], UNITS, as_of="2026-08-01").unknown_units
    assert dict(unknown) == ({"input.csv": {"elsewhere"}} if unit == "elsewhere" else {})
