"""Finds input files below an address of a store, in the order and by the names of a walk on disk."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from beholden.scan.address import StoreError, file_system, shown, told, without_secrets
from beholden.scan.stored import StoredFile
from beholden.scan.walk import FOLDER_OF_A_TOOL, LINK, NOT_REGULAR, SKIPPED_FOLDERS, Found, depth_first, printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def walk_store(address: str, *, is_only: bool) -> Iterator[Found]:
    """Give every file below an address; folders are listed one by one, when they are reached.

    Args:
        address: Of a file or folder.
        is_only: Whether nothing else is walked; else names are prefixed by the address as it is shown.
    """
    name = printable(shown(address)).rstrip("/")
    try:
        found = _looked_up(address)
    except StoreError as error:
        # What cannot be read as an address may hold keys anywhere.
        name, why = printable(without_secrets(address)), f"cannot be opened: {error}"
        yield Found(StoredFile(address, "", 0), name, is_named=True, problem=why, is_failure=True)
        return
    if isinstance(found, _Folder):
        yield from depth_first(found._replace(prefix="" if is_only else f"{name}/"), _entries)
        return
    place, is_regular = found
    problem = None if is_regular else NOT_REGULAR
    yield Found(place, printable(place.name) if is_only else name, True, problem, is_failure=not is_regular)


def refuse_unreachable(address: str) -> None:
    """See that something is there, before anything else is done.

    Raises:
        StoreError: Nothing is, or the store cannot be reached.
    """
    _looked_up(address)


def has_file(address: str, name: str) -> bool:
    """Whether the folder of an address holds a file.

    Raises:
        StoreError: The store cannot be reached.
    """
    system, top = file_system(address)
    with told():
        return bool(system.get_file_info(f"{top.rstrip('/')}/{name}").is_file)


class _Folder(NamedTuple):
    address: str
    path: str
    prefix: str


def _looked_up(address: str) -> _Folder | tuple[StoredFile, bool]:
    """The folder, or the file and whether it is a regular one."""
    from pyarrow.fs import FileType

    system, top = file_system(address)
    with told():
        info = system.get_file_info(top)
    if info.type == FileType.NotFound:
        raise StoreError("no such file or folder")
    if info.type == FileType.Directory:
        return _Folder(address, top, "")
    return StoredFile(address, top, info.size or 0), info.type == FileType.File


def _entries(folder: _Folder) -> list[Found | _Folder]:
    from pyarrow.fs import FileSelector

    system, _ = file_system(folder.address)
    try:
        with told():
            infos = sorted(system.get_file_info(FileSelector(folder.path)), key=attrgetter("base_name"))
    except StoreError as error:
        place, problem = StoredFile(folder.address, folder.path, 0), f"folder cannot be opened: {error}"
        return [Found(place, folder.prefix or "./", problem=problem, is_failure=True)]
    return [_entry(folder, info) for info in infos]


def _entry(folder: _Folder, info: Any) -> Found | _Folder:  # noqa: ANN401 (pyarrow ships no types)
    from pyarrow.fs import FileType

    name = f"{folder.prefix}{printable(info.base_name)}"
    place = StoredFile(folder.address, info.path, info.size or 0)
    if place.on_disk is not None and place.on_disk.is_symlink():
        return Found(place, name, problem=LINK)
    if info.type == FileType.Directory:
        if info.base_name in SKIPPED_FOLDERS:
            return Found(place, f"{name}/", problem=FOLDER_OF_A_TOOL)
        return _Folder(folder.address, info.path, f"{name}/")
    return Found(place, name, problem=None if info.type == FileType.File else NOT_REGULAR)
