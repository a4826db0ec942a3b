"""The pages on comparing and supposing, followed to the letter: every command runs, and what they show is seen."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from tests.command import run_here
from tests.northport import EXAMPLE

PAGES = Path(__file__).resolve().parents[1] / "docs" / "how-to"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["compare.md", "whatif.md"])
def test_every_command_of_the_page_runs_and_gives_what_it_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "records")
    monkeypatch.chdir(tmp_path)
    shown, ran = "", 0
    for kind, text in _BLOCK.findall((PAGES / page).read_text(encoding="utf-8")):
        if kind == "sh":
            for line in text.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "beholden"
                answer = run_here(*arguments)
                assert answer.code == 0, answer.err
                shown, ran = " ".join(answer.out.decode().split()), ran + 1
        elif not text.startswith("beholden "):
            assert [line for line in text.splitlines() if " ".join(line.split()) not in shown] == []
    assert ran
