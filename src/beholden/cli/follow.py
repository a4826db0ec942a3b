"""`scan --follow`: looks again and again, prints findings as they come, and ends at a signal."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from beholden.errors import UsageError
from beholden.report.json import encode
from beholden.run.following import Following
from beholden.run.job import prepare
from beholden.run.state_file import StateFile
from beholden.scan import scanners
from beholden.scan.walk import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import FrameType

    from beholden.policy.profile import Profile
    from beholden.run.following import Event
    from beholden.run.job import Job
    from beholden.schema.assessment import Assessment


def followed(
    job: Job,
    profile: Profile,
    *,
    every: float,
    state: str | None,
    as_of_is_given: bool,
    clock: Callable[[], datetime],
) -> Assessment:
    """Follow logs until SIGINT or SIGTERM; findings go to standard output as lines of JSON.

    Args:
        job: What is asked.
        profile: Who we are.
        every: Seconds between two looks.
        state: Where what is read is kept; None: nowhere.
        as_of_is_given: Whether the answer is for the day of the job; else it is for the day of each look.
        clock: Says what day it is.

    Raises:
        UsageError: The state cannot be used.
    """
    ready = prepare(job, profile=profile)
    with _stopping() as stop, _opened(state) as kept:
        following = Following(job, ready, scanners(), kept)
        if following.lost is not None:
            click.echo(
                f"warning: {state} is begun anew, since {following.lost}: logs are read from their beginning", err=True
            )
        assessment = None
        while True:
            is_last = stop.is_set()
            day = job.as_of if as_of_is_given else clock().date()
            has_new = following.look(is_last=is_last)
            if assessment is None or has_new or assessment.result.as_of != day.isoformat() or is_last:
                assessment = following.assessment(day)
                events = following.events(assessment)
                for event in events:
                    sys.stdout.buffer.write(_line(event))
                sys.stdout.flush()
                following.told(events)
            if is_last:
                return assessment
            stop.wait(every)


def _line(event: Event) -> bytes:
    before = event.level_before
    kind = b'"new"' if before is None else b'"worse"'
    level = b"null" if before is None else b'"' + before.value.encode() + b'"'
    return b'{"event":' + kind + b',"level_before":' + level + b',"finding":' + encode(event.finding) + b"}\n"


@contextmanager
def _opened(state: str | None) -> Iterator[StateFile | None]:
    if state is None:
        yield None
        return
    kept = StateFile(Path(state))
    try:
        yield kept
    finally:
        kept.close()


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; a second one ends the program as it would without."""
    stop = threading.Event()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    def handle(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()
        restore()

    for number in former:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        restore()


def refuse_beside_follow(job: Job, *, has_receipt: bool, is_local: bool) -> None:
    """Refuse what makes no sense where logs are followed.

    Raises:
        UsageError: Something like that was asked for.
    """
    reasons = {
        "--receipt": (has_receipt, "a receipt proves a search of files that stay as they are"),
        "--detect": (bool(job.detect), "the tempo of sessions is measured over whole files"),
        STANDARD_INPUT: (STANDARD_INPUT in job.paths, "standard input cannot be looked at again"),
        "--runner": (not is_local, "logs are followed by this process alone"),
    }
    for option, (is_asked, reason) in reasons.items():
        if is_asked:
            raise UsageError(f"--follow goes without {option}: {reason}", code="follow.excluded")
