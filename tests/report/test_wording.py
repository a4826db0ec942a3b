from __future__ import annotations

import pytest
from tests.builders_result import make_claim, make_consequence, make_finding, sample_result

from beholden.report.wording import (
    age_of_copies,
    amount,
    is_behind,
    left_open,
    marks,
    money,
    plain,
    quantity,
    reasons_of,
    short_why,
    standing,
    who,
)
from beholden.schema.result import Coverage, ProfileInfo, Quantity, SourceInfo


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (Quantity(amount="1048576", unit="By", what="sent"), "1.05 MB sent"),
        (Quantity(amount="999", unit="By", what="sent"), "999 B sent"),
        (Quantity(amount="1000", unit="By", what="sent"), "1 kB sent"),
        (Quantity(amount="11000000.000", unit="By", what="received"), "11 MB received"),
        (Quantity(amount="120400", unit="By", what="received"), "120 kB received"),
        (Quantity(amount="0", unit="By", what="sent"), "0 B sent"),
        (Quantity(amount="12500.500000000", unit="EUR", what="paid"), "12,500.50 EUR paid"),
        (Quantity(amount="-80", unit="EUR", what="paid"), "-80 EUR paid"),
        (Quantity(amount="3", unit="1", what="queries"), "3 queries"),
        (Quantity(amount="1", unit="1", what="queries"), "1 query"),
        (Quantity(amount="1", unit="1", what="flows without a count"), "1 flow without a count"),
        (Quantity(amount="many", unit="By", what="sent"), "many B sent"),
        (Quantity(amount="NaN", unit="USD", what="paid"), "NaN USD paid"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_quantity_reads_as_people_write_it(item: Quantity, expected: str) -> None:
    assert quantity(item) == expected


@pytest.mark.parametrize(
    ("given", "shown"),
    [("33325.5", "33,325.50"), ("30073.18", "30,073.18"), ("5", "5"), ("0.125", "0.125"), ("-1200.10", "-1,200.10")],
)
def test_money_is_never_shown_with_one_digit_of_cents(given: str, shown: str) -> None:
    assert money(given) == shown


def test_amount_keeps_every_digit_that_counts() -> None:
    assert amount("12345678901234567890.120") == "12,345,678,901,234,567,890.12"


@pytest.mark.parametrize(
    ("status", "applies_from", "until", "expected"),
    [
        ("in_force", "2020-08-13", None, "in force since 2020-08-13"),
        ("upcoming", "2027-06-30", None, "applies from 2027-06-30"),
        ("suspended", "2025-09-29", "2026-11-10", "suspended until 2026-11-10"),
        ("stayed", "2026-06-30", None, "stayed"),
        ("not_in_force", None, None, "not in force"),
    ],
)
def test_standing_names_the_date_that_matters(
    status: str, applies_from: str | None, until: str | None, expected: str
) -> None:
    consequence = make_consequence(consequence_status=status, applies_from=applies_from, until=until)
    assert standing(consequence) == expected


def test_short_reason_is_the_consequence_at_the_level_of_the_finding() -> None:
    first, second = make_consequence(id="a", level="info"), make_consequence(id="b", level="prohibited")
    assert short_why(make_finding(consequences=[first, second]), []).startswith("b in force")


def test_short_reason_of_claims_counts_the_answers_beside_them() -> None:
    contested = next(finding for finding in sample_result().findings if finding.level == "contested")
    claims = sample_result().claims
    assert short_why(contested, claims) == "attributed claims: 2, answers on file: 2; no rule follows"
    assert "answers on file: 0" in short_why(contested, [make_claim()])


@pytest.mark.parametrize(
    ("binds_you", "expected"),
    [
        (False, "us-889-b in force since 2020-08-13 (listed on us-889 since 2018-08-13); binds others"),
        (True, "us-889-b in force since 2020-08-13 (listed on us-889 since 2018-08-13)"),
    ],
)
def test_short_reason_of_info_says_whom_it_binds(binds_you: bool, expected: str) -> None:
    consequence = make_consequence(level="info", binds_you=binds_you)
    assert short_why(make_finding(level="info", why="The why.", consequences=[consequence]), []) == expected


def test_info_without_a_rule_is_a_link_and_no_sentence() -> None:
    linked = make_finding(level="info", why="A long sentence.", consequences=[])
    assert short_why(linked, []) == "listed on us-889; no rule covers this"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (ProfileInfo(name="", roles=None), "no role given: every role is assumed"),
        (
            ProfileInfo(name="Northport", roles=["us-importer", "us-person"], units=["airport"]),
            "Northport · roles us-importer, us-person · units airport",
        ),
        (ProfileInfo(name="Northport", roles=[]), "Northport · no role held by all of it"),
    ],
)
def test_result_says_whom_it_is_for(profile: ProfileInfo, expected: str) -> None:
    assert who(profile) == expected


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ("targets and dates not stated", "Not stated: targets and dates"),
        ("a not stated; b not stated", "Left open: a not stated; b not stated"),
        ("expert opinion", "Left open: expert opinion"),
    ],
)
def test_gaps_of_a_claim_read_as_a_sentence(gaps: str, expected: str) -> None:
    assert left_open(gaps) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"guest": 1, "partner_net": 2}, "guest (1), partner net (2)"), (["a", "b"], "a, b"), (True, "yes"), (None, "–")],
)
def test_detail_reads_without_brackets(value: object, expected: str) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Coverage(file="in/beholden.toml", reader=None, status="no_reader", reasons={"as such": 1}), ["as such"]),
        (Coverage(file="a.txt", reader=None, status="no_reader", reasons={"prose": 1}), ["not read: prose"]),
        (Coverage(file="a.csv", reader="ledger", status="partial", reasons={"cut": 2}), ["rejected: cut (2)"]),
    ],
)
def test_reasons_say_what_became_of_a_file(row: Coverage, expected: list[str]) -> None:
    assert reasons_of(row) == expected


@pytest.mark.parametrize(
    ("status", "mark"),
    [
        ("active", "waived until 2026-09-30"),
        ("expired", "waiver expired on 2026-09-30"),
        ("requested", "waiver requested, not approved"),
        ("not_yet", "waiver from 2026-07-01"),
    ],
)
def test_only_a_waiver_in_effect_is_said_to_waive(status: str, mark: str) -> None:
    waived = next(finding for finding in sample_result().findings if finding.waiver)
    assert waived.waiver is not None
    waived.waiver.active, waived.waiver.status = status == "active", status
    assert marks(waived) == [mark]


@pytest.mark.parametrize(
    ("checked_until", "loaded", "expected"),
    [("2026-07-31", True, True), ("2026-08-01", True, False), (None, True, False), ("2026-07-31", False, False)],
)
def test_list_is_behind_when_checked_before_the_date_asked(
    checked_until: str | None, loaded: bool, expected: bool
) -> None:
    source = SourceInfo(id="x", edition=None, covered_from=None, checked_until=checked_until, loaded=loaded)
    assert is_behind(source, "2026-08-01") is expected


def test_the_oldest_copy_is_told_and_one_that_covers_the_day_is_not() -> None:
    spans = {"x": "2026-07-31", "y": "2026-07-30", "z": "2026-08-01"}
    sources = [
        SourceInfo(id=one, edition=None, covered_from=None, checked_until=until, loaded=True)
        for one, until in spans.items()
    ]
    assert age_of_copies(sources, "2026-08-01") == (
        "Our copies of 2 lists were last checked before 2026-08-01; the oldest, of y, is 2 days old."
    )
    assert age_of_copies(sources[2:], "2026-08-01") is None
