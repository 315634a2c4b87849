"""How much a client may ask for: bytes, items, requests a second and at a time."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from coda_graphmem.errors import ValidationError
from coda_graphmem.server.problems import RefusedError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

#: Bytes that are taken in of what is refused, and seconds for that.
_DRAINED, _DRAINING = 32 * 1024 * 1024, 10.0

#: Callers whose rate is known; whoever was not heard of for longest is forgotten, with a full bucket.
_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask for at most."""

    body: int = 16 * 1024 * 1024
    """Bytes of a request: the longest memory, with every character escaped, fits."""
    upload: int = 1024 * 1024 * 1024
    """Bytes of an import."""
    batch: int = 1_000
    """Memories, ids or queries of one request."""
    rate: float = 100.0
    """Requests a second of one key; 0 for any number."""
    burst: int = 200
    """Requests that a key may send at once before its rate counts."""
    requests: int = 512
    """Requests that are answered at a time, of all keys."""
    streams: int = 200
    """Streams that are open at a time, which are no such requests."""

    def check(self) -> None:
        """See that requests can be answered at all.

        Raises:
            ValidationError: A limit lets nothing through.
        """
        for name in ("body", "upload", "batch", "burst", "requests", "streams"):
            if getattr(self, name) < 1:
                raise ValidationError("lets nothing through.", field=f"--max-{name}", remedy="Give 1 or more.")
        if self.rate < 0:
            raise ValidationError("is below 0.", field="--rate", remedy="Give requests a second, or 0 for any number.")

    def check_batch(self, items: Sized, field: str) -> None:
        """See that a request names not too many things.

        Raises:
            RefusedError: It does (413).
        """
        if len(items) > self.batch:
            raise RefusedError(
                413,
                f"has {len(items):,} items, more than the {self.batch:,} allowed.",
                field=field,
                remedy="Ask in parts.",
            )


class Rates:
    """How many requests each caller may send: a bucket of tokens, which fills at the rate up to the burst.

    Args:
        rate: Tokens a second; 0 for as many as are asked for.
        burst: Tokens that a bucket holds.
        clock: Seconds that only ever grow.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens of each caller, and when that was so; the longest unheard of first."""

    def take(self, caller: str) -> None:
        """Take a token of a caller.

        Raises:
            RefusedError: There is none (429); it says when there will be one.
        """
        if not self._rate:
            return
        now = self._clock()
        tokens, at = self._buckets.pop(caller, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - at) * self._rate)
        taken = tokens >= 1
        self._buckets[caller] = (tokens - 1 if taken else tokens, now)
        if len(self._buckets) > _CALLERS:
            self._buckets.popitem(last=False)
        if not taken:
            wait = (1 - tokens) / self._rate
            raise RefusedError(
                429,
                f"this key sends more than {self._rate:g} requests a second.",
                field="key",
                remedy=f"Wait {wait:.1f} seconds, and store many memories by POST /memories/batch.",
                headers={"Retry-After": str(ceil(wait))},
            )


class Places:
    """Things that may go on at a time.

    Args:
        most: How many.
        what: What they are, for people.
    """

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self.taken = 0
        """How many go on now."""

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a place while the block runs.

        Raises:
            RefusedError: All are taken (503).
        """
        if self.taken >= self._most:
            raise RefusedError(
                503, f"{self._most} {self._what} are being answered.", remedy="Try again.", headers={"Retry-After": "1"}
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


async def limited(scope: Scope, receive: Receive, most: int) -> Receive:
    """What receives the body of a request, of at most so many bytes.

    Raises:
        RefusedError: It says itself that it has more (413); what receives it raises the same where it turns out so.
    """
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > most):
        await _drain(receive)
        raise _too_large(most)
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            if message.get("more_body", False):
                await _drain(receive)
            raise _too_large(most)
        return message

    return counted


async def _drain(receive: Receive) -> None:
    """Take in what a client still sends of a request that is refused, as it may read no answer before it is done.

    Not all of it in any case: whoever sends without end is answered, and cut off.
    """
    left = _DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAINING):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message.get("body", b""))


def _too_large(most: int) -> RefusedError:
    return RefusedError(
        413,
        f"is larger than the {most:,} bytes allowed.",
        field="body",
        remedy="Send it in parts.",
        # What is still to come would be taken for the next request.
        headers={"Connection": "close"},
    )
