"""`scan --receipt` and `kb verify RECEIPT`: the job is done under witness, or done again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.cli.progress import Progress
from beholden.compile import home, open_base
from beholden.compile import verify as problems_of
from beholden.errors import KnowledgeBaseError, UsageError
from beholden.report.interface import RenderOptions
from beholden.report.json import JsonReport
from beholden.run.inventory import refuse_changes, take_inventory
from beholden.run.job import Job, perform
from beholden.run.receipt import make_receipt, read_receipt, written
from beholden.run.verify import verify_receipt

if TYPE_CHECKING:
    from datetime import datetime

    from beholden.kb.base import KnowledgeBase
    from beholden.run.interface import Progress as Step
    from beholden.run.interface import Runner
    from beholden.schema.assessment import Assessment
    from beholden.schema.receipt import Verification


def witnessed(job: Job, moment: datetime, step: Step, runner: Runner) -> tuple[Assessment, bytes]:
    """Do a job and vouch for it: the assessment, and the receipt as a file.

    Args:
        job: What is asked.
        moment: When the command began.
        step: Called with the name of each file before it is read.
        runner: Who reads.

    Raises:
        UsageError: The home folder lies in what is searched, or the profile is wrong.
        KnowledgeBaseError: The base is damaged.
        ScanError: An input changed while it was read, or cannot be read.
    """
    _refuse_own_traces(job)
    core = open_base()
    problems = problems_of(core.folder) if core.folder is not None else []
    if problems:
        raise KnowledgeBaseError(
            f"{core.folder} is damaged: {problems[0]}", code="kb.damaged", hint="remove it and run `beholden kb build`"
        )
    before = take_inventory(job)
    before.refuse_problems()
    assessment = perform(job, core, progress=step, runner=runner)
    refuse_changes(before, take_inventory(job))
    receipt = make_receipt(job, assessment, before, _json(assessment), made_at=moment)
    proof = written(receipt)
    personal = [name for name in (*job.paths, *(file.path for file in receipt.files)) if _is_below_home(name)]
    if personal:
        click.echo(
            f"warning: the receipt names a folder below your home ({personal[0]}); scan a relative path to keep it out",
            err=True,
        )
    return assessment, proof


def verified(place: Path, at: Path) -> Verification:
    """Do the job of a receipt again and compare.

    Args:
        place: The receipt.
        at: Where its relative paths are rooted.
    """
    receipt, is_whole = read_receipt(place)

    def search(job: Job, base: KnowledgeBase) -> tuple[Assessment, bytes]:
        with Progress(sys.stderr) as progress:
            assessment = perform(job, base, progress=progress.step)
        return assessment, _json(assessment)

    return verify_receipt(receipt, is_whole=is_whole, place=place, at=at, search=search)


def _json(assessment: Assessment) -> bytes:
    """What `-o result.json` writes."""
    return JsonReport().render(assessment, RenderOptions())[""]


def _refuse_own_traces(job: Job) -> None:
    """Refuse a home in what is searched: whoever repeats the search would find other files there."""
    for name in job.paths:
        if home().resolve().is_relative_to(job.place(name).resolve()):
            raise UsageError(
                f"{home()} lies in what is searched; it would not be the same when the receipt is verified",
                code="receipt.inside-input",
                hint="set BEHOLDEN_HOME to a place outside",
            )


def _is_below_home(name: str) -> bool:
    path = Path(name)
    try:
        return path.is_absolute() and path.is_relative_to(Path.home())
    except RuntimeError:  # an account without a home
        return False
