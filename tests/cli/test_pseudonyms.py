"""Two reports of one organisation name its hosts, people and devices alike, and nobody else can."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_here

DAY = ("--as-of", "2026-08-01")
LEASE = """lease {address} {{
  starts 2 2026/07/14 00:10:00;
  ends 3 2026/07/15 00:10:00;
  binding state active;
  hardware ethernet {mac};
  client-hostname "{name}";
}}
"""
# Of one maker; the camera is in both places, under other spellings and after other devices.
CAMERA = ("10.20.4.18", "44:19:b6:0a:0b:0c", "gate-a18")
JUNE = [CAMERA, ("10.20.4.19", "44:19:b6:0a:0b:0d", "gate-a19")]
JULY = [("10.20.4.20", "44:19:b6:77:77:77", "depot-7"), ("10.20.4.18", "44:19:B6:0A:0B:0C", "GATE-A18")]
KEY = "9f" * 32


def place(folder: Path, leases: list[tuple[str, str, str]], key: str | None) -> Path:
    folder.mkdir()
    text = "".join(LEASE.format(address=address, mac=mac, name=name) for address, mac, name in leases)
    (folder / "dhcpd.leases").write_text(text, encoding="utf-8")
    if key is not None:
        (folder / "org.key").write_text(key, encoding="utf-8")
        (folder / "org.key").chmod(0o600)
        (folder / "beholden.toml").write_text('[privacy]\nkey_file = "org.key"\n', encoding="utf-8")
    return folder


def scanned(folder: Path, *more: str) -> tuple[Answer, str, dict[str, Any]]:
    """The answer, the page and the log of a scan."""
    page, log = folder.parent / f"{folder.name}.html", folder.parent / f"{folder.name}.sarif"
    answer = run_here("scan", folder, *DAY, "--format", "json", "-o", page, "-o", log, *more)
    return answer, page.read_text(encoding="utf-8"), json.loads(log.read_text(encoding="utf-8"))


def names_in(page: str) -> set[str]:
    return set(re.findall(r"host-\w+|44:19:b6··\w+", page))


def test_two_scans_with_one_key_agree_on_what_they_share(tmp_path: Path) -> None:
    june = names_in(scanned(place(tmp_path / "june", JUNE, KEY))[1])
    july = names_in(scanned(place(tmp_path / "july", JULY, KEY))[1])
    shared = june & july
    assert len([name for name in shared if name.startswith("host-")]) == 2, "its address and its name"
    assert len([name for name in shared if name.startswith("44:")]) == 1
    assert len(june) == len(july) == 6, "what they do not share has names of its own"


def test_another_key_shares_no_name(tmp_path: Path) -> None:
    one = names_in(scanned(place(tmp_path / "one", JUNE, KEY))[1])
    other = names_in(scanned(place(tmp_path / "other", JUNE, secrets.token_hex(32)))[1])
    assert len(one) == len(other) == 6
    assert not one & other


@pytest.mark.parametrize("key", [None, KEY])
def test_the_same_scan_gives_the_same_bytes(key: str | None, tmp_path: Path) -> None:
    folder = place(tmp_path / "in", JUNE, key)
    assert scanned(folder)[1:] == scanned(folder)[1:]


def test_without_a_key_hosts_are_numbered_and_devices_cut(tmp_path: Path) -> None:
    _, page, _ = scanned(place(tmp_path / "in", JUNE, None))
    assert names_in(page) == {"host-1", "host-2", "host-3", "host-4"}
    assert "44:19:b6:··:··:··" in page


@pytest.mark.parametrize("key", [None, KEY])
def test_show_personal_lifts_and_nothing_else_does(key: str | None, tmp_path: Path) -> None:
    folder = place(tmp_path / "in", JUNE, key)
    private = ("10.20.4.18", "44:19:b6:0a:0b:0c", "gate-a18")
    _, hidden, hidden_log = scanned(folder)
    _, lifted, lifted_log = scanned(folder, "--show-personal")
    assert [name for name in private if name in hidden + json.dumps(hidden_log)] == []
    assert [name for name in private if name not in lifted] == []
    assert names_in(lifted + json.dumps(lifted_log)) == set()


def test_the_key_changes_nothing_in_the_users_own_document(tmp_path: Path) -> None:
    own = scanned(place(tmp_path / "one", JUNE, KEY))[0].document
    other = scanned(place(tmp_path / "other", JUNE, secrets.token_hex(32)))[0].document
    assert own == other
    assert own["findings"][0]["artefact"]["values"]["top"][0]["value"] == "44:19:b6:0a:0b:0c"


# What a reader would claim, or explain by quoting it.
@pytest.mark.parametrize(
    "key",
    [
        pytest.param(KEY, id="hex"),
        pytest.param("vendor,amount,date,hush-hush-column\n", id="a table to readers"),
        pytest.param("github.com/aliyun/credentials-go==1.4.5 hush-hush", id="a requirement to readers"),
    ],
)
@pytest.mark.parametrize("name", ["org.key", "requirements.txt", "key.csv"])
def test_a_key_among_the_inputs_is_named_and_never_read_as_one(key: str, name: str, tmp_path: Path) -> None:
    folder = place(tmp_path / "in", JUNE, key)
    (folder / "org.key").rename(folder / name)
    (folder / "beholden.toml").write_text(f'[privacy]\nkey_file = "{name}"\n', encoding="utf-8")
    answer, page, log = scanned(folder)
    row = answer.coverage[name]
    assert (row["reader"], row["status"]) == (None, "no_reader")
    assert row["reasons"] == {"the pseudonym key named by the profile, read as such": 1}
    assert answer.code == 0
    everything = answer.out.decode() + answer.err + page + json.dumps(log)
    assert key.strip() not in everything
    assert "hush-hush" not in everything
    assert "not read, or only in part" not in page
    assert "coverage-no-reader" not in [
        item["descriptor"]["id"] for item in log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    ]


def test_a_link_to_the_key_is_not_followed_and_the_key_behind_it_is_known(tmp_path: Path) -> None:
    folder = place(tmp_path / "in", JUNE, KEY)
    (folder / "zz.key").symlink_to(folder / "org.key")
    (folder / "beholden.toml").write_text('[privacy]\nkey_file = "zz.key"\n', encoding="utf-8")
    coverage = scanned(folder)[0].coverage
    assert coverage["org.key"]["reasons"] == {"the pseudonym key named by the profile, read as such": 1}
    assert coverage["zz.key"]["reasons"] == {"symbolic link, not followed": 1}


def test_a_wrong_key_stops_before_anything_is_written(tmp_path: Path) -> None:
    folder = place(tmp_path / "in", JUNE, "too-short")
    page = tmp_path / "a.html"
    answer = run_here("scan", folder, *DAY, "-o", page)
    assert (answer.code, answer.out, page.exists()) == (2, b"", False)
    assert "beholden.toml:2" in answer.err
    assert "profile.wrong-key" in answer.err
    assert "too-short" not in answer.err
