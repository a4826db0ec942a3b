"""`scan --state FILE`: opens it, and tells on standard error what was taken from it."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.errors import UsageError
from beholden.run.local import LocalRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from beholden.run.interface import Runner
    from beholden.run.job import Job
    from beholden.run.state import State

# What SQLite puts beside a file while it is open, or leaves there after a kill.
_ENDINGS = ("-wal", "-shm", "-journal")


def beside(name: str) -> tuple[str, ...]:
    """The files that a state consists of, none of which is an input."""
    return (name, *(name + ending for ending in _ENDINGS))


def refuse_shared(name: str, job: Job) -> None:
    """Refuse a state that is also something else of the command, which one of the two would destroy.

    Args:
        name: The file.
        job: What else the command reads and writes.

    Raises:
        UsageError: Something else has that place.
    """
    others = {
        "an output": job.outputs,
        "the waivers": (job.waivers,),
        "the baseline": (job.baseline,),
        "the profile": (job.profile,),
    }
    places = [job.place(each) for each in beside(name)]
    for what, names in others.items():
        for other in filter(None, names):
            if any(_is_same(place, job.place(other)) for place in places):
                raise UsageError(
                    f"--state {name} has the place of {what}, {other}",
                    code="state.not-a-state",
                    hint="name another file; one that is not there is made",
                )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


@contextmanager
def runner_with(
    name: str | None, runner: Runner, moment: datetime, *, has_receipt: bool, standard_input: Path | None
) -> Iterator[Runner]:
    """A runner that takes from a state what it holds, and leaves there what it reads.

    Args:
        name: The file; None: everything is read, and nothing is kept.
        runner: Who reads where there is no state.
        moment: When the command began.
        has_receipt: Whether the run is vouched for: then every file is read, and nothing is taken from the state.
        standard_input: Where lies what came on standard input, which is not kept.

    Raises:
        UsageError: The file is no state, damaged, or in use; or other processes read.
    """
    if name is None:
        yield runner
        return
    if not isinstance(runner, LocalRunner):
        raise UsageError(
            "a state is kept by this process alone", code="state.other-runner", hint="leave out --state, or --runner"
        )
    # It loads Arrow's files and SQLite, which few runs need.
    from beholden.run.state import State

    passing = frozenset() if standard_input is None else frozenset({standard_input})
    with State(Path(name), moment, takes=not has_receipt, passing=passing) as state:
        try:
            yield LocalRunner(state)
        except BaseException:
            kept = state.taken + sum(state.anew.values())
            click.echo(
                f"state: not finished; {kept} files were begun, those read to their end are kept in {name}", err=True
            )
            raise
        state.finish()
        _tell(state)


def _tell(state: State) -> None:
    """How many files were not read again, and why the others were."""
    count = sum(state.anew.values())
    reasons = "; ".join(f"{number} {reason}" for reason, number in sorted(state.anew.items()))
    click.echo(
        f"state: {state.taken} files taken as read before, {count} read" + (f": {reasons}" if reasons else ""), err=True
    )
