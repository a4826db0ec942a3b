"""Fetches files of publications: politely, bounded in time and size, and only what arrived whole."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, TYPE_CHECKING

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as SlowError

from beholden import __version__
from beholden.errors import KnowledgeBaseError, Origin, SourceError
from beholden.sources.digests import check_digests, stated_sha256
from beholden.sources.held import HeldDocument
from beholden.sources.limits import KEPT_HEADERS, Limits
from beholden.sources.public_hosts import NotPublicError
from beholden.sources.staging import settle, writing
from beholden.sources.web import WebAddress, pool_for, redirected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urllib3.response import BaseHTTPResponse

    from beholden.sources.staging import Staging

_CHUNK = 1 << 16
_MOST_OF_A_DIGEST_FILE = 1 << 20
_LONGEST_HEADER = 1000
_MOVED = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
# These pass; a 403 or a 404 does not.
_PASSING = frozenset({429, 500, 502, 503, 504})


class _TryAgainError(Exception):
    """Something that may pass; `after_s` is what the server asks to wait."""

    def __init__(self, error: SourceError, after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after_s = after_s


@dataclass(slots=True)
class _Transfer:
    """One attempt, which another thread can stop."""

    name: str
    headers: dict[str, str]
    sink: IO[bytes]
    most: int
    response: BaseHTTPResponse | None = None
    is_stopped: bool = False
    sha256: hashlib._Hash = field(default_factory=hashlib.sha256)
    size: int = 0

    def stop(self) -> None:
        """Wake whoever waits for bytes."""
        self.is_stopped = True
        # urllib3 before 2.3 cannot; a connection that is done already need not.
        with suppress(AttributeError, ValueError, RuntimeError, OSError):
            if self.response is not None:
                self.response.shutdown()

    def write(self, chunk: bytes) -> None:
        """Write to the sink; a full disk is not the publisher's fault."""
        try:
            self.sink.write(chunk)
        except OSError as error:
            raise KnowledgeBaseError(
                f"nothing can be kept: {error.strerror}", code="kb.unwritable", hint="set BEHOLDEN_HOME"
            ) from error

    def error(self, message: str, code: str, hint: str | None = None) -> SourceError:
        return SourceError(message, code=code, hint=hint, origin=Origin(self.name))


