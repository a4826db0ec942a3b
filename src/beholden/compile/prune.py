"""Compiled bases that nothing needs any more: they can be built again from what is held, and take the most room."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from beholden.compile.opening import in_use
from beholden.compile.pipeline import CANNOT_WRITE, STAGING, locked, unwritable

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OldBase:
    """A base that is neither in use nor the core.

    Attributes:
        digest: Its name.
        size: What its files take, in bytes.
        used_at: When it was built, put out of use, or named in a command, whichever was last; UTC.
    """

    digest: str
    size: int
    used_at: datetime


def old_bases(folder: Path, before: datetime) -> list[OldBase]:
    """Bases that nothing needs, the oldest first.

    Args:
        folder: The home folder.
        before: Only those that were used last before this time.

    Raises:
        KnowledgeBaseError: What says which base is in use is damaged: then nothing is known to be needless.
    """
    bases = folder / "kb"
    pointer = in_use(folder)
    needed = {pointer.digest if pointer is not None else None, _core(bases)}
    found = []
    for path in bases.glob("*"):
        if _DIGEST.fullmatch(path.name) is None or path.name in needed or path.is_symlink() or not path.is_dir():
            continue
        # Without the lock, somebody else may remove it meanwhile.
        with suppress(FileNotFoundError):
            used_at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
            if used_at < before:
                found.append(OldBase(path.name, sum(file.stat().st_size for file in path.iterdir()), used_at))
    return sorted(found, key=lambda base: (base.used_at, base.digest))


def remove_old(folder: Path, before: datetime) -> list[OldBase]:
    """Remove bases that nothing needs.

    A process that has such a base open keeps what it has mapped, and gets an error for what it opens later; no answer
    ever comes from half a base, because a folder is first renamed.

    Args:
        folder: The home folder.
        before: Only those that were used last before this time.

    Returns:
        What was removed, the oldest first.

    Raises:
        KnowledgeBaseError: What says which base is in use is damaged, or the folder cannot be written.
    """
    bases = folder / "kb"
    try:
        with locked(bases):
            removed = old_bases(folder, before)
            for base in removed:
                # Under this name the next build removes what is left, should this process be killed.
                aside = Path(tempfile.mkdtemp(prefix=STAGING, dir=bases))
                (bases / base.digest).rename(aside / base.digest)
                shutil.rmtree(aside)
    except CANNOT_WRITE as error:
        raise unwritable(bases, error) from error
    return removed


def _core(bases: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((bases / "core.json").read_text())["digest"])
    return None
