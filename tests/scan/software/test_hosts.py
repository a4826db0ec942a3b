from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.scan.software.hosts import host_of, without_secrets


@pytest.mark.parametrize(
    ("address", "kind", "value"),
    [
        ("https://Mirror.Example./simple", "domain", "mirror.example"),
        ("https://user:pa@ss@mirror.example:8443/x", "domain", "mirror.example"),
        ("git+ssh://git@code.example/team/x.git", "domain", "code.example"),
        ("git@code.example:team/x.git", "domain", "code.example"),
        ("https://[2001:DB8::1]:443/x", "ip", "2001:db8::1"),
        ("http://192.0.2.7/x", "ip", "192.0.2.7"),
        ("https://bücher.example/", "domain", "xn--bcher-kva.example"),
    ],
)
def test_the_host_of_an_address(address: str, kind: str, value: str) -> None:
    host = host_of(address)
    assert host is not None
    assert (host.kind, host.value) == (kind, value)


@pytest.mark.parametrize(
    "address",
    ["file:///a/b", "../x", "name", "https://", "https://${HOST}/x", "http://" + "a" * 400, ""],
)
def test_what_names_no_host_is_none(address: str) -> None:
    assert host_of(address) is None


def test_a_bare_host_counts_only_where_asked_for() -> None:
    assert host_of("api.example:443/v1") is None
    bare = host_of("api.example:443/v1", bare=True)
    assert bare is not None
    assert bare.value == "api.example"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://user:secret@mirror.example/simple?token=1#x", "https://mirror.example/simple"),
        ("git+https://token@code.example/x.git@main#egg=x", "git+https://code.example/x.git@main"),
        ("name @ https://token@files.example/x.whl", "name @ https://files.example/x.whl"),
    ],
)
def test_secrets_are_cut_from_addresses(address: str, kept: str) -> None:
    assert without_secrets(address) == kept


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    host = host_of("https://" + text)
    assert host is None or host.value == host.value.lower()
