"""Result documents for the HTML report: one with everything that a board would see, and large ones."""

from __future__ import annotations

from msgspec.structs import replace
from tests.builders_result import (
    ALIBABA,
    HIKVISION,
    make_artefact,
    make_claim,
    make_consequence,
    make_finding,
    make_hop,
    make_listing,
    make_quantity,
    make_result,
    sample_result,
)

from beholden.schema.acceptance import Asked, AuthorisationUse, BaselineInfo, GateInfo, Gone, Waiver, WaiverUse
from beholden.schema.result import (
    Act,
    Coverage,
    EntityRef,
    Finding,
    MonthQuantity,
    ProfileInfo,
    ScanResult,
)
from beholden.schema.timeline import TimelineRow


def full_result() -> ScanResult:
    """The sample with all that is accepted, asked, answered and dated."""
    sample = sample_result()
    findings = [_with_more(finding) for finding in sample.findings]
    return replace(
        sample,
        findings=findings,
        profile=ProfileInfo(
            name="Harbour Example", roles=["us-federal-contractor"], units=["yard"], unused=["answer old-question"]
        ),
        timeline=_timeline(),
        waivers=[
            WaiverUse(waiver=make_waiver(), findings=1),
            WaiverUse(waiver=make_waiver(id="w-8", approver=None, active=False, status="requested"), findings=2),
            WaiverUse(waiver=make_waiver(id="w-9", expires="2026-07-01", active=False, status="expired"), findings=0),
        ],
        baseline=BaselineInfo(
            file="baseline.json",
            as_of="2026-07-01",
            kb_digest="9b1d" * 16,
            new=2,
            unchanged=7,
            worse=1,
            better=0,
            gone=[Gone(id="f-0099", level="review")],
        ),
        gate=GateInfo(fail_on="restricted", confirmed_only=False, at_gate=4, waived=1, in_baseline=2, passed=False),
    )


def make_waiver(**changes: object) -> Waiver:
    values: dict[str, object] = {
        "id": "w-7",
        "reason": "Replacement ordered, cameras isolated",
        "owner": "Rita Keeper",
        "approver": "Olaf Second",
        "created": "2026-07-01",
        "expires": "2026-09-30",
        "active": True,
    }
    return Waiver(**(values | changes))  # type: ignore[arg-type]  # the caller names fields of a waiver


def make_row(date: str, kind: str, text: str, *, lane: str = "happened", **changes: object) -> TimelineRow:
    values: dict[str, object] = {"date": date, "lane": lane, "type": kind, "text": text, "source": None}
    return TimelineRow(**(values | changes))  # type: ignore[arg-type]  # the caller names fields of a row


def months(amounts: dict[str, str], unit: str, what: str) -> list[MonthQuantity]:
    return [MonthQuantity(month=month, amount=amount, unit=unit, what=what) for month, amount in amounts.items()]


def _with_more(finding: Finding) -> Finding:
    artefact = finding.artefact
    if finding.id == "f-0004":
        dated = months({"2026-03": "100000", "2026-05": "30000.5", "2026-07": "-5000"}, "EUR", "paid")
        asked = [
            Asked(id="share-harbour", text=finding.questions[0]),
            Asked(
                id="payee-kiel",
                text=finding.questions[1],
                answer="yes",
                source="registry extract of 2026-07-02",
                by="Compliance",
                on="2026-07-03",
            ),
        ]
        return replace(
            finding,
            artefact=replace(artefact, by_month=dated),
            asked=asked,
            questions=finding.questions[:1],
            baseline="worse",
        )
    if finding.id == "f-0003":
        rule = replace(
            finding.consequences[0],
            authorisations=[
                AuthorisationUse(
                    id="lic-1",
                    kind="licence",
                    issuer="Example Bureau",
                    valid_from="2026-07-01",
                    valid_to="2026-08-01",
                    conditions="no personal data",
                    source="beholden.toml",
                )
            ],
            exceptions=[
                {
                    "id": "sec-2",
                    "text": "Services of a kind.",
                    "status": "applies",
                    "because": "contract of 2025-01-01",
                },
                {"id": "sec-3", "text": "Other services.", "status": "noted", "because": None},
            ],
            acts=[
                *finding.consequences[0].acts,
                Act(
                    from_="2026-07-02",
                    to="2026-07-09",
                    consequence_status="in_force",
                    quantities=[make_quantity("5000", "By", "sent")],
                    excepted_by="lic-1",
                ),
            ],
        )
        dated = months({"2026-05": "9000000", "2026-07": "3000000"}, "By", "sent")
        return replace(
            finding,
            artefact=replace(artefact, by_month=dated),
            consequences=[rule, *finding.consequences[1:]],
            baseline="new",
        )
    return replace(finding, baseline="unchanged")


