"""The page on surveys of the air, followed to the letter, and what its table promises about segments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.command import Answer, run_process
from tests.test_howto import blocks

PAGE = blocks("survey-the-air.md")


def follow(folder: Path, profile: str, *more: str) -> Answer:
    (folder / "beholden.toml").write_text(profile, encoding="utf-8")
    (folder / "survey-01.csv").write_text(PAGE["survey-01.csv"], encoding="utf-8")
    program, *arguments = PAGE["run"].split()
    assert program == "beholden"
    return run_process(*arguments, *more, "--format", "json", cwd=folder)


def equipment(answer: Answer) -> set[tuple[str, str | None, int]]:
    """Level, segment and number of devices of each finding on the listed maker."""
    return {
        (found["level"], found["artefact"]["segment"], found["artefact"]["values"]["distinct"])
        for found in answer.document["findings"]
        if found["artefact"]["relation"] == "hardware" and found["listing"]["regime"] == "us-889"
    }


def coverage(answer: Answer) -> dict[str, Any]:
    [row] = [row for row in answer.document["coverage"] if row["file"] == "survey-01.csv"]
    return dict(row)


def test_the_page_shows_what_the_run_gives(tmp_path: Path) -> None:
    answer = follow(tmp_path, PAGE["beholden.toml"])
    assert equipment(answer) == {("prohibited", "own", 2)}
    row = coverage(answer)
    assert (row["records_read"], row["not_resolved"]["wifi_heard_not_ours"]) == (4, 2)


@pytest.mark.parametrize(
    ("wifi", "expected"),
    [
        pytest.param("", set(), id="no network named: heard is not owned"),
        pytest.param('[[wifi]]\nssid = "Northport-Staff"\n', {("review", "own", 2)}, id="a name is probable"),
        pytest.param(
            '[[wifi]]\nbssids = ["44:19:b6:10:00:01"]\nsegment = "guest"\n',
            {("prohibited", "own", 1)},
            id="the radio of a guest network is ours, its station is not",
        ),
        pytest.param(
            '[[wifi]]\nbssids = ["44:19:b6:10:00:01"]\nsegment = "tenant"\n',
            {("info", "tenant", 2)},
            id="radio and station of a tenant are not",
        ),
        pytest.param(
            '[[wifi]]\nssid = "Northport-Staff"\nbssids = ["00:53:00:10:00:01"]\n', set(), id="an imitation is not ours"
        ),
    ],
)
def test_what_is_ours_depends_on_the_network_that_is_named(
    wifi: str, expected: set[tuple[str, str | None, int]], tmp_path: Path
) -> None:
    profile = f'[organisation]\nroles = ["us-federal-contractor"]\n{wifi}'
    assert equipment(follow(tmp_path, profile)) == expected


def test_names_of_networks_are_pseudonyms_in_shared_files(tmp_path: Path) -> None:
    outputs = [tmp_path / "out" / f"r.{ending}" for ending in ("html", "sarif", "md", "stix.json", "ftm.json", "json")]
    outputs[0].parent.mkdir()
    answer = follow(tmp_path, PAGE["beholden.toml"], *(word for path in outputs for word in ("-o", str(path))))
    assert equipment(answer)
    *shared, own = [path.read_text(encoding="utf-8") for path in outputs]
    assert "Northport-Staff" in own
    assert [path.name for path, text in zip(outputs, shared, strict=False) if "Northport-Staff" in text] == []
