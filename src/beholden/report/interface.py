"""What a report is: a pure function of the result document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from beholden.schema.result import ScanResult


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to render.

    Attributes:
        show_personal: Print person names, host names and full MACs as they are in files meant for sharing.
    """

    show_personal: bool = False


class Report(Protocol):
    """Renders a result in one format.

    Attributes:
        name: Slug, e.g. `sarif`.
        suffix: File ending that selects it, e.g. `.sarif`.
        media_type: IANA media type.
    """

    name: str
    suffix: str
    media_type: str

    def render(self, result: ScanResult, out: BinaryIO, options: RenderOptions) -> None:
        """Write the report; same result, same bytes."""
