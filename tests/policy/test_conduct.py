"""What having or doing something amounts to: the table of the contract, row by row."""

from __future__ import annotations

import pytest

from beholden.policy.conduct import conduct
from beholden.schema.vocabulary import Conduct, Direction, Relation, Segment

OUT, IN, NONE = Direction.OUT, Direction.IN, Direction.NONE
PAY = {"procure", "pay"}
SELL = {"supply", "export"}
SEND = {"use-service", "transfer-data"}

TABLE: list[tuple[Relation, set[Direction], set[str]]] = [
    (Relation.SUPPLIER, {OUT}, PAY),
    (Relation.SUPPLIER, {NONE}, PAY),
    (Relation.CUSTOMER, {IN}, SELL),
    (Relation.CUSTOMER, {NONE}, SELL),
    (Relation.PAYMENT_COUNTERPARTY, {OUT}, PAY),
    (Relation.PAYMENT_COUNTERPARTY, {IN}, SELL),
    (Relation.PAYMENT_COUNTERPARTY, {OUT, IN}, PAY | SELL),
    (Relation.PAYMENT_COUNTERPARTY, {NONE}, set()),
    (Relation.PAYMENT_AGENT, {NONE}, {"deal-through"}),
    (Relation.HARDWARE, {NONE}, {"use-equipment"}),
    (Relation.OEM_OF, {NONE}, {"use-equipment"}),
    (Relation.FIRMWARE_CLOUD, {OUT}, {"use-equipment", "transfer-data"}),
    (Relation.CODE_DEPENDENCY, {NONE}, {"use-software"}),
    (Relation.MODEL_WEIGHTS, {NONE}, {"use-software"}),
    (Relation.VENDOR_SDK, {NONE}, {"use-software"}),
    (Relation.SERVICE_ENDPOINT, {OUT}, SEND),
    (Relation.SERVICE_ENDPOINT, {IN}, set()),
    (Relation.SERVICE_ENDPOINT, {NONE}, set()),
    (Relation.MODEL_API, {OUT}, SEND),
    (Relation.MODEL_API, {IN}, set()),
    (Relation.DNS_RESOLVER, {OUT}, SEND),
    (Relation.DNS_RESOLVER, {IN}, set()),
    (Relation.MIRROR, {OUT}, {"use-service"}),
    (Relation.MIRROR, {NONE}, {"use-service"}),
    (Relation.HOSTING, {OUT}, set()),
    (Relation.HOSTING, {IN}, set()),
    (Relation.TRANSIT, {OUT}, set()),
    (Relation.EQUITY, {NONE}, {"hold-security"}),
    (Relation.DATA_RECIPIENT, {OUT}, {"transfer-data"}),
]


def test_the_table_has_every_relation() -> None:
    assert {relation for relation, _, _ in TABLE} == set(Relation)


@pytest.mark.parametrize(
    ("relation", "directions", "expected"),
    TABLE,
    ids=[f"{relation}-{'+'.join(sorted(way))}" for relation, way, _ in TABLE],
)
def test_conduct_of_a_relation(relation: Relation, directions: set[Direction], expected: set[str]) -> None:
    assert conduct(relation, frozenset(directions), None) == expected
    assert conduct(relation, frozenset(directions), Segment.OWN) == expected


@pytest.mark.parametrize("segment", sorted(set(Segment) - {Segment.OWN}))
@pytest.mark.parametrize("relation", list(Relation))
def test_what_runs_on_somebody_else_s_segment_is_not_our_conduct(relation: Relation, segment: Segment) -> None:
    assert conduct(relation, frozenset(Direction), segment, has_traffic=True) == set()


def test_a_client_library_is_use_of_the_service_once_traffic_shows_it() -> None:
    assert conduct(Relation.VENDOR_SDK, frozenset({NONE}), None, has_traffic=True) == {"use-software", "use-service"}


@pytest.mark.parametrize("relation", [Relation.CODE_DEPENDENCY, Relation.MODEL_WEIGHTS, Relation.HARDWARE])
def test_traffic_to_the_operator_adds_nothing_to_what_runs_locally(relation: Relation) -> None:
    quiet = conduct(relation, frozenset({NONE}), None)
    assert conduct(relation, frozenset({NONE}), None, has_traffic=True) == quiet


def test_every_conduct_word_is_reached_by_some_relation() -> None:
    dealt = conduct(Relation.EQUITY, frozenset({NONE}), None, dealings=frozenset({"bought", "sold", "invested"}))
    assert dealt.union(*(expected for _, _, expected in TABLE)) == set(Conduct)


@pytest.mark.parametrize(
    ("dealings", "expected"),
    [
        ({"held"}, {"hold-security"}),
        ({"bought"}, {"buy-security"}),
        ({"sold", "held"}, {"sell-security", "hold-security"}),
        ({"invested"}, {"invest"}),
    ],
)
def test_conduct_of_dealings_in_a_security(dealings: set[str | None], expected: set[str]) -> None:
    assert conduct(Relation.EQUITY, frozenset({NONE}), None, dealings=frozenset(dealings)) == expected
