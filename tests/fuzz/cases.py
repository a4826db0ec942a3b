"""One case: an importer, a layout and a number, which together say every byte of the files."""

from __future__ import annotations

import gzip
import random
import zlib
from dataclasses import dataclass

from tests.fuzz import archives, json_trees, raw, seeds, tables, xml_trees
from tests.fuzz.seeds import Files

# Larger ones take the time of many small ones and find no more; bombs are tests of their own.
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """A case; `str` gives what `--case` takes.

    Attributes:
        slug: Id of the importer.
        layout: Of which excerpt.
        seed: Everything else follows from it, and from whether the shared folder is there where `uses_real` says so.
    """

    slug: str
    layout: str
    seed: int

    def __str__(self) -> str:
        return f"{self.slug}/{self.layout}/{self.seed}"

    @classmethod
    def called(cls, text: str) -> Case:
        """The case of `slug/layout/seed`."""
        slug, layout, seed = text.split("/")
        return cls(slug, layout, int(seed))

    @property
    def is_compiled(self) -> bool:
        """Whether its rows are put together to a base as well: one case of four."""
        return self.seed % 4 == 0

    @property
    def uses_real(self) -> bool:
        """Whether parts of real files are mutated, if there are any: three cases of eight."""
        return self.seed % 8 in (1, 4, 7)


def files(case: Case, *, with_real: bool = True) -> Files:
    """The mutated files of a case."""
    chance = random.Random(str(case))
    originals = seeds.excerpt(case.slug, case.layout)
    if case.uses_real and with_real:
        others = seeds.real(case.slug, case.layout)
        originals = chance.choice(others) if others else originals
    changed = list(originals)
    # Mostly one file, so that the others still fit together.
    turns = chance.choice((1, 1, 1, 1, 2, 2, 3, 5))
    at = chance.randrange(len(changed))
    for _ in range(turns):
        at = at if chance.random() < 0.8 else chance.randrange(len(changed))
        name, data = changed[at]
        changed[at] = (name, _mutated(chance, data, _donor(chance, case))[:MOST_BYTES])
    if chance.random() < 0.06:
        changed = _shuffled(chance, case, changed)
    return tuple(changed)


def _mutated(chance: random.Random, data: bytes, other: bytes) -> bytes:
    if data[:2] == b"\x1f\x8b":
        try:
            return gzip.compress(_mutated(chance, gzip.decompress(data), other), mtime=0)
        except (OSError, EOFError, zlib.error):
            return raw.RAW[chance.randrange(len(raw.RAW))](chance, data, other)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if data[:2] == b"PK":
        mutate: raw.Mutator = archives.change
    elif chance.random() < 0.25:
        mutate = raw.RAW[chance.randrange(len(raw.RAW))]
    elif start == b"<":
        mutate = xml_trees.change
    elif start in (b"{", b"["):
        mutate = json_trees.change
    else:
        mutate = tables.change
    try:
        return mutate(chance, data, other)
    except RecursionError:
        # Nested deeper than the standard library writes: it is that already.
        return data


def _donor(chance: random.Random, case: Case) -> bytes:
    """A file to take parts from: mostly of the same importer, in any of its layouts."""
    slug, layout = case.slug, case.layout
    if chance.random() < 0.1:
        slug, layout = chance.choice(seeds.layouts())
    elif chance.random() < 0.3:
        layout = chance.choice([name for owner, name in seeds.layouts() if owner == slug])
    return chance.choice(seeds.excerpt(slug, layout))[1]


def _shuffled(chance: random.Random, case: Case, changed: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Files that lack, are there twice, have each other's names, or belong to another importer."""
    at = chance.randrange(len(changed))
    name, data = changed[at]
    match chance.randrange(6):
        case 0:
            if len(changed) > 1:
                del changed[at]
        case 1:
            changed.append((f"2-{name}", data))
        case 2:
            other = chance.randrange(len(changed))
            changed[at], changed[other] = (name, changed[other][1]), (changed[other][0], data)
        case 3:
            changed.append(("other", _donor(chance, case)))
        case 4:
            changed[at] = (chance.choice(("x", "x.csv", "x.json", "x.xml", "a\nb", "é", name.upper(), "x" * 200)), data)
        case _:
            chance.shuffle(changed)
    return changed
