"""The page on registers, followed to the letter: its files give the levels that it shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from tests.builders import core_kb
from tests.command import run_here

from beholden.schema.vocabulary import Kind

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "declare.md"
_FILE = re.compile(r'^```csv title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_RUN = re.compile(r'^```sh title="run"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| `([^`]+)` \| (\w+) \|", re.MULTILINE)


def test_the_registers_of_the_page_give_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    for name, content in _FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    (command,) = _RUN.findall(text)
    answer = run_here(*shlex.split(command)[1:], "--format", "json")
    worst: dict[str, str] = {}
    for finding in json.loads(answer.out)["findings"]:  # worst first
        worst.setdefault(finding["artefact"]["value"], finding["level"])
    assert worst == dict(_ROW.findall(text))


def test_the_page_names_every_category_of_the_base() -> None:
    kb = core_kb()
    named = {row.category for regime in kb.regimes for row in kb.designations_under(regime) if row.category}
    (line,) = re.findall(rf"^\* `{Kind.CATEGORY}` is one of (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"`([a-z-]+)`", line)) == named
