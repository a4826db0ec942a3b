"""`beholden explain FINDING_ID`: one finding in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from beholden.cli.options import output_format, print_document
from beholden.compile import home
from beholden.errors import LookupFailedError, UsageError
from beholden.schema.comparison import Comparison, Supposition
from beholden.schema.result import Finding, ScanResult

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command()
@click.argument("finding_id")
@click.option(
    "--result", "result_file", metavar="FILE", help="A JSON result of scan, whatif or diff (default: the last scan's)."
)
@output_format("table", "json")
def explain(finding_id: str, result_file: str | None, form: str) -> None:
    """Print the path, the arithmetic, the rules and both sides of one finding; a unique start of its id will do.

    An id that it had before two ids of a party were found to be one will do as well.

    FILE may also be what `whatif` or `diff` gave with --format json: the second side's finding is told, or the first's
    where there is no other.
    """
    path = Path(result_file) if result_file else home() / "last-result.json"
    document = _read(path, is_named=result_file is not None)
    from beholden.report.explanation import explanation_of, render_explanation, sides_of

    finding, result = _find(sides_of(document), finding_id)

    if form == "json":
        print_document(explanation_of(finding, result))
        return

    click.echo(render_explanation(finding, result), nl=False)


def _read(path: Path, *, is_named: bool) -> ScanResult | Comparison | Supposition:
    try:
        data = path.read_bytes()
        command = msgspec.json.decode(data, type=_Head).command
        return msgspec.json.decode(data, type=_DOCUMENTS.get(command, ScanResult))
    except OSError as error:
        hint = None if is_named else "run `beholden scan` first, or name a result with --result"
        raise UsageError(f"{path}: {error.strerror}", code="explain.no-result", hint=hint) from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is not a result: {error}", code="explain.not-a-result") from error


class _Head(msgspec.Struct):
    """What says which document it is."""

    command: str


_DOCUMENTS: dict[str, type[ScanResult | Comparison | Supposition]] = {
    "scan": ScanResult,
    "diff": Comparison,
    "whatif": Supposition,
}


def _find(sides: list[ScanResult], finding_id: str) -> tuple[Finding, ScanResult]:
    rows = [(finding, result) for result in sides for finding in result.findings]
    tests: tuple[Callable[[Finding], bool], ...] = (
        lambda row: row.id == finding_id,
        lambda row: finding_id in row.previous_ids,
        lambda row: row.id.startswith(finding_id),
        lambda row: any(one.startswith(finding_id) for one in row.previous_ids),
    )
    for test in tests:
        found: dict[str, tuple[Finding, ScanResult]] = {}
        for finding, result in rows:
            if test(finding):
                found.setdefault(finding.id, (finding, result))
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            listed = "\n".join(f"  {one}: {finding.why}" for one, (finding, _) in list(found.items())[:10])
            raise LookupFailedError(f"several findings start with {finding_id}:\n{listed}", code="explain.ambiguous")
    raise LookupFailedError(f"no finding has the id {finding_id}", code="explain.not-found")
