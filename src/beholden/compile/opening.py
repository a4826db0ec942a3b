"""The base in use, and how it is opened: without what compiles one, which takes longer to load than an answer."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import msgspec

from beholden import __version__
from beholden.errors import KnowledgeBaseError
from beholden.kb.base import KnowledgeBase
from beholden.schema.version import KB_SCHEMA

# Which base is in use, and which one is the packs alone; both below the bases.
POINTER, CORE_POINTER = "current.json", "core.json"
# Packages whose code decides what packs compile to.
_COMPILING = ("compile", "kb", "schema", "values")
_HINT = "run `beholden kb build`"


class Pointer(msgspec.Struct, frozen=True):
    """Which base is in use, what decided its rows, and what was noticed when it was built.

    Attributes:
        digest: Of the base; None: the packs alone, because nothing was held on that day.
        key: Of the packs, and of the code that turns packs and publications into rows.
        as_held: Only publications held by this day went into it; None: all.
        remarks: Where publications disagree with what was reviewed. Kept here and not in the base: what was reviewed
            stands, so no row tells of it, and two sets of publications may give one base and other remarks.
    """

    digest: str | None
    key: str
    as_held: date | None = None
    remarks: list[str] = []


def core_packs() -> Path:
    """The packs that the package ships."""
    return Path(__file__).parents[1] / "packs"


def home() -> Path:
    """Where knowledge bases and last results live: `BEHOLDEN_HOME`, else the platform's data folder."""
    if chosen := os.environ.get("BEHOLDEN_HOME"):
        return Path(chosen).absolute()
    from platformdirs import user_data_path

    return user_data_path("beholden", appauthor=False)


def open_base() -> KnowledgeBase:
    """The base in use.

    Raises:
        KnowledgeBaseError: It was built by another version of this program, or it is damaged.
    """
    bases = home() / "kb"
    pointer = in_use(home())
    if pointer is None:
        return open_core()
    if pointer.key != packs_key(core_packs(), "sources"):
        # Falling back to the packs would answer without the lists that were imported.
        raise KnowledgeBaseError(
            "the base in use was built by another version of beholden", code="kb.other-version", hint=_HINT
        )
    base = open_core() if pointer.digest is None else KnowledgeBase.open(bases / pointer.digest)
    base.as_held = pointer.as_held
    return base


def in_use(folder: Path) -> Pointer | None:
    """Which base is in use; None: the packs alone, because no publication is held now.

    Args:
        folder: The home folder.

    Raises:
        KnowledgeBaseError: What says so is damaged.
    """
    pointer = folder / "kb" / POINTER
    try:
        return msgspec.json.decode(pointer.read_bytes(), type=Pointer)
    except OSError:
        return None
    except msgspec.MsgspecError as error:
        raise KnowledgeBaseError(f"{pointer}: {error}", code="kb.damaged", hint=_HINT) from error


def open_core() -> KnowledgeBase:
    """The core base: compiled at first use, in memory where nothing can be written.

    Raises:
        CompileError: A shipped pack is damaged.
    """
    packs = core_packs()
    key = packs_key(packs)
    found = ready(home() / "kb", key)
    if found is not None:
        return found
    # It takes 100 ms to load, and only the first use needs it here.
    from beholden.compile.pipeline import core_built

    return core_built(packs, key)


def packs_key(packs: Path, *more: str) -> str:
    """What decides the compiled rows: the packs, and the code that turns them into rows.

    Args:
        packs: Folder of the packs, inside the package.
        more: Further packages of which the code decides.
    """
    digest = hashlib.sha256(f"{KB_SCHEMA} {__version__}".encode())
    package = packs.parent
    code = [
        path
        for folder in (*_COMPILING, *more)
        for path in (package / folder).rglob("*")
        if path.suffix in (".py", ".toml")
    ]
    for path in sorted([*(path for path in packs.rglob("*") if path.suffix in (".toml", ".csv")), *code]):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def ready(bases: Path, key: str) -> KnowledgeBase | None:
    """The core base of this key, if it was built and opens."""
    try:
        pointer = json.loads((bases / CORE_POINTER).read_text())
        if pointer["packs"] == key:
            return KnowledgeBase.open(bases / pointer["digest"])
    except (OSError, ValueError, KeyError, TypeError, KnowledgeBaseError):
        return None
    return None
