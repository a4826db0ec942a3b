"""Addresses and host names → operators: the longest range, the deepest suffix, at the time of the observation."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import core_kb, day, make_asset, make_prefix, matched, tiny_kb

from beholden.kb.addresses import AddressIndex
from beholden.schema.vocabulary import Kind
from beholden.values.address import pack

if TYPE_CHECKING:
    from beholden.schema.rows import Prefix

NESTED = tiny_kb(
    make_asset("wide", "asn", "AS64496", "hosting"),
    make_asset("narrow", "asn", "AS64497", "hosting"),
    make_asset("six", "asn", "AS64498", "transit"),
    make_asset("resolver", "ip", "198.51.100.53", "dns_resolver"),
    make_prefix("AS64496", "198.51.100.0", "198.51.100.255"),
    make_prefix("AS64497", "198.51.100.64", "198.51.100.127"),
    make_prefix("AS64511", "198.51.100.128", "198.51.100.131"),
    make_prefix("AS64496", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    make_prefix("AS64498", "2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
)


def operators(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["entity_id"] for answer in answers]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("198.51.99.255", [], id="the address before"),
        pytest.param("198.51.100.0", ["wide"], id="first of the wide range"),
        pytest.param("198.51.100.63", ["wide"], id="just below the narrow range"),
        pytest.param("198.51.100.64", ["narrow"], id="first of the narrow range"),
        pytest.param("198.51.100.127", ["narrow"], id="last of the narrow range"),
        pytest.param("198.51.100.130", [], id="a range of somebody unknown inside a known one"),
        pytest.param("198.51.100.132", ["wide"], id="above the narrow ranges"),
        pytest.param("198.51.100.255", ["wide"], id="last of the wide range"),
        pytest.param("198.51.101.0", [], id="the address after"),
        pytest.param("198.51.100.53", ["resolver"], id="a single address with a meaning of its own"),
        pytest.param("2001:db8::1", ["wide"], id="IPv6 wide"),
        pytest.param("2001:db8:1::1", ["six"], id="IPv6 narrow"),
        pytest.param("2001:db9::", [], id="IPv6 outside"),
    ],
)
def test_the_most_specific_range_names_the_operator(address: str, expected: list[str]) -> None:
    assert operators(matched(NESTED, Kind.IP, address)) == expected


def test_a_match_is_keyed_on_the_system_or_the_address_asset() -> None:
    (announced,), (resolver,) = (matched(NESTED, Kind.IP, text) for text in ("198.51.100.1", "198.51.100.53"))
    assert (announced["artefact_kind"], announced["artefact_value"], announced["relation"]) == (
        "asn",
        "AS64496",
        "hosting",
    )
    assert (resolver["artefact_kind"], resolver["artefact_value"], resolver["relation"]) == (
        "ip",
        "198.51.100.53",
        "dns_resolver",
    )


def test_the_path_of_an_address_names_range_system_and_holder() -> None:
    (answer,) = matched(NESTED, Kind.IP, "198.51.100.70")
    assert [(hop["hop"], hop["to"]) for hop in answer["hops"]] == [
        ("in_range", "198.51.100.64-198.51.100.127"),
        ("announced_by", "AS64497"),
        ("registered_to", "Narrow"),
    ]
    assert all(hop["source"] and hop["grade"] for hop in answer["hops"])


DATED = tiny_kb(
    make_asset("before", "asn", "AS64496", "hosting"),
    make_asset("after", "asn", "AS64497", "hosting"),
    make_prefix("AS64496", "198.51.100.0", "198.51.100.255", valid_from=day("2020-01-01"), valid_to=day("2024-01-01")),
    make_prefix("AS64497", "198.51.100.0", "198.51.100.127", valid_from=day("2024-01-01")),
)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param("2019-12-31", ("after", "probable"), id="before our table: the most specific, probable"),
        pytest.param("2020-01-01", ("before", "confirmed"), id="first day"),
        pytest.param("2023-12-31", ("before", "confirmed"), id="last day"),
        pytest.param("2024-01-01", ("after", "confirmed"), id="day of the change"),
        pytest.param(None, ("after", "confirmed"), id="no day"),
    ],
)
def test_a_range_is_taken_at_the_time_of_the_observation(seen: str | None, expected: tuple[str, str]) -> None:
    (answer,) = matched(DATED, Kind.IP, "198.51.100.1", seen=seen)
    assert (answer["entity_id"], answer["decision"]) == expected
    assert (answer["question"] is not None) == (expected[1] == "probable")


def test_an_address_in_a_namesake_s_network_is_nobody_s_in_the_core_base() -> None:
    kb = core_kb()
    # AS34947 is Alibaba Travels of Iran, an unrelated namesake.
    assert [asset.entity_id for asset in kb.assets("asn", ["AS34947"])] in ([], [None])
    assert [row.asn for row in kb.prefixes(pack("47.91.0.1"))][:1] == ["AS45102"]


RANGES = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)).map(sorted), min_size=1, max_size=12)


@given(RANGES, st.integers(0, 255))
def test_the_index_agrees_with_looking_through_every_range(ranges: list[list[int]], asked: int) -> None:
    base = int(IPv4Address("192.0.2.0"))
    rows: list[Prefix] = [
        make_prefix(f"AS{number}", str(ip_address(base + first)), str(ip_address(base + last)))
        for number, (first, last) in enumerate(ranges)
    ]
    covering = [(last - first, number) for number, (first, last) in enumerate(ranges) if first <= asked <= last]
    index = AddressIndex.build(rows)
    packed = pack(str(ip_address(base + asked)))
    assert index.rows(packed) == [number for _, number in sorted(covering)]
    assert (packed in index) == bool(covering)


# --- host names -----------------------------------------------------------------------------------------------------

SUFFIXES = tiny_kb(
    make_asset("vendor", "domain", "vendor.example", "service_endpoint"),
    make_asset("devices", "domain", "cloud.vendor.example", "firmware_cloud"),
    make_asset(None, "domain", "users.vendor.example", note="names that customers choose"),
    make_asset("old", "domain", "sold.example", "service_endpoint", valid_to=day("2024-01-01")),
    make_asset(
        "new", "domain", "sold.example", "service_endpoint", id="domain:sold.example:new", valid_from=day("2024-01-01")
    ),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("vendor.example", ["vendor"], id="the domain itself"),
        pytest.param("a.b.vendor.example", ["vendor"], id="below it"),
        pytest.param("x.cloud.vendor.example", ["devices"], id="deepest suffix wins"),
        pytest.param("me.users.vendor.example", [], id="reviewed as not the vendor's"),
        pytest.param("notvendor.example", [], id="a longer label is another name"),
        pytest.param("vendor.example.net", [], id="in front of another domain"),
        pytest.param("example", [], id="a public suffix"),
    ],
)
def test_the_deepest_known_suffix_names_the_operator(name: str, expected: list[str]) -> None:
    assert operators(matched(SUFFIXES, Kind.DOMAIN, name)) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(None, "firmware_cloud", id="nothing said: the asset decides"),
        pytest.param("service_endpoint", "firmware_cloud", id="the asset says more"),
        pytest.param("mirror", "mirror", id="a lockfile knows better"),
    ],
)
def test_what_the_place_says_of_the_relation_wins_over_the_asset(asked: str | None, expected: str) -> None:
    (answer,) = matched(SUFFIXES, Kind.DOMAIN, "x.cloud.vendor.example", asked)
    assert answer["relation"] == expected


def test_a_sold_domain_is_its_holder_s_of_that_time() -> None:
    answers = [matched(SUFFIXES, Kind.DOMAIN, "www.sold.example", seen=seen) for seen in ("2023-06-01", "2024-06-01")]
    assert [operators(answer) for answer in answers] == [["old"], ["new"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("bucket.oss-cn-hangzhou.aliyuncs.com", "alibaba", id="object storage"),
        pytest.param("obs.cn-north-4.myhuaweicloud.com", "huawei", id="Huawei cloud"),
        pytest.param("x.hwcdn.net", None, id="hwcdn.net is not Huawei"),
        pytest.param("notaliyun.com", None, id="notaliyun.com is another name"),
        pytest.param("aliyun.com.evil.example", None, id="in front of another domain"),
    ],
)
def test_host_names_of_the_core_base(name: str, expected: str | None) -> None:
    found = operators(matched(core_kb(), Kind.DOMAIN, name))
    if expected is None:
        assert found == []
    else:
        assert found == [expected]
