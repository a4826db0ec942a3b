from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.mac import is_locally_administered, is_multicast, oui_prefixes, parse_mac


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("44:19:B6:0A:0B:0C", "44:19:b6:0a:0b:0c", id="colons"),
        pytest.param("44-19-b6-0a-0b-0c", "44:19:b6:0a:0b:0c", id="dashes"),
        pytest.param("4419.b60a.0b0c", "44:19:b6:0a:0b:0c", id="dotted"),
        pytest.param("4419B60A0B0C", "44:19:b6:0a:0b:0c", id="bare"),
        pytest.param(" 0:c:29:1:2:3 ", "00:0c:29:01:02:03", id="leading zeros left out"),
    ],
)
def test_every_spelling_gives_lower_case_bytes_with_colons(text: str, expected: str) -> None:
    assert parse_mac(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "44:19:b6:0a:0b",
        "44:19:b6:0a:0b:0c:0d",
        "44:19-b6:0a-0b:0c",
        "44:19:b6:0a:0b:0g",
        "4419b60a0b0",
        "441.9b60.a0b0c",
        "४४:19:b6:0a:0b:0c",
        "44:19:b6:0a:0b:0c:0d:0e",
    ],
)
def test_what_is_no_eui48_gives_none(text: str) -> None:
    assert parse_mac(text) is None


@pytest.mark.parametrize(
    ("mac", "local", "multicast"),
    [
        pytest.param("44:19:b6:00:00:01", False, False, id="registered unicast"),
        pytest.param("da:a1:19:00:00:01", True, False, id="randomised"),
        pytest.param("01:00:5e:00:00:01", False, True, id="IPv4 multicast"),
        pytest.param("ff:ff:ff:ff:ff:ff", True, True, id="broadcast"),
    ],
)
def test_first_byte_tells_local_and_multicast(mac: str, local: bool, multicast: bool) -> None:
    assert (is_locally_administered(mac), is_multicast(mac)) == (local, multicast)


def test_prefixes_come_longest_first_in_the_spelling_of_the_knowledge_base() -> None:
    assert oui_prefixes("8c:1f:64:ab:cd:ef") == ("8C1F64ABC", "8C1F64A", "8C1F64")


@given(st.binary(min_size=6, max_size=6))
def test_normalising_twice_is_normalising_once(raw: bytes) -> None:
    once = parse_mac(raw.hex("-").upper())
    assert once is not None
    assert parse_mac(once) == once


@given(st.text(max_size=20))
def test_any_text_gives_none_or_six_bytes(text: str) -> None:
    mac = parse_mac(text)
    assert mac is None or bytes.fromhex(mac.replace(":", ""))
