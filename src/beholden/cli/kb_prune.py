"""`beholden kb prune`: remove compiled bases that nothing needs any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from beholden.cli.options import output_format, print_document
from beholden.compile import home, old_bases, remove_old

_MIB = 1 << 20


@click.command()
@click.option(
    "--older-than",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="Only bases that nobody used for so long.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
@output_format("table", "json")
def prune(older_than: int, dry_run: bool, form: str) -> None:
    """Remove compiled bases that nobody used for some time; never the one in use, nor that of the packs alone.

    Publications stay: `kb build --as-held DATE` gives the base of an earlier day again. A base counts as used when it
    is built, put out of use, or named for `kb diff`, `kb export` or a receipt.

    Exit codes: 0 removed or nothing to remove, 4 not known which base is in use, or nothing can be written.
    """
    before = datetime.now(tz=UTC) - timedelta(days=older_than)
    found = old_bases(home(), before) if dry_run else remove_old(home(), before)
    if form == "json":
        from beholden.schema.bases import PrunedBase, Pruning

        bases = [
            PrunedBase(digest=base.digest, bytes=base.size, used_at=base.used_at.isoformat(timespec="seconds"))
            for base in found
        ]
        print_document(Pruning(older_than_days=older_than, dry_run=dry_run, bases=bases))
        return
    for base in found:
        click.echo(f"{base.digest[:16]}  {base.size / _MIB:,.0f} MiB  last used {base.used_at:%Y-%m-%d}")
    what = "would be removed" if dry_run else "removed"
    count = "1 base" if len(found) == 1 else f"{len(found)} bases"
    click.echo(f"{count} {what}, {sum(base.size for base in found) / _MIB:,.0f} MiB")
