"""The result document as JSON: the published schema, two blanks of indent, the same bytes for the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from beholden.report.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from beholden.report.interface import RenderOptions
    from beholden.schema.assessment import Assessment
    from beholden.schema.document import Document


def encode(part: Document) -> bytes:
    """Return one part of a result as compact JSON with sorted mapping keys."""
    try:
        return msgspec.json.encode(part, order="deterministic")
    except UnicodeEncodeError:
        # A file name that is not UTF-8 arrives with lone surrogates, which JSON cannot carry.
        return msgspec.json.encode(_encodable(msgspec.to_builtins(part)), order="deterministic")


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value if value.isascii() or _is_unicode(value) else visible(value)
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


class JsonReport:
    """The whole document; published schema in docs/schema."""

    name = "json"
    suffix = ".json"
    media_type = "application/json"
    parts: tuple[str, ...] = ("",)

    def render(self, assessment: Assessment, options: RenderOptions) -> Mapping[str, bytes]:
        """Return the document as it is: JSON is the user's own record, nothing is pseudonymised."""
        return {"": msgspec.json.format(encode(assessment.result), indent=2) + b"\n"}
