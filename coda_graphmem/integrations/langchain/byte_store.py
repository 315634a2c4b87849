"""A key-value store of bytes whose entries are items of a memory."""

import base64
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Any

from langchain_core.stores import BaseStore

from coda_graphmem.errors import ValidationError
from coda_graphmem.integrations.calls import AnyMemory, Calls
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import DeleteItem, GetItem, Item, PutItem
from coda_graphmem.validation.arguments import check
from coda_graphmem.validation.types import Duration, Path

#: Keys of one batch.
_AT_ONCE = 1_000

#: Under which the bytes stand in an item, in Base64.
_BYTES = "bytes"


class GraphMemoryByteStore(BaseStore[str, bytes]):
    """Bytes under keys, for ``CacheBackedEmbeddings``, ``MultiVectorRetriever`` and others that want a ``ByteStore``.

    Entries are items of the memory's namespace, in a path of their own: they are no memories, and no search finds them.

    Args:
        memory: An open memory.
        path: Labels of that path. Stores of different paths know nothing of one another.
        ttl: How long an entry is kept without being read (seconds or a `timedelta`); None for ever.

    Raises:
        ValidationError: An argument is not acceptable.
    """

    def __init__(
        self, memory: AnyMemory, *, path: Sequence[str] = ("langchain", "bytes"), ttl: Duration | None = None
    ) -> None:
        self._calls = Calls(memory)
        self._path: tuple[str, ...] = check(Path, path, "path")
        self._ttl: float | None = check(Duration | None, ttl, "ttl")

    def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """The bytes under keys, in their order; None where there are none."""
        return self._calls.waited_for(partial(self._got, keys=list(keys)))

    async def amget(self, keys: Sequence[str]) -> list[bytes | None]:
        """See `mget`."""
        return await self._calls.awaited(partial(self._got, keys=list(keys)))

    def mset(self, key_value_pairs: Sequence[tuple[str, bytes]]) -> None:
        """Keep bytes under keys; those that are there are replaced. A thousand are kept at a time, all or none.

        Raises:
            ValidationError: A value is no bytes; nothing was kept.
        """
        self._calls.waited_for(partial(self._put, operations=self._puts(key_value_pairs)))

    async def amset(self, key_value_pairs: Sequence[tuple[str, bytes]]) -> None:
        """See `mset`."""
        await self._calls.awaited(partial(self._put, operations=self._puts(key_value_pairs)))

    def mdelete(self, keys: Sequence[str]) -> None:
        """Remove keys with their bytes; those that are not there are passed over."""
        self._calls.waited_for(partial(self._put, operations=self._deletes(keys)))

    async def amdelete(self, keys: Sequence[str]) -> None:
        """See `mdelete`."""
        await self._calls.awaited(partial(self._put, operations=self._deletes(keys)))

    def yield_keys(self, *, prefix: str | None = None) -> Iterator[str]:
        """The keys that are there now and begin with a text, sorted; all with None."""
        yield from self._calls.waited_for(partial(self._keys, prefix=prefix or ""))

    async def ayield_keys(self, *, prefix: str | None = None) -> AsyncIterator[str]:
        """See `yield_keys`."""
        for key in await self._calls.awaited(partial(self._keys, prefix=prefix or "")):
            yield key

    def _puts(self, pairs: Sequence[tuple[str, bytes]]) -> list[PutItem]:
        return [PutItem(path=self._path, key=key, value=_written(key, value), ttl=self._ttl) for key, value in pairs]

    def _deletes(self, keys: Sequence[str]) -> list[DeleteItem]:
        return [DeleteItem(path=self._path, key=key) for key in keys]

    @staticmethod
    async def _put(memory: MemoryManager, *, operations: Sequence[Any]) -> None:
        for start in range(0, len(operations), _AT_ONCE):
            await memory.batch_items(operations[start : start + _AT_ONCE])

    async def _got(self, memory: MemoryManager, *, keys: Sequence[str]) -> list[bytes | None]:
        found: list[Item | None] = []
        for start in range(0, len(keys), _AT_ONCE):
            reads = [GetItem(path=self._path, key=key) for key in keys[start : start + _AT_ONCE]]
            found += await memory.batch_items(reads)
        return [None if item is None else base64.b64decode(item.value[_BYTES]) for item in found]

    async def _keys(self, memory: MemoryManager, *, prefix: str) -> list[str]:
        keys: set[str] = set()
        count = 0
        while page := await memory.search_items(self._path, limit=_AT_ONCE, offset=count, refresh=False):
            keys.update(item.key for item in page if item.path == self._path and item.key.startswith(prefix))
            count += len(page)
        return sorted(keys)


def _written(key: str, value: object) -> dict[str, str]:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise ValidationError(
            f"{type(value).__name__} is no bytes.", field=f"value of {key!r}", remedy="Encode it, or use LangChain's "
            "create_kv_docstore or create_lc_store around this store.",
        )  # fmt: skip
    return {_BYTES: base64.b64encode(value).decode("ascii")}
