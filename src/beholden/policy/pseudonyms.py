"""The key from which reports make pseudonyms: `[privacy]` in `beholden.toml` names the file that holds it.

The key lies in a file of its own, because a profile is shared and committed and a key must not be.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from beholden.errors import UsageError

if TYPE_CHECKING:
    from beholden.errors import Origin

KEY_FILE_REASON = "the pseudonym key named by the profile, read as such"  # in coverage, where it lies among the inputs
MIN_KEY_BYTES = 16

_MAX_FILE_BYTES = 4096
_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
_MAKE_ONE = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'

_log = logging.getLogger(__name__)


class Privacy(msgspec.Struct, forbid_unknown_fields=True):
    """The table `[privacy]` of `beholden.toml`."""

    key_file: str | None = None


def key_path(profile: Path, privacy: Privacy, origin: Origin) -> Path | None:
    """Where the key lies: relative to the profile, `~` is the home folder; None: no key is named.

    Raises:
        UsageError: There is no home folder for `~`.
    """
    if privacy.key_file is None:
        return None
    try:
        return profile.parent / Path(privacy.key_file).expanduser()
    except RuntimeError as error:
        raise _wrong(f"key_file: {error}", origin) from error


def read_key(path: Path, origin: Origin) -> bytes:
    """Read the secret: hexadecimal digits, or any other content as it stands, without blanks around it.

    Args:
        path: The key file.
        origin: Where the profile names it.

    Raises:
        UsageError: Missing, unreadable, no regular file, or less than 16 bytes. No message tells what it holds.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe without a writer would hold us for ever
            raise _wrong("the key file is not a regular file", origin)
        with path.open("rb") as stream:
            content = stream.read(_MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or "not a path"
        raise _wrong(f"the key file cannot be read: {what}", origin, hint=_MAKE_ONE) from error
    if len(content) > _MAX_FILE_BYTES:
        raise _wrong(f"the key file holds more than {_MAX_FILE_BYTES:,} bytes; expected a key", origin)
    key = _secret(content)
    if len(key) < MIN_KEY_BYTES:
        message = f"the key has {len(key)} bytes; expected at least {MIN_KEY_BYTES}, which are 32 hexadecimal digits"
        raise _wrong(message, origin, hint=_MAKE_ONE)
    if os.name == "posix" and status.st_mode & stat.S_IROTH:
        _log.warning("%s: every user of this machine can read the key file; chmod 600 closes it", origin)
    return key


def _secret(content: bytes) -> bytes:
    digits = b"".join(content.split())  # tools wrap long hexadecimal lines
    if _HEX_DIGITS.issuperset(digits) and len(digits) % 2 == 0:
        return bytes.fromhex(digits.decode("ascii"))
    return content.strip()


def _wrong(message: str, origin: Origin, *, hint: str | None = None) -> UsageError:
    return UsageError(message, code="profile.wrong-key", hint=hint, origin=origin)
