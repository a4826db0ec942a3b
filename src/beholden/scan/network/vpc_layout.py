"""Column layouts of AWS VPC flow log text: the default (version 2) order, or any order named by a header.

Source: Amazon VPC user guide, "Flow log records" (fields of versions 2 to 5 and later; unknown ones are passed over).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from beholden.scan.interface import Acceptance, InputHead
from beholden.scan.network.cells import LATEST, whole_number

NULL = "-"
LAST_PORT = 65_535
# Digits that 64 bits always hold.
_LONGEST = 18
VERSION_2 = (
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
)
# What a record is read as, in this order.
COLUMNS = (
    "log-status",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "interface-id",
    "account-id",
    "tcp-flags",
    "flow-direction",
    "pkt-srcaddr",
    "pkt-dstaddr",
)
# CloudWatch's export to files puts the time of the event before the record.
_DEFAULT_LINE = re.compile(
    r"(?P<exported>\d{4}-\d\d-\d\dT\S+\s+)?2 (?:\d{12}|unknown|-) eni-\S+ \S+ \S+ \S+ \S+ \S+ \S+ \S+ "
    r"(?:\d+|-) (?:\d+|-) (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class VpcLayout:
    """Where the columns of one file stand.

    Attributes:
        names: Column names in the file's order, `_` written as `-`.
    """

    names: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """Columns without which a record says nothing."""
        lacking = [f"{end}addr" for end in ("src", "dst") if not {f"{end}addr", f"pkt-{end}addr"} & set(self.names)]
        return lacking + [name for name in ("bytes", "start", "end") if name not in self.names]

    @property
    def places(self) -> tuple[int, ...]:
        """Where each of COLUMNS stands; -1: nowhere, which is also where the `-` appended to a record stands."""
        places = {name: at for at, name in enumerate(self.names)}
        for end in ("src", "dst"):
            places.setdefault(f"{end}addr", places.get(f"pkt-{end}addr", -1))
        return tuple(places.get(name, -1) for name in COLUMNS)


def header_layout(cells: list[str]) -> VpcLayout | None:
    """Read a header line.

    Args:
        cells: The line, split at blanks.

    Returns:
        The layout; None where the line is no header.
    """
    names = tuple(cell.lower().replace("_", "-") for cell in cells)
    known = set(names)
    if not {"srcaddr", "pkt-srcaddr"} & known or not {"dstaddr", "pkt-dstaddr"} & known:
        return None
    return VpcLayout(names)


def default_layout(line: str) -> VpcLayout | None:
    """Recognise a record in the default order that has no header above it.

    Args:
        line: The first line.
    """
    match = _DEFAULT_LINE.fullmatch(" ".join(line.split()))
    if match is None:
        return None
    return VpcLayout(("exported", *VERSION_2) if match["exported"] else VERSION_2)


def accepts_text(head: InputHead) -> Acceptance:
    """Decide from the first lines whether a file is VPC flow log text."""
    lines = [line for line in head.first_lines() if line.strip()]
    if not lines:
        return Acceptance.no("empty")
    layout = header_layout(lines[0].split())
    if layout is not None:
        if layout.missing:
            return Acceptance.no(f"a VPC flow log header without {', '.join(layout.missing)}", near=True)
        return Acceptance.yes("VPC flow log header", 95)
    alike = sum(1 for line in lines if default_layout(line) is not None)
    if alike * 2 > len(lines):
        return Acceptance.yes("VPC flow log records of version 2 in the default order", 90)
    return Acceptance.no("neither a VPC flow log header nor records of version 2 in the default order")


def has_sound_numbers(cells: tuple[str, ...]) -> bool:
    """Whether ports, protocol, packets, bytes, start and end of a record can be what they say.

    Args:
        cells: In the order of COLUMNS.
    """
    numbers = cells[3:10]
    if NULL in numbers:
        numbers = tuple(text for text in numbers if text != NULL)
    digits = "".join(numbers)
    if not digits.isdigit() or not digits.isascii() or len(max(numbers, key=len)) > _LONGEST or NULL in cells[7:10]:
        return False
    start, end = int(cells[8]), int(cells[9])
    return start <= end <= LATEST and _port(cells[3]) <= LAST_PORT and _port(cells[4]) <= LAST_PORT


def read_numbers(cells: tuple[str, ...]) -> tuple[int, ...]:
    """Ports, packets, bytes, start, end and TCP flags of a sound record; null is 0, a null port -1.

    Args:
        cells: In the order of COLUMNS.
    """
    rest = [whole_number(text) or 0 for text in (*cells[6:10], cells[13])]
    return (_port(cells[3]), _port(cells[4]), *rest)


def _port(text: str) -> int:
    return -1 if text == NULL else int(text)
