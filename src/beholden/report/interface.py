"""What a report is: a pure function of a finished run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.schema.assessment import Assessment


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How to render.

    Attributes:
        show_personal: Print person names, host names and full MACs as they are in files meant for sharing.
        pseudonym_key: Secret from which pseudonyms are made, so that reports of one organisation agree; None: they are
            numbered within each file.
    """

    show_personal: bool = False
    pseudonym_key: bytes | None = field(default=None, repr=False)


class Report(Protocol):
    """Renders a run in one format.

    Attributes:
        name: Slug, e.g. `sarif`.
        suffix: File ending that selects it, e.g. `.sarif`.
        media_type: IANA media type.
        parts: Names of the files it writes; `""` is the file asked for.
    """

    name: str
    suffix: str
    media_type: str
    parts: tuple[str, ...]

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the content of each file; same run, same bytes.

        Args:
            assessment: The run.
            options: How to render.

        Returns:
            Part → content. The part named `""` is the file asked for, and `hops` a file beside it:
            `findings.parquet` and `findings.hops.parquet`.
        """
