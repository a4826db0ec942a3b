"""The page on pairs, followed to the letter: every command runs, what it shows is seen, and undone is as before."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from tests.command import run_here

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "review-pairs.md"
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_runs_and_gives_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    shown, digests = "", []
    for kind, name, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if name:
            Path(name).write_text(text, encoding="utf-8")
        elif kind == "sh":
            for line in text.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "beholden"
                answer = run_here(*arguments)
                assert answer.code == 0, answer.err
                shown = " ".join(answer.out.decode().split())
            digests.append(run_here("kb", "info", "--format", "json").document["kb"]["digest"])
        else:
            assert [line for line in text.splitlines() if " ".join(line.split()) not in shown] == []
    imported, looked, decided, showed, undone = digests
    assert imported == looked == undone
    assert decided == showed != imported
