"""Column layouts of AWS VPC flow log text: the default (version 2) order, or any order named by a header.

Source: Amazon VPC user guide, "Flow log records" (fields of versions 2 to 5 and later; unknown ones are passed over).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from beholden.scan.interface import Acceptance, InputHead
from beholden.scan.network.cells import LATEST, whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

NULL = "-"
_LAST_PORT = 65_535
# 19 digits may pass 64 bits; seven numbers of a real record come to some 50 digits.
_LONGEST = 19
_ALL_DIGITS = 80
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

    def picker(self) -> Callable[[list[str]], tuple[str, ...]]:
        """Give the cells in the order of COLUMNS from a record to which `-` has been appended."""
        places = {name: at for at, name in enumerate(self.names)}
        for end in ("src", "dst"):
            places.setdefault(f"{end}addr", places.get(f"pkt-{end}addr", -1))
        return itemgetter(*(places.get(name, -1) for name in COLUMNS))


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
            return Acceptance.no(f"a VPC flow log header without {', '.join(layout.missing)}")
        return Acceptance.yes("VPC flow log header", 95)
    alike = sum(1 for line in lines if default_layout(line) is not None)
    if alike * 2 > len(lines):
        return Acceptance.yes("VPC flow log records of version 2 in the default order", 90)
    return Acceptance.no("neither a VPC flow log header nor records of version 2 in the default order")


def read_numbers(cells: tuple[str, ...]) -> tuple[int | None, ...] | None:
    """Ports, packets, bytes, start, end and TCP flags of a record.

    Args:
        cells: In the order of COLUMNS.

    Returns:
        The numbers, None for a null one; None altogether where one of them cannot be.
    """
    digits = "".join(cells[3:10])
    if len(digits) < _ALL_DIGITS and digits.isdigit() and digits.isascii() and len(cells[7]) < _LONGEST:
        # The common case: nothing is null.
        numbers = (*map(int, cells[3:5]), *map(int, cells[6:10]), whole_number(cells[13]))
    else:
        texts = (*cells[3:5], *cells[6:10])
        numbers = (*(None if text == NULL else whole_number(text) for text in texts), whole_number(cells[13]))
        # What is not null must have been a number.
        if numbers[:6].count(None) != texts.count(NULL):
            return None
    source_port, target_port, _, size, start, end, _ = numbers
    if size is None or start is None or end is None or not start <= end <= LATEST:
        return None
    return None if (source_port or 0) > _LAST_PORT or (target_port or 0) > _LAST_PORT else numbers
