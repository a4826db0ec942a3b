"""What a job reads, by digest: every entry below the paths, and the files that decide the answer beside them."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from beholden.compile import pack_files
from beholden.errors import BeholdenError, ScanError
from beholden.policy.pseudonyms import KEY_FILE_REASON
from beholden.run.job import PROFILE_NAME, profile_file, profile_for
from beholden.scan.walk import walk
from beholden.schema.receipt import InputEntry, NamedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.run.job import Job

_CHUNK = 1024 * 1024
# Which file it was and when it last changed: a change that is taken back leaves its time.
Mark = tuple[int, int, int, int, int]


@dataclass(slots=True)
class Inventory:
    """Everything that a job reads.

    Attributes:
        inputs: In walking order.
        files: Waivers, baseline, profile and in-house packs, in that order.
        marks: Of each file with a digest, in order.
        problems: What could not be looked at: `input` or `file`, its name, and why.
        is_cut: Whether there was more than the bound.
    """

    inputs: list[InputEntry] = field(default_factory=list)
    files: list[NamedFile] = field(default_factory=list)
    marks: list[tuple[str, Mark]] = field(default_factory=list)
    problems: list[tuple[str, str, BeholdenError]] = field(default_factory=list)
    is_cut: bool = False

    def refuse_problems(self) -> None:
        """Refuse to vouch for what could not be looked at.

        Raises:
            BeholdenError: The first of the problems.
        """
        for _, _, error in self.problems:
            raise error


def take_inventory(job: Job, *, most: int | None = None) -> Inventory:
    """Digest what a job reads.

    Args:
        job: What is asked.
        most: Stop after so many entries below the paths; None: no bound.
    """
    taken = Inventory()
    key = _key_file(job)
    for found in walk(job.paths, job.at, job.own):
        if found.is_own:
            continue
        if most is not None and len(taken.inputs) >= most:
            taken.is_cut = True
            break
        if key is not None and found.problem is None and found.real_path.samefile(key):
            # A digest of a secret would let others test guesses of it.
            taken.inputs.append(InputEntry(path=found.path, not_read=KEY_FILE_REASON))
            continue
        if found.problem is not None:
            taken.inputs.append(InputEntry(path=found.path, not_read=found.problem))
            continue
        try:
            size, sha256, mark = _digest(found.real_path, found.path)
        except BeholdenError as error:
            taken.problems.append(("input", found.path, error))
            continue
        taken.inputs.append(InputEntry(path=found.path, bytes=size, sha256=sha256))
        taken.marks.append((found.path, mark))
    _take_files(taken, job)
    return taken


def _key_file(job: Job) -> Path | None:
    """The key of the pseudonyms; a profile that is wrong is said to be so beside the other files."""
    try:
        return profile_for(job).pseudonym_key_file
    except BeholdenError:
        return None


def _take_files(taken: Inventory, job: Job) -> None:
    for role, name in _named(taken, job):
        # What is named and not there is missing, which a comparison says by itself.
        if not job.place(name).exists():
            continue
        try:
            size, sha256, mark = _digest(job.place(name), name)
        except BeholdenError as error:
            taken.problems.append(("file", name, error))
            continue
        taken.files.append(NamedFile(role=role, path=name, bytes=size, sha256=sha256))
        taken.marks.append((name, mark))


def refuse_changes(before: Inventory, after: Inventory) -> None:
    """Refuse to vouch for a result whose inputs changed while they were read.

    Raises:
        ScanError: With the names of what changed, came or went.
    """
    one, other = _keyed(before), _keyed(after)
    names = sorted(
        {name for name, turn in one.keys() | other.keys() if one.get((name, turn)) != other.get((name, turn))}
    )
    if not names:
        return
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    raise ScanError(
        f"changed while it was read: {shown}",
        code="receipt.inputs-changed",
        hint="copy the records to a place where nothing writes, and scan the copy",
    )


def _keyed(inventory: Inventory) -> dict[tuple[str, int], object]:
    """What is known of each name; a name that two entries print alike counts by its turn."""
    keyed: dict[tuple[str, int], object] = {}
    for name, what in (
        *((entry.path, entry) for entry in inventory.inputs),
        *((file.path, file) for file in inventory.files),
        *inventory.marks,
    ):
        turn = 0
        while (name, turn) in keyed:
            turn += 1
        keyed[name, turn] = what
    return keyed


def _named(taken: Inventory, job: Job) -> Iterator[tuple[str, str]]:
    """Role and name of each file that decides the answer beside the inputs."""
    for role, name in (("waivers", job.waivers), ("baseline", job.baseline)):
        if name is not None:
            yield role, name
    try:
        profile = profile_file(job)
        if profile is None:
            return
        yield "profile", profile
        if not job.place(profile).exists():
            return
        beside = job.place(profile).parent.resolve()
        for overlay in profile_for(job).overlays:
            for file in pack_files(overlay):
                yield "overlay", str(Path(profile).parent / file.relative_to(beside))
    except BeholdenError as error:
        taken.problems.append(("file", job.profile or PROFILE_NAME, error))


def _digest(path: Path, name: str) -> tuple[int, str, Mark]:
    """Size, SHA-256 and mark of a file as it was when it was opened."""
    try:
        # Without waiting: what was a file a moment ago may be a pipe by now.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb", buffering=0) as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise ScanError(f"{name}: not a regular file", code="receipt.unreadable-input")
            digest, left = hashlib.sha256(), status.st_size
            while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
                digest.update(chunk)
                left -= len(chunk)
            if left or stream.read(1):
                raise ScanError(f"changed while it was read: {name}", code="receipt.inputs-changed")
    except OSError as error:
        raise ScanError(
            f"{name}: cannot be read: {error.strerror}; a receipt vouches for every file",
            code="receipt.unreadable-input",
        ) from error
    mark = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return status.st_size, digest.hexdigest(), mark
