"""File names for files meant for sharing: the folders of an absolute path go, because they name users and machines."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from beholden.schema.result import Artefact, Coverage, ScanResult

_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|[\\/]|~")
_HOMES = frozenset({"home", "users", "documents and settings"})  # what lies right below is a person's name
_START = r"(?:(?<=file://)|(?<![\w/:.\\~-]))"
_FOLDERS = re.compile(_START + r"(?:~|[A-Za-z]:)?[\\/](?:[^\\/\s:;,\"']+[\\/])+")
# The name of a user may hold a blank, where a folder follows.
_HOME = re.compile(
    _START + r"(?:[A-Za-z]:)?[\\/](?:home|users|documents and settings)[\\/]"
    r"(?:[^\\/:;,\"'\n]+(?P<below>[\\/])|[^\\/\s:;,\"')]+)",
    re.IGNORECASE,
)


def shareable_path(path: str) -> str:
    """Return a path without the folders above the inputs: an absolute one keeps its last part, `..` goes."""
    if _ABSOLUTE.match(path):
        return next(reversed(_parts(path)), "input")
    return "/".join(part for part in PurePosixPath(path).parts if part not in {"..", "."}) or "input"


def shareable_paths(paths: Iterable[str], hide: Callable[[str], str] | None = None) -> dict[str, str]:
    """Return a shareable name for each path; different paths keep different names.

    Of paths that end in the same file name, as many folders stay as tell them apart, save the folder of a user.

    Args:
        paths: As reports name them.
        hide: Takes what is private from a name.
    """
    by_name: dict[str, dict[str, None]] = defaultdict(dict)
    for path in paths:
        by_name[PurePosixPath(shareable_path(path)).name][path] = None
    names: dict[str, str] = {}
    for group in by_name.values():
        names.update(_apart(list(group)))
    return names if hide is None else _hidden(names, hide)


def without_users(path: str, label: Callable[[str], str]) -> str:
    """Return a path below the inputs with a pseudonym for the user whose home folder it lies in.

    `Users` counts at any depth and `home` at the top, as in a copy of a disk: deeper, `home` is a word of web sites.
    """
    parts = path.split("/")
    for index in range(len(parts) - 2):
        if parts[index] in {"Users", "Documents and Settings"} or (index == 0 and parts[index] == "home"):
            parts[index + 1] = label(parts[index + 1])
            break
    return "/".join(parts)


def without_folders(text: str) -> str:
    """Return running text whose absolute paths keep their last part only; a home folder by itself becomes `~`."""
    if "/" not in text and "\\" not in text:
        return text
    return _FOLDERS.sub("", _HOME.sub(lambda found: "~/" if found["below"] else "~", text)).replace("~/", "")


def with_shareable_paths(result: ScanResult) -> ScanResult:
    """Return the result with shareable file names, in locations as in what coverage says of a file."""
    places = (place.file for finding in result.findings for place in finding.artefact.locations)
    signalled = (place.file for signal in result.signals for place in signal.places)
    names = shareable_paths([*(row.file for row in result.coverage), *places, *signalled])
    return replace(
        result,
        findings=[replace(one, artefact=_artefact(one.artefact, names)) for one in result.findings],
        coverage=[_coverage(row, names) for row in result.coverage],
        signals=[
            replace(signal, places=[replace(place, file=names[place.file]) for place in signal.places])
            for signal in result.signals
        ],
    )


def _parts(path: str) -> list[str]:
    parts = re.split(r"[\\/]+", path) if _ABSOLUTE.match(path) else list(PurePosixPath(path).parts)
    return [part for part in parts if part not in {"", ".", "..", "~"}]


def _apart(paths: list[str]) -> dict[str, str]:
    names = {path: shareable_path(path) for path in paths}
    fixed = {path for path in paths if names[path] == path}
    depth = 1
    while len(set(names.values())) < len(names) and any(depth < len(_parts(path)) for path in paths):
        depth += 1
        names = {path: path if path in fixed else "/".join(_parts(path)[-depth:]) for path in paths}
    shown: dict[str, str] = {}
    for path, name in names.items():
        shown[path] = path if path in fixed else _new(_without_user(path, name), {*shown.values(), *fixed})
    return shown


def _without_user(path: str, name: str) -> str:
    """Drop the folders down to that of the user, whose name is private even where it tells two files apart."""
    parts = _parts(path)
    below = next((index + 2 for index, part in enumerate(parts[:-2]) if part.lower() in _HOMES), 0)
    if path.startswith("~") and len(parts) > 1 and parts[0].startswith("~"):
        below = 1
    return "/".join(parts[max(below, len(parts) - name.count("/") - 1) :]) or name


def _hidden(names: dict[str, str], hide: Callable[[str], str]) -> dict[str, str]:
    shown = {path: hide(name) for path, name in names.items()}
    taken = {name for path, name in names.items() if shown[path] == name}
    for path, name in names.items():
        if shown[path] != name:
            shown[path] = _new(shown[path], taken)
            taken.add(shown[path])
    return shown


def _new(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"folder-{number}/{name}"
    return candidate


def _artefact(artefact: Artefact, names: dict[str, str]) -> Artefact:
    return replace(artefact, locations=[replace(place, file=names[place.file]) for place in artefact.locations])


def _coverage(row: Coverage, names: dict[str, str]) -> Coverage:
    def shown(text: str) -> str:
        return without_folders(text if names[row.file] == row.file else text.replace(row.file, names[row.file]))

    reasons: dict[str, int] = {}
    for reason, count in row.reasons.items():
        reasons[shown(reason)] = reasons.get(shown(reason), 0) + count
    return replace(row, file=names[row.file], reasons=reasons, notes=[shown(note) for note in row.notes])
