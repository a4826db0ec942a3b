from __future__ import annotations

import pytest

from beholden.scan.network.certificates import certified_host, subject_host


@pytest.mark.parametrize(
    ("subject", "host"),
    [
        ("CN=www.example.com,O=Example,C=US", "www.example.com"),
        ("C=US, O=Example, CN=*.Shop.Example.com", "shop.example.com"),
        ("/C=US/O=Example/CN=www.example.com", "www.example.com"),
        ("O=Example + CN=www.example.com", "www.example.com"),
        # A comma inside a value does not begin a part, whether the writer doubled the backslash or not.
        ("O=Example\\, CN=not.example.com,CN=www.example.com", "www.example.com"),
        ("O=Example\\\\, CN=not.example.com", None),
        # A slash is a separator only where the subject begins with one.
        ("O=Example/CN=not.example.com", None),
        ("CN=Jane Doe,CN=www.example.com", "www.example.com"),
        ("CN=camera", None),
        ("CN=192.0.2.7", None),
        ("CN=printer.local", None),
        ("CN=a*b.example.com", None),
        ("", None),
        ("CN=" + "a." * 4000 + "example.com", None),
    ],
)
def test_the_host_of_a_subject(subject: str, host: str | None) -> None:
    assert subject_host(subject) == host


@pytest.mark.parametrize(
    ("name", "host"),
    [("*.example.com", "example.com"), ("*.*.example.com", None), (" a.example.com ", "a.example.com")],
)
def test_a_wildcard_stands_for_its_parent(name: str, host: str | None) -> None:
    assert certified_host(name) == host
