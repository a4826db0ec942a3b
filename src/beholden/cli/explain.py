"""`beholden explain FINDING_ID`: one finding in full."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from beholden.cli.options import output_format, print_document
from beholden.compile import home
from beholden.errors import LookupFailedError, UsageError
from beholden.schema.result import Finding, ScanResult


@click.command()
@click.argument("finding_id")
@click.option("--result", "result_file", metavar="FILE", help="A JSON result (default: the last scan's).")
@output_format("table", "json")
def explain(finding_id: str, result_file: str | None, form: str) -> None:
    """Print the path, the arithmetic, the rules and both sides of one finding; a unique start of its id will do."""
    result = _read(Path(result_file) if result_file else home() / "last-result.json", is_named=result_file is not None)
    finding = _find(result, finding_id)
    from beholden.report.explanation import explanation_of, render_explanation

    if form == "json":
        print_document(explanation_of(finding, result))
        return

    click.echo(render_explanation(finding, result), nl=False)


def _read(path: Path, *, is_named: bool) -> ScanResult:
    try:
        return msgspec.json.decode(path.read_bytes(), type=ScanResult)
    except OSError as error:
        hint = None if is_named else "run `beholden scan` first, or name a result with --result"
        raise UsageError(f"{path}: {error.strerror}", code="explain.no-result", hint=hint) from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is not a scan result: {error}", code="explain.not-a-result") from error


def _find(result: ScanResult, finding_id: str) -> Finding:
    found = [finding for finding in result.findings if finding.id.startswith(finding_id)]
    whole = [finding for finding in found if finding.id == finding_id]
    if len(found) == 1 or whole:
        return (whole or found)[0]
    if not found:
        raise LookupFailedError(f"no finding has the id {finding_id}", code="explain.not-found")
    listed = "\n".join(f"  {finding.id}: {finding.why}" for finding in found[:10])
    raise LookupFailedError(f"several findings start with {finding_id}:\n{listed}", code="explain.ambiguous")
