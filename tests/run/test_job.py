"""One job: which profile counts, where names are rooted, which base may answer."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from beholden.errors import KnowledgeBaseError, UsageError
from beholden.run.job import Job, perform, profile_file
from beholden.schema.assessment import Assessment

DAY = date(2026, 8, 1)
LEDGER = 'date,vendor,amount,currency\n2026-05-20,"Hangzhou Hikvision Digital Technology Co., Ltd.",1200.00,USD\n'


def organisation(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "beholden.toml").write_text(f'[organisation]\nname = "{name}"\nroles = ["uk-person"]\n', encoding="utf-8")
    (folder / "payments.csv").write_text(LEDGER, encoding="utf-8")
    return folder


def job(*paths: Path | str, **more: object) -> Job:
    return dataclasses.replace(Job(paths=tuple(str(path) for path in paths), as_of=DAY), **more)  # type: ignore[arg-type]


def who(assessment: Assessment) -> str:
    assert assessment.result.profile is not None
    return assessment.result.profile.name


def test_the_profile_in_the_folder_counts_unless_another_is_named(tmp_path: Path) -> None:
    ours, other = organisation(tmp_path / "ours", "Ours"), organisation(tmp_path / "other", "Other")
    assert who(perform(job(ours))) == "Ours"
    assert who(perform(job(ours, profile=str(other / "beholden.toml")))) == "Other"


def test_without_a_profile_every_role_is_assumed_until_one_is_added(tmp_path: Path) -> None:
    (tmp_path / "payments.csv").write_text(LEDGER, encoding="utf-8")
    assert profile_file(job(tmp_path)) is None
    for roles, expected in (((), None), (("uk-person",), ["uk-person"])):
        found = perform(job(tmp_path, roles=roles)).result.profile
        assert found is not None
        assert found.roles == expected


def test_two_profiles_are_refused_with_both_names(tmp_path: Path) -> None:
    ours, other = organisation(tmp_path / "ours", "Ours"), organisation(tmp_path / "other", "Other")
    with pytest.raises(UsageError, match=r"ours/beholden\.toml, .*other/beholden\.toml") as caught:
        perform(job(ours, other))
    assert caught.value.code == "profile.several"
    assert who(perform(job(ours, ours))) == "Ours"


def test_relative_names_are_rooted_where_the_job_says_and_the_root_is_in_no_byte_of_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = organisation(tmp_path / "root" / "ours", "Ours").parent
    elsewhere = perform(job("ours/payments.csv", "ours", at=root, profile="ours/beholden.toml")).result
    assert [row.status for row in elsewhere.coverage] == ["read", "no_reader", "no_reader"]
    assert elsewhere.findings
    monkeypatch.chdir(root)
    assert perform(job("ours/payments.csv", "ours", profile="ours/beholden.toml")).result == elsewhere


def test_a_base_older_than_allowed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError) as caught:
        perform(job(tmp_path, as_of=date(2036, 1, 1), max_age=30))
    assert caught.value.code == "kb.too-old"
    assert perform(job(tmp_path, max_age=36_500)).result.findings == []
