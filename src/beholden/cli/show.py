"""`beholden show ENTITY|ARTEFACT`: a dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from beholden.cli.options import clocks, day_asked, existing, output_format, print_document, today
from beholden.cli.options import max_age as with_max_age

if TYPE_CHECKING:
    from datetime import date


@click.command()
@click.argument("asked", metavar="ENTITY|ARTEFACT")
@clocks
@click.option("--profile", metavar="FILE", help="Lay the in-house packs of this beholden.toml over the base.")
@with_max_age
@output_format("table", "json")
def show(
    asked: str, as_of: date | None, known_at: date | None, profile: str | None, max_age: int | None, form: str
) -> None:
    """Print what the base says about an entity (id, identifier or name) or an artefact (address, domain, MAC, purl).

    An ambiguous or unknown name prints the candidates and exits 5.
    """
    from beholden.compile import open_base
    from beholden.run.age import refuse_old
    from beholden.run.dossier import show as dossier_of

    # Arguments that are not UTF-8 arrive as lone surrogates, which no table can be asked for.
    readable = asked.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    base = open_base()
    if profile is not None:
        from beholden.compile import open_overlaid
        from beholden.policy.profile import read_profile

        base = open_overlaid(base, read_profile(existing(profile)).overlays)
    day = day_asked(as_of, known_at, today())
    refuse_old(base, day, max_age)
    dossier = dossier_of(base, readable, as_of=day, known_at=known_at)
    if form == "json":
        print_document(dossier)
        return
    from beholden.report.dossier import render_dossier

    click.echo(render_dossier(dossier), nl=False)
