from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.scan.software.conftest import details, head, mirrors, packages

from beholden.errors import ScanError
from beholden.scan.software.pom import PomXml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.scan.software.conftest import Scan, Scanned


@pytest.fixture
def project(scan: Scan, data: Path) -> Scanned:
    return scan(PomXml(), data / "pom" / "pom.xml")


def test_declared_dependencies_are_packages_with_their_line(project: Scanned) -> None:
    declared = [row for row in packages(project) if row["field"] == "dependencies[].artifactId"]
    assert {row["certainty"] for row in declared} == {"confirmed"}
    assert [(row["value"], row["raw"], row["lines"]) for row in declared] == [
        ("pkg:maven/com.Example.Cloud/Sdk", "com.Example.Cloud:Sdk:3.4", [39]),
        ("pkg:maven/com.example/sibling", "com.example:sibling:7.0", [44]),
        ("pkg:maven/com.example.managed/lib", "com.example.managed:lib:1.5", [50]),
        ("pkg:maven/com.example/from-bom", "com.example:from-bom", [55]),
        ("pkg:maven/com.example/looping", "com.example:looping", [65]),
        ("pkg:maven/com.example/in-profile", "com.example:in-profile:1.0", [85]),
    ]


def test_scope_profile_and_source_of_the_version_are_details(project: Scanned) -> None:
    told = details(project)
    assert {value.rpartition("/")[2]: detail["scope"] for value, detail in told.items()} == {
        "parent": "parent", "bom": "import",
        "Sdk": "prod", "sibling": "test", "lib": "optional", "from-bom": "provided", "looping": "prod",
        "in-profile": "prod",
    }  # fmt: skip
    assert told["pkg:maven/com.example.managed/lib"]["version_from"] == "dependencyManagement"
    assert told["pkg:maven/com.example/from-bom"]["boms"] == ["com.example.bom:bom:3"]
    assert told["pkg:maven/com.example/in-profile"]["profile"] == "cloud"


def test_the_parent_and_imported_boms_are_probable_packages(project: Scanned) -> None:
    assert [
        (row["value"], row["raw"], row["lines"], row["field"], json.loads(row["detail"]))
        for row in packages(project)
        if row["certainty"] == "probable"
    ] == [
        ("pkg:maven/com.example/parent", "com.example:parent:7.0", [4], "parent.artifactId",
         {"scope": "parent", "version": "7.0"}),
        ("pkg:maven/com.example.bom/bom", "com.example.bom:bom:3", [28], "dependencyManagement[].artifactId",
         {"scope": "import", "version": "3"}),
    ]  # fmt: skip


def test_managed_versions_and_plugins_are_no_dependencies(project: Scanned) -> None:
    values = {row["value"].rpartition("/")[2] for row in project[1]}
    assert not values & {"unused", "builder"}


def test_a_bom_that_a_profile_imports_names_the_profile(scan: Scan) -> None:
    bom = "<dependency><groupId>g</groupId><artifactId>bom</artifactId><scope>${how}</scope></dependency>"
    managed = f"<dependencyManagement><dependencies>{bom}</dependencies></dependencyManagement>"
    inside = f"<properties><how>import</how></properties><profiles><profile><id>p</id>{managed}</profile></profiles>"
    scanned = scan(PomXml(), pom(inside))
    assert details(scanned) == {"pkg:maven/g/bom": {"scope": "import", "profile": "p"}}
    assert scanned[0].not_resolved == {"version not in this file": 1}


@pytest.mark.parametrize(
    ("parent", "reasons", "not_resolved"),
    [
        pytest.param("<artifactId>a</artifactId>", {"parent without groupId or artifactId": 1}, {}, id="no group"),
        pytest.param("<groupId>g g</groupId><artifactId>a</artifactId>",
                     {"parent with an unreadable coordinate": 1}, {}, id="unreadable"),
        pytest.param("<groupId>${x}</groupId><artifactId>a</artifactId>", {},
                     {"parent named by a property of another file": 1}, id="property"),
    ],
)  # fmt: skip
def test_a_parent_without_a_coordinate_is_said(
    scan: Scan, parent: str, reasons: dict[str, int], not_resolved: dict[str, int]
) -> None:
    source, rows = scan(PomXml(), pom(f"<parent>{parent}</parent>"))
    assert (rows, source.reasons, source.not_resolved) == ([], reasons, not_resolved)


def test_repositories_are_mirrors(project: Scanned) -> None:
    assert [(row["value"], row["count"], row["lines"], row["field"]) for row in mirrors(project)] == [
        ("repo.example", 2, [75, 92], "repositories[].url")
    ]


