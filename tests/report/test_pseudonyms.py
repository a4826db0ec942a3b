"""What stands for a private value: a number, or a code that only the holder of the key can make."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from beholden.report.own_names import normal_host
from beholden.report.pseudonyms import Pseudonyms

KEY = bytes(range(32))


def test_a_keyed_pseudonym_is_the_hmac_of_stem_and_value() -> None:
    digest = hmac.new(KEY, b"host\0web-1.corp.example", hashlib.sha256).digest()
    code = base64.b32encode(digest).decode().lower()
    assert Pseudonyms(KEY).label("host", "web-1.corp.example") == f"host-{code[:8]}"


def test_a_keyed_pseudonym_does_not_depend_on_what_was_asked_before() -> None:
    first, second = Pseudonyms(KEY), Pseudonyms(KEY)
    first.label("host", "other")
    assert first.label("host", "a") == second.label("host", "a")


def test_without_a_key_pseudonyms_are_numbered_by_what_they_stand_for() -> None:
    names = Pseudonyms()
    asked = [("host", "b"), ("host", "a"), ("person", "a"), ("host", "b")]
    assert [names.label(*one) for one in asked] == ["host-1", "host-2", "person-1", "host-1"]


def test_another_key_or_another_stem_gives_another_pseudonym() -> None:
    assert Pseudonyms(KEY).label("host", "a") != Pseudonyms(KEY[::-1]).label("host", "a")
    assert Pseudonyms(KEY).label("host", "a")[5:] != Pseudonyms(KEY).label("user", "a")[5:]


def test_pseudonyms_that_meet_grow_until_they_differ() -> None:
    names = [f"host {number}" for number in range(200)]
    short = Pseudonyms(KEY, digits=1)
    labels = [short.label("host", name) for name in names]
    assert len(set(labels)) == len(names)
    assert len(labels[0]) == len("host-") + 1
    assert max(map(len, labels)) > len("host-") + 1
    again = Pseudonyms(KEY, digits=1)
    assert [again.label("host", name) for name in names] == labels


@pytest.mark.parametrize(
    "spelled", ["44:19:b6:12:34:56", "44-19-B6-12-34-56", "4419.b612.3456", "4419B6123456", "44:19:b6:12:34:56 "]
)
def test_a_keyed_mac_is_one_whatever_its_spelling(spelled: str) -> None:
    assert Pseudonyms(KEY).mac(spelled) == Pseudonyms(KEY).mac("44:19:b6:12:34:56")


def test_two_devices_of_one_maker_stay_two_with_a_key_and_are_one_without() -> None:
    keyed, numbered = Pseudonyms(KEY), Pseudonyms()
    one, other = "44:19:b6:12:34:56", "44:19:b6:12:34:57"
    assert keyed.mac(one) != keyed.mac(other)
    assert keyed.mac(one).startswith("44:19:b6··")
    assert numbered.mac(one) == numbered.mac(other) == "44:19:b6:··:··:··"


def test_a_mac_with_short_bytes_is_cut_and_keyed_like_any_other() -> None:
    assert Pseudonyms().mac("0:c:29:1:2:3") == "0:c:29:··:··:··"
    assert Pseudonyms(KEY).mac("0:c:29:1:2:3") == Pseudonyms(KEY).mac("00:0c:29:01:02:03")


@pytest.mark.parametrize(
    ("spelled", "normal"),
    [
        ("Web-1.Corp.Example.", "web-1.corp.example"),
        ("2001:0DB8:0::0008", "2001:db8::8"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.20.0.8", "10.20.0.8"),
        ("büro.corp.example", "xn--bro-hoa.corp.example"),
        ("XN--BRO-HOA.corp.example", "xn--bro-hoa.corp.example"),
        ("Annas-iPad", "annas-ipad"),
        ("12:30:45", "12:30:45"),
    ],
)
def test_spellings_of_one_host_are_one(spelled: str, normal: str) -> None:
    assert normal_host(spelled) == normal
