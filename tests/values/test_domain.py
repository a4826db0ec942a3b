"""Host names: normal form, chain of parents, registrable domain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.domain import normalise, registrable, suffixes

LABELS = st.lists(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True), min_size=1, max_size=5)
HOSTS = LABELS.map(lambda labels: ".".join([*labels, "example"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("OSS.Aliyuncs.COM", "oss.aliyuncs.com", id="case"),
        pytest.param("www.host.example.", "www.host.example", id="trailing dot"),
        pytest.param(" host.example ", "host.example", id="spaces around"),
        pytest.param("bücher.example", "xn--bcher-kva.example", id="internationalised"),
        pytest.param("_dmarc.host.example", "_dmarc.host.example", id="underscore"),
        pytest.param("localhost", None, id="one label"),
        pytest.param("192.0.2.1", None, id="an address"),
        pytest.param("host..example", None, id="empty label"),
        pytest.param("-host.example", None, id="leading hyphen"),
        pytest.param("host-.example", None, id="trailing hyphen"),
        pytest.param("ho st.example", None, id="a space inside"),
        pytest.param("*.host.example", None, id="wildcard"),
        pytest.param(f"{'a' * 64}.example", None, id="label too long"),
        pytest.param(".".join(["a" * 60] * 5), None, id="name too long"),
        pytest.param("", None, id="nothing"),
        pytest.param("\udcff.example", None, id="not text"),
    ],
)
def test_a_host_name_has_one_spelling_or_none(text: str, expected: str | None) -> None:
    assert normalise(text) == expected


@given(st.one_of(HOSTS, st.text(max_size=30)))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    name = normalise(text)
    assert name is None or normalise(name) == name


def test_suffixes_are_the_name_and_its_parents_longest_first() -> None:
    assert suffixes("a.b.host.example") == ["a.b.host.example", "b.host.example", "host.example"]


@given(HOSTS)
def test_every_suffix_ends_the_name_at_a_dot(name: str) -> None:
    assert all(name == suffix or name.endswith(f".{suffix}") for suffix in suffixes(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("a.b.zte.com.cn", "zte.com.cn", id="two-label public suffix"),
        pytest.param("bucket.oss-cn-hangzhou.aliyuncs.com", "aliyuncs.com", id="one-label public suffix"),
        pytest.param("com.cn", None, id="a public suffix itself"),
    ],
)
def test_the_registrable_domain_follows_the_public_suffix_list(name: str, expected: str | None) -> None:
    assert registrable(name) == expected
