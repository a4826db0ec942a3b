"""What a publication is, before a byte of it is read: `source.toml` beside its parser."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import Origin, SourceError
from beholden.schema.knowledge import GRADES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MIB = 1 << 20


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file that `kb update` fetches.

    Attributes:
        name: Under what name it is kept.
        url: The publisher's documented address.
        documented_at: The page on which the address was read.
        sha256_url: Where the publisher states its SHA-256, if it does.
    """

    name: str
    url: str
    documented_at: str
    sha256_url: str | None = None


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form in which the publication is served.

    Attributes:
        name: Kebab-case, as errors call it.
        files: What it consists of, in words.
        specification: Where the layout is described, if it is.
        tried_on: A real file that this parser was run on; None: untried on a real file.
        records: Least and most records of a complete publication in this layout; None: not known. A copy of a list that
            is restated is then a part until the user says that it is whole.
    """

    name: str
    files: str
    specification: str | None = None
    tried_on: str | None = None
    records: tuple[int, int] | None = None


class ListOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of which the publication is a copy.

    Attributes:
        regime: Id of the list; one that the packs do not hold is declared here with a title.
        kind: `copies` (each copy restates who is on it) | `editions` (it prints several dated editions) | `events`
            (rows with their own dates, ended ones included).
        is_named_only: The publication is a copy of other lists and names this one where a party of theirs is on it too:
            that the party is listed, and since when; nobody is missing from it.
        reaches_back: It goes back to the first edition, so that earlier dates are `not_listed`.
        title: Of a list that the packs do not hold, with `issuer`, `jurisdiction` and `citation`.
    """

    regime: str
    kind: str
    is_named_only: bool = False
    reaches_back: bool = False
    title: str | None = None
    issuer: str | None = None
    jurisdiction: str | None = None
    citation: str | None = None


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A publication.

    Attributes:
        slug: Its id, `<country>_<authority>_<list>`; the name that OpenSanctions gives it, where it is the same.
        title: What it is called.
        publisher: Who publishes what is read here.
        class_: `official text` | `transcription` | `registry copy` | `public documentation` | `own records`.
        grade: Of its rows, see docs/explanation/grades.md.
        licence: Under which it may be used, in words.
        may_pass_on: Whether rows of it may be given to others; `kb export` leaves the rest out.
        attribution: What the licence asks to be said.
        page: Where the publisher describes it.
        cadence: How often it changes.
        kind: `list` (every copy counts: it says who was listed when) | `registry` (the latest copy counts).
        by_default: Whether `kb update` without a name fetches it.
        max_age_days: Days after which a copy is called old; None: it is never.
        changes_much: A tenth of it may be gone from one copy to the next, however soon; else one in a hundred a month.
        max_mib: Most that one file may have, packed.
        covers: What of the publication is read and what is not, in a sentence.
        addresses: What `kb update` fetches; empty: it is fetched by hand and imported.
        layouts: Forms in which it can be read.
        lists: Lists of which it is a copy.
        lookups: Reviewed tables that the parser uses: table → printed value → our value.
    """

    slug: str
    title: str
    publisher: str
    class_: str = msgspec.field(name="class")
    grade: str
    licence: str
    may_pass_on: bool
    attribution: str | None = None
    page: str | None = None
    cadence: str
    kind: str
    by_default: bool = False
    max_age_days: int | None = None
    changes_much: bool = False
    max_mib: int = 512
    covers: str
    addresses: list[Address] = []
    layouts: list[Layout] = []
    lists: list[ListOf] = []
    lookups: dict[str, dict[str, str]] = {}
    reviewed: date | None = None

    @property
    def restated(self) -> frozenset[str]:
        """Lists of which a whole copy says by omission who is not on them.

        What events leave out says nothing, nor does a list that is only named beside; a registry has none.
        """
        return frozenset(
            item.regime for item in self.lists if item.kind in ("copies", "editions") and not item.is_named_only
        )

    @property
    def max_bytes(self) -> int:
        """Most bytes that one file may have, as it is served."""
        return self.max_mib * _MIB

    def lookup(self, table: str) -> Mapping[str, str]:
        """A reviewed table; a missing one is an error of ours."""
        return self.lookups[table]


_CLASSES = frozenset({"official text", "transcription", "registry copy", "public documentation", "own records"})


def read_descriptor(file: Path) -> Descriptor:
    """Read `source.toml`.

    Raises:
        SourceError: Not TOML, or a value is missing, unknown or wrong.
    """
    origin = Origin(f"{file.parent.name}/{file.name}")
    try:
        found = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Descriptor)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise SourceError(f"no descriptor: {error}", code="source.descriptor", origin=origin) from error
    for what, value, words in (
        ("class", found.class_, _CLASSES),
        ("grade", found.grade, GRADES),
        ("kind", found.kind, frozenset({"list", "registry"})),
        *(("lists.kind", item.kind, frozenset({"copies", "editions", "events"})) for item in found.lists),
    ):
        if value not in words:
            raise SourceError(
                f"{what} is {value!r}; expected one of {', '.join(sorted(words))}",
                code="source.descriptor",
                origin=origin,
            )
    return found
