"""Publications that can be read, as their descriptors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.sources import every_source
from tables import NONE, code, plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beholden.schema.rows import Regime
    from beholden.sources.descriptor import Descriptor, Layout, ListOf

_HEAD = """# Publications

Generated from the descriptors. `beholden kb update` fetches those with an address, `beholden kb import` reads all of
them from files: [load the official lists](../how-to/official-lists.md), [add a source](../how-to/add-a-source.md).
Order is rank: of two publications that say the same of a party, the first speaks.

A layout marked **untried on a real file** was never run on a file of its publisher; such a file may hold what the
parser does not know, which is then told record by record.

"""
_HAPPENS = {
    "copies": "each copy restates who is on it",
    "editions": "prints several dated editions",
    "events": "rows with their own days",
}


def pages(regimes: dict[str, Regime]) -> dict[str, str]:
    """One page for all importers.

    Args:
        regimes: Lists that the packs know; they have pages of their own.
    """
    told = [source.descriptor for source in every_source()]
    overview = table(
        ("id", "publication", "publisher", "kind", "fetched", "stale after", "may be passed on"),
        (
            (
                f"[`{one.slug}`](#{one.slug})",
                plain(one.title),
                plain(one.publisher),
                one.kind,
                _fetched(one),
                _days(one),
                _yes(one.may_pass_on),
            )
            for one in told
        ),
    )
    return {"reference/publications.md": _HEAD + overview + "".join(_section(one, regimes) for one in told)}


def _section(one: Descriptor, regimes: dict[str, Regime]) -> str:
    facts = (
        ("publisher", plain(one.publisher)),
        ("class, grade of its rows", f"{plain(one.class_)}, {one.grade}"),
        ("licence", plain(one.licence)),
        ("attribution", plain(one.attribution)),
        ("may be passed on", _yes(one.may_pass_on)),
        ("described at", f"<{one.page}>" if one.page else NONE),
        ("cadence", plain(one.cadence)),
        ("stale after", _days(one)),
        ("which copy counts", "every one: it says who was listed when" if one.kind == "list" else "the latest"),
        ("fetched by `kb update`", _fetched(one)),
        ("lists", ", ".join(_list(item, regimes) for item in one.lists) or NONE),
    )
    return (
        f"## `{one.slug}` {{#{one.slug}}}\n\n**{plain(one.title)}.** {plain(one.covers)}\n\n"
        + table(("", ""), facts)
        + "".join(_addresses(one))
        + table(("layout", "files", "records of a whole one", "tried"), map(_layout, one.layouts))
    )


def _addresses(one: Descriptor) -> Iterator[str]:
    if not one.addresses:
        yield "No address is documented, or it needs a person: download it by hand.\n\n"
        return
    yield table(
        ("file", "address", "documented at"),
        ((code(item.name), f"<{item.url}>", f"<{item.documented_at}>") for item in one.addresses),
    )


def _layout(layout: Layout) -> tuple[str, ...]:
    specified = f" ([specification]({layout.specification}))" if _is_web(layout.specification) else ""
    if layout.specification and not specified:
        specified = f" ({plain(layout.specification)})"
    count = NONE if layout.records is None else f"{layout.records[0]:,} to {layout.records[1]:,}"
    tried = "**untried on a real file**" if layout.tried_on is None else f"on {plain(layout.tried_on)}"
    return code(layout.name), plain(layout.files) + specified, count, tried


def _list(item: ListOf, regimes: dict[str, Regime]) -> str:
    name = f"[`{item.regime}`](regimes/{item.regime}.md)" if item.regime in regimes else code(item.regime)
    back = ", back to the first" if item.reaches_back else ""
    if item.is_named_only:
        return f"{name} (where a file names it of a party)"
    return f"{name} ({_HAPPENS[item.kind]}{back})"


def _fetched(one: Descriptor) -> str:
    if not one.addresses:
        return "no"
    return "yes" if one.by_default else "when named, or held"


def _days(one: Descriptor) -> str:
    return NONE if one.max_age_days is None else f"{one.max_age_days} days"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _is_web(text: str | None) -> bool:
    return text is not None and text.startswith("https://") and not any(sign in text for sign in " ()")
