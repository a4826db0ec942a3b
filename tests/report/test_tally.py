from __future__ import annotations

from decimal import Decimal

import pytest
from tests.builders_report import full_result, months
from tests.builders_result import make_artefact, make_finding, make_quantity

from beholden.policy.summary import summarise
from beholden.report.tally import Hosts, sentence, tally_of
from beholden.schema.result import Artefact, Counted, Sample


def _package(value: str, relation: str = "code_dependency") -> Artefact:
    return make_artefact(kind="purl", value=value, relation=relation, own_hosts=Sample(distinct=0))


def _hosts(*names: str, distinct: int | None = None) -> Sample:
    return Sample(distinct=distinct or len(names), top=[Counted(value=name, count=1) for name in names])


def _name(**changes: object) -> Artefact:
    return make_artefact(**{"kind": "name", "value": "Acme", "relation": "supplier", "own_hosts": _hosts()} | changes)


def test_artefact_under_several_lists_counts_once() -> None:
    paid = _name(quantities=[make_quantity("100", "USD", "paid")])
    tally = tally_of([paid, paid, paid])
    assert (tally.artefacts, sentence(tally)) == (1, "100 USD paid")


def test_sums_are_those_of_the_summary() -> None:
    findings = full_result().findings
    for row in summarise([*findings, *findings]).by_entity:
        own = [finding.artefact for finding in findings if finding.operator.id == row.entity.id]
        tally = tally_of([*own, *own])
        shown = {(item.unit, item.what): Decimal(item.amount) for item in tally.money + tally.data + tally.other}
        assert shown == {(item.unit, item.what): Decimal(item.amount) for item in row.quantities}


def test_currencies_are_not_added_up() -> None:
    tally = tally_of(
        [
            _name(quantities=[make_quantity("100", "USD", "paid")]),
            _name(value="Acme GmbH", quantities=[make_quantity("50", "EUR", "paid")]),
            _name(value="Acme SA", quantities=[make_quantity("7.5", "EUR", "paid")]),
        ]
    )
    assert sentence(tally) == "57.50 EUR paid and 100 USD paid"


def test_money_says_its_months_only_where_every_payment_has_one() -> None:
    dated = months({"2026-01": "60", "2026-03": "40"}, "USD", "paid")
    whole = _name(quantities=[make_quantity("100", "USD", "paid")], by_month=dated)
    part = _name(quantities=[make_quantity("130", "USD", "paid")], by_month=dated)
    assert sentence(tally_of([whole])) == "100 USD paid (2026-01 to 2026-03)"
    assert sentence(tally_of([part])) == "130 USD paid"


def test_bytes_a_month_are_the_mean_over_the_months_with_traffic() -> None:
    received = make_artefact(
        kind="domain",
        value="cdn.example",
        relation="service_endpoint",
        own_hosts=_hosts("a", "b"),
        quantities=[make_quantity("80000000000", "By", "received")],
        by_month=months({"2026-01": "60000000000", "2026-04": "20000000000"}, "By", "received"),
    )
    assert sentence(tally_of([received])) == (
        "80 GB received (40 GB a month over 2 months with traffic) and 1 domain; 2 own hosts took part"
    )


def test_packages_are_counted_by_name_and_sdks_apart() -> None:
    tally = tally_of([_package("pkg:npm/a", "vendor_sdk"), _package("pkg:npm/b"), _package("pkg:npm/b", "mirror")])
    assert (tally.packages, tally.sdks) == (2, 1)
    assert sentence(tally) == "1 SDK and 1 other package"


def test_devices_are_addresses_and_a_block_in_two_relations_counts_once() -> None:
    block = make_artefact(values=Sample(distinct=3, top=[]), own_hosts=_hosts())
    brand = make_artefact(values=Sample(distinct=3, top=[]), own_hosts=_hosts(), relation="oem_of")
    other = make_artefact(value="aa:bb:cc", values=Sample(distinct=2, top=[]), own_hosts=_hosts())
    assert tally_of([block, brand, other]).devices == 5


def test_inventory_entries_without_an_address_stand_beside_devices() -> None:
    tally = tally_of([make_artefact(own_hosts=_hosts()), _name(relation="hardware", count=4)])
    assert sentence(tally) == "2 devices and 4 hardware entries"


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([_hosts("a", "b"), _hosts("b", "c")], Hosts(3, is_exact=True)),
        ([_hosts("a", distinct=9)], Hosts(9, is_exact=True)),
        ([_hosts("a", distinct=9), _hosts("b")], Hosts(9, is_exact=False)),
        ([_hosts("a", distinct=2), _hosts("b", "c", "d")], Hosts(4, is_exact=False)),
        ([], Hosts(0, is_exact=True)),
    ],
    ids=["whole samples overlap", "one sample", "hosts may overlap", "more seen than any one has", "none"],
)
def test_hosts_of_several_lines_are_exact_only_where_all_are_known(samples: list[Sample], expected: Hosts) -> None:
    artefacts = [make_artefact(value=f"v{number}", own_hosts=sample) for number, sample in enumerate(samples)]
    assert tally_of(artefacts).hosts == expected


def test_bound_is_said_to_be_one() -> None:
    assert str(Hosts(1200, is_exact=False)) == "at least 1,200"


def test_every_artefact_is_in_the_sentence() -> None:
    for finding in full_result().findings:
        assert sentence(tally_of([finding.artefact])), finding.artefact
    assert sentence(tally_of([make_finding(artefact=_name(kind="bic", value="X")).artefact])) == "1 BIC on record"


def test_amount_that_is_no_number_stays_as_it_is() -> None:
    assert sentence(tally_of([_name(quantities=[make_quantity("many", "USD", "paid")])])) == "many USD paid"
