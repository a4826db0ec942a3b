"""Every command with every option, as the command line itself has them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from beholden.cli import cli
from tables import NONE, code, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """# Commands

Generated from the program. Dates are `YYYY-MM-DD`. What a command answers is on standard output, everything else on
standard error. See also [exit codes and environment](exit-codes.md) and [error codes](errors.md).

"""


def pages() -> dict[str, str]:
    """One page with all commands."""
    return {"reference/commands.md": _INTRODUCTION + "".join(_described(cli, "beholden", None))}


def _described(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    path = context.command_path
    yield f"## `{path}` {{#{path.replace(' ', '-')}}}\n\n"
    yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```\n\n"
    yield f"{inspect.cleandoc(command.help or '')}\n\n"
    options = [parameter for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    yield table(("option", "value", "default", "what it does"), (_row(option, context) for option in options))
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                yield from _described(found, inner, context)


def _row(option: click.Option, context: click.Context) -> tuple[str, str, str, str]:
    names = [*option.opts, *option.secondary_opts]
    value = NONE if option.is_flag or option.count else _value(option, context)
    default = option.default
    shown = code(str(default)) if isinstance(default, str | int) and not isinstance(default, bool) else NONE
    return code(names), value, shown, plain(option.help)


def _value(option: click.Option, context: click.Context) -> str:
    if isinstance(option.type, click.Choice):
        return code(str(choice) for choice in option.type.choices)
    return code(option.make_metavar(context))
