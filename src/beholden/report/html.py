"""A result as one HTML file: no scripts, no outside requests, readable on paper, on a phone, in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.report.privacy import shared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment


class HtmlReport:
    """One page, a panel per party, worst first."""

    name = "html"
    suffix = ".html"
    media_type = "text/html"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the page; personal data is pseudonymised unless the options say otherwise."""
        # Here, not above: the command line imports every report and most runs write no HTML.
        from beholden.report.html_page import page_of

        shown = assessment.result if options.show_personal else shared(assessment, options)
        return {"": page_of(shown, is_pseudonymised=not options.show_personal).encode("utf-8")}
