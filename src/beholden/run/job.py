"""One job from beginning to end: the profile, the base, the reading, the answer. `scan` and `kb verify` do it here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from beholden.compile import open_base, open_overlaid
from beholden.errors import UsageError
from beholden.policy.baseline import compare, read_baseline
from beholden.policy.gate import gate
from beholden.policy.profile import Profile, read_profile, with_roles
from beholden.policy.waive import read_waivers, waive
from beholden.run.age import refuse_old
from beholden.run.assess import assess
from beholden.scan.walk import in_its_folder

if TYPE_CHECKING:
    from datetime import date

    from beholden.kb.base import KnowledgeBase
    from beholden.policy.baseline import Baseline
    from beholden.policy.waive import WaiverEntry
    from beholden.run.interface import Progress, Runner
    from beholden.schema.assessment import Assessment
    from beholden.schema.vocabulary import Level

PROFILE_NAME = "beholden.toml"
TEMPO = "tempo"
DETECTABLE = (TEMPO,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked. Together with the inputs and the core base it decides every byte of the result.

    Attributes:
        paths: Files and folders to read, as the user gave them.
        as_of: The date of the answer.
        known_at: Use only what was public by then; None: everything we hold.
        profile: The `beholden.toml` named; None: the one in a scanned folder, if there is one.
        roles: Roles added to the profile's.
        waivers: Our own acceptances of risk; None: none.
        baseline: An earlier result to compare with; None: none.
        fail_on: The level at which the gate stops; None: no gate.
        is_confirmed_only: Whether the gate counts a review as it is.
        max_age: Refuse a base that holds a list older than this many days.
        allow_incomplete: Leave an input that was rejected in whole or part out of the exit code.
        detect: Behaviour to look for, of `DETECTABLE`.
        outputs: Files that the command writes, as the user gave them: they are not read, even where they lie among the
            inputs.
        state: What `--state` names, and behind it whatever lies beside it while it is open: not read either.
        standard_input: Where lies what the path `-` stands for; no name in the result shows it.
        at: Where relative names are rooted; no name in the result shows it.
    """

    paths: tuple[str, ...]
    as_of: date
    known_at: date | None = None
    profile: str | None = None
    roles: tuple[str, ...] = ()
    waivers: str | None = None
    baseline: str | None = None
    fail_on: Level | None = None
    is_confirmed_only: bool = False
    max_age: int | None = None
    allow_incomplete: bool = False
    detect: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    standard_input: Path | None = None
    at: Path = Path()

    @property
    def own(self) -> frozenset[Path]:
        """The outputs, wherever they lie; a link is what would be replaced, not what it points to."""
        return frozenset(in_its_folder(self.place(name)) for name in (*self.outputs, *self.state))

    def place(self, name: str) -> Path:
        """Where a file or folder named in the job lies."""
        return self.at / name


def perform(
    job: Job,
    core: KnowledgeBase | None = None,
    *,
    profile: Profile | None = None,
    progress: Progress = lambda _: None,
    runner: Runner | None = None,
) -> Assessment:
    """Do the job.

    Args:
        job: What is asked.
        core: The base that answers, without in-house packs; None: the one of this version.
        profile: Who we are in this job, where that was read already.
        progress: Called with the name of each file before it is read.
        runner: Who reads; None: this process. It decides no byte of the result.

    Raises:
        UsageError: The profile, the waivers or the baseline are wrong, or several profiles could be meant.
        CompileError: An in-house pack is wrong.
        KnowledgeBaseError: The base is older than allowed.
    """
    ready = prepare(job, core, profile)
    done = assess(
        job.paths,
        ready.kb,
        ready.profile,
        as_of=job.as_of,
        known_at=job.known_at,
        at=job.at,
        own=job.own,
        standard_input=job.standard_input,
        progress=progress,
        detect_tempo=TEMPO in job.detect,
        runner=runner,
    )
    return accepted(done, job, ready)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a job is done with.

    Attributes:
        profile: Who we are.
        kb: The base that answers, with in-house packs.
        waivers: Our own acceptances of risk.
        baseline: An earlier result to compare with.
    """

    profile: Profile
    kb: KnowledgeBase
    waivers: list[WaiverEntry]
    baseline: Baseline | None


def prepare(job: Job, core: KnowledgeBase | None = None, profile: Profile | None = None) -> Ready:
    """Read all that a job needs beside its inputs; see `perform`."""
    profile = profile or profile_for(job)
    # Before anything is read: what is wrong in them should not be learned after an hour.
    waivers = read_waivers(job.place(job.waivers)) if job.waivers else []
    baseline = read_baseline(job.place(job.baseline)) if job.baseline else None
    kb = core or open_base()
    if profile.overlays:
        kb = open_overlaid(kb, profile.overlays)
    refuse_old(kb, job.as_of, job.max_age)
    return Ready(profile, kb, [entry.with_ids(kb.canonical) for entry in waivers], baseline)


def accepted(done: Assessment, job: Job, ready: Ready) -> Assessment:
    """The result beside what we accepted and what was known before, and how the gate came out; no level changes."""
    findings, uses = waive(done.result.findings, ready.waivers, job.as_of)
    compared = None
    if ready.baseline is not None:
        findings, compared = compare(findings, ready.baseline)
    outcome = None
    if job.fail_on is not None:
        outcome = gate(findings, job.fail_on, is_confirmed_only=job.is_confirmed_only)
    result = msgspec.structs.replace(done.result, findings=findings, waivers=uses, baseline=compared, gate=outcome)
    return replace(done, result=result)


def exit_code(job: Job, assessment: Assessment) -> int:
    """0 nothing at the gate, 1 findings at or above it, 3 an input was rejected in whole or part; 1 outranks 3."""
    outcome = assessment.result.gate
    if outcome is not None and not outcome.passed:
        return 1
    return 3 if assessment.has_rejects and not job.allow_incomplete else 0


def profile_for(job: Job) -> Profile:
    """Who we are in this job.

    Raises:
        UsageError: The profile is wrong, or several could be meant.
    """
    file = profile_file(job)
    return with_roles(Profile() if file is None else read_profile(job.place(file)), job.roles)


def profile_file(job: Job) -> str | None:
    """The profile named, or the one that lies in a scanned folder.

    Raises:
        UsageError: Several scanned folders hold one.
    """
    if job.profile is not None:
        return job.profile
    folders = [name for name in job.paths if job.place(name).is_dir()]
    beside = [str(Path(name) / PROFILE_NAME) for name in folders if (job.place(name) / PROFILE_NAME).is_file()]
    if len({job.place(name).resolve() for name in beside}) > 1:
        raise UsageError(
            f"several folders hold a {PROFILE_NAME}: {', '.join(beside)}",
            code="profile.several",
            hint="name one with --profile",
        )
    return beside[0] if beside else None
