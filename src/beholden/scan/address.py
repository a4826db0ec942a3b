"""Addresses of stores (`s3://bucket/logs`): which they are, how they are shown, and the file system behind one.

What is shown holds no secret: keys before `@` and options behind `?` are left out, in names as in the words of errors.

Source: Apache Arrow, "Filesystem Interface" (pyarrow.fs.FileSystem.from_uri).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMES = ("abfs", "abfss", "file", "gcs", "gs", "hdfs", "s3", "viewfs")
ON_DISK = "file"
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
# Before the `@` of these stands the container, and perhaps a password behind it.
_CONTAINER_FIRST = ("abfs", "abfss")
# Up to the last `@`: a key may hold a slash that nobody escaped.
_KEYS = re.compile(r"://[^\s'\"]*@")
_OPTIONS = re.compile(r"(://[^\s'\"?#]*)[?#][^\s'\"]*")
_MOST_WORDS = 300


class StoreError(OSError):
    """A store, or the way to it, failed; its words hold no secret."""


def is_address(name: str) -> bool:
    """Whether a path names a place in a store; a file that is called so is reached by `./` before it."""
    return _ADDRESS.match(name) is not None


def scheme_of(address: str) -> str:
    """What stands before `://`, in small letters."""
    return address.partition("://")[0].lower()


def shown(address: str) -> str:
    """An address without keys and options, as reports name it."""
    scheme, _, rest = _OPTIONS.sub(r"\1", address).partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    if at and scheme.lower() in _CONTAINER_FIRST:
        host = f"{user.partition(':')[0]}@{host}"
    return f"{scheme}://{host}{slash}{path}"


def without_secrets(text: str) -> str:
    """The first line of what a library says, without what stands before `@` and behind `?` of addresses in it."""
    first = (text.strip().splitlines() or [""])[0][:_MOST_WORDS]
    return _OPTIONS.sub(r"\1", _KEYS.sub("://", first))


def file_system(address: str) -> tuple[Any, str]:
    """The `pyarrow.fs.FileSystem` of an address, made once in a process, and the path in it, without a last slash.

    Credentials are found where pyarrow looks for them: the environment, the files and the services of the platform.

    Raises:
        StoreError: There is none: an unknown scheme, a library that is missing, no such bucket.
    """
    scheme = scheme_of(address)
    if scheme not in SCHEMES:
        raise StoreError(f"no store is known by {scheme}://; expected one of {', '.join(SCHEMES)}")
    with told():
        found, path = _file_system(address)
    return found, path


@lru_cache(maxsize=64)
def _file_system(address: str) -> tuple[Any, str]:
    # It loads the clients of all stores, which few runs need.
    from pyarrow.fs import FileSystem

    found, path = FileSystem.from_uri(address)
    return found, path.rstrip("/") or path


@contextmanager
def told() -> Iterator[None]:
    """Tell failures of a store as `StoreError`."""
    import pyarrow as pa

    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise StoreError("no such file or folder") from error
    except PermissionError as error:
        raise StoreError("permission denied") from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise StoreError(without_secrets(str(error)) or type(error).__name__) from error
