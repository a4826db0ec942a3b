"""`[privacy] key_file`: what is a key, and that no message tells what the file holds."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import pytest

from beholden.errors import UsageError
from beholden.policy.profile import Profile, read_profile
from beholden.report.interface import RenderOptions

SECRET = "0123456789abcdef" * 4


def read(folder: Path, named: str = "org.key") -> Profile:
    (folder / "beholden.toml").write_text(f"[privacy]\nkey_file = '{named}'\n", encoding="utf-8")
    return read_profile(folder / "beholden.toml")


def put(path: Path, content: str | bytes) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        pytest.param(SECRET + "\n", bytes.fromhex(SECRET), id="hex"),
        pytest.param(SECRET.upper(), bytes.fromhex(SECRET), id="hex in capitals"),
        pytest.param(f"{SECRET[:60]}\n{SECRET[60:]}\n", bytes.fromhex(SECRET), id="hex on two lines"),
        pytest.param("  correct horse battery staple\n", b"correct horse battery staple", id="text"),
        pytest.param(bytes(range(200, 232)), bytes(range(200, 232)), id="bytes that are no text"),
        pytest.param("g" * 16, b"g" * 16, id="just long enough"),
        pytest.param("a" * 33, b"a" * 33, id="an odd number of digits is text"),
    ],
)
def test_a_key_is_hex_or_text(content: str | bytes, key: bytes, tmp_path: Path) -> None:
    put(tmp_path / "org.key", content)
    assert read(tmp_path).pseudonym_key == key


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("quite-short-one", "15 bytes", id="short text"),
        pytest.param("ab" * 15, "15 bytes", id="short hex: each pair is one byte"),
        pytest.param(" \n", "0 bytes", id="empty"),
        pytest.param("quite-long-one" * 1000, "more than 4,096 bytes", id="not a key"),
    ],
)
def test_a_wrong_key_is_said_with_its_place_and_without_its_content(content: str, says: str, tmp_path: Path) -> None:
    put(tmp_path / "org.key", content)
    with pytest.raises(UsageError) as caught:
        read(tmp_path)
    assert (caught.value.code, str(caught.value.origin)) == ("profile.wrong-key", "beholden.toml:2")
    assert says in str(caught.value)
    assert not content.strip() or content.strip()[:10] not in str(caught.value)


@pytest.mark.parametrize("named", ["absent.key", ".", "", "a/b/c", "~nobody-of-this-name/key", "x" * 5000])
def test_a_key_that_cannot_be_read_is_a_usage_error(named: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, named)
    assert (caught.value.code, caught.value.exit_code) == ("profile.wrong-key", 2)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "org.key")
    with pytest.raises(UsageError, match="not a regular file"):
        read(tmp_path)


def test_the_home_folder_and_folders_outside_may_hold_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, profile = tmp_path / "keys", tmp_path / "profile"
    home.mkdir()
    profile.mkdir()
    put(home / "org.key", SECRET)
    monkeypatch.setenv("HOME", str(home))
    assert read(profile, "~/org.key").pseudonym_key == bytes.fromhex(SECRET)
    assert read(profile, "../keys/org.key").pseudonym_key == bytes.fromhex(SECRET)


def test_a_profile_without_the_table_has_no_key(tmp_path: Path) -> None:
    (tmp_path / "beholden.toml").write_text("", encoding="utf-8")
    assert read_profile(tmp_path / "beholden.toml").pseudonym_key is None


def test_a_key_that_others_can_read_is_a_warning_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path / "org.key", SECRET)
    with caplog.at_level(logging.WARNING):
        read(tmp_path)
        assert caplog.text == ""
        (tmp_path / "org.key").chmod(0o644)
        assert read(tmp_path).pseudonym_key == bytes.fromhex(SECRET)
    assert "every user of this machine can read the key file" in caplog.text
    assert SECRET not in caplog.text


def test_a_key_is_in_no_representation() -> None:
    key = secrets.token_bytes(32)
    assert repr(key) not in repr(Profile(pseudonym_key=key)) + repr(RenderOptions(pseudonym_key=key))
