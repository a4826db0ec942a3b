"""`beholden scan PATH...`: the main job."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.cli.options import clocks, day_asked, existing, now, output_format, write_bytes
from beholden.cli.options import max_age as with_max_age
from beholden.cli.progress import Progress
from beholden.cli.state import beside, refuse_shared, runner_with
from beholden.compile import home
from beholden.errors import ReportError, UsageError
from beholden.report.interface import RenderOptions
from beholden.report.registry import REPORTS, part_of, report_for
from beholden.report.text import visible
from beholden.run.job import DETECTABLE, PROFILE_NAME, Job, exit_code, perform, profile_for
from beholden.run.runners import LOCAL, RUNNERS, SPARK, runner_named
from beholden.scan.address import is_address
from beholden.scan.walk import STANDARD_INPUT
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from beholden.schema.assessment import Assessment


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="FILE",
    help="Also write .html, .json, .jsonl, .sarif, .md, .parquet, .csv, .stix.json, .ftm.json (repeatable).",
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
@click.option("--waivers", metavar="FILE", help="Risks we accepted: TOML with [[waiver]] entries.")
@click.option("--baseline", metavar="FILE", help="An earlier .json or .sarif: only new or worse counts.")
@click.option("--fail-on-confirmed", is_flag=True, help="Count a review as a review, not as what it may become.")
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 even where an input was rejected in whole or part.")
@with_max_age
@click.option(
    "--detect",
    type=click.Choice(DETECTABLE),
    multiple=True,
    help="Also measure behaviour: sessions too fast, broad and even for a person. Signals, never findings.",
)
@click.option(
    "--runner",
    type=click.Choice(RUNNERS),
    default=LOCAL,
    show_default=True,
    help="Where files are read: in this process, or in the executors of a Spark session.",
)
@click.option(
    "--spark-table",
    "tables",
    multiple=True,
    metavar="NAME",
    help="Also read a table or view of the Spark session: columns of VPC flow logs or OCSF (repeatable).",
)
@click.option("--receipt", metavar="FILE", help="Also write what was searched, when, with which lists, by digest.")
@click.option(
    "--follow", is_flag=True, help="Read Zeek and Suricata EVE logs as they grow; print findings as they come."
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: how often to look.",
)
@click.option("--state", metavar="FILE", help="Keep here what was read; a later run takes from it what did not change.")
@click.option("--show-personal", is_flag=True, help="Do not pseudonymise hosts, persons and full MACs in shared files.")
@output_format("table", "json", "jsonl")
def scan(
    paths: tuple[str, ...],
    output: tuple[str, ...],
    as_of: date | None,
    known_at: date | None,
    profile: str | None,
    roles: tuple[str, ...],
    waivers: str | None,
    baseline: str | None,
    fail_on: str | None,
    fail_on_confirmed: bool,
    allow_incomplete: bool,
    max_age: int | None,
    detect: tuple[str, ...],
    runner: str,
    tables: tuple[str, ...],
    receipt: str | None,
    follow: bool,
    every: float,
    state: str | None,
    show_personal: bool,
    form: str,
) -> int:
    """Read everything below PATH and say where it leads to a restricted or contested party. `-` is standard input.

    With --runner spark, PATH may also be an address, which is then asked: s3://, gs://, abfss://, hdfs://, file://.

    With --follow, findings are printed as lines of JSON when they are new or get worse, until Ctrl-C or SIGTERM.

    Exit codes: 0 nothing at the gate, 1 findings at or above --fail-on, 2 usage, 3 an input was rejected in whole or
    part, 4 knowledge base missing or too old, 70 bug.
    """
    if not paths and not tables:
        raise click.UsageError("Missing argument 'PATH...'.")
    reports = [(Path(name), report_for(Path(name))) for name in output]
    addresses = [name for name in paths if is_address(name)]
    for name in (*paths, *filter(None, (profile, waivers, baseline))):
        if name != STANDARD_INPUT and name not in addresses:
            existing(name)
    if STANDARD_INPUT in paths and receipt is not None:
        raise UsageError(
            "a receipt proves a search of files, and standard input cannot be read again",
            code="scan.no-proof",
            hint="write it to a file first",
        )
    if tables and receipt is not None:
        raise UsageError(
            "a receipt proves a search of files, and a table is none", code="scan.no-proof", hint="export it first"
        )
    if addresses:
        # It may load the clients of stores.
        from beholden.cli.addresses import check_addresses

        check_addresses(
            addresses,
            is_spark=runner == SPARK,
            has_profile=profile is not None,
            follow=follow,
            has_state=state is not None,
            has_receipt=receipt is not None,
        )
    moment = now()
    job = Job(
        paths=paths,
        as_of=day_asked(as_of, known_at, moment.date()),
        known_at=known_at,
        profile=profile,
        roles=roles,
        waivers=waivers,
        baseline=baseline,
        fail_on=Level(fail_on) if fail_on else None,
        is_confirmed_only=fail_on_confirmed,
        max_age=max_age,
        allow_incomplete=allow_incomplete,
        detect=tuple(sorted(set(detect))),
        outputs=tuple(
            str(name)
            for name in (
                *(part_of(path, report, part) for path, report in reports for part in report.parts),
                *([receipt] if receipt else []),
            )
        ),
        state=beside(state) if state is not None else (),
    )
    if state is not None:
        refuse_shared(state, job)
    ours, reading = profile_for(job), runner_named(runner, tables)
    if follow:
        from beholden.cli.follow import followed, refuse_beside_follow

        refuse_beside_follow(job, has_receipt=receipt is not None, is_local=runner == LOCAL)
        is_given = as_of is not None or known_at is not None
        assessment = followed(job, ours, every=every, state=state, as_of_is_given=is_given, clock=now)
    else:
        with Progress(sys.stderr) as progress, _standard_input(paths) as spooled:
            job = replace(job, standard_input=spooled)
            with runner_with(state, reading, moment, has_receipt=receipt is not None, standard_input=spooled) as reader:
                if receipt is None:
                    assessment = perform(job, profile=ours, progress=progress.step, runner=reader)
                else:
                    from beholden.cli.receipt import witnessed

                    assessment, proof = witnessed(job, moment, progress.step, reader)
    result = assessment.result
    options = RenderOptions(show_personal=show_personal, pseudonym_key=ours.pseudonym_key)
    for path, report in reports:
        for part, content in report.render(assessment, options).items():
            _write(part_of(path, report, part), content)
    if receipt is not None:
        _write(Path(receipt), proof)
    if not any(item.status in ("read", "partial") for item in result.coverage):
        click.echo("warning: nothing was read; see the coverage", err=True)
    for use in result.waivers:
        if not use.findings:
            click.echo(f"warning: the waiver for {visible(use.waiver.id)} meets no finding", err=True)
    for unused in result.profile.unused if result.profile else ():
        click.echo(f"warning: the profile's {visible(unused)} was not used", err=True)
    _remember(assessment)
    if not follow:
        _print(assessment, form)
    return exit_code(job, assessment)


@contextmanager
def _standard_input(paths: tuple[str, ...]) -> Iterator[Path | None]:
    """What comes on standard input as a file, since readers look at the head of one before they read it."""
    if STANDARD_INPUT not in paths:
        yield None
        return
    with tempfile.NamedTemporaryFile() as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled)
        spooled.flush()
        yield Path(spooled.name)


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
