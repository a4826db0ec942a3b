from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.image import repository, without_tag
from beholden.values.purl import without_version

_WORD = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
_REGISTRY = st.builds(lambda name, port: f"{name}.example{port}", _WORD, st.sampled_from(["", ":5000"]))
_BUILD = st.builds(
    lambda tag, digest: tag + digest,
    st.one_of(st.just(""), _WORD.map(":{}".format)),
    st.one_of(st.just(""), st.text("0123456789abcdef", min_size=8, max_size=64).map("@sha256:{}".format)),
)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("registry.example/team/app", "registry.example/team/app"),
        ("registry.example/team/app:1.2", "registry.example/team/app"),
        ("registry.example:5000/Team/App:1.2@sha256:ff", "registry.example:5000/team/app"),
        ("registry.example/app@sha256:ff", "registry.example/app"),
        ("https://user:pw@registry.example:5000/acs/app:1", "registry.example:5000/acs/app"),
        ("registry.example:5000", "registry.example:5000"),
        ("", ""),
        ("https://", ""),
    ],
)
def test_the_repository_of_a_reference(reference: str, expected: str) -> None:
    assert repository(reference) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("app", ("app", None)), ("app:1", ("app", "1")), ("app@sha256:f", ("app", "sha256:f")), ("a:1@b", ("a", "1"))],
)
def test_the_tag_of_a_name(name: str, expected: tuple[str, str | None]) -> None:
    assert without_tag(name) == expected


@given(_REGISTRY, st.lists(_WORD, min_size=1, max_size=3), _BUILD, _BUILD)
def test_every_build_of_an_image_has_one_repository(registry: str, path: list[str], one: str, other: str) -> None:
    place = "/".join([registry, *path])
    assert repository(place + one) == repository(place + other) == place


@given(st.sampled_from(["oci", "docker"]), _WORD, _BUILD, _BUILD)
def test_every_build_of_an_image_is_one_package(kind: str, name: str, one: str, other: str) -> None:
    package = f"pkg:{kind}/{name}"
    assert without_version(package + one) == without_version(package + other) == package