class Fetcher:
    """Asks publishers.

    Args:
        clock: What the time is, UTC.
        limits: How long and how often.
        sleep: Waits between attempts.
        say: Told which other host a publisher leads to, before that is asked.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._limits = limits or Limits()
        self._sleep = sleep
        self._say = say

    def fetch(
        self,
        name: str,
        url: str,
        into: Staging,
        *,
        max_bytes: int,
        previous: HeldDocument | None = None,
        sha256_url: str | None = None,
    ) -> HeldDocument | None:
        """Fetch a file into a staging place.

        Args:
            name: Under what name it is kept.
            url: Where it is.
            into: Takes it, once it is whole.
            max_bytes: More is refused.
            previous: The same file as it is held, its bytes being in order; asks only for what is newer.
            sha256_url: Where the publisher states its SHA-256.

        Returns:
            What was fetched; None: the publisher says that what is held has not changed.

        Raises:
            SourceError: It cannot be had, is too large, or did not arrive as it was sent; nothing is taken in.
            KnowledgeBaseError: The home folder cannot be written.
        """
        address = WebAddress.of(url, name)
        asking = _asking(previous, address)
        sha256 = None if sha256_url is None else self._stated(name, sha256_url)
        with writing(into.folder):
            sink, path = into.open_new()
        with sink:
            transfer, headers = self._persistently(name, address, asking, sink, max_bytes)
            if headers is None:
                return None
            with writing(into.folder):
                settle(sink)
        check_digests(path, name, headers, sha256)
        document = HeldDocument(
            name=name,
            sha256=transfer.sha256.hexdigest(),
            bytes=transfer.size,
            url=address.plain,
            fetched_at=self._clock(),
            headers={key: headers[key][:_LONGEST_HEADER] for key in KEPT_HEADERS if key in headers},
        )
        into.add(document, path)
        return document

    def _stated(self, name: str, url: str) -> str:
        sink = io.BytesIO()
        address = WebAddress.of(url, name)
        self._persistently(name, address, {}, sink, _MOST_OF_A_DIGEST_FILE)
        return stated_sha256(sink.getvalue().decode("utf-8", "replace"), name, address.plain)

    def _persistently(
        self, name: str, address: WebAddress, asking: dict[str, str], sink: IO[bytes], most: int
    ) -> tuple[_Transfer, Mapping[str, str] | None]:
        """Ask until there is an answer; headers are None where what is held has not changed."""
        until = time.monotonic() + self._limits.total_s
        pause = self._limits.first_pause_s
        attempt = 1
        while True:
            sink.seek(0)
            sink.truncate()
            transfer = _Transfer(name, asking, sink, most)
            try:
                return transfer, self._within(until, transfer, address)
            except _TryAgainError as again:
                wait = pause if again.after_s is None else max(again.after_s, 0)
                is_last = attempt >= self._limits.attempts or wait > self._limits.longest_pause_s
                if is_last or time.monotonic() + wait >= until:
                    raise again.error from again
                self._sleep(wait)
            pause *= 2
            attempt += 1

    def _within(self, until: float, transfer: _Transfer, address: WebAddress) -> Mapping[str, str] | None:
        """One attempt, given up when the time is over.

        In a thread of its own: no time limit of a socket reaches the look-up of a name, or headers that drip.
        """
        done: Future[Mapping[str, str] | None] = Future()

        def work() -> None:
            try:
                done.set_result(self._attempt(transfer, address))
            except BaseException as error:  # raised again where it is waited for
                done.set_exception(error)

        threading.Thread(target=work, daemon=True, name=f"fetch {transfer.name}").start()
        try:
            return done.result(max(until - time.monotonic(), 0))
        except TimeoutError:
            raise transfer.error(
                f"{address.host} took more than {self._limits.total_s:g} s", "source.timeout", "try again later"
            ) from None
        finally:
            transfer.stop()

    def _attempt(self, transfer: _Transfer, address: WebAddress) -> Mapping[str, str] | None:
        try:
            response = transfer.response = self._ask(transfer, address)
        except NotPublicError as error:
            what = f"{address.host} leads on: {error}, which is no public address; that is not followed"
            raise transfer.error(what, "source.redirects") from error
        except SlowError as error:
            if isinstance(error, NewConnectionError):
                # Refused at once, which urllib3 counts among what took too long.
                raise _TryAgainError(_unreachable(transfer, address, error)) from error
            what = f"{address.host} did not answer in time"
            raise _TryAgainError(transfer.error(what, "source.timeout", "try again later")) from error
        except HTTPError as error:
            failed = _unreachable(transfer, address, error)
            # A certificate that is not valid will not be so in a second.
            raise failed if isinstance(error, SSLError) else _TryAgainError(failed) from error
        try:
            if response.status == _NOT_MODIFIED and transfer.headers:
                return None
            self._refuse_status(transfer, response, address)
            self._refuse_form(transfer, response)
            self._take(transfer, response, address)
            if transfer.size == 0 and not transfer.is_stopped:
                # No publication is empty; an overloaded server may answer so.
                raise _TryAgainError(transfer.error(f"{address.host} served an empty file", "source.truncated"))
            return response.headers
        finally:
            response.close()
            # A connection that was given back after an empty answer may be closed by the other side by now, and the
            # next try would fail for that alone.
            pool_for(address).clear()

    def _ask(self, transfer: _Transfer, address: WebAddress) -> BaseHTTPResponse:
        """The answer behind all redirects."""
        limits = self._limits
        headers = {"User-Agent": f"beholden/{__version__}", "Accept-Encoding": "identity", **transfer.headers}
        for _ in range(limits.redirects + 1):
            response = pool_for(address).urlopen(
                "GET",
                address.plain,
                headers=headers | address.authorisation,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=limits.connect_s, read=limits.read_s),
            )
            if response.status not in _MOVED:
                return response
            location = response.headers.get("Location", "")
            response.close()
            onward = redirected(address, location, transfer.name)
            if onward.host != address.host:
                self._say(f"{address.host} leads to {onward.host}")
            address = onward
        raise transfer.error(f"{address.host} leads on more than {limits.redirects} times", "source.redirects")

    def _refuse_status(self, transfer: _Transfer, response: BaseHTTPResponse, address: WebAddress) -> None:
        if response.status == 200:
            return
        error = transfer.error(f"{address.host} answers {response.status} for {address.plain}", "source.http-status")
        if response.status not in _PASSING:
            raise error
        after = _retry_after(response.headers.get("Retry-After"), self._clock())
        if after is not None and after > self._limits.longest_pause_s:
            error.hint = f"it asks to come back in {after:.0f} s"
        raise _TryAgainError(error, after)

    def _refuse_form(self, transfer: _Transfer, response: BaseHTTPResponse) -> None:
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise transfer.error(
                f"is served as {encoding[:80]!r}; expected it plain or gzipped", "source.unknown-encoding"
            )
        length = response.length_remaining
        if length is not None and length > transfer.most:
            raise _too_large(transfer, f"{length} bytes are announced")

    def _take(self, transfer: _Transfer, response: BaseHTTPResponse, address: WebAddress) -> None:
        """Write what arrives; an end before the end is an error, and so is no end."""
        try:
            # `stream` would wait for a whole chunk, however slowly it drips.
            while chunk := response.read1(_CHUNK, decode_content=False):
                transfer.size += len(chunk)
                if transfer.size > transfer.most:
                    raise _too_large(transfer, "it goes on")
                if transfer.is_stopped:
                    return
                transfer.write(chunk)
                transfer.sha256.update(chunk)
        except SlowError as error:
            slow = transfer.error(f"{address.host} fell silent after {transfer.size} bytes", "source.timeout")
            raise _TryAgainError(slow) from error
        except HTTPError as error:
            what = "arrived in part" if isinstance(error, ProtocolError) else f"arrived broken ({_reason(error)})"
            cut = transfer.error(f"{what}: {transfer.size} bytes, then the connection ended", "source.truncated")
            raise _TryAgainError(cut) from error


def _asking(previous: HeldDocument | None, address: WebAddress) -> dict[str, str]:
    """Headers that ask only for what is newer than a file that came from the same address."""
    if previous is None or previous.url != address.plain:
        return {}
    names = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    return {ask: previous.headers[told] for ask, told in names.items() if told in previous.headers}


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a server asks to wait, as a number or as a date."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        day = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((day.replace(tzinfo=day.tzinfo or UTC) - now).total_seconds(), 0.0)


def _too_large(transfer: _Transfer, what: str) -> SourceError:
    return transfer.error(
        f"has more than the {transfer.most} bytes that it may have; {what}",
        "source.too-large",
        "max_mib in source.toml",
    )


def _unreachable(transfer: _Transfer, address: WebAddress, error: HTTPError) -> SourceError:
    return transfer.error(f"{address.host} cannot be reached: {_reason(error)}", "source.unreachable")


def _reason(error: HTTPError) -> str:
    """What went wrong, without the objects and addresses that urllib3 prints."""
    inner = error.__cause__ or error.__context__
    return str(getattr(inner, "strerror", None) or type(inner or error).__name__)
