"""Addresses as 16 bytes: one sorted space for both families."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.address import pack, unpack

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(ADDRESSES)
def test_unpacking_gives_the_packed_address(address: IPv4Address | IPv6Address) -> None:
    same = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
    assert ip_address(unpack(pack(str(address)))) == same


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_packed_addresses_sort_like_addresses(one: IPv4Address, other: IPv4Address) -> None:
    assert (pack(str(one)) < pack(str(other))) == (one < other)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_the_address_itself(address: IPv4Address) -> None:
    assert pack(f"::ffff:{address}") == pack(str(address))


def test_every_spelling_packs_to_the_same_bytes() -> None:
    assert pack("2001:DB8:0:0:0:0:0:1") == pack("2001:db8::1")
    assert len(pack("192.0.2.1")) == len(pack("2001:db8::1")) == 16


@pytest.mark.parametrize("text", ["", "192.0.2", "192.0.2.256", "192.0.2.0/24", "host.example", "2001:db8::/32"])
def test_what_is_no_address_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        pack(text)
