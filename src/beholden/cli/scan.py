"""`beholden scan PATH...`: the main job."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.cli.options import clocks, existing, output_format, today, write_bytes
from beholden.cli.progress import Progress
from beholden.compile import home, open_core, open_overlaid
from beholden.errors import KnowledgeBaseError, ReportError, UsageError
from beholden.policy.gate import is_at_gate
from beholden.policy.profile import Profile, read_profile, with_roles
from beholden.report import REPORTS, part_of, report_for
from beholden.report.interface import RenderOptions
from beholden.run.assess import assess
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.schema.assessment import Assessment

PROFILE_NAME = "beholden.toml"


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o", "--output", multiple=True, metavar="FILE", help="Also write .html, .json, .jsonl, .md or .sarif (repeatable)."
)
@clocks
@click.option("--profile", metavar="FILE", help=f"Who we are (default: {PROFILE_NAME} in the scanned folder).")
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ROLE",
    help="A role we hold, added to the profile's; without a profile, the only ones (repeatable).",
)
@click.option("--fail-on", type=click.Choice([level.value for level in Level]), help="Exit 1 at this level or worse.")
@click.option("--fail-on-confirmed", is_flag=True, help="Count a review as a review, not as what it may become.")
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 even where an input was rejected in whole or part.")
@click.option(
    "--max-age", type=click.IntRange(min=0), metavar="DAYS", help="Exit 4 if a loaded list is older than this."
)
@click.option("--show-personal", is_flag=True, help="Do not pseudonymise hosts, persons and full MACs in shared files.")
@output_format("table", "json", "jsonl")
def scan(
    paths: tuple[str, ...],
    output: tuple[str, ...],
    as_of: date | None,
    known_at: date | None,
    profile: str | None,
    roles: tuple[str, ...],
    fail_on: str | None,
    fail_on_confirmed: bool,
    allow_incomplete: bool,
    max_age: int | None,
    show_personal: bool,
    form: str,
) -> int:
    """Read everything below PATH and say where it leads to a restricted or contested party.

    Exit codes: 0 nothing at the gate, 1 findings at or above --fail-on, 2 usage, 3 an input was rejected in whole or
    part, 4 knowledge base missing or too old, 70 bug.
    """
    reports = [(Path(name), report_for(Path(name))) for name in output]
    inputs = [existing(name) for name in paths]
    ours = with_roles(_profile(profile, inputs), roles)
    day = as_of or today()
    kb = open_core()
    if ours.overlays:
        kb = open_overlaid(kb, ours.overlays)
    if max_age is not None:
        _check_age(kb, day, max_age)
    with Progress(sys.stderr) as progress:
        assessment = assess(paths, kb, ours, as_of=day, known_at=known_at, progress=progress.step)
    result = assessment.result
    options = RenderOptions(show_personal=show_personal)
    for path, report in reports:
        for part, content in report.render(assessment, options).items():
            _write(part_of(path, report, part), content)
    if not any(item.status in ("read", "partial") for item in result.coverage):
        click.echo("warning: nothing was read; see the coverage", err=True)
    _remember(assessment)
    _print(assessment, form)
    if fail_on is not None and is_at_gate(result.findings, Level(fail_on), is_confirmed_only=fail_on_confirmed):
        return 1
    return 3 if assessment.has_rejects and not allow_incomplete else 0


def _profile(named: str | None, inputs: list[Path]) -> Profile:
    if named is not None:
        return read_profile(existing(named))
    beside = [path / PROFILE_NAME for path in inputs if path.is_dir() and (path / PROFILE_NAME).is_file()]
    if len({path.resolve() for path in beside}) > 1:
        raise UsageError(
            f"several folders hold a {PROFILE_NAME}: {', '.join(map(str, beside))}",
            code="profile.several",
            hint="name one with --profile",
        )
    if beside:
        return read_profile(beside[0])
    return Profile()


def _check_age(kb: KnowledgeBase, day: date, max_age: int) -> None:
    for regime in kb.regimes.values():
        if not regime.loaded or regime.checked_until is None:
            continue
        age = (day - regime.checked_until).days
        if age > max_age:
            raise KnowledgeBaseError(
                f"our copy of {regime.id} is of {regime.checked_until}, {age} days before {day}; at most "
                f"{max_age} were allowed",
                code="kb.too-old",
            )


def _write(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write whole or not at all; a private file is readable by its owner only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".beholden-", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o600 if is_private else 0o666 & ~mask)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}", code="report.unwritable") from error


def _remember(assessment: Assessment) -> None:
    """Keep the result for `explain`, in the user's own folder; without one, there is nothing to keep it in."""
    try:
        _write(home() / "last-result.json", _rendered(assessment, "json"), is_private=True)
    except ReportError:
        return


def _rendered(assessment: Assessment, name: str) -> bytes:
    """The user's own screen, pipe or folder: files meant for sharing are the ones written with -o."""
    report = next(report for report in REPORTS if report.name == name)
    return report.render(assessment, RenderOptions(show_personal=True))[""]


def _print(assessment: Assessment, form: str) -> None:
    if form == "table":
        from beholden.report.terminal import render_terminal

        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        render_terminal(assessment.result, sys.stdout, colour=colour, width=width)
        return
    write_bytes(_rendered(assessment, form))
