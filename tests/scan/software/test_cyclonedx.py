from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

from beholden.errors import ScanError
from beholden.scan.interface import InputHead
from beholden.scan.software.cyclonedx import CycloneDxJson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def shop(scan: Scan, data: Path) -> Scanned:
    return scan(CycloneDxJson(), data / "cyclonedx" / "shop.cdx.json")


def of_kind(shop: Scanned, kind: str) -> list[dict[str, Any]]:
    return [row for row in shop[1] if row["kind"] == kind]


def bom(**parts: object) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", **parts}).encode()


def test_packages_are_given_in_document_order_with_the_line_of_their_reference(shop: Any) -> None:
    assert [(row["value"], row["lines"]) for row in of_kind(shop, "purl")] == [
        ("pkg:npm/%40example/client", [12]),
        ("pkg:pypi/nested-part", [23]),
        ("pkg:npm/dev-only", [31]),
        ("pkg:huggingface/Example-Lab/Small-7B", [51]),
        ("pkg:oci/base", [69]),
        ("pkg:docker/team/web", [75]),
    ]


def test_a_package_leaves_the_relation_to_the_asset_that_it_matches(shop: Any) -> None:
    assert {(row["relation"], row["direction"], row["certainty"]) for row in of_kind(shop, "purl")} == {
        (None, "none", "confirmed")
    }


def test_version_scope_and_directness_are_details(shop: Any) -> None:
    details = {row["value"]: json.loads(row["detail"]) for row in of_kind(shop, "purl")}
    assert details["pkg:npm/%40example/client"] == {
        "version": "2.1.0", "scope": "prod", "direct": True, "type": "library",
    }  # fmt: skip
    assert details["pkg:pypi/nested-part"] == {"version": "0.3", "direct": False, "type": "library"}
    assert details["pkg:npm/dev-only"]["scope"] == "dev"


def test_the_subject_of_the_bill_is_not_its_own_dependency(shop: Any) -> None:
    assert "pkg:npm/shop" not in {row["value"] for row in shop[1]}


def test_suppliers_are_certain_and_publishers_and_groups_probable(shop: Any) -> None:
    software = [row for row in of_kind(shop, "name") if row["relation"] == "code_dependency"]
    assert [(row["value"], row["field"], row["certainty"], row["count"], row["lines"]) for row in software] == [
        ("Example Cloud Ltd", "components[].supplier.name", "confirmed", 2, [12, 38]),
        ("Example Press", "components[].publisher", "probable", 1, [12]),
        ("Example Works", "components[].group", "probable", 1, [38]),
    ]


def test_a_group_beside_a_package_url_is_not_a_name(shop: Any) -> None:
    assert "@example" not in {row["value"] for row in of_kind(shop, "name")}


def test_the_supplier_of_a_device_is_hardware(shop: Any) -> None:
    hardware = [row for row in of_kind(shop, "name") if row["relation"] == "hardware"]
    assert [(row["value"], row["certainty"]) for row in hardware] == [("Example Optics", "confirmed")]
    assert shop[0].not_resolved["hardware without supplier or manufacturer"] == 1


def test_models_are_organisation_and_name_in_lower_case(shop: Any) -> None:
    assert [(row["value"], row["relation"], row["raw"]) for row in of_kind(shop, "model")] == [
        ("example-lab/small-7b", "model_weights", "Example-Lab/Small-7B"),
        ("other-lab/tiny", "model_weights", "Other-Lab/Tiny"),
    ]
    assert shop[0].not_resolved["model without an organisation"] == 1


def test_the_manufacturer_of_a_model_stands_behind_its_weights(shop: Any) -> None:
    assert ("Example Lab", "model_weights") in {(row["value"], row["relation"]) for row in of_kind(shop, "name")}


def test_images_are_repositories_with_their_host(shop: Any) -> None:
    assert [row["value"] for row in of_kind(shop, "image")] == ["images.example/team/base", "images.example/team/web"]


def test_indexes_and_registries_that_package_urls_name_are_mirrors(shop: Any) -> None:
    mirrors = [(row["value"], row["direction"], row["count"]) for row in shop[1] if row["relation"] == "mirror"]
    assert mirrors == [("index.example", "out", 1), ("images.example", "out", 2)]


