"""The pages on publications, followed to the letter: files are written, commands run, and what they show is seen."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from tests.command import run_here
from tests.test_howto import PACKAGE, blocks, entry_points_of, follow, package, write

from beholden.cli import cli

__all__ = ["package"]

PAGES = Path(__file__).resolve().parents[1] / "docs" / "how-to"
SOURCE = blocks("add-a-source.md")
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def seen(text: str) -> str:
    return " ".join(text.split())


def option_names(command: click.Command) -> set[str]:
    return {name for option in command.params for name in option.opts}


@pytest.mark.parametrize("page", ["official-lists.md", "compare-bases.md"])
def test_every_command_of_the_page_runs_and_gives_what_it_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEHOLDEN_HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    shown, ran, asked = "", 0, 0
    for kind, title, text in _BLOCK.findall((PAGES / page).read_text(encoding="utf-8")):
        if kind == "csv":
            (work / title).write_text(text, encoding="utf-8")
        elif kind == "sh":
            code = int(title.removeprefix("exits with ")) if title else 0
            for line in text.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "beholden"
                answer = run_here(*arguments)
                assert answer.code == code, (line, answer.err)
                shown, ran = seen(answer.out.decode()), ran + 1
        elif title == "shown":
            assert [line for line in text.splitlines() if seen(line) not in shown] == [], shown
        else:
            asked += text.count("beholden ")
    assert ran
    assert asked == (3 if page == "official-lists.md" else 0)


def test_updates_that_the_page_shows_are_commands_with_these_options() -> None:
    text = (PAGES / "official-lists.md").read_text(encoding="utf-8")
    kb = cli.get_command(click.Context(cli), "kb")
    assert isinstance(kb, click.Group)
    lines = [line for line in text.splitlines() if line.startswith("beholden kb update")]
    assert len(lines) == 3
    for line in lines:
        used = {word for word in line.split() if word.startswith("--")}
        assert used <= option_names(kb.commands["update"])


def assert_source_works(folder: Path, *path: Path) -> None:
    """What step 4 of the page promises."""
    name = "debarred-2026-08-20.csv"
    write(folder, **{name: SOURCE[name]})
    answer = follow(SOURCE["run"], folder, *path)
    assert answer.code == 3, answer.err
    (info,) = answer.document["publications"]
    assert (info["records_read"], info["records_rejected"], info["is_partial"]) == (2, 1, True)
    assert info["rejected"] == [
        {"file": name, "line": 4, "reason": "since is no date: 'soon'; expected YYYY-MM-DD"},
    ]
    for line in SOURCE["shown"].splitlines():
        assert [word for word in re.findall(r"\d{4}-\d\d-\d\d|xx_\w+|csv-4", line) if word not in str(info)] == []
    dossier = follow("beholden show xx-example:18 --as-of 2026-08-20", folder, *path)
    assert dossier.code == 0, dossier.err
    listings = {row["regime"]: row for row in dossier.document["listings"]}
    row = listings["xx-example-debarred"]
    assert (row["listing_status"], row["since"], row["listed_as"]) == ("listed", "2026-08-15", "Example Widgets GmbH")
    told = {row["id"]: row for row in follow("beholden kb info", folder, *path).document["sources"]}
    assert told["xx_example_debarred"]["layout"] == "csv-4"
    assert told["xx_example_debarred"]["editions"] == ["2026-08-20"]


def test_a_source_is_one_folder_and_one_line(package: Path, tmp_path: Path) -> None:
    sources = package / "sources"
    folder = write(sources / "xx_example_debarred", **{name: SOURCE[name] for name in ("source.toml", "parse.py")})
    assert folder.is_dir()
    registry = sources / "registry.py"
    lines = registry.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(lines.index('    "in_house",\n'), SOURCE["line"])
    registry.write_text("".join(lines), encoding="utf-8")
    assert_source_works(tmp_path / "work", package.parent)


def test_a_source_of_another_distribution_takes_part_once_installed(tmp_path: Path) -> None:
    _, _, body = SOURCE["parse.py"].partition("COLUMNS =")
    module = f"{SOURCE['imports of a plugin']}\nCOLUMNS ={body}\n\n{SOURCE['last line of a plugin']}"
    site = tmp_path / "site"
    site.mkdir()
    write(site / "example_debarred", **{"__init__.py": module, "source.toml": SOURCE["source.toml"]})
    write(
        site / "example_debarred-1.0.dist-info",
        METADATA="Metadata-Version: 2.1\nName: example-debarred\nVersion: 1.0\n",
        **{"entry_points.txt": entry_points_of(SOURCE["pyproject.toml"])},
    )
    assert_source_works(tmp_path / "work", site, PACKAGE.parent)
