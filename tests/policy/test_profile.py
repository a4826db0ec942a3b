"""`beholden.toml`: roles and what they imply, units, networks; mistakes say where."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.errors import UsageError
from beholden.policy.profile import Profile, read_profile, with_roles
from beholden.schema.vocabulary import Role, Segment

GOOD = """
[organisation]
name = "Northport"
roles = ["us-person"]

[[units]]
id = "federal"
roles = ["us-dod-contractor"]

[[units]]
id = "europe"
roles = ["eu-person"]

[[networks]]
cidr = "10.0.0.0/8"

[[networks]]
cidr = "10.9.0.0/16"
segment = "guest"
unit = "europe"

[[networks]]
cidr = "2001:db8::/32"
segment = "tenant"

[columns."*.csv"]
name = "Vendor"

[columns."special.csv"]
name = "Payee"
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    (tmp_path / "beholden.toml").write_text(GOOD)
    return read_profile(tmp_path / "beholden.toml")


def test_a_defence_contractor_is_a_federal_contractor(profile: Profile) -> None:
    assert profile.units["federal"] == {Role.US_DOD_CONTRACTOR, Role.US_FEDERAL_CONTRACTOR}


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("europe", {"us-person", "eu-person"}, id="a unit has its own and the organisation's"),
        pytest.param("unheard-of", {"us-person"}, id="an unknown unit has the organisation's"),
        pytest.param(
            None,
            {"us-person", "eu-person", "us-dod-contractor", "us-federal-contractor"},
            id="no unit: any may be meant",
        ),
    ],
)
def test_roles_of_a_unit(profile: Profile, unit: str | None, expected: set[str]) -> None:
    assert set(profile.roles_for([unit]) or ()) == expected


def test_without_a_profile_roles_are_not_known() -> None:
    assert Profile().roles_for([None]) is None
    assert Profile().roles_for(["any"]) is None


def test_roles_of_the_command_line_are_added_with_what_they_imply(profile: Profile) -> None:
    implied = frozenset({Role.US_PERSON, Role.US_DOD_CONTRACTOR, Role.US_FEDERAL_CONTRACTOR})
    assert with_roles(profile, ["us-dod-contractor"]).roles == implied
    assert with_roles(Profile(), ["uk-person"]).roles == frozenset({Role.UK_PERSON})
    assert with_roles(Profile(), []).roles is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("10.1.2.3", (Segment.OWN, None), id="own by default"),
        pytest.param("10.9.1.1", (Segment.GUEST, "europe"), id="the most specific range"),
        pytest.param("2001:db8::5", (Segment.TENANT, None), id="IPv6"),
        pytest.param("192.0.2.1", (None, None), id="not in any range"),
        pytest.param("printer.corp.example", (None, None), id="a name"),
        pytest.param(None, (None, None), id="no host"),
    ],
)
def test_a_host_is_placed_by_its_address(
    profile: Profile, host: str | None, expected: tuple[Segment | None, str | None]
) -> None:
    assert profile.place(host) == expected


