"""Building the base in use: the packs with the publications that are held, or the packs alone where none is."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from beholden.compile.assemble import Part, assemble
from beholden.compile.decisions import DECISIONS_FILE, decided, read_decisions, standing_decisions, write_decisions
from beholden.compile.integrity import check
from beholden.compile.opening import POINTER, Pointer, core_packs, in_use, packs_key
from beholden.compile.packs import read_packs
from beholden.compile.pipeline import (
    CANNOT_WRITE,
    STAGING,
    locked,
    mended_core,
    note_use,
    place,
    unwritable,
    write_pointer,
)
from beholden.errors import CompileError, KnowledgeBaseError, SourceError, UsageError
from beholden.sources import every_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from beholden.compile.assemble import Decisions
    from beholden.compile.decisions import Decision
    from beholden.kb.base import KnowledgeBase
    from beholden.sources.held import Held

_IN_WORDS = {"same": "one party", "apart": "two parties"}


class MisfitError(CompileError):
    """What a caller brought in does not fit what was there."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A base that was built from packs and publications.

    Attributes:
        base: The base, in use from now on.
        held: Publications that went into it.
        remarks: Where publications disagree with the packs.
    """

    base: KnowledgeBase
    held: Sequence[Held]
    remarks: Sequence[str]


def rebuild(folder: Path, *, as_held: date | None = None, new: Iterable[Held] = ()) -> Rebuilt:
    """Build the base of the packs and of the publications that are held, and put it in use in one step.

    What the user decided about pairs goes into it.

    Args:
        folder: The home folder.
        as_held: Only publications that were held by the end of this day (UTC); None: all.
        new: Those that the caller brought in for this build.

    Raises:
        MisfitError: The rest gives a base, and with `new` it gives none.
        CompileError: A pack is damaged, or the rest gives no base either.
        SourceError: A publication that was held cannot be read any more.
        KnowledgeBaseError: The folder cannot be written.
        UsageError: The decisions of the user are not as expected.
    """
    bases = folder / "kb"
    try:
        with locked(bases):
            decisions = read_decisions(folder / DECISIONS_FILE)
            try:
                made = _compiled(folder, decisions, as_held)
            except CompileError as error:
                if new and _fits(folder, decisions, as_held, without=new):
                    raise MisfitError(error.message, code=error.code, hint=error.hint, origin=error.origin) from error
                raise
            if made is not None:
                _use(bases, made, as_held)
                return made
            _note_outgoing(bases)
            if as_held is None:
                (bases / POINTER).unlink(missing_ok=True)
            else:
                # Without it, answers would come from the packs alone and nothing would say why.
                _point(bases, Pointer(None, packs_key(core_packs(), "sources"), as_held))
    except CANNOT_WRITE as error:
        raise unwritable(bases, error) from error
    base = mended_core()
    base.as_held = as_held
    return Rebuilt(base, [], [])


def redecide(folder: Path, change: Callable[[list[Decision]], list[Decision]]) -> Rebuilt:
    """Change what the user decided, and put the base that follows from it in use; all of it or nothing.

    Args:
        folder: The home folder.
        change: The decisions as they are → as they shall be. It is asked while nobody else can change them.

    Raises:
        CompileError: With these decisions the rows do not fit together.
        UsageError: No publication is held, the decisions are not as expected, or a new one contradicts others.
        SourceError, KnowledgeBaseError: As of `rebuild`.
    """
    bases = folder / "kb"
    try:
        with locked(bases):
            # Read here: whoever held the lock until now may have put another base in use.
            pointer = in_use(folder)
            as_held = pointer.as_held if pointer is not None else None
            before = read_decisions(folder / DECISIONS_FILE)
            after = change(before)
            made = _compiled(folder, after, as_held)
            if made is None:
                raise UsageError(
                    "no publication is held, and the packs are reviewed already: there is nothing to decide",
                    code="review.nothing-held",
                    hint="run `beholden kb import` or `beholden kb update` first",
                )
            if any(item not in before for item in after):
                _refuse_contradiction(standing_decisions(after), made.base)
            write_decisions(folder / DECISIONS_FILE, after)
            _use(bases, made, as_held)
            return made
    except CANNOT_WRITE as error:
        raise unwritable(bases, error) from error


def _refuse_contradiction(standing: Iterable[Decision], base: KnowledgeBase) -> None:
    """A new decision stands beside all others; none of them may silently give way."""
    for item in standing:
        is_one = base.canonical(item.one) == base.canonical(item.other)
        if is_one != (item.decided == "same"):
            raise UsageError(
                f"with that, {item.one} and {item.other} could not be {_IN_WORDS[item.decided]}, as was decided: "
                f"{item.because}",
                code="review.contradiction",
                hint="`beholden kb review --show decided` lists them, --undo takes one back",
            )


def _fits(folder: Path, decisions: Sequence[Decision], as_held: date | None, *, without: Iterable[Held]) -> bool:
    """Whether all but some publications give a base: then it is those that do not fit, and else somebody else's."""
    try:
        _compiled(folder, decisions, as_held, without)
    except (CompileError, SourceError):
        return False
    return True


