"""What MkDocs calls while it builds the site: adds the generated reference, and reads folders into the navigation.

One module beside this one per kind of page; each has a `pages` function that gives path → Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mkdocs.structure.files import File
from mkdocs.utils import get_build_datetime

import api_pages
import command_pages
import plugin_pages
import regime_pages
import source_pages
import vocabulary_page
from beholden.compile import open_core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

# What `nav` in mkdocs.yml may hold: a page, a folder (ends with "/"), or titles of either.
Nav = list["str | dict[str, str | Nav]"]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and write the navigation out."""
    # SOURCE_DATE_EPOCH fixes the day, where a build has to be repeated.
    day = get_build_datetime().date()
    kb = open_core()
    for pages in (
        command_pages.pages(),
        plugin_pages.pages(),
        vocabulary_page.pages(kb),
        regime_pages.pages(kb, day),
        source_pages.pages(dict(kb.regimes)),
        api_pages.pages(),
    ):
        for path, text in pages.items():
            files.append(File.generated(config, path, content=text))
    found = sorted(file.src_uri for file in files.documentation_pages())
    config.nav = expand(config.nav or [], found)
    return files


def expand(nav: Nav, found: list[str]) -> Nav:
    """Put the pages of a folder where `nav` names it: those that `nav` does not name itself, by path.

    So a new how-to or decision needs no line in mkdocs.yml.
    """
    named = set(_named(nav))
    folders = sorted((path for path in named if path.endswith("/")), key=len, reverse=True)

    def below(folder: str) -> Nav:
        # A page belongs to the innermost folder that is named; the index of a folder opens it.
        inside = [path for path in found if next((one for one in folders if path.startswith(one)), "") == folder]
        pages = sorted(set(inside) - named, key=lambda path: (not path.endswith("/index.md"), path))
        return [*pages]

    def walk(entries: Nav) -> Iterator[str | dict[str, str | Nav]]:
        for entry in entries:
            if isinstance(entry, str):
                yield from below(entry) if entry.endswith("/") else [entry]
                continue
            for title, value in entry.items():
                if isinstance(value, list):
                    yield {title: list(walk(value))}
                else:
                    yield {title: below(value) if value.endswith("/") else value}

    return list(walk(nav))


def _named(nav: Nav) -> Iterator[str]:
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry.values():
                yield from _named(value if isinstance(value, list) else [value])