def test_what_other_files_would_tell_is_counted(project: Scanned) -> None:
    assert project[0].not_resolved == {
        "version not in this file": 2, "dependency named by a property of another file": 1,
        "repository without a host": 1,
    }  # fmt: skip
    assert len(project[0].notes) == 4


def test_a_dependency_without_a_coordinate_is_rejected_with_its_line(project: Scanned) -> None:
    assert project[0].reasons == {"dependency without groupId or artifactId": 1}
    assert project[0].first_rejects[0].startswith("pom.xml:70: ")


def pom(inside: str, before: str = "") -> bytes:
    return f"{before}<project><modelVersion>4.0.0</modelVersion>{inside}</project>".encode()


def test_properties_that_multiply_each_other_stay_small(scan: Scan) -> None:
    properties = "<p0>xxxxxxxxxx</p0>" + "".join(
        f"<p{n}>{'${p' + str(n - 1) + '}' * 1}{'${p' + str(n - 1) + '}'}</p{n}>" for n in range(1, 40)
    )
    inside = (
        f"<properties>{properties}</properties><dependencies><dependency><groupId>g</groupId>"
        "<artifactId>a</artifactId><version>${p39}</version></dependency></dependencies>"
    )
    source, rows = scan(PomXml(), pom(inside))
    assert [row["raw"] for row in rows] == ["g:a"]
    assert source.not_resolved["version not in this file"] == 1


@pytest.mark.parametrize(
    "before",
    [
        pytest.param('<!DOCTYPE project [<!ENTITY x SYSTEM "file:///etc/hostname">]>', id="external entity"),
        pytest.param('<!DOCTYPE project SYSTEM "http://dtd.example/x.dtd">', id="external DTD"),
        pytest.param(
            '<!DOCTYPE project [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
            + "]>",
            id="expanding entities",
        ),
    ],
)
def test_document_types_are_refused(scan: Scan, before: str) -> None:
    with pytest.raises(ScanError, match="document type"):
        scan(PomXml(), pom("<name>plain</name>", before))


def test_entities_that_expand_in_attributes_are_refused(scan: Scan) -> None:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
    )
    with pytest.raises(ScanError):
        scan(PomXml(), pom('<name x="&j;"/>', f"<!DOCTYPE project [{entities}]>"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<project><unclosed></project>", id="not well-formed"),
        pytest.param(b"<project>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</project>", id="too deep"),
        pytest.param(b"<other/>", id="another document"),
        pytest.param(b"", id="empty"),
        pytest.param(b'<?xml version="1.0" encoding="no-such"?><project/>', id="unknown encoding"),
    ],
)
def test_what_is_no_project_file_is_refused(scan: Scan, content: bytes) -> None:
    with pytest.raises(ScanError):
        scan(PomXml(), content)


@pytest.mark.parametrize(
    ("content", "accepted"),
    [
        pytest.param(pom(""), True, id="pom"),
        pytest.param(b"<project name='x' default='dist'><target/></project>", False, id="ant"),
        pytest.param(b"<Project Sdk='x'/>", False, id="msbuild"),
        pytest.param(b"{}", False, id="json"),
    ],
)
def test_content_decides(content: bytes, accepted: bool) -> None:
    assert PomXml().accepts(head(content, "pom.xml")).accepted is accepted


@pytest.mark.parametrize(
    ("module", "package", "version"),
    [
        ("connector-dingtalk", "pkg:maven/com.aliyun/alibaba-dingtalk-service-sdk", "2.0.0"),
        ("connector-file-cos", "pkg:maven/com.qcloud.cos/hadoop-cos", "2.6.5-8.0.2"),
        ("connector-file-obs", "pkg:maven/com.huawei.storage/esdk-obs-java", "3.19.7.3"),
        ("connector-maxcompute", "pkg:maven/com.aliyun.odps/odps-sdk-core", "0.31.3-public"),
        ("connector-sls", "pkg:maven/com.aliyun.openservices/aliyun-log", "0.6.109"),
    ],
)
def test_a_real_project_resolves_its_own_properties(
    scan: Scan, shared: Callable[[str], Path], module: str, package: str, version: str
) -> None:
    scanned = scan(PomXml(), shared(f"data/inputs/lockfiles/seatunnel/{module}/pom.xml"))
    assert details(scanned)[package]["version"] == version


def test_a_real_project_that_adds_a_repository_names_its_host(scan: Scan, shared: Callable[[str], Path]) -> None:
    scanned = scan(PomXml(), shared("data/inputs/lockfiles/seatunnel/connector-file-obs/pom.xml"))
    assert [(row["value"], row["lines"]) for row in mirrors(scanned)] == [("repo.huaweicloud.com", [75])]
