"""The frame of readers of tables that a command prints: ARP and NDP caches, tables of switches.

Such an output is no format: headings, prompts and totals stand between the entries, and each system prints its own. A
reader states how an entry looks; a line that has an address in it and does not look so is rejected, any other is a
heading. The output says nothing of when: devices of it have no dates.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beholden.scan.devices.sightings import Devices, Sighting, WrongHardwareError, clipped, hardware, summed
from beholden.scan.interface import Acceptance
from beholden.scan.network.sides import FOREIGN, GROUP, OURS, Sides
from beholden.schema.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from beholden.scan.interface import InputHead, Watch
    from beholden.scan.source import Source

# How hardware addresses are printed; also the shorter and longer ones of other links.
HARDWARE = (
    r"(?:[0-9A-Fa-f]{1,2}(?:[:-][0-9A-Fa-f]{1,2}){3,31}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
)
IPV4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
IPV6 = r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%\S{1,32})?"
# Also where the last group was cut off.
_ADDRESS_LIKE = re.compile(
    rf"(?<![\w.:-])(?:{IPV4}|[0-9A-Fa-f]{{1,2}}(?:[:-][0-9A-Fa-f]{{1,2}}){{5}}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{0,4})(?![\w:.-])",
    re.ASCII,
)
# `switch-7#show mac address-table`: whose output this is.
_PROMPT = re.compile(r"(?:\S{1,64}@)?([A-Za-z][\w.-]{0,62})(?:\([\w./-]{1,40}\))?[#>$] ?(?=\S)", re.ASCII)
_HEAD_LINES = 60
# Far longer than any command prints; what is longer cannot keep a pattern busy.
_MAX_ENTRY = 400


@dataclass(frozen=True, slots=True)
class Layout:
    """How one command prints its entries.

    Attributes:
        entries: Patterns of a whole line, tried in order, with the groups `mac` and, where the table has them,
            `address`, `name`, `interface`, `vlan` and `state`.
        heading: A line that only this output has; None: an entry is unmistakable by itself.
        absent: Words in place of a hardware address, or as a state, that mean that nobody answered.
        noise: Lines with an address in them that are no entries.
    """

    entries: tuple[re.Pattern[str], ...]
    heading: re.Pattern[str] | None = None
    absent: frozenset[str] = frozenset()
    noise: re.Pattern[str] | None = None

    def entry(self, text: str) -> re.Match[str] | None:
        """The entry that a line is."""
        if len(text) > _MAX_ENTRY:
            return None
        return next((found for pattern in self.entries if (found := pattern.fullmatch(text))), None)

    def is_entry_like(self, text: str) -> bool:
        """Whether a line that is no entry should have been one."""
        return bool(_ADDRESS_LIKE.search(text[:_MAX_ENTRY])) and not (
            _PROMPT.match(text) or (self.noise is not None and self.noise.match(text[:_MAX_ENTRY]))
        )


class TextTable:
    """A scanner of what one kind of command prints; each says how.

    Attributes:
        layout: How entries look.
        holds: What is in it, as a part of a sentence.
        column: Where the hardware address stands.
    """

    kinds = frozenset({Kind.MAC})
    layout: Layout
    holds: str
    column: str

    def accepts(self, head: InputHead) -> Acceptance:
        """Say yes where entries stand, under the heading if the output has one, and nothing that contradicts them."""
        lines = [line.rstrip() for line in head.first_lines(_HEAD_LINES)]
        entries = sum(self.layout.entry(line) is not None for line in lines)
        others = sum(self.layout.entry(line) is None and self.layout.is_entry_like(line) for line in lines)
        heading = self.layout.heading
        if entries == 0 or (heading and not any(map(heading.search, lines))):
            return Acceptance.no(f"has no lines of {self.holds}")
        if others > entries // 2:
            reason = f"has lines of {self.holds} among others; save what one command prints in a file of its own"
            return Acceptance.no(reason, near=heading is not None)
        if heading is None and entries < sum(bool(line.strip()) for line in lines) / 2:
            return Acceptance.no(f"most of its lines are none of {self.holds}")
        return Acceptance.yes(f"has lines of {self.holds}", strength=80)

    def scan(self, source: Source, watch: Watch) -> Iterator[pa.RecordBatch]:
        """Give one row per (address, MAC).

        Raises:
            ScanError: The data is damaged or expands too much.
        """
        yield from summed(Devices(source, "entries"), self._sightings(source, Sides(watch)))
        if source.not_resolved["outside_our_networks"]:
            source.note(
                "neighbours with an address outside our networks are not taken for devices of ours; name your networks "
                "in beholden.toml if they are"
            )

    def _sightings(self, source: Source, sides: Sides) -> Iterator[Sighting | None]:
        printed_by: str | None = None
        for line, text in source.lines():
            entry = self.layout.entry(text.rstrip())
            if entry is not None:
                yield self._read(line, entry.groupdict(), printed_by, source, sides)
            elif self.layout.is_entry_like(text):
                source.reject(line, "not an entry of the table", expected=self.holds)
            elif prompt := _PROMPT.match(text):
                printed_by = prompt[1]

    def _read(
        self, line: int, entry: dict[str, str | None], printed_by: str | None, source: Source, sides: Sides
    ) -> Sighting | None:
        raw, address = entry["mac"] or "", entry.get("address")
        where = None
        if address is not None:
            where, outside = _place(address, sides)
            if where is None and outside is None:
                source.reject(line, "not an address", expected=self.holds)
                return None
            if outside is not None:
                source.accept()
                source.not_resolved[outside] += 1
                return None
        if self.is_absent(raw, entry.get("state")):
            source.accept()
            source.not_resolved["nobody_answered"] += 1
            return None
        try:
            mac = hardware(raw, source)
        except WrongHardwareError:
            source.reject(line, "not a hardware address", expected=self.holds)
            return None
        source.accept()
        if mac is None:
            return None
        facts = {key: entry.get(key) for key in ("name", "interface", "vlan", "state")}
        host = facts.pop("name")
        facts |= {"hostname": host if host != "?" else None, "printed_by": printed_by}
        return Sighting(mac, raw, line, self.column, where, facts=clipped(facts))

    def is_absent(self, raw: str, state: str | None) -> bool:
        """Whether an entry says that nobody answered at the address, or has none because a proxy answers for it."""
        absent = self.layout.absent
        return not raw or raw.casefold() in absent or (state is not None and state.casefold() in absent)


def _place(text: str, sides: Sides) -> tuple[str | None, str | None]:
    """The address if it is ours, else why it is not; both None where it is no address."""
    bare = text.partition("%")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return None, None
    side = sides[bare]
    if side & GROUP:
        return None, "multicast_address"
    # Link-local addresses are of this very link, whatever networks the profile names.
    if side & OURS or ipaddress.ip_address(bare).is_link_local:
        return sides.canonical(bare), None
    return None, "outside_our_networks" if side & FOREIGN else None
