from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.values.purl import build, normalise, parse, version, without_version


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "pkg:pypi/Example_Client.Core@1.0", "pkg:pypi/example-client-core@1.0", id="pypi folds separators"
        ),
        pytest.param("pkg:npm/%40Example/Client@1.0", "pkg:npm/%40example/client@1.0", id="npm scope lower-case"),
        pytest.param("pkg:npm/@example/client@1.0", "pkg:npm/%40example/client@1.0", id="npm scope not encoded"),
        pytest.param("pkg:npm/@example/client", "pkg:npm/%40example/client", id="npm scope is not a version"),
        pytest.param("pkg:npm/%40example%2Fclient@1", "pkg:npm/%40example/client@1", id="encoded separator"),
        pytest.param("pkg:golang/Code.example/Team/Lib@v1", "pkg:golang/code.example/team/lib@v1", id="golang"),
        pytest.param("pkg:maven/com.Example/Lib@1", "pkg:maven/com.Example/Lib@1", id="maven keeps case"),
        pytest.param("pkg:huggingface/Lab/Model@A", "pkg:huggingface/Lab/Model@A", id="hub keeps case"),
        pytest.param("pkg:deb/debian/libstdc++6@4", "pkg:deb/debian/libstdc%2B%2B6@4", id="plus is encoded"),
        pytest.param("PKG:NPM/x@1", "pkg:npm/x@1", id="scheme and type lower-case"),
        pytest.param("pkg://npm//x@1", "pkg:npm/x@1", id="slashes after the scheme"),
        pytest.param("pkg:oci/a@sha256%3Aff?tag=1&Arch=x", "pkg:oci/a@sha256:ff?arch=x&tag=1", id="qualifiers sorted"),
        pytest.param("pkg:docker/Team/app:1.2", "pkg:docker/Team/app@1.2", id="tag of an image is its version"),
        pytest.param("pkg:oci/app:1@sha256:ff", "pkg:oci/app@sha256:ff", id="tag beside a digest"),
        pytest.param("pkg:oci/app@1@sha256%3Aff", "pkg:oci/app@sha256:ff", id="two versions of an image"),
        pytest.param("pkg:npm/x?a=&b=1", "pkg:npm/x?b=1", id="empty qualifier dropped"),
        pytest.param("pkg:golang/a.example/b@v1#/c/../d/", "pkg:golang/a.example/b@v1#c/d", id="subpath"),
    ],
)
def test_every_spelling_of_a_package_has_one_normal_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkg:",
        "pkg:npm",
        "pkg:docker/:1.2",
        "pkg:npm/",
        "npm/x@1",
        "pkg:1npm/x",
        "pkg:npm/a b",
        "pkg:npm/../x",
        "pkg:npm/%00",
        "http://x",
    ],
)
def test_what_is_no_package_url_is_none(text: str) -> None:
    assert (parse(text), normalise(text), without_version(text), version(text)) == (None,) * 4


def test_the_value_of_an_observation_has_no_version_qualifier_or_subpath() -> None:
    assert without_version("pkg:npm/%40a/b@1.0?x=y#z") == "pkg:npm/%40a/b"


def test_the_version_is_decoded() -> None:
    assert version("pkg:golang/a.example/b@v2.2.2%2Bincompatible") == "v2.2.2+incompatible"


def test_a_maven_group_is_one_segment() -> None:
    made = build("maven", "lib", namespace=("com.example",), version="1")
    assert made is not None
    assert (made.base, str(made)) == ("pkg:maven/com.example/lib", "pkg:maven/com.example/lib@1")


def test_a_path_splits_into_namespace_and_name() -> None:
    made = build("golang", "code.example/Team/lib")
    assert made is not None
    assert (made.namespace, made.name) == (("code.example", "team"), "lib")


def test_qualifiers_are_found_by_key() -> None:
    made = parse("pkg:oci/a?repository_url=images.example%2Fteam%2Fa")
    assert made is not None
    assert made.qualifier("repository_url") == "images.example/team/a"


_PARTS = st.text(st.characters(codec="utf-8") | st.sampled_from("@/%:?#&=+.~-_2F40"), max_size=30)


@given(st.sampled_from(["npm", "pypi", "golang", "maven", "oci", "rpm"]), _PARTS)
def test_normalising_twice_is_normalising_once(kind: str, rest: str) -> None:
    once = normalise(f"pkg:{kind}/{rest}")
    assert once is None or normalise(once) == once


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert normalise("pkg:npm/" + text) is None or parse("pkg:npm/" + text) is not None
