from __future__ import annotations

import ipaddress

import pytest

from beholden.scan.interface import Watch
from beholden.scan.network.hostnames import normalise_host, not_outside
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, WATCHED, Sides


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
