"""Runs the command line as a user does, in a process of its own or in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from beholden.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    stdin: bytes | None = None,
) -> Answer:
    """Run `python -m beholden` as a child.

    Args:
        arguments: After `beholden`.
        env: Added to the environment.
        cwd: Working folder.
        before: A command to run it under.
        python: Options of the interpreter.
        stdin: What comes on standard input; None: it is closed.
    """
    command = [*before, sys.executable, *python, "-m", "beholden", *arguments]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin or b"")
        given.seek(0)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if stdin is None else given,
            stdout=out,
            stderr=err,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        peak_kib, deadline = 0, time.monotonic() + PATIENCE_S
        while process.poll() is None:
            # Asked of the process itself: what a wait tells includes the memory of this process, from before `exec`.
            peak_kib = max(peak_kib, _high_water_kib(process.pid))
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.01)
        out.seek(0)
        err.seek(0)
        return Answer(process.returncode, out.read(), err.read().decode("utf-8", "replace"), peak_kib // 1024)


def _high_water_kib(pid: int) -> int:
    """Most memory that a process held so far; 0 where it just ended."""
    status = Path(f"/proc/{pid}/status")
    with contextlib.suppress(OSError):
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


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