def test_column_mappings_of_every_pattern_that_fits_are_merged(profile: Profile) -> None:
    assert profile.columns_for("books/special.csv") == {"name": "Payee"}
    assert profile.columns_for("books/other.csv") == {"name": "Vendor"}
    assert profile.columns_for("books/other.txt") == {}
    assert profile.columns_for("books/other.csv.gz") == {"name": "Vendor"}


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        pytest.param("us-emperor", "us-dod-contractor", "profile.unknown-role", id="unknown role of a unit"),
        pytest.param("10.0.0.0/99", "10.0.0.0/8", "profile.wrong-network", id="wrong range"),
        pytest.param("10.9.0.1/16", "10.9.0.0/16", "profile.wrong-network", id="host bits set"),
        pytest.param('"visitors"', '"guest"', "profile.wrong-network", id="unknown segment"),
        pytest.param('unit = "nowhere"', 'unit = "europe"', "profile.unknown-unit", id="unknown unit"),
    ],
)
def test_a_wrong_word_is_refused_with_file_and_line(tmp_path: Path, wrong: str, right: str, code: str) -> None:
    text = GOOD.replace(right, wrong)
    (tmp_path / "beholden.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_profile(tmp_path / "beholden.toml")
    assert caught.value.code == code
    assert caught.value.origin is not None
    line = next(number for number, line in enumerate(text.splitlines(), 1) if wrong in line)
    assert (caught.value.origin.path, caught.value.origin.line) == ("beholden.toml", line)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("[organisation", "profile.malformed", id="broken TOML"),
        pytest.param("x = " + "[" * 100_000, "profile.malformed", id="nested without end"),
        pytest.param("[organization]\nname = 'x'", "profile.wrong-value", id="unknown table"),
        pytest.param("[organisation]\nroles = 'us-person'", "profile.wrong-value", id="wrong type"),
        pytest.param("[[overlay]]\npath = '../outside.toml'", "profile.wrong-overlay", id="overlay outside"),
        pytest.param("[[overlay]]\npath = 'missing.toml'", "profile.wrong-overlay", id="overlay missing"),
    ],
)
def test_a_profile_of_the_wrong_shape_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "beholden.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_profile(tmp_path / "beholden.toml")
    assert caught.value.code == code


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not UTF-8"])
def test_a_profile_that_cannot_be_read_is_a_usage_error(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "beholden.toml").write_bytes(content)
    with pytest.raises(UsageError):
        read_profile(tmp_path / "beholden.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[[answer]]\nquestion = 'q'", "did you mean `answers`?", id="a table"),
        pytest.param("[[answers]]\nquestion = 'q'\nanwser = 'no'\nsource = 's'", "did you mean `answer`?", id="a key"),
        pytest.param("[organisation]\nx = 1", "expected one of name, roles", id="like none"),
    ],
)
def test_an_unknown_key_is_answered_with_those_there_are(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "beholden.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read_profile(tmp_path / "beholden.toml")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        pytest.param('[[networks]]\ncidr = "10.0.0.0/8"\n', None, id="networks only"),
        pytest.param('[organisation]\nname = "Northport"\n', None, id="a name only"),
        pytest.param('[organisation]\nroles = ["us-person"]\n', frozenset({Role.US_PERSON}), id="a role"),
        pytest.param('[[units]]\nid = "tel"\nroles = ["us-person"]\n', frozenset(), id="a role of a unit only"),
    ],
)
def test_a_profile_that_names_no_role_at_all_says_nothing_of_whom_rules_bind(
    text: str, roles: frozenset[Role] | None, tmp_path: Path
) -> None:
    path = tmp_path / "beholden.toml"
    path.write_text(text, encoding="utf-8")
    assert read_profile(path).roles == roles


WIFI = """
[[units]]
id = "ops"

[[wifi]]
ssid = "Staff"
bssids = ["00-53-00-10-00-01", "0053.0010.0002"]
unit = "ops"

[[wifi]]
bssids = ["00:53:00:10:00:09"]
segment = "tenant"

[[wifi]]
ssid = "Visitors"
segment = "guest"
"""


def test_wifi_networks_are_known_by_name_or_radio_and_place_what_joined_them(tmp_path: Path) -> None:
    (tmp_path / "beholden.toml").write_text(WIFI)
    read = read_profile(tmp_path / "beholden.toml")
    staff, tenant, guest = read.own_wifi
    assert staff.ssid == "Staff"
    assert staff.bssids == {"00:53:00:10:00:01", "00:53:00:10:00:02"}
    assert read.place(staff.stations) == read.place(staff.radios) == (Segment.OWN, "ops")
    assert read.place(tenant.stations) == read.place(tenant.radios) == (Segment.TENANT, None)
    # The radios of guests are our equipment.
    assert (read.place(guest.stations), read.place(guest.radios)) == ((Segment.GUEST, None), (Segment.OWN, None))
    assert read.place("Staff") == (None, None)


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        pytest.param('[[wifi]]\nsegment = "own"\n', 1, "expected `ssid` or `bssids`", id="neither"),
        pytest.param('[[wifi]]\nssid = ""\n', 1, "expected `ssid` or `bssids`", id="empty name"),
        pytest.param(f'[[wifi]]\nssid = "{"x" * 33}"\n', 1, "1 to 32 bytes", id="long name"),
        pytest.param('[[wifi]]\nssid = "é" # ok\n[[wifi]]\nbssids = ["x"]\n', 3, "'x' is not the address", id="no MAC"),
        pytest.param('[[wifi]]\nbssids = ["ff:ff:ff:ff:ff:ff"]\n', 1, "is not the address", id="broadcast"),
        pytest.param('[[wifi]]\nssid = "a"\nsegment = "mine"\n', 1, "expected one of own, guest", id="segment"),
        pytest.param('[[wifi]]\nssid = "a"\nunit = "x"\n', 1, "unknown unit 'x'", id="unit"),
        pytest.param('[[wifi]]\nssid = "a"\n[[wifi]]\nssid = "a"\n', 3, "named twice", id="twice"),
        pytest.param('[[wifi]]\nsid = "a"\n', 1, "did you mean `ssid`", id="slip"),
    ],
)
def test_a_mistake_in_a_wifi_network_says_where(text: str, line: int, expected: str, tmp_path: Path) -> None:
    (tmp_path / "beholden.toml").write_text(text)
    with pytest.raises(UsageError, match=expected) as raised:
        read_profile(tmp_path / "beholden.toml")
    assert raised.value.origin is not None
    assert raised.value.origin.line == line