@pytest.mark.parametrize(
    ("purl", "hosts"),
    [
        ("pkg:oci/app?repository_url=registry.cn-north-1.cloud.example/acs/app", ["registry.cn-north-1.cloud.example"]),
        ("pkg:oci/app@sha256%3Aabc?repository_url=https://user:pw@registry.example:5000/acs", ["registry.example"]),
        ("pkg:docker/acs/app@1?repository_url=registry.example:5000", ["registry.example"]),
        ("pkg:docker/acs/app@1", []),
    ],
)
def test_the_registry_of_an_image_is_a_mirror(scan: Scan, purl: str, hosts: list[str]) -> None:
    _, rows = scan(CycloneDxJson(), bom(components=[{"type": "container", "purl": purl}]))
    mirrors = [row for row in rows if row["relation"] == "mirror"]
    assert [(row["kind"], row["value"]) for row in mirrors] == [("domain", host) for host in hosts]
    assert all("pw" not in row["raw"] for row in mirrors)


@pytest.mark.parametrize(
    "purl",
    [
        "pkg:oci/app@sha256%3Aaa?repository_url=registry.example/acs/app&tag=1",
        "pkg:oci/app@sha256%3Abb?repository_url=registry.example/acs/app:2",
        "pkg:oci/app?repository_url=registry.example/acs/app%40sha256:cc",
        "pkg:oci/app:3@sha256%3Add?repository_url=registry.example/acs/app:3@sha256:dd",
    ],
)
def test_tag_and_digest_change_neither_package_nor_image(scan: Scan, purl: str) -> None:
    _, rows = scan(CycloneDxJson(), bom(components=[{"type": "container", "name": "app", "purl": purl}]))
    assert {(row["kind"], row["value"]) for row in rows} == {
        ("purl", "pkg:oci/app"),
        ("image", "registry.example/acs/app"),
        ("domain", "registry.example"),
    }


@pytest.mark.parametrize("build", ["", ":1.2", "@sha256:aa", ":1.2@sha256:bb"])
def test_a_container_known_by_its_reference_alone_is_an_image_of_its_registry(scan: Scan, build: str) -> None:
    name = f"registry.example:5000/acs/app{build}"
    source, rows = scan(CycloneDxJson(), bom(components=[{"type": "container", "name": name}]))
    assert {(row["kind"], row["value"]) for row in rows} == {
        ("image", "registry.example:5000/acs/app"),
        ("domain", "registry.example"),
    }
    assert source.not_resolved["component without purl"] == 0


@pytest.mark.parametrize(("kind", "name"), [("container", "team/app:1"), ("library", "code.example/team/lib")])
def test_a_name_that_is_no_image_reference_stays_unresolved(scan: Scan, kind: str, name: str) -> None:
    source, rows = scan(CycloneDxJson(), bom(components=[{"type": kind, "name": name}]))
    assert rows == []
    assert source.not_resolved["component without purl"] == 1


@pytest.mark.parametrize("name", ["lab/model", "lab/model@main", "lab/model:latest"])
def test_a_revision_is_no_part_of_a_models_name(scan: Scan, name: str) -> None:
    _, rows = scan(CycloneDxJson(), bom(components=[{"type": "machine-learning-model", "name": name}]))
    assert [row["value"] for row in rows if row["kind"] == "model"] == ["lab/model"]


def test_a_repository_of_an_image_without_a_host_is_counted_and_no_domain(scan: Scan) -> None:
    purl = "pkg:oci/app?repository_url=team/app"
    source, rows = scan(CycloneDxJson(), bom(components=[{"type": "container", "purl": purl}]))
    assert "domain" not in {row["kind"] for row in rows}
    assert source.not_resolved["image repository without a registry host"] == 1


