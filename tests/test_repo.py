"""The repository itself: import order, nothing of a machine in it, small files, every module explained and short."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 300_000
MAX_LINES = 400
MODULES = sorted(ROOT.glob("src/**/*.py"))

# Written in parts, so that this file holds none of them.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs.org",
    "registry.yarnpkg" + ".com",
    "repo1.maven" + ".org",
    "repo.maven.apache" + ".org",
    "static" + ".crates.io",
    "index" + ".crates.io",
    "deb." + "debian.org",
]
MACHINE_PATHS = ["/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/"]
# Invented people of the fixtures.
ALLOWED = re.compile("/home" + r"/(user|you|example|anna|bob)\b")


@cache
def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def places(words: list[str]) -> list[str]:
    found = []
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(ALLOWED.sub("", line)):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    return found


def test_the_import_order_is_the_pipeline_order() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_tracked_file_names_a_package_registry_host() -> None:
    assert places(REGISTRY_HOSTS) == []


def test_no_tracked_file_names_a_path_of_a_machine() -> None:
    assert places(MACHINE_PATHS) == []


def test_every_tracked_file_is_small() -> None:
    large = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked() if path.stat().st_size >= MAX_BYTES}
    assert large == {}


def test_nothing_generated_is_tracked() -> None:
    generated = re.compile(r"(__pycache__|\.pyc$|\.egg-info|\.(mypy|ruff|pytest)_cache|\.hypothesis|lookup\.sqlite)")
    assert [str(path) for path in tracked() if generated.search(str(path.relative_to(ROOT)))] == []


def test_text_files_end_with_one_newline_and_hold_no_tabs_for_spaces_at_line_ends() -> None:
    wrong = []
    for path in tracked():
        if path.suffix in (".py", ".toml", ".md") and "data" not in path.parts:
            text = path.read_text(encoding="utf-8")
            if text and (not text.endswith("\n") or text.endswith("\n\n") or re.search(r"[ \t]+$", text, re.MULTILINE)):
                wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_every_module_says_what_it_is_for_and_stays_short(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_LINES
    if text.strip():
        assert ast.get_docstring(ast.parse(text))


def test_every_fixture_folder_says_which_specification_it_follows() -> None:
    folders = {path.parent for path in tracked() if path.is_relative_to(ROOT / "tests" / "data")}
    roots = {folder for folder in folders if folder.parent == ROOT / "tests" / "data"}
    assert roots
    assert sorted(folder.name for folder in roots if not (folder / "ORIGIN.md").is_file()) == []


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements/*.txt")), ids=lambda lock: lock.name)
def test_a_lock_names_packages_and_digests_and_no_place_to_get_them(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.lstrip().startswith("-") and "--hash=sha256:" not in line] == []
