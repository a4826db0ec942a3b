"""Packages, models and hardware addresses → operators: the longest reviewed namespace or block decides."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from tests.builders import core_kb, day, make_asset, make_name, make_oui, matched, tiny_kb

from beholden.schema.vocabulary import Kind

PACKAGES = tiny_kb(
    make_asset("vendor", "purl", "pkg:golang/github.com/vendor/*", "vendor_sdk"),
    make_asset("foundation", "purl", "pkg:golang/github.com/vendor/given-away*", "code_dependency"),
    make_asset(
        None, "purl", "pkg:golang/github.com/vendor/not-theirs", "code_dependency", note="a mirror of another's"
    ),
    make_asset("vendor", "purl", "pkg:pypi/vendor-*", "vendor_sdk"),
    make_asset(None, "purl", "pkg:pypi/vendor-fan-client", "vendor_sdk", note="third-party client"),
    make_asset("vendor", "purl", "pkg:maven/com.vendor/*", "code_dependency"),
    make_asset("vendor", "purl", "pkg:maven/com.vendor.*", "code_dependency"),
    make_asset("vendor", "purl", "pkg:npm/vendor", "code_dependency", valid_to=day("2024-01-01")),
    make_asset("lab", "model", "lab/*", "model_weights"),
)


def found(kind: Kind, value: str) -> list[tuple[str, str]]:
    return [(answer["entity_id"], answer["relation"]) for answer in matched(PACKAGES, kind, value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("pkg:golang/github.com/vendor/sdk", [("vendor", "vendor_sdk")], id="namespace"),
        pytest.param(
            "pkg:golang/github.com/vendor/given-away/v2", [("foundation", "code_dependency")], id="donated project"
        ),
        pytest.param("pkg:golang/github.com/vendor/not-theirs", [], id="reviewed: not the vendor's"),
        pytest.param(
            "pkg:golang/github.com/vendor/not-theirs-either", [("vendor", "vendor_sdk")], id="an exact row is no prefix"
        ),
        pytest.param("pkg:golang/github.com/vendorish/sdk", [], id="a longer namespace"),
        pytest.param("pkg:pypi/vendor-core", [("vendor", "vendor_sdk")], id="name prefix"),
        pytest.param("pkg:pypi/vendor-fan-client", [], id="third-party client"),
        pytest.param("pkg:pypi/vendor", [], id="shorter than the prefix"),
        pytest.param("pkg:npm/vendor-core", [], id="another registry"),
        pytest.param("pkg:maven/com.vendor/lib", [("vendor", "code_dependency")], id="Maven group"),
        pytest.param("pkg:maven/com.vendor.sub/lib", [("vendor", "code_dependency")], id="Maven group below"),
        pytest.param("pkg:maven/com.vendors/lib", [], id="another Maven group"),
        pytest.param("pkg:pypi/" + "vendor-" + "x" * 500, [], id="a name too long to be one"),
    ],
)
def test_the_longest_reviewed_namespace_decides(value: str, expected: list[tuple[str, str]]) -> None:
    assert found(Kind.PURL, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("lab/model-7b", [("lab", "model_weights")]), ("labs/model-7b", []), ("other/lab", [])]
)
def test_a_model_belongs_to_its_hub_namespace(value: str, expected: list[tuple[str, str]]) -> None:
    assert found(Kind.MODEL, value) == expected


def test_a_package_seen_after_its_namespace_was_given_up_is_a_question() -> None:
    before, after = (matched(PACKAGES, Kind.PURL, "pkg:npm/vendor", seen=seen) for seen in ("2023-06-01", "2024-06-01"))
    assert [answer["decision"] for answer in (*before, *after)] == ["confirmed", "probable"]
    assert after[0]["question"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("pkg:golang/github.com/aliyun/alibaba-cloud-sdk-go", "vendor_sdk", id="Alibaba's own SDK"),
        pytest.param("pkg:golang/github.com/bytedance/sonic", "code_dependency", id="a library that runs locally"),
        pytest.param("pkg:pypi/amcrest", None, id="third-party client of cameras"),
        pytest.param("pkg:pypi/python-kasa", None, id="third-party client of plugs"),
        pytest.param(
            "pkg:golang/github.com/baiyubin/aliyun-sts-go-sdk", None, id="third-party client with the vendor's name"
        ),
        pytest.param("pkg:maven/org.apache.dubbo/dubbo", None, id="foundation project"),
        pytest.param("pkg:npm/react", None, id="anything else"),
    ],
)
def test_packages_of_the_core_base(value: str, expected: str | None) -> None:
    foundations = {"apache-software-foundation", "cncf", "openatom"}
    answers = [row for row in matched(core_kb(), Kind.PURL, value) if row["entity_id"] not in foundations]
    assert [answer["relation"] for answer in answers] == ([] if expected is None else [expected])


# --- hardware addresses ---------------------------------------------------------------------------------------------

BLOCKS = tiny_kb(
    make_oui("0C1122", "Registry Itself"),
    make_oui("0C11223", "Small Maker"),
    make_oui("0C1122344", "Tiny Maker"),
    make_oui("0C1133", "Large Maker"),
    make_oui("0C1144", "Nobody We Know"),
    make_asset("large", "oui_organisation", "Large Maker", "hardware"),
    make_asset("small", "oui_organisation", "Small Maker", "hardware"),
    make_asset("tiny", "oui_organisation", "Tiny Maker", "hardware"),
    make_asset("registry", "oui_organisation", "Registry Itself", "hardware"),
)


@pytest.mark.parametrize(
    ("mac", "expected"),
    [
        pytest.param("0c:11:33:00:00:01", [("large", "0c:11:33")], id="24 bits"),
        pytest.param("0c:11:22:30:00:01", [("small", "0c:11:22:3")], id="28 bits"),
        pytest.param("0c:11:22:34:40:01", [("tiny", "0c:11:22:34:4")], id="36 bits"),
        pytest.param("0c:11:22:40:00:01", [("registry", "0c:11:22")], id="outside the longer blocks"),
        pytest.param("0c:11:44:00:00:01", [], id="an organisation nobody knows"),
        pytest.param("0c:11:55:00:00:01", [], id="no block"),
        pytest.param("0e:11:33:00:00:01", [], id="locally administered"),
    ],
)
def test_the_longest_assigned_block_names_the_maker(mac: str, expected: list[tuple[str, str]]) -> None:
    assert [(row["entity_id"], row["artefact_value"]) for row in matched(BLOCKS, Kind.MAC, mac)] == expected


def test_a_hardware_path_says_who_holds_the_block_and_whose_name_that_is() -> None:
    (answer,) = matched(BLOCKS, Kind.MAC, "0c:11:33:00:00:01")
    assert [hop["hop"] for hop in answer["hops"]] == ["oui_assigned_to", "name_of"]
    assert answer["features"] == '{"organisation": "Large Maker"}'


def test_a_camera_of_the_core_base_leads_to_its_maker() -> None:
    (answer,) = matched(core_kb(), Kind.MAC, "44:19:b6:00:00:01")
    assert (answer["entity_id"], answer["relation"], answer["decision"]) == ("hikvision", "hardware", "confirmed")


def test_the_path_says_that_the_block_tells_the_maker_of_the_radio() -> None:
    (answer,) = matched(core_kb(), Kind.MAC, "44:19:b6:00:00:01")
    assert answer["hops"][0]["note"] == "the maker of the radio or network part, not necessarily of the device"


def test_a_module_maker_is_marked_as_one() -> None:
    (answer,) = matched(core_kb(), Kind.MAC, "00:9b:08:00:00:01")
    assert (answer["entity_id"], answer["decision"]) == ("quectel", "confirmed")
    assert json.loads(answer["features"])["part"] == "module"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(None, "later", id="no day: the newest edition"),
        pytest.param("2026-01-01", "later", id="after the newest"),
        pytest.param("2024-06-01", "earlier", id="between the editions"),
        pytest.param("2020-01-01", "earlier", id="before any: the oldest"),
    ],
)
def test_a_block_is_whose_it_was_in_the_edition_of_the_day(seen: str | None, expected: str) -> None:
    kb = tiny_kb(
        replace(make_oui("0C1133", "Earlier Holder"), published_at=day("2024-05-20")),
        replace(make_oui("0C1133", "Later Holder"), published_at=day("2025-12-31")),
        make_asset("earlier", "oui_organisation", "Earlier Holder", "hardware"),
        make_asset("later", "oui_organisation", "Later Holder", "hardware"),
    )
    (answer,) = matched(kb, Kind.MAC, "0c:11:33:00:00:01", seen=seen)
    assert answer["entity_id"] == expected


# --- brands -----------------------------------------------------------------------------------------------------------

BRANDS = tiny_kb(
    make_oui("0C1133", "Brand Holder"),
    make_asset("brand", "oui_organisation", "Brand Holder", "hardware"),
    make_asset("maker", "oem_brand", "brand", "oem_of", note="some of its models"),
    make_asset("former", "oem_brand", "brand", "oem_of", id="oem_brand:brand:former", valid_to=day("2020-01-01")),
    make_asset("other", "oem_brand", "another-brand", "oem_of"),
    make_name("brand", "Brand Holder"),
)


def test_who_makes_devices_of_a_brand_is_a_question_beside_the_holder_of_the_block() -> None:
    brand, maker = matched(BRANDS, Kind.MAC, "0c:11:33:00:00:01", seen="2026-01-01")
    assert (brand["entity_id"], brand["relation"], brand["decision"]) == ("brand", "hardware", "confirmed")
    assert (maker["entity_id"], maker["relation"], maker["decision"]) == ("maker", "oem_of", "probable")
    assert "did" in maker["question"]
    assert [hop["hop"] for hop in maker["hops"]] == ["oui_assigned_to", "name_of", "brand_of_devices_made_by"]
    assert maker["hops"][-1]["note"] == "some of its models"


def test_a_brand_that_our_inventory_names_leads_to_its_maker_as_hardware_and_not_as_a_supplier() -> None:
    relations = {"hardware": {"brand", "maker"}, "supplier": {"brand"}}
    for relation, expected in relations.items():
        answers = matched(BRANDS, Kind.NAME, "Brand Holder", relation, seen="2026-01-01")
        assert {answer["entity_id"] for answer in answers} == expected


def test_the_core_base_asks_who_made_an_amcrest_camera() -> None:
    for kind, value in ((Kind.MAC, "9c:8e:cd:00:00:01"), (Kind.NAME, "Amcrest")):
        answers = {answer["entity_id"]: answer for answer in matched(core_kb(), kind, value, "hardware")}
        assert answers["dahua"]["relation"] == "oem_of"
        assert answers["dahua"]["decision"] == "probable"
        assert answers["dahua"]["hops"][-1]["grade"] == "M"
        assert answers["amcrest"]["relation"] == "hardware"