def test_endpoints_are_counted_per_host_without_credentials(shop: Any) -> None:
    hosts = [row for row in shop[1] if row["field"] == "services[].endpoints[]"]
    assert [(row["kind"], row["value"], row["count"], row["relation"], row["direction"]) for row in hosts] == [
        ("domain", "api.speech.example", 2, "service_endpoint", "out"),
        ("ip", "2001:db8::1", 1, "service_endpoint", "out"),
    ]
    assert hosts[0]["raw"] == "https://API.speech.example:8443/v1"
    assert json.loads(hosts[0]["detail"])["data"] == ["PII outbound"]


def test_the_provider_of_a_service_is_named(shop: Any) -> None:
    assert ("Example Speech Inc", "service_endpoint") in {
        (row["value"], row["relation"]) for row in of_kind(shop, "name")
    }


def test_what_could_not_be_resolved_is_counted(shop: Any) -> None:
    source = shop[0]
    assert source.not_resolved["component without purl"] == 3
    assert source.not_resolved["service endpoint without a host"] == 1
    assert (source.records_read, source.records_rejected) == (13, 1)
    assert source.reasons == {"invalid package URL": 1}
    assert source.first_rejects[0].startswith("shop.cdx.json:45: ")


@pytest.mark.parametrize("version", ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7", 1.6])
def test_a_known_specification_is_read_without_a_note(scan: Scan, version: object) -> None:
    source, rows = scan(CycloneDxJson(), bom(specVersion=version, components=[{"purl": "pkg:npm/x@1"}]))
    assert (len(rows), source.notes) == (1, [])


@pytest.mark.parametrize(
    ("version", "shown"), [("1.1", "1.1"), ("1.8", "1.8"), ("2.0", "2.0"), (None, "missing"), (["1.6"], "unreadable")]
)
def test_another_specification_is_read_with_a_note(scan: Scan, version: object, shown: str) -> None:
    source, rows = scan(CycloneDxJson(), bom(specVersion=version, components=[{"purl": "pkg:npm/x@1"}]))
    assert len(rows) == 1
    assert source.notes == [f"specVersion {shown} is outside 1.2 to 1.7; read by the same rules."]


def test_a_bill_that_says_it_is_incomplete_is_noted(scan: Scan) -> None:
    source, _ = scan(CycloneDxJson(), bom(compositions=[{"aggregate": "incomplete_first_party_only"}]))
    assert source.notes == ["The bill says of itself that it is incomplete."]


def test_fields_of_the_wrong_type_lose_only_themselves(scan: Scan) -> None:
    source, rows = scan(
        CycloneDxJson(),
        bom(components=[{"purl": 7}, "x", {"purl": "pkg:npm/x", "supplier": [1], "components": {}}], services={"a": 1}),
    )
    assert [row["value"] for row in rows] == ["pkg:npm/x"]
    assert source.reasons == {"invalid package URL": 1, "component is not an object": 1, "services is not a list": 1}


@pytest.mark.parametrize("key", ["components", "services"])
def test_a_null_in_a_list_is_rejected_and_what_follows_it_read(scan: Scan, key: str) -> None:
    last = {"purl": "pkg:npm/x", "endpoints": ["https://x.example"]}
    source, rows = scan(CycloneDxJson(), bom(**{key: [{"name": "a", key: [None, last]}, None, last]}))
    assert len([row for row in rows if row["kind"] == "purl"]) == (2 if key == "components" else 0)
    assert (source.records_read, source.records_rejected) == (3, 2)


def test_a_package_url_of_a_repository_is_given_as_it_is_and_counted(scan: Scan) -> None:
    source, rows = scan(CycloneDxJson(), bom(components=[{"purl": "pkg:github/Example/Tool@v1"}]))
    assert [(row["kind"], row["value"]) for row in rows] == [("purl", "pkg:github/example/tool")]
    assert source.not_resolved == {"github purl": 1}


def test_a_lone_surrogate_in_a_name_does_not_break_the_batch(scan: Scan) -> None:
    _, rows = scan(CycloneDxJson(), bom(components=[{"supplier": {"name": "A\ud800B"}}]))
    assert rows[0]["value"] == "A?B"


def test_json_nested_too_deep_is_an_error_and_not_a_crash(scan: Scan) -> None:
    deep = b'{"components":[' * 100_000 + b"]}" * 100_000
    with pytest.raises(ScanError) as caught:
        scan(CycloneDxJson(), deep)
    assert caught.value.code == "scan.nested-too-deep"


def test_an_integer_of_thousands_of_digits_is_an_error_and_not_a_crash(scan: Scan) -> None:
    with pytest.raises(ScanError):
        scan(CycloneDxJson(), b'{"bomFormat": "CycloneDX", "version": ' + b"9" * 5_000 + b"}")


def test_another_json_document_is_refused_as_a_whole(scan: Scan) -> None:
    with pytest.raises(ScanError, match="bomFormat"):
        scan(CycloneDxJson(), b'{"bomFormat": "other"}')


@pytest.mark.parametrize(
    ("content", "accepted", "reason"),
    [
        pytest.param(b'{"bomFormat" : "CycloneDX"}', True, "bomFormat", id="json"),
        pytest.param(b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>', False, "XML is not read", id="xml"),
        pytest.param(b'{"spdxVersion": "SPDX-2.3"}', False, "bomFormat", id="spdx"),
        pytest.param(b"\xff\xfe\x00", False, "not a JSON object", id="binary"),
    ],
)
def test_content_decides_and_a_refusal_says_why(content: bytes, accepted: bool, reason: str) -> None:
    answer = CycloneDxJson().accepts(InputHead(PurePosixPath("bom.json"), content, is_complete=True))
    assert answer.accepted is accepted
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("cdx-keycloak-10.0.2-bom.json.gz", 903),
        ("cdx-protonmail-webclient-v4-0912dff-bom.json.gz", 883),
        ("cdx-dropwizard-1.3.15-bom.json.gz", 167),
        ("cdx-cern-lhc-vdm-editor-e564943-bom.json", 43),
        ("dtrack-apiserver-4.5.0.bom.json.gz", 132),
        ("cdx-spec-valid-service-1.7.json", 1),
        ("cdx-spec-valid-machine-learning-1.7.json.gz", 0),
        ("cdx-HBOM-PCIe-SATA-adapter-board-bom.json", 0),
    ],
)
def test_real_bills_give_every_package_with_its_line(
    scan: Scan, shared: Callable[[str], Path], name: str, packages: int
) -> None:
    source, rows = scan(CycloneDxJson(), shared(f"data/inputs/sbom/{name}"))
    found = [row for row in rows if row["kind"] == "purl"]
    assert (len(found), source.records_rejected) == (packages, 0)
    assert all(row["lines"] for row in rows)


