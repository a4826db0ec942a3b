"""Runs the command line as a user does, in a process of its own or in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from beholden.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# A real hang fails instead of stopping the suite; nothing here needs a tenth of it.
PATIENCE_S = 240


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one command.

    Attributes:
        code: Exit code.
        out: Standard output.
        err: Standard error.
        peak_mib: Most memory held at once; 0 where the command ran in this process.
    """

    code: int
    out: bytes
    err: str
    peak_mib: int = 0

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as one JSON document."""
        return cast("dict[str, Any]", json.loads(self.out))

    @property
    def coverage(self) -> dict[str, dict[str, Any]]:
        """Coverage rows by file."""
        return {row["file"]: row for row in self.document["coverage"]}


def run_process(
    *arguments: str | bytes | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: tuple[str, ...] = (),
    python: tuple[str, ...] = (),
) -> Answer:
    """Run `python -m beholden` as a child.

    Args:
        arguments: After `beholden`.
        env: Added to the environment.
        cwd: Working folder.
        before: A command to run it under.
        python: Options of the interpreter.
    """
    command = [*before, sys.executable, *python, "-m", "beholden", *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**os.environ, **(env or {})}, cwd=cwd
        )
        guard = threading.Timer(PATIENCE_S, process.kill)
        guard.start()
        try:
            # wait4, and not communicate, because it tells the memory of this one child.
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            guard.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Answer(process.returncode, out.read(), err.read().decode("utf-8", "replace"), usage.ru_maxrss // 1024)


def run_here(*arguments: str | Path) -> Answer:
    """Run the command line in this process: faster, and enough where only its answer counts."""
    raw, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(raw, encoding="utf-8")
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        out.flush()
    return Answer(code, raw.getvalue(), err.getvalue())
