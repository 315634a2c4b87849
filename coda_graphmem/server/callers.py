"""Who calls, and what they may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coda_graphmem.errors import ValidationError
from coda_graphmem.hosts import check_secret
from coda_graphmem.server.keys import RIGHTS, KeyFile, KeyRecord, Right
from coda_graphmem.server.problems import RefusedError

_SHOW = "Show one as Authorization: Bearer KEY or X-API-Key: KEY; coda-graphmem keys create makes one."


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in."""

    key: KeyRecord | None
    """What they showed; None for a program of this machine where there are no keys."""

    @property
    def name(self) -> str:
        """What tells them from others."""
        return "local" if self.key is None else self.key.key_id

    @property
    def rights(self) -> tuple[Right, ...]:
        """What they may do."""
        return RIGHTS if self.key is None else self.key.rights

    @property
    def sees_all(self) -> bool:
        """Whether they may look into every namespace."""
        return self.key is None or self.key.covers_all

    def sees(self, namespace: str) -> bool:
        """Whether they may look into a namespace."""
        return self.key is None or self.key.covers(namespace)

    def check_right(self, right: Right) -> None:
        """See that they may do something.

        Raises:
            RefusedError: They may not (403).
        """
        if right not in self.rights:
            raise RefusedError(
                403,
                f"this key does not allow to {right}.",
                field="key",
                remedy=f"Use a key with the right {right}; it has {', '.join(self.rights)}.",
            )

    def check_namespace(self, namespace: str, field: str = "namespace") -> None:
        """See that they may look into a namespace.

        Raises:
            RefusedError: They may not (403), whether or not there is one of that name.
        """
        if not self.sees(namespace):
            raise RefusedError(
                403,
                f"this key is not for the namespace {namespace[:200]!r}.",
                field=field,
                remedy="Use a key that is, or name a namespace of this key.",
            )

    def check_all(self) -> None:
        """See that they may look into every namespace.

        Raises:
            RefusedError: They may not (403).
        """
        if not self.sees_all:
            raise RefusedError(
                403,
                "this is about all namespaces.",
                field="key",
                remedy="Use a key that was made with --all-namespaces.",
            )

    def home(self, default: str) -> str:
        """The namespace they mean who name none: the only one of their key, else that of the server."""
        own = () if self.key is None or self.key.prefixes else self.key.namespaces
        return own[0] if len(own) == 1 else default


class Reception:
    """Lets callers in.

    Args:
        keys: The keys there are.
        host: Where the server listens.
    """

    def __init__(self, keys: KeyFile, host: str) -> None:
        self._keys = keys
        self._host = host

    def check(self) -> None:
        """See that nothing is opened to others by mistake.

        Raises:
            ValidationError: Others could reach it, and there are no keys; or the file of keys cannot be used.
        """
        check_secret(
            self._host,
            is_set=bool(self._keys.records()),
            what="key",
            remedy=f"Make one for {self._keys.path}: coda-graphmem keys create, with the same --dir or --keys",
        )

    def admit(self, headers: Mapping[str, str]) -> Caller:
        """Who sends a request.

        Raises:
            RefusedError: They show no key, or none that is good (401); or the file of keys cannot be read (503).
        """
        shown = _shown(headers)
        try:
            if not self._keys.records():
                return self._local(shown)
            record = None if shown is None else self._keys.find(shown)
        except ValidationError:
            raise RefusedError(503, "the keys of this server cannot be read.", remedy="Its log says why.") from None
        if record is None:
            message = "a key is needed." if shown is None else "this key is unknown, revoked or over."
            raise RefusedError(401, message, field="key", remedy=_SHOW, headers={"WWW-Authenticate": "Bearer"})
        return Caller(record)

    def is_still_good(self, caller: Caller) -> bool:
        """Whether somebody who was let in before would be let in again."""
        try:
            return not self._keys.records() if caller.key is None else self._keys.is_good(caller.key.key_id)
        except ValidationError:
            return False

    def _local(self, shown: str | None) -> Caller:
        check_secret(self._host, is_set=False, what="key", remedy="Make one")
        if shown is not None:
            # Whoever believes to be known by a key is not let in as somebody else.
            raise RefusedError(
                401,
                "this server knows no keys.",
                field="key",
                remedy="Send none, or name their file with --keys.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return Caller(None)


def _shown(headers: Mapping[str, str]) -> str | None:
    """The key of a request.

    Raises:
        RefusedError: There are two that differ, or one in a form that is none.
    """
    given = headers.get("authorization")
    key = headers.get("x-api-key")
    if given is None:
        return key
    scheme, _, bearer = given.partition(" ")
    if scheme.lower() != "bearer" or (key is not None and key != bearer.strip()):
        raise RefusedError(401, "this is no key.", field="key", remedy=_SHOW, headers={"WWW-Authenticate": "Bearer"})
    return bearer.strip()