def test_every_real_bill_is_read_without_a_reject(scan: Scan, shared: Callable[[str], Path]) -> None:
    folder = shared("data/inputs/sbom")
    bills = sorted(path for path in folder.iterdir() if "cdx-" in path.name and ".json" in path.name)
    rejected = {path.name: scan(CycloneDxJson(), path)[0].records_rejected for path in bills}
    assert len(bills) >= 15
    assert not any(rejected.values())


def test_the_parts_of_a_real_board_are_hardware_of_their_suppliers(scan: Scan, shared: Callable[[str], Path]) -> None:
    _, rows = scan(CycloneDxJson(), shared("data/inputs/sbom/cdx-HBOM-PCIe-SATA-adapter-board-bom.json"))
    assert {(row["value"], row["relation"], row["count"]) for row in rows} == {
        ("Samtec", "hardware", 1), ("Molex", "hardware", 1), ("3M", "hardware", 1),
        ("Multicomp", "hardware", 2), ("TE Connectivity", "hardware", 1),
    }  # fmt: skip


def test_nested_services_of_a_real_bill_are_all_endpoints(scan: Scan, shared: Callable[[str], Path]) -> None:
    _, rows = scan(CycloneDxJson(), shared("data/inputs/sbom/cdx-Saaapigateway-microservices-datastores-bom.json"))
    endpoints = {row["value"]: row["count"] for row in rows if row["kind"] == "domain"}
    assert endpoints == {
        "example.com": 2, "ms-1.example.com": 1, "ms-2.example.com": 1, "ms-3.example.com": 1,
        "ms-1-pgsql.example.com": 1, "s3-example.amazon.com": 1,
    }  # fmt: skip
