"""The command line: one module per command, loaded when it is called; no business logic."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from beholden import __version__
from beholden.errors import BeholdenError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Command → module and function; the list is what `--help` shows, in this order.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "scan": ("beholden.cli.scan", "scan", "Read everything below the paths and report findings."),
    "show": ("beholden.cli.show", "show", "Dossier of an entity or an artefact."),
    "explain": ("beholden.cli.explain", "explain", "One finding: whole path and arithmetic."),
    "diff": ("beholden.cli.diff", "diff", "Two results, dates or bases: what differs, because of what."),
    "whatif": ("beholden.cli.whatif", "whatif", "Where we would stand if a party were listed, freed or sold."),
    "kb": ("beholden.cli.kb", "kb", "Load official lists; build, describe, compare the base."),
}
EXIT_BUG = 70


class _Lazy(click.Group):
    """A group that imports a command only when it is asked for, so that `--version` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"beholden {__version__}")
        if "--verbose" in sys.argv:
            from beholden import engine

            click.echo(engine.told())
        ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
@click.option("--verbose", is_flag=True, help="With --version: also say which engine runs.")
def cli(verbose: bool) -> None:
    """Who are you beholden to?

    Reads what an organisation already has and says where it depends on, sends data to, or pays a restricted or
    contested party: under which rule, binding whom, as of which date. Only `kb update` uses the
    network, and `scan --runner spark` what you name for it.
    """
    level = os.environ.get("BEHOLDEN_LOG", "DEBUG" if verbose else "WARNING").upper()
    logging.basicConfig(level=getattr(logging, level, logging.WARNING), format="%(levelname)s %(name)s: %(message)s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code (DESIGN section 5)."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BeholdenError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output went away; point stdout elsewhere so that closing it at exit does not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # the outermost edge: a bug is said to be one
        if os.environ.get("BEHOLDEN_LOG", "").upper() == "DEBUG":
            raise
        click.echo(
            f"bug: {type(error).__name__}: {error}\nPlease report it; BEHOLDEN_LOG=debug shows where it happened.",
            err=True,
        )
        sys.exit(EXIT_BUG)
    sys.exit(code if isinstance(code, int) else 0)
