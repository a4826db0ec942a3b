from __future__ import annotations

import ipaddress

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.network.reading import watching

from beholden.policy.profile import Profile
from beholden.scan.interface import Network, Watch
from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, Sides, no_party, place_ranges
from beholden.schema.vocabulary import Segment
from beholden.values.address import pack, unpack
from beholden.values.ranges import RANGES, AddressRanges, numbers_of


@pytest.mark.parametrize(
    ("address", "bits"),
    [
        ("10.255.255.255", OURS | WATCHED),
        ("172.31.0.1", OURS | WATCHED),
        ("172.32.0.1", FOREIGN | WATCHED),
        ("169.254.169.254", OURS | WATCHED),
        ("100.64.0.1", OURS | WATCHED),
        ("fe80::1%eth0", OURS | WATCHED),
        ("fd00::1", OURS | WATCHED),
        ("2001:db8::1", FOREIGN | WATCHED),
        ("::ffff:10.0.0.1", OURS | WATCHED),
        ("224.0.0.251", GROUP),
        ("255.255.255.255", GROUP),
        ("0.0.0.0", GROUP),
        ("ff02::2", GROUP),
        ("::1", GROUP),
        ("010.0.0.1", 0),
        ("10.0.0", 0),
        ("", 0),
        ("10.0.0.1\x00", 0),
        ("::g", 0),
    ],
)
def test_private_space_is_ours_without_a_profile(address: str, bits: int) -> None:
    assert Sides(Watch())[address] == bits


def test_named_networks_replace_private_space() -> None:
    sides = Sides(Watch(own_networks=(ipaddress.ip_network("192.0.2.0/25"), ipaddress.ip_network("192.0.2.128/25"))))
    assert [sides[text] & OURS for text in ("192.0.2.127", "192.0.2.255", "192.0.3.0", "10.0.0.1")] == [1, 1, 0, 0]


# Written down once more, by the words of the documents that set them aside.
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fe80::/10", "fc00::/7"]
NOBODY = ["0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/127", "ff00::/8"]
NEAR = [
    *PRIVATE,
    *NOBODY,
    *("0.0.0.0/0", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "192.0.2.0/25", "192.0.2.128/25", "224.0.0.0/24"),
    *("::/0", "::ffff:0:0/96", "::ffff:10.1.0.0/112", "::fffe:0:0/95", "2001:db8::/32", "2001:db8:1::/48", "::1/128"),
]
networks_named = st.lists(st.sampled_from(NEAR).map(ipaddress.ip_network), unique=True, max_size=8)


def ends(network: Network) -> tuple[int, int]:
    return int.from_bytes(pack(str(network[0]))), int.from_bytes(pack(str(network[-1])))


def borders() -> list[bytes]:
    found = {number for text in NEAR for end in ends(ipaddress.ip_network(text)) for number in (end - 1, end, end + 1)}
    return [number.to_bytes(16) for number in sorted(found) if 0 <= number < 2**128]


def is_within(packed: bytes, networks: list[str] | list[Network]) -> bool:
    number = int.from_bytes(packed)
    return any(first <= number <= last for first, last in (ends(ipaddress.ip_network(one)) for one in networks))


@given(networks_named, st.sampled_from(borders()), st.sampled_from(borders()))
def test_ranges_place_addresses_as_rules_and_the_profile_do(
    networks: list[Network], packed: bytes, watched: bytes
) -> None:
    ordered = tuple(sorted(networks, key=lambda network: (-network.prefixlen, str(network))))  # as a profile has them
    profile = Profile(networks=tuple((network, Segment.OWN, str(at)) for at, network in enumerate(ordered)))
    watch = Watch(addresses=watching(unpack(watched)), own_networks=profile.own_networks)
    label = AddressRanges(place_ranges(ordered)).label(packed)
    if is_within(packed, NOBODY):
        bits = GROUP
        assert label == no_party(ordered)
    else:
        is_ours = is_within(packed, list(ordered) or PRIVATE)
        bits = (OURS if is_ours else FOREIGN) | (WATCHED if packed == watched else 0)
        assert (label is not None) == is_ours
        assert label != no_party(ordered)
        if label is not None:
            assert label == 0 or label < len(ordered)
            unit = profile.place(unpack(packed))[1]
            # An IPv6 network over the mapped addresses is ours and places no IPv4 address.
            assert unit in (None, str(label))
            assert unit is not None or not ordered or ordered[label].version == 6
    assert Sides(watch)[unpack(packed)] == bits


@given(networks_named)
def test_places_are_sorted_ranges_that_do_not_cross(networks: list[Network]) -> None:
    table: pa.Table = place_ranges(networks)
    assert table.schema == RANGES
    firsts, lasts = numbers_of(table["first"]), numbers_of(table["last"])
    assert all(last < first for last, first in zip(lasts, firsts[1:], strict=False))


def test_one_spelling_per_address() -> None:
    sides = Sides(Watch())
    assert sides.canonical("2001:DB8:0:0::1") == "2001:db8::1"
    assert sides.canonical("::ffff:203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Shop.Example.COM.", "shop.example.com"),
        ("_ldap._tcp.example.com", "_ldap._tcp.example.com"),
        ("xn--fiqs8s", "xn--fiqs8s"),
        ("192.0.2.1", None),
        ("a..example.com", None),
        ("a b.example.com", None),
        ("-a.example.com", None),
        ("a" * 64 + ".example.com", None),
        (".".join(["abcdefghi"] * 30), None),
        ("ex\u00e4mple.com", None),
        (".", None),
        ("", None),
    ],
)
def test_host_names_are_folded_or_refused(text: str, name: str | None) -> None:
    assert normalise_host(text) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("example.com", None),
        ("local.example.com", None),
        ("printer.local", "dns_local_name"),
        ("wpad", "dns_single_label"),
        ("7.113.0.203.in-addr.arpa", "dns_reverse_lookup"),
        ("8.b.d.0.1.0.0.2.ip6.arpa", "dns_reverse_lookup"),
    ],
)
def test_names_nobody_outside_answers_for(name: str, why: str | None) -> None:
    assert not_outside(name) == why
