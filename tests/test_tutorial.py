"""The tutorial, followed to the letter: its files are written, its commands run, and they print what the page shows."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.command import run_process

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = ROOT / "docs" / "tutorial"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"run(?:, exits (\d+))?")
_CHANGE = re.compile(r"printf '\\n' >> (\S+)\n")
SHOWN = ("prints", "it goes on")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page, with its titled blocks in order."""

    page: str
    title: str
    blocks: tuple[tuple[str, str], ...]


def sections(page: str) -> list[Section]:
    _, *parts = _SECTION.split((TUTORIAL / page).read_text(encoding="utf-8"))
    found = zip(parts[::2], parts[1::2], strict=True)
    return [Section(page, title, tuple(_BLOCK.findall(text))) for title, text in found if _BLOCK.search(text)]


def assert_printed(printed: str, excerpt: str) -> None:
    """Every piece of an excerpt between ellipses stands in the output, in this order, whatever the spacing."""
    printed, at = " ".join(printed.split()), 0
    for piece in re.split(r"…\s|\s…|…$", " ".join(excerpt.split())):
        wanted = piece.strip()
        found = printed.find(wanted, at)
        assert found >= 0, f"not printed (here): {wanted}"
        at = found + len(wanted)


def follow(section: Section, folder: Path, home: Path) -> None:
    printed = ""
    for title, body in section.blocks:
        if run := _RUN.fullmatch(title):
            printed = ""
            for line in body.splitlines():
                program, *arguments = _words(line)
                assert program == "beholden"
                answer = run_process(*arguments, env={"BEHOLDEN_HOME": str(home)}, cwd=folder)
                assert answer.code == int(run[1] or 0), answer.err
                printed += answer.out.decode()
        elif title in SHOWN:
            assert_printed(printed, body)
        elif change := _CHANGE.fullmatch(body):
            with (folder / change[1]).open("ab") as file:
                file.write(b"\n")
        elif title.startswith("append to "):
            with (folder / title.removeprefix("append to ")).open("a", encoding="utf-8") as file:
                file.write(body)
        else:
            assert title.endswith(".toml"), f"nobody knows what to do with the block {title!r}"
            (folder / title).write_text(body, encoding="utf-8")


def _words(line: str) -> list[str]:
    return [quoted or word for quoted, word in re.findall(r'"([^"]+)"|(\S+)', line)]


@pytest.fixture
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of the repository that a reader works in, as far as the tutorial uses it."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def test_the_first_look_at_northport_prints_what_the_page_shows(copy: Path, tmp_path: Path) -> None:
    for section in sections("northport.md"):
        follow(section, copy, tmp_path)
    assert "<html" in (copy / "report.html").read_text(encoding="utf-8")


def test_the_decisions_work_as_the_page_says(copy: Path, tmp_path: Path) -> None:
    # It goes on where the first page ended: with a last scan.
    scanned = ["--as-of", "2026-08-01", "--allow-incomplete"]
    run_process("scan", "examples/northport", *scanned, env={"BEHOLDEN_HOME": str(tmp_path)}, cwd=copy)
    for section in sections("decide.md"):
        follow(section, copy, tmp_path)
