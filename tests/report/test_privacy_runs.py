"""What a run knows beyond its document, and whose names stay though a host or an owner has the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.builders_evidence import make_evidence
from tests.builders_result import make_artefact, make_finding, make_result
from tests.rendering import parts_of
from tests.report.private import KEY, make_hosts, make_waiver
from tests.report.test_privacy_everywhere import SHARED

from beholden.report import privacy
from beholden.report.interface import RenderOptions
from beholden.report.privacy import for_sharing
from beholden.schema.assessment import Assessment
from beholden.schema.result import Coverage, EntityRef, Location, ScanResult


def _lease(number: int) -> dict[str, Any]:
    detail = json.dumps({"hostname": f"cam-{number:02d}"})
    return {"own_host": f"192.0.2.{number}", "detail": detail, "file": f"cam-{number:02d}/dhcpd.leases"}


def _run_beyond_its_samples() -> Assessment:
    finding = make_finding(
        artefact=make_artefact(
            own_hosts=make_hosts("cam-00"),
            locations=[Location(file="cam-33/dhcpd.leases")],
            details=[{"hostname": "cam-00"}],
        )
    )
    row = Coverage(
        file="cam-33/dhcpd.leases", reader="dhcpd-leases", status="partial", reasons={"cam-34, 192.0.2.35: cut": 1}
    )
    return Assessment(make_result([finding], coverage=[row]), make_evidence(*map(_lease, range(40))))


@pytest.mark.parametrize("report", SHARED, ids=lambda report: report.name)
def test_hosts_that_the_samples_have_no_room_for_are_pseudonyms_in_every_report(report: Any) -> None:
    text = parts_of(report, _run_beyond_its_samples())[""].decode()
    assert re.findall(r"cam-\d\d|192\.0\.2\.\d+", text) == []
    assert re.search(r"host-\d+(/|%2F|&#47;|, )", text)


def test_a_run_is_given_pseudonyms_once_for_all_its_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ScanResult] = []

    def counted(document: ScanResult, *given: Any) -> ScanResult:
        made.append(document)
        return for_sharing(document, *given)

    monkeypatch.setattr(privacy, "for_sharing", counted)
    run, options = _run_beyond_its_samples(), RenderOptions()
    assert privacy.shared(run, options) is privacy.shared(run, RenderOptions())
    assert len(made) == 1
    keyed = privacy.shared(run, RenderOptions(pseudonym_key=KEY))
    other = privacy.shared(_run_beyond_its_samples(), options)
    assert len(made) == 3
    assert keyed != other


@pytest.mark.parametrize(
    ("kind", "value", "host"),
    [
        ("model", "Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b-instruct"),
        ("image", "registry-1.plant.example/ali/qwen-vl2:1.0", "qwen-vl2"),
        ("purl", "pkg:npm/ali-oss@6.1.0", "ali-oss"),
        ("cpe", "cpe:2.3:o:hikvision:ds-2cd2032:5.4.5.10:*:*:*:*:*:*:*", "ds-2cd2032"),
    ],
)
def test_the_public_name_of_software_stays_where_a_host_has_the_same(kind: str, value: str, host: str) -> None:
    artefact = make_artefact(kind=kind, value=value, values=make_hosts(value), own_hosts=make_hosts(host))
    finding = make_finding(artefact=artefact, why=f"{value} is by Acme, as {host}.")
    [shown] = for_sharing(make_result([finding])).findings
    assert (shown.artefact.value, shown.artefact.values.top[0].value) == (value, value)
    assert shown.why == finding.why
    assert shown.artefact.own_hosts.top[0].value == "host-1"


def test_the_registry_of_an_image_and_the_forge_of_a_module_are_hosts_of_ours_all_the_same() -> None:
    image = make_artefact(
        kind="image", value="reg-1.plant.example:5000/qwen-vl2:1.0", own_hosts=make_hosts("reg-1.plant.example")
    )
    [shown] = for_sharing(make_result([make_finding(artefact=image)])).findings
    assert shown.artefact.value == "host-1:5000/qwen-vl2:1.0"
    module = make_artefact(
        kind="purl", value="pkg:golang/git-1.plant.example/x-1", own_hosts=make_hosts("git-1.plant.example")
    )
    finding = make_finding(artefact=module, why="Read at git-1.plant.example.")
    assert for_sharing(make_result([finding])).findings[0].why == "Read at host-1."


def test_a_supplier_that_owns_a_risk_keeps_its_name() -> None:
    company = EntityRef(id="alibaba-cloud", schema="Company", caption="Alibaba Cloud")
    artefact = make_artefact(kind="name", value="Alibaba Cloud (Singapore)", details=[{"supplier": "Alibaba Cloud"}])
    waiver = make_waiver(owner="Alibaba Cloud", approver="Rita Keeper", reason="Rita Keeper: ends with Alibaba Cloud.")
    finding = make_finding(operator=company, listed_entity=company, artefact=artefact, waiver=waiver)
    [shown] = for_sharing(make_result([finding])).findings
    assert (shown.artefact.value, shown.artefact.details) == (artefact.value, artefact.details)
    assert shown.waiver is not None
    assert re.fullmatch(r"person-\d: ends with Alibaba Cloud\.", shown.waiver.reason)
    assert shown.waiver.owner.startswith("person-")


def test_who_answers_is_never_looked_for_in_what_was_found() -> None:
    artefact = make_artefact(kind="domain", value="Rita Keeper", values=make_hosts("Rita Keeper"))
    [shown] = for_sharing(
        make_result([make_finding(artefact=artefact, waiver=make_waiver(owner="Rita Keeper"))])
    ).findings
    assert (shown.artefact.value, shown.artefact.values.top[0].value) == ("Rita Keeper", "Rita Keeper")
