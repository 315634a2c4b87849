"""The token that stands for a namespace in every index."""

from __future__ import annotations

import hashlib
from functools import lru_cache


@lru_cache(maxsize=4096)
def scope_of(namespace: str) -> str:
    """What ``Memory.scope`` holds while a memory of the namespace is live and long-term.

    39 decimal digits of a 128-bit hash: no analyser of a full-text index splits, stems or folds a number,
    so two namespaces never become one, whatever characters their names hold.
    """
    digest = hashlib.blake2b(namespace.encode("utf-8"), digest_size=16).digest()
    return f"{int.from_bytes(digest, 'big'):039d}"