def _compiled(
    folder: Path, decisions: Sequence[Decision], as_held: date | None, without: Iterable[Held] = ()
) -> Rebuilt | None:
    """The base of packs, publications and decisions; None: no publication is held. The caller holds the lock."""
    from beholden.sources.snapshot import Store

    chosen = _chosen(Store(folder), as_held, {(item.slug, item.name) for item in without})
    if not chosen:
        return None
    made = _build([part for part, _ in chosen], decided(decisions), folder / "kb")
    return Rebuilt(made.base, [held for _, held in chosen], made.remarks)


def _build(parts: Sequence[Part], decisions: Decisions, bases: Path) -> Rebuilt:
    """Compile the packs with publications; the rows wait in a file, however many there are."""
    rows = read_packs(core_packs())
    check(rows)
    waiting = Path(tempfile.mkdtemp(prefix=STAGING, dir=bases))
    try:
        made = assemble(rows, parts, decisions, waiting / "rows.sqlite")
        base = place(made.tables, bases)
        made.tables.close()
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return Rebuilt(base, [], made.remarks)


def _note_outgoing(bases: Path) -> None:
    """A base that is put out of use may still be open somewhere, whenever it was built."""
    with suppress(KnowledgeBaseError):
        pointer = in_use(bases.parent)
        if pointer is not None and pointer.digest is not None:
            note_use(bases / pointer.digest)


def _use(bases: Path, made: Rebuilt, as_held: date | None) -> None:
    _note_outgoing(bases)
    made.base.as_held = as_held
    _point(bases, Pointer(made.base.digest, packs_key(core_packs(), "sources"), as_held, list(made.remarks)))


def _point(bases: Path, pointer: Pointer) -> None:
    write_pointer(bases / POINTER, msgspec.to_builtins(pointer))


def _chosen(
    store: Any,  # noqa: ANN401
    as_held: date | None,
    without: AbstractSet[tuple[str, str]],
) -> list[tuple[Part, Held]]:
    """The publications that go into a base, of each importer the newest first."""
    chosen: list[tuple[Part, Held]] = []
    for source in every_source():
        copies = any(item.kind == "copies" for item in source.descriptor.lists)
        held = [
            item
            for item in store.held(source.descriptor.slug, as_held=as_held)
            if (item.slug, item.name) not in without
        ]
        for item in speaking(held, every_edition=copies):
            publication = store.publication(item, source.descriptor)
            chosen.append((Part(source, publication, item.is_partial), item))
    return chosen


def speaking(held: Iterable[Held], *, every_edition: bool) -> list[Held]:
    """What of the publications of one importer goes into a base: a part adds to a whole one and never replaces it.

    Of each day the whole publication that was held last, and the parts that came in after it: it corrects those before
    it. Where not every edition counts, those from the latest day on that has a whole one; without any, all parts.

    Args:
        held: Records of one importer.
        every_edition: Whether earlier editions say who was listed when.

    Returns:
        The newest day first: its captions and addresses are the present ones; of one day the whole publication, then
        parts in an order that does not tell when they came in.
    """
    by_edition: dict[date, list[Held]] = defaultdict(list)
    for item in sorted(held, key=lambda item: item.held_at):
        by_edition[item.edition].append(item)
    chosen: list[Held] = []
    for _, of_the_day in sorted(by_edition.items(), reverse=True):
        whole = [item for item in of_the_day if not item.is_partial][-1:]
        seen = {item.digest for item in whole}
        chosen += whole
        parts = [item for item in of_the_day if item.is_partial and all(item.held_at > one.held_at for one in whole)]
        for item in sorted(parts, key=lambda item: item.digest):
            if item.digest not in seen:
                chosen.append(item)
                seen.add(item.digest)
        if whole and not every_edition:
            break
    return chosen
