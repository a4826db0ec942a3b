"""`scan` with addresses of stores: what goes with them, and whether something is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholden.errors import UsageError
from beholden.run.job import PROFILE_NAME
from beholden.run.stores import refuse_addresses
from beholden.scan.address import StoreError, shown, without_secrets
from beholden.scan.walk_store import has_file, refuse_unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def check_addresses(
    addresses: Sequence[str],
    *,
    is_spark: bool,
    has_profile: bool,
    follow: bool,
    has_state: bool,
    has_receipt: bool,
) -> None:
    """Refuse what does not go with addresses, then look at them.

    Args:
        addresses: Of stores, as the user gave them.
        is_spark: Whether the Spark runner reads.
        has_profile: Whether a profile is named.
        follow: Whether logs are to be followed.
        has_state: Whether a state is to be kept.
        has_receipt: Whether a receipt is to be written.

    Raises:
        UsageError: Something like that was asked for, or nothing can be read at an address.
    """
    if follow:
        raise UsageError("--follow goes without addresses: logs are followed on disk", code="follow.excluded")
    if has_state:
        raise UsageError(
            "a state is kept by this process alone, which reads no addresses",
            code="state.other-runner",
            hint="leave out --state, or read the files by a path",
        )
    if has_receipt:
        raise UsageError(
            "a receipt proves a search of files that can be verified without a network, and a store is none",
            code="scan.no-proof",
            hint="copy the files, or read them by a path",
        )
    if not is_spark:
        refuse_addresses(addresses)
    _look_at(addresses, has_profile=has_profile)


def _look_at(addresses: Iterable[str], *, has_profile: bool) -> None:
    """See that there is something at every address, and no profile that nobody would read."""
    for address in addresses:
        try:
            refuse_unreachable(address)
            holds_profile = not has_profile and has_file(address, PROFILE_NAME)
        except StoreError as error:
            # What cannot be read as an address may hold keys anywhere.
            raise UsageError(
                f"{without_secrets(address)}: {error}",
                code="run.store-unreachable",
                hint="credentials come from where pyarrow looks for them, such as the environment",
            ) from error
        if holds_profile:
            raise UsageError(
                f"{shown(address)} holds a {PROFILE_NAME}, and a profile is read from disk only",
                code="profile.in-store",
                hint="copy it, and name the copy with --profile",
            )
