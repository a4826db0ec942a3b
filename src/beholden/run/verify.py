"""Does the search of a receipt again and says, thing by thing, what agrees."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from beholden import compile as bases
from beholden.errors import BeholdenError
from beholden.kb.base import KnowledgeBase
from beholden.run.inventory import refuse_changes, take_inventory
from beholden.run.receipt import job_of, made_at, make_receipt
from beholden.schema.receipt import Check, InputEntry, NamedFile, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from beholden.run.inventory import Inventory
    from beholden.run.job import Job
    from beholden.schema.assessment import Assessment
    from beholden.schema.receipt import Receipt

F = TypeVar("F", InputEntry, NamedFile)

# A receipt comes from someone else and may name any folder: so many entries beyond those it lists, and no more.
_MORE_ENTRIES = 1_000
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Of these, none is a disagreement.
_HARMLESS = frozenset({"agrees", "other", "not_checked"})


# Does a job with a core base; gives what came out and its JSON report.
Search = Callable[["Job", KnowledgeBase], tuple["Assessment", bytes]]


def verify_receipt(receipt: Receipt, *, is_whole: bool, place: Path, at: Path, search: Search) -> Verification:
    """Recompute everything that a receipt records.

    Args:
        receipt: As read.
        is_whole: Whether its digest is that of its content.
        place: Where it was read.
        at: Where its relative paths are rooted.
        search: Does the job again.

    Raises:
        ScanError: An input changed while it was read.
    """
    job = job_of(receipt, at)
    most = len(receipt.inputs) + _MORE_ENTRIES
    seal = Check(about="receipt", item="digest", status="agrees" if is_whole else "differs")
    if not is_whole:
        seal.says = "the receipt was edited after it was made"
    told = receipt.statement
    base, base_check = _base(receipt)
    inventory, input_checks = _inputs(receipt, job, most)
    checks = [seal, *input_checks, base_check]
    if base is None or inventory is None:
        says = "needs the base that answered" if base is None else "needs the inputs"
        checks.append(Check(about="result", item="sha256", status="not_checked", says=says))
    else:
        try:
            assessment, document = search(job, base)
        except BeholdenError as error:
            says = f"the search cannot be repeated: {error}"
            checks.append(Check(about="result", item="sha256", status="differs", says=says))
        else:
            refuse_changes(inventory, take_inventory(job, most=most))
            fresh = make_receipt(job, assessment, inventory, document, made_at=made_at(receipt))
            checks += _compared_results(receipt, fresh)
            # Whoever sealed the receipt could write anything there; this is what the search says.
            told = fresh.statement
    return Verification(
        as_of=receipt.as_of,
        known_at=receipt.known_at,
        made_at=receipt.made_at,
        place=str(place),
        kb_digest=receipt.base.digest,
        agrees=verdict(checks) == 0,
        statement=told,
        checks=checks,
    )


def verify_base(folder: Path) -> Verification:
    """Recompute every digest of a written base."""
    problems = bases.verify(folder)
    checks = [Check(about="base", item=str(folder), status="differs", says=problem) for problem in problems]
    return Verification(
        place=str(folder),
        agrees=not problems,
        checks=checks or [Check(about="base", item=str(folder), status="agrees")],
    )


def verdict(checks: Iterable[Check]) -> int:
    """0 all agrees, 3 something does not, 4 the base could not be had; what is known to disagree comes first."""
    listed = list(checks)
    if any(check.status not in _HARMLESS for check in listed):
        return 3
    return 4 if any(check.status == "not_checked" for check in listed) else 0


def _base(receipt: Receipt) -> tuple[KnowledgeBase | None, Check]:
    """The core base that the receipt names: the one of this version, or one that is kept beside it."""
    digest = receipt.base.digest.partition("+")[0]
    lacking = Check(about="base", item=digest, status="not_checked")
    try:
        own = bases.open_base()
        if own.digest == digest:
            base, says = own, None
        elif _DIGEST.fullmatch(digest) and (bases.home() / "kb" / digest / "manifest.json").is_file():
            folder = bases.home() / "kb" / digest
            base, says = KnowledgeBase.open(folder), f"an earlier base; this version's is {own.digest}"
            bases.note_use(folder)
        else:
            lacking.says = f"is not in {bases.home() / 'kb'}; this version's is {own.digest}"
            return None, lacking
    except BeholdenError as error:
        lacking.says = str(error)
        return None, lacking
    problems = bases.verify(base.folder) if base.folder is not None else []
    if problems or base.digest != digest:
        lacking.says = "is damaged: " + ("; ".join(problems[:3]) or f"it is named {digest} and holds {base.digest}")
        return None, lacking
    return base, Check(about="base", item=digest, status="agrees", says=says)


def _inputs(receipt: Receipt, job: Job, most: int) -> tuple[Inventory | None, list[Check]]:
    """What is there now, where all of it could be looked at, and how it compares."""
    inventory = take_inventory(job, most=most)
    checks = [
        *_compared("input", receipt.inputs, inventory.inputs),
        *_compared("file", receipt.files, inventory.files),
    ]
    # What could not be looked at is not missing; nor is a pack, where the profile that names it cannot be read.
    unseen = {(about, name if about == "input" else None) for about, name, _ in inventory.problems}
    checks = [
        check
        for check in checks
        if check.status != "missing" or not {(check.about, check.item), (check.about, None)} & unseen
    ]
    checks += [
        Check(about=about, item=name, status="differs", says=str(why)) for about, name, why in inventory.problems
    ]
    if inventory.is_cut:
        says = f"more than {_MORE_ENTRIES:,} entries that the receipt does not list; no further ones were looked at"
        checks = [check for check in checks if check.status != "missing"]
        checks.append(Check(about="input", item="all", status="new", says=says))
    return None if inventory.is_cut or inventory.problems else inventory, checks


def _compared(about: str, recorded: list[F], present: list[F]) -> Iterator[Check]:
    """One check for each entry of either; names that are printed alike are compared in their order."""
    before: dict[str, list[F]] = _by_name(recorded)
    now: dict[str, list[F]] = _by_name(present)
    for name in dict.fromkeys([*before, *now]):
        was, there_is = before[name], now[name]
        for one, other in zip(was, there_is, strict=False):
            same = one == other
            says = None if same else _difference(one, other)
            yield Check(about=about, item=name, status="agrees" if same else "changed", says=says)
        for _ in was[len(there_is) :]:
            yield Check(about=about, item=name, status="missing")
        for _ in there_is[len(was) :]:
            yield Check(about=about, item=name, status="new", says="was not there")


def _by_name(entries: Iterable[F]) -> dict[str, list[F]]:
    named: dict[str, list[F]] = defaultdict(list)
    for entry in entries:
        named[entry.path].append(entry)
    return named


def _difference(one: InputEntry | NamedFile, other: InputEntry | NamedFile) -> str:
    if isinstance(one, InputEntry) and isinstance(other, InputEntry) and one.not_read != other.not_read:
        return f"was {one.not_read or 'readable'}, is {other.not_read or 'readable'}"
    if one.bytes != other.bytes:
        return f"had {one.bytes} bytes, has {other.bytes}"
    return f"had SHA-256 {one.sha256}, has {other.sha256}"


def _compared_results(receipt: Receipt, fresh: Receipt) -> Iterator[Check]:
    """What the search gave then and now; the tool may be another as long as that is the same."""
    is_other_tool = receipt.tool != fresh.tool
    yield Check(
        about="tool",
        item=f"{receipt.tool.name} {receipt.tool.version}",
        status="other" if is_other_tool else "agrees",
        says=f"verified with {_described(fresh)}, made with {_described(receipt)}" if is_other_tool else None,
    )
    yield _same("base", "digest with in-house packs", receipt.base.digest, fresh.base.digest)
    yield _same("base", "schema", receipt.base.schema, fresh.base.schema)
    yield _same("base", "lists searched", receipt.base.lists, fresh.base.lists)
    for item in ("sha256", "findings", "by_level", "coverage", "exit_code"):
        yield _same("result", item, getattr(receipt.result, item), getattr(fresh.result, item))
    statement = _same("receipt", "statement", receipt.statement, fresh.statement)
    if statement.status == "differs" and receipt.tool.version != fresh.tool.version:
        statement.status, statement.says = "other", "another version's words; those of this version are shown"
    yield statement


def _same(about: str, item: str, recorded: object, found: object) -> Check:
    if recorded == found:
        return Check(about=about, item=item, status="agrees")
    is_long = isinstance(recorded, list)
    says = "not the same lists, editions or spans" if is_long else f"recorded {recorded}, found {found}"
    return Check(about=about, item=item, status="differs", says=says)


def _described(receipt: Receipt) -> str:
    tool = receipt.tool
    parts = [f"{tool.name} {tool.version}", *(f"{name} {version}" for name, version in sorted(tool.libraries.items()))]
    return ", ".join(parts + [f"reader {name}" for name in tool.plugins])
