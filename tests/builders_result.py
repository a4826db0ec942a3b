"""Result documents for report tests: honest defaults, and one sample with every shape that a report must show."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from beholden.schema.acceptance import Waiver
from beholden.schema.result import (
    Act,
    Arithmetic,
    Artefact,
    Claim,
    ConsequenceResult,
    Counted,
    Coverage,
    Duty,
    EntityRef,
    EntitySummary,
    Finding,
    Hop,
    KnowledgeBaseInfo,
    LastKnown,
    Listing,
    Location,
    MatchResult,
    Quantity,
    Sample,
    ScanResult,
    SourceInfo,
    Span,
    Summary,
    Term,
)
from beholden.schema.signal import Place, ServiceUse, Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

AS_OF = "2026-08-01"

HIKVISION = EntityRef(
    id="hikvision",
    schema="Company",
    caption="Hangzhou Hikvision Digital Technology Co., Ltd.",
    jurisdictions=["cn"],
)
ALIBABA = EntityRef(id="alibaba", schema="Company", caption="Alibaba Group Holding Limited", jurisdictions=["ky"])
ALICLOUD = EntityRef(id="alicloud", schema="Company", caption="阿里云计算有限公司", jurisdictions=["cn"])
VESSELWORKS = EntityRef(
    id="vesselworks", schema="Company", caption="Vesselworks Marine Example GmbH", jurisdictions=["de"]
)
AVIONICS = EntityRef(id="avionics", schema="Company", caption="Bluehill Avionics Example Inc.", jurisdictions=["us"])
PERSON = EntityRef(id="ivo-sample", schema="Person", caption="Ivo Sample", jurisdictions=[])


def make_quantity(amount: str = "1048576", unit: str = "By", what: str = "sent") -> Quantity:
    return Quantity(amount=amount, unit=unit, what=what)


def make_artefact(**changes: Any) -> Artefact:
    values: dict[str, Any] = {
        "kind": "mac",
        "value": "44:19:b6",
        "relation": "hardware",
        "direction": "none",
        "segment": "own",
        "unit": None,
        "values": Sample(
            distinct=2,
            top=[Counted(value="44:19:b6:12:34:56", count=3), Counted(value="44:19:b6:ab:cd:ef", count=1)],
        ),
        "own_hosts": Sample(
            distinct=2, top=[Counted(value="cam-anna.corp.example", count=3), Counted(value="10.20.0.8", count=1)]
        ),
        "locations": [Location(file="dhcp/dhcpd.leases", line=12), Location(file="dhcp/dhcpd.leases", line=40)],
        "count": 4,
        "first_seen": "2026-06-30T08:00:00Z",
        "last_seen": "2026-07-31T23:59:59Z",
        "quantities": [],
    }
    return Artefact(**(values | changes))


def make_consequence(**changes: Any) -> ConsequenceResult:
    values: dict[str, Any] = {
        "id": "us-889-b",
        "level": "prohibited",
        "level_if_confirmed": None,
        "consequence_status": "in_force",
        "applies_from": "2020-08-13",
        "until": None,
        "effect": "prohibit",
        "binds": ["us-federal-contractor"],
        "binds_you": True,
        "citation": "Pub. L. 115-232 s.889(a)(1)(B)",
        "why": "A contractor may not use covered equipment anywhere in the company.",
        "grade": "K",
    }
    return ConsequenceResult(**(values | changes))


def make_listing(**changes: Any) -> Listing:
    values: dict[str, Any] = {
        "regime": "us-889",
        "designation": "us-889:hikvision",
        "listing_status": "listed",
        "listed_as": "Hangzhou Hikvision Digital Technology Company",
        "since": "2018-08-13",
        "citation": "Pub. L. 115-232 s.889(f)(3)",
        "source": "pl-115-232",
        "grade": "K",
    }
    return Listing(**(values | changes))


def make_hop(**changes: Any) -> Hop:
    values: dict[str, Any] = {
        "from_": "44:19:b6",
        "to": HIKVISION.caption,
        "hop": "oui_assigned_to",
        "source": "ieee-oui",
        "grade": "H",
        "valid_from": "2026-08-22",
        "valid_to": None,
    }
    return Hop(**(values | changes))


def make_finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "id": "f-0001",
        "level": "prohibited",
        "level_if_confirmed": None,
        "stale": False,
        "why": "Hardware of a party named in section 889 is in use on an own network, which binds federal contractors.",
        "operator": HIKVISION,
        "listed_entity": HIKVISION,
        "listing": make_listing(),
        "consequences": [make_consequence()],
        "artefact": make_artefact(),
        "path": [make_hop()],
        "arithmetic": None,
        "match": MatchResult(method="oui", score=1.0, decision="confirmed", features={"prefix_bits": 24}),
    }
    return Finding(**(values | changes))


def make_claim(**changes: Any) -> Claim:
    values: dict[str, Any] = {
        "id": "c1",
        "type": "allegation",
        "speaker": "White House national-security memo, as reported",
        "target": ["alibaba"],
        "text": "Alibaba gives technological support for operations against targets in the US.",
        "span": Span(start=120, end=201),
        "chain": ["memo", "Financial Times"],
        "document_date": "2025-11-01",
        "reported_date": "2025-11-14",
        "caveat": "unverified",
        "answers": [],
        "answered_by": ["d1"],
        "source": "doc-ft",
        "grade": "B",
        "note": "The newspaper says that it could not verify the claims.",
    }
    return Claim(**(values | changes))


def make_result(findings: Sequence[Finding] = (), **changes: Any) -> ScanResult:
    values: dict[str, Any] = {
        "as_of": AS_OF,
        "known_at": None,
        "kb": KnowledgeBaseInfo(digest="3f2a9c1d" * 8, sources=[]),
        "summary": summarise(findings),
        "findings": list(findings),
        "claims": [],
        "coverage": [],
    }
    return ScanResult(**(values | changes))


def summarise(findings: Sequence[Finding]) -> Summary:
    """Count as the policy stage does: by level, and by operator with summed quantities."""
    entities: dict[str, EntitySummary] = {}
    sums: dict[str, dict[tuple[str, str], Decimal]] = {}
    for finding in findings:
        operator = finding.operator
        row = entities.setdefault(operator.id, EntitySummary(entity=operator, levels={}, quantities=[], relations={}))
        row.levels[finding.level] = row.levels.get(finding.level, 0) + 1
        relation = finding.artefact.relation
        row.relations[relation] = row.relations.get(relation, 0) + 1
        for item in finding.artefact.quantities:
            totals = sums.setdefault(operator.id, {})
            key = item.unit, item.what
            totals[key] = totals.get(key, Decimal(0)) + Decimal(item.amount)
    for entity_id, counted in sums.items():
        entities[entity_id].quantities = [
            Quantity(amount=str(total), unit=unit, what=what) for (unit, what), total in sorted(counted.items())
        ]
    return Summary(
        by_level=dict(Counter(finding.level for finding in findings)),
        by_entity=[entities[key] for key in sorted(entities)],
    )


def make_many(count: int) -> ScanResult:
    """A large result: mostly `info`, as hosting findings of a busy network are."""
    levels = ["info"] * 17 + ["review", "prohibited", "contested"]
    findings = [
        make_finding(
            id=f"f-{number:05d}",
            level=levels[number % len(levels)],
            operator=[HIKVISION, ALIBABA, ALICLOUD, AVIONICS][number % 4],
            artefact=make_artefact(kind="domain", value=f"host{number}.cdn.example", relation="hosting"),
        )
        for number in range(count)
    ]
    return make_result(findings)


def make_signal(**fields: Any) -> Signal:
    """A session of a host of ours; every figure differs, so that none stands for another."""
    return replace(
        Signal(
            kind="tempo",
            way="outwards",
            source="10.20.0.8",
            records="zeek_connections",
            begin="2026-05-01T08:00:00+00:00",
            end="2026-05-01T10:09:59+00:00",
            seconds=7_800,
            requests=31_204,
            unanswered=412,
            slowest_per_second="3.10",
            targets=31,
            names=0,
            services=7,
            top_services=[ServiceUse(service="443/tcp", requests=20_117), ServiceUse(service="22/tcp", requests=3_009)],
            doors=96,
            fresh_doors=57,
            minute_variation="0.21",
            gap_variation="0.64",
            longest_gap=19,
            why="31,204 requests with an answer in 2 h 10 min without a pause",
            may_be=["a gateway, proxy or VPN, behind which many persons and machines share one address", "a crawler"],
            places=[Place(file="vpc/flow.log.gz", line=17)],
        ),
        **fields,
    )


def sample_result() -> ScanResult:
    """Several operators, every level, stale and waived findings, a sum, claims with answers, and blind spots."""
    findings = [
        _waived_camera(),
        make_finding(),
        _cloud_service(),
        _owned_shipyard(),
        _paid_supplier(),
        _upcoming_component(),
        _contested_service(),
        _hosting(),
        _avionics(),
        _probable_person(),
    ]
    return make_result(
        findings,
        known_at="2026-08-01",
        kb=KnowledgeBaseInfo(digest="3f2a9c1d" * 8, sources=_kb_sources()),
        claims=_claims(),
        sources=_sources(),
        signals=[make_signal()],
        coverage=_coverage(),
    )


def _waived_camera() -> Finding:
    return make_finding(
        id="f-0002",
        artefact=make_artefact(
            kind="domain",
            value="hik-connect.com",
            relation="firmware_cloud",
            direction="out",
            quantities=[make_quantity(), make_quantity("52428800", "By", "received")],
            locations=[Location(file="zeek/ssl.log", line=7)],
        ),
        path=[make_hop(from_="hik-connect.com", hop="domain_operated_by", source="vendor-docs", grade="M")],
        consequences=[
            make_consequence(
                duties=[
                    Duty(
                        id="us-889-report",
                        text="Report to the contracting officer within one business day of discovery.",
                        citation="FAR 52.204-25(d)",
                        days=1,
                        calendar="us-business",
                        due="2026-08-03",
                    )
                ],
                exceptions=[
                    {
                        "id": "us-889-backhaul",
                        "text": "Service that connects to facilities of a third party, such as backhaul or roaming.",
                        "citation": "section 889(a)(2)(A)",
                        "effect": "note",
                        "question": None,
                        "applies_to": [],
                    }
                ],
                acts=[
                    Act(
                        from_="2026-06-30",
                        to="2026-07-31",
                        consequence_status="in_force",
                        quantities=[make_quantity()],
                    )
                ],
            ),
            make_consequence(
                id="us-889-grants",
                level="info",
                binds=["us-federal-grantee"],
                binds_you=False,
                citation="2 CFR 200.216",
                why="Binds recipients of federal grants.",
            ),
        ],
        waiver=Waiver(
            id="w-7",
            reason="Replacement ordered, cameras isolated",
            owner="Rita Keeper",
            approver="Olaf Second",
            created="2026-07-01",
            expires="2026-09-30",
            active=True,
        ),
    )


def _cloud_service() -> Finding:
    return make_finding(
        id="f-0003",
        level="restricted",
        stale=True,
        why="Data went to a service of a listed party; the rule asks for conditions. The list was checked last "
        "before the date asked.",
        operator=ALICLOUD,
        listed_entity=ALIBABA,
        listing=make_listing(
            regime="us-dod-1260h",
            designation="us-dod-1260h:alibaba",
            listing_status="unknown",
            listed_as="Alibaba Group Holding Limited",
            since="2026-06-08",
            edition="2026-06-08",
            last_known=LastKnown(status="listed", at="2026-07-20"),
            basis="(g)(2)(B)(i)(I)",
            citation="91 FR 35189",
            source="dod-1260h-2026",
            grade="A",
        ),
        consequences=[
            make_consequence(
                id="us-ndaa24-805-direct",
                level="restricted",
                effect="conditions",
                applies_from="2026-06-30",
                binds=["us-dod-contractor"],
                citation="Pub. L. 118-31 s.805(a)(1)(A)",
                grade="B",
                acts=[
                    Act(
                        from_="2026-05-01",
                        to="2026-06-30",
                        consequence_status="upcoming",
                        quantities=[make_quantity("9000000", "By", "sent")],
                    ),
                    Act(
                        from_="2026-06-30",
                        to=None,
                        consequence_status="in_force",
                        quantities=[make_quantity("3000000", "By", "sent")],
                    ),
                ],
            ),
            make_consequence(
                id="us-ndaa25-851-lobbying",
                level="upcoming",
                consequence_status="stayed",
                applies_from="2026-06-30",
                binds=["us-dod-contractor"],
                citation="FY2025 NDAA s.851",
                grade="B",
            ),
        ],
        artefact=make_artefact(
            kind="domain",
            value="aliyuncs.com",
            relation="service_endpoint",
            direction="out",
            values=Sample(
                distinct=3,
                top=[
                    Counted(value="oss-cn-hangzhou.aliyuncs.com", count=41),
                    Counted(value="dashscope.aliyuncs.com", count=9),
                ],
            ),
            locations=[Location(file="zeek/ssl.log", line=3), Location(file="zeek/dns.log", line=19)],
            count=51,
            quantities=[make_quantity("12000000", "By", "sent"), make_quantity("90000000", "By", "received")],
        ),
        path=[
            make_hop(from_="aliyuncs.com", to=ALICLOUD.caption, hop="domain_operated_by", source="vendor-docs"),
            make_hop(
                from_=ALICLOUD.caption,
                to=ALIBABA.caption,
                hop="controlled_by",
                source="annual-report",
                grade="B",
                valid_from="2014-09-19",
                note="consolidated subsidiary",
            ),
        ],
        match=MatchResult(method="domain", score=1.0, decision="confirmed"),
        claims=["c1", "c2"],
    )


def _owned_shipyard() -> Finding:
    return make_finding(
        id="f-0004",
        level="review",
        level_if_confirmed="prohibited",
        why="Stakes of listed holders sum to between 47 and 58 %; only the upper bound meets the test of 50 %.",
        operator=VESSELWORKS,
        listed_entity=PERSON,
        listing=make_listing(
            regime="us-ofac-sdn",
            designation="ofac-1",
            listed_as="SAMPLE, Ivo",
            since="2025-01-17",
            citation="31 CFR ch. V",
            source="ofac-sdn",
        ),
        consequences=[
            make_consequence(
                id="us-ofac-blocking",
                level="review",
                level_if_confirmed="prohibited",
                binds=["us-person"],
                applies_from="2025-01-17",
                citation="31 CFR ch. V",
                why="Dealings in property of a listed person are blocked.",
            )
        ],
        artefact=make_artefact(
            kind="name",
            value="Vesselworks Marine",
            relation="payment_counterparty",
            direction="out",
            values=Sample(distinct=1, top=[Counted(value="VESSELWORKS MARINE EXAMPLE GMBH", count=6)]),
            own_hosts=Sample(distinct=0),
            locations=[Location(file="ledger/payments 2026.csv", line=201)],
            count=6,
            quantities=[make_quantity("125000.500000000", "EUR", "paid")],
        ),
        path=[
            make_hop(
                from_="VESSELWORKS MARINE EXAMPLE GMBH",
                to=VESSELWORKS.caption,
                hop="name",
                source=None,
                grade=None,
                valid_from=None,
            ),
            make_hop(
                from_=VESSELWORKS.caption,
                to=PERSON.caption,
                hop="owned_by",
                source="registry",
                grade="B",
                valid_from="2023-02-01",
            ),
        ],
        arithmetic=Arithmetic(
            rule="us-ofac-50",
            threshold="50",
            low="47",
            high="58",
            outcome="unknown",
            terms=[
                Term(owner="Ivo Sample", owned=VESSELWORKS.caption, low="40", high="40", source="registry"),
                Term(owner="Harbour Holding Example", owned=VESSELWORKS.caption, low="7", high="18", source="registry"),
            ],
        ),
        match=MatchResult(method="name", score=0.94, decision="probable", features={"legal_form": "missing"}),
        questions=["What share does Harbour Holding Example hold?", "Is the payee the company of this name in Kiel?"],
    )


def _paid_supplier() -> Finding:
    return make_finding(
        id="f-0005",
        why="Payments to a party named in section 889.",
        artefact=make_artefact(
            kind="name",
            value="Hikvision Deutschland",
            relation="supplier",
            direction="out",
            own_hosts=Sample(distinct=0),
            values=Sample(distinct=1, top=[Counted(value="Hikvision Deutschland", count=2)]),
            locations=[Location(file="ledger/vendors.csv", line=9)],
            quantities=[make_quantity("18400", "EUR", "paid")],
        ),
        path=[make_hop(from_="Hikvision Deutschland", hop="name", source=None, grade=None, valid_from=None)],
        match=MatchResult(method="name", score=0.97, decision="confirmed"),
    )


def _upcoming_component() -> Finding:
    return make_finding(
        id="f-0006",
        level="upcoming",
        why="A published rule covers goods that include theirs from 2027-06-30.",
        operator=ALIBABA,
        listed_entity=ALIBABA,
        listing=make_listing(
            regime="us-dod-1260h", listed_as="Alibaba Group Holding Limited", since="2026-06-08", edition="2026-06-08"
        ),
        consequences=[
            make_consequence(
                id="us-ndaa24-805-indirect",
                level="upcoming",
                consequence_status="upcoming",
                applies_from="2027-06-30",
                citation="Pub. L. 118-31 s.805(a)(1)(B)",
                binds=["us-dod-contractor"],
            )
        ],
        artefact=make_artefact(
            kind="purl",
            value="pkg:pypi/dashscope",
            relation="vendor_sdk",
            own_hosts=Sample(distinct=0),
            values=Sample(distinct=1, top=[Counted(value="pkg:pypi/dashscope@1.20.0", count=1)]),
            locations=[Location(file="app/requirements.txt", line=14)],
            count=1,
            first_seen=None,
            last_seen=None,
        ),
        path=[
            make_hop(
                from_="pkg:pypi/dashscope",
                to=ALIBABA.caption,
                hop="package_published_by",
                source="vendor-docs",
                grade="H",
            )
        ],
        claims=["c1", "c2"],
    )


def _contested_service() -> Finding:
    return make_finding(
        id="f-0007",
        level="contested",
        why="Attributed claims about this operator, with the answers to them; none of it is law.",
        operator=ALIBABA,
        listed_entity=ALIBABA,
        listing=None,
        consequences=[],
        artefact=make_artefact(
            kind="domain",
            value="alibabacloud.com",
            relation="service_endpoint",
            direction="out",
            values=Sample(distinct=1, top=[Counted(value="alibabacloud.com", count=2)]),
            locations=[Location(file="zeek/dns.log", line=2)],
            quantities=[make_quantity("2", "1", "queries")],
        ),
        path=[
            make_hop(
                from_="alibabacloud.com", to=ALIBABA.caption, hop="domain_operated_by", source="vendor-docs", grade="H"
            )
        ],
        claims=["c1", "c2"],
    )


def _hosting() -> Finding:
    return make_finding(
        id="f-0008",
        level="info",
        why="A peer sits in address space announced by this operator; the content may be any tenant's.",
        operator=ALICLOUD,
        listed_entity=ALIBABA,
        consequences=[make_consequence(level="info", binds_you=None)],
        artefact=make_artefact(
            kind="asn",
            value="AS45102",
            relation="hosting",
            values=Sample(distinct=1, top=[Counted(value="198.51.100.7", count=2)]),
            locations=[Location(file="zeek/conn.log", line=88)],
        ),
    )


def _avionics() -> Finding:
    return make_finding(
        id="f-0009",
        level="info",
        why="On a Chinese list that binds exporters in China; this organisation holds no such role.",
        operator=AVIONICS,
        listed_entity=AVIONICS,
        listing=make_listing(regime="cn-ecl", listed_as="Bluehill Avionics Example Inc.", since="2025-04-09"),
        consequences=[
            make_consequence(
                id="cn-ecl-ban", level="info", binds=["cn-exporter"], binds_you=False, citation=None, grade="A"
            )
        ],
        artefact=make_artefact(kind="name", value="Bluehill Avionics", relation="customer", direction="in"),
    )


def _probable_person() -> Finding:
    return make_finding(
        id="f-0010",
        level="review",
        level_if_confirmed="prohibited",
        why="The payee Ivo Sample has the name of a listed person; no second feature agrees yet.",
        operator=PERSON,
        listed_entity=PERSON,
        listing=make_listing(
            regime="us-ofac-sdn",
            designation="ofac-1",
            listed_as="SAMPLE, Ivo",
            since="2025-01-17",
            citation="31 CFR ch. V",
            source="ofac-sdn",
        ),
        consequences=[
            make_consequence(
                id="us-ofac-blocking",
                level="review",
                level_if_confirmed="prohibited",
                binds=["us-person"],
                applies_from="2025-01-17",
                citation="31 CFR ch. V",
                why="Dealings in property of a listed person are blocked.",
            )
        ],
        artefact=make_artefact(
            kind="name",
            value="Ivo Sample",
            relation="payment_counterparty",
            direction="out",
            own_hosts=Sample(distinct=0),
            values=Sample(distinct=1, top=[Counted(value="Ivo Sample", count=1)]),
            locations=[Location(file="ledger/payments 2026.csv", line=77)],
            quantities=[make_quantity("900", "USD", "paid")],
        ),
        path=[make_hop(from_="Ivo Sample", to="Ivo Sample", hop="name", source=None, grade=None, valid_from=None)],
        match=MatchResult(method="name", score=0.91, decision="probable"),
        questions=["What is the date of birth of the payee?"],
    )


def _claims() -> list[Claim]:
    return [
        make_claim(answered_by=["d1", "d3"]),
        make_claim(
            id="c2",
            text="The PRC government and the PLA get access to customer data including IP addresses, WiFi "
            "information and payment records.",
            answered_by=["d1", "d3"],
        ),
        make_claim(
            id="c13",
            type="assessment",
            speaker="former agency analyst",
            text="Intrusions of this kind are widespread and daily.",
            caveat=None,
            note=None,
            answered_by=[],
        ),
        make_claim(
            id="d1",
            type="denial",
            speaker="Alibaba Group Holding Limited",
            text="The claims are called complete nonsense and an attempt to sway opinion and malign the firm.",
            caveat=None,
            note=None,
            answers=["c1", "c2"],
            answered_by=[],
            document_date=None,
        ),
        make_claim(
            id="d3",
            type="denial",
            speaker="Chinese Embassy in Washington",
            text="The US is said to reach an unwarranted conclusion without evidence.",
            caveat=None,
            note=None,
            answers=["c1", "c2"],
            answered_by=[],
            document_date=None,
        ),
    ]


def _kb_sources() -> list[SourceInfo]:
    return [
        SourceInfo(id="us-889", edition=None, covered_from=None, checked_until=None, loaded=True),
        SourceInfo(id="us-dod-1260h", edition="2026-06-08", covered_from=None, checked_until="2026-07-20", loaded=True),
        SourceInfo(
            id="us-ofac-sdn", edition="2026-08-01", covered_from="2025-01-01", checked_until="2026-08-01", loaded=True
        ),
        SourceInfo(id="eu-fsf", edition=None, covered_from=None, checked_until=None, loaded=False),
    ]


def _sources() -> dict[str, dict[str, str | None]]:
    return {
        "pl-115-232": {
            "title": "Public Law 115-232",
            "publisher": "US Congress",
            "url": "https://law.example/pl-115-232",
            "date": "2018-08-13",
            "class": "official text",
        },
        "doc-ft": {
            "title": "Report of the memo",
            "publisher": "Financial Times",
            "url": None,
            "date": "2025-11-14",
            "class": "press report",
        },
    }


def _coverage() -> list[Coverage]:
    return [
        Coverage(file="README", reader=None, status="no_reader"),
        Coverage(
            file="dhcp/dhcpd.leases", reader="dhcp", status="read", records_read=640, not_resolved={"random_mac": 12}
        ),
        Coverage(
            file="ledger/broken.xml",
            reader="iso20022",
            status="rejected",
            records_rejected=1,
            reasons={"not well-formed XML": 1},
        ),
        Coverage(file="ledger/payments 2026.csv", reader="ledger", status="read", records_read=1204),
        Coverage(
            file="zeek/conn.log",
            reader="zeek-conn",
            status="partial",
            records_read=99211,
            records_rejected=3,
            reasons={"wrong column count": 2, "truncated line": 1},
            not_resolved={"inbound_unanswered": 5120},
            notes=["1,024 bytes were missed by the sensor", "seen by cam-anna.corp.example"],
        ),
    ]
