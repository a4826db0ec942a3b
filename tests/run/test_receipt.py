"""A receipt holds the whole job: nothing that was asked is lost on the way to whoever asks it again."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest

from beholden.errors import UsageError
from beholden.run.inventory import take_inventory
from beholden.run.job import Job, perform
from beholden.run.receipt import job_of, make_receipt, read_receipt, written
from beholden.schema.receipt import Receipt
from beholden.schema.vocabulary import Level

MOMENT = datetime(2026, 11, 26, 1, 5, 7, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job in which every option is set."""
    (tmp_path / "input").mkdir()
    (tmp_path / "ours.toml").write_text('[organisation]\nname = "Ours"\n', encoding="utf-8")
    (tmp_path / "waivers.toml").write_text("", encoding="utf-8")
    old = perform(Job(paths=("input",), as_of=date(2026, 8, 1), at=tmp_path))
    (tmp_path / "old.json").write_bytes(msgspec.json.encode(old.result))
    return Job(
        paths=("input",),
        as_of=date(2026, 8, 1),
        known_at=date(2026, 7, 1),
        profile="ours.toml",
        waivers="waivers.toml",
        baseline="old.json",
        roles=("us-person", "eu-person"),
        fail_on=Level.REVIEW,
        is_confirmed_only=True,
        max_age=36_500,
        allow_incomplete=True,
        detect=("tempo",),
        outputs=("out.json", "receipt.json"),
        at=tmp_path,
    )


def receipt_of(job: Job) -> Receipt:
    return make_receipt(job, perform(job), take_inventory(job), b"{}\n", made_at=MOMENT)


def test_the_job_comes_back_from_the_receipt_with_every_option(job: Job) -> None:
    unset = [field.name for field in dataclasses.fields(Job) if getattr(job, field.name) == field.default]
    # What a state holds decides no byte. A search of standard input has no receipt: nobody could repeat it.
    assert unset == ["state", "standard_input"]
    assert job_of(receipt_of(job), job.at) == job


def test_the_root_of_relative_names_is_in_no_byte_of_the_receipt(job: Job) -> None:
    assert str(job.at).encode() not in written(receipt_of(job))


def test_the_moment_is_written_in_utc_to_the_second(job: Job) -> None:
    receipt = receipt_of(job)
    assert receipt.made_at == "2026-11-25T23:05:07Z"
    assert "on 2026-11-25 at 23:05:07 UTC" in receipt.statement
    later = make_receipt(job, perform(job), take_inventory(job), b"{}\n", made_at=MOMENT.astimezone(UTC))
    assert later == receipt


def test_what_is_written_is_read_back_whole(job: Job, tmp_path: Path) -> None:
    receipt = receipt_of(job)
    place = tmp_path / "receipt.json"
    place.write_bytes(written(receipt))
    assert read_receipt(place) == (receipt, True)
    document = json.loads(place.read_bytes())
    document["note"] = "an added key"
    place.write_text(json.dumps(document), encoding="utf-8")
    assert read_receipt(place) == (receipt, False)


def test_a_receipt_that_cannot_be_opened_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.json") as caught:
        read_receipt(tmp_path / "nowhere.json")
    assert caught.value.code == "receipt.unreadable"