def _timeline() -> list[TimelineRow]:
    return [
        make_row(
            "2018-08-13",
            "designation",
            "Listed on section 889",
            source="pl-115-232",
            entities=[HIKVISION.id],
            regime="us-889",
        ),
        make_row("2018-08-13", "consequence", "Released: Part B (us-889-b)", lane="known", regime="us-889"),
        make_row("2025-11-01", "allegation", "A memo is said to allege support.", entities=[ALIBABA.id]),
        make_row("2025-11-14", "allegation", "A memo is said to allege support.", lane="known", entities=[ALIBABA.id]),
        make_row("2025-11-14", "denial", "Alibaba calls it nonsense.", lane="known", entities=[ALIBABA.id]),
        make_row(
            "2026-03-01", "own_act", "In 2026-03, supplier: 100000 EUR paid, Vesselworks", entities=["vesselworks"]
        ),
        make_row("2026-06-08", "designation", "Listed on 1260H", entities=[ALIBABA.id], regime="us-dod-1260h"),
        make_row(
            "2026-06-30", "stay", "Stayed by a court", until="2026-12-31", regime="us-dod-1260h", entities=[ALIBABA.id]
        ),
    ]


def make_large(count: int) -> ScanResult:
    """A large result as a scan gives it: two lists per artefact, months, own text per finding, a timeline, claims."""
    operators = [
        EntityRef(
            id=f"party-{number}", schema="Company", caption=f"Example Holding {number} Ltd.", jurisdictions=["cn"]
        )
        for number in range(40)
    ]
    findings = [_large_finding(number, operators[number // 2 % len(operators)]) for number in range(count)]
    timeline = [
        TimelineRow(
            date=f"{2018 + number % 9}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            lane=["happened", "known"][number % 2],
            type=["designation", "own_act", "allegation", "denial", "consequence"][number % 5],
            text=f"Entry {number} of a timeline, about as long as they are",
            source="pl-115-232",
            entities=[operators[number % len(operators)].id],
        )
        for number in range(min(count, 1000))
    ]
    return make_result(
        findings,
        claims=[make_claim()],
        sources=sample_result().sources,
        timeline=timeline,
        coverage=[
            Coverage(file=f"zeek/{number}.log", reader="zeek", status="read", records_read=9) for number in range(99)
        ],
    )


def _large_finding(number: int, operator: EntityRef) -> Finding:
    level = (["info"] * 17 + ["review", "prohibited", "restricted"])[number // 2 % 20]
    value = f"host{number // 2}.cdn.example"
    asks = level == "review"
    return make_finding(
        id=f"f-{number:05d}",
        level=level,
        level_if_confirmed="prohibited" if asks else None,
        why=f"Our records show traffic to {value}, a name of {operator.caption}, which is on the list of the example.",
        operator=operator,
        listed_entity=operator,
        listing=make_listing(regime=["us-889", "us-fcc-cl"][number % 2]),
        consequences=[
            make_consequence(level=level),
            make_consequence(id="us-889-a", level="info", binds=["us-federal-agency"], binds_you=False),
        ],
        artefact=make_artefact(
            kind="domain",
            value=value,
            relation="service_endpoint",
            direction="out",
            quantities=[make_quantity(str(1000 + number)), make_quantity("52428800", "By", "received")],
            by_month=[
                MonthQuantity(month=f"2026-0{month}", amount=str(500 + number), unit="By", what="sent")
                for month in (5, 6)
            ],
        ),
        path=[
            make_hop(from_=value, to=operator.caption, hop="domain_operated_by"),
            make_hop(from_=operator.caption, to=f"List {number % 2}", hop="listed_on", source="pl-115-232"),
        ],
        questions=["Is the service a telecommunications service?"] if asks else [],
    )
