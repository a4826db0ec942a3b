"""A result as one HTML file: no scripts, no outside requests, readable on paper, on a phone, in the dark."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from beholden import __version__
from beholden.report import wording
from beholden.report.html_view import view_of
from beholden.report.privacy import for_sharing
from beholden.report.text import visible
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment

_PLAIN_SCHEMES = ("https://", "http://")


class HtmlReport:
    """One page, a panel per party, worst first."""

    name = "html"
    suffix = ".html"
    media_type = "text/html"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the page; personal data is pseudonymised unless the options say otherwise."""
        result, key = assessment.result, options.pseudonym_key
        shown = result if options.show_personal else for_sharing(result, key)
        page = _environment().get_template("report.html.jinja")
        text = page.render(view=view_of(shown), is_pseudonymised=not options.show_personal)
        return {"": text.encode("utf-8")}


@cache
def _environment() -> jinja2.Environment:
    # Here, not above: the command line imports every report and most runs write no HTML.
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("beholden.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        words=wording.words,
        plain=wording.plain,
        who=wording.who,
        left_open=wording.left_open,
        reasons_of=wording.reasons_of,
        quantities=wording.quantities,
        marks=wording.marks,
        standing=wording.standing,
        listed_phrase=wording.listed_phrase,
        safe_link=_safe_link,
        instant=_instant,
        identity=id,
    )
    environment.tests["behind"] = wording.is_behind
    environment.tests["profile"] = wording.is_profile
    environment.globals.update(
        version=__version__,
        neutrality=wording.NEUTRALITY,
        all_levels=list(Level),
        level_meaning=wording.LEVEL_MEANING,
    )
    return environment


def _finalize(value: object) -> object:
    """Show what a browser would hide or obey; markup made by the templates passes as it is."""
    return visible(value) if type(value) is str else value


def _safe_link(url: str | None) -> str | None:
    """Return the address if it may be a link: a source's address is data, and `javascript:` is one too."""
    return url if url is not None and url.lower().startswith(_PLAIN_SCHEMES) else None


def _instant(text: str) -> str:
    """Return a timestamp to the minute, with a blank for the `T`; a date stays."""
    date, mark, time = text.partition("T")
    return f"{date} {time[:5]} UTC" if mark and time.endswith(("Z", "+00:00")) else text
