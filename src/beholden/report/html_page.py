"""The page of a result: templates, the filters they use, and what each printed sheet says in its margins."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, ParamSpec

import jinja2
import markupsafe

from beholden import __version__
from beholden.report import agenda, figures_months, figures_stakes, figures_timeline, html_words, signal_words, wording
from beholden.report.base_words import base_words
from beholden.report.html_view import view_of
from beholden.report.tally import month_amount
from beholden.report.text import visible
from beholden.schema.vocabulary import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from beholden.report.html_view import View
    from beholden.schema.result import ScanResult

P = ParamSpec("P")

_PLAIN_SCHEMES = ("https://", "http://")
_NOT_FOR_CSS = re.compile(r"[^A-Za-z0-9 .,:·-]")  # nothing that could end a string or the style element


def page_of(result: ScanResult, *, is_pseudonymised: bool) -> str:
    """Return the page of a result.

    Args:
        result: As it is to be shown.
        is_pseudonymised: Whether names in it are pseudonyms; the page says so.
    """
    view = view_of(result)
    page = _environment().get_template("report.html.jinja")
    return page.render(view=view, is_pseudonymised=is_pseudonymised, **_margin_notes(view))


@cache
def _environment() -> jinja2.Environment:
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
        open_listings=wording.open_listings,
        quantities=wording.quantities,
        standing=wording.standing,
        listed=html_words.listed,
        counted=wording.count,
        clock=agenda.clock,
        month_amount=month_amount,
        measure=figures_months.measure,
        kind_of=figures_timeline.kind_of,
        has_dates=figures_timeline.has_dates,
        has_stakes=figures_stakes.has_stakes,
        holder_marks=wording.holder_marks,
        sum_words=wording.sum_words,
        binding=html_words.binding,
        bound=html_words.bound,
        regimes=html_words.regimes,
        gist=html_words.gist,
        line_marks=html_words.line_marks,
        finding_marks=wording.marks,
        waiver_standing=html_words.waiver_standing,
        claims_phrase=html_words.claims_phrase,
        number=html_words.number,
        devices=html_words.devices,
        age_of_copies=wording.age_of_copies,
        instant=html_words.instant,
        acted=signal_words.acted,
        evenness=signal_words.evenness,
        ordinary=signal_words.ordinary,
        services=signal_words.services,
        spans=signal_words.spans,
        safe_link=_safe_link,
        identity=id,
        symbol=_drawn(figures_timeline.symbol),
        timeline_picture=_drawn(figures_timeline.timeline_picture),
        months_picture=_drawn(figures_months.months_picture),
        stakes_picture=_drawn(figures_stakes.stakes_picture),
    )
    environment.tests["behind"] = wording.is_behind
    environment.tests["profile"] = wording.is_profile
    environment.globals.update(
        version=__version__,
        neutrality=wording.NEUTRALITY,
        about_signals=signal_words.SIGNALS,
        level_meaning=wording.LEVEL_MEANING,
        info=Level.INFO,
        timeline_kinds=figures_timeline.KINDS,
    )
    return environment


def _drawn(draw: Callable[P, str]) -> Callable[P, markupsafe.Markup]:
    """Let a picture through as markup: its functions escape every text themselves."""

    def markup(*args: P.args, **kwargs: P.kwargs) -> markupsafe.Markup:
        return markupsafe.Markup(draw(*args, **kwargs))  # noqa: S704 (see above)

    return markup


def _margin_notes(view: View) -> dict[str, markupsafe.Markup]:
    """What every printed page says at its foot and head."""
    result = view.result
    base = base_words(result.kb)
    behind = wording.count(len(view.behind), "list")
    return {
        "page_note": _for_css(f"beholden {__version__} · as of {result.as_of} · {base}"),
        "stale_note": _for_css(f"{behind} last checked before {result.as_of}: see Lists"),
    }


def _for_css(text: str) -> markupsafe.Markup:
    return markupsafe.Markup(_NOT_FOR_CSS.sub("", text))  # noqa: S704 (only letters, digits and plain marks are left)


def _finalize(value: object) -> object:
    """Show what a browser would hide or obey; markup made by the templates passes as it is."""
    return visible(value) if type(value) is str else value


def _safe_link(url: str | None) -> str | None:
    """Return the address if it may be a link: a source's address is data, and `javascript:` is one too."""
    return url if url is not None and url.lower().startswith(_PLAIN_SCHEMES) else None
