"""What is installed is what runs here: every data file of the package is in the wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "beholden"
# setuptools' own rules for what goes into a wheel, without a build: that one would fetch its requirements.
_FILES = """
import json, sys
from setuptools import Distribution, find_packages
from setuptools.command.build_py import build_py

told = json.loads(sys.argv[1])
packages = find_packages("src")
command = build_py(Distribution({"packages": packages, "package_dir": {"": "src"}, "package_data": told}))
command.finalize_options()
print(json.dumps([f"{folder}/{name}" for _, folder, _, names in command.data_files for name in names]))
"""


def test_every_data_file_of_the_package_is_in_the_wheel() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    done = subprocess.run(
        [sys.executable, "-c", _FILES, json.dumps(told["package-data"])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named 'setuptools'" in done.stderr:
        pytest.skip("setuptools is not installed beside the tests (Python 3.12 and later)")
    assert done.returncode == 0, done.stderr
    # `build/lib/beholden/...`, relative to the package.
    packed = {name.split("/beholden/", 1)[1] for name in json.loads(done.stdout)}
    here = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".pyi", ".so"}
    }
    assert "sources/ofac/kinds.toml" in here
    assert sorted(here - packed) == []
