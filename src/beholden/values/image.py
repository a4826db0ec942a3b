"""Container images: the repository of a reference, without the tag and the digest, which name one build of it.

Source: the reference grammar of the OCI distribution specification, `[registry/]path[:tag][@digest]`.
"""

from __future__ import annotations

import re

TYPES = frozenset({"oci", "docker"})  # of package URLs

_TAG_OR_DIGEST = re.compile(r"[:@]")


def without_tag(name: str) -> tuple[str, str | None]:
    """Split the last part of a reference.

    Args:
        name: E.g. `app`, `app:1.2`, `app@sha256:…`, `app:1.2@sha256:…`.

    Returns:
        The name, and the tag or else the digest; None where there is neither.
    """
    bare, *rest = _TAG_OR_DIGEST.split(name, maxsplit=1)
    if not rest:
        return bare, None
    tag, _, digest = rest[0].partition("@")
    return bare, tag or digest or None


def repository(reference: str) -> str:
    """Return registry and path of an image.

    Args:
        reference: With or without scheme, user, tag and digest. A single part is a registry, which may have a port.

    Returns:
        Lower-case, e.g. `registry.example:5000/team/app`; empty where there is nothing.
    """
    scheme, separator, rest = reference.strip().partition("://")
    parts = [part for part in (rest if separator else scheme).split("/") if part]
    if not parts:
        return ""
    if separator:
        parts[0] = parts[0].rpartition("@")[2]
    if len(parts) > 1:
        parts[-1], _ = without_tag(parts[-1])
    return "/".join(part for part in parts if part).lower()
