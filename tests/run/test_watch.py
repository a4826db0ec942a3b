"""What readers of logs watch for one base, and for several."""

from __future__ import annotations

import ipaddress

from tests.builders import make_asset, make_prefix, tiny_kb

from beholden.policy.profile import Profile
from beholden.run.watch import watch_of
from beholden.schema.vocabulary import Segment
from beholden.values.address import pack
from beholden.values.ranges import AddressRanges

ONE = tiny_kb(
    make_asset("one", "asn", "AS64496", "hosting"),
    make_prefix("AS64496", "192.0.2.0", "192.0.2.255"),
    make_asset("one", "domain", "vendor.example", "service_endpoint"),
)
OTHER = tiny_kb(
    make_asset("other", "asn", "AS64497", "hosting"),
    make_prefix("AS64497", "192.0.2.128", "192.0.3.127"),
    make_asset(None, "domain", "vendor.example"),
    make_asset("other", "domain", "shop.vendor.example", "service_endpoint"),
)


def test_one_base_is_watched_as_it_is() -> None:
    watch = watch_of([ONE], Profile())
    assert watch.addresses is not None
    assert watch.addresses.watch_ranges.equals(ONE.watched_addresses.watch_ranges)
    assert pack("192.0.2.1") in watch.addresses
    assert pack("192.0.3.1") not in watch.addresses


def test_of_several_bases_each_combination_of_answers_is_a_label() -> None:
    network = ipaddress.ip_network("198.51.100.0/24")
    watch = watch_of([ONE, OTHER], Profile(networks=((network, Segment.OWN, None),)))
    assert watch.own_networks == (network,)
    assert watch.addresses is not None
    ranges = AddressRanges(watch.addresses.watch_ranges)
    asked = [pack(text) for text in ("192.0.2.1", "192.0.2.200", "192.0.3.1", "192.0.3.200")]
    assert [ranges.label(packed) for packed in asked] == [0, 1, 2, None]
    assert [packed in watch.addresses for packed in asked] == [True, True, True, False]


def test_of_several_bases_a_name_is_watched_if_any_watches_it() -> None:
    watch = watch_of([ONE, OTHER], Profile())
    assert watch.names is not None
    assert [name in watch.names for name in ("x.vendor.example", "x.shop.vendor.example", "x.example")] == [1, 1, 0]
    assert watch.names.watch_suffixes["name"].to_pylist() == ["shop.vendor.example", "vendor.example"]
    alone = watch_of([OTHER], Profile()).names
    assert alone is not None
    assert "x.vendor.example" not in alone
