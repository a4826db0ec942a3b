"""Makes, seals and reads receipts. Nothing here reads a clock; the time comes from the command line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from beholden import __version__
from beholden.errors import UsageError
from beholden.run.job import Job, exit_code
from beholden.run.statement import statement_of
from beholden.scan import SCANNERS, scanners
from beholden.schema.receipt import CoverageTotals, Receipt, ReceiptBase, ReceiptOptions, ReceiptResult, Tool
from beholden.schema.version import KB_SCHEMA, RECEIPT_SCHEMA
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from beholden.run.inventory import Inventory
    from beholden.schema.assessment import Assessment
    from beholden.schema.result import Coverage

# Their data or code decides which names and domains match.
_DECIDING = ("publicsuffixlist", "rapidfuzz")
_TIME = "%Y-%m-%dT%H:%M:%SZ"
# A line per file that was searched; half a million files stay below it.
MAX_BYTES = 256 * 1024 * 1024


def make_receipt(
    job: Job, assessment: Assessment, inventory: Inventory, document: bytes, *, made_at: datetime
) -> Receipt:
    """Say what a finished job searched and what came out.

    Args:
        job: What was asked.
        assessment: What came out.
        inventory: What was read.
        document: The result as the JSON report writes it.
        made_at: When the search began.
    """
    result = assessment.result
    totals = _totals(result.coverage)
    receipt = Receipt(
        tool=_tool(),
        made_at=made_at.astimezone(UTC).strftime(_TIME),
        as_of=result.as_of,
        known_at=result.known_at,
        paths=list(job.paths),
        outputs=[*job.outputs, *job.state[:1]],
        options=_options(job),
        inputs=inventory.inputs,
        files=inventory.files,
        base=ReceiptBase(digest=result.kb.digest, schema=KB_SCHEMA, lists=result.kb.sources),
        result=ReceiptResult(
            sha256=hashlib.sha256(document).hexdigest(),
            findings=len(result.findings),
            by_level=result.summary.by_level,
            coverage=totals,
            exit_code=exit_code(job, assessment),
        ),
        statement=statement_of(result, inventory.inputs, totals, made_at.astimezone(UTC)),
    )
    receipt.digest = _digest(msgspec.to_builtins(receipt))
    return receipt


def written(receipt: Receipt) -> bytes:
    """The receipt as a file.

    Raises:
        UsageError: A path was given whose bytes are not UTF-8, which JSON cannot carry.
    """
    try:
        return (json.dumps(msgspec.to_builtins(receipt), indent=2, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            "a receipt cannot name a path that is not UTF-8",
            code="receipt.not-utf8",
            hint="rename it, or scan from inside",
        ) from error


def read_receipt(path: Path) -> tuple[Receipt, bool]:
    """A receipt, and whether its digest is that of its content.

    Raises:
        UsageError: Not a receipt, or one of a later model.
    """
    try:
        document = json.loads(_bounded(path), object_pairs_hook=_once)
        # Before the rest, which may be laid out otherwise there.
        _check_model(path, document)
        receipt = msgspec.convert(document, Receipt)
        job_of(receipt)
        made_at(receipt)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", code="receipt.unreadable") from error
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise UsageError(f"{path} is not a receipt: {error}", code="receipt.not-a-receipt") from error
    return receipt, receipt.digest == _digest(document)


def job_of(receipt: Receipt, at: Path = Path()) -> Job:
    """The job that a receipt records, with relative names rooted at a folder."""
    given = receipt.options
    return Job(
        paths=tuple(receipt.paths),
        as_of=date.fromisoformat(receipt.as_of),
        known_at=date.fromisoformat(receipt.known_at) if receipt.known_at else None,
        profile=given.profile,
        roles=tuple(given.roles),
        waivers=given.waivers,
        baseline=given.baseline,
        max_age=given.max_age,
        fail_on=Level(given.fail_on) if given.fail_on else None,
        is_confirmed_only=given.fail_on_confirmed,
        allow_incomplete=given.allow_incomplete,
        detect=tuple(given.detect),
        outputs=tuple(receipt.outputs),
        at=at,
    )


def made_at(receipt: Receipt) -> datetime:
    """When the search began."""
    return datetime.strptime(receipt.made_at, _TIME).replace(tzinfo=UTC)


def _options(job: Job) -> ReceiptOptions:
    return ReceiptOptions(
        profile=job.profile,
        roles=list(job.roles),
        max_age=job.max_age,
        waivers=job.waivers,
        baseline=job.baseline,
        fail_on=job.fail_on.value if job.fail_on else None,
        fail_on_confirmed=job.is_confirmed_only,
        allow_incomplete=job.allow_incomplete,
        detect=list(job.detect),
    )


def _tool() -> Tool:
    # Costs 60 ms to import, and only receipts need it.
    from importlib.metadata import version

    return Tool(
        name="beholden",
        version=__version__,
        libraries={name: version(name) for name in _DECIDING},
        plugins=[scanner.name for scanner in scanners()[len(SCANNERS) :]],
    )


def _totals(coverage: list[Coverage]) -> CoverageTotals:
    files, unresolved = Counter(row.status for row in coverage), Counter[str]()
    for row in coverage:
        unresolved.update(row.not_resolved)
    return CoverageTotals(
        files=dict(sorted(files.items())),
        records_read=sum(row.records_read for row in coverage),
        records_rejected=sum(row.records_rejected for row in coverage),
        not_resolved=dict(sorted(unresolved.items())),
    )


def _digest(document: dict[str, Any]) -> str:
    rest = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _bounded(path: Path) -> bytes:
    with path.open("rb") as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 2**20} MiB")
    return raw


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: of two, a reader would see one and the digest cover the other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _check_model(path: Path, document: object) -> None:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, str) or not isinstance(document, dict) or document.get("document") != "receipt":
        raise ValueError('expected an object with "document": "receipt"')
    if version.partition(".")[0] != RECEIPT_SCHEMA.partition(".")[0]:
        raise UsageError(
            f"{path} has schema {version}; this version reads {RECEIPT_SCHEMA}", code="receipt.other-schema"
        )
