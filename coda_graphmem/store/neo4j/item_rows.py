"""Items as rows of statements: how they are read, written, looked through and removed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.store.item_codec import dump_value, item_id, load_value, path_of, path_text
from coda_graphmem.store.neo4j.connection import Change, Connection, Row, Transaction
from coda_graphmem.store.neo4j.rows import as_list
from coda_graphmem.store.protocol import StoredItem

#: Items that one statement looks at.
_PAGE = 2_000


def read_item(row: Row) -> StoredItem:
    """An item from the columns of ``parts/item``, without its vectors."""
    return StoredItem(
        path=path_of(row["path"]),
        key=row["key"],
        value=load_value(row["value"]),
        ttl=row["ttl"],
        fields=read_fields(row["fields"]),
        texts=row["texts"],
        embedder=row["embedder"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        expires_at=row["expires_at"],
        position=row["position"],
    )


def read_fields(listed: Sequence[str] | None) -> tuple[str, ...]:
    """The embedded fields of an item."""
    return tuple(listed or ())


def write_item(item: StoredItem, position: int, model: str | None) -> dict[str, Any]:
    """A row of ``store/save_items``.

    Args:
        position: Its place in the order of writes.
        model: Where vectors come from that are the store's own.
    """
    own = item.embedder is None
    source = model if own else item.embedder
    return {
        "item_id": item_id(item.path, item.key),
        "path": path_text(item.path),
        "labels": list(item.path),
        "properties": {
            "key": item.key,
            "value": dump_value(item.value),
            "created_at": item.created_at,
            "updated_at": item.updated_at,
            "expires_at": item.expires_at,
            "ttl": item.ttl,
            "fields": list(item.fields) or None,
            "texts": item.texts,
            "own_texts": item.texts if own and item.texts else None,
            "embedder": item.embedder,
            "position": position,
        },
        "vectors": [
            {"model": source, "number": number, "own": own, "embedding": as_list(vector)}
            for number, vector in enumerate(item.vectors)
            if source is not None
        ],
    }


async def remove_items(transaction: Transaction, item_ids: Sequence[str]) -> int:
    """Remove items by their ids, and the nodes of paths that are empty then; how many items there were."""
    if not item_ids:
        return 0
    [row] = await transaction.run("delete_items", item_ids=sorted(item_ids))
    if row["paths"]:
        await transaction.run("delete_empty_item_paths", paths=row["paths"])
    return int(row["items"])


async def remove_all(transaction: Transaction) -> int:
    """Remove all items of a namespace; how many."""
    return await remove_items(transaction, [row["item_id"] for row in await transaction.run("all_item_ids")])


@dataclass(slots=True)
class ItemDiagnosis:
    """What was found by looking at all items of a namespace."""

    expired: int = 0
    lacking: int = 0
    wrong: list[str] = field(default_factory=list)
    """Ids of items with wrong vectors."""


async def diagnose_items(connection: Connection, namespace: str, now: float) -> ItemDiagnosis:
    """Look at all items of a namespace, a page at a time."""
    found, after = ItemDiagnosis(), 0
    while after is not None:
        [row] = await connection.read("diagnose_items", namespace=namespace, now=now, after=after, limit=_PAGE)
        after = row["position"]
        found.expired += row["expired"]
        found.lacking += row["lacking"]
        found.wrong += row["wrong"]
    return found


async def remove_wrong_item_vectors(connection: Connection, namespace: str) -> int:
    """Remove vectors of the wrong length or that are not finite, so that they are made anew; of how many items."""
    found = await diagnose_items(connection, namespace, 0.0)

    async def work(transaction: Transaction) -> Change:
        await transaction.run("remove_item_vectors", item_ids=found.wrong)
        return Change(revised=False)

    if found.wrong:
        await connection.write(namespace, work)
    return len(found.wrong)
