"""Which publications are taken in, from which files, and which hosts are asked for them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from beholden.errors import SourceError, UsageError
from beholden.sources import every_source, source_called
from beholden.sources.web import WebAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from beholden.sources.interface import Source
    from beholden.sources.snapshot import Store


def files_of(given: Iterable[Path]) -> list[tuple[str, Path]]:
    """Files with the names under which they are kept; of a folder all below it, but for links and hidden ones.

    Raises:
        UsageError: Two have one name, there is none, or something is neither a file nor a folder.
    """
    found: list[tuple[str, Path]] = []
    for path in given:
        if path.is_file():
            found.append((_named(path.name), path))
        elif path.is_dir():
            found += [(_named(inner.relative_to(path).as_posix()), inner) for inner in _below(path)]
        else:
            raise UsageError(f"{path} is neither a file nor a folder", code="source.no-file")
    if not found:
        raise UsageError("there is no file in what was given", code="source.no-file")
    names = [name for name, _ in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"two files are called {', '.join(twice)}", code="source.same-name", hint="import one folder")
    return found


def _below(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _named(name: str) -> str:
    # A record is JSON, which has no place for a byte that is no character.
    return name.encode("utf-8", "backslashreplace").decode()


def to_update(slugs: Sequence[str], store: Store) -> list[Source]:
    """Publications to ask for: those named, else those fetched by default and those held.

    Raises:
        UsageError: One is not known or has no address, or there is none at all.
    """
    if slugs:
        named = [source_called(slug) for slug in dict.fromkeys(slugs)]
        for source in named:
            if not source.descriptor.addresses:
                raise UsageError(
                    f"{source.descriptor.slug} has no documented address: {source.descriptor.cadence}",
                    code="source.no-address",
                    hint=f"download it and run `beholden kb import {source.descriptor.slug} FILE...`",
                )
        return named
    held = set(store.slugs())
    chosen = [
        source
        for source in every_source()
        if source.descriptor.addresses and (source.descriptor.by_default or source.descriptor.slug in held)
    ]
    if not chosen:
        raise UsageError(
            "no publication is fetched by default, and none is held", code="source.nothing-to-fetch", hint="name one"
        )
    return chosen


def mirror_of(url: str, slug: str) -> Callable[[str], str]:
    """Where a mirror has the files of a publication: `URL/<slug>/<name>`.

    Raises:
        UsageError: It is no web address, or nothing can be put behind it.
    """
    _mirror_host(url)
    return lambda name: f"{url.rstrip('/')}/{slug}/{quote(name)}"


def hosts_of(sources: Iterable[Source], mirror: str | None) -> list[str]:
    """Hosts that will be asked, without those that they may lead to.

    Raises:
        UsageError: The mirror is no web address.
        SourceError: An address is none.
    """
    if mirror is not None:
        return [_mirror_host(mirror)]
    return sorted(
        {
            WebAddress.of(url, source.descriptor.slug).host
            for source in sources
            for address in source.descriptor.addresses
            for url in (address.url, address.sha256_url)
            if url is not None
        }
    )


def _mirror_host(url: str) -> str:
    try:
        host = WebAddress.of(url, "--mirror").host
        is_folder = not urlsplit(url).query and not urlsplit(url).fragment
    except SourceError:
        is_folder, host = False, ""
    if not is_folder:
        raise UsageError(
            "a mirror is a folder on the web, without ? and #", code="source.mirror", hint="--mirror https://host/path"
        )
    return host
