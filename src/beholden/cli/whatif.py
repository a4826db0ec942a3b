"""`beholden whatif PATH...`: where we would stand if a party were listed, freed, sold, or a rule suspended."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from beholden.cli.options import (
    IsoDate,
    clocks,
    day_asked,
    existing,
    output_format,
    print_comparison,
    today,
    who_we_are,
)
from beholden.cli.options import max_age as with_max_age
from beholden.cli.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from beholden.run.hypothesis import Wish

_ORDER = "beholden.order"
# What a hypothesis may be told more of, by the option that states it.
_DETAILS: dict[str, tuple[str, ...]] = {
    "designate": ("regime", "on"),
    "lift": ("regime", "on"),
    "sell": ("on",),
    "suspend": ("since", "until"),
}
_SPELLED = {"since": "from", "until": "to"}


class _InOrder(click.Command):
    """Remembers in which order options were given: `--regime` and the dates belong to the hypothesis before them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


@click.command(cls=_InOrder)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--designate", multiple=True, metavar="ENTITY", help="This party is listed under --regime.")
@click.option("--lift", multiple=True, metavar="ENTITY", help="This party is on --regime no longer.")
@click.option("--regime", multiple=True, metavar="LIST", help="The list, for the --designate or --lift before it.")
@click.option("--on", multiple=True, type=IsoDate(), metavar="DATE", help="From this day on (default: the as-of date).")
@click.option("--suspend", multiple=True, metavar="RULE", help="A list's rules, one rule or an ownership rule rest.")
@click.option(
    "--from", "since", multiple=True, type=IsoDate(), metavar="DATE", help="Suspended from here (default: as-of)."
)
@click.option("--to", "until", multiple=True, type=IsoDate(), metavar="DATE", help="Suspended until here.")
@click.option("--sell", multiple=True, metavar="'OWNER>OWNED=PCT'", help="The holding is this many percent; 0: none.")
@clocks
@who_we_are
@click.option("--allow-incomplete", is_flag=True, help="Exit 0 even where an input was rejected in whole or part.")
@with_max_age
@output_format("table", "json", "jsonl")
@click.pass_context
def whatif(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    as_of: date | None,
    known_at: date | None,
    profile: str | None,
    roles: tuple[str, ...],
    allow_incomplete: bool,
    max_age: int | None,
    form: str,
    **given: tuple[Any, ...],
) -> int:
    """Say what of ours would be newly prohibited, restricted, upcoming or freed, how much it is, and from which day.

    Hypotheses may be repeated and combined; they take place in the order given. --regime, --on, --from and --to belong
    to the hypothesis before them; one that is given once goes for all.

    Exit codes: 0 answered, 2 usage, 3 an input was rejected in whole or part, 4 knowledge base missing, 5 an entity is
    ambiguous or not found, 70 bug.
    """
    from beholden.run.job import Job
    from beholden.run.whatif import what_if

    day = day_asked(as_of, known_at, today())
    wishes = list(_wishes(ctx.meta[_ORDER], given, day))
    for name in (*paths, *filter(None, (profile,))):
        existing(name)
    job = Job(paths=paths, as_of=day, known_at=known_at, profile=profile, roles=roles, max_age=max_age)
    with Progress(sys.stderr) as progress:
        answered = what_if(job, wishes, progress=progress.step)
    print_comparison(answered.document, form)
    return 3 if answered.has_rejects and not allow_incomplete else 0


@dataclass(slots=True)
class _Stated:
    """One hypothesis of the command line, with the details that follow it."""

    kind: str
    value: str
    details: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def option(self) -> str:
        return f"--{self.kind} {self.value}"


def _wishes(order: Sequence[str], given: dict[str, tuple[Any, ...]], as_of: date) -> Iterator[Wish]:
    from beholden.run.hypothesis import Designate, Lift, Suspend, read_sale

    for stated in _stated(order, given):
        on = _one(stated, "on", as_of)
        match stated.kind:
            case "suspend":
                since, until = _one(stated, "since", as_of), _one(stated, "until", None)
                yield Suspend(target=stated.value, since=since, until=until)
            case "sell":
                yield read_sale(stated.value, on)
            case kind:
                if not stated.details.get("regime"):
                    raise click.UsageError(f"{stated.option}: name the list with --regime")
                for regime in stated.details["regime"]:
                    make = Designate if kind == "designate" else Lift
                    yield make(entity=stated.value, regime=regime, on=on)


def _stated(order: Sequence[str], given: dict[str, tuple[Any, ...]]) -> list[_Stated]:
    """Hypotheses in order, each with its details; a detail given once goes for every hypothesis that it fits."""
    values = {name: iter(all_of) for name, all_of in given.items()}
    found: list[_Stated] = []
    for name in order:
        if name in _DETAILS:
            found.append(_Stated(name, next(values[name])))
        elif name in values:
            value, option = next(values[name]), f"--{_SPELLED.get(name, name)}"
            fitting = [stated for stated in found if name in _DETAILS[stated.kind]]
            if len(given[name]) == 1:
                continue
            if not fitting or fitting[-1] is not found[-1]:
                raise click.UsageError(f"{option} {value} belongs to no hypothesis; give it after the one it is about")
            fitting[-1].details.setdefault(name, []).append(value)
    if not found:
        raise click.UsageError("say what to suppose: --designate, --lift, --suspend or --sell")
    for name, all_of in given.items():
        if name in _DETAILS or len(all_of) != 1:
            continue
        fitting = [stated for stated in found if name in _DETAILS[stated.kind]]
        if not fitting:
            raise click.UsageError(f"--{_SPELLED.get(name, name)} fits no hypothesis that was given")
        for stated in fitting:
            stated.details[name] = list(all_of)
    return found


def _one(stated: _Stated, name: str, default: Any) -> Any:  # noqa: ANN401 (a value of an option)
    values = stated.details.get(name, [default])
    if len(values) > 1:
        raise click.UsageError(f"{stated.option}: --{_SPELLED.get(name, name)} is given twice")
    return values[0]
