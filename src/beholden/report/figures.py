"""Small pure pieces of inline SVG: escaped text, shapes with classes, a frame with title and description.

Colours come from the style sheet's variables by class, so that the dark theme and print change them too; geometry comes
as attributes. Nothing here links to anything.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from beholden.report.text import display_width, visible

if TYPE_CHECKING:
    from collections.abc import Iterable


def shown(text: str) -> str:
    """Return text as it may stand inside markup."""
    return escape(visible(text))


def picture(ident: str, size: tuple[float, float], title: str, description: str, parts: Iterable[str]) -> str:
    """Return a whole picture as markup; every part is escaped where it is made.

    Args:
        ident: Unique stem of the ids of its title and description.
        size: Width and height in user units.
        title: What it shows.
        description: What a reader who does not see it should know.
        parts: Markup made by the functions of this module.
    """
    width, height = (number(value) for value in size)
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{ident}-t {ident}-d">'
        f'<title id="{ident}-t">{shown(title)}</title><desc id="{ident}-d">{shown(description)}</desc>{body}</svg>'
    )


def number(value: float) -> str:
    """Return a coordinate without digits nobody sees."""
    return f"{value:.1f}".removesuffix(".0")


def label(x: float, y: float, text: str, classes: str = "", anchor: str = "start") -> str:
    """Return a line of text; `anchor` is start, middle or end."""
    at = f' text-anchor="{anchor}"' if anchor != "start" else ""
    kind = f' class="{classes}"' if classes else ""
    return f'<text x="{number(x)}" y="{number(y)}"{kind}{at}>{shown(text)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    """Return a straight line."""
    return f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" class="{classes}"/>'


def box(x: float, y: float, width: float, height: float, classes: str, tip: str = "") -> str:
    """Return a rectangle, with a text that shows when it is pointed at."""
    hint = f"<title>{shown(tip)}</title>" if tip else ""
    start = f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" class="{classes}"'
    return f"{start}>{hint}</rect>" if hint else f"{start}/>"


def shape(path: str, classes: str, tip: str = "") -> str:
    """Return a path."""
    hint = f"<title>{shown(tip)}</title>" if tip else ""
    return f'<path d="{path}" class="{classes}">{hint}</path>' if hint else f'<path d="{path}" class="{classes}"/>'


def clipped(text: str, width: int) -> str:
    """Return text of at most so many display columns, with an ellipsis where it was longer."""
    if display_width(text) <= width:
        return text
    kept = text
    while kept and display_width(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
