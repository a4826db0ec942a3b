"""Where an input lies: on disk, or in a store. What readers ask of it beyond opening it is here."""

from __future__ import annotations

from pathlib import Path

from beholden.scan.stored import StoredFile

# Both have a `name`, and `open("rb")` gives a stream that can seek.
Place = Path | StoredFile


def size_of(place: Place) -> int:
    """Bytes of a file; of one in a store, when it was listed.

    Raises:
        OSError: It is gone.
    """
    return place.size if isinstance(place, StoredFile) else place.stat().st_size


def has_beside(place: Place, tail: str) -> bool:
    """Whether a file lies beside it whose name is longer by a tail.

    Raises:
        OSError: A store does not answer.
    """
    if isinstance(place, StoredFile):
        return place.has_beside(tail)
    return place.with_name(place.name + tail).exists()


def on_disk(place: Place) -> Path | None:
    """Its path on this machine; None where it has none."""
    return place.on_disk if isinstance(place, StoredFile) else place


def is_same_file(place: Place, path: Path) -> bool:
    """Whether a place is the file of a path, by whatever name.

    Raises:
        OSError: One of them is gone.
    """
    found = on_disk(place)
    return found is not None and found.samefile(path)


def path_of(place: Place) -> Path:
    """The path of what lies on disk, for what reads nothing else.

    Raises:
        TypeError: It lies in a store.
    """
    if isinstance(place, StoredFile):
        raise TypeError(f"{place.name} lies in a store, and only files on disk are read here")
    return place
